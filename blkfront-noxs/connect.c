// SPDX-License-Identifier: GPL-2.0
/*
 * The control side: what the core calls when the device comes and goes, and
 * when its backend does.
 *
 * The disk is made at the first connect, when its geometry is known, and stays
 * until remove. What happens to I/O meanwhile is blkfront.state: see blkfront.h.
 *
 * Process context, one operation at a time; none of them waits for I/O, except
 * remove, when all I/O fails.
 */
#include <linux/cpumask.h>
#include <linux/interrupt.h>
#include <linux/jiffies.h>
#include <linux/lockdep.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

#include "blkfront.h"

static void set_state(struct blkfront *bf, enum blkfront_state state)
{
	struct request_queue *q;

	lockdep_assert_held(&bf->lock);

	if (!bf->disk) {
		bf->state = state;
		return;
	}

	q = bf->disk->queue;
	if (bf->state != BLKFRONT_WAIT)
		blk_mq_quiesce_queue(q);
	WRITE_ONCE(bf->state, state);
	if (state != BLKFRONT_WAIT) {
		blk_mq_unquiesce_queue(q);
		blk_mq_start_stopped_hw_queues(q, true);
	}
}

static void expire_work(struct work_struct *work)
{
	struct blkfront *bf = container_of(to_delayed_work(work),
					   struct blkfront, expire);

	mutex_lock(&bf->lock);
	/* There may have been a backend again, and be none again. */
	if (bf->state == BLKFRONT_WAIT &&
	    time_after_eq(jiffies, bf->deadline)) {
		set_state(bf, BLKFRONT_FAIL);
		dev_err(&bf->ndev->dev, "no backend any more, I/O fails\n");
	}
	mutex_unlock(&bf->lock);
}

static void wait_for_backend(struct blkfront *bf)
{
	unsigned int secs = READ_ONCE(blkfront_reconnect_timeout);
	unsigned long delay;

	lockdep_assert_held(&bf->lock);

	if (!secs)
		return;
	delay = min_t(unsigned long, secs, MAX_JIFFY_OFFSET / HZ) * HZ;
	bf->deadline = jiffies + delay;
	/* Not blkfront_wq, whose work may be what is waiting. */
	kblockd_mod_delayed_work_on(WORK_CPU_UNBOUND, &bf->expire, delay);
}

static int queue_create(struct blkfront_queue *queue)
{
	struct noxs_device *ndev = queue->bf->ndev;
	int err;

	err = blkfront_ring_create(queue, queue->bf->max_segments);
	if (err)
		return err;

	snprintf(queue->name, sizeof(queue->name), "%s-q%u",
		 dev_name(&ndev->dev), queue->id);
	err = noxs_channel_alloc(ndev, &queue->ch, blkfront_interrupt,
				 queue->name, queue);
	if (err)
		blkfront_ring_destroy(queue, false);
	return err;
}

/*
 * The interrupts go before the rings. What the backend has answered until then
 * is completed, and so is off the rings when they go.
 */
static void queues_destroy(struct blkfront *bf, bool requeue)
{
	unsigned int i;

	for (i = 0; i < bf->nr_queues; i++) {
		noxs_channel_free(&bf->queue[i].ch, &bf->queue[i]);
		(void)blkfront_reap(&bf->queue[i]);
	}
	if (bf->disk) {
		blk_sync_queue(bf->disk->queue);	/* the timeout handler */
		blk_mq_tagset_wait_completed_request(&bf->tags);
	}
	for (i = 0; i < bf->nr_queues; i++)
		blkfront_ring_destroy(&bf->queue[i], requeue);
	bf->nr_queues = 0;
	if (bf->disk)
		blk_mq_kick_requeue_list(bf->disk->queue);
}

/* Makes up to @nr queues, at least one. */
static int queues_create(struct blkfront *bf, unsigned int nr)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < nr; i++) {
		err = queue_create(&bf->queue[i]);
		if (err)
			break;
	}
	if (!i)
		return err;
	if (err)
		dev_warn(&bf->ndev->dev, "only %u of %u queues: %d\n", i, nr,
			 err);
	bf->nr_queues = i;
	return 0;
}

/*
 * Let the events of each queue come to a CPU that uses it. It is an
 * optimisation, so failures don't count.
 */
static void queues_spread(struct blkfront *bf)
{
	const unsigned int *map = bf->tags.map[HCTX_TYPE_DEFAULT].mq_map;
	unsigned int cpu, i;
	cpumask_var_t mask;

	if (bf->nr_queues == 1 || !zalloc_cpumask_var(&mask, GFP_KERNEL))
		return;

	for (i = 0; i < bf->nr_queues; i++) {
		cpumask_clear(mask);
		for_each_online_cpu(cpu)
			if (map[cpu] % bf->nr_queues == i)
				cpumask_set_cpu(cpu, mask);
		if (!cpumask_empty(mask))
			(void)irq_set_affinity(bf->queue[i].ch.irq, mask);
	}
	free_cpumask_var(mask);
}

static void accept_features(struct blkfront *bf,
			    const struct noxs_vbd_backend *be)
{
	struct noxs_device *ndev = bf->ndev;
	unsigned int max_segments = clamp(blkfront_max_segments,
					  BLKFRONT_MIN_SEGMENTS,
					  BLKFRONT_MAX_SEGMENTS);

	if (!READ_ONCE(blkfront_persistent))
		ndev->features &= ~NOXS_VBD_F_PERSISTENT;
	/* What only follows a write may fail on a disk without any. */
	if (be->info & NOXS_VBD_INFO_READONLY)
		ndev->features &= ~(NOXS_VBD_F_FLUSH | NOXS_VBD_F_BARRIER |
				    NOXS_VBD_F_DISCARD |
				    NOXS_VBD_F_SECURE_ERASE);
	/* Past a cache that can't be flushed there is nothing to write. */
	if (!noxs_has_feature(ndev, NOXS_VBD_F_FLUSH))
		ndev->features &= ~NOXS_VBD_F_BARRIER;
	max_segments = min(max_segments, be->max_segments);
	if (max_segments <= BLKFRONT_MIN_SEGMENTS) {
		max_segments = BLKFRONT_MIN_SEGMENTS;
		ndev->features &= ~NOXS_VBD_F_INDIRECT;
	}

	bf->max_segments = max_segments;
	bf->bounce = !blkfront_trusted ||
		     noxs_has_feature(ndev, NOXS_VBD_F_PERSISTENT);
	atomic_set(&bf->features, ndev->features);
}

static int attach(struct blkfront *bf, const struct noxs_half *peer)
{
	const struct noxs_vbd_backend *be = &peer->vbd_backend;
	unsigned int nr = min(be->max_queues, bf->max_queues);
	int err;

	err = blkfront_check_backend(be, peer->hdr.features);
	if (err)
		return err;
	/* What is in the file systems' caches has the size of the old sectors. */
	if (bf->disk && be->sector_size > bf->sector_size)
		return -EINVAL;

	mutex_lock(&bf->lock);
	bf->be = *be;
	bf->connection++;
	accept_features(bf, be);
	err = bf->disk ? 0 : blkfront_disk_create(bf, nr);
	if (!err)
		err = queues_create(bf, min(nr, bf->tags.nr_hw_queues));
	if (!err)
		queues_spread(bf);
	mutex_unlock(&bf->lock);
	return err;
}

static bool blkfront_in_use(struct noxs_device *ndev, struct noxs_half *own)
{
	struct blkfront *bf = dev_get_drvdata(&ndev->dev);
	unsigned int openers = READ_ONCE(bf->openers);

	if (!noxs_has_feature(ndev, NOXS_VBD_F_OPENERS))
		return false;
	own->vbd_frontend.openers = openers;
	return openers;
}

static void publish(const struct blkfront *bf, struct noxs_vbd_frontend *fe)
{
	unsigned int i;

	fe->protocol = IS_ENABLED(CONFIG_X86_32) ? NOXS_VBD_PROTOCOL_X86_32 :
						   NOXS_VBD_PROTOCOL_64;
	fe->nr_queues = bf->nr_queues;
	fe->nr_ring_pages = 1;
	for (i = 0; i < bf->nr_queues; i++) {
		fe->queue[i].evtchn = bf->queue[i].ch.port;
		fe->queue[i].gref[0] = bf->queue[i].page.gref;
	}
}

static int blkfront_connect(struct noxs_device *ndev,
			    const struct noxs_half *peer, struct noxs_half *own)
{
	struct blkfront *bf = dev_get_drvdata(&ndev->dev);
	unsigned int noio;
	int err;

	/* To free memory for this could take I/O to this disk. */
	noio = memalloc_noio_save();
	err = attach(bf, peer);
	memalloc_noio_restore(noio);

	if (err && !noxs_error_passes(err)) {
		/* The core closes the device. Nobody need wait for it. */
		mutex_lock(&bf->lock);
		set_state(bf, BLKFRONT_DEAD);
		mutex_unlock(&bf->lock);
	}
	if (err)
		return err;
	publish(bf, &own->vbd_frontend);
	(void)blkfront_in_use(ndev, own);
	return 0;
}

static void blkfront_disconnect(struct noxs_device *ndev)
{
	struct blkfront *bf = dev_get_drvdata(&ndev->dev);
	/* If the core doesn't know it yet, it forgets it with the connection. */
	bool dead = blkfront_is_broken(bf) && ndev->error;
	bool was_up;

	mutex_lock(&bf->lock);
	was_up = bf->state == BLKFRONT_UP;
	if (was_up)
		set_state(bf, BLKFRONT_WAIT);
	queues_destroy(bf, !dead);
	if (dead)
		set_state(bf, BLKFRONT_DEAD);
	else if (was_up && ndev->error)
		set_state(bf, BLKFRONT_FAIL);
	else if (was_up)
		wait_for_backend(bf);
	clear_bit(0, &bf->broken);
	mutex_unlock(&bf->lock);
}

static void blkfront_otherend_changed(struct noxs_device *ndev,
				      const struct noxs_half *peer)
{
	struct blkfront *bf = dev_get_drvdata(&ndev->dev);
	const struct noxs_vbd_backend *be = &peer->vbd_backend;
	int err;

	err = blkfront_check_backend(be, peer->hdr.features);
	if (err) {
		noxs_dev_fatal(ndev, err, "backend's offer became invalid");
		return;
	}

	mutex_lock(&bf->lock);
	bf->be.sectors = be->sectors;	/* nothing else may change */
	if (bf->state != BLKFRONT_UP) {
		set_state(bf, BLKFRONT_UP);
		cancel_delayed_work(&bf->expire);
	}
	mutex_unlock(&bf->lock);
	queue_work(system_long_wq, &bf->disk_work);
}

static int blkfront_probe(struct noxs_device *ndev)
{
	unsigned int i, nr = clamp(min(blkfront_max_queues, num_online_cpus()),
				   1U, (unsigned int)NOXS_VBD_MAX_QUEUES);
	struct blkfront *bf;

	if (blkfront_is_dying(ndev->id)) {
		dev_err(&ndev->dev, "a former disk's I/O is with its backend\n");
		return -EBUSY;
	}
	bf = kzalloc(struct_size(bf, queue, nr), GFP_KERNEL);
	if (!bf)
		return -ENOMEM;

	bf->ndev = ndev;
	bf->id = ndev->id;
	bf->max_queues = nr;
	mutex_init(&bf->lock);
	mutex_init(&bf->limits_lock);
	spin_lock_init(&bf->bios_lock);
	INIT_DELAYED_WORK(&bf->expire, expire_work);
	INIT_WORK(&bf->disk_work, blkfront_disk_work);
	INIT_WORK(&bf->bios_work, blkfront_bios_work);
	for (i = 0; i < nr; i++) {
		bf->queue[i].bf = bf;
		bf->queue[i].id = i;
		spin_lock_init(&bf->queue[i].lock);
	}
	dev_set_drvdata(&ndev->dev, bf);
	return 0;
}

static void blkfront_remove(struct noxs_device *ndev)
{
	struct blkfront *bf = dev_get_drvdata(&ndev->dev);

	blkfront_disk_forget(bf);
	/* All I/O fails now, so whoever waits for it comes to an end. */
	mutex_lock(&bf->lock);
	set_state(bf, BLKFRONT_DEAD);
	mutex_unlock(&bf->lock);
	cancel_delayed_work_sync(&bf->expire);
	cancel_work_sync(&bf->disk_work);
	blkfront_bury(bf);
}

static const struct noxs_device_id blkfront_ids[] = {
	{ NOXS_TYPE_VBD },
	{ NOXS_TYPE_NONE }
};

struct noxs_driver blkfront_driver = {
	.driver.name = "noxs_blkfront",
	.driver.dev_groups = blkfront_groups,
	.ids = blkfront_ids,
	.features = NOXS_VBD_F_ALL,
	.probe = blkfront_probe,
	.remove = blkfront_remove,
	.connect = blkfront_connect,
	.disconnect = blkfront_disconnect,
	.in_use = blkfront_in_use,
	.otherend_changed = blkfront_otherend_changed,
};
