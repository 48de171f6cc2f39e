/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_WORKER_WORKER_H
#define CHAOS_WORKER_WORKER_H

#include <stdint.h>

#include "util/chaos.h"
#include "util/util.h"

struct access;
struct json_object;

/* The name by which the program is one. */
#define WORKER_NAME		"chaosd-worker"
/* The socket over which it gets jobs, the longest task, and the longest message: with what
 * a task that waits has besides; not more than a socket takes at once (net.core.wmem_default).
 */
#define WORKER_FD		3
#define WORKER_TASK_MAX		DAEMON_REQUEST_MAX
#define WORKER_MESSAGE_MAX	(WORKER_TASK_MAX + 32768)

/**
 * enum work - what chaosd itself has done
 * @WORK_REAP: destroy a guest that has ended
 * @WORK_RESTART: make it again
 * @WORK_BURY: forget one whose domain others have destroyed
 * @WORK_FILL: make a shell for a pool; see pool/shell.h
 * @WORK_DROP: destroy a shell
 * @WORK_TIDY: remove all that is left over; see worker/tidy.h
 * @WORK_LOOK: write down what guests use; see util/history.h
 */
enum work {
	WORK_REAP,
	WORK_RESTART,
	WORK_BURY,
	WORK_FILL,
	WORK_DROP,
	WORK_TIDY,
	WORK_LOOK,
};

/**
 * work_name() - what a job does, in a word
 * @work: what
 *
 * Return: the word.
 */
const char *work_name(enum work work);

/**
 * work_task() - a job, for job_start()
 * @work: what is to be done
 *
 * Return: the task, without what it is to be done to.
 */
struct json_object *work_task(enum work work);

/**
 * work_task_domain() - the same, for a domain
 * @work: what is to be done
 * @domid: the domain
 * @handle: its handle
 *
 * Return: the task, to which more can be added: "restarts", how often the guest was
 * made again.
 */
struct json_object *work_task_domain(enum work work, uint32_t domid,
				     const uint8_t *handle);

/**
 * worker_main() - what a worker's process does
 *
 * A task is {"work": work_name()} with "domid", "handle", "restarts" or "pool"; or what a
 * client asks for, {"method": …, "parameters": …}, as verb_step() has it, with "waited" and
 * "left" if it is to go on. What is answered is {"ok": true}, with the new "domid" or the
 * "answer", or with what it has to "wait" for; or {"ok": false, "error": TEXT,
 * "errno": NUMBER}, also with an "answer", where ESTALE means of chaosd's own that there is
 * nothing to do: it is done, or it was another guest. With "last": true it wants no more of them.
 *
 * Return: exit status.
 */
int worker_main(void);

/**
 * history_take() - write down what all guests have used till now
 * @access: to the host; to the hypervisor there is
 * @err: out: the reason of a failure
 *
 * Return: 0 or a negative errno.
 */
int history_take(struct access *access, struct error *err);

#endif /* CHAOS_WORKER_WORKER_H */
