// SPDX-License-Identifier: GPL-2.0
/*
 * What chaosd does to a guest: chaos pause, unpause, rename, destroy.
 */
#include <getopt.h>
#include <json-c/json.h>
#include <stdlib.h>

#include "cmd/ask.h"
#include "cmd/output.h"
#include "util/json.h"

static struct json_object *of_guest(const char *guest)
{
	struct json_object *parameters = json_object_new_object();

	doc_text(parameters, "guest", guest);
	return parameters;
}

/* @ret: what asking for it returned */
static int end(const struct command *command, const char *guest, int ret,
	       const struct error *err)
{
	int status = ret ? report(command->name, guest, err) : EXIT_SUCCESS;

	ask_end();
	return status;
}

static int act_main(const struct command *command, const char *method,
		    int argc, char **argv, struct options *options)
{
	struct error err;
	int ret;

	if (!take_words(argc, argv, options, 1, 1))
		return usage_error(command);
	ret = ask_again(method, of_guest(argv[optind]), options, false, &err);
	return end(command, argv[optind], ret, &err);
}

static int pause_main(int argc, char **argv, struct options *options)
{
	return act_main(&pause_command, "Pause", argc, argv, options);
}

static int unpause_main(int argc, char **argv, struct options *options)
{
	return act_main(&unpause_command, "Unpause", argc, argv, options);
}

static int rename_main(int argc, char **argv, struct options *options)
{
	struct json_object *parameters;
	struct error err;
	int ret;

	if (!take_words(argc, argv, options, 2, 2))
		return usage_error(&rename_command);
	parameters = of_guest(argv[optind]);
	doc_text(parameters, "name", argv[optind + 1]);
	ret = ask("Rename", parameters, options, NULL, &err);
	return end(&rename_command, argv[optind], ret, &err);
}

static int destroy_main(int argc, char **argv, struct options *options)
{
	struct json_object *parameters;
	bool force = false;
	struct error err;
	int opt, ret;

	while ((opt = next_option(argc, argv, "F", NULL)) != -1) {
		if (opt == 'F')
			force = true;
		else if (!options_take(options, opt))
			return usage_error(&destroy_command);
	}
	if (optind != argc - 1)
		return usage_error(&destroy_command);
	parameters = of_guest(argv[optind]);
	doc_bool(parameters, "force", force);
	ret = ask_again("Destroy", parameters, options, true, &err);
	return end(&destroy_command, argv[optind], ret, &err);
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

const struct command rename_command = {
	.name = "rename",
	.help = "give a guest another name",
	.usage = "rename [-v] GUEST NAME",
	.details =
	"Calls GUEST, a name or a domid, NAME from now on. The log of its console is\n"
	"called so, too, and replaces that of a former guest of that name.\n",
	.main = rename_main,
};
