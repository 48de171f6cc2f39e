// SPDX-License-Identifier: GPL-2.0
/*
 * local.so: see cmd/open.h.
 */
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "cmd/open.h"
#include "console/drainer.h"
#include "util/chaos.h"
#include "util/util.h"
#include "verbs/verbs.h"

static const struct command *const commands[] = {
	&dump_core_command,
	&console_command,
	&pool_command,
	&events_command,
	&dmesg_command,
	&version_command,
};

static int find_command(const char *name, const struct options *options,
			const struct command **command, struct error *err)
{
	size_t i;

	output_as(options);
	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		if (strcmp(commands[i]->name, name))
			continue;
		*command = commands[i];
		return 0;
	}
	return error_set(err, -ENOENT, "no such command");
}

static int do_verb(const char *method, struct json_object *parameters,
		   bool verbose, struct json_object **answer,
		   struct error *err)
{
	struct access access = { .verbose = verbose };
	int ret;

	ret = verb_do(&access, method, parameters, answer, err);
	access_close(&access);
	return ret;
}

static int do_verb_more(const char *method, struct json_object *parameters,
			bool verbose,
			void (*tell)(struct json_object *answer, void *arg),
			void *arg, struct json_object **answer,
			struct error *err)
{
	struct access access = { .verbose = verbose };
	int ret;

	ret = verb_do_more(&access, method, parameters, tell, arg, answer, err);
	access_close(&access);
	return ret;
}

const struct local_part local_part = {
	.part.build = CHAOS_BUILD,
	.command = find_command,
	.drainer = drainer_main,
	.verb = do_verb,
	.verb_more = do_verb_more,
	.console = console_connect,
	.attach = console_attach,
};
