// SPDX-License-Identifier: GPL-2.0
/* chaos/util/progress.c: what a user sees of something that takes long. */
#include "harness.h"

#include <time.h>

#include "util/progress.h"

int __wrap_isatty(int fd);
int __wrap_clock_gettime(clockid_t id, struct timespec *time);

/* What is written over what was there. */
#define LINE(text) "\r" text "\033[K"

static bool is_terminal;
static int64_t now;
static char text[1024];
static FILE *former;

int __wrap_isatty(int fd)
{
	assert_int_equal(fd, 2);
	return is_terminal;
}

int __wrap_clock_gettime(clockid_t id, struct timespec *time)
{
	(void)id;
	time->tv_sec = now / 1000;
	time->tv_nsec = now % 1000 * 1000000;
	return 0;
}

static void begin(struct progress *progress, bool terminal, bool is_wanted)
{
	memset(text, 0, sizeof(text));
	former = stderr;
	stderr = fmemopen(text, sizeof(text), "w");
	assert_non_null(stderr);
	is_terminal = terminal;
	now = 5000;
	progress_begin(progress, "make", is_wanted);
}

static const char *end(struct progress *progress)
{
	progress_end(progress);
	fclose(stderr);
	stderr = former;
	return text;
}

static void test_shown(void **state)
{
	struct progress progress;

	(void)state;
	begin(&progress, true, true);
	now += 999;
	progress_show(&progress, 1, 10);
	now += 1;
	progress_show(&progress, 2, 10);
	now += 199;
	progress_show(&progress, 3, 10);
	now += 1;
	progress_show(&progress, 5, 10);
	now += 10000;
	progress_show(&progress, 10, 10);
	assert_string_equal(end(&progress), LINE("make: 20 %, 4 s left")
			    LINE("make: 50 %, 1 s left")
			    LINE("make: 100 %, 0 s left") LINE(""));
}

/* What can't be known isn't told, and hours are told as minutes. */
static void test_ends(void **state)
{
	struct progress progress;

	(void)state;
	begin(&progress, true, true);
	now += 2000;
	progress_show(&progress, 0, 10);
	progress_show(&progress, 1, 0);
	progress_show(&progress, 11, 10);
	now += 2000;
	progress_show(&progress, 1, 1001);
	assert_string_equal(end(&progress), LINE("make: 0 %")
			    LINE("make: 0 %, 66 min left") LINE(""));
}

static void test_wait(void **state)
{
	struct progress progress;

	(void)state;
	begin(&progress, true, true);
	now += 999;
	progress_wait(&progress, 9000);
	now += 1;
	progress_wait(&progress, 8001);
	now += 199;
	progress_wait(&progress, 7800);
	now += 1;
	progress_wait(&progress, 7000);
	now += 10000;
	progress_wait(&progress, -3000);
	assert_string_equal(end(&progress), LINE("make: at most 9 s")
			    LINE("make: at most 7 s") LINE("make: at most 0 s")
			    LINE(""));
	begin(&progress, false, true);
	now += 2000;
	progress_wait(&progress, 9000);
	assert_string_equal(end(&progress), "");
}

static void test_not_shown(void **state)
{
	struct progress progress;

	(void)state;
	progress_show(NULL, 1, 2);
	begin(&progress, false, true);
	now += 2000;
	progress_show(&progress, 1, 10);
	assert_string_equal(end(&progress), "");
	begin(&progress, true, false);
	now += 2000;
	progress_show(&progress, 1, 10);
	assert_string_equal(end(&progress), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shown),
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_wait),
		cmocka_unit_test(test_not_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
