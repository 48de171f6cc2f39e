// SPDX-License-Identifier: GPL-2.0
/*
 * What the host is: chaos host, with what it has; chaos version, of all that chaos works
 * with; chaos dmesg, what the hypervisor has logged; chaos debug-keys, what it is to log
 * besides.
 */
#include <errno.h>
#include <getopt.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "cmd/output.h"
#include "guest/describe.h"
#include "host/sysfs.h"
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

static void add_file(struct json_object *doc, const char *name,
		     const char *path)
{
	char text[64] = "";
	FILE *stream = fopen(path, "re");

	if (stream) {
		if (!fgets(text, sizeof(text), stream))
			*text = '\0';
		fclose(stream);
	}
	text[strcspn(text, "\n")] = '\0';
	doc_text(doc, name, *text ? text : NULL);
}

static void add_module(struct json_object *modules, const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "/sys/module/%s/version", name);
	add_file(modules, name, path);
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

	count = sysfs_devices(SYSFS_ALL, &devices, &err);
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

static void add_versions(struct json_object *doc, struct xen *xen)
{
	struct utsname host;

	doc_text(doc, "chaos", CHAOS_VERSION);
	add_file(doc, "noxs_abi", "/sys/bus/noxs-backend/abi");
	add_file(doc, "noxs_provider", "/sys/bus/noxs-backend/provider");
	add_guests_abi(doc);
	doc_text(doc, "linux", uname(&host) ? NULL : host.release);
	add_xen(doc, xen);
	add_modules(doc);
}

static int version_main(int argc, char **argv, struct options *options)
{
	struct json_object *doc;
	struct error ignored;
	struct xen xen;
	bool has_xen;

	if (!take_words(argc, argv, options, 0, 0))
		return usage_error(&version_command);
	has_xen = !xen_open(&xen, options->verbose, &ignored);
	doc = json_object_new_object();
	add_versions(doc, has_xen ? &xen : NULL);
	if (has_xen)
		xen_close(&xen);
	return options->json ? print_json(doc) : print_values(doc);
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

static int describe_host(struct xen *xen, struct json_object *doc,
			 struct error *err)
{
	struct utsname host;
	int ret;

	doc_text(doc, "hostname", uname(&host) ? NULL : host.nodename);
	add_versions(doc, xen);
	ret = host_describe(xen, doc, err);
	return ret ? ret : add_domains(doc, xen, err);
}

static void warn_of_faults(const char *version)
{
	const char *fixed = host_fixed_version(version);
	char text[HOST_TEXT_MAX + 128];

	if (!fixed)
		return;
	snprintf(text, sizeof(text),
		 "Xen %s has faults by which guests can do harm, and %s has not",
		 version, fixed);
	report_warning("host", NULL, text);
}

static int host_main(int argc, char **argv, struct options *options)
{
	char version[HOST_TEXT_MAX];
	struct json_object *doc;
	struct error err;
	struct xen xen;
	int ret;

	if (!take_words(argc, argv, options, 0, 0))
		return usage_error(&host_command);
	ret = xen_open(&xen, options->verbose, &err);
	if (ret)
		return report("host", NULL, &err);
	doc = json_object_new_object();
	ret = describe_host(&xen, doc, &err);
	if (!ret && host_version(&xen, version))
		warn_of_faults(version);
	xen_close(&xen);
	if (!ret)
		return options->json ? print_json(doc) : print_values(doc);
	json_object_put(doc);
	return report("host", NULL, &err);
}

/* It is text that ends with a newline, but for what dom0 made Xen print. */
static void clean(char *text)
{
	char *to = text;

	for (; *text; text++) {
		if (*text == '\n' || *text == '\t' ||
		    (*text >= ' ' && *text < 0x7f))
			*to++ = *text;
		else if (*text != '\r')
			*to++ = '?';
	}
	*to = '\0';
}

static struct json_object *split_lines(char *text)
{
	struct json_object *lines = json_object_new_array();
	char *line;

	while ((line = strsep(&text, "\n")))
		/* After the last newline there is no line. */
		if (text || *line)
			list_text(lines, line);
	return lines;
}

static int dmesg_main(int argc, char **argv, struct options *options)
{
	bool clear = false;
	struct error err;
	struct xen xen;
	char *text;
	int opt, ret;

	while ((opt = next_option(argc, argv, "c", NULL)) != -1) {
		if (opt == 'c')
			clear = true;
		else if (!options_take(options, opt))
			return usage_error(&dmesg_command);
	}
	if (optind != argc)
		return usage_error(&dmesg_command);
	ret = xen_open(&xen, options->verbose, &err);
	if (ret)
		return report("dmesg", NULL, &err);
	ret = host_log(&xen, clear, &text, &err);
	xen_close(&xen);
	if (ret)
		return report("dmesg", NULL, &err);
	clean(text);
	if (options->json)
		print_json(split_lines(text));
	else
		fputs(text, stdout);
	free(text);
	return EXIT_SUCCESS;
}

static int debug_keys_main(int argc, char **argv, struct options *options)
{
	struct error err;
	struct xen xen;
	int ret;

	if (!take_words(argc, argv, options, 1, 1) || !*argv[optind])
		return usage_error(&debug_keys_command);
	ret = xen_open(&xen, options->verbose, &err);
	if (ret)
		return report("debug-keys", NULL, &err);
	ret = host_debug_keys(&xen, argv[optind], &err);
	xen_close(&xen);
	return ret ? report("debug-keys", NULL, &err) : EXIT_SUCCESS;
}

const struct command host_command = {
	.name = "host",
	.help = "show what the host is, has and can do",
	.usage = "host [-jv]",
	.details =
	"Prints what \"chaos version\" does, and the host's CPUs and memory, in MiB: all of\n"
	"it, what is free, what guests and pools have, and what domains have that are being\n"
	"destroyed; and what Xen can do and was told to do. Warns if Xen has known faults.\n",
	.main = host_main,
};

const struct command version_command = {
	.name = "version",
	.help = "show the versions of chaos, noxs, Linux and Xen",
	.usage = "version [-jv]",
	.details =
	"Prints the versions of chaos, of the interface between host and guests as the\n"
	"host's modules and as guests with connected devices have it, of the host's\n"
	"kernel, of Xen, and of the modules; and how guests find their devices. What\n"
	"isn't there is '-'.\n",
	.main = version_main,
};

const struct command dmesg_command = {
	.name = "dmesg",
	.help = "show what Xen has logged",
	.usage = "dmesg [-cjv]",
	.details =
	"Prints the log of the hypervisor: with -j, as an array of lines.\n\n"
	"  -c  clear it, once it has been read\n",
	.main = dmesg_main,
};

const struct command debug_keys_command = {
	.name = "debug-keys",
	.help = "have Xen do what keys on its console do",
	.usage = "debug-keys [-v] KEYS",
	.details =
	"Has the hypervisor do what each of KEYS does on its console; \"chaos dmesg\" shows\n"
	"what it says. \"h\" lists the keys. Some do harm: \"R\" reboots the host.\n",
	.main = debug_keys_main,
};
