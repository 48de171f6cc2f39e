// SPDX-License-Identifier: GPL-2.0
/*
 * chaos events: what happens to guests, as chaosd tells it, in lines of JSON.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "client/client.h"
#include "cmd/output.h"

/* Until standard output is closed, or chaosd ends. */
static int pass_on(int sock, struct error *err)
{
	char bytes[4096];
	ssize_t len;

	for (;;) {
		len = read(sock, bytes, sizeof(bytes));
		if (len < 0 && errno == EINTR)
			continue;
		if (len < 0)
			return error_sys(err, -errno, "chaosd");
		if (!len)
			return error_set(err, -ECONNRESET, "chaosd has ended");
		/* main() tells what became of standard output. */
		if (fwrite(bytes, 1, len, stdout) < (size_t)len ||
		    fflush(stdout))
			return 0;
	}
}

static int events_main(int argc, char **argv, struct options *options)
{
	struct error err;
	int opt, ret;

	while ((opt = getopt(argc, argv, OPTIONS_COMMON)) != -1)
		if (!options_take(options, opt))
			return usage_error(&events_command);
	if (optind != argc)
		return usage_error(&events_command);
	ret = daemon_events(&err);
	if (ret >= 0) {
		int sock = ret;

		ret = pass_on(sock, &err);
		close(sock);
	}
	return ret ? report("events", NULL, &err) : EXIT_SUCCESS;
}

const struct command events_command = {
	.name = "events",
	.help = "show what happens to guests, as it happens",
	.usage = "events [-jv]",
	.details =
	"Prints a line of JSON for each event, as chaosd tells it, until it is\n"
	"interrupted. See chaosd(8) for what is in them.\n",
	.main = events_main,
};
