/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_CONSOLE_LOGS_H
#define CHAOS_CONSOLE_LOGS_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

/* Files of guests that are gone. */
#define LOGS_MAX	1024

/**
 * logs_tidy() - remove old logs of guests that are gone
 * @dir: where the logs are
 * @max: how many of them may stay
 * @age: how many seconds after they were written last they go in any case; 0: never
 * @exists: whether there is a guest of that name, whose logs aren't counted and stay
 *
 * Those beyond @max by their order, whatever time it is.
 */
void logs_tidy(const char *dir, size_t max, time_t age,
	       bool (*exists)(const char *name));

#endif /* CHAOS_CONSOLE_LOGS_H */
