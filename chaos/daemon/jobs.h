/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_DAEMON_JOBS_H
#define CHAOS_DAEMON_JOBS_H

#include <stdbool.h>
#include <stdint.h>

#include "util/error.h"

struct json_object;

/*
 * What takes long, or changes a guest, is a job. It is done by a worker: a process of its
 * own, this program again under another name, with handles of its own of Xen's and of noxs,
 * which it opens once. A few of them wait for work. One that hangs in a device is left there
 * with the guest that it is about; others are started in its place.
 *
 * A worker gets one job at a time, as a JSON object over a socket, and answers it likewise:
 * see worker/worker.h. It ends when chaosd does: what it is at it brings to an end, but for
 * what only waits. It holds the guest's lock like any chaos command.
 *
 * A client's job that waits for a guest to do something has no worker meanwhile. When
 * something has happened to that guest, it is a worker's who looks whether it can go on.
 */

/* At most so many of chaosd's own jobs at a time; others wait for their turn. */
#define JOBS_MAX	4
/* One that takes longer than that keeps no other one back. */
#define JOB_LONG_MS	5000
/* At least so many workers that have nothing to do, and at most. */
#define WORKERS_IDLE	2
#define WORKERS_SPARE	4
/* So many workers at most; jobs wait for one of them. */
#define WORKERS_MAX	32
/* So many of them are for clients who look, and for nobody else. */
#define WORKERS_LOOK	4
/* So many jobs may wait, for their turn or for something to happen. */
#define JOBS_WAITING	4096

struct job;

/**
 * struct job_result - what became of a job
 * @ret: 0 if it was done, else a negative errno
 * @domid: the domain that it made, if it made one
 * @answer: what is answered to who asked for it, or what is said besides the reason, or
 *	NULL; lives as long as the result
 * @waits: it has come as far as it can, and waits; there will be another result
 * @err: why it wasn't done
 */
struct job_result {
	int ret;
	uint32_t domid;
	struct json_object *answer;
	bool waits;
	struct error err;
};

/**
 * jobs_room() - whether one of chaosd's own jobs can be started now
 *
 * Return: whether.
 */
bool jobs_room(void);

/**
 * jobs_count() - how many jobs are being done
 *
 * Return: the number.
 */
unsigned int jobs_count(void);

/**
 * jobs_tick() - see to it that there are workers
 *
 * Return: ms until it is to be called again, or -1.
 */
int jobs_tick(void);

/**
 * job_start() - start one of chaosd's own jobs
 * @task: what is to be done, see worker/worker.h; is released
 * @done: called when it has been, with what became of it, and @arg; not before this returns
 * @arg: for @done
 *
 * Return: 0, -EAGAIN if there are too many, another negative errno.
 */
int job_start(struct json_object *task,
	      void (*done)(const struct job_result *result, void *arg),
	      void *arg);

/**
 * struct job_owner - who is told what became of a job
 * @done: as with job_start(); the first time that it waits, it is told so, too
 * @arg: for @done
 */
struct job_owner {
	void (*done)(const struct job_result *result, void *arg);
	void *arg;
};

/**
 * job_start_for() - start a job that a client asked for, or one of chaosd's own that isn't
 *	to take others' places
 * @task: what is to be done; is released
 * @guest: which guest it is about: of those with the same one, one at a time is done; ""
 *	if it waits for nobody
 * @owner: who is told
 * @job: out: the job, until he has been told; NULL if there is none
 * @err: out: the reason of a failure
 *
 * Return: 0; -EUSERS if there are too many, -E2BIG if the task is too long, -ENOMEM.
 */
int job_start_for(struct json_object *task, const char *guest,
		  const struct job_owner *owner, struct job **job,
		  struct error *err);

/**
 * job_start_look() - the same for a client who only looks, and waits for nobody: however many
 *	hang in devices, there is a worker for it
 * @task: what is to be done; is released
 * @owner: who is told
 * @job: out: as with job_start_for()
 * @err: out: the reason of a failure
 *
 * Return: as job_start_for().
 */
int job_start_look(struct json_object *task, const struct job_owner *owner,
		   struct job **job, struct error *err);

/**
 * job_start_next() - the same for what goes on with a call that has begun, or undoes it: there
 *	is room for it, however many wait
 * @task: what is to be done; is released
 * @owner: who is told
 * @job: out: as with job_start_for()
 * @err: out: the reason of a failure
 *
 * Return: as job_start_for().
 */
int job_start_next(struct json_object *task, const struct job_owner *owner,
		   struct job **job, struct error *err);

/**
 * jobs_wake() - something has happened that a job may wait for
 * @domid: to this domain, or to its devices; 0: to any of them
 */
void jobs_wake(uint32_t domid);

/**
 * job_give_up() - nobody waits for a job any longer
 * @job: from job_start_for()
 *
 * One that hasn't begun is forgotten, and @done isn't called; of another one, what
 * only waits is undone.
 *
 * Return: whether @done will be called.
 */
bool job_give_up(struct job *job);

#endif /* CHAOS_DAEMON_JOBS_H */
