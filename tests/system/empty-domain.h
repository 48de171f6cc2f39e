/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TESTS_SYSTEM_EMPTY_DOMAIN_H
#define TESTS_SYSTEM_EMPTY_DOMAIN_H

#include <stdbool.h>
#include <xenctrl.h>

/* A PV domain that has nothing, not even memory. Return: whether Xen has made it. */
static inline bool empty_domain(xc_interface *xch, uint32_t *domid)
{
	struct xen_domctl_createdomain create = {
		.max_vcpus = 1,
		.max_evtchn_port = 1,
		.max_grant_frames = 1,
		.grant_opts = XEN_DOMCTL_GRANT_version(1),
	};

	*domid = 0;
	return !xc_domain_create(xch, domid, &create);
}

#endif /* TESTS_SYSTEM_EMPTY_DOMAIN_H */
