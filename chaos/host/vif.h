/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_HOST_VIF_H
#define CHAOS_HOST_VIF_H

#include <stdint.h>

#include "config/config.h"
#include "host/noxs.h"
#include "util/error.h"

/**
 * net_name() - the usual name of the host's interface to a guest
 * @domid: the domain
 * @id: number among its network devices
 * @name: out: IFNAMSIZ characters
 */
void net_name(uint32_t domid, unsigned int id, char *name);

/**
 * net_look() - what the host's interface to a guest is called at present, and
 *	where it is
 * @domid: the domain
 * @id: number among its network devices
 * @netdev: out: its name, IFNAMSIZ characters
 * @bridge: out: the bridge that it is on, IFNAMSIZ characters; "" if it is on none
 */
void net_look(uint32_t domid, unsigned int id, char *netdev, char *bridge);

/**
 * net_complete() - see whether the bridges are there, and take from them what
 *	wasn't given
 * @vifs: a guest's network devices; each has an MTU afterwards
 * @count: how many
 * @err: out: the reason of a failure
 *
 * So that a wrong name is found before anything is made.
 *
 * Return: 0 or a negative errno.
 */
int net_complete(struct vif_config *vifs, unsigned int count,
		 struct error *err);

/**
 * net_make() - make a network device, and leave the host's interface alone
 * @noxs: access to the kernel's devices
 * @domid: the domain
 * @vif: the device, complete
 * @err: out: the reason of a failure
 *
 * Return: 0 or a negative errno.
 */
int net_make(struct noxs *noxs, uint32_t domid, const struct vif_config *vif,
	     struct error *err);

/**
 * net_plug() - put the host's interface of a network device on its bridge
 * @domid: the domain
 * @vif: the device, made by net_make()
 * @err: out: the reason of a failure
 *
 * Return: 0 or a negative errno.
 */
int net_plug(uint32_t domid, const struct vif_config *vif, struct error *err);

/**
 * net_attach() - both: make a network device, and put it on its bridge
 * @noxs: access to the kernel's devices
 * @domid: the domain
 * @vif: the device, complete
 * @err: out: the reason of a failure
 *
 * Return: 0, or a negative errno and there is no such device.
 */
int net_attach(struct noxs *noxs, uint32_t domid, const struct vif_config *vif,
	       struct error *err);

#endif /* CHAOS_HOST_VIF_H */
