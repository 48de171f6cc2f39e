// SPDX-License-Identifier: GPL-2.0
/*
 * Where domains run, and how much they get, is shown: chaos vcpu-list, and sched-credit2 if it
 * is to change nothing.
 */
#include <getopt.h>
#include <json-c/json.h>
#include <limits.h>
#include <stdio.h>

#include "cmd/output.h"
#include "util/json.h"

/* What keeps it from running, or that nothing does but the host's other domains. */
static const char *vcpu_state(struct json_object *vcpu)
{
	if (!doc_get_bool(vcpu, "online"))
		return "offline";
	if (doc_get_bool(vcpu, "running"))
		return "running";
	return doc_get_bool(vcpu, "blocked") ? "blocked" : "waiting";
}

static void print_vcpus(struct json_object *row)
{
	struct json_object *list, *vcpu;
	size_t count, i;

	list = doc_get_list(row, "vcpu", &count);
	for (i = 0; i < count; i++) {
		vcpu = json_object_array_get_idx(list, i);
		printf("%5s  %-24s %4zu %4s  %-8s %11.1f  %-10s %s\n",
		       shown(row, "domid"), row_name(row), i,
		       doc_get_bool(vcpu, "online") ? shown(vcpu, "cpu") : "-",
		       vcpu_state(vcpu), doc_get_fraction(vcpu, "cpu_time"),
		       shown(vcpu, "cpus"), shown(vcpu, "cpus_soft"));
	}
}

static const struct row_view vcpus_view = {
	.header =
	"domid  name                     vcpu  cpu  state    CPU seconds  cpus       cpus_soft",
	.print = print_vcpus,
	.keys = (const char *const[]){ "vcpu", "cpu_weight", "cap", NULL },
	.details = true,
};

static int vcpu_list_main(int argc, char **argv, struct options *options)
{
	if (!take_words(argc, argv, options, 0, INT_MAX))
		return usage_error(&vcpu_list_command);
	return rows_show(&vcpu_list_command, &vcpus_view, argv + optind, true,
			 options);
}

static void print_share(struct json_object *row)
{
	printf("%5s  %-24s %10s %5s\n", shown(row, "domid"), row_name(row),
	       shown(row, "cpu_weight"), shown(row, "cap"));
}

static const struct row_view shares_view = {
	.header = "domid  name                     cpu_weight   cap",
	.print = print_share,
	.keys = (const char *const[]){ "cpu_weight", "cap", NULL },
	.details = true,
};

int shares_show(char *guest, const struct options *options)
{
	char *names[2] = { guest };

	return rows_show(&sched_command, &shares_view, names, true, options);
}

const struct command vcpu_list_command = {
	.name = "vcpu-list",
	.help = "show where virtual CPUs run",
	.usage = "vcpu-list [-jv] [GUEST...]",
	.details =
	"Shows the virtual CPUs of all domains, which share the host's, or of each GUEST, a\n"
	"name or a domid: the CPU on which each is, its state, the time that it has used,\n"
	"on which CPUs it may run, and on which it had better.\n",
	.main = vcpu_list_main,
};
