// SPDX-License-Identifier: GPL-2.0
/*
 * Where domains run, and how much they get: chaos vcpu-list, vcpu-pin, sched-credit2.
 * All of it is between Xen and us: a guest isn't asked, and needn't be of chaos.
 */
#include <errno.h>
#include <getopt.h>
#include <json-c/json.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/output.h"
#include "config/config.h"
#include "guest/names.h"
#include "util/json.h"
#include "util/number.h"
#include "util/signal.h"
#include "xen/sched.h"

#define WEIGHT_MAX	65535

/* What keeps it from running, or that nothing does but the host's other domains. */
static const char *vcpu_state(struct json_object *vcpu)
{
	if (!doc_get_bool(vcpu, "online"))
		return "offline";
	if (doc_get_bool(vcpu, "running"))
		return "running";
	return doc_get_bool(vcpu, "blocked") ? "blocked" : "waiting";
}

static int describe_vcpus(struct xen *xen, struct json_object *row,
			  struct json_object *entry, struct error *err)
{
	return sched_describe(xen, doc_get_number(row, "domid"), entry, err);
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
	.describe = describe_vcpus,
};

static int vcpu_list_main(int argc, char **argv, struct options *options)
{
	if (!take_words(argc, argv, options, 0, INT_MAX))
		return usage_error(&vcpu_list_command);
	return rows_show(&vcpu_list_command, &vcpus_view, argv + optind, true,
			 options);
}

static int describe_share(struct xen *xen, struct json_object *row,
			  struct json_object *entry, struct error *err)
{
	return sched_describe_share(xen, doc_get_number(row, "domid"), entry,
				    err);
}

static void print_share(struct json_object *row)
{
	printf("%5s  %-24s %10s %5s\n", shown(row, "domid"), row_name(row),
	       shown(row, "cpu_weight"), shown(row, "cap"));
}

static const struct row_view shares_view = {
	.header = "domid  name                     cpu_weight   cap",
	.print = print_share,
	.describe = describe_share,
};

/**
 * struct change - what is to be changed
 * @pin: where virtual CPUs run, or NULL
 * @weight: beside others; NULL: as before
 * @cap: at most, in per cent of a CPU; NULL: as before
 */
struct change {
	const struct pin *pin;
	const unsigned int *weight;
	const unsigned int *cap;
};

/* So that the guest has it again after its reboot. */
static int remember(struct xen *xen, struct guest *guest,
		    const struct change *change, struct error *err)
{
	struct json_object *sched = json_object_new_object();
	int ret;

	ret = sched_describe(xen, guest->domid, sched, err);
	if (!ret && change->pin && change->pin->cpus)
		record_set_sched(&guest->record, sched, "cpus");
	if (!ret && change->pin && change->pin->cpus_soft)
		record_set_sched(&guest->record, sched, "cpus_soft");
	if (!ret && change->weight)
		record_set_sched(&guest->record, sched, "cpu_weight");
	if (!ret && change->cap)
		record_set_sched(&guest->record, sched, "cap");
	json_object_put(sched);
	return ret ? ret : record_save(&guest->record, err);
}

static int change_guest(struct xen *xen, struct guest *guest,
			const struct change *change, struct error *err)
{
	int ret;

	/* What has it then would find it changed. */
	if (guest_is_shell(guest))
		return error_set(err, -EPERM, "is a domain of a pool");
	if (!guest->exists)
		return error_set(err, -ESRCH, "its domain is gone");
	if (change->pin)
		ret = sched_pin(xen, guest->domid, change->pin, err);
	else
		ret = sched_set_share(xen, guest->domid, change->weight,
				      change->cap, err);
	if (ret || !guest->recorded)
		return ret;
	return remember(xen, guest, change, err);
}

static int change_main(const struct command *command, const char *arg,
		       const struct change *change, bool verbose)
{
	struct guest guest;
	struct error err;
	struct xen xen;
	int ret;

	ret = xen_open(&xen, verbose, &err);
	if (ret)
		return report(command->name, arg, &err);
	signals_block();
	ret = guest_lock(&xen, arg, &guest, &err);
	if (!ret) {
		ret = change_guest(&xen, &guest, change, &err);
		guest_put(&guest);
	}
	xen_close(&xen);
	if (ret)
		ret = report(command->name, arg, &err);
	signals_unblock();
	return ret;
}

/* Return: whether @text is a set, or "-" for none. */
static bool get_cpus(const char *key, const char *text, struct cpu_set *set,
		     const struct cpu_set **cpus, struct error *err)
{
	const char *why;

	*cpus = NULL;
	if (!text || !strcmp(text, "-"))
		return true;
	*cpus = set;
	why = config_parse_cpus(text, set);
	if (why)
		error_set(err, -EINVAL, "%s: %s", key, why);
	return !why;
}

static int vcpu_pin_main(int argc, char **argv, struct options *options)
{
	struct cpu_set cpus, cpus_soft;
	struct pin pin = { 0 };
	struct change change = { .pin = &pin };
	struct error err;
	char **words;

	if (!take_words(argc, argv, options, 3, 4))
		return usage_error(&vcpu_pin_command);
	words = argv + optind;
	pin.all = !strcmp(words[1], "all");
	if (!pin.all && !number_parse(words[1], 0, CONFIG_VCPUS_MAX - 1,
				      &pin.vcpu))
		return usage_error(&vcpu_pin_command);
	if (!get_cpus("cpus", words[2], &cpus, &pin.cpus, &err) ||
	    !get_cpus("cpus_soft", words[3], &cpus_soft, &pin.cpus_soft, &err))
		return report("vcpu-pin", words[0], &err);
	return change_main(&vcpu_pin_command, words[0], &change,
			   options->verbose);
}

static int sched_main(int argc, char **argv, struct options *options)
{
	unsigned int weight, cap;
	struct change change = { 0 };
	char *names[2] = { 0 };
	int opt;

	while ((opt = next_option(argc, argv, "c:d:w:", NULL)) != -1) {
		if (opt == 'd')
			names[0] = optarg;
		else if (opt == 'c')
			change.cap = &cap;
		else if (opt == 'w')
			change.weight = &weight;
		if (opt == 'c' ? !number_parse(optarg, 0, 100 * CONFIG_VCPUS_MAX, &cap) :
		    opt == 'w' ? !number_parse(optarg, 1, WEIGHT_MAX, &weight) :
		    opt != 'd' && !options_take(options, opt))
			return usage_error(&sched_command);
	}
	if (optind != argc)
		return usage_error(&sched_command);
	if (!change.weight && !change.cap)
		return rows_show(&sched_command, &shares_view, names, true,
				 options);
	if (!names[0])
		return usage_error(&sched_command);
	return change_main(&sched_command, names[0], &change,
			   options->verbose);
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

const struct command vcpu_pin_command = {
	.name = "vcpu-pin",
	.help = "say where virtual CPUs may run",
	.usage = "vcpu-pin [-v] GUEST VCPU CPUS [CPUS_SOFT]",
	.details =
	"Has the virtual CPU VCPU of GUEST, a name or a domid, or \"all\" of them, run on CPUS\n"
	"only, and on CPUS_SOFT if those have time; that is as cpus and cpus_soft in a\n"
	"configuration: \"all\", or CPUs like \"0-3,8,^2\". With \"-\" it is as before. That lasts\n"
	"as long as the guest does, also when it reboots. GUEST may be Domain-0.\n",
	.main = vcpu_pin_main,
};

const struct command sched_command = {
	.name = "sched-credit2",
	.help = "show and change how much of the CPUs guests get",
	.usage = "sched-credit2 [-jv] [-c CAP] [-d GUEST] [-w WEIGHT]",
	.details =
	"Shows cpu_weight and cap of all domains, or of GUEST, a name or a domid; or changes\n"
	"those of GUEST, which may be Domain-0, for as long as the guest lasts, also when it\n"
	"reboots. Where Xen has the older credit scheduler, it is about that.\n\n"
	"  -c CAP     how much of a CPU it gets at most, in per cent; 0 for no limit\n"
	"  -d GUEST   only this one\n"
	"  -w WEIGHT  how much it gets beside others, 1 to 65535\n",
	.main = sched_main,
};
