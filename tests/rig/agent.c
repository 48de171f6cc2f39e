// SPDX-License-Identifier: GPL-2.0
/*
 * PID 1 of dom0: runs one command for run.c, which is at the other end of a
 * virtio-serial port, and carries its input, output and exit status there,
 * and the kernel's log beside them.  Reaps what others leave behind.
 *
 * The status is sent last, after the finishing script has run and the kernel's
 * log has been read to its end: what the command caused is in the log by then.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/reboot.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "frame.h"
#include "io.h"

#define FINISH		"/run/rig/finish"
#define FINISH_SECONDS	120
#define WORDS_MAX	4096

static int port = -1;		/* to run.c */
static int kmsg = -1;
static int sigs = -1;
static int in = -1;		/* the command's standard input */
static int out[3] = { -1, -1, -1 };
static bool tty;
static pid_t command;

/* Input that the command has not read yet. */
static char in_buf[FRAME_MAX];
static size_t in_len, in_off;
static bool in_eof;

static void send_frame(uint8_t type, const void *data, uint32_t len)
{
	char buf[sizeof(struct frame) + FRAME_MAX];
	struct frame head = { .type = type, .len = len };

	/* One write: each becomes a virtio buffer and a notification. */
	memcpy(buf, &head, sizeof(head));
	memcpy(buf + sizeof(head), data, len);
	if (write_all(port, buf, sizeof(head) + len) < 0) {
		perror("agent: port");
		reboot(RB_POWER_OFF);
	}
}

static void read_all(void *buf, size_t len)
{
	char *p = buf;

	while (len) {
		ssize_t n = read(port, p, len);

		if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
			struct pollfd pfd = { .fd = port, .events = POLLIN };

			poll(&pfd, 1, -1);
			continue;
		}
		if (n <= 0) {
			/* run.c is gone, and with it the reason to be. */
			reboot(RB_POWER_OFF);
			_exit(1);
		}
		p += n;
		len -= n;
	}
}

/* The port's device node, by its name. */
static int open_port(void)
{
	char path[PATH_MAX], name[64];
	struct dirent *entry;
	DIR *dir;
	int fd = -1;

	dir = opendir("/sys/class/virtio-ports");
	while (dir && fd < 0 && (entry = readdir(dir))) {
		FILE *f;

		snprintf(path, sizeof(path), "/sys/class/virtio-ports/%s/name",
			 entry->d_name);
		f = fopen(path, "re");
		if (!f)
			continue;
		if (fgets(name, sizeof(name), f) &&
		    !strcmp(name, FRAME_PORT "\n")) {
			snprintf(path, sizeof(path), "/dev/%s", entry->d_name);
			fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
		}
		fclose(f);
	}
	if (dir)
		closedir(dir);
	return fd;
}

/* Send what the kernel's log has: "<level>[seconds] text" lines. */
static void drain_kmsg(void)
{
	char rec[8192], line[8192 + 64];

	for (;;) {
		ssize_t n = read(kmsg, rec, sizeof(rec) - 1);
		unsigned long long usec;
		unsigned int prio;
		char *text, *end;
		int len;

		if (n < 0 && errno == EPIPE) {	/* overrun */
			static const char lost[] = "<4>rig: kernel log lost\n";

			send_frame(FRAME_KMSG, lost, sizeof(lost) - 1);
			continue;
		}
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return;
		rec[n] = '\0';
		text = strchr(rec, ';');
		if (!text ||
		    sscanf(rec, "%u,%*u,%llu", &prio, &usec) != 2)
			continue;
		text++;
		end = strchr(text, '\n');	/* a dictionary follows */
		if (end)
			*end = '\0';
		len = snprintf(line, sizeof(line), "<%u>[%5llu.%06llu] %s\n",
			       prio & 7, usec / 1000000, usec % 1000000, text);
		send_frame(FRAME_KMSG, line, len);
	}
}

static void start_command(char *data, uint32_t len)
{
	char *argv[WORDS_MAX + 1], *p = data;
	struct run_head head;
	int pipes[3][2], pty_main, pty_sub, i, n = 0;
	sigset_t none;

	memcpy(&head, p, sizeof(head));
	for (p += sizeof(head); p < data + len && n < WORDS_MAX;
	     p += strlen(p) + 1)
		argv[n++] = p;
	argv[n] = NULL;

	tty = head.rows && head.cols;
	if (tty) {
		struct winsize size = {
			.ws_row = head.rows, .ws_col = head.cols,
		};

		if (openpty(&pty_main, &pty_sub, NULL, NULL, &size) < 0) {
			perror("agent: openpty");
			exit(1);
		}
		in = pty_main;
		out[1] = dup(pty_main);
	} else {
		for (i = 0; i < 3; i++)
			if (pipe(pipes[i]) < 0) {
				perror("agent: pipe");
				exit(1);
			}
		in = pipes[0][1];
		out[1] = pipes[1][0];
		out[2] = pipes[2][0];
	}

	command = fork();
	if (command < 0) {
		perror("agent: fork");
		exit(1);
	}
	if (!command) {
		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		setsid();
		if (tty) {
			ioctl(pty_sub, TIOCSCTTY, 0);
			for (i = 0; i < 3; i++)
				dup2(pty_sub, i);
		} else {
			dup2(pipes[0][0], 0);
			dup2(pipes[1][1], 1);
			dup2(pipes[2][1], 2);
		}
		close_range(3, ~0U, 0);
		execvp(argv[0], argv);
		fprintf(stderr, "%s: %s\n", argv[0], strerror(errno));
		_exit(errno == ENOENT ? 127 : 126);
	}
	if (tty) {
		close(pty_sub);
	} else {
		close(pipes[0][0]);
		close(pipes[1][1]);
		close(pipes[2][1]);
	}
	fcntl(in, F_SETFL, O_NONBLOCK);
	for (i = 1; i < 3; i++)
		if (out[i] >= 0)
			fcntl(out[i], F_SETFL, O_NONBLOCK);
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* Pass on what the command has printed.  False when there is no more now. */
static bool forward_output(int which)
{
	char buf[FRAME_MAX];
	ssize_t n;

	if (out[which] < 0)
		return false;
	n = read(out[which], buf, sizeof(buf));
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (n <= 0) {		/* a terminal ends with EIO */
		close_fd(&out[which]);
		return false;
	}
	send_frame(which == 1 ? FRAME_STDOUT : FRAME_STDERR, buf, n);
	return true;
}

static void feed_input(void)
{
	static const char eot = 4;

	while (in >= 0 && in_off < in_len) {
		ssize_t n = write(in, in_buf + in_off, in_len - in_off);

		if (n < 0 && errno == EAGAIN)
			return;
		if (n < 0 && errno != EINTR)
			close_fd(&in);
		else if (n > 0)
			in_off += n;
	}
	in_off = 0;
	in_len = 0;
	if (in_eof && in >= 0) {
		if (tty)
			(void)!write(in, &eot, 1);
		else
			close_fd(&in);
		in_eof = false;
	}
}

static void dump_tasks(void)
{
	int fd = open("/proc/sysrq-trigger", O_WRONLY | O_CLOEXEC);

	if (fd >= 0) {
		write_all(fd, "w", 1);
		close(fd);
	}
}

static void handle_frame(void)
{
	static char data[FRAME_MAX + 1];
	struct run_head size;
	struct winsize ws;
	struct frame head;

	read_all(&head, sizeof(head));
	if (head.len > FRAME_MAX) {
		fprintf(stderr, "agent: frame of %u bytes\n", head.len);
		exit(1);
	}
	read_all(data, head.len);
	data[head.len] = '\0';

	switch (head.type) {
	case FRAME_RUN:
		start_command(data, head.len);
		break;
	case FRAME_STDIN:
		memcpy(in_buf, data, head.len);
		in_len = head.len;
		in_off = 0;
		feed_input();
		break;
	case FRAME_STDIN_EOF:
		in_eof = true;
		feed_input();
		break;
	case FRAME_CLOSE:
		if (data[0] == 1 || data[0] == 2)
			close_fd(&out[(int)data[0]]);
		break;
	case FRAME_RESIZE:
		memcpy(&size, data, sizeof(size));
		ws = (struct winsize){
			.ws_row = size.rows, .ws_col = size.cols,
		};
		if (tty && in >= 0)
			ioctl(in, TIOCSWINSZ, &ws);
		break;
	case FRAME_DUMP:
		dump_tasks();
		break;
	}
}

/* Reap all that has ended.  True if PID was among them. */
static bool reap(pid_t pid, int *status)
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

static int run_command(void)
{
	bool ended = false;
	int status = 0;

	while (!ended) {
		struct pollfd p[] = {
			/* Not before the last input has been taken. */
			{ .fd = in_len ? -1 : port, .events = POLLIN },
			{ .fd = kmsg, .events = POLLIN },
			{ .fd = sigs, .events = POLLIN },
			{ .fd = out[1], .events = POLLIN },
			{ .fd = out[2], .events = POLLIN },
			{ .fd = in_len ? in : -1, .events = POLLOUT },
		};

		if (poll(p, sizeof(p) / sizeof(p[0]), -1) < 0)
			continue;
		if (p[1].revents)
			drain_kmsg();
		if (p[3].revents)
			forward_output(1);
		if (p[4].revents)
			forward_output(2);
		if (p[5].revents)
			feed_input();
		if (p[0].revents)
			handle_frame();
		if (p[2].revents)
			ended = reap(command, &status);
	}

	/* A daemon that it left may hold its output open: take what is there. */
	while (forward_output(1) || forward_output(2))
		;
	return status;
}

/* Run the script that looks for leaks and saves logs, within bounds. */
static void finish(void)
{
	struct pollfd p[] = {
		{ .fd = sigs, .events = POLLIN },
		{ .fd = kmsg, .events = POLLIN },
	};
	time_t end = time(NULL) + FINISH_SECONDS;
	bool ended = false;
	sigset_t none;
	int status;
	pid_t pid;

	pid = fork();
	if (!pid) {
		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		execl(FINISH, FINISH, NULL);
		_exit(127);
	}
	while (pid > 0 && !ended && time(NULL) < end) {
		poll(p, 2, 1000);
		drain_kmsg();
		ended = reap(pid, &status);
	}
	drain_kmsg();
}

int main(void)
{
	uint32_t status;
	sigset_t set;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	sigs = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	kmsg = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	port = open_port();
	if (port < 0 || kmsg < 0 || sigs < 0) {
		perror("agent: cannot start");
		return 1;
	}

	send_frame(FRAME_READY, "", 0);
	drain_kmsg();
	while (!command)
		handle_frame();
	status = run_command();
	finish();
	send_frame(FRAME_EXIT, &status, sizeof(status));

	/* run.c ends the machine; until then there must be a PID 1. */
	for (;;)
		pause();
}
