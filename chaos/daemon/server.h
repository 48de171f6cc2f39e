/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_DAEMON_SERVER_H
#define CHAOS_DAEMON_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/error.h"

struct json_object;

/**
 * struct caller - who made a call, and what becomes of him
 * @client: which one it is, for server_answer(); never 0
 * @root: it may do all; who isn't root may only look
 * @listens: out: it is to get events from now on
 * @waits: out: the answer comes later, by server_answer(); until then it isn't read from
 */
struct caller {
	uint64_t client;
	bool root;
	bool listens;
	bool waits;
};

/**
 * server_open() - listen on chaosd's socket
 * @answer: does what a client asks for in a call, of @len octets without the NUL, and
 *	returns what it is answered, which the server releases, or NULL for nothing
 * @abandon: called for a client that has gone while it waited; not by server_close()
 * @err: out: the reason of a failure
 *
 * Return: 0 or a negative errno.
 */
int server_open(struct json_object *(*answer)(const char *text, size_t len,
					      struct caller *caller),
		void (*abandon)(uint64_t client), struct error *err);

/**
 * server_answer() - what a client waits for
 * @client: which one; it may have gone
 * @answer: the answer; is released
 */
void server_answer(uint64_t client, struct json_object *answer);

/**
 * server_tell() - what a client is told meanwhile that waits for an answer
 * @client: which one; it may have gone
 * @answer: one of several; is released. If the client doesn't read, it is lost
 */
void server_tell(uint64_t client, struct json_object *answer);

/**
 * server_close() - hang up on all clients, and listen no longer
 * @leave: called for each one that waits; NULL: for none
 */
void server_close(void (*leave)(uint64_t client));

/**
 * server_clients() - how many there are
 *
 * Return: the number.
 */
unsigned int server_clients(void);

#endif /* CHAOS_DAEMON_SERVER_H */
