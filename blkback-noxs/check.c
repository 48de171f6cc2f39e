// SPDX-License-Identifier: GPL-2.0
/*
 * Tells whether what the frontend wrote can be used: its half of the control
 * page, the indices of its rings, its requests and their segments.
 *
 * Works on private copies only, takes no lock, and needs nothing of the kernel,
 * so that tests/unit and tests/fuzz build this very file.
 */
#include <linux/errno.h>
#include <linux/string.h>
#include <linux/types.h>

#include "check.h"

static_assert(sizeof(struct blkif_request) == BLKBACK_ENTRY_64,
	      "the kernel's requests have the 64-bit layout");

/* No other queue, and no other page of this one, has what queue @n names. */
static int check_queue(const struct noxs_vbd_frontend *fe, u32 n)
{
	const struct noxs_vbd_queue *queue = &fe->queue[n];
	u32 pages = fe->nr_ring_pages;
	u32 i, j, k;

	if (!queue->evtchn)
		return -EINVAL;
	if (memchr_inv(&queue->gref[pages], 0,
		       (NOXS_VBD_MAX_RING_PAGES - pages) *
		       sizeof(queue->gref[0])))
		return -EINVAL;

	for (i = 0; i < n; i++)
		if (fe->queue[i].evtchn == queue->evtchn)
			return -EINVAL;
	for (i = 0; i <= n; i++)
		for (j = 0; j < pages; j++)
			for (k = 0; k < (i < n ? pages : j); k++)
				if (fe->queue[i].gref[k] == queue->gref[j])
					return -EINVAL;
	return 0;
}

/**
 * blkback_check_frontend() - check what a frontend asks for
 * @fe: copy of its payload
 * @features: NOXS_VBD_F_* that both ends have
 * @offer: what was offered to it
 *
 * Return: 0 or -EINVAL
 */
int blkback_check_frontend(const struct noxs_vbd_frontend *fe, u32 features,
			   const struct noxs_vbd_backend *offer)
{
	u32 pages = fe->nr_ring_pages;
	u32 nr = fe->nr_queues;
	u32 i;
	int err;

	if (features & ~NOXS_VBD_F_ALL || fe->pad)
		return -EINVAL;
	if (fe->protocol != NOXS_VBD_PROTOCOL_64 &&
	    fe->protocol != NOXS_VBD_PROTOCOL_X86_32)
		return -EINVAL;
	if (!nr || nr > offer->max_queues || nr > NOXS_VBD_MAX_QUEUES)
		return -EINVAL;
	if (!pages || pages & (pages - 1) || pages > offer->max_ring_pages ||
	    pages > NOXS_VBD_MAX_RING_PAGES)
		return -EINVAL;
	if (memchr_inv(&fe->queue[nr], 0,
		       (NOXS_VBD_MAX_QUEUES - nr) * sizeof(fe->queue[0])))
		return -EINVAL;

	for (i = 0; i < nr; i++) {
		err = check_queue(fe, i);
		if (err)
			return err;
	}
	return 0;
}

/**
 * blkback_check_prod() - check how far a frontend claims to be
 * @prod: requests that there are, says the frontend
 * @cons: requests taken so far
 * @rsp: responses made so far, at most @cons
 *
 * Return: 0, or -EPROTO if it takes requests back, or has more of them on the
 * way than the ring holds
 */
int blkback_check_prod(RING_IDX prod, RING_IDX cons, RING_IDX rsp)
{
	return prod - cons > BLKBACK_RING_SIZE - (cons - rsp) ? -EPROTO : 0;
}

/**
 * blkback_decode() - turn an entry of a ring into a request
 * @protocol: NOXS_VBD_PROTOCOL_* of the ring
 * @entry: copy of the entry
 * @raw: out: the request, in the layout of all 64-bit ABIs
 *
 * In each of its forms, a request of 32-bit x86 lacks the four octets of
 * padding that follow the first four, and is the same otherwise.
 */
void blkback_decode(u32 protocol, const u32 entry[BLKBACK_ENTRY_WORDS],
		    struct blkif_request *raw)
{
	u8 *octets = (u8 *)raw;

	if (protocol == NOXS_VBD_PROTOCOL_64) {
		memcpy(octets, entry, sizeof(*raw));
		return;
	}
	memcpy(octets, entry, 4);
	memset(octets + 4, 0, 4);
	memcpy(octets + 8, entry + 1, sizeof(*raw) - 8);
}

/* True if the octets of so many sectors are whole logical blocks. */
static bool is_aligned(u64 sectors, const struct blkback_limits *lim)
{
	return !(sectors & (lim->sector_size / 512 - 1));
}

static int check_range(u64 sector, u64 nr_sectors,
		       const struct blkback_limits *lim)
{
	if (!is_aligned(sector, lim) || !is_aligned(nr_sectors, lim))
		return -EINVAL;
	/* No sum, so no overflow. */
	if (sector > lim->sectors || nr_sectors > lim->sectors - sector)
		return -EINVAL;
	return 0;
}

/**
 * blkback_check_segments() - check the segments of a read or write
 * @seg: copies of them
 * @nr: how many, at least 1
 * @sector: first sector of the device
 * @lim: limits
 * @nr_sectors: out: sectors of all the segments
 *
 * Each has to be whole logical blocks, in memory, too: no device has to take
 * less.
 *
 * Return: 0 or -EINVAL
 */
int blkback_check_segments(const struct blkif_request_segment *seg, u32 nr,
			   u64 sector, const struct blkback_limits *lim,
			   u64 *nr_sectors)
{
	u64 sum = 0;
	u32 i;

	for (i = 0; i < nr; i++) {
		if (seg[i].first_sect > seg[i].last_sect ||
		    seg[i].last_sect >= BLKBACK_SECTORS_PER_PAGE)
			return -EINVAL;
		if (!is_aligned(seg[i].first_sect, lim) ||
		    !is_aligned(seg[i].last_sect + 1, lim))
			return -EINVAL;
		sum += seg[i].last_sect - seg[i].first_sect + 1;
	}

	*nr_sectors = sum;
	return check_range(sector, sum, lim);
}

static int check_write(const struct blkback_op *op,
		       const struct blkback_limits *lim)
{
	return op->kind != BLKBACK_READ && lim->readonly ? -EROFS : 0;
}

static int check_rw(const struct blkif_request *raw,
		    const struct blkback_limits *lim, struct blkback_op *op)
{
	int err;

	op->sector = raw->u.rw.sector_number;
	op->nr_segments = raw->u.rw.nr_segments;
	if (!op->nr_segments ||
	    op->nr_segments > BLKIF_MAX_SEGMENTS_PER_REQUEST)
		return -EINVAL;
	err = check_write(op, lim);
	if (err)
		return err;

	memcpy(op->seg, raw->u.rw.seg, sizeof(op->seg));
	return blkback_check_segments(op->seg, op->nr_segments, op->sector, lim,
				      &op->nr_sectors);
}

static int check_flush(const struct blkif_request *raw,
		       const struct blkback_limits *lim, struct blkback_op *op)
{
	if (raw->u.rw.nr_segments)
		return -EINVAL;
	op->kind = BLKBACK_FLUSH;
	return check_write(op, lim);
}

static int check_discard(const struct blkif_request *raw,
			 const struct blkback_limits *lim,
			 struct blkback_op *op)
{
	int err;

	op->kind = BLKBACK_DISCARD;
	if (raw->u.discard.flag & ~BLKIF_DISCARD_SECURE)
		return -EOPNOTSUPP;
	if (raw->u.discard.flag & BLKIF_DISCARD_SECURE) {
		/* Who wants data destroyed isn't served with less. */
		if (!(lim->features & NOXS_VBD_F_SECURE_ERASE))
			return -EOPNOTSUPP;
		op->kind = BLKBACK_SECURE_ERASE;
	}
	err = check_write(op, lim);
	if (err)
		return err;

	op->sector = raw->u.discard.sector_number;
	op->nr_sectors = raw->u.discard.nr_sectors;
	if (!op->nr_sectors || op->nr_sectors > lim->max_discard_sectors)
		return -EINVAL;
	return check_range(op->sector, op->nr_sectors, lim);
}

static int check_indirect(const struct blkif_request *raw,
			  const struct blkback_limits *lim,
			  struct blkback_op *op)
{
	/* Frontends expect a response to what they meant, as from Linux. */
	op->operation = raw->u.indirect.indirect_op;
	switch (op->operation) {
	case BLKIF_OP_READ:
		op->kind = BLKBACK_READ;
		break;
	case BLKIF_OP_WRITE:
		op->kind = BLKBACK_WRITE;
		break;
	default:
		return -EINVAL;
	}

	op->indirect = true;
	op->sector = raw->u.indirect.sector_number;
	op->nr_segments = raw->u.indirect.nr_segments;
	op->indirect_gref = raw->u.indirect.indirect_grefs[0];
	if (!op->nr_segments || op->nr_segments > lim->max_segments)
		return -EINVAL;
	return check_write(op, lim);
}

/**
 * blkback_check_request() - check a request
 * @raw: private copy of it
 * @lim: limits
 * @op: out: the request; @op->id and @op->operation always, so that there can
 *	be a response
 *
 * Unless it is indirect, a request that passes is within all limits. For an
 * indirect one that is so once its segments passed blkback_check_segments().
 *
 * Return: 0; -EOPNOTSUPP for what wasn't agreed on, or doesn't exist; -EROFS
 * for writes that are not allowed; -EINVAL for what makes no sense
 */
int blkback_check_request(const struct blkif_request *raw,
			  const struct blkback_limits *lim,
			  struct blkback_op *op)
{
	memset(op, 0, sizeof(*op));
	op->id = raw->u.rw.id;
	op->operation = raw->operation;

	switch (raw->operation) {
	case BLKIF_OP_READ:
		op->kind = BLKBACK_READ;
		return check_rw(raw, lim, op);
	case BLKIF_OP_WRITE:
		op->kind = BLKBACK_WRITE;
		return check_rw(raw, lim, op);
	case BLKIF_OP_WRITE_BARRIER:
		if (!(lim->features & NOXS_VBD_F_BARRIER))
			return -EOPNOTSUPP;
		/* Without data, all that is left of it is the flush. */
		if (!raw->u.rw.nr_segments)
			return check_flush(raw, lim, op);
		op->kind = BLKBACK_BARRIER;
		return check_rw(raw, lim, op);
	case BLKIF_OP_FLUSH_DISKCACHE:
		if (!(lim->features & NOXS_VBD_F_FLUSH))
			return -EOPNOTSUPP;
		return check_flush(raw, lim, op);
	case BLKIF_OP_DISCARD:
		if (!(lim->features & NOXS_VBD_F_DISCARD))
			return -EOPNOTSUPP;
		return check_discard(raw, lim, op);
	case BLKIF_OP_INDIRECT:
		if (!(lim->features & NOXS_VBD_F_INDIRECT))
			return -EOPNOTSUPP;
		return check_indirect(raw, lim, op);
	default:
		return -EOPNOTSUPP;
	}
}
