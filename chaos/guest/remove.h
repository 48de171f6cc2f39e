/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_GUEST_REMOVE_H
#define CHAOS_GUEST_REMOVE_H

#include <stdint.h>

#include "util/error.h"
#include "xen/xen.h"

/**
 * guest_remove() - destroy the guest that one has made, if it is still there
 * @xen: access to the hypervisor
 * @domid: its domain
 * @handle: its domain's handle
 * @err: out: the reason of a failure
 *
 * What others left of it when they destroyed it goes, too.
 *
 * Return: 0 if nothing of it is left, else a negative errno.
 */
int guest_remove(struct xen *xen, uint32_t domid, const uint8_t *handle,
		 struct error *err);

#endif /* CHAOS_GUEST_REMOVE_H */
