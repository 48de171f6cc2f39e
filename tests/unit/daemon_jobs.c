// SPDX-License-Identifier: GPL-2.0
/*
 * chaos/daemon/jobs.c: who does what, when, and what becomes of it if he dies. The workers
 * are this program, which they run anew; the loop is the test's own.
 */
#include "harness.h"

#include <json-c/json.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "daemon/jobs.h"
#include "daemon/loop.h"
#include "util/json.h"
#include "util/signal.h"
#include "worker/worker.h"

#define SOURCES_MAX	256
#define TURN_MS		5000

static struct source *sources[SOURCES_MAX];
static unsigned int nr_sources, nr_done, nr_waits;
static char last[64];

int loop_add(struct source *source, uint32_t events)
{
	assert_int_equal(events, EPOLLIN);
	assert_in_range(nr_sources, 0, SOURCES_MAX - 1);
	sources[nr_sources++] = source;
	return 0;
}

void loop_del(struct source *source)
{
	unsigned int i;

	for (i = 0; sources[i] != source; i++)
		;
	sources[i] = sources[--nr_sources];
}

/* The first thing that happens within that time. Return: whether one did. */
static bool turn(int timeout)
{
	struct pollfd pfds[SOURCES_MAX];
	unsigned int i;

	for (i = 0; i < nr_sources; i++)
		pfds[i] = (struct pollfd){
			.fd = sources[i]->fd, .events = POLLIN,
		};
	if (poll(pfds, nr_sources, timeout) <= 0)
		return false;
	for (i = 0; !pfds[i].revents; i++)
		;
	sources[i]->ready(sources[i], EPOLLIN);
	return true;
}

/* Until so many are done. */
static void wait_done(unsigned int count)
{
	while (nr_done < count)
		assert_true(turn(TURN_MS));
	assert_int_equal(nr_done, count);
}

/* So often the kernel has no memory. */
static unsigned int no_memory;

ssize_t __wrap_send(int fd, const void *text, size_t len, int flags);
ssize_t __real_send(int fd, const void *text, size_t len, int flags);

ssize_t __wrap_send(int fd, const void *text, size_t len, int flags)
{
	if (!no_memory)
		return __real_send(fd, text, len, flags);
	no_memory--;
	errno = ENOBUFS;
	return -1;
}

/* Each is a process, with a socket and a pidfd. */
static unsigned int nr_workers(void)
{
	return nr_sources / 2;
}

static void done(const struct job_result *result, void *arg)
{
	const char *what = result->ret ? result->err.text :
			   doc_get_text(result->answer, "did");

	/* Only the first time. */
	if (result->waits) {
		assert_int_equal(doc_get_number(result->answer, "domid"), 7);
		nr_waits++;
		return;
	}
	if (arg)
		snprintf(arg, 64, "%.63s", what);
	snprintf(last, sizeof(last), "%.63s", what);
	nr_done++;
}

static struct json_object *task(const char *what)
{
	struct json_object *doc = json_object_new_object();

	doc_text(doc, "method", what);
	return doc;
}

static struct job *start_for(const char *guest, const char *what, void *arg)
{
	const struct job_owner owner = { .done = done, .arg = arg };
	struct error err;
	struct job *job;

	(void)job_start_for(task(what), guest, &owner, &job, &err);
	return job;
}

static const struct job_owner nobody = { .done = done };

static int setup(void **state)
{
	(void)state;
	nr_done = 0;
	nr_waits = 0;
	return 0;
}

/* They are there before there is something to do, and then do one thing after another. */
static void test_idle(void **state)
{
	int i;

	(void)state;
	jobs_tick();
	assert_int_equal(nr_workers(), WORKERS_IDLE);
	for (i = 0; i < 10; i++) {
		assert_int_equal(job_start(task("a"), done, NULL), 0);
		assert_int_equal(jobs_count(), 1);
		wait_done(i + 1);
		assert_string_equal(last, "a");
		jobs_tick();
	}
	assert_int_equal(jobs_count(), 0);
	assert_int_equal(nr_workers(), WORKERS_IDLE);
}

/* What hangs keeps back who wants the same guest, and nobody else. */
static void test_hung(void **state)
{
	char hung[64] = "", same[64] = "", other[64] = "";

	(void)state;
	start_for("g", "hang", hung);
	start_for("g", "same", same);
	start_for("h", "other", other);
	wait_done(1);
	assert_string_equal(other, "other");
	assert_int_equal(jobs_count(), 1);
	start_for("h", "again", other);
	start_for("i", "hang", NULL);
	start_for("j", "hang", NULL);
	start_for("k", "quick", NULL);
	wait_done(3);
	assert_string_equal(other, "again");
	assert_int_equal(jobs_count(), 3);
	jobs_tick();
	assert_int_equal(nr_workers(), 3 + WORKERS_IDLE);
	assert_string_equal(same, "");
}

/* Whoever waited for one that dies has the next one. */
static void test_killed(void **state)
{
	char after[64] = "";

	(void)state;
	start_for("g", "kill", NULL);
	start_for("g", "after", after);
	wait_done(1);
	assert_string_equal(last, "was killed");
	wait_done(2);
	assert_string_equal(after, "after");
	jobs_tick();
	assert_int_equal(nr_workers(), WORKERS_IDLE);
}

/* What is longer than a worker's message is refused, however it was written. */
static void test_too_long(void **state)
{
	static char text[WORKER_TASK_MAX];
	struct json_object *long_task;
	struct error err;
	struct job *job;

	(void)state;
	memset(text, '/', sizeof(text) - 64);
	assert_int_equal(job_start_look(task(text), &nobody, &job, &err), 0);
	wait_done(1);
	memset(text, 1, sizeof(text) / 6);
	memset(text + sizeof(text) / 6, 'a', sizeof(text) / 6);
	text[sizeof(text) / 3] = '\0';
	long_task = task(text);
	assert_int_equal(job_start_look(long_task, &nobody, &job, &err), -E2BIG);
	assert_null(job);
	assert_non_null(strstr(err.text, "longer than a worker takes"));
	/* Others aren't held back. */
	assert_non_null(start_for("g", "a", NULL));
	wait_done(2);
	assert_string_equal(last, "a");
}

/* Whoever only looks is let to the end, and the worker goes on. */
static void test_look_given_up(void **state)
{
	unsigned int workers;
	struct error err;
	struct job *job;

	(void)state;
	jobs_tick();
	workers = nr_workers();
	assert_int_equal(job_start_look(task("wait-a-little"), &nobody, &job,
					&err), 0);
	assert_true(job_give_up(job));
	wait_done(1);
	assert_string_equal(last, "wait-a-little");
	assert_in_range(nr_workers(), workers, workers + 1);
}

/* Who can't be told what to do is not to blame for it, and is told later. */
static void test_no_memory(void **state)
{
	unsigned int workers;
	int wait;

	(void)state;
	jobs_tick();
	workers = nr_workers();
	no_memory = 2;
	start_for("g", "a", NULL);
	assert_int_equal(jobs_count(), 0);
	/* Nor is it tried again and again. */
	jobs_tick();
	assert_int_equal(no_memory, 1);
	/* Others, which may be small, don't wait for it. */
	no_memory = 0;
	start_for("h", "b", NULL);
	wait_done(1);
	assert_string_equal(last, "b");
	no_memory = 1;
	while (no_memory || nr_done < 2) {
		wait = jobs_tick();
		assert_true(wait < 0 ? jobs_count() : wait <= 2000);
		turn(wait < 0 ? TURN_MS : wait);
	}
	/* None was taken for dead. */
	assert_in_range(nr_workers(), workers, workers + WORKERS_IDLE);
}

/* Signals end what waits; what hasn't begun is forgotten. */
static void test_given_up(void **state)
{
	struct job *begun, *waits;

	(void)state;
	begun = start_for("g", "wait", NULL);
	waits = start_for("g", "never", NULL);
	assert_false(job_give_up(waits));
	assert_true(job_give_up(begun));
	wait_done(1);
	assert_string_equal(last, "interrupted");
	/* It gets no more, as the signal may come when it has done that one. */
	while (turn(200))
		;
	assert_int_equal(jobs_count(), 0);
	assert_int_equal(nr_workers(), WORKERS_IDLE - 1);
	jobs_tick();
	assert_int_equal(nr_workers(), WORKERS_IDLE);
}

/* That long after a job has begun to sleep, it hasn't been woken. */
#define ASLEEP_MS	300

static void sleep_on(void)
{
	while (turn(ASLEEP_MS))
		;
}

/* What waits for a guest has no worker, until something happens to that guest. */
static void test_sleeps(void **state)
{
	struct job *job;
	char guest[16];
	int i;

	(void)state;
	for (i = 0; i < 2 * WORKERS_MAX; i++) {
		snprintf(guest, sizeof(guest), "g%d", i);
		assert_non_null(start_for(guest, "sleep 7", NULL));
	}
	sleep_on();
	assert_int_equal(nr_waits, 2 * WORKERS_MAX);
	assert_int_equal(nr_done, 0);
	assert_int_equal(jobs_count(), 0);
	/* Others have their turn, also those who want the same guest. */
	start_for("g0", "quick", NULL);
	wait_done(1);
	assert_string_equal(last, "quick");
	jobs_wake(8);
	assert_int_equal(jobs_count(), 0);
	jobs_wake(7);
	wait_done(1 + 2 * WORKERS_MAX);
	assert_string_equal(last, "woken");
	/* Nobody knows to whom. */
	start_for("g", "sleep 7", NULL);
	sleep_on();
	jobs_wake(0);
	wait_done(2 + 2 * WORKERS_MAX);
	/* Whoever leaves has it undone. */
	job = start_for("g", "sleep 7", NULL);
	sleep_on();
	assert_true(job_give_up(job));
	wait_done(3 + 2 * WORKERS_MAX);
	assert_string_equal(last, "left");
}

/* Something happens while a worker, who has looked before, is still at it. */
static void test_stirred(void **state)
{
	struct job *job;

	(void)state;
	start_for("g", "sleep 7", NULL);
	jobs_wake(3);
	wait_done(1);
	assert_string_equal(last, "woken");
	/* By now it is known that it doesn't wait for that. */
	start_for("g", "sleep 7 twice", NULL);
	sleep_on();
	jobs_wake(7);
	jobs_wake(3);
	sleep_on();
	assert_int_equal(nr_done, 1);
	jobs_wake(7);
	wait_done(2);
	job = start_for("g", "sleep 7", NULL);
	assert_true(job_give_up(job));
	wait_done(3);
	assert_string_equal(last, "left");
}

/* At its deadline at the latest, and also if its event was lost. */
static void test_deadline(void **state)
{
	int64_t began = clock_ms();
	int wait;

	(void)state;
	start_for("g", "sleep 7 deadline", NULL);
	sleep_on();
	wait = jobs_tick();
	assert_in_range(wait, 1, 1000);
	while (!nr_done) {
		assert_in_range(clock_ms() - began, 0, TURN_MS);
		if (!turn(wait))
			wait = jobs_tick();
	}
	assert_in_range(clock_ms() - began, 1000, TURN_MS);
	start_for("g", "sleep 7", NULL);
	sleep_on();
	assert_in_range(jobs_tick(), TURN_MS, 30000);
	jobs_wake(7);
	wait_done(2);
}

/* What chaosd wants itself is limited, but not by what hangs. */
static void test_own(void **state)
{
	int64_t began = clock_ms();
	int i, wait;

	(void)state;
	for (i = 0; i < JOBS_MAX; i++)
		assert_int_equal(job_start(task("hang"), done, NULL), 0);
	assert_false(jobs_room());
	assert_int_equal(job_start(task("more"), done, NULL), -EAGAIN);
	wait = jobs_tick();
	assert_in_range(wait, 1, JOB_LONG_MS);
	while (!jobs_room())
		assert_true(clock_ms() - began < 3 * JOB_LONG_MS &&
			    !turn(jobs_tick()));
	assert_in_range(clock_ms() - began, JOB_LONG_MS, 3 * JOB_LONG_MS);
	assert_int_equal(job_start(task("more"), done, NULL), 0);
}

/* However many hang for clients, chaosd has workers for itself, and for who looks. */
static void test_limit(void **state)
{
	const unsigned int most = WORKERS_MAX - JOBS_MAX;
	struct error err;
	struct job *job;
	char guest[16];
	int i;

	(void)state;
	for (i = 0; i < 2 * WORKERS_MAX; i++) {
		snprintf(guest, sizeof(guest), "g%d", i);
		assert_non_null(start_for(guest, "hang", NULL));
	}
	assert_int_equal(jobs_count(), most - WORKERS_LOOK);
	jobs_tick();
	assert_in_range(nr_workers(), most - WORKERS_LOOK, WORKERS_MAX);
	assert_int_equal(nr_done, 0);
	assert_int_equal(job_start_look(task("look"), &nobody, &job, &err), 0);
	wait_done(1);
	assert_string_equal(last, "look");
	/* They can't have all, either. */
	for (i = 0; i < WORKERS_MAX; i++)
		assert_int_equal(job_start_look(task("hang"), &nobody, &job, &err), 0);
	assert_int_equal(jobs_count(), most);
	assert_int_equal(job_start(task("own"), done, NULL), 0);
	wait_done(2);
	assert_string_equal(last, "own");
}

/* There is an end to what may wait, too. */
static void test_waiting(void **state)
{
	struct error err;
	struct job *job;
	int i;

	(void)state;
	for (i = 0; i <= JOBS_WAITING; i++)
		if (job_start_for(task("a"), "g0", &nobody, &job, &err))
			break;
	assert_in_range(i, JOBS_WAITING / 2, JOBS_WAITING);
	assert_non_null(strstr(err.text, "4096 things to do that wait"));
}

/* One that wants no more work gets none. */
static void test_last(void **state)
{
	unsigned int before;

	(void)state;
	jobs_tick();
	before = nr_workers();
	assert_int_equal(job_start(task("last"), done, NULL), 0);
	wait_done(1);
	while (nr_workers() == before)
		assert_true(turn(TURN_MS));
	jobs_tick();
	assert_int_equal(job_start(task("a"), done, NULL), 0);
	wait_done(2);
	assert_string_equal(last, "a");
}

static void answer(const char *what, bool ok, bool end)
{
	struct json_object *doc = json_object_new_object();
	const char *text;

	doc_bool(doc, "ok", ok);
	if (ok) {
		doc_text(doc_object(doc, "answer"), "did", what);
	} else {
		doc_text(doc, "error", what);
		doc_number(doc, "errno", EINTR);
	}
	if (end)
		doc_bool(doc, "last", true);
	text = json_object_to_json_string(doc);
	(void)!send(WORKER_FD, text, strlen(text), 0);
	json_object_put(doc);
}

/* Of domain 7. */
static void wait_for_it(const char *what, const char *waited)
{
	struct json_object *doc = json_object_new_object(), *wait;
	bool soon = strstr(what, "deadline");
	const char *text;

	doc_bool(doc, "ok", true);
	wait = doc_object(doc, "wait");
	doc_number(wait, "domid", 7);
	doc_number(wait, "deadline", clock_ms() + (soon ? 1000 : 60000));
	doc_text(wait, "waited", waited);
	text = json_object_to_json_string(doc);
	(void)!send(WORKER_FD, text, strlen(text), 0);
	json_object_put(doc);
}

/* What a worker of the test's does. */
static void work(const char *what, struct json_object *task)
{
	struct json_object *waited;

	if (!strncmp(what, "sleep", 5)) {
		waited = json_object_object_get(task, "waited");
		if (doc_get_bool(task, "left"))
			answer("left", false, false);
		else if (!waited)
			wait_for_it(what, "once");
		else if (strstr(what, "twice") &&
			 !strcmp(doc_get_text(waited, "waited"), "once"))
			wait_for_it(what, "twice");
		else
			answer("woken", true, false);
		return;
	}
	if (!strcmp(what, "kill"))
		raise(SIGKILL);
	while (!strcmp(what, "hang"))
		pause();
	if (!strcmp(what, "wait-a-little"))
		usleep(100000);
	while (!strcmp(what, "wait") && !signals_pending())
		usleep(1000);
	if (!strcmp(what, "wait"))
		answer("interrupted", false, false);
	else
		answer(what, true, !strcmp(what, "last"));
}

static int worker(void)
{
	struct json_object *doc;
	char text[4096];
	ssize_t len;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while ((len = recv(WORKER_FD, text, sizeof(text) - 1, 0)) > 0) {
		text[len] = '\0';
		doc = json_tokener_parse(text);
		work(doc_get_text(doc, "method"), doc);
		json_object_put(doc);
	}
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_idle, setup),
		cmocka_unit_test_setup(test_last, setup),
		cmocka_unit_test_setup(test_killed, setup),
		cmocka_unit_test_setup(test_given_up, setup),
		cmocka_unit_test_setup(test_sleeps, setup),
		cmocka_unit_test_setup(test_stirred, setup),
		cmocka_unit_test_setup(test_deadline, setup),
		cmocka_unit_test_setup(test_too_long, setup),
		cmocka_unit_test_setup(test_look_given_up, setup),
		cmocka_unit_test_setup(test_no_memory, setup),
		cmocka_unit_test_setup(test_hung, setup),
		cmocka_unit_test_setup(test_limit, setup),
		cmocka_unit_test_setup(test_own, setup),
		cmocka_unit_test_setup(test_waiting, setup),
	};

	if (argc && !strcmp(argv[0], WORKER_NAME))
		return worker();
	/* As chaosd has it, and its workers after it. */
	signals_block();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
