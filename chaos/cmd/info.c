// SPDX-License-Identifier: GPL-2.0
/*
 * chaos info: all that is known of one guest.
 */
#include <getopt.h>
#include <json-c/json.h>

#include "cmd/output.h"
#include "guest/describe.h"
#include "guest/names.h"

static int info_main(int argc, char **argv, struct options *options)
{
	struct json_object *doc;
	struct guest guest;
	struct error err;
	struct xen xen;
	int ret;

	if (!take_words(argc, argv, options, 1, 1))
		return usage_error(&info_command);
	ret = xen_open(&xen, options->verbose, &err);
	if (ret)
		return report("info", argv[optind], &err);
	ret = guest_find(&xen, argv[optind], &guest, &err);
	if (!ret) {
		ret = guest_describe(&xen, &guest, &doc, &err);
		guest_put(&guest);
	}
	xen_close(&xen);
	if (ret)
		return report("info", argv[optind], &err);
	return options->json ? print_json(doc) : print_values(doc);
}

const struct command info_command = {
	.name = "info",
	.help = "show all that is known of a guest",
	.usage = "info [-jv] GUEST",
	.details =
	"Prints all that is known of GUEST, a name or a domid: what it was made from,\n"
	"and its CPUs, memory, devices and console at present.\n",
	.main = info_main,
};
