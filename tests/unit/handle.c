// SPDX-License-Identifier: GPL-2.0
/* noxs-core/check.c: what a handle says, and what it doesn't. */
#include "harness.h"

#include "../../noxs-core/check.h"

static const u8 random_bytes[NOXS_HANDLE_SIZE] = {
	0xde, 0xad, 0xbe, 0xef, 0x11, 0x22, 0x33, 0x44,
	0xf5, 0x66, 0x77, 0x88, 0x99, 0xaa, 0xbb, 0xcc,
};

/* Octet by octet, from the table in xen/interface/io/noxs.h and RFC 9562. */
static const u8 golden[NOXS_HANDLE_SIZE] = {
	'N',  'O',  'X',  'S',  0x34, 0x12, 0x82, 0x44,
	0xb5, 0x66, 0x21, 0x43, 0x65, 0x87, 0xbb, 0xcc,
};

static int parse(const u8 *handle, u16 *owner, u32 *gref)
{
	*owner = 0xdead;
	*gref = 0xdeadbeef;
	return noxs_handle_parse(handle, owner, gref);
}

static void make(u8 *handle, u16 owner, u32 gref)
{
	memcpy(handle, random_bytes, sizeof(random_bytes));
	noxs_handle_make(handle, owner, gref);
}

static void test_make_is_golden(void **state)
{
	u8 handle[NOXS_HANDLE_SIZE];

	(void)state;
	make(handle, 0x1234, 0x87654321);
	assert_memory_equal(handle, golden, sizeof(golden));
}

static void test_make_keeps_random_bits(void **state)
{
	u8 zeros[NOXS_HANDLE_SIZE], ones[NOXS_HANDLE_SIZE];
	static const u8 free_bits[NOXS_HANDLE_SIZE] = {
		[7] = 0xff, [8] = 0x3f, [9] = 0xff, [14] = 0xff, [15] = 0xff,
	};
	unsigned int i;

	(void)state;
	memset(zeros, 0, sizeof(zeros));
	memset(ones, 0xff, sizeof(ones));
	noxs_handle_make(zeros, 7, 9);
	noxs_handle_make(ones, 7, 9);
	for (i = 0; i < NOXS_HANDLE_SIZE; i++)
		assert_int_equal(zeros[i] ^ ones[i], free_bits[i]);
}

static void test_parse_golden(void **state)
{
	u16 owner;
	u32 gref;

	(void)state;
	assert_int_equal(parse(golden, &owner, &gref), 0);
	assert_int_equal(owner, 0x1234);
	assert_int_equal(gref, 0x87654321);
}

static void test_parse_ignores_random_bits(void **state)
{
	static const u8 random_at[] = { 7, 9, 14, 15 };
	u8 handle[NOXS_HANDLE_SIZE];
	unsigned int i, value;
	u16 owner;
	u32 gref;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(random_at); i++) {
		for (value = 0; value < 256; value++) {
			make(handle, 3, 8);
			handle[random_at[i]] = value;
			handle[NOXS_HANDLE_VARIANT] = 0x80 | (value & 0x3f);
			assert_int_equal(parse(handle, &owner, &gref), 0);
			assert_int_equal(owner, 3);
			assert_int_equal(gref, 8);
		}
	}
}

static void test_parse_wants_each_byte_of_the_magic(void **state)
{
	u8 handle[NOXS_HANDLE_SIZE];
	unsigned int i, bit;
	u16 owner;
	u32 gref;

	(void)state;
	for (i = 0; i < 4; i++) {
		for (bit = 0; bit < 8; bit++) {
			make(handle, 0, 8);
			handle[i] ^= 1U << bit;
			assert_int_equal(parse(handle, &owner, &gref), -ENODEV);
		}
	}
}

static void test_parse_wants_the_version(void **state)
{
	u8 handle[NOXS_HANDLE_SIZE];
	unsigned int value;
	int want;
	u16 owner;
	u32 gref;

	(void)state;
	for (value = 0; value < 256; value++) {
		if (value >> 4 != 8)
			want = -ENODEV;
		else if ((value & 15) != 2)
			want = -EPROTONOSUPPORT;
		else
			want = 0;
		make(handle, 0, 8);
		handle[NOXS_HANDLE_VERSION] = value;
		assert_int_equal(parse(handle, &owner, &gref), want);
	}
}

static void test_parse_wants_the_variant(void **state)
{
	u8 handle[NOXS_HANDLE_SIZE];
	unsigned int value;
	u16 owner;
	u32 gref;

	(void)state;
	for (value = 0; value < 256; value++) {
		make(handle, 0, 8);
		handle[NOXS_HANDLE_VARIANT] = value;
		assert_int_equal(parse(handle, &owner, &gref),
				 value >> 6 == 2 ? 0 : -ENODEV);
	}
}

static void test_parse_all_owners(void **state)
{
	u8 handle[NOXS_HANDLE_SIZE];
	unsigned int domid;
	u16 owner;
	u32 gref;

	(void)state;
	for (domid = 0; domid <= 0xffff; domid++) {
		make(handle, domid, 8);
		/* DOMID_FIRST_RESERVED of Xen's public xen.h */
		assert_int_equal(parse(handle, &owner, &gref),
				 domid < 0x7ff0 ? 0 : -EINVAL);
		if (domid < 0x7ff0)
			assert_int_equal(owner, domid);
	}
}

static void test_parse_grefs(void **state)
{
	static const u32 grefs[] = {
		1, 0xff, 0x100, 0x10000, 0x1000000, 0x7fffffff, 0xffffffff,
	};
	u8 handle[NOXS_HANDLE_SIZE];
	unsigned int i;
	u16 owner;
	u32 gref;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(grefs); i++) {
		make(handle, 0, grefs[i]);
		assert_int_equal(parse(handle, &owner, &gref), 0);
		assert_int_equal(gref, grefs[i]);
	}
	make(handle, 0, 0);
	assert_int_equal(parse(handle, &owner, &gref), -EINVAL);
}

/* What xl and libvirt give to domains, and what Xen gives to dom0. */
static void test_parse_others_handles(void **state)
{
	u8 handle[NOXS_HANDLE_SIZE] = { 0 };
	u16 owner;
	u32 gref;

	(void)state;
	assert_int_equal(parse(handle, &owner, &gref), -ENODEV);
	memset(handle, 0xff, sizeof(handle));
	assert_int_equal(parse(handle, &owner, &gref), -ENODEV);
	memcpy(handle, random_bytes, sizeof(handle));
	handle[6] = 0x4f;
	handle[8] = 0xbf;
	assert_int_equal(parse(handle, &owner, &gref), -ENODEV);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(test_make_is_golden),
	cmocka_unit_test(test_make_keeps_random_bits),
	cmocka_unit_test(test_parse_golden),
	cmocka_unit_test(test_parse_ignores_random_bits),
	cmocka_unit_test(test_parse_wants_each_byte_of_the_magic),
	cmocka_unit_test(test_parse_wants_the_version),
	cmocka_unit_test(test_parse_wants_the_variant),
	cmocka_unit_test(test_parse_all_owners),
	cmocka_unit_test(test_parse_grefs),
	cmocka_unit_test(test_parse_others_handles),
};

int main(void)
{
	return run_group("handle", tests, ARRAY_SIZE(tests), NULL, 0, NULL);
}
