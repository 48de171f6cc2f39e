// SPDX-License-Identifier: GPL-2.0
/*
 * The program chaosd: the daemon, or one of its workers, or who serves a console.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "console/drainer.h"
#include "daemon/open.h"
#include "util/chaos.h"
#include "worker/worker.h"

static int run(const struct ways *ways)
{
	const struct daemon_part *loaded;
	struct error err;

	loaded = (const void *)part_open("daemon", &err);
	if (loaded)
		return loaded->run(ways);
	fprintf(stderr, "chaosd: %s\n", err.text);
	return EXIT_FAILURE;
}

static int wrong_call(void)
{
	fputs("usage: chaosd [-npv]; chaosd -h | -V\n", stderr);
	return EXIT_USAGE;
}

int main(int argc, char **argv)
{
	struct ways ways = { .may_bind = true, .history = true };
	int opt;

	umask(077);
	if (argc && !strcmp(argv[0], DRAINER_NAME))
		return drainer_main(argc, argv);
	if (argc && !strcmp(argv[0], WORKER_NAME))
		return worker_main();
	while ((opt = getopt(argc, argv, "+hnpvV")) != -1) {
		switch (opt) {
		case 'h':
			puts("usage: chaosd [-npv]\n\n"
			     "Watches the guests that chaos makes, in the foreground.\n\n"
			     "  -n  don't write down what guests use, for \"chaos stat --history\"\n"
			     "  -p  leave VIRQ_DOM_EXC to others, such as a xenstored that is started\n"
			     "      later, and look at all domains twice a second instead\n"
			     "  -v  show what the libraries log, on standard error");
			return EXIT_SUCCESS;
		case 'V':
			puts("chaosd " CHAOS_VERSION);
			return EXIT_SUCCESS;
		case 'n':
			ways.history = false;
			break;
		case 'p':
			ways.may_bind = false;
			break;
		case 'v':
			ways.verbose = true;
			break;
		default:
			return wrong_call();
		}
	}
	return optind == argc ? run(&ways) : wrong_call();
}
