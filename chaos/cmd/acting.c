// SPDX-License-Identifier: GPL-2.0
/*
 * What commands that change one guest have in common.
 */
#include <stdio.h>
#include <stdlib.h>

#include "cmd/acting.h"
#include "util/signal.h"

int act_on_guest(const struct act *act, const char *arg,
		 const struct options *options)
{
	struct guest guest;
	struct error err;
	struct xen xen;
	int ret;

	ret = xen_open(&xen, options->verbose, &err);
	if (ret)
		return report(act->what, arg, &err);
	signals_block();
	ret = guest_lock(&xen, arg, &guest, &err);
	if (!ret) {
		ret = guest_require(&guest, &err);
		if (!ret)
			ret = act->fn(&xen, &guest, act->with, &err);
		guest_put(&guest);
	}
	xen_close(&xen);
	if (ret)
		ret = report(act->what, arg, &err);
	fflush(stdout);
	signals_unblock();
	return ret;
}
