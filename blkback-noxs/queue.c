// SPDX-License-Identifier: GPL-2.0
/*
 * Queues: their event channels, and the pass, which does all the work.
 *
 * An event stays masked until a pass has found nothing more to do, and longer if
 * there was nothing at all: so a storm of events costs the guest more than us.
 */
#include <linux/delay.h>
#include <linux/interrupt.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <xen/events.h>

#include "blkback.h"

/**
 * blkback_queue_run() - have a pass look for work
 * @queue: a queue that is connected, or has requests
 *
 * Context: any
 */
void blkback_queue_run(struct blkback_queue *queue)
{
	queue_work(blkback_wq, &queue->work);
}

static void run_later(struct work_struct *work)
{
	struct blkback_queue *queue = container_of(to_delayed_work(work),
						   struct blkback_queue, later);

	blkback_queue_run(queue);
}

static irqreturn_t queue_event(int irq, void *arg)
{
	struct blkback_queue *queue = arg;

	set_bit(BLKBACK_EVENT, &queue->flags);
	blkback_queue_run(queue);
	return IRQ_HANDLED;
}

/*
 * There is one EOI for each event. An event whose requests an earlier pass found
 * already isn't spurious.
 */
static void end_event(struct blkback_queue *queue)
{
	if (!queue->event)
		return;
	queue->event = false;
	xen_irq_lateeoi(queue->ch.irq,
			queue->worked ? 0 : XEN_EOI_FLAG_SPURIOUS);
	queue->worked = false;
}

/*
 * Without requests: free all when that has been so for long enough. The timer goes on
 * when there are new ones, which would pay for it each time; it looks again.
 */
static void queue_idle(struct blkback_queue *queue)
{
	unsigned long end = queue->last_used + BLKBACK_IDLE;
	unsigned long now = jiffies;

	if (!queue->batch)
		return;
	if (!time_before(now, end)) {
		blkback_requests_free(queue);
		end = now + BLKBACK_IDLE;
	}
	if (queue->batch)
		queue_delayed_work(blkback_wq, &queue->later, end - now);
}

/* One more, so that it isn't too early. */
static unsigned long ticks_until(u64 time)
{
	u64 now = ktime_get_ns();

	return time > now ? nsecs_to_jiffies(time - now) + 1 : 0;
}

/*
 * One round of work: end what is done, start what is new, and end what of that was
 * done at once. Whoever makes work queues it, and it runs again if it leaves any
 * behind: as one round takes no more requests than a ring holds, guests get their
 * turns.
 */
static void queue_pass(struct work_struct *work)
{
	struct blkback_queue *queue = container_of(work, struct blkback_queue,
						   work);
	bool starved = false, ended = false, more = false;
	unsigned int nr;

	if (test_and_clear_bit(BLKBACK_EVENT, &queue->flags))
		queue->event = true;
	queue->limited = 0;

	blkback_requests_finish(queue);
	blkback_ring_push(queue);
	if (!blkback_is_stopped(queue)) {
		nr = blkback_ring_avail(queue);
		if (nr || blkback_has_waiting(queue)) {
			starved = !blkback_requests_take(queue, nr);
			ended = blkback_requests_finish(queue);
		}
		blkback_ring_push(queue);
	}

	if (!starved && !blkback_is_stopped(queue)) {
		more = !blkback_ring_is_empty(queue);
		if (!more)
			end_event(queue);
	}

	if (!starved || queue->limited)
		blkback_starved_end(queue);
	/* Who ended gave room to those that had none. */
	if (more || (starved && ended))
		blkback_queue_run(queue);
	else if (!list_empty(&queue->held))
		mod_delayed_work(blkback_wq, &queue->later, BLKBACK_RETRY);
	else if (queue->limited)
		mod_delayed_work(blkback_wq, &queue->later,
				 ticks_until(queue->limited));
	else if (starved && (!queue->nr_requests || blkback_has_waiting(queue)))
		mod_delayed_work(blkback_wq, &queue->later,
				 BLKBACK_MEMORY_RETRY);
	else if (!queue->nr_requests && !blkback_is_stopped(queue))
		queue_idle(queue);

	if (!queue->nr_requests && blkback_is_stopped(queue))
		wake_up_all(&queue->bb->drained);
}

/**
 * blkback_queue_init() - set up a queue that isn't connected
 * @bb: the vbd
 * @id: its number
 */
void blkback_queue_init(struct blkback *bb, unsigned int id)
{
	struct blkback_queue *queue = &bb->queue[id];

	queue->bb = bb;
	queue->id = id;
	INIT_WORK(&queue->work, queue_pass);
	INIT_DELAYED_WORK(&queue->later, run_later);
	set_bit(BLKBACK_STOPPED, &queue->flags);
	spin_lock_init(&queue->done_lock);
	INIT_LIST_HEAD(&queue->done);
	INIT_LIST_HEAD(&queue->waiting);
	INIT_LIST_HEAD(&queue->held);
	INIT_LIST_HEAD(&queue->spare);
	gnttab_page_cache_init(&queue->pages);
	queue->grants = RB_ROOT;
	INIT_LIST_HEAD(&queue->lru);
	INIT_LIST_HEAD(&queue->keeping);
	INIT_LIST_HEAD(&queue->starved);
	u64_stats_init(&queue->stats.syncp);
	snprintf(queue->name, sizeof(queue->name), "%s-q%u",
		 dev_name(&bb->ndev->dev), id);
}

/**
 * blkback_queue_connect() - connect a queue to the guest's ring
 * @queue: the queue
 * @fe: what the frontend says of it, checked
 * @protocol: NOXS_VBD_PROTOCOL_*
 *
 * I/O starts before it returns.
 *
 * Return: 0 or -errno
 */
int blkback_queue_connect(struct blkback_queue *queue,
			  const struct noxs_vbd_queue *fe, u32 protocol)
{
	struct noxs_device *ndev = queue->bb->ndev;
	int err;

	err = noxs_map_page(ndev, fe->gref[0], &queue->map);
	if (err)
		return err;

	/* Each connection starts with a new ring. */
	queue->sring = queue->map.addr;
	if (READ_ONCE(queue->sring->rsp_prod)) {
		err = -EPROTO;
		goto err_unmap_ring;
	}
	queue->protocol = protocol;
	queue->req_cons = 0;
	queue->rsp_prod = 0;
	queue->rsp_pushed = 0;
	queue->event = false;
	queue->worked = false;
	queue->persistent = noxs_has_feature(ndev, NOXS_VBD_F_PERSISTENT);
	clear_bit(BLKBACK_EVENT, &queue->flags);
	clear_bit(BLKBACK_STOPPED, &queue->flags);

	err = noxs_channel_bind(ndev, &queue->ch, fe->evtchn, queue_event,
				queue->name, queue);
	if (err)
		goto err_stop_queue;
	return 0;

err_stop_queue:
	set_bit(BLKBACK_STOPPED, &queue->flags);
err_unmap_ring:
	noxs_unmap_page(&queue->map);
	return err;
}

/**
 * blkback_queue_stop() - begin to disconnect a queue
 * @queue: a connected queue
 *
 * No pass that begins from here on looks at the ring.
 */
void blkback_queue_stop(struct blkback_queue *queue)
{
	disable_irq(queue->ch.irq);
	set_bit(BLKBACK_STOPPED, &queue->flags);
	blkback_queue_run(queue);
}

/**
 * blkback_queue_disconnect() - disconnect a queue
 * @queue: the queue, stopped
 *
 * Waits for the block device, and for whoever still looks at the guest's pages
 * on its behalf, but never for the guest.
 */
void blkback_queue_disconnect(struct blkback_queue *queue)
{
	/* The last pass that may have started a request ... */
	flush_work(&queue->work);
	/*
	 * ... and the last request. What ends it doesn't queue passes later. That the
	 * host's device takes its time is no reason to report this task.
	 */
	wait_event_idle(queue->bb->drained, !READ_ONCE(queue->nr_requests));
	/* ... nor does what others give back, or want back. */
	blkback_starved_end(queue);
	blkback_keeping_end(queue);
	/* Without requests, no pass that begins from here on wants another one. */
	cancel_work_sync(&queue->work);
	cancel_delayed_work_sync(&queue->later);
	cancel_work_sync(&queue->work);

	for (;;) {
		blkback_requests_free(queue);
		if (!queue->batch)
			break;
		msleep(20);
	}
	noxs_channel_free(&queue->ch, queue);
	noxs_unmap_page(&queue->map);
	queue->sring = NULL;
}
