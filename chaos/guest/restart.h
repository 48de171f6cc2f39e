/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_GUEST_RESTART_H
#define CHAOS_GUEST_RESTART_H

#include <stdbool.h>
#include <stdint.h>

#include "host/noxs.h"
#include "util/error.h"
#include "xen/xen.h"

/**
 * guest_restart() - destroy a guest, and make it again as it was made
 * @xen: access to the hypervisor
 * @noxs: access to the kernel's devices
 * @domid: its domain
 * @handle: its domain's handle
 * @restarts: how often that was done, without a long life between
 * @daemon: see struct making
 * @domid_now: out: its new domain
 * @err: out: the reason of a failure
 *
 * It has the configuration and the addresses that it was made with, and the
 * process goes to the directory in which it was made; signals that end it are blocked
 * (signals_block()), and after one it isn't made again. What was added, removed or
 * changed since is forgotten. The name is taken all the time.
 *
 * When making it fails, or the process is killed, its record stays and says
 * that it is to be restarted: another guest_restart() goes on from there.
 *
 * Return: 0, -ESTALE if there is no such guest any more, another negative errno.
 */
int guest_restart(struct xen *xen, struct noxs *noxs, uint32_t domid,
		  const uint8_t *handle, unsigned int restarts, bool daemon,
		  uint32_t *domid_now, struct error *err);

#endif /* CHAOS_GUEST_RESTART_H */
