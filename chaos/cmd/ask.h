/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_CMD_ASK_H
#define CHAOS_CMD_ASK_H

#include "cmd/output.h"
#include "util/error.h"

struct json_object;

/**
 * ask() - have something done: by chaosd, or in this process if it doesn't run
 * @method: of chaosd's interface
 * @parameters: of the method; are released
 * @options: of the command line
 * @answer: out: to be released with json_object_put(), unless this fails; NULL if the caller
 *	doesn't care
 * @err: out: the reason of a failure
 *
 * Afterwards signals may be blocked, till ask_end(): so that what was done is told first.
 *
 * Return: 0 or a negative errno.
 */
int ask(const char *method, struct json_object *parameters,
	const struct options *options, struct json_object **answer,
	struct error *err);

/**
 * ask_end() - the user knows what became of it
 */
void ask_end(void);

#endif /* CHAOS_CMD_ASK_H */
