/* SPDX-License-Identifier: MIT */
/*
 * What a frontend of noxs does, of whatever type its device is.
 */
#ifndef DEVICE_H
#define DEVICE_H

#include <stdbool.h>
#include <stdint.h>

#include "../../include/xen/interface/io/noxs.h"

/**
 * struct device - a device of the guest's
 * @type: NOXS_TYPE_*
 * @offer_min: octets that the payload of its backend has at least
 * @connect: make rings for what the backend offers, and say in the answer's payload,
 *	which is zero, where they are; gives the octets of that, or 0 for "no"
 * @disconnect: give back what connect() has made, if there is anything
 * @look: see what is in the rings
 * @slot: its slot of the device page
 * @ctrl: its control page
 * @port: the event channel of that
 * @epoch: the backend's, to which connect() has answered
 */
struct device {
	uint16_t type;
	uint16_t offer_min;
	unsigned int (*connect)(struct device *dev,
				const struct noxs_half *offer,
				struct noxs_half *answer);
	void (*disconnect)(void);
	void (*look)(void);

	struct noxs_slot slot;
	struct noxs_ctrlpage *ctrl;
	uint32_t port;
	uint32_t epoch;
};

int device_start(struct device *dev);
bool device_connected(const struct device *dev);

/* The handler of all its events, those of its rings too. */
void device_look(void *dev);

/* Use a page no more that was granted, if @gref isn't 0. */
void device_take_back(void *page, uint32_t gref);

#endif /* DEVICE_H */
