// SPDX-License-Identifier: GPL-2.0
/*
 * What the host is: chaos version, of all that chaos works with; chaos dmesg, what
 * the hypervisor has logged; chaos debug-keys, what it is to log besides.
 */
#include <errno.h>
#include <getopt.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "cmd/output.h"
#include "host/sysfs.h"
#include "util/json.h"
#include "util/util.h"
#include "xen/host.h"

static void add_xen(struct json_object *doc, bool verbose)
{
	char text[HOST_TEXT_MAX];
	struct error err;
	struct xen xen;

	doc_text(doc, "xen", NULL);
	doc_text(doc, "xen_capabilities", NULL);
	if (xen_open(&xen, verbose, &err))
		return;
	if (host_version(&xen, text))
		doc_text(doc, "xen", text);
	if (host_capabilities(&xen, text))
		doc_text(doc, "xen_capabilities", text);
	xen_close(&xen);
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

static int version_main(int argc, char **argv, struct options *options)
{
	struct json_object *doc;
	struct utsname host;
	int opt;

	while ((opt = next_option(argc, argv, "", NULL)) != -1)
		if (!options_take(options, opt))
			return usage_error(&version_command);
	if (optind != argc)
		return usage_error(&version_command);
	doc = json_object_new_object();
	doc_text(doc, "chaos", CHAOS_VERSION);
	add_file(doc, "noxs_abi", "/sys/bus/noxs-backend/abi");
	add_file(doc, "noxs_provider", "/sys/bus/noxs-backend/provider");
	add_guests_abi(doc);
	doc_text(doc, "linux", uname(&host) ? NULL : host.release);
	add_xen(doc, options->verbose);
	add_modules(doc);
	return options->json ? print_json(doc) : print_values(doc);
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
	int opt, ret;

	while ((opt = next_option(argc, argv, "", NULL)) != -1)
		if (!options_take(options, opt))
			return usage_error(&debug_keys_command);
	if (optind != argc - 1 || !*argv[optind])
		return usage_error(&debug_keys_command);
	ret = xen_open(&xen, options->verbose, &err);
	if (ret)
		return report("debug-keys", NULL, &err);
	ret = host_debug_keys(&xen, argv[optind], &err);
	xen_close(&xen);
	return ret ? report("debug-keys", NULL, &err) : EXIT_SUCCESS;
}

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
