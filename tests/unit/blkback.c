// SPDX-License-Identifier: GPL-2.0
/* blkback-noxs/check.c: what a backend takes from its frontend. */
#include "harness.h"

#include "../../blkback-noxs/check.h"

static const struct noxs_vbd_backend offer = {
	.max_queues = 4, .max_ring_pages = 4,
};

static void make(struct noxs_vbd_frontend *fe, unsigned int nr,
		 unsigned int pages)
{
	unsigned int i, j;

	memset(fe, 0, sizeof(*fe));
	fe->protocol = 1;
	fe->nr_queues = nr;
	fe->nr_ring_pages = pages;
	for (i = 0; i < nr && i < 32; i++) {
		fe->queue[i].evtchn = 10 + i;
		for (j = 0; j < pages && j < 8; j++)
			fe->queue[i].gref[j] = 1000 + 8 * i + j;
	}
}

/* Applied to a frontend of two queues of two pages; four are offered of both. */
static const struct poke pokes[] = {
	POKE(noxs_vbd_frontend, protocol, 0, -EINVAL),
	POKE(noxs_vbd_frontend, protocol, 2, 0),
	POKE(noxs_vbd_frontend, protocol, 3, -EINVAL),
	POKE(noxs_vbd_frontend, protocol, 0xffffffff, -EINVAL),
	POKE(noxs_vbd_frontend, nr_queues, 0, -EINVAL),
	POKE(noxs_vbd_frontend, nr_queues, 1, -EINVAL),
	POKE(noxs_vbd_frontend, nr_queues, 3, -EINVAL),
	POKE(noxs_vbd_frontend, nr_queues, 5, -EINVAL),
	POKE(noxs_vbd_frontend, nr_queues, 0x80000000, -EINVAL),
	POKE(noxs_vbd_frontend, nr_queues, 0xffffffff, -EINVAL),
	POKE(noxs_vbd_frontend, nr_ring_pages, 0, -EINVAL),
	POKE(noxs_vbd_frontend, nr_ring_pages, 1, -EINVAL),
	POKE(noxs_vbd_frontend, nr_ring_pages, 3, -EINVAL),
	POKE(noxs_vbd_frontend, nr_ring_pages, 8, -EINVAL),
	POKE(noxs_vbd_frontend, nr_ring_pages, 0x80000000, -EINVAL),
	POKE(noxs_vbd_frontend, nr_ring_pages, 0xffffffff, -EINVAL),
	POKE(noxs_vbd_frontend, pad, 1, -EINVAL),
	POKE(noxs_vbd_frontend, pad, 0x80000000, -EINVAL),
	/* Any number, which only who asks for the disk looks at. */
	POKE(noxs_vbd_frontend, openers, 0xffffffff, 0),
	POKE(noxs_vbd_frontend, queue[0].evtchn, 0, -EINVAL),
	POKE(noxs_vbd_frontend, queue[0].evtchn, 11, -EINVAL),
	POKE(noxs_vbd_frontend, queue[0].evtchn, 1, 0),
	POKE(noxs_vbd_frontend, queue[0].evtchn, 0xffffffff, 0),
	POKE(noxs_vbd_frontend, queue[1].evtchn, 0, -EINVAL),
	POKE(noxs_vbd_frontend, queue[1].buffers, 0xffffffff, 0),
	POKE(noxs_vbd_frontend, queue[0].gref[0], 1001, -EINVAL),
	POKE(noxs_vbd_frontend, queue[0].gref[0], 1008, -EINVAL),
	POKE(noxs_vbd_frontend, queue[0].gref[0], 1009, -EINVAL),
	POKE(noxs_vbd_frontend, queue[1].gref[1], 1000, -EINVAL),
	POKE(noxs_vbd_frontend, queue[1].gref[1], 1001, -EINVAL),
	POKE(noxs_vbd_frontend, queue[1].gref[1], 1008, -EINVAL),
	POKE(noxs_vbd_frontend, queue[0].gref[0], 0xffffffff, 0),
	/* A page may have the number of a port. */
	POKE(noxs_vbd_frontend, queue[0].gref[0], 10, 0),
};

static void test_poke(void **state)
{
	const struct poke *p = *state;
	struct noxs_vbd_frontend fe;

	make(&fe, 2, 2);
	poke(p, &fe);
	assert_int_equal(blkback_check_frontend(&fe, 0, &offer), p->want);
}

static void test_every_number_of_queues_and_pages(void **state)
{
	unsigned int nr, pages, max_queues, max_pages;
	struct noxs_vbd_frontend fe;

	(void)state;
	for (max_queues = 1; max_queues <= 32; max_queues++) {
		for (max_pages = 1; max_pages <= 8; max_pages *= 2) {
			struct noxs_vbd_backend be = {
				.max_queues = max_queues,
				.max_ring_pages = max_pages,
			};

			for (nr = 0; nr <= 33; nr++) {
				for (pages = 0; pages <= 16; pages++) {
					bool power = pages == 1 || pages == 2 ||
						     pages == 4 || pages == 8;
					bool ok = nr && nr <= max_queues &&
						  power && pages <= max_pages;

					make(&fe, nr, pages);
					assert_int_equal(!ok,
							 !!blkback_check_frontend(&fe, 0, &be));
				}
			}
		}
	}
}

/* More than the page has are never offered, and never read. */
static void test_more_than_the_page_has(void **state)
{
	struct noxs_vbd_backend all = { .max_queues = ~0U,
					.max_ring_pages = ~0U };
	struct noxs_vbd_frontend fe;

	(void)state;
	make(&fe, 33, 1);
	assert_int_equal(blkback_check_frontend(&fe, 0, &all), -EINVAL);
	make(&fe, 1, 16);
	assert_int_equal(blkback_check_frontend(&fe, 0, &all), -EINVAL);
	make(&fe, ~0U, 0x80000000);
	assert_int_equal(blkback_check_frontend(&fe, 0, &all), -EINVAL);
}

static void test_every_pair_of_duplicates(void **state)
{
	struct noxs_vbd_backend all = { .max_queues = 32, .max_ring_pages = 8 };
	struct noxs_vbd_frontend fe;
	unsigned int i, j;

	(void)state;
	make(&fe, 32, 8);
	assert_int_equal(blkback_check_frontend(&fe, 0, &all), 0);
	for (i = 0; i < 32 * 8; i++) {
		for (j = 0; j < i; j++) {
			make(&fe, 32, 8);
			fe.queue[i / 8].gref[i % 8] = fe.queue[j / 8].gref[j % 8];
			assert_int_equal(blkback_check_frontend(&fe, 0, &all),
					 -EINVAL);
		}
	}
	for (i = 0; i < 32; i++) {
		for (j = 0; j < i; j++) {
			make(&fe, 32, 8);
			fe.queue[i].evtchn = fe.queue[j].evtchn;
			assert_int_equal(blkback_check_frontend(&fe, 0, &all),
					 -EINVAL);
		}
	}
}

/* Of a frontend with two queues of two pages. */
static void test_each_byte_that_has_to_be_zero(void **state)
{
	struct noxs_vbd_frontend fe;
	size_t i;

	(void)state;
	for (i = 20; i < sizeof(fe); i++) {
		size_t q = i - 24;

		/* Port, buffers and two pages of the first two queues. */
		if (i >= 24 && q < 80 && q % 40 < 16)
			continue;
		make(&fe, 2, 2);
		((u8 *)&fe)[i] = 1;
		assert_int_equal(blkback_check_frontend(&fe, 0, &offer),
				 -EINVAL);
	}
}

static void test_features(void **state)
{
	struct noxs_vbd_frontend fe;
	unsigned int bit;

	(void)state;
	make(&fe, 2, 2);
	assert_int_equal(blkback_check_frontend(&fe, 0x7f, &offer), 0);
	for (bit = 7; bit < 32; bit++)
		assert_int_equal(blkback_check_frontend(&fe, 1U << bit, &offer),
				 -EINVAL);
}

/* Also where the indices wrap. A ring of one page has 32 entries. */
static void test_prod(void **state)
{
	static const RING_IDX starts[] = {
		0, 1, 0x7ffffff0, 0x80000000, 0xffffffe0, 0xffffffff,
	};
	unsigned int i, unanswered, claimed;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(starts); i++) {
		for (unanswered = 0; unanswered <= 32; unanswered++) {
			RING_IDX rsp = starts[i], cons = rsp + unanswered;

			for (claimed = 0; claimed <= 64; claimed++) {
				int err = blkback_check_prod(cons + claimed,
							     cons, rsp);

				assert_int_equal(err,
						 claimed + unanswered <= 32 ?
						 0 : -EPROTO);
			}
			assert_int_equal(blkback_check_prod(cons - 1, cons,
							    rsp), -EPROTO);
			assert_int_equal(blkback_check_prod(cons + 0x80000000,
							    cons, rsp),
					 -EPROTO);
		}
	}
}

/* Octets of the entries of a ring, counted from 1 so that none is like another. */
static void make_entry(u32 *entry)
{
	unsigned int i;

	for (i = 0; i < BLKBACK_ENTRY_64; i++)
		((u8 *)entry)[i] = i + 1;
}

static void test_decode_64(void **state)
{
	u32 entry[BLKBACK_ENTRY_WORDS];
	struct blkif_request raw;

	(void)state;
	make_entry(entry);
	memset(&raw, 0xff, sizeof(raw));
	blkback_decode(1, entry, &raw);
	assert_int_equal(raw.operation, 1);
	assert_int_equal(raw.u.rw.nr_segments, 2);
	assert_int_equal(raw.u.rw.id, 0x100f0e0d0c0b0a09);
	assert_int_equal(raw.u.rw.sector_number, 0x1817161514131211);
	assert_int_equal(raw.u.rw.seg[0].gref, 0x1c1b1a19);
	assert_int_equal(raw.u.rw.seg[10].gref, 0x6c6b6a69);
	assert_int_equal(raw.u.rw.seg[10].last_sect, 0x6e);
}

/* Without the padding, all but the first four octets is four octets earlier. */
static void test_decode_x86_32(void **state)
{
	u32 entry[BLKBACK_ENTRY_WORDS];
	struct blkif_request raw;

	(void)state;
	make_entry(entry);
	memset(&raw, 0xff, sizeof(raw));
	blkback_decode(2, entry, &raw);
	assert_int_equal(raw.operation, 1);
	assert_int_equal(raw.u.rw.nr_segments, 2);
	assert_int_equal(raw.u.rw.id, 0x0c0b0a0908070605);
	assert_int_equal(raw.u.rw.sector_number, 0x14131211100f0e0d);
	assert_int_equal(raw.u.rw.seg[0].gref, 0x18171615);
	assert_int_equal(raw.u.rw.seg[10].gref, 0x68676665);
	assert_int_equal(raw.u.rw.seg[10].last_sect, 0x6a);

	assert_int_equal(raw.u.discard.flag, 2);
	assert_int_equal(raw.u.discard.id, 0x0c0b0a0908070605);
	assert_int_equal(raw.u.discard.sector_number, 0x14131211100f0e0d);
	assert_int_equal(raw.u.discard.nr_sectors, 0x1c1b1a1918171615);

	assert_int_equal(raw.u.indirect.indirect_op, 2);
	assert_int_equal(raw.u.indirect.nr_segments, 0x0403);
	assert_int_equal(raw.u.indirect.id, 0x0c0b0a0908070605);
	assert_int_equal(raw.u.indirect.sector_number, 0x14131211100f0e0d);
	assert_int_equal(raw.u.indirect.indirect_grefs[0], 0x1c1b1a19);
	assert_int_equal(raw.u.indirect.indirect_grefs[7], 0x38373635);
}

static const struct blkback_limits limits = {
	.sectors = 1000, .sector_size = 512, .max_segments = 256,
	.max_discard_sectors = 500, .features = 0x3f,
};

static struct blkif_request request(u8 operation, u8 nr_segments, u64 sector)
{
	struct blkif_request raw = { .operation = operation };
	unsigned int i;

	raw.u.rw.nr_segments = nr_segments;
	raw.u.rw.id = 0x1234567890;
	raw.u.rw.sector_number = sector;
	for (i = 0; i < 11; i++) {
		raw.u.rw.seg[i].gref = 100 + i;
		raw.u.rw.seg[i].first_sect = 1;
		raw.u.rw.seg[i].last_sect = 2;
	}
	return raw;
}

/* What may be used after it, whatever it returned. */
static int check_with(struct blkif_request raw, struct blkback_limits lim,
		      struct blkback_op *op)
{
	int err;

	memset(op, 0xff, sizeof(*op));
	err = blkback_check_request(&raw, &lim, op);
	assert_int_equal(op->id, 0x1234567890);
	return err;
}

static int check_one(struct blkif_request raw)
{
	struct blkback_op op;

	return check_with(raw, limits, &op);
}

static void test_read_and_write(void **state)
{
	unsigned int operation;
	struct blkback_op op;

	(void)state;
	for (operation = 0; operation < 2; operation++) {
		assert_int_equal(check_with(request(operation, 3, 7), limits,
					    &op), 0);
		assert_int_equal(op.kind,
				 operation ? BLKBACK_WRITE : BLKBACK_READ);
		assert_int_equal(op.operation, operation);
		assert_int_equal(op.sector, 7);
		assert_int_equal(op.nr_sectors, 6);
		assert_int_equal(op.nr_segments, 3);
		assert_false(op.indirect);
		assert_int_equal(op.seg[2].gref, 102);
		assert_int_equal(op.seg[2].first_sect, 1);
		assert_int_equal(op.seg[2].last_sect, 2);
	}
}

static void test_numbers_of_segments(void **state)
{
	unsigned int nr;

	(void)state;
	for (nr = 0; nr < 256; nr++) {
		int want = nr >= 1 && nr <= 11 ? 0 : -EINVAL;

		assert_int_equal(check_one(request(0, nr, 0)), want);
		assert_int_equal(check_one(request(1, nr, 0)), want);
	}
}

static void test_end_of_the_device(void **state)
{
	static const u64 beyond[] = {
		999, 1000, 1001, 1ULL << 32, 1ULL << 63, ~0ULL, ~0ULL - 1,
	};
	unsigned int i;

	(void)state;
	/* two sectors */
	assert_int_equal(check_one(request(0, 1, 998)), 0);
	for (i = 0; i < ARRAY_SIZE(beyond); i++)
		assert_int_equal(check_one(request(0, 1, beyond[i])), -EINVAL);
}

static void test_empty_device(void **state)
{
	struct blkback_limits lim = limits;
	struct blkback_op op;

	(void)state;
	lim.sectors = 0;
	assert_int_equal(check_with(request(0, 1, 0), lim, &op), -EINVAL);
	lim.sectors = 1;
	assert_int_equal(check_with(request(0, 1, 0), lim, &op), -EINVAL);
	lim.sectors = 2;
	assert_int_equal(check_with(request(0, 1, 0), lim, &op), 0);
	lim.sectors = ~0ULL;
	assert_int_equal(check_with(request(0, 1, ~0ULL - 2), lim, &op), 0);
	assert_int_equal(check_with(request(0, 1, ~0ULL - 1), lim, &op),
			 -EINVAL);
}

/* Every first and last sector, on disks of every block size. */
static void test_every_segment(void **state)
{
	unsigned int size, first, last;

	(void)state;
	for (size = 512; size <= 4096; size *= 2) {
		struct blkback_limits lim = limits;

		lim.sector_size = size;
		for (first = 0; first < 256; first++) {
			for (last = 0; last < 256; last++) {
				unsigned int from = first * 512;
				unsigned int to = (last + 1) * 512;
				struct blkback_op op;
				struct blkif_request raw = request(0, 1, 0);
				bool ok = first <= last && last < 8 &&
					  !(from % size) && !(to % size);

				raw.u.rw.seg[0].first_sect = first;
				raw.u.rw.seg[0].last_sect = last;
				if (!check_with(raw, lim, &op) != ok)
					fail_msg("%u to %u of %u", first, last,
						 size);
				if (ok)
					assert_int_equal(op.nr_sectors,
							 (to - from) / 512);
			}
		}
	}
}

/* Halves of blocks don't make up for each other. */
static void test_each_segment_is_aligned(void **state)
{
	struct blkback_limits lim = limits;
	struct blkif_request raw = request(0, 2, 0);
	struct blkback_op op;

	(void)state;
	lim.sector_size = 4096;
	raw.u.rw.seg[0].first_sect = 1;
	raw.u.rw.seg[0].last_sect = 7;
	raw.u.rw.seg[1].first_sect = 7;
	raw.u.rw.seg[1].last_sect = 7;
	assert_int_equal(check_with(raw, lim, &op), -EINVAL);
	raw.u.rw.seg[0].first_sect = 0;
	raw.u.rw.seg[0].last_sect = 6;
	raw.u.rw.seg[1].first_sect = 0;
	raw.u.rw.seg[1].last_sect = 0;
	assert_int_equal(check_with(raw, lim, &op), -EINVAL);
}

static void test_each_bad_segment_counts(void **state)
{
	struct blkif_request raw;
	unsigned int i;

	(void)state;
	for (i = 0; i < 11; i++) {
		raw = request(1, 11, 0);
		raw.u.rw.seg[i].last_sect = 8;
		assert_int_equal(check_one(raw), -EINVAL);
		/* and those that aren't used don't */
		raw = request(1, i ? i : 1, 0);
		raw.u.rw.seg[i ? i : 1].last_sect = 8;
		assert_int_equal(check_one(raw), 0);
	}
}

static void test_sectors_are_aligned(void **state)
{
	struct blkback_limits lim = limits;
	unsigned int sector;

	(void)state;
	lim.sector_size = 4096;
	for (sector = 0; sector < 64; sector++) {
		struct blkif_request raw = request(0, 1, sector);
		struct blkback_op op;

		raw.u.rw.seg[0].first_sect = 0;
		raw.u.rw.seg[0].last_sect = 7;
		assert_int_equal(check_with(raw, lim, &op),
				 sector % 8 ? -EINVAL : 0);
	}
}

static void test_readonly(void **state)
{
	struct blkback_limits lim = limits;
	struct blkif_request raw;
	struct blkback_op op;
	u8 operation;

	(void)state;
	lim.readonly = true;
	assert_int_equal(check_with(request(0, 1, 0), lim, &op), 0);
	for (operation = 1; operation <= 3; operation++)
		assert_int_equal(check_with(request(operation, operation < 3, 0),
					    lim, &op), -EROFS);
	assert_int_equal(check_with(request(2, 0, 0), lim, &op), -EROFS);
	raw = request(5, 0, 0);
	raw.u.discard.nr_sectors = 8;
	assert_int_equal(check_with(raw, lim, &op), -EROFS);
	raw.u.discard.flag = 1;
	assert_int_equal(check_with(raw, lim, &op), -EROFS);
	raw = request(6, 0, 0);
	raw.u.indirect.nr_segments = 1;
	raw.u.indirect.indirect_op = 1;
	assert_int_equal(check_with(raw, lim, &op), -EROFS);
	raw.u.indirect.indirect_op = 0;
	assert_int_equal(check_with(raw, lim, &op), 0);
}

/* Operations by number, with the feature that each needs. */
static void test_operations_need_features(void **state)
{
	static const u32 needs[256] = {
		[2] = 1 << 1, [3] = 1 << 0, [5] = 1 << 2, [6] = 1 << 4,
	};
	unsigned int operation, features;

	(void)state;
	for (operation = 0; operation < 256; operation++) {
		bool known = operation < 2 || needs[operation];

		for (features = 0; features < 64; features++) {
			struct blkback_limits lim = limits;
			struct blkif_request raw = request(operation, 1, 0);
			struct blkback_op op;
			bool ok = known && (needs[operation] & features) ==
				  needs[operation];

			lim.features = features;
			if (operation == 3)
				raw.u.rw.nr_segments = 0;
			if (operation == 5) {
				raw.u.discard.flag = 0;
				raw.u.discard.nr_sectors = 1;
			}
			if (operation == 6) {
				raw.u.indirect.indirect_op = 0;
				raw.u.indirect.nr_segments = 1;
			}
			assert_int_equal(check_with(raw, lim, &op),
					 ok ? 0 : -EOPNOTSUPP);
			assert_int_equal(op.operation, operation == 6 && ok ?
					 0 : operation);
		}
	}
}

static void test_barrier(void **state)
{
	struct blkback_op op;

	(void)state;
	assert_int_equal(check_with(request(2, 2, 4), limits, &op), 0);
	assert_int_equal(op.kind, BLKBACK_BARRIER);
	assert_int_equal(op.nr_sectors, 4);
	assert_int_equal(op.operation, 2);
	/* without data it is a flush */
	assert_int_equal(check_with(request(2, 0, ~0ULL), limits, &op), 0);
	assert_int_equal(op.kind, BLKBACK_FLUSH);
	assert_int_equal(op.nr_sectors, 0);
	assert_int_equal(op.operation, 2);
	assert_int_equal(check_one(request(2, 12, 0)), -EINVAL);
	assert_int_equal(check_one(request(2, 1, 1000)), -EINVAL);
}

static void test_flush(void **state)
{
	struct blkback_op op;
	unsigned int nr;

	(void)state;
	assert_int_equal(check_with(request(3, 0, ~0ULL), limits, &op), 0);
	assert_int_equal(op.kind, BLKBACK_FLUSH);
	assert_int_equal(op.nr_segments, 0);
	for (nr = 1; nr < 256; nr++)
		assert_int_equal(check_one(request(3, nr, 0)), -EINVAL);
}

static struct blkif_request discard(u8 flag, u64 sector, u64 nr_sectors)
{
	struct blkif_request raw = { .operation = 5 };

	raw.u.discard.flag = flag;
	raw.u.discard.id = 0x1234567890;
	raw.u.discard.sector_number = sector;
	raw.u.discard.nr_sectors = nr_sectors;
	return raw;
}

static void test_discard(void **state)
{
	struct blkback_op op;

	(void)state;
	assert_int_equal(check_with(discard(0, 10, 500), limits, &op), 0);
	assert_int_equal(op.kind, BLKBACK_DISCARD);
	assert_int_equal(op.sector, 10);
	assert_int_equal(op.nr_sectors, 500);
	assert_int_equal(check_one(discard(0, 10, 501)), -EINVAL);
	assert_int_equal(check_one(discard(0, 10, 0)), -EINVAL);
	assert_int_equal(check_one(discard(0, 500, 500)), 0);
	assert_int_equal(check_one(discard(0, 501, 500)), -EINVAL);
	assert_int_equal(check_one(discard(0, 1000, 1)), -EINVAL);
	assert_int_equal(check_one(discard(0, ~0ULL, 1)), -EINVAL);
	assert_int_equal(check_one(discard(0, ~0ULL, 2)), -EINVAL);
	assert_int_equal(check_one(discard(0, 1, ~0ULL)), -EINVAL);
}

static void test_discard_is_aligned(void **state)
{
	struct blkback_limits lim = limits;
	struct blkback_op op;

	(void)state;
	lim.sector_size = 1024;
	assert_int_equal(check_with(discard(0, 2, 4), lim, &op), 0);
	assert_int_equal(check_with(discard(0, 1, 4), lim, &op), -EINVAL);
	assert_int_equal(check_with(discard(0, 2, 3), lim, &op), -EINVAL);
}

static void test_discard_flags(void **state)
{
	struct blkback_limits lim = limits;
	struct blkback_op op;
	unsigned int flag;

	(void)state;
	for (flag = 2; flag < 256; flag++)
		assert_int_equal(check_one(discard(flag, 0, 8)), -EOPNOTSUPP);
	assert_int_equal(check_with(discard(1, 0, 8), lim, &op), 0);
	assert_int_equal(op.kind, BLKBACK_SECURE_ERASE);
	/* never less than what was asked for */
	lim.features &= ~(1 << 3);
	assert_int_equal(check_with(discard(1, 0, 8), lim, &op), -EOPNOTSUPP);
}

static struct blkif_request indirect(u8 operation, u16 nr_segments, u64 sector)
{
	struct blkif_request raw = { .operation = 6 };

	raw.u.indirect.indirect_op = operation;
	raw.u.indirect.nr_segments = nr_segments;
	raw.u.indirect.id = 0x1234567890;
	raw.u.indirect.sector_number = sector;
	raw.u.indirect.indirect_grefs[0] = 77;
	return raw;
}

static void test_indirect(void **state)
{
	unsigned int operation, nr;
	struct blkback_op op;

	(void)state;
	for (operation = 0; operation < 256; operation++) {
		assert_int_equal(check_with(indirect(operation, 200, 9), limits,
					    &op), operation < 2 ? 0 : -EINVAL);
		/* the response names what was meant */
		assert_int_equal(op.operation, operation);
		if (operation >= 2)
			continue;
		assert_int_equal(op.kind,
				 operation ? BLKBACK_WRITE : BLKBACK_READ);
		assert_true(op.indirect);
		assert_int_equal(op.nr_segments, 200);
		assert_int_equal(op.indirect_gref, 77);
		assert_int_equal(op.sector, 9);
	}
	for (nr = 0; nr <= 0xffff; nr++)
		assert_int_equal(check_one(indirect(0, nr, 0)),
				 nr >= 1 && nr <= 256 ? 0 : -EINVAL);
}

static void test_segments_of_an_indirect_request(void **state)
{
	struct blkif_request_segment seg[512];
	struct blkback_limits lim = limits;
	unsigned int i;
	u64 sum;

	(void)state;
	for (i = 0; i < 512; i++)
		seg[i] = (struct blkif_request_segment) { .gref = i,
							  .last_sect = 7 };
	lim.sectors = 8 * 512;
	assert_int_equal(blkback_check_segments(seg, 512, 0, &lim, &sum), 0);
	assert_int_equal(sum, 8 * 512);
	assert_int_equal(blkback_check_segments(seg, 512, 1, &lim, &sum),
			 -EINVAL);
	for (i = 0; i < 512; i++) {
		seg[i].last_sect = 8;
		assert_int_equal(blkback_check_segments(seg, 512, 0, &lim,
							&sum), -EINVAL);
		seg[i].last_sect = 7;
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(test_every_number_of_queues_and_pages),
	cmocka_unit_test(test_more_than_the_page_has),
	cmocka_unit_test(test_every_pair_of_duplicates),
	cmocka_unit_test(test_each_byte_that_has_to_be_zero),
	cmocka_unit_test(test_features),
	cmocka_unit_test(test_prod),
	cmocka_unit_test(test_decode_64),
	cmocka_unit_test(test_decode_x86_32),
	cmocka_unit_test(test_read_and_write),
	cmocka_unit_test(test_numbers_of_segments),
	cmocka_unit_test(test_end_of_the_device),
	cmocka_unit_test(test_empty_device),
	cmocka_unit_test(test_every_segment),
	cmocka_unit_test(test_each_segment_is_aligned),
	cmocka_unit_test(test_each_bad_segment_counts),
	cmocka_unit_test(test_sectors_are_aligned),
	cmocka_unit_test(test_readonly),
	cmocka_unit_test(test_operations_need_features),
	cmocka_unit_test(test_barrier),
	cmocka_unit_test(test_flush),
	cmocka_unit_test(test_discard),
	cmocka_unit_test(test_discard_is_aligned),
	cmocka_unit_test(test_discard_flags),
	cmocka_unit_test(test_indirect),
	cmocka_unit_test(test_segments_of_an_indirect_request),
};

int main(void)
{
	return run_group("blkback", tests, ARRAY_SIZE(tests), pokes,
			 ARRAY_SIZE(pokes), test_poke);
}
