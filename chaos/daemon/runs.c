// SPDX-License-Identifier: GPL-2.0
/*
 * The guests that are run, and who has the connection that their lives hang on. A guest whose
 * client is gone is asked to shut down, by the same job as "chaos shutdown", and destroyed if
 * it doesn't.
 *
 * All of this can be lost: a record says that its guest is run, and that it was asked to end.
 * How it ended, its client is told before the guest is removed, and again when it was: who
 * was told knows it, also if chaosd dies in between.
 */
#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/jobs.h"
#include "daemon/protocol.h"
#include "daemon/runs.h"
#include "daemon/server.h"
#include "util/json.h"
#include "util/util.h"
#include "xen/xen.h"

#define AGAIN_MS	1000	/* after one that couldn't be asked */

struct run;

/**
 * struct stop - a guest is asked to shut down
 * @run: the guest; NULL: nobody waits for it any longer
 * @job: that does it
 */
struct stop {
	struct run *run;
	struct job *job;
};

/**
 * struct run - a guest that is run
 * @next: of all of them
 * @domid: its domain
 * @handle: the domain's
 * @patience: how long it may take to shut down, ms
 * @client: who has it; 0: nobody
 * @due: when it is asked to shut down, if nobody comes for it, ms; 0: never
 * @deadline: when it is destroyed, if it was asked, ms; 0: it wasn't
 * @stop: it is being asked
 * @told: its client wants it to end
 * @left: it was asked because its client was gone, and does it until then, ms; 0: it wasn't
 * @kept: it has ended, and stays as it is
 * @end: how it ended, in a word; NULL: it hasn't
 * @status: the same as a number
 */
struct run {
	struct run *next;
	uint32_t domid;
	uint8_t handle[UUID_SIZE];
	int patience;
	uint64_t client;
	int64_t due;
	int64_t deadline;
	struct stop *stop;
	bool told;
	int64_t left;
	bool kept;
	const char *end;
	int status;
};

static struct run *runs;
static struct run *by_domid[DOMIDS];
static unsigned int attended;
/* When the first of them is due, or before. */
static int64_t next_due = INT64_MAX;
static void (*remove_guest)(uint32_t domid, const uint8_t *handle);

void runs_init(void (*remove)(uint32_t domid, const uint8_t *handle))
{
	remove_guest = remove;
}

unsigned int runs_count(void)
{
	return attended;
}

static struct run *find(uint32_t domid, const uint8_t *handle)
{
	struct run *run = domid < DOMIDS ? by_domid[domid] : NULL;

	if (!run || !memcmp(run->handle, handle, UUID_SIZE))
		return run;
	/* A former domain had that number, and isn't over yet. */
	for (run = runs; run; run = run->next)
		if (run->domid == domid &&
		    !memcmp(run->handle, handle, UUID_SIZE))
			break;
	return run;
}

bool runs_is_free(uint32_t domid, const uint8_t *handle)
{
	const struct run *run = find(domid, handle);

	return !run || !run->client;
}

static void set_client(struct run *run, uint64_t client)
{
	attended += !!client;
	attended -= !!run->client;
	run->client = client;
}

static void set_due(struct run *run, unsigned int delay)
{
	run->due = clock_ms() + delay;
	if (run->due < next_due)
		next_due = run->due;
}

/* It isn't asked any longer; what it has heard, it has heard. */
static void take_back(struct run *run)
{
	struct stop *stop = run->stop;

	run->due = 0;
	run->deadline = 0;
	if (!stop)
		return;
	run->stop = NULL;
	stop->run = NULL;
	if (!job_give_up(stop->job))
		free(stop);
}

static void forget(struct run *run)
{
	struct run **at = &runs;

	while (*at != run)
		at = &(*at)->next;
	*at = run->next;
	if (by_domid[run->domid] == run)
		by_domid[run->domid] = NULL;
	take_back(run);
	set_client(run, 0);
	free(run);
}

/* A former chaosd may have had it asked. Who comes for it says anew that it is to end. */
static void find_stop(struct run *run, const struct record *record)
{
	int64_t until = record_number(record, "stop_until");

	if (clock_ms() >= until)
		return;
	run->told = record_number(record, "stop_told");
	run->left = until;
}

void runs_see(const struct record *record)
{
	int patience = record_number(record, "patience");
	struct run *run;

	if (!patience || record->domid >= DOMIDS ||
	    find(record->domid, record->handle))
		return;
	run = calloc(1, sizeof(*run));
	if (!run)
		return;
	run->domid = record->domid;
	memcpy(run->handle, record->handle, UUID_SIZE);
	run->patience = patience;
	find_stop(run, record);
	run->next = runs;
	runs = run;
	by_domid[run->domid] = run;
	set_due(run, RUN_AWAITED_MS);
}

static struct json_object *answer_of(const struct run *run)
{
	struct json_object *answer = json_object_new_object();

	doc_number(answer, "domid", run->domid);
	if (run->end) {
		doc_text(answer, "end", run->end);
		doc_number(answer, "status", run->status);
	}
	return answer;
}

/* The last that its client hears. */
static void finish(struct run *run)
{
	if (run->client)
		server_answer(run->client, protocol_reply(answer_of(run), false));
	forget(run);
}

static void tell(const struct run *run)
{
	if (run->client)
		server_tell(run->client, protocol_reply(answer_of(run), true));
}

/* Whoever has it now came too late for it not to be asked. */
static bool was_left(const struct run *run)
{
	return run->left && (!run->client || clock_ms() < run->left);
}

/* One that was told to end isn't wanted back; but one that was left and found again is. */
static void set_end(struct run *run, enum ending ending,
		    enum config_action action)
{
	run->end = ending_name(ending);
	run->status = policy_status(ending, action, !run->told);
	if (was_left(run) && !run->told && run->status == RUN_OVER)
		run->status = RUN_AGAIN;
}

unsigned int runs_ended(uint32_t domid, const uint8_t *handle,
			enum ending ending, enum config_action *action)
{
	struct run *run = find(domid, handle);
	int64_t due, now = clock_ms();

	if (run)
		set_end(run, ending, *action);
	*action = policy_of_run(ending, *action);
	if (!run)
		return 0;
	due = run->due;
	take_back(run);
	run->kept = *action == CONFIG_PRESERVE;
	if (run->client || due <= now) {
		if (run->kept)
			finish(run);
		else
			tell(run);
		return 0;
	}
	run->due = due;
	return due - now;
}

void runs_over(uint32_t domid, const uint8_t *handle)
{
	struct run *run = find(domid, handle);

	if (!run)
		return;
	if (!run->end)
		set_end(run, ENDING_KILLED, CONFIG_DESTROY);
	finish(run);
}

void runs_failed(uint32_t domid, const uint8_t *handle, const char *why)
{
	struct run *run = find(domid, handle);
	struct error err;
	int ret;

	if (!run)
		return;
	ret = error_set(&err, -EIO, "%s", why);
	if (run->client)
		server_answer(run->client, protocol_failed(ret, &err));
	/* It is there still, and is tried again, or somebody has it anew. */
	set_client(run, 0);
}

static void force(struct run *run)
{
	take_back(run);
	if (!run->end) {
		run->end = "forced";
		run->status = RUN_FORCED;
		tell(run);
	}
	remove_guest(run->domid, run->handle);
}

/* One that has stopped is seen by others, and so is one that is gone. */
static void stop_done(const struct job_result *result, void *arg)
{
	struct stop *stop = arg;
	struct run *run = stop->run;

	if (result->waits)
		return;
	free(stop);
	if (!run)
		return;
	run->stop = NULL;
	if (!result->ret)
		return;
	/* Whatever keeps it from being asked may be over by then. */
	if (clock_ms() < run->deadline)
		set_due(run, AGAIN_MS);
	else
		force(run);
}

static struct json_object *stop_task(const struct run *run, int wait)
{
	struct json_object *task = json_object_new_object(), *parameters;
	char guest[16];

	snprintf(guest, sizeof(guest), "%u", run->domid);
	doc_text(task, "method", "Shutdown");
	parameters = doc_object(task, "parameters");
	doc_text(parameters, "guest", guest);
	doc_number(parameters, "wait", wait);
	doc_bool(parameters, "force", false);
	doc_number(parameters, "stop_until", clock_ms() + wait);
	doc_bool(parameters, "stop_told", run->told);
	return task;
}

static int begin_stop(struct run *run, int wait, struct error *err)
{
	struct stop *stop = calloc(1, sizeof(*stop));
	const struct job_owner owner = { .done = stop_done, .arg = stop };
	int ret;

	if (!stop)
		return error_no_memory(err);
	ret = job_start_next(stop_task(run, wait), &owner, &stop->job, err);
	if (ret) {
		free(stop);
		return ret;
	}
	stop->run = run;
	run->stop = stop;
	run->deadline = clock_ms() + wait;
	return 0;
}

/* It has its time, or what is left of that. */
static void ask(struct run *run)
{
	int64_t deadline = run->deadline, left = run->patience;
	struct error ignored;

	if (deadline)
		left = deadline - clock_ms();
	run->due = 0;
	if (left <= 0)
		force(run);
	else if (begin_stop(run, left, &ignored))
		set_due(run, AGAIN_MS);
	else if (!run->client)
		run->left = run->deadline;
}

static void leave(struct run *run)
{
	set_client(run, 0);
	if (run->end)
		return;
	/* Its own client may have asked for it, and then it goes on. */
	run->left = run->deadline;
	if (!run->stop && !run->due)
		ask(run);
}

void runs_abandon(uint64_t client)
{
	struct run *run = runs;

	while (run && run->client != client)
		run = run->next;
	if (run)
		leave(run);
}

struct json_object *runs_attach(uint32_t domid, const uint8_t *handle,
				uint64_t client, int patience, bool *more,
				struct error *err)
{
	struct run *run = find(domid, handle);
	struct json_object *answer;

	*more = false;
	if (!run || run->client) {
		error_set(err, run ? -EEXIST : -ENOENT, "%s",
			  run ? "another chaos run has it" : "no such guest");
		return NULL;
	}
	take_back(run);
	answer = answer_of(run);
	set_client(run, client);
	run->patience = patience;
	run->told = false;
	if (run->kept) {
		forget(run);
		return answer;
	}
	*more = true;
	if (run->end)
		remove_guest(domid, handle);
	return answer;
}

int runs_stop(uint32_t domid, const uint8_t *handle, int wait,
	      struct error *err)
{
	struct run *run = find(domid, handle);

	if (!run)
		return error_set(err, -ENOENT, "no such guest");
	run->told = true;
	if (run->end)
		return 0;
	if (!wait) {
		force(run);
		return 0;
	}
	take_back(run);
	return begin_stop(run, wait, err);
}

/* Nobody has come for it. */
static void give_up_waiting(struct run *run)
{
	run->due = 0;
	if (run->kept)
		forget(run);
	else if (!run->end)
		ask(run);
}

int runs_tick(void)
{
	int64_t now = clock_ms();
	struct run *run, *next;

	if (now >= next_due) {
		next_due = INT64_MAX;
		for (run = runs; run; run = next) {
			next = run->next;
			if (run->due && run->due <= now)
				give_up_waiting(run);
			else if (run->due && run->due < next_due)
				next_due = run->due;
		}
	}
	if (next_due == INT64_MAX)
		return -1;
	return next_due > now ? next_due - now : 0;
}
