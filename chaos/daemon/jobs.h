/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_DAEMON_JOBS_H
#define CHAOS_DAEMON_JOBS_H

#include <stdbool.h>
#include <stdint.h>

#include "util/error.h"

/* At most so many processes at a time; others wait for their turn. */
#define JOBS_MAX	4
#define JOB_NAME	"chaosd-job"

/*
 * What takes long, or changes a guest, is done by a process of its own: this
 * program again, under another name. It holds the guest's lock like any chaos
 * command, and goes on to its end if chaosd is killed. Its last word is a line
 * of JSON: see daemon/worker.h.
 */

/**
 * struct job_result - what became of a job
 * @ret: 0 if it was done, else a negative errno
 * @domid: the domain that it made, if it made one
 * @err: why it wasn't done
 */
struct job_result {
	int ret;
	uint32_t domid;
	struct error err;
};

/**
 * jobs_room() - whether a job can be started now
 *
 * Return: whether.
 */
bool jobs_room(void);

/**
 * jobs_count() - how many jobs there are
 *
 * Return: the number.
 */
unsigned int jobs_count(void);

/**
 * job_start() - start a job
 * @argv: its arguments; the first one is JOB_NAME
 * @done: called when it has ended, with what became of it, and @arg
 * @arg: for @done
 *
 * Return: 0, -EAGAIN if there are too many, another negative errno.
 */
int job_start(char *const argv[],
	      void (*done)(const struct job_result *result, void *arg),
	      void *arg);

#endif /* CHAOS_DAEMON_JOBS_H */
