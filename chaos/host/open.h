/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_HOST_OPEN_H
#define CHAOS_HOST_OPEN_H

#include "host/netlink.h"
#include "util/part.h"

/**
 * struct netlink_part - what needs libnl: see host/netlink.h
 * @part: of which sources
 * @open: netlink_open()
 * @close: netlink_close()
 * @complete: netlink_complete()
 * @plug: netlink_plug()
 */
struct netlink_part {
	struct part part;
	int (*open)(struct netlink *netlink, struct error *err);
	void (*close)(struct netlink *netlink);
	int (*complete)(struct netlink *netlink, struct vif_config *vif,
			struct error *err);
	int (*plug)(struct netlink *netlink, const char *netdev,
		    const struct vif_config *vif, struct error *err);
};

extern const struct netlink_part netlink_part;

#endif /* CHAOS_HOST_OPEN_H */
