// SPDX-License-Identifier: GPL-2.0
/*
 * chaos shutdown, chaos reboot, chaos sysrq: what is asked of the guest's
 * kernel. Meanwhile nobody is kept from the guest: only its end takes its lock.
 */
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "client/client.h"
#include "cmd/output.h"
#include "guest/power.h"
#include "guest/restart.h"
#include "pool/destroy.h"
#include "util/signal.h"
#include "util/util.h"

/* How long a guest may take if the user didn't say. */
#define FORCE_WAIT_MS	60000

/**
 * struct power - what the user wants
 * @command: the command
 * @request: NOXS_SYSCTL_*
 * @argument: for NOXS_SYSCTL_SYSRQ the key
 * @wait: until the guest has stopped, in ms; 0 not to wait
 * @force: after that, don't ask it any more
 * @finish: the guest has stopped, or has to: do the rest
 * @verbose: show what the libraries log
 */
struct power {
	const struct command *command;
	uint32_t request;
	uint32_t argument;
	int wait;
	bool force;
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

/* What stopped is removed; chaosd does so itself, as on_poweroff says. */
static int finish_shutdown(const struct power *power, struct xen *xen,
			   const struct guest *guest, struct error *err)
{
	struct guest locked;
	int ret;

	(void)power;
	if (daemon_pid() && !power->force)
		return 0;
	ret = lock_same(xen, guest, &locked, err);
	if (ret)
		return ret == -ENOENT ? 0 : ret;
	ret = domain_destroy(xen, locked.domid, locked.handle, false, err);
	if (!ret)
		guest_forget(&locked);
	guest_put(&locked);
	return ret;
}

static int finish_reboot(const struct power *power, struct xen *xen,
			 const struct guest *guest, struct error *err)
{
	uint32_t domid;
	int ret;

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

static int with_guest(const struct power *power, struct xen *xen,
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

static int run(const struct power *power, const char *arg)
{
	const char *what = power->command->name;
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
		ret = with_guest(power, &xen, &noxs, arg, &err);
		noxs_close(&noxs);
	}
	xen_close(&xen);
	if (ret)
		ret = report(what, arg, &err);
	signals_unblock();
	return ret;
}

/* The options and arguments that both ways of stopping have. */
static int stop_main(struct power *power, int argc, char **argv,
		     struct options *options)
{
	int opt;

	while ((opt = getopt(argc, argv, "Fw:" OPTIONS_COMMON)) != -1) {
		if (opt == 'F')
			power->force = true;
		else if (opt == 'w' ? !get_seconds(optarg, &power->wait) :
				      !options_take(options, opt))
			return usage_error(power->command);
	}
	if (optind != argc - 1)
		return usage_error(power->command);
	if (power->force && !power->wait)
		power->wait = FORCE_WAIT_MS;
	power->verbose = options->verbose;
	return run(power, argv[optind]);
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
	int opt;

	while ((opt = getopt(argc, argv, OPTIONS_COMMON)) != -1)
		if (!options_take(options, opt))
			return usage_error(&sysrq_command);
	if (optind != argc - 2 || strlen(argv[optind + 1]) != 1 ||
	    !isascii(*argv[optind + 1]) || !isgraph(*argv[optind + 1]))
		return usage_error(&sysrq_command);
	power.argument = *argv[optind + 1];
	power.verbose = options->verbose;
	return run(&power, argv[optind]);
}

const struct command shutdown_command = {
	.name = "shutdown",
	.help = "ask a guest to shut down",
	.usage = "shutdown [-Fv] [-w SECONDS] GUEST",
	.details =
	"Asks GUEST, a name or a domid, to shut down. The command returns when the guest\n"
	"has agreed; it is a failure if that takes more than 10 seconds.\n\n"
	"  -w SECONDS  wait until it has stopped, and remove it, unless chaosd does as its\n"
	"              on_poweroff says; if that takes longer, it is a failure\n"
	"  -F          destroy it if it doesn't stop in that time, or in 60 seconds\n",
	.main = shutdown_main,
};

const struct command reboot_command = {
	.name = "reboot",
	.help = "ask a guest to reboot",
	.usage = "reboot [-Fv] [-w SECONDS] GUEST",
	.details =
	"Asks GUEST, a name or a domid, to reboot. The command returns when the guest\n"
	"has agreed; it is a failure if that takes more than 10 seconds. A guest that\n"
	"reboots stops, and somebody has to start it again: chaosd does, as its\n"
	"on_reboot says.\n\n"
	"  -w SECONDS  wait until it has stopped, and start it again, unless chaosd does\n"
	"              that; if it takes longer to stop, it is a failure\n"
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
