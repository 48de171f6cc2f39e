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

#include "cmd/open.h"
#include "cmd/output.h"
#include "console/drainer.h"
#include "util/util.h"

/* All that there are; those that chaosd is asked for are here, the others in local.so. */
static const struct {
	const char *name;
	const struct command *asked;
} commands[] = {
	{ "create", &create_command },
	{ "run", &run_command },
	{ "destroy", &destroy_command },
	{ "shutdown", &shutdown_command },
	{ "reboot", &reboot_command },
	{ "sysrq", &sysrq_command },
	{ "pause", &pause_command },
	{ "unpause", &unpause_command },
	{ "rename", &rename_command },
	{ "mem-set", &mem_set_command },
	{ "mem-max", &mem_max_command },
	{ "vcpu-set", &vcpu_set_command },
	{ "vcpu-pin", &vcpu_pin_command },
	{ "sched-credit2", &sched_command },
	{ "list", &list_command },
	{ "info", &info_command },
	{ "domid", &domid_command },
	{ "domname", &domname_command },
	{ "uptime", &uptime_command },
	{ "vcpu-list", &vcpu_list_command },
	{ "dump-core", NULL },
	{ "stat", &stat_command },
	{ "top", &top_command },
	{ "console", NULL },
	{ "vif", &vif_command },
	{ "vbd", &vbd_command },
	{ "pool", NULL },
	{ "events", NULL },
	{ "host", &host_command },
	{ "dmesg", NULL },
	{ "debug-keys", &debug_keys_command },
	{ "version", NULL },
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

static int find_command(const char *name, const struct options *options,
			const struct command **command, struct error *err)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(commands); i++)
		if (!strcmp(commands[i].name, name))
			break;
	if (i == ARRAY_SIZE(commands))
		return error_set(err, -ENOENT, "no such command");
	*command = commands[i].asked;
	return *command ? 0 : local_command(name, options, command, err);
}

/* Return: the exit status. */
static int print_help(const struct options *options)
{
	const struct command *command;
	struct error err;
	size_t i;

	puts("usage: chaos " SYNOPSIS "\n");
	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		if (find_command(commands[i].name, options, &command, &err))
			return report(commands[i].name, NULL, &err);
		printf("  %-13s  %s\n", command->name, command->help);
	}
	puts("\n"
	     "  -j             print JSON\n"
	     "  -v             show what the libraries log, on standard error\n\n"
	     "\"chaos COMMAND -h\" tells a command's arguments. network-attach,\n"
	     "block-list and their like mean the same as with xl. The exit status is\n"
	     "0, 1 for a failure, 2 for a wrong call.");
	return EXIT_SUCCESS;
}

static void print_command_help(const struct command *command)
{
	printf("usage: chaos %s\n\n%s", command->usage, command->details);
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
	const struct command *command;
	struct error err;
	int ret;

	ret = find_command(argv[0], options, &command, &err);
	if (ret) {
		report(argv[0], NULL, &err);
		return ret == -ENOENT ? EXIT_USAGE : EXIT_FAILURE;
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
		if (opt == 'h')
			return print_help(options);
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
		return local_drainer(argc, argv);
	ret = take_options(argc, argv, &options);
	if (ret < 0)
		ret = run_any(argc - optind, argv + optind, &options);
	/* Some come after the command, and are taken by what has it (cmd/open.h). */
	output_as(&options);
	if (fflush(stdout) || ferror(stdout)) {
		error_set(&err, -EIO, "cannot write to standard output");
		return report(NULL, NULL, &err);
	}
	return ret;
}
