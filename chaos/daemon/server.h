/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_DAEMON_SERVER_H
#define CHAOS_DAEMON_SERVER_H

#include <stdbool.h>
#include <stddef.h>

#include "util/error.h"

struct json_object;

/**
 * server_open() - listen on chaosd's socket
 * @answer: does what a client asks for in a call, of @len octets without the NUL,
 *	who may do all if @root, and returns what it is answered, which the server
 *	releases, or NULL for nothing; sets @listens if the client is to get events
 *	from now on
 * @err: out: the reason of a failure
 *
 * Return: 0 or a negative errno.
 */
int server_open(struct json_object *(*answer)(const char *text, size_t len,
					      bool root, bool *listens),
		struct error *err);

/**
 * server_close() - hang up on all clients, and listen no longer
 */
void server_close(void);

/**
 * server_clients() - how many there are
 *
 * Return: the number.
 */
unsigned int server_clients(void);

#endif /* CHAOS_DAEMON_SERVER_H */
