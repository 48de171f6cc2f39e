/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_GUEST_DEVICE_H
#define CHAOS_GUEST_DEVICE_H

#include <stdbool.h>
#include <stdint.h>

#include "config/config.h"
#include "guest/names.h"
#include "host/noxs.h"
#include "util/error.h"
#include "xen/xen.h"

struct json_object;

/**
 * struct device_access - what it takes to see or change a guest's devices
 * @xen: access to the hypervisor
 * @noxs: access to the kernel's devices
 * @guest: the guest, locked for those who change it
 */
struct device_access {
	struct xen *xen;
	struct noxs *noxs;
	struct guest guest;
};

/**
 * device_add_vif() - add a network device to a guest
 * @access: to the guest
 * @vif: the device; a number and an address are chosen if it has none
 * @err: out: the reason of a failure
 *
 * Return: 0, or a negative errno and there is no such device.
 */
int device_add_vif(struct device_access *access, struct vif_config *vif,
		   struct error *err);

/**
 * device_add_vbd() - add a block device to a guest
 * @access: to the guest
 * @disk: the device
 * @err: out: the reason of a failure
 *
 * Return: 0, or a negative errno and there is no such device.
 */
int device_add_vbd(struct device_access *access,
		   const struct disk_config *disk, struct error *err);

/**
 * device_del() - take a device away from a guest
 * @access: to the guest
 * @type: NOXS_TYPE_*
 * @id: its number
 * @force: don't ask the guest
 * @err: out: the reason of a failure
 *
 * Return: 0 or a negative errno.
 */
int device_del(struct device_access *access, uint16_t type, unsigned int id,
	       bool force, struct error *err);

/**
 * device_resize() - show a guest that a block device has another size
 * @access: to the guest
 * @id: its number
 * @size: out: in bytes
 * @err: out: the reason of a failure
 *
 * Return: 0 or a negative errno.
 */
int device_resize(struct device_access *access, unsigned int id,
		  uint64_t *size, struct error *err);

/**
 * device_list() - the devices of a guest
 * @access: to the guest
 * @type: NOXS_TYPE_VIF or NOXS_TYPE_VBD
 * @list: out: an object for each, to be released with json_object_put(), unless
 *	this fails
 * @err: out: the reason of a failure
 *
 * Return: 0 or a negative errno.
 */
int device_list(struct device_access *access, uint16_t type,
		struct json_object **list, struct error *err);

/**
 * device_look() - see whether a guest's devices are connected
 * @noxs: access to the kernel's devices
 * @xen: access to the hypervisor
 * @domid: the domain
 * @type: NOXS_TYPE_* of the device, or NOXS_TYPE_NONE for all
 * @id: its number
 * @err: out: which of them isn't, and why
 *
 * Return: 1 if they are, 0 if not yet, a negative errno if they won't be.
 */
int device_look(struct noxs *noxs, struct xen *xen, uint32_t domid,
		uint16_t type, unsigned int id, struct error *err);

#endif /* CHAOS_GUEST_DEVICE_H */
