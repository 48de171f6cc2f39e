/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_CLIENT_CLIENT_H
#define CHAOS_CLIENT_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "util/error.h"

struct json_object;

/*
 * How others talk to chaosd: lines of JSON over a stream socket, one object
 * each. Only root and the members of the group DAEMON_GROUP may; who else
 * connects gets one answer, a refusal.
 *
 * A client sends requests and gets one answer to each, in their order:
 *
 *   {"command": NAME, ...}
 *   {"ok": true, ...} or {"ok": false, "error": TEXT, "errno": NUMBER}
 *
 *   command        with                   answers
 *   -------        ----                   -------
 *   status                                version, pid, virq (false: it looks at
 *                                         all domains every now and then), guests,
 *                                         shells, consoles, jobs, clients
 *   events                                afterwards, events follow; nothing more
 *                                         may be sent
 *   notify         event, domid           tells all who listen: created, paused,
 *                                         unpaused or renamed
 *   console-open   domid, handle          serves the guest's console from now on;
 *                                         its record says where that is
 *   console-close  domid, handle          served: whether it did so till now; the
 *                                         guest's memory is no longer mapped
 *   pools                                 looks at the files of the pools, and
 *                                         answers pools, a list, and fresh: how
 *                                         many guests no pool had a shell for
 *
 * Of a pool there are name, count (of shells that it is to have), rate (how many
 * are made in a second, at most), ready (shells that it has), making (whether one
 * is being made), served (guests that were made from it), memory (MiB, of each
 * one), vcpus, type (pv, pvh; null: none was made yet), vifs (that each one has),
 * error (why the last one couldn't be made, or null). What is counted is counted
 * since chaosd was started.
 *
 * A handle is the domain's, as uuid_format() writes it. A request that is too
 * long, isn't JSON, has a key or a value that it can't have, is answered with an
 * error and changes nothing; after one that is too long the connection ends.
 *
 * An event is
 *
 *   {"time": MS, "event": NAME, ...}, with the time since 1970
 *
 *   event      with
 *   -----      ----
 *   created    domid, name, pool (that it was taken from, or null)
 *   paused     domid, name
 *   unpaused   domid, name
 *   renamed    domid, name (the new one)
 *   shutdown   domid, name, reason (poweroff, reboot, suspend, crash, watchdog,
 *              soft-reset), action (destroy, restart, preserve), delay (ms until
 *              the action)
 *   destroyed  domid, name
 *   restarted  domid (the new one), name, former (the former domid)
 *   failed     domid, name, what (reap, restart, remove, console), error
 *   device     domid, type (vif, vbd, sysctl), id, backend, frontend (states)
 *   pool-failed  pool, error: a shell couldn't be made; it will be tried again
 *   lost       nothing: the client was too slow, and events were dropped
 *
 * Of shells there are no events; what a client hears of is a guest.
 *
 * Keys may be added to answers and events.
 */

/**
 * daemon_request() - ask chaosd, and wait for its answer
 * @request: see above; is released
 * @answer: out: to be released with json_object_put(), unless this fails; NULL
 *	if the caller doesn't care
 * @err: out: the reason of a failure
 *
 * Return: 0; -ENOENT or -ECONNREFUSED if chaosd doesn't run; -ETIMEDOUT if it
 * doesn't answer; what it says, if it refuses; another negative errno.
 */
int daemon_request(struct json_object *request, struct json_object **answer,
		   struct error *err);

/**
 * daemon_events() - listen to what happens to all guests
 * @err: out: the reason of a failure
 *
 * Return: a socket from which lines are to be read, each an event; a negative
 * errno as from daemon_request().
 */
int daemon_events(struct error *err);

/**
 * daemon_notify() - tell chaosd what was done to a guest
 * @event: see above
 * @domid: the domain
 *
 * If it doesn't run, nobody listens.
 */
void daemon_notify(const char *event, uint32_t domid);

/**
 * daemon_created() - tell chaosd that a guest was made
 * @domid: its domain
 */
void daemon_created(uint32_t domid);

/**
 * daemon_console_open() - have chaosd serve a guest's console
 * @domid: the domain
 * @handle: its handle
 * @err: out: the reason of a failure
 *
 * Return: as daemon_request().
 */
int daemon_console_open(uint32_t domid, const uint8_t *handle,
			struct error *err);

/**
 * daemon_console_close() - have chaosd let go of a guest's console
 * @domid: the domain
 * @handle: its handle
 *
 * Return: whether it served it.
 */
bool daemon_console_close(uint32_t domid, const uint8_t *handle);

/**
 * daemon_pools() - have chaosd look at the pools, and say how they are
 * @answer: out: see above; to be released with json_object_put(), unless this
 *	fails
 * @err: out: the reason of a failure
 *
 * Return: as daemon_request().
 */
int daemon_pools(struct json_object **answer, struct error *err);

/**
 * daemon_pid() - which process chaosd is
 *
 * Return: its number, or 0.
 */
int daemon_pid(void);

#endif /* CHAOS_CLIENT_CLIENT_H */
