// SPDX-License-Identifier: GPL-2.0
/*
 * Keeps the host's block device of a vbd open as long as there is the vbd.
 *
 * So does its driver, but only while it is bound. A loop device that nobody has
 * open lets go of its file, and may have got another one, or the device's number
 * another device, when the driver is bound again and opens it.
 *
 * Process context, no locks.
 */
#include <linux/blkdev.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/kdev_t.h>

#include "core.h"

/**
 * noxs_bdev_hold() - keep the block device of a backend
 * @ndev: a backend, whose driver has opened it
 *
 * Return: for noxs_bdev_release(), NULL if it has none, or ERR_PTR
 */
struct file *noxs_bdev_hold(const struct noxs_device *ndev)
{
	if (ndev->type != NOXS_TYPE_VBD)
		return NULL;
	return bdev_file_open_by_dev(MKDEV(ndev->vbd.major, ndev->vbd.minor),
				     BLK_OPEN_READ, NULL, NULL);
}

/**
 * noxs_bdev_release() - let go of it
 * @file: what noxs_bdev_hold() returned
 */
void noxs_bdev_release(struct file *file)
{
	if (file)
		bdev_fput(file);
}
