// SPDX-License-Identifier: GPL-2.0
/* netfront-noxs/check.c: what a frontend takes from its backend. */
#include "harness.h"

#include "../../netfront-noxs/check.h"

static void make(struct noxs_vif_backend *be)
{
	*be = (struct noxs_vif_backend) {
		.mac = { 0x00, 0x16, 0x3e, 0x01, 0x02, 0x03 },
		.mtu = 1500,
		.max_queues = 4,
	};
}

static const struct poke pokes[] = {
	POKE(noxs_vif_backend, mac, 0x030201000000, 0),
	POKE(noxs_vif_backend, mac, 0, -EINVAL),
	POKE(noxs_vif_backend, mac, 0x01, -EINVAL),
	POKE(noxs_vif_backend, mac, 0xffffffffffff, -EINVAL),
	POKE(noxs_vif_backend, mac, 0xfe, 0),
	POKE(noxs_vif_backend, mac, 0x010000000000, 0),
	POKE(noxs_vif_backend, mac, 0x030201005e00 | 1, -EINVAL),
	POKE(noxs_vif_backend, pad, 1, -EINVAL),
	POKE(noxs_vif_backend, pad, 0x8000, -EINVAL),
	POKE(noxs_vif_backend, mtu, 0, -EINVAL),
	POKE(noxs_vif_backend, mtu, 67, -EINVAL),
	POKE(noxs_vif_backend, mtu, 68, 0),
	POKE(noxs_vif_backend, mtu, 65535, 0),
	POKE(noxs_vif_backend, mtu, 65536, -EINVAL),
	POKE(noxs_vif_backend, mtu, 0x80000000, -EINVAL),
	POKE(noxs_vif_backend, mtu, 0xffffffff, -EINVAL),
	POKE(noxs_vif_backend, max_queues, 0, -EINVAL),
	POKE(noxs_vif_backend, max_queues, 1, 0),
	POKE(noxs_vif_backend, max_queues, 64, 0),
	POKE(noxs_vif_backend, max_queues, 65, -EINVAL),
	POKE(noxs_vif_backend, max_queues, 0xffffffff, -EINVAL),
};

static void test_poke(void **state)
{
	const struct poke *p = *state;
	struct noxs_vif_backend be;

	make(&be);
	poke(p, &be);
	assert_int_equal(netfront_check_backend(&be), p->want);
}

static void test_valid(void **state)
{
	struct noxs_vif_backend be;

	(void)state;
	make(&be);
	assert_int_equal(netfront_check_backend(&be), 0);
}

/* What belongs to features that nobody accepts yet is ignored. */
static void test_each_byte_of_others_features(void **state)
{
	struct noxs_vif_backend be;
	size_t i;

	(void)state;
	for (i = 16; i < sizeof(be); i++) {
		make(&be);
		((u8 *)&be)[i] = 0xff;
		assert_int_equal(netfront_check_backend(&be), 0);
	}
}

/* From "none" to "all that were asked for", also where the indices wrap. */
static void test_prod(void **state)
{
	static const RING_IDX starts[] = {
		0, 1, 0x7fffffff, 0x80000000, 0xffffff00, 0xffffffff,
	};
	RING_IDX cons, pending, claimed;
	unsigned int i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(starts); i++) {
		cons = starts[i];
		for (pending = 0; pending <= 256; pending++) {
			for (claimed = 0; claimed <= 512; claimed++) {
				int err = netfront_check_prod(cons + pending,
							      cons,
							      cons + claimed);

				assert_int_equal(err, claimed <= pending ?
						 0 : -EPROTO);
			}
		}
		assert_int_equal(netfront_check_prod(cons + 256, cons,
						     cons - 1), -EPROTO);
		assert_int_equal(netfront_check_prod(cons + 256, cons,
						     cons + 0x80000000),
				 -EPROTO);
	}
}

static int check_rx(u16 id, u16 offset, s16 status, u16 want_id)
{
	struct xen_netif_rx_response rsp = {
		.id = id, .offset = offset, .status = status,
	};

	return netfront_check_rx(&rsp, want_id);
}

static void test_rx_id(void **state)
{
	(void)state;
	assert_int_equal(check_rx(7, 0, 60, 7), 0);
	assert_int_equal(check_rx(8, 0, 60, 7), -EPROTO);
	assert_int_equal(check_rx(0x107, 0, 60, 7), -EPROTO);
	assert_int_equal(check_rx(0xffff, 0, 60, 0xffff), 0);
	/* even if it says that it failed */
	assert_int_equal(check_rx(8, 0, -1, 7), -EPROTO);
}

static void test_rx_status(void **state)
{
	(void)state;
	assert_int_equal(check_rx(7, 0, 0, 7), 0);
	assert_int_equal(check_rx(7, 0, -1, 7), -EIO);
	assert_int_equal(check_rx(7, 4095, -32768, 7), -EIO);
	assert_int_equal(check_rx(7, 0xffff, -1, 7), -EIO);
}

/* Every length at every offset. */
static void test_rx_is_within_a_page(void **state)
{
	unsigned int offset, status;

	(void)state;
	for (offset = 0; offset <= 4100; offset++)
		for (status = 0; status <= 4100; status++)
			if (check_rx(7, offset, status, 7) !=
			    (offset + status <= 4096 ? 0 : -EINVAL))
				fail_msg("offset %u, status %u", offset,
					 status);
	assert_int_equal(check_rx(7, 0xffff, 0, 7), -EINVAL);
	assert_int_equal(check_rx(7, 0xffff, 1, 7), -EINVAL);
	assert_int_equal(check_rx(7, 0xffff, 0x7fff, 7), -EINVAL);
	assert_int_equal(check_rx(7, 0, 0x7fff, 7), -EINVAL);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(test_valid),
	cmocka_unit_test(test_each_byte_of_others_features),
	cmocka_unit_test(test_prod),
	cmocka_unit_test(test_rx_id),
	cmocka_unit_test(test_rx_status),
	cmocka_unit_test(test_rx_is_within_a_page),
};

int main(void)
{
	return run_group("netfront", tests, ARRAY_SIZE(tests), pokes,
			 ARRAY_SIZE(pokes), test_poke);
}
