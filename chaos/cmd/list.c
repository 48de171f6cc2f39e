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
#include "guest/names.h"
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

/* Those of @all that the user named, in his order. Return: the exit status. */
static int choose(struct xen *xen, char **names, struct json_object *all,
		  struct json_object *list)
{
	int status = EXIT_SUCCESS;
	struct json_object *row;
	struct guest guest;
	struct error err;
	size_t i;

	for (; *names; names++) {
		if (guest_find(xen, *names, &guest, &err)) {
			status = report("list", *names, &err);
			continue;
		}
		for (i = 0; i < json_object_array_length(all); i++) {
			row = json_object_array_get_idx(all, i);
			if (doc_get_number(row, "domid") != guest.domid)
				continue;
			json_object_array_add(list, json_object_get(row));
			break;
		}
		guest_put(&guest);
	}
	return status;
}

static int list_guests(struct xen *xen, char **names, bool all,
		       const struct options *options, struct error *err)
{
	struct json_object *list, *chosen;
	int ret, status = EXIT_SUCCESS;

	/* Who is asked for by name is shown, whatever he is. */
	ret = guests_describe(xen, all || *names, &list, err);
	if (ret)
		return report("list", NULL, err);
	if (*names) {
		chosen = json_object_new_array();
		status = choose(xen, names, list, chosen);
		json_object_put(list);
		list = chosen;
		if (!json_object_array_length(list)) {
			json_object_put(list);
			return status;
		}
	}
	ret = options->json ? print_json(list) : print_list(list);
	return ret == EXIT_SUCCESS ? status : ret;
}

static int list_main(int argc, char **argv, struct options *options)
{
	bool all = false;
	struct error err;
	struct xen xen;
	int opt, ret;

	while ((opt = next_option(argc, argv, "a", NULL)) != -1) {
		if (opt == 'a')
			all = true;
		else if (!options_take(options, opt))
			return usage_error(&list_command);
	}
	ret = xen_open(&xen, options->verbose, &err);
	if (ret)
		return report("list", NULL, &err);
	ret = list_guests(&xen, argv + optind, all, options, &err);
	xen_close(&xen);
	return ret;
}

const struct command list_command = {
	.name = "list",
	.help = "list the guests",
	.usage = "list [-ajv] [GUEST...]",
	.details =
	"Lists the guests that chaos made, or each GUEST, a name or a domid, whoever made\n"
	"it. One whose name is '?' was left by a chaos that was killed; \"chaos destroy\n"
	"DOMID\" removes it. The state is running, blocked, paused, shutdown, crashed,\n"
	"dying, or restarting: it has ended, and couldn't be made again yet.\n\n"
	"  -a  all domains of the host; those that are ready in a pool have its name, in\n"
	"      brackets\n",
	.main = list_main,
};
