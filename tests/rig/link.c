// SPDX-License-Identifier: GPL-2.0
/* See link.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "io.h"
#include "link.h"

#define RS		0x1e
#define RESEND_FIRST	1.0
#define RESEND_MOST	8.0

double seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

static uint32_t crc32(const char *p, size_t len)
{
	uint32_t crc = ~0U;
	int bit;

	while (len--) {
		crc ^= (uint8_t)*p++;
		for (bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return ~crc;
}

static const char digits[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static size_t encode(char *out, const char *data, size_t len)
{
	const uint8_t *in = (const uint8_t *)data;
	size_t i, n = 0;

	for (i = 0; i < len; i += 3) {
		uint32_t v = in[i] << 16;

		v |= i + 1 < len ? in[i + 1] << 8 : 0;
		v |= i + 2 < len ? in[i + 2] : 0;
		out[n++] = digits[v >> 18];
		out[n++] = digits[v >> 12 & 63];
		out[n++] = i + 1 < len ? digits[v >> 6 & 63] : '=';
		out[n++] = i + 2 < len ? digits[v & 63] : '=';
	}
	return n;
}

/* The number of bytes, or -1. */
static int decode(char *out, size_t size, const char *in, size_t len)
{
	size_t i, n = 0;

	if (len % 4)
		return -1;
	for (i = 0; i < len; i += 4) {
		uint32_t v = 0;
		int k, pad = 0;

		for (k = 0; k < 4; k++) {
			const char *d = strchr(digits, in[i + k]);

			if (in[i + k] == '=')
				pad++;
			else if (!d)
				return -1;
			v = v << 6 | (in[i + k] == '=' ? 0 : d - digits);
		}
		if (pad > 2 || n + 3 - pad > size)
			return -1;
		out[n++] = v >> 16;
		if (pad < 2)
			out[n++] = v >> 8;
		if (pad < 1)
			out[n++] = v;
	}
	return n;
}

static void put_line(struct link *link, unsigned int seq, char type,
		     const char *data, size_t len)
{
	char line[LINK_LINE + 16];
	int n;

	n = sprintf(line, "%c%c%s.%u.%c.", RS, link->to, link->token, seq, type);
	n += encode(line + n, data, len);
	n += sprintf(line + n, ".%08x\n", crc32(line + 1, n - 1));
	write_all(link->fd, line, n);
}

static void put_frame(struct link *link, unsigned int seq)
{
	struct link_frame *frame = &link->window[seq % LINK_WINDOW];

	put_line(link, seq, frame->type, frame->data, frame->len);
}

void link_init(struct link *link, int fd, char to, char from)
{
	memset(link, 0, sizeof(*link));
	link->fd = fd;
	link->to = to;
	link->from = from;
}

void link_reset(struct link *link, const char *token)
{
	snprintf(link->token, sizeof(link->token), "%s", token);
	link->sent = 0;
	link->acked = 0;
	link->expected = 0;
	link->asked = false;
	link->refused = false;
}

static void wait_for_ack(struct link *link)
{
	link->resend_after = RESEND_FIRST;
	link->resend_at = seconds() + link->resend_after;
}

void link_send(struct link *link, char type, const void *data, size_t len)
{
	struct link_frame *frame = &link->window[link->sent % LINK_WINDOW];

	frame->type = type;
	frame->len = len;
	memcpy(frame->data, data, len);
	if (link_idle(link))
		wait_for_ack(link);
	put_frame(link, link->sent++);
}

static void resend(struct link *link)
{
	unsigned int seq;

	for (seq = link->acked; seq != link->sent; seq++)
		put_frame(link, seq);
}

void link_tick(struct link *link)
{
	if (link_idle(link) || seconds() < link->resend_at)
		return;
	resend(link);
	if (link->resend_after < RESEND_MOST)
		link->resend_after *= 2;
	link->resend_at = seconds() + link->resend_after;
}

void link_hello(struct link *link)
{
	link_reset(link, "0");
	put_line(link, 0, LINK_HELLO, "", 0);
}

/* The other end has all frames before SEQ. */
static void acknowledged(struct link *link, unsigned int seq)
{
	if (seq - link->acked > link->sent - link->acked)
		return;		/* of frames that were never sent */
	if (seq != link->acked)
		wait_for_ack(link);
	link->acked = seq;
}

/* A line that is not a whole frame was meant to be one. */
static void ask_again(struct link *link)
{
	if (link->asked || !link->token[0])
		return;
	link->asked = true;
	put_line(link, link->expected, LINK_AGAIN, "", 0);
}

void link_ready(struct link *link)
{
	if (!link->refused)
		return;
	link->refused = false;
	link->asked = false;
	ask_again(link);
}

static void take_frame(struct link *link, unsigned int seq,
		       const struct link_frame *frame, link_handler *handle)
{
	switch (frame->type) {
	case LINK_ACK:
		acknowledged(link, seq);
		return;
	case LINK_AGAIN:
		acknowledged(link, seq);
		resend(link);
		return;
	}
	if (seq == link->expected) {
		link->refused = !handle(link, frame);
		if (link->refused)
			return;
		link->expected++;
		link->asked = false;
		put_line(link, link->expected, LINK_ACK, "", 0);
	} else if ((int)(seq - link->expected) > 0) {
		if (!link->refused)
			ask_again(link);
	} else {
		/* Sent again since the acknowledgment was lost. */
		put_line(link, link->expected, LINK_ACK, "", 0);
	}
}

/* Parse what stood between RS and LF. */
static void take_line(struct link *link, bool accept, link_handler *handle)
{
	static struct link_frame frame;
	unsigned int seq, crc;
	char token[9], dir;
	char *data, *end;
	int at = 0, len;

	link->line[link->line_len] = '\0';
	end = strrchr(link->line, '.');
	if (!end || sscanf(end, ".%8x", &crc) != 1 ||
	    crc != crc32(link->line, end - link->line) ||
	    sscanf(link->line, "%c%8[0-9a-f].%u.%c.%n", &dir, token, &seq,
		   &frame.type, &at) != 4 || !at) {
		ask_again(link);
		return;
	}
	data = link->line + at;
	len = decode(frame.data, LINK_DATA, data, end - data);
	if (dir != link->from || len < 0)
		return;
	frame.len = len;
	frame.data[len] = '\0';
	if (frame.type == LINK_HELLO) {
		resend(link);
		return;
	}
	if (strcmp(token, link->token)) {
		if (!accept || seq || frame.type != LINK_WORDS)
			return;
		link_reset(link, token);
	}
	take_frame(link, seq, &frame, handle);
}

bool link_receive(struct link *link, bool accept, link_handler *handle)
{
	char buf[4096];
	ssize_t n, i;

	n = read(link->fd, buf, sizeof(buf));
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	if (n <= 0)
		return false;
	for (i = 0; i < n; i++) {
		if (buf[i] == RS) {
			/* Cut off by the next? */
			if (link->in_line)
				ask_again(link);
			link->in_line = true;
			link->line_len = 0;
		} else if (!link->in_line) {
			continue;
		} else if (buf[i] == '\n') {
			link->in_line = false;
			take_line(link, accept, handle);
		} else if (link->line_len < sizeof(link->line) - 1) {
			link->line[link->line_len++] = buf[i];
		}
	}
	return true;
}
