/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_GUEST_CHECK_H
#define CHAOS_GUEST_CHECK_H

#include "config/config.h"
#include "util/error.h"

struct json_object;

/**
 * trying_run() - see whether guests could be made, and make nothing
 * @config: the first one; complete, see config_read()
 * @count: how many
 * @verbose: show what the libraries log, on standard error
 * @type: out: of the guests
 * @err: out: the reason why not
 *
 * Return: 0 or a negative errno.
 */
int trying_run(const struct guest_config *config, unsigned int count,
	       bool verbose, const char **type, struct error *err);

/**
 * trying_describe() - the guest that would be made
 * @config: the guest
 * @type: its type
 * @doc: out: to be released with json_object_put(), unless this fails
 * @err: out: the reason of a failure
 *
 * Return: 0 or a negative errno.
 */
int trying_describe(const struct guest_config *config, const char *type,
		    struct json_object **doc, struct error *err);

#endif /* CHAOS_GUEST_CHECK_H */
