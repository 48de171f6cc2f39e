/* SPDX-License-Identifier: GPL-2.0 */
/* What is read from the frontend is valid, or it isn't used: see check.c. */
#ifndef _BLKBACK_CHECK_H
#define _BLKBACK_CHECK_H

#include <linux/types.h>
#include <xen/interface/io/blkif.h>
#include <xen/interface/io/noxs.h>

/* Octets of a ring's entry, by protocol, and of what precedes the entries. */
#define BLKBACK_ENTRY_64	112U
#define BLKBACK_ENTRY_X86_32	108U
#define BLKBACK_ENTRY_WORDS	(BLKBACK_ENTRY_64 / 4)
#define BLKBACK_RING_HEADER	64U

/* The same for all protocols, whose rings are one page. */
#define BLKBACK_RING_SIZE	32U

/* Segments that one page describes for an indirect request. */
#define BLKBACK_SEGMENTS_PER_PAGE \
	((u32)(NOXS_PAGE_SIZE / sizeof(struct blkif_request_segment)))

/* Sectors of 512 octets in a page. */
#define BLKBACK_SECTORS_PER_PAGE	(NOXS_PAGE_SIZE / 512)

/* What a request is for. */
enum blkback_kind {
	BLKBACK_READ,
	BLKBACK_WRITE,
	BLKBACK_BARRIER,	/* a write that is durable when it is answered */
	BLKBACK_FLUSH,
	BLKBACK_DISCARD,
	BLKBACK_SECURE_ERASE,
};

/**
 * struct blkback_limits - what requests are checked against
 * @sectors: of 512 octets, that the device has now
 * @sector_size: its logical block size, a power of two from 512 to 4096
 * @max_segments: of an indirect request, at most BLKBACK_SEGMENTS_PER_PAGE
 * @max_discard_sectors: of a discard
 * @features: NOXS_VBD_F_* that both ends have
 * @readonly: there is no writing
 */
struct blkback_limits {
	u64 sectors;
	u32 sector_size;
	u32 max_segments;
	u32 max_discard_sectors;
	u32 features;
	bool readonly;
};

/**
 * struct blkback_op - a request, checked, the same for all protocols
 * @id: the frontend's, for the response
 * @sector: first sector, of 512 octets
 * @nr_sectors: number of them; unknown yet if @indirect
 * @indirect_gref: page that describes the segments, if @indirect
 * @nr_segments: how many segments there are
 * @kind: what is asked for
 * @operation: BLKIF_OP_*, for the response
 * @indirect: the segments are not in @seg, but still to be read and checked
 * @seg: the segments
 */
struct blkback_op {
	u64 id;
	u64 sector;
	u64 nr_sectors;
	u32 indirect_gref;
	u16 nr_segments;
	enum blkback_kind kind;
	u8 operation;
	bool indirect;
	struct blkif_request_segment seg[BLKIF_MAX_SEGMENTS_PER_REQUEST];
};

int blkback_check_frontend(const struct noxs_vbd_frontend *fe, u32 features,
			   const struct noxs_vbd_backend *offer);
int blkback_check_prod(RING_IDX prod, RING_IDX cons, RING_IDX rsp);
void blkback_decode(u32 protocol, const u32 entry[BLKBACK_ENTRY_WORDS],
		    struct blkif_request *raw);
int blkback_check_request(const struct blkif_request *raw,
			  const struct blkback_limits *lim,
			  struct blkback_op *op);
int blkback_check_segments(const struct blkif_request_segment *seg, u32 nr,
			   u64 sector, const struct blkback_limits *lim,
			   u64 *nr_sectors);

#endif /* _BLKBACK_CHECK_H */
