/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_DAEMON_LOOP_H
#define CHAOS_DAEMON_LOOP_H

#include <stdint.h>
#include <sys/epoll.h>

struct sd_event_source;

/**
 * struct source - something that chaosd waits for; part of whatever owns it
 * @fd: the file
 * @ready: called when @fd is ready for what loop_add() said; it may remove and
 *	free any source
 * @waits: the loop's own
 */
struct source {
	int fd;
	void (*ready)(struct source *source, uint32_t events);
	struct sd_event_source *waits;
};

/**
 * loop_init() - begin
 *
 * Return: 0 or a negative errno.
 */
int loop_init(void);

/**
 * loop_add() - begin to wait for a source
 * @source: which one; stays where it is until loop_del()
 * @events: EPOLLIN and so on
 *
 * Return: 0 or a negative errno.
 */
int loop_add(struct source *source, uint32_t events);

/**
 * loop_change() - wait for something else from now on
 * @source: one that was added
 * @events: EPOLLIN and so on
 */
void loop_change(struct source *source, uint32_t events);

/**
 * loop_del() - wait for a source no longer
 * @source: one that was added
 */
void loop_del(struct source *source);

/**
 * loop_run() - wait, until loop_stop()
 * @tick: called before each wait; returns how long that may be at most, in ms,
 *	or -1
 */
void loop_run(int (*tick)(void));

/**
 * loop_stop() - have loop_run() return
 */
void loop_stop(void);

/**
 * loop_sooner() - the shorter of two waits
 * @a: ms, or -1 for no end
 * @b: ms, or -1 for no end
 *
 * Return: ms, or -1.
 */
static inline int loop_sooner(int a, int b)
{
	if (a < 0)
		return b;
	return b < 0 || a < b ? a : b;
}

#endif /* CHAOS_DAEMON_LOOP_H */
