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
 * @req_prod: requests that it was shown so far
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
