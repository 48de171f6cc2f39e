/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_DAEMON_REQUEST_H
#define CHAOS_DAEMON_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

struct json_object;

/**
 * request_answer() - do what a client asks for
 * @text: the call
 * @len: its length, without the NUL
 * @root: it may do all; who isn't root may only look
 * @listens: out: set if it is to get events from now on
 *
 * Return: the answer, for the caller to release; NULL if none is wanted.
 */
struct json_object *request_answer(const char *text, size_t len, bool root,
				   bool *listens);

#endif /* CHAOS_DAEMON_REQUEST_H */
