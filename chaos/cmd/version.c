// SPDX-License-Identifier: GPL-2.0
/*
 * What needs no guest and no chaosd: chaos version, of all that chaos works with; chaos
 * dmesg, what the hypervisor has logged.
 */
#include <errno.h>
#include <getopt.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/output.h"
#include "guest/host.h"
#include "util/json.h"
#include "util/util.h"
#include "xen/host.h"

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
	host_versions(doc, has_xen ? &xen : NULL);
	if (has_xen)
		xen_close(&xen);
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
