// SPDX-License-Identifier: GPL-2.0
/*
 * chaos rename: a guest's name is another one, for everybody and at once. The
 * moment is when its record is written: who finds it by a name that isn't that
 * of its record has found nothing. A rename that is killed leaves at most such
 * a name, which the next who wants it gets.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "client/client.h"
#include "cmd/acting.h"
#include "console/console.h"

static int set_name(struct guest *guest, const char *name, struct error *err)
{
	char former[CONFIG_NAME_MAX + 1];
	struct error ignored;
	int ret;

	strcpy(former, guest->record.name);
	record_set_name(&guest->record, name);
	ret = record_save(&guest->record, err);
	if (!ret) {
		console_log_rename(former, name);
		return 0;
	}
	record_set_name(&guest->record, former);
	(void)record_save(&guest->record, &ignored);
	return ret;
}

static int rename_guest(struct xen *xen, struct guest *guest,
			const void *with, struct error *err)
{
	struct owner owner = { .domid = guest->domid };
	struct name_lock lock;
	const char *name = with;
	int ret;

	if (!guest->recorded)
		return error_set(err, -ENOENT,
				 "has no name; only \"chaos destroy\" takes it");
	ret = guest_claim(xen, name, &lock, err);
	if (ret)
		return ret;
	memcpy(owner.handle, guest->handle, UUID_SIZE);
	ret = name_set(&lock, &owner, err);
	if (!ret)
		ret = set_name(guest, name, err);
	if (ret) {
		name_drop(&lock);
		return ret;
	}
	name_drop(&guest->lock);
	guest->lock = lock;
	daemon_notify("renamed", guest->domid);
	return 0;
}

static int rename_main(int argc, char **argv, struct options *options)
{
	struct act act = { .what = "rename", .fn = rename_guest };
	struct error err;
	const char *why;
	int opt;

	while ((opt = getopt(argc, argv, OPTIONS_COMMON)) != -1)
		if (!options_take(options, opt))
			return usage_error(&rename_command);
	if (optind != argc - 2)
		return usage_error(&rename_command);
	why = config_name_check(argv[optind + 1]);
	if (why) {
		error_set(&err, -EINVAL, "the new name %s", why);
		return report("rename", argv[optind], &err);
	}
	act.with = argv[optind + 1];
	return act_on_guest(&act, argv[optind], options);
}

const struct command rename_command = {
	.name = "rename",
	.help = "give a guest another name",
	.usage = "rename [-v] GUEST NAME",
	.details =
	"Calls GUEST, a name or a domid, NAME from now on. The log of its console is\n"
	"called so, too, and replaces that of a former guest of that name.\n",
	.main = rename_main,
};
