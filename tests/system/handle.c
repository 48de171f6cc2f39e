// SPDX-License-Identifier: GPL-2.0
/* handle DOMID UUID - set a domain's handle */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>

#include <xenctrl.h>

int main(int argc, char **argv)
{
	xc_interface *xch = xc_interface_open(NULL, NULL, 0);
	xen_domain_handle_t handle;
	unsigned int i, byte;
	const char *hex;

	if (argc != 3)
		errx(2, "usage: handle DOMID UUID");
	if (!xch)
		err(1, "xc_interface_open");

	hex = argv[2];
	for (i = 0; i < sizeof(handle); i++) {
		if (*hex == '-')
			hex++;
		if (sscanf(hex, "%2x", &byte) != 1)
			errx(2, "%s is no UUID", argv[2]);
		handle[i] = byte;
		hex += 2;
	}
	if (xc_domain_sethandle(xch, strtoul(argv[1], NULL, 0), handle))
		err(1, "xc_domain_sethandle");
	return 0;
}
