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

#include "cmd/output.h"
#include "guest/names.h"
#include "util/json.h"

static int check(const struct guest *guest, struct error *err)
{
	if (!guest_name(guest))
		return error_set(err, -ENOENT, "has no name");
	if (!guest->exists)
		return error_set(err, -ESRCH, "its domain is gone");
	return 0;
}

/* Print the name and the domid of the guest that the user names, or @key of them. */
static int name_main(const struct command *command, const char *key, int argc,
		     char **argv, struct options *options)
{
	struct json_object *doc;
	struct guest guest;
	struct error err;
	struct xen xen;
	int ret;

	if (!take_words(argc, argv, options, 1, 1))
		return usage_error(command);
	ret = xen_open(&xen, options->verbose, &err);
	if (ret)
		return report(command->name, argv[optind], &err);
	doc = json_object_new_object();
	ret = guest_find(&xen, argv[optind], &guest, &err);
	if (!ret) {
		ret = check(&guest, &err);
		doc_text(doc, "name", guest_name(&guest));
		doc_number(doc, "domid", guest.domid);
		guest_put(&guest);
	}
	xen_close(&xen);
	if (!ret && options->json)
		return print_json(doc);
	if (!ret)
		puts(shown(doc, key));
	json_object_put(doc);
	return ret ? report(command->name, argv[optind], &err) : EXIT_SUCCESS;
}

static int domid_main(int argc, char **argv, struct options *options)
{
	return name_main(&domid_command, "domid", argc, argv, options);
}

static int domname_main(int argc, char **argv, struct options *options)
{
	return name_main(&domname_command, "name", argc, argv, options);
}

static int describe_uptime(struct xen *xen, struct json_object *row,
			   struct json_object *entry, struct error *err)
{
	(void)xen;
	(void)err;
	json_object_object_add(entry, "uptime",
			       json_object_get(json_object_object_get(row, "uptime")));
	return 0;
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
	.describe = describe_uptime,
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
