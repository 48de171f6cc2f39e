// SPDX-License-Identifier: GPL-2.0
/*
 * The host's network interfaces, through rtnetlink. Each step is a message of
 * its own, so that its failure can be told from others'.
 */
#include <errno.h>
#include <net/ethernet.h>
#include <netlink/netlink.h>
#include <netlink/route/link.h>
#include <string.h>

#include "host/netlink.h"
#include "host/open.h"
#include "util/chaos.h"
#include "util/util.h"

/* Port numbers of a bridge have ten bits, and there is none with number 0. */
#define BRIDGE_PORTS_MAX	1023

/* libnl has error numbers of its own, and for most of the kernel's only one. */
static int take_error(struct sockaddr_nl *from, struct nlmsgerr *refusal,
		      void *arg)
{
	struct netlink *netlink = arg;

	(void)from;
	netlink->error = refusal->error;
	return NL_STOP;
}

int netlink_open(struct netlink *netlink, struct error *err)
{
	int ret;

	netlink->sock = nl_socket_alloc();
	if (!netlink->sock)
		return error_sys(err, -ENOMEM, "netlink");
	nl_socket_modify_err_cb(netlink->sock, NL_CB_CUSTOM, take_error,
				netlink);
	ret = nl_connect(netlink->sock, NETLINK_ROUTE);
	if (ret < 0) {
		nl_socket_free(netlink->sock);
		return error_set(err, -EIO, "netlink: %s", nl_geterror(ret));
	}
	return 0;
}

void netlink_close(struct netlink *netlink)
{
	nl_socket_free(netlink->sock);
}

static int link_error(const struct netlink *netlink, int ret, const char *name,
		      const char *what, struct error *err)
{
	if (ret == -NLE_NODEV || ret == -NLE_OBJ_NOTFOUND)
		return error_set(err, -ENODEV, "%s: no such interface", name);
	/* What the kernel didn't refuse has failed in the library. */
	if (!netlink->error)
		return error_set(err, -EIO, "%s: %s: %s", name, what,
				 nl_geterror(ret));
	return error_sys(err, netlink->error, "%s: %s", name, what);
}

static int get_link(struct netlink *netlink, const char *name,
		    struct rtnl_link **link, struct error *err)
{
	int ret;

	netlink->error = 0;
	ret = rtnl_link_get_kernel(netlink->sock, 0, name, link);
	return ret < 0 ? link_error(netlink, ret, name, "look-up", err) : 0;
}

static int find_bridge(struct netlink *netlink, const char *name,
		       int *ifindex, unsigned int *mtu, struct error *err)
{
	struct rtnl_link *link;
	const char *type;
	int ret;

	ret = get_link(netlink, name, &link, err);
	if (ret)
		return ret == -ENODEV ?
			error_set(err, ret, "bridge %s: no such interface",
				  name) : ret;
	*ifindex = rtnl_link_get_ifindex(link);
	*mtu = rtnl_link_get_mtu(link);
	type = rtnl_link_get_type(link);
	if (!type || strcmp(type, "bridge"))
		ret = error_set(err, -EINVAL, "bridge %s: is not a bridge",
				name);
	rtnl_link_put(link);
	return ret;
}

static int check_free(struct netlink *netlink, const char *name,
		      struct error *err)
{
	struct rtnl_link *link;

	if (rtnl_link_get_kernel(netlink->sock, 0, name, &link) < 0)
		return 0;
	rtnl_link_put(link);
	return error_set(err, -EEXIST, "%s: another interface has this name",
			 name);
}

int netlink_complete(struct netlink *netlink, struct vif_config *vif,
		     struct error *err)
{
	unsigned int mtu = ETH_DATA_LEN;
	int ret = 0, ifindex;

	if (*vif->bridge)
		ret = find_bridge(netlink, vif->bridge, &ifindex, &mtu, err);
	if (!ret && *vif->ifname)
		ret = check_free(netlink, vif->ifname, err);
	if (!ret && !vif->mtu)
		vif->mtu = mtu;
	return ret;
}

/**
 * struct link_change - one step for an interface
 * @what: in words
 * @name: new name, or NULL
 * @mtu: new MTU, or 0
 * @master: index of the bridge, or 0
 * @set: flags to set
 * @unset: flags to clear
 */
struct link_change {
	const char *what;
	const char *name;
	unsigned int mtu;
	int master;
	unsigned int set;
	unsigned int unset;
};

static int change_error(const struct netlink *netlink, int ret,
			const char *name, const struct link_change *how,
			struct error *err)
{
	if (how->master && netlink->error == -EXFULL)
		return error_set(err, -EXFULL,
				 "%s: %s: it has %d ports, and can't have more",
				 name, how->what, BRIDGE_PORTS_MAX);
	return link_error(netlink, ret, name, how->what, err);
}

static int change_link(struct netlink *netlink, struct rtnl_link *link,
		       const struct link_change *how, struct error *err)
{
	struct rtnl_link *change = rtnl_link_alloc();
	int ret;

	if (!change)
		return error_sys(err, -ENOMEM, "netlink");
	if (how->name)
		rtnl_link_set_name(change, how->name);
	if (how->mtu)
		rtnl_link_set_mtu(change, how->mtu);
	if (how->master)
		rtnl_link_set_master(change, how->master);
	if (how->set)
		rtnl_link_set_flags(change, how->set);
	if (how->unset)
		rtnl_link_unset_flags(change, how->unset);
	netlink->error = 0;
	ret = rtnl_link_change(netlink->sock, link, change, 0);
	rtnl_link_put(change);
	return ret < 0 ? change_error(netlink, ret, rtnl_link_get_name(link),
				      how, err) : 0;
}

static int plug(struct netlink *netlink, struct rtnl_link *link, int master,
		unsigned int mtu, const char *name, struct error *err)
{
	const struct link_change changes[] = {
		/* First, as one that is up keeps its name. */
		{ .what = "renaming it", .name = *name ? name : NULL },
		{ .what = "setting the MTU", .mtu = mtu },
		/* Only the guest speaks on this link, not the host. */
		{ .what = "setting flags", .set = master ? IFF_NOARP : 0,
		  .unset = master ? IFF_MULTICAST : 0 },
		{ .what = "joining the bridge", .master = master },
		{ .what = "setting it up", .set = IFF_UP },
	};
	const struct link_change *how = changes;
	int ret = 0;

	for (; !ret && how < changes + ARRAY_SIZE(changes); how++)
		if (how->name || how->mtu || how->master || how->set)
			ret = change_link(netlink, link, how, err);
	return ret;
}

int netlink_plug(struct netlink *netlink, const char *netdev,
		 const struct vif_config *vif, struct error *err)
{
	unsigned int mtu = vif->mtu, bridge_mtu;
	struct rtnl_link *link;
	int ret, master = 0;

	if (*vif->bridge) {
		ret = find_bridge(netlink, vif->bridge, &master, &bridge_mtu,
				  err);
		if (ret)
			return ret;
	}
	ret = get_link(netlink, netdev, &link, err);
	if (ret)
		return ret;
	if (rtnl_link_get_mtu(link) == mtu)
		mtu = 0;
	ret = plug(netlink, link, master, mtu, vif->ifname, err);
	rtnl_link_put(link);
	return ret;
}

const struct netlink_part netlink_part = {
	.part = { CHAOS_BUILD },
	.open = netlink_open,
	.close = netlink_close,
	.complete = netlink_complete,
	.plug = netlink_plug,
};
