// SPDX-License-Identifier: GPL-2.0
/*
 * Guests' devices of all types, as the host's sysfs shows them: ours, and disks of
 * those guests that xl makes. What it has may go at any time: that isn't an error.
 */
#include <dirent.h>
#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "host/sysfs.h"

#define DEVICES_DIR	"/sys/bus/noxs-backend/devices"
#define XEN_DEVICES	"/sys/bus/xen-backend/devices/vbd-*-*"
/* That of /dev/xen/noxs. */
#define NOXS_DIR	"/sys/class/misc/xen!noxs"

/* Their names are TYPE-DOMID-ID. */
static bool parse_name(const char *name, struct sysfs_device *device)
{
	int end = 0;

	if (sscanf(name, "%15[a-z]-%u-%u%n", device->type, &device->domid,
		   &device->id, &end) != 3 || name[end] || strlen(name) > 64)
		return false;
	snprintf(device->path, sizeof(device->path), DEVICES_DIR "/%.64s",
		 name);
	return true;
}

void sysfs_device(struct sysfs_device *device, const char *type,
		  uint32_t domid, unsigned int id)
{
	snprintf(device->type, sizeof(device->type), "%s", type);
	device->domid = domid;
	device->id = id;
	snprintf(device->path, sizeof(device->path),
		 DEVICES_DIR "/%s-%u-%u", device->type, domid, id);
}

static int compare(const void *a, const void *b)
{
	const struct sysfs_device *da = a, *db = b;
	int order;

	if (da->domid != db->domid)
		return da->domid < db->domid ? -1 : 1;
	order = strcmp(da->type, db->type);
	if (order)
		return order;
	return da->id < db->id ? -1 : da->id > db->id;
}

static int append(struct sysfs_device **devices, int count,
		  const struct sysfs_device *device)
{
	struct sysfs_device *more = *devices;

	/* There is room up to the next power of two; at one, there is none left. */
	if (!(count & (count - 1))) {
		more = realloc(more, (count ? count * 2 : 1) * sizeof(*more));
		if (!more)
			return -ENOMEM;
		*devices = more;
	}
	more[count] = *device;
	return count + 1;
}

/* Of thousands of names, most may be others'. */
static bool is_of(const char *name, uint32_t first, uint32_t last)
{
	const char *domid = strchr(name, '-');
	unsigned long number;

	if (!domid)
		return false;
	number = strtoul(domid + 1, NULL, 10);
	return number >= first && number <= last;
}

int sysfs_devices(uint32_t first, uint32_t last,
		  struct sysfs_device **devices, struct error *err)
{
	struct dirent *entry;
	struct sysfs_device device;
	int count = 0;
	DIR *dir;

	*devices = NULL;
	dir = opendir(DEVICES_DIR);
	/* Without noxs_core there are none. */
	if (!dir)
		return errno == ENOENT ? 0 :
			error_sys(err, -errno, DEVICES_DIR);
	while (count >= 0 && (entry = readdir(dir)))
		if (is_of(entry->d_name, first, last) &&
		    parse_name(entry->d_name, &device))
			count = append(devices, count, &device);
	closedir(dir);
	if (count < 0) {
		free(*devices);
		*devices = NULL;
		return error_sys(err, count, DEVICES_DIR);
	}
	if (count)
		qsort(*devices, count, sizeof(**devices), compare);
	return count;
}

bool sysfs_line(const char *dir, const char *name, char *text, size_t size)
{
	char path[256];
	FILE *stream;
	bool got;

	*text = '\0';
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	stream = fopen(path, "re");
	if (!stream)
		return false;
	got = fgets(text, size, stream);
	fclose(stream);
	text[strcspn(text, "\n")] = '\0';
	return got;
}

bool sysfs_text(const struct sysfs_device *device, const char *name,
		char *text, size_t size)
{
	return sysfs_line(device->path, name, text, size);
}

static uint64_t read_count(const char *dir, const char *name)
{
	char text[32];

	sysfs_line(dir, name, text, sizeof(text));
	return strtoull(text, NULL, 10);
}

uint64_t sysfs_count(const struct sysfs_device *device, const char *name)
{
	return read_count(device->path, name);
}

uint64_t sysfs_noxs_count(const char *name)
{
	return read_count(NOXS_DIR, name);
}

bool sysfs_netdev(const struct sysfs_device *device, char *name)
{
	struct dirent *entry;
	char path[256];
	DIR *dir;

	*name = '\0';
	snprintf(path, sizeof(path), "%s/net", device->path);
	dir = opendir(path);
	if (!dir)
		return false;
	while (!*name && (entry = readdir(dir)))
		if (*entry->d_name != '.')
			snprintf(name, IFNAMSIZ, "%.15s", entry->d_name);
	closedir(dir);
	return *name;
}

void sysfs_bridge(const struct sysfs_device *device, const char *netdev,
		  char *bridge)
{
	char path[256], target[PATH_MAX];
	ssize_t len;

	*bridge = '\0';
	snprintf(path, sizeof(path), "%s/net/%s/master", device->path, netdev);
	len = readlink(path, target, sizeof(target) - 1);
	if (len <= 0)
		return;
	target[len] = '\0';
	snprintf(bridge, IFNAMSIZ, "%.15s", basename(target));
}

/* As xen-blkback writes it, once the toolstack has told it which disk it is. */
static bool read_xen_vbd(const char *dir, struct sysfs_xen_vbd *vbd)
{
	unsigned int major_nr, minor_nr;
	char text[32];

	if (sscanf(strrchr(dir, '/'), "/vbd-%u-%u", &vbd->domid,
		   &vbd->id) != 2 ||
	    !sysfs_line(dir, "physical_device", text, sizeof(text)) ||
	    sscanf(text, "%x:%x", &major_nr, &minor_nr) != 2)
		return false;
	vbd->dev = makedev(major_nr, minor_nr);
	/* If it says nothing, it is better to think the worst. */
	sysfs_line(dir, "mode", text, sizeof(text));
	vbd->readonly = *text == 'r';
	return true;
}

int sysfs_xen_vbds(struct sysfs_xen_vbd **vbds)
{
	int count = 0, ret;
	glob_t found;
	size_t i;

	ret = glob(XEN_DEVICES, 0, NULL, &found);
	if (ret && ret != GLOB_NOMATCH)
		return -ENOMEM;
	*vbds = calloc(found.gl_pathc + 1, sizeof(**vbds));
	if (*vbds)
		for (i = 0; i < found.gl_pathc; i++)
			count += read_xen_vbd(found.gl_pathv[i],
					      *vbds + count);
	globfree(&found);
	return *vbds ? count : -ENOMEM;
}
