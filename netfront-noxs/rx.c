// SPDX-License-Identifier: GPL-2.0
/*
 * Rx: packets that the guest receives.
 *
 * The backend gets empty pages, and writes packets into them. The response to
 * a request is in the request's place of the ring, always, so that place is the
 * request's id too. A packet is read from the ring once, as a whole, then its
 * pages become frags of an skb, or, if it is small, it is copied and the pages go
 * back into the ring as they are, granted.
 *
 * Pages are granted again when their packets are gone. So they never hold
 * anything but what was in a packet: headers are copied, and no skb is built in
 * a page, which would leave its skb_shared_info there for the backend to read.
 *
 * All of it runs in NAPI, except for create and destroy.
 */
#include <linux/etherdevice.h>
#include <linux/ip.h>
#include <linux/mm.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/tcp.h>
#include <net/page_pool/helpers.h>
#include <xen/events.h>
#include <xen/grant_table.h>
#include <xen/noxs-vif.h>

#include "check.h"
#include "netfront.h"

/* Up to here a packet is copied; and of larger ones the headers, if they fit. */
#define RX_COPY_SIZE	256

/*
 * How many buffers the backend gets at least, and how many are added at a
 * time. A small guest needn't spend a MiB on a queue that has little to do.
 */
#define RX_MIN_TARGET	64U
#define RX_BATCH	8U

/* How soon to look for memory again. */
#define RX_REFILL_DELAY	(HZ / 10)

#define RX_MAX_PARTS	(XEN_NETIF_NR_SLOTS_MIN + 1)

/*
 * A packet as the backend describes it, in a private copy. Each slot of the
 * ring is a part, in order; one without data, like an extra, has length 0.
 */
struct rx_packet {
	unsigned int slots;
	unsigned int extras;
	unsigned int len;
	u16 flags;		/* of the first response */
	bool bad;		/* drop it */
	u16 gso_size;		/* 0: none */
	u8 gso_type;
	struct {
		u16 offset;
		u16 len;
	} part[RX_MAX_PARTS];
};

static struct netfront_page *rx_slot(const struct netfront_rx *rx,
				     RING_IDX idx)
{
	return &rx->slot[idx % NETFRONT_RING_SIZE];
}

/* Put a granted page into the ring. The place is free: see rx_repost(). */
static void rx_post(struct netfront_rx *rx, struct page *page, grant_ref_t gref)
{
	RING_IDX idx = rx->ring.req_prod_pvt++;

	*rx_slot(rx, idx) = (struct netfront_page) { page, gref };
	*RING_GET_REQUEST(&rx->ring, idx) = (struct xen_netif_rx_request) {
		.id = idx % NETFRONT_RING_SIZE,
		.gref = gref,
	};
}

/*
 * Put a page back into the ring. The packet that is worked on gave up as many
 * places as it puts pages back, this one included, so there is room.
 */
static void rx_repost(struct netfront_rx *rx, RING_IDX idx)
{
	struct netfront_page slot = *rx_slot(rx, idx);

	rx_slot(rx, idx)->page = NULL;
	rx_post(rx, slot.page, slot.gref);
}

/* Take a page back from the backend; NULL if it won't let go. */
static struct page *rx_take(struct netfront_queue *queue, RING_IDX idx)
{
	struct netfront_page *slot = rx_slot(&queue->rx, idx);
	struct page *page = slot->page;

	if (!gnttab_end_foreign_access_ref(slot->gref)) {
		netfront_break(queue, "page still in use after the response");
		return NULL;
	}
	gnttab_release_grant_reference(&queue->rx.grefs, slot->gref);
	slot->page = NULL;
	return page;
}

static void rx_add_part(struct rx_packet *packet, u16 offset, u16 len)
{
	if (packet->slots < RX_MAX_PARTS) {
		packet->part[packet->slots].offset = offset;
		packet->part[packet->slots].len = len;
		packet->len += len;
	}
	packet->slots++;
}

/* Read the extras of a packet. Returns -EPROTO if they have no end. */
static int rx_parse_extras(struct netfront_queue *queue, RING_IDX prod,
			   struct rx_packet *packet)
{
	struct xen_netif_rx_front_ring *ring = &queue->rx.ring;
	struct xen_netif_extra_info extra;
	RING_IDX idx;

	do {
		idx = ring->rsp_cons + packet->slots;
		if (idx == prod)
			return -EPROTO;
		RING_COPY_RESPONSE(ring, idx, &extra);
		rx_add_part(packet, 0, 0);
		if (packet->extras++ ||
		    noxs_vif_check_gso(&extra, queue->np->ndev->features))
			packet->bad = true;
		packet->gso_size = extra.u.gso.size;
		packet->gso_type = extra.u.gso.type;
	} while (extra.flags & XEN_NETIF_EXTRA_FLAG_MORE);
	return 0;
}

/*
 * Read a packet. Returns -EPROTO if it isn't known where it ends: the backend
 * shows packets as a whole or not at all.
 */
static int rx_parse(struct netfront_queue *queue, RING_IDX prod,
		    struct rx_packet *packet)
{
	struct xen_netif_rx_front_ring *ring = &queue->rx.ring;
	unsigned int max = queue->np->offloads & NETIF_F_SG ?
			   XEN_NETIF_NR_SLOTS_MIN : 1;
	struct xen_netif_rx_response rsp;
	RING_IDX idx;
	int err;

	memset(packet, 0, sizeof(*packet));
	do {
		idx = ring->rsp_cons + packet->slots;
		if (idx == prod)
			return -EPROTO;
		RING_COPY_RESPONSE(ring, idx, &rsp);
		err = netfront_check_rx(&rsp, idx % NETFRONT_RING_SIZE);
		if (err == -EPROTO)
			return err;
		if (err) {
			packet->bad = true;
			rsp.status = 0;
		}
		rx_add_part(packet, rsp.offset, rsp.status);
		if (packet->slots > 1)
			continue;
		packet->flags = rsp.flags;
		if (!(rsp.flags & XEN_NETRXF_extra_info))
			continue;
		err = rx_parse_extras(queue, prod, packet);
		if (err)
			return err;
	} while (rsp.flags & XEN_NETRXF_more_data);

	if (packet->slots - packet->extras > max || packet->len < ETH_HLEN ||
	    !packet->part[0].len)
		packet->bad = true;
	return 0;
}

static void rx_repost_all(struct netfront_rx *rx,
			  const struct rx_packet *packet)
{
	unsigned int i;

	for (i = 0; i < packet->slots; i++)
		rx_repost(rx, rx->ring.rsp_cons + i);
}

/* A small packet: copy it. Its pages stay granted; only the copy is used. */
static struct sk_buff *rx_copy(struct netfront_queue *queue,
			       const struct rx_packet *packet)
{
	struct netfront_rx *rx = &queue->rx;
	struct sk_buff *skb;
	struct page *page;
	unsigned int i;

	skb = napi_alloc_skb(&queue->napi, packet->len);
	for (i = 0; skb && i < packet->slots; i++) {
		page = rx_slot(rx, rx->ring.rsp_cons + i)->page;
		skb_put_data(skb, page_address(page) + packet->part[i].offset,
			     packet->part[i].len);
	}
	rx_repost_all(rx, packet);
	if (skb)
		netfront_count(&rx->stats, NETFRONT_COPIED, 1);
	return skb;
}

/*
 * Make a part a frag, but for its headers, if it is the first one: these are
 * copied. Returns false if the backend won't let go of the page.
 */
static bool rx_add_frag(struct netfront_queue *queue, struct sk_buff *skb,
			RING_IDX idx, unsigned int offset, unsigned int len)
{
	struct page *page = rx_take(queue, idx);
	unsigned int pull;
	void *data;

	if (!page)
		return false;
	if (!skb->len) {
		data = page_address(page) + offset;
		pull = eth_get_headlen(queue->np->netdev, data, RX_COPY_SIZE);
		skb_put_data(skb, data, pull);
		offset += pull;
		len -= pull;
	}
	skb_add_rx_frag(skb, skb_shinfo(skb)->nr_frags, page, offset, len,
			PAGE_SIZE);
	return true;
}

/*
 * A packet as an skb of its pages. NULL without memory, if it has too many of
 * them, or if the backend is broken.
 */
static struct sk_buff *rx_build(struct netfront_queue *queue,
				const struct rx_packet *packet)
{
	struct netfront_rx *rx = &queue->rx;
	RING_IDX cons = rx->ring.rsp_cons;
	unsigned int i, offset, len;
	struct sk_buff *skb;

	skb = napi_alloc_skb(&queue->napi, RX_COPY_SIZE);
	if (skb)
		skb_mark_for_recycle(skb);

	for (i = 0; i < packet->slots; i++) {
		offset = packet->part[i].offset;
		len = packet->part[i].len;
		if (skb && len && skb_shinfo(skb)->nr_frags == MAX_SKB_FRAGS) {
			dev_kfree_skb_any(skb);
			skb = NULL;
		}
		if (!skb || !len) {
			rx_repost(rx, cons + i);
		} else if (!i && len <= RX_COPY_SIZE) {
			skb_put_data(skb, page_address(rx_slot(rx, cons)->page) +
				     offset, len);
			rx_repost(rx, cons);
		} else if (!rx_add_frag(queue, skb, cons + i, offset, len)) {
			dev_kfree_skb_any(skb);
			return NULL;
		}
	}

	/* Headers may go on after a short first part. There is room for them. */
	if (skb && packet->part[0].len < RX_COPY_SIZE)
		(void)__pskb_pull_tail(skb, RX_COPY_SIZE - skb_headlen(skb));
	return skb;
}

/*
 * Finds where the checksum is, if it is blank. A GSO packet's must be; one whose
 * isn't gets what it would have.
 */
static int rx_set_csum(struct netfront_queue *queue, struct sk_buff *skb,
		       const struct rx_packet *packet)
{
	u32 features = queue->np->ndev->features;
	bool recalculate = false;
	int err;

	if (packet->flags & XEN_NETRXF_csum_blank) {
		skb->ip_summed = CHECKSUM_PARTIAL;
	} else if (packet->gso_size) {
		netfront_count(&queue->rx.stats, NETFRONT_FIXED, 1);
		skb->ip_summed = CHECKSUM_PARTIAL;
		recalculate = true;
	} else if (packet->flags & XEN_NETRXF_data_validated) {
		skb->ip_summed = CHECKSUM_UNNECESSARY;
	}
	if (skb->ip_summed != CHECKSUM_PARTIAL)
		return 0;

	if (!(features & (skb->protocol == htons(ETH_P_IP) ?
			  NOXS_VIF_F_CSUM_V4 : NOXS_VIF_F_CSUM_V6)))
		return -EOPNOTSUPP;
	err = skb_checksum_setup(skb, recalculate);
	if (err)
		return err;
	/* An IPv4 header may claim to be shorter than it can be. */
	return skb_transport_offset(skb) < sizeof(struct iphdr) ? -EPROTO : 0;
}

static int rx_set_gso(struct sk_buff *skb, const struct rx_packet *packet)
{
	bool v6 = packet->gso_type == XEN_NETIF_GSO_TYPE_TCPV6;
	int segs;

	if (!packet->gso_size)
		return 0;

	/* After rx_set_csum() the offset tells TCP from UDP. */
	if (skb->protocol != htons(v6 ? ETH_P_IPV6 : ETH_P_IP) ||
	    skb->csum_offset != offsetof(struct tcphdr, check))
		return -EPROTO;

	segs = noxs_vif_count_segs(skb->len, skb_transport_offset(skb),
				   tcp_hdrlen(skb), packet->gso_size);
	if (segs < 0)
		return segs;
	if (segs == 1)
		return 0;

	/* Who segments it has to check the headers nonetheless. */
	skb_shinfo(skb)->gso_size = packet->gso_size;
	skb_shinfo(skb)->gso_segs = segs;
	skb_shinfo(skb)->gso_type = SKB_GSO_DODGY |
				    (v6 ? SKB_GSO_TCPV6 : SKB_GSO_TCPV4);
	return 0;
}

static void rx_deliver(struct netfront_queue *queue, struct sk_buff *skb,
		       const struct rx_packet *packet)
{
	struct netfront_stats *stats = &queue->rx.stats;

	if (!pskb_may_pull(skb, ETH_HLEN)) {
		netfront_count(stats, NETFRONT_DROPPED, 1);
		dev_kfree_skb_any(skb);
		return;
	}
	skb->protocol = eth_type_trans(skb, queue->np->netdev);
	skb_reset_network_header(skb);
	if (rx_set_csum(queue, skb, packet) || rx_set_gso(skb, packet)) {
		netfront_count(stats, NETFRONT_ERRORS, 1);
		dev_kfree_skb_any(skb);
		return;
	}
	skb_record_rx_queue(skb, queue->id);
	netfront_count(stats, NETFRONT_PACKETS, 1);
	netfront_count(stats, NETFRONT_BYTES, packet->len);
	napi_gro_receive(&queue->napi, skb);
}

/* Consume a packet from the ring. */
static void rx_packet(struct netfront_queue *queue, RING_IDX prod)
{
	struct netfront_rx *rx = &queue->rx;
	struct rx_packet packet;
	struct sk_buff *skb;

	if (rx_parse(queue, prod, &packet)) {
		netfront_break(queue, "rx responses make no packet");
		return;
	}

	if (packet.bad) {
		netfront_count(&rx->stats, NETFRONT_ERRORS, 1);
		rx_repost_all(rx, &packet);
		rx->ring.rsp_cons += packet.slots;
		return;
	}

	if (packet.len <= RX_COPY_SIZE)
		skb = rx_copy(queue, &packet);
	else
		skb = rx_build(queue, &packet);
	if (netfront_is_broken(queue->np)) {
		dev_kfree_skb_any(skb);
		return;
	}

	rx->ring.rsp_cons += packet.slots;
	if (skb)
		rx_deliver(queue, skb, &packet);
	else
		netfront_count(&rx->stats, NETFRONT_DROPPED, 1);
}

/*
 * A backend that is left with few buffers may need more at a time than it
 * gets; one that never needs most of them gets fewer by and by.
 */
static void rx_adjust_target(struct netfront_rx *rx, unsigned int left)
{
	if (left < rx->target / 4)
		rx->target = min(rx->target * 2, NETFRONT_RING_SIZE);
	else if (left > rx->target / 4 * 3 && rx->target > RX_MIN_TARGET)
		rx->target--;
}

/*
 * Fresh pages are zeroed, as the backend can read them. Others hold what was in
 * a packet, but not always what the backend sent: it may have been decrypted in
 * place. So one that isn't trusted gets them cleared, too.
 */
static struct page *rx_alloc_page(struct netfront_queue *queue)
{
	gfp_t gfp = GFP_ATOMIC | __GFP_NOWARN;
	struct page *page;

	if (likely(queue->np->trusted))
		return page_pool_alloc_pages(queue->rx.pool, gfp | __GFP_ZERO);
	page = page_pool_alloc_pages(queue->rx.pool, gfp);
	if (page)
		clear_page(page_address(page));
	return page;
}

/*
 * Without memory, what is in the ring must do for now; it may be nothing, so a
 * timer comes back to it.
 */
static void rx_refill(struct netfront_queue *queue)
{
	struct netfront_rx *rx = &queue->rx;
	struct xen_netif_rx_front_ring *ring = &rx->ring;
	unsigned int posted = ring->req_prod_pvt - ring->rsp_cons;
	struct page *page;
	grant_ref_t gref;

	if (posted + RX_BATCH > rx->target)
		return;
	for (; posted < rx->target; posted++) {
		page = rx_alloc_page(queue);
		if (!page) {
			mod_timer(&rx->refill, jiffies + RX_REFILL_DELAY);
			return;
		}
		gref = gnttab_claim_grant_reference(&rx->grefs);
		gnttab_grant_foreign_access_ref(gref,
						queue->np->ndev->otherend,
						xen_page_to_gfn(page), 0);
		rx_post(rx, page, gref);
	}
}

static void rx_refill_timer(struct timer_list *timer)
{
	struct netfront_queue *queue = container_of(timer,
						    struct netfront_queue,
						    rx.refill);

	napi_schedule(&queue->napi);
}

static void rx_push(struct netfront_queue *queue)
{
	int notify;

	RING_PUSH_REQUESTS_AND_CHECK_NOTIFY(&queue->rx.ring, notify);
	if (notify)
		notify_remote_via_irq(queue->rx_event->ch.irq);
}

/**
 * netfront_rx_poll() - receive packets, and give the backend new buffers
 * @queue: the queue of an interface that is up
 * @budget: how many packets to receive
 *
 * Context: NAPI
 * Return: how many were received, dropped ones included
 */
int netfront_rx_poll(struct netfront_queue *queue, int budget)
{
	struct netfront_rx *rx = &queue->rx;
	struct xen_netif_rx_front_ring *ring = &rx->ring;
	RING_IDX pushed = ring->req_prod_pvt;
	RING_IDX prod;
	int work = 0;

	if (netfront_is_broken(queue->np))
		return 0;

	prod = READ_ONCE(ring->sring->rsp_prod);
	virt_rmb();	/* pairs with the backend's, before it moves rsp_prod */
	if (netfront_check_prod(pushed, ring->rsp_cons, prod)) {
		netfront_break(queue, "more rx responses than requests");
		return 0;
	}
	if (ring->rsp_cons != prod)
		rx_adjust_target(rx, pushed - prod);

	while (work < budget && ring->rsp_cons != prod) {
		rx_packet(queue, prod);
		if (netfront_is_broken(queue->np))
			return work;
		work++;
	}
	if (work)
		set_bit(NETFRONT_WORKED, &queue->rx_event->state);

	rx_refill(queue);
	if (ring->req_prod_pvt != pushed)
		rx_push(queue);
	return work;
}

/**
 * netfront_rx_create() - make the rx half of a queue
 * @queue: the queue
 *
 * Its buffers are allocated when the interface is up.
 *
 * Return: 0 or -errno
 */
int netfront_rx_create(struct netfront_queue *queue)
{
	struct noxs_device *ndev = queue->np->ndev;
	struct netfront_rx *rx = &queue->rx;
	struct page_pool_params params = {
		.pool_size = NETFRONT_RING_SIZE / 2,
		.nid = NUMA_NO_NODE,
		.dev = &ndev->dev,
	};
	int err;

	rx->slot = kcalloc(NETFRONT_RING_SIZE, sizeof(*rx->slot), GFP_KERNEL);
	if (!rx->slot)
		return -ENOMEM;
	rx->pool = page_pool_create(&params);
	if (IS_ERR(rx->pool)) {
		err = PTR_ERR(rx->pool);
		goto err_free_slots;
	}
	err = gnttab_alloc_grant_references(NETFRONT_RING_SIZE, &rx->grefs);
	if (err)
		goto err_destroy_pool;
	err = noxs_grant_page(ndev, &rx->page);
	if (err)
		goto err_free_grefs;

	XEN_FRONT_RING_INIT(&rx->ring, (struct xen_netif_rx_sring *)
			    rx->page.addr, XEN_PAGE_SIZE);
	rx->target = RX_MIN_TARGET;
	timer_setup(&rx->refill, rx_refill_timer, 0);
	return 0;

err_free_grefs:
	gnttab_free_grant_references(rx->grefs);
err_destroy_pool:
	page_pool_destroy(rx->pool);
err_free_slots:
	kfree(rx->slot);
	return err;
}

/* Takes the page out of the pool, as it has another reference. */
static void rx_slot_destroy(struct netfront_queue *queue,
			    struct netfront_page *slot)
{
	get_page(slot->page);
	page_pool_put_full_page(queue->rx.pool, slot->page, false);
	noxs_page_end(queue->np->ndev, page_address(slot->page), slot->gref);
}

/**
 * netfront_rx_destroy() - free the rx half of a queue
 * @queue: a queue that is used by none of us any more
 */
void netfront_rx_destroy(struct netfront_queue *queue)
{
	struct netfront_rx *rx = &queue->rx;
	unsigned int i;

	/* Its NAPI is disabled, so it does nothing, but must be over. */
	timer_shutdown_sync(&rx->refill);

	for (i = 0; i < NETFRONT_RING_SIZE; i++)
		if (rx->slot[i].page)
			rx_slot_destroy(queue, &rx->slot[i]);

	noxs_grant_end(queue->np->ndev, &rx->page);
	gnttab_free_grant_references(rx->grefs);
	page_pool_destroy(rx->pool);
	kfree(rx->slot);
}
