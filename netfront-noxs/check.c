// SPDX-License-Identifier: GPL-2.0
/*
 * Tells whether what the backend wrote can be used: its half of the control
 * page, and what it puts into the rings. Works on private copies only, takes
 * no lock, and needs nothing of the kernel, so that tests/unit builds this very
 * file.
 */
#include <linux/errno.h>
#include <linux/types.h>

#include "check.h"

/* GSO_BY_FRAGS of linux/skbuff.h: to the network layer this is no size. */
#define NETFRONT_GSO_BY_FRAGS	0xffff

static bool all_zero(const void *start, size_t size)
{
	const u8 *byte = start;
	size_t i;

	for (i = 0; i < size; i++)
		if (byte[i])
			return false;
	return true;
}

/**
 * netfront_check_backend() - check what a backend offers
 * @be: copy of its payload
 *
 * Return: 0 or -EINVAL
 */
int netfront_check_backend(const struct noxs_vif_backend *be)
{
	if (all_zero(be->mac, sizeof(be->mac)) || be->mac[0] & 1)
		return -EINVAL;
	if (be->mtu < NOXS_VIF_MIN_MTU || be->mtu > NOXS_VIF_MAX_MTU)
		return -EINVAL;
	if (!be->max_queues || be->max_queues > NOXS_VIF_MAX_QUEUES)
		return -EINVAL;
	if (!all_zero(be->pad, sizeof(be->pad)) ||
	    !all_zero(be->reserved, sizeof(be->reserved)))
		return -EINVAL;
	return 0;
}

/**
 * netfront_check_prod() - check how far a backend claims to be
 * @req_prod: requests made so far
 * @rsp_cons: responses seen so far
 * @rsp_prod: responses that there are, says the backend
 *
 * Return: 0, or -EPROTO if there are more responses than requests
 */
int netfront_check_prod(RING_IDX req_prod, RING_IDX rsp_cons,
			RING_IDX rsp_prod)
{
	return rsp_prod - rsp_cons > req_prod - rsp_cons ? -EPROTO : 0;
}

/**
 * netfront_check_rx() - check the response to a request for received data
 * @rsp: copy of the response
 * @id: of the request in that place of the ring
 *
 * Return: 0; -EPROTO if it belongs to no request or to another one; -EINVAL
 * if the data aren't within a page; -EIO if the backend says that it failed
 */
int netfront_check_rx(const struct xen_netif_rx_response *rsp, u16 id)
{
	if (rsp->id != id)
		return -EPROTO;
	if (rsp->status < 0)
		return -EIO;
	if (rsp->offset + rsp->status > NOXS_PAGE_SIZE)
		return -EINVAL;
	return 0;
}

/**
 * netfront_check_extra() - check what is said about a received packet
 * @extra: copy of the extra info
 * @features: NOXS_VIF_F_* that both ends accepted
 *
 * Only GSO is understood, as nothing else is ever accepted.
 *
 * Return: 0 or -EINVAL
 */
int netfront_check_extra(const struct xen_netif_extra_info *extra,
			 u32 features)
{
	if (extra->type != XEN_NETIF_EXTRA_TYPE_GSO)
		return -EINVAL;
	if (!extra->u.gso.size || extra->u.gso.size == NETFRONT_GSO_BY_FRAGS)
		return -EINVAL;

	switch (extra->u.gso.type) {
	case XEN_NETIF_GSO_TYPE_TCPV4:
		return features & NOXS_VIF_F_TSO_V4 ? 0 : -EINVAL;
	case XEN_NETIF_GSO_TYPE_TCPV6:
		return features & NOXS_VIF_F_TSO_V6 ? 0 : -EINVAL;
	default:
		return -EINVAL;
	}
}
