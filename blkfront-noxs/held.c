// SPDX-License-Identifier: GPL-2.0
/*
 * What is left of a connection, or of a disk, while the backend still maps pages
 * of its I/O.
 *
 * Such a page is its user's as soon as the I/O ends: a backend could write what
 * was read long ago to memory that serves something else by then, or write to its
 * device what the page holds then. So the I/O doesn't end, nor is it sent again,
 * before its grants have, however long that takes. It is taken out of the block
 * layer's request, which ends, so that nothing there waits for it; with its pages
 * and references it stays in a list of the driver's, which a work item looks at
 * again and again. It outlives the connection, and the disk's device.
 *
 * Order of locks: held_lock, then blkfront.bios_lock.
 */
#include <linux/bio.h>
#include <linux/blk-mq.h>
#include <linux/blkdev.h>
#include <linux/delay.h>
#include <linux/device.h>
#include <linux/jiffies.h>
#include <linux/slab.h>
#include <xen/grant_table.h>

#include "blkfront.h"

#define HELD_DELAY_MIN	msecs_to_jiffies(10)
#define HELD_DELAY_MAX	msecs_to_jiffies(1000)

static LIST_HEAD(held_slots);
static unsigned long held_delay;
/* Protects the two above, and blkfront_slot.bf of what is held; any context. */
static DEFINE_SPINLOCK(held_lock);

static void held_work_fn(struct work_struct *work);
static DECLARE_DELAYED_WORK(held_work, held_work_fn);

/**
 * blkfront_slot_end() - end what is granted of a request's own pages
 * @slot: the request's
 *
 * Context: any
 * Return: whether all of it has ended, so that the pages are their user's alone
 */
bool blkfront_slot_end(struct blkfront_slot *slot)
{
	while (slot->nr_grefs) {
		if (!gnttab_try_end_foreign_access(slot->gref[slot->nr_grefs - 1]))
			return false;
		slot->nr_grefs--;
	}
	return true;
}

/**
 * blkfront_hold() - keep I/O until the backend has let go of its pages
 * @slot: the slot of its request, which has some granted; no longer the caller's,
 *	nor is the request
 *
 * Context: any
 */
void blkfront_hold(struct blkfront_slot *slot)
{
	struct request *rq = slot->rq;
	unsigned long flags;

	slot->bf = rq->q->queuedata;
	slot->disk = slot->bf->disk;
	get_device(disk_to_dev(slot->disk));
	blkfront_steal_bios(&slot->bios, rq);
	slot->rq = NULL;

	spin_lock_irqsave(&held_lock, flags);
	list_add_tail(&slot->list, &held_slots);
	held_delay = HELD_DELAY_MIN;
	spin_unlock_irqrestore(&held_lock, flags);
	mod_delayed_work(blkfront_wq, &held_work, HELD_DELAY_MIN);

	blk_mq_end_request(rq, BLK_STS_OK);
}

static void held_free(struct blkfront_slot *slot)
{
	struct bio *bio;

	list_del(&slot->list);
	while ((bio = bio_list_pop(&slot->bios)))
		bio_io_error(bio);
	put_disk(slot->disk);
	kfree(slot);
}

static void held_work_fn(struct work_struct *work)
{
	struct blkfront_slot *slot, *next;
	unsigned long delay;
	LIST_HEAD(ended);
	bool done;

	spin_lock_irq(&held_lock);
	list_for_each_entry_safe(slot, next, &held_slots, list) {
		if (!blkfront_slot_end(slot))
			continue;
		/* It depends on the disk's state now what becomes of it. */
		if (slot->bf)
			blkfront_submit_bios(slot->bf, &slot->bios);
		list_move_tail(&slot->list, &ended);
	}
	done = list_empty(&held_slots);
	delay = held_delay;
	held_delay = min(2 * delay, HELD_DELAY_MAX);
	spin_unlock_irq(&held_lock);

	list_for_each_entry_safe(slot, next, &ended, list)
		held_free(slot);
	if (!done)
		queue_delayed_work(blkfront_wq, &held_work, delay);
}

/**
 * blkfront_held() - count the requests of a disk that are held
 * @bf: the disk
 *
 * Context: process
 * Return: their number
 */
unsigned int blkfront_held(const struct blkfront *bf)
{
	struct blkfront_slot *slot;
	unsigned int nr = 0;

	spin_lock_irq(&held_lock);
	list_for_each_entry(slot, &held_slots, list)
		nr += slot->bf == bf;
	spin_unlock_irq(&held_lock);
	return nr;
}

/**
 * blkfront_held_forget() - let what is held of a disk fail in the end
 * @bf: the disk, which goes
 *
 * Context: process
 * Return: whether there is any
 */
bool blkfront_held_forget(const struct blkfront *bf)
{
	struct blkfront_slot *slot;
	bool any = false;

	spin_lock_irq(&held_lock);
	list_for_each_entry(slot, &held_slots, list)
		if (slot->bf == bf) {
			slot->bf = NULL;
			any = true;
		}
	spin_unlock_irq(&held_lock);
	return any;
}

/**
 * blkfront_held_exit() - wait for all that is held; there are no devices any more
 *
 * Who waits for such I/O has the disk open, and with it the module: so there is
 * hardly ever any left.
 */
void blkfront_held_exit(void)
{
	while (!list_empty_careful(&held_slots))
		msleep(20);
	cancel_delayed_work_sync(&held_work);
}
