// SPDX-License-Identifier: GPL-2.0
/* rawdom unpause|destroy DOMID, make, timer-mode DOMID, tsc-mode DOMID, or free - what
 * others may do to a domain without chaos, or make one that has nothing; or print what a
 * PVH domain's is, or any domain's, or how many pages the host has left
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xenctrl.h>
#include <xen/hvm/params.h>

#include "empty-domain.h"

int main(int argc, char **argv)
{
	xc_interface *xch = xc_interface_open(NULL, NULL, 0);
	xc_physinfo_t host;
	uint32_t domid;
	uint32_t tsc_mode, khz, incarnation;
	uint64_t mode, elapsed;
	int ret;

	if (!xch)
		err(1, "xc_interface_open");
	if (argc == 2 && !strcmp(argv[1], "free")) {
		if (xc_physinfo(xch, &host))
			err(1, "xc_physinfo");
		printf("%llu\n", (unsigned long long)host.free_pages);
		return 0;
	}
	if (argc == 2 && !strcmp(argv[1], "make")) {
		if (!empty_domain(xch, &domid))
			err(1, "xc_domain_create");
		printf("%u\n", domid);
		return 0;
	}
	if (argc != 3)
		errx(2, "usage: rawdom unpause|destroy DOMID; rawdom timer-mode|tsc-mode DOMID; "
		     "rawdom free|make");
	if (!strcmp(argv[1], "timer-mode")) {
		if (xc_hvm_param_get(xch, strtoul(argv[2], NULL, 10),
				     HVM_PARAM_TIMER_MODE, &mode))
			err(1, "xc_hvm_param_get");
		printf("%llu\n", (unsigned long long)mode);
		return 0;
	}
	if (!strcmp(argv[1], "tsc-mode")) {
		if (xc_domain_get_tsc_info(xch, strtoul(argv[2], NULL, 10),
					   &tsc_mode, &elapsed, &khz, &incarnation))
			err(1, "xc_domain_get_tsc_info");
		printf("%u\n", tsc_mode);
		return 0;
	}
	if (!strcmp(argv[1], "unpause"))
		ret = xc_domain_unpause(xch, strtoul(argv[2], NULL, 10));
	else
		ret = xc_domain_destroy(xch, strtoul(argv[2], NULL, 10));
	if (ret)
		err(1, "%s", argv[1]);
	return 0;
}
