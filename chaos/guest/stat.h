/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_GUEST_STAT_H
#define CHAOS_GUEST_STAT_H

#include <net/if.h>
#include <stdint.h>

#include "config/config.h"
#include "util/error.h"
#include "xen/xen.h"

struct json_object;

/**
 * struct device_counts - what has gone through a device, as its guest sees it
 * @type: vif or vbd
 * @id: number among the guest's devices of this type
 * @netdev: the host's interface, or ""
 * @in_bytes: received or read
 * @out_bytes: sent or written
 * @ins: packets received or requests to read
 * @outs: packets sent or requests to write
 */
struct device_counts {
	char type[16];
	unsigned int id;
	char netdev[IFNAMSIZ];
	uint64_t in_bytes;
	uint64_t out_bytes;
	uint64_t ins;
	uint64_t outs;
};

/**
 * struct guest_counts - what a guest has used
 * @domid: the domain
 * @handle: its handle
 * @name: of the guest, or "?"
 * @state: in a word
 * @cpu_time: seconds
 * @memory: MiB
 * @vcpus: virtual CPUs
 * @devices: array
 * @nr_devices: how many
 */
struct guest_counts {
	uint32_t domid;
	uint8_t handle[UUID_SIZE];
	char name[CONFIG_NAME_MAX + 1];
	const char *state;
	double cpu_time;
	uint64_t memory;
	unsigned int vcpus;
	struct device_counts *devices;
	unsigned int nr_devices;
};

/**
 * struct counts - what guests of chaos have used
 * @guests: array, in the order of their domids
 * @nr_guests: how many
 */
struct counts {
	struct guest_counts *guests;
	unsigned int nr_guests;
};

/**
 * counts_take() - look at what guests have used
 * @xen: access to the hypervisor
 * @from: the least domid; out: that of those that come next, or 0 if there are no more
 * @most: how many guests and devices at most, but at least a guest with all that it has
 * @counts: out: to be released with counts_free(), unless this fails
 * @err: out: the reason of a failure
 *
 * Return: 0 or a negative errno.
 */
int counts_take(struct xen *xen, uint32_t *from, unsigned int most,
		struct counts *counts, struct error *err);

/**
 * counts_free() - release memory
 * @counts: may be all zero
 */
void counts_free(struct counts *counts);

/**
 * counts_describe() - the same as an array of objects
 * @counts: from counts_take()
 *
 * Return: it, to be released with json_object_put().
 */
struct json_object *counts_describe(const struct counts *counts);

#endif /* CHAOS_GUEST_STAT_H */
