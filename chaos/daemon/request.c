// SPDX-License-Identifier: GPL-2.0
/*
 * What clients ask for. What changes a guest is a job, and answered when it has been done
 * (daemon/jobs.h); what changes all of them, or makes many, is one for each; all else is done
 * at once.
 */
#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/console.h"
#include "daemon/events.h"
#include "daemon/guests.h"
#include "daemon/jobs.h"
#include "daemon/pools.h"
#include "daemon/protocol.h"
#include "daemon/request.h"
#include "daemon/runs.h"
#include "daemon/server.h"
#include "daemon/watch.h"
#include "util/chaos.h"
#include "util/json.h"
#include "util/util.h"
#include "verbs/many.h"
#include "verbs/verbs.h"

#define POOLS_MS	500
/* So many guests of a call are made at a time, if the host has as many CPUs. */
#define SIDE_MIN	2
#define SIDE_MAX	16

static int answer_info(const struct request *request,
		       struct json_object *answer, struct error *err)
{
	(void)request;
	(void)err;
	protocol_info(answer);
	return 0;
}

static int answer_status(const struct request *request,
			 struct json_object *answer, struct error *err)
{
	(void)request;
	(void)err;
	doc_text(answer, "version", CHAOS_VERSION);
	doc_number(answer, "pid", getpid());
	doc_bool(answer, "virq", watching_has_virq());
	doc_number(answer, "guests", guests_count());
	doc_number(answer, "shells", pools_shells());
	doc_number(answer, "consoles", consoles_count());
	doc_number(answer, "jobs", jobs_count());
	doc_number(answer, "clients", server_clients());
	return 0;
}

/* The first one says that from now on there are others. */
static int answer_events(const struct request *request,
			 struct json_object *answer, struct error *err)
{
	(void)request;
	(void)err;
	json_object_object_add(answer, "event", event_new("ready"));
	return 0;
}

static int answer_notify(const struct request *request,
			 struct json_object *answer, struct error *err)
{
	(void)answer;
	return guests_notify(request->event, request->domid, err);
}

static int answer_console_open(const struct request *request,
			       struct json_object *answer, struct error *err)
{
	struct record record;
	int ret;

	(void)answer;
	if (record_load(&record, request->domid, request->handle))
		return error_set(err, -ENOENT, "no such guest");
	ret = consoles_open(&record, err);
	record_free(&record);
	return ret;
}

static int answer_run_stop(const struct request *request,
			   struct json_object *answer, struct error *err)
{
	(void)answer;
	return runs_stop(request->domid, request->handle, request->wait, err);
}

static int answer_console_close(const struct request *request,
				struct json_object *answer, struct error *err)
{
	bool served = consoles_close(request->domid, request->handle);

	(void)err;
	doc_bool(answer, "served", served);
	return 0;
}

/*
 * Root has changed something, or waits for it. To look takes as long as there are
 * guests: for others, however many ask, twice a second.
 */
static int answer_pools(const struct request *request,
			struct json_object *answer, struct error *err)
{
	static int64_t due;
	int64_t now = clock_ms();

	(void)err;
	if (request->root || now >= due) {
		due = now + POOLS_MS;
		pools_read();
		guests_look();
	}
	pools_describe(answer);
	return 0;
}

static int answer_description(const struct request *request,
			      struct json_object *answer, struct error *err)
{
	(void)err;
	doc_text(answer, "description", request->description);
	return 0;
}

static int (*const answers[])(const struct request *request,
			      struct json_object *answer, struct error *err) = {
	[METHOD_GET_INFO] = answer_info,
	[METHOD_GET_INTERFACE_DESCRIPTION] = answer_description,
	[METHOD_STATUS] = answer_status,
	[METHOD_EVENTS] = answer_events,
	[METHOD_POOLS] = answer_pools,
	[METHOD_NOTIFY] = answer_notify,
	[METHOD_CONSOLE_OPEN] = answer_console_open,
	[METHOD_CONSOLE_CLOSE] = answer_console_close,
	[METHOD_CREATE] = NULL,
	[METHOD_CREATE_MANY] = NULL,
	[METHOD_RUN] = NULL,
	[METHOD_RUN_AGAIN] = NULL,
	[METHOD_RUN_STOP] = answer_run_stop,
	[METHOD_CHECK] = NULL,
	[METHOD_PAUSE] = NULL,
	[METHOD_UNPAUSE] = NULL,
	[METHOD_RENAME] = NULL,
	[METHOD_DESTROY] = NULL,
	[METHOD_SHUTDOWN] = NULL,
	[METHOD_REBOOT] = NULL,
	[METHOD_SHUTDOWN_ALL] = NULL,
	[METHOD_SYSRQ] = NULL,
	[METHOD_MEMORY_SET] = NULL,
	[METHOD_MEMORY_MAX] = NULL,
	[METHOD_VCPU_SET] = NULL,
	[METHOD_VCPU_PIN] = NULL,
	[METHOD_SHARE_SET] = NULL,
	[METHOD_VIF_ADD] = NULL,
	[METHOD_VIF_DEL] = NULL,
	[METHOD_VIF_LIST] = NULL,
	[METHOD_VBD_ADD] = NULL,
	[METHOD_VBD_DEL] = NULL,
	[METHOD_VBD_RESIZE] = NULL,
	[METHOD_VBD_LIST] = NULL,
	[METHOD_HISTORY] = NULL,
	[METHOD_INFO] = NULL,
	[METHOD_LIST] = NULL,
	[METHOD_STAT] = NULL,
	[METHOD_HOST] = NULL,
	[METHOD_DEBUG_KEYS] = NULL,
};

/* Those who listen hear of what was done. */
static const char *const told[] = {
	[METHOD_CREATE] = "created",
	[METHOD_PAUSE] = "paused",
	[METHOD_UNPAUSE] = "unpaused",
	[METHOD_RENAME] = "renamed",
	[METHOD_REBOOT] = "created",
};

/**
 * struct group - what is done to all guests at a time: a job for each
 * @client: who waits for it; 0: nobody
 * @left: how many jobs there are yet
 * @failed: how many have failed
 */
struct group {
	uint64_t client;
	unsigned int left;
	unsigned int failed;
};

/**
 * struct crowd - many guests that are made: a few jobs at a time
 * @client: who waits for them; 0: nobody
 * @many: what comes next
 */
struct crowd {
	uint64_t client;
	struct many *many;
};

/**
 * struct pending - a client's job
 * @next: of all of them
 * @client: who waits for it; 0: nobody
 * @gone: whoever did
 * @method: what it is
 * @job: the job
 * @group: that it is one of, or NULL
 * @crowd: likewise
 * @member: of a crowd, which one
 * @told: those who listen were told of it
 * @parameters: of a Run
 * @domid: of one of a group, the domain that it is about
 * @name: of the guest, likewise
 */
struct pending {
	struct pending *next;
	uint64_t client;
	bool gone;
	enum request_method method;
	struct job *job;
	struct group *group;
	struct crowd *crowd;
	unsigned int member;
	bool told;
	struct json_object *parameters;
	uint32_t domid;
	char name[CONFIG_NAME_MAX + 1];
};

static struct pending *pending;

static void forget(struct pending *which)
{
	struct pending **at = &pending;

	while (*at != which)
		at = &(*at)->next;
	*at = which->next;
	json_object_put(which->parameters);
	free(which);
}

static struct pending *remember(uint64_t client, enum request_method method)
{
	struct pending *which = calloc(1, sizeof(*which));

	if (!which)
		return NULL;
	which->client = client;
	which->method = method;
	which->next = pending;
	pending = which;
	return which;
}

static struct json_object *task_of(const char *method,
				   struct json_object *parameters)
{
	struct json_object *task = json_object_new_object();

	doc_text(task, "method", method);
	json_object_object_add(task, "parameters", parameters);
	return task;
}

/* What changed nothing, nobody hears of. */
static void tell(enum request_method method, struct json_object *answer)
{
	struct json_object *changed;
	struct error ignored;

	if (json_object_object_get_ex(answer, "changed", &changed) &&
	    !json_object_get_boolean(changed))
		return;
	if (method < ARRAY_SIZE(told) && told[method])
		(void)guests_notify(told[method],
				    doc_get_number(answer, "domid"), &ignored);
}

static void undone(const struct job_result *result, void *arg)
{
	(void)arg;
	if (result->ret)
		fprintf(stderr, "chaosd: CreateUndo: %s\n", result->err.text);
}

/* Whoever wanted it has gone before he heard that it was made. */
static void undo_creation(struct json_object *made)
{
	struct json_object *parameters = json_object_new_object();
	const struct job_owner owner = { .done = undone };
	struct error err;
	struct job *job;

	doc_number(parameters, "domid", doc_get_number(made, "domid"));
	doc_text(parameters, "handle", doc_get_text(made, "handle"));
	if (job_start_next(task_of("CreateUndo", parameters), &owner, &job,
			   &err))
		fprintf(stderr, "chaosd: CreateUndo: %s\n", err.text);
}

static void job_done(const struct job_result *result, void *arg)
{
	struct pending *done = arg;
	struct json_object *answer;

	/* A guest that somebody waits for is made all the same. */
	if (!result->ret && !done->told &&
	    (!result->waits || done->method == METHOD_CREATE)) {
		tell(done->method, result->answer);
		done->told = true;
	}
	if (result->waits)
		return;
	answer = result->ret ? protocol_failed_with(result->ret, &result->err,
						    result->answer) :
		 protocol_reply(json_object_get(result->answer), false);
	server_answer(done->client, answer);
	if (done->gone && !result->ret && done->method == METHOD_CREATE)
		undo_creation(result->answer);
	forget(done);
}

/* Return: NULL, or why there is no job. */
static struct json_object *begin_job(const struct request *request,
				     struct caller *caller)
{
	struct json_object *parameters = request->parameters, *task;
	struct job_owner owner = { .done = job_done };
	struct pending *which;
	struct error err;
	int ret;

	/* What nobody hears of needn't be looked at. */
	if (request->oneway && request->shows)
		return NULL;
	which = remember(request->oneway ? 0 : caller->client, request->method);
	if (!which)
		return protocol_failed(error_no_memory(&err), &err);
	task = task_of(request->name, json_object_get(parameters));
	owner.arg = which;
	ret = request->shows ?
		job_start_look(task, &owner, &which->job, &err) :
		job_start_for(task, request->looks ? "" :
			      doc_get_text(parameters, "guest"), &owner,
			      &which->job, &err);
	if (ret) {
		forget(which);
		return protocol_failed(ret, &err);
	}
	caller->waits = which->client;
	return NULL;
}

static void run_done(const struct job_result *result, void *arg);

static int start_run(struct pending *which, struct error *err)
{
	const struct job_owner owner = { .done = run_done, .arg = which };

	return job_start_for(task_of("Run", json_object_get(which->parameters)),
			     "", &owner, &which->job, err);
}

/* What is known of the guest, once the client has it; NULL: why it can't. */
static struct json_object *attach(const struct pending *done,
				  struct json_object *known, bool *more,
				  struct error *err)
{
	static const char *const keys[] = { "name", "handle", "found", "warnings" };
	struct json_object *answer, *value;
	uint8_t handle[UUID_SIZE] = { 0 };
	size_t i;

	(void)uuid_parse(doc_get_text(known, "handle"), handle);
	answer = runs_attach(doc_get_number(known, "domid"), handle,
			     done->client,
			     doc_get_number(done->parameters, "patience"),
			     more, err);
	for (i = 0; answer && i < ARRAY_SIZE(keys); i++)
		if (json_object_object_get_ex(known, keys[i], &value))
			json_object_object_add(answer, keys[i],
					       json_object_get(value));
	return answer;
}

/* Return: why the client can't have the guest, or NULL. */
static struct json_object *hand_over(const struct pending *done,
				     struct json_object *known)
{
	struct json_object *answer;
	struct error err;
	bool more;

	answer = attach(done, known, &more, &err);
	if (!answer)
		return protocol_failed(-ENOENT, &err);
	answer = protocol_reply(answer, more);
	if (more)
		server_tell(done->client, answer);
	else
		server_answer(done->client, answer);
	return NULL;
}

static struct json_object *has_run(struct json_object *known)
{
	struct error err;

	error_set(&err, -EEXIST, "name: domain %u has it, and another chaos run",
		  (unsigned int)doc_get_number(known, "domid"));
	return protocol_failed(-EEXIST, &err);
}

/* There is one that nobody has and that has ended: it is removed, and made anew. */
static struct json_object *run_anew(struct pending *done,
				    struct json_object *known)
{
	struct error err;
	int ret;

	doc_text(done->parameters, "former", doc_get_text(known, "handle"));
	ret = start_run(done, &err);
	return ret ? protocol_failed(ret, &err) : NULL;
}

/* A guest that nobody has any more; its domain's number may be another's by now. */
static bool is_free(struct json_object *known)
{
	uint8_t handle[UUID_SIZE] = { 0 };

	(void)uuid_parse(doc_get_text(known, "handle"), handle);
	return runs_is_free(doc_get_number(known, "domid"), handle);
}

/* One that was there, and is gone by now, is looked for once more. */
static bool is_looked_for(const struct pending *done, struct json_object *known)
{
	return doc_get_bool(known, "found") &&
	       strcmp(doc_get_text(done->parameters, "former"),
		      doc_get_text(known, "handle"));
}

/* Return: why the client can't have it, or NULL; then a job may be at work for it. */
static struct json_object *give_run(struct pending *done,
				    struct json_object *known, bool *again)
{
	struct json_object *failed;

	*again = doc_get_bool(known, "found") && doc_get_bool(known, "ended");
	if (*again)
		return run_anew(done, known);
	failed = hand_over(done, known);
	*again = failed && is_looked_for(done, known);
	if (!*again)
		return failed;
	json_object_put(failed);
	return run_anew(done, known);
}

static void run_done(const struct job_result *result, void *arg)
{
	struct json_object *known = result->answer, *failed = NULL;
	bool found = doc_get_bool(known, "found"), again = false;
	struct pending *done = arg;

	if (result->waits)
		return;
	if (!result->ret && !found)
		tell(METHOD_CREATE, known);
	if (result->ret)
		failed = protocol_failed_with(result->ret, &result->err, known);
	else if (!done->gone && found && !is_free(known))
		failed = has_run(known);
	else if (!done->gone)
		failed = give_run(done, known, &again);
	if (again && !failed)
		return;
	if (failed)
		server_answer(done->client, failed);
	/* Who asks again may come too late: then it is another one's by now. */
	if (!result->ret && !found && (done->gone || failed) && is_free(known))
		undo_creation(known);
	forget(done);
}

static unsigned int count_pending(enum request_method method)
{
	const struct pending *which;
	unsigned int count = 0;

	for (which = pending; which; which = which->next)
		count += which->method == method;
	return count;
}

/* Return: NULL, or why there is no job. */
static struct json_object *begin_run(const struct request *request,
				     struct caller *caller)
{
	struct pending *which;
	struct error err;
	int ret;

	if (runs_count() + count_pending(METHOD_RUN) >= RUNS_MAX) {
		ret = error_set(&err, -EUSERS, "there are %d of them already",
				RUNS_MAX);
		return protocol_failed(ret, &err);
	}
	which = remember(caller->client, METHOD_RUN);
	if (!which)
		return protocol_failed(error_no_memory(&err), &err);
	which->parameters = json_object_get(request->parameters);
	ret = start_run(which, &err);
	if (ret) {
		forget(which);
		return protocol_failed(ret, &err);
	}
	caller->waits = true;
	return NULL;
}

static struct json_object *run_again(const struct request *request,
				     struct caller *caller)
{
	struct json_object *answer;
	struct error err;
	bool known;

	known = runs_is_free(request->domid, request->handle);
	answer = runs_attach(request->domid, request->handle, caller->client,
			     request->patience, &caller->waits, &err);
	if (!answer)
		return protocol_failed(known ? -ENOENT : -EEXIST, &err);
	return protocol_reply(answer, caller->waits);
}

static struct json_object *group_answer(const struct group *group)
{
	struct json_object *answer = json_object_new_object();

	doc_number(answer, "failed", group->failed);
	return protocol_reply(answer, false);
}

static void member_failed(struct group *group, uint32_t domid, const char *name,
			  const struct error *err)
{
	struct json_object *answer;

	answer = verb_all_failed(++group->failed, domid, name, err);
	server_tell(group->client, protocol_reply(answer, true));
}

static void leave_group(struct pending *which)
{
	struct group *group = which->group;

	forget(which);
	if (--group->left)
		return;
	server_answer(group->client, group_answer(group));
	free(group);
}

static void member_done(const struct job_result *result, void *arg)
{
	struct pending *done = arg;

	if (result->waits)
		return;
	if (result->ret)
		member_failed(done->group, done->domid, done->name,
			      &result->err);
	leave_group(done);
}

/**
 * struct joining - guests become a group
 * @group: the group
 * @method: what is done to each
 * @parameters: of the method that is about all of them
 */
struct joining {
	struct group *group;
	const char *method;
	struct json_object *parameters;
};

static void join_group(uint32_t domid, const char *name, void *arg)
{
	const struct joining *joining = arg;
	struct job_owner owner = { .done = member_done };
	struct json_object *parameters;
	struct pending *which;
	struct error err;

	parameters = verb_for_all(joining->parameters, domid);
	which = remember(joining->group->client, METHOD_SHUTDOWN);
	if (!parameters || !which) {
		error_no_memory(&err);
		json_object_put(parameters);
	} else {
		which->group = joining->group;
		which->domid = domid;
		strcpy(which->name, name);
		owner.arg = which;
		/* Whoever is asked for something keeps nobody from the guest. */
		(void)job_start_for(task_of(joining->method, parameters), "",
				    &owner, &which->job, &err);
	}
	if (which && which->job) {
		joining->group->left++;
		return;
	}
	member_failed(joining->group, domid, name, &err);
	if (which)
		forget(which);
}

/* Return: the answer if it is known already, or why there are no jobs; else NULL. */
static struct json_object *begin_group(const struct request *request,
				       struct caller *caller)
{
	struct group *group = calloc(1, sizeof(*group));
	struct joining joining = {
		.group = group, .method = "Shutdown",
		.parameters = request->parameters,
	};
	struct json_object *answer;
	struct error err;

	if (!group)
		return protocol_failed(error_no_memory(&err), &err);
	group->client = caller->client;
	guests_look();
	guests_each(join_group, &joining);
	if (group->left) {
		caller->waits = true;
		return NULL;
	}
	answer = group_answer(group);
	free(group);
	return answer;
}

static void crowd_done(const struct job_result *result, void *arg);

static void start_member(struct crowd *crowd, unsigned int member,
			 const char *method, struct json_object *parameters)
{
	struct pending *which = remember(crowd->client, METHOD_CREATE_MANY);
	const struct job_owner owner = { .done = crowd_done, .arg = which };
	struct error err;
	int ret;

	if (!which) {
		ret = error_no_memory(&err);
		json_object_put(parameters);
	} else {
		which->crowd = crowd;
		which->member = member;
		ret = job_start_next(task_of(method, parameters), &owner,
				     &which->job, &err);
		if (!ret)
			return;
		forget(which);
	}
	(void)many_done(crowd->many, member, ret, NULL, &err);
}

/* Return: the answer, if there is nothing left to do; else NULL. */
static struct json_object *go_on(struct crowd *crowd)
{
	struct json_object *parameters, *answer, *said;
	unsigned int member;
	const char *method;
	struct error err;
	int ret;

	while (many_next(crowd->many, &member, &method, &parameters))
		start_member(crowd, member, method, parameters);
	if (!many_ended(crowd->many))
		return NULL;
	ret = many_end(crowd->many, &said, &err);
	if (!ret)
		return protocol_reply(said, false);
	answer = protocol_failed_with(ret, &err, said);
	json_object_put(said);
	return answer;
}

static void crowd_go_on(struct crowd *crowd)
{
	struct json_object *answer = go_on(crowd);

	if (!answer)
		return;
	server_answer(crowd->client, answer);
	free(crowd);
}

static void crowd_done(const struct job_result *result, void *arg)
{
	struct pending *done = arg;
	struct crowd *crowd = done->crowd;
	struct json_object *told;

	if (result->waits)
		return;
	told = many_done(crowd->many, done->member, result->ret, result->answer,
			 &result->err);
	if (told) {
		tell(METHOD_CREATE, told);
		server_tell(crowd->client, protocol_reply(told, true));
	}
	forget(done);
	crowd_go_on(crowd);
}

static unsigned int count_side(void)
{
	long count = sysconf(_SC_NPROCESSORS_ONLN);

	if (count < SIDE_MIN)
		return SIDE_MIN;
	return count < SIDE_MAX ? count : SIDE_MAX;
}

/* Return: NULL, or why there are no jobs. */
static struct json_object *begin_crowd(const struct request *request,
				       struct caller *caller)
{
	struct crowd *crowd = calloc(1, sizeof(*crowd));
	struct json_object *answer;
	struct error err;

	if (crowd)
		crowd->many = many_begin(request->parameters, count_side());
	if (!crowd || !crowd->many) {
		free(crowd);
		return protocol_failed(error_no_memory(&err), &err);
	}
	crowd->client = caller->client;
	answer = go_on(crowd);
	if (answer)
		free(crowd);
	else
		caller->waits = true;
	return answer;
}

/* What removes them goes on; all else is given up, and then they are removed. */
static void leave_crowd(struct pending *which)
{
	struct crowd *crowd = which->crowd;
	struct error err;

	crowd->client = 0;
	if (!many_stop(crowd->many) || job_give_up(which->job))
		return;
	error_set(&err, -EINTR, "interrupted");
	(void)many_done(crowd->many, which->member, -EINTR, NULL, &err);
	forget(which);
	crowd_go_on(crowd);
}

static bool is_asked_again(const struct pending *which)
{
	return which->method == METHOD_CREATE ||
	       which->method == METHOD_CREATE_MANY ||
	       which->method == METHOD_RUN;
}

/* @but: what isn't given up. */
static void abandon(uint64_t client, bool (*but)(const struct pending *which))
{
	struct pending *which, *next;

	for (which = pending; which; which = next) {
		next = which->next;
		if (which->client != client || (but && but(which)))
			continue;
		which->client = 0;
		which->gone = true;
		if (which->crowd) {
			leave_crowd(which);
			continue;
		}
		if (which->group)
			which->group->client = 0;
		if (job_give_up(which->job))
			continue;
		if (which->group)
			leave_group(which);
		else
			forget(which);
	}
}

void request_abandon(uint64_t client)
{
	runs_abandon(client);
	abandon(client, NULL);
}

void request_close(uint64_t client)
{
	abandon(client, is_asked_again);
}

static struct json_object *do_request(const struct request *request,
				      struct caller *caller)
{
	struct json_object *answer = json_object_new_object();
	struct error err;
	int ret;

	ret = answers[request->method](request, answer, &err);
	if (ret) {
		json_object_put(answer);
		return protocol_failed(ret, &err);
	}
	caller->listens = request->method == METHOD_EVENTS;
	return protocol_reply(answer, caller->listens);
}

struct json_object *request_answer(const char *text, size_t len,
				   struct caller *caller)
{
	struct json_object *answer;
	struct request request;

	answer = protocol_parse(text, len, caller->root, &request);
	if (!answer && answers[request.method])
		answer = do_request(&request, caller);
	else if (!answer && request.method == METHOD_SHUTDOWN_ALL)
		answer = begin_group(&request, caller);
	else if (!answer && request.method == METHOD_CREATE_MANY)
		answer = begin_crowd(&request, caller);
	else if (!answer && request.method == METHOD_RUN)
		answer = begin_run(&request, caller);
	else if (!answer && request.method == METHOD_RUN_AGAIN)
		answer = run_again(&request, caller);
	else if (!answer)
		answer = begin_job(&request, caller);
	json_object_put(request.parameters);
	if (!request.oneway)
		return answer;
	json_object_put(answer);
	return NULL;
}
