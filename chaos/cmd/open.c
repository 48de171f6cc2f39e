// SPDX-License-Identifier: GPL-2.0
/*
 * What chaos does itself, for chaos: it is in local.so, with Xen's libraries, which who only
 * asks chaosd doesn't need.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "cmd/open.h"

static const struct local_part *loaded;

static int open_part(struct error *err)
{
	if (!loaded)
		loaded = (const void *)part_open("local", err);
	return loaded ? 0 : -ELIBACC;
}

int local_command(const char *name, const struct options *options,
		  const struct command **command, struct error *err)
{
	int ret = open_part(err);

	return ret ? ret : loaded->command(name, options, command, err);
}

int local_drainer(int argc, char **argv)
{
	struct error err;

	if (!open_part(&err))
		return loaded->drainer(argc, argv);
	fprintf(stderr, "chaos: %s\n", err.text);
	return EXIT_FAILURE;
}

int local_verb(const char *method, struct json_object *parameters,
	       bool verbose, struct json_object **answer, struct error *err)
{
	int ret = open_part(err);

	return ret ? ret : loaded->verb(method, parameters, verbose, answer, err);
}

int local_verb_more(const char *method, struct json_object *parameters,
		    bool verbose,
		    void (*tell)(struct json_object *answer, void *arg),
		    void *arg, struct json_object **answer, struct error *err)
{
	int ret = open_part(err);

	return ret ? ret : loaded->verb_more(method, parameters, verbose, tell,
					     arg, answer, err);
}

int local_console(const char *guest, bool verbose, struct error *err)
{
	int ret = open_part(err);

	return ret ? ret : loaded->console(guest, verbose, err);
}

int local_attach(int sock)
{
	return loaded->attach(sock);
}
