// SPDX-License-Identifier: GPL-2.0
/*
 * What a guest and a backend put into a blkif ring: indices, requests of both
 * layouts, responses. A request that the backend takes is within the device,
 * its pages, and what was negotiated.
 */
#include "fuzz.h"

#include "../../blkback-noxs/check.h"
#include "../../blkfront-noxs/check.h"

static void check_indices(const uint8_t **data, size_t *size)
{
	uint64_t unanswered, claimed;
	uint32_t index[3];

	fuzz_take(data, size, index, sizeof(index));
	/* cons is at most 32 beyond rsp */
	index[1] = index[2] + index[1] % 33;
	unanswered = index[1] - index[2];
	claimed = (uint32_t)(index[0] - index[1]);
	fuzz_assert(!blkback_check_prod(index[0], index[1], index[2]) ==
		    (unanswered + claimed <= 32));
	fuzz_assert(!blkfront_check_prod(index[1], index[2], index[0]) ==
		    ((uint32_t)(index[0] - index[2]) <= unanswered));
}

static void check_response(const uint8_t **data, size_t *size)
{
	struct blkif_response rsp;
	uint8_t ops[32], id;
	bool valid;

	fuzz_take(data, size, ops, sizeof(ops));
	fuzz_take(data, size, &rsp, sizeof(rsp));
	fuzz_take(data, size, &id, 1);
	if (id & 1)
		rsp.id = id >> 1 & 31;
	valid = rsp.id < 32 && ops[rsp.id & 31] == rsp.operation &&
		rsp.operation != 0xff && rsp.status <= 0 && rsp.status >= -2;
	fuzz_accept(blkfront_check_response(&rsp, ops, 32), valid);
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
	if (blkback_check_segments(seg, nr, sector, &lim, &sum))
		return;
	check_segments(seg, nr, sum, &lim);
	fuzz_assert(in_device(sector, sum, &lim));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_request(&data, &size);
	check_indices(&data, &size);
	check_response(&data, &size);
	check_indirect(&data, &size);
	return 0;
}
