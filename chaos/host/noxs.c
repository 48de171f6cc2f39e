// SPDX-License-Identifier: GPL-2.0
/*
 * /dev/xen/noxs: the only file that knows its ioctls and the layout of a
 * handle. See include/uapi/xen/noxs.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include <xen/interface/io/noxs.h>
#include <xen/noxs.h>

#include "host/noxs.h"
#include "util/util.h"

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
	case ENOMEM:
		return "no memory, grants (gnttab_max_frames=) or event channels are left in dom0";
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

int noxs_dom_del(struct noxs *noxs, uint32_t domid, const uint8_t *handle,
		 struct error *err)
{
	struct noxs_dom dom = { .domid = domid };
	int ret;

	if (handle)
		memcpy(dom.handle, handle, NOXS_HANDLE_SIZE);
	if (!ioctl(noxs->fd, NOXS_IOC_DOM_DEL, &dom) || errno == ESRCH)
		return 0;
	ret = -errno;
	return error_set(err, ret, "noxs: domain %u: %s", domid, explain(ret));
}

const char *noxs_type_name(uint16_t type)
{
	static const char *const names[] = {
		[NOXS_TYPE_SYSCTL] = "sysctl",
		[NOXS_TYPE_VIF] = "vif",
		[NOXS_TYPE_VBD] = "vbd",
	};

	return type < ARRAY_SIZE(names) && names[type] ? names[type] : "device";
}

/* The words of the drivers' probes for error numbers, or NULL. */
static const char *explain_probe(uint16_t type, int ret)
{
	if (ret == -ENODEV)
		return type == NOXS_TYPE_VIF ? "no driver; load noxs_netback" :
					       "no driver; load noxs_blkback";
	if (type != NOXS_TYPE_VBD)
		return NULL;
	switch (-ret) {
	case EBUSY:
		return "the block device is in use";
	case ENXIO:
		return "the block device is empty";
	case EROFS:
		return "the block device can't be written";
	case EOPNOTSUPP:
		return "this kind of block device is not supported";
	default:
		return NULL;
	}
}

static int add_device(struct noxs *noxs, struct noxs_dev_add *add,
		      struct error *err)
{
	const char *why;
	int ret;

	if (!ioctl(noxs->fd, NOXS_IOC_DEV_ADD, add))
		return 0;
	ret = -errno;
	why = explain_probe(add->type, ret);
	return error_set(err, ret, "%s %u: %s", noxs_type_name(add->type),
			 add->id, why ? why : explain(ret));
}

static struct noxs_domain *copy_domains(const struct noxs_dom_info *infos,
					unsigned int count)
{
	struct noxs_domain *doms;
	unsigned int i;

	doms = calloc(count + 1, sizeof(*doms));
	for (i = 0; doms && i < count; i++) {
		doms[i].domid = infos[i].domid;
		memcpy(doms[i].handle, infos[i].handle, UUID_SIZE);
	}
	return doms;
}

int noxs_dom_list(struct noxs *noxs, struct noxs_domain **doms,
		  struct error *err)
{
	/* Domids have 15 bits: more there can't be. */
	const uint32_t room = 1 << 15;
	struct noxs_dom_info *infos = calloc(room, sizeof(*infos));
	struct noxs_dom_list list = {
		.entry_size = sizeof(*infos), .count = room,
		.entries = (uintptr_t)infos,
	};
	int ret = 0;

	if (!infos)
		return error_sys(err, -ENOMEM, "noxs");
	if (ioctl(noxs->fd, NOXS_IOC_DOM_LIST, &list)) {
		ret = -errno;
		error_set(err, ret, "noxs: list of domains: %s", explain(ret));
	} else {
		*doms = copy_domains(infos, list.count);
		if (!*doms)
			ret = error_sys(err, -ENOMEM, "noxs");
	}
	free(infos);
	return ret ? ret : (int)list.count;
}

int noxs_vif_add(struct noxs *noxs, uint32_t domid, uint32_t id,
		 const struct noxs_vif *vif, struct error *err)
{
	struct noxs_dev_add add = {
		.domid = domid, .type = NOXS_TYPE_VIF, .id = id,
		.vif = {
			.mtu = vif->mtu,
			.rate_bytes = vif->rate_bytes,
			.rate_interval_us = vif->rate_us,
		},
	};

	memcpy(add.vif.mac, vif->mac, NOXS_ETH_ALEN);
	return add_device(noxs, &add, err);
}

int noxs_vbd_add(struct noxs *noxs, uint32_t domid, uint32_t id,
		 const struct noxs_vbd *vbd, struct error *err)
{
	struct noxs_dev_add add = {
		.domid = domid, .type = NOXS_TYPE_VBD, .id = id,
		.vbd = {
			.major = major(vbd->dev), .minor = minor(vbd->dev),
			.flags = (vbd->readonly ? NOXS_VBD_READONLY : 0) |
				 (vbd->cdrom ? NOXS_VBD_CDROM |
					       NOXS_VBD_REMOVABLE : 0) |
				 (vbd->no_discard ? NOXS_VBD_NO_DISCARD : 0),
			.iops = vbd->iops, .bps = vbd->bps,
		},
	};

	return add_device(noxs, &add, err);
}

int noxs_sysctl_add(struct noxs *noxs, uint32_t domid, struct error *err)
{
	struct noxs_dev_add add = {
		.domid = domid, .type = NOXS_TYPE_SYSCTL,
	};

	return add_device(noxs, &add, err);
}

/* What its error numbers mean for a guest's power control. */
static const char *explain_sysctl(int ret)
{
	switch (-ret) {
	case ENODEV:
		return "the guest has no power control";
	case ENOTCONN:
		return "the guest has no driver for it, or not yet";
	case EBUSY:
		return "the guest has not answered the last request";
	case EOPNOTSUPP:
		return "the guest's kernel can't do that";
	case ECONNRESET:
		return "the guest's driver went away";
	case ENOTTY:
		return "the noxs_core that is loaded can't do that";
	default:
		return explain(ret);
	}
}

int noxs_sysctl_send(struct noxs *noxs, uint32_t domid, uint32_t request,
		     uint32_t argument, uint32_t *seq, struct error *err)
{
	struct noxs_sysctl sysctl = {
		.domid = domid, .request = request, .argument = argument,
	};
	int ret;

	if (ioctl(noxs->fd, NOXS_IOC_SYSCTL_REQUEST, &sysctl)) {
		ret = -errno;
		return error_set(err, ret, "%s", explain_sysctl(ret));
	}
	*seq = sysctl.seq;
	return 0;
}

/* A guest is told something, and that is all. */
static int tell(struct noxs *noxs, unsigned long what, void *arg,
		struct error *err)
{
	int ret;

	if (!ioctl(noxs->fd, what, arg))
		return 0;
	ret = -errno;
	return error_set(err, ret, "%s", explain_sysctl(ret));
}

int noxs_sysctl_memory(struct noxs *noxs, uint32_t domid, uint64_t kib,
		       struct error *err)
{
	struct noxs_memory memory = { .domid = domid, .target = kib };

	return tell(noxs, NOXS_IOC_SYSCTL_MEMORY, &memory, err);
}

int noxs_sysctl_vcpus(struct noxs *noxs, uint32_t domid, unsigned int vcpus,
		      bool later, struct error *err)
{
	struct noxs_vcpus arg = {
		.flags = later ? NOXS_VCPUS_LATER : 0,
		.domid = domid, .vcpus = vcpus,
	};

	return tell(noxs, NOXS_IOC_SYSCTL_VCPUS, &arg, err);
}

int noxs_sysctl_answer(struct noxs *noxs, uint32_t domid, uint32_t seq,
		       struct error *err)
{
	struct noxs_sysctl sysctl = { .domid = domid };
	int ret = 0;

	if (ioctl(noxs->fd, NOXS_IOC_SYSCTL_STATUS, &sysctl))
		ret = -errno;
	else if (sysctl.seq == seq && !sysctl.answered)
		ret = -EAGAIN;
	else if (sysctl.seq == seq)
		ret = -(int)sysctl.result;
	if (ret == -EAGAIN)
		return error_set(err, ret, "the guest does not answer");
	return ret ? error_set(err, ret, "%s", explain_sysctl(ret)) : 0;
}

int noxs_dev_del(struct noxs *noxs, uint32_t domid, uint16_t type, uint32_t id,
		 bool force, struct error *err)
{
	struct noxs_dev_del del = {
		.flags = force ? NOXS_DEV_DEL_FORCE : 0,
		.domid = domid, .type = type, .id = id,
	};
	int ret;

	if (!ioctl(noxs->fd, NOXS_IOC_DEV_DEL, &del))
		return 0;
	ret = -errno;
	if (ret == -EBUSY)
		return error_set(err, ret,
				 "%s %u: is in use in the guest (-F removes it all the same)",
				 noxs_type_name(type), id);
	return error_set(err, ret, "%s %u: %s", noxs_type_name(type), id,
			 ret == -ENODEV ? "no such device" : explain(ret));
}

const char *noxs_state_name(uint32_t state)
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

static int compare_devices(const void *a, const void *b)
{
	const struct noxs_dev *da = a, *db = b;

	if (da->domid != db->domid)
		return da->domid < db->domid ? -1 : 1;
	if (da->type != db->type)
		return da->type < db->type ? -1 : 1;
	return da->id < db->id ? -1 : da->id > db->id;
}

static void read_device(const struct noxs_dev_info *info, struct noxs_dev *dev)
{
	dev->domid = info->domid;
	dev->type = info->type;
	dev->id = info->id;
	dev->epoch = info->epoch;
	dev->error = info->error;
	dev->frontend_error = info->frontend_error;
	dev->connected = info->backend_state == NOXS_STATE_CONNECTED &&
			 info->frontend_state == NOXS_STATE_CONNECTED;
	dev->backend = info->backend_state;
	dev->frontend = info->frontend_state;
	if (info->type == NOXS_TYPE_VIF) {
		memcpy(dev->vif.mac, info->vif.mac, sizeof(dev->vif.mac));
		dev->vif.mtu = info->vif.mtu;
		dev->max_queues = info->vif.max_queues;
		dev->vif.rate_bytes = info->vif.rate_bytes;
		dev->vif.rate_us = info->vif.rate_interval_us;
	} else if (info->type == NOXS_TYPE_VBD) {
		dev->max_queues = info->vbd.max_queues;
		dev->vbd.dev = makedev(info->vbd.major, info->vbd.minor);
		dev->vbd.readonly = info->vbd.flags & NOXS_VBD_READONLY;
		dev->vbd.cdrom = info->vbd.flags & NOXS_VBD_CDROM;
		dev->vbd.no_discard = info->vbd.flags & NOXS_VBD_NO_DISCARD;
		dev->vbd.iops = info->vbd.iops;
		dev->vbd.bps = info->vbd.bps;
	}
}

int noxs_dev_list(struct noxs *noxs, uint32_t domid, uint16_t type,
		  struct noxs_dev **devs, struct error *err)
{
	struct noxs_dev_info *infos;
	int count, i, found = 0;

	count = list_devices(noxs, domid, &infos);
	if (count < 0)
		return error_set(err, count, "noxs: list of devices: %s",
				 explain(count));
	*devs = calloc(count + 1, sizeof(**devs));
	if (!*devs) {
		free(infos);
		return error_sys(err, -ENOMEM, "noxs");
	}
	for (i = 0; i < count; i++)
		if (!type || infos[i].type == type)
			read_device(&infos[i], *devs + found++);
	free(infos);
	qsort(*devs, found, sizeof(**devs), compare_devices);
	return found;
}

int noxs_vbd_rescan(uint32_t domid, uint32_t id, struct error *err)
{
	char path[96];
	int fd, ret;

	snprintf(path, sizeof(path),
		 "/sys/bus/noxs-backend/devices/vbd-%u-%u/rescan", domid, id);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return error_set(err, -ENOENT, "vbd %u: has no driver", id);
	ret = fd < 0 || write(fd, "1\n", 2) < 0 ?
		error_sys(err, -errno, "vbd %u: rescan", id) : 0;
	if (fd >= 0)
		close(fd);
	return ret;
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

int noxs_read(struct noxs *noxs, struct noxs_change *changes, size_t max)
{
	struct noxs_event events[32];
	ssize_t len;
	size_t i;

	if (max > ARRAY_SIZE(events))
		max = ARRAY_SIZE(events);
	len = read(noxs->fd, events, max * sizeof(*events));
	if (len < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	for (i = 0; i < len / sizeof(*events); i++) {
		changes[i].lost = events[i].kind == NOXS_EVENT_LOST;
		changes[i].domid = events[i].domid;
		changes[i].type = noxs_type_name(events[i].type);
		changes[i].id = events[i].id;
		changes[i].backend = noxs_state_name(events[i].backend_state);
		changes[i].frontend = noxs_state_name(events[i].frontend_state);
	}
	return i;
}

bool noxs_is_early(const uint8_t *handle)
{
	return noxs_is_handle(handle) &&
	       handle[NOXS_HANDLE_VERSION] == NOXS_HANDLE_UUID_V8;
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
