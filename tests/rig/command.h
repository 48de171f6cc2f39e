/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One running command and its standard streams, for the agents: agent.c in
 * dom0, guest-agent.c in a guest.
 */
#ifndef RIG_COMMAND_H
#define RIG_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define COMMAND_CHUNK	32768
#define COMMAND_WORDS	4096

struct command {
	pid_t pid;		/* 0: none */
	bool tty;
	int in;			/* its standard input, or -1 */
	int out[3];		/* its output and error output, or -1 */

	/* Input that it has not read yet. */
	char buf[COMMAND_CHUNK];
	size_t len, off;
	bool eof;		/* none follows */
};

void command_init(struct command *cmd);

/*
 * Start the words, each ending in NUL, in DIR if that exists; on a terminal if
 * ROWS is not 0.  0, or -1 with errno.
 */
int command_start(struct command *cmd, char *words, size_t len, const char *dir,
		  uint16_t rows, uint16_t cols);

/* Take input, no more than command_room(). */
void command_feed(struct command *cmd, const void *data, size_t len);
void command_feed_eof(struct command *cmd);
void command_push(struct command *cmd);

static inline bool command_hungry(const struct command *cmd)
{
	return !cmd->len;
}

static inline size_t command_room(const struct command *cmd)
{
	return sizeof(cmd->buf) - cmd->len;
}

/*
 * Read what it has printed, from out[WHICH].  The number of bytes, or 0 if
 * there is nothing now.
 */
size_t command_read(struct command *cmd, int which, void *data, size_t size);
void command_close(struct command *cmd, int which);

/* The command has ended, or shall: forget it. */
void command_reset(struct command *cmd);

/*
 * Reap all children that have ended; SIGS is a signalfd(2) for SIGCHLD.  True
 * if PID was among them.
 */
bool reap(int sigs, pid_t pid, int *status);

/* What every agent does first: no SIGPIPE, and SIGCHLD by this descriptor. */
int catch_children(void);

#endif
