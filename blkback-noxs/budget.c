// SPDX-License-Identifier: GPL-2.0
/*
 * Room for mappings: how much of it a guest's disks may take, and who waits for some.
 *
 * Xen keeps account of only so many mappings of dom0's. What the disks of one guest
 * have of them is bounded, so that the others find some, however many disks and
 * queues it has: all of them share a budget, and each has a reserve besides, which
 * takes one request of any size. So each disk gets on, whatever the others have.
 *
 * A queue that finds no room of the guest's waits until a request of its disk ends;
 * there is one under way, as the reserve isn't free. One that finds no room of Xen's
 * waits until mappings of any disk end, or looks again, as others have mappings, too.
 * They are woken one at a time: who gets all that it needs wakes the next.
 *
 * Pages that stay mapped take room that others may need. There are at most half as
 * many as Xen has room for by default, so that new devices, too, find some; and once a
 * queue waits for room of Xen's, every queue gives up those that it doesn't use.
 *
 * There is a budget for each domain with disks. All but its coming and going is for
 * passes.
 */
#include <linux/atomic.h>
#include <linux/list.h>
#include <linux/minmax.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "blkback.h"

/* Pages of a disk that don't count for the budget. */
#define BLKBACK_RESERVE		BLKBACK_MAX_SEGMENTS

/**
 * struct blkback_budget - what the disks of a domain map
 * @list: in blkback_budgets
 * @domid: the domain
 * @users: its disks; under blkback_budgets_lock
 * @used: pages that stay mapped, or that requests under way may map, but for those
 *	in the disks' reserves
 */
struct blkback_budget {
	struct list_head list;
	domid_t domid;
	unsigned int users;
	atomic_t used;
};

static LIST_HEAD(blkback_budgets);
static DEFINE_MUTEX(blkback_budgets_lock);	/* protects blkback_budgets; a leaf */

/* Pages that stay mapped, of all guests. */
static atomic_t blkback_kept;

/*
 * Queues that wait for room of Xen's, until they are woken, and how many haven't found
 * it yet. Those that wait for their guest's are in a list of the vbd. And queues that
 * keep pages mapped. The lock is for all of these lists, and a leaf.
 */
static LIST_HEAD(blkback_starved);
static unsigned int blkback_nr_short;
static LIST_HEAD(blkback_keeping);
static DEFINE_SPINLOCK(blkback_starved_lock);

/**
 * blkback_budget_get() - get the budget of a domain
 * @domid: the domain
 *
 * Return: the budget, or NULL if there is no memory
 */
struct blkback_budget *blkback_budget_get(domid_t domid)
{
	struct blkback_budget *budget;

	mutex_lock(&blkback_budgets_lock);
	list_for_each_entry(budget, &blkback_budgets, list)
		if (budget->domid == domid)
			goto out_unlock;
	budget = kzalloc(sizeof(*budget), GFP_KERNEL);
	if (!budget) {
		mutex_unlock(&blkback_budgets_lock);
		return NULL;
	}
	budget->domid = domid;
	list_add(&budget->list, &blkback_budgets);

out_unlock:
	budget->users++;
	mutex_unlock(&blkback_budgets_lock);
	return budget;
}

/**
 * blkback_budget_put() - a disk of the domain goes
 * @budget: the domain's
 */
void blkback_budget_put(struct blkback_budget *budget)
{
	mutex_lock(&blkback_budgets_lock);
	if (!--budget->users) {
		list_del(&budget->list);
		kfree(budget);
	}
	mutex_unlock(&blkback_budgets_lock);
}

static bool take(atomic_t *used, unsigned int nr, unsigned int limit)
{
	if ((unsigned int)atomic_add_return(nr, used) <= limit)
		return true;
	atomic_sub(nr, used);
	return false;
}

static unsigned int limit_of(const unsigned int *param)
{
	return min_t(unsigned int, READ_ONCE(*param), INT_MAX);
}

static bool take_any(struct blkback *bb, unsigned int nr, bool *reserved)
{
	*reserved = take(&bb->reserve, nr, BLKBACK_RESERVE);
	return *reserved ||
	       take(&bb->budget->used, nr, limit_of(&blkback_max_mappings));
}

/**
 * blkback_budget_take() - ask for room for a request
 * @queue: the queue, which is woken if there is none now
 * @nr: pages of the request
 * @reserved: out: it is of the disk's reserve
 *
 * Return: whether there is
 */
bool blkback_budget_take(struct blkback_queue *queue, unsigned int nr,
			 bool *reserved)
{
	if (take_any(queue->bb, nr, reserved))
		return true;
	blkback_starved_begin(queue, &queue->bb->starved);
	/* What was given back before may have woken nobody. */
	smp_mb();
	return take_any(queue->bb, nr, reserved);
}

/**
 * blkback_budget_give() - give a request's room back
 * @bb: the vbd
 * @nr: pages of the request
 * @reserved: it was of the disk's reserve
 *
 * Wakes nobody.
 */
void blkback_budget_give(struct blkback *bb, unsigned int nr, bool reserved)
{
	atomic_sub(nr, reserved ? &bb->reserve : &bb->budget->used);
}

/**
 * blkback_budget_keep() - ask for room for a page that stays mapped
 * @queue: the queue
 *
 * Half of the budget is for requests alone, and so is all when somebody waits for
 * room of Xen's.
 *
 * Return: whether there is
 */
bool blkback_budget_keep(struct blkback_queue *queue)
{
	if (blkback_is_short() ||
	    !take(&blkback_kept, 1, limit_of(&blkback_max_persistent_mappings)))
		return false;
	if (take(&queue->bb->budget->used, 1,
		 limit_of(&blkback_max_mappings) / 2))
		return true;
	atomic_dec(&blkback_kept);
	return false;
}

/**
 * blkback_budget_unkeep() - give the room of such a page back
 * @queue: the queue
 */
void blkback_budget_unkeep(struct blkback_queue *queue)
{
	atomic_dec(&queue->bb->budget->used);
	atomic_dec(&blkback_kept);
}

/**
 * blkback_keeping_begin() - a queue has pages that stay mapped
 * @queue: the queue, in its pass
 *
 * It is run when somebody needs their room.
 */
void blkback_keeping_begin(struct blkback_queue *queue)
{
	spin_lock(&blkback_starved_lock);
	list_add_tail(&queue->keeping, &blkback_keeping);
	spin_unlock(&blkback_starved_lock);
}

/**
 * blkback_keeping_end() - a queue has none any more, or isn't to be run for them
 * @queue: the queue, in its pass, or with none that may start requests
 */
void blkback_keeping_end(struct blkback_queue *queue)
{
	spin_lock(&blkback_starved_lock);
	list_del_init(&queue->keeping);
	spin_unlock(&blkback_starved_lock);
}

/**
 * blkback_is_short() - tell whether somebody waits for room of Xen's
 *
 * Return: true if so
 */
bool blkback_is_short(void)
{
	return READ_ONCE(blkback_nr_short);
}

static void wake_first(struct list_head *list)
{
	struct blkback_queue *queue;

	queue = list_first_entry_or_null(list, struct blkback_queue, starved);
	if (!queue)
		return;
	list_del_init(&queue->starved);
	blkback_queue_run(queue);
}

static void left_short(const struct blkback_queue *queue)
{
	if (queue->starved_in == &blkback_starved)
		WRITE_ONCE(blkback_nr_short, blkback_nr_short - 1);
}

/**
 * blkback_starved_begin() - a queue waits for room
 * @queue: the queue, in its pass
 * @list: &blkback.starved, or NULL for room of Xen's, for which other queues then give
 *	up what they keep
 */
void blkback_starved_begin(struct blkback_queue *queue, struct list_head *list)
{
	struct blkback_queue *other;

	if (!list)
		list = &blkback_starved;
	blkback_count(queue, BLKBACK_STAT_STARVED, 1);

	spin_lock(&blkback_starved_lock);
	/* It keeps its place, unless it was woken. */
	if (list != queue->starved_in || list_empty(&queue->starved))
		list_move_tail(&queue->starved, list);
	if (list != queue->starved_in && list == &blkback_starved) {
		WRITE_ONCE(blkback_nr_short, blkback_nr_short + 1);
		list_for_each_entry(other, &blkback_keeping, keeping)
			blkback_queue_run(other);
	} else if (list != queue->starved_in) {
		left_short(queue);
	}
	queue->starved_in = list;
	spin_unlock(&blkback_starved_lock);
}

/**
 * blkback_starved_end() - a queue doesn't wait for room any more
 * @queue: the queue, in its pass, or with none that may start requests
 */
void blkback_starved_end(struct blkback_queue *queue)
{
	if (!queue->starved_in)
		return;
	spin_lock(&blkback_starved_lock);
	list_del_init(&queue->starved);
	wake_first(queue->starved_in);
	left_short(queue);
	queue->starved_in = NULL;
	spin_unlock(&blkback_starved_lock);
}

/**
 * blkback_starved_wake() - there is room
 * @bb: the vbd whose requests, or mappings, have ended
 */
void blkback_starved_wake(struct blkback *bb)
{
	/* Pairs with the one of who waits and looks again. */
	smp_mb();
	if (list_empty(&bb->starved) && !blkback_is_short())
		return;
	spin_lock(&blkback_starved_lock);
	wake_first(&bb->starved);
	wake_first(&blkback_starved);
	spin_unlock(&blkback_starved_lock);
}
