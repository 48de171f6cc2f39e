// SPDX-License-Identifier: GPL-2.0
/*
 * What a guest's kernel is asked for: chaos shutdown, reboot, sysrq. Meanwhile nobody is
 * kept from the guest: only its end takes its lock.
 */
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/client.h"
#include "cmd/output.h"
#include "guest/names.h"
#include "guest/power.h"
#include "guest/remove.h"
#include "guest/restart.h"
#include "host/noxs.h"
#include "util/signal.h"
#include "util/util.h"
#include "xen/domain.h"

/* How long "chaos run" may take to remove its guest. */
#define RUN_WAIT_MS	30000

/**
 * struct power - what the user wants
 * @command: the command
 * @request: NOXS_SYSCTL_*
 * @argument: for NOXS_SYSCTL_SYSRQ the key
 * @wait: until the guest has stopped, in ms; 0 not to wait
 * @force: after that, don't ask it any more
 * @all: not one guest, but all that no "chaos run" has
 * @finish: the guest has stopped, or has to: do the rest
 * @verbose: show what the libraries log
 */
struct power {
	const struct command *command;
	uint32_t request;
	uint32_t argument;
	int wait;
	bool force;
	bool all;
	int (*finish)(const struct power *power, struct xen *xen,
		      const struct guest *guest, struct error *err);
	bool verbose;
};

/* Lock the guest of which only the name is known; it may be another by now. */
static int lock_same(struct xen *xen, const struct guest *guest,
		     struct guest *locked, struct error *err)
{
	char domid[16];
	int ret;

	snprintf(domid, sizeof(domid), "%u", guest->domid);
	ret = guest_lock(xen, domid, locked, err);
	if (ret)
		return ret;
	if (!memcmp(locked->handle, guest->handle, UUID_SIZE))
		return 0;
	guest_put(locked);
	return error_set(err, -ENOENT, "no such guest");
}

/* What on_poweroff says that chaosd is to do with what stopped. */
static bool is_kept(const struct guest *guest)
{
	enum config_action action;

	return guest->recorded &&
	       config_action_parse(record_text(&guest->record, "on_poweroff"),
				   &action) && action != CONFIG_DESTROY;
}

/* "chaos run" is about to see that its guest has stopped, and to remove it. */
static int leave_to_run(const struct guest *guest, struct error *err)
{
	struct name_lock lock;
	int ret;

	ret = guest_run_lock(guest->domid, false, RUN_WAIT_MS, &lock, err);
	if (!ret)
		name_drop(&lock);
	return ret == -ENOENT ? 0 : ret;
}

/*
 * What stopped is removed, so that its name is free when this is over; chaosd, which
 * would do so itself, may be faster.
 */
static int finish_shutdown(const struct power *power, struct xen *xen,
			   const struct guest *guest, struct error *err)
{
	struct guest locked;
	int ret;

	if (!power->force && guest_is_run(guest))
		return leave_to_run(guest, err);
	if (is_kept(guest) && daemon_pid() && !power->force)
		return 0;
	ret = lock_same(xen, guest, &locked, err);
	if (ret)
		return ret == -ENOENT ? 0 : ret;
	ret = guest_remove(xen, &locked, false, err);
	guest_put(&locked);
	return ret;
}

static int finish_reboot(const struct power *power, struct xen *xen,
			 const struct guest *guest, struct error *err)
{
	uint32_t domid;
	int ret;

	if (guest_is_run(guest)) {
		/* It tells its own caller, who starts it again. */
		ret = power->force ? domain_reboot(xen, guest->domid, err) : 0;
		return ret ? ret : leave_to_run(guest, err);
	}
	if (daemon_pid() && !power->force)
		return 0;
	ret = guest_restart(xen, guest->domid, guest->handle, 0,
			    power->verbose, &domid, err);
	if (!ret)
		daemon_created(domid);
	/* chaosd may have been faster. */
	return ret == -ESTALE && daemon_pid() ? 0 : ret;
}

static int ask_and_wait(const struct power *power, struct xen *xen,
			struct noxs *noxs, const struct guest *guest,
			struct error *err)
{
	struct asking asking = {
		.xen = xen, .noxs = noxs, .guest = guest,
		.deadline = clock_ms() +
			    (power->wait ? power->wait : ASK_TIMEOUT_MS),
	};
	int ret;

	ret = ask_guest(&asking, power->request, power->argument, err);
	if (!power->wait)
		return ret;
	if (!ret || ret == -ESRCH)
		ret = await_stop(&asking, err);
	if (ret && (!power->force || ret == -EINTR))
		return ret;
	return power->finish(power, xen, guest, err);
}

static int ask_found(const struct power *power, struct xen *xen,
		     struct noxs *noxs, const char *arg, struct error *err)
{
	struct guest guest;
	int ret;

	ret = guest_find(xen, arg, &guest, err);
	if (ret)
		return ret;
	ret = guest_require(&guest, err);
	if (!ret)
		ret = ask_and_wait(power, xen, noxs, &guest, err);
	guest_put(&guest);
	return ret;
}

/**
 * struct group - guests that are shut down at a time
 * @power: what the user wants
 * @xen: access to the hypervisor
 * @list: the guests
 * @count: how many
 * @failed: one of them hasn't stopped
 */
struct group {
	const struct power *power;
	struct xen *xen;
	struct stopping *list;
	size_t count;
	bool failed;
};

/* Whoever runs a guest in the foreground, or still makes it, is told by others. */
static void join_group(struct record *record, void *arg)
{
	struct group *group = arg;
	struct stopping *list;
	struct error ignored;
	struct guest guest;
	char domid[16];

	snprintf(domid, sizeof(domid), "%u", record->domid);
	if (!record_is_made(record) ||
	    guest_find(group->xen, domid, &guest, &ignored))
		return;
	list = reallocarray(group->list, group->count + 1, sizeof(*list));
	if (list)
		group->list = list;
	if (!list || !guest.recorded || guest_is_run(&guest)) {
		group->failed |= !list;
		guest_put(&guest);
		return;
	}
	list[group->count++] = (struct stopping){ .guest = guest };
}

static void leave_group(struct stopping *one, void *arg)
{
	struct group *group = arg;

	if (!one->ret || (group->power->force && one->ret != -EINTR))
		one->ret = finish_shutdown(group->power, group->xen,
					   &one->guest, &one->err);
	if (!one->ret)
		return;
	report(group->power->command->name, one->guest.record.name, &one->err);
	group->failed = true;
}

/* Return: whether one of them hasn't stopped; of each it is told why. */
static bool stop_group(const struct power *power, struct xen *xen,
		       struct noxs *noxs)
{
	struct group group = { .power = power, .xen = xen };
	size_t i;

	records_each(join_group, &group);
	stop_all(xen, noxs, group.list, group.count, clock_ms() + power->wait,
		 leave_group, &group);
	for (i = 0; i < group.count; i++)
		guest_put(&group.list[i].guest);
	free(group.list);
	return group.failed;
}

/* @arg: a name or domid; NULL for all guests */
static int ask(const struct power *power, const char *arg)
{
	const char *what = power->command->name;
	bool failed = false;
	struct noxs noxs;
	struct error err;
	struct xen xen;
	int ret;

	ret = xen_open(&xen, power->verbose, &err);
	if (ret)
		return report(what, arg, &err);
	ret = noxs_open(&noxs, &err);
	if (!ret) {
		signals_block();
		if (arg)
			ret = ask_found(power, &xen, &noxs, arg, &err);
		else
			failed = stop_group(power, &xen, &noxs);
		noxs_close(&noxs);
	}
	xen_close(&xen);
	if (ret)
		ret = report(what, arg, &err);
	else if (failed)
		ret = EXIT_FAILURE;
	signals_unblock();
	return ret;
}

/* The options and arguments that both ways of stopping have. */
static int stop_main(struct power *power, int argc, char **argv,
		     struct options *options)
{
	int opt;

	while ((opt = next_option(argc, argv, "aFw::", NULL)) != -1) {
		if (opt == 'F')
			power->force = true;
		else if (opt == 'a' && power->command == &shutdown_command)
			power->all = true;
		else if (opt == 'w' ? !get_wait(argc, argv, &power->wait) :
				      !options_take(options, opt))
			return usage_error(power->command);
	}
	if (optind != argc - !power->all)
		return usage_error(power->command);
	if ((power->force || power->all) && !power->wait)
		power->wait = WAIT_MS;
	power->verbose = options->verbose;
	return ask(power, power->all ? NULL : argv[optind]);
}

static int shutdown_main(int argc, char **argv, struct options *options)
{
	struct power power = {
		.command = &shutdown_command,
		.request = NOXS_SYSCTL_POWEROFF,
		.finish = finish_shutdown,
	};

	return stop_main(&power, argc, argv, options);
}

static int reboot_main(int argc, char **argv, struct options *options)
{
	struct power power = {
		.command = &reboot_command,
		.request = NOXS_SYSCTL_REBOOT,
		.finish = finish_reboot,
	};

	return stop_main(&power, argc, argv, options);
}

static int sysrq_main(int argc, char **argv, struct options *options)
{
	struct power power = {
		.command = &sysrq_command,
		.request = NOXS_SYSCTL_SYSRQ,
	};

	if (!take_words(argc, argv, options, 2, 2) ||
	    strlen(argv[optind + 1]) != 1 ||
	    !isascii(*argv[optind + 1]) || !isgraph(*argv[optind + 1]))
		return usage_error(&sysrq_command);
	power.argument = *argv[optind + 1];
	power.verbose = options->verbose;
	return ask(&power, argv[optind]);
}

const struct command shutdown_command = {
	.name = "shutdown",
	.help = "ask a guest to shut down",
	.usage = "shutdown [-aFv] [-w [SECONDS]] [GUEST]",
	.details =
	"Asks GUEST, a name or a domid, to shut down. The command returns when the guest\n"
	"has agreed; it is a failure if that takes more than 10 seconds.\n\n"
	"  -w SECONDS  wait until it has stopped (60 if no number follows), and remove it,\n"
	"              unless chaosd does as its on_poweroff says; if that takes longer, it\n"
	"              is a failure\n"
	"  -F          destroy it if it doesn't stop in that time, or in 60 seconds\n"
	"  -a          all guests but those that a \"chaos run\" has, at the same time; wait\n"
	"              for 60 seconds if -w isn't given\n",
	.main = shutdown_main,
};

const struct command reboot_command = {
	.name = "reboot",
	.help = "ask a guest to reboot",
	.usage = "reboot [-Fv] [-w [SECONDS]] GUEST",
	.details =
	"Asks GUEST, a name or a domid, to reboot. The command returns when the guest\n"
	"has agreed; it is a failure if that takes more than 10 seconds. A guest that\n"
	"reboots stops, and somebody has to start it again: chaosd does, as its\n"
	"on_reboot says.\n\n"
	"  -w SECONDS  wait until it has stopped (60 if no number follows), and start it\n"
	"              again, unless chaosd does that; if it takes longer to stop, it is a\n"
	"              failure\n"
	"  -F          destroy it if it doesn't stop in that time, or in 60 seconds, and\n"
	"              start it again\n",
	.main = reboot_main,
};

const struct command sysrq_command = {
	.name = "sysrq",
	.help = "press a key of SysRq in a guest",
	.usage = "sysrq [-v] GUEST KEY",
	.details =
	"Has the kernel of GUEST, a name or a domid, do what SysRq and KEY do: its own\n"
	"settings say what is allowed. It prints on its console; 'h' tells the keys.\n",
	.main = sysrq_main,
};
