// SPDX-License-Identifier: GPL-2.0
/*
 * A guest's block devices, and what of the host is behind them.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "disk.h"

/* It is pinned while it is open, so that its number means the same device. */
static int open_target(const struct disk_config *disk, struct stat *info,
		       struct error *err)
{
	int fd;

	fd = open(disk->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 || fstat(fd, info)) {
		error_sys(err, -errno, "disk: %s", disk->path);
	} else if (!S_ISBLK(info->st_mode)) {
		errno = EINVAL;
		error_set(err, -errno, "disk: %s: is not a block device",
			  disk->path);
	} else {
		return fd;
	}
	if (fd >= 0)
		close(fd);
	return -errno;
}

int disk_check(const struct disk_config *disks, unsigned int count,
	       struct error *err)
{
	struct stat info;
	unsigned int i;
	int fd;

	for (i = 0; i < count; i++) {
		fd = open_target(&disks[i], &info, err);
		if (fd < 0)
			return fd;
		close(fd);
	}
	return 0;
}

int disk_attach(struct noxs *noxs, uint32_t domid,
		const struct disk_config *disk, struct error *err)
{
	struct noxs_vbd vbd = {
		.readonly = disk->readonly, .cdrom = disk->cdrom,
		.no_discard = disk->no_discard,
	};
	struct stat info;
	int fd, ret;

	fd = open_target(disk, &info, err);
	if (fd < 0)
		return fd;
	vbd.dev = info.st_rdev;
	ret = noxs_vbd_add(noxs, domid, disk->id, &vbd, err);
	close(fd);
	return ret;
}
