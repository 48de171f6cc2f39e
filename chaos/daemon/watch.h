/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_DAEMON_WATCH_H
#define CHAOS_DAEMON_WATCH_H

#include <stdbool.h>

/**
 * watching_init() - begin to notice when something happens to a domain
 * @may_bind: bind VIRQ_DOM_EXC, if nobody else has
 */
void watching_init(bool may_bind);

/**
 * watching_tick() - look at the guests, if it is time
 *
 * Return: ms until it is to be called again.
 */
int watching_tick(void);

/**
 * watching_has_virq() - whether Xen tells us when a domain ends
 *
 * Return: whether; if not, we look every now and then.
 */
bool watching_has_virq(void);

#endif /* CHAOS_DAEMON_WATCH_H */
