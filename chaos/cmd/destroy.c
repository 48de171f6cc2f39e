// SPDX-License-Identifier: GPL-2.0
/*
 * chaos destroy: a guest goes, in whatever state it is, with its devices, its
 * console and all that is remembered of it.
 */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>

#include "cmd/output.h"
#include "guest/names.h"
#include "host/noxs.h"
#include "pool/destroy.h"
#include "util/signal.h"

static int check(const struct guest *guest, bool force, struct error *err)
{
	if (!guest->domid)
		return error_set(err, -EPERM, "is the host");
	if (guest->recorded || noxs_is_handle(guest->handle) || force)
		return 0;
	return error_set(err, -EPERM,
			 "is not a guest of chaos (-F destroys it all the same)");
}

static int destroy_guest(struct xen *xen, const char *arg, bool force,
			 struct error *err)
{
	struct guest guest;
	int ret;

	ret = guest_lock(xen, arg, &guest, err);
	if (ret)
		return ret;
	ret = check(&guest, force, err);
	if (!ret && guest.exists)
		ret = domain_destroy(xen, guest.domid, guest.handle, force,
				     err);
	else if (!ret)
		ret = domain_bury(xen, guest.domid, guest.handle, err);
	if (!ret)
		guest_forget(&guest);
	guest_put(&guest);
	return ret;
}

static int destroy_main(int argc, char **argv, struct options *options)
{
	bool force = false;
	struct error err;
	struct xen xen;
	int opt, ret;

	while ((opt = getopt(argc, argv, "F" OPTIONS_COMMON)) != -1) {
		if (opt == 'F')
			force = true;
		else if (!options_take(options, opt))
			return usage_error(&destroy_command);
	}
	if (optind != argc - 1)
		return usage_error(&destroy_command);
	ret = xen_open(&xen, options->verbose, &err);
	if (ret)
		return report("destroy", argv[optind], &err);
	signals_block();
	ret = destroy_guest(&xen, argv[optind], force, &err);
	xen_close(&xen);
	if (ret)
		ret = report("destroy", argv[optind], &err);
	signals_unblock();
	return ret;
}

const struct command destroy_command = {
	.name = "destroy",
	.help = "destroy a guest at once",
	.usage = "destroy [-Fv] GUEST",
	.details =
	"Destroys GUEST, a name or a domid, without asking it. When the command returns\n"
	"the domain, its devices and its console are gone.\n\n"
	"  -F  also a domain that chaos didn't make, or whose devices can't be removed\n",
	.main = destroy_main,
};
