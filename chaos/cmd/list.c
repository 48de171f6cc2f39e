// SPDX-License-Identifier: GPL-2.0
/*
 * chaos list: the domains that Xen has, with the names that we remember. One
 * without a name is what a killed "chaos create" left, and is shown with '?'; one
 * that is ready in a pool is no guest, and is shown with the pool's name. A guest
 * that is to be made again has no domain, and is shown with its former domid.
 */
#include <getopt.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/output.h"
#include "config/config.h"
#include "guest/describe.h"
#include "host/noxs.h"
#include "util/json.h"
#include "xen/xen.h"

static bool is_ours(struct json_object *row)
{
	uint8_t handle[UUID_SIZE];

	return uuid_parse(doc_get_text(row, "handle"), handle) &&
	       noxs_is_handle(handle);
}

static void print_row(struct json_object *row)
{
	const char *name = doc_get_text(row, "name");
	const char *pool = doc_get_text(row, "pool");
	char text[CONFIG_NAME_MAX + 3];

	if (*pool)
		snprintf(text, sizeof(text), "[%s]", pool);
	else if (*name)
		snprintf(text, sizeof(text), "%s", name);
	else
		strcpy(text, is_ours(row) ? "?" : "-");
	printf("%5s  %-24s %8s %5s  %-8s %11.1f\n", shown(row, "domid"), text,
	       shown(row, "memory"), shown(row, "vcpus"), shown(row, "state"),
	       doc_get_fraction(row, "cpu_time"));
}

static int print_list(struct json_object *list)
{
	size_t i;

	printf("%5s  %-24s %8s %5s  %-8s %11s\n", "domid", "name", "MiB",
	       "vcpus", "state", "CPU seconds");
	for (i = 0; i < json_object_array_length(list); i++)
		print_row(json_object_array_get_idx(list, i));
	json_object_put(list);
	return EXIT_SUCCESS;
}

static int list_main(int argc, char **argv, struct options *options)
{
	struct json_object *list;
	bool all = false;
	struct error err;
	struct xen xen;
	int opt, ret;

	while ((opt = getopt(argc, argv, "a" OPTIONS_COMMON)) != -1) {
		if (opt == 'a')
			all = true;
		else if (!options_take(options, opt))
			return usage_error(&list_command);
	}
	if (optind != argc)
		return usage_error(&list_command);
	ret = xen_open(&xen, options->verbose, &err);
	if (ret)
		return report("list", NULL, &err);
	ret = guests_describe(&xen, all, &list, &err);
	xen_close(&xen);
	if (ret)
		return report("list", NULL, &err);
	return options->json ? print_json(list) : print_list(list);
}

const struct command list_command = {
	.name = "list",
	.help = "list the guests",
	.usage = "list [-ajv]",
	.details =
	"Lists the guests that chaos made. One whose name is '?' was left by a chaos that\n"
	"was killed; \"chaos destroy DOMID\" removes it. The state is running, blocked,\n"
	"paused, shutdown, crashed, dying, or restarting: it has ended, and couldn't be\n"
	"made again yet.\n\n"
	"  -a  all domains of the host; those that are ready in a pool have its name, in\n"
	"      brackets\n",
	.main = list_main,
};
