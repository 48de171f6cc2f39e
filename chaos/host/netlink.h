/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_HOST_NETLINK_H
#define CHAOS_HOST_NETLINK_H

#include <net/if.h>

#include "config/config.h"
#include "util/error.h"

struct nl_sock;

/**
 * struct netlink - access to the host's network interfaces
 * @sock: libnl's
 * @error: negative errno with which the kernel refused the last request, or 0
 */
struct netlink {
	struct nl_sock *sock;
	int error;
};

/**
 * netlink_open() - get access to the host's network interfaces
 * @netlink: out; stays where it is until netlink_close(), which is to be called
 *	unless this fails
 * @err: out: the reason of a failure
 *
 * Return: 0 or a negative errno.
 */
int netlink_open(struct netlink *netlink, struct error *err);

/**
 * netlink_close() - give access up
 * @netlink: what netlink_open() gave
 */
void netlink_close(struct netlink *netlink);

/**
 * netlink_complete() - see whether the host has what a network device asks for,
 *	and what it left to the host
 * @netlink: access to the host's network interfaces
 * @vif: the device; its MTU, if it wasn't given, becomes that of its bridge, as a
 *	smaller one would make the bridge's smaller; without a bridge, Ethernet's
 * @err: out: the reason of a failure
 *
 * Return: 0, -ENODEV if there is no such bridge, -EINVAL if it is something else,
 * -EEXIST if another interface has its name; another negative errno.
 */
int netlink_complete(struct netlink *netlink, struct vif_config *vif,
		     struct error *err);

/**
 * netlink_plug() - give an interface its name, put it on a bridge, and up
 * @netlink: access to the host's network interfaces
 * @netdev: name of the interface
 * @vif: its name, its bridge and its MTU, as far as they are given
 * @err: out: the reason of a failure
 *
 * Return: 0 or a negative errno.
 */
int netlink_plug(struct netlink *netlink, const char *netdev,
		 const struct vif_config *vif, struct error *err);

#endif /* CHAOS_HOST_NETLINK_H */
