// SPDX-License-Identifier: GPL-2.0
/* chaos/guest/record.c: how old a guest is, whatever becomes of the host's clock. */
#include "harness.h"

#include <json-c/json.h>
#include <time.h>

#include "guest/record.h"

static struct timespec booted, clock_now;

int __wrap_clock_gettime(clockid_t clock, struct timespec *time);

int __wrap_clock_gettime(clockid_t clock, struct timespec *time)
{
	*time = clock == CLOCK_BOOTTIME ? booted : clock_now;
	return 0;
}

static void test_age(void **state)
{
	struct record record = { .doc = json_object_new_object() };

	(void)state;
	booted = (struct timespec){ .tv_sec = 100, .tv_nsec = 5000000 };
	clock_now.tv_sec = 1800000000;
	assert_false(record_is_made(&record));
	record_set_made(&record);
	assert_true(record_is_made(&record));
	assert_int_equal(record_age(&record), 0);
	booted.tv_sec += 3;
	booted.tv_nsec += 2000000;
	clock_now.tv_sec += 3600;
	assert_int_equal(record_age(&record), 3002);
	clock_now.tv_sec -= 7200;
	assert_int_equal(record_age(&record), 3002);
	json_object_put(record.doc);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_age),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
