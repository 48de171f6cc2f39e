// SPDX-License-Identifier: GPL-2.0
/*
 * What the guest receives: from the host's network layer into the buffers that
 * the guest has put into its rx ring.
 *
 * Packets are copied by Xen, under the lock of the netdev_queue: one hypercall
 * copies what the network layer hands over at once. What is forwarded comes one by
 * one, of packets that another interface received together: these are copied when
 * NAPI of the queue runs, which is in the same softirq, after them. No packet is
 * kept longer. When the guest has too few buffers for the next one, the queue stops
 * and it stays with the network layer. The guest's event then wakes the queue, in
 * NAPI.
 *
 * How much the network layer keeps depends on the queueing discipline, which
 * isn't ours to choose: fq_codel, the usual one, keeps 32 MiB for each queue. So
 * a timer looks at what waits. When it is more than NETBACK_BACKLOG, or after
 * RX_WAIT, the queue runs again, and packets are dropped, those that waited to
 * begin with, until buffers come. What the host holds for a guest that takes
 * nothing is thereby at most that, and what comes in a RX_TICK.
 *
 * A guest that gives no buffers for long is stalled: the carrier goes off, until
 * buffers come, so that others see it.
 *
 * All functions run with the lock of the netdev_queue held, or take it; in
 * softirq, or with interrupts off under netpoll.
 */
#include <linux/if_ether.h>
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/moduleparam.h>
#include <linux/netdevice.h>
#include <net/sch_generic.h>
#include <xen/events.h>
#include <xen/grant_table.h>
#include <xen/page.h>

#include "netback.h"

static unsigned int netback_rx_stall_ms = 60000;
module_param_named(rx_stall_ms, netback_rx_stall_ms, uint, 0644);
MODULE_PARM_DESC(rx_stall_ms,
		 "After how many milliseconds without a buffer for the next packet a guest counts as stalled; 0 for never");

/*
 * How often to look at what waits for buffers, and for how long it may. A guest
 * whose processor is somebody else's for a while must not lose packets by it.
 */
#define RX_TICK			msecs_to_jiffies(10)
#define RX_WAIT			msecs_to_jiffies(1000)

/* What a packet costs the host at least, in octets. */
#define RX_PACKET_MIN		SZ_1K

/* A GSO packet of neither TCP: no frontend takes it. */
#define NETBACK_GSO_TYPE_OTHER	0xff

/**
 * struct rx_plan - what goes into which buffer
 * @slots: how many buffers there are
 * @max: how many there may be
 * @size: octets in each
 */
struct rx_plan {
	unsigned int slots;
	unsigned int max;
	u16 size[XEN_NETIF_NR_SLOTS_MIN];
};

/**
 * struct rx_packet - a packet on its way into the ring
 * @skb: the packet
 * @size: octets in the buffer that comes next, and in those after it
 * @left: octets for which there is no slot yet
 * @gref: of the buffer being filled
 * @fill: octets that it has
 * @room: octets that it will still get
 * @index: its slot
 * @gso_type: XEN_NETIF_GSO_TYPE_*
 */
struct rx_packet {
	struct sk_buff *skb;
	const u16 *size;
	unsigned int left;
	grant_ref_t gref;
	unsigned int fill;
	unsigned int room;
	RING_IDX index;
	u8 gso_type;
};

/* Looks how many buffers the guest has given. */
static void rx_update_prod(struct netback_queue *queue)
{
	struct xen_netif_rx_back_ring *ring = &queue->rx.ring;
	RING_IDX prod = READ_ONCE(ring->sring->req_prod);

	if (netback_check_prod(prod, ring->req_cons, ring->rsp_prod_pvt,
			       NETBACK_RING_SIZE)) {
		netback_fatal(queue->nb, -EPROTO,
			      "rx ring of queue %u: request %u after %u",
			      queue->id, prod, ring->req_cons);
		return;
	}
	/* Index before requests; pairs with RING_PUSH_REQUESTS in frontends. */
	virt_rmb();
	queue->rx.prod = prod;
}

/* Tells whether there are buffers for so many slots. */
static bool rx_has_slots(struct netback_queue *queue, unsigned int needed)
{
	struct netback_rx *rx = &queue->rx;

	if (rx->prod - rx->ring.req_cons >= needed)
		return true;
	rx_update_prod(queue);
	return rx->prod - rx->ring.req_cons >= needed;
}

static void rx_copy(struct netback_queue *queue)
{
	struct netback_rx *rx = &queue->rx;
	unsigned int i;

	if (!rx->nr_copies)
		return;

	netback_copy(rx->copy, rx->nr_copies);
	for (i = 0; i < rx->nr_copies; i++) {
		if (likely(rx->copy[i].status == GNTST_okay))
			continue;
		/* One bad slot makes the packet bad; its flags stay valid. */
		RING_GET_RESPONSE(&rx->ring, rx->slot[i])->status =
			XEN_NETIF_RSP_ERROR;
		netback_count(&queue->stats->rx, NETBACK_ERRORS);
	}
	rx->nr_copies = 0;
}

/* Copies what is left to copy, tells the guest, and frees the packets. */
static void rx_flush(struct netback_queue *queue)
{
	struct netback_stats *stats = &queue->stats->rx;
	struct netback_rx *rx = &queue->rx;
	unsigned int packets = skb_queue_len(&rx->done);
	struct sk_buff *skb;
	int notify;

	if (!packets)
		return;

	rx_copy(queue);
	rx->ring.rsp_prod_pvt = rx->ring.req_cons;
	RING_PUSH_RESPONSES_AND_CHECK_NOTIFY(&rx->ring, notify);
	if (notify)
		notify_remote_via_irq(netback_rx_channel(queue)->ch.irq);
	/* In the cache line just written: costs less here than later. */
	rx_update_prod(queue);

	netdev_tx_completed_queue(netback_txq(queue), packets, rx->bytes);
	u64_stats_update_begin(&stats->syncp);
	u64_stats_add(&stats->count[NETBACK_PACKETS], packets);
	u64_stats_add(&stats->count[NETBACK_BYTES], rx->bytes);
	u64_stats_inc(&stats->count[NETBACK_BATCHES]);
	u64_stats_update_end(&stats->syncp);

	while ((skb = __skb_dequeue(&rx->done)))
		dev_consume_skb_any(skb);
	rx->bytes = 0;
}

/*
 * A page of a guest's that another backend has mapped: Xen takes it for ours
 * only by its grant. Filesystems use the same page flag, on pages with a
 * mapping.
 */
static struct xen_page_foreign *rx_foreign(struct page *page)
{
	if (!PagePrivate(page) || page->mapping)
		return NULL;
	return xen_page_foreign(page);
}

/* Adds a copy of data within one page to the buffer being filled. */
static void rx_add_copy(struct netback_queue *queue, struct rx_packet *pkt,
			void *data, unsigned int len, bool frag)
{
	struct netback_rx *rx = &queue->rx;
	struct xen_page_foreign *foreign;
	struct gnttab_copy *copy;

	if (rx->nr_copies == NETBACK_COPIES)
		rx_copy(queue);

	copy = &rx->copy[rx->nr_copies];
	copy->flags = GNTCOPY_dest_gref;
	copy->status = GNTST_general_error;
	copy->len = len;
	copy->dest.u.ref = pkt->gref;
	copy->dest.domid = queue->nb->ndev->otherend;
	copy->dest.offset = pkt->fill;

	copy->source.offset = xen_offset_in_page(data);
	foreign = frag ? rx_foreign(virt_to_page(data)) : NULL;
	if (unlikely(foreign)) {
		copy->flags |= GNTCOPY_source_gref;
		copy->source.u.ref = foreign->gref;
		copy->source.domid = foreign->domid;
	} else {
		copy->source.u.gmfn = virt_to_gfn(data);
		copy->source.domid = DOMID_SELF;
	}

	rx->slot[rx->nr_copies++] = pkt->index;
}

static void rx_put_extra(struct netback_queue *queue, struct rx_packet *pkt)
{
	struct xen_netif_rx_back_ring *ring = &queue->rx.ring;
	struct xen_netif_extra_info extra = {
		.type = XEN_NETIF_EXTRA_TYPE_GSO,
		.u.gso.size = skb_shinfo(pkt->skb)->gso_size,
		.u.gso.type = pkt->gso_type,
	};

	/* As large as a response, so no octet of what was there stays. */
	static_assert(sizeof(extra) == sizeof(struct xen_netif_rx_response));
	*(struct xen_netif_extra_info *)
		RING_GET_RESPONSE(ring, ring->req_cons) = extra;
	ring->req_cons++;
}

/* Takes the guest's next buffer, and answers it, before it is filled. */
static void rx_next_slot(struct netback_queue *queue, struct rx_packet *pkt)
{
	struct xen_netif_rx_back_ring *ring = &queue->rx.ring;
	struct xen_netif_rx_response rsp = {};
	struct xen_netif_rx_request req;
	bool first = pkt->left == pkt->skb->len;

	pkt->index = ring->req_cons++;
	RING_COPY_REQUEST(ring, pkt->index, &req);
	pkt->gref = req.gref;
	pkt->fill = 0;
	pkt->room = *pkt->size++;
	pkt->left -= pkt->room;

	rsp.id = req.id;
	rsp.status = pkt->room;
	if (pkt->left)
		rsp.flags |= XEN_NETRXF_more_data;
	if (first && pkt->skb->ip_summed == CHECKSUM_PARTIAL)
		rsp.flags |= XEN_NETRXF_csum_blank | XEN_NETRXF_data_validated;
	else if (first && pkt->skb->ip_summed == CHECKSUM_UNNECESSARY)
		rsp.flags |= XEN_NETRXF_data_validated;
	if (first && pkt->gso_type)
		rsp.flags |= XEN_NETRXF_extra_info;
	*RING_GET_RESPONSE(ring, pkt->index) = rsp;

	if (first && pkt->gso_type)
		rx_put_extra(queue, pkt);
}

static void rx_put_data(struct netback_queue *queue, struct rx_packet *pkt,
			void *data, unsigned int len, bool frag)
{
	unsigned int chunk;

	while (len) {
		if (!pkt->room)
			rx_next_slot(queue, pkt);

		chunk = XEN_PAGE_SIZE - xen_offset_in_page(data);
		chunk = min3(chunk, len, pkt->room);
		rx_add_copy(queue, pkt, data, chunk, frag);
		pkt->fill += chunk;
		pkt->room -= chunk;
		data += chunk;
		len -= chunk;
	}
}

static void rx_put_skb(struct netback_queue *queue, struct rx_packet *pkt,
		       const struct sk_buff *skb)
{
	const skb_frag_t *frag;
	int i;

	rx_put_data(queue, pkt, skb->data, skb_headlen(skb), false);
	for (i = 0; i < skb_shinfo(skb)->nr_frags; i++) {
		frag = &skb_shinfo(skb)->frags[i];
		rx_put_data(queue, pkt, skb_frag_address(frag),
			    skb_frag_size(frag), true);
	}
}

/* There are slots for all of it. */
static void rx_put_packet(struct netback_queue *queue, struct sk_buff *skb,
			  u8 gso_type, const struct rx_plan *plan)
{
	struct rx_packet pkt = {
		.skb = skb,
		.size = plan->size,
		.left = skb->len,
		.gso_type = gso_type,
	};
	struct sk_buff *next;

	rx_put_skb(queue, &pkt, skb);
	/* What GRO has put together. */
	skb_walk_frags(skb, next)
		rx_put_skb(queue, &pkt, next);
}

/* One list is what the network layer makes, and what rx_put_packet() takes. */
static bool rx_is_nested(const struct sk_buff *skb)
{
	const struct sk_buff *next;

	skb_walk_frags(skb, next)
		if (skb_has_frag_list(next))
			return true;
	return false;
}

static u8 rx_gso_type(const struct sk_buff *skb)
{
	if (!skb_is_gso(skb))
		return XEN_NETIF_GSO_TYPE_NONE;
	if (skb_shinfo(skb)->gso_type & SKB_GSO_TCPV4)
		return XEN_NETIF_GSO_TYPE_TCPV4;
	if (skb_shinfo(skb)->gso_type & SKB_GSO_TCPV6)
		return XEN_NETIF_GSO_TYPE_TCPV6;
	return NETBACK_GSO_TYPE_OTHER;
}

/* What is within one page is copied at once, if it goes into one buffer. */
static bool rx_plan_data(struct rx_plan *plan, unsigned int offset,
			 unsigned int len)
{
	unsigned int chunk;

	for (; len; len -= chunk) {
		chunk = min_t(unsigned int, len, XEN_PAGE_SIZE - offset);
		offset = 0;
		if (plan->size[plan->slots - 1] + chunk > XEN_PAGE_SIZE) {
			if (plan->slots == plan->max)
				return false;
			plan->size[plan->slots++] = 0;
		}
		plan->size[plan->slots - 1] += chunk;
	}
	return true;
}

static bool rx_plan_skb(struct rx_plan *plan, const struct sk_buff *skb)
{
	const skb_frag_t *frag;
	int i;

	if (!rx_plan_data(plan, xen_offset_in_page(skb->data), skb_headlen(skb)))
		return false;
	for (i = 0; i < skb_shinfo(skb)->nr_frags; i++) {
		frag = &skb_shinfo(skb)->frags[i];
		if (!rx_plan_data(plan, xen_offset_in_page(skb_frag_off(frag)),
				  skb_frag_size(frag)))
			return false;
	}
	return true;
}

/* Tells whether each piece of a packet has a buffer in which it fits. */
static bool rx_plan_loosely(struct rx_plan *plan, const struct sk_buff *skb)
{
	const struct sk_buff *next;

	plan->slots = 1;
	plan->size[0] = 0;
	if (!rx_plan_skb(plan, skb))
		return false;
	skb_walk_frags(skb, next)
		if (!rx_plan_skb(plan, next))
			return false;
	return true;
}

/*
 * Decides what goes into which of the @slots buffers that it takes at least. A
 * piece that is split costs another copy, and a buffer costs the guest as much as
 * a few of these. One buffer less than the largest packet may have: that begins
 * with headers, which may be more than the guest copies, and then there were more
 * pages than an skb can have.
 */
static void rx_plan(struct rx_plan *plan, const struct sk_buff *skb,
		    unsigned int slots)
{
	unsigned int i;

	plan->max = min_t(unsigned int, slots + slots / 4,
			  XEN_NETIF_NR_SLOTS_MIN - 1);
	if (slots > 1 && rx_plan_loosely(plan, skb))
		return;
	plan->slots = slots;
	for (i = 0; i < slots - 1; i++)
		plan->size[i] = XEN_PAGE_SIZE;
	plan->size[i] = skb->len - i * XEN_PAGE_SIZE;
}

/*
 * Plans, and tells how many slots a packet needs; 0 if the guest can't take it. The
 * network layer knows its features and MTU, but a packet may be older than the
 * connection.
 */
static unsigned int rx_count_slots(const struct netback *nb,
				   const struct sk_buff *skb, u8 gso_type,
				   struct rx_plan *plan)
{
	unsigned int slots = DIV_ROUND_UP(skb->len, XEN_PAGE_SIZE);
	unsigned int max = 1;
	u32 needs;

	/* No packet has more than 64 KiB and its link layer header. */
	if (nb->features & NOXS_VIF_F_SG)
		max = XEN_NETIF_NR_SLOTS_MIN;
	if (slots > max || rx_is_nested(skb))
		return 0;
	if (skb->ip_summed == CHECKSUM_PARTIAL &&
	    !can_checksum_protocol(nb->dev->features, skb->protocol))
		return 0;

	switch (gso_type) {
	case XEN_NETIF_GSO_TYPE_NONE:
		rx_plan(plan, skb, slots);
		return plan->slots;
	case XEN_NETIF_GSO_TYPE_TCPV4:
		needs = NOXS_VIF_F_TSO_V4;
		break;
	case XEN_NETIF_GSO_TYPE_TCPV6:
		needs = NOXS_VIF_F_TSO_V6;
		break;
	default:
		return 0;
	}
	if (!(nb->features & needs))
		return 0;
	rx_plan(plan, skb, slots);
	/* And one that says what it is. */
	return plan->slots + 1;
}

/* Tells whether the network layer keeps too much for a queue. */
static bool rx_backlog_is_full(struct netback_queue *queue)
{
	u32 packets, bytes;

	rcu_read_lock();
	qdisc_qstats_qlen_backlog(rcu_dereference(netback_txq(queue)->qdisc),
				  &packets, &bytes);
	rcu_read_unlock();
	return max_t(u64, bytes, (u64)packets * RX_PACKET_MIN) >
	       NETBACK_BACKLOG / queue->nb->nr_queues;
}

/*
 * Stops the queue until there are so many buffers, unless they come meanwhile.
 * The guest has all that it needs to give them: nothing waits for rx_flush().
 */
static bool rx_wait(struct netback_queue *queue, unsigned int needed)
{
	struct netdev_queue *txq = netback_txq(queue);
	struct netback_rx *rx = &queue->rx;

	netif_tx_stop_queue(txq);
	/* Who gets the event finds the queue stopped: see netback_rx_wake(). */
	smp_mb__after_atomic();
	WRITE_ONCE(rx->ring.sring->req_event, rx->ring.req_cons + needed);
	/*
	 * Either we see its buffers or the guest sees that it shall send an
	 * event; pairs with RING_PUSH_REQUESTS_AND_CHECK_NOTIFY in frontends.
	 */
	virt_mb();
	if (rx_has_slots(queue, needed)) {
		netif_tx_start_queue(txq);
		return false;
	}

	rx->needed = needed;
	rx->since = jiffies;
	WRITE_ONCE(rx->waiting, true);
	/* Not later than for a wait before, lest ever new ones put it off. */
	timer_reduce(&rx->timer, rx->since + RX_TICK);
	netback_count(&queue->stats->rx, NETBACK_STOPPED);
	return true;
}

static void rx_stall(struct netback_queue *queue)
{
	struct netback *nb = queue->nb;

	queue->rx.stalled = true;
	netback_count(&queue->stats->rx, NETBACK_STALLED);
	spin_lock(&nb->stall_lock);
	if (!nb->stalled++) {
		netif_carrier_off(nb->dev);
		if (net_ratelimit())
			netdev_info(nb->dev, "guest takes no packets\n");
	}
	spin_unlock(&nb->stall_lock);
}

static void rx_unstall(struct netback_queue *queue)
{
	struct netback *nb = queue->nb;

	queue->rx.stalled = false;
	spin_lock(&nb->stall_lock);
	if (!--nb->stalled) {
		netif_carrier_on(nb->dev);
		if (net_ratelimit())
			netdev_info(nb->dev, "guest takes packets again\n");
	}
	spin_unlock(&nb->stall_lock);
}

static bool rx_wake_locked(struct netback_queue *queue)
{
	struct netback_rx *rx = &queue->rx;

	if (!rx->waiting || !rx_has_slots(queue, rx->needed))
		return false;

	WRITE_ONCE(rx->waiting, false);
	if (rx->stalled)
		rx_unstall(queue);
	if (!rx->dropping)
		netif_tx_wake_queue(netback_txq(queue));
	rx->dropping = false;
	return true;
}

/* Drop packets if it is time to; else, or then, come back when it is time. */
static void rx_wait_longer(struct netback_queue *queue)
{
	unsigned long stall = msecs_to_jiffies(READ_ONCE(netback_rx_stall_ms));
	struct netback_rx *rx = &queue->rx;

	if (!rx->dropping && (time_after_eq(jiffies, rx->since + RX_WAIT) ||
			      rx_backlog_is_full(queue))) {
		rx->dropping = true;
		netif_tx_wake_queue(netback_txq(queue));
	}

	if (!rx->dropping)
		mod_timer(&rx->timer, jiffies + RX_TICK);
	else if (stall && time_before(jiffies, rx->since + stall))
		mod_timer(&rx->timer, rx->since + stall);
	else if (stall && !rx->stalled)
		rx_stall(queue);
}

static void rx_timer(struct timer_list *timer)
{
	struct netback_queue *queue =
		timer_container_of(queue, timer, rx.timer);
	struct netdev_queue *txq = netback_txq(queue);

	__netif_tx_lock(txq, smp_processor_id());
	if (!netback_is_broken(queue->nb) && !rx_wake_locked(queue) &&
	    queue->rx.waiting)
		rx_wait_longer(queue);
	__netif_tx_unlock(txq);
}

/**
 * netback_rx_init() - make the rx half of a queue ready for its ring
 * @queue: the queue
 */
void netback_rx_init(struct netback_queue *queue)
{
	__skb_queue_head_init(&queue->rx.done);
	timer_setup(&queue->rx.timer, rx_timer, 0);
}

/**
 * netback_rx_flush() - let the guest have what was left for NAPI
 * @queue: the queue, of which NAPI runs
 */
void netback_rx_flush(struct netback_queue *queue)
{
	struct netdev_queue *txq = netback_txq(queue);

	if (!READ_ONCE(queue->rx.later))
		return;

	__netif_tx_lock(txq, smp_processor_id());
	WRITE_ONCE(queue->rx.later, false);
	if (!netback_is_broken(queue->nb))
		rx_flush(queue);
	__netif_tx_unlock(txq);
}

/*
 * Others may follow in this softirq, and NAPI runs after them. What the host answers
 * while NAPI of this very queue runs doesn't wait for its next run; nor does what
 * the network layer gives no more of until some of it is done.
 */
static void rx_flush_or_later(struct netback_queue *queue)
{
	if (!in_serving_softirq() ||
	    READ_ONCE(queue->poller) == smp_processor_id() + 1 ||
	    netif_xmit_stopped(netback_txq(queue))) {
		rx_flush(queue);
		return;
	}
	if (queue->rx.later)
		return;
	WRITE_ONCE(queue->rx.later, true);
	napi_schedule(&queue->napi);
}

/**
 * netback_rx_wake() - let packets through again if there are buffers for them
 * @queue: the queue, of which NAPI runs
 *
 * Return: true if packets waited for that
 */
bool netback_rx_wake(struct netback_queue *queue)
{
	struct netdev_queue *txq = netback_txq(queue);
	bool woken;

	if (!READ_ONCE(queue->rx.waiting) || netback_is_broken(queue->nb))
		return false;

	__netif_tx_lock(txq, smp_processor_id());
	woken = rx_wake_locked(queue);
	__netif_tx_unlock(txq);
	return woken;
}

/**
 * netback_rx_resume() - begin again after a pause, when events were not seen
 * @queue: the queue
 *
 * Context: process
 */
void netback_rx_resume(struct netback_queue *queue)
{
	struct netdev_queue *txq = netback_txq(queue);

	__netif_tx_lock_bh(txq);
	if (!rx_wake_locked(queue) && queue->rx.waiting)
		rx_wait_longer(queue);
	__netif_tx_unlock_bh(txq);
}

/**
 * netback_rx_stop() - send no packet any more, for good
 * @queue: the queue
 *
 * Context: process
 */
void netback_rx_stop(struct netback_queue *queue)
{
	struct netdev_queue *txq = netback_txq(queue);

	/* Without @waiting, neither NAPI nor the timer starts it again. */
	__netif_tx_lock_bh(txq);
	netif_tx_stop_queue(txq);
	WRITE_ONCE(queue->rx.waiting, false);
	__netif_tx_unlock_bh(txq);
	timer_delete_sync(&queue->rx.timer);
}

/**
 * netback_start_xmit() - send a packet to the guest
 * @skb: the packet
 * @dev: the interface
 *
 * A queue that isn't connected is stopped under its lock, which is held here.
 * So what is found in netback.queues stays until this returns.
 *
 * Return: NETDEV_TX_OK, or NETDEV_TX_BUSY if the queue had to stop before
 */
netdev_tx_t netback_start_xmit(struct sk_buff *skb, struct net_device *dev)
{
	struct netback *nb = netdev_priv(dev);
	unsigned int index = skb_get_queue_mapping(skb);
	/* Pairs with netback_netdev_connect(). */
	struct netback_queue *queues = smp_load_acquire(&nb->queues);
	bool more = netdev_xmit_more();
	u8 gso_type = rx_gso_type(skb);
	struct netback_queue *queue;
	unsigned int slots;
	struct rx_plan plan;
	bool flush;

	if (unlikely(!queues || index >= nb->nr_queues))
		goto drop;
	queue = &queues[index];

	slots = rx_count_slots(nb, skb, gso_type, &plan);
	if (unlikely(!slots))
		goto drop_flush;
	/* It runs although it waits: packets are dropped. */
	if (unlikely(queue->rx.waiting) && !rx_wake_locked(queue))
		goto drop_flush;
	if (unlikely(!rx_has_slots(queue, slots))) {
		rx_flush(queue);
		if (!netback_is_broken(nb) && rx_wait(queue, slots))
			return NETDEV_TX_BUSY;
	}
	if (netback_is_broken(nb))
		goto drop_flush;

	skb_tx_timestamp(skb);
	rx_put_packet(queue, skb, gso_type, &plan);
	__skb_queue_tail(&queue->rx.done, skb);
	queue->rx.bytes += skb->len;
	flush = __netdev_tx_sent_queue(netback_txq(queue), skb->len, more);

	/*
	 * Stop here rather than with the next packet, which the network layer
	 * would show to its taps twice. It will be like this one; and so many
	 * buffers the guest can give, as it just has.
	 */
	if (!rx_has_slots(queue, slots)) {
		rx_flush(queue);
		(void)rx_wait(queue, slots);	/* stopped or not */
	} else if (flush) {
		rx_flush_or_later(queue);
	}
	return NETDEV_TX_OK;

drop_flush:
	if (!more)
		rx_flush(queue);
drop:
	netback_count(&nb->stats[index].rx, NETBACK_DROPPED);
	dev_kfree_skb_any(skb);
	return NETDEV_TX_OK;
}
