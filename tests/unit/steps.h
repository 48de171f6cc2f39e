/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the tests of chaos/verbs/ share: a verb is asked for, and goes on, step by step,
 * about a guest "a" and at times that are the test's own.
 *
 * Who includes this has step(), which calls the verb.
 */
#ifndef _NOXS_TESTS_UNIT_STEPS_H
#define _NOXS_TESTS_UNIT_STEPS_H

#include "harness.h"

#include <json-c/json.h>
#include <time.h>

#include "guest/names.h"
#include "util/json.h"
#include "verbs/verbs.h"

#define DOMID	7

static int64_t now;
static struct access host;
static struct error err;

/* What is asked for, what was answered, and what it waits for. */
static const struct verb *verb;
static struct json_object *parameters, *answer;

static int step(void);

int __wrap_clock_gettime(clockid_t id, struct timespec *time);

int __wrap_clock_gettime(clockid_t id, struct timespec *time)
{
	(void)id;
	time->tv_sec = now / 1000;
	time->tv_nsec = now % 1000 * 1000000;
	return 0;
}

static void fill_guest(struct guest *guest)
{
	memset(guest, 0, sizeof(*guest));
	guest->domid = DOMID;
	guest->handle[0] = 1;
	guest->exists = true;
}

static int teardown(void **state)
{
	(void)state;
	json_object_put(parameters);
	json_object_put(answer);
	parameters = NULL;
	answer = NULL;
	return 0;
}

/* The first step is the caller's, after what else is in the parameters. */
static void ask_for(const struct verb *table, const char *method)
{
	teardown(NULL);
	for (verb = table; strcmp(verb->method, method); verb++)
		;
	parameters = json_object_new_object();
	doc_text(parameters, "guest", "a");
}

static int go_on(bool left)
{
	verb_go_on(parameters, json_object_get(answer), left);
	return step();
}

static void assert_answer(const char *text)
{
	assert_string_equal(json_object_to_json_string_ext(answer,
							   JSON_C_TO_STRING_PLAIN),
			    text);
}

#endif /* _NOXS_TESTS_UNIT_STEPS_H */
