/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_POOL_FILL_H
#define CHAOS_POOL_FILL_H

#include <stdint.h>

#include "util/error.h"
#include "xen/xen.h"

/**
 * shell_fill() - make one shell for a pool, if it lacks one
 * @xen: access to the hypervisor
 * @name: of the pool
 * @domid: out: its domain
 * @err: out: the reason of a failure
 *
 * Return: 0; -ESTALE if none is lacking; -EAGAIN if somebody just gives memory
 * back, or a file changes meanwhile; another negative errno.
 */
int shell_fill(struct xen *xen, const char *name, uint32_t *domid,
	       struct error *err);

#endif /* CHAOS_POOL_FILL_H */
