// SPDX-License-Identifier: GPL-2.0
/* chaos/xen/host.c: of which Xen chaos host warns. */
#include "harness.h"

#include "xen/host.h"

static void assert_fixed(const char *version, const char *fixed)
{
	const char *got = host_fixed_version(version);

	if (!fixed)
		assert_null(got);
	else
		assert_string_equal(got, fixed);
}

static void test_older(void **state)
{
	(void)state;
	assert_fixed("4.17.0", "4.17.7");
	assert_fixed("4.17.5-pre", "4.17.7");
	assert_fixed("4.17.6", "4.17.7");
	assert_fixed("4.20.0", "4.20.4");
	assert_fixed("4.20.3-pre", "4.20.4");
	assert_fixed("4.21.1", "4.21.2");
}

static void test_not_older(void **state)
{
	(void)state;
	assert_fixed("4.17.7", NULL);
	assert_fixed("4.17.10", NULL);
	assert_fixed("4.20.4", NULL);
	assert_fixed("4.20.5-pre", NULL);
	assert_fixed("4.21.2", NULL);
	assert_fixed("4.22.0", NULL);
}

/* It is for others to say that chaos isn't for these. */
static void test_other_branches(void **state)
{
	(void)state;
	assert_fixed("4.1.0", NULL);
	assert_fixed("4.2.0", NULL);
	assert_fixed("4.18.0", NULL);
	assert_fixed("4.21-unstable", NULL);
	assert_fixed("4.170.1", NULL);
	assert_fixed("", NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_older),
		cmocka_unit_test(test_not_older),
		cmocka_unit_test(test_other_branches),
	};

	return cmocka_run_group_tests_name("host", tests, NULL, NULL);
}
