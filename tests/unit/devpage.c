// SPDX-License-Identifier: GPL-2.0
/* noxs-core/check.c: which device pages are taken for one. */
#include "harness.h"

#include "../../noxs-core/check.h"

/* Three devices, with free slots before, between and behind them. */
static void make(struct noxs_devpage *page)
{
	*page = (struct noxs_devpage) {
		.hdr = {
			.magic = 0x53584f4e,
			.version = 1,
			.nr_slots = 127,
			.seq = 42,
			.evtchn = 5,
		},
		.slot = {
			[1] = { .type = 1, .backend = 0, .id = 0, .gref = 9,
				.evtchn = 6, .generation = 1 },
			[2] = { .type = 2, .backend = 3, .id = 0, .gref = 10,
				.evtchn = 7, .generation = 2 },
			[126] = { .type = 2, .backend = 0x7fef, .id = 65535,
				  .gref = 11, .evtchn = 8, .generation = 3 },
		},
	};
}

/* slot[0] is free, slot[1] isn't. */
static const struct poke pokes[] = {
	POKE(noxs_devpage, hdr.magic, 0, -EINVAL),
	POKE(noxs_devpage, hdr.magic, 0x53584f4f, -EINVAL),
	POKE(noxs_devpage, hdr.magic, 0x4e4f5853, -EINVAL),
	POKE(noxs_devpage, hdr.version, 0, -EPROTONOSUPPORT),
	POKE(noxs_devpage, hdr.version, 2, -EPROTONOSUPPORT),
	POKE(noxs_devpage, hdr.version, 0x0101, -EPROTONOSUPPORT),
	POKE(noxs_devpage, hdr.version, 0xffff, -EPROTONOSUPPORT),
	POKE(noxs_devpage, hdr.nr_slots, 0, -EINVAL),
	POKE(noxs_devpage, hdr.nr_slots, 128, -EINVAL),
	POKE(noxs_devpage, hdr.nr_slots, 0xffff, -EINVAL),
	POKE(noxs_devpage, hdr.seq, 0, 0),
	POKE(noxs_devpage, hdr.seq, 1, -EINVAL),
	POKE(noxs_devpage, hdr.seq, 0xfffffffe, 0),
	POKE(noxs_devpage, hdr.seq, 0xffffffff, -EINVAL),
	POKE(noxs_devpage, hdr.evtchn, 0, -EINVAL),
	POKE(noxs_devpage, hdr.evtchn, 1, 0),
	POKE(noxs_devpage, hdr.evtchn, 0xffffffff, 0),
	POKE(noxs_devpage, slot[0].type, 1, -EINVAL),
	POKE(noxs_devpage, slot[0].backend, 1, -EINVAL),
	POKE(noxs_devpage, slot[0].id, 1, -EINVAL),
	POKE(noxs_devpage, slot[0].gref, 1, -EINVAL),
	POKE(noxs_devpage, slot[0].evtchn, 1, -EINVAL),
	POKE(noxs_devpage, slot[0].generation, 4, -EINVAL),
	POKE(noxs_devpage, slot[1].type, 0, -EINVAL),
	POKE(noxs_devpage, slot[1].type, 3, 0),
	POKE(noxs_devpage, slot[1].type, 4, -EINVAL),
	POKE(noxs_devpage, slot[1].type, 0xffff, -EINVAL),
	POKE(noxs_devpage, slot[1].backend, 0x7fef, 0),
	POKE(noxs_devpage, slot[1].backend, 0x7ff0, -EINVAL),
	POKE(noxs_devpage, slot[1].backend, 0xffff, -EINVAL),
	POKE(noxs_devpage, slot[1].id, 65535, 0),
	POKE(noxs_devpage, slot[1].id, 65536, -EINVAL),
	POKE(noxs_devpage, slot[1].id, 0xffffffff, -EINVAL),
	POKE(noxs_devpage, slot[1].gref, 0, -EINVAL),
	POKE(noxs_devpage, slot[1].gref, 0xffffffff, 0),
	POKE(noxs_devpage, slot[1].evtchn, 0, -EINVAL),
	POKE(noxs_devpage, slot[1].evtchn, 0xffffffff, 0),
	POKE(noxs_devpage, slot[1].generation, 0, -EINVAL),
	POKE(noxs_devpage, slot[1].generation, 2, -EINVAL),
	POKE(noxs_devpage, slot[1].generation, 0xffffffff, 0),
	POKE(noxs_devpage, slot[126].generation, 1, -EINVAL),
	POKE(noxs_devpage, slot[126].id, 0, -EINVAL),
	POKE(noxs_devpage, slot[126].type, 0, -EINVAL),
	POKE(noxs_devpage, slot[126].type, 4, -EINVAL),
	/* The same number is another device if the type is another. */
	POKE(noxs_devpage, slot[126].type, 3, 0),
};

static void test_poke(void **state)
{
	const struct poke *p = *state;
	struct noxs_devpage page;

	make(&page);
	poke(p, &page);
	assert_int_equal(noxs_devpage_check(&page), p->want);
}

static void test_valid(void **state)
{
	struct noxs_devpage page;

	(void)state;
	make(&page);
	assert_int_equal(noxs_devpage_check(&page), 0);
	memset(page.slot, 0, sizeof(page.slot));
	assert_int_equal(noxs_devpage_check(&page), 0);
}

static void test_each_reserved_byte_of_the_header(void **state)
{
	struct noxs_devpage page;
	size_t i;

	(void)state;
	for (i = 16; i < 32; i++) {
		make(&page);
		((u8 *)&page)[i] = 1;
		assert_int_equal(noxs_devpage_check(&page), -EINVAL);
		((u8 *)&page)[i] = 0x80;
		assert_int_equal(noxs_devpage_check(&page), -EINVAL);
	}
}

static void test_each_byte_of_a_free_slot(void **state)
{
	struct noxs_devpage page;
	size_t i;

	(void)state;
	for (i = 0; i < 32; i++) {
		make(&page);
		((u8 *)&page.slot[3])[i] = 0x80;
		assert_int_equal(noxs_devpage_check(&page), -EINVAL);
	}
}

static void test_each_reserved_byte_of_a_slot(void **state)
{
	struct noxs_devpage page;
	size_t i;

	(void)state;
	for (i = 20; i < 32; i++) {
		make(&page);
		((u8 *)&page.slot[126])[i] = 1;
		assert_int_equal(noxs_devpage_check(&page), -EINVAL);
	}
}

/* nr_slots may be less; nothing is behind the slots then. */
static void test_fewer_slots(void **state)
{
	struct noxs_devpage page;
	unsigned int nr;
	size_t i;

	(void)state;
	for (nr = 1; nr <= 127; nr++) {
		make(&page);
		memset(&page.slot[3], 0, sizeof(page.slot) - 3 * 32);
		page.hdr.nr_slots = nr;
		assert_int_equal(noxs_devpage_check(&page),
				 nr >= 3 ? 0 : -EINVAL);
	}
	for (i = 32 + 3 * 32; i < sizeof(page); i++) {
		make(&page);
		memset(&page.slot[3], 0, sizeof(page.slot) - 3 * 32);
		page.hdr.nr_slots = 3;
		((u8 *)&page)[i] = 1;
		assert_int_equal(noxs_devpage_check(&page), -EINVAL);
	}
}

static void fill(struct noxs_devpage *page)
{
	unsigned int i;

	make(page);
	for (i = 0; i < 127; i++)
		page->slot[i] = (struct noxs_slot) {
			.type = 1 + i % 3, .backend = i, .id = i / 3,
			.gref = 8 + i, .evtchn = 1 + i, .generation = 100 + i,
		};
}

static void test_full_page(void **state)
{
	struct noxs_devpage page;

	(void)state;
	fill(&page);
	assert_int_equal(noxs_devpage_check(&page), 0);
}

/* No two slots, wherever they are, share a generation, or a type and id. */
static void test_every_pair_of_duplicates(void **state)
{
	struct noxs_devpage page;
	unsigned int i, j;

	(void)state;
	for (i = 0; i < 127; i++) {
		for (j = 0; j < i; j++) {
			fill(&page);
			page.slot[i].generation = page.slot[j].generation;
			assert_int_equal(noxs_devpage_check(&page), -EINVAL);
			fill(&page);
			page.slot[i].type = page.slot[j].type;
			page.slot[i].id = page.slot[j].id;
			assert_int_equal(noxs_devpage_check(&page), -EINVAL);
		}
	}
}

/* Backends of several domains may well have the same numbers. */
static void test_same_gref_and_port(void **state)
{
	struct noxs_devpage page;

	(void)state;
	make(&page);
	page.slot[2].gref = page.slot[1].gref;
	page.slot[2].evtchn = page.slot[1].evtchn;
	assert_int_equal(noxs_devpage_check(&page), 0);
}

static void test_blank_page(void **state)
{
	struct noxs_devpage page;

	(void)state;
	memset(&page, 0, sizeof(page));
	assert_int_equal(noxs_devpage_check(&page), -EINVAL);
	memset(&page, 0xff, sizeof(page));
	assert_int_equal(noxs_devpage_check(&page), -EINVAL);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(test_valid),
	cmocka_unit_test(test_each_reserved_byte_of_the_header),
	cmocka_unit_test(test_each_byte_of_a_free_slot),
	cmocka_unit_test(test_each_reserved_byte_of_a_slot),
	cmocka_unit_test(test_fewer_slots),
	cmocka_unit_test(test_full_page),
	cmocka_unit_test(test_every_pair_of_duplicates),
	cmocka_unit_test(test_same_gref_and_port),
	cmocka_unit_test(test_blank_page),
};

int main(void)
{
	return run_group("devpage", tests, ARRAY_SIZE(tests), pokes,
			 ARRAY_SIZE(pokes), test_poke);
}
