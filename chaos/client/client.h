/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_CLIENT_CLIENT_H
#define CHAOS_CLIENT_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "util/error.h"

struct json_object;

/*
 * How chaos asks chaosd; docs/protocol.md says what it may ask, and who may.
 */

/**
 * daemon_request() - ask chaosd, and wait for its answer
 * @method: of its interface
 * @parameters: what it needs; is released; NULL for nothing
 * @answer: out: the parameters of the answer, to be released with json_object_put(),
 *	unless this fails; NULL if the caller doesn't care
 * @err: out: the reason of a failure
 *
 * Return: 0; -ENOENT or -ECONNREFUSED if chaosd doesn't run; -ETIMEDOUT if it
 * doesn't answer; what it says, if it refuses; another negative errno.
 */
int daemon_request(const char *method, struct json_object *parameters,
		   struct json_object **answer, struct error *err);

/**
 * daemon_do() - have chaosd do something, however long that takes
 * @method: of its interface
 * @parameters: what it needs; the caller keeps them
 * @answer: out: as with daemon_request(); of a failure what chaosd says besides, or NULL
 * @err: out: the reason of a failure, in its own words if that is why it can't be done
 *
 * Whoever is killed meanwhile has it given up.
 *
 * Return: 0; 1 if chaosd doesn't run, and nothing was done; a negative errno.
 */
int daemon_do(const char *method, struct json_object *parameters,
	      struct json_object **answer, struct error *err);

/**
 * daemon_show_wait() - have the user see how long chaosd's next answers may take
 * @ms: at most so long; 0 to show nothing any more
 *
 * On standard error, if that is a terminal, and if it takes more than a second.
 */
void daemon_show_wait(int ms);

/**
 * daemon_do_more() - the same for what has many answers
 * @method: of its interface
 * @parameters: what it needs; the caller keeps them
 * @tell: called for each answer but the last
 * @arg: for @tell
 * @answer: out: the last one, as with daemon_do()
 * @err: out: as with daemon_do()
 *
 * Return: as daemon_do().
 */
int daemon_do_more(const char *method, struct json_object *parameters,
		   void (*tell)(struct json_object *answer, void *arg),
		   void *arg, struct json_object **answer, struct error *err);

/**
 * daemon_call() - ask chaosd for something, and do others meanwhile
 * @method: of its interface
 * @parameters: what it needs; is released; NULL for nothing
 * @more: all answers are wanted, however many there are
 * @err: out: the reason of a failure
 *
 * Return: a socket; when it is readable, there is something for daemon_answer(). Closed before
 * the last answer, it has what was asked for given up. -ENOENT or -ECONNREFUSED if chaosd
 * doesn't run; another negative errno.
 */
int daemon_call(const char *method, struct json_object *parameters, bool more,
		struct error *err);

/**
 * daemon_answer() - the next answer
 * @fd: from daemon_call()
 * @answer: out: as with daemon_do()
 * @err: out: as with daemon_do()
 *
 * Return: 0 if it is the last one; 1 if there are more; -EPIPE if chaosd has hung up;
 * another negative errno.
 */
int daemon_answer(int fd, struct json_object **answer, struct error *err);

/**
 * daemon_console() - connect to a guest's console, whoever serves it
 * @domid: the guest's domain
 * @flags: SOCK_NONBLOCK or 0
 * @err: out: the reason of a failure
 *
 * Return: a socket, -ENOENT or -ECONNREFUSED if nobody serves it at present, another negative
 * errno.
 */
int daemon_console(uint32_t domid, int flags, struct error *err);

/**
 * daemon_events() - listen to what happens to all guests
 * @ready: out: the first event, which says that from now on others come; to be
 *	released with json_object_put(), unless this fails
 * @err: out: the reason of a failure
 *
 * Return: a socket from which texts are to be read that end in a NUL, each one for
 * daemon_event(); a negative errno as from daemon_request().
 */
int daemon_events(struct json_object **ready, struct error *err);

/**
 * daemon_event() - read an event
 * @text: what came, without the NUL
 * @err: out: the reason of a failure
 *
 * Return: the event, to be released with json_object_put(); NULL if there will be
 * no more of them.
 */
struct json_object *daemon_event(const char *text, struct error *err);

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
 * @answer: out: to be released with json_object_put(), unless this fails; NULL if
 *	the caller doesn't care
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
