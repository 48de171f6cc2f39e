// SPDX-License-Identifier: GPL-2.0
/*
 * A guest's block devices, and what of the host is behind them: a block device,
 * or a file, which gets a loop device.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "host/blockdev.h"
#include "host/in-use.h"
#include "host/loop.h"
#include "host/vbd.h"
#include "util/chaos.h"
#include "util/signal.h"
#include "util/state.h"
#include "util/util.h"

#define DISKS_LOCK	CHAOS_RUN_DIR "/disks.lock"
#define DISKS_TIMEOUT_MS	300000	/* each has it for a moment, but many may come */
#define SECTOR_SIZE	512
#define BUSY_WAIT_MS	5000
#define BUSY_STEP_MS	50

static int check_target(const struct stat *info, struct error *err)
{
	if (S_ISBLK(info->st_mode))
		return 0;
	if (!S_ISREG(info->st_mode))
		return error_set(err, -EINVAL,
				 "is neither a block device nor a file");
	if (!info->st_size)
		return error_set(err, -EINVAL, "is empty");
	if (info->st_size % SECTOR_SIZE)
		return error_set(err, -EINVAL,
				 "its size is no multiple of %d bytes",
				 SECTOR_SIZE);
	return 0;
}

/*
 * Only files are opened for writing: the backend opens block devices itself,
 * and there are those who watch for writers.
 *
 * Return: a file descriptor, while which is open a block device's numbers mean
 * the same, or a negative errno.
 */
static int open_target(const struct disk_config *disk, struct stat *info,
		       struct error *err)
{
	char self[32];
	int fd, file, ret;

	fd = open(disk->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return error_sys(err, -errno, "cannot open it");
	if (fstat(fd, info))
		ret = error_sys(err, -errno, "cannot look at it");
	else
		ret = check_target(info, err);
	if (!ret && (disk->readonly || S_ISBLK(info->st_mode)))
		return fd;
	if (!ret) {
		snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
		file = open(self, O_RDWR | O_CLOEXEC);
		ret = file < 0 ? error_sys(err, -errno, "cannot write to it") :
				 file;
	}
	close(fd);
	return ret;
}

static int explain(const struct disk_config *disk, int ret,
		   const struct error *why, struct error *err)
{
	return error_set(err, ret, "%s: %s: %s", disk->vdev, disk->path,
			 why->text);
}

int disk_check(const struct disk_config *disks, unsigned int count,
	       struct error *err)
{
	struct error why;
	struct stat info;
	unsigned int i;
	int fd;

	for (i = 0; i < count; i++) {
		fd = open_target(&disks[i], &info, &why);
		if (fd < 0)
			return explain(&disks[i], fd, &why, err);
		close(fd);
	}
	return 0;
}

/*
 * A file system in the network may send a page again after it said that it was
 * done with it, when the guest has it back. See direct-io-safe in
 * xl-disk-configuration(5).
 */
static bool is_direct_io_safe(int file)
{
	struct statfs info;

	if (fstatfs(file, &info))
		return false;
	switch ((uint32_t)info.f_type) {
	case NFS_SUPER_MAGIC:
	case SMB_SUPER_MAGIC:
	case SMB2_SUPER_MAGIC:
	case CIFS_SUPER_MAGIC:
	case CEPH_SUPER_MAGIC:
	case AFS_SUPER_MAGIC:
	case CODA_SUPER_MAGIC:
	case V9FS_MAGIC:
	case FUSE_SUPER_MAGIC:
		return false;
	default:
		return true;
	}
}

/* The guest's driver would refuse it, which nobody would hear of here. */
static int check_name(struct noxs *noxs, uint32_t domid,
		      const struct disk_config *disk, struct error *err)
{
	struct noxs_dev *vbds;
	int count, i;

	count = noxs_dev_list(noxs, domid, NOXS_TYPE_VBD, &vbds, err);
	if (count < 0)
		return count;
	for (i = 0; i < count; i++)
		if (vbds[i].id != disk->id &&
		    config_disks_clash(vbds[i].id, disk->id))
			break;
	free(vbds);
	return i == count ? 0 :
	       error_set(err, -EEXIST,
			 "the guest has a partition of it, or all of it");
}

/* Under the lock: nobody else gives a disk to a guest between check and add. */
static int attach_locked(struct noxs *noxs, uint32_t domid,
			 const struct disk_config *disk, int target,
			 const struct stat *info, struct error *err)
{
	struct noxs_vbd vbd = {
		.dev = info->st_rdev, .readonly = disk->readonly,
		.cdrom = disk->cdrom, .no_discard = disk->no_discard,
		.iops = disk->iops, .bps = disk->bps,
	};
	bool direct = disk->direct_io_safe || is_direct_io_safe(target);
	int loop = -1, ret;

	ret = check_name(noxs, domid, disk, err);
	if (!ret)
		ret = disk_use_check(noxs, info, disk->readonly, err);
	if (ret)
		return ret;
	if (S_ISREG(info->st_mode)) {
		loop = loop_attach(target, disk->readonly, direct, &vbd.dev,
				   err);
		if (loop < 0)
			return loop;
	}
	ret = noxs_vbd_add(noxs, domid, disk->id, &vbd, err);
	if (loop >= 0)
		close(loop);
	return ret;
}

static int lock_disks(struct error *err)
{
	int fd = state_lock(DISKS_LOCK, false, DISKS_TIMEOUT_MS, err);

	return fd != -EBUSY ? fd :
	       error_set(err, fd, "another chaos adds disks all the time");
}

static int attach(struct noxs *noxs, uint32_t domid,
		  const struct disk_config *disk, struct error *err)
{
	int64_t deadline = clock_ms() + BUSY_WAIT_MS;
	struct stat info;
	int target, lock, ret;

	target = open_target(disk, &info, err);
	if (target < 0)
		return target;
	for (;;) {
		lock = lock_disks(err);
		if (lock < 0) {
			ret = lock;
			break;
		}
		ret = attach_locked(noxs, domid, disk, target, &info, err);
		close(lock);
		if (ret != -EAGAIN || clock_ms() >= deadline ||
		    signals_pending())
			break;
		/* udev may have it open for a moment. */
		sleep_ms(BUSY_STEP_MS);
	}
	close(target);
	return ret;
}

int disk_attach(struct noxs *noxs, uint32_t domid,
		const struct disk_config *disk, struct error *err)
{
	struct error why;
	int ret;

	ret = attach(noxs, domid, disk, &why);
	return ret ? explain(disk, ret, &why, err) : 0;
}

static int get_size(dev_t dev, uint64_t *size)
{
	int fd, ret = 0;

	fd = blockdev_open(dev);
	if (fd < 0)
		return fd;
	if (ioctl(fd, BLKGETSIZE64, size))
		ret = -errno;
	close(fd);
	return ret;
}

static int find_vbd(struct noxs *noxs, uint32_t domid, unsigned int id,
		    dev_t *dev, struct error *err)
{
	struct noxs_dev *vbds;
	int count, i;

	count = noxs_dev_list(noxs, domid, NOXS_TYPE_VBD, &vbds, err);
	if (count < 0)
		return count;
	for (i = 0; i < count && vbds[i].id != id; i++)
		;
	if (i < count)
		*dev = vbds[i].vbd.dev;
	free(vbds);
	return i < count ? 0 : error_set(err, -ENODEV,
					 "vbd %u: no such device", id);
}

int disk_resize(struct noxs *noxs, uint32_t domid, unsigned int id,
		uint64_t *size, struct error *err)
{
	dev_t dev = 0;
	int ret;

	ret = find_vbd(noxs, domid, id, &dev, err);
	if (ret)
		return ret;
	ret = loop_resize(dev);
	if (!ret)
		ret = get_size(dev, size);
	if (ret)
		return error_sys(err, ret, "vbd %u: the host's block device",
				 id);
	return noxs_vbd_rescan(domid, id, err);
}
