// SPDX-License-Identifier: GPL-2.0
/*
 * The user's terminal, connected to a guest's console.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cmd/terminal.h"
#include "util/util.h"

#define ESCAPE		0x1d	/* ^] */
#define CHUNK		4096	/* what a pipe that can be written takes at once */

enum { SOCK, INPUT, OUTPUT };

void relay_begin(struct relay *relay, int sock)
{
	struct termios raw;

	relay->sock = sock;
	relay->input = STDIN_FILENO;
	relay->output = STDOUT_FILENO;
	relay->blocked = false;
	relay->is_tty = isatty(STDIN_FILENO) &&
			!tcgetattr(STDIN_FILENO, &relay->saved);
	signal(SIGPIPE, SIG_IGN);
	if (!relay->is_tty)
		return;
	fputs("Escape character is ^]\n", stderr);
	raw = relay->saved;
	cfmakeraw(&raw);
	tcsetattr(STDIN_FILENO, TCSANOW, &raw);
}

void relay_end(struct relay *relay)
{
	if (!relay->is_tty)
		return;
	tcsetattr(STDIN_FILENO, TCSADRAIN, &relay->saved);
	fputc('\n', stderr);
}

void relay_poll(const struct relay *relay, struct pollfd *pfds)
{
	pfds[SOCK].fd = relay->blocked ? -1 : relay->sock;
	pfds[SOCK].events = POLLIN;
	pfds[INPUT].fd = relay->sock < 0 ? -1 : relay->input;
	pfds[INPUT].events = POLLIN;
	pfds[OUTPUT].fd = relay->blocked ? relay->output : -1;
	pfds[OUTPUT].events = POLLOUT;
}

/* What the user has typed, up to the escape. */
static enum relay_event send_input(struct relay *relay)
{
	char bytes[512], *escape = NULL, *at = bytes;
	ssize_t len, done;

	len = read(relay->input, bytes, sizeof(bytes));
	if (len < 0 && (errno == EINTR || errno == EAGAIN))
		return RELAY_NOTHING;
	if (len <= 0) {
		/* The guest may still have something to say. */
		relay->input = -1;
		return relay->is_tty ? RELAY_ESCAPE : RELAY_NOTHING;
	}
	if (relay->is_tty)
		escape = memchr(bytes, ESCAPE, len);
	if (escape)
		len = escape - bytes;
	for (; len; at += done, len -= done) {
		done = send(relay->sock, at, len, MSG_NOSIGNAL);
		if (done < 0)
			return RELAY_LOST;
	}
	return escape ? RELAY_ESCAPE : RELAY_NOTHING;
}

static void print(struct relay *relay, const char *at, size_t len)
{
	ssize_t done;

	for (; len && relay->output >= 0; at += done, len -= done) {
		done = write(relay->output, at, len);
		if (done < 0)
			relay->output = -1;
	}
}

/* Whether a chunk can be written without waiting, or is lost anyway. */
static bool can_print(const struct relay *relay)
{
	struct pollfd pfd = { .fd = relay->output, .events = POLLOUT };

	return relay->output < 0 || poll(&pfd, 1, 0) > 0;
}

static enum relay_event print_output(struct relay *relay)
{
	char bytes[CHUNK];
	ssize_t len;

	relay->blocked = !can_print(relay);
	if (relay->blocked)
		return RELAY_NOTHING;
	len = recv(relay->sock, bytes, sizeof(bytes), MSG_DONTWAIT);
	if (len < 0 && (errno == EINTR || errno == EAGAIN))
		return RELAY_NOTHING;
	if (len <= 0)
		return RELAY_LOST;
	print(relay, bytes, len);
	return RELAY_NOTHING;
}

enum relay_event relay_run(struct relay *relay, const struct pollfd *pfds)
{
	if (pfds[OUTPUT].revents)
		relay->blocked = false;
	/* Output first, so that a guest's last words aren't lost. */
	if (pfds[SOCK].revents)
		return print_output(relay);
	if (pfds[INPUT].revents)
		return send_input(relay);
	return RELAY_NOTHING;
}

void relay_last_words(struct relay *relay, int timeout)
{
	int64_t deadline = clock_ms() + timeout, left;
	struct pollfd pfds[RELAY_FDS];
	enum relay_event event = RELAY_NOTHING;

	relay->input = -1;
	while (relay->sock >= 0 && event != RELAY_LOST) {
		left = deadline - clock_ms();
		relay_poll(relay, pfds);
		if (left <= 0)
			return;
		if (poll(pfds, RELAY_FDS, left) > 0)
			event = relay_run(relay, pfds);
	}
}
