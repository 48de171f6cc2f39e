// SPDX-License-Identifier: GPL-2.0
/*
 * Disks that are to go.
 *
 * While I/O is held (held.c), a disk that is to go can wait for it in many places, with
 * locks of the driver core's held. So it goes in the background then, and a disk of
 * the same name, or one that holds it or is held by it, has to wait for its end.
 *
 * Process context.
 */
#include <linux/device.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "blkfront.h"

static LIST_HEAD(dying_disks);
/* Somebody wanted a disk that there can't be beside one of them. */
static bool dying_were_asked;
/* The module goes: no driver is to be bound. */
static bool dying_exiting;
/* Protects the three above; process context. */
static DEFINE_MUTEX(dying_lock);
static struct workqueue_struct *dying_wq;

static void dying_work(struct work_struct *work)
{
	struct blkfront *bf = container_of(work, struct blkfront, dying_work);
	bool attach;
	int err = 0;

	blkfront_disk_destroy(bf);
	mutex_lock(&dying_lock);
	list_del(&bf->dying);
	attach = dying_were_asked && !dying_exiting;
	dying_were_asked = false;
	mutex_unlock(&dying_lock);
	kfree(bf);
	if (attach)
		err = driver_attach(&blkfront_driver.driver);
	if (err)
		pr_err("can't bind what waited for a former disk: %d\n", err);
}

/**
 * blkfront_bury() - take the disk from its users, and free it and all else
 * @bf: the disk, BLKFRONT_DEAD; no longer the caller's
 *
 * Waits for no I/O that is held: if there is any, it goes when that has ended.
 *
 * Context: process
 */
void blkfront_bury(struct blkfront *bf)
{
	if (!blkfront_held_forget(bf)) {
		blkfront_disk_destroy(bf);
		kfree(bf);
		return;
	}

	dev_notice(&bf->ndev->dev,
		   "the disk goes when its backend lets go of its I/O\n");
	/* Its parent goes before. */
	(void)device_move(disk_to_dev(bf->disk), NULL, DPM_ORDER_NONE);
	mutex_lock(&dying_lock);
	list_add_tail(&bf->dying, &dying_disks);
	INIT_WORK(&bf->dying_work, dying_work);
	queue_work(dying_wq, &bf->dying_work);
	mutex_unlock(&dying_lock);
}

/**
 * blkfront_is_dying() - tell whether there still is a former disk in the way
 * @id: number of the disk that is to be
 *
 * If so, the driver is bound again to what has none when that has ended.
 *
 * Context: process
 * Return: true if so
 */
bool blkfront_is_dying(u32 id)
{
	struct blkfront *bf;
	bool found = false;

	mutex_lock(&dying_lock);
	list_for_each_entry(bf, &dying_disks, dying)
		if (blkfront_names_clash(bf->id, id))
			found = true;
	if (found)
		dying_were_asked = true;
	mutex_unlock(&dying_lock);
	return found;
}

/**
 * blkfront_dying_init() - get what is needed for disks that can't go at once
 *
 * Return: 0 or -ENOMEM
 */
int blkfront_dying_init(void)
{
	dying_wq = alloc_workqueue("noxs_blkfront_end", WQ_UNBOUND, 0);
	return dying_wq ? 0 : -ENOMEM;
}

/**
 * blkfront_dying_stop() - bind the driver to nothing any more
 *
 * The driver is about to go.
 */
void blkfront_dying_stop(void)
{
	mutex_lock(&dying_lock);
	dying_exiting = true;
	mutex_unlock(&dying_lock);
	flush_workqueue(dying_wq);
}

/** blkfront_dying_exit() - wait for those that still go; there are no devices any more */
void blkfront_dying_exit(void)
{
	destroy_workqueue(dying_wq);
}
