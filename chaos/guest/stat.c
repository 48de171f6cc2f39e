// SPDX-License-Identifier: GPL-2.0
/*
 * What guests have used, as Xen and the backends count it, and how fast that
 * grows.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "guest/record.h"
#include "guest/stat.h"
#include "host/noxs.h"
#include "host/sysfs.h"
#include "pool/shell.h"
#include "util/util.h"

#define SECTOR		512

static void count_vif(const struct sysfs_device *device,
		      struct device_counts *counts)
{
	static const char *const names[] = {
		"tx_bytes", "rx_bytes", "tx_packets", "rx_packets",
	};
	uint64_t *const values[] = {
		&counts->in_bytes, &counts->out_bytes, &counts->ins,
		&counts->outs,
	};
	char path[64];
	size_t i;

	if (!sysfs_netdev(device, counts->netdev))
		return;
	/* What the host sends, the guest receives. */
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		snprintf(path, sizeof(path), "net/%s/statistics/%s",
			 counts->netdev, names[i]);
		*values[i] = sysfs_count(device, path);
	}
}

static void count_vbd(const struct sysfs_device *device,
		      struct device_counts *counts)
{
	counts->in_bytes = SECTOR *
		sysfs_count(device, "statistics/read_sectors");
	counts->out_bytes = SECTOR *
		sysfs_count(device, "statistics/write_sectors");
	counts->ins = sysfs_count(device, "statistics/reads");
	counts->outs = sysfs_count(device, "statistics/writes");
}

/* Return: whether anything goes through it. */
static bool count_device(const struct sysfs_device *device,
			 struct device_counts *counts)
{
	memset(counts, 0, sizeof(*counts));
	strcpy(counts->type, device->type);
	counts->id = device->id;
	if (!strcmp(device->type, "vif"))
		count_vif(device, counts);
	else if (!strcmp(device->type, "vbd"))
		count_vbd(device, counts);
	else
		return false;
	return true;
}

/**
 * struct cursor - devices of all guests, and where one is among them
 * @devices: by domain
 * @count: how many
 * @at: the first one whose domain hasn't been looked at
 */
struct cursor {
	struct sysfs_device *devices;
	int count;
	int at;
};

/* To be called for one domain after the other. */
static int count_devices(struct guest_counts *guest, struct cursor *cursor,
			 struct error *err)
{
	int first, end;

	for (first = cursor->at; first < cursor->count; first++)
		if (cursor->devices[first].domid >= guest->domid)
			break;
	for (end = first; end < cursor->count; end++)
		if (cursor->devices[end].domid != guest->domid)
			break;
	cursor->at = end;
	guest->devices = calloc(end - first + 1, sizeof(*guest->devices));
	if (!guest->devices)
		return error_sys(err, -ENOMEM, "devices");
	for (; first < end; first++)
		if (count_device(&cursor->devices[first],
				 &guest->devices[guest->nr_devices]))
			guest->nr_devices++;
	return 0;
}

/* Return: 1 if it is a guest of chaos, 0 if not, or a negative errno. */
static int count_guest(const struct domain_info *info, struct cursor *cursor,
		       struct guest_counts *guest, struct error *err)
{
	struct record record;
	struct shell shell;
	int ret;

	memset(guest, 0, sizeof(*guest));
	strcpy(guest->name, "?");
	if (shell_load(&shell, info->domid, info->handle))
		return 0;
	if (!record_load(&record, info->domid, info->handle)) {
		strcpy(guest->name, record.name);
		record_free(&record);
	} else if (!noxs_is_handle(info->handle)) {
		return 0;
	}
	guest->domid = info->domid;
	memcpy(guest->handle, info->handle, UUID_SIZE);
	guest->state = xen_state(info);
	guest->cpu_time = info->cpu_time;
	guest->memory = info->pages / PAGES_PER_MB;
	guest->vcpus = info->vcpus;
	ret = count_devices(guest, cursor, err);
	return ret ? ret : 1;
}

static int count_guests(struct counts *counts, const struct domain_info *infos,
			int count, struct cursor *cursor, struct error *err)
{
	int i, ret;

	counts->guests = calloc(count + 1, sizeof(*counts->guests));
	if (!counts->guests)
		return error_sys(err, -ENOMEM, "guests");
	for (i = 0; i < count; i++) {
		ret = count_guest(&infos[i], cursor,
				  &counts->guests[counts->nr_guests], err);
		if (ret < 0)
			return ret;
		counts->nr_guests += ret;
	}
	return 0;
}

static int count_all(struct xen *xen, struct counts *counts,
		     struct cursor *cursor, struct error *err)
{
	struct domain_info *infos;
	int count, ret;

	count = xen_list(xen, &infos, err);
	if (count < 0)
		return count;
	ret = count_guests(counts, infos, count, cursor, err);
	free(infos);
	return ret;
}

static const struct guest_counts *find_guest(const struct counts *counts,
					     const struct guest_counts *guest)
{
	unsigned int i;

	for (i = 0; i < counts->nr_guests; i++)
		if (counts->guests[i].domid == guest->domid &&
		    !memcmp(counts->guests[i].handle, guest->handle,
			    UUID_SIZE))
			return &counts->guests[i];
	return NULL;
}

/* A device that went and came again counts from the start. */
static double rate(uint64_t now, uint64_t before, double seconds)
{
	return (now >= before ? now - before : now) / seconds;
}

static void set_device_rates(struct device_counts *device,
			     const struct guest_counts *former, double seconds)
{
	const struct device_counts none = { 0 }, *before = &none;
	unsigned int i;

	for (i = 0; i < former->nr_devices; i++)
		if (!strcmp(former->devices[i].type, device->type) &&
		    former->devices[i].id == device->id)
			before = &former->devices[i];
	device->in_rate = rate(device->in_bytes, before->in_bytes, seconds);
	device->out_rate = rate(device->out_bytes, before->out_bytes, seconds);
}

/* Of a guest that is new, all is new. */
static void set_rates(struct guest_counts *guest, const struct counts *former,
		      double seconds)
{
	const struct guest_counts none = { 0 }, *before;
	unsigned int i;

	before = find_guest(former, guest);
	if (!before)
		before = &none;
	guest->cpu_percent = (guest->cpu_time - before->cpu_time) / seconds *
			     100;
	for (i = 0; i < guest->nr_devices; i++)
		set_device_rates(&guest->devices[i], before, seconds);
}

static int compare(const void *a, const void *b)
{
	const struct guest_counts *ga = a, *gb = b;

	if (ga->cpu_percent != gb->cpu_percent)
		return ga->cpu_percent > gb->cpu_percent ? -1 : 1;
	return ga->domid < gb->domid ? -1 : 1;
}

int counts_take(struct xen *xen, struct counts *counts,
		const struct counts *former, struct error *err)
{
	struct cursor cursor = { 0 };
	double seconds;
	unsigned int i;
	int ret;

	memset(counts, 0, sizeof(*counts));
	counts->time = clock_ms();
	cursor.count = sysfs_devices(SYSFS_ALL, &cursor.devices, err);
	if (cursor.count < 0)
		return cursor.count;
	ret = count_all(xen, counts, &cursor, err);
	free(cursor.devices);
	if (ret) {
		counts_free(counts);
		return ret;
	}
	if (!former)
		return 0;
	seconds = (counts->time - former->time) / 1e3;
	/* No division by zero, if the clock hasn't moved. */
	if (seconds < 0.001)
		seconds = 0.001;
	for (i = 0; i < counts->nr_guests; i++)
		set_rates(&counts->guests[i], former, seconds);
	if (counts->nr_guests)
		qsort(counts->guests, counts->nr_guests,
		      sizeof(*counts->guests), compare);
	return 0;
}

void counts_free(struct counts *counts)
{
	unsigned int i;

	for (i = 0; i < counts->nr_guests; i++)
		free(counts->guests[i].devices);
	free(counts->guests);
	memset(counts, 0, sizeof(*counts));
}
