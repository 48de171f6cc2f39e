/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_XEN_REASON_H
#define CHAOS_XEN_REASON_H

#include <stdint.h>

#include "util/error.h"
#include "xen/xen.h"

struct xenevtchn_handle;

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
 * struct virq - how Xen says that a domain has shut down, or died
 * @xce: has the event channel, and nothing else
 */
struct virq {
	struct xenevtchn_handle *xce;
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

/**
 * virq_open() - have Xen tell it
 * @virq: out; to be closed with virq_close(), unless this fails
 *
 * Only one process can have that: xenstored does, where it runs.
 *
 * Return: a file descriptor that is readable when Xen has told, of @virq; or -1.
 */
int virq_open(struct virq *virq);

/**
 * virq_take() - take what made it readable
 * @virq: is open
 */
void virq_take(struct virq *virq);

/**
 * virq_close() - have Xen tell it no longer
 * @virq: is open
 */
void virq_close(struct virq *virq);

#endif /* CHAOS_XEN_REASON_H */
