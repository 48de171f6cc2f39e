/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The limits of a disk's queue. Since 6.11 they are a structure that is applied
 * as a whole, before that each had a function to set it.
 */
#ifndef _NOXS_COMPAT_BLK_H
#define _NOXS_COMPAT_BLK_H

#include <linux/blk-mq.h>
#include <linux/blkdev.h>

/**
 * struct noxs_blk_limits - limits of a queue; for bytes as in queue_limits
 * @logical_block_size: in octets
 * @physical_block_size: in octets
 * @max_hw_sectors: of a request, in units of 512 octets
 * @max_segments: of a request; none of them crosses the end of a page
 * @max_discard_sectors: of a request; 0 if discard isn't supported
 * @discard_granularity: in octets
 * @discard_alignment: in octets
 * @max_secure_erase_sectors: of a request; 0 if it isn't supported
 * @write_cache: there is a cache to flush
 * @fua: and writes can go past it
 */
struct noxs_blk_limits {
	u32 logical_block_size;
	u32 physical_block_size;
	u32 max_hw_sectors;
	u32 max_segments;
	u32 max_discard_sectors;
	u32 discard_granularity;
	u32 discard_alignment;
	u32 max_secure_erase_sectors;
	u32 write_cache;
	u32 fua;
};

#ifdef NOXS_HAVE_BLK_LIMITS

static inline void noxs_blk_limits_fill(const struct noxs_blk_limits *limits,
					struct queue_limits *lim)
{
	lim->logical_block_size = limits->logical_block_size;
	lim->physical_block_size = limits->physical_block_size;
	lim->io_min = limits->physical_block_size;
	lim->max_hw_sectors = limits->max_hw_sectors;
	lim->max_segments = limits->max_segments;
	lim->max_segment_size = PAGE_SIZE;
	lim->seg_boundary_mask = PAGE_SIZE - 1;
	lim->max_hw_discard_sectors = limits->max_discard_sectors;
	lim->discard_granularity = limits->discard_granularity;
	lim->discard_alignment = limits->discard_alignment;
	lim->max_secure_erase_sectors = limits->max_secure_erase_sectors;
	lim->features &= ~(BLK_FEAT_WRITE_CACHE | BLK_FEAT_FUA);
	if (limits->write_cache)
		lim->features |= BLK_FEAT_WRITE_CACHE;
	if (limits->fua)
		lim->features |= BLK_FEAT_FUA;
}

static inline struct gendisk *
noxs_blk_alloc_disk(struct blk_mq_tag_set *set,
		    const struct noxs_blk_limits *limits, void *queuedata)
{
	struct queue_limits lim = {};

	noxs_blk_limits_fill(limits, &lim);
	return blk_mq_alloc_disk(set, &lim, queuedata);
}

static inline int noxs_blk_set_limits(struct gendisk *disk,
				      const struct noxs_blk_limits *limits)
{
	struct queue_limits lim = queue_limits_start_update(disk->queue);

	noxs_blk_limits_fill(limits, &lim);
	return queue_limits_commit_update(disk->queue, &lim);
}

#else

static inline int noxs_blk_set_limits(struct gendisk *disk,
				      const struct noxs_blk_limits *limits)
{
	struct request_queue *q = disk->queue;

	blk_queue_flag_set(QUEUE_FLAG_NONROT, q);
	blk_queue_logical_block_size(q, limits->logical_block_size);
	blk_queue_physical_block_size(q, limits->physical_block_size);
	blk_queue_io_min(q, limits->physical_block_size);
	blk_queue_max_hw_sectors(q, limits->max_hw_sectors);
	blk_queue_max_segments(q, limits->max_segments);
	blk_queue_max_segment_size(q, PAGE_SIZE);
	blk_queue_segment_boundary(q, PAGE_SIZE - 1);
	blk_queue_max_discard_sectors(q, limits->max_discard_sectors);
	q->limits.discard_granularity = limits->discard_granularity;
	q->limits.discard_alignment = limits->discard_alignment;
	blk_queue_max_secure_erase_sectors(q, limits->max_secure_erase_sectors);
	blk_queue_write_cache(q, limits->write_cache, limits->fua);
	return 0;
}

static inline struct gendisk *
noxs_blk_alloc_disk(struct blk_mq_tag_set *set,
		    const struct noxs_blk_limits *limits, void *queuedata)
{
	struct gendisk *disk = blk_mq_alloc_disk(set, queuedata);

	if (!IS_ERR(disk))
		(void)noxs_blk_set_limits(disk, limits);	/* never fails */
	return disk;
}

#endif

#endif /* _NOXS_COMPAT_BLK_H */
