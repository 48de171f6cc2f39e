// SPDX-License-Identifier: GPL-2.0
/*
 * What the guest sees of the disk: gendisk and its block layer queue, their
 * limits and capacity, ioctls, and statistics in sysfs.
 *
 * Process context. Adding a disk reads its partitions, so a work item does it,
 * which may wait for the backend as long as any I/O does. Limits belong to the
 * queue's users as well, who may hold its lock while they wait for I/O: so they
 * are applied by work items, which no I/O waits for.
 */
#include <linux/blkdev.h>
#include <linux/cdrom.h>
#include <linux/hdreg.h>
#include <linux/limits.h>
#include <linux/list.h>
#include <linux/lockdep.h>
#include <linux/math.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "blkfront.h"

static int blkfront_getgeo(noxs_getgeo_t *dev, struct hd_geometry *geo)
{
	sector_t cylinders = get_capacity(noxs_getgeo_disk(dev));

	/* There is none. This is what most who ask expect. */
	geo->heads = 255;
	geo->sectors = 63;
	sector_div(cylinders, geo->heads * geo->sectors);
	geo->cylinders = min_t(sector_t, cylinders, USHRT_MAX);
	return 0;
}

static int blkfront_cdrom_ioctl(struct block_device *bdev, blk_mode_t mode,
				unsigned int cmd, unsigned long arg)
{
	/* It is asked to tell CD-ROMs from disks. There is no tray. */
	return cmd == CDROM_GET_CAPABILITY ? 0 : -ENOTTY;
}

/*
 * Protects gendisk.private_data, which is NULL when there is no device any more, and
 * blkfront.openers; process context, a leaf. The backend may want to know whether
 * the disk is open when it is to go.
 */
static DEFINE_SPINLOCK(openers_lock);

static void count_openers(struct gendisk *disk, int more)
{
	struct blkfront *bf;

	spin_lock(&openers_lock);
	bf = disk->private_data;
	if (bf) {
		WRITE_ONCE(bf->openers, bf->openers + more);
		noxs_dev_refresh(bf->ndev);
	}
	spin_unlock(&openers_lock);
}

static int blkfront_open(noxs_blk_open_t *dev, blk_mode_t mode)
{
	count_openers(noxs_blk_open_disk(dev), 1);
	return 0;
}

static noxs_blk_release(blkfront_release)
{
	count_openers(disk, -1);
}

/* None needs the device, which can go while somebody has the disk open. */
static const struct block_device_operations blkfront_fops = {
	.owner = THIS_MODULE,
	.open = blkfront_open,
	.release = blkfront_release,
	.getgeo = blkfront_getgeo,
};

static const struct block_device_operations blkfront_cdrom_fops = {
	.owner = THIS_MODULE,
	.open = blkfront_open,
	.release = blkfront_release,
	.getgeo = blkfront_getgeo,
	.ioctl = blkfront_cdrom_ioctl,
	.compat_ioctl = blkdev_compat_ptr_ioctl,
};

/* Those that have a name, or are about to; process context, a leaf. */
static LIST_HEAD(named_disks);
static DEFINE_MUTEX(named_lock);

/*
 * Two disks that a host calls alike, or one and a partition of it, would both be
 * in sysfs under one name.
 */
static int take_name(struct blkfront *bf)
{
	struct blkfront *other;
	int err = 0;

	mutex_lock(&named_lock);
	list_for_each_entry(other, &named_disks, named)
		if (blkfront_names_clash(bf->id, other->id))
			err = -EEXIST;
	if (!err)
		list_add_tail(&bf->named, &named_disks);
	mutex_unlock(&named_lock);
	return err;
}

static void give_name(struct blkfront *bf)
{
	mutex_lock(&named_lock);
	list_del(&bf->named);
	mutex_unlock(&named_lock);
}

static void fill_limits(const struct blkfront *bf,
			struct noxs_blk_limits *limits)
{
	const struct noxs_vbd_backend *be = &bf->be;

	*limits = (struct noxs_blk_limits){
		.logical_block_size = bf->sector_size,
		.physical_block_size = max(be->physical_sector_size,
					   bf->sector_size),
		.max_segments = bf->max_segments,
		.max_hw_sectors = bf->max_segments * PAGE_SECTORS,
		/*
		 * Another backend may have a cache where this one has none,
		 * and does I/O before it has a limit changed: what is to be
		 * durable comes to us, and request.c sees what has to be done.
		 */
		.write_cache = true,
		.fua = true,
	};
	if (!blkfront_has(bf, NOXS_VBD_F_DISCARD) ||
	    !blkfront_discard_fits(be, bf->sector_size))
		return;
	limits->max_discard_sectors = be->max_discard_sectors;
	limits->discard_granularity = max(be->discard_granularity,
					  bf->sector_size);
	limits->discard_alignment = be->discard_alignment;
	if (blkfront_has(bf, NOXS_VBD_F_SECURE_ERASE))
		limits->max_secure_erase_sectors = be->max_discard_sectors;
}

/**
 * blkfront_apply_limits() - make the block layer keep the backend's limits
 * @bf: the disk
 *
 * Requests that are on their way may still be beyond them.
 *
 * Context: process; may wait for I/O, but not for what blkfront.bios_work does
 * Return: 0 or -errno
 */
int blkfront_apply_limits(struct blkfront *bf)
{
	struct noxs_blk_limits limits;
	int err = 0;

	mutex_lock(&bf->limits_lock);
	mutex_lock(&bf->lock);
	fill_limits(bf, &limits);
	mutex_unlock(&bf->lock);

	/* What users have set on top of the same limits is left alone. */
	if (memcmp(&limits, &bf->limits, sizeof(limits)))
		err = noxs_blk_set_limits(bf->disk, &limits);
	if (!err)
		bf->limits = limits;
	mutex_unlock(&bf->limits_lock);
	return err;
}

/**
 * blkfront_disk_work() - show users what the backend says of the disk
 * @work: the disk's disk_work
 */
void blkfront_disk_work(struct work_struct *work)
{
	struct blkfront *bf = container_of(work, struct blkfront, disk_work);
	struct gendisk *disk = bf->disk;
	sector_t sectors;
	bool readonly;
	int err;

	mutex_lock(&bf->lock);
	sectors = round_down(bf->be.sectors, bf->sector_size >> SECTOR_SHIFT);
	readonly = bf->be.info & NOXS_VBD_INFO_READONLY;
	mutex_unlock(&bf->lock);

	err = blkfront_apply_limits(bf);
	if (err)
		goto err_fatal;
	/* Users may make it read-only, too. */
	if (readonly != bf->readonly)
		set_disk_ro(disk, readonly);
	bf->readonly = readonly;

	if (bf->added) {
		set_capacity_and_notify(disk, sectors);
		return;
	}
	set_capacity(disk, sectors);
	err = device_add_disk(&bf->ndev->dev, disk, NULL);
	if (err)
		goto err_fatal;
	WRITE_ONCE(bf->added, true);
	return;

err_fatal:
	noxs_dev_fatal(bf->ndev, err, "can't set up disk %s", disk->disk_name);
}

static int tags_create(struct blkfront *bf, unsigned int nr_queues)
{
	struct blk_mq_tag_set *tags = &bf->tags;

	tags->ops = &blkfront_mq_ops;
	tags->nr_hw_queues = nr_queues;
	tags->queue_depth = BLKFRONT_RING_SIZE;
	tags->numa_node = NUMA_NO_NODE;
	tags->cmd_size = sizeof(struct blkfront_request);
	tags->timeout = min_not_zero(READ_ONCE(blkfront_request_timeout),
				     BLKFRONT_REPORT_SECS) * HZ;
	/* The host's scheduler knows the disk; this one wouldn't. */
	tags->flags = NOXS_BLK_MQ_F_SHOULD_MERGE | BLK_MQ_F_NO_SCHED_BY_DEFAULT;
	return blk_mq_alloc_tag_set(tags);
}

/**
 * blkfront_disk_create() - make the disk, which nobody sees yet
 * @bf: its backend is known, and @bf has none of it yet
 * @nr_queues: how many queues it is to have
 *
 * Context: process, may sleep
 * Return: 0 or -errno
 */
int blkfront_disk_create(struct blkfront *bf, unsigned int nr_queues)
{
	char name[BLKFRONT_NAME_SIZE];
	struct gendisk *disk;
	u32 id = bf->id;
	int err;

	lockdep_assert_held(&bf->lock);

	err = blkfront_name(id, name);
	if (err)
		return err;
	err = take_name(bf);
	if (err)
		return err;
	err = tags_create(bf, nr_queues);
	if (err)
		goto err_give_name;
	bf->sector_size = bf->be.sector_size;
	fill_limits(bf, &bf->limits);
	disk = noxs_blk_alloc_disk(&bf->tags, &bf->limits, bf);
	if (IS_ERR(disk)) {
		err = PTR_ERR(disk);
		goto err_free_tags;
	}

	disk->major = blkfront_major;
	disk->first_minor = id * BLKFRONT_MINORS;
	disk->minors = BLKFRONT_MINORS;
	disk->fops = &blkfront_fops;
	if (bf->be.info & NOXS_VBD_INFO_CDROM)
		disk->fops = &blkfront_cdrom_fops;
	if (bf->be.info & (NOXS_VBD_INFO_CDROM | NOXS_VBD_INFO_REMOVABLE))
		disk->flags |= GENHD_FL_REMOVABLE;
	/* What is a partition to the guest has none of its own. */
	if (id >= NOXS_VBD_PARTITION) {
		disk->flags |= GENHD_FL_NO_PART;
		disk->minors = 1;
	}
	snprintf(disk->disk_name, sizeof(disk->disk_name), "%s%s",
		 blkfront_xvd ? "xvd" : BLKFRONT_NAME, name);
	disk->private_data = bf;
	/* As in any other time without a backend. */
	blk_mq_quiesce_queue(disk->queue);
	bf->disk = disk;
	return 0;

err_free_tags:
	blk_mq_free_tag_set(&bf->tags);
err_give_name:
	give_name(bf);
	return err;
}

/**
 * blkfront_disk_forget() - don't count any more who has the disk open
 * @bf: the disk, whose device goes
 */
void blkfront_disk_forget(struct blkfront *bf)
{
	if (!bf->disk)
		return;
	spin_lock(&openers_lock);
	bf->disk->private_data = NULL;
	spin_unlock(&openers_lock);
}

/**
 * blkfront_disk_destroy() - take the disk from its users, and free it
 * @bf: the disk, BLKFRONT_DEAD; its users see I/O errors from now on
 */
void blkfront_disk_destroy(struct blkfront *bf)
{
	struct gendisk *disk = bf->disk;

	if (!disk)
		return;
	if (!bf->added) {
		put_disk(disk);
		blk_mq_free_tag_set(&bf->tags);
		give_name(bf);
		return;
	}

	blk_mark_disk_dead(disk);
	del_gendisk(disk);
	/* What it has left to submit fails, too. */
	flush_work(&bf->bios_work);
	blk_mq_free_tag_set(&bf->tags);
	put_disk(disk);
	give_name(bf);
}

static ssize_t vdev_show(struct device *dev, struct device_attribute *attr,
			 char *buf)
{
	char name[BLKFRONT_NAME_SIZE];
	int err = blkfront_name(to_noxs_device(dev)->id, name);

	return err ?: sysfs_emit(buf, "xvd%s\n", name);
}
static DEVICE_ATTR_RO(vdev);

/* 60-noxs-blkfront.rules makes links of it. */
static struct attribute *vdev_attrs[] = {
	&dev_attr_vdev.attr,
	NULL
};

static const struct attribute_group vdev_group = {
	.attrs = vdev_attrs,
};

static ssize_t errors_show(struct device *dev, struct device_attribute *attr,
			   char *buf)
{
	struct blkfront *bf = dev_get_drvdata(dev);

	return sysfs_emit(buf, "%ld\n",
			  atomic_long_read(&bf->stat[BLKFRONT_ERRORS]));
}
static DEVICE_ATTR_RO(errors);

static ssize_t requeues_show(struct device *dev, struct device_attribute *attr,
			     char *buf)
{
	struct blkfront *bf = dev_get_drvdata(dev);

	return sysfs_emit(buf, "%ld\n",
			  atomic_long_read(&bf->stat[BLKFRONT_REQUEUES]));
}
static DEVICE_ATTR_RO(requeues);

static ssize_t timeouts_show(struct device *dev, struct device_attribute *attr,
			     char *buf)
{
	struct blkfront *bf = dev_get_drvdata(dev);

	return sysfs_emit(buf, "%ld\n",
			  atomic_long_read(&bf->stat[BLKFRONT_TIMEOUTS]));
}
static DEVICE_ATTR_RO(timeouts);

static unsigned int queue_inflight(const struct blkfront_queue *queue)
{
	return queue->ring.req_prod_pvt - queue->ring.rsp_cons;
}

/* References that aren't free: of the ring, of segments, of descriptions. */
static unsigned int queue_grants(const struct blkfront_queue *queue)
{
	return 1 + queue->nr_grants - queue->nr_pool;
}

static unsigned int sum(struct blkfront *bf,
			unsigned int (*fn)(const struct blkfront_queue *queue))
{
	unsigned int i, n = 0;

	for (i = 0; i < bf->max_queues; i++) {
		spin_lock_irq(&bf->queue[i].lock);
		if (bf->queue[i].up)
			n += fn(&bf->queue[i]);
		spin_unlock_irq(&bf->queue[i].lock);
	}
	return n;
}

static ssize_t inflight_show(struct device *dev, struct device_attribute *attr,
			     char *buf)
{
	return sysfs_emit(buf, "%u\n",
			  sum(dev_get_drvdata(dev), queue_inflight));
}
static DEVICE_ATTR_RO(inflight);

static ssize_t grants_show(struct device *dev, struct device_attribute *attr,
			   char *buf)
{
	return sysfs_emit(buf, "%u\n", sum(dev_get_drvdata(dev), queue_grants));
}
static DEVICE_ATTR_RO(grants);

static ssize_t held_show(struct device *dev, struct device_attribute *attr,
			 char *buf)
{
	return sysfs_emit(buf, "%u\n", blkfront_held(dev_get_drvdata(dev)));
}
static DEVICE_ATTR_RO(held);

static struct attribute *blkfront_attrs[] = {
	&dev_attr_errors.attr,
	&dev_attr_grants.attr,
	&dev_attr_held.attr,
	&dev_attr_inflight.attr,
	&dev_attr_requeues.attr,
	&dev_attr_timeouts.attr,
	NULL
};

static const struct attribute_group blkfront_group = {
	.name = "statistics",
	.attrs = blkfront_attrs,
};

const struct attribute_group *blkfront_groups[] = {
	&vdev_group,
	&blkfront_group,
	NULL
};
