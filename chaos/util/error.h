/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_UTIL_ERROR_H
#define CHAOS_UTIL_ERROR_H

#include "util/util.h"

/**
 * struct error - why something failed, in words
 * @text: one line, "object: reason", without a newline
 *
 * Whoever knows the reason writes it, once; callers pass it on. The number
 * beside it, a negative errno, is for decisions.
 */
struct error {
	char text[512];
};

/**
 * error_set() - say why something failed
 * @err: where to
 * @ret: negative errno
 * @fmt: the words, as for printf()
 *
 * Return: @ret.
 */
__printf(3, 4)
int error_set(struct error *err, int ret, const char *fmt, ...);

/**
 * error_sys() - the same, with the system's words for @ret added
 * @err: where to
 * @ret: negative errno
 * @fmt: the object, as for printf()
 *
 * Return: @ret.
 */
__printf(3, 4)
int error_sys(struct error *err, int ret, const char *fmt, ...);

/**
 * error_no_memory() - say that there is no memory, where that is all there is to say
 * @err: where to
 *
 * Return: -ENOMEM.
 */
int error_no_memory(struct error *err);

/**
 * error_undoing() - say besides that what was begun couldn't be undone
 * @err: why that was to be
 * @more: why it couldn't
 *
 * Return: -EIO.
 */
int error_undoing(struct error *err, const struct error *more);

/**
 * error_clean() - make a text fit to be one line on a terminal
 * @text: what others wrote; control characters become '?'
 */
void error_clean(char *text);

#endif /* CHAOS_UTIL_ERROR_H */
