/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_ACTING_H
#define CHAOS_ACTING_H

#include "chaos.h"
#include "guest.h"

/**
 * act_on_guest() - what commands that change one guest have in common
 * @what: the command
 * @arg: the guest's name or domid, as the user typed it
 * @options: of the command
 * @act: does it: the guest is locked, has a domain and was made by chaos
 * @with: for @act
 *
 * Signals wait until it is done, and failures are reported.
 *
 * Return: the exit status.
 */
int act_on_guest(const char *what, const char *arg,
		 const struct options *options,
		 int (*act)(struct xen *xen, struct guest *guest,
			    const void *with, struct error *err),
		 const void *with);

#endif /* CHAOS_ACTING_H */
