// SPDX-License-Identifier: GPL-2.0
/*
 * What chaosd does to a guest: chaos pause, unpause, rename, destroy, shutdown, reboot, sysrq;
 * to all of them: chaos shutdown -a.
 */
#include <ctype.h>
#include <getopt.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/ask.h"
#include "cmd/output.h"
#include "util/json.h"

static int act_main(const struct command *command, const char *method,
		    int argc, char **argv, struct options *options)
{
	struct error err;
	int ret;

	if (!take_words(argc, argv, options, 1, 1))
		return usage_error(command);
	ret = ask_again(method, ask_of(argv[optind]), options, false, &err);
	return ask_report(command, argv[optind], ret, &err);
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
	parameters = ask_of(argv[optind]);
	doc_text(parameters, "name", argv[optind + 1]);
	ret = ask("Rename", parameters, options, NULL, &err);
	return ask_report(&rename_command, argv[optind], ret, &err);
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
	parameters = ask_of(argv[optind]);
	doc_bool(parameters, "force", force);
	ret = ask_again("Destroy", parameters, options, true, &err);
	return ask_report(&destroy_command, argv[optind], ret, &err);
}

/**
 * struct stop - how a guest is to be stopped
 * @command: the command
 * @method: what chaosd is asked for
 * @again: it may be asked for twice
 */
struct stop {
	const struct command *command;
	const char *method;
	bool again;
};

static int ask_to_stop(const struct stop *stop, const char *guest, bool force,
		       int wait, const struct options *options)
{
	struct json_object *parameters = ask_of(guest);
	struct error err;
	int ret;

	doc_bool(parameters, "force", force);
	doc_number(parameters, "wait", force && !wait ? WAIT_MS : wait);
	if (stop->again)
		ret = ask_again(stop->method, parameters, options, true, &err);
	else
		ret = ask(stop->method, parameters, options, NULL, &err);
	return ask_report(stop->command, guest, ret, &err);
}

static void tell_failed(struct json_object *answer, void *arg)
{
	struct error err;

	(void)arg;
	error_set(&err, 0, "%s", doc_get_text(answer, "text"));
	report(shutdown_command.name, doc_get_text(answer, "guest"), &err);
}

/* Whoever runs a guest in the foreground, or still makes it, is told by others. */
static int shutdown_all(bool force, int wait, const struct options *options)
{
	struct json_object *parameters = json_object_new_object();
	struct error err;
	int ret;

	doc_bool(parameters, "force", force);
	doc_number(parameters, "wait", wait ? wait : WAIT_MS);
	ret = ask_all("ShutdownAll", parameters, options, tell_failed, NULL,
		      &err);
	if (ret < 0)
		return ask_report(&shutdown_command, NULL, ret, &err);
	ask_end();
	return ret ? EXIT_FAILURE : EXIT_SUCCESS;
}

static int stop_main(const struct stop *stop, int argc, char **argv,
		     struct options *options)
{
	bool force = false, all = false;
	int opt, wait = 0;

	while ((opt = next_option(argc, argv, "aFw::", NULL)) != -1) {
		if (opt == 'F')
			force = true;
		else if (opt == 'a' && stop->command == &shutdown_command)
			all = true;
		else if (opt == 'w' ? !get_wait(argc, argv, &wait) :
				      !options_take(options, opt))
			return usage_error(stop->command);
	}
	if (optind != argc - !all)
		return usage_error(stop->command);
	if (all)
		return shutdown_all(force, wait, options);
	return ask_to_stop(stop, argv[optind], force, wait, options);
}

static int shutdown_main(int argc, char **argv, struct options *options)
{
	const struct stop stop = { &shutdown_command, "Shutdown", true };

	return stop_main(&stop, argc, argv, options);
}

static int reboot_main(int argc, char **argv, struct options *options)
{
	const struct stop stop = { &reboot_command, "Reboot", false };

	return stop_main(&stop, argc, argv, options);
}

static int sysrq_main(int argc, char **argv, struct options *options)
{
	struct json_object *parameters;
	struct error err;
	const char *key;
	int ret;

	if (!take_words(argc, argv, options, 2, 2))
		return usage_error(&sysrq_command);
	key = argv[optind + 1];
	if (strlen(key) != 1 || !isascii(*key) || !isgraph(*key))
		return usage_error(&sysrq_command);
	parameters = ask_of(argv[optind]);
	doc_text(parameters, "key", key);
	ret = ask("Sysrq", parameters, options, NULL, &err);
	return ask_report(&sysrq_command, argv[optind], ret, &err);
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

const struct command shutdown_command = {
	.name = "shutdown",
	.help = "ask a guest to shut down",
	.usage = "shutdown [-aFv] [-w [SECONDS]] [GUEST]",
	.details =
	"Asks GUEST, a name or a domid, to shut down. The command returns when the guest\n"
	"has agreed; it is a failure if that takes more than 10 seconds.\n\n"
	"  -w SECONDS  wait until it has stopped (60 if no number follows), and remove it,\n"
	"              unless chaosd does as its on_poweroff says; if that takes longer, it\n"
	"              is a failure\n"
	"  -F          destroy it if it doesn't stop in that time, or in 60 seconds\n"
	"  -a          all guests but those that a \"chaos run\" has, at the same time; wait\n"
	"              for 60 seconds if -w isn't given\n",
	.main = shutdown_main,
};

const struct command reboot_command = {
	.name = "reboot",
	.help = "ask a guest to reboot",
	.usage = "reboot [-Fv] [-w [SECONDS]] GUEST",
	.details =
	"Asks GUEST, a name or a domid, to reboot. The command returns when the guest\n"
	"has agreed; it is a failure if that takes more than 10 seconds. A guest that\n"
	"reboots stops, and somebody has to start it again: chaosd does, as its\n"
	"on_reboot says.\n\n"
	"  -w SECONDS  wait until it has stopped (60 if no number follows), and start it\n"
	"              again, unless chaosd does that; if it takes longer to stop, it is a\n"
	"              failure\n"
	"  -F          destroy it if it doesn't stop in that time, or in 60 seconds, and\n"
	"              start it again\n",
	.main = reboot_main,
};

const struct command sysrq_command = {
	.name = "sysrq",
	.help = "press a key of SysRq in a guest",
	.usage = "sysrq [-v] GUEST KEY",
	.details =
	"Has the kernel of GUEST, a name or a domid, do what SysRq and KEY do: its own\n"
	"settings say what is allowed. It prints on its console; 'h' tells the keys.\n",
	.main = sysrq_main,
};
