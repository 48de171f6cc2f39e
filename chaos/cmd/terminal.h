/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_CMD_TERMINAL_H
#define CHAOS_CMD_TERMINAL_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <termios.h>

#define RELAY_FDS	3
#define RELAY_TYPED_MAX	4096

/**
 * struct relay - the user's terminal, connected to a guest's console
 * @sock: the console, or -1 if there is none at present
 * @input: standard input, or -1 if it has ended
 * @output: standard output, or -1 if it has failed
 * @blocked: nobody takes what is written at present
 * @typed: for the console, which hasn't taken it yet
 * @typed_len: how much
 * @is_tty: standard input is a terminal, now in raw mode
 * @saved: how the terminal was
 */
struct relay {
	int sock;
	int input;
	int output;
	bool blocked;
	char typed[RELAY_TYPED_MAX];
	size_t typed_len;
	bool is_tty;
	struct termios saved;
};

/**
 * enum relay_event - what has happened
 * @RELAY_NOTHING: nothing to act on
 * @RELAY_ESCAPE: the user has typed ^], or the terminal has gone
 * @RELAY_LOST: the console has ended; @sock is to be closed
 */
enum relay_event {
	RELAY_NOTHING,
	RELAY_ESCAPE,
	RELAY_LOST,
};

/**
 * relay_begin() - take the terminal
 * @relay: out; to be ended with relay_end()
 * @sock: the console
 *
 * Signals that end the process must be blocked: else they would leave the
 * terminal in raw mode.
 */
void relay_begin(struct relay *relay, int sock);

/**
 * relay_end() - give the terminal back, as it was
 * @relay: begun
 */
void relay_end(struct relay *relay);

/**
 * relay_poll() - say what to wait for
 * @relay: begun
 * @pfds: out: RELAY_FDS for poll()
 *
 * The console isn't read while nobody takes what is written, so that
 * relay_run() doesn't wait.
 */
void relay_poll(const struct relay *relay, struct pollfd *pfds);

/**
 * relay_run() - do what there is to do
 * @relay: begun
 * @pfds: as poll() left them
 *
 * Return: what has happened.
 */
enum relay_event relay_run(struct relay *relay, const struct pollfd *pfds);

/**
 * relay_last_words() - print what the console still has
 * @relay: begun
 * @timeout: how long to wait for its end, in ms
 */
void relay_last_words(struct relay *relay, int timeout);

#endif /* CHAOS_CMD_TERMINAL_H */
