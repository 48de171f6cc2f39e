// SPDX-License-Identifier: GPL-2.0
/*
 * chaos/daemon/runs.c: who has a guest that is run, what he is told, and what becomes of one
 * that nobody has. Jobs, clients, guests and the time are the test's own.
 */
#include "harness.h"

#include <json-c/json.h>
#include <time.h>

#include "daemon/jobs.h"
#include "daemon/runs.h"
#include "daemon/server.h"
#include "util/json.h"

#define DOMID		7
#define CLIENT		5
#define PATIENCE	1000
#define TASK(wait) \
	"{\"method\":\"Shutdown\",\"parameters\":{\"guest\":\"7\"," \
	"\"wait\":" wait ",\"force\":false}}"
#define SAYS(end, status) \
	"{\"parameters\":{\"domid\":7,\"end\":\"" end "\",\"status\":" status "}"
#define LAST(end, status)	SAYS(end, status) "}"
#define MORE(end, status)	SAYS(end, status) ",\"continues\":true}"

static const uint8_t handle[UUID_SIZE] = { 1 }, other[UUID_SIZE] = { 2 };
static int64_t now_ms;
static int patience;
/* What a worker writes down of a job that asks it. */
static int64_t stop_until;
static bool stop_told;
static struct error err;

/* The job that asks it to shut down, if there is one. */
static char task[256];
static struct job_owner job;
static bool no_room, begun;
static unsigned int nr_given_up, nr_removed;
/* What its client was told, and last. */
static char told[256], last[256];

int __wrap_clock_gettime(clockid_t clock, struct timespec *time);

int __wrap_clock_gettime(clockid_t clock, struct timespec *time)
{
	assert_int_equal(clock, CLOCK_MONOTONIC);
	time->tv_sec = now_ms / 1000;
	time->tv_nsec = now_ms % 1000 * 1000000;
	return 0;
}

int64_t record_number(const struct record *record, const char *key)
{
	(void)record;
	if (!strcmp(key, "stop_until"))
		return stop_until;
	if (!strcmp(key, "stop_told"))
		return stop_told;
	assert_string_equal(key, "patience");
	return patience;
}

const char *ending_name(enum ending ending)
{
	static const char *const names[] = {
		[ENDING_POWEROFF] = "poweroff", [ENDING_REBOOT] = "reboot",
		[ENDING_SUSPEND] = "suspend", [ENDING_CRASH] = "crash",
		[ENDING_KILLED] = "killed",
	};

	return names[ending];
}

int job_start_next(struct json_object *which, const struct job_owner *owner,
		   struct job **started, struct error *why)
{
	struct json_object *parameters;

	parameters = json_object_object_get(which, "parameters");
	stop_until = doc_get_number(parameters, "stop_until");
	stop_told = doc_get_bool(parameters, "stop_told");
	assert_int_equal(stop_until,
			 now_ms + doc_get_number(parameters, "wait"));
	json_object_object_del(parameters, "stop_until");
	json_object_object_del(parameters, "stop_told");
	snprintf(task, sizeof(task), "%s",
		 json_object_to_json_string_ext(which, JSON_C_TO_STRING_PLAIN));
	json_object_put(which);
	if (no_room)
		return error_no_memory(why);
	job = *owner;
	*started = (struct job *)&job;
	return 0;
}

bool job_give_up(struct job *which)
{
	assert_ptr_equal(which, &job);
	nr_given_up++;
	return begun;
}

static void take(char *text, size_t size, uint64_t client,
		 struct json_object *answer)
{
	assert_int_equal(client, CLIENT);
	snprintf(text, size, "%s",
		 json_object_to_json_string_ext(answer, JSON_C_TO_STRING_PLAIN));
	json_object_put(answer);
}

void server_tell(uint64_t client, struct json_object *answer)
{
	take(told, sizeof(told), client, answer);
}

void server_answer(uint64_t client, struct json_object *answer)
{
	take(last, sizeof(last), client, answer);
}

static void remove_guest(uint32_t domid, const uint8_t *which)
{
	assert_int_equal(domid, DOMID);
	assert_memory_equal(which, handle, UUID_SIZE);
	nr_removed++;
}

static void see(const uint8_t *which)
{
	struct record record = { .domid = DOMID };

	memcpy(record.handle, which, UUID_SIZE);
	runs_see(&record);
}

static int setup(void **state)
{
	(void)state;
	now_ms += 100000;
	patience = PATIENCE;
	stop_until = 0;
	stop_told = false;
	*task = '\0';
	*told = '\0';
	*last = '\0';
	no_room = false;
	begun = false;
	nr_given_up = 0;
	nr_removed = 0;
	runs_init(remove_guest);
	see(handle);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	runs_over(DOMID, handle);
	assert_int_equal(runs_count(), 0);
	return 0;
}

/* Return: whether it could be had. */
static bool attach(bool more)
{
	struct json_object *answer;
	bool is_more;

	answer = runs_attach(DOMID, handle, CLIENT, PATIENCE, &is_more, &err);
	if (!answer)
		return false;
	assert_int_equal(is_more, more);
	assert_int_equal(doc_get_number(answer, "domid"), DOMID);
	json_object_put(answer);
	return true;
}

static void stop_done(int ret)
{
	struct job_result result = { .ret = ret };

	job.done(&result, job.arg);
}

static void stop_waits(void)
{
	const struct job_result result = { .waits = true };

	job.done(&result, job.arg);
}

/* After so long, what is due. */
static void pass(int ms)
{
	now_ms += ms;
	runs_tick();
}

/* What chaosd is to do, and when. */
static unsigned int ended(enum ending ending, enum config_action action,
			  enum config_action does)
{
	unsigned int delay = runs_ended(DOMID, handle, ending, &action);

	assert_int_equal(action, does);
	return delay;
}

static void test_told(void **state)
{
	(void)state;
	assert_true(attach(true));
	assert_int_equal(runs_count(), 1);
	assert_false(runs_is_free(DOMID, handle));
	assert_false(attach(true));
	assert_string_equal(err.text, "another chaos run has it");
	pass(RUN_AWAITED_MS);
	assert_string_equal(task, "");
	assert_int_equal(runs_tick(), -1);
	/* Twice: before it is removed, and when it was. */
	assert_int_equal(ended(ENDING_REBOOT, CONFIG_RESTART, CONFIG_DESTROY), 0);
	assert_string_equal(told, MORE("reboot", "3"));
	assert_string_equal(last, "");
	runs_over(DOMID, handle);
	assert_string_equal(last, LAST("reboot", "3"));
	assert_false(attach(true));
	assert_string_equal(err.text, "no such guest");
}

static void test_others_end_it(void **state)
{
	(void)state;
	assert_true(attach(true));
	runs_over(DOMID, other);
	assert_string_equal(last, "");
	runs_over(DOMID, handle);
	assert_string_equal(told, "");
	assert_string_equal(last, LAST("killed", "5"));
}

static void test_kept(void **state)
{
	(void)state;
	assert_true(attach(true));
	assert_int_equal(ended(ENDING_CRASH, CONFIG_PRESERVE, CONFIG_PRESERVE), 0);
	assert_string_equal(last, LAST("crash", "4"));
	/* From then on it is nobody's. */
	assert_true(runs_is_free(DOMID, handle));
	assert_int_equal(ended(ENDING_POWEROFF, CONFIG_RESTART, CONFIG_DESTROY), 0);
	/* Who comes for it later hears that, too. */
	see(handle);
	assert_int_equal(ended(ENDING_CRASH, CONFIG_PRESERVE, CONFIG_PRESERVE),
			 RUN_AWAITED_MS);
	assert_true(attach(false));
	assert_int_equal(nr_removed, 0);
	see(handle);
	ended(ENDING_CRASH, CONFIG_PRESERVE, CONFIG_PRESERVE);
	pass(RUN_AWAITED_MS);
	assert_false(attach(true));
}

static void test_not_removed(void **state)
{
	(void)state;
	assert_true(attach(true));
	ended(ENDING_POWEROFF, CONFIG_DESTROY, CONFIG_DESTROY);
	runs_failed(DOMID, handle, "it stays");
	assert_non_null(strstr(last, "\"text\":\"it stays\",\"errno\":5"));
	/* Nobody waits for it any longer, and somebody may come for it. */
	*last = '\0';
	runs_failed(DOMID, handle, "it stays");
	assert_string_equal(last, "");
	assert_true(runs_is_free(DOMID, handle));
	assert_true(attach(true));
	assert_int_equal(nr_removed, 1);
	runs_over(DOMID, handle);
	assert_string_equal(last, LAST("poweroff", "0"));
}

/* By its client: asked, and then destroyed. */
static void test_stopped(void **state)
{
	(void)state;
	assert_true(attach(true));
	assert_int_equal(runs_stop(DOMID, other, 500, &err), -ENOENT);
	assert_int_equal(runs_stop(DOMID, handle, 500, &err), 0);
	assert_string_equal(task, TASK("500"));
	stop_waits();
	begun = true;
	/* It isn't wanted back. */
	ended(ENDING_REBOOT, CONFIG_RESTART, CONFIG_DESTROY);
	assert_string_equal(told, MORE("reboot", "0"));
	assert_int_equal(nr_given_up, 1);
	stop_done(-EINTR);
	assert_int_equal(runs_stop(DOMID, handle, 0, &err), 0);
	assert_int_equal(nr_removed, 0);
}

static void test_forced(void **state)
{
	(void)state;
	assert_true(attach(true));
	runs_stop(DOMID, handle, 500, &err);
	now_ms += 500;
	stop_done(-ETIMEDOUT);
	assert_string_equal(told, MORE("forced", "6"));
	assert_int_equal(nr_removed, 1);
	runs_over(DOMID, handle);
	assert_string_equal(last, LAST("forced", "6"));
	/* At once. */
	see(handle);
	assert_true(attach(true));
	runs_stop(DOMID, handle, 500, &err);
	begun = true;
	assert_int_equal(runs_stop(DOMID, handle, 0, &err), 0);
	assert_int_equal(nr_given_up, 1);
	assert_int_equal(nr_removed, 2);
	stop_done(-EINTR);
	assert_int_equal(nr_removed, 2);
	/* One that has stopped is for others to see; any other is asked till its time is up. */
	runs_over(DOMID, handle);
	see(handle);
	assert_true(attach(true));
	runs_stop(DOMID, handle, 500, &err);
	stop_done(0);
	runs_stop(DOMID, handle, 500, &err);
	stop_done(-ENOENT);
	runs_stop(DOMID, handle, 500, &err);
	stop_done(-ESRCH);
	assert_int_equal(nr_removed, 2);
	no_room = true;
	assert_int_equal(runs_stop(DOMID, handle, 500, &err), -ENOMEM);
	no_room = false;
	runs_stop(DOMID, handle, 500, &err);
	stop_done(-ENOMEM);
	*task = '\0';
	pass(1000);
	assert_string_equal(task, "");
	assert_int_equal(nr_removed, 3);
}

static void test_left(void **state)
{
	(void)state;
	assert_true(attach(true));
	runs_abandon(CLIENT + 1);
	assert_string_equal(task, "");
	runs_abandon(CLIENT);
	assert_int_equal(runs_count(), 0);
	assert_string_equal(task, TASK("1000"));
	/* A worker that was killed has not said that it doesn't. */
	now_ms += 300;
	stop_done(-EIO);
	assert_int_equal(nr_removed, 0);
	assert_int_equal(runs_tick(), 1000);
	*task = '\0';
	pass(1000);
	assert_string_equal(task, "");
	assert_int_equal(nr_removed, 1);
	/* Nobody hears of that. */
	runs_over(DOMID, handle);
	assert_string_equal(told, "");
	assert_string_equal(last, "");
	see(handle);
	assert_true(attach(true));
	patience = 5000;
	runs_abandon(CLIENT);
	stop_done(-EIO);
	*task = '\0';
	pass(500);
	assert_string_equal(task, "");
}

/* There is no memory just now. */
static void test_left_and_asked_later(void **state)
{
	(void)state;
	assert_true(attach(true));
	no_room = true;
	runs_abandon(CLIENT);
	*task = '\0';
	no_room = false;
	pass(999);
	assert_string_equal(task, "");
	pass(1);
	assert_string_equal(task, TASK("1000"));
	assert_int_equal(nr_removed, 0);
	/* What its own client has asked for goes on without him. */
	runs_over(DOMID, handle);
	see(handle);
	assert_true(attach(true));
	runs_stop(DOMID, handle, 500, &err);
	runs_abandon(CLIENT);
	assert_string_equal(task, TASK("500"));
	assert_int_equal(nr_given_up, 1);
}

/* Who comes next has it, till it ends; and then it is wanted again. */
static void test_taken_over(void **state)
{
	(void)state;
	assert_true(attach(true));
	runs_abandon(CLIENT);
	assert_true(runs_is_free(DOMID, handle));
	begun = true;
	assert_true(attach(true));
	assert_int_equal(nr_given_up, 1);
	stop_done(-EINTR);
	assert_int_equal(nr_removed, 0);
	ended(ENDING_POWEROFF, CONFIG_DESTROY, CONFIG_DESTROY);
	assert_string_equal(told, MORE("poweroff", "3"));
	runs_over(DOMID, handle);
	see(handle);
	assert_true(attach(true));
	/* The job hadn't begun. */
	begun = false;
	runs_abandon(CLIENT);
	assert_true(attach(true));
	/* Unless he, too, has it end. */
	runs_stop(DOMID, handle, 500, &err);
	ended(ENDING_POWEROFF, CONFIG_DESTROY, CONFIG_DESTROY);
	assert_string_equal(told, MORE("poweroff", "0"));
}

/* What it was asked for it does until its time is up, or never. */
static void test_left_long_ago(void **state)
{
	(void)state;
	assert_true(attach(true));
	runs_abandon(CLIENT);
	begun = true;
	assert_true(attach(true));
	stop_done(-EINTR);
	now_ms += PATIENCE - 1;
	ended(ENDING_POWEROFF, CONFIG_DESTROY, CONFIG_DESTROY);
	assert_string_equal(told, MORE("poweroff", "3"));
	now_ms += 1;
	ended(ENDING_POWEROFF, CONFIG_DESTROY, CONFIG_DESTROY);
	assert_string_equal(told, MORE("poweroff", "0"));
	/* One that couldn't be asked ends by itself. */
	runs_over(DOMID, handle);
	see(handle);
	assert_true(attach(true));
	no_room = true;
	runs_abandon(CLIENT);
	assert_true(attach(true));
	ended(ENDING_POWEROFF, CONFIG_DESTROY, CONFIG_DESTROY);
	assert_string_equal(told, MORE("poweroff", "0"));
}

/* A chaosd that was killed had it asked, and the next one has its record. */
static void test_left_before(void **state)
{
	(void)state;
	assert_true(attach(true));
	runs_abandon(CLIENT);
	assert_false(stop_told);
	stop_done(0);
	runs_over(DOMID, handle);
	see(handle);
	assert_int_equal(ended(ENDING_POWEROFF, CONFIG_DESTROY, CONFIG_DESTROY),
			 RUN_AWAITED_MS);
	assert_true(attach(true));
	runs_over(DOMID, handle);
	assert_string_equal(last, LAST("poweroff", "3"));
	/* Who has it told that is heard, until somebody else comes. */
	see(handle);
	assert_true(attach(true));
	runs_stop(DOMID, handle, 500, &err);
	assert_true(stop_told);
	stop_done(0);
	runs_over(DOMID, handle);
	see(handle);
	ended(ENDING_REBOOT, CONFIG_RESTART, CONFIG_DESTROY);
	assert_true(attach(true));
	runs_over(DOMID, handle);
	assert_string_equal(last, LAST("reboot", "0"));
	see(handle);
	assert_true(attach(true));
	ended(ENDING_POWEROFF, CONFIG_DESTROY, CONFIG_DESTROY);
	assert_string_equal(told, MORE("poweroff", "3"));
	/* Long after that, it isn't. */
	runs_over(DOMID, handle);
	now_ms = stop_until;
	see(handle);
	assert_true(attach(true));
	ended(ENDING_REBOOT, CONFIG_RESTART, CONFIG_DESTROY);
	assert_string_equal(told, MORE("reboot", "3"));
	ended(ENDING_POWEROFF, CONFIG_DESTROY, CONFIG_DESTROY);
	assert_string_equal(told, MORE("poweroff", "0"));
}

/* After chaosd was started again. */
static void test_awaited(void **state)
{
	(void)state;
	assert_int_equal(runs_tick(), RUN_AWAITED_MS);
	see(handle);
	pass(RUN_AWAITED_MS - 1);
	assert_string_equal(task, "");
	pass(1);
	assert_string_equal(task, TASK("1000"));
	/* One that ends meanwhile is there until he comes. */
	runs_over(DOMID, handle);
	see(handle);
	now_ms += 10000;
	assert_int_equal(ended(ENDING_CRASH, CONFIG_RESTART, CONFIG_DESTROY),
			 RUN_AWAITED_MS - 10000);
	assert_string_equal(told, "");
	assert_true(attach(true));
	assert_int_equal(nr_removed, 1);
	runs_over(DOMID, handle);
	assert_string_equal(last, LAST("crash", "3"));
	/* Or isn't, and then it has its time. */
	see(handle);
	assert_int_equal(ended(ENDING_SUSPEND, CONFIG_PRESERVE, CONFIG_DESTROY),
			 RUN_AWAITED_MS);
	*task = '\0';
	pass(RUN_AWAITED_MS);
	assert_string_equal(task, "");
}

static void test_others(void **state)
{
	enum config_action action = CONFIG_RESTART;

	(void)state;
	/* One that isn't run is none of ours. */
	patience = 0;
	see(other);
	assert_true(runs_is_free(DOMID, other));
	runs_over(DOMID, other);
	/* A former one's number is another's by now, and it isn't over yet. */
	patience = PATIENCE;
	assert_true(attach(true));
	see(other);
	assert_false(runs_is_free(DOMID, handle));
	assert_int_equal(runs_ended(DOMID, handle, ENDING_CRASH, &action), 0);
	assert_string_equal(told, MORE("crash", "3"));
	runs_over(DOMID, handle);
	assert_string_equal(last, LAST("crash", "3"));
	assert_int_equal(runs_stop(DOMID, other, 500, &err), 0);
	begun = true;
	runs_over(DOMID, other);
	stop_done(-EINTR);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_told, setup, teardown),
		cmocka_unit_test_setup_teardown(test_others_end_it, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_kept, setup, teardown),
		cmocka_unit_test_setup_teardown(test_not_removed, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_stopped, setup, teardown),
		cmocka_unit_test_setup_teardown(test_forced, setup, teardown),
		cmocka_unit_test_setup_teardown(test_left, setup, teardown),
		cmocka_unit_test_setup_teardown(test_left_and_asked_later, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_taken_over, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_left_long_ago, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_left_before, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_awaited, setup, teardown),
		cmocka_unit_test_setup_teardown(test_others, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
