/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_DAEMON_REQUEST_H
#define CHAOS_DAEMON_REQUEST_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/server.h"

struct json_object;

/**
 * request_answer() - do what a client asks for
 * @text: the call
 * @len: its length, without the NUL
 * @caller: who asks
 *
 * Return: the answer, for the caller to release; NULL if none is wanted, or if it comes
 * later.
 */
struct json_object *request_answer(const char *text, size_t len,
				   struct caller *caller);

/**
 * request_abandon() - a client doesn't wait any longer for an answer that comes later
 * @client: which one
 */
void request_abandon(uint64_t client);

/**
 * request_close() - the same, as chaosd ends
 * @client: the client
 *
 * Who had a guest made is there still, and asks the next chaosd for it; what others asked
 * for nobody asks for again.
 */
void request_close(uint64_t client);

#endif /* CHAOS_DAEMON_REQUEST_H */
