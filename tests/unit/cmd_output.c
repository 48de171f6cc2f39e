// SPDX-License-Identifier: GPL-2.0
/*
 * chaos/cmd/output.c: the command line is read as the manual says, and what is wrong
 * with it is named.
 */
#include "harness.h"

#include <getopt.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/output.h"
#include "config/config.h"

#define WORDS_MAX	8

/* What is said after -j. */
#define JSON(command, object, key, text) "{\"command\":" command \
	",\"object\":" object ",\"" key "\":\"" text "\"}\n"

static const struct command command = {
	.name = "some", .usage = "some [-j] FILE",
};

static char line[256];
static char *words[WORDS_MAX + 1];
static int count;

/* A command line, whose words have no spaces in them. */
static void type(const char *text)
{
	char *rest = line, *word;

	snprintf(line, sizeof(line), "%s", text);
	for (count = 0; (word = strsep(&rest, " ")); count++) {
		assert_true(count < WORDS_MAX);
		words[count] = word;
	}
	words[count] = NULL;
	optind = 0;
}

/* What the user is told; stderr is a variable. */
static char *told(const struct command *about)
{
	static char text[512];
	FILE *former = stderr;

	stderr = fmemopen(text, sizeof(text), "w");
	assert_non_null(stderr);
	assert_int_equal(usage_error(about), EXIT_USAGE);
	fclose(stderr);
	stderr = former;
	return text;
}

static int next(void)
{
	static const struct option longs[] = {
		{ "long-one", no_argument, NULL, 300 }, { NULL, 0, NULL, 0 },
	};

	return next_option(count, words, "an:w::", longs);
}

static void test_options(void **state)
{
	struct options options = { 0 };

	(void)state;
	type("some -a file -jn 5 --long-one -v");
	assert_int_equal(next(), 'a');
	assert_false(options_take(&options, 'a'));
	assert_int_equal(next(), 'j');
	assert_true(options_take(&options, 'j'));
	assert_int_equal(next(), 'n');
	assert_string_equal(optarg, "5");
	assert_int_equal(next(), 300);
	assert_int_equal(next(), 'v');
	assert_true(options_take(&options, 'v'));
	assert_true(options.json && options.verbose);
	assert_int_equal(next(), -1);
	assert_string_equal(words[optind], "file");
	/* From now on. */
	assert_string_equal(told(&command),
			    JSON("\"some\"", "null", "error",
				 "usage: chaos some [-j] FILE"));
	assert_string_equal(told(NULL),
			    JSON("null", "null", "error",
				 "usage: chaos " SYNOPSIS));
}

/* What the user is told of what fails. */
static char *reported(void (*fn)(void))
{
	static char text[512];
	FILE *former = stderr;

	stderr = fmemopen(text, sizeof(text), "w");
	assert_non_null(stderr);
	fn();
	fclose(stderr);
	stderr = former;
	return text;
}

static void failing(void)
{
	struct error err;

	error_set(&err, -ENOENT, "no \"such\" guest");
	assert_int_equal(report("some", "web", &err), EXIT_FAILURE);
}

static void warn(void)
{
	report_warning("some", NULL, "it makes no difference");
}

static void fail_config(void)
{
	assert_int_equal(report_config("some", strdup("a: wrong\nb: as well\n"),
				       NULL), EXIT_FAILURE);
}

static void test_reports(void **state)
{
	(void)state;
	assert_string_equal(reported(failing),
			    "chaos: some: web: no \"such\" guest\n");
	assert_string_equal(reported(warn),
			    "chaos: some: warning: it makes no difference\n");
	assert_string_equal(reported(fail_config),
			    "chaos: some: a: wrong\nchaos: some: b: as well\n");
}

static void test_reports_json(void **state)
{
	(void)state;
	assert_string_equal(reported(failing),
			    JSON("\"some\"", "\"web\"", "error",
				 "no \\\"such\\\" guest"));
	assert_string_equal(reported(warn),
			    JSON("\"some\"", "null", "warning",
				 "it makes no difference"));
	assert_string_equal(reported(fail_config),
			    JSON("\"some\"", "null", "error", "a: wrong")
			    JSON("\"some\"", "null", "error", "b: as well"));
}

static void test_in_order(void **state)
{
	(void)state;
	type("chaos -j some -a");
	assert_int_equal(next_option(count, words, "+hV", NULL), 'j');
	assert_int_equal(next_option(count, words, "+hV", NULL), -1);
	assert_int_equal(optind, 2);
	assert_string_equal(told(NULL), "usage: chaos " SYNOPSIS "\n");
}

static void test_wrong_options(void **state)
{
	static const struct {
		const char *typed;
		const char *told;
	} wrong[] = {
		{ "some -Z", "-Z: no such option" },
		{ "some file -aZ", "-Z: no such option" },
		{ "some --nonsense", "--nonsense: no such option" },
		{ "some --long-one=5", "--long-one=5: no such option" },
		{ "some -n", "-n: needs a value" },
		{ "some --\033[1m", "--?[1m: no such option" },
	};
	char text[256];
	size_t i;
	int opt;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		type(wrong[i].typed);
		do {
			opt = next();
		} while (opt == 'a');
		assert_int_equal(opt, '?');
		snprintf(text, sizeof(text),
			 "chaos: some: %s; \"chaos some -h\" tells what there is\n",
			 wrong[i].told);
		assert_string_equal(told(&command), text);
	}
	/* What the command itself doesn't take. */
	type("some -n 5 -a");
	assert_int_equal(next(), 'n');
	assert_string_equal(told(&command),
			    "chaos: some: -n: can't be \"5\"; \"chaos some -h\" tells what there is\n");
	assert_int_equal(next(), 'a');
	assert_string_equal(told(&command),
			    "chaos: some: -a: no such option; \"chaos some -h\" tells what there is\n");
	type("chaos -Z");
	assert_int_equal(next_option(count, words, "+hV", NULL), '?');
	assert_string_equal(told(NULL),
			    "chaos: -Z: no such option; \"chaos -h\" tells what there is\n");
}

static void test_wait(void **state)
{
	static const struct {
		const char *typed;
		int ms;
		const char *rest;
	} waits[] = {
		{ "some -w guest", WAIT_MS, "guest" },
		{ "some guest -w", WAIT_MS, "guest" },
		{ "some -w 5 guest", 5000, "guest" },
		{ "some guest -w 5", 5000, "guest" },
		{ "some guest -w 0.5", 500, "guest" },
		{ "some -w5 guest", 5000, "guest" },
		{ "some -w 5g", WAIT_MS, "5g" },
		{ "some -w -- 7", WAIT_MS, "7" },
		{ "some -w 7", 7000, NULL },
		{ "some -w 0 guest", 0, NULL },
		{ "some -w5x guest", 0, NULL },
		{ "some -w 86401 guest", 0, NULL },
		{ "some -w 1.2.3 guest", 0, NULL },
	};
	size_t i;
	int ms;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(waits); i++) {
		type(waits[i].typed);
		assert_int_equal(next(), 'w');
		assert_int_equal(get_wait(count, words, &ms), waits[i].ms > 0);
		if (!waits[i].ms) {
			assert_non_null(strstr(told(&command), "-w: can't be"));
			continue;
		}
		assert_int_equal(ms, waits[i].ms);
		assert_int_equal(next(), -1);
		if (waits[i].rest)
			assert_string_equal(words[optind], waits[i].rest);
		assert_int_equal(optind, count - !!waits[i].rest);
	}
}

static bool is_file(const char *text)
{
	type(text);
	while (next() != -1)
		;
	return has_file(count, words);
}

static void test_has_file(void **state)
{
	(void)state;
	assert_true(is_file("some file"));
	assert_true(is_file("some file a=1 b=[2]"));
	assert_true(is_file("some -j file a=1"));
	assert_false(is_file("some"));
	assert_false(is_file("some -j"));
	assert_false(is_file("some file other"));
	assert_false(is_file("some file a=1 other"));
}

static void test_uptime(void **state)
{
	static const struct {
		int64_t seconds;
		const char *text;
	} times[] = {
		{ 0, "00:00:00" },
		{ 59, "00:00:59" },
		{ 3661, "01:01:01" },
		{ 86399, "23:59:59" },
		{ 86400, "1 day, 00:00:00" },
		{ 5 * 86400 + 12 * 3600 + 34 * 60 + 56, "5 days, 12:34:56" },
		{ 24855LL * 86400, "24855 days, 00:00:00" },
	};
	char text[32];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(times); i++)
		assert_string_equal(format_uptime(times[i].seconds, text,
						  sizeof(text)),
				    times[i].text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_in_order),
		cmocka_unit_test(test_wrong_options),
		cmocka_unit_test(test_wait),
		cmocka_unit_test(test_has_file),
		cmocka_unit_test(test_uptime),
		cmocka_unit_test(test_reports),
		/* After -j. */
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_reports_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
