// SPDX-License-Identifier: GPL-2.0
/*
 * Something is done to a guest, by chaosd if it runs. It is the same function that does it,
 * in verbs/, in a worker of chaosd's or here.
 */
#include <errno.h>
#include <json-c/json.h>

#include "client/client.h"
#include "cmd/ask.h"
#include "cmd/open.h"
#include "util/signal.h"

#define TRIES_MAX	10

int ask(const char *method, struct json_object *parameters,
	const struct options *options, struct json_object **answer,
	struct error *err)
{
	struct json_object *got;
	int ret;

	ret = daemon_do(method, parameters, &got, err);
	if (ret > 0) {
		/* Who is killed half way can't undo it. */
		signals_block();
		ret = local_verb(method, parameters, options->verbose, &got,
				 err);
	}
	json_object_put(parameters);
	if (ret)
		return ret;
	if (answer)
		*answer = got;
	else
		json_object_put(got);
	return 0;
}

int ask_again(const char *method, struct json_object *parameters,
	      const struct options *options, bool gone, struct error *err)
{
	int tries, ret = -EPIPE;

	for (tries = 0; tries < TRIES_MAX && ret == -EPIPE; tries++)
		ret = ask(method, json_object_get(parameters), options, NULL,
			  err);
	json_object_put(parameters);
	return gone && tries > 1 && ret == -ENOENT ? 0 : ret;
}

void ask_end(void)
{
	signals_unblock();
}
