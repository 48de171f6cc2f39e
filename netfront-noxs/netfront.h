/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of the network frontend share. Tx and rx are the guest's, so
 * tx is what we send.
 *
 * A struct netfront is the private part of a net_device, made at probe and
 * freed at remove, its queues included: only what a connection needs, rings,
 * buffers and event channels, comes and goes with it. So statistics and ethtool
 * never look at memory that a disconnect frees.
 *
 * Contexts and locks. The control operations (connect.c) take rtnl for all
 * that the interface's users can see. Of each queue, the tx half is protected
 * by the lock of its netdev_queue, the rx half belongs to NAPI. NAPI is enabled
 * from connect to disconnect, whether or not the interface is up, so that what
 * was sent is always completed; received packets wait while it is down.
 */
#ifndef _NETFRONT_H
#define _NETFRONT_H

#include <linux/netdevice.h>
#include <linux/timer.h>
#include <linux/types.h>
#include <linux/u64_stats_sync.h>
#include <xen/interface/io/netif.h>
#include <xen/noxs.h>
#include <xen/page.h>

#define NETFRONT_RING_SIZE	256U

static_assert(__CONST_RING_SIZE(xen_netif_tx, XEN_PAGE_SIZE) ==
	      NETFRONT_RING_SIZE);
static_assert(__CONST_RING_SIZE(xen_netif_rx, XEN_PAGE_SIZE) ==
	      NETFRONT_RING_SIZE);

/*
 * Each tx slot has this much of the head pages, which stay granted: a small
 * packet, or the headers of a larger one, are copied there.
 */
#define NETFRONT_HEAD_SIZE	128U
#define NETFRONT_HEADS_PER_PAGE	(XEN_PAGE_SIZE / NETFRONT_HEAD_SIZE)
#define NETFRONT_HEAD_PAGES	(NETFRONT_RING_SIZE / NETFRONT_HEADS_PER_PAGE)

/*
 * A packet that is there as a whole is gone at once, and nobody waits for its
 * response: if there are none but such packets, the backend tells us of every
 * so many of them only.
 */
#define NETFRONT_TX_LAZY	(NETFRONT_RING_SIZE / 2)

/*
 * What is copied and is more than that goes into pages that stay granted, too.
 * They are allocated when they are needed, and so many are kept for the next
 * time: what a poll completes, of packets of a page.
 */
#define NETFRONT_IDLE_PAGES	64U

/* At least what the largest packet takes. */
static_assert(NETFRONT_IDLE_PAGES * XEN_PAGE_SIZE >= XEN_NETIF_MAX_TX_SIZE);

/* A packet's most slots, with the extra for GSO. */
#define NETFRONT_MAX_SLOTS	(XEN_NETIF_NR_SLOTS_MIN + 1)

/*
 * Pages of what we sent that a backend may keep when a connection ends, of all of
 * them. A backend has no reason to keep any.
 */
#define NETFRONT_MAX_KEPT	1024U

struct page_pool;

/* What is counted of each direction; netdev.c has the names. */
enum netfront_stat {
	NETFRONT_PACKETS,
	NETFRONT_BYTES,
	NETFRONT_ERRORS,	/* backend failed, or sent nonsense */
	NETFRONT_DROPPED,	/* by us */
	NETFRONT_COPIED,	/* packets that were copied as a whole */
	NETFRONT_FIXED,		/* tx: too many pieces; rx: GSO without checksum */
	NETFRONT_NR_STATS
};

/**
 * struct netfront_stats - counters of one direction of a queue
 * @syncp: for readers on 32-bit CPUs; who may write one half may write this
 * @count: by enum netfront_stat
 */
struct netfront_stats {
	struct u64_stats_sync syncp;
	u64_stats_t count[NETFRONT_NR_STATS];
};

/**
 * struct netfront_page - a page that is granted to the backend
 * @page: the page; NULL if there is none
 * @gref: its grant reference
 */
struct netfront_page {
	struct page *page;
	grant_ref_t gref;
};

/**
 * struct netfront_tx_slot - a request that the backend may have; its index is
 * the request's id
 * @skb: the packet; NULL if it is in the head pages as a whole, and gone
 * @data: where the data are; no page if in the head pages
 * @copied: the page is ours, with a copy, and stays granted
 * @used: the slot isn't free
 * @next: of a free slot: the next one
 */
struct netfront_tx_slot {
	struct sk_buff *skb;
	struct netfront_page data;
	bool copied;
	bool used;
	u16 next;
};

/**
 * struct netfront_tx - the tx half of a queue
 * @ring: our end of the ring
 * @page: its page
 * @head: the head pages
 * @slot: NETFRONT_RING_SIZE slots
 * @free: first free slot
 * @pushed: up to where the backend has been shown requests
 * @extras: requests under way that are extras and have no slot
 * @waiting: packets under way that are freed when they are answered
 * @list: page that names those of @head to a backend that keeps them mapped, if there
 *	is one
 * @idle: pages for copies that no request is for
 * @nr_idle: how many
 * @grefs: grant references that are free
 * @stats: counters
 *
 * Slots in use and @extras are together the requests under way in @ring. So
 * there is a free slot if the ring has room. Each slot and each of @idle has a
 * reference, used or in @grefs.
 */
struct netfront_tx {
	struct xen_netif_tx_front_ring ring;
	struct noxs_grant page;
	struct noxs_grant head[NETFRONT_HEAD_PAGES];
	struct noxs_grant list;
	struct netfront_tx_slot *slot;
	RING_IDX pushed;
	u16 free;
	u16 extras;
	u16 waiting;
	struct netfront_page idle[NETFRONT_IDLE_PAGES];
	unsigned int nr_idle;
	grant_ref_t grefs;
	struct netfront_stats stats;
};

/**
 * struct netfront_rx - the rx half of a queue
 * @ring: our end of the ring
 * @page: its page
 * @slot: NETFRONT_RING_SIZE buffers; the index of each is that of the request in
 *	the ring, and the request's id
 * @grefs: grant references that are free for slots
 * @target: how many buffers the backend should have; grows under load
 * @pool: where buffers come from
 * @refill: tries again when there was no memory for buffers
 * @stats: counters
 */
struct netfront_rx {
	struct xen_netif_rx_front_ring ring;
	struct noxs_grant page;
	struct netfront_page *slot;
	grant_ref_t grefs;
	unsigned int target;
	struct page_pool *pool;
	struct timer_list refill;
	struct netfront_stats stats;
};

/**
 * enum netfront_event_state - what there is to say of an event channel
 * @NETFRONT_PENDING: an event came and waits for its EOI
 * @NETFRONT_WORKED: there was work since the last EOI
 */
enum netfront_event_state {
	NETFRONT_PENDING,
	NETFRONT_WORKED,
};

/**
 * struct netfront_event - an event channel of a queue
 * @queue: the queue
 * @ch: the event channel
 * @name: of its interrupt
 * @state: bits of enum netfront_event_state
 * @due: NAPI's: its work is being done
 */
struct netfront_event {
	struct netfront_queue *queue;
	struct noxs_channel ch;
	char name[32];
	unsigned long state;
	bool due;
};

/**
 * struct netfront_queue - a tx and an rx ring
 * @np: the interface
 * @id: number of the queue
 * @napi: does the work of both rings
 * @scheduled: an event has scheduled @napi, which hasn't begun yet
 * @event: the event channels: for tx, or for both; and for rx
 * @tx_event: the one for tx
 * @rx_event: the one for rx; the same unless NOXS_VIF_F_SPLIT_EVTCHN
 * @tx: tx half
 * @rx: rx half
 */
struct netfront_queue {
	struct netfront *np;
	unsigned int id;
	struct napi_struct napi;
	unsigned long scheduled;
	struct netfront_event event[2];
	struct netfront_event *tx_event;
	struct netfront_event *rx_event;
	struct netfront_tx tx;
	struct netfront_rx rx;
};

/**
 * struct netfront - a network interface
 * @netdev: the interface
 * @ndev: the device
 * @offloads: NETIF_F_* that the backend accepted, and others that need no
 *	backend; written under rtnl while nothing is sent
 * @trusted: the backend may see what else is in the pages of a packet; written
 *	while there are no queues
 * @mtu: the backend's, as last seen; under rtnl
 * @nr_queues: queues of this connection, 0 if there is none; under rtnl
 * @kept: pages of payload that the backend kept when a connection ended; they are
 *	Xen's grant table code's until it lets go
 * @broken: bit 0: the backend broke the protocol; nothing it says counts
 * @queue: the queues, netdev->num_tx_queues of them
 */
struct netfront {
	struct net_device *netdev;
	struct noxs_device *ndev;
	netdev_features_t offloads;
	bool trusted;
	unsigned int mtu;
	unsigned int nr_queues;
	unsigned int kept;
	unsigned long broken;
	struct netfront_queue queue[];
};

/* Add to a counter; the caller may write this half of the queue. */
static inline void netfront_count(struct netfront_stats *stats,
				  enum netfront_stat stat, unsigned int n)
{
	u64_stats_update_begin(&stats->syncp);
	u64_stats_add(&stats->count[stat], n);
	u64_stats_update_end(&stats->syncp);
}

/* See netfront_break(). */
static inline bool netfront_is_broken(const struct netfront *np)
{
	return test_bit(0, &np->broken);
}

/* queue.c */
void netfront_break(struct netfront_queue *queue, const char *why);
int netfront_events_create(struct netfront_queue *queue);
void netfront_events_destroy(struct netfront_queue *queue);
void netfront_event_begin(struct netfront_event *event);
void netfront_event_end(struct netfront_event *event);

/* connect.c */
extern struct noxs_driver netfront_driver;

/* netdev.c */
struct netfront *netfront_create(struct noxs_device *ndev);
void netfront_destroy(struct netfront *np);
void netfront_set_mtu(struct netfront *np, unsigned int mtu);
void netfront_set_features(struct netfront *np);
void netfront_start(struct netfront *np);

/* tx.c */
int netfront_tx_create(struct netfront_queue *queue);
void netfront_tx_destroy(struct netfront_queue *queue);
netdev_tx_t netfront_start_xmit(struct sk_buff *skb,
				struct net_device *netdev);
bool netfront_tx_complete(struct netfront_queue *queue, int budget, bool last);

/* rx.c */
int netfront_rx_create(struct netfront_queue *queue);
void netfront_rx_destroy(struct netfront_queue *queue);
int netfront_rx_poll(struct netfront_queue *queue, int budget);

#endif /* _NETFRONT_H */
