// SPDX-License-Identifier: GPL-2.0
/* noxs-core/check.c: which requests to a guest, and which answers, are taken. */
#include "harness.h"

#include "../../noxs-core/check.h"

/* A valid request, of which one thing is changed. */
static const struct poke pokes[] = {
	POKE(noxs_sysctl_backend, request, 0, 0),
	POKE(noxs_sysctl_backend, request, 1, 0),
	POKE(noxs_sysctl_backend, request, 2, 0),
	POKE(noxs_sysctl_backend, request, 3, 0),
	/* SysRq without a key. */
	POKE(noxs_sysctl_backend, request, 4, -EINVAL),
	/* Unknown ones are answered, not refused. */
	POKE(noxs_sysctl_backend, request, 5, 0),
	POKE(noxs_sysctl_backend, request, 0xffffffff, 0),
	POKE(noxs_sysctl_backend, argument, 1, -EINVAL),
	POKE(noxs_sysctl_backend, argument, 's', -EINVAL),
	POKE(noxs_sysctl_backend, request_seq, 0, 0),
	POKE(noxs_sysctl_backend, request_seq, 0xffffffff, 0),
	POKE(noxs_sysctl_backend, pad, 1, -EINVAL),
	POKE(noxs_sysctl_backend, pad, 0x80000000, -EINVAL),
	/* Of features that an end may lack, or that nobody accepts yet. */
	POKE(noxs_sysctl_backend, memory_target, 0xffffffffffffffff, 0),
	POKE(noxs_sysctl_backend, arguments_size, 0xffffffff, 0),
	POKE(noxs_sysctl_backend, vcpus, 0xffffffff, 0),
	POKE(noxs_sysctl_backend, room, 0xffffffff, 0),
};

static void test_poke(void **state)
{
	const struct poke *p = *state;
	struct noxs_sysctl_backend be = { .request = 1, .request_seq = 7 };

	poke(p, &be);
	assert_int_equal(noxs_sysctl_check_request(&be), p->want);
}

static void test_keys(void **state)
{
	struct noxs_sysctl_backend be = { .request = 4, .request_seq = 1 };
	uint32_t key;

	(void)state;
	for (key = 0; key < 0x200; key++) {
		be.argument = key;
		assert_int_equal(noxs_sysctl_check_request(&be),
				 key >= '!' && key <= '~' ? 0 : -EINVAL);
	}
	be.argument = 0x80000000 | 's';
	assert_int_equal(noxs_sysctl_check_request(&be), -EINVAL);
	be.argument = 's';
	be.pad = 1;
	assert_int_equal(noxs_sysctl_check_request(&be), -EINVAL);
}

/*
 * struct answer - an answer to request 8, when request 7 or 8 was the last one
 * that was answered
 */
static const struct {
	struct noxs_sysctl_frontend fe;
	uint32_t answered;
	int want;
} answers[] = {
	{ { .answer_seq = 8 }, 7, 0 },
	{ { .answer_seq = 7 }, 7, 0 },
	{ { .answer_seq = 8 }, 8, 0 },
	{ { .answer_seq = 7 }, 8, -EINVAL },
	{ { .answer_seq = 6 }, 7, -EINVAL },
	{ { .answer_seq = 9 }, 7, -EINVAL },
	{ { .answer_seq = 0 }, 7, -EINVAL },
	{ { .answer_seq = 8, .result = 95 }, 7, 0 },
	{ { .answer_seq = 8, .result = 4095 }, 7, 0 },
	{ { .answer_seq = 8, .result = 4096 }, 7, -EINVAL },
	{ { .answer_seq = 8, .result = 0xffffffff }, 7, -EINVAL },
	{ { .answer_seq = 8, .pad = 1 }, 7, -EINVAL },
	{ { .answer_seq = 8, .pad = 0x80000000 }, 7, -EINVAL },
	{ { .answer_seq = 8, .memory = 0xffffffffffffffff, .ready = 2 }, 7, 0 },
	{ { .answer_seq = 8, .vcpus = 0xffffffff, .room = 1 }, 7, 0 },
};

static void test_answers(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(answers); i++)
		assert_int_equal(noxs_sysctl_check_answer(&answers[i].fe, 8,
							  answers[i].answered),
				 answers[i].want);
}

static void test_memory(void **state)
{
	static const uint64_t valid[] = {
		0, 4, 8, 196608, 0x3fffffffffc, 0x40000000000,
	};
	static const uint64_t wrong[] = {
		1, 2, 3, 6, 196609, 0x40000000004, 0x80000000000,
		0xfffffffffffffffc, 0xffffffffffffffff,
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(valid); i++)
		assert_true(noxs_sysctl_memory_is_valid(valid[i]));
	for (i = 0; i < ARRAY_SIZE(wrong); i++)
		assert_false(noxs_sysctl_memory_is_valid(wrong[i]));
}

static void test_vcpus(void **state)
{
	(void)state;
	assert_true(noxs_sysctl_vcpus_is_valid(0));
	assert_true(noxs_sysctl_vcpus_is_valid(1));
	assert_true(noxs_sysctl_vcpus_is_valid(8192));
	assert_false(noxs_sysctl_vcpus_is_valid(8193));
	assert_false(noxs_sysctl_vcpus_is_valid(0x80000001));
	assert_false(noxs_sysctl_vcpus_is_valid(0xffffffff));
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(test_memory),
	cmocka_unit_test(test_vcpus),
	cmocka_unit_test(test_keys),
	cmocka_unit_test(test_answers),
};

int main(void)
{
	return run_group("sysctl", tests, ARRAY_SIZE(tests), pokes,
			 ARRAY_SIZE(pokes), test_poke);
}
