// SPDX-License-Identifier: GPL-2.0
/*
 * thin-xenbus - a device of xenbus, and nothing around it: what the transport costs
 *
 *	thin-xenbus add vif|vbd DOMID ID [MAJOR:MINOR]	until the backend is Connected
 *	thin-xenbus offer …				the same, without waiting
 *	thin-xenbus del vif|vbd DOMID ID		until the nodes are gone
 *
 * It writes what the drivers need, in one transaction, with the permissions that
 * libxl gives, and no more: no hotplug script, none of libxl's own nodes.
 */
#include <err.h>
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xen/io/xenbus.h>
#include <xenstore.h>

#define PATIENCE_MS	60000

static struct xs_handle *xs;
static char frontend[64], backend[64], backend_state[80];

static void put(xs_transaction_t t, const char *dir, const char *name,
		const char *value)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	if (!xs_write(xs, t, path, value, strlen(value)))
		err(1, "%s", path);
}

/* A directory of one domain, which another may read. */
static void make_dir(xs_transaction_t t, const char *dir, unsigned int owner,
		     unsigned int reader)
{
	struct xs_permissions perms[] = {
		{ .id = owner, .perms = XS_PERM_NONE },
		{ .id = reader, .perms = XS_PERM_READ },
	};

	if (!xs_mkdir(xs, t, dir) || !xs_set_permissions(xs, t, dir, perms, 2))
		err(1, "%s", dir);
}

static void begin(xs_transaction_t *t)
{
	*t = xs_transaction_start(xs);
	if (!*t)
		err(1, "transaction");
}

/* Whether the transaction has to be made again. */
static bool again(xs_transaction_t t)
{
	if (xs_transaction_end(xs, t, false))
		return false;
	if (errno != EAGAIN)
		err(1, "transaction");
	return true;
}

static void put_vif(xs_transaction_t t, unsigned int id)
{
	char mac[24], handle[16];

	snprintf(mac, sizeof(mac), "00:16:3e:01:%02x:%02x", id >> 8 & 0xff, id & 0xff);
	snprintf(handle, sizeof(handle), "%u", id);
	put(t, backend, "handle", handle);
	put(t, backend, "mac", mac);
	put(t, backend, "script", "");
	put(t, frontend, "handle", handle);
	put(t, frontend, "mac", mac);
}

static void put_vbd(xs_transaction_t t, unsigned int id, const char *disk)
{
	unsigned int major, minor;
	char device[24], number[16];

	if (!disk || sscanf(disk, "%u:%u", &major, &minor) != 2)
		errx(2, "a vbd needs MAJOR:MINOR");
	snprintf(device, sizeof(device), "%x:%x", major, minor);
	snprintf(number, sizeof(number), "%u", id);
	put(t, backend, "physical-device", device);
	put(t, backend, "mode", "w");
	/* xen-blkback names its thread by it. */
	put(t, backend, "dev", number);
	put(t, backend, "device-type", "disk");
	put(t, frontend, "virtual-device", number);
	put(t, frontend, "device-type", "disk");
}

static void offer(bool vif, unsigned int domid, unsigned int id, const char *disk)
{
	xs_transaction_t t;
	char guest[16];

	snprintf(guest, sizeof(guest), "%u", domid);
	do {
		begin(&t);
		make_dir(t, frontend, domid, 0);
		make_dir(t, backend, 0, domid);
		put(t, backend, "frontend", frontend);
		put(t, backend, "frontend-id", guest);
		put(t, backend, "online", "1");
		put(t, frontend, "backend", backend);
		put(t, frontend, "backend-id", "0");
		if (vif)
			put_vif(t, id);
		else
			put_vbd(t, id, disk);
		/* As a script would have said. */
		put(t, backend, "hotplug-status", "connected");
		put(t, backend, "state", "1");
		put(t, frontend, "state", "1");
	} while (again(t));
}

static int state(void)
{
	unsigned int len;
	char *value = xs_read(xs, XBT_NULL, backend_state, &len);
	int state = value ? atoi(value) : XenbusStateUnknown;

	free(value);
	return state;
}

static void await(int wanted)
{
	struct pollfd pollfd = { .fd = xs_fileno(xs), .events = POLLIN };
	unsigned int len;

	/* A watch fires once when it is made. */
	if (!xs_watch(xs, backend_state, "state"))
		err(1, "watch");
	do {
		if (poll(&pollfd, 1, PATIENCE_MS) <= 0)
			errx(1, "in state %d, not %d, in time", state(), wanted);
		free(xs_read_watch(xs, &len));
	} while (state() != wanted);
	xs_unwatch(xs, backend_state, "state");
}

static void del(void)
{
	xs_transaction_t t;

	do {
		begin(&t);
		put(t, backend, "online", "0");
		put(t, backend, "state", "5");
	} while (again(t));
	await(XenbusStateClosed);
	do {
		begin(&t);
		xs_rm(xs, t, frontend);
		xs_rm(xs, t, backend);
	} while (again(t));
}

int main(int argc, char **argv)
{
	unsigned int domid, id;

	if (argc < 5)
		errx(2, "usage: thin-xenbus add|offer|del vif|vbd DOMID ID [MAJOR:MINOR]");
	domid = atoi(argv[3]);
	id = atoi(argv[4]);
	snprintf(frontend, sizeof(frontend), "/local/domain/%u/device/%.3s/%u",
		 domid, argv[2], id);
	snprintf(backend, sizeof(backend), "/local/domain/0/backend/%.3s/%u/%u",
		 argv[2], domid, id);
	snprintf(backend_state, sizeof(backend_state), "%s/state", backend);
	xs = xs_open(0);
	if (!xs)
		err(1, "xs_open");
	if (!strcmp(argv[1], "del")) {
		del();
		return 0;
	}
	offer(!strcmp(argv[2], "vif"), domid, id, argv[5]);
	if (!strcmp(argv[1], "add"))
		await(XenbusStateConnected);
	return 0;
}
