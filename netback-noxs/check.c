// SPDX-License-Identifier: GPL-2.0
/*
 * Tells whether what the frontend wrote can be used: its half of the control
 * page, the indices of its rings, and the packets that it sends. Tx is what the
 * guest sends.
 *
 * Works on private copies only, takes no lock, and needs nothing of the kernel,
 * so that tests/unit and tests/fuzz build this very file.
 */
#include <linux/errno.h>
#include <linux/string.h>
#include <linux/types.h>
#include <xen/noxs-vif.h>

#include "check.h"

/* More segments than a packet of the usual MTU has. */
#define NETBACK_SEGS	64U

static int check_features(u32 features)
{
	u32 tso4 = NOXS_VIF_F_SG | NOXS_VIF_F_CSUM_V4;
	u32 tso6 = NOXS_VIF_F_SG | NOXS_VIF_F_CSUM_V6;

	if (features & ~NOXS_VIF_F_ALL)
		return -EINVAL;
	if (features & NOXS_VIF_F_TSO_V4 && (features & tso4) != tso4)
		return -EINVAL;
	if (features & NOXS_VIF_F_TSO_V6 && (features & tso6) != tso6)
		return -EINVAL;
	return 0;
}

static bool shares(const struct noxs_vif_queue *a,
		   const struct noxs_vif_queue *b)
{
	return a->tx_gref == b->tx_gref || a->tx_gref == b->rx_gref ||
	       a->rx_gref == b->tx_gref || a->rx_gref == b->rx_gref ||
	       a->tx_evtchn == b->tx_evtchn || a->tx_evtchn == b->rx_evtchn ||
	       a->rx_evtchn == b->tx_evtchn || a->rx_evtchn == b->rx_evtchn;
}

static int check_queue(const struct noxs_vif_frontend *fe, u32 n, bool split)
{
	const struct noxs_vif_queue *queue = &fe->queue[n];
	bool one_port = queue->tx_evtchn == queue->rx_evtchn;
	u32 i;

	if (!queue->tx_evtchn || !queue->rx_evtchn)
		return -EINVAL;
	if (one_port == split)
		return -EINVAL;
	if (queue->tx_gref == queue->rx_gref)
		return -EINVAL;

	for (i = 0; i < n; i++)
		if (shares(&fe->queue[i], queue))
			return -EINVAL;
	return 0;
}

static bool names_ring(const struct noxs_vif_frontend *fe, u32 gref)
{
	u32 i;

	for (i = 0; i < fe->nr_queues; i++)
		if (fe->queue[i].tx_gref == gref || fe->queue[i].rx_gref == gref)
			return true;
	return false;
}

/* A list of buffers is a page that is nothing else. */
static int check_lists(const struct noxs_vif_frontend *fe)
{
	u32 i, list, seen[2 * NOXS_VIF_MAX_QUEUES];
	u32 nr = 0, n;

	for (i = 0; i < 2 * fe->nr_queues; i++) {
		list = i % 2 ? fe->queue[i / 2].rx_buffers :
			       fe->queue[i / 2].tx_buffers;
		if (!list)
			continue;
		if (names_ring(fe, list))
			return -EINVAL;
		for (n = 0; n < nr; n++)
			if (seen[n] == list)
				return -EINVAL;
		seen[nr++] = list;
	}
	return 0;
}

/**
 * netback_check_frontend() - check what a frontend asks for
 * @fe: copy of its payload
 * @features: NOXS_VIF_F_* that both ends have
 * @max_queues: what was offered, at most NOXS_VIF_MAX_QUEUES
 *
 * Return: 0 or -EINVAL
 */
int netback_check_frontend(const struct noxs_vif_frontend *fe, u32 features,
			   u32 max_queues)
{
	bool split = features & NOXS_VIF_F_SPLIT_EVTCHN;
	u32 nr = fe->nr_queues;
	u32 i;
	int err;

	err = check_features(features);
	if (err)
		return err;
	if (!nr || nr > max_queues || nr > NOXS_VIF_MAX_QUEUES)
		return -EINVAL;
	if (memchr_inv(&fe->queue[nr], 0,
		       (NOXS_VIF_MAX_QUEUES - nr) * sizeof(fe->queue[0])))
		return -EINVAL;

	for (i = 0; i < nr; i++) {
		err = check_queue(fe, i, split);
		if (err)
			return err;
	}
	return features & NOXS_VIF_F_BUFFERS ? check_lists(fe) : 0;
}

static bool is_length(u32 length, u32 min)
{
	return length >= min && !(length % 8);
}

static int add_buffer(struct netback_list *list,
		      const struct noxs_buffer *buffer)
{
	unsigned int i;

	if (buffer->flags & ~NOXS_BUFFER_F_READONLY)
		return -EINVAL;
	for (i = 0; i < list->nr; i++)
		if (list->gref[i] == buffer->gref)
			return -EINVAL;
	list->gref[list->nr++] = buffer->gref;
	return 0;
}

/**
 * netback_check_buffers() - add what a page of a list of buffers has to the list
 * @page: copy of the page
 * @list: the list, empty before its first page
 * @next: out: reference of the next page, or 0
 *
 * There are no more pages than buffers.
 *
 * Return: 0, or -EINVAL with @list as it may be
 */
int netback_check_buffers(const u8 *page, struct netback_list *list, u32 *next)
{
	struct noxs_buffers_header hdr;
	struct noxs_buffer buffer;
	u32 i, end;

	memcpy(&hdr, page, sizeof(hdr));
	if (!is_length(hdr.size, NOXS_BUFFERS_HEADER_MIN) ||
	    !is_length(hdr.entry_size, NOXS_BUFFER_MIN) || hdr.pad ||
	    !hdr.nr || hdr.nr > NETBACK_MAX_BUFFERS - list->nr)
		return -EINVAL;
	end = hdr.size + hdr.nr * hdr.entry_size;
	if (end > NOXS_PAGE_SIZE || memchr_inv(page + end, 0, NOXS_PAGE_SIZE - end))
		return -EINVAL;

	for (i = 0; i < hdr.nr; i++) {
		memcpy(&buffer, page + hdr.size + i * hdr.entry_size,
		       sizeof(buffer));
		if (add_buffer(list, &buffer))
			return -EINVAL;
	}
	*next = hdr.next;
	return 0;
}

/**
 * netback_check_prod() - check how far a frontend claims to be
 * @prod: requests that there are, says the frontend
 * @cons: requests taken so far
 * @rsp: responses pushed so far, at most @cons
 * @size: entries of the ring
 *
 * Return: 0, or -EPROTO if it takes requests back, or has more of them on the
 * way than the ring holds
 */
int netback_check_prod(RING_IDX prod, RING_IDX cons, RING_IDX rsp,
		       unsigned int size)
{
	return prod - cons > size - (cons - rsp) ? -EPROTO : 0;
}

/*
 * The first slot's size is the whole packet's; what the others have is taken
 * from it until its own share is left.
 */
static int add_slot(struct netback_packet *pkt,
		    const struct xen_netif_tx_request *req, u32 features)
{
	if (pkt->nr_slots == XEN_NETIF_NR_SLOTS_MIN)
		return -E2BIG;
	if (req->flags & XEN_NETTXF_more_data && !(features & NOXS_VIF_F_SG))
		return -EOPNOTSUPP;

	if (!pkt->nr_slots) {
		pkt->size = req->size;
		pkt->flags = req->flags;
		pkt->extra_next = req->flags & XEN_NETTXF_extra_info;
	} else {
		if (req->flags & XEN_NETTXF_extra_info)
			return -EINVAL;
		if (req->offset + req->size > NOXS_PAGE_SIZE)
			return -EINVAL;
		if (req->size > pkt->slot[0].size)
			return -EINVAL;
		pkt->slot[0].size -= req->size;
	}

	pkt->slot[pkt->nr_slots++] = *req;
	return 0;
}

/* Nothing comes after it: see noxs_vif_check_gso(). */
static int add_extra(struct netback_packet *pkt,
		     const struct xen_netif_extra_info *extra, u32 features)
{
	int err;

	if (extra->flags)
		return -EINVAL;
	err = noxs_vif_check_gso(extra, features);
	if (err)
		return err;

	pkt->gso_type = extra->u.gso.type;
	pkt->gso_size = extra->u.gso.size;
	pkt->has_extra = true;
	pkt->extra_next = false;
	return 0;
}

/**
 * netback_packet_add() - add the next entry of a tx ring to a packet
 * @pkt: the packet, not complete yet
 * @entry: copy of the entry
 * @features: NOXS_VIF_F_* that both ends have
 *
 * A frontend can't send less than a whole packet, so what is wrong here is
 * wrong with the frontend, not with the packet.
 *
 * Return: 0, or -errno if no frontend could have meant it
 */
int netback_packet_add(struct netback_packet *pkt,
		       const union netback_tx_entry *entry, u32 features)
{
	const struct xen_netif_tx_request *first = &pkt->slot[0];
	int err;

	if (pkt->extra_next)
		err = add_extra(pkt, &entry->extra, features);
	else
		err = add_slot(pkt, &entry->req, features);
	if (err)
		return err;
	pkt->nr_entries++;

	if (pkt->extra_next ||
	    pkt->slot[pkt->nr_slots - 1].flags & XEN_NETTXF_more_data)
		return 0;

	if (first->offset + first->size > NOXS_PAGE_SIZE)
		return -EINVAL;
	pkt->complete = true;
	return 0;
}

/**
 * netback_packet_weight() - how much of its queue's turn a packet takes
 * @pkt: the packet, complete
 *
 * To cut a packet into segments may be up to the host, at once; how many there
 * are is up to the guest.
 *
 * Return: 1, and one more for each NETBACK_SEGS that it says it is
 */
unsigned int netback_packet_weight(const struct netback_packet *pkt)
{
	if (!pkt->gso_size)
		return 1;
	return 1 + pkt->size / pkt->gso_size / NETBACK_SEGS;
}
