/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_HOST_BLOCKDEV_H
#define CHAOS_HOST_BLOCKDEV_H

#include <limits.h>
#include <sys/types.h>

/**
 * blockdev_name() - what the host calls a block device
 * @dev: its numbers
 * @name: out: as in /dev, NAME_MAX + 1 bytes
 *
 * Return: 0, -ENOENT if there is no such device, another negative errno.
 */
int blockdev_name(dev_t dev, char *name);

/**
 * blockdev_open() - open a block device, for reading
 * @dev: its numbers
 *
 * Whoever watches devices that were open for writing isn't disturbed.
 *
 * Return: a file descriptor or a negative errno.
 */
int blockdev_open(dev_t dev);

#endif /* CHAOS_HOST_BLOCKDEV_H */
