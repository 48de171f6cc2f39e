/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_CMD_ACTING_H
#define CHAOS_CMD_ACTING_H

#include "cmd/output.h"
#include "guest/names.h"

/**
 * struct act - what a command does to a guest
 * @what: the command
 * @fn: does it: the guest is locked, has a domain and was made by chaos
 * @with: for @fn
 */
struct act {
	const char *what;
	int (*fn)(struct xen *xen, struct guest *guest, const void *with,
		  struct error *err);
	const void *with;
};

/**
 * act_on_guest() - what commands that change one guest have in common
 * @act: what is done
 * @arg: the guest's name or domid, as the user typed it
 * @options: of the command
 *
 * Signals wait until it is done, and failures are reported.
 *
 * Return: the exit status.
 */
int act_on_guest(const struct act *act, const char *arg,
		 const struct options *options);

#endif /* CHAOS_CMD_ACTING_H */
