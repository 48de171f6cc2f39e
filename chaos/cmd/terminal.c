// SPDX-License-Identifier: GPL-2.0
/*
 * The user's terminal, connected to a guest's console. Nothing here waits, neither
 * for a guest that reads nothing nor for a reader of what it prints: whoever is at
 * the terminal can leave it, and signals are heard.
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
	relay->typed_len = 0;
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

/*
 * What comes from elsewhere than a terminal is read when there is room for it. A terminal
 * can always be left.
 */
static bool wants_input(const struct relay *relay)
{
	return relay->is_tty || (relay->sock >= 0 && !relay->typed_len);
}

void relay_poll(const struct relay *relay, struct pollfd *pfds)
{
	pfds[SOCK].events = (relay->blocked ? 0 : POLLIN) |
			    (relay->typed_len ? POLLOUT : 0);
	pfds[SOCK].fd = pfds[SOCK].events ? relay->sock : -1;
	pfds[INPUT].fd = wants_input(relay) ? relay->input : -1;
	pfds[INPUT].events = POLLIN;
	pfds[OUTPUT].fd = relay->blocked ? relay->output : -1;
	pfds[OUTPUT].events = POLLOUT;
}

/* As much as the console takes at present. */
static void send_typed(struct relay *relay)
{
	ssize_t done;

	done = send(relay->sock, relay->typed, relay->typed_len,
		    MSG_DONTWAIT | MSG_NOSIGNAL);
	if (done < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	/* It takes no more, but may still have something to say. */
	if (done < 0)
		done = relay->typed_len;
	relay->typed_len -= done;
	memmove(relay->typed, relay->typed + done, relay->typed_len);
}

/* What the user has typed, up to the escape; what has no room is lost. */
static enum relay_event read_input(struct relay *relay)
{
	char bytes[RELAY_TYPED_MAX], *escape = NULL;
	size_t room = RELAY_TYPED_MAX - relay->typed_len;
	ssize_t len;

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
	if ((size_t)len > room)
		len = room;
	/* What nobody hears isn't kept. */
	if (relay->sock < 0)
		len = 0;
	memcpy(relay->typed + relay->typed_len, bytes, len);
	relay->typed_len += len;
	if (relay->typed_len && relay->sock >= 0)
		send_typed(relay);
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
	enum relay_event event = RELAY_NOTHING;

	if (pfds[OUTPUT].revents)
		relay->blocked = false;
	if (pfds[SOCK].revents & POLLOUT)
		send_typed(relay);
	/* Output first, so that a guest's last words aren't lost. */
	if (pfds[SOCK].revents & ~POLLOUT)
		event = print_output(relay);
	/* A guest that prints without end doesn't keep anybody. */
	if (event == RELAY_NOTHING && pfds[INPUT].revents)
		event = read_input(relay);
	return event;
}

void relay_last_words(struct relay *relay, int timeout)
{
	int64_t deadline = clock_ms() + timeout, left;
	struct pollfd pfds[RELAY_FDS];
	enum relay_event event = RELAY_NOTHING;

	relay->input = -1;
	relay->typed_len = 0;
	while (relay->sock >= 0 && event != RELAY_LOST) {
		left = deadline - clock_ms();
		relay_poll(relay, pfds);
		if (left <= 0)
			return;
		if (poll(pfds, RELAY_FDS, left) > 0)
			event = relay_run(relay, pfds);
	}
}
