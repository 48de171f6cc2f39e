// SPDX-License-Identifier: GPL-2.0
/*
 * The process of a job: see daemon/jobs.h. It takes the lock of the guest's name
 * first, and then looks whether it is still the guest that was meant.
 */
#include <errno.h>
#include <json-c/json.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "daemon/tidy.h"
#include "daemon/worker.h"
#include "guest/remove.h"
#include "guest/restart.h"
#include "pool/fill.h"
#include "pool/take.h"
#include "util/json.h"
#include "util/util.h"

enum argument {
	ARG_WORK = 1, ARG_DOMID, ARG_HANDLE, ARG_RESTARTS, ARG_COUNT,
	ARG_POOL = 2, ARG_POOL_COUNT,
};

#define LOCK_TIMEOUT_MS	60000
/* Those who wait for a guest come before those who make some for later. */
#define FILL_NICE	5

/**
 * struct task - what a job was told
 * @work: what to do
 * @domid: the domain
 * @handle: its handle
 * @restarts: how often the guest was made again
 * @pool: name of the pool
 */
struct task {
	enum work work;
	uint32_t domid;
	uint8_t handle[UUID_SIZE];
	unsigned int restarts;
	const char *pool;
};

static const char *const names[] = {
	[WORK_REAP] = "reap",
	[WORK_RESTART] = "restart",
	[WORK_BURY] = "remove",
	[WORK_FILL] = "fill",
	[WORK_DROP] = "drop",
	[WORK_TIDY] = "tidy",
};

const char *work_name(enum work work)
{
	return names[work];
}

static int do_task(struct xen *xen, const struct task *task, uint32_t *domid,
		   struct error *err)
{
	switch (task->work) {
	case WORK_REAP:
	case WORK_BURY:
		return guest_remove_domain(xen, task->domid, task->handle,
					   false, err);
	case WORK_RESTART:
		return guest_restart(xen, task->domid, task->handle,
				     task->restarts, false, domid, err);
	case WORK_FILL:
		(void)setpriority(PRIO_PROCESS, 0, FILL_NICE);
		return shell_fill(xen, task->pool, domid, err);
	case WORK_DROP:
		return shell_drop(xen, task->domid, task->handle,
				  LOCK_TIMEOUT_MS, err);
	case WORK_TIDY:
		return tidy_all(xen, err);
	}
	return error_set(err, -EINVAL, "no such work");
}

static bool read_task(int argc, char **argv, struct task *task)
{
	size_t i;

	memset(task, 0, sizeof(*task));
	for (i = 0; argc > ARG_WORK && i < ARRAY_SIZE(names); i++)
		if (!strcmp(argv[ARG_WORK], names[i]))
			break;
	if (argc <= ARG_WORK || i == ARRAY_SIZE(names))
		return false;
	task->work = i;
	if (task->work == WORK_TIDY)
		return argc == ARG_WORK + 1;
	if (task->work == WORK_FILL) {
		task->pool = argv[ARG_POOL];
		return argc == ARG_POOL_COUNT &&
		       !config_name_check(task->pool);
	}
	if (argc != ARG_COUNT || !uuid_parse(argv[ARG_HANDLE], task->handle))
		return false;
	task->domid = strtoul(argv[ARG_DOMID], NULL, 10);
	task->restarts = strtoul(argv[ARG_RESTARTS], NULL, 10);
	return true;
}

static int say(int ret, uint32_t domid, const struct error *err)
{
	struct json_object *result = json_object_new_object();

	doc_bool(result, "ok", !ret);
	if (ret) {
		doc_text(result, "error", err->text);
		doc_number(result, "errno", -ret);
	} else {
		doc_number(result, "domid", domid);
	}
	puts(json_object_to_json_string(result));
	json_object_put(result);
	return ret || fflush(stdout) ? EXIT_FAILURE : EXIT_SUCCESS;
}

int work_main(int argc, char **argv)
{
	uint32_t domid = 0;
	struct error err;
	struct task task;
	struct xen xen;
	int ret;

	/* Whether chaosd lives to hear of it doesn't matter. */
	signal(SIGPIPE, SIG_IGN);
	if (!read_task(argc, argv, &task))
		return EXIT_FAILURE;
	ret = xen_open(&xen, false, &err);
	if (!ret) {
		ret = do_task(&xen, &task, &domid, &err);
		xen_close(&xen);
	}
	return say(ret, domid, &err);
}
