/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_DAEMON_GUESTS_H
#define CHAOS_DAEMON_GUESTS_H

#include <stdbool.h>
#include <stdint.h>

#include "util/error.h"
#include "xen/xen.h"

/**
 * guests_init() - begin to know the guests
 * @xen: access to the hypervisor
 * @history: write down what they use
 *
 * Finds those that a former chaosd was about to make again.
 */
void guests_init(struct xen *xen, bool history);

/**
 * guests_look() - see what has become of all guests
 *
 * Domains without a handle of noxs are none of our business.
 */
void guests_look(void);

/**
 * guests_tick() - do what is due
 *
 * Return: ms until it is to be called again, or -1.
 */
int guests_tick(void);

/**
 * guests_notify() - tell all who listen what somebody has done to a guest
 * @event: name of the event
 * @domid: the domain
 * @err: out: the reason of a failure
 *
 * Return: 0, -ENOENT if there is no such guest.
 */
int guests_notify(const char *event, uint32_t domid, struct error *err);

/**
 * guests_tidy_soon() - there may be something left over
 *
 * But not again and again, if its maker only takes very long.
 */
void guests_tidy_soon(void);

/**
 * guests_each() - see all that were made
 * @fn: called for each one; it changes none
 * @arg: for @fn
 */
void guests_each(void (*fn)(uint32_t domid, const char *name, void *arg),
		 void *arg);

/**
 * guests_count() - how many there are
 *
 * Return: the number.
 */
unsigned int guests_count(void);

#endif /* CHAOS_DAEMON_GUESTS_H */
