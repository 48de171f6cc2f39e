/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Makes older kernels look like the newest one that is supported. Included
 * ahead of every source file; the only place that asks for a version.
 */
#ifndef _NOXS_COMPAT_H
#define _NOXS_COMPAT_H

#include <linux/version.h>

/* 6.11: bus_type.match takes a const driver. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 11, 0)
#define noxs_match_driver_t	const struct device_driver
#else
#define noxs_match_driver_t	struct device_driver
#endif

/* 6.3: bus_type.uevent takes a const device. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 3, 0)
#define noxs_uevent_device_t	const struct device
#else
#define noxs_uevent_device_t	struct device
#endif

/* 6.4: bus_attribute.show takes a const bus. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 4, 0)
#define noxs_bus_attr_t		const struct bus_type
#else
#define noxs_bus_attr_t		struct bus_type
#endif

/* 6.11: the limits of a disk's queue are set all at once: see blk.h. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 11, 0)
#define NOXS_HAVE_BLK_LIMITS	1
#endif

/* 6.14: a queue's requests are merged unless it says otherwise. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 14, 0)
#define NOXS_BLK_MQ_F_SHOULD_MERGE	0
#else
#define NOXS_BLK_MQ_F_SHOULD_MERGE	BLK_MQ_F_SHOULD_MERGE
#endif

/* 6.16: from_timer() has the name of what it does. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 16, 0)
#define timer_container_of		from_timer
#endif

/* 6.18: a disk has a geometry, not a block device. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 18, 0)
#define noxs_getgeo_t			struct gendisk
#define noxs_getgeo_disk(disk)		(disk)
#else
#define noxs_getgeo_t			struct block_device
#define noxs_getgeo_disk(bdev)		((bdev)->bd_disk)
#endif

/* 6.5: a disk is opened, not a block device, and release has no mode. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 5, 0)
#define noxs_blk_open_t			struct gendisk
#define noxs_blk_open_disk(disk)	(disk)
#define noxs_blk_release(name)	void name(struct gendisk *disk)
#else
#define noxs_blk_open_t			struct block_device
#define noxs_blk_open_disk(bdev)	((bdev)->bd_disk)
#define noxs_blk_release(name)	void name(struct gendisk *disk, fmode_t mode)
#endif

/* 6.5: requests are sent again in the order in which they are requeued. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 5, 0)
#define noxs_for_each_requeue_safe	list_for_each_entry_safe
#else
#define noxs_for_each_requeue_safe	list_for_each_entry_safe_reverse
#endif

/* 6.13: a timer of high resolution is set up with its function. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0)
#define hrtimer_setup(timer, fn, clock, mode) do {			\
	struct hrtimer *__timer = (timer);				\
									\
	hrtimer_init(__timer, clock, mode);				\
	__timer->function = (fn);					\
} while (0)
#endif

/*
 * 6.9: an open block device is a file. Before that, it is the device itself, and
 * who closes it says again whether it was opened for writing, and exclusively. A
 * pointer to a device has room for these bits, and who gets it for a file asks
 * file_bdev().
 *
 * 6.5: the holder of a block device is told that it goes, with a lock held that
 * it has to release. Nobody was told before.
 */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 9, 0)
#define noxs_bdev_holder_unlock(bdev)	mutex_unlock(&(bdev)->bd_holder_lock)
#else
#include <linux/types.h>

struct block_device;

struct blk_holder_ops {
	void (*mark_dead)(struct block_device *bdev, bool surprise);
};

#define noxs_bdev_holder_unlock(bdev)	((void)(bdev))

#define blk_mode_t	fmode_t
#define BLK_OPEN_READ	FMODE_READ
#define BLK_OPEN_WRITE	FMODE_WRITE

#define bdev_file_open_by_dev(dev, mode, holder, hops) ({		\
	void *__holder = (holder);					\
	fmode_t __mode = (mode) | (__holder ? FMODE_EXCL : 0);		\
	void *__bdev = blkdev_get_by_dev(dev, __mode, __holder);	\
									\
	(void)(hops);							\
	(struct file *)(IS_ERR(__bdev) ? __bdev :			\
			__bdev + !!(__mode & FMODE_WRITE) +		\
			2 * !!(__mode & FMODE_EXCL));			\
})

#define file_bdev(file)							\
	((struct block_device *)((unsigned long)(file) & ~3UL))

#define bdev_fput(file) do {						\
	unsigned long __file = (unsigned long)(file);			\
									\
	blkdev_put(file_bdev(__file), FMODE_READ |			\
		   (__file & 1 ? FMODE_WRITE : 0) |			\
		   (__file & 2 ? FMODE_EXCL : 0));			\
} while (0)
#endif

#endif /* _NOXS_COMPAT_H */
