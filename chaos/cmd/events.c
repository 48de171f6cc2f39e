// SPDX-License-Identifier: GPL-2.0
/*
 * chaos events: what happens to guests, as chaosd tells it, in lines of JSON.
 */
#include <errno.h>
#include <getopt.h>
#include <json-c/json.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "client/client.h"
#include "cmd/output.h"

/* Return: whether somebody may have read it; else main() tells. */
static bool print_event(struct json_object *event)
{
	return print_json_line(stdout, event) && !fflush(stdout);
}

static int pass_on(FILE *stream, struct error *err)
{
	struct json_object *event;
	char *text = NULL;
	size_t size = 0;
	int ret = 0;

	for (;;) {
		if (getdelim(&text, &size, '\0', stream) < 0) {
			ret = error_set(err, -ECONNRESET, "chaosd has ended");
			break;
		}
		event = daemon_event(text, err);
		if (!event)
			ret = -EPROTO;
		if (!event || !print_event(event))
			break;
	}
	free(text);
	return ret;
}

/* Until standard output is closed, or chaosd ends. */
static int show_events(struct error *err)
{
	struct json_object *ready;
	FILE *stream;
	int sock, ret;

	sock = daemon_events(&ready, err);
	if (sock < 0)
		return sock;
	stream = fdopen(sock, "r");
	if (!stream) {
		ret = error_sys(err, -errno, "chaosd");
		json_object_put(ready);
		close(sock);
		return ret;
	}
	ret = print_event(ready) ? pass_on(stream, err) : 0;
	fclose(stream);
	return ret;
}

static int events_main(int argc, char **argv, struct options *options)
{
	struct error err;
	int ret;

	if (!take_words(argc, argv, options, 0, 0))
		return usage_error(&events_command);
	ret = show_events(&err);
	return ret ? report("events", NULL, &err) : EXIT_SUCCESS;
}

const struct command events_command = {
	.name = "events",
	.help = "show what happens to guests, as it happens",
	.usage = "events [-jv]",
	.details =
	"Prints a line of JSON for each event, as chaosd tells it, until it is\n"
	"interrupted; the first one, \"ready\", says that from now on all others come. See\n"
	"chaosd(8) for what is in them.\n",
	.main = events_main,
};
