/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_HOST_NETLINK_H
#define CHAOS_HOST_NETLINK_H

#include <net/if.h>

#include "config/config.h"
#include "util/error.h"

struct nl_sock;

/**
 * netlink_open() - get access to the host's network interfaces
 * @sock: out; to be closed with netlink_close(), unless this fails
 * @err: out: the reason of a failure
 *
 * Return: 0 or a negative errno.
 */
int netlink_open(struct nl_sock **sock, struct error *err);

/**
 * netlink_close() - give access up
 * @sock: what netlink_open() gave
 */
void netlink_close(struct nl_sock *sock);

/**
 * netlink_check_bridge() - see whether a bridge is there
 * @sock: access to the host's network interfaces
 * @bridge: its name
 * @err: out: the reason of a failure
 *
 * Return: 0, -ENODEV if it isn't, -EINVAL if it is something else.
 */
int netlink_check_bridge(struct nl_sock *sock, const char *bridge,
			 struct error *err);

/**
 * netlink_check_free() - see whether a name is free
 * @sock: access to the host's network interfaces
 * @name: for an interface
 * @err: out: the reason of a failure
 *
 * Return: 0 or -EEXIST.
 */
int netlink_check_free(struct nl_sock *sock, const char *name,
		       struct error *err);

/**
 * netlink_plug() - give an interface its name, put it on a bridge, and up
 * @sock: access to the host's network interfaces
 * @netdev: name of the interface
 * @vif: its name, its bridge and its MTU, as far as they are given
 * @err: out: the reason of a failure
 *
 * Return: 0 or a negative errno.
 */
int netlink_plug(struct nl_sock *sock, const char *netdev,
		 const struct vif_config *vif, struct error *err);

#endif /* CHAOS_HOST_NETLINK_H */
