// SPDX-License-Identifier: GPL-2.0
/*
 * What the guest sends: from its tx ring to the host's network layer.
 *
 * Only NAPI's poll gets here, in softirq; the tx half of a queue is its own,
 * and no lock is needed. A round takes packets from the ring, copies all of
 * their data into pages of the host by few hypercalls, answers the guest, which
 * thereby has its buffers back, and hands the packets to the network layer. No
 * page of the guest is mapped but the ring, and those that stay granted
 * (buffers.c), from which data are copied without a hypercall.
 *
 * A packet begins in the linear part of its skb, with at least all of its
 * headers, however the guest has cut it into slots. What it says of itself is
 * checked as it is for any packet from a user: see SKB_GSO_DODGY.
 */
#include <linux/etherdevice.h>
#include <linux/hrtimer.h>
#include <linux/if_vlan.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/netdevice.h>
#include <linux/tcp.h>
#include <net/busy_poll.h>
#include <xen/events.h>
#include <xen/noxs-vif.h>
#include <xen/page.h>

#include "netback.h"

/*
 * The linear part of each skb is half a page, and so within one, which is one
 * copy, and needs no bounce buffer in a PV dom0, where neighbouring pages
 * aren't neighbours in the machine.
 */
#define NETBACK_HEAD_SIZE	(PAGE_SIZE / 2)
#define NETBACK_HEAD_ROOM	(NET_SKB_PAD + NET_IP_ALIGN)
#define NETBACK_HEAD_MAX	(SKB_WITH_OVERHEAD(NETBACK_HEAD_SIZE) - \
				 NETBACK_HEAD_ROOM)

/*
 * What is linear of larger packets at least: all headers that the network layer
 * looks for (MAX_IPV6_HDR_LEN there).
 */
#define NETBACK_HEAD_MIN	256U

static void tx_copy(struct netback_queue *queue)
{
	struct netback_tx *tx = &queue->tx;
	unsigned int i;

	if (!tx->nr_copies)
		return;

	netback_copy(tx->copy, tx->nr_copies);
	for (i = 0; i < tx->nr_copies; i++)
		if (unlikely(tx->copy[i].status != GNTST_okay))
			tx->packet[tx->copy_for[i]].status =
				XEN_NETIF_RSP_ERROR;
	tx->nr_copies = 0;
}

/* Adds a copy within one page of the packet that is taken now. */
static void tx_add_copy(struct netback_queue *queue, grant_ref_t gref,
			unsigned int offset, void *to, unsigned int len)
{
	struct netback_tx *tx = &queue->tx;
	struct gnttab_copy *copy;

	if (tx->nr_copies == NETBACK_COPIES)
		tx_copy(queue);

	copy = &tx->copy[tx->nr_copies];
	copy->flags = GNTCOPY_source_gref;
	copy->status = GNTST_general_error;
	copy->len = len;
	copy->source.u.ref = gref;
	copy->source.domid = queue->nb->ndev->otherend;
	copy->source.offset = offset;
	copy->dest.u.gmfn = virt_to_gfn(to);
	copy->dest.domid = DOMID_SELF;
	copy->dest.offset = xen_offset_in_page(to);
	tx->copy_for[tx->nr_copies++] = tx->nr_packets;
}

/* Where a page of the guest's is mapped, or NULL. */
static const void *tx_find_buffer(struct netback_queue *queue, grant_ref_t gref)
{
	const struct netback_mapped *mapped = queue->tx.mapped;
	unsigned int i;

	if (!mapped) {
		netback_buffers_missed(queue);
		return NULL;
	}
	for (i = 0; i < mapped->nr; i++)
		if (mapped->gref[i] == gref)
			return mapped->map[i].addr;
	return NULL;
}

/* Copies, or has it copied, what is within one page at both ends. */
static void tx_add_data(struct netback_queue *queue, grant_ref_t gref,
			unsigned int offset, void *to, unsigned int len)
{
	const void *from = tx_find_buffer(queue, gref);

	if (!from) {
		tx_add_copy(queue, gref, offset, to, len);
		return;
	}
	memcpy(to, from + offset, len);
	queue->tx.nr_buffered++;
}

static struct sk_buff *tx_alloc_skb(struct netback_queue *queue)
{
	struct page *page = queue->tx.half;
	struct sk_buff *skb;
	void *head;

	/* A packet of the usual MTU and a VLAN tag is linear as a whole. */
	BUILD_BUG_ON(NETBACK_HEAD_MAX < VLAN_ETH_FRAME_LEN);

	if (page) {
		queue->tx.half = NULL;
		head = page_address(page) + NETBACK_HEAD_SIZE;
	} else {
		page = netback_page_get(&queue->tx.pages);
		if (!page)
			return NULL;
		get_page(page);
		queue->tx.half = page;
		head = page_address(page);
	}

	skb = napi_build_skb(head, NETBACK_HEAD_SIZE);
	if (!skb) {
		put_page(page);
		return NULL;
	}
	skb_reserve(skb, NETBACK_HEAD_ROOM);
	skb_record_rx_queue(skb, queue->id);
	skb->dev = queue->nb->dev;
	return skb;
}

/*
 * Makes the frags of a packet longer by up to @len octets and sets @len to how
 * many it are. A new page begins where the last one is full; or, if @loose,
 * where @len doesn't fit any more, since what isn't split needs one copy only.
 */
static void *tx_put_frag(struct netback_queue *queue, struct sk_buff *skb,
			 unsigned int *len, bool loose)
{
	unsigned int nr = skb_shinfo(skb)->nr_frags;
	unsigned int room = 0;
	struct page *page;
	skb_frag_t *frag;
	void *to;

	if (nr)
		room = PAGE_SIZE - skb_frag_size(&skb_shinfo(skb)->frags[nr - 1]);

	if (room < (loose ? *len : 1)) {
		page = netback_page_get(&queue->tx.pages);
		if (!page)
			return NULL;
		skb_add_rx_frag(skb, nr++, page, 0, 0, PAGE_SIZE);
		room = PAGE_SIZE;
	}

	frag = &skb_shinfo(skb)->frags[nr - 1];
	to = skb_frag_address(frag) + skb_frag_size(frag);
	*len = min(*len, room);
	skb_frag_size_add(frag, *len);
	skb->len += *len;
	skb->data_len += *len;
	return to;
}

/*
 * Makes room for a packet, and the copies into it. Copies that were added stay
 * even if the others fail: the skb may be freed after tx_copy() only.
 */
static int tx_fill(struct netback_queue *queue, struct sk_buff *skb,
		   const struct netback_packet *pkt)
{
	unsigned int head = pkt->size;
	unsigned int offset, left, len;
	unsigned int i;
	bool loose;
	void *to;

	if (head > NETBACK_HEAD_MAX)
		head = clamp_t(unsigned int, pkt->slot[0].size,
			       NETBACK_HEAD_MIN, NETBACK_HEAD_MAX);
	/* Else there could be more frags than an skb has. */
	loose = pkt->nr_slots - (pkt->slot[0].size <= head) <= MAX_SKB_FRAGS;

	for (i = 0; i < pkt->nr_slots; i++) {
		offset = pkt->slot[i].offset;
		for (left = pkt->slot[i].size; left; left -= len) {
			len = left;
			if (head) {
				len = min(left, head);
				to = skb_put(skb, len);
				head -= len;
			} else {
				to = tx_put_frag(queue, skb, &len, loose);
				if (!to)
					return -ENOMEM;
			}
			tx_add_data(queue, pkt->slot[i].gref, offset, to, len);
			offset += len;
		}
	}
	return 0;
}

/*
 * There is credit again. NAPI runs the queues in the order in which they are
 * scheduled here, so that none of them always finds what the others left.
 */
static enum hrtimer_restart tx_timer(struct hrtimer *timer)
{
	struct netback *nb = container_of(timer, struct netback, credit_timer);
	struct netback_queue *queue;
	unsigned int i;

	spin_lock(&nb->credit_lock);
	for (i = 1; i <= nb->nr_queues; i++) {
		queue = &nb->queues[(nb->credit_last + i) % nb->nr_queues];
		if (queue->tx.waiting) {
			queue->tx.waiting = false;
			napi_schedule(&queue->napi);
		}
	}
	spin_unlock(&nb->credit_lock);
	return HRTIMER_NORESTART;
}

/**
 * netback_tx_init() - limit what the guest sends as its device says
 * @nb: the vif, without queues
 */
void netback_tx_init(struct netback *nb)
{
	spin_lock_init(&nb->credit_lock);
	netback_credit_init(&nb->credit, nb->ndev->vif.rate_bytes,
			    nb->ndev->vif.rate_interval_us, ktime_get_ns());
	hrtimer_setup(&nb->credit_timer, tx_timer, CLOCK_MONOTONIC,
		      HRTIMER_MODE_ABS_SOFT);
}

static void tx_put_half(struct netback_tx *tx)
{
	if (tx->half)
		put_page(tx->half);
	tx->half = NULL;
}

/**
 * netback_tx_stop() - let nothing schedule NAPI, and give memory back
 * @nb: the vif, with queues whose NAPI is off
 *
 * Context: process
 */
void netback_tx_stop(struct netback *nb)
{
	unsigned int i;

	hrtimer_cancel(&nb->credit_timer);
	for (i = 0; i < nb->nr_queues; i++) {
		tx_put_half(&nb->queues[i].tx);
		netback_pages_stop(&nb->queues[i].tx.pages);
		netback_buffers_idle(&nb->queues[i]);
	}
}

/* Takes the credit for a packet, and tells whether some is left. */
static bool tx_take_credit(struct netback_queue *queue,
			   const struct netback_packet *pkt)
{
	struct netback *nb = queue->nb;
	bool left;

	if (likely(!nb->credit.bytes))
		return true;

	spin_lock(&nb->credit_lock);
	left = netback_credit_take(&nb->credit, pkt->size);
	if (!left)
		nb->credit_last = queue->id;
	spin_unlock(&nb->credit_lock);
	return left;
}

/*
 * Tells whether the guest, which has requests, has credit for a packet. If not,
 * NAPI runs again when it has. That the requests wait makes their event no
 * spurious one, but others after it are: nobody asked for them.
 */
static bool tx_has_credit(struct netback_queue *queue)
{
	struct netback *nb = queue->nb;
	u64 when;

	if (likely(!nb->credit.bytes))
		return true;

	spin_lock(&nb->credit_lock);
	when = netback_credit_wait(&nb->credit, ktime_get_ns());
	if (when && !queue->tx.waiting) {
		netback_count(&queue->stats->tx, NETBACK_STOPPED);
		queue->tx_ch.work = true;
	}
	queue->tx.waiting = when;
	if (when && !hrtimer_is_queued(&nb->credit_timer))
		hrtimer_start(&nb->credit_timer, ns_to_ktime(when),
			      HRTIMER_MODE_ABS_SOFT);
	spin_unlock(&nb->credit_lock);
	return !when;
}

/* Reads the entries of one packet, each once. */
static int tx_read_packet(struct netback_queue *queue, RING_IDX prod,
			  struct netback_packet *pkt)
{
	struct xen_netif_tx_back_ring *ring = &queue->tx.ring;
	union netback_tx_entry entry;
	int err;

	memset(pkt, 0, offsetof(struct netback_packet, slot));
	do {
		if (ring->req_cons == prod)
			return -ENODATA;
		RING_COPY_REQUEST(ring, ring->req_cons, &entry.req);
		err = netback_packet_add(pkt, &entry, queue->nb->features);
		if (err)
			return err;
		queue->tx.id[ring->req_cons % NETBACK_RING_SIZE] =
			entry.req.id;
		ring->req_cons++;
	} while (!pkt->complete);
	return 0;
}

static void tx_take_packet(struct netback_queue *queue,
			   const struct netback_packet *pkt)
{
	struct netback_tx *tx = &queue->tx;
	struct netback_tx_packet *packet = &tx->packet[tx->nr_packets];

	packet->skb = NULL;
	packet->gso_size = pkt->gso_size;
	packet->flags = pkt->flags;
	packet->gso_type = pkt->gso_type;
	packet->has_extra = pkt->has_extra;
	packet->nr_entries = pkt->nr_entries;

	if (pkt->size < ETH_HLEN) {
		packet->status = XEN_NETIF_RSP_ERROR;
	} else {
		packet->status = XEN_NETIF_RSP_OKAY;
		packet->skb = tx_alloc_skb(queue);
		if (!packet->skb || tx_fill(queue, packet->skb, pkt))
			packet->status = XEN_NETIF_RSP_DROPPED;
	}
	tx->nr_packets++;
}

/*
 * Takes packets from the ring, which has requests up to @prod: at least one, and
 * until they weigh @budget, or as many as there is credit for.
 */
static void tx_take(struct netback_queue *queue, RING_IDX prod,
		    unsigned int budget)
{
	struct xen_netif_tx_back_ring *ring = &queue->tx.ring;
	struct netback_packet pkt;
	int err;

	if (netback_check_prod(prod, ring->req_cons, ring->rsp_prod_pvt,
			       NETBACK_RING_SIZE)) {
		netback_fatal(queue->nb, -EPROTO,
			      "tx ring of queue %u: request %u after %u",
			      queue->id, prod, ring->req_cons);
		return;
	}
	/* Index before requests; pairs with RING_PUSH_REQUESTS in frontends. */
	virt_rmb();

	while (ring->req_cons != prod && queue->tx.weight < budget) {
		err = tx_read_packet(queue, prod, &pkt);
		if (err) {
			netback_fatal(queue->nb, err,
				      "tx ring of queue %u: bad request %u",
				      queue->id, ring->req_cons);
			return;
		}
		tx_take_packet(queue, &pkt);
		queue->tx.weight += netback_packet_weight(&pkt);
		if (!tx_take_credit(queue, &pkt))
			break;
	}
}

static void tx_respond(struct netback_queue *queue)
{
	struct xen_netif_tx_back_ring *ring = &queue->tx.ring;
	struct xen_netif_tx_response rsp;
	struct netback_tx_packet *packet;
	unsigned int i, n;
	int notify;

	for (i = 0; i < queue->tx.nr_packets; i++) {
		packet = &queue->tx.packet[i];
		for (n = 0; n < packet->nr_entries; n++) {
			rsp.id = queue->tx.id[ring->rsp_prod_pvt %
					      NETBACK_RING_SIZE];
			rsp.status = packet->status;
			if (n == 1 && packet->has_extra)
				rsp.status = XEN_NETIF_RSP_NULL;
			*RING_GET_RESPONSE(ring, ring->rsp_prod_pvt) = rsp;
			ring->rsp_prod_pvt++;
		}
	}

	RING_PUSH_RESPONSES_AND_CHECK_NOTIFY(ring, notify);
	if (notify)
		queue->tx.notify = true;
}

/* Finds where the checksum is, if it is blank. */
static int tx_set_csum(struct netback_queue *queue, struct sk_buff *skb,
		       const struct netback_tx_packet *packet)
{
	u32 features = queue->nb->features;
	bool recalculate = false;
	int err;

	if (packet->flags & XEN_NETTXF_csum_blank) {
		skb->ip_summed = CHECKSUM_PARTIAL;
	} else if (packet->gso_type) {
		/* Some frontends have forgotten to say that it is blank. */
		netback_count(&queue->stats->tx, NETBACK_FIXED);
		skb->ip_summed = CHECKSUM_PARTIAL;
		recalculate = true;
	} else if (packet->flags & XEN_NETTXF_data_validated) {
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

static int tx_set_gso(struct sk_buff *skb,
		      const struct netback_tx_packet *packet)
{
	bool v4 = packet->gso_type == XEN_NETIF_GSO_TYPE_TCPV4;
	int segs;

	if (!packet->gso_type)
		return 0;

	/* After tx_set_csum() the offset tells TCP from UDP. */
	if (skb->protocol != (v4 ? htons(ETH_P_IP) : htons(ETH_P_IPV6)) ||
	    skb->csum_offset != offsetof(struct tcphdr, check))
		return -EPROTO;

	segs = noxs_vif_count_segs(skb->len, skb_transport_offset(skb),
				   tcp_hdrlen(skb), packet->gso_size);
	if (segs < 0)
		return segs;
	if (segs == 1)
		return 0;

	skb_shinfo(skb)->gso_size = packet->gso_size;
	skb_shinfo(skb)->gso_segs = segs;
	skb_shinfo(skb)->gso_type = SKB_GSO_DODGY |
				    (v4 ? SKB_GSO_TCPV4 : SKB_GSO_TCPV6);
	return 0;
}

/*
 * GRO finds next to nothing to do in packets that aren't TCP's, and looks at each
 * for as long as it takes to receive it. What is deeper in a packet it knows.
 */
static bool tx_wants_gro(const struct sk_buff *skb)
{
	if (skb->protocol == htons(ETH_P_IP))
		return skb_headlen(skb) < sizeof(struct iphdr) ||
		       ip_hdr(skb)->protocol == IPPROTO_TCP;
	if (skb->protocol == htons(ETH_P_IPV6))
		return skb_headlen(skb) < sizeof(struct ipv6hdr) ||
		       ipv6_hdr(skb)->nexthdr == IPPROTO_TCP;
	return skb->protocol != htons(ETH_P_ARP);
}

/* @others: packets that GRO has nothing to do with */
static bool tx_deliver_packet(struct netback_queue *queue,
			      const struct netback_tx_packet *packet,
			      struct list_head *others)
{
	struct sk_buff *skb = packet->skb;

	skb->protocol = eth_type_trans(skb, skb->dev);
	skb_reset_network_header(skb);
	if (tx_set_csum(queue, skb, packet) || tx_set_gso(skb, packet)) {
		kfree_skb(skb);
		return false;
	}
	if (tx_wants_gro(skb)) {
		napi_gro_receive(&queue->napi, skb);
	} else {
		skb_mark_napi_id(skb, &queue->napi);
		list_add_tail(&skb->list, others);
	}
	return true;
}

/* Hands the packets to the network layer. */
static void tx_deliver(struct netback_queue *queue)
{
	unsigned int packets = 0, bytes = 0, errors = 0, dropped = 0;
	struct netback_stats *stats = &queue->stats->tx;
	const struct netback_tx_packet *packet;
	unsigned int i, len;
	LIST_HEAD(others);

	for (i = 0; i < queue->tx.nr_packets; i++) {
		packet = &queue->tx.packet[i];
		if (unlikely(packet->status != XEN_NETIF_RSP_OKAY)) {
			if (packet->status == XEN_NETIF_RSP_DROPPED)
				dropped++;
			else
				errors++;
			kfree_skb(packet->skb);
			continue;
		}

		len = packet->skb->len;
		if (likely(tx_deliver_packet(queue, packet, &others))) {
			packets++;
			bytes += len;
		} else {
			errors++;
		}
	}
	netif_receive_skb_list(&others);

	u64_stats_update_begin(&stats->syncp);
	u64_stats_add(&stats->count[NETBACK_PACKETS], packets);
	u64_stats_add(&stats->count[NETBACK_BYTES], bytes);
	u64_stats_add(&stats->count[NETBACK_ERRORS], errors);
	u64_stats_add(&stats->count[NETBACK_DROPPED], dropped);
	u64_stats_add(&stats->count[NETBACK_BUFFERED], queue->tx.nr_buffered);
	u64_stats_update_end(&stats->syncp);
}

/*
 * Tells whether there are requests, and up to which; if not, the next one comes
 * with an event.
 */
static bool tx_has_requests(struct netback_queue *queue, RING_IDX *prod)
{
	struct xen_netif_tx_back_ring *ring = &queue->tx.ring;

	*prod = READ_ONCE(ring->sring->req_prod);
	if (*prod != ring->req_cons)
		return true;
	WRITE_ONCE(ring->sring->req_event, ring->req_cons + 1);
	/*
	 * Either we see the request or the guest sees that it shall send an
	 * event; pairs with RING_PUSH_REQUESTS_AND_CHECK_NOTIFY in frontends.
	 */
	virt_mb();
	*prod = READ_ONCE(ring->sring->req_prod);
	return *prod != ring->req_cons;
}

/**
 * netback_tx_poll() - take what the guest sends
 * @queue: the queue, of which NAPI runs
 * @budget: how much to take, not 0: as many packets, or fewer heavy ones
 *
 * When it has taken less, the ring was empty, and the next request comes with
 * an event; or the guest has no credit, and a timer is armed; or it is broken.
 *
 * Return: how much it took
 */
int netback_tx_poll(struct netback_queue *queue, int budget)
{
	struct netback_tx *tx = &queue->tx;
	RING_IDX prod;
	int done = 0;

	if (unlikely(READ_ONCE(tx->pages.idle))) {
		tx_put_half(tx);
		netback_pages_put(&tx->pages);
		netback_buffers_idle(queue);
	}

	tx->mapped = netback_buffers_begin(queue);
	while (done < budget && !netback_is_broken(queue->nb) &&
	       tx_has_requests(queue, &prod) && tx_has_credit(queue)) {
		tx->nr_packets = 0;
		tx->nr_buffered = 0;
		tx->weight = 0;
		tx_take(queue, prod, min(budget - done, NAPI_POLL_WEIGHT));
		tx_copy(queue);
		tx_respond(queue);
		tx_deliver(queue);
		done += tx->weight;
	}

	if (tx->notify) {
		tx->notify = false;
		notify_remote_via_irq(queue->tx_ch.ch.irq);
	}
	/* The last one may have been too heavy. */
	return min(done, budget);
}
