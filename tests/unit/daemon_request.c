// SPDX-License-Identifier: GPL-2.0
/*
 * chaos/daemon/request.c: what a call makes chaosd do. The rest of chaosd is played
 * here, and so is the time.
 */
#include "harness.h"

#include <json-c/json.h>
#include <time.h>
#include <unistd.h>

#include "daemon/console.h"
#include "daemon/events.h"
#include "daemon/guests.h"
#include "daemon/jobs.h"
#include "daemon/pools.h"
#include "daemon/request.h"
#include "daemon/runs.h"
#include "daemon/server.h"
#include "daemon/watch.h"
#include "guest/check.h"
#include "verbs/verbs.h"

static int64_t now_ms;
static unsigned int nr_reads, nr_looks;

int __wrap_clock_gettime(clockid_t clock, struct timespec *time);

int __wrap_clock_gettime(clockid_t clock, struct timespec *time)
{
	assert_int_equal(clock, CLOCK_MONOTONIC);
	time->tv_sec = now_ms / 1000;
	time->tv_nsec = now_ms % 1000 * 1000000;
	return 0;
}

long __wrap_sysconf(int name);

/* Of CPUs. */
long __wrap_sysconf(int name)
{
	assert_int_equal(name, _SC_NPROCESSORS_ONLN);
	return 1;
}

unsigned int guests_count(void)
{
	return 1;
}

void guests_look(void)
{
	nr_looks++;
}

/* Two guests, if there are any. */
static bool has_guests;

void guests_each(void (*fn)(uint32_t domid, const char *name, void *arg),
		 void *arg)
{
	if (!has_guests)
		return;
	fn(7, "a", arg);
	fn(8, "b", arg);
}

static char told[64];

int guests_notify(const char *event, uint32_t domid, struct error *err)
{
	snprintf(told, sizeof(told), "%s %u", event, domid);
	return domid == 7 ? 0 : error_set(err, -ENOENT, "no such guest");
}

/* The job that was started last, and the one that was given up. */
static struct {
	char task[256];
	char guest[32];
	void (*done)(const struct job_result *result, void *arg);
	void *arg;
} job;

/* Those that aren't done, of all guests. */
static void *args[4];
static unsigned int nr_args;
static bool no_room, begun;
static unsigned int nr_given_up, nr_looking;

static int no_room_ret = -EUSERS;

int job_start_for(struct json_object *task, const char *guest,
		  const struct job_owner *owner, struct job **which,
		  struct error *err)
{
	snprintf(job.task, sizeof(job.task), "%s",
		 json_object_to_json_string_ext(task, JSON_C_TO_STRING_PLAIN));
	snprintf(job.guest, sizeof(job.guest), "%s", guest);
	job.done = owner->done;
	job.arg = owner->arg;
	args[nr_args++ % ARRAY_SIZE(args)] = owner->arg;
	json_object_put(task);
	*which = no_room ? NULL : (struct job *)&job;
	return no_room ? error_set(err, no_room_ret, "too many") : 0;
}

int job_start_next(struct json_object *task, const struct job_owner *owner,
		   struct job **which, struct error *err)
{
	return job_start_for(task, "", owner, which, err);
}

int job_start_look(struct json_object *task, const struct job_owner *owner,
		   struct job **which, struct error *err)
{
	nr_looking++;
	return job_start_for(task, "", owner, which, err);
}

bool job_give_up(struct job *which)
{
	assert_ptr_equal(which, &job);
	nr_given_up++;
	return begun;
}

/* What clients were told later, and which one it was. */
static char later[256];
static uint64_t later_client;

void server_answer(uint64_t client, struct json_object *answer)
{
	later_client = client;
	snprintf(later, sizeof(later), "%s",
		 json_object_to_json_string_ext(answer, JSON_C_TO_STRING_PLAIN));
	json_object_put(answer);
}

/* What it is told before that. */
static char meanwhile[256];

void server_tell(uint64_t client, struct json_object *answer)
{
	later_client = client;
	snprintf(meanwhile, sizeof(meanwhile), "%s",
		 json_object_to_json_string_ext(answer, JSON_C_TO_STRING_PLAIN));
	json_object_put(answer);
}

/* Of guest 7, whether somebody has it, what its client hears, and who it is. */
static bool is_free, is_known, has_ended;
static uint64_t run_client, run_gone;
static int run_wait;
static unsigned int nr_runs;

bool runs_is_free(uint32_t domid, const uint8_t *handle)
{
	assert_int_equal(domid, 7);
	assert_int_equal(handle[0], 1);
	return is_free;
}

struct json_object *runs_attach(uint32_t domid, const uint8_t *handle,
				uint64_t client, int patience, bool *more,
				struct error *err)
{
	struct json_object *answer;

	assert_int_equal(domid, 7);
	assert_int_equal(handle[0], 1);
	assert_int_equal(patience, 9);
	*more = false;
	if (!is_known || !is_free) {
		error_set(err, -ENOENT, "no such run");
		return NULL;
	}
	*more = !has_ended;
	run_client = client;
	answer = json_object_new_object();
	json_object_object_add(answer, "domid", json_object_new_int(domid));
	return answer;
}

int runs_stop(uint32_t domid, const uint8_t *handle, int wait,
	      struct error *err)
{
	assert_int_equal(domid, 7);
	assert_int_equal(handle[0], 1);
	run_wait = wait;
	return is_known ? 0 : error_set(err, -ENOENT, "no such run");
}

void runs_abandon(uint64_t client)
{
	run_gone = client;
}

unsigned int runs_count(void)
{
	return nr_runs;
}

void pools_read(void)
{
	nr_reads++;
}

void pools_describe(struct json_object *answer)
{
	json_object_object_add(answer, "looks", json_object_new_int(nr_looks));
}

unsigned int pools_shells(void)
{
	return 2;
}

unsigned int consoles_count(void)
{
	return 3;
}

int consoles_open(const struct record *record, struct error *err)
{
	(void)record;
	(void)err;
	return 0;
}

bool consoles_close(uint32_t domid, const uint8_t *handle)
{
	(void)handle;
	return domid == 7;
}

unsigned int jobs_count(void)
{
	return 4;
}

unsigned int server_clients(void)
{
	return 5;
}

bool watching_has_virq(void)
{
	return true;
}

struct json_object *event_new(const char *event)
{
	struct json_object *doc = json_object_new_object();

	json_object_object_add(doc, "event", json_object_new_string(event));
	return doc;
}

int record_load(struct record *record, uint32_t domid, const uint8_t *handle)
{
	(void)record;
	(void)handle;
	return domid == 7 ? 0 : -ENOENT;
}

void record_free(struct record *record)
{
	(void)record;
}

/* Nothing is done here. */
int verb_do(struct access *access, const char *method,
	    struct json_object *parameters, struct json_object **answer,
	    struct error *err)
{
	(void)access;
	(void)parameters;
	*answer = NULL;
	return error_set(err, -EOPNOTSUPP, "%s", method);
}

bool guest_number_name(const char *name, unsigned int number, char *numbered)
{
	return sprintf(numbered, "%s-%u", name, number);
}

static struct caller caller;

/* The answer's text; "" if there is none. */
static const char *ask(const char *call, bool root)
{
	static char text[512];
	struct json_object *answer;

	caller = (struct caller){ .client = 5, .root = root };
	answer = request_answer(call, strlen(call), &caller);
	*text = '\0';
	if (answer)
		snprintf(text, sizeof(text), "%s",
			 json_object_to_json_string_ext(answer,
							JSON_C_TO_STRING_PLAIN));
	json_object_put(answer);
	return text;
}

#define POOLS	"{\"method\":\"org.noxs.chaos.Pools\"}"

#define NOTIFY(domid) \
	"{\"method\":\"org.noxs.chaos.Notify\",\"parameters\":" \
	"{\"event\":\"created\",\"domid\":" domid "}}"

/* To look costs what the guests are: for whoever isn't root, twice a second. */
static void test_pools(void **state)
{
	int i;

	(void)state;
	now_ms = 10000;
	for (i = 0; i < 100; i++)
		assert_string_equal(ask(POOLS, false), "{\"parameters\":{\"looks\":1}}");
	assert_int_equal(nr_reads, 1);
	now_ms += 499;
	ask(POOLS, false);
	assert_int_equal(nr_looks, 1);
	now_ms += 1;
	ask(POOLS, false);
	assert_int_equal(nr_looks, 2);
	/* Root has what it just changed, and others have that, too. */
	ask(POOLS, true);
	assert_string_equal(ask(POOLS, true), "{\"parameters\":{\"looks\":4}}");
	ask(POOLS, false);
	assert_int_equal(nr_looks, 4);
	assert_int_equal(nr_reads, 4);
}

static void test_others(void **state)
{
	(void)state;
	nr_looks = 0;
	assert_non_null(strstr(ask("{\"method\":\"org.noxs.chaos.Status\"}",
				   false),
			       "\"shells\":2,\"consoles\":3,\"jobs\":4"));
	assert_string_equal(ask("{\"method\":\"org.noxs.chaos.Status\",\"oneway\":true}",
				false), "");
	assert_string_equal(ask("{\"method\":\"org.noxs.chaos.Events\",\"more\":true}",
				false),
			    "{\"parameters\":{\"event\":{\"event\":\"ready\"}},\"continues\":true}");
	assert_true(caller.listens);
	assert_non_null(strstr(ask(NOTIFY("7"), false), "PermissionDenied"));
	assert_string_equal(ask(NOTIFY("7"), true), "{\"parameters\":{}}");
	assert_non_null(strstr(ask(NOTIFY("8"), true), "no such guest"));
	assert_int_equal(nr_looks, 0);
	assert_false(caller.listens);
}

#define PAUSE(flag) \
	"{\"method\":\"org.noxs.chaos.Pause\"" flag ",\"parameters\":" \
	"{\"guest\":\"a\"}}"

static void finish(int ret, bool changed)
{
	struct job_result result = { .ret = ret };

	*told = '\0';
	error_set(&result.err, ret, "why not");
	if (!ret) {
		result.answer = json_object_new_object();
		json_object_object_add(result.answer, "domid",
				       json_object_new_int(7));
		json_object_object_add(result.answer, "changed",
				       json_object_new_boolean(changed));
	}
	job.done(&result, job.arg);
	json_object_put(result.answer);
}

static void test_jobs(void **state)
{
	(void)state;
	assert_non_null(strstr(ask(PAUSE(""), false), "PermissionDenied"));
	assert_string_equal(job.task, "");
	assert_string_equal(ask(PAUSE(""), true), "");
	assert_true(caller.waits);
	assert_string_equal(job.task,
			    "{\"method\":\"Pause\",\"parameters\":{\"guest\":\"a\"}}");
	assert_string_equal(job.guest, "a");
	finish(0, true);
	assert_int_equal(later_client, 5);
	assert_string_equal(later, "{\"parameters\":{\"domid\":7,\"changed\":true}}");
	assert_string_equal(told, "paused 7");
	/* It was paused before: nothing has happened. */
	ask(PAUSE(""), true);
	finish(0, false);
	assert_string_equal(told, "");
	ask(PAUSE(""), true);
	finish(-EBUSY, true);
	assert_non_null(strstr(later, "\"org.noxs.chaos.Failed\""));
	assert_non_null(strstr(later, "{\"text\":\"why not\",\"errno\":16}"));
	assert_string_equal(told, "");
	/* Whoever wants no answer doesn't wait, and it is done all the same. */
	ask(PAUSE(",\"oneway\":true"), true);
	assert_false(caller.waits);
	request_abandon(5);
	assert_int_equal(nr_given_up, 0);
	finish(0, true);
	assert_int_equal(later_client, 0);
	assert_string_equal(told, "paused 7");
	/* Who only looks waits for nobody. */
	ask("{\"method\":\"org.noxs.chaos.VifList\",\"parameters\":{\"guest\":\"a\"}}",
	    true);
	assert_string_equal(job.guest, "");
	assert_int_equal(nr_looking, 1);
	finish(0, true);
	assert_string_equal(told, "");
	/* If nobody hears of it, it isn't done. */
	ask("{\"method\":\"org.noxs.chaos.List\",\"oneway\":true,\"parameters\":{}}", true);
	assert_int_equal(nr_looking, 1);
	no_room = true;
	assert_non_null(strstr(ask(PAUSE(""), true), "too many"));
	assert_false(caller.waits);
	no_room = false;
}

static void test_abandoned(void **state)
{
	(void)state;
	nr_given_up = 0;
	ask(PAUSE(""), true);
	request_abandon(4);
	assert_int_equal(nr_given_up, 0);
	request_abandon(5);
	assert_int_equal(nr_given_up, 1);
	/* What has begun ends, and all but the client hear of it. */
	begun = true;
	ask(PAUSE(""), true);
	request_abandon(5);
	assert_int_equal(nr_given_up, 2);
	finish(0, true);
	assert_int_equal(later_client, 0);
	assert_string_equal(told, "paused 7");
}

#define CREATE_CALL \
	"\"method\":\"org.noxs.chaos.Create\",\"parameters\":{\"config\":\"c\"," \
	"\"file\":\"f\",\"directory\":\"/\",\"paused\":false,\"wait\":9}}"
#define CREATE	"{" CREATE_CALL
#define RUN \
	"{\"method\":\"org.noxs.chaos.Run\",\"more\":true,\"parameters\":" \
	"{\"config\":\"c\",\"file\":\"f\",\"directory\":\"/\"," \
	"\"paused\":true,\"patience\":9}}"

static void wait_on(void)
{
	struct job_result result = { .waits = true };

	*told = '\0';
	*later = '\0';
	result.answer = json_object_new_object();
	json_object_object_add(result.answer, "domid", json_object_new_int(7));
	job.done(&result, job.arg);
	json_object_put(result.answer);
	assert_string_equal(later, "");
}

/* What waits isn't done, but for a guest that is made; and that is told once. */
static void test_waits(void **state)
{
	(void)state;
	ask(CREATE, true);
	assert_true(caller.waits);
	assert_string_equal(job.guest, "");
	wait_on();
	assert_string_equal(told, "created 7");
	finish(0, true);
	assert_string_equal(told, "");
	assert_string_equal(later, "{\"parameters\":{\"domid\":7,\"changed\":true}}");
	ask(CREATE, true);
	finish(0, true);
	assert_string_equal(told, "created 7");
	ask(PAUSE(""), true);
	wait_on();
	assert_string_equal(told, "");
	finish(0, true);
	assert_string_equal(told, "paused 7");
}

#define HANDLE	"01000000-0000-0000-0000-000000000000"

/* What a worker says of a guest that it has made, or found. */
static void finish_making(const char *says)
{
	struct job_result result = {
		.answer = json_tokener_parse(says),
	};

	*told = '\0';
	*later = '\0';
	*meanwhile = '\0';
	*job.task = '\0';
	assert_non_null(result.answer);
	job.done(&result, job.arg);
	json_object_put(result.answer);
}

#define MADE \
	"{\"name\":\"a\",\"warnings\":[],\"domid\":7,\"handle\":\"" HANDLE "\"}"

#define UNDO \
	"{\"method\":\"CreateUndo\",\"parameters\":{\"domid\":7," \
	"\"handle\":\"" HANDLE "\"}}"

/* Who has gone before he heard of his guest doesn't leave it behind. */
static void test_made_for_nobody(void **state)
{
	(void)state;
	begun = true;
	ask(CREATE, true);
	request_abandon(5);
	finish_making(MADE);
	assert_string_equal(told, "created 7");
	assert_string_equal(job.task, UNDO);
	finish(-EBUSY, true);
	ask(CREATE, true);
	finish_making(MADE);
	assert_string_equal(job.task, "");
	/* Nobody was to hear of it. */
	ask("{\"oneway\":true," CREATE_CALL, true);
	finish_making(MADE);
	assert_string_equal(job.task, "");
	ask(CREATE, true);
	request_abandon(5);
	finish(-EINTR, true);
	assert_string_equal(told, "");
	ask(CREATE, true);
	request_abandon(5);
	no_room = true;
	finish_making(MADE);
	no_room = false;
	begun = false;
}

/* The reason is what it is. */
static void test_not_begun(void **state)
{
	(void)state;
	no_room = true;
	no_room_ret = -E2BIG;
	assert_non_null(strstr(ask(CREATE, true), "\"errno\":7}"));
	no_room_ret = -ENOMEM;
	assert_non_null(strstr(ask(CREATE, true), "\"errno\":12}"));
	assert_non_null(strstr(ask(RUN, true), "\"errno\":12}"));
	no_room_ret = -EUSERS;
	no_room = false;
}

#define FOUND(ended) \
	"{\"name\":\"a\",\"domid\":7,\"handle\":\"" HANDLE "\"," \
	"\"found\":true,\"ended\":" ended "}"

static void test_run(void **state)
{
	(void)state;
	is_free = true;
	is_known = true;
	nr_given_up = 0;
	assert_string_equal(ask(RUN, true), "");
	assert_true(caller.waits);
	assert_string_equal(job.guest, "");
	assert_non_null(strstr(job.task, "{\"method\":\"Run\",\"parameters\":{\"config\":\"c\""));
	finish_making(MADE);
	assert_string_equal(told, "created 7");
	assert_int_equal(run_client, 5);
	assert_int_equal(later_client, 5);
	assert_string_equal(meanwhile, "{\"parameters\":{\"domid\":7,\"name\":\"a\",\"handle\":\""
			    HANDLE "\",\"warnings\":[]},\"continues\":true}");
	assert_string_equal(later, "");
	request_abandon(5);
	assert_int_equal(run_gone, 5);
	assert_int_equal(nr_given_up, 0);
	ask(RUN, true);
	finish(-ENOMEM, true);
	assert_non_null(strstr(later, "\"errno\":12"));
	/* chaosd hasn't seen it: it isn't left behind. */
	is_known = false;
	ask(RUN, true);
	finish_making(MADE);
	assert_non_null(strstr(later, "\"text\":\"no such run\",\"errno\":2"));
	assert_string_equal(job.task, UNDO);
	is_known = true;
	/* Others have had it, as it was made for him once. */
	is_free = false;
	ask(RUN, true);
	finish_making(MADE);
	assert_non_null(strstr(later, "\"errno\":2"));
	assert_string_equal(job.task, "");
	is_free = true;
	/* While it is made, who wants it goes. */
	begun = true;
	run_client = 0;
	ask(RUN, true);
	request_abandon(5);
	assert_int_equal(nr_given_up, 1);
	finish_making(MADE);
	assert_string_equal(job.task, UNDO);
	assert_int_equal(run_client, 0);
	begun = false;
	/* There is a limit. */
	nr_runs = RUNS_MAX - 1;
	assert_string_equal(ask(RUN, true), "");
	assert_non_null(strstr(ask(RUN, true), "there are 4096 of them already"));
	assert_false(caller.waits);
	nr_runs = 0;
	request_abandon(5);
}

/* One that is there is somebody's, or whose that comes, if it hasn't ended. */
static void test_run_is_there(void **state)
{
	(void)state;
	is_free = false;
	ask(RUN, true);
	finish_making(FOUND("false"));
	assert_string_equal(told, "");
	assert_non_null(strstr(later, "name: domain 7 has it, and another chaos run"));
	assert_string_equal(job.task, "");
	is_free = true;
	ask(RUN, true);
	finish_making(FOUND("false"));
	assert_string_equal(told, "");
	assert_non_null(strstr(meanwhile, "\"found\":true}"));
	/* The end of one that was kept is all that there is to hear. */
	has_ended = true;
	ask(RUN, true);
	finish_making(FOUND("false"));
	assert_string_equal(meanwhile, "");
	assert_non_null(strstr(later, "\"domid\":7"));
	has_ended = false;
	ask(RUN, true);
	finish_making(FOUND("true"));
	assert_string_equal(later, "");
	assert_non_null(strstr(job.task, "\"former\":\"" HANDLE "\""));
	finish_making(MADE);
	assert_string_equal(told, "created 7");
	assert_int_equal(run_client, 5);
	ask(RUN, true);
	no_room = true;
	finish_making(FOUND("true"));
	no_room = false;
	assert_non_null(strstr(later, "too many"));
	/* It has gone meanwhile: once more, if it is that one. */
	is_known = false;
	ask(RUN, true);
	finish_making(FOUND("false"));
	assert_string_equal(later, "");
	assert_non_null(strstr(job.task, "\"former\":\"" HANDLE "\""));
	finish_making(FOUND("false"));
	assert_non_null(strstr(later, "\"text\":\"no such run\",\"errno\":2"));
	is_known = true;
	/* It is nobody's business any more. */
	begun = true;
	ask(RUN, true);
	request_abandon(5);
	finish_making(FOUND("true"));
	assert_string_equal(job.task, "");
	begun = false;
}

#define OF_DOMAIN(method, more) \
	"{\"method\":\"org.noxs.chaos." method "\",\"more\":true," \
	"\"parameters\":{\"domid\":7,\"handle\":\"" HANDLE "\"," more "}}"

static void test_run_again(void **state)
{
	(void)state;
	assert_string_equal(ask(OF_DOMAIN("RunAgain", "\"patience\":9"), true),
			    "{\"parameters\":{\"domid\":7},\"continues\":true}");
	assert_true(caller.waits);
	has_ended = true;
	assert_string_equal(ask(OF_DOMAIN("RunAgain", "\"patience\":9"), true),
			    "{\"parameters\":{\"domid\":7}}");
	assert_false(caller.waits);
	has_ended = false;
	is_known = false;
	assert_non_null(strstr(ask(OF_DOMAIN("RunAgain", "\"patience\":9"), true),
			       "\"errno\":2}"));
	assert_non_null(strstr(ask(OF_DOMAIN("RunStop", "\"wait\":8"), true),
			       "\"errno\":2}"));
	is_free = false;
	assert_non_null(strstr(ask(OF_DOMAIN("RunAgain", "\"patience\":9"), true),
			       "\"errno\":17}"));
	assert_false(caller.waits);
	is_known = true;
	assert_string_equal(ask(OF_DOMAIN("RunStop", "\"wait\":8"), true),
			    "{\"parameters\":{}}");
	assert_int_equal(run_wait, 8);
}

#define SHUTDOWN_ALL \
	"{\"method\":\"org.noxs.chaos.ShutdownAll\",\"parameters\":" \
	"{\"wait\":9,\"force\":true},\"more\":true}"

#define TASK_OF_B \
	"{\"method\":\"Shutdown\",\"parameters\":" \
	"{\"wait\":9,\"force\":true,\"guest\":\"8\",\"all\":true}}"

#define B_FAILED \
	"{\"parameters\":{\"failed\":1,\"domid\":8,\"guest\":\"b\"," \
	"\"text\":\"why not\"},\"continues\":true}"

/* @which: of the two guests. */
static void finish_one(unsigned int which, int ret)
{
	job.arg = args[which];
	*later = '\0';
	*meanwhile = '\0';
	finish(ret, true);
}

static void begin_all(void)
{
	nr_args = 0;
	assert_string_equal(ask(SHUTDOWN_ALL, true), "");
	assert_true(caller.waits);
	assert_int_equal(nr_args, 2);
}

/* A job for each, and one answer when all are done. */
static void test_all(void **state)
{
	(void)state;
	assert_string_equal(ask(SHUTDOWN_ALL, true),
			    "{\"parameters\":{\"failed\":0}}");
	assert_false(caller.waits);
	has_guests = true;
	begin_all();
	assert_string_equal(job.guest, "");
	assert_string_equal(job.task, TASK_OF_B);
	finish_one(1, -ETIMEDOUT);
	assert_int_equal(later_client, 5);
	assert_string_equal(meanwhile, B_FAILED);
	assert_string_equal(later, "");
	finish_one(0, 0);
	assert_string_equal(meanwhile, "");
	assert_string_equal(later, "{\"parameters\":{\"failed\":1}}");
	assert_string_equal(told, "");
	/* What can't be begun. */
	no_room = true;
	*meanwhile = '\0';
	assert_string_equal(ask(SHUTDOWN_ALL, true),
			    "{\"parameters\":{\"failed\":2}}");
	assert_non_null(strstr(meanwhile, "\"text\":\"too many\""));
	no_room = false;
}

static void test_all_abandoned(void **state)
{
	(void)state;
	begun = true;
	begin_all();
	nr_given_up = 0;
	request_abandon(5);
	assert_int_equal(nr_given_up, 2);
	finish_one(0, -EINTR);
	assert_int_equal(later_client, 0);
	finish_one(1, 0);
	assert_int_equal(later_client, 0);
	begun = false;
	begin_all();
	request_abandon(5);
	assert_int_equal(later_client, 0);
	has_guests = false;
}

/* As chaosd ends: who had a guest made asks the next one for it. */
static void test_closed(void **state)
{
	(void)state;
	nr_given_up = 0;
	begun = true;
	ask(PAUSE(""), true);
	request_close(5);
	assert_int_equal(nr_given_up, 1);
	finish(-EINTR, true);
	ask(CREATE, true);
	request_close(5);
	assert_int_equal(nr_given_up, 1);
	request_abandon(5);
	assert_int_equal(nr_given_up, 2);
	finish(-EINTR, true);
	begun = false;
}

#define CREATE_MANY \
	"{\"method\":\"org.noxs.chaos.CreateMany\",\"parameters\":{\"config\":\"c\"," \
	"\"file\":\"f\",\"directory\":\"/\",\"count\":2,\"paused\":false," \
	"\"wait\":0,\"token\":\"t\"},\"more\":true}"

#define MADE_1 \
	"{\"parameters\":{\"made\":1,\"number\":1,\"name\":\"\",\"domid\":7," \
	"\"handle\":\"\"},\"continues\":true}"

/* Two jobs at a time, on any machine. */
static void begin_two(void)
{
	nr_args = 0;
	assert_string_equal(ask(CREATE_MANY, true), "");
	assert_true(caller.waits);
	assert_int_equal(nr_args, 1);
	assert_non_null(strstr(job.task, "{\"method\":\"CreateMany\""));
	finish_one(0, 0);
	assert_int_equal(nr_args, 3);
	assert_non_null(strstr(job.task, "\"number\":2,\"token\":\"t-2\""));
	assert_string_equal(job.guest, "");
}

/* They come as they are made, and an answer when they run. */
static void test_many(void **state)
{
	(void)state;
	begin_two();
	finish_one(1, 0);
	assert_string_equal(meanwhile, MADE_1);
	assert_string_equal(told, "created 7");
	assert_string_equal(later, "");
	finish_one(2, 0);
	assert_non_null(strstr(job.task, "{\"method\":\"Unpause\""));
	assert_int_equal(nr_args, 5);
	wait_on();
	finish_one(3 % 4, 0);
	assert_string_equal(later, "");
	finish_one(4 % 4, 0);
	assert_int_equal(later_client, 5);
	assert_non_null(strstr(later, "\"made\":2"));
	/* One can't be made, and so none is left. */
	begin_two();
	finish_one(2, -ENOMEM);
	assert_int_equal(nr_args, 3);
	finish_one(1, 0);
	assert_int_equal(nr_args, 5);
	assert_non_null(strstr(job.task, "{\"method\":\"CreateUndo\""));
	finish_one(3 % 4, 0);
	finish_one(4 % 4, 0);
	/* Nor of those that were made before, with the same token. */
	assert_string_equal(later, "");
	assert_int_equal(nr_args, 6);
	assert_non_null(strstr(job.task, "{\"method\":\"CreateUndoRest\""));
	finish_one(5 % 4, 0);
	assert_non_null(strstr(later, "\"text\":\"-2: why not\",\"errno\":12"));
	no_room = true;
	assert_non_null(strstr(ask(CREATE_MANY, true), "too many"));
	assert_false(caller.waits);
	no_room = false;
}

static void test_many_abandoned(void **state)
{
	(void)state;
	begun = true;
	begin_two();
	nr_given_up = 0;
	request_abandon(5);
	assert_int_equal(nr_given_up, 2);
	finish_one(1, -EINTR);
	finish_one(2, -EINTR);
	assert_int_equal(nr_args, 5);
	/* What removes them isn't given up. */
	request_abandon(5);
	assert_int_equal(nr_given_up, 2);
	finish_one(3 % 4, 0);
	finish_one(4 % 4, -EBUSY);
	finish_one(5 % 4, 0);
	assert_int_equal(later_client, 0);
	assert_non_null(strstr(later, "interrupted; and undoing -2: why not"));
	/* Jobs that hadn't begun. */
	begun = false;
	begin_two();
	request_abandon(5);
	assert_int_equal(nr_args, 5);
	finish_one(3 % 4, 0);
	finish_one(4 % 4, 0);
	finish_one(5 % 4, 0);
	assert_int_equal(later_client, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pools),
		cmocka_unit_test(test_others),
		cmocka_unit_test(test_jobs),
		cmocka_unit_test(test_abandoned),
		cmocka_unit_test(test_closed),
		cmocka_unit_test(test_waits),
		cmocka_unit_test(test_made_for_nobody),
		cmocka_unit_test(test_not_begun),
		cmocka_unit_test(test_run),
		cmocka_unit_test(test_run_is_there),
		cmocka_unit_test(test_run_again),
		cmocka_unit_test(test_all),
		cmocka_unit_test(test_all_abandoned),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_many_abandoned),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
