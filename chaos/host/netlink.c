// SPDX-License-Identifier: GPL-2.0
/*
 * The host's network interfaces, through rtnetlink. Each step is a message of
 * its own, so that its failure can be told from others'.
 */
#include <errno.h>
#include <netlink/netlink.h>
#include <netlink/route/link.h>
#include <string.h>

#include "host/netlink.h"
#include "util/util.h"

int netlink_open(struct nl_sock **sock, struct error *err)
{
	int ret;

	*sock = nl_socket_alloc();
	if (!*sock)
		return error_sys(err, -ENOMEM, "netlink");
	ret = nl_connect(*sock, NETLINK_ROUTE);
	if (ret < 0) {
		nl_socket_free(*sock);
		return error_set(err, -EIO, "netlink: %s", nl_geterror(ret));
	}
	return 0;
}

void netlink_close(struct nl_sock *sock)
{
	nl_socket_free(sock);
}

/* The library maps error numbers to its own; the common ones back to words. */
static int link_error(int ret, const char *name, const char *what,
		      struct error *err)
{
	switch (-ret) {
	case NLE_NODEV:
	case NLE_OBJ_NOTFOUND:
		return error_set(err, -ENODEV, "%s: no such interface", name);
	case NLE_PERM:
		return error_set(err, -EPERM, "%s: %s: not permitted", name,
				 what);
	case NLE_BUSY:
		return error_set(err, -EBUSY, "%s: %s: busy", name, what);
	default:
		return error_set(err, -EIO, "%s: %s: %s", name, what,
				 nl_geterror(ret));
	}
}

static int get_link(struct nl_sock *sock, const char *name,
		    struct rtnl_link **link, struct error *err)
{
	int ret = rtnl_link_get_kernel(sock, 0, name, link);

	return ret < 0 ? link_error(ret, name, "look-up", err) : 0;
}

static int find_bridge(struct nl_sock *sock, const char *name, int *ifindex,
		       struct error *err)
{
	struct rtnl_link *link;
	const char *type;
	int ret;

	ret = get_link(sock, name, &link, err);
	if (ret)
		return ret == -ENODEV ?
			error_set(err, ret, "bridge %s: no such interface",
				  name) : ret;
	*ifindex = rtnl_link_get_ifindex(link);
	type = rtnl_link_get_type(link);
	if (!type || strcmp(type, "bridge"))
		ret = error_set(err, -EINVAL, "bridge %s: is not a bridge",
				name);
	rtnl_link_put(link);
	return ret;
}

int netlink_check_bridge(struct nl_sock *sock, const char *bridge,
			 struct error *err)
{
	int ifindex;

	return find_bridge(sock, bridge, &ifindex, err);
}

int netlink_check_free(struct nl_sock *sock, const char *name,
		       struct error *err)
{
	struct rtnl_link *link;

	if (rtnl_link_get_kernel(sock, 0, name, &link) < 0)
		return 0;
	rtnl_link_put(link);
	return error_set(err, -EEXIST, "%s: another interface has this name",
			 name);
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

static int change_link(struct nl_sock *sock, struct rtnl_link *link,
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
	ret = rtnl_link_change(sock, link, change, 0);
	rtnl_link_put(change);
	return ret < 0 ? link_error(ret, rtnl_link_get_name(link), how->what,
				    err) : 0;
}

static int plug(struct nl_sock *sock, struct rtnl_link *link, int master,
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
			ret = change_link(sock, link, how, err);
	return ret;
}

int netlink_plug(struct nl_sock *sock, const char *netdev,
		 const struct vif_config *vif, struct error *err)
{
	unsigned int mtu = vif->mtu;
	struct rtnl_link *link;
	int ret, master = 0;

	if (*vif->bridge) {
		ret = find_bridge(sock, vif->bridge, &master, err);
		if (ret)
			return ret;
	}
	ret = get_link(sock, netdev, &link, err);
	if (ret)
		return ret;
	if (rtnl_link_get_mtu(link) == mtu)
		mtu = 0;
	ret = plug(sock, link, master, mtu, vif->ifname, err);
	rtnl_link_put(link);
	return ret;
}
