// SPDX-License-Identifier: MIT
/*
 * daytime - a guest that tells over TCP what time it is, RFC 867
 *
 * Its IPv4 address is what follows "ip=" on its command line. If it has a disk, that
 * begins with a number: of those who have asked.
 */
#include <stdint.h>
#include <string.h>

#include <lwip/tcp.h>

#include "blk.h"
#include "clock.h"
#include "guest.h"
#include "ip.h"
#include "port.h"

#define DAYTIME		13

enum { MINUTE = 60, HOUR = 60 * MINUTE, DAY = 24 * HOUR };

struct text {
	char octets[80];
	unsigned int size;
};

/* The disk's beginning; whether it has changed since it was given to be written. */
static uint8_t block[BLK_SIZE];
static bool has_disk, has_changed;
static unsigned int visitors;

static void put_string(struct text *text, const char *string)
{
	while (*string)
		text->octets[text->size++] = *string++;
}

static void put_number(struct text *text, unsigned int number, unsigned int digits)
{
	if (digits > 1 || number > 9)
		put_number(text, number / 10, digits - 1);
	text->octets[text->size++] = '0' + number % 10;
}

static bool is_leap(unsigned int year)
{
	return year % 4 == 0 && (year % 100 || year % 400 == 0);
}

static void put_date(struct text *text, unsigned int days)
{
	uint8_t length[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	unsigned int year, month;

	for (year = 1970; days >= 365u + is_leap(year); year++)
		days -= 365 + is_leap(year);
	length[1] += is_leap(year);
	for (month = 0; days >= length[month]; month++)
		days -= length[month];
	put_number(text, year, 4);
	put_string(text, "-");
	put_number(text, month + 1, 2);
	put_string(text, "-");
	put_number(text, days + 1, 2);
}

static void put_time(struct text *text, unsigned int seconds)
{
	put_number(text, seconds / HOUR, 2);
	put_string(text, ":");
	put_number(text, seconds % HOUR / MINUTE, 2);
	put_string(text, ":");
	put_number(text, seconds % MINUTE, 2);
}

static void count_visitor(void)
{
	struct text text = { .size = 0 };

	put_number(&text, ++visitors, 1);
	put_string(&text, "\n");
	memcpy(block, text.octets, text.size);
	/* If there is another one on its way, this follows it. */
	has_changed = blk_write(0, block);
}

static err_t answer(void *arg, struct tcp_pcb *pcb, err_t err)
{
	uint64_t now = clock_wall(port_shared());
	struct text text = { .size = 0 };

	(void)arg;
	if (err || !pcb)
		return ERR_VAL;
	put_date(&text, now / DAY);
	put_string(&text, " ");
	put_time(&text, now % DAY);
	put_string(&text, " UTC");
	if (has_disk) {
		count_visitor();
		put_string(&text, ", visitor ");
		put_number(&text, visitors, 1);
	}
	put_string(&text, "\r\n");
	if (tcp_write(pcb, text.octets, text.size, TCP_WRITE_FLAG_COPY) ||
	    tcp_close(pcb)) {
		tcp_abort(pcb);
		return ERR_ABRT;
	}
	return ERR_OK;
}

static void listen(void)
{
	struct tcp_pcb *pcb = tcp_new();

	if (!pcb || tcp_bind(pcb, IP4_ADDR_ANY, DAYTIME))
		port_end();
	pcb = tcp_listen(pcb);
	if (!pcb)
		port_end();
	tcp_accept(pcb, answer);
}

static void read_number(void)
{
	const uint8_t *at;

	/* More digits than it can have are none of its. */
	for (at = block; at < block + 9 && *at >= '0' && *at <= '9'; at++)
		visitors = visitors * 10 + *at - '0';
}

/* First of all it is read; a disk that can't be is as good as none. */
void blk_done(const void *data)
{
	static bool is_read;

	if (is_read) {
		if (has_changed)
			has_changed = blk_write(0, block);
		return;
	}
	is_read = true;
	if (data) {
		memcpy(block, data, sizeof(block));
		read_number();
		has_disk = true;
	}
	listen();
}

void guest_main(const struct guest_type *type, const char *cmdline)
{
	if (memcmp(cmdline, "ip=", 3) || !port_start(type) ||
	    !ip_start(cmdline + 3))
		port_end();
	if (blk_start() || blk_read(0))
		listen();
	for (;;)
		ip_wait();
}
