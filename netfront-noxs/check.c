// SPDX-License-Identifier: GPL-2.0
/*
 * Tells whether what the backend wrote can be used: its half of the control
 * page, and what it puts into the rings. Works on private copies only, takes
 * no lock, and needs nothing of the kernel, so that tests/unit builds this very
 * file.
 */
#include <linux/errno.h>
#include <linux/string.h>
#include <linux/types.h>

#include "check.h"

/* GSO_BY_FRAGS of linux/skbuff.h: to the network layer this is no size. */
#define NETFRONT_GSO_BY_FRAGS	0xffff

/*
 * Most segments of a GSO packet. Who claims to send 64 KiB one octet at a time
 * would have us make as many packets at once. The smallest payload in Linux's
 * TCP, 36 octets after timestamps, stays below this.
 */
#define NETFRONT_MAX_SEGS	2048U

/* Octets of a TCP header without options. */
#define NETFRONT_TCP_HEADER	20U

/**
 * netfront_check_backend() - check what a backend offers
 * @be: copy of its payload
 *
 * Return: 0 or -EINVAL
 */
int netfront_check_backend(const struct noxs_vif_backend *be)
{
	if (!memchr_inv(be->mac, 0, sizeof(be->mac)) || be->mac[0] & 1)
		return -EINVAL;
	if (be->mtu < NOXS_VIF_MIN_MTU || be->mtu > NOXS_VIF_MAX_MTU)
		return -EINVAL;
	if (!be->max_queues || be->max_queues > NOXS_VIF_MAX_QUEUES)
		return -EINVAL;
	if (memchr_inv(be->pad, 0, sizeof(be->pad)))
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
	if (extra->u.gso.features)
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

/**
 * netfront_check_gso() - check how a TCP packet is to be cut into segments
 * @len: octets of the packet
 * @tcp_offset: where in it the TCP header begins
 * @tcp_len: how long that says it is
 * @gso_size: largest payload of a segment, not 0
 *
 * Return: how many segments it makes, or -EPROTO if there is no payload, or too
 * little of it in each
 */
int netfront_check_gso(unsigned int len, unsigned int tcp_offset,
		       unsigned int tcp_len, u16 gso_size)
{
	unsigned int headers = tcp_offset + tcp_len;
	unsigned int segs;

	if (tcp_len < NETFRONT_TCP_HEADER || headers >= len)
		return -EPROTO;
	segs = (len - headers + gso_size - 1) / gso_size;
	return segs > NETFRONT_MAX_SEGS ? -EPROTO : (int)segs;
}
