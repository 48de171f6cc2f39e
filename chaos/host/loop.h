/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_HOST_LOOP_H
#define CHAOS_HOST_LOOP_H

#include <stdbool.h>
#include <sys/types.h>

#include "util/error.h"

/**
 * struct loop_file - what is behind a loop device
 * @dev: device of the file system that has the file
 * @ino: the file's inode
 * @rdev: if it is a block device's file, its numbers; else 0
 * @readonly: nobody can write to it through the loop device
 * @autoclear: it is detached when the last one closes the loop device
 */
struct loop_file {
	dev_t dev;
	ino_t ino;
	dev_t rdev;
	bool readonly;
	bool autoclear;
};

/**
 * loop_attach() - make a block device of a file
 * @file: open for reading, and for writing unless @readonly
 * @readonly: nobody can write to it
 * @direct: go past the host's page cache, if the file system can
 * @dev: out: numbers of the block device
 * @err: out: the reason of a failure
 *
 * It lasts while somebody has it open: the caller, by what this returns, then
 * the kernel's backend. So it goes with the device, whatever happens to it and
 * to us.
 *
 * Return: a file descriptor or a negative errno.
 */
int loop_attach(int file, bool readonly, bool direct, dev_t *dev,
		struct error *err);

/**
 * loop_get() - see what is behind a loop device
 * @dev: of a block device
 * @file: out
 *
 * Return: 0, -ENXIO if it is no loop device or has no file, another negative
 * errno.
 */
int loop_get(dev_t dev, struct loop_file *file);

/**
 * loop_list() - list the loop devices that have a file
 * @devs: out: array, for the caller to free()
 *
 * Return: how many, or a negative errno.
 */
int loop_list(dev_t **devs);

/**
 * loop_resize() - make a loop device as large as its file is now
 * @dev: of a block device
 *
 * Return: 0, also if it is no loop device; else a negative errno.
 */
int loop_resize(dev_t dev);

#endif /* CHAOS_HOST_LOOP_H */
