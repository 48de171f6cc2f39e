// SPDX-License-Identifier: GPL-2.0
/* chaos/console/logs.c: which logs of guests that are gone go, too. */
#include "harness.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "console/logs.h"

static char dir[64];

static const char *path_of(const char *file)
{
	static char path[512];

	snprintf(path, sizeof(path), "%s/%s", dir, file);
	return path;
}

/* The longer ago, the larger @age. */
static void make(const char *file, int age)
{
	const struct timespec times[2] = {
		{ .tv_nsec = UTIME_OMIT },
		{ .tv_sec = 1000 - age / 10, .tv_nsec = 1000 - age % 10 },
	};
	int fd = open(path_of(file), O_WRONLY | O_CREAT, 0600);

	assert_true(fd >= 0);
	assert_int_equal(futimens(fd, times), 0);
	close(fd);
}

/* Also removes it. */
static bool is_there(const char *file)
{
	return !unlink(path_of(file));
}

static bool exists(const char *name)
{
	return !strcmp(name, "here") || !strcmp(name, "a.log");
}

static int setup(void **state)
{
	(void)state;
	sprintf(dir, "/tmp/console_logs.XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

/* Nothing else is there. */
static int teardown(void **state)
{
	(void)state;
	return rmdir(dir);
}

static void test_oldest_go(void **state)
{
	(void)state;
	make("console-one.log", 10);
	make("console-one.log.1", 40);
	make("console-two.log", 21);
	make("console-three.log", 20);
	make("console-four.log", 30);
	logs_tidy(dir, 3, 0, exists);
	assert_true(is_there("console-one.log"));
	assert_true(is_there("console-two.log"));
	assert_true(is_there("console-three.log"));
	assert_false(is_there("console-one.log.1"));
	assert_false(is_there("console-four.log"));
}

static void test_guests_stay(void **state)
{
	(void)state;
	make("console-here.log", 90);
	make("console-here.log.1", 91);
	make("console-a.log.log", 92);
	make("console-gone.log", 1);
	make("console-gone.log.1", 2);
	logs_tidy(dir, 1, 0, exists);
	assert_true(is_there("console-here.log"));
	assert_true(is_there("console-here.log.1"));
	assert_true(is_there("console-a.log.log"));
	assert_true(is_there("console-gone.log"));
	assert_false(is_there("console-gone.log.1"));
}

static void test_others_stay(void **state)
{
	static const char *const others[] = {
		"console-", "console-x", "console-.log", "console-x.log.2",
		"other-x.log", "x.log", ".log",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(others) / sizeof(*others); i++)
		make(others[i], i);
	logs_tidy(dir, 0, 0, exists);
	for (i = 0; i < sizeof(others) / sizeof(*others); i++)
		assert_true(is_there(others[i]));
}

static void make_now(const char *file, time_t age)
{
	const struct timespec times[2] = {
		{ .tv_nsec = UTIME_OMIT }, { .tv_sec = time(NULL) - age },
	};

	make(file, 0);
	assert_int_equal(utimensat(AT_FDCWD, path_of(file), times, 0), 0);
}

/* However few there are. One that is from the future is new. */
static void test_old_go(void **state)
{
	(void)state;
	make_now("console-old.log", 1000);
	make_now("console-new.log", 100);
	make_now("console-next.log", -100);
	make_now("console-here.log", 1000);
	logs_tidy(dir, 10, 500, exists);
	assert_false(is_there("console-old.log"));
	assert_true(is_there("console-new.log"));
	assert_true(is_there("console-next.log"));
	assert_true(is_there("console-here.log"));
}

static void test_no_directory(void **state)
{
	(void)state;
	logs_tidy("/nonexistent", 0, 0, exists);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_oldest_go, setup, teardown),
		cmocka_unit_test_setup_teardown(test_guests_stay, setup, teardown),
		cmocka_unit_test_setup_teardown(test_others_stay, setup, teardown),
		cmocka_unit_test_setup_teardown(test_old_go, setup, teardown),
		cmocka_unit_test(test_no_directory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
