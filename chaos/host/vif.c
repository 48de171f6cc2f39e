// SPDX-License-Identifier: GPL-2.0
/*
 * A guest's network devices: the kernel's device and the host's interface,
 * made together or not at all.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/netlink.h"
#include "host/sysfs.h"
#include "host/vif.h"

void net_name(uint32_t domid, unsigned int id, char *name)
{
	snprintf(name, IFNAMSIZ, "vif%u.%u", domid, id);
}

void net_look(uint32_t domid, unsigned int id, char *netdev, char *bridge)
{
	struct sysfs_device device;

	sysfs_device(&device, "vif", domid, id);
	if (!sysfs_netdev(&device, netdev))
		net_name(domid, id, netdev);
	sysfs_bridge(&device, netdev, bridge);
}

int net_complete(struct vif_config *vifs, unsigned int count,
		 struct error *err)
{
	struct netlink netlink;
	struct error why;
	unsigned int i;
	int ret;

	if (!count)
		return 0;
	ret = netlink_open(&netlink, err);
	if (ret)
		return ret;
	for (i = 0; !ret && i < count; i++) {
		ret = netlink_complete(&netlink, &vifs[i], &why);
		if (ret)
			error_set(err, ret, "vif %u: %s", vifs[i].id,
				  why.text);
	}
	netlink_close(&netlink);
	return ret;
}

int net_plug(uint32_t domid, const struct vif_config *vif, struct error *err)
{
	struct netlink netlink;
	char name[IFNAMSIZ];
	struct error why;
	int ret;

	ret = netlink_open(&netlink, err);
	if (ret)
		return ret;
	net_name(domid, vif->id, name);
	ret = netlink_plug(&netlink, name, vif, &why);
	netlink_close(&netlink);
	if (ret)
		error_set(err, ret, "vif %u: %s", vif->id, why.text);
	return ret;
}

int net_make(struct noxs *noxs, uint32_t domid, const struct vif_config *vif,
	     struct error *err)
{
	struct noxs_vif what = {
		.mtu = vif->mtu,
		.rate_bytes = vif->rate_bytes,
		.rate_us = vif->rate_us,
	};

	memcpy(what.mac, vif->mac, sizeof(what.mac));
	return noxs_vif_add(noxs, domid, vif->id, &what, err);
}

int net_attach(struct noxs *noxs, uint32_t domid, const struct vif_config *vif,
	       struct error *err)
{
	struct error ignored;
	int ret;

	ret = net_make(noxs, domid, vif, err);
	if (ret)
		return ret;
	ret = net_plug(domid, vif, err);
	if (ret)
		noxs_dev_del(noxs, domid, NOXS_TYPE_VIF, vif->id, true, &ignored);
	return ret;
}
