// SPDX-License-Identifier: GPL-2.0
/*
 * What chaosd does to a guest: chaos pause, unpause, rename.
 */
#include <getopt.h>
#include <json-c/json.h>
#include <stdlib.h>

#include "cmd/ask.h"
#include "cmd/output.h"
#include "util/json.h"

/* @name: that the guest is to have, or NULL */
static int ask_for_guest(const struct command *command, const char *method,
			 const char *guest, const char *name,
			 const struct options *options)
{
	struct json_object *parameters = json_object_new_object();
	int status = EXIT_SUCCESS;
	struct error err;

	doc_text(parameters, "guest", guest);
	if (name)
		doc_text(parameters, "name", name);
	if (ask(method, parameters, options, NULL, &err))
		status = report(command->name, guest, &err);
	ask_end();
	return status;
}

static int pause_main(int argc, char **argv, struct options *options)
{
	if (!take_words(argc, argv, options, 1, 1))
		return usage_error(&pause_command);
	return ask_for_guest(&pause_command, "Pause", argv[optind], NULL,
			     options);
}

static int unpause_main(int argc, char **argv, struct options *options)
{
	if (!take_words(argc, argv, options, 1, 1))
		return usage_error(&unpause_command);
	return ask_for_guest(&unpause_command, "Unpause", argv[optind], NULL,
			     options);
}

static int rename_main(int argc, char **argv, struct options *options)
{
	if (!take_words(argc, argv, options, 2, 2))
		return usage_error(&rename_command);
	return ask_for_guest(&rename_command, "Rename", argv[optind],
			     argv[optind + 1], options);
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

const struct command rename_command = {
	.name = "rename",
	.help = "give a guest another name",
	.usage = "rename [-v] GUEST NAME",
	.details =
	"Calls GUEST, a name or a domid, NAME from now on. The log of its console is\n"
	"called so, too, and replaces that of a former guest of that name.\n",
	.main = rename_main,
};
