// SPDX-License-Identifier: GPL-2.0
/*
 * I/O: from the block layer into the ring, and back when the backend answers,
 * or doesn't.
 *
 * Requests come from the block layer in process context. The interrupt takes
 * the responses from the ring, each read once; the block layer then completes
 * the requests on the CPU that they came from, which gives back what they needed.
 * While a request is being completed, its slot is in use: so the ring stays until
 * all that were answered are completed (connect.c waits for that).
 */
#include <linux/blk-mq.h>
#include <linux/blkdev.h>
#include <linux/interrupt.h>
#include <linux/lockdep.h>
#include <linux/nospec.h>
#include <xen/events.h>
#include <xen/page.h>

#include "blkfront.h"

/* Whether data are to be sent with it, or received. */
static bool has_data(struct request *rq)
{
	struct blkfront_request *req = blk_mq_rq_to_pdu(rq);

	return req_op(rq) == REQ_OP_READ ||
	       (req_op(rq) == REQ_OP_WRITE && !req->written);
}

/*
 * The backend sees all of a page, and what it reads goes where it likes in there.
 * That is a trusted backend's right in pages whose user asked for the I/O, as most
 * are: a file's, or a program's. What is around an object of the kernel's is none of
 * its user's.
 */
static bool has_neighbours(const struct bio_vec *bv)
{
	return bv->bv_len < PAGE_SIZE && PageSlab(bv->bv_page);
}

/*
 * Pages, or parts of pages, that a request has its data in, and whether these can
 * be granted: they are whole sectors in memory, too, as the backend's device may
 * need, and there is nothing of the kernel's beside them.
 */
static unsigned int count_segments(const struct blkfront *bf,
				   struct request *rq, bool *grantable)
{
	unsigned int mask = bf->be.sector_size - 1;
	struct req_iterator iter;
	unsigned int nr = 0;
	struct bio_vec bv;

	*grantable = true;
	rq_for_each_segment(bv, rq, iter) {
		if ((bv.bv_offset | bv.bv_len) & mask || has_neighbours(&bv))
			*grantable = false;
		nr++;
	}
	return nr;
}

/* What to ask the backend for. BLKFRONT_OP_NONE if it can't do it. */
static u8 choose_op(const struct blkfront *bf, struct request *rq,
		    unsigned int nr_segments)
{
	struct blkfront_request *req = blk_mq_rq_to_pdu(rq);

	switch (req_op(rq)) {
	case REQ_OP_READ:
		return BLKIF_OP_READ;
	case REQ_OP_WRITE:
		if (req->written)
			return BLKIF_OP_FLUSH_DISKCACHE;
		/* There is no indirect barrier: a flush follows instead. */
		if (rq->cmd_flags & REQ_FUA &&
		    blkfront_has(bf, NOXS_VBD_F_BARRIER) &&
		    nr_segments <= BLKFRONT_MIN_SEGMENTS)
			return BLKIF_OP_WRITE_BARRIER;
		return BLKIF_OP_WRITE;
	case REQ_OP_FLUSH:
		return BLKIF_OP_FLUSH_DISKCACHE;
	case REQ_OP_DISCARD:
		return blkfront_has(bf, NOXS_VBD_F_DISCARD) ?
			BLKIF_OP_DISCARD : BLKFRONT_OP_NONE;
	case REQ_OP_SECURE_ERASE:
		return blkfront_has(bf, NOXS_VBD_F_SECURE_ERASE) ?
			BLKIF_OP_DISCARD : BLKFRONT_OP_NONE;
	default:
		return BLKFRONT_OP_NONE;
	}
}

static void set_segment(struct blkif_request_segment *seg, grant_ref_t gref,
			unsigned int offset, unsigned int len)
{
	seg->gref = gref;
	seg->first_sect = offset >> SECTOR_SHIFT;
	seg->last_sect = ((offset + len) >> SECTOR_SHIFT) - 1;
}

static void fill_segments(struct blkfront_queue *queue,
			  struct blkfront_slot *slot,
			  struct blkif_request_segment *seg)
{
	bool write = op_is_write(req_op(slot->rq));
	unsigned int len, left = blk_rq_bytes(slot->rq);
	struct req_iterator iter;
	struct bio_vec bv;
	struct page *page;

	if (list_empty(&slot->bounce)) {
		rq_for_each_segment(bv, slot->rq, iter)
			set_segment(seg++, blkfront_grant(queue, slot,
							  bv.bv_page, write),
				    bv.bv_offset, bv.bv_len);
		return;
	}

	if (write)
		blkfront_copy(slot, true);
	list_for_each_entry(page, &slot->bounce, lru) {
		len = min_t(unsigned int, left, PAGE_SIZE);
		set_segment(seg++, page_private(page), 0, len);
		left -= len;
	}
}

static void fill_rw(struct blkfront_queue *queue, struct blkfront_slot *slot,
		    struct blkif_request *ring_req, u8 op,
		    unsigned int nr_segments)
{
	if (!slot->indirect) {
		ring_req->operation = op;
		ring_req->u.rw.nr_segments = nr_segments;
		ring_req->u.rw.handle = queue->bf->ndev->id;
		ring_req->u.rw.sector_number = blk_rq_pos(slot->rq);
		fill_segments(queue, slot, ring_req->u.rw.seg);
		return;
	}

	ring_req->operation = BLKIF_OP_INDIRECT;
	ring_req->u.indirect.indirect_op = op;
	ring_req->u.indirect.nr_segments = nr_segments;
	ring_req->u.indirect.handle = queue->bf->ndev->id;
	ring_req->u.indirect.sector_number = blk_rq_pos(slot->rq);
	ring_req->u.indirect.indirect_grefs[0] = page_private(slot->indirect);
	fill_segments(queue, slot, page_address(slot->indirect));
}

static void fill_discard(struct request *rq, struct blkif_request *ring_req)
{
	ring_req->operation = BLKIF_OP_DISCARD;
	if (req_op(rq) == REQ_OP_SECURE_ERASE)
		ring_req->u.discard.flag = BLKIF_DISCARD_SECURE;
	ring_req->u.discard.sector_number = blk_rq_pos(rq);
	ring_req->u.discard.nr_sectors = blk_rq_sectors(rq);
}

/* Put a request into the ring. What is in the ring is never read back. */
static void fill(struct blkfront_queue *queue, struct blkfront_slot *slot,
		 struct request *rq, u8 op, unsigned int nr_segments)
{
	struct blkfront_request *req = blk_mq_rq_to_pdu(rq);
	struct blkif_request ring_req = {};

	slot->rq = rq;
	switch (op) {
	case BLKIF_OP_DISCARD:
		fill_discard(rq, &ring_req);
		break;
	case BLKIF_OP_FLUSH_DISKCACHE:
		ring_req.operation = op;
		break;
	default:
		fill_rw(queue, slot, &ring_req, op, nr_segments);
		break;
	}

	req->id = slot->id;
	req->op = op;
	/* In the same place for all operations. */
	ring_req.u.other.id = req->id;
	queue->op[req->id] = op;
	list_move_tail(&slot->list, &queue->busy);
	*RING_GET_REQUEST(&queue->ring, queue->ring.req_prod_pvt) = ring_req;
	queue->ring.req_prod_pvt++;
}

static bool push(struct blkfront_queue *queue)
{
	bool notify;

	lockdep_assert_held(&queue->lock);
	queue->pushed = queue->ring.req_prod_pvt;
	RING_PUSH_REQUESTS_AND_CHECK_NOTIFY(&queue->ring, notify);
	return notify;
}

/* Let the backend see what is in the ring, which may be gone. */
static void push_pending(struct blkfront_queue *queue)
{
	unsigned long flags;
	bool notify;

	spin_lock_irqsave(&queue->lock, flags);
	notify = queue->up && push(queue);
	spin_unlock_irqrestore(&queue->lock, flags);
	if (notify)
		notify_remote_via_irq(queue->ch.irq);
}

static blk_status_t send(struct blkfront_queue *queue,
			 struct blk_mq_hw_ctx *hctx, struct request *rq, u8 op,
			 unsigned int nr_segments, bool bounce, bool last)
{
	blk_status_t status = BLK_STS_OK;
	struct blkfront_slot *slot;
	unsigned long flags;
	bool notify;

	spin_lock_irqsave(&queue->lock, flags);
	slot = blkfront_slot_get(queue, nr_segments, bounce);
	if (!IS_ERR(slot)) {
		fill(queue, slot, rq, op, nr_segments);
	} else if (PTR_ERR(slot) == -EBUSY) {
		blk_mq_stop_hw_queue(hctx);
		queue->stopped = true;
		status = BLK_STS_DEV_RESOURCE;
	} else {
		status = BLK_STS_RESOURCE;
	}
	notify = (last || status) && push(queue);
	spin_unlock_irqrestore(&queue->lock, flags);

	if (notify)
		notify_remote_via_irq(queue->ch.irq);
	return status;
}

/* Whether it was made for a backend with higher limits than this one has. */
static bool is_too_large(const struct blkfront *bf, struct request *rq,
			 unsigned int nr_segments)
{
	switch (req_op(rq)) {
	case REQ_OP_DISCARD:
	case REQ_OP_SECURE_ERASE:
		return blk_rq_sectors(rq) > bf->be.max_discard_sectors;
	default:
		return nr_segments > bf->max_segments;
	}
}

/*
 * A request that was made for a backend with higher limits can't be sent to
 * this one, but what it consists of can, when it has been split anew. That
 * could have to wait for other requests, so it is done elsewhere.
 */
static void split_again(struct blkfront *bf, struct request *rq)
{
	struct bio_list bios = BIO_EMPTY_LIST;

	blkfront_steal_bios(&bios, rq);
	blkfront_submit_bios(bf, &bios);
	blk_mq_end_request(rq, BLK_STS_OK);
}

/**
 * blkfront_bios_work() - submit I/O again, as the limits are now
 * @work: the disk's bios_work
 */
void blkfront_bios_work(struct work_struct *work)
{
	struct blkfront *bf = container_of(work, struct blkfront, bios_work);
	struct bio_list bios;
	struct bio *bio;
	int err;

	spin_lock_irq(&bf->bios_lock);
	bios = bf->bios;
	bio_list_init(&bf->bios);
	spin_unlock_irq(&bf->bios_lock);

	err = blkfront_apply_limits(bf);
	while ((bio = bio_list_pop(&bios))) {
		if (err)
			bio_io_error(bio);
		else
			submit_bio_noacct(bio);
	}
}

static blk_status_t blkfront_queue_rq(struct blk_mq_hw_ctx *hctx,
				      const struct blk_mq_queue_data *bd)
{
	struct blkfront *bf = hctx->queue->queuedata;
	struct request *rq = bd->rq;
	struct blkfront_request *req = blk_mq_rq_to_pdu(rq);
	struct blkfront_queue *queue;
	unsigned int nr_segments = 0;
	bool grantable, bounce = false, needless;
	u8 op;

	if (READ_ONCE(bf->state) != BLKFRONT_UP || blkfront_is_broken(bf)) {
		blkfront_count(bf, BLKFRONT_ERRORS);
		return BLK_STS_IOERR;
	}

	/* The flag also keeps others from being merged into it from now on. */
	if (!(rq->rq_flags & RQF_DONTPREP)) {
		*req = (struct blkfront_request){};
		rq->rq_flags |= RQF_DONTPREP;
	}
	queue = &bf->queue[hctx->queue_num % bf->nr_queues];
	req->queue = queue;
	if (req->connection != bf->connection)
		req->written = false;

	if (has_data(rq)) {
		/* Adding the disk waits for its first I/O, which must end. */
		bounce = bf->bounce || !READ_ONCE(bf->added);
		if (!bounce) {
			nr_segments = count_segments(bf, rq, &grantable);
			bounce = !grantable;
		}
		if (bounce)
			nr_segments = DIV_ROUND_UP(blk_rq_bytes(rq), PAGE_SIZE);
	}
	op = choose_op(bf, rq, nr_segments);
	if (op == BLKFRONT_OP_NONE) {
		blkfront_count(bf, BLKFRONT_ERRORS);
		return BLK_STS_NOTSUPP;
	}

	blk_mq_start_request(rq);
	needless = op == BLKIF_OP_FLUSH_DISKCACHE &&
		   !blkfront_has(bf, NOXS_VBD_F_FLUSH);
	if (!needless && !is_too_large(bf, rq, nr_segments))
		return send(queue, hctx, rq, op, nr_segments, bounce, bd->last);

	/* The last one after some that are sent, if it isn't itself. */
	if (bd->last)
		push_pending(queue);
	if (needless)
		blkfront_end(rq, BLK_STS_OK);
	else
		split_again(bf, rq);
	return BLK_STS_OK;
}

static void blkfront_commit_rqs(struct blk_mq_hw_ctx *hctx)
{
	struct blkfront *bf = hctx->queue->queuedata;

	if (READ_ONCE(bf->state) == BLKFRONT_UP)
		push_pending(&bf->queue[hctx->queue_num % bf->nr_queues]);
}

/*
 * Take the new responses from the ring, whose requests go to @done. Each pass of
 * the loop takes at least one, or ends it: so there are no more passes than
 * requests, whatever the backend writes. Returns how many, or -EPROTO.
 */
static int take_responses(struct blkfront_queue *queue, struct request **done)
{
	struct blkif_response rsp;
	struct blkfront_slot *slot;
	RING_IDX prod, cons;
	int more, nr = 0;

	lockdep_assert_held(&queue->lock);

	do {
		cons = queue->ring.rsp_cons;
		prod = READ_ONCE(queue->ring.sring->rsp_prod);
		virt_rmb();	/* pairs with virt_wmb before it is written */
		if (blkfront_check_prod(queue->pushed, cons, prod))
			return -EPROTO;
		if (prod == cons)
			return nr;

		for (; cons != prod; cons++) {
			RING_COPY_RESPONSE(&queue->ring, cons, &rsp);
			if (blkfront_check_response(&rsp, queue->op,
						    BLKFRONT_RING_SIZE))
				return -EPROTO;
			rsp.id = array_index_nospec(rsp.id, BLKFRONT_RING_SIZE);
			queue->op[rsp.id] = BLKFRONT_OP_NONE;
			slot = queue->slot[rsp.id];
			slot->status = rsp.status;
			done[nr++] = slot->rq;
		}
		queue->ring.rsp_cons = cons;
		RING_FINAL_CHECK_FOR_RESPONSES(&queue->ring, more);
	} while (more);
	return nr;
}

/**
 * blkfront_reap() - complete the requests that the backend has answered
 * @queue: where; may have no ring any more
 *
 * Context: any
 * Return: whether there were any
 */
bool blkfront_reap(struct blkfront_queue *queue)
{
	struct request *done[BLKFRONT_RING_SIZE];
	unsigned long flags;
	int i, nr = 0;

	spin_lock_irqsave(&queue->lock, flags);
	if (queue->up && !blkfront_is_broken(queue->bf))
		nr = take_responses(queue, done);
	spin_unlock_irqrestore(&queue->lock, flags);

	if (nr < 0)
		blkfront_break(queue, nr, "backend's response is invalid");
	/* Completion takes the lock, and may happen in here. */
	for (i = 0; i < nr; i++)
		blk_mq_complete_request(done[i]);
	return nr > 0;
}

/**
 * blkfront_interrupt() - handler of a queue's event channel
 * @irq: the interrupt
 * @arg: the queue
 *
 * The events of a broken backend stay masked.
 *
 * Return: IRQ_HANDLED
 */
irqreturn_t blkfront_interrupt(int irq, void *arg)
{
	struct blkfront_queue *queue = arg;
	bool any = blkfront_reap(queue);

	if (!blkfront_is_broken(queue->bf))
		xen_irq_lateeoi(irq, any ? 0 : XEN_EOI_FLAG_SPURIOUS);
	return IRQ_HANDLED;
}

static void drop_features(struct blkfront *bf, u32 features)
{
	u32 dropped = atomic_fetch_andnot(features, &bf->features) & features;

	if (!dropped)
		return;
	dev_notice_ratelimited(&bf->ndev->dev,
			       "backend can't do %#x after all\n", dropped);
	/* The block layer is to know; the work may wait for it. */
	queue_work(system_long_wq, &bf->disk_work);
}

static void complete_unsupported(struct request *rq, u8 op)
{
	struct blkfront *bf = rq->q->queuedata;

	switch (op) {
	case BLKIF_OP_WRITE_BARRIER:
		/* Nothing is written yet. It is sent as a write and a flush. */
		drop_features(bf, NOXS_VBD_F_BARRIER);
		blkfront_requeue(rq, true);
		break;
	case BLKIF_OP_FLUSH_DISKCACHE:
		/* No cache that can be flushed is as good as no cache. */
		drop_features(bf, NOXS_VBD_F_FLUSH | NOXS_VBD_F_BARRIER);
		blkfront_end(rq, BLK_STS_OK);
		break;
	case BLKIF_OP_DISCARD:
		drop_features(bf, req_op(rq) == REQ_OP_SECURE_ERASE ?
			      NOXS_VBD_F_SECURE_ERASE :
			      NOXS_VBD_F_DISCARD | NOXS_VBD_F_SECURE_ERASE);
		blkfront_end(rq, BLK_STS_NOTSUPP);
		break;
	default:
		blkfront_end(rq, BLK_STS_IOERR);
		break;
	}
}

static void complete_ok(struct request *rq, u8 op)
{
	struct blkfront_request *req = blk_mq_rq_to_pdu(rq);
	struct blkfront *bf = rq->q->queuedata;

	if (op == BLKIF_OP_WRITE && rq->cmd_flags & REQ_FUA &&
	    blkfront_has(bf, NOXS_VBD_F_FLUSH)) {
		req->written = true;
		req->connection = bf->connection;
		blk_mq_requeue_request(rq, true);
		return;
	}
	blkfront_end(rq, BLK_STS_OK);
}

/* The block layer's completion of a request, in any context. */
static void blkfront_complete_rq(struct request *rq)
{
	struct blkfront_request *req = blk_mq_rq_to_pdu(rq);
	struct blkfront_queue *queue = req->queue;
	struct blkfront_slot *slot = queue->slot[req->id];
	int status = slot->status;
	u8 op = req->op;
	unsigned long flags;
	bool over, wake;

	if (op == BLKIF_OP_READ && status == BLKIF_RSP_OKAY &&
	    !list_empty(&slot->bounce))
		blkfront_copy(slot, false);

	spin_lock_irqsave(&queue->lock, flags);
	over = blkfront_slot_put(queue, slot, &status);
	wake = queue->stopped;
	queue->stopped = false;
	spin_unlock_irqrestore(&queue->lock, flags);

	/* Before the request ends, as the block layer's queue may go then. */
	if (wake)
		blk_mq_start_stopped_hw_queues(rq->q, true);

	if (!over)
		blkfront_hold(slot);
	else if (status == BLKIF_RSP_OKAY)
		complete_ok(rq, op);
	else if (status == BLKIF_RSP_EOPNOTSUPP)
		complete_unsupported(rq, op);
	else
		blkfront_end(rq, BLK_STS_IOERR);
}

/*
 * The backend is slow, or doesn't answer. The request can't be ended as long as
 * its pages may be mapped; so either it goes on, or the device is closed, and
 * disconnect ends the request, or holds it.
 */
static enum blk_eh_timer_return blkfront_timeout(struct request *rq)
{
	struct blkfront_request *req = blk_mq_rq_to_pdu(rq);
	struct blkfront_queue *queue = req->queue;
	unsigned int limit = READ_ONCE(blkfront_request_timeout);
	unsigned int secs;

	blkfront_count(queue->bf, BLKFRONT_TIMEOUTS);
	/* It may only be an event that was lost, or a request not pushed. */
	push_pending(queue);
	(void)blkfront_reap(queue);
	if (!blk_mq_request_started(rq) || blk_mq_request_completed(rq))
		return BLK_EH_DONE;

	secs = ++req->timeouts * rq->timeout / HZ;
	if (limit && secs >= limit)
		blkfront_break(queue, -ETIMEDOUT, "backend doesn't answer");
	else
		dev_warn_ratelimited(&queue->bf->ndev->dev,
				     "queue %u: no answer for %u s\n",
				     queue->id, secs);
	return BLK_EH_RESET_TIMER;
}

const struct blk_mq_ops blkfront_mq_ops = {
	.queue_rq = blkfront_queue_rq,
	.commit_rqs = blkfront_commit_rqs,
	.complete = blkfront_complete_rq,
	.timeout = blkfront_timeout,
};
