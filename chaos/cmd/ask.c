// SPDX-License-Identifier: GPL-2.0
/*
 * Something is done to a guest, by chaosd if it runs. It is the same function that does it,
 * in verbs/, in a worker of chaosd's or here.
 */
#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>

#include "client/client.h"
#include "cmd/ask.h"
#include "cmd/open.h"
#include "util/json.h"
#include "util/signal.h"

#define TRIES_MAX	10

/* @looks: whoever is killed meanwhile leaves nothing half done. Return: as ask(). */
static int ask_once(const char *method, struct json_object *parameters,
		    const struct options *options, bool looks,
		    struct json_object **answer, struct error *err)
{
	struct json_object *got = NULL;
	int ret;

	daemon_show_wait(options->json ? 0 : doc_get_number(parameters, "wait"));
	ret = daemon_do(method, parameters, &got, err);
	daemon_show_wait(0);
	if (ret > 0) {
		/* Who is killed half way can't undo it. */
		if (!looks)
			signals_block();
		ret = local_verb(method, parameters, options->verbose, &got,
				 err);
	}
	json_object_put(parameters);
	if (answer)
		*answer = got;
	else
		json_object_put(got);
	return ret;
}

int ask(const char *method, struct json_object *parameters,
	const struct options *options, struct json_object **answer,
	struct error *err)
{
	return ask_once(method, parameters, options, false, answer, err);
}

/* Return: as ask(); @tries says how often it was tried. */
static int ask_till(const char *method, struct json_object *parameters,
		    const struct options *options, bool looks,
		    struct json_object **answer, int *tries, struct error *err)
{
	int ret = -EPIPE;

	*answer = NULL;
	for (*tries = 0; *tries < TRIES_MAX && ret == -EPIPE; ++*tries) {
		json_object_put(*answer);
		ret = ask_once(method, json_object_get(parameters), options,
			       looks, answer, err);
	}
	json_object_put(parameters);
	return ret;
}

int ask_look(const char *method, struct json_object *parameters,
	     const struct options *options, struct json_object **answer,
	     struct error *err)
{
	int tries;

	return ask_till(method, parameters, options, true, answer, &tries, err);
}

int ask_again(const char *method, struct json_object *parameters,
	      const struct options *options, bool gone, struct error *err)
{
	struct json_object *answer;
	int tries, ret;

	ret = ask_till(method, parameters, options, false, &answer, &tries,
		       err);
	json_object_put(answer);
	return gone && tries > 1 && ret == -ENOENT ? 0 : ret;
}

int ask_more(const char *method, struct json_object *parameters,
	     const struct options *options,
	     void (*tell)(struct json_object *answer, void *arg), void *arg,
	     struct json_object **answer, struct error *err)
{
	int ret;

	*answer = NULL;
	ret = daemon_do_more(method, parameters, tell, arg, answer, err);
	if (ret > 0) {
		signals_block();
		ret = local_verb_more(method, parameters, options->verbose,
				      tell, arg, answer, err);
	}
	json_object_put(parameters);
	return ret;
}

int ask_all(const char *method, struct json_object *parameters,
	    const struct options *options,
	    void (*tell)(struct json_object *answer, void *arg), void *arg,
	    struct error *err)
{
	struct json_object *answer = NULL;
	int tries, ret = -EPIPE;

	for (tries = 0; tries < TRIES_MAX && ret == -EPIPE; tries++) {
		json_object_put(answer);
		ret = ask_more(method, json_object_get(parameters), options,
			       tell, arg, &answer, err);
	}
	json_object_put(parameters);
	if (!ret)
		ret = doc_get_number(answer, "failed");
	json_object_put(answer);
	return ret;
}

struct json_object *ask_of(const char *guest)
{
	struct json_object *parameters = json_object_new_object();

	doc_text(parameters, "guest", guest);
	return parameters;
}

int ask_report(const struct command *command, const char *guest, int ret,
	       const struct error *err)
{
	int status = ret ? report(command->name, guest, err) : EXIT_SUCCESS;

	ask_end();
	return status;
}

void ask_end(void)
{
	signals_unblock();
}
