// SPDX-License-Identifier: GPL-2.0
/* netback-noxs/credit.c: how much a guest with a rate may send, and when. */
#include "harness.h"

#include "../../netback-noxs/credit.h"

#define MS	1000000ULL	/* in ns */

/* Its clock begins at any time. */
static void make(struct netback_credit *credit, u32 bytes, u32 ms, u64 now)
{
	netback_credit_init(credit, bytes, ms * 1000, now);
}

static void test_begins_with_an_interval(void **state)
{
	struct netback_credit credit;

	(void)state;
	make(&credit, 3000, 20, 5 * MS);
	assert_int_equal(netback_credit_wait(&credit, 5 * MS), 0);
	assert_true(netback_credit_take(&credit, 1500));
	assert_int_equal(netback_credit_wait(&credit, 5 * MS), 0);
	assert_false(netback_credit_take(&credit, 1500));
	assert_int_equal(netback_credit_wait(&credit, 5 * MS), 25 * MS);
	assert_int_equal(netback_credit_wait(&credit, 25 * MS - 1), 25 * MS);
	assert_int_equal(netback_credit_wait(&credit, 25 * MS), 0);
}

/* It passes, and is paid for by the intervals after it. */
static void test_packet_larger_than_an_interval(void **state)
{
	struct netback_credit credit;

	(void)state;
	make(&credit, 1000, 10, 0);
	assert_false(netback_credit_take(&credit, 65535));
	/* -64535 and 65 intervals are 465. */
	assert_int_equal(netback_credit_wait(&credit, 1), 650 * MS);
	assert_int_equal(netback_credit_wait(&credit, 650 * MS - 1), 650 * MS);
	assert_int_equal(netback_credit_wait(&credit, 650 * MS), 0);
	assert_int_equal(credit.left, 465);
}

/* Of a debt of as much as an interval brings nothing is left, and one more. */
static void test_exactly_nothing(void **state)
{
	struct netback_credit credit;

	(void)state;
	make(&credit, 1000, 10, 0);
	assert_false(netback_credit_take(&credit, 2000));
	assert_int_equal(netback_credit_wait(&credit, 0), 20 * MS);
	assert_int_equal(netback_credit_wait(&credit, 10 * MS), 20 * MS);
	assert_int_equal(credit.left, 0);
	assert_int_equal(netback_credit_wait(&credit, 20 * MS), 0);
	assert_int_equal(credit.left, 1000);
}

static void test_idle_time_saves_one_interval(void **state)
{
	struct netback_credit credit;

	(void)state;
	make(&credit, 1000, 10, 0);
	assert_true(netback_credit_take(&credit, 400));
	assert_int_equal(netback_credit_wait(&credit, 12345 * MS), 0);
	assert_int_equal(credit.left, 1000);
	/* The intervals go on from where they began. */
	assert_false(netback_credit_take(&credit, 1000));
	assert_int_equal(netback_credit_wait(&credit, 12345 * MS), 12350 * MS);
}

/* No numbers overflow: years of rest, each queue's debt at an octet a time. */
static void test_extremes(void **state)
{
	static const u32 bytes[] = { 1, 2, 65535, 0x7fffffff, 0xffffffff };
	static const u32 us[] = { 1000, 50000, 0xffffffff };
	struct netback_credit credit;
	unsigned int i, j, n;
	u64 when;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(bytes); i++) {
		for (j = 0; j < ARRAY_SIZE(us); j++) {
			netback_credit_init(&credit, bytes[i], us[j], 7);
			for (n = 0; n < 64; n++)
				netback_credit_take(&credit, 65535);
			when = netback_credit_wait(&credit, 7);
			assert_true(!when == (credit.left > 0));
			if (when) {
				assert_true(when > 7);
				assert_int_equal(netback_credit_wait(&credit,
								     when - 1),
						 when);
				assert_int_equal(netback_credit_wait(&credit,
								     when), 0);
			}
			assert_int_equal(netback_credit_wait(&credit, 1ULL << 62),
					 0);
			assert_int_equal(credit.left, bytes[i]);
		}
	}
}

static u32 next_random(u64 *seed, u32 below)
{
	*seed = *seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (*seed >> 33) % below;
}

/*
 * Whatever a guest sends, and whenever: over any time from the beginning it is
 * no more than the intervals bring, the first one, and the last packet. If it
 * always has something to send, and waits no longer than it must, it is no less
 * than that, either.
 */
static void check_total(u64 *seed, bool greedy)
{
	u32 bytes = 1 + next_random(seed, 200000);
	u32 us = 1000 + next_random(seed, 100000);
	struct netback_credit credit;
	u64 now = 1000, sent = 0, when, intervals;
	unsigned int i;
	u16 size;

	netback_credit_init(&credit, bytes, us, now);
	for (i = 0; i < 2000; i++) {
		if (!greedy)
			now += next_random(seed, 3 * us) * 1000ULL;
		when = netback_credit_wait(&credit, now);
		if (when) {
			assert_true(when > now);
			if (greedy)
				now = when;
			continue;
		}
		do {
			size = next_random(seed, 65536);
			sent += size;
		} while (netback_credit_take(&credit, size));
		intervals = (now - 1000) / (us * 1000ULL);
		if (sent > (intervals + 1) * bytes + size)
			fail_msg("%llu in %llu intervals of %u",
				 (unsigned long long)sent,
				 (unsigned long long)intervals, bytes);
		if (greedy && sent < (intervals + 1) * bytes)
			fail_msg("only %llu in %llu intervals of %u",
				 (unsigned long long)sent,
				 (unsigned long long)intervals, bytes);
	}
	assert_true(sent > 0);
}

static void test_totals(void **state)
{
	u64 seed = 4;
	unsigned int i;

	(void)state;
	for (i = 0; i < 200; i++) {
		check_total(&seed, false);
		check_total(&seed, true);
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(test_begins_with_an_interval),
	cmocka_unit_test(test_packet_larger_than_an_interval),
	cmocka_unit_test(test_exactly_nothing),
	cmocka_unit_test(test_idle_time_saves_one_interval),
	cmocka_unit_test(test_extremes),
	cmocka_unit_test(test_totals),
};

int main(void)
{
	return run_group("credit", tests, ARRAY_SIZE(tests), NULL, 0, NULL);
}
