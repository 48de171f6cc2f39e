// SPDX-License-Identifier: GPL-2.0
/*
 * Pages for what the guest sends. A new one costs the page allocator's work, and
 * most of all its being cleared; nothing of that is needed where the same guest's
 * packets were before. So a queue keeps a reference to those that it had last, and
 * takes one again when nobody else has one.
 *
 * What stays of former packets in a page nobody sees: of each packet, no more than
 * was copied is given to the network layer.
 *
 * All of it belongs to NAPI, but for the timer, which only says that it is time to
 * give the pages back.
 */
#include <linux/gfp.h>
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "netback.h"

/* How long they are kept when the guest sends nothing. */
#define PAGES_IDLE	(5 * HZ)

/* Of how many it is tried whether one is free. Somebody may keep one for long. */
#define PAGES_TRIES	2

static struct page *new_page(void)
{
	return alloc_page(GFP_ATOMIC | __GFP_NOWARN);
}

static void pages_timer(struct timer_list *timer)
{
	struct netback_queue *queue =
		timer_container_of(queue, timer, tx.pages.timer);
	struct netback_pages *pages = &queue->tx.pages;
	unsigned long due = READ_ONCE(pages->used) + PAGES_IDLE;

	if (time_before(jiffies, due)) {
		mod_timer(timer, due);
		return;
	}
	WRITE_ONCE(pages->idle, true);
	napi_schedule(&queue->napi);
}

/**
 * netback_pages_init() - keep nothing yet
 * @pages: the pages of a queue
 */
void netback_pages_init(struct netback_pages *pages)
{
	timer_setup(&pages->timer, pages_timer, 0);
}

/* Without memory, each page is a new one. */
static bool pages_begin(struct netback_pages *pages)
{
	pages->page = kmalloc_array(NETBACK_PAGES, sizeof(*pages->page),
				    GFP_ATOMIC | __GFP_NOWARN);
	if (!pages->page)
		return false;
	pages->next = 0;
	mod_timer(&pages->timer, jiffies + PAGES_IDLE);
	return true;
}

/* The one that was taken before all others, or nearly so. */
static struct page **pages_oldest(struct netback_pages *pages)
{
	struct page **page = &pages->page[pages->next];

	if (++pages->next >= pages->nr)
		pages->next = 0;
	return page;
}

/**
 * netback_page_get() - have a page for what the guest sends
 * @pages: the pages of a queue
 *
 * Context: NAPI
 * Return: the page, with a reference for the caller, or NULL
 */
struct page *netback_page_get(struct netback_pages *pages)
{
	struct page **page, *new;
	unsigned int i;

	if (unlikely(!pages->page) && !pages_begin(pages))
		return new_page();
	WRITE_ONCE(pages->used, jiffies);

	for (i = 0; i < PAGES_TRIES && i < pages->nr; i++) {
		page = pages_oldest(pages);
		if (page_ref_count(*page) > 1)
			continue;
		/* Whoever had it has read it: pairs with the end of put_page(). */
		smp_acquire__after_ctrl_dep();
		get_page(*page);
		return *page;
	}

	new = new_page();
	if (!new)
		return NULL;
	if (pages->nr < NETBACK_PAGES) {
		page = &pages->page[pages->nr];
		WRITE_ONCE(pages->nr, pages->nr + 1);
	} else {
		page = pages_oldest(pages);
		put_page(*page);
	}
	get_page(new);
	*page = new;
	return new;
}

/**
 * netback_pages_put() - keep nothing any more
 * @pages: the pages of a queue
 *
 * Context: NAPI, or process while it is off
 */
void netback_pages_put(struct netback_pages *pages)
{
	unsigned int i;

	if (!pages->page)
		return;
	for (i = 0; i < pages->nr; i++)
		put_page(pages->page[i]);
	kfree(pages->page);
	pages->page = NULL;
	WRITE_ONCE(pages->nr, 0);
	pages->idle = false;
}

/**
 * netback_pages_count() - how many are kept
 * @pages: the pages of a queue
 *
 * Context: any; the answer may be old
 * Return: that
 */
unsigned int netback_pages_count(const struct netback_pages *pages)
{
	return READ_ONCE(pages->nr);
}

/**
 * netback_pages_stop() - keep nothing, and nothing more to come
 * @pages: the pages of a queue whose NAPI is off
 *
 * Context: process
 */
void netback_pages_stop(struct netback_pages *pages)
{
	timer_delete_sync(&pages->timer);
	netback_pages_put(pages);
}
