// SPDX-License-Identifier: GPL-2.0
/*
 * What a guest and a backend put into a blkif ring: indices, requests of both
 * layouts, responses. A request that the backend takes is within the device,
 * its pages, and what was negotiated; and it takes what is right.
 */
#include "fuzz.h"

#include "../../blkback-noxs/check.h"
#include "../../blkfront-noxs/check.h"

/* Entries with requests that aren't answered are not used again. */
static void check_indices(const uint8_t **data, size_t *size)
{
	bool taken[32] = { false }, valid;
	uint32_t cons, rsp, prod;
	uint8_t unanswered, near;

	fuzz_take(data, size, &rsp, sizeof(rsp));
	fuzz_take(data, size, &unanswered, 1);
	fuzz_take(data, size, &near, 1);
	fuzz_take(data, size, &prod, sizeof(prod));
	cons = rsp + unanswered % 33;
	if (near & 1)
		prod = cons + (near >> 1) - 48;
	fuzz_assert(fuzz_entries(rsp, cons, taken, 32));
	valid = fuzz_entries(cons, prod, taken, 32);
	fuzz_assert(!blkback_check_prod(prod, cons, rsp) == valid);

	/* Looking for each response, one comes to its index before the last. */
	for (valid = rsp == prod; !valid && rsp != cons; )
		valid = ++rsp == prod;
	rsp = cons - unanswered % 33;
	fuzz_assert(!blkfront_check_prod(cons, rsp, prod) == valid);
}

/*
 * Requests of any kind are under way, and are answered, in the ways that there are.
 * Each answer counts once.
 */
static void check_responses(const uint8_t **data, size_t *size)
{
	struct blkif_response rsp = { 0 };
	uint8_t ops[32], how, id, other;
	int err;

	fuzz_take(data, size, ops, sizeof(ops));
	while (*size) {
		fuzz_take(data, size, &how, 1);
		fuzz_take(data, size, &id, 1);
		fuzz_take(data, size, &other, 1);
		id %= 32;
		rsp.id = id;
		rsp.operation = ops[id];
		rsp.status = -(how % 3);
		err = blkfront_check_response(&rsp, ops, 32);
		fuzz_assert(!err == (ops[id] != BLKFRONT_OP_NONE));

		rsp.id = 32 + ((uint64_t)other << how % 57);
		fuzz_assert(blkfront_check_response(&rsp, ops, 32) < 0);
		rsp.id = id;
		rsp.operation ^= other | 1;
		fuzz_assert(blkfront_check_response(&rsp, ops, 32) < 0);
		rsp.operation = ops[id];
		rsp.status = other & 1 ? other : -3 - (other << 7);
		fuzz_assert(blkfront_check_response(&rsp, ops, 32) < 0);

		if (!err)
			ops[id] = BLKFRONT_OP_NONE;
	}
}

/* Octets from..to of the device are of it and whole blocks. */
static bool in_device(uint64_t sector, uint64_t nr,
		      const struct blkback_limits *lim)
{
	__uint128_t end = (__uint128_t)sector + nr;

	return end <= lim->sectors && !(sector * 512 % lim->sector_size) &&
	       !(nr * 512 % lim->sector_size);
}

static void check_segments(const struct blkif_request_segment *seg,
			   unsigned int nr, uint64_t sum,
			   const struct blkback_limits *lim)
{
	uint64_t octets = 0;
	unsigned int i;

	for (i = 0; i < nr; i++) {
		unsigned int from = seg[i].first_sect * 512;
		unsigned int to = (seg[i].last_sect + 1) * 512;

		fuzz_assert(from < to && to <= 4096);
		fuzz_assert(!(from % lim->sector_size));
		fuzz_assert(!(to % lim->sector_size));
		octets += to - from;
	}
	fuzz_assert(octets == sum * 512);
}

static void check_op(const struct blkback_op *op,
		     const struct blkback_limits *lim)
{
	static const uint32_t needs[] = {
		[BLKBACK_BARRIER] = 1 << 1, [BLKBACK_DISCARD] = 1 << 2,
		[BLKBACK_SECURE_ERASE] = 1 << 2 | 1 << 3,
	};

	fuzz_assert(op->kind <= BLKBACK_SECURE_ERASE);
	fuzz_assert(op->kind == BLKBACK_READ || !lim->readonly);
	if (op->kind == BLKBACK_FLUSH)
		fuzz_assert(lim->features & 3 && !op->nr_segments);
	else
		fuzz_assert((lim->features & needs[op->kind]) ==
			    needs[op->kind]);

	if (op->indirect) {
		fuzz_assert(op->kind <= BLKBACK_WRITE);
		fuzz_assert(lim->features & 1 << 4);
		fuzz_assert(op->nr_segments &&
			    op->nr_segments <= lim->max_segments);
		fuzz_assert(op->operation == op->kind);
		return;
	}
	if (op->kind == BLKBACK_FLUSH)
		return;
	fuzz_assert(op->nr_sectors && in_device(op->sector, op->nr_sectors,
						lim));
	if (op->kind >= BLKBACK_DISCARD) {
		fuzz_assert(op->nr_sectors <= lim->max_discard_sectors);
		fuzz_assert(!op->nr_segments);
		return;
	}
	fuzz_assert(op->nr_segments && op->nr_segments <= 11);
	check_segments(op->seg, op->nr_segments, op->nr_sectors, lim);
}

static void check_request(const uint8_t **data, size_t *size)
{
	struct blkback_limits lim = { .sectors = 4096, .max_segments = 32,
				      .max_discard_sectors = 2048 };
	u32 entry[BLKBACK_ENTRY_WORDS];
	struct blkif_request raw;
	struct blkback_op op;
	uint8_t how, block;
	int err;

	fuzz_take(data, size, &how, 1);
	fuzz_take(data, size, &block, 1);
	fuzz_take(data, size, &lim.features, sizeof(lim.features));
	lim.readonly = how & 1;
	lim.sector_size = 512 << (block & 3);
	fuzz_take(data, size, entry, sizeof(entry));

	blkback_decode(how & 2 ? 1 : 2, entry, &raw);
	memset(&op, 0xff, sizeof(op));
	err = blkback_check_request(&raw, &lim, &op);
	fuzz_assert(err == 0 || err == -EINVAL || err == -EROFS ||
		    err == -EOPNOTSUPP);
	fuzz_assert(op.id == raw.u.rw.id);
	if (err) {
		fuzz_refused++;
		return;
	}
	check_op(&op, &lim);
	fuzz_accepted++;
}

/* Segments of whole blocks in any place of a page. Returns their sectors. */
static uint64_t make_segments(const uint8_t **data, size_t *size,
			      struct blkif_request_segment *seg, unsigned int nr,
			      unsigned int block)
{
	unsigned int blocks = 8 / block, i, first, last;
	uint64_t sum = 0;
	uint8_t dice[2];

	for (i = 0; i < nr; i++) {
		fuzz_take(data, size, dice, sizeof(dice));
		first = dice[0] % blocks;
		last = first + dice[1] % (blocks - first);
		seg[i].gref = i;
		seg[i].first_sect = first * block;
		seg[i].last_sect = (last + 1) * block - 1;
		sum += (last + 1 - first) * block;
	}
	return sum;
}

/* What is right is accepted as it is, wherever it is on the device. */
static void check_right(const uint8_t **data, size_t *size)
{
	static const uint8_t ops[] = {
		BLKIF_OP_READ, BLKIF_OP_WRITE, BLKIF_OP_WRITE_BARRIER,
	};
	struct blkback_limits lim = { .max_segments = 32,
				      .max_discard_sectors = 64,
				      .features = ~0U };
	struct blkif_request raw;
	uint8_t how, nr, block;
	struct blkback_op op;
	uint64_t sum, space;

	fuzz_take(data, size, &how, 1);
	fuzz_take(data, size, &nr, 1);
	fuzz_take(data, size, &space, sizeof(space));
	memset(&raw, 0, sizeof(raw));
	block = 1 << (how & 3);
	lim.sector_size = 512 * block;
	raw.operation = ops[(how >> 2) % 3];
	raw.u.rw.nr_segments = nr % 11 + 1;
	sum = make_segments(data, size, raw.u.rw.seg, raw.u.rw.nr_segments,
			    block);
	/* To the last block of the device. */
	raw.u.rw.sector_number = (space >> 12) * block;
	lim.sectors = raw.u.rw.sector_number + sum;
	fuzz_assert(!blkback_check_request(&raw, &lim, &op));
	fuzz_assert(op.sector == raw.u.rw.sector_number &&
		    op.nr_sectors == sum);
	fuzz_assert(!memcmp(op.seg, raw.u.rw.seg, sizeof(op.seg)));

	lim.readonly = true;
	fuzz_assert(blkback_check_request(&raw, &lim, &op) ==
		    (raw.operation == BLKIF_OP_READ ? 0 : -EROFS));
	lim.readonly = false;
	lim.sectors--;
	fuzz_assert(blkback_check_request(&raw, &lim, &op) == -EINVAL);
	lim.sectors++;
	if (block > 1) {
		raw.u.rw.sector_number -= block / 2;
		fuzz_assert(blkback_check_request(&raw, &lim, &op) == -EINVAL);
	}

	raw.operation = BLKIF_OP_DISCARD;
	raw.u.discard.flag = how & 0x80 ? BLKIF_DISCARD_SECURE : 0;
	raw.u.discard.nr_sectors = nr % 8 * block + block;
	raw.u.discard.sector_number = lim.sectors - raw.u.discard.nr_sectors;
	if (raw.u.discard.sector_number > lim.sectors)
		return;
	fuzz_assert(!blkback_check_request(&raw, &lim, &op));
	lim.max_discard_sectors = raw.u.discard.nr_sectors - 1;
	fuzz_assert(blkback_check_request(&raw, &lim, &op) == -EINVAL);
	lim.features ^= how & 0x80 ? 1 << 3 : 1 << 2;
	fuzz_assert(blkback_check_request(&raw, &lim, &op) == -EOPNOTSUPP);
}

/* The page that an indirect request names. */
static void check_indirect(const uint8_t **data, size_t *size)
{
	struct blkback_limits lim = { .sectors = 4096 };
	struct blkif_request_segment seg[32];
	uint8_t block, nr;
	uint64_t sector, sum;

	fuzz_take(data, size, &block, 1);
	fuzz_take(data, size, &nr, 1);
	fuzz_take(data, size, &sector, sizeof(sector));
	fuzz_take(data, size, seg, sizeof(seg));
	lim.sector_size = 512 << (block & 3);
	nr = nr % 32 + 1;
	if (blkback_check_segments(seg, nr, sector, &lim, &sum)) {
		/* These are right, and there is room for them. */
		sum = make_segments(data, size, seg, nr, lim.sector_size / 512);
		sector = 4096 - sum;
		fuzz_assert(!blkback_check_segments(seg, nr, sector, &lim,
						    &sum));
	}
	check_segments(seg, nr, sum, &lim);
	fuzz_assert(in_device(sector, sum, &lim));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_request(&data, &size);
	check_indices(&data, &size);
	check_indirect(&data, &size);
	check_right(&data, &size);
	check_responses(&data, &size);
	return 0;
}
