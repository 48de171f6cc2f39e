/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_CMD_ORDER_H
#define CHAOS_CMD_ORDER_H

#include "util/error.h"

struct json_object;

/**
 * order_config() - say what a guest is to be
 * @parameters: out: of the method that makes it
 * @words: of the command line: the file, and what follows it; ends with NULL
 * @err: out: the reason of a failure
 *
 * Return: 0 or a negative errno.
 */
int order_config(struct json_object *parameters, char **words,
		 struct error *err);

/**
 * order_token() - have who asks again, as he wasn't answered, not ask for another one
 * @parameters: out
 */
void order_token(struct json_object *parameters);

/**
 * order_check() - see whether chaosd takes so much
 * @parameters: all of them
 * @file: that they are from
 * @err: out: the reason of a failure
 *
 * Return: 0 or -E2BIG.
 */
int order_check(struct json_object *parameters, const char *file,
		struct error *err);

/**
 * order_warnings() - tell the user what was said of his configuration
 * @command: name of the command
 * @answer: chaosd's
 */
void order_warnings(const char *command, struct json_object *answer);

/**
 * order_failed() - tell the user why there is no guest
 * @command: name of the command
 * @answer: what chaosd says besides
 * @err: the reason
 *
 * Return: exit status.
 */
int order_failed(const char *command, struct json_object *answer,
		 const struct error *err);

#endif /* CHAOS_CMD_ORDER_H */
