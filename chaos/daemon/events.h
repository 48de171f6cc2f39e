/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_DAEMON_EVENTS_H
#define CHAOS_DAEMON_EVENTS_H

#include <stdint.h>

struct json_object;

/**
 * event_new() - begin to tell all who listen what happened
 * @name: of the event; see docs/protocol.md
 *
 * Return: what is to be completed, and given to event_send().
 */
struct json_object *event_new(const char *name);

/**
 * event_send() - have all who listen told
 * @event: from event_new(); is released
 */
void event_send(struct json_object *event);

/**
 * event_of_guest() - the same, for an event with a guest and nothing else
 * @name: of the event
 * @domid: the domain
 * @guest: the guest's name
 */
void event_of_guest(const char *name, uint32_t domid, const char *guest);

/**
 * events_to() - who tells those who listen
 * @send: is given each event, and releases none
 */
void events_to(void (*send)(struct json_object *event));

#endif /* CHAOS_DAEMON_EVENTS_H */
