// SPDX-License-Identifier: GPL-2.0
/*
 * ledger - what of Xen's is in use in dom0, a line for each kind
 *
 *	domains N	domains that there are
 *	evtchns N	event channels of dom0
 *	pages N		pages that Xen has free, and those of dom0's grant table
 *
 * ledger made - how many domains there have ever been, besides dom0: Xen gives
 * each one the next number
 *
 * ledger grants - entries of dom0's grant table
 *
 * ledger evtchns DOMID - event channels of a domain
 *
 * ledger hold - take all that are left, as far as the limit of xen_gntalloc allows,
 * say how many, and keep them until it is killed
 *
 * Nothing tells how many grants Linux has given out. So allocate until the
 * grant table has to grow: what was free then is known, and so is the rest.
 * Each time takes a frame, of which there are few: not to be called in a loop.
 */
#include <err.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <xen/sys/gntalloc.h>
#include <xenctrl.h>

#include "empty-domain.h"

/* Entries of version 1 in a frame of the grant table. */
#define GRANTS_PER_FRAME	512
/* What Xen keeps of each entry besides has 40 octets, and is in no two pages. */
#define ACTIVE_PER_PAGE		(XC_PAGE_SIZE / 40)
#define MAX_DOMAINS		4096
#define MAX_PORTS		131072

static unsigned int grant_frames(xc_interface *xch)
{
	struct gnttab_query_size query = { .dom = DOMID_SELF };

	if (xc_gnttab_query_size(xch, &query) || query.status != GNTST_okay)
		errx(1, "gnttab_query_size: status %d", query.status);
	return query.nr_frames;
}

/* Pages of Xen's that a grant table of so many frames has. */
static unsigned int grant_pages(unsigned int frames)
{
	unsigned int grants = frames * GRANTS_PER_FRAME;

	return frames + (grants + ACTIVE_PER_PAGE - 1) / ACTIVE_PER_PAGE;
}

static unsigned int used_grants(xc_interface *xch)
{
	struct ioctl_gntalloc_alloc_gref alloc = { .domid = 0, .count = 1 };
	unsigned int frames = grant_frames(xch);
	unsigned int free_grants = 0;
	int fd = open("/dev/xen/gntalloc", O_RDWR);

	if (fd < 0)
		err(1, "gntalloc");
	for (;;) {
		if (ioctl(fd, IOCTL_GNTALLOC_ALLOC_GREF, &alloc))
			err(1, "gntalloc: after %u grants", free_grants);
		if (grant_frames(xch) != frames)
			break;
		free_grants++;
	}
	close(fd);
	return frames * GRANTS_PER_FRAME - free_grants;
}

/* Many at a time, and fewer as there are fewer. */
static void hold_grants(void)
{
	static union {
		struct ioctl_gntalloc_alloc_gref alloc;
		uint32_t room[GRANTS_PER_FRAME + 16];
	} some;
	int fd = open("/dev/xen/gntalloc", O_RDWR);
	unsigned int count = 0, n;

	if (fd < 0)
		err(1, "gntalloc");
	for (n = GRANTS_PER_FRAME; n; n /= 2) {
		some.alloc.count = n;
		while (!ioctl(fd, IOCTL_GNTALLOC_ALLOC_GREF, &some))
			count += n;
	}
	printf("%u\n", count);
	fflush(stdout);
	pause();
}

static unsigned int used_ports(xc_interface *xch, domid_t domid)
{
	unsigned int used = 0;
	xc_evtchn_status_t status;

	for (evtchn_port_t port = 0; port < MAX_PORTS; port++) {
		status = (xc_evtchn_status_t){ .dom = domid,
					       .port = port };
		if (xc_evtchn_status(xch, &status))
			break;
		if (status.status != EVTCHNSTAT_closed)
			used++;
	}
	return used;
}

/* The number that a domain gets which is made now. */
static uint32_t next_domid(xc_interface *xch)
{
	uint32_t domid;

	if (!empty_domain(xch, &domid))
		err(1, "xc_domain_create");
	if (xc_domain_destroy(xch, domid))
		err(1, "xc_domain_destroy");
	return domid;
}

int main(int argc, char **argv)
{
	static xc_domaininfo_t domains[MAX_DOMAINS];
	xc_interface *xch = xc_interface_open(NULL, NULL, 0);
	xc_physinfo_t physinfo = { };
	int count;

	if (!xch)
		err(1, "xc_interface_open");
	if (argc == 2 && !strcmp(argv[1], "grants")) {
		printf("grants %u\n", used_grants(xch));
		return 0;
	}
	if (argc == 3 && !strcmp(argv[1], "evtchns")) {
		printf("evtchns %u\n", used_ports(xch, atoi(argv[2])));
		return 0;
	}
	if (argc == 2 && !strcmp(argv[1], "hold")) {
		hold_grants();
		return 0;
	}
	if (argc == 2 && !strcmp(argv[1], "made")) {
		printf("%u\n", next_domid(xch) - 1);
		return 0;
	}
	count = xc_domain_getinfolist(xch, 0, MAX_DOMAINS, domains);
	if (count < 0)
		err(1, "xc_domain_getinfolist");
	if (xc_physinfo(xch, &physinfo))
		err(1, "xc_physinfo");

	printf("domains %d\n", count);
	printf("evtchns %u\n", used_ports(xch, DOMID_SELF));
	printf("pages %llu\n", (unsigned long long)physinfo.free_pages +
	       grant_pages(grant_frames(xch)));
	return 0;
}
