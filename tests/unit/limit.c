// SPDX-License-Identifier: GPL-2.0
/* blkback-noxs/limit.c: how much I/O a guest with limits may do, and when. */
#include "harness.h"

#include "../../blkback-noxs/limit.h"

#define MS	1000000ULL	/* in ns */
#define SEC	(1000 * MS)

static void test_no_limit(void **state)
{
	struct blkback_limit limit = { 0 };

	(void)state;
	assert_false(blkback_limit_is_set(&limit));
	blkback_limit_take(&limit, ~0U, 5 * MS);
	assert_int_equal(blkback_limit_wait(&limit, 5 * MS), 0);
}

/* At 100 a second, each takes 10 ms; what is due within 50 ms may be done. */
static void test_requests(void **state)
{
	struct blkback_limit limit = { .iops = 100 };
	u64 now = 7 * SEC;
	unsigned int i;

	(void)state;
	assert_true(blkback_limit_is_set(&limit));
	for (i = 0; i < 6; i++) {
		assert_int_equal(blkback_limit_wait(&limit, now), 0);
		blkback_limit_take(&limit, 1 << 20, now);
	}
	assert_int_equal(blkback_limit_wait(&limit, now), now + 10 * MS);
	assert_int_equal(blkback_limit_wait(&limit, now + 10 * MS - 1), now + 10 * MS);
	assert_int_equal(blkback_limit_wait(&limit, now + 10 * MS), 0);
	/* Who slept too long has the rest, but for no more than a burst. */
	now += 35 * MS;
	for (i = 0; i < 3; i++) {
		assert_int_equal(blkback_limit_wait(&limit, now), 0);
		blkback_limit_take(&limit, 0, now);
	}
	assert_int_equal(blkback_limit_wait(&limit, now), now + 5 * MS);
	now += 100 * SEC;
	for (i = 0; i < 6; i++) {
		assert_int_equal(blkback_limit_wait(&limit, now), 0);
		blkback_limit_take(&limit, 0, now);
	}
	assert_int_equal(blkback_limit_wait(&limit, now), now + 10 * MS);
}

/* The largest request passes at the smallest limit; what comes next waits for it. */
static void test_octets(void **state)
{
	struct blkback_limit limit = { .bps = 65536 };

	(void)state;
	assert_true(blkback_limit_is_set(&limit));
	assert_int_equal(blkback_limit_wait(&limit, SEC), 0);
	blkback_limit_take(&limit, 1 << 20, SEC);
	assert_int_equal(blkback_limit_wait(&limit, SEC), 17 * SEC - 50 * MS);
	assert_int_equal(blkback_limit_wait(&limit, 17 * SEC - 50 * MS), 0);
	/* A flush reads and writes nothing. */
	blkback_limit_take(&limit, 0, 17 * SEC);
	assert_int_equal(blkback_limit_wait(&limit, 17 * SEC), 0);
}

/* The one that is farther ahead counts. */
static void test_both(void **state)
{
	struct blkback_limit limit = { .iops = 10, .bps = 1000000 };

	(void)state;
	blkback_limit_take(&limit, 1000, 0);
	assert_int_equal(blkback_limit_wait(&limit, 0), 50 * MS);
	blkback_limit_take(&limit, 300000, 50 * MS);
	assert_int_equal(blkback_limit_wait(&limit, 50 * MS), 300 * MS);
}

/* No numbers overflow: the largest request at each limit, centuries after the boot. */
static void test_extremes(void **state)
{
	static const u32 iops[] = { 1, 3, 10000000 };
	static const u64 bps[] = { 65536, 65537, 4294967295000000000ULL };
	u64 now = 1ULL << 63, wait;
	unsigned int i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(iops); i++) {
		struct blkback_limit limit = { .iops = iops[i], .bps = bps[i] };

		blkback_limit_take(&limit, ~0U, now);
		wait = blkback_limit_wait(&limit, now);
		assert_true(!wait || wait > now);
		assert_true(wait < now + 65537 * SEC);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_limit),
		cmocka_unit_test(test_requests),
		cmocka_unit_test(test_octets),
		cmocka_unit_test(test_both),
		cmocka_unit_test(test_extremes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
