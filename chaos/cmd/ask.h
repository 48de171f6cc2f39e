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
 * ask_again() - the same for what may be done twice, if nobody knows whether it was
 * @method: of chaosd's interface
 * @parameters: of the method; are released
 * @options: of the command line
 * @gone: if there is no such guest the second time, it was done the first time
 * @err: out: the reason of a failure
 *
 * Whoever was to do it may have been killed before he answered.
 *
 * Return: as ask().
 */
int ask_again(const char *method, struct json_object *parameters,
	      const struct options *options, bool gone, struct error *err);

/**
 * ask_end() - the user knows what became of it
 */
void ask_end(void);

#endif /* CHAOS_CMD_ASK_H */
