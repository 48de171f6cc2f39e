// SPDX-License-Identifier: GPL-2.0
/*
 * The guest's pages: mapping those of a batch of requests with one hypercall,
 * unmapping those of many requests with another one, and grants that stay mapped.
 *
 * Part of a pass (queue.c); no locks. What Xen says of each single operation is
 * looked at. A page that Xen won't unmap is lost to us rather than used again.
 *
 * A persistent grant is mapped when it is first seen and serves any number of
 * segments at a time, until none has used it for a while. When there are as many
 * as may be, others are mapped for one request, as if they weren't persistent:
 * the frontend sees which ones aren't kept.
 */
#include <linux/device.h>
#include <linux/gfp.h>
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <asm/xen/hypercall.h>

#include "blkback.h"

/**
 * blkback_pages_reserve() - have pages to map to
 * @queue: the queue
 * @nr: how many, at most BLKBACK_BATCH_SEGMENTS; the batch maps none now
 *
 * Return: 0 or -ENOMEM
 */
int blkback_pages_reserve(struct blkback_queue *queue, unsigned int nr)
{
	struct page **page = queue->batch->page;
	int err;

	if (queue->pages.num_pages >= nr)
		return 0;

	nr -= queue->pages.num_pages;
	err = gnttab_alloc_pages(nr, page);
	if (err)
		return err;
	gnttab_page_cache_put(&queue->pages, page, nr);
	return 0;
}

/**
 * blkback_copy() - copy what describes the segments of indirect requests
 * @queue: the queue
 *
 * The copies are in the batch one after the other. A request whose page can't be
 * read gets a status that says so.
 */
void blkback_copy(struct blkback_queue *queue)
{
	struct blkback_batch *batch = queue->batch;
	unsigned int offset = 0, nr = 0;
	struct blkback_request *req;
	struct gnttab_copy *copy;

	list_for_each_entry(req, &batch->requests, list) {
		if (!req->indirect)
			continue;
		copy = &batch->copy[nr++];
		copy->source.u.ref = req->indirect_gref;
		copy->source.domid = queue->bb->ndev->otherend;
		copy->source.offset = 0;
		copy->dest.u.gmfn = virt_to_gfn(batch->descriptions);
		copy->dest.domid = DOMID_SELF;
		copy->dest.offset = offset;
		copy->len = req->nr_segments * sizeof(*batch->descriptions);
		copy->flags = GNTCOPY_source_gref;
		copy->status = GNTST_general_error;
		offset += copy->len;
	}
	if (!nr)
		return;

	/* If the call fails as a whole, no status changes: they say so too. */
	(void)HYPERVISOR_grant_table_op(GNTTABOP_copy, batch->copy, nr);

	copy = batch->copy;
	list_for_each_entry(req, &batch->requests, list)
		if (req->indirect && (copy++)->status != GNTST_okay)
			req->status = BLK_STS_IOERR;
}

static int grant_compare(const void *key, const struct rb_node *node)
{
	grant_ref_t gref = *(const grant_ref_t *)key;
	grant_ref_t other = rb_entry(node, struct blkback_grant, node)->gref;

	return gref < other ? -1 : gref > other;
}

static int grant_compare_nodes(struct rb_node *node,
			       const struct rb_node *other)
{
	return grant_compare(&rb_entry(node, struct blkback_grant, node)->gref,
			     other);
}

static struct blkback_grant *grant_find(struct blkback_queue *queue,
					grant_ref_t gref,
					struct blkback_grant *guess)
{
	struct rb_node *node;

	if (guess && guess->gref == gref)
		return guess;
	node = rb_find(&gref, &queue->grants, grant_compare);
	return node ? rb_entry(node, struct blkback_grant, node) : NULL;
}

/* What comes after this one, as pages are mostly used in the same order again. */
static struct blkback_grant *grant_after(struct blkback_queue *queue,
					 struct blkback_grant *grant)
{
	if (!grant || list_is_last(&grant->lru, &queue->lru))
		return NULL;
	return list_next_entry(grant, lru);
}

/* Keep a segment's mapping, if that is possible. */
static void grant_keep(struct blkback_queue *queue, struct blkback_segment *seg)
{
	struct blkback_grant *grant;

	if (queue->nr_grants >= READ_ONCE(blkback_max_persistent_grants))
		return;
	if (!blkback_budget_keep(queue))
		return;
	grant = kmalloc(sizeof(*grant), GFP_NOIO | __GFP_NOWARN);
	if (!grant)
		goto err_unkeep;

	grant->page = seg->page;
	grant->gref = seg->gref;
	grant->handle = seg->handle;
	grant->users = 1;
	grant->last_used = jiffies;
	if (rb_find_add(&grant->node, &queue->grants, grant_compare_nodes)) {
		/* Another segment of this batch is in the same page. */
		kfree(grant);
		goto err_unkeep;
	}
	list_add_tail(&grant->lru, &queue->lru);
	if (!queue->nr_grants)
		blkback_keeping_begin(queue);
	WRITE_ONCE(queue->nr_grants, queue->nr_grants + 1);
	seg->grant = grant;
	return;

err_unkeep:
	blkback_budget_unkeep(queue);
}

static void grant_put(struct blkback_queue *queue, struct blkback_grant *grant)
{
	grant->users--;
	grant->last_used = jiffies;
	list_move_tail(&grant->lru, &queue->lru);
}

/* Prepare the mappings of a request's segments. Returns how many there are. */
static unsigned int prepare_maps(struct blkback_queue *queue,
				 struct blkback_request *req, unsigned int nr)
{
	struct blkback_batch *batch = queue->batch;
	u32 flags = GNTMAP_host_map;
	struct blkback_grant *guess;
	struct blkback_segment *seg;
	unsigned int i;

	/* The device only reads what is written. A kept grant is for both. */
	if (req->kind != BLKBACK_READ && !queue->persistent)
		flags |= GNTMAP_readonly;

	guess = list_empty(&queue->lru) ? NULL :
		list_last_entry(&queue->lru, struct blkback_grant, lru);
	for (i = 0; i < req->nr_segments; i++) {
		seg = &req->seg[i];
		if (queue->persistent)
			seg->grant = grant_find(queue, seg->gref, guess);
		guess = grant_after(queue, seg->grant);
		if (seg->grant) {
			seg->grant->users++;
			seg->page = seg->grant->page;
			continue;
		}
		if (gnttab_page_cache_get(&queue->pages, &seg->page)) {
			seg->page = NULL;
			req->status = BLK_STS_RESOURCE;
			break;
		}
		gnttab_set_map_op(&batch->map[nr],
				  (unsigned long)page_address(seg->page),
				  flags, seg->gref,
				  queue->bb->ndev->otherend);
		batch->page[nr++] = seg->page;
	}
	return nr;
}

/* What Xen has no room for can wait until others have ended. All else is the guest's fault. */
static void map_failed(struct blkback_request *req, s16 status)
{
	if (!noxs_has_no_room(status))
		req->status = BLK_STS_IOERR;
	else if (!req->status)
		req->status = BLK_STS_RESOURCE;
}

/* Look at what became of a request's mappings. Returns the next one's index. */
static unsigned int check_maps(struct blkback_queue *queue,
			       struct blkback_request *req, unsigned int nr,
			       int err)
{
	const struct gnttab_map_grant_ref *map;
	struct blkback_segment *seg;
	unsigned int i;

	if (err)
		req->status = BLK_STS_IOERR;

	for (i = 0; i < req->nr_segments; i++) {
		seg = &req->seg[i];
		if (!seg->page || seg->grant)
			continue;
		map = &queue->batch->map[nr++];
		if (map->status != GNTST_okay) {
			gnttab_page_cache_put(&queue->pages, &seg->page, 1);
			seg->page = NULL;
			map_failed(req, map->status);
			continue;
		}
		seg->handle = map->handle;
		if (queue->persistent && !err)
			grant_keep(queue, seg);
	}
	return nr;
}

/**
 * blkback_map() - map the segments of all requests of the batch
 * @queue: the queue
 *
 * A request of which any segment can't be mapped gets a status that says so,
 * BLK_STS_RESOURCE if that may be possible later; its other segments remain mapped
 * until blkback_unmap().
 */
void blkback_map(struct blkback_queue *queue)
{
	struct blkback_batch *batch = queue->batch;
	struct blkback_request *req;
	unsigned int nr = 0;
	int err;

	list_for_each_entry(req, &batch->requests, list)
		if (!req->status)
			nr = prepare_maps(queue, req, nr);
	if (!nr)
		return;

	err = gnttab_map_refs(batch->map, NULL, batch->page, nr);
	blkback_count(queue, BLKBACK_STAT_MAPS, 1);

	nr = 0;
	list_for_each_entry(req, &batch->requests, list)
		nr = check_maps(queue, req, nr, err);
}

/**
 * blkback_is_in_use() - tell whether somebody still looks at a request's pages
 * @req: a request that is done
 *
 * A device on a network may say that it is done with data that are still queued
 * for transmission, a second time maybe. Pages that stay mapped don't matter.
 *
 * Return: true if so
 */
bool blkback_is_in_use(const struct blkback_request *req)
{
	const struct blkback_segment *seg;
	unsigned int i;

	for (i = 0; i < req->nr_segments; i++) {
		seg = &req->seg[i];
		if (seg->page && !seg->grant && page_count(seg->page) > 1)
			return true;
	}
	return false;
}

/**
 * blkback_unmap_flush() - end the mappings that are to be ended
 * @queue: the queue
 */
void blkback_unmap_flush(struct blkback_queue *queue)
{
	struct blkback_batch *batch = queue->batch;
	unsigned int nr = batch->nr_unmaps;
	unsigned int i;
	int err;

	if (!nr)
		return;
	err = gnttab_unmap_refs(batch->unmap, NULL, batch->page, nr);
	blkback_count(queue, BLKBACK_STAT_UNMAPS, 1);
	batch->nr_unmaps = 0;

	for (i = 0; i < nr; i++) {
		if (!err && batch->unmap[i].status == GNTST_okay)
			gnttab_page_cache_put(&queue->pages, &batch->page[i],
					      1);
		else
			dev_err_ratelimited(&queue->bb->ndev->dev,
					    "unmap failed (%d, status %d), page lost\n",
					    err, batch->unmap[i].status);
	}
}

static void add_unmap(struct blkback_queue *queue, struct page *page,
		      grant_handle_t handle)
{
	struct blkback_batch *batch = queue->batch;

	if (batch->nr_unmaps == BLKBACK_BATCH_SEGMENTS)
		blkback_unmap_flush(queue);
	gnttab_set_unmap_op(&batch->unmap[batch->nr_unmaps],
			    (unsigned long)page_address(page), GNTMAP_host_map,
			    handle);
	batch->unmap[batch->nr_unmaps].status = GNTST_general_error;
	batch->page[batch->nr_unmaps++] = page;
}

/**
 * blkback_unmap() - end the mappings of a request's segments
 * @queue: the queue, whose batch maps nothing now
 * @req: a request that is done, or isn't started
 *
 * They are ended by the next blkback_unmap_flush().
 */
void blkback_unmap(struct blkback_queue *queue, struct blkback_request *req)
{
	struct blkback_segment *seg;
	unsigned int i;

	for (i = 0; i < req->nr_segments; i++) {
		seg = &req->seg[i];
		if (seg->grant)
			grant_put(queue, seg->grant);
		else if (seg->page)
			add_unmap(queue, seg->page, seg->handle);
		seg->grant = NULL;
		seg->page = NULL;
	}
}

/**
 * blkback_grants_expire() - end mappings that nobody used for a while
 * @queue: the queue, whose batch maps nothing now
 * @age: for how long, in jiffies
 */
void blkback_grants_expire(struct blkback_queue *queue, unsigned long age)
{
	struct blkback_grant *grant, *next;
	bool any = false;

	list_for_each_entry_safe(grant, next, &queue->lru, lru) {
		if (time_before(jiffies, grant->last_used + age))
			break;
		if (grant->users || page_count(grant->page) > 1)
			continue;
		add_unmap(queue, grant->page, grant->handle);
		rb_erase(&grant->node, &queue->grants);
		list_del(&grant->lru);
		WRITE_ONCE(queue->nr_grants, queue->nr_grants - 1);
		blkback_budget_unkeep(queue);
		kfree(grant);
		any = true;
	}
	blkback_unmap_flush(queue);
	if (!any)
		return;
	if (!queue->nr_grants)
		blkback_keeping_end(queue);
	blkback_starved_wake(queue->bb);
}
