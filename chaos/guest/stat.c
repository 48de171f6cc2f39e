// SPDX-License-Identifier: GPL-2.0
/*
 * What guests have used, as Xen and the backends count it.
 */
#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "guest/record.h"
#include "guest/stat.h"
#include "host/noxs.h"
#include "host/sysfs.h"
#include "pool/shell.h"
#include "util/json.h"
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
 * struct cursor - devices of guests, and where one is among them
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

/* Return: whether there is room for no more. */
static bool is_full(const struct counts *counts, unsigned int used,
		    unsigned int most)
{
	const struct guest_counts *last = &counts->guests[counts->nr_guests];

	return counts->nr_guests && used + 1 + last->nr_devices > most;
}

/* Of the first @count domains; @from is where those begin that there was no room for. */
static int count_guests(struct counts *counts, const struct domain_info *infos,
			int count, struct cursor *cursor, unsigned int most,
			uint32_t *from, struct error *err)
{
	struct guest_counts *guest;
	unsigned int used = 0;
	int i, ret;

	counts->guests = calloc(count + 1, sizeof(*counts->guests));
	if (!counts->guests)
		return error_sys(err, -ENOMEM, "guests");
	for (i = 0; i < count; i++) {
		guest = &counts->guests[counts->nr_guests];
		ret = count_guest(&infos[i], cursor, guest, err);
		if (ret < 0)
			return ret;
		if (!ret)
			continue;
		if (is_full(counts, used, most)) {
			free(guest->devices);
			*from = infos[i].domid;
			return 0;
		}
		used += 1 + guest->nr_devices;
		counts->nr_guests++;
	}
	return 0;
}

/* Of the domains that are listed, those that there is room for. */
static int count_listed(struct counts *counts, const struct domain_info *infos,
			int count, unsigned int most, uint32_t *from,
			struct error *err)
{
	struct cursor cursor = { 0 };
	int ret;

	if (!count)
		return 0;
	cursor.count = sysfs_devices(infos[0].domid, infos[count - 1].domid,
				     &cursor.devices, err);
	if (cursor.count < 0)
		return cursor.count;
	ret = count_guests(counts, infos, count, &cursor, most, from, err);
	free(cursor.devices);
	return ret;
}

int counts_take(struct xen *xen, uint32_t *from, unsigned int most,
		struct counts *counts, struct error *err)
{
	struct domain_info *infos;
	int count, ret;

	memset(counts, 0, sizeof(*counts));
	count = xen_list_from(xen, *from, most < DOMIDS ? most : DOMIDS,
			      &infos, err);
	if (count < 0)
		return count;
	*from = count && (unsigned int)count == most ?
		infos[count - 1].domid + 1 : 0;
	ret = count_listed(counts, infos, count, most, from, err);
	free(infos);
	if (ret)
		counts_free(counts);
	return ret;
}

static struct json_object *describe_device(const struct device_counts *device)
{
	bool is_net = !strcmp(device->type, "vif");
	struct json_object *doc = json_object_new_object();

	doc_text(doc, "type", device->type);
	doc_number(doc, "id", device->id);
	if (is_net)
		doc_text(doc, "netdev", device->netdev);
	doc_number(doc, is_net ? "received_bytes" : "read_bytes",
		   device->in_bytes);
	doc_number(doc, is_net ? "sent_bytes" : "written_bytes",
		   device->out_bytes);
	doc_number(doc, is_net ? "received_packets" : "reads", device->ins);
	doc_number(doc, is_net ? "sent_packets" : "writes", device->outs);
	return doc;
}

static struct json_object *describe_guest(const struct guest_counts *guest)
{
	struct json_object *doc = json_object_new_object();
	char handle[UUID_TEXT];
	struct json_object *devices;
	unsigned int i;

	doc_number(doc, "domid", guest->domid);
	doc_text(doc, "name", guest->name);
	doc_text(doc, "handle", uuid_format(guest->handle, handle));
	doc_text(doc, "state", guest->state);
	doc_fraction(doc, "cpu_time", guest->cpu_time);
	doc_number(doc, "memory", guest->memory);
	doc_number(doc, "memory_now", guest->memory);
	doc_number(doc, "vcpus", guest->vcpus);
	devices = doc_list(doc, "devices");
	for (i = 0; i < guest->nr_devices; i++)
		json_object_array_add(devices,
				      describe_device(&guest->devices[i]));
	return doc;
}

struct json_object *counts_describe(const struct counts *counts)
{
	struct json_object *list = json_object_new_array();
	unsigned int i;

	for (i = 0; i < counts->nr_guests; i++)
		json_object_array_add(list, describe_guest(&counts->guests[i]));
	return list;
}

void counts_free(struct counts *counts)
{
	unsigned int i;

	for (i = 0; i < counts->nr_guests; i++)
		free(counts->guests[i].devices);
	free(counts->guests);
	memset(counts, 0, sizeof(*counts));
}
