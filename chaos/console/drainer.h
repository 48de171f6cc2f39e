/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_CONSOLE_DRAINER_H
#define CHAOS_CONSOLE_DRAINER_H

#include <stdint.h>

#include "console/console.h"
#include "util/error.h"

/* The name under which the program is the drainer, also in ps. */
#define DRAINER_NAME	"chaos-console"

/**
 * drainer_start() - have a guest's console served
 * @place: where the console is
 * @handle: the domain's handle
 * @err: out: the reason of a failure
 *
 * When it returns, the console is served: by chaosd, or, if that doesn't run,
 * by a process of its own, which ends when the domain does, or drainer_stop()
 * is called. The domain's record must say where its console is.
 *
 * Return: 0 or a negative errno.
 */
int drainer_start(const struct console_place *place, const uint8_t *handle,
		  struct error *err);

/**
 * drainer_pidfd() - a descriptor of the process that serves a guest's console
 * @domid: the domain
 * @err: out: the reason of a failure
 *
 * It doesn't wait. The descriptor is readable when the process has ended.
 *
 * Return: the descriptor; -ENOENT, -ECONNREFUSED or -ESRCH if there is no such
 * process, another negative errno.
 */
int drainer_pidfd(uint32_t domid, struct error *err);

/**
 * drainer_start_own() - the same, with a process of its own in any case
 * @place: where the console is
 * @handle: the domain's handle
 * @err: out: the reason of a failure
 *
 * Return: 0 or a negative errno.
 */
int drainer_start_own(const struct console_place *place, const uint8_t *handle,
		      struct error *err);

/**
 * drainer_stop() - have a guest's console no longer served
 * @domid: the domain
 * @handle: the domain's handle
 *
 * When it returns, the guest's memory is no longer mapped.
 */
void drainer_stop(uint32_t domid, const uint8_t *handle);

/**
 * drainer_main() - what the process does
 * @argc: count of @argv
 * @argv: what drainer_start() gave
 *
 * Return: exit status.
 */
int drainer_main(int argc, char **argv);

#endif /* CHAOS_CONSOLE_DRAINER_H */
