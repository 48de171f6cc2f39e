// SPDX-License-Identifier: GPL-2.0
/*
 * The guests, from their first sight to their end. All that must not be lost is
 * in their records; this is only what chaosd knows at the moment, and can be
 * found out again at any time.
 *
 * A guest that has ended stays as it is until its turn has come, also while the
 * restart of one that crashes again and again is put off: so that whoever looks
 * sees it, "chaos destroy" works on it, and nothing is lost if chaosd dies.
 */
#include <errno.h>
#include <json-c/json.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/console.h"
#include "daemon/events.h"
#include "daemon/guests.h"
#include "daemon/jobs.h"
#include "daemon/pools.h"
#include "daemon/runs.h"
#include "guest/policy.h"
#include "guest/record.h"
#include "host/noxs.h"
#include "util/history.h"
#include "util/json.h"
#include "util/util.h"
#include "worker/worker.h"

#define STRANGE_MS	10000	/* as long as a maker may need at most */
#define STRANGE_AGAIN_MS	20000
#define TIDY_MS		60000
#define WAIT_MAX	3600000
#define LOOK_MS		(HISTORY_INTERVAL * 1000)
#define BURY_MS		1000	/* so long "chaos destroy" has to forget it */
#define RUN_TRIES	3	/* then "chaos run" doesn't wait any longer for its end */
#define DYING_MS	5000	/* and this long to take its devices away */

/**
 * enum phase - of a guest's life, as chaosd sees it
 * @PHASE_NEW: there is no record that says that it was made to the end
 * @PHASE_LIVE: it is to be left alone
 * @PHASE_DUE: it has ended; @due says when it is its turn
 * @PHASE_JOB: a job is at work on it
 * @PHASE_KEPT: it has ended, and is to stay as it is
 */
enum phase {
	PHASE_NEW,
	PHASE_LIVE,
	PHASE_DUE,
	PHASE_JOB,
	PHASE_KEPT,
};

/**
 * struct guest_watch - a guest
 * @next: of all guests
 * @domid: its domain
 * @handle: its domain's handle
 * @name: of the guest, once known
 * @phase: of its life
 * @exists: Xen has the domain
 * @seen: in the look that is being taken
 * @first_seen: when, ms
 * @due: when something is to be done, ms
 * @work: what
 * @tries: how often that has failed
 * @console_due: when its console is to be opened again, ms
 * @console_tries: how often that has failed
 * @restarts: what the next one is to remember
 */
struct guest_watch {
	struct guest_watch *next;
	uint32_t domid;
	uint8_t handle[UUID_SIZE];
	char name[CONFIG_NAME_MAX + 1];
	enum phase phase;
	bool exists;
	bool seen;
	int64_t first_seen;
	int64_t due;
	enum work work;
	unsigned int tries;
	int64_t console_due;
	unsigned int console_tries;
	unsigned int restarts;
};

static struct xen *xen;
static struct guest_watch *guests;
static unsigned int count;
/* The last one of each domid that Xen had. */
static struct guest_watch *by_domid[DOMIDS];
/* When the first of them is due, or before. */
static int64_t next_due = INT64_MAX;
/* The same, for consoles that couldn't be opened. */
static int64_t next_console = INT64_MAX;
static int64_t last_tidy, next_tidy;
static bool tidying;
/* When what they use is written down, and of how many it was. */
static int64_t next_sample;
static unsigned int sampled;
static bool sampling, keeps_history;

unsigned int guests_count(void)
{
	return count;
}

void guests_each(void (*fn)(uint32_t domid, const char *name, void *arg),
		 void *arg)
{
	struct guest_watch *guest;

	for (guest = guests; guest; guest = guest->next)
		if (guest->phase != PHASE_NEW)
			fn(guest->domid, guest->name, arg);
}

static struct guest_watch *find(uint32_t domid, const uint8_t *handle)
{
	struct guest_watch *guest = by_domid[domid];

	return guest && !memcmp(guest->handle, handle, UUID_SIZE) ?
		guest : NULL;
}

static struct guest_watch *add(uint32_t domid, const uint8_t *handle)
{
	struct guest_watch *guest = calloc(1, sizeof(*guest));

	if (!guest)
		return NULL;
	guest->domid = domid;
	memcpy(guest->handle, handle, UUID_SIZE);
	guest->first_seen = clock_ms();
	guest->console_due = INT64_MAX;
	guest->next = guests;
	guests = guest;
	by_domid[domid] = guest;
	count++;
	return guest;
}

static void del(struct guest_watch *guest)
{
	struct guest_watch **at = &guests;

	while (*at != guest)
		at = &(*at)->next;
	*at = guest->next;
	if (by_domid[guest->domid] == guest)
		by_domid[guest->domid] = NULL;
	consoles_close(guest->domid, guest->handle);
	runs_over(guest->domid, guest->handle);
	jobs_wake(guest->domid);
	free(guest);
	count--;
}

static void say_failed(const struct guest_watch *guest, const char *what,
		       const char *why)
{
	struct json_object *event = event_new("failed");

	fprintf(stderr, "chaosd: %s: %s: %s\n", what,
		*guest->name ? guest->name : "?", why);
	doc_number(event, "domid", guest->domid);
	doc_text(event, "name", guest->name);
	doc_text(event, "what", what);
	doc_text(event, "error", why);
	event_send(event);
}

static void set_due(struct guest_watch *guest, enum work work,
		    unsigned int delay)
{
	guest->phase = PHASE_DUE;
	guest->work = work;
	guest->due = clock_ms() + delay;
	if (guest->due < next_due)
		next_due = guest->due;
}

/* One that is run, by whoever has it, or because he has gone. */
static void remove_run(uint32_t domid, const uint8_t *handle)
{
	struct guest_watch *guest = find(domid, handle);

	if (guest && (guest->phase == PHASE_LIVE ||
		      (guest->phase == PHASE_DUE && guest->work == WORK_REAP)))
		set_due(guest, WORK_REAP, 0);
}

static void say_shutdown(const struct guest_watch *guest, enum ending ending,
			 const char *action, unsigned int delay)
{
	struct json_object *event = event_new("shutdown");
	const char *reason = ending_name(ending);

	doc_number(event, "domid", guest->domid);
	doc_text(event, "name", guest->name);
	doc_text(event, "reason", reason);
	doc_text(event, "action", action);
	doc_number(event, "delay", delay);
	event_send(event);
}

static unsigned int prepare_restart(struct guest_watch *guest,
				    const struct record *record)
{
	unsigned int before = record_number(record, "restarts");

	guest->restarts = policy_restarts(before, record_age(record));
	return guest->restarts ? policy_delay(guest->restarts - 1) : 0;
}

static void ended(struct guest_watch *guest, enum ending ending)
{
	enum config_action action = CONFIG_PRESERVE;
	const char *key = policy_key(ending);
	unsigned int delay = 0;
	struct record record;

	if (record_load(&record, guest->domid, guest->handle))
		return;
	strcpy(guest->name, record.name);
	if (key && !config_action_parse(record_text(&record, key), &action))
		action = CONFIG_DESTROY;
	if (record_number(&record, "patience"))
		delay = runs_ended(guest->domid, guest->handle, ending,
				   &action);
	guest->tries = 0;
	guest->phase = PHASE_KEPT;
	if (action == CONFIG_RESTART) {
		delay = prepare_restart(guest, &record);
		set_due(guest, WORK_RESTART, delay);
	} else if (action == CONFIG_DESTROY) {
		set_due(guest, WORK_REAP, delay);
	}
	record_free(&record);
	say_shutdown(guest, ending, config_action_name(action), delay);
	jobs_wake(guest->domid);
}

/* What can't be served now, such as a lack of files, may be later. */
static void serve_console(struct guest_watch *guest,
			  const struct record *record)
{
	struct error err;

	guest->console_due = INT64_MAX;
	if (!consoles_adopt(record, &err)) {
		guest->console_tries = 0;
		return;
	}
	say_failed(guest, "console", err.text);
	guest->console_due = clock_ms() + policy_delay(++guest->console_tries);
	if (guest->console_due < next_console)
		next_console = guest->console_due;
}

/* Whoever served it has ended. */
static void console_lost(uint32_t domid, const uint8_t *handle)
{
	struct guest_watch *guest = find(domid, handle);

	if (!guest)
		return;
	guest->console_due = clock_ms();
	next_console = guest->console_due;
}

/* Whether its maker has finished with it. */
static bool is_made(struct guest_watch *guest)
{
	struct record record;
	bool made;

	if (record_load(&record, guest->domid, guest->handle))
		return false;
	strcpy(guest->name, record.name);
	made = record_is_made(&record);
	if (made) {
		serve_console(guest, &record);
		runs_see(&record);
	}
	record_free(&record);
	return made;
}

/*
 * A domain that was made ahead has no guest yet. Before it is on record, it looks
 * like one whose guest isn't.
 */
static bool is_nobodys(struct guest_watch *guest,
		       const struct domain_info *info)
{
	if (guest && guest->phase != PHASE_NEW)
		return false;
	if (!pools_see(info))
		return false;
	if (guest)
		del(guest);
	return true;
}

/*
 * Somebody destroys it. Its console would hold it back, and so would its devices,
 * if that isn't chaos: the host has the guest's pages mapped until they are removed.
 */
static void is_dying(struct guest_watch *guest)
{
	consoles_close(guest->domid, guest->handle);
	if (guest->phase != PHASE_LIVE && guest->phase != PHASE_KEPT)
		return;
	guest->tries = 0;
	set_due(guest, WORK_REAP, DYING_MS);
	jobs_wake(guest->domid);
}

static void look_at(const struct domain_info *info)
{
	struct guest_watch *guest;
	enum ending ending;

	guest = find(info->domid, info->handle);
	if (is_nobodys(guest, info))
		return;
	if (!guest)
		guest = add(info->domid, info->handle);
	if (!guest)
		return;
	guest->seen = true;
	guest->exists = true;
	if (info->dying) {
		is_dying(guest);
		return;
	}
	if (guest->phase == PHASE_NEW && is_made(guest))
		guest->phase = PHASE_LIVE;
	ending = ending_of(info);
	if (guest->phase == PHASE_LIVE && ending != ENDING_NONE)
		ended(guest, ending);
	/* Its maker, or somebody else, took it back to life. */
	else if (guest->phase == PHASE_KEPT && ending == ENDING_NONE)
		guest->phase = PHASE_LIVE;
}

/* Xen has it no more. If a job is at work on it, the job will say why. */
static void is_gone(struct guest_watch *guest)
{
	struct record record;

	consoles_close(guest->domid, guest->handle);
	guest->exists = false;
	jobs_wake(guest->domid);
	if (guest->phase == PHASE_JOB)
		return;
	if (*guest->name)
		event_of_guest("destroyed", guest->domid, guest->name);
	if (record_load(&record, guest->domid, guest->handle)) {
		del(guest);
		return;
	}
	if (record_number(&record, "restarting"))
		set_due(guest, WORK_RESTART,
			policy_delay(record_number(&record, "restarts")));
	else
		set_due(guest, WORK_BURY, BURY_MS);
	guest->restarts = record_number(&record, "restarts");
	record_free(&record);
}

static bool is_strange(const struct guest_watch *guest, int64_t now)
{
	return guest->phase == PHASE_NEW &&
	       now - guest->first_seen > STRANGE_MS;
}

void guests_tidy_soon(void)
{
	int64_t at = last_tidy + STRANGE_AGAIN_MS;

	if (at < next_tidy)
		next_tidy = at;
}

static void review(void)
{
	struct guest_watch *guest, *next;
	int64_t now = clock_ms();

	for (guest = guests; guest; guest = next) {
		next = guest->next;
		if (!guest->seen && guest->exists)
			is_gone(guest);
		else if (guest->seen && is_strange(guest, now))
			guests_tidy_soon();
	}
}

void guests_look(void)
{
	struct domain_info *infos;
	struct guest_watch *guest;
	struct error err;
	int total, i;

	total = xen_list(xen, &infos, &err);
	if (total < 0)
		return;
	for (guest = guests; guest; guest = guest->next)
		guest->seen = false;
	pools_look_begin();
	for (i = 0; i < total; i++)
		if (noxs_is_handle(infos[i].handle))
			look_at(&infos[i]);
	free(infos);
	pools_look_end();
	review();
}

/* Whoever waits for guests that are made hears of this one, too. */
static void say_restarted(const struct guest_watch *guest,
			  uint32_t domid)
{
	struct json_object *event;
	struct error ignored;

	(void)guests_notify("created", domid, &ignored);
	event = event_new("restarted");
	doc_number(event, "domid", domid);
	doc_text(event, "name", guest->name);
	doc_number(event, "former", guest->domid);
	event_send(event);
}

static void work_succeeded(struct guest_watch *guest, uint32_t domid)
{
	if (guest->work == WORK_RESTART)
		say_restarted(guest, domid);
	else if (guest->work == WORK_REAP)
		event_of_guest("destroyed", guest->domid, guest->name);
	del(guest);
}

/* By somebody else: it is no guest any more. */
static void work_was_done(struct guest_watch *guest)
{
	if (guest->work == WORK_REAP)
		event_of_guest("destroyed", guest->domid, guest->name);
	del(guest);
}

static void work_failed(struct guest_watch *guest, const char *why)
{
	say_failed(guest, work_name(guest->work), why);
	if (++guest->tries == RUN_TRIES)
		runs_failed(guest->domid, guest->handle, why);
	set_due(guest, guest->work, policy_delay(guest->tries));
}

static void work_done(const struct job_result *result, void *arg)
{
	struct guest_watch *guest = arg;

	if (!result->ret)
		work_succeeded(guest, result->domid);
	else if (result->ret == -ESTALE)
		work_was_done(guest);
	else
		work_failed(guest, result->err.text);
	/* If it wasn't that guest after all, its domain is looked at anew. */
	guests_look();
}

static void start_work(struct guest_watch *guest)
{
	struct json_object *task;
	int ret;

	task = work_task_domain(guest->work, guest->domid, guest->handle);
	doc_number(task, "restarts", guest->restarts);
	ret = job_start(task, work_done, guest);
	if (ret)
		work_failed(guest, strerror(-ret));
	else
		guest->phase = PHASE_JOB;
}

static void tidy_done(const struct job_result *result, void *arg)
{
	(void)arg;
	tidying = false;
	if (result->ret)
		fprintf(stderr, "chaosd: tidy: %s\n", result->err.text);
	guests_look();
}

static void tidy(void)
{
	tidying = !job_start(work_task(WORK_TIDY), tidy_done, NULL);
	last_tidy = clock_ms();
	next_tidy = last_tidy + TIDY_MS;
}

static void sampling_done(const struct job_result *result, void *arg)
{
	static bool said;

	(void)arg;
	sampling = false;
	if (result->ret && !said)
		fprintf(stderr, "chaosd: history: %s\n", result->err.text);
	said = result->ret;
}

/* Where there is no guest, nobody is woken; once more when the last one has gone. */
static bool wants_sample(void)
{
	return keeps_history && !sampling && (count || sampled);
}

/* Not one of those that have to wait for one another. */
static void sample(int64_t now)
{
	const struct job_owner owner = { .done = sampling_done };
	struct error ignored;
	struct job *job;

	sampling = !job_start_for(work_task(WORK_LOOK), "", &owner, &job,
				  &ignored);
	sampled = count;
	next_sample = now + LOOK_MS;
}

static void run_due(int64_t now)
{
	struct guest_watch *guest;

	next_due = INT64_MAX;
	for (guest = guests; guest; guest = guest->next) {
		if (guest->phase != PHASE_DUE)
			continue;
		if (guest->due <= now && jobs_room())
			start_work(guest);
		if (guest->phase == PHASE_DUE && guest->due < next_due)
			next_due = guest->due;
	}
}

static void open_consoles(int64_t now)
{
	struct guest_watch *guest;
	struct record record;

	next_console = INT64_MAX;
	for (guest = guests; guest; guest = guest->next) {
		if (guest->console_due <= now && guest->phase == PHASE_LIVE &&
		    !record_load(&record, guest->domid, guest->handle)) {
			serve_console(guest, &record);
			record_free(&record);
		}
		if (guest->console_due < next_console &&
		    guest->phase == PHASE_LIVE)
			next_console = guest->console_due;
	}
}

int guests_tick(void)
{
	int64_t now = clock_ms(), next;

	if (now >= next_console)
		open_consoles(now);
	if (wants_sample() && now >= next_sample)
		sample(now);
	/* If there is no room, the end of a job calls us again. */
	if (!jobs_room())
		return -1;
	if (now >= next_tidy && !tidying)
		tidy();
	if (now >= next_due)
		run_due(now);
	next = !tidying && next_tidy < next_due ? next_tidy : next_due;
	if (next_console < next)
		next = next_console;
	if (wants_sample() && next_sample < next)
		next = next_sample;
	if (next == INT64_MAX)
		return -1;
	next -= clock_ms();
	return next < 0 ? 0 : next > WAIT_MAX ? WAIT_MAX : next;
}

static void find_unfinished(struct record *record, void *arg)
{
	struct guest_watch *guest;

	(void)arg;
	if (!record_number(record, "restarting") ||
	    xen_is_domain(xen, record->domid, record->handle))
		return;
	guest = add(record->domid, record->handle);
	if (!guest)
		return;
	strcpy(guest->name, record->name);
	guest->restarts = record_number(record, "restarts");
	set_due(guest, WORK_RESTART, policy_delay(guest->restarts));
}

void guests_init(struct xen *access, bool history)
{
	xen = access;
	keeps_history = history;
	consoles_init(console_lost);
	runs_init(remove_run);
	records_each(find_unfinished, NULL);
	guests_look();
}

/* Whether a new guest was made from a shell. */
static void say_pool(struct json_object *event, const char *pool)
{
	pools_count(pool);
	doc_text(event, "pool", *pool ? pool : NULL);
}

/* Whatever others there are. Return: whether there is such a domain. */
static bool look_at_one(uint32_t domid)
{
	struct domain_info info;

	if (xen_info(xen, domid, &info))
		return false;
	if (noxs_is_handle(info.handle))
		look_at(&info);
	return true;
}

int guests_notify(const char *event, uint32_t domid, struct error *err)
{
	struct json_object *what;
	struct record record;

	bool exists = true;

	/* What is new about one that is known isn't to be seen in it. */
	if (!strcmp(event, "created") || !by_domid[domid])
		exists = look_at_one(domid);
	if (!exists || !by_domid[domid] || !by_domid[domid]->exists)
		return error_set(err, -ENOENT, "no such guest");
	what = event_new(event);
	doc_number(what, "domid", domid);
	/* It may have been renamed. */
	if (!record_load(&record, domid, by_domid[domid]->handle)) {
		strcpy(by_domid[domid]->name, record.name);
		if (!strcmp(event, "created"))
			say_pool(what, record_text(&record, "pool"));
		record_free(&record);
	}
	doc_text(what, "name", by_domid[domid]->name);
	event_send(what);
	return 0;
}
