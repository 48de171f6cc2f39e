// SPDX-License-Identifier: GPL-2.0
/*
 * What a queue needs for a connection: the ring, its slots, and the pages and
 * grant references that requests use. As much as the largest request needs is
 * allocated at connect, so that I/O makes progress when there is no memory left,
 * as it may be what frees some. The rest comes when there is I/O that needs it, and goes
 * when there has been none for a while.
 *
 * A page of ours that the backend still maps is never used again: gnttab keeps
 * it, and frees it when the backend has let go. A request whose own pages it maps
 * is kept with them (held.c).
 *
 * Slots are taken and given back under the queue's lock, in any context. The
 * rest is process context, while nobody else uses the ring.
 */
#include <linux/bvec.h>
#include <linux/err.h>
#include <linux/gfp.h>
#include <linux/highmem.h>
#include <linux/lockdep.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/workqueue.h>
#include <xen/grant_table.h>

#include "blkfront.h"

/**
 * blkfront_break() - give up on a backend that broke the protocol
 * @queue: where
 * @err: -errno
 * @why: how
 *
 * From here on the rings are left alone, and their events stay masked, until
 * the core has called disconnect.
 *
 * Context: any
 */
void blkfront_break(struct blkfront_queue *queue, int err, const char *why)
{
	struct blkfront *bf = queue->bf;

	if (!test_and_set_bit(0, &bf->broken))
		noxs_dev_fatal(bf->ndev, err, "queue %u: %s", queue->id, why);
}

/* A page of our own, granted until page_put() or page_end(). */
static struct page *page_get(struct blkfront_queue *queue, bool readonly,
			     gfp_t gfp)
{
	struct page *page = alloc_page(gfp | __GFP_ZERO | __GFP_NOWARN);
	int gref;

	if (!page)
		return NULL;
	gref = gnttab_claim_grant_reference(&queue->pool);
	if (gref < 0) {
		__free_page(page);
		return NULL;
	}

	gnttab_grant_foreign_access_ref(gref, queue->bf->ndev->otherend,
					xen_page_to_gfn(page), readonly);
	set_page_private(page, gref);
	return page;
}

/* Takes a page back, now or when the backend lets go; not so its reference. */
static void page_end(struct blkfront_queue *queue, struct page *page)
{
	grant_ref_t gref = page_private(page);

	set_page_private(page, 0);
	noxs_page_end(queue->bf->ndev, page_address(page), gref);
}

/* The other end's business with a request is over, and it has pages of it. */
static void backend_maps(struct blkfront_queue *queue)
{
	blkfront_break(queue, -EBUSY, "backend maps what it has answered");
}

/* The same, with its reference. Returns whether the backend had let go. */
static bool page_put(struct blkfront_queue *queue, struct page *page)
{
	grant_ref_t gref = page_private(page);

	if (!gnttab_end_foreign_access_ref(gref)) {
		page_end(queue, page);
		backend_maps(queue);
		return false;
	}
	set_page_private(page, 0);
	__free_page(page);
	gnttab_release_grant_reference(&queue->pool, gref);
	return true;
}

static void pages_end(struct blkfront_queue *queue, struct list_head *pages)
{
	struct page *page, *next;

	list_for_each_entry_safe(page, next, pages, lru) {
		list_del(&page->lru);
		page_end(queue, page);
	}
}

/* Have at least @nr more references, or as many as there may be, if others don't lack. */
static void pool_grow(struct blkfront_queue *queue, unsigned int nr)
{
	grant_ref_t more;
	int gref;

	nr = min(round_up(nr, BLKFRONT_GROW_GRANTS),
		 queue->max_grants - queue->nr_grants);
	if (!nr || gnttab_alloc_grant_references(nr + BLKFRONT_SPARE_GRANTS,
						 &more))
		return;
	queue->nr_grants += nr;
	queue->nr_pool += nr;
	while (nr--) {
		gref = gnttab_claim_grant_reference(&more);
		gnttab_release_grant_reference(&queue->pool, gref);
	}
	gnttab_free_grant_references(more);
}

/* Whether one can stay granted, and the largest request still be sent. */
static bool indirect_fits(const struct blkfront_queue *queue)
{
	return queue->nr_pool &&
	       queue->nr_grants - queue->nr_indirect > queue->max_segments;
}

static int indirect_add(struct blkfront_queue *queue, gfp_t gfp)
{
	struct page *page;

	if (!indirect_fits(queue))
		pool_grow(queue, 1);
	if (!indirect_fits(queue))
		return -EBUSY;
	page = page_get(queue, true, gfp);
	if (!page)
		return -ENOMEM;
	queue->nr_pool--;
	queue->nr_indirect++;
	list_add(&page->lru, &queue->indirect);
	return 0;
}

static int bounce_add(struct blkfront_queue *queue, gfp_t gfp)
{
	struct page *page;

	if (!queue->nr_pool)
		pool_grow(queue, 1);
	if (!queue->nr_pool)
		return -EBUSY;
	page = page_get(queue, false, gfp);
	if (!page)
		return -ENOMEM;
	queue->nr_pool--;
	list_add(&page->lru, &queue->bounce);
	queue->nr_bounce++;
	return 0;
}

/* More than the largest request needs is there only because somebody needed it. */
static unsigned int spare_bounce(const struct blkfront_queue *queue)
{
	return queue->nr_bounce - min(queue->nr_bounce, queue->max_segments);
}

static void idle_begin(struct blkfront_queue *queue)
{
	if (spare_bounce(queue) || queue->nr_indirect > 1)
		queue_delayed_work(blkfront_wq, &queue->idle, BLKFRONT_IDLE);
}

/*
 * Of the last @nr pages of a list, move those to @ended that the backend has let go
 * of. Returns how many.
 */
static unsigned int take_back(struct blkfront_queue *queue,
			      struct list_head *pages, unsigned int nr,
			      struct list_head *ended)
{
	struct page *page, *next;
	unsigned int taken = 0;

	list_for_each_entry_safe_reverse(page, next, pages, lru) {
		if (!nr--)
			break;
		if (!gnttab_try_end_foreign_access(page_private(page)))
			continue;
		list_move(&page->lru, ended);
		taken++;
	}
	queue->nr_grants -= taken;
	return taken;
}

/*
 * Free pages that nobody has needed since this ran last: the last ones, as others are
 * taken first. A backend keeps what it hasn't used for less long than that, but as
 * long as it likes: what it still has waits for the next time.
 */
static void idle_work(struct work_struct *work)
{
	struct blkfront_queue *queue = container_of(to_delayed_work(work),
						    struct blkfront_queue,
						    idle);
	struct page *page, *next;
	LIST_HEAD(ended);

	spin_lock_irq(&queue->lock);
	queue->nr_bounce -= take_back(queue, &queue->bounce,
				      min(queue->least_bounce,
					  spare_bounce(queue)), &ended);
	queue->least_bounce = queue->nr_bounce;
	if (list_empty(&queue->busy))
		queue->nr_indirect -= take_back(queue, &queue->indirect,
						queue->nr_indirect - 1, &ended);
	idle_begin(queue);
	spin_unlock_irq(&queue->lock);

	list_for_each_entry_safe(page, next, &ended, lru) {
		list_del(&page->lru);
		set_page_private(page, 0);
		__free_page(page);
	}
}

/*
 * If all data are copied, pages stay granted, and may stay mapped, for the next
 * request. Else few requests need them, and others the references.
 */
static bool bounce_put(struct blkfront_queue *queue, struct blkfront_slot *slot)
{
	struct page *page, *next;
	bool ok = true;

	if (queue->bf->bounce) {
		list_splice_init(&slot->bounce, &queue->bounce);
		queue->nr_bounce += slot->nr_bounce;
		slot->nr_bounce = 0;
		return true;
	}
	list_for_each_entry_safe(page, next, &slot->bounce, lru) {
		list_del(&page->lru);
		if (page_put(queue, page))
			queue->nr_pool++;
		else
			ok = false;
	}
	slot->nr_bounce = 0;
	return ok;
}

static int bounce_get(struct blkfront_queue *queue, unsigned int nr,
		      struct blkfront_slot *slot)
{
	/* What the largest request needs is there: the kernel's last pages are for others. */
	const gfp_t gfp = queue->bf->bounce ? GFP_NOWAIT : GFP_ATOMIC;
	int err = 0;

	while (nr--) {
		if (list_empty(&queue->bounce))
			err = bounce_add(queue, gfp);
		if (err) {
			queue->least_bounce = 0;
			(void)bounce_put(queue, slot);	/* or it is broken */
			/* Some request has what there is for the largest one. */
			return queue->bf->bounce ? -EBUSY : err;
		}
		list_move_tail(queue->bounce.next, &slot->bounce);
		queue->nr_bounce--;
		slot->nr_bounce++;
	}
	queue->least_bounce = min(queue->least_bounce, queue->nr_bounce);
	return 0;
}

/**
 * blkfront_slot_get() - get what a request needs
 * @queue: where; locked
 * @nr_segments: of the request; at most the queue's max_segments
 * @bounce: get pages to copy its data through, as many as segments
 *
 * Return: a free slot; -EBUSY if a request has to be completed first, of which
 * there is one; or -ENOMEM
 */
struct blkfront_slot *blkfront_slot_get(struct blkfront_queue *queue,
					unsigned int nr_segments, bool bounce)
{
	struct blkfront_slot *slot;
	int err;

	lockdep_assert_held(&queue->lock);

	slot = list_first_entry_or_null(&queue->free, struct blkfront_slot,
					list);
	if (!slot)
		return ERR_PTR(-EBUSY);

	if (nr_segments > BLKFRONT_MIN_SEGMENTS && list_empty(&queue->indirect)) {
		err = indirect_add(queue, GFP_ATOMIC);
		if (err)
			return ERR_PTR(err);
	}
	if (bounce) {
		err = bounce_get(queue, nr_segments, slot);
		if (err)
			return ERR_PTR(err);
	} else if (nr_segments > queue->nr_pool) {
		pool_grow(queue, nr_segments - queue->nr_pool);
		if (nr_segments > queue->nr_pool)
			return ERR_PTR(-EBUSY);
	}
	if (nr_segments > BLKFRONT_MIN_SEGMENTS) {
		slot->indirect = list_first_entry(&queue->indirect, struct page,
						  lru);
		list_del(&slot->indirect->lru);
	}
	return slot;
}

/**
 * blkfront_grant() - grant a page of a request to the backend
 * @queue: where; locked
 * @slot: the request's, from blkfront_slot_get(), which saw to it that there are
 *	references enough
 * @page: the page
 * @readonly: whether the backend only reads it
 *
 * Return: grant reference
 */
grant_ref_t blkfront_grant(struct blkfront_queue *queue,
			   struct blkfront_slot *slot, struct page *page,
			   bool readonly)
{
	grant_ref_t gref = gnttab_claim_grant_reference(&queue->pool);

	lockdep_assert_held(&queue->lock);

	queue->nr_pool--;
	slot->gref[slot->nr_grefs++] = gref;
	gnttab_grant_foreign_access_ref(gref, queue->bf->ndev->otherend,
					xen_page_to_gfn(page), readonly);
	return gref;
}

/* Take away what a request has of the queue's. */
static void slot_detach(struct blkfront_queue *queue, struct blkfront_slot *slot)
{
	if (slot->indirect)
		list_add(&slot->indirect->lru, &queue->indirect);
	slot->indirect = NULL;
}

/* From now on it is no slot of the queue's. */
static void slot_remove(struct blkfront_queue *queue, struct blkfront_slot *slot)
{
	list_del(&slot->list);
	queue->slot[slot->id] = NULL;
}

/**
 * blkfront_slot_put() - give back what a request needed
 * @queue: where; locked
 * @slot: the request's, which the backend has answered
 * @status: of the answer; becomes an error if the backend has pages of ours that
 *	it has no business with any more, and so is broken
 *
 * Return: true, or false if these are the request's own: it must be held, and the
 * slot isn't the queue's any more
 */
bool blkfront_slot_put(struct blkfront_queue *queue,
		       struct blkfront_slot *slot, int *status)
{
	grant_ref_t gref;

	lockdep_assert_held(&queue->lock);

	while (slot->nr_grefs) {
		gref = slot->gref[slot->nr_grefs - 1];
		if (!gnttab_end_foreign_access_ref(gref))
			break;
		gnttab_release_grant_reference(&queue->pool, gref);
		queue->nr_pool++;
		slot->nr_grefs--;
	}
	if (!bounce_put(queue, slot))
		*status = BLKIF_RSP_ERROR;
	slot_detach(queue, slot);
	if (slot->nr_grefs) {
		backend_maps(queue);
		slot_remove(queue, slot);
		return false;
	}
	slot->rq = NULL;
	list_move(&slot->list, &queue->free);
	idle_begin(queue);
	return true;
}

/* One segment of it. @used is how much of @page is done. */
static void copy_segment(struct bio_vec *bv, struct page **page,
			 unsigned int *used, bool to_backend)
{
	char *data = bvec_kmap_local(bv);
	unsigned int done, n;

	for (done = 0; done < bv->bv_len; done += n) {
		if (*used == PAGE_SIZE) {
			*page = list_next_entry(*page, lru);
			*used = 0;
		}
		n = min_t(unsigned int, bv->bv_len - done, PAGE_SIZE - *used);
		if (to_backend)
			memcpy(page_address(*page) + *used, data + done, n);
		else
			memcpy(data + done, page_address(*page) + *used, n);
		*used += n;
	}
	kunmap_local(data);
}

/**
 * blkfront_copy() - copy a request's data to or from the pages in its slot
 * @slot: the slot, with pages for all of the data
 * @to_backend: to them, or from them
 */
void blkfront_copy(struct blkfront_slot *slot, bool to_backend)
{
	struct page *page = list_first_entry(&slot->bounce, struct page, lru);
	struct req_iterator iter;
	unsigned int used = 0;
	struct bio_vec bv;

	rq_for_each_segment(bv, slot->rq, iter) {
		copy_segment(&bv, &page, &used, to_backend);
		if (!to_backend)
			flush_dcache_page(bv.bv_page);
	}
}

static int slots_create(struct blkfront_queue *queue)
{
	struct blkfront_slot *slot;
	unsigned int i;

	for (i = 0; i < BLKFRONT_RING_SIZE; i++) {
		slot = kzalloc(struct_size(slot, gref, queue->max_segments),
			       GFP_KERNEL);
		if (!slot)
			return -ENOMEM;
		slot->id = i;
		INIT_LIST_HEAD(&slot->bounce);
		list_add_tail(&slot->list, &queue->free);
		queue->slot[i] = slot;
	}
	return 0;
}

/* What the largest request needs; more are taken when there is use for them. */
static int pool_create(struct blkfront_queue *queue)
{
	bool indirect = queue->max_segments > BLKFRONT_MIN_SEGMENTS;
	unsigned int nr = queue->max_segments + indirect;

	if (gnttab_alloc_grant_references(nr, &queue->pool))
		return -ENOSPC;
	queue->nr_grants = nr;
	queue->nr_pool = nr;
	queue->max_grants = min(BLKFRONT_RING_SIZE * queue->max_segments,
				BLKFRONT_MAX_GRANTS);
	if (indirect)
		queue->max_grants += BLKFRONT_RING_SIZE;
	return 0;
}

/* As many pages as the largest request needs. */
static int pages_create(struct blkfront_queue *queue)
{
	unsigned int i;
	int err = 0;

	if (queue->max_segments > BLKFRONT_MIN_SEGMENTS)
		err = indirect_add(queue, GFP_KERNEL);
	if (queue->bf->bounce)
		for (i = 0; !err && i < queue->max_segments; i++)
			err = bounce_add(queue, GFP_KERNEL);
	return err;
}

static int ring_init(struct blkfront_queue *queue)
{
	struct blkif_sring *sring;
	int err;

	err = noxs_grant_page(queue->bf->ndev, &queue->page);
	if (err)
		return err;
	sring = queue->page.addr;
	SHARED_RING_INIT(sring);
	FRONT_RING_INIT(&queue->ring, sring, XEN_PAGE_SIZE);
	queue->pushed = 0;
	return 0;
}

/**
 * blkfront_ring_create() - make a ring and what its requests need
 * @queue: where; has no ring
 * @max_segments: of a request
 *
 * Context: process, may sleep
 * Return: 0 or -errno
 */
int blkfront_ring_create(struct blkfront_queue *queue,
			 unsigned int max_segments)
{
	int err;

	memset(queue->op, BLKFRONT_OP_NONE, sizeof(queue->op));
	INIT_LIST_HEAD(&queue->free);
	INIT_LIST_HEAD(&queue->busy);
	INIT_LIST_HEAD(&queue->indirect);
	INIT_LIST_HEAD(&queue->bounce);
	queue->max_segments = max_segments;
	queue->stopped = false;
	queue->nr_indirect = 0;
	queue->nr_bounce = 0;
	queue->least_bounce = 0;
	INIT_DELAYED_WORK(&queue->idle, idle_work);

	err = slots_create(queue);
	if (!err)
		err = pool_create(queue);
	if (!err)
		err = pages_create(queue);
	if (!err)
		err = ring_init(queue);
	if (err) {
		blkfront_ring_destroy(queue, false);
		return err;
	}

	spin_lock_irq(&queue->lock);
	queue->up = true;
	spin_unlock_irq(&queue->lock);
	return 0;
}

/**
 * blkfront_ring_destroy() - give back all that blkfront_ring_create() made
 * @queue: the queue; nobody else uses it any more. May be half made.
 * @requeue: what to do with requests that the backend hasn't answered: send
 *	them again to the next one, or let them fail. That has to wait for those
 *	whose pages it still maps.
 *
 * Context: process, may sleep
 */
void blkfront_ring_destroy(struct blkfront_queue *queue, bool requeue)
{
	struct blkfront_slot *slot, *next;
	unsigned int i;

	spin_lock_irq(&queue->lock);
	queue->up = false;
	spin_unlock_irq(&queue->lock);
	cancel_delayed_work_sync(&queue->idle);

	noxs_for_each_requeue_safe(slot, next, &queue->busy, list) {
		pages_end(queue, &slot->bounce);
		slot_detach(queue, slot);
		if (!blkfront_slot_end(slot)) {
			slot_remove(queue, slot);
			blkfront_hold(slot);
		} else if (requeue) {
			blkfront_requeue(slot->rq, false);
		} else {
			blkfront_end(slot->rq, BLK_STS_IOERR);
		}
	}
	pages_end(queue, &queue->indirect);
	pages_end(queue, &queue->bounce);

	if (queue->nr_grants)
		gnttab_free_grant_references(queue->pool);
	queue->nr_grants = 0;
	noxs_grant_end(queue->bf->ndev, &queue->page);
	for (i = 0; i < BLKFRONT_RING_SIZE; i++) {
		kfree(queue->slot[i]);
		queue->slot[i] = NULL;
	}
}
