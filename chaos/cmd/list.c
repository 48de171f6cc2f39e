// SPDX-License-Identifier: GPL-2.0
/*
 * chaos list: the domains that Xen has, with the names that we remember. One
 * without a name is what a killed "chaos create" left, and is shown with '?'; one
 * that is ready in a pool is no guest, and is shown with the pool's name.
 */
#include <errno.h>
#include <getopt.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>

#include "cmd/output.h"
#include "guest/record.h"
#include "host/noxs.h"
#include "pool/shell.h"
#include "util/json.h"
#include "xen/xen.h"

/**
 * struct row - a domain to show
 * @name: of the guest, or NULL
 * @pool: that it is ready in, or NULL
 * @ours: chaos made it
 * @info: what Xen knows of it
 */
struct row {
	const char *name;
	const char *pool;
	bool ours;
	const struct domain_info *info;
};

static void print_row(const struct row *row)
{
	const char *name = row->name ? row->name : row->ours ? "?" : "-";
	char pool[CONFIG_NAME_MAX + 3];

	if (row->pool) {
		snprintf(pool, sizeof(pool), "[%s]", row->pool);
		name = pool;
	}
	printf("%5u  %-24s %8llu %5u  %-8s %11.1f\n", row->info->domid, name,
	       (unsigned long long)row->info->pages / PAGES_PER_MB,
	       row->info->vcpus, xen_state(row->info), row->info->cpu_time);
}

static void add_row(struct json_object *list, const struct row *row)
{
	struct json_object *entry = json_object_new_object();
	char text[UUID_TEXT];

	doc_text(entry, "name", row->name);
	if (row->pool)
		doc_text(entry, "pool", row->pool);
	doc_number(entry, "domid", row->info->domid);
	doc_text(entry, "state", xen_state(row->info));
	doc_text(entry, "type", row->info->is_pvh ? "pvh" : "pv");
	doc_number(entry, "memory", row->info->pages / PAGES_PER_MB);
	doc_number(entry, "vcpus", row->info->vcpus);
	doc_fraction(entry, "cpu_time", row->info->cpu_time);
	doc_text(entry, "handle", uuid_format(row->info->handle, text));
	json_object_array_add(list, entry);
}

static void show(const struct domain_info *info, bool all,
		 struct json_object *list)
{
	struct record record;
	struct shell shell;
	struct row row = { .info = info };

	/* In this order: a shell becomes a guest, and never the other way. */
	if (shell_load(&shell, info->domid, info->handle))
		row.pool = shell.pool;
	if (!record_load(&record, info->domid, info->handle)) {
		row.name = record.name;
		row.pool = NULL;
	}
	row.ours = row.name ||
		   (!row.pool && noxs_is_handle(info->handle));
	if (!info->domid)
		row.name = "Domain-0";
	if (row.ours || all) {
		if (list)
			add_row(list, &row);
		else
			print_row(&row);
	}
	record_free(&record);
}

static int show_all(struct xen *xen, bool all, struct json_object *list,
		    struct error *err)
{
	struct domain_info *infos;
	int count, i;

	count = xen_list(xen, &infos, err);
	if (count < 0)
		return count;
	for (i = 0; i < count; i++)
		show(&infos[i], all, list);
	free(infos);
	return 0;
}

static int list_main(int argc, char **argv, struct options *options)
{
	struct json_object *list = NULL;
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
	if (options->json)
		list = json_object_new_array();
	else
		printf("%5s  %-24s %8s %5s  %-8s %11s\n", "domid", "name",
		       "MiB", "vcpus", "state", "CPU seconds");
	ret = show_all(&xen, all, list, &err);
	xen_close(&xen);
	if (!ret)
		return list ? print_json(list) : EXIT_SUCCESS;
	json_object_put(list);
	return report("list", NULL, &err);
}

const struct command list_command = {
	.name = "list",
	.help = "list the guests",
	.usage = "list [-ajv]",
	.details =
	"Lists the guests that chaos made. One whose name is '?' was left by a chaos that\n"
	"was killed; \"chaos destroy DOMID\" removes it. The state is running, blocked,\n"
	"paused, shutdown, crashed or dying.\n\n"
	"  -a  all domains of the host; those that are ready in a pool have its name, in\n"
	"      brackets\n",
	.main = list_main,
};
