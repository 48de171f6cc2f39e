// SPDX-License-Identifier: GPL-2.0
/*
 * chaos: makes, destroys and shows Xen guests without XenStore. Each command
 * is a file of its own; this one finds the command.
 */
#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cmd/output.h"
#include "console/drainer.h"
#include "util/util.h"

static const struct command *const commands[] = {
	&create_command,
	&run_command,
	&destroy_command,
	&shutdown_command,
	&reboot_command,
	&sysrq_command,
	&pause_command,
	&unpause_command,
	&rename_command,
	&mem_set_command,
	&mem_max_command,
	&vcpu_pin_command,
	&sched_command,
	&list_command,
	&info_command,
	&domid_command,
	&domname_command,
	&uptime_command,
	&vcpu_list_command,
	&dump_core_command,
	&stat_command,
	&top_command,
	&console_command,
	&vif_command,
	&vbd_command,
	&pool_command,
	&events_command,
	&host_command,
	&dmesg_command,
	&debug_keys_command,
	&version_command,
};

/**
 * struct spelling - what xl calls something that chaos can do
 * @name: as with xl
 * @command: of chaos
 * @action: its first argument, or NULL
 */
struct spelling {
	const char *name;
	const char *command;
	char *action;
};

static const struct spelling spellings[] = {
	{ "block-attach", "vbd", "add" },
	{ "block-detach", "vbd", "del" },
	{ "block-list", "vbd", "list" },
	{ "network-attach", "vif", "add" },
	{ "network-detach", "vif", "del" },
	{ "network-list", "vif", "list" },
	{ "sched-credit", "sched-credit2", NULL },
};

static void print_help(void)
{
	size_t i;

	puts("usage: chaos " SYNOPSIS "\n");
	for (i = 0; i < ARRAY_SIZE(commands); i++)
		printf("  %-13s  %s\n", commands[i]->name, commands[i]->help);
	puts("\n"
	     "  -j             print JSON\n"
	     "  -v             show what the libraries log, on standard error\n\n"
	     "\"chaos COMMAND -h\" tells a command's arguments. network-attach,\n"
	     "block-list and their like mean the same as with xl. The exit status is\n"
	     "0, 1 for a failure, 2 for a wrong call.");
}

static void print_command_help(const struct command *command)
{
	printf("usage: chaos %s\n\n%s", command->usage, command->details);
}

static const struct command *find_command(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(commands); i++)
		if (!strcmp(commands[i]->name, name))
			return commands[i];
	return NULL;
}

static bool wants_help(int argc, char **argv)
{
	int i;

	for (i = 1; i < argc && strcmp(argv[i], "--"); i++)
		if (!strcmp(argv[i], "-h") || !strcmp(argv[i], "--help"))
			return true;
	return false;
}

static int run(int argc, char **argv, struct options *options)
{
	const struct command *command = find_command(argv[0]);
	struct error err;

	if (!command) {
		error_set(&err, -EINVAL, "no such command");
		report(argv[0], NULL, &err);
		return EXIT_USAGE;
	}
	if (wants_help(argc, argv)) {
		print_command_help(command);
		return EXIT_SUCCESS;
	}
	/* 0 also makes getopt() forget the "+" of the options before the command. */
	optind = 0;
	return command->main(argc, argv, options);
}

/* As xl spells it, or as chaos does. */
static int run_any(int argc, char **argv, struct options *options)
{
	struct error err;
	char **words;
	size_t i;
	int first, ret;

	for (i = 0; i < ARRAY_SIZE(spellings); i++)
		if (!strcmp(spellings[i].name, argv[0]))
			break;
	if (i == ARRAY_SIZE(spellings))
		return run(argc, argv, options);
	/* With the NULL at the end there is one more. */
	words = calloc(argc + 2, sizeof(*words));
	if (!words) {
		error_no_memory(&err);
		return report(NULL, NULL, &err);
	}
	words[0] = (char *)spellings[i].command;
	words[1] = spellings[i].action;
	first = words[1] ? 2 : 1;
	memcpy(words + first, argv + 1, (argc - 1) * sizeof(*words));
	ret = run(argc - 1 + first, words, options);
	free(words);
	return ret;
}

/* Return: the exit status, or -1 to go on. */
static int take_options(int argc, char **argv, struct options *options)
{
	static const struct option long_options[] = {
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};
	int opt;

	/* "+": what follows the command belongs to it. */
	while ((opt = next_option(argc, argv, "+hV", long_options)) != -1) {
		if (opt == 'h') {
			print_help();
			return EXIT_SUCCESS;
		}
		if (opt == 'V') {
			puts("chaos " CHAOS_VERSION);
			return EXIT_SUCCESS;
		}
		if (!options_take(options, opt))
			return usage_error(NULL);
	}
	return optind == argc ? usage_error(NULL) : -1;
}

int main(int argc, char **argv)
{
	struct options options = { 0 };
	struct error err;
	int ret;

	umask(077);
	if (argc && !strcmp(argv[0], DRAINER_NAME))
		return drainer_main(argc, argv);
	ret = take_options(argc, argv, &options);
	if (ret < 0)
		ret = run_any(argc - optind, argv + optind, &options);
	if (fflush(stdout) || ferror(stdout)) {
		error_set(&err, -EIO, "cannot write to standard output");
		return report(NULL, NULL, &err);
	}
	return ret;
}
