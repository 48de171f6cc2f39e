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
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "command.h"
#include "frame.h"
#include "io.h"

#define HOME_DIR	"/opt/noxs"
#define FINISH		"/run/rig/finish"
#define FINISH_SECONDS	120

static int port = -1;		/* to run.c */
static int kmsg = -1;
static int sigs = -1;
static struct command cmd;
static bool late;		/* the command's time is up */

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
	struct run_head head;

	memcpy(&head, data, sizeof(head));
	if (command_start(&cmd, data + sizeof(head), len - sizeof(head),
			  HOME_DIR, head.rows, head.cols) < 0) {
		perror("agent: cannot start the command");
		exit(1);
	}
}

/* Pass on what the command has printed.  False when there is no more now. */
static bool forward_output(int which)
{
	char buf[FRAME_MAX];
	size_t n;

	n = command_read(&cmd, which, buf, sizeof(buf));
	if (n)
		send_frame(which == 1 ? FRAME_STDOUT : FRAME_STDERR, buf, n);
	return n;
}

/* Have the kernel log which tasks are blocked, and where. */
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
		command_feed(&cmd, data, head.len);
		break;
	case FRAME_STDIN_EOF:
		command_feed_eof(&cmd);
		break;
	case FRAME_CLOSE:
		if (data[0] == 1 || data[0] == 2)
			command_close(&cmd, data[0]);
		break;
	case FRAME_RESIZE:
		memcpy(&size, data, sizeof(size));
		ws = (struct winsize){
			.ws_row = size.rows, .ws_col = size.cols,
		};
		if (cmd.tty && cmd.in >= 0)
			ioctl(cmd.in, TIOCSWINSZ, &ws);
		break;
	case FRAME_DEADLINE:
		dump_tasks();
		late = true;
		break;
	}
}

static int run_command(void)
{
	bool ended = false;
	int status = 0;

	while (!ended && !late) {
		struct pollfd p[] = {
			/* Not before the last input has been taken. */
			{ .fd = command_hungry(&cmd) ? port : -1, .events = POLLIN },
			{ .fd = kmsg, .events = POLLIN },
			{ .fd = sigs, .events = POLLIN },
			{ .fd = cmd.out[1], .events = POLLIN },
			{ .fd = cmd.out[2], .events = POLLIN },
			{ .fd = command_hungry(&cmd) ? -1 : cmd.in,
			  .events = POLLOUT },
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
			command_push(&cmd);
		if (p[0].revents)
			handle_frame();
		if (p[2].revents)
			ended = reap(sigs, cmd.pid, &status);
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
		execl(FINISH, FINISH, late ? "late" : NULL, NULL);
		_exit(127);
	}
	while (pid > 0 && !ended && time(NULL) < end) {
		poll(p, 2, 1000);
		drain_kmsg();
		ended = reap(sigs, pid, &status);
	}
	drain_kmsg();
}

int main(void)
{
	uint32_t status;

	clearenv();
	setenv("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", 1);
	setenv("HOME", "/root", 1);
	setenv("TERM", "linux", 1);
	setenv("LANG", "C.UTF-8", 1);
	command_init(&cmd);
	sigs = catch_children();
	kmsg = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	port = open_port();
	if (port < 0 || kmsg < 0 || sigs < 0) {
		perror("agent: cannot start");
		return 1;
	}

	send_frame(FRAME_READY, "", 0);
	drain_kmsg();
	while (!cmd.pid)
		handle_frame();
	status = run_command();
	finish();
	send_frame(FRAME_EXIT, &status, sizeof(status));

	/* run.c ends the machine; until then there must be a PID 1. */
	for (;;)
		pause();
}
