// SPDX-License-Identifier: GPL-2.0
/*
 * What asks for network interfaces, for the programs: it is in netlink.so, with libnl.
 * Whoever has access to them has loaded it.
 */
#include <errno.h>

#include "host/open.h"

static const struct netlink_part *loaded;

int netlink_open(struct netlink *netlink, struct error *err)
{
	if (!loaded)
		loaded = (const void *)part_open("netlink", err);
	return loaded ? loaded->open(netlink, err) : -ELIBACC;
}

void netlink_close(struct netlink *netlink)
{
	loaded->close(netlink);
}

int netlink_complete(struct netlink *netlink, struct vif_config *vif,
		     struct error *err)
{
	return loaded->complete(netlink, vif, err);
}

int netlink_plug(struct netlink *netlink, const char *netdev,
		 const struct vif_config *vif, struct error *err)
{
	return loaded->plug(netlink, netdev, vif, err);
}
