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
	const xc_domaininfo_t *info;
};

static double row_seconds(const struct row *row)
{
	return row->info->cpu_time / NS_PER_S;
}

static unsigned int row_vcpus(const struct row *row)
{
	return row->info->max_vcpu_id == XEN_INVALID_MAX_VCPU_ID ?
		0 : row->info->max_vcpu_id + 1;
}

static void print_row(const struct row *row)
{
	const char *name = row->name ? row->name : row->ours ? "?" : "-";
	char pool[CONFIG_NAME_MAX + 3];

	if (row->pool) {
		snprintf(pool, sizeof(pool), "[%s]", row->pool);
		name = pool;
	}
	printf("%5u  %-24s %8llu %5u  %-8s %11.1f\n", row->info->domain, name,
	       (unsigned long long)row->info->tot_pages / PAGES_PER_MB,
	       row_vcpus(row), xen_state(row->info), row_seconds(row));
}

static void add_row(struct json_object *list, const struct row *row)
{
	bool is_pvh = row->info->flags & XEN_DOMINF_hvm_guest;
	struct json_object *entry = json_object_new_object();
	char text[UUID_TEXT];

	doc_text(entry, "name", row->name);
	if (row->pool)
		doc_text(entry, "pool", row->pool);
	doc_number(entry, "domid", row->info->domain);
	doc_text(entry, "state", xen_state(row->info));
	doc_text(entry, "type", is_pvh ? "pvh" : "pv");
	doc_number(entry, "memory", row->info->tot_pages / PAGES_PER_MB);
	doc_number(entry, "vcpus", row_vcpus(row));
	doc_fraction(entry, "cpu_time", row_seconds(row));
	doc_text(entry, "handle", uuid_format(row->info->handle, text));
	json_object_array_add(list, entry);
}

static void show(const xc_domaininfo_t *info, bool all,
		 struct json_object *list)
{
	struct record record;
	struct shell shell;
	struct row row = { .info = info };

	/* In this order: a shell becomes a guest, and never the other way. */
	if (shell_load(&shell, info->domain, info->handle))
		row.pool = shell.pool;
	if (!record_load(&record, info->domain, info->handle)) {
		row.name = record.name;
		row.pool = NULL;
	}
	row.ours = row.name ||
		   (!row.pool && noxs_is_handle(info->handle));
	if (!info->domain)
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
	xc_domaininfo_t *infos;
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
