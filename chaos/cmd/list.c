// SPDX-License-Identifier: GPL-2.0
/*
 * chaos list: the domains that Xen has, with the names that we remember. One
 * without a name is what a killed "chaos create" left, and is shown with '?'; one
 * that is ready in a pool is no guest, and is shown with the pool's name. A guest
 * that is to be made again has no domain, and is shown with its former domid.
 */
#include <errno.h>
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

bool row_is_ours(struct json_object *row)
{
	uint8_t handle[UUID_SIZE];

	return uuid_parse(doc_get_text(row, "handle"), handle) &&
	       noxs_is_handle(handle);
}

const char *row_name(struct json_object *row)
{
	static char text[CONFIG_NAME_MAX + 3];
	const char *name = doc_get_text(row, "name");
	const char *pool = doc_get_text(row, "pool");

	if (*pool)
		snprintf(text, sizeof(text), "[%s]", pool);
	else if (*name)
		snprintf(text, sizeof(text), "%s", name);
	else
		strcpy(text, row_is_ours(row) ? "?" : "-");
	return text;
}

void row_copy(struct json_object *row, struct json_object *doc)
{
	const char *pool = doc_get_text(row, "pool");

	doc_number(doc, "domid", doc_get_number(row, "domid"));
	json_object_object_add(doc, "name",
			       json_object_get(json_object_object_get(row, "name")));
	if (*pool)
		doc_text(doc, "pool", pool);
	doc_text(doc, "handle", doc_get_text(row, "handle"));
}

/* Those of @all that the user named, in his order. Return: the exit status. */
static int choose(struct xen *xen, const char *what, char **names,
		  struct json_object *all, struct json_object *rows)
{
	int status = EXIT_SUCCESS;
	struct json_object *row;
	struct guest guest;
	struct error err;
	size_t i;

	for (; *names; names++) {
		if (guest_find(xen, *names, &guest, &err)) {
			status = report(what, *names, &err);
			continue;
		}
		for (i = 0; i < json_object_array_length(all); i++) {
			row = json_object_array_get_idx(all, i);
			if (doc_get_number(row, "domid") != guest.domid)
				continue;
			json_object_array_add(rows, json_object_get(row));
			break;
		}
		guest_put(&guest);
	}
	return status;
}

/*
 * The domains that a command line asks for, as guests_describe() has them; NULL if there
 * is nothing to show. Return: the exit status.
 */
static int find_rows(struct xen *xen, const char *what, char **names, bool all,
		     struct json_object **rows)
{
	struct json_object *found;
	struct error err;
	int status;

	/* Who is asked for by name is shown, whatever he is. */
	if (guests_describe(xen, all || *names, rows, &err)) {
		*rows = NULL;
		return report(what, NULL, &err);
	}
	if (!*names)
		return EXIT_SUCCESS;
	found = *rows;
	*rows = json_object_new_array();
	status = choose(xen, what, names, found, *rows);
	json_object_put(found);
	if (!json_object_array_length(*rows)) {
		json_object_put(*rows);
		*rows = NULL;
	}
	return status;
}

/* What the view has of each, in place of it. A domain that goes meanwhile isn't shown. */
static int describe_rows(const struct row_view *view, struct xen *xen,
			 struct json_object **rows, struct error *err)
{
	struct json_object *list, *row, *entry;
	size_t i;
	int ret = 0;

	if (!view->describe)
		return 0;
	list = json_object_new_array();
	for (i = 0; !ret && i < json_object_array_length(*rows); i++) {
		row = json_object_array_get_idx(*rows, i);
		entry = json_object_new_object();
		row_copy(row, entry);
		ret = view->describe(xen, row, entry, err);
		if (ret)
			json_object_put(entry);
		else
			json_object_array_add(list, entry);
		if (ret == -ESRCH)
			ret = 0;
	}
	json_object_put(*rows);
	*rows = list;
	return ret;
}

static void print_rows(const struct row_view *view, struct json_object *rows)
{
	size_t i;

	puts(view->header);
	for (i = 0; i < json_object_array_length(rows); i++)
		view->print(json_object_array_get_idx(rows, i));
}

int rows_show(const struct command *command, const struct row_view *view,
	      char **names, bool all, const struct options *options)
{
	struct json_object *rows;
	struct error err;
	struct xen xen;
	int ret = 0, status;

	if (xen_open(&xen, options->verbose, &err))
		return report(command->name, NULL, &err);
	status = find_rows(&xen, command->name, names, all, &rows);
	if (rows)
		ret = describe_rows(view, &xen, &rows, &err);
	xen_close(&xen);
	if (ret)
		status = report(command->name, NULL, &err);
	else if (rows && options->json)
		print_json(json_object_get(rows));
	else if (rows)
		print_rows(view, rows);
	json_object_put(rows);
	return status;
}

static void print_guest(struct json_object *row)
{
	printf("%5s  %-24s %8s %5s  %-8s %11.1f\n", shown(row, "domid"),
	       row_name(row), shown(row, "memory"), shown(row, "vcpus"),
	       shown(row, "state"), doc_get_fraction(row, "cpu_time"));
}

static const struct row_view guests_view = {
	.header = "domid  name                          MiB vcpus  state    CPU seconds",
	.print = print_guest,
};

static int list_main(int argc, char **argv, struct options *options)
{
	bool all = false;
	int opt;

	while ((opt = next_option(argc, argv, "a", NULL)) != -1) {
		if (opt == 'a')
			all = true;
		else if (!options_take(options, opt))
			return usage_error(&list_command);
	}
	return rows_show(&list_command, &guests_view, argv + optind, all,
			 options);
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
