// SPDX-License-Identifier: GPL-2.0
/*
 * The one loop of chaosd's one thread. What is called from here does little
 * and waits for nothing. One event at a time: so that a source may be freed by
 * another one's event, and each gets its turn, however busy some are.
 *
 * systemd's watchdog, where there is one, sees that it goes round.
 */
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <systemd/sd-event.h>

#include "daemon/loop.h"

static struct sd_event *loop;
static bool stopped;

int loop_init(void)
{
	int ret = sd_event_new(&loop);

	if (ret >= 0)
		ret = sd_event_set_watchdog(loop, true);
	return ret < 0 ? ret : 0;
}

static int ready(struct sd_event_source *waits, int fd, uint32_t events, void *arg)
{
	struct source *source = arg;

	(void)waits;
	(void)fd;
	source->ready(source, events);
	return 0;
}

int loop_add(struct source *source, uint32_t events)
{
	return sd_event_add_io(loop, &source->waits, source->fd, events, ready,
			       source);
}

void loop_change(struct source *source, uint32_t events)
{
	sd_event_source_set_io_events(source->waits, events);
}

void loop_del(struct source *source)
{
	source->waits = sd_event_source_disable_unref(source->waits);
}

void loop_run(int (*tick)(void))
{
	int wait;

	while (!stopped) {
		wait = tick();
		sd_event_run(loop, wait < 0 ? UINT64_MAX : wait * UINT64_C(1000));
	}
}

void loop_stop(void)
{
	stopped = true;
}
