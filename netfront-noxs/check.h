/* SPDX-License-Identifier: GPL-2.0 */
/* What is read from the backend is valid, or it isn't used: see check.c. */
#ifndef _NETFRONT_CHECK_H
#define _NETFRONT_CHECK_H

#include <linux/types.h>
#include <xen/interface/io/netif.h>
#include <xen/interface/io/noxs.h>

int netfront_check_backend(const struct noxs_vif_backend *be);
int netfront_check_prod(RING_IDX req_prod, RING_IDX rsp_cons,
			RING_IDX rsp_prod);
int netfront_check_rx(const struct xen_netif_rx_response *rsp, u16 id);

#endif /* _NETFRONT_CHECK_H */
