/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of the block frontend share.
 *
 * A struct blkfront is a disk, made at probe and freed at remove, with all
 * queues that there may be. Only what a connection needs, rings, grants and
 * event channels, comes and goes within them. So statistics and the block layer
 * never look at memory that a disconnect frees.
 *
 * Nobody waits for the backend, and nothing waits for ever. While there is no
 * backend, the block layer's queue is quiesced: requests stay there, also those
 * that the backend had and didn't answer, which are sent again to the next one.
 * What it still maps is held until it lets go (held.c).
 * If none comes in time, or the backend says that its end was an error, requests
 * fail until one does. When the backend is broken or the device goes, they fail
 * for good.
 *
 * Files call only those that come later here: connect, dying, request, disk, ring,
 * held, again, check.
 *
 * Contexts and locks, outermost first:
 *
 *  - the core's lock of the device: connect.c's operations, one at a time
 *  - blkfront.limits_lock: process; who applies limits to the block layer's queue
 *  - blkfront.lock: process; @state and what belongs to it. May be held to
 *    quiesce the queue, but not to wait for I/O.
 *  - blkfront_queue.lock: any context, interrupts off: the ring
 *  - blkfront.bios_lock: any context, interrupts off
 *  - openers_lock (disk.c): process; how often each disk is open
 *  - named_lock (disk.c): process; which names are taken
 *
 * What waits for I/O, as adding a disk does when it reads the partitions, is in
 * work items of its own: with the core's lock held nobody could say that the
 * backend is gone.
 */
#ifndef _BLKFRONT_H
#define _BLKFRONT_H

#include <linux/bio.h>
#include <linux/blk-mq.h>
#include <linux/interrupt.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/workqueue.h>
#include <xen/interface/io/blkif.h>
#include <xen/noxs.h>
#include <xen/page.h>

#include "../compat/blk.h"
#include "check.h"

/* A segment is within a page of Xen's, and of ours. */
static_assert(XEN_PAGE_SIZE == PAGE_SIZE);

#define BLKFRONT_NAME		"nxd"

/* Of each disk, in the major of its own; further partitions use another. */
#define BLKFRONT_MINORS		16U

static_assert((NOXS_MAX_DEV_ID + 1) * BLKFRONT_MINORS <= 1U << MINORBITS);

/* The ring is one page. There are as many ids, and tags of the block layer. */
#define BLKFRONT_RING_SIZE	32U

static_assert(__CONST_RING_SIZE(blkif, XEN_PAGE_SIZE) == BLKFRONT_RING_SIZE);

#define BLKFRONT_MIN_SEGMENTS	((unsigned int)BLKIF_MAX_SEGMENTS_PER_REQUEST)

/* One page describes that many, and a pool of grants has room for two. */
#define BLKFRONT_MAX_SEGMENTS	256U

static_assert(BLKFRONT_MAX_SEGMENTS * sizeof(struct blkif_request_segment) <=
	      XEN_PAGE_SIZE);

/*
 * Pages of a queue that the backend can have at one time: 2 MiB keep it busy
 * enough, and their grants are one frame of Xen's.
 */
#define BLKFRONT_MAX_GRANTS	512U

static_assert(BLKFRONT_MAX_GRANTS >= BLKFRONT_MAX_SEGMENTS);

/* So many are added to them at a time. */
#define BLKFRONT_GROW_GRANTS	32U

/*
 * That many grants are left to others then, so that a device that comes later finds
 * what it needs: an interface with one queue, 586.
 */
#define BLKFRONT_SPARE_GRANTS	640U

/* A request without an answer is reported once in that many seconds. */
#define BLKFRONT_REPORT_SECS	30U

/*
 * How long pages stay granted that nobody needs, at least, and at most twice that. Our
 * backend unmaps them after 10 s.
 */
#define BLKFRONT_IDLE		(15 * HZ)

struct blkfront;

/**
 * enum blkfront_state - what happens to I/O
 * @BLKFRONT_WAIT: it waits for a backend; the block layer's queue is quiesced
 * @BLKFRONT_UP: it goes to the backend
 * @BLKFRONT_FAIL: it fails until a backend comes
 * @BLKFRONT_DEAD: it fails for good
 */
enum blkfront_state {
	BLKFRONT_WAIT,
	BLKFRONT_UP,
	BLKFRONT_FAIL,
	BLKFRONT_DEAD,
};

/**
 * struct blkfront_request - what we keep of each of the block layer's requests
 * @queue: where the backend has it; @id and @op are valid then
 * @connection: blkfront.connection when the data of a FUA write was written
 * @timeouts: how many times it took longer than it should
 * @id: its slot
 * @op: BLKIF_OP_* that the backend was asked for, READ or WRITE if indirect
 * @written: the data of a FUA write is written, and only a flush is missing
 */
struct blkfront_request {
	struct blkfront_queue *queue;
	u32 connection;
	unsigned int timeouts;
	u8 id;
	u8 op;
	bool written;
};

/**
 * struct blkfront_slot - a request that the backend may have
 * @list: in the queue's @free or @busy, or in the list of those that are held
 * @rq: the request; NULL if the slot is free
 * @indirect: page with the description of its segments; NULL if there is none
 * @bounce: pages that its data are copied through, instead of being granted
 * @bf: of what is held: its disk; NULL once that has no device any more
 * @disk: of what is held: a reference of it
 * @bios: of what is held: the I/O
 * @status: the backend's, once the request is on its way to completion
 * @id: the request's
 * @nr_bounce: how many pages @bounce has
 * @nr_grefs: how many elements of @gref are used
 * @gref: grant references of its segments, max_segments of them
 */
struct blkfront_slot {
	struct list_head list;
	struct request *rq;
	struct page *indirect;
	struct list_head bounce;
	struct blkfront *bf;
	struct gendisk *disk;
	struct bio_list bios;
	s16 status;
	u8 id;
	unsigned int nr_bounce;
	unsigned int nr_grefs;
	grant_ref_t gref[];
};

/**
 * struct blkfront_queue - a ring
 * @bf: the disk
 * @id: number of the queue
 * @ch: event channel
 * @name: of its interrupt
 * @page: the ring's page
 * @lock: protects the members below; any context, interrupts off
 * @up: there is a ring
 * @stopped: the block layer waits until a request has been completed
 * @ring: our end of the ring
 * @pushed: up to where the backend has been shown requests
 * @op: operation of the request in each slot, BLKFRONT_OP_NONE when the backend
 *	has none or has answered it
 * @slot: all slots, by id; those that are held belong to nobody
 * @free: slots that are free, last used first
 * @busy: the others, in the order in which they were sent
 * @max_segments: of a request
 * @pool: grant references that are free
 * @nr_pool: how many of them
 * @nr_grants: references that came from @pool
 * @max_grants: how many may ever do
 * @indirect: pages for descriptions that are free; they stay granted, read-only
 * @nr_indirect: how many there are, used or not; no more than there are slots
 * @bounce: pages for data that are free, last used first; they stay granted
 * @nr_bounce: how many they are
 * @least_bounce: how few they have been since @idle ran
 * @idle: frees pages that nobody has needed for a while; pending only if there are more
 *	than the largest request needs
 */
struct blkfront_queue {
	struct blkfront *bf;
	unsigned int id;
	struct noxs_channel ch;
	char name[32];
	struct noxs_grant page;
	spinlock_t lock;	/* protects what its kernel-doc says */
	bool up;
	bool stopped;
	struct blkif_front_ring ring;
	RING_IDX pushed;
	u8 op[BLKFRONT_RING_SIZE];
	struct blkfront_slot *slot[BLKFRONT_RING_SIZE];
	struct list_head free;
	struct list_head busy;
	unsigned int max_segments;
	grant_ref_t pool;
	unsigned int nr_pool;
	unsigned int nr_grants;
	unsigned int max_grants;
	struct list_head indirect;
	unsigned int nr_indirect;
	struct list_head bounce;
	unsigned int nr_bounce;
	unsigned int least_bounce;
	struct delayed_work idle;
} ____cacheline_aligned_in_smp;

/**
 * enum blkfront_stat - what is counted; disk.c has the names
 * @BLKFRONT_ERRORS: requests that failed
 * @BLKFRONT_REQUEUES: requests that were sent again
 * @BLKFRONT_TIMEOUTS: times a request took longer than it should
 * @BLKFRONT_NR_STATS: number of the above
 */
enum blkfront_stat {
	BLKFRONT_ERRORS,
	BLKFRONT_REQUEUES,
	BLKFRONT_TIMEOUTS,
	BLKFRONT_NR_STATS
};

/**
 * struct blkfront - a disk
 * @ndev: the device; gone when the disk is in @dying
 * @id: its number
 * @named: in the list of disks that have a name; see disk.c
 * @dying: in the list of disks without device
 * @dying_work: ends those
 * @disk: the disk; NULL until there was a backend to tell its geometry. @added
 *	and what is needed before that belong to @disk_work.
 * @tags: its queues, of which there are as many as at the first connect
 * @added: users can see it
 * @openers: how often it is open; see disk.c
 * @readonly: it was made read-only, as the backend said
 * @sector_size: its logical block size, which never changes
 * @disk_work: shows users what the backend says of the disk
 * @limits: as last applied; under @limits_lock
 * @limits_lock: serialises who applies them; process context
 * @lock: protects the members below up to @deadline; process context. @state
 *	changes only while the block layer's queue is quiesced.
 * @state: what happens to I/O
 * @be: what the backend said last; all but its sectors changes only while there
 *	is no I/O
 * @expire: fails I/O at @deadline
 * @deadline: in jiffies
 * @connection: number of the connection; changes while there is no I/O
 * @bounce: all data are copied; likewise
 * @max_segments: of a request; likewise
 * @nr_queues: queues of this connection; likewise
 * @features: NOXS_VBD_F_* that are accepted and haven't failed
 * @broken: bit 0: the backend broke the protocol; nothing it says counts
 * @bios: I/O that is to be submitted again, and split anew
 * @bios_lock: protects @bios; any context, interrupts off
 * @bios_work: does that
 * @stat: counters, by enum blkfront_stat
 * @max_queues: size of @queue
 * @queue: the queues
 */
struct blkfront {
	struct noxs_device *ndev;
	u32 id;
	struct list_head named;
	struct list_head dying;
	struct work_struct dying_work;
	struct gendisk *disk;
	struct blk_mq_tag_set tags;
	bool added;
	unsigned int openers;
	bool readonly;
	unsigned int sector_size;
	struct work_struct disk_work;
	struct noxs_blk_limits limits;
	struct mutex limits_lock;	/* see above */
	struct mutex lock;		/* see above */
	enum blkfront_state state;
	struct noxs_vbd_backend be;
	struct delayed_work expire;
	unsigned long deadline;
	u32 connection;
	bool bounce;
	unsigned int max_segments;
	unsigned int nr_queues;
	atomic_t features;
	unsigned long broken;
	struct bio_list bios;
	spinlock_t bios_lock;		/* see above */
	struct work_struct bios_work;
	atomic_long_t stat[BLKFRONT_NR_STATS];
	unsigned int max_queues;
	struct blkfront_queue queue[];
};

static inline bool blkfront_is_broken(const struct blkfront *bf)
{
	return test_bit(0, &bf->broken);
}

static inline bool blkfront_has(const struct blkfront *bf, u32 feature)
{
	return atomic_read(&bf->features) & feature;
}

static inline void blkfront_count(struct blkfront *bf, enum blkfront_stat stat)
{
	atomic_long_inc(&bf->stat[stat]);
}

/* main.c */
extern unsigned int blkfront_max_queues;
extern unsigned int blkfront_max_segments;
extern bool blkfront_persistent;
extern bool blkfront_trusted;
extern bool blkfront_xvd;
extern unsigned int blkfront_request_timeout;
extern unsigned int blkfront_reconnect_timeout;
extern int blkfront_major;
extern struct workqueue_struct *blkfront_wq;

/* connect.c */
extern struct noxs_driver blkfront_driver;

/* dying.c */
int blkfront_dying_init(void);
void blkfront_dying_stop(void);
void blkfront_dying_exit(void);
void blkfront_bury(struct blkfront *bf);
bool blkfront_is_dying(u32 id);

/* request.c */
extern const struct blk_mq_ops blkfront_mq_ops;
irqreturn_t blkfront_interrupt(int irq, void *arg);
bool blkfront_reap(struct blkfront_queue *queue);
void blkfront_bios_work(struct work_struct *work);

/* disk.c */
extern const struct attribute_group *blkfront_groups[];
int blkfront_disk_create(struct blkfront *bf, unsigned int nr_queues);
void blkfront_disk_forget(struct blkfront *bf);
void blkfront_disk_destroy(struct blkfront *bf);
void blkfront_disk_work(struct work_struct *work);
int blkfront_apply_limits(struct blkfront *bf);

/* ring.c */
void blkfront_break(struct blkfront_queue *queue, int err, const char *why);
int blkfront_ring_create(struct blkfront_queue *queue,
			 unsigned int max_segments);
void blkfront_ring_destroy(struct blkfront_queue *queue, bool requeue);
struct blkfront_slot *blkfront_slot_get(struct blkfront_queue *queue,
					unsigned int nr_segments, bool bounce);
bool blkfront_slot_put(struct blkfront_queue *queue,
		       struct blkfront_slot *slot, int *status);
grant_ref_t blkfront_grant(struct blkfront_queue *queue,
			   struct blkfront_slot *slot, struct page *page,
			   bool readonly);
void blkfront_copy(struct blkfront_slot *slot, bool to_backend);

/* held.c */
void blkfront_held_exit(void);
bool blkfront_slot_end(struct blkfront_slot *slot);
void blkfront_hold(struct blkfront_slot *slot);
unsigned int blkfront_held(const struct blkfront *bf);
bool blkfront_held_forget(const struct blkfront *bf);

/* again.c */
void blkfront_requeue(struct request *rq, bool kick);
void blkfront_end(struct request *rq, blk_status_t status);
void blkfront_steal_bios(struct bio_list *bios, struct request *rq);
void blkfront_submit_bios(struct blkfront *bf, struct bio_list *bios);

#endif /* _BLKFRONT_H */
