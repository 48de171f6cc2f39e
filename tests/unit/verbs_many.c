// SPDX-License-Identifier: GPL-2.0
/*
 * chaos/verbs/many.c: what comes next when many guests are made. What is done, and the time,
 * are the test's own.
 */
#include "harness.h"

#include <json-c/json.h>
#include <time.h>

#include "guest/check.h"
#include "util/json.h"
#include "util/signal.h"
#include "verbs/many.h"

#define COUNT	3

static int64_t now;
static struct access host;
/* All that was done, in short, and the first step that fails. */
static char done[1024];
static const char *failing;
static int signal_after, nr_done;
static char told[512];

int __wrap_clock_gettime(clockid_t id, struct timespec *time);

int __wrap_clock_gettime(clockid_t id, struct timespec *time)
{
	(void)id;
	time->tv_sec = now / 1000;
	time->tv_nsec = now % 1000 * 1000000;
	return 0;
}

bool guest_number_name(const char *name, unsigned int number, char *numbered)
{
	return sprintf(numbered, "%s-%u", name, number);
}

bool signals_pending(void)
{
	return signal_after && nr_done >= signal_after;
}

/* What each is asked for is said in a word. */
static void describe(const char *method, struct json_object *parameters, char *text)
{
	int wait = doc_get_number(parameters, "wait");

	if (!strcmp(method, "CreateMany"))
		sprintf(text, "check");
	else if (!strcmp(method, "Create"))
		sprintf(text, "make:%s", doc_get_text(parameters, "token"));
	else if (!strcmp(method, "Unpause"))
		sprintf(text, wait ? "wait:%s:%d" : "start:%s",
			doc_get_text(parameters, "guest"), wait);
	else if (!strcmp(method, "CreateUndoRest"))
		sprintf(text, "rest:%s", doc_get_text(parameters, "token"));
	else
		sprintf(text, "undo:%s:%s:%d", doc_get_text(parameters, "name"),
			doc_get_text(parameters, "token"),
			(int)doc_get_number(parameters, "domid"));
}

int verb_do(struct access *access, const char *method,
	    struct json_object *parameters, struct json_object **answer,
	    struct error *err)
{
	char text[64];

	assert_ptr_equal(access, &host);
	describe(method, parameters, text);
	sprintf(done + strlen(done), "%s ", text);
	nr_done++;
	now += 10;
	*answer = NULL;
	if (failing && strstr(text, failing))
		return error_set(err, -ENOMEM, "why not");
	*answer = json_object_new_object();
	if (!strcmp(method, "Create")) {
		assert_true(doc_get_bool(parameters, "paused"));
		assert_string_equal(doc_get_text(parameters, "config"), "c");
		doc_text(*answer, "name", "some");
		doc_number(*answer, "domid",
			   10 + doc_get_number(parameters, "number"));
		doc_text(*answer, "handle", "h");
	} else {
		doc_text(*answer, "name", "g");
	}
	return 0;
}

static void tell(struct json_object *answer, void *arg)
{
	assert_ptr_equal(arg, told);
	sprintf(told + strlen(told), "%d:%d:%d ",
		(int)doc_get_number(answer, "made"),
		(int)doc_get_number(answer, "number"),
		(int)doc_get_number(answer, "domid"));
}

static struct json_object *parameters_with(bool paused, int wait,
					   const char *token)
{
	struct json_object *parameters = json_object_new_object();

	doc_text(parameters, "config", "c");
	doc_text(parameters, "file", "f");
	doc_text(parameters, "directory", "/");
	doc_number(parameters, "count", COUNT);
	doc_bool(parameters, "paused", paused);
	doc_number(parameters, "wait", wait);
	doc_text(parameters, "token", token);
	return parameters;
}

static struct error err;
static struct json_object *answer;

static int make(bool paused, int wait)
{
	struct json_object *parameters = parameters_with(paused, wait, "t");
	int ret;

	*done = '\0';
	*told = '\0';
	nr_done = 0;
	now = 1000;
	json_object_put(answer);
	ret = many_do(&host, parameters, tell, told, &answer, &err);
	json_object_put(parameters);
	return ret;
}

static int setup(void **state)
{
	(void)state;
	failing = NULL;
	signal_after = 0;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	json_object_put(answer);
	answer = NULL;
	return 0;
}

#define MADE	"check make:t-1 make:t-2 make:t-3 "
#define STARTED	MADE "start:11 start:12 start:13 "
#define HALF	"check make:t-1 make:t-2 "
#define UNDONE	"undo:g-1:t-1:11 undo:g-2:t-2:12 undo:g-3:t-3:13 rest:t "

static void test_all(void **state)
{
	(void)state;
	assert_int_equal(make(false, 0), 0);
	assert_string_equal(done, STARTED);
	assert_string_equal(told, "1:1:11 2:2:12 3:3:13 ");
	assert_string_equal(json_object_to_json_string_ext(answer, 0),
			    "{\"made\":3}");
	assert_int_equal(make(true, 0), 0);
	assert_string_equal(done, MADE);
	/* All of them have the same deadline. */
	assert_int_equal(make(false, 15), 0);
	assert_string_equal(done, STARTED "wait:11:15 wait:12:5 wait:13:1 ");
	assert_int_equal(make(true, 500), 0);
	assert_string_equal(done, MADE);
}

static void test_none(void **state)
{
	(void)state;
	failing = "check";
	assert_int_equal(make(false, 0), -ENOMEM);
	/* What a chaosd made that was killed before it answered isn't left behind. */
	assert_string_equal(done, "check rest:t ");
	assert_string_equal(err.text, "why not");
	/* One that failed may have left something; who comes after it isn't made. */
	failing = "make:t-2";
	assert_int_equal(make(false, 0), -ENOMEM);
	assert_string_equal(done, HALF "undo:g-1:t-1:11 undo:g-2:t-2:0 rest:t ");
	assert_string_equal(err.text, "g-2: why not");
	assert_string_equal(doc_get_text(answer, "name"), "g");
	failing = "start:12";
	assert_int_equal(make(false, 0), -ENOMEM);
	assert_string_equal(done, MADE "start:11 start:12 " UNDONE);
	failing = "wait:13";
	assert_int_equal(make(false, 500), -ENOMEM);
	assert_string_equal(done, STARTED "wait:11:500 wait:12:490 wait:13:480 "
			    UNDONE);
	/* The reason is the first one; what stays is said besides. */
	failing = ":t-2";
	assert_int_equal(make(false, 0), -ENOMEM);
	assert_string_equal(err.text, "g-2: why not; and undoing g-2: why not");
	failing = ":t";
	assert_int_equal(make(false, 0), -ENOMEM);
	assert_string_equal(err.text,
			    "g-1: why not; and undoing g-1: why not; and undoing the rest: why not");
}

static void test_signal(void **state)
{
	(void)state;
	signal_after = 3;
	assert_int_equal(make(false, 0), -EINTR);
	assert_string_equal(done, HALF "undo:g-1:t-1:11 undo:g-2:t-2:12 rest:t ");
	assert_string_equal(err.text, "interrupted");
	signal_after = 1;
	assert_int_equal(make(false, 0), -EINTR);
	assert_string_equal(done, "check rest:t ");
	/* What is done is done. */
	signal_after = 7;
	assert_int_equal(make(false, 0), 0);
}

/* One more than may be, and none of the next kind before all of this one are done. */
static void test_side(void **state)
{
	struct json_object *parameters = parameters_with(false, 0, NULL), *its;
	struct many *many = many_begin(parameters, 2);
	unsigned int first, second, third;
	const char *method;
	char text[64];

	(void)state;
	json_object_put(parameters);
	assert_true(many_next(many, &first, &method, &its));
	json_object_put(its);
	assert_false(many_next(many, &second, &method, &its));
	assert_null(many_done(many, first, 0, NULL, &err));
	assert_true(many_next(many, &first, &method, &its));
	/* Who gave no token has one all the same. */
	describe(method, its, text);
	assert_int_equal(strlen(text), strlen("make:") + UUID_TEXT - 1 + 2);
	json_object_put(its);
	assert_true(many_next(many, &second, &method, &its));
	json_object_put(its);
	assert_false(many_next(many, &third, &method, &its));
	json_object_put(many_done(many, second, 0, NULL, &err));
	assert_true(many_next(many, &third, &method, &its));
	json_object_put(its);
	json_object_put(many_done(many, third, 0, NULL, &err));
	assert_false(many_next(many, &third, &method, &its));
	assert_true(many_stop(many));
	assert_false(many_ended(many));
	json_object_put(many_done(many, first, 0, NULL, &err));
	assert_false(many_stop(many));
	while (many_next(many, &first, &method, &its)) {
		assert_string_equal(method, "CreateUndo");
		json_object_put(its);
		assert_null(many_done(many, first, 0, NULL, &err));
	}
	assert_true(many_ended(many));
	assert_int_equal(many_end(many, &answer, &err), -EINTR);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_all, setup, teardown),
		cmocka_unit_test_setup_teardown(test_none, setup, teardown),
		cmocka_unit_test_setup_teardown(test_signal, setup, teardown),
		cmocka_unit_test_setup_teardown(test_side, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
