// SPDX-License-Identifier: GPL-2.0
/*
 * The entries of a guest's grant table, and its event channels: whether there are
 * enough for its devices. A device that finds none isn't connected, and only the
 * guest's log says so.
 */
#include <errno.h>
#include <stdlib.h>

#include "guest/grants.h"
#include "util/util.h"

/* Those that Xen has for its own purposes. */
#define RESERVED_ENTRIES	8

/*
 * What each queue takes. A network device's has two rings of 256 slots, 64 pages that
 * it keeps, 8 of heads, and one that names these; a disk's has a ring and, for one
 * large request at least, 64 pages of data and one of what describes them.
 */
#define VIF_QUEUE_ENTRIES	(2 + 2 * 256 + 64 + 8 + 1)
#define VBD_QUEUE_ENTRIES	(1 + 64 + 1)

/*
 * Linux' own, for each CPU: a timer, five kinds of calls between CPUs, Xen's debug key.
 * Besides, there are the console, the device page and the power control.
 */
#define CPU_CHANNELS		7
#define GUEST_CHANNELS		3

/**
 * struct needs - what all devices of a guest take
 * @entries: of its grant table
 * @channels: event channels, with its CPUs'
 */
struct needs {
	unsigned long entries;
	unsigned long channels;
};

/* Each device has a channel for its state, and more for its queues. */
static void add_queues(struct needs *needs, uint16_t type, unsigned int queues)
{
	switch (type) {
	case NOXS_TYPE_VIF:
		needs->entries += (unsigned long)queues * VIF_QUEUE_ENTRIES;
		needs->channels += 1 + 2 * queues;
		break;
	case NOXS_TYPE_VBD:
		needs->entries += (unsigned long)queues * VBD_QUEUE_ENTRIES;
		needs->channels += 1 + queues;
		break;
	}
}

/* Frontends have a queue for each CPU, if they are offered so many. */
static struct needs count_needs(const struct noxs_dev *devs, int count,
				unsigned int vcpus)
{
	struct needs needs = {
		.entries = RESERVED_ENTRIES,
		.channels = GUEST_CHANNELS + (unsigned long)vcpus * CPU_CHANNELS,
	};
	unsigned int queues;
	int i;

	for (i = 0; i < count; i++) {
		queues = devs[i].max_queues < vcpus ? devs[i].max_queues :
						      vcpus;
		add_queues(&needs, devs[i].type, queues);
	}
	return needs;
}

int grants_check(struct noxs *noxs, struct xen *xen, uint32_t domid,
		 unsigned int channels, struct error *err)
{
	unsigned int frames, per_frame;
	struct domain_info info;
	struct noxs_dev *devs;
	struct needs needs;
	int count, ret;

	ret = xen_info(xen, domid, &info);
	if (ret)
		return error_sys(err, ret, "domain %u", domid);
	ret = xen_grants(xen, domid, &frames, &per_frame, err);
	if (ret)
		return ret;
	count = noxs_dev_list(noxs, domid, NOXS_TYPE_NONE, &devs, err);
	if (count < 0)
		return count;
	needs = count_needs(devs, count, info.vcpus);
	free(devs);
	if (needs.entries > (unsigned long)frames * per_frame)
		return error_set(err, -ENOSPC,
				 "max_grant_frames: the guest has %u, its devices need %lu",
				 frames,
				 (needs.entries + per_frame - 1) / per_frame);
	if (channels && needs.channels > channels)
		return error_set(err, -ENOSPC,
				 "max_event_channels: the guest has %u, its CPUs and devices need %lu",
				 channels, needs.channels);
	return 0;
}
