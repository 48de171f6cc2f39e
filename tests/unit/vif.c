// SPDX-License-Identifier: GPL-2.0
/* noxs-core/vif.c: what each end of a vif takes from the other. */
#include "harness.h"

#include <xen/interface/io/noxs.h>
#include <xen/noxs-vif.h>

static int check_gso(u8 type, u8 gso_type, u16 size, u32 features)
{
	struct xen_netif_extra_info extra = {
		.type = type,
		.u.gso = { .size = size, .type = gso_type },
	};

	return noxs_vif_check_gso(&extra, features);
}

static void test_extra_type(void **state)
{
	unsigned int type;

	(void)state;
	for (type = 0; type < 256; type++)
		assert_int_equal(check_gso(type, 1, 1448, 0x3f),
				 type == XEN_NETIF_EXTRA_TYPE_GSO ?
				 0 : -EOPNOTSUPP);
}

static void test_gso_type_needs_its_feature(void **state)
{
	unsigned int type, features;

	(void)state;
	for (type = 0; type < 256; type++) {
		for (features = 0; features < 64; features++) {
			int want = type == 1 || type == 2 ? -EOPNOTSUPP : -EINVAL;

			if ((type == 1 && features & 1 << 3) ||
			    (type == 2 && features & 1 << 4))
				want = 0;
			assert_int_equal(check_gso(1, type, 1448, features),
					 want);
		}
	}
}

static void test_gso_features(void **state)
{
	unsigned int bit;

	(void)state;
	for (bit = 0; bit < 16; bit++) {
		struct xen_netif_extra_info extra = {
			.type = XEN_NETIF_EXTRA_TYPE_GSO,
			.u.gso = { .size = 1448, .type = 1,
				   .features = 1 << bit },
		};

		assert_int_equal(noxs_vif_check_gso(&extra, 0x3f), -EINVAL);
	}
}

/* 0xffff is GSO_BY_FRAGS to Linux, which would look for a list of frags. */
static void test_gso_size(void **state)
{
	unsigned int size;

	(void)state;
	for (size = 0; size <= 0xffff; size++)
		assert_int_equal(check_gso(1, 1, size, 0x3f),
				 size && size != 0xffff ? 0 : -EINVAL);
}

/* Any length of what there can be, around each limit. */
static void test_gso_segments(void **state)
{
	static const struct {
		unsigned int len, tcp_offset, tcp_len;
		u16 gso_size;
		int want;
	} cases[] = {
		{ 65000, 20, 20, 1448, 45 },
		{ 40, 20, 20, 1448, -EPROTO },		/* no payload */
		{ 41, 20, 20, 1448, 1 },
		{ 39, 20, 20, 1448, -EPROTO },
		{ 40 + 1448, 20, 20, 1448, 1 },
		{ 40 + 1449, 20, 20, 1448, 2 },
		{ 65000, 20, 0, 1448, -EPROTO },	/* TCP's doff */
		{ 65000, 20, 16, 1448, -EPROTO },
		{ 65000, 20, 60, 1448, 45 },
		{ 79, 20, 60, 1448, -EPROTO },
		{ 80, 20, 60, 1448, -EPROTO },
		{ 81, 20, 60, 1448, 1 },
		{ 40 + 2048, 20, 20, 1, 2048 },
		{ 40 + 2049, 20, 20, 1, -EPROTO },
		{ 65535, 20, 20, 1, -EPROTO },
		{ 65535, 20, 20, 31, -EPROTO },
		{ 65535, 20, 20, 32, 2047 },
		{ 65535, 20, 32, 36, 1819 },
		{ 65535, 40, 20, 0xfffe, 1 },
	};
	unsigned int i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++)
		if (noxs_vif_count_segs(cases[i].len, cases[i].tcp_offset,
					cases[i].tcp_len, cases[i].gso_size) !=
		    cases[i].want)
			fail_msg("case %u", i);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(test_extra_type),
	cmocka_unit_test(test_gso_type_needs_its_feature),
	cmocka_unit_test(test_gso_features),
	cmocka_unit_test(test_gso_size),
	cmocka_unit_test(test_gso_segments),
};

int main(void)
{
	return cmocka_run_group_tests_name("vif", tests, NULL, NULL);
}
