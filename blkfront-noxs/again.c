// SPDX-License-Identifier: GPL-2.0
/*
 * Requests that have ended, and those that are to be done again, as a whole or as what
 * they consist of.
 *
 * Any context.
 */
#include <linux/bio.h>
#include <linux/blk-mq.h>
#include <linux/blkdev.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "blkfront.h"

/**
 * blkfront_end() - end a request for good
 * @rq: the request
 * @status: what became of it
 *
 * Context: any
 */
void blkfront_end(struct request *rq, blk_status_t status)
{
	if (status)
		blkfront_count(rq->q->queuedata, BLKFRONT_ERRORS);
	blk_mq_end_request(rq, status);
}

/**
 * blkfront_requeue() - send a request again, from its start
 * @rq: the request
 * @kick: do it soon
 *
 * What a backend did of it before doesn't matter: it will be the same.
 *
 * Context: any
 */
void blkfront_requeue(struct request *rq, bool kick)
{
	struct blkfront_request *req = blk_mq_rq_to_pdu(rq);

	req->written = false;
	req->timeouts = 0;
	blkfront_count(rq->q->queuedata, BLKFRONT_REQUEUES);
	blk_mq_requeue_request(rq, kick);
}

/**
 * blkfront_steal_bios() - take what a request consists of out of it
 * @bios: where to
 * @rq: the request, of which nothing is done; may be ended then
 *
 * Context: any
 */
void blkfront_steal_bios(struct bio_list *bios, struct request *rq)
{
	struct bio *bio;

	for (bio = rq->bio; bio; bio = bio->bi_next)
		bio->bi_opf &= ~REQ_NOWAIT;	/* who asked for that is gone */
	blk_steal_bios(bios, rq);
}

/**
 * blkfront_submit_bios() - submit I/O again, soon
 * @bf: the disk
 * @bios: the I/O; becomes empty
 *
 * Context: any
 */
void blkfront_submit_bios(struct blkfront *bf, struct bio_list *bios)
{
	unsigned long flags;

	blkfront_count(bf, BLKFRONT_REQUEUES);
	spin_lock_irqsave(&bf->bios_lock, flags);
	bio_list_merge(&bf->bios, bios);
	spin_unlock_irqrestore(&bf->bios_lock, flags);
	bio_list_init(bios);
	queue_work(blkfront_wq, &bf->bios_work);
}
