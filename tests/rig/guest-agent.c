// SPDX-License-Identifier: GPL-2.0
/*
 * PID 1 of a guest once it has booted: runs commands for guest-exec.c, which
 * is in dom0 at the other end of the console.  One at a time; a new one ends
 * the one before it, whose guest-exec must have gone.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "command.h"
#include "link.h"

#define CONSOLE		"/dev/hvc0"
#define WORDS_MAX	65536

static struct link host;
static struct command cmd;
static char words[WORDS_MAX];
static size_t words_len;
static bool ended;		/* the command has; its status is yet to go */
static int status;

static void end_command(void)
{
	if (cmd.pid > 0)
		kill(-cmd.pid, SIGKILL);
	command_reset(&cmd);
	ended = false;
	words_len = 0;
}

static bool handle(struct link *from, const struct link_frame *frame)
{
	(void)from;
	switch (frame->type) {
	case LINK_WORDS:
		if (cmd.pid)	/* of the conversation before */
			end_command();
		if (words_len + frame->len <= sizeof(words)) {
			memcpy(words + words_len, frame->data, frame->len);
			words_len += frame->len;
		}
		break;
	case LINK_GO:
		if (command_start(&cmd, words, words_len, "/root", 0, 0) < 0) {
			status = W_EXITCODE(126, 0);
			ended = true;
		}
		words_len = 0;
		break;
	case LINK_STDIN:
		if (!cmd.pid)
			break;
		if (command_room(&cmd) < frame->len)
			return false;
		command_feed(&cmd, frame->data, frame->len);
		break;
	case LINK_STDIN_EOF:
		if (cmd.pid)
			command_feed_eof(&cmd);
		break;
	}
	return true;
}

/* Pass on some output.  False when there is no more now. */
static bool forward_output(int which)
{
	char data[LINK_DATA];
	size_t n;

	n = command_read(&cmd, which, data, sizeof(data));
	if (n)
		link_send(&host, which == 1 ? LINK_STDOUT : LINK_STDERR, data, n);
	return n;
}

/* The command has ended: send the rest of its output, then its status. */
static void finish_command(void)
{
	char text[16];
	int n;

	while (link_open(&host) && (forward_output(1) || forward_output(2)))
		;
	if (!link_open(&host))
		return;
	n = sprintf(text, "%d", WIFSIGNALED(status) ? 128 + WTERMSIG(status) :
		    WEXITSTATUS(status));
	link_send(&host, LINK_EXIT, text, n);
	command_reset(&cmd);
	ended = false;
}

static int open_console(void)
{
	struct termios raw;
	int fd;

	fd = open(CONSOLE, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	tcgetattr(fd, &raw);
	cfmakeraw(&raw);
	tcsetattr(fd, TCSANOW, &raw);
	return fd;
}

int main(void)
{
	int sigs = catch_children(), console = open_console();

	if (sigs < 0 || console < 0) {
		perror("guest-agent: cannot start");
		return 1;
	}
	command_init(&cmd);
	link_init(&host, console, '<', '>');
	link_hello(&host);

	for (;;) {
		bool open = link_open(&host) && !ended;
		struct pollfd p[] = {
			{ .fd = console, .events = POLLIN },
			{ .fd = sigs, .events = POLLIN },
			{ .fd = open ? cmd.out[1] : -1, .events = POLLIN },
			{ .fd = open ? cmd.out[2] : -1, .events = POLLIN },
			{ .fd = command_hungry(&cmd) ? -1 : cmd.in,
			  .events = POLLOUT },
		};

		if (poll(p, sizeof(p) / sizeof(p[0]),
			 link_idle(&host) ? -1 : 250) < 0)
			continue;
		if (p[2].revents)
			forward_output(1);
		if (p[3].revents && link_open(&host))
			forward_output(2);
		if (p[4].revents) {
			command_push(&cmd);
			if (command_hungry(&cmd))
				link_ready(&host);
		}
		if (p[0].revents && !link_receive(&host, true, handle))
			return 1;
		if (p[1].revents && reap(sigs, cmd.pid, &status))
			ended = true;
		if (ended)
			finish_command();
		link_tick(&host);
	}
}
