// SPDX-License-Identifier: GPL-2.0
/*
 * chaos create: from a configuration file to a running guest.
 */
#include <getopt.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "chaos.h"
#include "making.h"
#include "signals.h"

static int print_result(const struct making *making, bool json)
{
	struct json_object *doc;
	char handle[UUID_TEXT];

	if (!json) {
		printf("%s %u\n", making->config.name, making->dom.domid);
		return EXIT_SUCCESS;
	}
	doc = json_object_new_object();
	json_object_object_add(doc, "name",
			       json_object_new_string(making->config.name));
	json_object_object_add(doc, "domid",
			       json_object_new_int64(making->dom.domid));
	uuid_format(making->dom.handle, handle);
	json_object_object_add(doc, "handle", json_object_new_string(handle));
	return print_json(doc);
}

static int create_guest(struct making *making, const char *path, bool quiet,
			const struct options *options)
{
	struct error err = { "" };
	int ret;

	ret = config_read(path, &making->config, &err);
	if (ret)
		return report("create", NULL, &err);
	report_warnings("create", &making->config);
	ret = making_check(&making->config, &err);
	if (!ret)
		ret = making_run(making, options->verbose, &err);
	if (ret)
		return report("create", making->config.name, &err);
	return quiet ? EXIT_SUCCESS : print_result(making, options->json);
}

static int create_main(int argc, char **argv, struct options *options)
{
	struct making making = { .console = -1 };
	bool quiet = false;
	int opt, ret;

	while ((opt = getopt(argc, argv, "cpqw:" OPTIONS_COMMON)) != -1) {
		if (opt == 'c')
			making.attach = true;
		else if (opt == 'p')
			making.paused = true;
		else if (opt == 'q')
			quiet = true;
		else if (opt == 'w' ? !get_seconds(optarg, &making.wait) :
				      !options_take(options, opt))
			return usage_error(&create_command);
	}
	if (optind != argc - 1 || (making.paused && making.wait))
		return usage_error(&create_command);
	ret = create_guest(&making, argv[optind], quiet, options);
	config_free(&making.config);
	fflush(stdout);
	signals_unblock();
	if (making.console < 0)
		return ret;
	if (ret == EXIT_SUCCESS)
		return console_attach(making.console);
	close(making.console);
	return ret;
}

const struct command create_command = {
	.name = "create",
	.help = "make a guest from a configuration file",
	.usage = "create [-cjpqv] [-w SECONDS] FILE",
	.details =
	"Makes the guest that FILE describes, in the syntax of xl.cfg, and prints its\n"
	"name and its domid. After a failure nothing of it is left.\n\n"
	"  -c          attach to its console, from the first instruction on\n"
	"  -p          leave it paused\n"
	"  -q          print nothing\n"
	"  -w SECONDS  wait until its devices are connected; if that takes longer, it\n"
	"              is a failure (not with -p)\n",
	.main = create_main,
};
