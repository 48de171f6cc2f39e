// SPDX-License-Identifier: GPL-2.0
/*
 * Queues: their rings, event channels, and the pass, which does all the work.
 *
 * The guest's words in a ring are each read once and checked before use; nothing
 * that we wrote there is ever read back. The two protocols differ in the size of
 * an entry, and of a response, only: the indices in front are the same.
 *
 * An event stays masked until a pass has found nothing more to do, and longer if
 * there was nothing at all: so a storm of events costs the guest more than us.
 */
#include <linux/delay.h>
#include <linux/interrupt.h>
#include <linux/jiffies.h>
#include <linux/string.h>
#include <xen/events.h>

#include "blkback.h"

/* The native types are those of the 64-bit protocol. */
static_assert(offsetof(struct blkif_sring, ring) == BLKBACK_RING_HEADER);
static_assert(sizeof(union blkif_sring_entry) == BLKBACK_ENTRY_64);
static_assert(__CONST_RING_SIZE(blkif, XEN_PAGE_SIZE) == BLKBACK_RING_SIZE);
static_assert(BLKBACK_RING_HEADER + BLKBACK_RING_SIZE * BLKBACK_ENTRY_X86_32 <=
	      XEN_PAGE_SIZE);
static_assert(BLKBACK_RING_HEADER +
	      2 * BLKBACK_RING_SIZE * BLKBACK_ENTRY_X86_32 > XEN_PAGE_SIZE);

/* A response of 32-bit x86 lacks the padding at the end. */
#define BLKBACK_RESPONSE_X86_32	12

static_assert(offsetofend(struct blkif_response, status) ==
	      BLKBACK_RESPONSE_X86_32);

static unsigned int entry_size(const struct blkback_queue *queue)
{
	return queue->protocol == NOXS_VBD_PROTOCOL_X86_32 ?
	       BLKBACK_ENTRY_X86_32 : BLKBACK_ENTRY_64;
}

static void *ring_entry(const struct blkback_queue *queue, RING_IDX index)
{
	return (void *)queue->sring + BLKBACK_RING_HEADER +
	       (index % BLKBACK_RING_SIZE) * entry_size(queue);
}

/**
 * blkback_ring_avail() - count the requests that wait in the ring
 * @queue: the queue
 *
 * Return: how many; 0 if the guest broke the protocol, which closes the device
 */
unsigned int blkback_ring_avail(struct blkback_queue *queue)
{
	RING_IDX prod = READ_ONCE(queue->sring->req_prod);

	if (blkback_check_prod(prod, queue->req_cons, queue->rsp_prod)) {
		blkback_fatal(queue->bb, -EPROTO,
			      "queue %u: req_prod %u after %u requests",
			      queue->id, prod, queue->req_cons);
		return 0;
	}
	/* Requests after their index; pairs with the frontend's wmb. */
	virt_rmb();
	return prod - queue->req_cons;
}

/**
 * blkback_ring_read() - copy the next request out of the ring
 * @queue: a queue with a request that waits
 * @raw: out: private copy
 *
 * Each word is read once. The request remains the next one.
 */
void blkback_ring_read(const struct blkback_queue *queue,
		       struct blkif_request *raw)
{
	const u32 *entry = ring_entry(queue, queue->req_cons);
	u32 copy[BLKBACK_ENTRY_WORDS];
	unsigned int i;

	for (i = 0; i < entry_size(queue) / sizeof(copy[0]); i++)
		copy[i] = READ_ONCE(entry[i]);
	blkback_decode(queue->protocol, copy, raw);
}

/**
 * blkback_ring_respond() - answer a request
 * @queue: the queue
 * @id: of the request
 * @operation: BLKIF_OP_* of the request
 * @err: 0 or -errno
 *
 * The guest learns of it at the end of the pass. There is room for it, as each
 * request took an entry.
 */
void blkback_ring_respond(struct blkback_queue *queue, u64 id, u8 operation,
			  int err)
{
	struct blkif_response rsp;

	if (err)
		blkback_count(queue, BLKBACK_STAT_ERRORS, 1);
	if (blkback_is_stopped(queue))
		return;

	/* With its padding, of which the guest sees every octet. */
	memset(&rsp, 0, sizeof(rsp));
	rsp.id = id;
	rsp.operation = operation;
	if (err == -EOPNOTSUPP)
		rsp.status = BLKIF_RSP_EOPNOTSUPP;
	else
		rsp.status = err ? BLKIF_RSP_ERROR : BLKIF_RSP_OKAY;
	memcpy(ring_entry(queue, queue->rsp_prod++), &rsp,
	       queue->protocol == NOXS_VBD_PROTOCOL_X86_32 ?
	       BLKBACK_RESPONSE_X86_32 : sizeof(rsp));
}

/* Show the guest the responses made so far. */
static void ring_push(struct blkback_queue *queue)
{
	RING_IDX prod = queue->rsp_prod;
	RING_IDX nr = prod - queue->rsp_pushed;

	if (!nr || blkback_is_stopped(queue))
		return;

	/* Responses before their index; pairs with the frontend's rmb. */
	virt_wmb();
	WRITE_ONCE(queue->sring->rsp_prod, prod);
	queue->rsp_pushed = prod;
	/* Pairs with the one of a frontend that goes to sleep. */
	virt_mb();
	if (prod - READ_ONCE(queue->sring->rsp_event) < nr)
		notify_remote_via_irq(queue->ch.irq);
}

/* Ask for an event for the next request; false if that came too late. */
static bool ring_is_empty(struct blkback_queue *queue)
{
	WRITE_ONCE(queue->sring->req_event, queue->req_cons + 1);
	/* Pairs with the one of a frontend that has pushed requests. */
	virt_mb();
	return READ_ONCE(queue->sring->req_prod) == queue->req_cons;
}

static void run_again(struct blkback_queue *queue, unsigned long delay)
{
	/* Does nothing if there is a reason to run at once meanwhile. */
	queue_delayed_work(blkback_wq, &queue->work, delay);
}

static irqreturn_t queue_event(int irq, void *arg)
{
	struct blkback_queue *queue = arg;

	set_bit(BLKBACK_EVENT, &queue->flags);
	mod_delayed_work(blkback_wq, &queue->work, 0);
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

/* Without requests: free all when that has been so for long enough. */
static void queue_idle(struct blkback_queue *queue)
{
	unsigned long end = queue->last_used + BLKBACK_IDLE;
	unsigned long now = jiffies;

	if (!queue->batch)
		return;
	if (time_before(now, end)) {
		run_again(queue, end - now);
		return;
	}
	blkback_requests_free(queue);
	if (queue->batch)
		run_again(queue, BLKBACK_IDLE);
}

/*
 * One round of work: end what is done, start what is new. Whoever makes work
 * queues it, and it runs again if it leaves any behind: as one round takes no
 * more requests than a ring holds, guests get their turns.
 */
static void queue_pass(struct work_struct *work)
{
	struct blkback_queue *queue = container_of(to_delayed_work(work),
						   struct blkback_queue, work);
	bool starved = false, more = false;
	unsigned int nr;

	if (test_and_clear_bit(BLKBACK_EVENT, &queue->flags))
		queue->event = true;

	blkback_requests_finish(queue);
	ring_push(queue);
	if (!blkback_is_stopped(queue)) {
		nr = blkback_ring_avail(queue);
		if (nr)
			starved = !blkback_requests_take(queue, nr);
		ring_push(queue);
	}

	if (!starved && !blkback_is_stopped(queue)) {
		more = !ring_is_empty(queue);
		if (!more)
			end_event(queue);
	}

	if (more)
		run_again(queue, 0);
	else if (!list_empty(&queue->held))
		run_again(queue, BLKBACK_RETRY);
	else if (starved && !queue->nr_requests)
		run_again(queue, BLKBACK_MEMORY_RETRY);
	else if (!queue->nr_requests)
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
	INIT_DELAYED_WORK(&queue->work, queue_pass);
	set_bit(BLKBACK_STOPPED, &queue->flags);
	spin_lock_init(&queue->done_lock);
	INIT_LIST_HEAD(&queue->done);
	INIT_LIST_HEAD(&queue->held);
	gnttab_page_cache_init(&queue->pages);
	queue->grants = RB_ROOT;
	INIT_LIST_HEAD(&queue->lru);
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
	mod_delayed_work(blkback_wq, &queue->work, 0);
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
	flush_delayed_work(&queue->work);
	/* ... and the last request. What ends it doesn't queue passes later. */
	wait_event(queue->bb->drained, !READ_ONCE(queue->nr_requests));
	cancel_delayed_work_sync(&queue->work);

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
