// SPDX-License-Identifier: GPL-2.0
/*
 * Where domains run, and how much they get, is changed: chaos vcpu-pin, sched-credit2.
 */
#include <getopt.h>
#include <json-c/json.h>
#include <string.h>

#include "cmd/ask.h"
#include "cmd/open.h"
#include "cmd/output.h"
#include "config/config.h"
#include "util/json.h"
#include "util/number.h"

/* "-" is as before. */
static void add_cpus(struct json_object *parameters, const char *key,
		     const char *text)
{
	if (text && strcmp(text, "-"))
		doc_text(parameters, key, text);
}

static int vcpu_pin_main(int argc, char **argv, struct options *options)
{
	struct json_object *parameters;
	struct error err;
	unsigned int vcpu;
	char **words;
	bool all;
	int ret;

	if (!take_words(argc, argv, options, 3, 4))
		return usage_error(&vcpu_pin_command);
	words = argv + optind;
	all = !strcmp(words[1], "all");
	if (!all && !number_parse(words[1], 0, CONFIG_VCPUS_MAX - 1, &vcpu))
		return usage_error(&vcpu_pin_command);
	parameters = ask_of(words[0]);
	if (!all)
		doc_number(parameters, "vcpu", vcpu);
	add_cpus(parameters, "cpus", words[2]);
	add_cpus(parameters, "cpus_soft", words[3]);
	ret = ask_again("VcpuPin", parameters, options, false, &err);
	return ask_report(&vcpu_pin_command, words[0], ret, &err);
}

/**
 * struct share - how much of the CPUs a guest is to get
 * @guest: which one; NULL: all are shown
 * @parameters: what is to be changed
 */
struct share {
	char *guest;
	struct json_object *parameters;
};

/* Return: whether it is a number in that range. */
static bool take_number(struct share *share, const char *key, unsigned int least,
			unsigned int most)
{
	unsigned int number;

	if (!number_parse(optarg, least, most, &number))
		return false;
	doc_number(share->parameters, key, number);
	return true;
}

static bool take_share(struct share *share, int opt, struct options *options)
{
	switch (opt) {
	case 'c':
		return take_number(share, "cap", 0, CONFIG_CAP_MAX);
	case 'd':
		share->guest = optarg;
		return true;
	case 'w':
		return take_number(share, "cpu_weight", 1, CONFIG_WEIGHT_MAX);
	default:
		return options_take(options, opt);
	}
}

static int set_share(const struct share *share, const struct options *options)
{
	struct error err;
	int ret;

	doc_text(share->parameters, "guest", share->guest);
	ret = ask_again("ShareSet", json_object_get(share->parameters), options,
			false, &err);
	return ask_report(&sched_command, share->guest, ret, &err);
}

static int sched_with(struct share *share, int argc, char **argv,
		      struct options *options)
{
	int opt;

	while ((opt = next_option(argc, argv, "c:d:w:", NULL)) != -1)
		if (!take_share(share, opt, options))
			return usage_error(&sched_command);
	if (optind != argc)
		return usage_error(&sched_command);
	if (!json_object_object_length(share->parameters))
		return shares_show(share->guest, options);
	return share->guest ? set_share(share, options) :
	       usage_error(&sched_command);
}

static int sched_main(int argc, char **argv, struct options *options)
{
	struct share share = { .parameters = json_object_new_object() };
	int status = sched_with(&share, argc, argv, options);

	json_object_put(share.parameters);
	return status;
}

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
