// SPDX-License-Identifier: GPL-2.0
/*
 * The processes that work for chaosd: they are started here, and what they print
 * is read until they end.
 */
#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/jobs.h"
#include "daemon/loop.h"
#include "util/json.h"

#define RESULT_MAX	4096

/**
 * struct job - a process at work
 * @source: becomes readable when it has ended
 * @pid: its number
 * @out_fd: what it says
 * @done: see job_start()
 * @arg: for @done
 */
struct job {
	struct source source;
	pid_t pid;
	int out_fd;
	void (*done)(const struct job_result *result, void *arg);
	void *arg;
};

static unsigned int count;

bool jobs_room(void)
{
	return count < JOBS_MAX;
}

unsigned int jobs_count(void)
{
	return count;
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
}

/* Only the job had the other end of the pipe: nothing more can come. */
static void read_result(int fd, struct job_result *result)
{
	struct json_object *said;
	char text[RESULT_MAX];
	ssize_t len;

	memset(result, 0, sizeof(*result));
	result->ret = error_set(&result->err, -EIO, "was killed");
	len = read(fd, text, sizeof(text) - 1);
	if (len <= 0)
		return;
	text[len] = '\0';
	said = json_tokener_parse(text);
	take_result(said, result);
	json_object_put(said);
}

static void job_ended(struct source *source, uint32_t events)
{
	struct job *job = (struct job *)source;
	struct job_result result;

	(void)events;
	waitpid(job->pid, NULL, 0);
	read_result(job->out_fd, &result);
	loop_del(source);
	close(source->fd);
	close(job->out_fd);
	count--;
	job->done(&result, job->arg);
	free(job);
}

static void become(char *const argv[], int out_fd)
{
	sigset_t none;

	setsid();
	if (dup2(out_fd, STDOUT_FILENO) < 0)
		return;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execv("/proc/self/exe", argv);
}

static int spawn(struct job *job, char *const argv[], int out_fd)
{
	int ret;

	job->pid = fork();
	if (job->pid < 0)
		return -errno;
	if (!job->pid) {
		become(argv, out_fd);
		_exit(EXIT_FAILURE);
	}
	job->source.ready = job_ended;
	job->source.fd = pidfd_open(job->pid, 0);
	ret = job->source.fd < 0 ? -errno : loop_add(&job->source, EPOLLIN);
	if (!ret)
		return 0;
	/* Without a watch on it, we would never learn that it has ended. */
	if (job->source.fd >= 0)
		close(job->source.fd);
	kill(job->pid, SIGKILL);
	waitpid(job->pid, NULL, 0);
	return ret;
}

int job_start(char *const argv[],
	      void (*done)(const struct job_result *result, void *arg),
	      void *arg)
{
	struct job *job;
	int fds[2], ret;

	if (!jobs_room())
		return -EAGAIN;
	job = calloc(1, sizeof(*job));
	if (!job)
		return -ENOMEM;
	if (pipe2(fds, O_CLOEXEC | O_NONBLOCK)) {
		ret = -errno;
		free(job);
		return ret;
	}
	job->out_fd = fds[0];
	job->done = done;
	job->arg = arg;
	ret = spawn(job, argv, fds[1]);
	close(fds[1]);
	if (ret) {
		close(fds[0]);
		free(job);
		return ret;
	}
	count++;
	return 0;
}
