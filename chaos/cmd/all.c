// SPDX-License-Identifier: GPL-2.0
/*
 * All guests are shut down at a time: chaos shutdown -a.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "client/client.h"
#include "cmd/output.h"
#include "guest/names.h"
#include "guest/power.h"
#include "guest/remove.h"
#include "util/signal.h"
#include "util/util.h"
#include "verbs/verbs.h"

#define NAME	"shutdown"

/**
 * struct group - guests that are shut down at a time
 * @xen: access to the hypervisor
 * @list: the guests
 * @count: how many
 * @force: destroy those that don't stop in time
 * @failed: one of them hasn't stopped
 */
struct group {
	struct xen *xen;
	struct stopping *list;
	size_t count;
	bool force;
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

	if (!one->ret || (group->force && one->ret != -EINTR))
		one->ret = guest_remove_stopped(group->xen, &one->guest,
						group->force, daemon_pid(),
						&one->err);
	if (!one->ret)
		return;
	report(NAME, one->guest.record.name, &one->err);
	group->failed = true;
}

static void stop_group(struct group *group, struct noxs *noxs, int wait)
{
	size_t i;

	records_each(join_group, group);
	stop_all(group->xen, noxs, group->list, group->count, clock_ms() + wait,
		 leave_group, group);
	for (i = 0; i < group->count; i++)
		guest_put(&group->list[i].guest);
	free(group->list);
}

static int stop(bool force, int wait, bool verbose)
{
	struct access access = { .verbose = verbose };
	struct group group = { .xen = &access.xen, .force = force };
	struct error err;
	int ret;

	ret = access_xen(&access, &err);
	if (!ret)
		ret = access_noxs(&access, &err);
	if (!ret) {
		signals_block();
		stop_group(&group, &access.noxs, wait);
	}
	access_close(&access);
	if (ret)
		return report(NAME, NULL, &err);
	signals_unblock();
	return group.failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

static int shutdown_all_main(int argc, char **argv, struct options *options)
{
	bool force = false;
	int opt, wait = 0;

	while ((opt = next_option(argc, argv, "aFw::", NULL)) != -1) {
		if (opt == 'F')
			force = true;
		else if (opt == 'w' ? !get_wait(argc, argv, &wait) :
			 opt != 'a' && !options_take(options, opt))
			return usage_error(&shutdown_all_command);
	}
	if (optind != argc)
		return usage_error(&shutdown_all_command);
	return stop(force, wait ? wait : WAIT_MS, options->verbose);
}

/* Of "shutdown" only this is done here. */
const struct command shutdown_all_command = {
	.name = NAME,
	.usage = "shutdown -a [-Fv] [-w [SECONDS]]",
	.main = shutdown_all_main,
};
