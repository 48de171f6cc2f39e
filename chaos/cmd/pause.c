// SPDX-License-Identifier: GPL-2.0
/*
 * chaos pause, chaos unpause: Xen keeps a guest's CPUs from running.
 *
 * Xen counts how often a domain was paused. To the user it is paused or not.
 */
#include <errno.h>
#include <getopt.h>

#include "client/client.h"
#include "cmd/acting.h"
#include "xen/domain.h"

/* Xen's own limit of the count. */
#define PAUSES_MAX	255

static int get_info(struct xen *xen, const struct guest *guest,
		    struct domain_info *info, struct error *err)
{
	int ret = xen_info(xen, guest->domid, info);

	if (ret)
		return error_sys(err, ret, "domain %u", guest->domid);
	if (xen_has_stopped(info))
		return error_set(err, -ESRCH, "the guest has stopped");
	return 0;
}

static int pause_guest(struct xen *xen, struct guest *guest, const void *with,
		       struct error *err)
{
	struct domain_info info;
	int ret;

	(void)with;
	ret = get_info(xen, guest, &info, err);
	if (ret || info.paused)
		return ret;
	ret = domain_pause(xen, guest->domid, err);
	if (ret)
		return ret;
	daemon_notify("paused", guest->domid);
	return 0;
}

static int unpause_guest(struct xen *xen, struct guest *guest,
			 const void *with, struct error *err)
{
	struct domain_info info;
	int tries, ret;

	(void)with;
	for (tries = 0; tries <= PAUSES_MAX; tries++) {
		ret = get_info(xen, guest, &info, err);
		if (ret)
			return ret;
		if (!info.paused)
			break;
		ret = domain_unpause(xen, guest->domid, err);
		if (ret)
			return ret;
	}
	if (tries)
		daemon_notify("unpaused", guest->domid);
	return 0;
}

static int take_guest(int argc, char **argv, struct options *options,
		      const struct command *command, const struct act *act)
{
	int opt;

	while ((opt = getopt(argc, argv, OPTIONS_COMMON)) != -1)
		if (!options_take(options, opt))
			return usage_error(command);
	if (optind != argc - 1)
		return usage_error(command);
	return act_on_guest(act, argv[optind], options);
}

static int pause_main(int argc, char **argv, struct options *options)
{
	static const struct act act = { .what = "pause", .fn = pause_guest };

	return take_guest(argc, argv, options, &pause_command, &act);
}

static int unpause_main(int argc, char **argv, struct options *options)
{
	static const struct act act = {
		.what = "unpause", .fn = unpause_guest,
	};

	return take_guest(argc, argv, options, &unpause_command, &act);
}

const struct command pause_command = {
	.name = "pause",
	.help = "keep a guest from running",
	.usage = "pause [-v] GUEST",
	.details =
	"Pauses GUEST, a name or a domid. Its memory and its devices stay. When the\n"
	"command returns, none of its CPUs runs. One that is paused stays so.\n",
	.main = pause_main,
};

const struct command unpause_command = {
	.name = "unpause",
	.help = "let a guest run that was paused",
	.usage = "unpause [-v] GUEST",
	.details =
	"Lets GUEST, a name or a domid, run: after \"chaos pause\", however often, or\n"
	"\"chaos create -p\". One that runs goes on.\n",
	.main = unpause_main,
};
