// SPDX-License-Identifier: GPL-2.0
/*
 * thin-noxs - a device of noxs, and nothing around it: what the transport costs
 *
 *	thin-noxs add vif|vbd DOMID ID [MAJOR:MINOR [QUEUES]]
 *							until both ends are Connected
 *	thin-noxs offer …				the same, without waiting
 *	thin-noxs del vif|vbd DOMID ID			until it is gone
 */
#include <err.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <uapi/xen/noxs.h>
#include <xen/interface/io/noxs.h>

#define PATIENCE_MS	60000

static int noxs;

static void offer(const struct noxs_dev_info *name, const char *disk,
		  const char *queues)
{
	struct noxs_dev_add add = {
		.domid = name->domid, .type = name->type, .id = name->id,
	};

	if (name->type == NOXS_TYPE_VIF) {
		const __u8 mac[] = { 0x00, 0x16, 0x3e, 2, name->id >> 8, name->id };

		memcpy(add.vif.mac, mac, sizeof(mac));
	} else if (!disk || sscanf(disk, "%u:%u", &add.vbd.major,
				   &add.vbd.minor) != 2) {
		errx(2, "a vbd needs MAJOR:MINOR");
	} else if (queues) {
		add.vbd.max_queues = atoi(queues);
	}
	if (ioctl(noxs, NOXS_IOC_DEV_ADD, &add))
		err(1, "NOXS_IOC_DEV_ADD");
}

static void await_connected(struct noxs_dev_info *info)
{
	struct pollfd pollfd = { .fd = noxs, .events = POLLIN };
	struct noxs_event events[16];

	for (;;) {
		if (ioctl(noxs, NOXS_IOC_DEV_INFO, info))
			err(1, "NOXS_IOC_DEV_INFO");
		if (info->backend_state == NOXS_STATE_CONNECTED &&
		    info->frontend_state == NOXS_STATE_CONNECTED)
			return;
		if (poll(&pollfd, 1, PATIENCE_MS) <= 0)
			errx(1, "not Connected in time");
		if (read(noxs, events, sizeof(events)) < 0)
			err(1, "read");
	}
}

static void del(const struct noxs_dev_info *name)
{
	struct noxs_dev_del del = {
		.domid = name->domid, .type = name->type, .id = name->id,
	};

	if (ioctl(noxs, NOXS_IOC_DEV_DEL, &del))
		err(1, "NOXS_IOC_DEV_DEL");
}

int main(int argc, char **argv)
{
	struct noxs_dev_info info = { 0 };
	struct pollfd pollfd = { .events = POLLIN };

	if (argc < 5)
		errx(2, "usage: thin-noxs add|offer|del vif|vbd DOMID ID [MAJOR:MINOR [QUEUES]]");
	info.type = strcmp(argv[2], "vif") ? NOXS_TYPE_VBD : NOXS_TYPE_VIF;
	info.domid = atoi(argv[3]);
	info.id = atoi(argv[4]);
	noxs = open(NOXS_DEVICE_NODE, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (noxs < 0)
		err(1, NOXS_DEVICE_NODE);
	if (!strcmp(argv[1], "del")) {
		del(&info);
		return 0;
	}
	/* Events are told from the first poll on. */
	pollfd.fd = noxs;
	poll(&pollfd, 1, 0);
	offer(&info, argv[5], argv[5] ? argv[6] : NULL);
	if (!strcmp(argv[1], "add"))
		await_connected(&info);
	return 0;
}
