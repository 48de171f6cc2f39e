/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_HOST_IN_USE_H
#define CHAOS_HOST_IN_USE_H

#include <stdbool.h>
#include <sys/stat.h>

#include "host/noxs.h"
#include "util/error.h"

/**
 * disk_use_check() - see that nobody uses what a new block device would use
 * @noxs: access to the kernel's devices
 * @target: the host's block device or file
 * @readonly: the new block device only reads
 * @err: out: who uses it, or another reason of a failure
 *
 * Many may read at a time; who writes is alone. It is the same block device or
 * file by whatever path, and through whatever loop devices; guests of xl count, too,
 * if xen-blkback serves them. The answer holds
 * while the caller has state_lock_disks(). What the kernel itself can tell, that
 * the host has mounted a block device, is left to it.
 *
 * Return: 0, -EBUSY, -EAGAIN if it is in use, but by a loop device that may be
 * about to go; another negative errno.
 */
int disk_use_check(struct noxs *noxs, const struct stat *target, bool readonly,
		   struct error *err);

#endif /* CHAOS_HOST_IN_USE_H */
