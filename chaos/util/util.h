/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_UTIL_UTIL_H
#define CHAOS_UTIL_UTIL_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define container_of(pointer, type, member) \
	((type *)((char *)(pointer) - offsetof(type, member)))
#define __printf(a, b)	__attribute__((format(printf, a, b)))

/**
 * clock_ms() - the time, for measuring how long something takes
 *
 * Return: milliseconds since some moment.
 */
static inline int64_t clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/**
 * boot_ms() - the time since the host was booted
 *
 * Return: milliseconds, also those in which it slept.
 */
static inline int64_t boot_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/**
 * sleep_ms() - wait
 * @ms: for how many milliseconds
 */
static inline void sleep_ms(unsigned int ms)
{
	struct timespec time = {
		.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L,
	};

	nanosleep(&time, NULL);
}

#endif /* CHAOS_UTIL_UTIL_H */
