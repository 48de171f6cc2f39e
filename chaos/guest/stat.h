/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_GUEST_STAT_H
#define CHAOS_GUEST_STAT_H

#include <net/if.h>
#include <stdint.h>

#include "config/config.h"
#include "util/error.h"
#include "xen/xen.h"

/**
 * struct device_counts - what has gone through a device, as its guest sees it
 * @type: vif or vbd
 * @id: number among the guest's devices of this type
 * @netdev: the host's interface, or ""
 * @in_bytes: received or read
 * @out_bytes: sent or written
 * @ins: packets received or requests to read
 * @outs: packets sent or requests to write
 * @in_rate: @in_bytes per second
 * @out_rate: @out_bytes per second
 */
struct device_counts {
	char type[16];
	unsigned int id;
	char netdev[IFNAMSIZ];
	uint64_t in_bytes;
	uint64_t out_bytes;
	uint64_t ins;
	uint64_t outs;
	double in_rate;
	double out_rate;
};

/**
 * struct guest_counts - what a guest has used
 * @domid: the domain
 * @handle: its handle
 * @name: of the guest, or "?"
 * @state: in a word
 * @cpu_time: seconds
 * @cpu_percent: of one CPU
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
	double cpu_percent;
	uint64_t memory;
	unsigned int vcpus;
	struct device_counts *devices;
	unsigned int nr_devices;
};

/**
 * struct counts - what all guests of chaos have used
 * @time: when, in ms
 * @guests: array, those who use most CPU first
 * @nr_guests: how many
 */
struct counts {
	int64_t time;
	struct guest_counts *guests;
	unsigned int nr_guests;
};

/**
 * counts_take() - look at what guests have used
 * @xen: access to the hypervisor
 * @counts: out: to be released with counts_free(), unless this fails
 * @former: an earlier look, to know the rates, or NULL
 * @err: out: the reason of a failure
 *
 * Return: 0 or a negative errno.
 */
int counts_take(struct xen *xen, struct counts *counts,
		const struct counts *former, struct error *err);

/**
 * counts_free() - release memory
 * @counts: may be all zero
 */
void counts_free(struct counts *counts);

#endif /* CHAOS_GUEST_STAT_H */
