// SPDX-License-Identifier: GPL-2.0
/*
 * thin-guest - a guest that only has to be there: a domain that has nothing, not even
 * memory, and never runs; devices can be offered to it
 *
 *	thin-guest noxs|xenbus NAME	make one, and print its domid
 *	thin-guest del noxs|xenbus DOMID
 *
 * For xenbus, the store gets what libxl looks at in each guest when it looks for one by
 * name, and no more.
 */
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include <uapi/xen/noxs.h>
#include <xenctrl.h>
#include <xenstore.h>

#include "../system/empty-domain.h"

static int open_noxs(void)
{
	int fd = open(NOXS_DEVICE_NODE, O_RDWR | O_CLOEXEC);

	if (fd < 0)
		err(1, NOXS_DEVICE_NODE);
	return fd;
}

static void add_noxs(xc_interface *xch, uint32_t domid)
{
	struct noxs_dom dom = { .domid = domid };
	xen_domain_handle_t handle;

	if (ioctl(open_noxs(), NOXS_IOC_DOM_ADD, &dom))
		err(1, "NOXS_IOC_DOM_ADD");
	memcpy(handle, dom.handle, sizeof(handle));
	if (xc_domain_sethandle(xch, domid, handle))
		err(1, "xc_domain_sethandle");
}

static void add_xenbus(uint32_t domid, const char *name)
{
	struct xs_permissions perms[] = { { .id = domid, .perms = XS_PERM_NONE } };
	struct xs_handle *xs = xs_open(0);
	char dir[32], path[48];

	if (!xs)
		err(1, "xs_open");
	snprintf(dir, sizeof(dir), "/local/domain/%u", domid);
	snprintf(path, sizeof(path), "%s/name", dir);
	if (!xs_mkdir(xs, XBT_NULL, dir) ||
	    !xs_set_permissions(xs, XBT_NULL, dir, perms, 1) ||
	    !xs_write(xs, XBT_NULL, path, name, strlen(name)))
		err(1, "%s", path);
	xs_close(xs);
}

static void del(xc_interface *xch, const char *bus, uint32_t domid)
{
	struct noxs_dom dom = { .domid = domid };
	struct xs_handle *xs;
	char dir[32];

	if (!strcmp(bus, "noxs")) {
		if (ioctl(open_noxs(), NOXS_IOC_DOM_DEL, &dom))
			err(1, "NOXS_IOC_DOM_DEL");
	} else {
		xs = xs_open(0);
		snprintf(dir, sizeof(dir), "/local/domain/%u", domid);
		if (!xs || !xs_rm(xs, XBT_NULL, dir))
			err(1, "%s", dir);
	}
	if (xc_domain_destroy(xch, domid))
		err(1, "xc_domain_destroy");
}

int main(int argc, char **argv)
{
	xc_interface *xch = xc_interface_open(NULL, NULL, 0);
	uint32_t domid;

	if (!xch)
		err(1, "xc_interface_open");
	if (argc == 4 && !strcmp(argv[1], "del")) {
		del(xch, argv[2], atoi(argv[3]));
		return 0;
	}
	if (argc != 3)
		errx(2, "usage: thin-guest [del] noxs|xenbus NAME|DOMID");
	if (!empty_domain(xch, &domid))
		err(1, "xc_domain_create");
	if (!strcmp(argv[1], "noxs"))
		add_noxs(xch, domid);
	else
		add_xenbus(domid, argv[2]);
	printf("%u\n", domid);
	return 0;
}
