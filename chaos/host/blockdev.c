// SPDX-License-Identifier: GPL-2.0
/*
 * The host's block devices by their numbers.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "host/blockdev.h"

int blockdev_name(dev_t dev, char *name)
{
	char path[64], target[PATH_MAX], *last, *c;
	ssize_t len;

	snprintf(path, sizeof(path), "/sys/dev/block/%u:%u", major(dev),
		 minor(dev));
	len = readlink(path, target, sizeof(target) - 1);
	if (len < 0)
		return -errno;
	target[len] = '\0';
	last = strrchr(target, '/');
	snprintf(name, NAME_MAX + 1, "%.*s", NAME_MAX,
		 last ? last + 1 : target);
	/* In sysfs a name can't have a '/'. */
	for (c = name; *c; c++)
		if (*c == '!')
			*c = '/';
	return 0;
}

int blockdev_open(dev_t dev)
{
	char name[NAME_MAX + 1], path[NAME_MAX + 8];
	struct stat info;
	int fd, ret;

	ret = blockdev_name(dev, name);
	if (ret)
		return ret;
	snprintf(path, sizeof(path), "/dev/%s", name);
	fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (!fstat(fd, &info) && S_ISBLK(info.st_mode) && info.st_rdev == dev)
		return fd;
	close(fd);
	return -ENOENT;
}
