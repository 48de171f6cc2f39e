// SPDX-License-Identifier: GPL-2.0
/*
 * The guests' consoles that chaosd serves, by domid. What a guest can make us
 * do for it is bounded: see console/console.c.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
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

static struct served *by_domid[DOMIDS];
static unsigned int count;

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
	return serve(record, err);
}

/* Whether somebody listens on the console's socket. Doesn't wait for him. */
static bool is_served_by_others(uint32_t domid)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	bool served;
	int fd;

	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return false;
	console_sock_path(domid, address.sun_path, sizeof(address.sun_path));
	served = !connect(fd, (struct sockaddr *)&address, sizeof(address)) ||
		 errno == EAGAIN;
	close(fd);
	return served;
}

int consoles_adopt(const struct record *record, struct error *err)
{
	if (record->domid < DOMIDS && !by_domid[record->domid] &&
	    is_served_by_others(record->domid))
		return 0;
	return consoles_open(record, err);
}

bool consoles_close(uint32_t domid, const uint8_t *handle)
{
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
