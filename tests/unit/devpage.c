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
			.version = 2,
			.nr_slots = 127,
			.seq = 42,
			.evtchn = 5,
			.size = 32,
			.slot_size = 32,
			.minor = 7,
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
	POKE(noxs_devpage, hdr.version, 1, -EPROTONOSUPPORT),
	POKE(noxs_devpage, hdr.version, 3, -EPROTONOSUPPORT),
	POKE(noxs_devpage, hdr.version, 0x0102, -EPROTONOSUPPORT),
	POKE(noxs_devpage, hdr.version, 0xffff, -EPROTONOSUPPORT),
	POKE(noxs_devpage, hdr.nr_slots, 0, -EINVAL),
	POKE(noxs_devpage, hdr.nr_slots, 128, -EINVAL),
	POKE(noxs_devpage, hdr.nr_slots, 0xffff, -EINVAL),
	POKE(noxs_devpage, hdr.seq, 0, 0),
	POKE(noxs_devpage, hdr.seq, 1, -EINVAL),
	POKE(noxs_devpage, hdr.seq, 0xfffffffe, 0),
	POKE(noxs_devpage, hdr.seq, 0xffffffff, -EINVAL),
	POKE(noxs_devpage, hdr.evtchn, 0, 0),
	POKE(noxs_devpage, hdr.evtchn, 1, 0),
	POKE(noxs_devpage, hdr.evtchn, 0xffffffff, 0),
	POKE(noxs_devpage, hdr.size, 0, -EINVAL),
	POKE(noxs_devpage, hdr.size, 8, -EINVAL),
	POKE(noxs_devpage, hdr.size, 16, -EINVAL),
	POKE(noxs_devpage, hdr.size, 33, -EINVAL),
	POKE(noxs_devpage, hdr.size, 36, -EINVAL),
	/* Slots that wouldn't fit. */
	POKE(noxs_devpage, hdr.size, 40, -EINVAL),
	POKE(noxs_devpage, hdr.size, 4096, -EINVAL),
	POKE(noxs_devpage, hdr.size, 0xfff8, -EINVAL),
	POKE(noxs_devpage, hdr.slot_size, 0, -EINVAL),
	POKE(noxs_devpage, hdr.slot_size, 16, -EINVAL),
	POKE(noxs_devpage, hdr.slot_size, 28, -EINVAL),
	POKE(noxs_devpage, hdr.slot_size, 31, -EINVAL),
	POKE(noxs_devpage, hdr.slot_size, 40, -EINVAL),
	POKE(noxs_devpage, hdr.slot_size, 0xfff8, -EINVAL),
	POKE(noxs_devpage, hdr.minor, 0, 0),
	POKE(noxs_devpage, hdr.minor, 0xffff, 0),
	POKE(noxs_devpage, hdr.pad, 1, -EINVAL),
	POKE(noxs_devpage, hdr.pad, 0x8000, -EINVAL),
	POKE(noxs_devpage, hdr.room[0], 0xffffffff, 0),
	POKE(noxs_devpage, hdr.room[1], 0xffffffff, 0),
	POKE(noxs_devpage, slot[1].room[0], 0xffffffff, 0),
	POKE(noxs_devpage, slot[1].room[1], 0xffffffff, 0),
	POKE(noxs_devpage, slot[0].type, 1, -EINVAL),
	POKE(noxs_devpage, slot[0].backend, 1, -EINVAL),
	POKE(noxs_devpage, slot[0].id, 1, -EINVAL),
	POKE(noxs_devpage, slot[0].gref, 1, -EINVAL),
	POKE(noxs_devpage, slot[0].evtchn, 1, -EINVAL),
	POKE(noxs_devpage, slot[0].generation, 4, -EINVAL),
	POKE(noxs_devpage, slot[1].type, 0, -EINVAL),
	POKE(noxs_devpage, slot[1].type, 3, 0),
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

/* But its type, which makes it one that is in use. */
static void test_each_byte_of_a_free_slot(void **state)
{
	struct noxs_devpage page;
	size_t i;

	(void)state;
	for (i = 2; i < 32; i++) {
		make(&page);
		((u8 *)&page.slot[3])[i] = 0x80;
		assert_int_equal(noxs_devpage_check(&page), -EINVAL);
	}
}

/* What a guest doesn't know costs it that device, and none of the others. */
static void test_unknown_slots(void **state)
{
	static const struct poke unknown[] = {
		POKE(noxs_devpage, slot[2].type, 4, 0),
		POKE(noxs_devpage, slot[2].type, 0xffff, 0),
		POKE(noxs_devpage, slot[2].flags, 1, 0),
		POKE(noxs_devpage, slot[2].flags, 0x80000000, 0),
	};
	struct noxs_devpage page, want;
	unsigned int i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(unknown); i++) {
		make(&want);
		memset(&want.slot[2], 0, sizeof(want.slot[2]));
		make(&page);
		poke(&unknown[i], &page);
		/* Nothing of it is looked at. */
		page.slot[2].evtchn = 0;
		page.slot[2].backend = 0xffff;
		page.slot[2].generation = page.slot[1].generation;
		assert_int_equal(noxs_devpage_check(&page), 0);
		assert_memory_equal(&page, &want, sizeof(page));
	}
}

/* Lay out a page as a host does whose head and slots are of other lengths. */
static void as_another(u8 *page, size_t head, size_t entry, unsigned int nr)
{
	struct noxs_devpage known;
	unsigned int i;

	make(&known);
	known.hdr.size = head;
	known.hdr.slot_size = entry;
	known.hdr.nr_slots = nr;
	memset(page, 0, 4096);
	memset(page, 0xff, head);
	memcpy(page, &known.hdr, head < 32 ? head : 32);
	for (i = 0; i < nr; i++) {
		memset(page + head + i * entry, 0xff, entry);
		memcpy(page + head + i * entry, &known.slot[i],
		       entry < 32 ? entry : 32);
	}
}

/* Longer or shorter than known, the page says the same. */
static void test_every_length(void **state)
{
	struct noxs_devpage page, want;
	size_t head, entry;
	unsigned int nr;

	(void)state;
	for (head = 20; head <= 64; head += 4) {
		for (entry = 4; entry <= 64; entry += 4) {
			bool valid = head >= 24 && entry >= 24 &&
				     !(head % 8) && !(entry % 8);

			for (nr = 3; nr <= 63; nr += 12) {
				as_another((u8 *)&page, head, entry, nr);
				assert_int_equal(noxs_devpage_check(&page),
						 valid ? 0 : -EINVAL);
				if (!valid)
					continue;
				make(&want);
				memset(&want.slot[nr], 0, (127 - nr) * 32);
				want.hdr.nr_slots = nr;
				assert_memory_equal(&page, &want, sizeof(page));
			}
		}
	}
}

/* As many slots as there are, in all the page. */
static void test_short_slots_up_to_the_end(void **state)
{
	struct noxs_devpage page, want;

	(void)state;
	as_another((u8 *)&page, 4096 - 127 * 24, 24, 127);
	assert_int_equal(noxs_devpage_check(&page), 0);
	make(&want);
	assert_memory_equal(&page, &want, sizeof(page));
	as_another((u8 *)&page, 4096 - 2 * 2032, 2032, 2);
	assert_int_equal(noxs_devpage_check(&page), 0);
	assert_int_equal(page.slot[1].gref, 9);
	assert_int_equal(page.slot[2].type, 0);
}

/* No length covers what is behind the slots. */
static void test_tail(void **state)
{
	struct noxs_devpage page;
	size_t i;

	(void)state;
	for (i = 40 + 3 * 48; i < 4096; i++) {
		as_another((u8 *)&page, 40, 48, 3);
		((u8 *)&page)[i] = 1;
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
	cmocka_unit_test(test_each_byte_of_a_free_slot),
	cmocka_unit_test(test_unknown_slots),
	cmocka_unit_test(test_every_length),
	cmocka_unit_test(test_short_slots_up_to_the_end),
	cmocka_unit_test(test_tail),
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
