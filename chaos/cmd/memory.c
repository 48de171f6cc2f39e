// SPDX-License-Identifier: GPL-2.0
/*
 * How much memory a guest has, and how many CPUs online: chaos mem-set, mem-max, vcpu-set.
 */
#include <ctype.h>
#include <getopt.h>
#include <json-c/json.h>
#include <string.h>

#include "cmd/ask.h"
#include "cmd/output.h"
#include "config/config.h"
#include "util/json.h"
#include "util/number.h"

#define MIB_PER_GIB	1024

/* MiB, like 512 or 512m; or GiB, like 2g. */
static bool get_memory(const char *text, unsigned int *memory)
{
	char number[16];
	size_t len = strlen(text);
	unsigned int unit = 1;

	if (!len || len >= sizeof(number))
		return false;
	strcpy(number, text);
	if (tolower((unsigned char)number[len - 1]) == 'g')
		unit = MIB_PER_GIB;
	if (unit > 1 || tolower((unsigned char)number[len - 1]) == 'm')
		number[len - 1] = '\0';
	if (!number_parse(number, 1, CONFIG_MEMORY_MAX / unit, memory))
		return false;
	*memory *= unit;
	return true;
}

static int mem_set_main(int argc, char **argv, struct options *options)
{
	struct json_object *parameters;
	unsigned int memory;
	int opt, ret, wait = 0;
	struct error err;

	while ((opt = next_option(argc, argv, "w::", NULL)) != -1)
		if (opt == 'w' ? !get_wait(argc, argv, &wait) :
				 !options_take(options, opt))
			return usage_error(&mem_set_command);
	if (optind + 2 != argc || !get_memory(argv[optind + 1], &memory))
		return usage_error(&mem_set_command);
	parameters = ask_of(argv[optind]);
	doc_number(parameters, "memory", memory);
	doc_number(parameters, "wait", wait);
	ret = ask_again("MemorySet", parameters, options, false, &err);
	return ask_report(&mem_set_command, argv[optind], ret, &err);
}

static int mem_max_main(int argc, char **argv, struct options *options)
{
	struct json_object *parameters;
	unsigned int memory;
	struct error err;
	int ret;

	if (!take_words(argc, argv, options, 2, 2) ||
	    !get_memory(argv[optind + 1], &memory))
		return usage_error(&mem_max_command);
	parameters = ask_of(argv[optind]);
	doc_number(parameters, "memory", memory);
	ret = ask_again("MemoryMax", parameters, options, false, &err);
	return ask_report(&mem_max_command, argv[optind], ret, &err);
}

static int vcpu_set_main(int argc, char **argv, struct options *options)
{
	struct json_object *parameters;
	int opt, ret, wait = 0;
	unsigned int vcpus;
	struct error err;

	while ((opt = next_option(argc, argv, "w::", NULL)) != -1)
		if (opt == 'w' ? !get_wait(argc, argv, &wait) :
				 !options_take(options, opt))
			return usage_error(&vcpu_set_command);
	if (optind + 2 != argc ||
	    !number_parse(argv[optind + 1], 1, CONFIG_VCPUS_MAX, &vcpus))
		return usage_error(&vcpu_set_command);
	parameters = ask_of(argv[optind]);
	doc_number(parameters, "vcpus", vcpus);
	doc_number(parameters, "wait", wait);
	ret = ask_again("VcpuSet", parameters, options, false, &err);
	return ask_report(&vcpu_set_command, argv[optind], ret, &err);
}

const struct command mem_set_command = {
	.name = "mem-set",
	.help = "have a guest give memory back, or take it again",
	.usage = "mem-set [-v] [-w [SECONDS]] GUEST MEMORY",
	.details =
	"Has GUEST, a name or a domid, have MEMORY: MiB, or GiB, like 2g; at most its maxmem.\n"
	"Its kernel does so by and by, if its balloon driver can; Xen gives it no more from\n"
	"then on. That lasts as long as the guest does, also when it reboots.\n\n"
	"  -w SECONDS  wait until it has, at most so long; 60 if no number follows\n",
	.main = mem_set_main,
};

const struct command mem_max_command = {
	.name = "mem-max",
	.help = "say how much memory a guest may be given",
	.usage = "mem-max [-v] GUEST MEMORY",
	.details =
	"Has GUEST, a name or a domid, have MEMORY at most: MiB, or GiB, like 2g; that is as\n"
	"maxmem in a configuration, for as long as the guest lasts, also when it reboots. A pv\n"
	"guest can have more than it has had room for so far once it has rebooted.\n",
	.main = mem_max_main,
};

const struct command vcpu_set_command = {
	.name = "vcpu-set",
	.help = "have a guest put virtual CPUs offline, or online again",
	.usage = "vcpu-set [-v] [-w [SECONDS]] GUEST VCPUS",
	.details =
	"Has GUEST, a name or a domid, have VCPUS of its virtual CPUs online: 1 to as many as\n"
	"it was made with. Its kernel does so by and by, if it can. That lasts as long as the\n"
	"guest does, also when it reboots.\n\n"
	"  -w SECONDS  wait until it has, at most so long; 60 if no number follows\n",
	.main = vcpu_set_main,
};
