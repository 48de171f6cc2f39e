/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_CMD_PAGES_H
#define CHAOS_CMD_PAGES_H

#include "cmd/output.h"
#include "util/error.h"

struct json_object;

/**
 * pages_ask() - the same as ask_look() for what has several answers, a page each
 * @method: of chaosd's interface
 * @parameters: of the method, without "from"; are released
 * @options: of the command line
 * @take: called for each page
 * @arg: for @take
 * @err: out: the reason of a failure
 *
 * Return: 0 or a negative errno.
 */
int pages_ask(const char *method, struct json_object *parameters,
	      const struct options *options,
	      void (*take)(struct json_object *answer, void *arg), void *arg,
	      struct error *err);

#endif /* CHAOS_CMD_PAGES_H */
