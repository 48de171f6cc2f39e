/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_GUEST_GRANTS_H
#define CHAOS_GUEST_GRANTS_H

#include <stdint.h>

#include "host/noxs.h"
#include "util/error.h"
#include "xen/xen.h"

/**
 * grants_check() - whether a guest has grants and event channels for all devices
 * @noxs: access to the kernel's devices
 * @xen: access to the hypervisor
 * @domid: the domain, with all the devices
 * @channels: event channels that it may have; 0 if that isn't known
 * @err: out: that they don't, and what it takes; or the reason of a failure
 *
 * Counts what Linux' frontends need. Disks have more if there is room for it.
 *
 * Return: 0, -ENOSPC if not, another negative errno.
 */
int grants_check(struct noxs *noxs, struct xen *xen, uint32_t domid,
		 unsigned int channels, struct error *err);

#endif /* CHAOS_GUEST_GRANTS_H */
