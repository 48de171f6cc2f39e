/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_GUEST_REMOVE_H
#define CHAOS_GUEST_REMOVE_H

#include <stdbool.h>
#include <stdint.h>

#include "guest/names.h"
#include "util/error.h"
#include "xen/xen.h"

/**
 * guest_remove() - destroy a guest, and forget it
 * @xen: access to the hypervisor
 * @guest: locked; isn't, if this succeeds
 * @force: also if its devices can't be removed
 * @err: out: the reason of a failure
 *
 * What others left of it when they destroyed it goes, too.
 *
 * Return: 0 if nothing of it is left, else a negative errno.
 */
int guest_remove(struct xen *xen, struct guest *guest, bool force,
		 struct error *err);

/**
 * guest_remove_domain() - the same, of a guest whose domain is known
 * @xen: access to the hypervisor
 * @domid: its domain
 * @handle: its domain's handle
 * @force: also if its devices can't be removed
 * @err: out: the reason of a failure
 *
 * Return: 0 if nothing of it is left; -ESTALE if there is no such guest any more;
 * another negative errno.
 */
int guest_remove_domain(struct xen *xen, uint32_t domid,
			const uint8_t *handle, bool force, struct error *err);

/**
 * guest_remove_stopped() - remove a guest that was shut down
 * @xen: access to the hypervisor
 * @guest: found, not locked; it may be gone by now
 * @force: whatever its on_poweroff says
 * @daemon: chaosd runs, and does what else that says
 * @err: out: the reason of a failure
 *
 * So that its name is free when this returns.
 *
 * Return: 0 or a negative errno.
 */
int guest_remove_stopped(struct xen *xen, const struct guest *guest,
			 bool force, bool daemon, struct error *err);

#endif /* CHAOS_GUEST_REMOVE_H */
