/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of the block backend share.
 *
 * A struct blkback is a vbd, made at probe and freed at remove, with all queues
 * that there may be. What a connection needs, and what I/O needs, comes and goes
 * within them. So statistics never look at memory that a disconnect frees.
 *
 * Files call only those that come later here: connect, queue, request, grant, ring,
 * vbd, budget, check.
 *
 * The life of a request. A pass takes the new requests from the ring, each read
 * once, and checks them. In batches, each with one hypercall for all their
 * segments, it maps the guest's pages and starts the I/O. When the device has
 * ended it, a later pass unmaps the pages of all requests that are done by then,
 * again with one hypercall, and only then answers them, with one event for all.
 *
 * Contexts and locks:
 *
 *  - operations of the noxs bus (connect.c): process, one at a time per device
 *  - a pass (queue.c), the work item of a queue: process, one at a time per
 *    queue. All of a queue belongs to it, and to connect and disconnect while no
 *    pass can run, but for what is said to be another's. It needs no lock.
 *  - end of a bio (request.c): any context; blkback_queue.done_lock
 *  - interrupts (queue.c): hardirq; flags of the queue and its work item
 *  - room for mappings (budget.c): passes, of any queue; atomic, or under a lock of its
 *    own
 *
 * Nothing runs, and nothing is allocated, for a queue without I/O: the pass that
 * ends it leaves a timer that frees all.
 *
 * All that a guest can do wrong with a ring ends in blkback_fatal(): passes look
 * at blkback.broken, take and answer nothing any more, and leave the event
 * channel masked, until noxs_core has disconnected the device.
 */
#ifndef _BLKBACK_H
#define _BLKBACK_H

#include <linux/bio.h>
#include <linux/blkdev.h>
#include <linux/blk_types.h>
#include <linux/list.h>
#include <linux/rbtree.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/u64_stats_sync.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <xen/grant_table.h>
#include <xen/interface/grant_table.h>
#include <xen/interface/io/blkif.h>
#include <xen/noxs.h>
#include <xen/page.h>

#include "check.h"
#include "limit.h"

/* A segment is within a page of Xen's, and of ours. */
static_assert(XEN_PAGE_SIZE == PAGE_SIZE);

/* Of an indirect request. */
#define BLKBACK_MAX_SEGMENTS	256U

/* So that each request is one bio. */
static_assert(BLKBACK_MAX_SEGMENTS <= BIO_MAX_VECS);

/*
 * Segments mapped with one hypercall. All requests that a ring holds fit,
 * unless they are indirect; and one page takes the descriptions of all if so.
 */
#define BLKBACK_BATCH_SEGMENTS	BLKBACK_SEGMENTS_PER_PAGE

static_assert(BLKBACK_BATCH_SEGMENTS >= BLKBACK_MAX_SEGMENTS);
static_assert(BLKBACK_BATCH_SEGMENTS >=
	      BLKBACK_RING_SIZE * BLKIF_MAX_SEGMENTS_PER_REQUEST);

/*
 * Segments of a queue that are under way at most, 8 MiB of the guest's memory.
 * Further requests wait in the ring, so this bounds what a guest makes us use.
 */
#define BLKBACK_QUEUE_SEGMENTS	2048U

static_assert(BLKBACK_QUEUE_SEGMENTS >= BLKBACK_MAX_SEGMENTS);

/* After that long without use, memory is freed and grants are unmapped. */
#define BLKBACK_IDLE		(10 * HZ)

/* When to look again whether a page is still in use, and for memory. */
#define BLKBACK_RETRY		msecs_to_jiffies(5)
#define BLKBACK_MEMORY_RETRY	msecs_to_jiffies(100)

struct blkback;
struct blkback_budget;
struct blkback_queue;

/**
 * struct blkback_grant - a page of the guest that stays mapped
 * @node: in the queue's tree, by @gref
 * @lru: in the queue's list, by @last_used
 * @page: where it is mapped
 * @gref: its grant reference
 * @handle: of the mapping
 * @users: segments under way that are in it
 * @last_used: jiffies when the last of them ended
 */
struct blkback_grant {
	struct rb_node node;
	struct list_head lru;
	struct page *page;
	grant_ref_t gref;
	grant_handle_t handle;
	unsigned int users;
	unsigned long last_used;
};

/**
 * struct blkback_segment - a part of a request that is in one page of the guest
 * @page: where the page is mapped; NULL while it isn't
 * @grant: the grant that @page belongs to, if it stays mapped; else NULL
 * @gref: grant reference
 * @handle: of the mapping, while there is a @page but no @grant
 * @first_sect: first sector within the page
 * @nr_sects: number of sectors
 */
struct blkback_segment {
	struct page *page;
	struct blkback_grant *grant;
	grant_ref_t gref;
	grant_handle_t handle;
	u8 first_sect;
	u8 nr_sects;
};

/**
 * struct blkback_request - a request under way
 * @list: in the batch's list, maybe in the queue's @waiting and there again, then
 *	in its @done, then in its @held, then maybe in its @spare
 * @queue: the queue
 * @id: the frontend's
 * @sector: first sector
 * @nr_sectors: number of sectors
 * @kind: what was asked for
 * @operation: BLKIF_OP_*, for the response
 * @status: an error, if there was any
 * @indirect: the segments are described elsewhere, and not yet read
 * @reserved: its pages are of the disk's reserve
 * @nr_segments: elements of @seg
 * @indirect_gref: page that does so
 * @room: how many elements @seg has, and how many the array of struct bio_vec
 *	that follows it
 * @bio: the I/O
 * @seg: segments; none has a page if they could not be read
 */
struct blkback_request {
	struct list_head list;
	struct blkback_queue *queue;
	u64 id;
	sector_t sector;
	u64 nr_sectors;
	enum blkback_kind kind;
	u8 operation;
	blk_status_t status;
	bool indirect;
	bool reserved;
	unsigned int nr_segments;
	grant_ref_t indirect_gref;
	unsigned int room;
	struct bio bio;
	struct blkback_segment seg[];
};

/**
 * struct blkback_batch - what is needed to start, and end, some requests
 * @requests: those to be started
 * @nr_segments: of all of them
 * @nr_unmaps: elements of @unmap and @page in use, while requests are ended
 * @descriptions: a page for copies of what describes indirect segments
 * @page: where @map and @unmap map to
 * @copy: copies into @descriptions
 * @map: mappings
 * @unmap: ends of mappings
 */
struct blkback_batch {
	struct list_head requests;
	unsigned int nr_segments;
	unsigned int nr_unmaps;
	struct blkif_request_segment *descriptions;
	struct page *page[BLKBACK_BATCH_SEGMENTS];
	union {
		struct gnttab_copy copy[BLKBACK_RING_SIZE];
		struct gnttab_map_grant_ref map[BLKBACK_BATCH_SEGMENTS];
		struct gnttab_unmap_grant_ref unmap[BLKBACK_BATCH_SEGMENTS];
	};
};

/* What is counted; vbd.c has the names. */
enum blkback_stat {
	BLKBACK_STAT_READS,
	BLKBACK_STAT_WRITES,
	BLKBACK_STAT_BARRIERS,
	BLKBACK_STAT_FLUSHES,
	BLKBACK_STAT_DISCARDS,
	BLKBACK_STAT_READ_SECTORS,
	BLKBACK_STAT_WRITE_SECTORS,
	BLKBACK_STAT_ERRORS,	/* requests that were answered with an error */
	BLKBACK_STAT_STARVED,	/* times that there was no room for mappings */
	BLKBACK_STAT_MAPS,	/* hypercalls that map pages */
	BLKBACK_STAT_UNMAPS,	/* hypercalls that unmap them */
	BLKBACK_NR_STATS
};

/**
 * struct blkback_stats - counters of a queue; outlive its connections
 * @syncp: for readers on 32-bit CPUs
 * @count: by enum blkback_stat
 */
struct blkback_stats {
	struct u64_stats_sync syncp;
	u64_stats_t count[BLKBACK_NR_STATS];
};

/* Bits of blkback_queue.flags, which any context sets. */
#define BLKBACK_EVENT		0	/* an event came and waits for its EOI */
#define BLKBACK_STOPPED		1	/* the connection ends, or there is none */

/**
 * struct blkback_queue - a queue of a vbd
 * @bb: the vbd
 * @id: its number
 * @work: the pass
 * @later: has a pass look again after a while
 * @flags: BLKBACK_*
 * @done_lock: protects @done, @taking, and the work item from being queued after a
 *	request was taken from there; any context
 * @done: requests whose I/O has ended
 * @taking: a pass starts requests, and will look at @done after that
 * @ch: event channel
 * @map: page of the ring
 * @name: of the interrupt
 * @protocol: NOXS_VBD_PROTOCOL_*, layout of the ring
 * @sring: the ring, shared
 * @req_cons: requests taken
 * @rsp_prod: responses made
 * @rsp_pushed: of these, those that the guest knows of
 * @event: an event waits for its EOI
 * @worked: there were new requests since the last EOI
 * @persistent: grants stay mapped
 * @waiting: requests that Xen had no room for; nothing of them is mapped
 * @held: requests that are done, but whose pages somebody still looks at
 * @spare: requests that aren't in use, with room for those that aren't indirect; no
 *	more than there are in a ring
 * @nr_requests: requests under way; read by anybody
 * @nr_segments: their segments
 * @last_used: jiffies when there was a request last
 * @limited: until when the vbd's limit has this pass wait, or 0; in nanoseconds
 * @batch: NULL until there is I/O
 * @pages: pages to map to
 * @grants: struct blkback_grant by gref
 * @lru: the same by time of last use
 * @nr_grants: how many there are; read by anybody
 * @keeping: in the list of those that keep pages mapped; budget.c's
 * @starved: in a list of those that wait for room, until it is woken; budget.c's
 * @starved_in: the list, until it has all the room that it needs
 * @stats: counters
 */
struct blkback_queue {
	struct blkback *bb;
	unsigned int id;
	struct work_struct work;
	struct delayed_work later;
	unsigned long flags;
	spinlock_t done_lock;	/* see above */
	struct list_head done;
	bool taking;
	struct noxs_channel ch;
	struct noxs_map map;
	char name[32];
	u32 protocol;
	struct blkif_sring *sring;
	RING_IDX req_cons;
	RING_IDX rsp_prod;
	RING_IDX rsp_pushed;
	bool event;
	bool worked;
	bool persistent;
	struct list_head waiting;
	struct list_head held;
	struct list_head spare;
	unsigned int nr_requests;
	unsigned int nr_segments;
	unsigned long last_used;
	u64 limited;
	struct blkback_batch *batch;
	struct gnttab_page_cache pages;
	struct rb_root grants;
	struct list_head lru;
	unsigned int nr_grants;
	struct list_head keeping;
	struct list_head starved;
	struct list_head *starved_in;
	struct blkback_stats stats;
};

/**
 * struct blkback - a vbd
 * @ndev: its device on the noxs bus
 * @budget: what the guest's disks may map
 * @reserve: pages that requests under way may map besides
 * @starved: queues that wait for either; budget.c's
 * @file: the block device, opened exclusively
 * @bdev: the block device
 * @offer: what is offered, but for its @sectors
 * @features: NOXS_VBD_F_* that are offered
 * @sectors: size that was offered last; any context
 * @dead: the block device is gone; any context
 * @broken: the guest did what it must not; set until the next connection
 * @nr_queues: queues of the connection
 * @readers: in the list of those that only read
 * @limit_lock: protects @limit, but for what it was set to; process
 * @limit: of all queues, over all connections
 * @drained: woken by a queue that was stopped and has no requests any more
 * @queue: @offer.max_queues queues
 */
struct blkback {
	struct noxs_device *ndev;
	struct blkback_budget *budget;
	atomic_t reserve;
	struct list_head starved;
	struct file *file;
	struct block_device *bdev;
	struct noxs_vbd_backend offer;
	u32 features;
	sector_t sectors;
	bool dead;
	bool broken;
	unsigned int nr_queues;
	struct list_head readers;
	spinlock_t limit_lock;	/* see above */
	struct blkback_limit limit;
	wait_queue_head_t drained;
	struct blkback_queue queue[];
};

/* Stops the data path of a vbd at once; noxs_core disconnects it later. */
#define blkback_fatal(bb, err, fmt, ...) do {				\
	struct blkback *__bb = (bb);					\
									\
	if (!xchg(&__bb->broken, true))					\
		noxs_dev_fatal(__bb->ndev, err, fmt, ##__VA_ARGS__);	\
} while (0)

/* True if the ring is to be left alone. */
static inline bool blkback_is_stopped(const struct blkback_queue *queue)
{
	return test_bit(BLKBACK_STOPPED, &queue->flags) ||
	       READ_ONCE(queue->bb->broken);
}

/* True if there are requests that Xen had no room for, and that still matter. */
static inline bool blkback_has_waiting(const struct blkback_queue *queue)
{
	return !list_empty(&queue->waiting) && !blkback_is_stopped(queue);
}

static inline void blkback_count(struct blkback_queue *queue,
				 enum blkback_stat stat, u64 n)
{
	u64_stats_update_begin(&queue->stats.syncp);
	u64_stats_add(&queue->stats.count[stat], n);
	u64_stats_update_end(&queue->stats.syncp);
}

/* main.c */
extern unsigned int blkback_max_persistent_grants;
extern unsigned int blkback_max_persistent_mappings;
extern unsigned int blkback_max_mappings;
extern struct workqueue_struct *blkback_wq;

/* connect.c */
extern struct noxs_driver blkback_driver;

/* vbd.c */
extern const struct attribute_group *blkback_groups[];
struct blkback *blkback_vbd_create(struct noxs_device *ndev);
void blkback_vbd_destroy(struct blkback *bb);
void blkback_vbd_offer(struct blkback *bb, struct noxs_half *own);
int blkback_vbd_sync(struct blkback *bb);
void blkback_vbd_poll(struct blkback *bb);

/* budget.c */
struct blkback_budget *blkback_budget_get(domid_t domid);
void blkback_budget_put(struct blkback_budget *budget);
bool blkback_budget_take(struct blkback_queue *queue, unsigned int nr,
			 bool *reserved);
void blkback_budget_give(struct blkback *bb, unsigned int nr, bool reserved);
bool blkback_budget_keep(struct blkback_queue *queue);
void blkback_budget_unkeep(struct blkback_queue *queue);
void blkback_keeping_begin(struct blkback_queue *queue);
void blkback_keeping_end(struct blkback_queue *queue);
bool blkback_is_short(void);
void blkback_starved_begin(struct blkback_queue *queue, struct list_head *list);
void blkback_starved_end(struct blkback_queue *queue);
void blkback_starved_wake(struct blkback *bb);

/* queue.c */
void blkback_queue_run(struct blkback_queue *queue);
void blkback_queue_init(struct blkback *bb, unsigned int id);
int blkback_queue_connect(struct blkback_queue *queue,
			  const struct noxs_vbd_queue *fe, u32 protocol);
void blkback_queue_stop(struct blkback_queue *queue);
void blkback_queue_disconnect(struct blkback_queue *queue);

/* ring.c */
unsigned int blkback_ring_avail(struct blkback_queue *queue);
void blkback_ring_read(const struct blkback_queue *queue,
		       struct blkif_request *raw);
void blkback_ring_respond(struct blkback_queue *queue, u64 id, u8 operation,
			  int err);
void blkback_ring_push(struct blkback_queue *queue);
bool blkback_ring_is_empty(struct blkback_queue *queue);

/* request.c */
bool blkback_requests_take(struct blkback_queue *queue, unsigned int nr);
bool blkback_requests_finish(struct blkback_queue *queue);
void blkback_requests_free(struct blkback_queue *queue);

/* grant.c */
int blkback_pages_reserve(struct blkback_queue *queue, unsigned int nr);
void blkback_copy(struct blkback_queue *queue);
void blkback_map(struct blkback_queue *queue);
bool blkback_is_in_use(const struct blkback_request *req);
void blkback_unmap(struct blkback_queue *queue, struct blkback_request *req);
void blkback_unmap_flush(struct blkback_queue *queue);
void blkback_grants_expire(struct blkback_queue *queue, unsigned long age);

#endif /* _BLKBACK_H */
