// SPDX-License-Identifier: GPL-2.0
/*
 * Loop devices, which make block devices of files.
 *
 * Ours are all set to detach their file when the last one closes them. That is
 * the kernel's backend, which opens them before we let go: nobody has to take
 * them down, not even after a chaos that was killed at any point.
 */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <linux/loop.h>
#include <linux/major.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "host/blockdev.h"
#include "host/loop.h"

#define LOOP_CONTROL	"/dev/loop-control"
#define ATTACH_TRIES	64
#define SECTOR_SIZE	512

/* Of a loop device that nobody uses, but somebody else may take first. */
static int open_free(int control, bool readonly, dev_t *dev)
{
	struct stat info;
	char path[32];
	int fd, nr, ret;

	nr = ioctl(control, LOOP_CTL_GET_FREE);
	if (nr < 0)
		return -errno;
	snprintf(path, sizeof(path), "/dev/loop%d", nr);
	fd = open(path, (readonly ? O_RDONLY : O_RDWR) | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &info)) {
		ret = -errno;
		close(fd);
		return ret;
	}
	*dev = info.st_rdev;
	return fd;
}

/*
 * Guests see sectors of 512 bytes, whatever the disk under the file has, as
 * partition tables depend on it.
 */
static int attach_once(int control, int file, bool readonly, bool direct,
		       dev_t *dev)
{
	struct loop_config config = {
		.fd = file,
		.block_size = SECTOR_SIZE,
		.info.lo_flags = LO_FLAGS_AUTOCLEAR |
				 (readonly ? LO_FLAGS_READ_ONLY : 0) |
				 (direct ? LO_FLAGS_DIRECT_IO : 0),
	};
	int fd, ret;

	fd = open_free(control, readonly, dev);
	if (fd < 0 || !ioctl(fd, LOOP_CONFIGURE, &config))
		return fd;
	ret = -errno;
	close(fd);
	return ret;
}

int loop_attach(int file, bool readonly, bool direct, dev_t *dev,
		struct error *err)
{
	int control, tries, ret = -EBUSY;

	control = open(LOOP_CONTROL, O_RDWR | O_CLOEXEC);
	if (control < 0) {
		ret = -errno;
		if (ret == -ENOENT || ret == -ENODEV)
			return error_set(err, ret, "%s: is not there; load loop",
					 LOOP_CONTROL);
		return error_sys(err, ret, "%s", LOOP_CONTROL);
	}
	for (tries = 0; ret == -EBUSY && tries < ATTACH_TRIES; tries++)
		ret = attach_once(control, file, readonly, direct, dev);
	close(control);
	return ret < 0 ? error_sys(err, ret, "loop device") : ret;
}

int loop_get(dev_t dev, struct loop_file *file)
{
	struct loop_info64 info;
	int fd, ret = 0;

	if (major(dev) != LOOP_MAJOR)
		return -ENXIO;
	fd = blockdev_open(dev);
	if (fd < 0)
		return fd;
	if (ioctl(fd, LOOP_GET_STATUS64, &info))
		ret = -errno;
	close(fd);
	if (ret)
		return ret;
	file->dev = info.lo_device;
	file->ino = info.lo_inode;
	file->rdev = info.lo_rdevice;
	file->readonly = info.lo_flags & LO_FLAGS_READ_ONLY;
	file->autoclear = info.lo_flags & LO_FLAGS_AUTOCLEAR;
	return 0;
}

static bool read_numbers(const char *path, dev_t *dev)
{
	unsigned int major, minor;
	FILE *stream;
	bool found;

	stream = fopen(path, "re");
	if (!stream)
		return false;
	found = fscanf(stream, "%u:%u", &major, &minor) == 2;
	fclose(stream);
	if (found)
		*dev = makedev(major, minor);
	return found;
}

int loop_list(dev_t **devs)
{
	/* Those that have a file have a directory. */
	static const char pattern[] = "/sys/block/loop*/loop/../dev";
	int count = 0, ret;
	glob_t found;
	size_t i;

	ret = glob(pattern, 0, NULL, &found);
	if (ret && ret != GLOB_NOMATCH)
		return -ENOMEM;
	*devs = calloc(found.gl_pathc + 1, sizeof(**devs));
	if (*devs)
		for (i = 0; i < found.gl_pathc; i++)
			count += read_numbers(found.gl_pathv[i],
					      *devs + count);
	globfree(&found);
	return *devs ? count : -ENOMEM;
}

int loop_resize(dev_t dev)
{
	int fd, ret = 0;

	if (major(dev) != LOOP_MAJOR)
		return 0;
	fd = blockdev_open(dev);
	if (fd < 0)
		return fd;
	if (ioctl(fd, LOOP_SET_CAPACITY))
		ret = -errno;
	close(fd);
	return ret;
}
