// SPDX-License-Identifier: GPL-2.0
/*
 * Who uses the host's block devices and files. What is written down plays no
 * part: the kernel knows which block devices guests have, ours and xl's, and which
 * files are behind loop devices.
 */
#include <errno.h>
#include <stdlib.h>

#include "host/blockdev.h"
#include "host/in-use.h"
#include "host/loop.h"
#include "host/sysfs.h"

/* Loop devices may have loop devices behind them, but not without an end. */
#define LOOP_DEPTH	8

/**
 * struct bottom - what is behind a block device, or a file, in the end
 * @dev: of a file its file system's device, else the block device
 * @ino: of a file, else 0
 */
struct bottom {
	dev_t dev;
	ino_t ino;
};

/* A loop device that has lost its file meanwhile is a block device like others. */
static struct bottom find_bottom(dev_t dev)
{
	struct bottom bottom = { .dev = dev };
	struct loop_file file;
	int depth;

	for (depth = 0; depth < LOOP_DEPTH; depth++) {
		if (loop_get(bottom.dev, &file))
			break;
		bottom.dev = file.rdev;
		if (file.rdev)
			continue;
		bottom.dev = file.dev;
		bottom.ino = file.ino;
		break;
	}
	return bottom;
}

static struct bottom bottom_of(const struct stat *target)
{
	struct bottom bottom = { .dev = target->st_dev, .ino = target->st_ino };

	return S_ISBLK(target->st_mode) ? find_bottom(target->st_rdev) : bottom;
}

static bool is_same(const struct bottom *a, const struct bottom *b)
{
	return a->dev == b->dev && a->ino == b->ino;
}

static int check_guests(const struct noxs_dev *vbds, int count,
			const struct bottom *mine, bool readonly,
			struct error *err)
{
	const struct noxs_dev *dev;

	for (dev = vbds; dev < vbds + count; dev++) {
		struct bottom other = find_bottom(dev->vbd.dev);

		if (is_same(mine, &other) && !(readonly && dev->vbd.readonly))
			return error_set(err, -EBUSY,
					 "is in use by domain %u, vbd %u, %s",
					 dev->domid, dev->id,
					 dev->vbd.readonly ?
					 "for reading" : "for writing");
	}
	return 0;
}

static int check_xen_guests(const struct bottom *mine, bool readonly,
			    struct error *err)
{
	struct sysfs_xen_vbd *vbds, *vbd;
	int count, ret = 0;

	count = sysfs_xen_vbds(&vbds);
	if (count < 0)
		return error_sys(err, count, "disks of xl's guests");
	for (vbd = vbds; !ret && vbd < vbds + count; vbd++) {
		struct bottom other = find_bottom(vbd->dev);

		if (is_same(mine, &other) && !(readonly && vbd->readonly))
			ret = error_set(err, -EBUSY,
					"is in use by domain %u, xl's vbd %u, %s",
					vbd->domid, vbd->id, vbd->readonly ?
					"for reading" : "for writing");
	}
	free(vbds);
	return ret;
}

static bool is_of_guest(const struct noxs_dev *vbds, int count, dev_t dev)
{
	int i;

	for (i = 0; i < count; i++)
		if (vbds[i].vbd.dev == dev)
			return true;
	return false;
}

/* The host's own use of the same file; @self is what the guest would have. */
static int check_loop(dev_t dev, const struct bottom *mine, dev_t self,
		      bool readonly, struct error *err)
{
	struct bottom other = find_bottom(dev);
	char name[NAME_MAX + 1];
	struct loop_file file;

	if (dev == self || !is_same(mine, &other) || loop_get(dev, &file) ||
	    (readonly && file.readonly))
		return 0;
	if (blockdev_name(dev, name))
		return 0;
	return error_set(err, file.autoclear ? -EAGAIN : -EBUSY,
			 "is in use by the host, as /dev/%s", name);
}

static int check_loops(const struct noxs_dev *vbds, int nr_vbds,
		       const struct bottom *mine, dev_t self, bool readonly,
		       struct error *err)
{
	dev_t *loops;
	int count, i, ret = 0;

	count = loop_list(&loops);
	if (count < 0)
		return error_sys(err, count, "loop devices");
	for (i = 0; !ret && i < count; i++)
		if (!is_of_guest(vbds, nr_vbds, loops[i]))
			ret = check_loop(loops[i], mine, self, readonly, err);
	free(loops);
	return ret;
}

int disk_use_check(struct noxs *noxs, const struct stat *target, bool readonly,
		   struct error *err)
{
	dev_t self = S_ISBLK(target->st_mode) ? target->st_rdev : 0;
	struct bottom mine = bottom_of(target);
	struct noxs_dev *vbds;
	int count, ret;

	count = noxs_dev_list(noxs, NOXS_ALL_DOMAINS, NOXS_TYPE_VBD, &vbds,
			      err);
	if (count < 0)
		return count;
	ret = check_guests(vbds, count, &mine, readonly, err);
	if (!ret)
		ret = check_xen_guests(&mine, readonly, err);
	if (!ret)
		ret = check_loops(vbds, count, &mine, self, readonly, err);
	free(vbds);
	return ret;
}
