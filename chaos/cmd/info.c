// SPDX-License-Identifier: GPL-2.0
/*
 * chaos info: all that is known of one guest.
 */
#include <getopt.h>
#include <json-c/json.h>

#include "cmd/ask.h"
#include "cmd/output.h"

static int info_main(int argc, char **argv, struct options *options)
{
	struct json_object *answer, *doc;
	struct error err;
	int ret, status;

	if (!take_words(argc, argv, options, 1, 1))
		return usage_error(&info_command);
	ret = ask_look("Info", ask_of(argv[optind]), options, &answer, &err);
	if (ret) {
		status = report("info", argv[optind], &err);
	} else {
		doc = json_object_get(json_object_object_get(answer, "guest"));
		status = options->json ? print_json(doc) : print_values(doc);
		fflush(stdout);
	}
	json_object_put(answer);
	return status;
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
