/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_HOST_VBD_H
#define CHAOS_HOST_VBD_H

#include <stdint.h>

#include "config/config.h"
#include "host/noxs.h"
#include "util/error.h"

/**
 * disk_check() - see whether what is behind block devices is there
 * @disks: a guest's block devices
 * @count: how many
 * @err: out: the reason of a failure
 *
 * So that a wrong path is found before anything is made.
 *
 * Return: 0 or a negative errno.
 */
int disk_check(const struct disk_config *disks, unsigned int count,
	       struct error *err);

/**
 * disk_attach() - make a block device
 * @noxs: access to the kernel's devices
 * @domid: the domain
 * @disk: the device
 * @err: out: the reason of a failure
 *
 * A file gets a loop device, which goes when the block device does.
 *
 * Return: 0, or a negative errno and there is no such device.
 */
int disk_attach(struct noxs *noxs, uint32_t domid,
		const struct disk_config *disk, struct error *err);

/**
 * disk_resize() - show a guest how large its block device is now
 * @noxs: access to the kernel's devices
 * @domid: the domain
 * @id: number of the device
 * @size: out: in bytes
 * @err: out: the reason of a failure
 *
 * The host's block device or file has been made larger or smaller before.
 *
 * Return: 0, -ENODEV if there is no such device, another negative errno.
 */
int disk_resize(struct noxs *noxs, uint32_t domid, unsigned int id,
		uint64_t *size, struct error *err);

#endif /* CHAOS_HOST_VBD_H */
