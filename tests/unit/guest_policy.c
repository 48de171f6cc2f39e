// SPDX-License-Identifier: GPL-2.0
/* chaos/guest/policy.c: what becomes of guests that have ended, and when. */
#include "harness.h"

#include "guest/policy.h"

static void test_endings(void **state)
{
	(void)state;
	assert_string_equal(policy_key(ENDING_POWEROFF), "on_poweroff");
	assert_string_equal(policy_key(ENDING_REBOOT), "on_reboot");
	assert_string_equal(policy_key(ENDING_CRASH), "on_crash");
	assert_string_equal(policy_key(ENDING_WATCHDOG), "on_crash");
	assert_string_equal(policy_key(ENDING_SOFT_RESET), "on_reboot");
	assert_string_equal(policy_key(ENDING_UNKNOWN), "on_crash");
	assert_null(policy_key(ENDING_SUSPEND));
	assert_null(policy_key(ENDING_NONE));
}

/* To start it again is for whoever has it. */
static void test_run(void **state)
{
	(void)state;
	assert_int_equal(policy_of_run(ENDING_POWEROFF, CONFIG_PRESERVE),
			 CONFIG_PRESERVE);
	assert_int_equal(policy_of_run(ENDING_REBOOT, CONFIG_RESTART),
			 CONFIG_DESTROY);
	assert_int_equal(policy_of_run(ENDING_CRASH, CONFIG_DESTROY),
			 CONFIG_DESTROY);
	assert_int_equal(policy_of_run(ENDING_SUSPEND, CONFIG_PRESERVE),
			 CONFIG_DESTROY);
}

static void test_status(void **state)
{
	(void)state;
	assert_int_equal(policy_status(ENDING_POWEROFF, CONFIG_DESTROY, true), 0);
	assert_int_equal(policy_status(ENDING_REBOOT, CONFIG_RESTART, true), 3);
	assert_int_equal(policy_status(ENDING_SOFT_RESET, CONFIG_RESTART, true), 3);
	/* Whoever was told to end it doesn't want it back. */
	assert_int_equal(policy_status(ENDING_REBOOT, CONFIG_RESTART, false), 0);
	assert_int_equal(policy_status(ENDING_REBOOT, CONFIG_PRESERVE, true), 0);
	assert_int_equal(policy_status(ENDING_CRASH, CONFIG_RESTART, true), 3);
	assert_int_equal(policy_status(ENDING_CRASH, CONFIG_PRESERVE, true), 4);
	assert_int_equal(policy_status(ENDING_WATCHDOG, CONFIG_DESTROY, true), 4);
	assert_int_equal(policy_status(ENDING_UNKNOWN, CONFIG_DESTROY, true), 4);
	assert_int_equal(policy_status(ENDING_KILLED, CONFIG_RESTART, true), 5);
	assert_int_equal(policy_status(ENDING_SUSPEND, CONFIG_RESTART, true), 7);
}

/* At once, then later and later, and never more than five minutes. */
static void test_delays(void **state)
{
	unsigned int times, last = 0;

	(void)state;
	assert_int_equal(policy_delay(0), 0);
	assert_int_equal(policy_delay(1), 1000);
	assert_int_equal(policy_delay(2), 2000);
	assert_int_equal(policy_delay(9), 256000);
	assert_int_equal(policy_delay(10), 300000);
	for (times = 0; times < 100; times++) {
		assert_true(policy_delay(times) >= last);
		last = policy_delay(times);
	}
	assert_int_equal(policy_delay(~0U), 300000);
}

static void test_long_life_begins_anew(void **state)
{
	(void)state;
	assert_int_equal(policy_restarts(0, 0), 1);
	assert_int_equal(policy_restarts(5, 599999), 6);
	assert_int_equal(policy_restarts(5, 600000), 0);
	assert_int_equal(policy_restarts(~0U, 0), ~0U);
	/* The clock was set back. */
	assert_int_equal(policy_restarts(5, -1), 6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_endings),
		cmocka_unit_test(test_run),
		cmocka_unit_test(test_status),
		cmocka_unit_test(test_delays),
		cmocka_unit_test(test_long_life_begins_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
