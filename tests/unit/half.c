// SPDX-License-Identifier: GPL-2.0
/* noxs-core/check.c: which halves of control pages are taken for one. */
#include "harness.h"

#include "../../noxs-core/check.h"

/* The types, and the octets of each end's payload. */
static const struct {
	u16 type;
	size_t size[2]; /* [0] of the frontend's, [1] of the backend's */
} types[] = {
	{ 1, { 16, 16 } },
	{ 2, { 16 + 64 * 16, 32 } },
	{ 3, { 16 + 32 * 40, 64 } },
};

static void make(struct noxs_half *half, u16 type)
{
	*half = (struct noxs_half) {
		.hdr = {
			.version = 1,
			.type = type,
			.state = 4,
			.features = 0x15,
			.epoch = 1,
			.seq = 8,
		},
	};
}

static const struct poke pokes[] = {
	POKE(noxs_half, hdr.version, 0, -EPROTONOSUPPORT),
	POKE(noxs_half, hdr.version, 2, -EPROTONOSUPPORT),
	POKE(noxs_half, hdr.version, 0x0101, -EPROTONOSUPPORT),
	POKE(noxs_half, hdr.version, 0xffff, -EPROTONOSUPPORT),
	POKE(noxs_half, hdr.type, 0, -EINVAL),
	POKE(noxs_half, hdr.type, 4, -EINVAL),
	POKE(noxs_half, hdr.type, 0x0102, -EINVAL),
	POKE(noxs_half, hdr.type, 0xffff, -EINVAL),
	POKE(noxs_half, hdr.features, 0, 0),
	POKE(noxs_half, hdr.features, 0xffffffff, 0),
	POKE(noxs_half, hdr.epoch, 0, -EINVAL),
	POKE(noxs_half, hdr.epoch, 0xffffffff, 0),
	POKE(noxs_half, hdr.seq, 0, 0),
	POKE(noxs_half, hdr.seq, 1, -EINVAL),
	POKE(noxs_half, hdr.seq, 0xfffffffe, 0),
	POKE(noxs_half, hdr.seq, 0xffffffff, -EINVAL),
	POKE(noxs_half, hdr.error, 1, 0),
	POKE(noxs_half, hdr.error, 4095, 0),
	POKE(noxs_half, hdr.error, 4096, -EINVAL),
	POKE(noxs_half, hdr.error, 0xffffffff, -EINVAL),
};

/* A header's rules are those of every type and of both ends. */
static void test_poke(void **state)
{
	const struct poke *p = *state;
	struct noxs_half half;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(types); i++) {
		make(&half, types[i].type);
		poke(p, &half);
		assert_int_equal(noxs_half_check(&half, types[i].type, true),
				 p->want);
		assert_int_equal(noxs_half_check(&half, types[i].type, false),
				 p->want);
	}
}

static void test_valid(void **state)
{
	struct noxs_half half;
	unsigned int i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(types); i++) {
		make(&half, types[i].type);
		assert_int_equal(noxs_half_check(&half, types[i].type, true),
				 0);
		assert_int_equal(noxs_half_check(&half, types[i].type, false),
				 0);
	}
}

static void test_type_is_the_devices(void **state)
{
	struct noxs_half half;
	unsigned int is, known;

	(void)state;
	for (is = 0; is <= 5; is++) {
		for (known = 0; known <= 5; known++) {
			int want = is == known && is >= 1 && is <= 3 ?
				   0 : -EINVAL;

			make(&half, is);
			assert_int_equal(noxs_half_check(&half, known, true),
					 want);
			assert_int_equal(noxs_half_check(&half, known, false),
					 want);
		}
	}
	make(&half, 0xffff);
	assert_int_equal(noxs_half_check(&half, 0xffff, true), -EINVAL);
}

/* Unknown, Initialising, Connected, Closing, Closed; InitWait of a backend. */
static bool may_be_in(u32 state, bool backend)
{
	return state == 0 || state == 1 || (state == 2 && backend) ||
	       (state >= 4 && state <= 6);
}

static void test_states(void **state)
{
	static const u32 more[] = { 0x104, 0x10004, 0x80000004, 0xffffffff };
	struct noxs_half half;
	unsigned int i, end;
	u32 value;

	(void)state;
	for (i = 0; i < 256 + ARRAY_SIZE(more); i++) {
		value = i < 256 ? i : more[i - 256];
		for (end = 0; end < 2; end++) {
			bool want = may_be_in(value, end);

			assert_int_equal(noxs_state_is_valid(value, end), want);
			make(&half, 2);
			half.hdr.state = value;
			assert_int_equal(noxs_half_check(&half, 2, end),
					 want ? 0 : -EINVAL);
		}
	}
}

static void test_each_reserved_byte(void **state)
{
	struct noxs_half half;
	size_t i;

	(void)state;
	for (i = 24; i < 32; i++) {
		make(&half, 2);
		((u8 *)&half)[i] = 1;
		assert_int_equal(noxs_half_check(&half, 2, true), -EINVAL);
		((u8 *)&half)[i] = 0x80;
		assert_int_equal(noxs_half_check(&half, 2, false), -EINVAL);
	}
}

/* What is behind the payload is zero; the payload is its driver's to check. */
static void test_each_byte_of_each_payload(void **state)
{
	struct noxs_half half;
	unsigned int i, end;
	size_t at;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(types); i++) {
		for (end = 0; end < 2; end++) {
			for (at = 0; at < 2048 - 32; at++) {
				u16 type = types[i].type;

				make(&half, type);
				half.payload[at] = 0x80;
				assert_int_equal(noxs_half_check(&half, type, end),
						 at < types[i].size[end] ?
						 0 : -EINVAL);
			}
		}
	}
}

static void test_blank_half(void **state)
{
	struct noxs_half half;

	(void)state;
	memset(&half, 0, sizeof(half));
	assert_int_equal(noxs_half_check(&half, 2, true), -EPROTONOSUPPORT);
	memset(&half, 0xff, sizeof(half));
	assert_int_equal(noxs_half_check(&half, 2, true), -EPROTONOSUPPORT);
}

static u32 without(u32 mask, u32 bit, u32 needs)
{
	return (mask & needs) == needs ? mask : mask & ~bit;
}

/* Bits by number, as xen/interface/io/noxs.h has them and netif.h explains. */
static void test_features_of_a_vif(void **state)
{
	u32 mask, want;

	(void)state;
	for (mask = 0; mask < 256; mask++) {
		want = without(mask, 1 << 3, 1 << 0 | 1 << 1);
		want = without(want, 1 << 4, 1 << 0 | 1 << 2);
		want &= 0x3f;
		assert_int_equal(noxs_features_usable(2, mask), want);
		assert_int_equal(noxs_features_usable(2, mask | 0xffffff00),
				 want);
	}
}

static void test_features_of_a_vbd(void **state)
{
	u32 mask, want;

	(void)state;
	for (mask = 0; mask < 256; mask++) {
		want = without(mask, 1 << 3, 1 << 2) & 0x3f;
		assert_int_equal(noxs_features_usable(3, mask), want);
		assert_int_equal(noxs_features_usable(3, mask | 0xffffff00),
				 want);
	}
}

static void test_features_of_sysctl(void **state)
{
	u32 mask;

	(void)state;
	for (mask = 0; mask < 256; mask++) {
		assert_int_equal(noxs_features_usable(1, mask), mask & 0x1e);
		assert_int_equal(noxs_features_usable(1, mask | 0xffffff00),
				 mask & 0x1e);
	}
}

static void test_features_of_no_type(void **state)
{
	(void)state;
	assert_int_equal(noxs_features_usable(0, 0xffffffff), 0);
	assert_int_equal(noxs_features_usable(4, 0xffffffff), 0);
	assert_int_equal(noxs_features_usable(0xffff, 0xffffffff), 0);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(test_valid),
	cmocka_unit_test(test_type_is_the_devices),
	cmocka_unit_test(test_states),
	cmocka_unit_test(test_each_reserved_byte),
	cmocka_unit_test(test_each_byte_of_each_payload),
	cmocka_unit_test(test_blank_half),
	cmocka_unit_test(test_features_of_a_vif),
	cmocka_unit_test(test_features_of_a_vbd),
	cmocka_unit_test(test_features_of_sysctl),
	cmocka_unit_test(test_features_of_no_type),
};

int main(void)
{
	return run_group("half", tests, ARRAY_SIZE(tests), pokes,
			 ARRAY_SIZE(pokes), test_poke);
}
