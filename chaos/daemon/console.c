// SPDX-License-Identifier: GPL-2.0
/*
 * The guests' consoles that chaosd serves, by domid. What a guest can make us
 * do for it is bounded: see console/console.c.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "console/console.h"
#include "console/drainer.h"
#include "daemon/console.h"
#include "daemon/loop.h"
#include "xen/xen.h"

/**
 * struct served - a console that we serve
 * @source: has work for console_run(); first
 * @handle: of the domain
 * @con: the console
 */
struct served {
	struct source source;
	uint8_t handle[UUID_SIZE];
	struct console con;
};

/**
 * struct other - a console that a process of its own serves
 * @source: the process; first
 * @domid: the domain
 * @handle: of the domain
 */
struct other {
	struct source source;
	uint32_t domid;
	uint8_t handle[UUID_SIZE];
};

static struct served *by_domid[DOMIDS];
static struct other *others[DOMIDS];
static unsigned int count;
static void (*tell_lost)(uint32_t domid, const uint8_t *handle);

void consoles_init(void (*lost)(uint32_t domid, const uint8_t *handle))
{
	tell_lost = lost;
}

static void console_ready(struct source *source, uint32_t events)
{
	struct served *served = (struct served *)source;

	(void)events;
	console_run(&served->con);
}

static void stop_serving(uint32_t domid)
{
	struct served *served = by_domid[domid];

	loop_del(&served->source);
	console_close(&served->con);
	free(served);
	by_domid[domid] = NULL;
	count--;
}

static void stop_watching(uint32_t domid)
{
	struct other *other = others[domid];

	if (!other)
		return;
	loop_del(&other->source);
	close(other->source.fd);
	free(other);
	others[domid] = NULL;
}

/* A guest whose console nobody drains stops as soon as its ring is full. */
static void other_ended(struct source *source, uint32_t events)
{
	struct other *other = (struct other *)source, was = *other;

	(void)events;
	stop_watching(was.domid);
	tell_lost(was.domid, was.handle);
}

/* Takes @pidfd. */
static int watch(const struct record *record, int pidfd, struct error *err)
{
	struct other *other = calloc(1, sizeof(*other));
	int ret = -ENOMEM;

	stop_watching(record->domid);
	if (other) {
		other->source.fd = pidfd;
		other->source.ready = other_ended;
		other->domid = record->domid;
		memcpy(other->handle, record->handle, UUID_SIZE);
		ret = loop_add(&other->source, EPOLLIN);
	}
	if (!ret) {
		others[record->domid] = other;
		return 0;
	}
	free(other);
	close(pidfd);
	return error_sys(err, ret, "console");
}

static int serve(const struct record *record, struct error *err)
{
	struct console_place place = {
		.domid = record->domid, .name = record->name,
	};
	struct served *served;
	int ret;

	if (!record_console(record, &place.gfn, &place.port))
		return error_set(err, -ENOENT, "console: has none");
	served = calloc(1, sizeof(*served));
	if (!served)
		return error_sys(err, -ENOMEM, "console");
	memcpy(served->handle, record->handle, UUID_SIZE);
	ret = console_open(&served->con, &place, err);
	if (ret) {
		free(served);
		return ret;
	}
	served->source.fd = served->con.epfd;
	served->source.ready = console_ready;
	ret = loop_add(&served->source, EPOLLIN);
	if (ret) {
		console_close(&served->con);
		free(served);
		return error_sys(err, ret, "console");
	}
	by_domid[record->domid] = served;
	count++;
	return 0;
}

static bool is_served(uint32_t domid, const uint8_t *handle)
{
	return domid < DOMIDS && by_domid[domid] &&
	       !memcmp(by_domid[domid]->handle, handle, UUID_SIZE);
}

int consoles_open(const struct record *record, struct error *err)
{
	if (record->domid >= DOMIDS)
		return error_set(err, -EINVAL, "console: no such domain");
	if (is_served(record->domid, record->handle))
		return 0;
	/* A former domain's: we weren't told yet that it is gone. */
	if (by_domid[record->domid])
		stop_serving(record->domid);
	stop_watching(record->domid);
	return serve(record, err);
}

int consoles_adopt(const struct record *record, struct error *err)
{
	int pidfd;

	if (record->domid >= DOMIDS || by_domid[record->domid])
		return consoles_open(record, err);
	pidfd = drainer_pidfd(record->domid, err);
	if (pidfd >= 0)
		return watch(record, pidfd, err);
	if (pidfd != -ENOENT && pidfd != -ECONNREFUSED && pidfd != -ESRCH)
		return pidfd;
	return consoles_open(record, err);
}

bool consoles_close(uint32_t domid, const uint8_t *handle)
{
	if (domid < DOMIDS && others[domid] &&
	    !memcmp(others[domid]->handle, handle, UUID_SIZE))
		stop_watching(domid);
	if (!is_served(domid, handle))
		return false;
	stop_serving(domid);
	return true;
}

unsigned int consoles_count(void)
{
	return count;
}

static void hand_over(uint32_t domid)
{
	struct console_place place = { .domid = domid };
	uint8_t handle[UUID_SIZE];
	struct record record;
	struct error ignored;

	memcpy(handle, by_domid[domid]->handle, UUID_SIZE);
	stop_serving(domid);
	if (record_load(&record, domid, handle))
		return;
	place.name = record.name;
	if (record_console(&record, &place.gfn, &place.port))
		(void)drainer_start_own(&place, handle, &ignored);
	record_free(&record);
}

void consoles_hand_over(void)
{
	uint32_t domid;

	for (domid = 0; domid < DOMIDS; domid++)
		if (by_domid[domid])
			hand_over(domid);
}
