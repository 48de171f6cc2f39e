// SPDX-License-Identifier: GPL-2.0
/*
 * Short answers, for people and scripts that know xl: chaos domid, domname, uptime.
 */
#include <errno.h>
#include <getopt.h>
#include <json-c/json.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/ask.h"
#include "cmd/output.h"
#include "util/json.h"

/* One that has just gone isn't there, and one that is to be made again has no domain. */
static int check(struct json_object *row, struct error *err)
{
	if (!row || !strcmp(doc_get_text(row, "state"), "restarting"))
		return error_set(err, -ESRCH, "its domain is gone");
	if (!*doc_get_text(row, "name"))
		return error_set(err, -ENOENT, "has no name");
	return 0;
}

static int print_name(struct json_object *row, const char *key,
		      const struct options *options)
{
	struct json_object *doc;

	if (!options->json) {
		puts(shown(row, key));
		return EXIT_SUCCESS;
	}
	doc = json_object_new_object();
	doc_text(doc, "name", doc_get_text(row, "name"));
	doc_number(doc, "domid", doc_get_number(row, "domid"));
	return print_json(doc);
}

/* Print the name and the domid of the guest that the user names, or @key of them. */
static int name_main(const struct command *command, const char *key, int argc,
		     char **argv, struct options *options)
{
	struct json_object *answer, *list, *row;
	struct error err;
	size_t count;
	int ret;

	if (!take_words(argc, argv, options, 1, 1))
		return usage_error(command);
	ret = ask_look("List", ask_of(argv[optind]), options, &answer, &err);
	if (!ret) {
		list = doc_get_list(answer, "guests", &count);
		row = count == 1 ? json_object_array_get_idx(list, 0) : NULL;
		ret = check(row, &err);
	}
	if (!ret)
		ret = print_name(row, key, options);
	else
		ret = report(command->name, argv[optind], &err);
	fflush(stdout);
	json_object_put(answer);
	return ret;
}

static int domid_main(int argc, char **argv, struct options *options)
{
	return name_main(&domid_command, "domid", argc, argv, options);
}

static int domname_main(int argc, char **argv, struct options *options)
{
	return name_main(&domname_command, "name", argc, argv, options);
}

/* Others were made by somebody who doesn't say when. */
static void print_uptime(struct json_object *row)
{
	char text[32] = "-";

	if (json_object_object_get(row, "uptime"))
		format_uptime(doc_get_number(row, "uptime"), text, sizeof(text));
	printf("%5s  %-24s %s\n", shown(row, "domid"), row_name(row), text);
}

static const struct row_view uptime_view = {
	.header = "domid  name                     uptime",
	.print = print_uptime,
	.keys = (const char *const[]){ "uptime", NULL },
};

static int uptime_main(int argc, char **argv, struct options *options)
{
	if (!take_words(argc, argv, options, 0, INT_MAX))
		return usage_error(&uptime_command);
	return rows_show(&uptime_command, &uptime_view, argv + optind, false,
			 options);
}

const struct command domid_command = {
	.name = "domid",
	.help = "print the number of a guest's domain",
	.usage = "domid [-jv] GUEST",
	.details =
	"Prints the number of the domain that GUEST, a name, is at present. After a reboot\n"
	"it is another one.\n",
	.main = domid_main,
};

const struct command domname_command = {
	.name = "domname",
	.help = "print the name of a guest",
	.usage = "domname [-jv] GUEST",
	.details =
	"Prints the name of GUEST, a domid.\n",
	.main = domname_main,
};

const struct command uptime_command = {
	.name = "uptime",
	.help = "show how long guests have been there",
	.usage = "uptime [-jv] [GUEST...]",
	.details =
	"Shows how long it is since all guests of chaos, or each GUEST, a name or a domid,\n"
	"were made, or made again after a reboot; with -j in seconds. Of a domain that\n"
	"chaos didn't make it isn't known; that of domain 0 is the host's.\n",
	.main = uptime_main,
};
