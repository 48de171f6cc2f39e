// SPDX-License-Identifier: GPL-2.0
/*
 * chaos/verbs/all.c: the same is done to all guests at a time. What is done, the guests and
 * the time are the test's own.
 */
#include "harness.h"

#include <json-c/json.h>
#include <time.h>

#include "guest/record.h"
#include "util/json.h"
#include "util/signal.h"
#include "verbs/verbs.h"

#define GUESTS	3

/* How often each has to be looked at, what comes of it then, and how often it was. */
static int steps[GUESTS], rets[GUESTS], nr_steps[GUESTS];
static bool is_unmade, no_memory;
static int nr_sleeps, signal_after, xen_ret;
static struct access host;
static char told[256];

int __wrap_nanosleep(const struct timespec *time, struct timespec *left);
int __real_json_object_deep_copy(struct json_object *from, struct json_object **to,
				 json_c_shallow_copy_fn *copy);
int __wrap_json_object_deep_copy(struct json_object *from, struct json_object **to,
				 json_c_shallow_copy_fn *copy);

int __wrap_nanosleep(const struct timespec *time, struct timespec *left)
{
	(void)left;
	assert_int_equal(time->tv_nsec, VERB_LOOK_MS * 1000000);
	assert_true(++nr_sleeps < 100);
	return 0;
}

int __wrap_json_object_deep_copy(struct json_object *from, struct json_object **to,
				 json_c_shallow_copy_fn *copy)
{
	return no_memory ? -1 : __real_json_object_deep_copy(from, to, copy);
}

bool signals_pending(void)
{
	return signal_after && nr_sleeps >= signal_after;
}

int access_xen(struct access *access, struct error *err)
{
	assert_ptr_equal(access, &host);
	return xen_ret ? error_set(err, xen_ret, "no Xen") : 0;
}

int access_noxs(struct access *access, struct error *err)
{
	(void)access;
	(void)err;
	return 0;
}

bool record_is_made(const struct record *record)
{
	return !is_unmade || record->domid != 1;
}

void records_each(void (*fn)(struct record *record, void *arg), void *arg)
{
	struct record record = { 0 };

	for (record.domid = 0; record.domid < GUESTS; record.domid++) {
		snprintf(record.name, sizeof(record.name), "g%u", record.domid);
		fn(&record, arg);
	}
}

void verb_go_on(struct json_object *parameters, struct json_object *waited,
		bool left)
{
	json_object_object_add(parameters, "waited", waited);
	doc_bool(parameters, "left", left);
}

int verb_step(struct access *access, const char *method,
	      struct json_object *parameters, struct json_object **answer,
	      struct error *err)
{
	int which = atoi(doc_get_text(parameters, "guest"));

	assert_ptr_equal(access, &host);
	assert_string_equal(method, "Shutdown");
	assert_true(doc_get_bool(parameters, "all"));
	assert_int_equal(doc_get_number(parameters, "wait"), 5);
	/* It has what it has waited for. */
	assert_int_equal(doc_get_number(json_object_object_get(parameters, "waited"),
					"step"), nr_steps[which]);
	if (doc_get_bool(parameters, "left"))
		return error_set(err, -EINTR, "interrupted");
	if (++nr_steps[which] > steps[which] && rets[which])
		return error_set(err, rets[which], "why not");
	*answer = json_object_new_object();
	doc_number(*answer, "step", nr_steps[which]);
	return nr_steps[which] > steps[which] ? 0 : VERB_WAITS;
}

static void tell(struct json_object *answer, void *arg)
{
	assert_ptr_equal(arg, told);
	snprintf(told + strlen(told), sizeof(told) - strlen(told), "%s: %s; ",
		 doc_get_text(answer, "guest"), doc_get_text(answer, "text"));
}

static int setup(void **state)
{
	(void)state;
	memset(steps, 0, sizeof(steps));
	memset(rets, 0, sizeof(rets));
	memset(nr_steps, 0, sizeof(nr_steps));
	*told = '\0';
	nr_sleeps = 0;
	signal_after = 0;
	is_unmade = false;
	return 0;
}

/* Return: how many it failed for. */
static int do_all(void)
{
	struct json_object *parameters = json_object_new_object(), *answer;
	struct error err;
	int ret;

	doc_number(parameters, "wait", 5);
	ret = verb_do_all(&host, "Shutdown", parameters, tell, told, &answer, &err);
	json_object_put(parameters);
	if (ret)
		return ret;
	ret = doc_get_number(answer, "failed");
	json_object_put(answer);
	return ret;
}

/* Nobody waits for another one. */
static void test_together(void **state)
{
	(void)state;
	steps[0] = 4;
	steps[1] = 2;
	rets[1] = -ETIMEDOUT;
	assert_int_equal(do_all(), 1);
	assert_string_equal(told, "g1: why not; ");
	assert_int_equal(nr_steps[0], 5);
	assert_int_equal(nr_steps[1], 3);
	assert_int_equal(nr_steps[2], 1);
	assert_int_equal(nr_sleeps, 4);
}

static void test_signal(void **state)
{
	(void)state;
	steps[0] = 50;
	steps[1] = 50;
	signal_after = 3;
	assert_int_equal(do_all(), 2);
	assert_string_equal(told, "g1: interrupted; g0: interrupted; ");
	assert_int_equal(nr_sleeps, 3);
}

static void test_who(void **state)
{
	(void)state;
	is_unmade = true;
	assert_int_equal(do_all(), 0);
	assert_int_equal(nr_steps[1], 0);
	assert_int_equal(nr_steps[2], 1);
	no_memory = true;
	assert_int_equal(do_all(), 2);
	no_memory = false;
	xen_ret = -EACCES;
	assert_int_equal(do_all(), -EACCES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_together, setup),
		cmocka_unit_test_setup(test_signal, setup),
		cmocka_unit_test_setup(test_who, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
