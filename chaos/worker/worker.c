// SPDX-License-Identifier: GPL-2.0
/*
 * A worker: see daemon/jobs.h. It does one job after the other, with access to Xen and noxs
 * that it has opened once.
 *
 * Signals that would end it wait, and tell what only waits that nobody waits for it any
 * longer: chaosd sends one if a client has hung up, and the kernel if chaosd has died. What
 * was begun is undone or finished. Either way it was the last job.
 */
#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "guest/remove.h"
#include "guest/restart.h"
#include "pool/fill.h"
#include "pool/take.h"
#include "util/json.h"
#include "util/signal.h"
#include "util/util.h"
#include "util/uuid.h"
#include "verbs/verbs.h"
#include "worker/tidy.h"
#include "worker/worker.h"

#define LOCK_TIMEOUT_MS	60000
/* Those who wait for a guest come before those who make some for later. */
#define FILL_NICE	5
/* What the libraries lose of memory is lost for so many jobs. */
#define JOBS_EACH	1000

/**
 * struct done - what is said of a job
 * @domid: the domain that it made
 * @answer: for the client; of what waits what it waits for; of what failed what is said
 *	besides the reason
 * @waits: it does
 * @last: this was the last one
 */
struct done {
	uint32_t domid;
	struct json_object *answer;
	bool waits;
	bool last;
};

static const char *const names[] = {
	[WORK_REAP] = "reap",
	[WORK_RESTART] = "restart",
	[WORK_BURY] = "remove",
	[WORK_FILL] = "fill",
	[WORK_DROP] = "drop",
	[WORK_TIDY] = "tidy",
	[WORK_LOOK] = "look",
};

const char *work_name(enum work work)
{
	return names[work];
}

struct json_object *work_task(enum work work)
{
	struct json_object *task = json_object_new_object();

	doc_text(task, "work", names[work]);
	return task;
}

struct json_object *work_task_domain(enum work work, uint32_t domid,
				     const uint8_t *handle)
{
	struct json_object *task = work_task(work);
	char uuid[UUID_TEXT];

	uuid_format(handle, uuid);
	doc_number(task, "domid", domid);
	doc_text(task, "handle", uuid);
	return task;
}

/* What ps(1) and top(1) call it, so that one that hangs says in what. */
static void set_name(const char *what)
{
	char name[16];

	snprintf(name, sizeof(name), "chaosd: %s", what);
	prctl(PR_SET_NAME, name);
}

static int fill(struct xen *xen, const char *pool, struct done *done,
		struct error *err)
{
	int ret, nice = getpriority(PRIO_PROCESS, 0);

	(void)setpriority(PRIO_PROCESS, 0, nice + FILL_NICE);
	ret = shell_fill(xen, pool, &done->domid, err);
	/* Who may not be as quick again leaves the next job to another one. */
	done->last = setpriority(PRIO_PROCESS, 0, nice);
	return ret;
}

static int do_work(struct access *access, enum work work,
		   struct json_object *task, struct done *done,
		   struct error *err)
{
	struct xen *xen = &access->xen;
	uint32_t domid = doc_get_number(task, "domid");
	uint8_t handle[UUID_SIZE] = { 0 };
	int ret;

	(void)uuid_parse(doc_get_text(task, "handle"), handle);
	switch (work) {
	case WORK_REAP:
	case WORK_BURY:
		return guest_remove_domain(xen, domid, handle, false, err);
	case WORK_RESTART:
		ret = access_noxs(access, err);
		return ret ? ret : guest_restart(xen, &access->noxs, domid, handle,
						 doc_get_number(task, "restarts"),
						 true, &done->domid, err);
	case WORK_FILL:
		return fill(xen, doc_get_text(task, "pool"), done, err);
	case WORK_DROP:
		return shell_drop(xen, domid, handle, LOCK_TIMEOUT_MS, err);
	case WORK_TIDY:
		return tidy_all(xen, err);
	case WORK_LOOK:
		return history_take(access, err);
	}
	return error_set(err, -EINVAL, "no such work");
}

static int do_own(struct access *access, struct json_object *task,
		  struct done *done, struct error *err)
{
	const char *name = doc_get_text(task, "work");
	int ret = access_xen(access, err);
	size_t i;

	if (ret)
		return ret;
	set_name(name);
	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(names[i], name))
			return do_work(access, i, task, done, err);
	return error_set(err, -EINVAL, "no such work");
}

static int do_asked(struct access *access, struct json_object *task,
		    struct done *done, struct error *err)
{
	const char *method = doc_get_text(task, "method");
	struct json_object *parameters, *waited;
	int ret;

	set_name(method);
	parameters = json_object_object_get(task, "parameters");
	if (json_object_object_get_ex(task, "waited", &waited))
		verb_go_on(parameters, json_object_get(waited),
			   doc_get_bool(task, "left"));
	ret = verb_step(access, method, parameters, &done->answer, err);
	done->waits = ret == VERB_WAITS;
	return done->waits ? 0 : ret;
}

static const char *text_of(struct json_object *result, size_t *len)
{
	return json_object_to_json_string_length(result, JSON_C_TO_STRING_PLAIN |
						 JSON_C_TO_STRING_NOSLASHESCAPE,
						 len);
}

/* Return: whether chaosd has heard it. */
static bool say(int ret, const struct done *done, const struct error *err)
{
	struct json_object *result = json_object_new_object();
	const char *text;
	size_t len;
	bool heard;

	doc_bool(result, "ok", !ret);
	if (done->last)
		doc_bool(result, "last", true);
	if (ret) {
		doc_text(result, "error", err->text);
		doc_number(result, "errno", -ret);
	} else {
		doc_number(result, "domid", done->domid);
	}
	if (done->answer)
		json_object_object_add(result, done->waits ? "wait" : "answer",
				       done->answer);
	text = text_of(result, &len);
	if (len > WORKER_MESSAGE_MAX) {
		/* It was done, if it was more than a look; what there is to say is too much. */
		json_object_object_del(result, "answer");
		doc_bool(result, "ok", false);
		doc_text(result, "error", "there is more to answer than there is room for");
		doc_number(result, "errno", EMSGSIZE);
		text = text_of(result, &len);
	}
	heard = send(WORKER_FD, text, len, MSG_NOSIGNAL) == (ssize_t)len;
	json_object_put(result);
	return heard;
}

/* Return: whether it is to go on. */
static bool do_task(struct access *access, struct json_object *task, bool last)
{
	struct done done = { .last = last };
	struct error err;
	int ret;

	if (*doc_get_text(task, "method"))
		ret = do_asked(access, task, &done, &err);
	else
		ret = do_own(access, task, &done, &err);
	json_object_put(task);
	/* A job may have gone to where its paths begin. */
	(void)!chdir("/");
	return say(ret, &done, &err) && !done.last;
}

/* Return: NULL if there won't be any. */
static struct json_object *next_task(void)
{
	static char text[WORKER_MESSAGE_MAX];
	ssize_t len;

	set_name("idle");
	do
		len = recv(WORKER_FD, text, sizeof(text) - 1, 0);
	while (len < 0 && errno == EINTR);
	if (len <= 0)
		return NULL;
	text[len] = '\0';
	return json_tokener_parse(text);
}

int worker_main(void)
{
	struct access access = { .daemon = true };
	struct json_object *task;
	struct error ignored;
	unsigned int count = 0;

	fcntl(WORKER_FD, F_SETFD, FD_CLOEXEC);
	signals_block();
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (chdir("/"))
		return EXIT_FAILURE;
	/* What isn't there now may be when there is a job. */
	(void)access_xen(&access, &ignored);
	(void)access_noxs(&access, &ignored);
	do
		task = next_task();
	while (task && do_task(&access, task, ++count == JOBS_EACH));
	access_close(&access);
	return EXIT_SUCCESS;
}
