// SPDX-License-Identifier: GPL-2.0
/* blkfront-noxs/check.c: what a frontend takes from its backend. */
#include "harness.h"

#include "../../blkfront-noxs/check.h"

#define DISCARD		(1 << 2)
#define INDIRECT	(1 << 4)

static void make(struct noxs_vbd_backend *be)
{
	*be = (struct noxs_vbd_backend) {
		.sectors = 1 << 20,
		.sector_size = 1024,
		.physical_sector_size = 4096,
		.max_queues = 4,
		.max_ring_pages = 4,
		.max_segments = 256,
		.discard_granularity = 4096,
		.max_discard_sectors = 1024,
	};
}

/* Of a backend that offers discard and indirect requests. */
static const struct poke pokes[] = {
	POKE(noxs_vbd_backend, sectors, 0, 0),
	POKE(noxs_vbd_backend, sectors, (1ULL << 54) - 1, 0),
	POKE(noxs_vbd_backend, sectors, 1ULL << 54, -EINVAL),
	POKE(noxs_vbd_backend, sectors, ~0ULL, -EINVAL),
	POKE(noxs_vbd_backend, sector_size, 0, -EINVAL),
	POKE(noxs_vbd_backend, sector_size, 256, -EINVAL),
	POKE(noxs_vbd_backend, sector_size, 511, -EINVAL),
	POKE(noxs_vbd_backend, sector_size, 512, 0),
	POKE(noxs_vbd_backend, sector_size, 513, -EINVAL),
	POKE(noxs_vbd_backend, sector_size, 1536, -EINVAL),
	POKE(noxs_vbd_backend, sector_size, 2048, 0),
	POKE(noxs_vbd_backend, sector_size, 4096, 0),
	POKE(noxs_vbd_backend, sector_size, 8192, -EINVAL),
	POKE(noxs_vbd_backend, sector_size, 0x80000000, -EINVAL),
	POKE(noxs_vbd_backend, sector_size, 0xffffffff, -EINVAL),
	POKE(noxs_vbd_backend, physical_sector_size, 0, -EINVAL),
	POKE(noxs_vbd_backend, physical_sector_size, 512, -EINVAL),
	POKE(noxs_vbd_backend, physical_sector_size, 1024, 0),
	POKE(noxs_vbd_backend, physical_sector_size, 3072, -EINVAL),
	POKE(noxs_vbd_backend, physical_sector_size, 0x100000, 0),
	POKE(noxs_vbd_backend, physical_sector_size, 0x200000, -EINVAL),
	POKE(noxs_vbd_backend, physical_sector_size, 0x80000000, -EINVAL),
	POKE(noxs_vbd_backend, info, 7, 0),
	POKE(noxs_vbd_backend, info, 8, -EINVAL),
	POKE(noxs_vbd_backend, info, 0x80000000, -EINVAL),
	POKE(noxs_vbd_backend, max_queues, 0, -EINVAL),
	POKE(noxs_vbd_backend, max_queues, 1, 0),
	POKE(noxs_vbd_backend, max_queues, 32, 0),
	POKE(noxs_vbd_backend, max_queues, 33, -EINVAL),
	POKE(noxs_vbd_backend, max_queues, 0xffffffff, -EINVAL),
	POKE(noxs_vbd_backend, max_ring_pages, 0, -EINVAL),
	POKE(noxs_vbd_backend, max_ring_pages, 1, 0),
	POKE(noxs_vbd_backend, max_ring_pages, 3, -EINVAL),
	POKE(noxs_vbd_backend, max_ring_pages, 8, 0),
	POKE(noxs_vbd_backend, max_ring_pages, 16, -EINVAL),
	POKE(noxs_vbd_backend, max_ring_pages, 0x80000000, -EINVAL),
	POKE(noxs_vbd_backend, max_segments, 0, -EINVAL),
	POKE(noxs_vbd_backend, max_segments, 10, -EINVAL),
	POKE(noxs_vbd_backend, max_segments, 11, 0),
	POKE(noxs_vbd_backend, max_segments, 4096, 0),
	POKE(noxs_vbd_backend, max_segments, 4097, -EINVAL),
	POKE(noxs_vbd_backend, max_segments, 0xffffffff, -EINVAL),
	POKE(noxs_vbd_backend, discard_granularity, 0, 0),
	POKE(noxs_vbd_backend, discard_granularity, 512, -EINVAL),
	POKE(noxs_vbd_backend, discard_granularity, 1024, 0),
	POKE(noxs_vbd_backend, discard_granularity, 3072, 0),
	POKE(noxs_vbd_backend, discard_granularity, 1025, -EINVAL),
	POKE(noxs_vbd_backend, discard_alignment, 1, 0),
	POKE(noxs_vbd_backend, discard_alignment, 4095, 0),
	POKE(noxs_vbd_backend, discard_alignment, 4096, -EINVAL),
	POKE(noxs_vbd_backend, discard_alignment, 0xffffffff, -EINVAL),
	POKE(noxs_vbd_backend, max_discard_sectors, 0, -EINVAL),
	POKE(noxs_vbd_backend, max_discard_sectors, 0xffffffff, 0),
};

static void test_poke(void **state)
{
	const struct poke *p = *state;
	struct noxs_vbd_backend be;

	make(&be);
	poke(p, &be);
	assert_int_equal(blkfront_check_backend(&be, DISCARD | INDIRECT),
			 p->want);
}

static void test_valid(void **state)
{
	struct noxs_vbd_backend be;

	(void)state;
	make(&be);
	assert_int_equal(blkfront_check_backend(&be, DISCARD | INDIRECT), 0);
}

static void test_names(void **state)
{
	static const struct {
		u32 id;
		const char *name;
	} names[] = {
		{ 0, "a" }, { 1, "b" }, { 25, "z" }, { 26, "aa" }, { 701, "zz" },
		{ 702, "aaa" }, { 0x7fff, "avlh" }, { 0x8001, "a1" },
		{ 0x8009, "a9" }, { 0x800a, "a10" }, { 0x803f, "a63" },
		{ 0x8041, "b1" }, { 0xffff, "sr63" },
	};
	char name[BLKFRONT_NAME_SIZE];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		assert_int_equal(blkfront_name(names[i].id, name), 0);
		assert_string_equal(name, names[i].name);
	}
}

/* Of each number there is a name, which fits, and no other has it. */
static void test_all_names(void **state)
{
	static char names[NOXS_MAX_DEV_ID + 1][BLKFRONT_NAME_SIZE];
	u32 id, i, disk;

	(void)state;
	for (id = 0; id <= NOXS_MAX_DEV_ID; id++) {
		memset(names[id], 0xff, BLKFRONT_NAME_SIZE);
		if (id >= NOXS_VBD_PARTITION && !(id % NOXS_VBD_PARTITIONS)) {
			assert_int_equal(blkfront_name(id, names[id]), -EINVAL);
			continue;
		}
		assert_int_equal(blkfront_name(id, names[id]), 0);
		assert_non_null(memchr(names[id], 0, BLKFRONT_NAME_SIZE));
	}
	/* Letters count up, so that only neighbours could be alike. */
	for (id = 1; id < NOXS_VBD_PARTITION; id++) {
		int more = strlen(names[id]) - strlen(names[id - 1]);

		assert_true(more == 1 ||
			    (!more && strcmp(names[id - 1], names[id]) < 0));
	}
	for (id = NOXS_VBD_PARTITION; id <= NOXS_MAX_DEV_ID; id++) {
		char want[BLKFRONT_NAME_SIZE + 8];

		i = id % NOXS_VBD_PARTITIONS;
		disk = (id - NOXS_VBD_PARTITION) / NOXS_VBD_PARTITIONS;
		snprintf(want, sizeof(want), "%s%u", names[disk], i);
		if (i)
			assert_string_equal(names[id], want);
	}
}

/* No two numbers have one name, and no name is that of another disk's partition. */
static void test_names_clash(void **state)
{
	(void)state;
	assert_true(blkfront_names_clash(7, 7));
	assert_true(blkfront_names_clash(0x8001, 0x8001));
	assert_true(blkfront_names_clash(0, 0x8001));
	assert_true(blkfront_names_clash(0x803f, 0));
	assert_true(blkfront_names_clash(511, 0xffff));
	assert_false(blkfront_names_clash(0, 1));
	assert_false(blkfront_names_clash(0x8001, 0x8002));
	assert_false(blkfront_names_clash(0, 0x8041));
	assert_false(blkfront_names_clash(512, 0xffff));
}

/* What belongs to features that nobody accepts yet, and vdev, is ignored. */
static void test_each_byte_of_others_features(void **state)
{
	struct noxs_vbd_backend be;
	size_t i;

	(void)state;
	for (i = 44; i < 64; i++) {
		make(&be);
		((u8 *)&be)[i] = 0xff;
		assert_int_equal(blkfront_check_backend(&be,
							DISCARD | INDIRECT), 0);
	}
}

/* What belongs to a feature is zero without it. */
static void test_without_features(void **state)
{
	struct noxs_vbd_backend be, bare;

	(void)state;
	make(&be);
	assert_int_equal(blkfront_check_backend(&be, DISCARD), -EINVAL);
	assert_int_equal(blkfront_check_backend(&be, INDIRECT), -EINVAL);
	be.max_segments = 0;
	assert_int_equal(blkfront_check_backend(&be, DISCARD), 0);

	make(&bare);
	bare.discard_granularity = 0;
	bare.max_discard_sectors = 0;
	assert_int_equal(blkfront_check_backend(&bare, INDIRECT), 0);
	be = bare;
	be.discard_granularity = 1024;
	assert_int_equal(blkfront_check_backend(&be, INDIRECT), -EINVAL);
	be = bare;
	be.discard_alignment = 1;
	assert_int_equal(blkfront_check_backend(&be, INDIRECT), -EINVAL);
	be = bare;
	be.max_discard_sectors = 1;
	assert_int_equal(blkfront_check_backend(&be, INDIRECT), -EINVAL);
	/* a granularity that isn't known has no alignment either */
	be = bare;
	be.max_discard_sectors = 1;
	be.discard_alignment = 1;
	assert_int_equal(blkfront_check_backend(&be, DISCARD | INDIRECT),
			 -EINVAL);
}

/* What is less than a granule can't be split off a discard. */
static void test_discard_that_cannot_be_split(void **state)
{
	struct noxs_vbd_backend be;

	(void)state;
	make(&be);
	assert_true(blkfront_discard_fits(&be, 1024));
	be.max_discard_sectors = 8;
	assert_true(blkfront_discard_fits(&be, 4096));
	assert_false(blkfront_discard_fits(&be, 8192));
	be.max_discard_sectors = 7;
	assert_false(blkfront_discard_fits(&be, 1024));
	be.physical_sector_size = 1024;
	assert_false(blkfront_discard_fits(&be, 1024));
	be.discard_granularity = 0;
	assert_true(blkfront_discard_fits(&be, 1024));
	be.physical_sector_size = 0x100000;
	assert_false(blkfront_discard_fits(&be, 1024));
	/* In octets, these are more than 32 bits have. */
	be.max_discard_sectors = 0xffffffff;
	be.discard_granularity = 0xfffffc00;
	assert_true(blkfront_discard_fits(&be, 1024));
	be.max_discard_sectors = 0x800001;
	assert_true(blkfront_discard_fits(&be, 1024));
}

static void test_prod(void **state)
{
	static const RING_IDX starts[] = {
		0, 1, 0x7fffffff, 0x80000000, 0xfffffff0, 0xffffffff,
	};
	RING_IDX cons, pending, claimed;
	unsigned int i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(starts); i++) {
		cons = starts[i];
		for (pending = 0; pending <= 32; pending++) {
			for (claimed = 0; claimed <= 64; claimed++) {
				int err = blkfront_check_prod(cons + pending,
							      cons,
							      cons + claimed);

				assert_int_equal(err, claimed <= pending ?
						 0 : -EPROTO);
			}
		}
		assert_int_equal(blkfront_check_prod(cons + 32, cons, cons - 1),
				 -EPROTO);
	}
}

static const u8 ops[] = { 0, 1, 0xff, 5, 3 };

static int check(u64 id, u8 operation, s16 status)
{
	struct blkif_response rsp = {
		.id = id, .operation = operation, .status = status,
	};

	return blkfront_check_response(&rsp, ops, ARRAY_SIZE(ops));
}

/* Requests 0, 1, 3 and 4 are on their way. */
static void test_response_to_a_request(void **state)
{
	static const u64 far[] = { 5, 6, 255, 256, 1ULL << 32, 1ULL << 63,
				   ~0ULL };
	unsigned int id, operation;

	(void)state;
	for (id = 0; id < ARRAY_SIZE(ops); id++)
		for (operation = 0; operation < 256; operation++)
			assert_int_equal(check(id, operation, 0),
					 operation == ops[id] &&
					 operation != 0xff ? 0 : -EPROTO);
	for (id = 0; id < ARRAY_SIZE(far); id++)
		for (operation = 0; operation < 256; operation++)
			assert_int_equal(check(far[id], operation, 0),
					 -EPROTO);
}

static void test_status(void **state)
{
	int status;

	(void)state;
	for (status = -0x8000; status < 0x8000; status++)
		assert_int_equal(check(1, 1, status),
				 status >= -2 && status <= 0 ? 0 : -EPROTO);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(test_valid),
	cmocka_unit_test(test_names),
	cmocka_unit_test(test_all_names),
	cmocka_unit_test(test_names_clash),
	cmocka_unit_test(test_each_byte_of_others_features),
	cmocka_unit_test(test_without_features),
	cmocka_unit_test(test_discard_that_cannot_be_split),
	cmocka_unit_test(test_prod),
	cmocka_unit_test(test_response_to_a_request),
	cmocka_unit_test(test_status),
};

int main(void)
{
	return run_group("blkfront", tests, ARRAY_SIZE(tests), pokes,
			 ARRAY_SIZE(pokes), test_poke);
}
