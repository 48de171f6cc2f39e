// SPDX-License-Identifier: GPL-2.0
/*
 * The entries of a guest's grant table: whether there are enough for its devices.
 * A device that finds none isn't connected, and only the guest's log says so.
 */
#include <errno.h>
#include <stdlib.h>

#include "guest/grants.h"
#include "util/util.h"

/* Those that Xen has for its own purposes. */
#define RESERVED_ENTRIES	8

/*
 * What each queue takes. A network device's has two rings of 256 slots, 64 pages that
 * it keeps, and 8 of heads; a disk's has a ring and, for one large request at least,
 * 64 pages of data and one of what describes them.
 */
#define VIF_QUEUE_ENTRIES	(2 + 2 * 256 + 64 + 8)
#define VBD_QUEUE_ENTRIES	(1 + 64 + 1)

static unsigned int queue_entries(uint16_t type)
{
	switch (type) {
	case NOXS_TYPE_VIF:
		return VIF_QUEUE_ENTRIES;
	case NOXS_TYPE_VBD:
		return VBD_QUEUE_ENTRIES;
	default:
		return 0;
	}
}

/* Frontends have a queue for each CPU, if they are offered so many. */
static unsigned long count_entries(const struct noxs_dev *devs, int count,
				   unsigned int vcpus)
{
	unsigned long sum = RESERVED_ENTRIES;
	unsigned int queues;
	int i;

	for (i = 0; i < count; i++) {
		queues = devs[i].max_queues < vcpus ? devs[i].max_queues :
						      vcpus;
		sum += (unsigned long)queues * queue_entries(devs[i].type);
	}
	return sum;
}

int grants_check(struct noxs *noxs, struct xen *xen, uint32_t domid,
		 struct error *err)
{
	unsigned int frames, per_frame;
	struct domain_info info;
	struct noxs_dev *devs;
	unsigned long entries;
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
	entries = count_entries(devs, count, info.vcpus);
	free(devs);
	if (entries <= (unsigned long)frames * per_frame)
		return 0;
	return error_set(err, -ENOSPC,
			 "max_grant_frames: the guest has %u, its devices need %lu",
			 frames, (entries + per_frame - 1) / per_frame);
}
