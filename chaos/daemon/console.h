/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_DAEMON_CONSOLE_H
#define CHAOS_DAEMON_CONSOLE_H

#include <stdbool.h>
#include <stdint.h>

#include "guest/record.h"
#include "util/error.h"

/**
 * consoles_init() - before the first of them
 * @lost: is called when a process has ended that served the console of the guest
 *        @domid, @handle, which consoles_adopt() had found
 */
void consoles_init(void (*lost)(uint32_t domid, const uint8_t *handle));

/**
 * consoles_open() - serve a guest's console
 * @record: of the guest
 * @err: out: the reason of a failure
 *
 * Return: 0, also if chaosd serves it already; a negative errno.
 */
int consoles_open(const struct record *record, struct error *err);

/**
 * consoles_adopt() - serve a guest's console, unless somebody does
 * @record: of the guest
 * @err: out: the reason of a failure
 *
 * If a process of its own serves it, that is watched: see consoles_init().
 *
 * Return: 0 or a negative errno.
 */
int consoles_adopt(const struct record *record, struct error *err);

/**
 * consoles_close() - serve a guest's console no longer
 * @domid: the domain
 * @handle: its handle
 *
 * Return: whether it was served.
 */
bool consoles_close(uint32_t domid, const uint8_t *handle);

/**
 * consoles_count() - how many are served
 *
 * Return: the number.
 */
unsigned int consoles_count(void);

/**
 * consoles_hand_over() - have each served by a process of its own
 *
 * For the end of chaosd: a guest whose console nobody drains stops as soon as
 * the ring is full.
 */
void consoles_hand_over(void);

#endif /* CHAOS_DAEMON_CONSOLE_H */
