/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_HOST_SYSFS_H
#define CHAOS_HOST_SYSFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "util/error.h"

/**
 * struct sysfs_device - a guest's device, as the host's sysfs has it
 * @domid: whose
 * @type: vif, vbd, ...
 * @id: number among the guest's devices of this type
 * @path: of its directory
 */
struct sysfs_device {
	uint32_t domid;
	char type[16];
	unsigned int id;
	char path[192];
};

/**
 * sysfs_devices() - list devices of guests
 * @first: whose, the least domid
 * @last: and the greatest
 * @devices: out: array, by domain, type and id, for the caller to free()
 * @err: out: the reason of a failure
 *
 * Return: how many, or a negative errno.
 */
int sysfs_devices(uint32_t first, uint32_t last,
		  struct sysfs_device **devices, struct error *err);

/**
 * sysfs_device() - the device of which one knows what it is
 * @device: out
 * @type: vif, vbd, ...
 * @domid: whose
 * @id: number among the guest's devices of this type
 */
void sysfs_device(struct sysfs_device *device, const char *type,
		  uint32_t domid, unsigned int id);

/**
 * sysfs_line() - read the first line of a file
 * @dir: of its directory
 * @name: of the file
 * @text: out: without the newline, "" if there is no such file
 * @size: of @text
 *
 * Return: whether there is one.
 */
bool sysfs_line(const char *dir, const char *name, char *text, size_t size);

/**
 * sysfs_text() - read an attribute of a device
 * @device: the device
 * @name: of the attribute
 * @text: out: the first line, "" if there is no such attribute
 * @size: of @text
 *
 * Return: whether there is one.
 */
bool sysfs_text(const struct sysfs_device *device, const char *name,
		char *text, size_t size);

/**
 * sysfs_count() - read an attribute of a device that counts something
 * @device: the device
 * @name: of the attribute
 *
 * Return: the number; 0 if there is no such attribute.
 */
uint64_t sysfs_count(const struct sysfs_device *device, const char *name);

/**
 * sysfs_noxs_count() - read what noxs_core counts, for all guests together
 * @name: of the attribute
 *
 * Return: the number; 0 without the module.
 */
uint64_t sysfs_noxs_count(const char *name);

/**
 * sysfs_netdev() - the host's network interface to a device
 * @device: the device
 * @name: out: its name, IFNAMSIZ characters
 *
 * Return: whether it has one.
 */
bool sysfs_netdev(const struct sysfs_device *device, char *name);

/**
 * sysfs_bridge() - on which bridge the host's network interface to a device is
 * @device: the device
 * @netdev: name of the interface
 * @bridge: out: its name, IFNAMSIZ characters; "" if it is on none, or isn't there
 */
void sysfs_bridge(const struct sysfs_device *device, const char *netdev,
		  char *bridge);

/**
 * struct sysfs_xen_vbd - a block device of a guest that gets it from xen-blkback,
 *	as those of xl do
 * @domid: whose
 * @id: number among the guest's block devices
 * @dev: the host's block device
 * @readonly: the guest can't write to it
 */
struct sysfs_xen_vbd {
	uint32_t domid;
	unsigned int id;
	dev_t dev;
	bool readonly;
};

/**
 * sysfs_xen_vbds() - list block devices of guests that aren't ours
 * @vbds: out: array, for the caller to free(), unless this fails
 *
 * Those that have no block device of the host yet aren't among them.
 *
 * Return: how many, or -ENOMEM.
 */
int sysfs_xen_vbds(struct sysfs_xen_vbd **vbds);

#endif /* CHAOS_HOST_SYSFS_H */
