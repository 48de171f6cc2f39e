// SPDX-License-Identifier: GPL-2.0
/*
 * noxs_slab: reads a sector of a disk into one of many objects of the kernel's, and
 * writes it back from there. For tests only.
 *
 * The others are in the same pages, and consist of pointers. That is what file
 * systems do that keep what they know of themselves in small objects.
 */
#include <linux/bio.h>
#include <linux/blkdev.h>
#include <linux/module.h>
#include <linux/slab.h>

#define NR_OBJECTS	64	/* of which some are next to each other */

static char *disk = "";
module_param(disk, charp, 0444);
MODULE_PARM_DESC(disk, "Path of the disk, of which the first sector is used");

static void *object[NR_OBJECTS];

static int objects_alloc(void)
{
	unsigned int i, word;

	for (i = 0; i < NR_OBJECTS; i++) {
		object[i] = kzalloc(SECTOR_SIZE, GFP_KERNEL);
		if (!object[i])
			return -ENOMEM;
		for (word = 0; word < SECTOR_SIZE / sizeof(void *); word++)
			((void **)object[i])[word] = object[i];
	}
	memset(object[NR_OBJECTS / 2], 0, SECTOR_SIZE);
	return 0;
}

static void objects_free(void)
{
	unsigned int i;

	for (i = 0; i < NR_OBJECTS; i++)
		kfree(object[i]);
}

static int transfer(struct block_device *bdev, void *data, blk_opf_t opf)
{
	struct bio *bio = bio_alloc(bdev, 1, opf | REQ_SYNC, GFP_KERNEL);
	int err;

	bio->bi_iter.bi_sector = 0;
	__bio_add_page(bio, virt_to_page(data), SECTOR_SIZE,
		       offset_in_page(data));
	err = submit_bio_wait(bio);
	bio_put(bio);
	return err;
}

static int __init noxs_slab_init(void)
{
	struct file *file;
	dev_t dev;
	int err;

	err = lookup_bdev(disk, &dev);
	if (err)
		return err;
	file = bdev_file_open_by_dev(dev, BLK_OPEN_READ | BLK_OPEN_WRITE, NULL,
				     NULL);
	if (IS_ERR(file))
		return PTR_ERR(file);

	err = objects_alloc();
	if (!err)
		err = transfer(file_bdev(file), object[NR_OBJECTS / 2],
			       REQ_OP_READ);
	if (!err)
		err = transfer(file_bdev(file), object[NR_OBJECTS / 2],
			       REQ_OP_WRITE);
	objects_free();
	bdev_fput(file);
	return err;
}
module_init(noxs_slab_init);

static void __exit noxs_slab_exit(void)
{
}
module_exit(noxs_slab_exit);

MODULE_DESCRIPTION("I/O of an object among others, for tests of noxs");
MODULE_LICENSE("GPL");
