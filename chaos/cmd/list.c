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

#include "cmd/ask.h"
#include "cmd/output.h"
#include "cmd/pages.h"
#include "config/config.h"
#include "util/json.h"

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
		strcpy(text, doc_get_bool(row, "managed") ? "?" : "-");
	return text;
}

static void copy(struct json_object *from, struct json_object *to,
		 const char *key)
{
	struct json_object *value;

	if (json_object_object_get_ex(from, key, &value))
		json_object_object_add(to, key, json_object_get(value));
}

static void add_rows(struct json_object *answer, void *arg)
{
	struct json_object *list, *row, *rows = arg;
	size_t count, i;

	list = doc_get_list(answer, "guests", &count);
	for (i = 0; i < count; i++) {
		row = json_object_array_get_idx(list, i);
		json_object_array_add(rows, json_object_get(row));
	}
}

static int add_one(const char *name, const struct options *options,
		   struct json_object *rows, struct error *err)
{
	struct json_object *answer;
	int ret;

	ret = ask_look("List", ask_of(name), options, &answer, err);
	if (!ret)
		add_rows(answer, rows);
	json_object_put(answer);
	return ret;
}

static int add_all(bool all, const struct options *options,
		   struct json_object *rows, struct error *err)
{
	struct json_object *parameters = json_object_new_object();

	doc_bool(parameters, "all", all);
	return pages_ask("List", parameters, options, add_rows, rows, err);
}

/*
 * Those that the user named, in his order, whatever they are; or all. Return: the exit
 * status.
 */
static int find_rows(const char *what, char **names, bool all,
		     const struct options *options, struct json_object *rows)
{
	int status = EXIT_SUCCESS;
	struct error err;

	if (!*names && add_all(all, options, rows, &err))
		return report(what, NULL, &err);
	for (; *names; names++)
		if (add_one(*names, options, rows, &err))
			status = report(what, *names, &err);
	return status;
}

/* What the view has of a domain. Return: 0, -ENOENT if it has gone, another errno. */
static int describe_row(const struct row_view *view, struct json_object *row,
			const struct options *options,
			struct json_object *entry, struct error *err)
{
	static const char *const known[] = { "domid", "name", "pool", "handle", "managed" };
	struct json_object *answer = NULL, *from = row;
	size_t i;
	int ret = 0;

	for (i = 0; i < ARRAY_SIZE(known); i++)
		copy(row, entry, known[i]);
	if (view->details) {
		ret = ask_look("Info", ask_of(shown(row, "domid")), options,
			       &answer, err);
		from = json_object_object_get(answer, "guest");
	}
	for (i = 0; !ret && view->keys[i]; i++)
		copy(from, entry, view->keys[i]);
	json_object_put(answer);
	return ret;
}

/*
 * What the view has of each, in place of it. A domain that goes meanwhile isn't shown; of one
 * that can't be described the user is told. Return: the exit status.
 */
static int describe_rows(const char *what, const struct row_view *view,
			 const struct options *options,
			 struct json_object **rows)
{
	struct json_object *list, *entry, *row;
	int ret, status = EXIT_SUCCESS;
	struct error err;
	size_t i;

	if (!view->keys)
		return status;
	list = json_object_new_array();
	for (i = 0; i < json_object_array_length(*rows); i++) {
		row = json_object_array_get_idx(*rows, i);
		entry = json_object_new_object();
		ret = describe_row(view, row, options, entry, &err);
		if (ret)
			json_object_put(entry);
		else
			json_object_array_add(list, entry);
		if (ret && ret != -ENOENT && ret != -ESRCH)
			status = report(what, row_name(row), &err);
	}
	json_object_put(*rows);
	*rows = list;
	return status;
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
	struct json_object *rows = json_object_new_array();
	bool found, named = *names;
	int status;

	status = find_rows(command->name, names, all, options, rows);
	/* If there was an error, nothing is no list, and nor is a part of it. */
	found = named ? json_object_array_length(rows) : !status;
	if (found && describe_rows(command->name, view, options, &rows))
		status = EXIT_FAILURE;
	if (found && options->json)
		print_json(json_object_get(rows));
	else if (found)
		print_rows(view, rows);
	json_object_put(rows);
	fflush(stdout);
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
