/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_UTIL_PART_H
#define CHAOS_UTIL_PART_H

#include "util/error.h"

/*
 * What takes much longer to load than to do is in shared objects of chaos' own, with
 * the libraries that only it needs. A process opens one when it calls something of it
 * for the first time; most never do. To the callers it makes no difference: an open.c
 * has the functions, and passes on the calls.
 */

/**
 * struct part - what each such object begins with
 * @build: of which sources it was made: CHAOS_BUILD
 *
 * In NAME.so it is the beginning of a structure NAME_part, whose declaration is in the
 * folder's open.h.
 */
struct part {
	const char *build;
};

/**
 * part_open() - load a part of chaos
 * @name: which one
 * @err: out: the reason of a failure
 *
 * It stays until the process ends.
 *
 * Return: what it begins with, or NULL.
 */
const struct part *part_open(const char *name, struct error *err);

#endif /* CHAOS_UTIL_PART_H */
