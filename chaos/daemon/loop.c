// SPDX-License-Identifier: GPL-2.0
/*
 * The one loop of chaosd's one thread. What is called from here does little
 * and waits for nothing. One event at a time: so that a source may be freed by
 * another one's event, and each gets its turn, however busy some are.
 */
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>

#include "daemon/loop.h"

static int epfd = -1;
static bool stopped;

int loop_init(void)
{
	epfd = epoll_create1(EPOLL_CLOEXEC);
	return epfd < 0 ? -errno : 0;
}

int loop_add(struct source *source, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.ptr = source };

	return epoll_ctl(epfd, EPOLL_CTL_ADD, source->fd, &event) ? -errno : 0;
}

void loop_change(struct source *source, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.ptr = source };

	epoll_ctl(epfd, EPOLL_CTL_MOD, source->fd, &event);
}

void loop_del(struct source *source)
{
	epoll_ctl(epfd, EPOLL_CTL_DEL, source->fd, NULL);
}

void loop_run(int (*tick)(void))
{
	struct epoll_event event;
	struct source *source;

	while (!stopped) {
		if (epoll_wait(epfd, &event, 1, tick()) != 1)
			continue;
		source = event.data.ptr;
		source->ready(source, event.events);
	}
}

void loop_stop(void)
{
	stopped = true;
}
