/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_POOL_DESTROY_H
#define CHAOS_POOL_DESTROY_H

#include <stdbool.h>
#include <stdint.h>

#include "util/error.h"
#include "xen/xen.h"

/**
 * domain_destroy() - destroy a domain with all that it has, in any state
 * @xen: access to the hypervisor
 * @domid: the domain
 * @handle: its handle: one with another handle isn't touched
 * @force: go on if its devices can't be removed
 * @err: out: the reason of a failure
 *
 * It stops, loses its devices and its console, and is destroyed. What is
 * already gone is no failure.
 *
 * Return: 0 if Xen has no such domain any more, else a negative errno.
 */
int domain_destroy(struct xen *xen, uint32_t domid, const uint8_t *handle,
		   bool force, struct error *err);

/**
 * domain_bury() - remove what is left of a domain that others have destroyed
 * @xen: access to the hypervisor
 * @domid: it was
 * @handle: its handle
 * @err: out: the reason of a failure
 *
 * Return: 0, also if another domain has the domid by now; else a negative
 * errno.
 */
int domain_bury(struct xen *xen, uint32_t domid, const uint8_t *handle,
		struct error *err);

#endif /* CHAOS_POOL_DESTROY_H */
