/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_CONSOLE_LOGS_H
#define CHAOS_CONSOLE_LOGS_H

#include <stdbool.h>
#include <stddef.h>

/* Files of guests that are gone. */
#define LOGS_MAX	1024

/**
 * logs_tidy() - remove the oldest logs of guests that are gone
 * @dir: where the logs are
 * @max: how many of them may stay
 * @exists: whether there is a guest of that name, whose logs aren't counted and stay
 *
 * By their order, whatever time it is.
 */
void logs_tidy(const char *dir, size_t max, bool (*exists)(const char *name));

#endif /* CHAOS_CONSOLE_LOGS_H */
