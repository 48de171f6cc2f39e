// SPDX-License-Identifier: GPL-2.0
/*
 * How much memory a guest has: chaos mem-set, mem-max. Its own kernel gives memory
 * back, and takes it again; who doesn't do so keeps what it has, and gets no more.
 */
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "cmd/output.h"
#include "config/config.h"
#include "guest/names.h"
#include "guest/power.h"
#include "util/number.h"
#include "util/signal.h"
#include "util/util.h"
#include "verbs/verbs.h"

#define MIB_PER_GIB	1024

/**
 * struct resizing - a guest that is to have another amount of memory
 * @command: the command
 * @memory: MiB
 * @wait: until it has it, in ms; 0 not to wait
 * @change: does it; the guest is locked, and its domain is there
 */
struct resizing {
	const struct command *command;
	unsigned int memory;
	int wait;
	int (*change)(const struct resizing *resizing, struct asking *asking,
		      struct guest *guest, struct error *err);
};

/* What record_set_memory() and the guest's maker have said. */
static unsigned int number_of(const struct guest *guest, const char *key)
{
	return record_number(&guest->record, key);
}

static int set_memory(const struct resizing *resizing, struct asking *asking,
		      struct guest *guest, struct error *err)
{
	unsigned int most = number_of(guest, "maxmem");
	unsigned int room = number_of(guest, "memory_room");
	int ret;

	if (resizing->memory > most)
		return error_set(err, -EINVAL,
				 "%u MiB is more than its maxmem, %u MiB",
				 resizing->memory, most);
	if (resizing->memory > room)
		return error_set(err, -EINVAL,
				 "it has room for %u MiB only, until it is made again",
				 room);
	ret = guest_set_memory(asking, resizing->memory, err);
	if (ret)
		return ret;
	record_set_memory(&guest->record, resizing->memory, most);
	return record_save(&guest->record, err);
}

/* Xen's own limit is what the guest is to have: this is about what that can be. */
static int set_max(const struct resizing *resizing, struct asking *asking,
		   struct guest *guest, struct error *err)
{
	unsigned int memory = number_of(guest, "memory");
	unsigned int room = number_of(guest, "memory_room");

	(void)asking;
	if (resizing->memory < memory)
		return error_set(err, -EINVAL,
				 "it is to have %u MiB: mem-set comes first",
				 memory);
	if (resizing->memory > room &&
	    strcmp(record_text(&guest->record, "type"), "pv"))
		return error_set(err, -EINVAL,
				 "a pvh guest has at most what it was made with, %u MiB",
				 room);
	record_set_memory(&guest->record, memory, resizing->memory);
	return record_save(&guest->record, err);
}

static int change(const struct resizing *resizing, struct asking *asking,
		  struct guest *guest, struct error *err)
{
	/* What has it then would find it changed. */
	if (guest_is_shell(guest))
		return error_set(err, -EPERM, "is a domain of a pool");
	if (!guest->recorded || !record_is_made(&guest->record))
		return error_set(err, -EPERM, "is no guest of chaos");
	if (!guest->exists)
		return error_set(err, -ESRCH, "its domain is gone");
	if (!number_of(guest, "memory_room"))
		return error_set(err, -EOPNOTSUPP,
				 "an older chaos made it: first it has to be made again");
	return resizing->change(resizing, asking, guest, err);
}

/* While it waits, the guest can be looked at, and destroyed, like any other. */
static int resize(const struct resizing *resizing, struct asking *asking,
		  const char *arg, struct error *err)
{
	struct guest guest;
	int ret;

	ret = guest_lock(asking->xen, arg, &guest, err);
	if (ret)
		return ret;
	asking->guest = &guest;
	ret = change(resizing, asking, &guest, err);
	guest_put(&guest);
	if (!ret && resizing->wait)
		ret = await_memory(asking, resizing->memory, err);
	return ret;
}

static int resize_main(const struct resizing *resizing, const char *arg,
		       bool verbose)
{
	struct access access = { .verbose = verbose };
	struct asking asking = {
		.xen = &access.xen, .noxs = &access.noxs,
		.deadline = clock_ms() + resizing->wait,
	};
	struct error err;
	int ret;

	ret = access_xen(&access, &err);
	if (!ret)
		ret = access_noxs(&access, &err);
	if (!ret) {
		signals_block();
		noxs_watch(asking.noxs);
		ret = resize(resizing, &asking, arg, &err);
	}
	access_close(&access);
	if (ret)
		ret = report(resizing->command->name, arg, &err);
	signals_unblock();
	return ret;
}

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
	struct resizing resizing = {
		.command = &mem_set_command, .change = set_memory,
	};
	int opt;

	while ((opt = next_option(argc, argv, "w::", NULL)) != -1)
		if (opt == 'w' ? !get_wait(argc, argv, &resizing.wait) :
				 !options_take(options, opt))
			return usage_error(resizing.command);
	if (optind + 2 != argc ||
	    !get_memory(argv[optind + 1], &resizing.memory))
		return usage_error(resizing.command);
	return resize_main(&resizing, argv[optind], options->verbose);
}

static int mem_max_main(int argc, char **argv, struct options *options)
{
	struct resizing resizing = {
		.command = &mem_max_command, .change = set_max,
	};

	if (!take_words(argc, argv, options, 2, 2) ||
	    !get_memory(argv[optind + 1], &resizing.memory))
		return usage_error(resizing.command);
	return resize_main(&resizing, argv[optind], options->verbose);
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
