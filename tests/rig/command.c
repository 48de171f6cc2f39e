// SPDX-License-Identifier: GPL-2.0
/* See command.h. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "command.h"

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void command_init(struct command *cmd)
{
	memset(cmd, 0, sizeof(*cmd));
	cmd->in = -1;
	cmd->out[0] = -1;
	cmd->out[1] = -1;
	cmd->out[2] = -1;
}

/* In the child: become the command. */
static void __attribute__((noreturn))
run(char **argv, const int *streams, bool tty, const char *dir)
{
	sigset_t none;
	int i;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	setsid();
	for (i = 0; i < 3; i++)
		dup2(streams[i], i);
	if (tty)
		ioctl(0, TIOCSCTTY, 0);
	close_range(3, ~0U, 0);
	if (chdir(dir) < 0)
		(void)!chdir("/");
	execvp(argv[0], argv);
	fprintf(stderr, "%s: %s\n", argv[0], strerror(errno));
	_exit(errno == ENOENT ? 127 : 126);
}

/*
 * The descriptors of both ends of the command's streams: OURS to keep, THEIRS
 * for the command.
 */
static int open_streams(int *ours, int *theirs, const struct winsize *size)
{
	int p[2], i;

	if (size->ws_row) {
		if (openpty(&p[0], &p[1], NULL, NULL, size) < 0)
			return -1;
		ours[0] = p[0];
		ours[1] = dup(p[0]);
		ours[2] = -1;
		theirs[0] = p[1];
		theirs[1] = dup(p[1]);
		theirs[2] = dup(p[1]);
		return 0;
	}
	for (i = 0; i < 3; i++) {
		if (pipe(p) < 0)
			return -1;	/* the agent is lost anyway */
		ours[i] = p[!i];
		theirs[i] = p[i != 0];
	}
	return 0;
}

int command_start(struct command *cmd, char *words, size_t len, const char *dir,
		  uint16_t rows, uint16_t cols)
{
	struct winsize size = { .ws_row = rows, .ws_col = cols };
	int ours[3], theirs[3], i, argc = 0;
	char *argv[COMMAND_WORDS + 1], *p;

	for (p = words; p < words + len && argc < COMMAND_WORDS;
	     p += strlen(p) + 1)
		argv[argc++] = p;
	argv[argc] = NULL;
	if (!argc) {
		errno = EINVAL;
		return -1;
	}

	command_init(cmd);
	cmd->tty = rows;
	if (open_streams(ours, theirs, &size) < 0)
		return -1;
	cmd->pid = fork();
	if (cmd->pid < 0)
		return -1;
	if (!cmd->pid)
		run(argv, theirs, cmd->tty, dir);

	cmd->in = ours[0];
	cmd->out[1] = ours[1];
	cmd->out[2] = ours[2];
	for (i = 0; i < 3; i++) {
		close(theirs[i]);
		if (ours[i] < 0)
			continue;
		fcntl(ours[i], F_SETFL, O_NONBLOCK);
		fcntl(ours[i], F_SETFD, FD_CLOEXEC);
	}
	return 0;
}

void command_push(struct command *cmd)
{
	static const char eot = 4;

	while (cmd->in >= 0 && cmd->off < cmd->len) {
		ssize_t n = write(cmd->in, cmd->buf + cmd->off,
				  cmd->len - cmd->off);

		if (n < 0 && errno == EAGAIN)
			return;
		if (n < 0 && errno != EINTR)
			close_fd(&cmd->in);
		else if (n > 0)
			cmd->off += n;
	}
	cmd->off = 0;
	cmd->len = 0;
	if (cmd->eof && cmd->in >= 0) {
		if (cmd->tty)
			(void)!write(cmd->in, &eot, 1);
		else
			close_fd(&cmd->in);
		cmd->eof = false;
	}
}

void command_feed(struct command *cmd, const void *data, size_t len)
{
	memcpy(cmd->buf + cmd->len, data, len);
	cmd->len += len;
	command_push(cmd);
}

void command_feed_eof(struct command *cmd)
{
	cmd->eof = true;
	command_push(cmd);
}

size_t command_read(struct command *cmd, int which, void *data, size_t size)
{
	ssize_t n;

	if (cmd->out[which] < 0)
		return 0;
	n = read(cmd->out[which], data, size);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n <= 0) {		/* a terminal ends with EIO */
		close_fd(&cmd->out[which]);
		return 0;
	}
	return n;
}

void command_close(struct command *cmd, int which)
{
	close_fd(&cmd->out[which]);
}

void command_reset(struct command *cmd)
{
	close_fd(&cmd->in);
	close_fd(&cmd->out[1]);
	close_fd(&cmd->out[2]);
	command_init(cmd);
}

bool reap(int sigs, pid_t pid, int *status)
{
	struct signalfd_siginfo info;
	bool found = false;
	pid_t ended;
	int st;

	while (read(sigs, &info, sizeof(info)) > 0)
		;
	while ((ended = waitpid(-1, &st, WNOHANG)) > 0)
		if (ended == pid) {
			*status = st;
			found = true;
		}
	return found;
}

int catch_children(void)
{
	sigset_t set;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}
