// SPDX-License-Identifier: GPL-2.0
/*
 * chaos: makes, destroys and shows Xen guests without XenStore. Each command
 * is a file of its own; this one finds the command.
 */
#include <getopt.h>
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
	&list_command,
	&info_command,
	&stat_command,
	&console_command,
	&vif_command,
	&vbd_command,
	&pool_command,
	&events_command,
	&dmesg_command,
	&version_command,
};

static const char synopsis[] =
	"usage: chaos [-jv] COMMAND [ARGUMENT...]; chaos -h | -V\n";

static void print_help(void)
{
	size_t i;

	printf("%s\n", synopsis);
	for (i = 0; i < ARRAY_SIZE(commands); i++)
		printf("  %-8s  %s\n", commands[i]->name, commands[i]->help);
	puts("\n"
	     "  -j        print JSON\n"
	     "  -v        show what the libraries log, on standard error\n\n"
	     "\"chaos COMMAND -h\" tells a command's arguments. The exit status is 0,\n"
	     "1 for a failure, 2 for a wrong call.");
}

static void print_command_help(const struct command *command)
{
	printf("usage: chaos %s\n\n%s", command->usage, command->details);
}

static int run(int argc, char **argv, struct options *options)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(commands); i++)
		if (!strcmp(commands[i]->name, argv[0]))
			break;
	if (i == ARRAY_SIZE(commands)) {
		fprintf(stderr, "chaos: %s: no such command\n", argv[0]);
		return EXIT_USAGE;
	}
	if (argc == 2 && !strcmp(argv[1], "-h")) {
		print_command_help(commands[i]);
		return EXIT_SUCCESS;
	}
	/* The line of usage says it all: getopt() needn't say more. */
	opterr = 0;
	/* 0 also makes it forget the "+" of the options before the command. */
	optind = 0;
	return commands[i]->main(argc, argv, options);
}

/* Return: the exit status, or -1 to go on. */
static int take_options(int argc, char **argv, struct options *options)
{
	int opt;

	/* "+": what follows the command belongs to it. */
	while ((opt = getopt(argc, argv, "+hV" OPTIONS_COMMON)) != -1) {
		if (opt == 'h') {
			print_help();
			return EXIT_SUCCESS;
		}
		if (opt == 'V') {
			puts("chaos " CHAOS_VERSION);
			return EXIT_SUCCESS;
		}
		if (!options_take(options, opt))
			return EXIT_USAGE;
	}
	if (optind == argc) {
		fputs(synopsis, stderr);
		return EXIT_USAGE;
	}
	return -1;
}

int main(int argc, char **argv)
{
	struct options options = { 0 };
	int ret;

	umask(077);
	if (argc && !strcmp(argv[0], DRAINER_NAME))
		return drainer_main(argc, argv);
	ret = take_options(argc, argv, &options);
	if (ret < 0)
		ret = run(argc - optind, argv + optind, &options);
	if (fflush(stdout) || ferror(stdout)) {
		fputs("chaos: cannot write to standard output\n", stderr);
		return EXIT_FAILURE;
	}
	return ret;
}
