/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_UTIL_ACCEPT_H
#define CHAOS_UTIL_ACCEPT_H

#include <stdbool.h>

/**
 * accept_reserve() - keep a file descriptor for times when there are no more
 *
 * Else whoever connects then would be waiting, and a loop that is told so have no
 * rest until others close theirs.
 */
void accept_reserve(void);

/**
 * accept_one() - take the next one who connects to a socket
 * @listener: the socket, which doesn't block
 * @last: out: there are no more descriptors, and this was the one kept for that:
 *	say so if need be, close it, and call accept_reserve()
 *
 * Return: a file descriptor, close-on-exec and non-blocking, or a negative errno.
 */
int accept_one(int listener, bool *last);

#endif /* CHAOS_UTIL_ACCEPT_H */
