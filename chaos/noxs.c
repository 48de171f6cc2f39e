// SPDX-License-Identifier: GPL-2.0
/*
 * /dev/xen/noxs: the only file that knows its ioctls and the layout of a
 * handle. See include/uapi/xen/noxs.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <unistd.h>
#include <xen/interface/io/noxs.h>
#include <xen/noxs.h>

#include "noxs.h"
#include "util.h"

#define LIST_TRIES	8

int noxs_open(struct noxs *noxs, struct error *err)
{
	int ret;

	noxs->fd = open(NOXS_DEVICE_NODE, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (noxs->fd >= 0)
		return 0;
	ret = -errno;
	if (ret == -ENOENT || ret == -ENODEV || ret == -ENXIO)
		return error_set(err, ret, "%s: is not there; load noxs_core",
				 NOXS_DEVICE_NODE);
	return error_sys(err, ret, "%s", NOXS_DEVICE_NODE);
}

void noxs_close(struct noxs *noxs)
{
	close(noxs->fd);
}

/* The words of the interface for its error numbers. */
static const char *explain(int ret)
{
	switch (-ret) {
	case ESRCH:
		return "noxs_core doesn't know the domain";
	case ENODEV:
		return "no such device, or no driver for it";
	case EEXIST:
		return "is there already";
	case ENOSPC:
		return "the guest's device page is full";
	case EBUSY:
		return "the domid's former guest still maps pages";
	case EOPNOTSUPP:
		return "not supported by this noxs_core";
	default:
		return strerror(-ret);
	}
}

int noxs_dom_add(struct noxs *noxs, uint32_t domid, uint8_t *handle,
		 struct error *err)
{
	struct noxs_dom dom = { .domid = domid };
	int ret;

	if (ioctl(noxs->fd, NOXS_IOC_DOM_ADD, &dom)) {
		ret = -errno;
		return error_set(err, ret, "noxs: domain %u: %s", domid,
				 explain(ret));
	}
	memcpy(handle, dom.handle, NOXS_HANDLE_SIZE);
	return 0;
}

int noxs_dom_del(struct noxs *noxs, uint32_t domid, struct error *err)
{
	struct noxs_dom dom = { .domid = domid };
	int ret;

	if (!ioctl(noxs->fd, NOXS_IOC_DOM_DEL, &dom) || errno == ESRCH)
		return 0;
	ret = -errno;
	return error_set(err, ret, "noxs: domain %u: %s", domid, explain(ret));
}

int noxs_vif_add(struct noxs *noxs, uint32_t domid, uint32_t id,
		 const uint8_t *mac, uint32_t mtu, struct error *err)
{
	struct noxs_dev_add add = {
		.domid = domid, .type = NOXS_TYPE_VIF, .id = id,
		.vif = { .mtu = mtu },
	};
	int ret;

	memcpy(add.vif.mac, mac, NOXS_ETH_ALEN);
	if (!ioctl(noxs->fd, NOXS_IOC_DEV_ADD, &add))
		return 0;
	ret = -errno;
	if (ret == -ENODEV)
		return error_set(err, ret, "vif %u: no driver; load noxs_netback",
				 id);
	return error_set(err, ret, "vif %u: %s", id, explain(ret));
}

int noxs_vif_del(struct noxs *noxs, uint32_t domid, uint32_t id, bool force,
		 struct error *err)
{
	struct noxs_dev_del del = {
		.flags = force ? NOXS_DEV_DEL_FORCE : 0,
		.domid = domid, .type = NOXS_TYPE_VIF, .id = id,
	};
	int ret;

	if (!ioctl(noxs->fd, NOXS_IOC_DEV_DEL, &del))
		return 0;
	ret = -errno;
	if (ret == -ENODEV)
		return error_set(err, ret, "vif %u: no such device", id);
	return error_set(err, ret, "vif %u: %s", id, explain(ret));
}

static const char *state_name(uint32_t state)
{
	static const char *const names[] = {
		[NOXS_STATE_UNKNOWN] = "Unknown",
		[NOXS_STATE_INITIALISING] = "Initialising",
		[NOXS_STATE_INIT_WAIT] = "InitWait",
		[NOXS_STATE_INITIALISED] = "Initialised",
		[NOXS_STATE_CONNECTED] = "Connected",
		[NOXS_STATE_CLOSING] = "Closing",
		[NOXS_STATE_CLOSED] = "Closed",
	};

	return state < ARRAY_SIZE(names) ? names[state] : "Invalid";
}

/* All devices of a domain. Others may add some while we ask how many. */
static int list_devices(struct noxs *noxs, uint32_t domid,
			struct noxs_dev_info **infos)
{
	struct noxs_dev_list list = {
		.domid = domid, .entry_size = sizeof(**infos),
	};
	uint32_t room = 16;
	int tries, ret = -EAGAIN;

	for (tries = 0; tries < LIST_TRIES; tries++) {
		*infos = calloc(room, sizeof(**infos));
		if (!*infos)
			return -ENOMEM;
		list.count = room;
		list.entries = (uintptr_t)*infos;
		if (ioctl(noxs->fd, NOXS_IOC_DEV_LIST, &list))
			ret = -errno;
		else if (list.count <= room)
			return list.count;
		free(*infos);
		*infos = NULL;
		if (ret != -EAGAIN)
			return ret;
		room = list.count + 16;
	}
	return -EAGAIN;
}

static int compare_ids(const void *a, const void *b)
{
	const struct noxs_vif *va = a, *vb = b;

	return va->id < vb->id ? -1 : va->id > vb->id;
}

int noxs_vif_list(struct noxs *noxs, uint32_t domid, struct noxs_vif **vifs,
		  struct error *err)
{
	struct noxs_dev_info *infos, *info;
	int count, i, found = 0;

	count = list_devices(noxs, domid, &infos);
	if (count < 0)
		return error_set(err, count, "noxs: list of devices: %s",
				 explain(count));
	*vifs = calloc(count + 1, sizeof(**vifs));
	if (!*vifs) {
		free(infos);
		return error_sys(err, -ENOMEM, "noxs");
	}
	for (i = 0, info = infos; i < count; i++, info++) {
		struct noxs_vif *vif = *vifs + found;

		if (info->type != NOXS_TYPE_VIF)
			continue;
		vif->id = info->id;
		memcpy(vif->mac, info->vif.mac, sizeof(vif->mac));
		vif->mtu = info->vif.mtu;
		vif->epoch = info->epoch;
		vif->error = info->error;
		vif->connected = info->backend_state == NOXS_STATE_CONNECTED &&
				 info->frontend_state == NOXS_STATE_CONNECTED;
		vif->backend = state_name(info->backend_state);
		vif->frontend = state_name(info->frontend_state);
		found++;
	}
	free(infos);
	qsort(*vifs, found, sizeof(**vifs), compare_ids);
	return found;
}

void noxs_watch(struct noxs *noxs)
{
	struct pollfd pfd = { .fd = noxs->fd, .events = POLLIN };

	poll(&pfd, 1, 0);
}

int noxs_wait(struct noxs *noxs, int timeout, struct error *err)
{
	struct pollfd pfd = { .fd = noxs->fd, .events = POLLIN };
	struct noxs_event events[32];
	int ret;

	ret = poll(&pfd, 1, timeout);
	if (ret < 0)
		return error_sys(err, -errno, "noxs: waiting");
	if (!ret)
		return 0;
	/* What happened doesn't matter: the caller looks again. */
	if (read(noxs->fd, events, sizeof(events)) < 0 && errno != EAGAIN)
		return error_sys(err, -errno, "noxs: reading events");
	return 0;
}

bool noxs_is_handle(const uint8_t *handle)
{
	return !memcmp(handle, NOXS_HANDLE_MAGIC, NOXS_HANDLE_OWNER) &&
	       (handle[NOXS_HANDLE_VERSION] & 0xf0) == NOXS_HANDLE_UUID_V8;
}

int noxs_early_handle(uint8_t *handle, struct error *err)
{
	if (getrandom(handle, NOXS_HANDLE_SIZE, 0) != NOXS_HANDLE_SIZE)
		return error_sys(err, -errno, "random numbers");
	memcpy(handle, NOXS_HANDLE_MAGIC, NOXS_HANDLE_OWNER);
	/* Version 0 of the ABI doesn't exist: no guest would use this one. */
	handle[NOXS_HANDLE_VERSION] = NOXS_HANDLE_UUID_V8;
	handle[NOXS_HANDLE_VARIANT] &= 0x3f;
	handle[NOXS_HANDLE_VARIANT] |= NOXS_HANDLE_UUID_VARIANT;
	return 0;
}
