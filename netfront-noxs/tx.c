// SPDX-License-Identifier: GPL-2.0
/*
 * Tx: packets that the guest sends.
 *
 * A packet becomes requests of at most a page each. Its beginning goes through
 * the head pages if that is short, the rest is granted where it is. The packet
 * is freed when the backend has answered all of its requests.
 *
 * ndo_start_xmit puts packets in, NAPI takes responses out; both hold the lock
 * of the netdev_queue. There is room for a packet while that queue isn't
 * stopped, and only NAPI starts it.
 */
#include <linux/etherdevice.h>
#include <linux/mm.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <xen/events.h>
#include <xen/grant_table.h>

#include "check.h"
#include "netfront.h"

/* With as much room a stopped queue is started again. */
#define TX_WAKE_ROOM	(NETFRONT_RING_SIZE / 4)

static_assert(TX_WAKE_ROOM >= NETFRONT_MAX_SLOTS);

/* What we keep in a packet that is under way. */
struct tx_cb {
	u16 slots;		/* that have no response yet */
	bool failed;
};

static_assert(sizeof(struct tx_cb) <= sizeof_field(struct sk_buff, cb));

static struct tx_cb *tx_cb(const struct sk_buff *skb)
{
	return (struct tx_cb *)skb->cb;
}

/* A packet of which requests are being made. */
struct tx_packet {
	struct netfront_queue *queue;
	struct sk_buff *skb;
	unsigned int left;	/* octets without a request */
};

static struct netdev_queue *tx_netdev_queue(const struct netfront_queue *queue)
{
	return netdev_get_tx_queue(queue->np->netdev, queue->id);
}

static unsigned int tx_room(const struct netfront_tx *tx)
{
	return RING_FREE_REQUESTS(&tx->ring);
}

/*
 * How much of the packet to copy into the head pages: what is linear, if it
 * fits; else nothing, unless a page ends so soon that the first request would
 * lack headers.
 */
static unsigned int tx_head_len(const struct sk_buff *skb)
{
	unsigned int len = skb_headlen(skb);

	if (len <= NETFRONT_HEAD_SIZE)
		return len;
	if (XEN_PAGE_SIZE - xen_offset_in_page(skb->data) < NETFRONT_HEAD_SIZE)
		return NETFRONT_HEAD_SIZE;
	return 0;
}

/* How many requests the packet takes, without an extra. */
static unsigned int tx_slots(const struct sk_buff *skb)
{
	unsigned int head = tx_head_len(skb);
	unsigned int slots = head ? 1 : 0;
	const skb_frag_t *frag;
	unsigned int i;

	if (skb_headlen(skb) > head)
		slots += gnttab_count_grant(xen_offset_in_page(skb->data + head),
					    skb_headlen(skb) - head);
	for (i = 0; i < skb_shinfo(skb)->nr_frags; i++) {
		frag = &skb_shinfo(skb)->frags[i];
		slots += gnttab_count_grant(skb_frag_off(frag),
					    skb_frag_size(frag));
	}
	return slots;
}

/*
 * Make the packet fit into the slots that one may have. Linear data of up to a
 * frame without SG fit into one page, but needn't be in one; a copy's are, as
 * memory of a power of two octets is aligned to its size.
 */
static struct sk_buff *tx_fit(struct netfront_queue *queue, struct sk_buff *skb)
{
	unsigned int max = queue->np->offloads & NETIF_F_SG ?
			   XEN_NETIF_NR_SLOTS_MIN : 1;
	struct sk_buff *copy;

	if (likely(tx_slots(skb) <= max))
		return skb;

	netfront_count(&queue->tx.stats, NETFRONT_FIXED, 1);
	if (skb_linearize(skb))
		goto err_free_skb;
	if (tx_slots(skb) <= max)
		return skb;

	copy = skb_copy(skb, GFP_ATOMIC);
	if (!copy)
		goto err_free_skb;
	dev_consume_skb_any(skb);
	skb = copy;
	if (tx_slots(skb) <= max)
		return skb;

err_free_skb:
	dev_kfree_skb_any(skb);
	return NULL;
}

/*
 * Make the packet one that the backend takes, or free it and return NULL. It
 * may have been prepared for an earlier backend, that took more.
 */
static struct sk_buff *tx_prepare(struct netfront_queue *queue,
				  struct sk_buff *skb)
{
	netdev_features_t offloads = queue->np->offloads;

	if (unlikely(netfront_is_broken(queue->np)))
		goto err_free_skb;
	if (unlikely(skb->len > XEN_NETIF_MAX_TX_SIZE))
		goto err_free_skb;
	if (unlikely(!pskb_may_pull(skb, ETH_HLEN)))
		goto err_free_skb;
	if (skb_is_gso(skb)) {
		if (unlikely(!skb_gso_ok(skb, offloads)))
			goto err_free_skb;
	} else if (skb->ip_summed == CHECKSUM_PARTIAL &&
		   !can_checksum_protocol(offloads, skb->protocol)) {
		if (skb_checksum_help(skb))
			goto err_free_skb;
	}
	return tx_fit(queue, skb);

err_free_skb:
	dev_kfree_skb_any(skb);
	return NULL;
}

static u16 tx_slot_get(struct netfront_tx *tx, struct sk_buff *skb)
{
	u16 id = tx->free;

	tx->free = tx->slot[id].next;
	tx->slot[id].skb = skb;
	tx_cb(skb)->slots++;
	return id;
}

static void tx_slot_put(struct netfront_tx *tx, u16 id)
{
	tx->slot[id].skb = NULL;
	tx->slot[id].next = tx->free;
	tx->free = id;
}

static u16 tx_first_flags(const struct sk_buff *skb)
{
	u16 flags = 0;

	if (skb->ip_summed == CHECKSUM_PARTIAL)
		flags |= XEN_NETTXF_csum_blank | XEN_NETTXF_data_validated;
	else if (skb->ip_summed == CHECKSUM_UNNECESSARY)
		flags |= XEN_NETTXF_data_validated;
	if (skb_is_gso(skb))
		flags |= XEN_NETTXF_extra_info;
	return flags;
}

static void tx_request_gso(struct netfront_tx *tx, const struct sk_buff *skb)
{
	struct xen_netif_tx_front_ring *ring = &tx->ring;
	struct xen_netif_extra_info *extra;
	bool v6 = skb_shinfo(skb)->gso_type & SKB_GSO_TCPV6;

	extra = (void *)RING_GET_REQUEST(ring, ring->req_prod_pvt++);
	*extra = (struct xen_netif_extra_info) {
		.type = XEN_NETIF_EXTRA_TYPE_GSO,
		.u.gso.size = skb_shinfo(skb)->gso_size,
		.u.gso.type = v6 ? XEN_NETIF_GSO_TYPE_TCPV6 :
				   XEN_NETIF_GSO_TYPE_TCPV4,
	};
	tx->extras++;
}

/*
 * The first request has the size of the whole packet, and is followed by what
 * there is to say about it.
 */
static void tx_request(struct tx_packet *packet, u16 id, grant_ref_t gref,
		       unsigned int offset, unsigned int len)
{
	struct xen_netif_tx_front_ring *ring = &packet->queue->tx.ring;
	const struct sk_buff *skb = packet->skb;
	bool first = packet->left == skb->len;
	u16 flags = first ? tx_first_flags(skb) : 0;

	packet->left -= len;
	if (packet->left)
		flags |= XEN_NETTXF_more_data;

	*RING_GET_REQUEST(ring, ring->req_prod_pvt++) =
		(struct xen_netif_tx_request) {
			.gref = gref,
			.offset = offset,
			.flags = flags,
			.id = id,
			.size = first ? skb->len : len,
		};
	if (flags & XEN_NETTXF_extra_info)
		tx_request_gso(&packet->queue->tx, skb);
}

static void tx_add_head(struct tx_packet *packet, unsigned int len)
{
	struct netfront_tx *tx = &packet->queue->tx;
	u16 id = tx_slot_get(tx, packet->skb);
	struct noxs_grant *head = &tx->head[id / NETFRONT_HEADS_PER_PAGE];
	unsigned int offset = id % NETFRONT_HEADS_PER_PAGE * NETFRONT_HEAD_SIZE;

	tx->slot[id].page = NULL;
	memcpy(head->addr + offset, packet->skb->data, len);
	if (len == packet->skb->len)
		netfront_count(&tx->stats, NETFRONT_COPIED, 1);
	tx_request(packet, id, head->gref, offset, len);
}

static void tx_add_data(struct tx_packet *packet, struct page *page,
			unsigned int offset, unsigned int len)
{
	unsigned long pfn = page_to_xen_pfn(page) + XEN_PFN_DOWN(offset);
	struct netfront_queue *queue = packet->queue;
	struct netfront_tx_slot *slot;
	unsigned int size;
	u16 id;

	offset = xen_offset_in_page(offset);
	while (len) {
		size = min_t(unsigned int, len, XEN_PAGE_SIZE - offset);
		id = tx_slot_get(&queue->tx, packet->skb);
		slot = &queue->tx.slot[id];
		slot->page = xen_pfn_to_page(pfn);
		slot->gref = gnttab_claim_grant_reference(&queue->tx.grefs);
		gnttab_grant_foreign_access_ref(slot->gref,
						queue->np->ndev->otherend,
						pfn_to_gfn(pfn), 1);
		tx_request(packet, id, slot->gref, offset, size);
		pfn++;
		offset = 0;
		len -= size;
	}
}

static void tx_add_packet(struct netfront_queue *queue, struct sk_buff *skb)
{
	struct tx_packet packet = {
		.queue = queue,
		.skb = skb,
		.left = skb->len,
	};
	unsigned int head = tx_head_len(skb);
	const skb_frag_t *frag;
	unsigned int i;

	*tx_cb(skb) = (struct tx_cb) { };
	if (head)
		tx_add_head(&packet, head);
	tx_add_data(&packet, virt_to_page(skb->data + head),
		    offset_in_page(skb->data + head), skb_headlen(skb) - head);
	for (i = 0; i < skb_shinfo(skb)->nr_frags; i++) {
		frag = &skb_shinfo(skb)->frags[i];
		tx_add_data(&packet, skb_frag_page(frag), skb_frag_off(frag),
			    skb_frag_size(frag));
	}
}

static void tx_push(struct netfront_queue *queue)
{
	int notify;

	RING_PUSH_REQUESTS_AND_CHECK_NOTIFY(&queue->tx.ring, notify);
	if (notify)
		notify_remote_via_irq(queue->tx_event->ch.irq);
}

/**
 * netfront_start_xmit() - send a packet
 * @skb: the packet
 * @netdev: the interface
 *
 * Return: NETDEV_TX_OK, also if it was dropped; NETDEV_TX_BUSY without room
 */
netdev_tx_t netfront_start_xmit(struct sk_buff *skb, struct net_device *netdev)
{
	struct netfront *np = netdev_priv(netdev);
	struct netfront_queue *queue = &np->queue[skb_get_queue_mapping(skb)];
	struct netdev_queue *txq = tx_netdev_queue(queue);
	bool more = netdev_xmit_more();
	unsigned int len;

	/* Never so, unless a sender doesn't look whether it may. */
	if (unlikely(tx_room(&queue->tx) < NETFRONT_MAX_SLOTS)) {
		netif_tx_stop_queue(txq);
		return NETDEV_TX_BUSY;
	}

	skb = tx_prepare(queue, skb);
	if (!skb) {
		netfront_count(&queue->tx.stats, NETFRONT_DROPPED, 1);
		goto out_push;
	}

	len = skb->len;
	tx_add_packet(queue, skb);
	skb_tx_timestamp(skb);
	netfront_count(&queue->tx.stats, NETFRONT_PACKETS, 1);
	netfront_count(&queue->tx.stats, NETFRONT_BYTES, len);
	if (tx_room(&queue->tx) < NETFRONT_MAX_SLOTS) {
		netif_tx_stop_queue(txq);
		more = false;
	}
	more = !__netdev_tx_sent_queue(txq, len, more);
out_push:
	/* Also for packets before this one. */
	if (!more)
		tx_push(queue);
	return NETDEV_TX_OK;
}

/* What a run of NAPI completed. */
struct tx_done {
	unsigned int packets;
	unsigned int bytes;
	int budget;
};

static void tx_free_skb(struct netfront_queue *queue, struct sk_buff *skb,
			struct tx_done *done)
{
	if (tx_cb(skb)->failed)
		netfront_count(&queue->tx.stats, NETFRONT_ERRORS, 1);
	done->packets++;
	done->bytes += skb->len;
	napi_consume_skb(skb, done->budget);
}

/* Returns NULL, or what the backend did wrong; then the slot is as it was. */
static const char *tx_response(struct netfront_queue *queue,
			       const struct xen_netif_tx_response *rsp,
			       struct tx_done *done)
{
	struct netfront_tx *tx = &queue->tx;
	struct netfront_tx_slot *slot;
	struct sk_buff *skb;

	if (rsp->status == XEN_NETIF_RSP_NULL) {
		if (!tx->extras)
			return "response to no extra";
		tx->extras--;
		return NULL;
	}

	if (rsp->id >= NETFRONT_RING_SIZE || !tx->slot[rsp->id].skb)
		return "response to no request";
	slot = &tx->slot[rsp->id];
	if (slot->page) {
		if (!gnttab_end_foreign_access_ref(slot->gref))
			return "page still in use after the response";
		gnttab_release_grant_reference(&tx->grefs, slot->gref);
	}

	skb = slot->skb;
	tx_slot_put(tx, rsp->id);
	if (rsp->status != XEN_NETIF_RSP_OKAY)
		tx_cb(skb)->failed = true;
	if (!--tx_cb(skb)->slots)
		tx_free_skb(queue, skb, done);
	return NULL;
}

static void tx_responses(struct netfront_queue *queue, struct tx_done *done)
{
	struct xen_netif_tx_front_ring *ring = &queue->tx.ring;
	struct xen_netif_tx_response rsp;
	const char *why = NULL;
	RING_IDX prod;

	prod = READ_ONCE(ring->sring->rsp_prod);
	virt_rmb();	/* pairs with the backend's, before it moves rsp_prod */
	if (netfront_check_prod(ring->req_prod_pvt, ring->rsp_cons, prod))
		why = "more tx responses than requests";

	while (!why && ring->rsp_cons != prod) {
		RING_COPY_RESPONSE(ring, ring->rsp_cons, &rsp);
		why = tx_response(queue, &rsp, done);
		if (!why)
			ring->rsp_cons++;
		queue->tx_event->worked = true;
	}
	if (why)
		netfront_break(queue, why);
}

/**
 * netfront_tx_complete() - free the packets that the backend took
 * @queue: the queue
 * @budget: NAPI's, 0 from netpoll, which may hold the lock
 *
 * Nothing else starts a stopped queue, neither after ndo_open nor connect.
 *
 * Context: NAPI
 */
void netfront_tx_complete(struct netfront_queue *queue, int budget)
{
	struct netdev_queue *txq = tx_netdev_queue(queue);
	struct tx_done done = { .budget = budget };

	if (budget)
		__netif_tx_lock(txq, smp_processor_id());
	else if (!__netif_tx_trylock(txq))
		return;

	if (!netfront_is_broken(queue->np))
		tx_responses(queue, &done);
	netdev_tx_completed_queue(txq, done.packets, done.bytes);
	if (netif_tx_queue_stopped(txq) && tx_room(&queue->tx) >= TX_WAKE_ROOM &&
	    netif_running(queue->np->netdev))
		netif_tx_wake_queue(txq);

	__netif_tx_unlock(txq);
}

/**
 * netfront_tx_create() - make the tx half of a queue
 * @queue: the queue
 *
 * Return: 0 or -errno
 */
int netfront_tx_create(struct netfront_queue *queue)
{
	struct noxs_device *ndev = queue->np->ndev;
	struct netfront_tx *tx = &queue->tx;
	unsigned int i;
	int err;

	tx->slot = kcalloc(NETFRONT_RING_SIZE, sizeof(*tx->slot), GFP_KERNEL);
	if (!tx->slot)
		return -ENOMEM;
	for (i = 0; i < NETFRONT_RING_SIZE; i++)
		tx->slot[i].next = i + 1;
	tx->free = 0;
	tx->extras = 0;

	err = gnttab_alloc_grant_references(NETFRONT_RING_SIZE, &tx->grefs);
	if (err)
		goto err_free_slots;
	err = noxs_grant_page(ndev, &tx->page);
	if (err)
		goto err_free_grefs;
	for (i = 0; i < NETFRONT_HEAD_PAGES; i++) {
		err = noxs_grant_page(ndev, &tx->head[i]);
		if (err)
			goto err_end_heads;
	}
	XEN_FRONT_RING_INIT(&tx->ring, (struct xen_netif_tx_sring *)
			    tx->page.addr, XEN_PAGE_SIZE);
	return 0;

err_end_heads:
	while (i--)
		noxs_grant_end(&tx->head[i]);
	noxs_grant_end(&tx->page);
err_free_grefs:
	gnttab_free_grant_references(tx->grefs);
err_free_slots:
	kfree(tx->slot);
	return err;
}

/*
 * If the backend still has the page, Xen's grant table code keeps it until it
 * is given back. All it can do until then is read it, as it could before.
 */
static void tx_slot_destroy(struct netfront_tx_slot *slot)
{
	struct sk_buff *skb = slot->skb;

	if (slot->page && !gnttab_try_end_foreign_access(slot->gref)) {
		get_page(slot->page);
		gnttab_end_foreign_access(slot->gref, slot->page);
	}
	if (!--tx_cb(skb)->slots)
		dev_kfree_skb_any(skb);
}

/**
 * netfront_tx_destroy() - free the tx half of a queue
 * @queue: a queue that is used by none of us any more
 *
 * Packets that the backend didn't answer are lost.
 */
void netfront_tx_destroy(struct netfront_queue *queue)
{
	struct netfront_tx *tx = &queue->tx;
	unsigned int i;

	for (i = 0; i < NETFRONT_RING_SIZE; i++)
		if (tx->slot[i].skb)
			tx_slot_destroy(&tx->slot[i]);
	netdev_tx_reset_queue(tx_netdev_queue(queue));

	for (i = 0; i < NETFRONT_HEAD_PAGES; i++)
		noxs_grant_end(&tx->head[i]);
	noxs_grant_end(&tx->page);
	gnttab_free_grant_references(tx->grefs);
	kfree(tx->slot);
	memset(&tx->ring, 0, sizeof(tx->ring));		/* no room */
}
