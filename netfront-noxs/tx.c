// SPDX-License-Identifier: GPL-2.0
/*
 * Tx: packets that the guest sends.
 *
 * A packet becomes requests of at most a page each. What is linear of it lies
 * among other objects of the kernel, which are none of the backend's business:
 * it is copied into pages that hold nothing else. The frags are pages of
 * payload, and granted where they are; unless the backend isn't trusted with
 * what else may be in them, or there are too many pieces. Then all is copied.
 * The packet is freed when the backend has answered all of its requests; a small
 * one, which is copied as a whole, at once.
 *
 * ndo_start_xmit puts packets in, NAPI takes responses out, and so does the
 * former before it stops the netdev_queue; both hold its lock. There is room for
 * a packet while that queue isn't stopped, and only NAPI starts it.
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

static unsigned int tx_max_slots(const struct netfront *np)
{
	return np->offloads & NETIF_F_SG ? XEN_NETIF_NR_SLOTS_MIN : 1;
}

/* How many requests it takes to send what is linear, and the frags as they are. */
static unsigned int tx_slots(const struct sk_buff *skb)
{
	unsigned int slots = DIV_ROUND_UP(skb_headlen(skb), XEN_PAGE_SIZE);
	const skb_frag_t *frag;
	unsigned int i;

	for (i = 0; i < skb_shinfo(skb)->nr_frags; i++) {
		frag = &skb_shinfo(skb)->frags[i];
		slots += gnttab_count_grant(skb_frag_off(frag),
					    skb_frag_size(frag));
	}
	return slots;
}

/* How much of a packet to copy: what is linear, or all, which is cheap if it's small. */
static unsigned int tx_copy_len(struct netfront_queue *queue,
				const struct sk_buff *skb)
{
	if (skb->len <= NETFRONT_HEAD_SIZE || unlikely(!queue->np->trusted))
		return skb->len;
	if (likely(tx_slots(skb) <= tx_max_slots(queue->np)))
		return skb_headlen(skb);
	netfront_count(&queue->tx.stats, NETFRONT_FIXED, 1);
	return skb->len;
}

/*
 * Have idle pages for a copy of so many octets. The backend may read all of a
 * page: what is not a copy of some packet is zero.
 */
static bool tx_reserve(struct netfront_queue *queue, unsigned int len)
{
	unsigned int nr = DIV_ROUND_UP(len, XEN_PAGE_SIZE);
	struct netfront_tx *tx = &queue->tx;
	struct page *page;
	grant_ref_t gref;

	while (tx->nr_idle < nr) {
		page = alloc_page(GFP_ATOMIC | __GFP_NOWARN | __GFP_ZERO);
		if (!page)
			return false;
		gref = gnttab_claim_grant_reference(&tx->grefs);
		gnttab_grant_foreign_access_ref(gref,
						queue->np->ndev->otherend,
						xen_page_to_gfn(page), 1);
		tx->idle[tx->nr_idle++] = (struct netfront_page) { page, gref };
	}
	return true;
}

/*
 * Make the packet one that the backend takes, and tell whether it is. It may
 * have been prepared for an earlier backend, that took more.
 */
static bool tx_prepare(struct netfront_queue *queue, struct sk_buff *skb)
{
	netdev_features_t offloads = queue->np->offloads;

	if (unlikely(netfront_is_broken(queue->np)))
		return false;
	if (unlikely(skb->len > XEN_NETIF_MAX_TX_SIZE ||
		     skb->len > tx_max_slots(queue->np) * XEN_PAGE_SIZE))
		return false;
	if (unlikely(!pskb_may_pull(skb, ETH_HLEN)))
		return false;
	if (skb_is_gso(skb))
		return likely(skb_gso_ok(skb, offloads));
	if (skb->ip_summed == CHECKSUM_PARTIAL &&
	    !can_checksum_protocol(offloads, skb->protocol))
		return !skb_checksum_help(skb);
	return true;
}

/* @skb: the packet, if it is to be there until the response comes, or NULL */
static u16 tx_slot_get(struct netfront_tx *tx, struct sk_buff *skb)
{
	u16 id = tx->free;

	tx->free = tx->slot[id].next;
	tx->slot[id].skb = skb;
	tx->slot[id].used = true;
	if (skb)
		tx_cb(skb)->slots++;
	return id;
}

static void tx_slot_put(struct netfront_tx *tx, u16 id)
{
	tx->slot[id].used = false;
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
	bool whole = len == packet->skb->len;
	u16 id = tx_slot_get(tx, whole ? NULL : packet->skb);
	struct noxs_grant *head = &tx->head[id / NETFRONT_HEADS_PER_PAGE];
	unsigned int offset = id % NETFRONT_HEADS_PER_PAGE * NETFRONT_HEAD_SIZE;

	tx->slot[id].data.page = NULL;
	tx->slot[id].copied = false;
	/* Never fails: there is so much. */
	(void)skb_copy_bits(packet->skb, 0, head->addr + offset, len);
	tx_request(packet, id, head->gref, offset, len);
}

/* Copies @len octets from the beginning into idle pages, of which it has enough. */
static void tx_add_copy(struct tx_packet *packet, unsigned int len)
{
	struct netfront_tx *tx = &packet->queue->tx;
	struct netfront_tx_slot *slot;
	unsigned int size, done;
	u16 id;

	for (done = 0; done < len; done += size) {
		size = min_t(unsigned int, len - done, XEN_PAGE_SIZE);
		id = tx_slot_get(tx, packet->skb);
		slot = &tx->slot[id];
		slot->data = tx->idle[--tx->nr_idle];
		slot->copied = true;
		(void)skb_copy_bits(packet->skb, done,
				    page_address(slot->data.page), size);
		tx_request(packet, id, slot->data.gref, 0, size);
	}
}

static void tx_add_frag(struct tx_packet *packet, const skb_frag_t *frag)
{
	unsigned long pfn = page_to_xen_pfn(skb_frag_page(frag)) +
			    XEN_PFN_DOWN(skb_frag_off(frag));
	unsigned int offset = xen_offset_in_page(skb_frag_off(frag));
	struct netfront_queue *queue = packet->queue;
	unsigned int len = skb_frag_size(frag);
	struct netfront_tx_slot *slot;
	unsigned int size;
	u16 id;

	while (len) {
		size = min_t(unsigned int, len, XEN_PAGE_SIZE - offset);
		id = tx_slot_get(&queue->tx, packet->skb);
		slot = &queue->tx.slot[id];
		slot->data.page = xen_pfn_to_page(pfn);
		slot->data.gref = gnttab_claim_grant_reference(&queue->tx.grefs);
		slot->copied = false;
		gnttab_grant_foreign_access_ref(slot->data.gref,
						queue->np->ndev->otherend,
						pfn_to_gfn(pfn), 1);
		tx_request(packet, id, slot->data.gref, offset, size);
		pfn++;
		offset = 0;
		len -= size;
	}
}

/* Returns false if there is no memory for it, with nothing done. */
static bool tx_add_packet(struct netfront_queue *queue, struct sk_buff *skb)
{
	struct tx_packet packet = {
		.queue = queue,
		.skb = skb,
		.left = skb->len,
	};
	unsigned int copy = tx_copy_len(queue, skb);
	unsigned int i;

	*tx_cb(skb) = (struct tx_cb) { };
	if (copy <= NETFRONT_HEAD_SIZE) {
		tx_add_head(&packet, copy);
	} else {
		if (!tx_reserve(queue, copy))
			return false;
		tx_add_copy(&packet, copy);
	}

	if (!packet.left)
		netfront_count(&queue->tx.stats, NETFRONT_COPIED, 1);
	else
		for (i = 0; i < skb_shinfo(skb)->nr_frags; i++)
			tx_add_frag(&packet, &skb_shinfo(skb)->frags[i]);
	return true;
}

static void tx_push(struct netfront_queue *queue)
{
	int notify;

	queue->tx.pushed = queue->tx.ring.req_prod_pvt;
	RING_PUSH_REQUESTS_AND_CHECK_NOTIFY(&queue->tx.ring, notify);
	if (notify)
		notify_remote_via_irq(queue->tx_event->ch.irq);
}

/* What was completed at a time, of packets that were there until then. */
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
	queue->tx.waiting--;
	napi_consume_skb(skb, done->budget);
}

/*
 * Take what was granted back, but for our own pages that we can keep: what these
 * show, the backend has been told. Returns false if it won't let go.
 */
static bool tx_take(struct netfront_tx *tx, const struct netfront_tx_slot *slot)
{
	const struct netfront_page *data = &slot->data;

	if (!data->page)
		return true;
	if (slot->copied && tx->nr_idle < NETFRONT_IDLE_PAGES) {
		tx->idle[tx->nr_idle++] = *data;
		return true;
	}
	if (!gnttab_end_foreign_access_ref(data->gref))
		return false;
	gnttab_release_grant_reference(&tx->grefs, data->gref);
	if (slot->copied)
		__free_page(data->page);
	return true;
}

/* Returns NULL, or what the backend did wrong; then the slot is as it was. */
static const char *tx_response(struct netfront_queue *queue,
			       const struct xen_netif_tx_response *rsp,
			       struct tx_done *done)
{
	struct netfront_tx *tx = &queue->tx;
	struct sk_buff *skb;

	if (rsp->status == XEN_NETIF_RSP_NULL) {
		if (!tx->extras)
			return "response to no extra";
		tx->extras--;
		return NULL;
	}

	if (rsp->id >= NETFRONT_RING_SIZE || !tx->slot[rsp->id].used)
		return "response to no request";
	if (!tx_take(tx, &tx->slot[rsp->id]))
		return "page still in use after the response";

	skb = tx->slot[rsp->id].skb;
	tx_slot_put(tx, rsp->id);
	if (!skb) {
		if (rsp->status != XEN_NETIF_RSP_OKAY)
			netfront_count(&tx->stats, NETFRONT_ERRORS, 1);
		return NULL;
	}
	if (rsp->status != XEN_NETIF_RSP_OKAY)
		tx_cb(skb)->failed = true;
	if (!--tx_cb(skb)->slots)
		tx_free_skb(queue, skb, done);
	return NULL;
}

/* @budget: NAPI's, or 0 where it isn't NAPI */
static void tx_responses(struct netfront_queue *queue, int budget)
{
	struct xen_netif_tx_front_ring *ring = &queue->tx.ring;
	struct tx_done done = { .budget = budget };
	struct xen_netif_tx_response rsp;
	const char *why = NULL;
	RING_IDX prod;

	prod = READ_ONCE(ring->sring->rsp_prod);
	virt_rmb();	/* pairs with the backend's, before it moves rsp_prod */
	if (netfront_check_prod(queue->tx.pushed, ring->rsp_cons, prod))
		why = "more tx responses than requests";

	while (!why && ring->rsp_cons != prod) {
		RING_COPY_RESPONSE(ring, ring->rsp_cons, &rsp);
		why = tx_response(queue, &rsp, &done);
		if (!why)
			ring->rsp_cons++;
		set_bit(NETFRONT_WORKED, &queue->tx_event->state);
	}
	if (why)
		netfront_break(queue, why);
	netdev_tx_completed_queue(tx_netdev_queue(queue), done.packets,
				  done.bytes);
}

/*
 * Have an event come with the next response, or, if nobody waits for one, when
 * there are many. Returns whether there is one already.
 */
static bool tx_ask_event(struct netfront_queue *queue)
{
	struct netdev_queue *txq = tx_netdev_queue(queue);
	struct netfront_tx *tx = &queue->tx;
	RING_IDX event = tx->ring.rsp_cons;

	if (tx->waiting || netif_tx_queue_stopped(txq))
		event++;
	else
		event += NETFRONT_TX_LAZY;
	WRITE_ONCE(tx->ring.sring->rsp_event, event);
	/*
	 * Either we see its response or the backend sees that it shall send an
	 * event; pairs with RING_PUSH_RESPONSES_AND_CHECK_NOTIFY in backends.
	 */
	virt_mb();
	return (int)(READ_ONCE(tx->ring.sring->rsp_prod) - event) >= 0;
}

/**
 * netfront_tx_complete() - free the packets that the backend took
 * @queue: the queue
 * @budget: NAPI's, 0 from netpoll, which may hold the lock
 * @last: NAPI won't run again unless there is an event
 *
 * Nothing else starts a stopped queue, neither after ndo_open nor connect.
 *
 * Context: NAPI
 * Return: whether NAPI must run again all the same
 */
bool netfront_tx_complete(struct netfront_queue *queue, int budget, bool last)
{
	struct netdev_queue *txq = tx_netdev_queue(queue);
	bool more = false;

	if (budget)
		__netif_tx_lock(txq, smp_processor_id());
	else if (!__netif_tx_trylock(txq))
		return false;

	if (!netfront_is_broken(queue->np))
		tx_responses(queue, budget);
	if (netif_tx_queue_stopped(txq) && tx_room(&queue->tx) >= TX_WAKE_ROOM &&
	    netif_running(queue->np->netdev))
		netif_tx_wake_queue(txq);
	if (last && !netfront_is_broken(queue->np))
		more = tx_ask_event(queue);

	__netif_tx_unlock(txq);
	return more;
}

/* There is no room for another packet, unless some was answered meanwhile. */
static bool tx_is_full(struct netfront_queue *queue)
{
	struct netdev_queue *txq = tx_netdev_queue(queue);

	if (likely(tx_room(&queue->tx) >= NETFRONT_MAX_SLOTS))
		return false;
	tx_responses(queue, 0);
	if (tx_room(&queue->tx) >= NETFRONT_MAX_SLOTS)
		return false;
	netif_tx_stop_queue(txq);
	if (!netfront_is_broken(queue->np) && tx_ask_event(queue))
		napi_schedule(&queue->napi);
	return true;
}

/*
 * A packet, whose first request is @first, is made. Returns false if the backend
 * needn't be told of it yet.
 */
static bool tx_account(struct netfront_queue *queue, struct sk_buff *skb,
		       RING_IDX first, bool more)
{
	struct netdev_queue *txq = tx_netdev_queue(queue);
	struct netfront_tx *tx = &queue->tx;
	unsigned int len = skb->len;

	skb_tx_timestamp(skb);
	netfront_count(&tx->stats, NETFRONT_PACKETS, 1);
	netfront_count(&tx->stats, NETFRONT_BYTES, len);
	if (!tx_cb(skb)->slots) {
		dev_consume_skb_any(skb);
		return tx_is_full(queue) || !more || netif_xmit_stopped(txq);
	}
	/* The first one that is waited for, behind others perhaps that aren't. */
	if (!tx->waiting++)
		WRITE_ONCE(tx->ring.sring->rsp_event, first + 1);
	more = !__netdev_tx_sent_queue(txq, len, more);
	return tx_is_full(queue) || !more;
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
	RING_IDX first = queue->tx.ring.req_prod_pvt;
	bool more = netdev_xmit_more();

	/* Never so, unless a sender doesn't look whether it may. */
	if (unlikely(tx_room(&queue->tx) < NETFRONT_MAX_SLOTS)) {
		netif_tx_stop_queue(txq);
		return NETDEV_TX_BUSY;
	}

	if (!tx_prepare(queue, skb) || !tx_add_packet(queue, skb)) {
		netfront_count(&queue->tx.stats, NETFRONT_DROPPED, 1);
		dev_kfree_skb_any(skb);
		goto out_push;
	}

	more = !tx_account(queue, skb, first, more);
out_push:
	/* Also for packets before this one. */
	if (!more)
		tx_push(queue);
	return NETDEV_TX_OK;
}

/* Name the head pages to the backend, if it has a use for that. */
static int tx_create_list(struct netfront_queue *queue)
{
	struct noxs_device *ndev = queue->np->ndev;
	struct netfront_tx *tx = &queue->tx;
	struct noxs_buffers_header *hdr;
	struct noxs_buffer *buffer;
	unsigned int i;
	int err;

	if (!noxs_has_feature(ndev, NOXS_VIF_F_BUFFERS))
		return 0;
	err = noxs_grant_page(ndev, &tx->list);
	if (err)
		return err;

	hdr = tx->list.addr;
	hdr->size = sizeof(*hdr);
	hdr->entry_size = sizeof(*buffer);
	hdr->nr = NETFRONT_HEAD_PAGES;
	buffer = (struct noxs_buffer *)(hdr + 1);
	for (i = 0; i < NETFRONT_HEAD_PAGES; i++) {
		buffer[i].gref = tx->head[i].gref;
		buffer[i].flags = NOXS_BUFFER_F_READONLY;
	}
	return 0;
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
	tx->waiting = 0;
	tx->pushed = 0;
	tx->nr_idle = 0;

	err = gnttab_alloc_grant_references(NETFRONT_RING_SIZE +
					    NETFRONT_IDLE_PAGES, &tx->grefs);
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
	err = tx_create_list(queue);
	if (err)
		goto err_end_heads;
	XEN_FRONT_RING_INIT(&tx->ring, (struct xen_netif_tx_sring *)
			    tx->page.addr, XEN_PAGE_SIZE);
	return 0;

err_end_heads:
	while (i--)
		noxs_grant_end(ndev, &tx->head[i]);
	noxs_grant_end(ndev, &tx->page);
err_free_grefs:
	gnttab_free_grant_references(tx->grefs);
err_free_slots:
	kfree(tx->slot);
	return err;
}

static void tx_page_end(struct noxs_device *ndev,
			const struct netfront_page *data)
{
	noxs_page_end(ndev, page_address(data->page), data->gref);
}

/*
 * A page of payload may be part of a file, or in use elsewhere. If the backend
 * still has it, Xen's grant table code keeps it until it is given back. All it
 * can do until then is read it, as it could before.
 */
static void tx_frag_destroy(struct netfront *np,
			    const struct netfront_page *data)
{
	if (gnttab_try_end_foreign_access(data->gref))
		return;
	np->kept++;
	get_page(data->page);
	gnttab_end_foreign_access(data->gref, data->page);
}

static void tx_slot_destroy(struct netfront *np, struct netfront_tx_slot *slot)
{
	struct sk_buff *skb = slot->skb;

	if (slot->copied)
		tx_page_end(np->ndev, &slot->data);
	else if (slot->data.page)
		tx_frag_destroy(np, &slot->data);
	if (skb && !--tx_cb(skb)->slots)
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
	struct noxs_device *ndev = queue->np->ndev;
	struct netfront_tx *tx = &queue->tx;
	unsigned int i;

	for (i = 0; i < NETFRONT_RING_SIZE; i++)
		if (tx->slot[i].used)
			tx_slot_destroy(queue->np, &tx->slot[i]);
	for (i = 0; i < tx->nr_idle; i++)
		tx_page_end(ndev, &tx->idle[i]);
	netdev_tx_reset_queue(tx_netdev_queue(queue));

	noxs_grant_end(ndev, &tx->list);
	for (i = 0; i < NETFRONT_HEAD_PAGES; i++)
		noxs_grant_end(ndev, &tx->head[i]);
	noxs_grant_end(ndev, &tx->page);
	gnttab_free_grant_references(tx->grefs);
	kfree(tx->slot);
	memset(&tx->ring, 0, sizeof(tx->ring));		/* no room */
}
