/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_DAEMON_RUNS_H
#define CHAOS_DAEMON_RUNS_H

#include <stdbool.h>
#include <stdint.h>

#include "guest/policy.h"
#include "guest/record.h"
#include "util/error.h"

struct json_object;

/*
 * Guests that are run: each one's life hangs on a connection, that of "chaos run". If the
 * connection ends, the guest is asked to shut down, and has its patience's time for that;
 * then it is destroyed. What becomes of it at its end is for guests.c to decide, and told
 * here to who has the connection.
 */

/* So many connections may have one. */
#define RUNS_MAX	4096
/* So long is the client of one waited for that a former chaosd had, ms. */
#define RUN_AWAITED_MS	30000

/**
 * runs_init() - before the first of them
 * @remove: is called when the guest @domid, @handle is to be destroyed, or removed at once
 *	if it has ended; runs_over() or runs_failed() follows
 */
void runs_init(void (*remove)(uint32_t domid, const uint8_t *handle));

/**
 * runs_see() - there is a guest
 * @record: of the guest, which was made
 *
 * If it is one that is run, somebody is to come for it, by runs_attach().
 */
void runs_see(const struct record *record);

/**
 * runs_ended() - a guest that is run has ended by itself
 * @domid: the domain
 * @handle: its handle
 * @ending: why
 * @action: what its configuration says; out: what is to be done with it
 *
 * Return: ms until that: its client, if it comes by then, is to hear of it.
 */
unsigned int runs_ended(uint32_t domid, const uint8_t *handle,
			enum ending ending, enum config_action *action);

/**
 * runs_over() - a guest is gone
 * @domid: the domain
 * @handle: its handle
 */
void runs_over(uint32_t domid, const uint8_t *handle);

/**
 * runs_failed() - a guest can't be removed, and it is tried again without its client
 * @domid: the domain
 * @handle: its handle
 * @why: the reason
 */
void runs_failed(uint32_t domid, const uint8_t *handle, const char *why);

/**
 * runs_is_free() - whether no connection has a guest
 * @domid: the domain
 * @handle: its handle
 *
 * Return: whether.
 */
bool runs_is_free(uint32_t domid, const uint8_t *handle);

/**
 * runs_attach() - a connection has a guest from now on
 * @domid: the domain
 * @handle: its handle
 * @client: the connection
 * @patience: how long it may take to shut down, ms
 * @more: out: there is more to tell later, by server_tell() and server_answer()
 * @err: out: the reason of a failure
 *
 * Return: what is to be told at once, for the caller to release; NULL if it can't be had.
 */
struct json_object *runs_attach(uint32_t domid, const uint8_t *handle,
				uint64_t client, int patience, bool *more,
				struct error *err);

/**
 * runs_stop() - a guest is to end
 * @domid: the domain
 * @handle: its handle
 * @wait: it is asked to shut down, and destroyed after so many ms; 0: it is destroyed
 * @err: out: the reason of a failure
 *
 * Return: 0, -ENOENT if there is no such run, another negative errno.
 */
int runs_stop(uint32_t domid, const uint8_t *handle, int wait,
	      struct error *err);

/**
 * runs_abandon() - a connection has ended
 * @client: which one
 */
void runs_abandon(uint64_t client);

/**
 * runs_count() - how many connections have one
 *
 * Return: the number.
 */
unsigned int runs_count(void);

/**
 * runs_tick() - do what is due
 *
 * Return: ms until it is to be called again, or -1.
 */
int runs_tick(void);

#endif /* CHAOS_DAEMON_RUNS_H */
