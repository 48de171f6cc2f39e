/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_GUEST_DEVICE_H
#define CHAOS_GUEST_DEVICE_H

#include <stdint.h>

#include "host/noxs.h"
#include "util/error.h"
#include "xen/xen.h"

/**
 * device_wait() - wait until a guest's devices are connected
 * @noxs: access to the kernel's devices
 * @xen: access to the hypervisor
 * @domid: the domain
 * @type: NOXS_TYPE_* of the device, or NOXS_TYPE_NONE for all
 * @id: its number
 * @timeout: milliseconds
 * @err: out: the reason of a failure
 *
 * Return: 0, -ETIMEDOUT, -EINTR after a signal that waits to be delivered,
 * another negative errno.
 */
int device_wait(struct noxs *noxs, struct xen *xen, uint32_t domid,
		uint16_t type, unsigned int id, int timeout, struct error *err);

#endif /* CHAOS_GUEST_DEVICE_H */
