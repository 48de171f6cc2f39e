// SPDX-License-Identifier: GPL-2.0
/*
 * chaos info: all that is known of one guest: what is remembered of it, and
 * what Xen and the kernel say at present.
 */
#include <errno.h>
#include <getopt.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/output.h"
#include "console/console.h"
#include "guest/names.h"
#include "host/sysfs.h"
#include "util/json.h"
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

static void add_device(struct json_object *list, const struct sysfs_device *device)
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
	struct json_object *list = json_object_new_array();
	struct sysfs_device *devices;
	int count, i;

	json_object_object_add(doc, "devices", list);
	count = sysfs_devices(domid, &devices, err);
	for (i = 0; i < count; i++)
		add_device(list, &devices[i]);
	free(devices);
	return count < 0 ? count : 0;
}

static void add_console(struct json_object *doc, const struct guest *guest)
{
	struct json_object *console;
	char path[PATH_MAX];

	if (!json_object_object_get_ex(doc, "console", &console) ||
	    !json_object_is_type(console, json_type_object)) {
		console = json_object_new_object();
		json_object_object_add(doc, "console", console);
	}
	console_sock_path(guest->domid, path, sizeof(path));
	doc_text(console, "socket", path);
	console_log_path(guest->record.name, path, sizeof(path));
	doc_text(console, "log", path);
}

/* A copy of the record, to which the rest is added. */
static struct json_object *start_doc(const struct guest *guest)
{
	struct json_object *doc = NULL;
	char handle[UUID_TEXT];

	if (guest->recorded &&
	    !json_object_deep_copy(guest->record.doc, &doc, NULL))
		return doc;
	doc = json_object_new_object();
	doc_text(doc, "name", guest->domid ? NULL : "Domain-0");
	doc_number(doc, "domid", guest->domid);
	uuid_format(guest->handle, handle);
	doc_text(doc, "handle", handle);
	return doc;
}

static int describe(struct xen *xen, const struct guest *guest,
		    struct json_object *doc, struct error *err)
{
	int ret;

	if (guest->recorded)
		add_console(doc, guest);
	if (!guest->exists) {
		doc_text(doc, "state", "gone");
		return 0;
	}
	ret = add_domain(doc, xen, guest->domid, err);
	if (!ret)
		ret = sched_describe(xen, guest->domid, doc, err);
	if (!ret)
		ret = add_devices(doc, guest->domid, err);
	return ret;
}

static int info_main(int argc, char **argv, struct options *options)
{
	struct json_object *doc = NULL;
	struct guest guest;
	struct error err;
	struct xen xen;
	int opt, ret;

	while ((opt = getopt(argc, argv, OPTIONS_COMMON)) != -1)
		if (!options_take(options, opt))
			return usage_error(&info_command);
	if (optind != argc - 1)
		return usage_error(&info_command);
	ret = xen_open(&xen, options->verbose, &err);
	if (ret)
		return report("info", argv[optind], &err);
	ret = guest_find(&xen, argv[optind], &guest, &err);
	if (!ret) {
		doc = start_doc(&guest);
		ret = describe(&xen, &guest, doc, &err);
		guest_put(&guest);
	}
	xen_close(&xen);
	if (!ret)
		return options->json ? print_json(doc) : print_values(doc);
	json_object_put(doc);
	return report("info", argv[optind], &err);
}

const struct command info_command = {
	.name = "info",
	.help = "show all that is known of a guest",
	.usage = "info [-jv] GUEST",
	.details =
	"Prints all that is known of GUEST, a name or a domid: what it was made from,\n"
	"and its CPUs, memory, devices and console at present.\n",
	.main = info_main,
};
