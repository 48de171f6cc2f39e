// SPDX-License-Identifier: GPL-2.0
/*
 * A guest as JSON: what is remembered of it, and what Xen and the kernel say at
 * present.
 */
#include <errno.h>
#include <limits.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include "console/console.h"
#include "guest/describe.h"
#include "guest/record.h"
#include "host/noxs.h"
#include "host/sysfs.h"
#include "pool/shell.h"
#include "util/json.h"
#include "util/util.h"
#include "xen/sched.h"

static int add_domain(struct json_object *doc, struct xen *xen,
		      uint32_t domid, struct error *err)
{
	struct domain_info info;
	int ret;

	ret = xen_info(xen, domid, &info);
	if (ret)
		return error_sys(err, ret, "domain %u", domid);
	doc_text(doc, "state", xen_state(&info));
	doc_number(doc, "memory_now", info.pages / PAGES_PER_MB);
	doc_fraction(doc, "cpu_time", info.cpu_time);
	doc_number(doc, "cpupool", info.cpupool);
	return 0;
}

static void add_device(struct json_object *list,
		       const struct sysfs_device *device)
{
	struct json_object *entry = json_object_new_object();
	char text[64];

	doc_text(entry, "type", device->type);
	doc_number(entry, "id", device->id);
	sysfs_text(device, "state", text, sizeof(text));
	doc_text(entry, "backend_state", text);
	sysfs_text(device, "otherend_state", text, sizeof(text));
	doc_text(entry, "frontend_state", text);
	sysfs_text(device, "otherend_abi", text, sizeof(text));
	doc_text(entry, "frontend_abi", *text ? text : NULL);
	sysfs_text(device, "features", text, sizeof(text));
	doc_text(entry, "features", text);
	doc_number(entry, "epoch", sysfs_count(device, "epoch"));
	if (sysfs_netdev(device, text))
		doc_text(entry, "netdev", text);
	json_object_array_add(list, entry);
}

static int add_devices(struct json_object *doc, uint32_t domid,
		       struct error *err)
{
	struct json_object *list = doc_list(doc, "devices");
	struct sysfs_device *devices;
	int count, i;

	count = sysfs_devices(domid, domid, &devices, err);
	for (i = 0; i < count; i++)
		add_device(list, &devices[i]);
	free(devices);
	return count < 0 ? count : 0;
}

static void add_console(struct json_object *doc, const struct guest *guest)
{
	struct json_object *console = json_object_object_get(doc, "console");
	char path[PATH_MAX];

	if (!json_object_is_type(console, json_type_object))
		console = doc_object(doc, "console");
	console_sock_path(guest->domid, path, sizeof(path));
	doc_text(console, "socket", path);
	console_log_path(guest->record.name, path, sizeof(path));
	doc_text(console, "log", path);
}

/*
 * A copy of the record, to which the rest is added. Neither whose it is nor the text that it
 * was made from, which may have passwords and be long, is for whoever asks.
 */
static struct json_object *start_doc(const struct guest *guest)
{
	struct json_object *source;
	struct json_object *doc = NULL;
	char handle[UUID_TEXT];

	if (guest->recorded &&
	    !json_object_deep_copy(guest->record.doc, &doc, NULL)) {
		json_object_object_del(doc, "token");
		if (json_object_object_get_ex(doc, "config", &source))
			json_object_object_del(source, "text");
		return doc;
	}
	doc = json_object_new_object();
	doc_text(doc, "name", guest_name(guest));
	doc_number(doc, "domid", guest->domid);
	doc_text(doc, "handle", uuid_format(guest->handle, handle));
	return doc;
}

/* Seconds since it was made; those who aren't of chaos have none. */
static void add_uptime(struct json_object *doc, uint32_t domid,
		       const struct record *record)
{
	if (!domid)
		doc_number(doc, "uptime", boot_ms() / 1000);
	else if (record && record_is_made(record))
		doc_number(doc, "uptime", record_age(record) / 1000);
	else
		doc_text(doc, "uptime", NULL);
}

int guest_describe(struct xen *xen, const struct guest *guest,
		   struct json_object **doc, struct error *err)
{
	int ret;

	*doc = start_doc(guest);
	if (guest->recorded)
		add_console(*doc, guest);
	if (!guest->exists) {
		doc_text(*doc, "state", "gone");
		return 0;
	}
	add_uptime(*doc, guest->domid,
		   guest->recorded ? &guest->record : NULL);
	ret = add_domain(*doc, xen, guest->domid, err);
	if (!ret)
		ret = sched_describe(xen, guest->domid, *doc, err);
	if (!ret)
		ret = add_devices(*doc, guest->domid, err);
	if (ret)
		json_object_put(*doc);
	return ret;
}

static struct json_object *
add_row(struct json_object *list, const struct domain_info *info,
	const char *name, const char *pool)
{
	struct json_object *entry = json_object_new_object();
	char text[UUID_TEXT];

	doc_text(entry, "name", name);
	doc_text(entry, "pool", pool);
	doc_number(entry, "domid", info->domid);
	doc_text(entry, "state", xen_state(info));
	doc_text(entry, "type", info->is_pvh ? "pvh" : "pv");
	doc_number(entry, "memory", info->pages / PAGES_PER_MB);
	doc_number(entry, "memory_now", info->pages / PAGES_PER_MB);
	doc_number(entry, "vcpus", info->vcpus);
	doc_fraction(entry, "cpu_time", info->cpu_time);
	doc_text(entry, "handle", uuid_format(info->handle, text));
	doc_bool(entry, "managed", noxs_is_handle(info->handle));
	json_object_array_add(list, entry);
	return entry;
}

static void add_info(struct json_object *list, const struct domain_info *info,
		     bool all)
{
	const char *name = NULL, *pool = NULL;
	struct record record;
	struct shell shell;
	bool ours;

	/* In this order: a shell becomes a guest, and never the other way. */
	if (shell_load(&shell, info->domid, info->handle))
		pool = shell.pool;
	if (!record_load(&record, info->domid, info->handle)) {
		name = record.name;
		pool = NULL;
	}
	ours = name || (!pool && noxs_is_handle(info->handle));
	if (!info->domid)
		name = HOST_NAME;
	if (ours || all)
		add_uptime(add_row(list, info, name, pool), info->domid,
			   record.doc ? &record : NULL);
	record_free(&record);
}

/**
 * struct describing - a list in the making
 * @xen: access to the hypervisor
 * @list: of those that were found
 */
struct describing {
	struct xen *xen;
	struct json_object *list;
};

static bool is_listed(struct json_object *list, const char *name)
{
	size_t i;

	for (i = 0; i < json_object_array_length(list); i++)
		if (!strcmp(doc_get_text(json_object_array_get_idx(list, i),
					 "name"), name))
			return true;
	return false;
}

/* One whose domain is gone, and that is to be made again: it has nothing else. */
static void list_restarting(const struct record *record,
			    struct describing *describing)
{
	struct json_object *entry;
	char text[UUID_TEXT];

	if (!record_number(record, "restarting") ||
	    xen_is_domain(describing->xen, record->domid, record->handle) ||
	    is_listed(describing->list, record->name))
		return;
	entry = json_object_new_object();
	doc_text(entry, "name", record->name);
	doc_text(entry, "pool", NULL);
	doc_number(entry, "domid", record->domid);
	doc_text(entry, "state", "restarting");
	doc_text(entry, "type", record_text(record, "type"));
	doc_number(entry, "memory", 0);
	doc_number(entry, "memory_now", 0);
	doc_number(entry, "vcpus", record_number(record, "vcpus"));
	doc_fraction(entry, "cpu_time", 0);
	doc_text(entry, "handle", uuid_format(record->handle, text));
	doc_bool(entry, "managed", true);
	doc_text(entry, "uptime", NULL);
	json_object_array_add(describing->list, entry);
}

static void add_restarting(struct record *record, void *arg)
{
	list_restarting(record, arg);
}

static int compare_rows(const void *a, const void *b)
{
	struct json_object *const *ra = a, *const *rb = b;
	int64_t da = doc_get_number(*ra, "domid");
	int64_t db = doc_get_number(*rb, "domid");

	return da < db ? -1 : da > db;
}

/* Those of one domid stay together. Return: the domid after them, @end if all are there. */
static uint32_t keep(struct json_object *list, size_t most, uint32_t end)
{
	size_t count = json_object_array_length(list);
	struct json_object *row;

	if (count <= most)
		return end;
	row = json_object_array_get_idx(list, most - 1);
	while (most < count && !compare_rows(&row, &(struct json_object *){
					json_object_array_get_idx(list, most) }))
		most++;
	json_object_array_del_idx(list, most, count - most);
	return doc_get_number(row, "domid") + 1;
}

int guests_describe(struct xen *xen, bool all, uint32_t *from,
		    unsigned int most, struct json_object **list,
		    struct error *err)
{
	struct describing describing = { .xen = xen };
	struct domain_info *infos;
	uint32_t end = DOMIDS;
	int count, i;

	count = xen_list_from(xen, *from, most, &infos, err);
	if (count < 0)
		return count;
	if (count == (int)most)
		end = infos[count - 1].domid + 1;
	*list = json_object_new_array();
	describing.list = *list;
	for (i = 0; i < count; i++)
		add_info(*list, &infos[i], all);
	free(infos);
	records_between(*from, end, add_restarting, &describing);
	json_object_array_sort(*list, compare_rows);
	end = keep(*list, most, end);
	*from = end < DOMIDS ? end : 0;
	return 0;
}

int guest_list(struct xen *xen, const struct guest *guest,
	       struct json_object **list, struct error *err)
{
	struct describing describing = { .xen = xen };
	struct domain_info info;
	int ret = xen_info(xen, guest->domid, &info);

	if (ret && ret != -ESRCH)
		return error_sys(err, ret, "domain %u", guest->domid);
	*list = json_object_new_array();
	describing.list = *list;
	/* The domid may be another domain's by now. */
	if (!ret && !memcmp(info.handle, guest->handle, UUID_SIZE))
		add_info(*list, &info, true);
	else if (guest->recorded)
		list_restarting(&guest->record, &describing);
	return 0;
}
