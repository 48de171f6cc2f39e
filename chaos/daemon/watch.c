// SPDX-License-Identifier: GPL-2.0
/*
 * When to look at the guests. Xen raises VIRQ_DOM_EXC when a domain shuts down,
 * crashes or has died, but only one process can bind it: xenstored does, where
 * it runs. Then we look twice a second, which is one hypercall for 512 domains;
 * and whenever a device has changed, as those of a guest that shuts down do.
 */
#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "daemon/events.h"
#include "daemon/guests.h"
#include "daemon/jobs.h"
#include "daemon/loop.h"
#include "daemon/watch.h"
#include "host/noxs.h"
#include "pool/shell.h"
#include "util/json.h"
#include "util/util.h"
#include "xen/reason.h"

#define LOOK_MS		500
#define LOOK_VIRQ_MS	10000	/* the same, if an event should be lost */
#define SHORTEST_MS	10	/* however many guests end at a time */
#define RETRY_MS	30000	/* whether noxs_core, or the VIRQ, is there now */

static void virq_ready(struct source *source, uint32_t events);
static void noxs_ready(struct source *source, uint32_t events);

static struct source virq_source = { .fd = -1, .ready = virq_ready };
static struct source noxs_source = { .fd = -1, .ready = noxs_ready };
static struct virq virq;
static struct noxs noxs;
static bool may_bind_virq;
static int64_t last_look, next_look, next_retry;

bool watching_has_virq(void)
{
	return virq_source.fd >= 0;
}

/* Soon, but not each time if there are many reasons. */
static void look_soon(void)
{
	int64_t now = clock_ms();
	int64_t at = last_look + SHORTEST_MS;

	if (at < now)
		at = now;
	if (at < next_look)
		next_look = at;
}

static void virq_ready(struct source *source, uint32_t events)
{
	(void)source;
	(void)events;
	virq_take(&virq);
	look_soon();
}

static void bind_virq(void)
{
	virq_source.fd = virq_open(&virq);
	if (virq_source.fd < 0 || !loop_add(&virq_source, EPOLLIN))
		return;
	virq_source.fd = -1;
	virq_close(&virq);
}

static void say_change(const struct noxs_change *change)
{
	struct json_object *event = event_new("device");

	doc_number(event, "domid", change->domid);
	doc_text(event, "type", change->type);
	doc_number(event, "id", change->id);
	doc_text(event, "backend_state", change->backend);
	doc_text(event, "frontend_state", change->frontend);
	event_send(event);
}

static void noxs_ready(struct source *source, uint32_t events)
{
	struct noxs_change changes[32];
	int total, i;

	(void)events;
	total = noxs_read(&noxs, changes, ARRAY_SIZE(changes));
	if (total < 0) {
		loop_del(source);
		noxs_close(&noxs);
		source->fd = -1;
		return;
	}
	for (i = 0; i < total; i++) {
		jobs_wake(changes[i].lost ? 0 : changes[i].domid);
		if (changes[i].lost)
			event_send(event_new("lost"));
		/* What isn't a guest yet is nobody's business. */
		else if (!shell_is_recorded(changes[i].domid))
			say_change(&changes[i]);
	}
	if (!watching_has_virq())
		look_soon();
}

static void open_noxs(void)
{
	struct error err;

	if (noxs_open(&noxs, &err))
		return;
	noxs_source.fd = noxs.fd;
	if (!loop_add(&noxs_source, EPOLLIN))
		return;
	noxs_close(&noxs);
	noxs_source.fd = -1;
}

static void try_again(void)
{
	if (noxs_source.fd < 0)
		open_noxs();
	if (may_bind_virq && !watching_has_virq())
		bind_virq();
	next_retry = clock_ms() + RETRY_MS;
}

void watching_init(bool may_bind)
{
	may_bind_virq = may_bind;
	try_again();
}

int watching_tick(void)
{
	int64_t now = clock_ms(), next;

	if (now >= next_retry)
		try_again();
	if (now >= next_look) {
		next_look = now + (watching_has_virq() ? LOOK_VIRQ_MS : LOOK_MS);
		last_look = now;
		guests_look();
	}
	next = next_look < next_retry ? next_look : next_retry;
	next -= clock_ms();
	return next < 0 ? 0 : next;
}
