// SPDX-License-Identifier: GPL-2.0
/*
 * Jobs, and the workers that do them: they are started here, get a job when one waits, and
 * are heard of when they have done it, or have died. A job that can't go on until something
 * happens has no worker meanwhile.
 *
 * A worker's socket tells what it says, its pidfd that it has died. What it said before
 * counts: nobody but it had the other end.
 */
#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/jobs.h"
#include "daemon/loop.h"
#include "util/json.h"
#include "util/util.h"
#include "worker/worker.h"

#define START_AGAIN_MS	1000	/* after a worker that couldn't be started */
#define GIVE_AGAIN_MS	1000	/* after the kernel had no memory for a job */
#define LOOK_AGAIN_MS	30000	/* if what a job waits for should have been missed */

/**
 * struct job - something to be done
 * @next: of all that wait, or of all that sleep
 * @task: what
 * @guest: of a client's, which one it is about; NULL of chaosd's own
 * @since: when it was begun, ms
 * @domid: once it has slept, the domain that it waits for
 * @due: when it is woken at the latest, ms
 * @stirred: while it was done, something has happened that it may wait for
 * @left: nobody waits for it any longer
 * @looks: it changes nothing
 * @again: not before then, ms: the kernel had no memory to hand it over
 * @done: see job_start()
 * @arg: for @done
 */
struct job {
	struct job *next;
	struct json_object *task;
	char *guest;
	int64_t since;
	uint32_t domid;
	int64_t due;
	bool stirred;
	bool left;
	bool looks;
	int64_t again;
	void (*done)(const struct job_result *result, void *arg);
	void *arg;
};

/**
 * struct worker - a process that does jobs
 * @says: its socket; readable when it has done one
 * @ended: its pidfd; readable when it has died
 * @next: of all of them
 * @pid: its number
 * @job: what it does, or NULL
 * @told: what it does is given up; the signal that says so might come too late, and
 *	so there is no next job for which it could be meant
 * @leaves: it gets no more jobs
 */
struct worker {
	struct source says;
	struct source ended;
	struct worker *next;
	pid_t pid;
	struct job *job;
	bool told;
	bool leaves;
};

static struct worker *workers;
static unsigned int nr_workers, nr_waiting;
/* For their turn, and for something to happen. */
static struct job *waiting, *sleeping;
static unsigned int nr_sleeping;
/* Of chaosd's own, those that wait and those that are done. */
static unsigned int own;
/* When the next worker may be started, ms. */
static int64_t next_start;

static bool is_own(const struct job *job)
{
	return !job->guest;
}

static bool is_idle(const struct worker *worker)
{
	return !worker->job && !worker->leaves;
}

static unsigned int count_idle(void)
{
	unsigned int count = 0;
	struct worker *worker;

	for (worker = workers; worker; worker = worker->next)
		count += is_idle(worker);
	return count;
}

unsigned int jobs_count(void)
{
	unsigned int count = 0;
	struct worker *worker;

	for (worker = workers; worker; worker = worker->next)
		count += !!worker->job;
	return count;
}

/* Those of chaosd's own that have taken long; @next: when there is one more, ms. */
static unsigned int count_long(int64_t *next)
{
	int64_t now = clock_ms(), at;
	struct worker *worker;
	unsigned int count = 0;

	*next = INT64_MAX;
	for (worker = workers; worker; worker = worker->next) {
		if (!worker->job || !is_own(worker->job))
			continue;
		at = worker->job->since + JOB_LONG_MS;
		if (at <= now)
			count++;
		else if (at < *next)
			*next = at;
	}
	return count;
}

bool jobs_room(void)
{
	int64_t ignored;

	return own < JOBS_MAX || own - count_long(&ignored) < JOBS_MAX;
}

static void free_job(struct job *job)
{
	own -= is_own(job);
	json_object_put(job->task);
	free(job->guest);
	free(job);
}

/* Of a worker that has gone or leaves, nothing more is heard. */
static void hang_up(struct worker *worker)
{
	if (worker->says.fd < 0)
		return;
	loop_del(&worker->says);
	close(worker->says.fd);
	worker->says.fd = -1;
	worker->leaves = true;
}

static void take_result(struct json_object *said, struct job_result *result)
{
	int number = doc_get_number(said, "errno");

	if (doc_get_bool(said, "ok")) {
		result->ret = 0;
		result->domid = doc_get_number(said, "domid");
	} else if (number > 0) {
		error_set(&result->err, -number, "%s",
			  doc_get_text(said, "error"));
		result->ret = -number;
	}
	result->answer = json_object_object_get(said, "answer");
}

/* Its turn comes after those that wait already. */
static void enqueue(struct job *job)
{
	struct job **at = &waiting;

	while (*at)
		at = &(*at)->next;
	job->next = NULL;
	*at = job;
	nr_waiting++;
}

/* It waits for something, which may have happened already. */
static void suspend(struct job *job, struct json_object *wait)
{
	struct job_result result = { .answer = wait, .waits = true };
	int64_t deadline = doc_get_number(wait, "deadline");

	if (!json_object_object_get_ex(job->task, "waited", NULL))
		job->done(&result, job->arg);
	json_object_object_add(job->task, "waited", json_object_get(wait));
	job->domid = doc_get_number(wait, "domid");
	job->due = clock_ms() + LOOK_AGAIN_MS;
	if (deadline < job->due)
		job->due = deadline;
	if (job->stirred || job->left) {
		enqueue(job);
		return;
	}
	job->next = sleeping;
	sleeping = job;
	nr_sleeping++;
}

static void wake(struct job **at)
{
	struct job *job = *at;

	*at = job->next;
	nr_sleeping--;
	enqueue(job);
}

/* @said: NULL if the worker has died without a word. */
static void end_job(struct worker *worker, struct json_object *said)
{
	struct job *job = worker->job;
	struct json_object *wait;
	struct job_result result;

	worker->job = NULL;
	if (json_object_object_get_ex(said, "wait", &wait)) {
		suspend(job, wait);
		json_object_put(said);
		return;
	}
	memset(&result, 0, sizeof(result));
	result.ret = error_set(&result.err, -EIO, "was killed");
	take_result(said, &result);
	job->done(&result, job->arg);
	free_job(job);
	json_object_put(said);
}

/* Return: whether it has said something. */
static bool hear(struct worker *worker)
{
	static char text[WORKER_MESSAGE_MAX];
	struct json_object *said;
	ssize_t len;

	if (worker->says.fd < 0)
		return false;
	len = recv(worker->says.fd, text, sizeof(text) - 1, MSG_DONTWAIT);
	if (len < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	if (len <= 0 || !worker->job) {
		hang_up(worker);
		return false;
	}
	text[len] = '\0';
	said = json_tokener_parse(text);
	if (doc_get_bool(said, "last") || worker->told ||
	    count_idle() >= WORKERS_SPARE)
		hang_up(worker);
	end_job(worker, said);
	return true;
}

static void begin(void);

static void worker_says(struct source *source, uint32_t events)
{
	struct worker *worker = container_of(source, struct worker, says);

	(void)events;
	hear(worker);
	begin();
}

static void del_worker(struct worker *worker)
{
	struct worker **at = &workers;

	while (*at != worker)
		at = &(*at)->next;
	*at = worker->next;
	nr_workers--;
}

static void worker_ended(struct source *source, uint32_t events)
{
	struct worker *worker = container_of(source, struct worker, ended);

	(void)events;
	waitpid(worker->pid, NULL, 0);
	loop_del(source);
	close(source->fd);
	del_worker(worker);
	/* Its last words, if there are some. */
	if (worker->job)
		hear(worker);
	hang_up(worker);
	if (worker->job)
		end_job(worker, NULL);
	free(worker);
	begin();
}

static void become(int fd)
{
	static char *const argv[] = { WORKER_NAME, NULL };

	/* Its mask of signals stays: from the beginning, they wait. */
	setsid();
	/* dup2() of a descriptor to itself would leave it close-on-exec. */
	if (fd == WORKER_FD ? fcntl(fd, F_SETFD, 0) : dup2(fd, WORKER_FD) < 0)
		return;
	execv("/proc/self/exe", argv);
}

/* Without a watch on it, we would never learn that it has ended. */
static int watch(struct worker *worker)
{
	int ret;

	worker->ended.fd = pidfd_open(worker->pid, 0);
	if (worker->ended.fd < 0)
		return -errno;
	ret = loop_add(&worker->ended, EPOLLIN);
	if (!ret) {
		ret = loop_add(&worker->says, EPOLLIN);
		if (!ret)
			return 0;
		loop_del(&worker->ended);
	}
	close(worker->ended.fd);
	return ret;
}

static int spawn(struct worker *worker, int fd)
{
	int ret;

	worker->pid = fork();
	if (worker->pid < 0)
		return -errno;
	if (!worker->pid) {
		become(fd);
		_exit(EXIT_FAILURE);
	}
	ret = watch(worker);
	if (!ret)
		return 0;
	kill(worker->pid, SIGKILL);
	waitpid(worker->pid, NULL, 0);
	return ret;
}

static int add_worker(void)
{
	struct worker *worker = calloc(1, sizeof(*worker));
	int fds[2], ret;

	if (!worker)
		return -ENOMEM;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds)) {
		ret = -errno;
		free(worker);
		return ret;
	}
	worker->says.fd = fds[0];
	worker->says.ready = worker_says;
	worker->ended.ready = worker_ended;
	ret = spawn(worker, fds[1]);
	close(fds[1]);
	if (ret) {
		close(fds[0]);
		free(worker);
		return ret;
	}
	worker->next = workers;
	workers = worker;
	nr_workers++;
	return 0;
}

/* Return: whether there is one more. */
static bool start_worker(void)
{
	int64_t now = clock_ms();

	if (nr_workers >= WORKERS_MAX || now < next_start)
		return false;
	if (!add_worker())
		return true;
	next_start = now + START_AGAIN_MS;
	return false;
}

/* One that has nothing to do; the one that had the most recently, as it is the warmest. */
static struct worker *find_idle(void)
{
	struct worker *worker;

	for (worker = workers; worker; worker = worker->next)
		if (is_idle(worker))
			return worker;
	return start_worker() ? workers : NULL;
}

static bool is_busy(const char *guest)
{
	struct worker *worker;

	for (worker = workers; worker && *guest; worker = worker->next)
		if (worker->job && !is_own(worker->job) &&
		    !strcmp(worker->job->guest, guest))
			return true;
	return false;
}

static const char *text_of(struct json_object *task, size_t *len)
{
	return json_object_to_json_string_length(task, JSON_C_TO_STRING_PLAIN |
						 JSON_C_TO_STRING_NOSLASHESCAPE,
						 len);
}

/* A large one takes memory in one piece. Return: whether the worker has it. */
static bool give(struct worker *worker, struct job *job)
{
	const char *text;
	size_t len;

	if (job->left)
		doc_bool(job->task, "left", true);
	text = text_of(job->task, &len);
	if (send(worker->says.fd, text, len, MSG_DONTWAIT | MSG_NOSIGNAL) !=
	    (ssize_t)len) {
		if (errno == EPIPE || errno == ECONNRESET)
			hang_up(worker);
		else
			job->again = clock_ms() + GIVE_AGAIN_MS;
		return false;
	}
	job->since = clock_ms();
	job->stirred = false;
	worker->job = job;
	return true;
}

static unsigned int count_clients(bool looks)
{
	struct worker *worker;
	unsigned int count = 0;

	for (worker = workers; worker; worker = worker->next)
		count += worker->job && !is_own(worker->job) &&
			 worker->job->looks == looks;
	return count;
}

/*
 * The first whose turn can have come: of a guest, one at a time. Clients can't have all
 * workers, so that what chaosd itself has to do goes on, and those who look and those who
 * don't can't have each other's.
 */
static struct job **find_job(void)
{
	const unsigned int most = WORKERS_MAX - JOBS_MAX - WORKERS_LOOK;
	int64_t now = clock_ms();
	bool looks, changes;
	struct job **at;

	if (!waiting)
		return NULL;
	looks = count_clients(true) < WORKERS_LOOK;
	changes = count_clients(false) < most;
	for (at = &waiting; *at; at = &(*at)->next)
		if ((*at)->again <= now &&
		    (is_own(*at) || ((*at)->looks ? looks : changes &&
				     !is_busy((*at)->guest))))
			return at;
	return NULL;
}

/* When one comes that the kernel had no memory for, ms. */
static int64_t next_again(int64_t now)
{
	int64_t next = INT64_MAX;
	struct job *job;

	for (job = waiting; job; job = job->next)
		if (job->again > now && job->again < next)
			next = job->again;
	return next;
}

/* Whoever waits, and for whom there is a worker. */
static void begin(void)
{
	struct worker *worker;
	struct job **at, *job;

	while ((at = find_job()) && (worker = find_idle())) {
		job = *at;
		if (!give(worker, job))
			continue;
		*at = job->next;
		job->next = NULL;
		nr_waiting--;
	}
}

static struct job *add_job(struct json_object *task, const char *guest,
			   bool looks, void (*done)(const struct job_result *result,
					void *arg),
			   void *arg)
{
	struct job *job = calloc(1, sizeof(*job));

	if (job && guest)
		job->guest = strdup(guest);
	if (!job || (guest && !job->guest)) {
		free(job);
		json_object_put(task);
		return NULL;
	}
	job->task = task;
	job->looks = looks;
	job->done = done;
	job->arg = arg;
	own += is_own(job);
	enqueue(job);
	begin();
	return job;
}

int job_start(struct json_object *task,
	      void (*done)(const struct job_result *result, void *arg),
	      void *arg)
{
	if (!jobs_room()) {
		json_object_put(task);
		return -EAGAIN;
	}
	return add_job(task, NULL, false, done, arg) ? 0 : -ENOMEM;
}

/* Return: 0; -E2BIG if the task is longer than a worker takes; -ENOMEM. */
static int add_clients(struct json_object *task, const char *guest, bool looks,
		       const struct job_owner *owner, struct job **job,
		       struct error *err)
{
	size_t len;

	*job = NULL;
	(void)text_of(task, &len);
	if (len > WORKER_TASK_MAX) {
		json_object_put(task);
		return error_set(err, -E2BIG, "is longer than a worker takes");
	}
	*job = add_job(task, guest, looks, owner->done, owner->arg);
	return *job ? 0 : error_no_memory(err);
}

/* The same, if there is room for one that waits. */
static int add_waiting(struct json_object *task, const char *guest, bool looks,
		       const struct job_owner *owner, struct job **job,
		       struct error *err)
{
	if (nr_waiting + nr_sleeping < JOBS_WAITING)
		return add_clients(task, guest, looks, owner, job, err);
	*job = NULL;
	json_object_put(task);
	return error_set(err, -EUSERS,
			 "chaosd has %d things to do that wait already",
			 JOBS_WAITING);
}

int job_start_for(struct json_object *task, const char *guest,
		  const struct job_owner *owner, struct job **job,
		  struct error *err)
{
	return add_waiting(task, guest, false, owner, job, err);
}

int job_start_look(struct json_object *task, const struct job_owner *owner,
		   struct job **job, struct error *err)
{
	return add_waiting(task, "", true, owner, job, err);
}

int job_start_next(struct json_object *task, const struct job_owner *owner,
		   struct job **job, struct error *err)
{
	return add_clients(task, "", false, owner, job, err);
}

/* What happens to whom a worker is at work on, it may have looked at before. */
void jobs_wake(uint32_t domid)
{
	struct job **at = &sleeping, *job;
	struct worker *worker;

	for (worker = workers; worker; worker = worker->next) {
		job = worker->job;
		if (job && (!domid || !job->domid || job->domid == domid))
			job->stirred = true;
	}
	while (*at) {
		if (!domid || (*at)->domid == domid)
			wake(at);
		else
			at = &(*at)->next;
	}
	begin();
}

/* Of one that sleeps, or has slept, something may have to be undone. */
static bool leave(struct job *job)
{
	struct job **at;

	job->left = true;
	for (at = &sleeping; *at; at = &(*at)->next) {
		if (*at != job)
			continue;
		wake(at);
		begin();
		return true;
	}
	return json_object_object_get_ex(job->task, "waited", NULL);
}

bool job_give_up(struct job *job)
{
	struct worker *worker;
	struct job **at;

	for (worker = workers; worker; worker = worker->next) {
		if (worker->job != job)
			continue;
		/* It ends by itself, and the worker can go on. */
		if (!job->looks) {
			kill(worker->pid, SIGTERM);
			worker->told = true;
		}
		job->left = true;
		return true;
	}
	if (leave(job))
		return true;
	for (at = &waiting; *at != job; at = &(*at)->next)
		;
	*at = job->next;
	nr_waiting--;
	free_job(job);
	return false;
}

/* Return: when the next one is due. */
static int64_t wake_due(int64_t now)
{
	struct job **at = &sleeping;
	int64_t next = INT64_MAX;

	while (*at) {
		if ((*at)->due <= now) {
			wake(at);
			continue;
		}
		if ((*at)->due < next)
			next = (*at)->due;
		at = &(*at)->next;
	}
	return next;
}

int jobs_tick(void)
{
	int64_t now = clock_ms(), next, at;

	at = wake_due(now);
	begin();
	while (count_idle() < WORKERS_IDLE && start_worker())
		;
	if (now < next_start && next_start < at &&
	    (waiting || count_idle() < WORKERS_IDLE))
		at = next_start;
	next = next_again(now);
	if (next < at)
		at = next;
	count_long(&next);
	/* Then there is room again for others. */
	if (!jobs_room() && next < at)
		at = next;
	if (at == INT64_MAX)
		return -1;
	return at > now ? at - now : 0;
}
