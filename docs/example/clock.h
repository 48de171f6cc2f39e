/* SPDX-License-Identifier: MIT */
#ifndef CLOCK_H
#define CLOCK_H

#include <stdint.h>

struct shared_info;

/* Nanoseconds since the host has started. */
uint64_t clock_system(const struct shared_info *shared);

/* Seconds since 1970. */
uint64_t clock_wall(const struct shared_info *shared);

#endif /* CLOCK_H */
