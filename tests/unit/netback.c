// SPDX-License-Identifier: GPL-2.0
/* netback-noxs/check.c: what a backend takes from its frontend. */
#include "harness.h"

#include "../../netback-noxs/check.h"

/* Of NOXS_VIF_F_*, and of netif.h. */
#define SG		(1 << 0)
#define ALL		0x3f
#define SPLIT		(1 << 5)
#define BUFFERS		(1 << 6)
#define CSUM_BLANK	(1 << 0)
#define VALIDATED	(1 << 1)
#define MORE		(1 << 2)
#define EXTRA		(1 << 3)

static void make(struct noxs_vif_frontend *fe, unsigned int nr, bool split)
{
	unsigned int i;

	memset(fe, 0, sizeof(*fe));
	fe->nr_queues = nr;
	for (i = 0; i < nr && i < 64; i++)
		fe->queue[i] = (struct noxs_vif_queue) {
			.tx_gref = 1000 + 2 * i, .rx_gref = 1001 + 2 * i,
			.tx_evtchn = 10 + 2 * i,
			.rx_evtchn = 10 + 2 * i + split,
		};
}

/* Applied to a frontend of two queues with split event channels. */
static const struct poke pokes[] = {
	POKE(noxs_vif_frontend, nr_queues, 0, -EINVAL),
	POKE(noxs_vif_frontend, nr_queues, 1, -EINVAL),
	POKE(noxs_vif_frontend, nr_queues, 3, -EINVAL),
	POKE(noxs_vif_frontend, nr_queues, 64, -EINVAL),
	POKE(noxs_vif_frontend, nr_queues, 65, -EINVAL),
	POKE(noxs_vif_frontend, nr_queues, 0x80000000, -EINVAL),
	POKE(noxs_vif_frontend, nr_queues, 0xffffffff, -EINVAL),
	POKE(noxs_vif_frontend, queue[0].tx_gref, 0xffffffff, 0),
	POKE(noxs_vif_frontend, queue[0].tx_gref, 0, 0),
	POKE(noxs_vif_frontend, queue[0].tx_gref, 1001, -EINVAL),
	POKE(noxs_vif_frontend, queue[0].tx_gref, 1002, -EINVAL),
	POKE(noxs_vif_frontend, queue[0].tx_gref, 1003, -EINVAL),
	POKE(noxs_vif_frontend, queue[0].rx_gref, 1002, -EINVAL),
	POKE(noxs_vif_frontend, queue[0].rx_gref, 1003, -EINVAL),
	POKE(noxs_vif_frontend, queue[1].tx_gref, 1003, -EINVAL),
	POKE(noxs_vif_frontend, queue[0].tx_evtchn, 0, -EINVAL),
	POKE(noxs_vif_frontend, queue[0].rx_evtchn, 0, -EINVAL),
	POKE(noxs_vif_frontend, queue[0].tx_evtchn, 1, 0),
	POKE(noxs_vif_frontend, queue[0].tx_evtchn, 0xffffffff, 0),
	POKE(noxs_vif_frontend, queue[0].tx_evtchn, 11, -EINVAL),
	POKE(noxs_vif_frontend, queue[0].tx_evtchn, 12, -EINVAL),
	POKE(noxs_vif_frontend, queue[0].tx_evtchn, 13, -EINVAL),
	POKE(noxs_vif_frontend, queue[0].rx_evtchn, 12, -EINVAL),
	POKE(noxs_vif_frontend, queue[0].rx_evtchn, 13, -EINVAL),
	POKE(noxs_vif_frontend, queue[1].tx_evtchn, 0, -EINVAL),
	POKE(noxs_vif_frontend, queue[1].rx_evtchn, 12, -EINVAL),
	/* A port may have the number of a page. */
	POKE(noxs_vif_frontend, queue[0].tx_gref, 10, 0),
};

static void test_poke(void **state)
{
	const struct poke *p = *state;
	struct noxs_vif_frontend fe;

	make(&fe, 2, true);
	poke(p, &fe);
	assert_int_equal(netback_check_frontend(&fe, SPLIT, 64), p->want);
}

static void test_every_number_of_queues(void **state)
{
	struct noxs_vif_frontend fe;
	unsigned int nr, max;

	(void)state;
	for (nr = 0; nr <= 66; nr++) {
		for (max = 1; max <= 64; max++) {
			int want = nr && nr <= max ? 0 : -EINVAL;

			make(&fe, nr, false);
			assert_int_equal(netback_check_frontend(&fe, 0, max),
					 want);
			make(&fe, nr, true);
			assert_int_equal(netback_check_frontend(&fe, SPLIT,
								max), want);
		}
	}
	/* More than the page has are never offered, and never read. */
	make(&fe, 65, false);
	assert_int_equal(netback_check_frontend(&fe, 0, 65), -EINVAL);
	fe.nr_queues = 0xffffffff;
	assert_int_equal(netback_check_frontend(&fe, 0, 0xffffffff), -EINVAL);
}

static void test_split_means_two_ports(void **state)
{
	struct noxs_vif_frontend fe;
	unsigned int bad;

	(void)state;
	make(&fe, 2, false);
	assert_int_equal(netback_check_frontend(&fe, SPLIT, 2), -EINVAL);
	make(&fe, 2, true);
	assert_int_equal(netback_check_frontend(&fe, 0, 2), -EINVAL);
	for (bad = 0; bad < 2; bad++) {
		make(&fe, 2, true);
		fe.queue[bad].rx_evtchn = fe.queue[bad].tx_evtchn;
		assert_int_equal(netback_check_frontend(&fe, SPLIT, 2),
				 -EINVAL);
		make(&fe, 2, false);
		fe.queue[bad].rx_evtchn = 99;
		assert_int_equal(netback_check_frontend(&fe, 0, 2), -EINVAL);
	}
}

/* A one-port frontend may not share that one between queues. */
static void test_shared_port_without_split(void **state)
{
	struct noxs_vif_frontend fe;

	(void)state;
	make(&fe, 2, false);
	fe.queue[1].tx_evtchn = fe.queue[0].tx_evtchn;
	fe.queue[1].rx_evtchn = fe.queue[0].tx_evtchn;
	assert_int_equal(netback_check_frontend(&fe, 0, 2), -EINVAL);
}

static void test_every_pair_of_duplicates(void **state)
{
	struct noxs_vif_frontend fe;
	u32 *words = (u32 *)fe.queue;
	unsigned int i, j;

	(void)state;
	for (i = 0; i < 64 * 6; i++) {
		for (j = 0; j < i; j++) {
			/* 0 and 1 are pages, 2 and 3 ports, 4 and 5 nothing. */
			if (i % 6 / 2 != j % 6 / 2 || i % 6 > 3)
				continue;
			make(&fe, 64, true);
			words[i] = words[j];
			assert_int_equal(netback_check_frontend(&fe, SPLIT,
								64), -EINVAL);
		}
	}
}

static void test_each_byte_that_has_to_be_zero(void **state)
{
	struct noxs_vif_frontend fe;
	size_t i;

	(void)state;
	for (i = 376 + 24; i < sizeof(fe); i++) {
		make(&fe, 1, false);
		((u8 *)&fe)[i] = 1;
		assert_int_equal(netback_check_frontend(&fe, 0, 64), -EINVAL);
		((u8 *)&fe)[i] = 0x80;
		assert_int_equal(netback_check_frontend(&fe, 0, 64), -EINVAL);
	}
}

/* What belongs to features that nobody accepts yet is ignored. */
static void test_each_byte_of_others_features(void **state)
{
	struct noxs_vif_frontend fe;
	size_t i;

	(void)state;
	for (i = 8; i < 376 + 24; i++) {
		if (i >= 376 && i < 376 + 16)
			continue;
		make(&fe, 1, false);
		((u8 *)&fe)[i] = 0xff;
		assert_int_equal(netback_check_frontend(&fe, 0, 64), 0);
	}
}

/* Lists are pages of their own, or none; each is named once. */
static void test_lists_of_buffers(void **state)
{
	struct noxs_vif_frontend fe;
	u32 *words = (u32 *)fe.queue;
	unsigned int i, j;

	(void)state;
	make(&fe, 64, true);
	assert_int_equal(netback_check_frontend(&fe, SPLIT | BUFFERS, 64), 0);
	for (i = 0; i < 64; i++) {
		fe.queue[i].tx_buffers = 1 + 2 * i;
		fe.queue[i].rx_buffers = 2 + 2 * i;
	}
	assert_int_equal(netback_check_frontend(&fe, SPLIT | BUFFERS, 64), 0);
	for (i = 4; i < 64 * 6; i += i % 6 == 4 ? 1 : 5) {
		u32 was = words[i];

		for (j = 0; j < 64 * 6; j++) {
			if (j == i || j % 6 / 2 == 1)
				continue;
			words[i] = words[j];
			assert_int_equal(netback_check_frontend(&fe, SPLIT |
								BUFFERS, 64),
					 -EINVAL);
			assert_int_equal(netback_check_frontend(&fe, SPLIT, 64),
					 0);
		}
		words[i] = was;
	}
	/* A list may have the number of a port. */
	fe.queue[0].tx_buffers = 0x7fffffff;
	fe.queue[63].tx_evtchn = 0x7fffffff;
	assert_int_equal(netback_check_frontend(&fe, SPLIT | BUFFERS, 64), 0);
}

/* A page of a list, as its writer has laid it out. */
static void make_page(u8 *page, unsigned int size, unsigned int entry,
		      unsigned int nr, u32 first, u32 next)
{
	struct noxs_buffers_header hdr = {
		.size = size, .entry_size = entry, .nr = nr, .next = next,
	};
	struct noxs_buffer buffer = { .flags = 1 };
	unsigned int i;

	memset(page, 0, 4096);
	/* What is longer than it is known here. */
	if (size + nr * entry <= 4096)
		memset(page, 0xff, size + nr * entry);
	memcpy(page, &hdr, sizeof(hdr));
	for (i = 0; i < nr && size + (i + 1) * entry <= 4096; i++) {
		buffer.gref = first + i;
		memcpy(page + size + i * entry, &buffer, sizeof(buffer));
	}
}

static void test_every_page_of_a_list(void **state)
{
	unsigned int size, entry, nr, i;
	struct netback_list list;
	static u8 page[4096];
	u32 next;

	(void)state;
	for (size = 0; size <= 40; size += 4) {
		for (entry = 0; entry <= 520; entry += 4) {
			for (nr = 0; nr <= 9; nr++) {
				bool ok = size >= 16 && size % 8 == 0 &&
					  entry >= 8 && entry % 8 == 0 &&
					  nr && nr <= 8 &&
					  size + nr * entry <= 4096;

				if (size < 16 && nr)
					continue;
				make_page(page, size, entry, nr, 100, 77);
				list.nr = 0;
				assert_int_equal(netback_check_buffers(page,
								       &list,
								       &next),
						 ok ? 0 : -EINVAL);
				if (!ok)
					continue;
				assert_int_equal(next, 77);
				assert_int_equal(list.nr, nr);
				for (i = 0; i < nr; i++)
					assert_int_equal(list.gref[i], 100 + i);
			}
		}
	}
}

static void test_list_of_pages(void **state)
{
	struct netback_list list = { 0 };
	static u8 page[4096];
	u32 next;

	(void)state;
	make_page(page, 16, 8, 5, 100, 8);
	assert_int_equal(netback_check_buffers(page, &list, &next), 0);
	/* What was there before, and more than there may be. */
	make_page(page, 16, 8, 1, 104, 8);
	assert_int_equal(netback_check_buffers(page, &list, &next), -EINVAL);
	make_page(page, 16, 8, 4, 200, 8);
	assert_int_equal(netback_check_buffers(page, &list, &next), -EINVAL);
	make_page(page, 16, 8, 3, 0, 0);
	assert_int_equal(netback_check_buffers(page, &list, &next), 0);
	assert_int_equal(list.nr, 8);
	assert_int_equal(next, 0);
	make_page(page, 16, 8, 1, 300, 8);
	assert_int_equal(netback_check_buffers(page, &list, &next), -EINVAL);
	make_page(page, 16, 8, 1, 300, 8);
	list.nr = 0;
	memset(page + 4, 0xff, 4);
	assert_int_equal(netback_check_buffers(page, &list, &next), -EINVAL);
}

/* Each octet of a page that isn't a field is zero, and each flag known. */
static void test_each_byte_of_a_list(void **state)
{
	struct netback_list list;
	static u8 page[4096];
	unsigned int i;
	u32 next;

	(void)state;
	for (i = 12; i < 4096; i++) {
		bool gref = i >= 16 && i < 32 && i % 8 < 4;

		make_page(page, 16, 8, 2, 100, 0);
		page[i] ^= 0x80;
		list.nr = 0;
		assert_int_equal(netback_check_buffers(page, &list, &next),
				 gref ? 0 : -EINVAL);
	}
	make_page(page, 16, 8, 2, 100, 0);
	page[20] = 0;
	list.nr = 0;
	assert_int_equal(netback_check_buffers(page, &list, &next), 0);
}

/* The masks that an honest pair can have come to. */
static void test_features(void **state)
{
	struct noxs_vif_frontend fe;
	unsigned int mask, bit;

	(void)state;
	for (mask = 0; mask < 128; mask++) {
		bool tso_v4 = mask & 1 << 3, tso_v6 = mask & 1 << 4;
		bool ok = (!tso_v4 || (mask & 3) == 3) &&
			  (!tso_v6 || (mask & 5) == 5);

		make(&fe, 2, mask & SPLIT);
		assert_int_equal(netback_check_frontend(&fe, mask, 2),
				 ok ? 0 : -EINVAL);
		for (bit = 7; bit < 32; bit++) {
			u32 more = mask | 1U << bit;

			assert_int_equal(netback_check_frontend(&fe, more, 2),
					 -EINVAL);
		}
	}
}

/* Also where the indices wrap. */
static void test_prod(void **state)
{
	static const RING_IDX starts[] = {
		0, 1, 0x7fffff80, 0x80000000, 0xffffff00, 0xffffffff,
	};
	unsigned int i, unanswered, claimed;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(starts); i++) {
		RING_IDX rsp = starts[i];

		for (unanswered = 0; unanswered <= 256; unanswered++) {
			RING_IDX cons = rsp + unanswered;

			for (claimed = 0; claimed <= 512; claimed++) {
				int err = netback_check_prod(cons + claimed,
							     cons, rsp, 256);

				assert_int_equal(err,
						 claimed + unanswered <= 256 ?
						 0 : -EPROTO);
			}
			assert_int_equal(netback_check_prod(cons - 1, cons, rsp,
							    256), -EPROTO);
			assert_int_equal(netback_check_prod(cons + 0x80000000,
							    cons, rsp, 256),
					 -EPROTO);
		}
	}
}

/* Add a slot that begins at @offset of its page. */
static int add(struct netback_packet *pkt, u16 offset, u16 size, u16 flags,
	       u32 features)
{
	union netback_tx_entry entry = {
		.req = { .gref = 8, .offset = offset, .flags = flags,
			 .id = pkt->nr_slots, .size = size },
	};

	return netback_packet_add(pkt, &entry, features);
}

static int add_gso(struct netback_packet *pkt, u8 gso_type, u16 gso_size,
		   u32 features)
{
	union netback_tx_entry entry = {
		.extra = { .type = XEN_NETIF_EXTRA_TYPE_GSO,
			   .u.gso = { .size = gso_size, .type = gso_type } },
	};

	return netback_packet_add(pkt, &entry, features);
}

static void test_packet_of_one_slot(void **state)
{
	struct netback_packet pkt = { 0 };

	(void)state;
	assert_int_equal(add(&pkt, 100, 60, CSUM_BLANK | VALIDATED, 0), 0);
	assert_true(pkt.complete);
	assert_int_equal(pkt.nr_slots, 1);
	assert_int_equal(pkt.nr_entries, 1);
	assert_int_equal(pkt.size, 60);
	assert_int_equal(pkt.flags, CSUM_BLANK | VALIDATED);
	assert_int_equal(pkt.slot[0].offset, 100);
	assert_int_equal(pkt.slot[0].size, 60);
	assert_int_equal(pkt.gso_size, 0);
	assert_false(pkt.has_extra);
}

/* Every length at every offset of a page. */
static void test_one_slot_is_within_a_page(void **state)
{
	unsigned int offset, size;

	(void)state;
	for (offset = 0; offset <= 4098; offset++) {
		for (size = 0; size <= 4098; size++) {
			struct netback_packet pkt;
			bool ok = offset + size <= 4096;

			pkt = (struct netback_packet) { 0 };
			if (add(&pkt, offset, size, 0, 0) !=
			    (ok ? 0 : -EINVAL) || pkt.complete != ok)
				fail_msg("offset %u, size %u", offset, size);
		}
	}
}

static void test_one_slot_of_extremes(void **state)
{
	static const u16 values[] = { 0x7fff, 0x8000, 0xfffe, 0xffff };
	unsigned int i, j;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(values); i++) {
		for (j = 0; j < ARRAY_SIZE(values); j++) {
			struct netback_packet pkt = { 0 };

			assert_int_equal(add(&pkt, values[i], values[j], 0, 0),
					 -EINVAL);
			assert_false(pkt.complete);
		}
	}
}

/* The first slot has what the others leave of the packet's size. */
static void test_packet_of_all_slots(void **state)
{
	struct netback_packet pkt = { 0 };
	unsigned int i;

	(void)state;
	assert_int_equal(add(&pkt, 96, 17 * 3000 + 4000, MORE | CSUM_BLANK, SG),
			 0);
	for (i = 1; i < 18; i++) {
		assert_false(pkt.complete);
		assert_int_equal(add(&pkt, 1096, 3000, i < 17 ? MORE : 0, SG),
				 0);
	}
	assert_true(pkt.complete);
	assert_int_equal(pkt.nr_slots, 18);
	assert_int_equal(pkt.nr_entries, 18);
	assert_int_equal(pkt.size, 17 * 3000 + 4000);
	assert_int_equal(pkt.flags, MORE | CSUM_BLANK);
	assert_int_equal(pkt.slot[0].size, 4000);
	assert_int_equal(pkt.slot[0].offset, 96);
	assert_int_equal(pkt.slot[17].size, 3000);
	assert_int_equal(pkt.slot[17].id, 17);
}

static void test_one_slot_too_many(void **state)
{
	struct netback_packet pkt = { 0 };
	unsigned int i;

	(void)state;
	for (i = 0; i < 18; i++)
		assert_int_equal(add(&pkt, 0, i ? 1 : 100, MORE, SG), 0);
	assert_int_equal(add(&pkt, 0, 1, 0, SG), -E2BIG);
	assert_false(pkt.complete);
	assert_int_equal(pkt.nr_slots, 18);
}

static void test_several_slots_need_sg(void **state)
{
	struct netback_packet pkt = { 0 };

	(void)state;
	assert_int_equal(add(&pkt, 0, 100, MORE, ALL & ~SG), -EOPNOTSUPP);
	assert_int_equal(pkt.nr_slots, 0);
	assert_false(pkt.complete);
}

/* The first slot's own share is known only at the end. */
static void test_first_slot_is_within_a_page(void **state)
{
	struct netback_packet pkt = { 0 };

	(void)state;
	assert_int_equal(add(&pkt, 1, 4096 + 50, MORE, SG), 0);
	assert_int_equal(add(&pkt, 0, 50, 0, SG), -EINVAL);
	assert_false(pkt.complete);

	pkt = (struct netback_packet) { 0 };
	assert_int_equal(add(&pkt, 0, 4096 + 50, MORE, SG), 0);
	assert_int_equal(add(&pkt, 0, 50, 0, SG), 0);
	assert_true(pkt.complete);

	pkt = (struct netback_packet) { 0 };
	assert_int_equal(add(&pkt, 0xffff, 0xffff, MORE, SG), 0);
	assert_int_equal(add(&pkt, 0, 1, 0, SG), -EINVAL);
}

static void test_other_slots_are_within_a_page(void **state)
{
	static const struct {
		u16 offset, size;
		int want;
	} cases[] = {
		{ 0, 4096, 0 }, { 4095, 1, 0 }, { 4096, 0, 0 },
		{ 0, 4097, -EINVAL }, { 1, 4096, -EINVAL },
		{ 4096, 1, -EINVAL }, { 4097, 0, -EINVAL },
		{ 0xffff, 1, -EINVAL }, { 0xf000, 0x1000, -EINVAL },
	};
	unsigned int i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct netback_packet pkt = { 0 };

		assert_int_equal(add(&pkt, 0, 8000, MORE, SG), 0);
		assert_int_equal(add(&pkt, cases[i].offset, cases[i].size,
				     MORE, SG), cases[i].want);
	}
}

/* All of it may be in the other slots, but not more than there is. */
static void test_slots_larger_than_the_packet(void **state)
{
	struct netback_packet pkt = { 0 };

	(void)state;
	assert_int_equal(add(&pkt, 0, 100, MORE, SG), 0);
	assert_int_equal(add(&pkt, 0, 60, MORE, SG), 0);
	assert_int_equal(add(&pkt, 0, 41, 0, SG), -EINVAL);
	assert_false(pkt.complete);

	pkt = (struct netback_packet) { 0 };
	assert_int_equal(add(&pkt, 0, 100, MORE, SG), 0);
	assert_int_equal(add(&pkt, 0, 60, MORE, SG), 0);
	assert_int_equal(add(&pkt, 0, 40, 0, SG), 0);
	assert_true(pkt.complete);
	assert_int_equal(pkt.slot[0].size, 0);
}

static void test_extra_is_the_second_entry(void **state)
{
	struct netback_packet pkt = { 0 };

	(void)state;
	assert_int_equal(add(&pkt, 0, 3000, EXTRA | MORE, ALL), 0);
	assert_false(pkt.complete);
	assert_int_equal(add_gso(&pkt, 1, 1448, ALL), 0);
	assert_false(pkt.complete);
	assert_int_equal(add(&pkt, 0, 1000, 0, ALL), 0);
	assert_true(pkt.complete);
	assert_true(pkt.has_extra);
	assert_int_equal(pkt.nr_slots, 2);
	assert_int_equal(pkt.nr_entries, 3);
	assert_int_equal(pkt.gso_type, 1);
	assert_int_equal(pkt.gso_size, 1448);
	assert_int_equal(pkt.slot[0].size, 2000);
	assert_int_equal(pkt.slot[1].size, 1000);
}

static void test_extra_after_a_single_slot(void **state)
{
	struct netback_packet pkt = { 0 };

	(void)state;
	assert_int_equal(add(&pkt, 0, 3000, EXTRA, ALL), 0);
	assert_false(pkt.complete);
	assert_int_equal(add_gso(&pkt, 2, 1428, ALL), 0);
	assert_true(pkt.complete);
	assert_int_equal(pkt.nr_slots, 1);
	assert_int_equal(pkt.nr_entries, 2);
	assert_int_equal(pkt.gso_type, 2);
}

/* The check of the first slot isn't lost when an extra comes last. */
static void test_extra_last_and_first_slot_beyond_its_page(void **state)
{
	struct netback_packet pkt = { 0 };

	(void)state;
	assert_int_equal(add(&pkt, 0, 4097, EXTRA, ALL), 0);
	assert_int_equal(add_gso(&pkt, 1, 1448, ALL), -EINVAL);
	assert_false(pkt.complete);
}

static void test_extra_only_with_the_first_slot(void **state)
{
	struct netback_packet pkt = { 0 };

	(void)state;
	assert_int_equal(add(&pkt, 0, 3000, MORE, ALL), 0);
	assert_int_equal(add(&pkt, 0, 1000, EXTRA, ALL), -EINVAL);
	assert_false(pkt.complete);
}

static void begin_gso(struct netback_packet *pkt)
{
	*pkt = (struct netback_packet) { 0 };
	assert_int_equal(add(pkt, 0, 3000, EXTRA, ALL), 0);
}

static void test_extra_types(void **state)
{
	unsigned int type;

	(void)state;
	for (type = 0; type < 256; type++) {
		struct netback_packet pkt;
		union netback_tx_entry entry = {
			.extra = { .type = type,
				   .u.gso = { .size = 1448, .type = 1 } },
		};

		begin_gso(&pkt);
		assert_int_equal(netback_packet_add(&pkt, &entry, ALL),
				 type == 1 ? 0 : -EOPNOTSUPP);
		assert_int_equal(pkt.complete, type == 1);
	}
}

static void test_extra_flags_and_gso_features(void **state)
{
	unsigned int bit;

	(void)state;
	for (bit = 0; bit < 24; bit++) {
		struct netback_packet pkt;
		union netback_tx_entry entry = {
			.extra = { .type = 1,
				   .flags = bit < 8 ? 1 << bit : 0,
				   .u.gso = {
					.size = 1448, .type = 1,
					.features = bit < 8 ? 0 :
						    1 << (bit - 8),
				   } },
		};

		begin_gso(&pkt);
		assert_int_equal(netback_packet_add(&pkt, &entry, ALL),
				 -EINVAL);
		assert_false(pkt.complete);
	}
}

static void test_weight(void **state)
{
	static const struct {
		u16 size, gso_size;
		unsigned int want;
	} cases[] = {
		{ 60, 0, 1 }, { 65535, 0, 1 },
		{ 65535, 1448, 1 }, { 65535, 1024, 1 }, { 65535, 1023, 2 },
		{ 65535, 536, 2 }, { 65535, 36, 29 }, { 65535, 32, 32 },
		{ 65535, 1, 1024 }, { 60, 1, 1 }, { 64, 1, 2 },
	};
	unsigned int i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct netback_packet pkt = {
			.size = cases[i].size,
			.gso_size = cases[i].gso_size,
		};

		if (netback_packet_weight(&pkt) != cases[i].want)
			fail_msg("case %u", i);
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(test_every_number_of_queues),
	cmocka_unit_test(test_split_means_two_ports),
	cmocka_unit_test(test_shared_port_without_split),
	cmocka_unit_test(test_every_pair_of_duplicates),
	cmocka_unit_test(test_each_byte_that_has_to_be_zero),
	cmocka_unit_test(test_each_byte_of_others_features),
	cmocka_unit_test(test_lists_of_buffers),
	cmocka_unit_test(test_every_page_of_a_list),
	cmocka_unit_test(test_list_of_pages),
	cmocka_unit_test(test_each_byte_of_a_list),
	cmocka_unit_test(test_features),
	cmocka_unit_test(test_prod),
	cmocka_unit_test(test_packet_of_one_slot),
	cmocka_unit_test(test_one_slot_is_within_a_page),
	cmocka_unit_test(test_one_slot_of_extremes),
	cmocka_unit_test(test_packet_of_all_slots),
	cmocka_unit_test(test_one_slot_too_many),
	cmocka_unit_test(test_several_slots_need_sg),
	cmocka_unit_test(test_first_slot_is_within_a_page),
	cmocka_unit_test(test_other_slots_are_within_a_page),
	cmocka_unit_test(test_slots_larger_than_the_packet),
	cmocka_unit_test(test_extra_is_the_second_entry),
	cmocka_unit_test(test_extra_after_a_single_slot),
	cmocka_unit_test(test_extra_last_and_first_slot_beyond_its_page),
	cmocka_unit_test(test_extra_only_with_the_first_slot),
	cmocka_unit_test(test_extra_types),
	cmocka_unit_test(test_extra_flags_and_gso_features),
	cmocka_unit_test(test_weight),
};

int main(void)
{
	return run_group("netback", tests, ARRAY_SIZE(tests), pokes,
			 ARRAY_SIZE(pokes), test_poke);
}
