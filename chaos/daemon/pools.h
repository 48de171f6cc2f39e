/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_DAEMON_POOLS_H
#define CHAOS_DAEMON_POOLS_H

#include <stdbool.h>

#include "xen/xen.h"

struct json_object;

/**
 * pools_init() - begin to know the pools
 */
void pools_init(void);

/**
 * pools_read() - see what pools there are to be by now
 */
void pools_read(void);

/**
 * pools_look_begin() - all domains are about to be looked at
 */
void pools_look_begin(void);

/**
 * pools_see() - look at a domain
 * @info: what Xen says of it; it has a handle of noxs
 *
 * Return: whether it is a shell.
 */
bool pools_see(const struct domain_info *info);

/**
 * pools_look_end() - all domains have been looked at: see what is to be done
 */
void pools_look_end(void);

/**
 * pools_tick() - do what is due
 *
 * Return: ms until it is to be called again, or -1.
 */
int pools_tick(void);

/**
 * pools_count() - a guest was made
 * @pool: the pool that it was taken from, or ""
 */
void pools_count(const char *pool);

/**
 * pools_describe() - how the pools are; see docs/protocol.md
 * @answer: where to
 */
void pools_describe(struct json_object *answer);

/**
 * pools_shells() - how many shells there are
 *
 * Return: the number.
 */
unsigned int pools_shells(void);

#endif /* CHAOS_DAEMON_POOLS_H */
