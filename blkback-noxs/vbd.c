// SPDX-License-Identifier: GPL-2.0
/*
 * The block device behind a vbd: opening it, what is offered of it, noticing
 * that it changes or goes, and what sysfs shows.
 *
 * Process context. The block layer says when a device goes only since Linux 6.5,
 * and never when its size changes; so both are also looked at whenever the guest
 * does I/O, and when somebody writes to "rescan".
 */
#include <linux/device.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/kdev_t.h>
#include <linux/log2.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/sysfs.h>

#include "blkback.h"

static bool is_readonly(const struct blkback *bb)
{
	return bb->ndev->vbd.flags & NOXS_VBD_READONLY;
}

/*
 * Devices that guests only read have one holder, so that they can share them, if
 * with nobody else. This is it, and the list of their vbds.
 */
static LIST_HEAD(vbd_readers);
static DEFINE_MUTEX(vbd_readers_lock);	/* protects vbd_readers; a leaf */

static void *vbd_holder(struct blkback *bb)
{
	return is_readonly(bb) ? (void *)&vbd_readers : bb;
}

static void vbd_gone(struct blkback *bb)
{
	if (!xchg(&bb->dead, true))
		noxs_dev_fatal(bb->ndev, -ENODEV, "block device is gone");
}

static void readers_gone(const struct block_device *bdev)
{
	struct blkback *bb;

	mutex_lock(&vbd_readers_lock);
	list_for_each_entry(bb, &vbd_readers, readers)
		if (bb->bdev == bdev)
			vbd_gone(bb);
	mutex_unlock(&vbd_readers_lock);
}

/* The device goes, and waits for us until we let go of this lock. */
static void vbd_mark_dead(struct block_device *bdev, bool surprise)
{
	if (bdev->bd_holder == &vbd_readers)
		readers_gone(bdev);
	else
		vbd_gone(bdev->bd_holder);
	noxs_bdev_holder_unlock(bdev);
}

static const struct blk_holder_ops vbd_holder_ops = {
	.mark_dead = vbd_mark_dead,
};

/**
 * blkback_vbd_poll() - see whether the block device changed
 * @bb: the vbd
 */
void blkback_vbd_poll(struct blkback *bb)
{
	sector_t sectors = bdev_nr_sectors(bb->bdev);

	if (unlikely(!disk_live(bb->bdev->bd_disk))) {
		vbd_gone(bb);
		return;
	}
	if (likely(sectors == READ_ONCE(bb->sectors)))
		return;
	WRITE_ONCE(bb->sectors, sectors);
	noxs_dev_refresh(bb->ndev);
}

/**
 * blkback_vbd_sync() - make host and guest see the same data
 * @bb: the vbd, which has no I/O
 *
 * The guest's I/O goes past the host's cache of the block device, where there may
 * be newer data, or old ones that would be read again after the guest.
 *
 * Return: 0 or -errno
 */
int blkback_vbd_sync(struct blkback *bb)
{
	int err = sync_blockdev(bb->bdev);

	if (!err)
		invalidate_bdev(bb->bdev);
	return err;
}

/**
 * blkback_vbd_offer() - say what a frontend gets
 * @bb: the vbd
 * @own: out: features and payload
 */
void blkback_vbd_offer(struct blkback *bb, struct noxs_half *own)
{
	sector_t sectors = bdev_nr_sectors(bb->bdev);

	WRITE_ONCE(bb->sectors, sectors);
	own->hdr.features = bb->features;
	if (!READ_ONCE(blkback_max_persistent_grants))
		own->hdr.features &= ~NOXS_VBD_F_PERSISTENT;
	own->vbd_backend = bb->offer;
	own->vbd_backend.sectors = sectors;
}

/* What the protocol can't say, or can't do. */
static int check_device(const struct blkback *bb)
{
	struct block_device *bdev = bb->bdev;

	if (!is_readonly(bb) && bdev_read_only(bdev))
		return -EROFS;
	if (!bdev_nr_sectors(bdev))
		return -ENXIO;
	if (bdev_logical_block_size(bdev) > NOXS_PAGE_SIZE ||
	    bdev_is_zoned(bdev))
		return -EOPNOTSUPP;
	return 0;
}

static void offer_limits(struct blkback *bb)
{
	const struct noxs_vbd_config *config = &bb->ndev->vbd;
	struct noxs_vbd_backend *offer = &bb->offer;
	struct block_device *bdev = bb->bdev;

	offer->sector_size = bdev_logical_block_size(bdev);
	offer->physical_sector_size = bdev_physical_block_size(bdev);
	if (!is_power_of_2(offer->physical_sector_size) ||
	    offer->physical_sector_size < offer->sector_size)
		offer->physical_sector_size = offer->sector_size;

	if (is_readonly(bb))
		offer->info |= NOXS_VBD_INFO_READONLY;
	if (config->flags & NOXS_VBD_CDROM)
		offer->info |= NOXS_VBD_INFO_CDROM;
	if (config->flags & NOXS_VBD_REMOVABLE ||
	    bdev->bd_disk->flags & GENHD_FL_REMOVABLE)
		offer->info |= NOXS_VBD_INFO_REMOVABLE;

	/* In a PV domain a module can't map pages of others side by side. */
	offer->max_ring_pages = 1;
	offer->max_segments = BLKBACK_MAX_SEGMENTS;
}

/*
 * A discard is one bio, and one that the device needn't split. Secure erase has
 * a limit of its own, which the frontend doesn't know.
 */
static void offer_discard(struct blkback *bb)
{
	struct noxs_vbd_backend *offer = &bb->offer;
	struct block_device *bdev = bb->bdev;
	u32 secure = bdev_max_secure_erase_sectors(bdev);
	u32 max = bdev_max_discard_sectors(bdev);

	if (secure)
		max = min(max, secure);
	max = round_down(min_t(u32, max, UINT_MAX >> SECTOR_SHIFT),
			 offer->sector_size >> SECTOR_SHIFT);
	if (!max || is_readonly(bb) ||
	    bb->ndev->vbd.flags & NOXS_VBD_NO_DISCARD)
		return;

	bb->features |= NOXS_VBD_F_DISCARD;
	if (secure)
		bb->features |= NOXS_VBD_F_SECURE_ERASE;
	offer->max_discard_sectors = max;
	offer->discard_granularity =
		round_up(max(bdev_discard_granularity(bdev), 1U),
			 offer->sector_size);
	offer->discard_alignment = (u32)bdev_discard_alignment(bdev) %
				   offer->discard_granularity;
}

/*
 * Whether there is a cache to flush, and what has to be done for that, may change
 * at any time: the host's block layer knows it when there is a request. Writing
 * zeros has no features: the protocol has no such request.
 */
static void offer_features(struct blkback *bb)
{
	bb->features = NOXS_VBD_F_INDIRECT | NOXS_VBD_F_PERSISTENT |
		       NOXS_VBD_F_OPENERS;
	if (!is_readonly(bb))
		bb->features |= NOXS_VBD_F_FLUSH | NOXS_VBD_F_BARRIER;
	offer_discard(bb);
}

static int open_device(struct blkback *bb)
{
	const struct noxs_vbd_config *config = &bb->ndev->vbd;
	dev_t devt = MKDEV(config->major, config->minor);
	blk_mode_t mode = BLK_OPEN_READ;
	int err;

	if (MAJOR(devt) != config->major || MINOR(devt) != config->minor)
		return -EINVAL;

	if (!is_readonly(bb))
		mode |= BLK_OPEN_WRITE;
	bb->file = bdev_file_open_by_dev(devt, mode, vbd_holder(bb),
					 &vbd_holder_ops);
	if (IS_ERR(bb->file))
		return PTR_ERR(bb->file);

	bb->bdev = file_bdev(bb->file);
	err = check_device(bb);
	if (err)
		bdev_fput(bb->file);
	return err;
}

static unsigned int max_queues(const struct noxs_device *ndev)
{
	unsigned int nr = ndev->vbd.max_queues ?: num_online_cpus();

	return min_t(unsigned int, nr, NOXS_VBD_MAX_QUEUES);
}

/**
 * blkback_vbd_create() - open the block device of a vbd
 * @ndev: the vbd's device on the noxs bus
 *
 * Nobody else may use the block device exclusively meanwhile, except other vbds
 * if all of them only read.
 *
 * Return: the vbd, whose queues aren't set up, or ERR_PTR: -EBUSY if it is in use,
 * -ENXIO if there is none, or it is empty, -EROFS if it can't be written,
 * -EOPNOTSUPP if it can't be shown to a guest, and others
 */
struct blkback *blkback_vbd_create(struct noxs_device *ndev)
{
	unsigned int nr = max_queues(ndev);
	struct blkback *bb;
	int err;

	bb = kvzalloc(struct_size(bb, queue, nr), GFP_KERNEL);
	if (!bb)
		return ERR_PTR(-ENOMEM);
	bb->ndev = ndev;
	bb->offer.max_queues = nr;
	/* Who asks for the device's configuration is told the default. */
	ndev->vbd.max_queues = nr;
	spin_lock_init(&bb->limit_lock);
	bb->limit.iops = ndev->vbd.iops;
	bb->limit.bps = ndev->vbd.bps;
	INIT_LIST_HEAD(&bb->readers);
	INIT_LIST_HEAD(&bb->starved);
	init_waitqueue_head(&bb->drained);

	bb->budget = blkback_budget_get(ndev->otherend);
	if (!bb->budget) {
		err = -ENOMEM;
		goto err_free_bb;
	}
	err = open_device(bb);
	if (err)
		goto err_put_budget;
	offer_limits(bb);
	offer_features(bb);
	mutex_lock(&vbd_readers_lock);
	if (is_readonly(bb))
		list_add(&bb->readers, &vbd_readers);
	mutex_unlock(&vbd_readers_lock);
	return bb;

err_put_budget:
	blkback_budget_put(bb->budget);
err_free_bb:
	kvfree(bb);
	return ERR_PTR(err);
}

/**
 * blkback_vbd_destroy() - close the block device of a vbd
 * @bb: the vbd, with nothing connected
 */
void blkback_vbd_destroy(struct blkback *bb)
{
	mutex_lock(&vbd_readers_lock);
	list_del(&bb->readers);
	mutex_unlock(&vbd_readers_lock);
	bdev_fput(bb->file);
	blkback_budget_put(bb->budget);
	kvfree(bb);
}

static ssize_t physical_device_show(struct device *dev,
				    struct device_attribute *attr, char *buf)
{
	const struct noxs_vbd_config *config = &to_noxs_device(dev)->vbd;

	return sysfs_emit(buf, "%u:%u\n", config->major, config->minor);
}
static DEVICE_ATTR_RO(physical_device);

static ssize_t mode_show(struct device *dev, struct device_attribute *attr,
			 char *buf)
{
	return sysfs_emit(buf, "%s\n",
			  is_readonly(dev_get_drvdata(dev)) ? "r" : "rw");
}
static DEVICE_ATTR_RO(mode);

static ssize_t rescan_store(struct device *dev, struct device_attribute *attr,
			    const char *buf, size_t count)
{
	blkback_vbd_poll(dev_get_drvdata(dev));
	return count;
}
static DEVICE_ATTR_WO(rescan);

static struct attribute *vbd_attrs[] = {
	&dev_attr_physical_device.attr,
	&dev_attr_mode.attr,
	&dev_attr_rescan.attr,
	NULL
};

static const struct attribute_group vbd_group = {
	.attrs = vbd_attrs,
};

static u64 read_count(const struct blkback_stats *stats, unsigned int stat)
{
	unsigned int start;
	u64 count;

	do {
		start = u64_stats_fetch_begin(&stats->syncp);
		count = u64_stats_read(&stats->count[stat]);
	} while (u64_stats_fetch_retry(&stats->syncp, start));
	return count;
}

static ssize_t count_show(struct device *dev, struct device_attribute *attr,
			  char *buf)
{
	unsigned long stat = (unsigned long)
		container_of(attr, struct dev_ext_attribute, attr)->var;
	const struct blkback *bb = dev_get_drvdata(dev);
	u64 sum = 0;
	u32 i;

	for (i = 0; i < bb->offer.max_queues; i++)
		sum += read_count(&bb->queue[i].stats, stat);
	return sysfs_emit(buf, "%llu\n", sum);
}

#define BLKBACK_COUNT(_name, _stat)					\
	static struct dev_ext_attribute count_##_name = {		\
		.attr = __ATTR(_name, 0444, count_show, NULL),		\
		.var = (void *)(unsigned long)(_stat),			\
	}

BLKBACK_COUNT(reads, BLKBACK_STAT_READS);
BLKBACK_COUNT(writes, BLKBACK_STAT_WRITES);
BLKBACK_COUNT(barriers, BLKBACK_STAT_BARRIERS);
BLKBACK_COUNT(flushes, BLKBACK_STAT_FLUSHES);
BLKBACK_COUNT(discards, BLKBACK_STAT_DISCARDS);
BLKBACK_COUNT(read_sectors, BLKBACK_STAT_READ_SECTORS);
BLKBACK_COUNT(write_sectors, BLKBACK_STAT_WRITE_SECTORS);
BLKBACK_COUNT(errors, BLKBACK_STAT_ERRORS);
BLKBACK_COUNT(starved, BLKBACK_STAT_STARVED);
BLKBACK_COUNT(maps, BLKBACK_STAT_MAPS);
BLKBACK_COUNT(unmaps, BLKBACK_STAT_UNMAPS);

static ssize_t in_flight_show(struct device *dev,
			      struct device_attribute *attr, char *buf)
{
	const struct blkback *bb = dev_get_drvdata(dev);
	unsigned int sum = 0;
	u32 i;

	for (i = 0; i < bb->offer.max_queues; i++)
		sum += READ_ONCE(bb->queue[i].nr_requests);
	return sysfs_emit(buf, "%u\n", sum);
}
static DEVICE_ATTR_RO(in_flight);

static ssize_t persistent_grants_show(struct device *dev,
				      struct device_attribute *attr, char *buf)
{
	const struct blkback *bb = dev_get_drvdata(dev);
	unsigned int sum = 0;
	u32 i;

	for (i = 0; i < bb->offer.max_queues; i++)
		sum += READ_ONCE(bb->queue[i].nr_grants);
	return sysfs_emit(buf, "%u\n", sum);
}
static DEVICE_ATTR_RO(persistent_grants);

static struct attribute *statistics_attrs[] = {
	&count_reads.attr.attr,
	&count_writes.attr.attr,
	&count_barriers.attr.attr,
	&count_flushes.attr.attr,
	&count_discards.attr.attr,
	&count_read_sectors.attr.attr,
	&count_write_sectors.attr.attr,
	&count_errors.attr.attr,
	&count_starved.attr.attr,
	&count_maps.attr.attr,
	&count_unmaps.attr.attr,
	&dev_attr_in_flight.attr,
	&dev_attr_persistent_grants.attr,
	NULL
};

static const struct attribute_group statistics_group = {
	.name = "statistics",
	.attrs = statistics_attrs,
};

/* The driver core removes them, and waits for their readers, before remove. */
const struct attribute_group *blkback_groups[] = {
	&vbd_group,
	&statistics_group,
	NULL
};
