/* SPDX-License-Identifier: GPL-2.0 */
/* What the two ends of a vif check alike, of each other: noxs-core/vif.c. */
#ifndef _XEN_NOXS_VIF_H
#define _XEN_NOXS_VIF_H

#include <linux/types.h>
#include <xen/interface/io/netif.h>

int noxs_vif_check_gso(const struct xen_netif_extra_info *extra, u32 features);
int noxs_vif_count_segs(unsigned int len, unsigned int tcp_offset,
			unsigned int tcp_len, u16 gso_size);

#endif /* _XEN_NOXS_VIF_H */
