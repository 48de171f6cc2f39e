// SPDX-License-Identifier: GPL-2.0
/*
 * What the host is and has: versions of all that guests meet, what Xen can do, and who has
 * its memory.
 */
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "guest/describe.h"
#include "guest/host.h"
#include "host/sysfs.h"
#include "util/chaos.h"
#include "util/json.h"
#include "util/util.h"
#include "xen/host.h"

/* @xen: NULL if there is none */
static void add_xen(struct json_object *doc, struct xen *xen)
{
	char text[HOST_TEXT_MAX];

	doc_text(doc, "xen", xen && host_version(xen, text) ? text : NULL);
	doc_text(doc, "xen_capabilities",
		 xen && host_capabilities(xen, text) ? text : NULL);
}

static void add_file(struct json_object *doc, const char *key,
		     const char *dir, const char *name)
{
	char text[64];

	sysfs_line(dir, name, text, sizeof(text));
	doc_text(doc, key, *text ? text : NULL);
}

static void add_module(struct json_object *modules, const char *name)
{
	char dir[128];

	snprintf(dir, sizeof(dir), "/sys/module/%s", name);
	add_file(modules, name, dir, "version");
}

static int compare_abis(const void *a, const void *b)
{
	return strverscmp(a, b);
}

/* Those of all connected devices' other ends, each once. */
static void add_guests_abi(struct json_object *doc)
{
	struct sysfs_device *devices = NULL;
	struct json_object *list = doc_list(doc, "guests_abi");
	int count, nr = 0, i;
	char (*abis)[16];
	struct error err;

	count = sysfs_devices(0, DOMIDS, &devices, &err);
	abis = count > 0 ? calloc(count, sizeof(*abis)) : NULL;
	for (i = 0; abis && i < count; i++)
		nr += sysfs_text(&devices[i], "otherend_abi", abis[nr],
				 sizeof(*abis));
	if (abis)
		qsort(abis, nr, sizeof(*abis), compare_abis);
	for (i = 0; i < nr; i++)
		if (*abis[i] && (!i || strcmp(abis[i], abis[i - 1])))
			list_text(list, abis[i]);
	free(abis);
	free(devices);
}

static void add_modules(struct json_object *doc)
{
	static const char *const names[] = {
		"noxs_core", "noxs_netback", "noxs_blkback",
	};
	struct json_object *modules = doc_object(doc, "modules");
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		add_module(modules, names[i]);
}

void host_versions(struct json_object *doc, struct xen *xen)
{
	struct utsname host;

	doc_text(doc, "chaos", CHAOS_VERSION);
	add_file(doc, "noxs_abi", "/sys/bus", "noxs-backend/abi");
	add_file(doc, "noxs_provider", "/sys/bus", "noxs-backend/provider");
	add_guests_abi(doc);
	doc_text(doc, "linux", uname(&host) ? NULL : host.release);
	add_xen(doc, xen);
	add_modules(doc);
}

/* Who has the memory that isn't free: guests, pools, and those that aren't gone yet. */
static int add_domains(struct json_object *doc, struct xen *xen,
		       struct error *err)
{
	int64_t guests = 0, shells = 0, guests_memory = 0, shells_memory = 0;
	int64_t dying_memory = 0, memory;
	struct json_object *rows, *row;
	uint32_t from = 0;
	size_t i;
	int ret;

	ret = guests_describe(xen, true, &from, DOMIDS, &rows, err);
	if (ret)
		return ret;
	for (i = 0; i < json_object_array_length(rows); i++) {
		row = json_object_array_get_idx(rows, i);
		memory = doc_get_number(row, "memory");
		if (!strcmp(doc_get_text(row, "state"), "dying")) {
			dying_memory += memory;
		} else if (*doc_get_text(row, "pool")) {
			shells++;
			shells_memory += memory;
		} else if (doc_get_number(row, "domid") && doc_get_bool(row, "managed")) {
			guests++;
			guests_memory += memory;
		}
	}
	json_object_put(rows);
	doc_number(doc, "guests", guests);
	doc_number(doc, "guests_memory", guests_memory);
	doc_number(doc, "shells", shells);
	doc_number(doc, "shells_memory", shells_memory);
	doc_number(doc, "dying_memory", dying_memory);
	return 0;
}

/* NULL: it isn't known to have faults. */
static void add_fixed(struct json_object *doc, struct xen *xen)
{
	char version[HOST_TEXT_MAX];

	doc_text(doc, "xen_fixed", host_version(xen, version) ?
		 host_fixed_version(version) : NULL);
}

int host_describe_all(struct xen *xen, struct json_object *doc,
		      struct error *err)
{
	struct utsname host;
	int ret;

	doc_text(doc, "hostname", uname(&host) ? NULL : host.nodename);
	host_versions(doc, xen);
	add_fixed(doc, xen);
	ret = host_describe(xen, doc, err);
	if (ret)
		return ret;
	doc_number(doc, "revoking", sysfs_noxs_count("revoking"));
	doc_number(doc, "kept", sysfs_noxs_count("kept"));
	return add_domains(doc, xen, err);
}
