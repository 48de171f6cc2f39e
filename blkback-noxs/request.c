// SPDX-License-Identifier: GPL-2.0
/*
 * Requests: from the ring to the block device, and back to an answer.
 *
 * All of this is part of a pass (queue.c), which may sleep, but for the end of a
 * bio, which any context may report. A request that fails on its way, for a grant
 * that Xen refuses or a segment that is none, is answered with an error and
 * disturbs no other.
 *
 * When memory is short, or the guest has as much mapped as it may, requests wait in
 * the ring, where they cost nothing. Xen says only when they are to be mapped that it
 * has no room for that, which is nobody's fault, or any other guest's: then they wait
 * with nothing mapped, and none is taken after them.
 */
#include <linux/bio.h>
#include <linux/gfp.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/slab.h>

#include "blkback.h"

static bool batch_alloc(struct blkback_queue *queue)
{
	struct blkback_batch *batch;

	batch = kvmalloc(sizeof(*batch), GFP_NOIO | __GFP_NOWARN);
	if (!batch)
		return false;

	INIT_LIST_HEAD(&batch->requests);
	batch->nr_segments = 0;
	batch->nr_unmaps = 0;
	batch->descriptions = NULL;
	queue->batch = batch;
	return true;
}

/**
 * blkback_requests_free() - free all that is kept for requests to come
 * @queue: a queue without requests
 *
 * Fails, and keeps the batch, if somebody still looks at a persistent grant.
 */
void blkback_requests_free(struct blkback_queue *queue)
{
	struct blkback_request *req, *next;

	if (!queue->batch)
		return;
	blkback_grants_expire(queue, 0);
	gnttab_page_cache_shrink(&queue->pages, 0);
	if (queue->nr_grants)
		return;

	list_for_each_entry_safe(req, next, &queue->spare, list)
		kfree(req);
	INIT_LIST_HEAD(&queue->spare);
	free_page((unsigned long)queue->batch->descriptions);
	kvfree(queue->batch);
	queue->batch = NULL;
}

/* The end of a request's I/O. Any context. */
static void request_end_io(struct bio *bio)
{
	struct blkback_request *req = container_of(bio, struct blkback_request,
						   bio);
	struct blkback_queue *queue = req->queue;
	unsigned long flags;

	req->status = bio->bi_status;
	bio_uninit(bio);

	/* Who takes the request from there may free all; so queue it inside. */
	spin_lock_irqsave(&queue->done_lock, flags);
	list_add_tail(&req->list, &queue->done);
	/* A pass looks there without the lock, when it has begun. */
	if (list_is_singular(&queue->done) && !queue->taking)
		blkback_queue_run(queue);
	spin_unlock_irqrestore(&queue->done_lock, flags);
}

static blk_opf_t request_opf(const struct blkback_request *req)
{
	switch (req->kind) {
	case BLKBACK_READ:
		return REQ_OP_READ;
	case BLKBACK_WRITE:
		return REQ_OP_WRITE | REQ_SYNC | REQ_IDLE;
	case BLKBACK_BARRIER:
		return REQ_OP_WRITE | REQ_SYNC | REQ_FUA;
	case BLKBACK_FLUSH:
		return REQ_OP_WRITE | REQ_SYNC | REQ_PREFLUSH;
	case BLKBACK_DISCARD:
		return REQ_OP_DISCARD;
	case BLKBACK_SECURE_ERASE:
		return REQ_OP_SECURE_ERASE;
	}
	return REQ_OP_READ;
}

static void submit_request(struct blkback_request *req)
{
	struct bio_vec *vecs = (struct bio_vec *)&req->seg[req->room];
	struct blkback_segment *seg;
	struct bio *bio = &req->bio;
	unsigned int i;

	bio_init(bio, req->queue->bb->bdev, vecs, req->nr_segments,
		 request_opf(req));
	bio->bi_iter.bi_sector = req->sector;
	bio->bi_end_io = request_end_io;
	/* Pages of different segments are hardly ever side by side for the device. */
	for (i = 0; i < req->nr_segments; i++) {
		seg = &req->seg[i];
		__bio_add_page(bio, seg->page, seg->nr_sects << SECTOR_SHIFT,
			       seg->first_sect << SECTOR_SHIFT);
	}
	if (!req->nr_segments)
		bio->bi_iter.bi_size = req->nr_sectors << SECTOR_SHIFT;
	submit_bio(bio);
}

static void count_request(struct blkback_queue *queue,
			  const struct blkback_request *req)
{
	static const enum blkback_stat stat_of[] = {
		[BLKBACK_READ] = BLKBACK_STAT_READS,
		[BLKBACK_WRITE] = BLKBACK_STAT_WRITES,
		[BLKBACK_BARRIER] = BLKBACK_STAT_BARRIERS,
		[BLKBACK_FLUSH] = BLKBACK_STAT_FLUSHES,
		[BLKBACK_DISCARD] = BLKBACK_STAT_DISCARDS,
		[BLKBACK_SECURE_ERASE] = BLKBACK_STAT_DISCARDS,
	};

	blkback_count(queue, stat_of[req->kind], 1);
	if (req->kind == BLKBACK_READ)
		blkback_count(queue, BLKBACK_STAT_READ_SECTORS,
			      req->nr_sectors);
	else if (req->nr_segments)
		blkback_count(queue, BLKBACK_STAT_WRITE_SECTORS,
			      req->nr_sectors);
}

static void set_segments(struct blkback_request *req,
			 const struct blkif_request_segment *from)
{
	struct blkback_segment *seg;
	unsigned int i;

	for (i = 0; i < req->nr_segments; i++) {
		seg = &req->seg[i];
		seg->gref = from[i].gref;
		seg->first_sect = from[i].first_sect;
		seg->nr_sects = from[i].last_sect - from[i].first_sect + 1;
	}
}

/* Get the segments of indirect requests, which nobody has looked at yet. */
static void read_segments(struct blkback_queue *queue,
			  const struct blkback_limits *lim)
{
	const struct blkif_request_segment *from = queue->batch->descriptions;
	struct blkback_request *req;

	blkback_copy(queue);
	list_for_each_entry(req, &queue->batch->requests, list) {
		if (!req->indirect)
			continue;
		if (!req->status &&
		    blkback_check_segments(from, req->nr_segments, req->sector,
					   lim, &req->nr_sectors))
			req->status = BLK_STS_IOERR;
		if (!req->status)
			set_segments(req, from);
		from += req->nr_segments;
		req->indirect = false;
	}
}

static void request_free(struct blkback_queue *queue,
			 struct blkback_request *req)
{
	list_del(&req->list);
	if (req->room == BLKIF_MAX_SEGMENTS_PER_REQUEST)
		list_add(&req->list, &queue->spare);
	else
		kfree(req);
}

/* Answer requests, which nothing in the host needs any more. Returns whether it could. */
static bool end_requests(struct blkback_queue *queue, struct list_head *list)
{
	struct blkback_request *req, *next;
	bool any = false;

	list_for_each_entry_safe(req, next, list, list) {
		if (blkback_is_in_use(req))
			list_move_tail(&req->list, &queue->held);
		else
			blkback_unmap(queue, req);
	}
	blkback_unmap_flush(queue);

	list_for_each_entry_safe(req, next, list, list) {
		queue->nr_segments -= req->nr_segments;
		blkback_budget_give(queue->bb, req->nr_segments, req->reserved);
		WRITE_ONCE(queue->nr_requests, queue->nr_requests - 1);
		blkback_ring_respond(queue, req->id, req->operation,
				     blk_status_to_errno(req->status));
		request_free(queue, req);
		any = true;
	}
	if (any)
		blkback_starved_wake(queue->bb);
	return any;
}

/* What waits holds nothing that others may wait for. */
static void unmap_waiting(struct blkback_queue *queue)
{
	struct blkback_request *req;

	if (list_empty(&queue->waiting))
		return;
	list_for_each_entry(req, &queue->waiting, list) {
		blkback_unmap(queue, req);
		req->status = BLK_STS_OK;
	}
	blkback_unmap_flush(queue);
	blkback_starved_begin(queue, NULL);
	blkback_grants_expire(queue, 0);
}

/* What a discard names is neither read nor written. */
static void take_from_limit(struct blkback *bb,
			    const struct blkback_request *req)
{
	u32 octets = req->nr_segments ? req->nr_sectors << SECTOR_SHIFT : 0;

	if (likely(!blkback_limit_is_set(&bb->limit)))
		return;

	spin_lock(&bb->limit_lock);
	blkback_limit_take(&bb->limit, octets, ktime_get_ns());
	spin_unlock(&bb->limit_lock);
}

/* Map and submit all requests of the batch, after which it is empty. */
static void batch_start(struct blkback_queue *queue,
			const struct blkback_limits *lim)
{
	struct blkback_batch *batch = queue->batch;
	struct blkback_request *req, *next;
	LIST_HEAD(failed);

	read_segments(queue, lim);
	blkback_map(queue);
	list_for_each_entry_safe(req, next, &batch->requests, list) {
		if (req->status == BLK_STS_RESOURCE) {
			list_move_tail(&req->list, &queue->waiting);
			continue;
		}
		count_request(queue, req);
		take_from_limit(queue->bb, req);
		if (req->status) {
			list_move_tail(&req->list, &failed);
			continue;
		}
		list_del(&req->list);
		submit_request(req);
	}
	batch->nr_segments = 0;
	end_requests(queue, &failed);
	unmap_waiting(queue);
}

/* Start what waits, if there is room for it now. Returns false if not for all. */
static bool start_waiting(struct blkback_queue *queue,
			  const struct blkback_limits *lim)
{
	struct blkback_batch *batch = queue->batch;
	struct blkback_request *req;
	unsigned int nr = 0;

	/* They are what was in one batch. */
	list_for_each_entry(req, &queue->waiting, list)
		nr += req->nr_segments;
	if (!nr)
		return true;
	if (blkback_pages_reserve(queue, nr))
		return false;

	list_splice_init(&queue->waiting, &batch->requests);
	batch->nr_segments = nr;
	batch_start(queue, lim);
	return list_empty(&queue->waiting);
}

/* Of what it returns no segment is mapped, nor may ever be. */
static struct blkback_request *request_alloc(struct blkback_queue *queue,
					     unsigned int room)
{
	struct blkback_request *req;

	room = max_t(unsigned int, room, BLKIF_MAX_SEGMENTS_PER_REQUEST);
	if (room == BLKIF_MAX_SEGMENTS_PER_REQUEST &&
	    !list_empty(&queue->spare)) {
		req = list_first_entry(&queue->spare, struct blkback_request,
				       list);
		list_del(&req->list);
		return req;
	}

	req = kzalloc(size_add(struct_size(req, seg, room),
			       array_size(room, sizeof(struct bio_vec))),
		      GFP_NOIO | __GFP_NOWARN);
	if (req)
		req->room = room;
	return req;
}

static struct blkback_request *request_create(struct blkback_queue *queue,
					      const struct blkback_op *op)
{
	struct blkback_request *req = request_alloc(queue, op->nr_segments);

	if (!req)
		return NULL;

	req->status = BLK_STS_OK;
	req->queue = queue;
	req->id = op->id;
	req->sector = op->sector;
	req->nr_sectors = op->nr_sectors;
	req->kind = op->kind;
	req->operation = op->operation;
	req->indirect = op->indirect;
	req->nr_segments = op->nr_segments;
	req->indirect_gref = op->indirect_gref;
	if (!op->indirect)
		set_segments(req, op->seg);
	return req;
}

/* Whether another request may be started; if not, the pass knows until when to wait. */
static bool is_allowed(struct blkback_queue *queue)
{
	struct blkback *bb = queue->bb;

	if (likely(!blkback_limit_is_set(&bb->limit)))
		return true;

	spin_lock(&bb->limit_lock);
	queue->limited = blkback_limit_wait(&bb->limit, ktime_get_ns());
	spin_unlock(&bb->limit_lock);
	return !queue->limited;
}

/* Returns false if the request has to wait. */
static bool batch_add(struct blkback_queue *queue, const struct blkback_op *op,
		      const struct blkback_limits *lim)
{
	struct blkback_batch *batch = queue->batch;
	struct blkback_request *req;
	bool reserved;

	if (batch->nr_segments + op->nr_segments > BLKBACK_BATCH_SEGMENTS)
		batch_start(queue, lim);
	if (!list_empty(&queue->waiting))
		return false;

	if (queue->nr_segments + op->nr_segments > BLKBACK_QUEUE_SEGMENTS)
		return false;
	if (op->indirect && !batch->descriptions) {
		batch->descriptions = (void *)__get_free_page(GFP_NOIO |
							      __GFP_NOWARN);
		if (!batch->descriptions)
			return false;
	}
	if (blkback_pages_reserve(queue, batch->nr_segments + op->nr_segments))
		return false;
	if (!blkback_budget_take(queue, op->nr_segments, &reserved))
		return false;
	req = request_create(queue, op);
	if (!req) {
		blkback_budget_give(queue->bb, op->nr_segments, reserved);
		return false;
	}
	req->reserved = reserved;

	list_add_tail(&req->list, &batch->requests);
	batch->nr_segments += op->nr_segments;
	queue->nr_segments += op->nr_segments;
	WRITE_ONCE(queue->nr_requests, queue->nr_requests + 1);
	return true;
}

static void get_limits(const struct blkback *bb, struct blkback_limits *lim)
{
	lim->sectors = bdev_nr_sectors(bb->bdev);
	lim->sector_size = bdev_logical_block_size(bb->bdev);
	lim->max_segments = BLKBACK_MAX_SEGMENTS;
	lim->max_discard_sectors = bb->offer.max_discard_sectors;
	lim->features = bb->ndev->features;
	lim->readonly = bb->offer.info & NOXS_VBD_INFO_READONLY ||
			bdev_read_only(bb->bdev);
}

/**
 * blkback_requests_take() - start requests of the ring
 * @queue: the queue
 * @nr: how many wait there
 *
 * Those that were taken before, and wait, come first. What ends from here on waits for
 * blkback_requests_finish(), which has to follow.
 *
 * Return: true if all were started; false if some have to wait, until @queue->limited if
 * that isn't 0; else until others are done, or for memory if there are none
 */
bool blkback_requests_take(struct blkback_queue *queue, unsigned int nr)
{
	struct blkback_limits lim;
	struct blkif_request raw;
	struct blkback_op op;
	struct blk_plug plug;
	int err;

	queue->last_used = jiffies;
	if (!queue->batch && !batch_alloc(queue))
		return false;
	blkback_vbd_poll(queue->bb);
	get_limits(queue->bb, &lim);
	spin_lock_irq(&queue->done_lock);
	queue->taking = true;
	spin_unlock_irq(&queue->done_lock);

	blk_start_plug(&plug);
	if (!start_waiting(queue, &lim))
		goto out_finish_plug;
	for (; nr && is_allowed(queue); nr--) {
		blkback_ring_read(queue, &raw);
		err = blkback_check_request(&raw, &lim, &op);
		if (!err) {
			if (!batch_add(queue, &op, &lim))
				break;
			queue->worked = true;
			/* What it reads or writes is known then. */
			if (unlikely(blkback_limit_is_set(&queue->bb->limit)))
				batch_start(queue, &lim);
		}
		queue->req_cons++;
		if (err)
			blkback_ring_respond(queue, op.id, op.operation, err);
	}
	batch_start(queue, &lim);

out_finish_plug:
	blk_finish_plug(&plug);
	return !nr && list_empty(&queue->waiting);
}

/**
 * blkback_requests_finish() - answer the requests that are done
 * @queue: the queue
 *
 * Return: whether there were any
 */
bool blkback_requests_finish(struct blkback_queue *queue)
{
	LIST_HEAD(done);
	bool any = false;

	if (!queue->batch)
		return false;
	if (!queue->taking && list_empty(&queue->held) &&
	    list_empty_careful(&queue->done) && !blkback_is_stopped(queue))
		goto out_expire;

	list_splice_init(&queue->held, &done);
	if (blkback_is_stopped(queue))
		list_splice_init(&queue->waiting, &done);
	spin_lock_irq(&queue->done_lock);
	list_splice_tail_init(&queue->done, &done);
	queue->taking = false;
	spin_unlock_irq(&queue->done_lock);

	any = end_requests(queue, &done);

out_expire:
	blkback_grants_expire(queue, blkback_is_short() ? 0 : BLKBACK_IDLE);
	return any;
}
