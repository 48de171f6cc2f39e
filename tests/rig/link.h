/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A reliable stream of frames over a guest's console, where the kernel's
 * messages may fall into the midst of anything: guest-exec.c in dom0 and
 * guest-agent.c in the guest.
 *
 * On the wire a frame is one line,
 *
 *	RS DIR TOKEN "." SEQ "." TYPE "." BASE64 "." CRC32 LF
 *
 * where DIR is ">" to the guest and "<" from it (a terminal may echo), TOKEN
 * names the conversation, and the CRC covers all between RS and itself.  What
 * is not such a line is not seen.  Frames are numbered from 0; both ends send
 * up to LINK_WINDOW ahead of what the other has acknowledged, and again what
 * it asks for or does not acknowledge in time.
 */
#ifndef RIG_LINK_H
#define RIG_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LINK_DATA	600
#define LINK_WINDOW	6
#define LINK_LINE	1024

enum {
	/* To the guest. */
	LINK_WORDS	= 'r',	/* of the command, each ending in NUL */
	LINK_GO		= 'g',	/* those were all */
	LINK_STDIN	= 'i',
	LINK_STDIN_EOF	= 'e',

	/* From the guest. */
	LINK_STDOUT	= 'O',
	LINK_STDERR	= 'E',
	LINK_EXIT	= 'X',	/* the exit status, in decimal */
	LINK_HELLO	= 'h',	/* of nobody's conversation: here I am */

	/* Both ways; SEQ is the number of the frame wanted next. */
	LINK_ACK	= 'a',
	LINK_AGAIN	= 'n',
};

struct link_frame {
	char type;
	uint16_t len;
	char data[LINK_DATA + 1];	/* received: ends in NUL */
};

struct link {
	int fd;
	char to, from;		/* the two DIRs */
	char token[9];

	struct link_frame window[LINK_WINDOW];
	unsigned int sent;	/* number of the next frame to send */
	unsigned int acked;	/* the first that is not acknowledged */
	double resend_at, resend_after;

	unsigned int expected;	/* number of the next frame to come */
	bool asked;		/* for it to be sent again */
	bool refused;		/* by the handler */

	char line[LINK_LINE];
	size_t line_len;
	bool in_line;
};

/* False if there is no room for the frame now; then see link_ready(). */
typedef bool link_handler(struct link *link, const struct link_frame *frame);

void link_init(struct link *link, int fd, char to, char from);

/* A new conversation. */
void link_reset(struct link *link, const char *token);

static inline bool link_open(const struct link *link)
{
	return link->sent - link->acked < LINK_WINDOW;
}

static inline bool link_idle(const struct link *link)
{
	return link->sent == link->acked;
}

/* Only when link_open(). */
void link_send(struct link *link, char type, const void *data, size_t len);

/*
 * Read what has come and pass the frames that are next to HANDLE.  A first
 * frame of LINK_WORDS with a new token resets the link, where that is allowed.
 * False at the end of the stream.
 */
bool link_receive(struct link *link, bool accept, link_handler *handle);

/* There is room again: have what was refused sent once more. */
void link_ready(struct link *link);

/*
 * Say that this end is there from now on: the other sends at once what was too
 * early, rather than when it has waited long enough.
 */
void link_hello(struct link *link);

/* Send again what has not been acknowledged for long. */
void link_tick(struct link *link);

double seconds(void);

#endif
