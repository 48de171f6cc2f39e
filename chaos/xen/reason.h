/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_XEN_REASON_H
#define CHAOS_XEN_REASON_H

#include <stdint.h>

#include "util/error.h"
#include "xen/xen.h"

/**
 * enum ending - why a guest doesn't run any more
 * @ENDING_NONE: it does, so far
 * @ENDING_POWEROFF: it powered itself off
 * @ENDING_REBOOT: it wants to be started again
 * @ENDING_SUSPEND: it was suspended, and can be resumed
 * @ENDING_CRASH: it crashed
 * @ENDING_WATCHDOG: it didn't answer Xen's watchdog
 * @ENDING_SOFT_RESET: it wants to begin anew, in the same domain
 * @ENDING_UNKNOWN: a reason that Xen doesn't have
 * @ENDING_KILLED: others destroyed it
 */
enum ending {
	ENDING_NONE,
	ENDING_POWEROFF,
	ENDING_REBOOT,
	ENDING_SUSPEND,
	ENDING_CRASH,
	ENDING_WATCHDOG,
	ENDING_SOFT_RESET,
	ENDING_UNKNOWN,
	ENDING_KILLED,
};

/**
 * ending_of() - why a guest ended by itself
 * @info: what Xen knows of its domain
 *
 * Return: why, or ENDING_NONE.
 */
enum ending ending_of(const struct domain_info *info);

/**
 * ending_name() - what an ending is called
 * @ending: the ending
 *
 * Return: a word.
 */
const char *ending_name(enum ending ending);

/**
 * ending_look() - see whether a guest has ended, and how
 * @xen: access to the hypervisor
 * @domid: the domain
 * @handle: its handle
 *
 * Return: how.
 */
enum ending ending_look(struct xen *xen, uint32_t domid,
			const uint8_t *handle);

#endif /* CHAOS_XEN_REASON_H */
