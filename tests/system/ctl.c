// SPDX-License-Identifier: GPL-2.0
/*
 * ctl dom-add|dom-del DOMID, ctl dev-add|dev-del DOMID FIRST [LAST],
 * ctl disk-add|disk-del DOMID FIRST [LAST], ctl sysctl-add|sysctl-del|status DOMID,
 * ctl request DOMID REQUEST
 *
 * Ioctls of /dev/xen/noxs, without what chaos does around them. dom-add prints
 * the handle; devices are vifs with the ids from FIRST to LAST, and disks are
 * vbds, all of them of the block device $DISK; both are removed by force. A request
 * is a number, NOXS_SYSCTL_*; status prints whether the last one was answered, and
 * how. What fails prints the name of its errno.
 */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "../../include/uapi/xen/noxs.h"
#include "../../include/xen/interface/io/noxs.h"

static void print_handle(const __u8 *handle)
{
	unsigned int i;

	for (i = 0; i < 16; i++)
		printf(i == 4 || i == 6 || i == 8 || i == 10 ? "-%02x" : "%02x",
		       handle[i]);
	putchar('\n');
}

static int call_sysctl(int fd, const char *what, unsigned int domid,
		       unsigned int request)
{
	struct noxs_sysctl sysctl = { .domid = domid, .request = request };
	struct noxs_dev_add add = { .domid = domid, .type = NOXS_TYPE_SYSCTL };
	struct noxs_dev_del del = {
		.flags = NOXS_DEV_DEL_FORCE,
		.domid = domid,
		.type = NOXS_TYPE_SYSCTL,
	};

	if (!strcmp(what, "sysctl-add"))
		return ioctl(fd, NOXS_IOC_DEV_ADD, &add);
	if (!strcmp(what, "sysctl-del"))
		return ioctl(fd, NOXS_IOC_DEV_DEL, &del);
	if (!strcmp(what, "request"))
		return ioctl(fd, NOXS_IOC_SYSCTL_REQUEST, &sysctl);
	if (strcmp(what, "status"))
		errx(2, "no such ioctl: %s", what);
	sysctl.request = 0;
	if (ioctl(fd, NOXS_IOC_SYSCTL_STATUS, &sysctl))
		return -1;
	printf("%u %u\n", sysctl.answered, sysctl.result);
	return 0;
}

static void find_disk(struct noxs_vbd_config *vbd)
{
	const char *name = getenv("DISK");
	struct stat st;

	if (!name || stat(name, &st))
		errx(2, "DISK isn't there");
	vbd->major = major(st.st_rdev);
	vbd->minor = minor(st.st_rdev);
}

static int call(int fd, const char *what, unsigned int domid, unsigned int id)
{
	struct noxs_dom dom = { .domid = domid };
	struct noxs_dev_add add = {
		.domid = domid,
		.type = NOXS_TYPE_VIF,
		.id = id,
		.vif = {
			.mac = { 0, 0x16, 0x3e, 0, id >> 8, id },
			.max_queues = 1,
		},
	};
	struct noxs_dev_add disk = {
		.domid = domid,
		.type = NOXS_TYPE_VBD,
		.id = id,
	};
	struct noxs_dev_del del = {
		.flags = NOXS_DEV_DEL_FORCE,
		.domid = domid,
		.type = NOXS_TYPE_VIF,
		.id = id,
	};

	if (!strcmp(what, "dom-add")) {
		if (ioctl(fd, NOXS_IOC_DOM_ADD, &dom))
			return -1;
		print_handle(dom.handle);
		return 0;
	}
	if (!strcmp(what, "dom-del"))
		return ioctl(fd, NOXS_IOC_DOM_DEL, &dom);
	if (!strcmp(what, "dev-add"))
		return ioctl(fd, NOXS_IOC_DEV_ADD, &add);
	if (!strcmp(what, "dev-del"))
		return ioctl(fd, NOXS_IOC_DEV_DEL, &del);
	del.type = NOXS_TYPE_VBD;
	if (!strcmp(what, "disk-add")) {
		find_disk(&disk.vbd);
		return ioctl(fd, NOXS_IOC_DEV_ADD, &disk);
	}
	if (!strcmp(what, "disk-del"))
		return ioctl(fd, NOXS_IOC_DEV_DEL, &del);
	return call_sysctl(fd, what, domid, id);
}

int main(int argc, char **argv)
{
	int fd = open(NOXS_DEVICE_NODE, O_RDWR);
	unsigned int domid, id, last;

	if (argc < 3 || argc > 5)
		errx(2, "usage: ctl WHAT DOMID [FIRST [LAST]]");
	if (fd < 0)
		err(2, NOXS_DEVICE_NODE);
	domid = strtoul(argv[2], NULL, 0);
	id = argc > 3 ? strtoul(argv[3], NULL, 0) : 0;
	last = argc > 4 ? strtoul(argv[4], NULL, 0) : id;
	for (; id <= last; id++) {
		if (call(fd, argv[1], domid, id)) {
			puts(strerrorname_np(errno));
			return 1;
		}
	}
	return 0;
}
