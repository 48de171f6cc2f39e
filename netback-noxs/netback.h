/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of the network backend share. Tx and rx are the guest's: tx is
 * what it sends, and what the host's interface receives.
 *
 * A struct netback is the private part of a net_device, made at probe and freed
 * at remove, with the statistics of all queues that there may be. The queues
 * themselves come and go with each connection. So statistics and ethtool never
 * look at memory that a disconnect frees.
 *
 * Contexts and locks, outermost first:
 *
 *  - operations of the noxs bus (connect.c): process, one at a time per device
 *  - rtnl: what the interface's users see: features, number of queues, MTU,
 *    whether NAPI runs. Nothing of noxs_core is called under it.
 *  - lock of a netdev_queue: that queue's rx half (rx.c): start_xmit, NAPI, and
 *    the stall timer; softirq, or with interrupts off under netpoll
 *  - netback.stall_lock
 *  - netback.credit_lock: by itself
 *  - buffers_lock (buffers.c): by itself; process
 *
 * A work item of each queue, in process context, maps and unmaps buffers (buffers.c),
 * and takes none of the others.
 *
 * A queue's tx half (tx.c) needs no lock: it belongs to its NAPI, and to
 * connect and disconnect while NAPI is off. NAPI runs while the device is
 * connected and the interface is up. What the guest sends earlier waits in its
 * ring.
 *
 * All that a guest can do wrong ends in netback_fatal(): each path looks at
 * netback.broken, does nothing any more, and leaves the event channels masked,
 * until noxs_core has disconnected the device.
 */
#ifndef _NETBACK_H
#define _NETBACK_H

#include <linux/cache.h>
#include <linux/hrtimer.h>
#include <linux/netdevice.h>
#include <linux/sizes.h>
#include <linux/skbuff.h>
#include <linux/spinlock.h>
#include <linux/timer.h>
#include <linux/types.h>
#include <linux/u64_stats_sync.h>
#include <linux/workqueue.h>
#include <xen/interface/grant_table.h>
#include <xen/interface/io/netif.h>
#include <xen/noxs.h>
#include <xen/page.h>
#include <asm/xen/hypercall.h>

#include "check.h"
#include "credit.h"

#define NETBACK_RING_SIZE	256U

static_assert(__CONST_RING_SIZE(xen_netif_tx, XEN_PAGE_SIZE) ==
	      NETBACK_RING_SIZE);
static_assert(__CONST_RING_SIZE(xen_netif_rx, XEN_PAGE_SIZE) ==
	      NETBACK_RING_SIZE);
/* A copy by Xen stays within pages of its own size, at both ends. */
static_assert(XEN_PAGE_SIZE == PAGE_SIZE);

/*
 * Most octets that the network layer may keep for a guest that takes nothing,
 * for all queues together. A packet counts as a KiB at least. It isn't what the
 * network layer keeps to by itself, so it is looked at every RX_TICK: see rx.c.
 */
#define NETBACK_BACKLOG		SZ_16M

/*
 * Pages for what the guest sends that a queue keeps at most, while the guest does
 * send: what it may have under way to somebody who is slow to read it.
 */
#define NETBACK_PAGES		256U

/* Copies for one hypercall. More would save next to nothing of its cost. */
#define NETBACK_COPIES		64

/* What is counted of each direction; netdev.c has the names. */
enum netback_stat {
	NETBACK_PACKETS,
	NETBACK_BYTES,
	NETBACK_ERRORS,		/* tx: bad packets; rx: copies that failed */
	NETBACK_DROPPED,	/* for lack of memory, or of a guest */
	NETBACK_FIXED,		/* tx: GSO without checksum; rx: none */
	NETBACK_BUFFERED,	/* tx: pieces that were copied without Xen; rx: none */
	NETBACK_STOPPED,	/* tx: waits for credit; rx: for buffers */
	NETBACK_STALLED,	/* rx: of these, those that took too long */
	NETBACK_BATCHES,	/* rx: packets that the guest was told of at once */
	NETBACK_NR_STATS
};

/**
 * struct netback_stats - counters of one direction of a queue
 * @syncp: for readers on 32-bit CPUs
 * @count: by enum netback_stat
 *
 * Written by who may write the same half of the queue, read by anybody.
 */
struct netback_stats {
	struct u64_stats_sync syncp;
	u64_stats_t count[NETBACK_NR_STATS];
} ____cacheline_aligned_in_smp;

/**
 * struct netback_queue_stats - counters of a queue; outlive its connections
 * @tx: what the guest sent
 * @rx: what it received
 */
struct netback_queue_stats {
	struct netback_stats tx;
	struct netback_stats rx;
};

/**
 * struct netback_channel - an event channel of a queue
 * @ch: the event channel
 * @queue: the queue
 * @pending: an event came and waits for its EOI; set by the interrupt handler,
 *	which can't run again before the EOI, cleared by NAPI
 * @work: NAPI's: there was something to do since the last EOI
 * @name: of the interrupt
 */
struct netback_channel {
	struct noxs_channel ch;
	struct netback_queue *queue;
	bool pending;
	bool work;
	char name[IFNAMSIZ + 8];
};

/**
 * struct netback_tx_packet - a packet on its way from the ring to the host
 * @skb: the packet; NULL if there was no memory, or no sense in it
 * @gso_size: as in struct netback_packet
 * @flags: likewise
 * @gso_type: likewise
 * @has_extra: likewise
 * @nr_entries: likewise
 * @status: XEN_NETIF_RSP_*
 */
struct netback_tx_packet {
	struct sk_buff *skb;
	u16 gso_size;
	u16 flags;
	u8 gso_type;
	bool has_extra;
	u8 nr_entries;
	s8 status;
};

/**
 * struct netback_pages - pages that what the guest sends was copied into
 * @page: NETBACK_PAGES of them, with a reference each; NULL if the guest sends nothing
 * @nr: how many there are
 * @next: the one that was taken before all others
 * @used: when one was last taken, in jiffies
 * @idle: that was long ago; set by @timer
 * @timer: runs while there is @page
 */
struct netback_pages {
	struct page **page;
	unsigned int nr;
	unsigned int next;
	unsigned long used;
	bool idle;
	struct timer_list timer;
};

/**
 * struct netback_mapped - buffers of the guest's that are mapped, for reading
 * @nr: how many
 * @gref: their references
 * @map: the mappings
 */
struct netback_mapped {
	unsigned int nr;
	grant_ref_t gref[NETBACK_MAX_BUFFERS];
	struct noxs_map map[NETBACK_MAX_BUFFERS];
};

/**
 * struct netback_buffers - those that a queue's frontend has for what it sends
 * @list: reference of their list, or 0
 * @missed: NAPI's: pieces that may have been in one that isn't mapped, up to a limit
 * @wanted: they are to be mapped; written by NAPI, or while it is off
 * @mapped: them, or NULL; written by @work
 * @work: does what @wanted says
 */
struct netback_buffers {
	grant_ref_t list;
	unsigned int missed;
	bool wanted;
	struct netback_mapped __rcu *mapped;
	struct work_struct work;
};

/**
 * struct netback_tx - the tx half of a queue
 * @ring: our end of the ring
 * @map: its page
 * @pages: where packets are copied to
 * @half: second half of the page that the last packet's head is in, or NULL
 * @buffers: the guest's pages that stay granted
 * @mapped: them, if they are mapped, while NAPI runs
 * @nr_buffered: pieces copied from them in this round
 * @notify: the guest wants an event for the responses that were pushed
 * @waiting: there are requests, but no credit; under netback.credit_lock
 * @nr_copies: copies not made yet
 * @nr_packets: packets taken from the ring in this round
 * @weight: theirs, at least @nr_packets
 * @copy: the copies
 * @copy_for: the packet that each is for
 * @packet: the packets
 * @id: of the requests taken, by index in the ring
 */
struct netback_tx {
	struct xen_netif_tx_back_ring ring;
	struct noxs_map map;
	struct netback_pages pages;
	struct page *half;
	struct netback_buffers buffers;
	const struct netback_mapped *mapped;
	unsigned int nr_buffered;
	bool notify;
	bool waiting;
	unsigned int nr_copies;
	unsigned int nr_packets;
	unsigned int weight;
	struct gnttab_copy copy[NETBACK_COPIES];
	u8 copy_for[NETBACK_COPIES];
	struct netback_tx_packet packet[NAPI_POLL_WEIGHT];
	u16 id[NETBACK_RING_SIZE];
};

/**
 * struct netback_rx - the rx half of a queue
 * @ring: our end of the ring
 * @map: its page
 * @prod: requests that there are, as far as we looked, checked
 * @nr_copies: copies not made yet
 * @bytes: octets of the packets in @done
 * @done: packets that are freed once they are copied; empty again when the
 *	network layer unlocks the netdev_queue, unless @later
 * @later: NAPI is scheduled, and copies what there is
 * @waiting: until there are @needed requests no packet is sent: the netdev_queue
 *	is stopped
 * @dropping: there are none for so long, or so many packets wait, that the
 *	netdev_queue runs, and packets are dropped
 * @stalled: for so long that the carrier is off
 * @needed: requests that the next packet needs
 * @since: when @waiting began, in jiffies
 * @timer: armed when @waiting begins, makes it @dropping, and @stalled
 * @copy: the copies
 * @slot: the request in the ring that each goes to
 */
struct netback_rx {
	struct xen_netif_rx_back_ring ring;
	struct noxs_map map;
	RING_IDX prod;
	unsigned int nr_copies;
	unsigned int bytes;
	struct sk_buff_head done;
	bool later;
	bool waiting;
	bool dropping;
	bool stalled;
	unsigned int needed;
	unsigned long since;
	struct timer_list timer;
	struct gnttab_copy copy[NETBACK_COPIES];
	RING_IDX slot[NETBACK_COPIES];
};

/**
 * struct netback_queue - a queue of a connected vif
 * @nb: the vif
 * @stats: its counters
 * @id: its number
 * @rcu: of the first queue: frees all of them
 * @napi: does what events ask for
 * @poller: the CPU where it runs, and 1, or 0 if that isn't known; only who finds its
 *	own CPU there can tell anything by it
 * @tx_ch: event channel of the tx ring, or of both rings
 * @rx_ch: event channel of the rx ring; not used if they share one
 * @tx: what the guest sends
 * @rx: what it receives
 */
struct netback_queue {
	struct netback *nb;
	struct netback_queue_stats *stats;
	unsigned int id;
	struct rcu_head rcu;
	struct napi_struct napi;
	unsigned int poller;
	struct netback_channel tx_ch;
	struct netback_channel rx_ch;
	struct netback_tx tx ____cacheline_aligned_in_smp;
	struct netback_rx rx ____cacheline_aligned_in_smp;
};

/**
 * struct netback - a vif
 * @ndev: its device on the noxs bus
 * @dev: its interface; this is its private part
 * @max_queues: queues offered, and those that @stats has
 * @features: NOXS_VIF_F_* of the connection; before the first one, all. Written
 *	under rtnl while no queue runs.
 * @full_mtu: MTU to go back to when a frontend takes large packets again, or 0;
 *	under rtnl
 * @broken: the guest did what it must not; set until the next connection
 * @up: NAPI and timers of the queues run; under rtnl
 * @nr_queues: queues of the connection
 * @queues: them, or NULL; see netback_start_xmit() for who may look at it
 * @stall_lock: protects @stalled and, from connect to disconnect, the carrier;
 *	softirq, inside the lock of any netdev_queue
 * @stalled: queues whose guest takes nothing; the carrier is on at 0
 * @credit_lock: protects what follows; softirq. Without a limit nobody takes it:
 *	whether there is one never changes.
 * @credit: what the guest may still send, by all queues together
 * @credit_last: the queue that took the last of it, and is last to get some
 * @credit_timer: armed while a queue waits for credit
 * @stats: counters of each queue
 */
struct netback {
	struct noxs_device *ndev;
	struct net_device *dev;
	unsigned int max_queues;
	u32 features;
	unsigned int full_mtu;
	bool broken;
	bool up;
	unsigned int nr_queues;
	struct netback_queue *queues;
	spinlock_t stall_lock;	/* see above */
	unsigned int stalled;
	spinlock_t credit_lock;	/* see above */
	struct netback_credit credit;
	unsigned int credit_last;
	struct hrtimer credit_timer;
	struct netback_queue_stats stats[];
};

/* See netback_fatal(). */
static inline bool netback_is_broken(const struct netback *nb)
{
	return unlikely(READ_ONCE(nb->broken));
}

static inline struct netdev_queue *
netback_txq(const struct netback_queue *queue)
{
	return netdev_get_tx_queue(queue->nb->dev, queue->id);
}

/* The event channel that the guest uses for its rx ring. */
static inline struct netback_channel *
netback_rx_channel(struct netback_queue *queue)
{
	return queue->rx_ch.ch.port ? &queue->rx_ch : &queue->tx_ch;
}

static inline void netback_count(struct netback_stats *stats,
				 enum netback_stat stat)
{
	u64_stats_update_begin(&stats->syncp);
	u64_stats_inc(&stats->count[stat]);
	u64_stats_update_end(&stats->syncp);
}

/*
 * Makes copies, each of which has a status other than GNTST_okay so far.
 *
 * This is not gnttab_batch_copy(), which sleeps and tries again if Xen says
 * GNTST_eagain, for a page of the guest that is paged out: softirqs can't
 * sleep, and the host must not wait for what a guest's page does. Such a copy
 * fails like any other.
 */
static inline void netback_copy(struct gnttab_copy *copy, unsigned int nr)
{
	/* If the call fails as a whole, no status changes: they say so too. */
	(void)HYPERVISOR_grant_table_op(GNTTABOP_copy, copy, nr);
}

/* main.c */
extern struct workqueue_struct *netback_wq;

/* queue.c */
__printf(3, 4)
void netback_fatal(struct netback *nb, int err, const char *fmt, ...);
int netback_channels_bind(struct netback_queue *queue,
			  const struct noxs_vif_queue *fe);
void netback_channels_free(struct netback_queue *queue);
void netback_event_end(struct netback_channel *channel);

/* connect.c */
extern struct noxs_driver netback_driver;

/* netdev.c */
struct netback *netback_netdev_create(struct noxs_device *ndev,
				      unsigned int max_queues,
				      unsigned int mtu);
void netback_netdev_destroy(struct netback *nb);
int netback_netdev_connect(struct netback *nb, struct netback_queue *queues,
			   unsigned int nr);
void netback_netdev_disconnect(struct netback *nb);
void netback_netdev_abandon(struct netback_queue *queues, unsigned int nr);
int netback_poll(struct napi_struct *napi, int budget);

/* pages.c */
void netback_pages_init(struct netback_pages *pages);
struct page *netback_page_get(struct netback_pages *pages);
void netback_pages_put(struct netback_pages *pages);
unsigned int netback_pages_count(const struct netback_pages *pages);
void netback_pages_stop(struct netback_pages *pages);

/* buffers.c */
void netback_buffers_init(struct netback_queue *queue, grant_ref_t list);
const struct netback_mapped *netback_buffers_begin(struct netback_queue *queue);
void netback_buffers_missed(struct netback_queue *queue);
void netback_buffers_idle(struct netback_queue *queue);
unsigned int netback_buffers_count(struct netback_queue *queue);
void netback_buffers_free(struct netback_queue *queue);

/* tx.c */
void netback_tx_init(struct netback *nb);
void netback_tx_stop(struct netback *nb);
int netback_tx_poll(struct netback_queue *queue, int budget);

/* rx.c */
void netback_rx_init(struct netback_queue *queue);
void netback_rx_resume(struct netback_queue *queue);
void netback_rx_stop(struct netback_queue *queue);
void netback_rx_flush(struct netback_queue *queue);
bool netback_rx_wake(struct netback_queue *queue);
netdev_tx_t netback_start_xmit(struct sk_buff *skb, struct net_device *dev);

#endif /* _NETBACK_H */
