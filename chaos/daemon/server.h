/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_DAEMON_SERVER_H
#define CHAOS_DAEMON_SERVER_H

#include <stdint.h>

#include "util/error.h"

struct json_object;

/**
 * server_open() - listen on chaosd's socket
 * @err: out: the reason of a failure
 *
 * Return: 0 or a negative errno.
 */
int server_open(struct error *err);

/** server_close() - hang up on all clients, and listen no longer */
void server_close(void);

/**
 * server_clients() - how many there are
 *
 * Return: the number.
 */
unsigned int server_clients(void);

/**
 * server_event() - begin to tell all who listen what happened
 * @name: of the event; see client/client.h
 *
 * Return: what is to be completed, and given to server_send_event().
 */
struct json_object *server_event(const char *name);

/**
 * server_send_event() - tell all who listen what happened
 * @event: from server_event(); is released
 */
void server_send_event(struct json_object *event);

/**
 * server_guest_event() - the same, for an event with a guest and nothing else
 * @name: of the event
 * @domid: the domain
 * @guest: the guest's name
 */
void server_guest_event(const char *name, uint32_t domid, const char *guest);

#endif /* CHAOS_DAEMON_SERVER_H */
