// SPDX-License-Identifier: GPL-2.0
/*
 * Tells whether what the backend wrote can be used: its half of the control
 * page, and what it puts into the rings. Works on private copies only, takes
 * no lock, and needs nothing of the kernel, so that tests/unit builds this very
 * file.
 */
#include <linux/errno.h>
#include <linux/types.h>

#include "check.h"

#define MIN_SECTOR_SIZE			512U
#define MAX_SECTOR_SIZE			4096U
#define MAX_PHYSICAL_SECTOR_SIZE	0x100000U

/* The size in octets must fit into a file offset, which has a sign. */
#define MAX_SECTORS			((1ULL << 54) - 1)

static bool is_partition(u32 id)
{
	return id >= NOXS_VBD_PARTITION;
}

/* Of which disk it is a partition, or which disk it is. */
static u32 disk_of(u32 id)
{
	return is_partition(id) ?
	       (id - NOXS_VBD_PARTITION) / NOXS_VBD_PARTITIONS : id;
}

/**
 * blkfront_name() - tell what a disk is called
 * @id: its number, at most NOXS_MAX_DEV_ID
 * @name: out: what follows the prefix, "a", "ab" or "a1", BLKFRONT_NAME_SIZE octets
 *
 * Return: 0, or -EINVAL if no disk has this number
 */
int blkfront_name(u32 id, char *name)
{
	u32 number = disk_of(id) + 1, partition = id % NOXS_VBD_PARTITIONS;
	char letters[4];
	int i = 0;

	if (is_partition(id) && !partition)
		return -EINVAL;
	/* a to z, aa to zz, and so on: digits from 1 to 26, the last one first. */
	for (; number; number = (number - 1) / 26)
		letters[i++] = 'a' + (number - 1) % 26;
	while (i)
		*name++ = letters[--i];
	if (is_partition(id)) {
		if (partition >= 10)
			*name++ = '0' + partition / 10;
		*name++ = '0' + partition % 10;
	}
	*name = '\0';
	return 0;
}

/**
 * blkfront_names_clash() - tell whether there can't be both of two disks
 * @a: number of one
 * @b: number of the other
 *
 * Return: true if they are the same, or one may have a partition that is called
 * as the other
 */
bool blkfront_names_clash(u32 a, u32 b)
{
	return is_partition(a) == is_partition(b) ? a == b :
	       disk_of(a) == disk_of(b);
}

static bool is_power_of_two(u32 n)
{
	return n && !(n & (n - 1));
}

static bool geometry_is_valid(const struct noxs_vbd_backend *be)
{
	return be->sectors <= MAX_SECTORS &&
	       is_power_of_two(be->sector_size) &&
	       be->sector_size >= MIN_SECTOR_SIZE &&
	       be->sector_size <= MAX_SECTOR_SIZE &&
	       is_power_of_two(be->physical_sector_size) &&
	       be->physical_sector_size >= be->sector_size &&
	       be->physical_sector_size <= MAX_PHYSICAL_SECTOR_SIZE &&
	       !(be->info & ~NOXS_VBD_INFO_ALL);
}

static bool limits_are_valid(const struct noxs_vbd_backend *be, u32 features)
{
	if (!be->max_queues || be->max_queues > NOXS_VBD_MAX_QUEUES)
		return false;
	if (!is_power_of_two(be->max_ring_pages) ||
	    be->max_ring_pages > NOXS_VBD_MAX_RING_PAGES)
		return false;
	if (!(features & NOXS_VBD_F_INDIRECT))
		return !be->max_segments;
	return be->max_segments >= BLKIF_MAX_SEGMENTS_PER_REQUEST &&
	       be->max_segments <= NOXS_VBD_MAX_SEGMENTS;
}

static bool discard_is_valid(const struct noxs_vbd_backend *be, u32 features)
{
	if (!(features & NOXS_VBD_F_DISCARD))
		return !be->discard_granularity && !be->discard_alignment &&
		       !be->max_discard_sectors;
	/* A granularity of 0 is one that the backend doesn't know. */
	return be->max_discard_sectors &&
	       !(be->discard_granularity % be->sector_size) &&
	       (!be->discard_alignment ||
		be->discard_alignment < be->discard_granularity);
}

/**
 * blkfront_check_backend() - check what a backend offers
 * @be: copy of its payload
 * @features: NOXS_VBD_F_* that it offers
 *
 * Return: 0 or -EINVAL
 */
int blkfront_check_backend(const struct noxs_vbd_backend *be, u32 features)
{
	if (!geometry_is_valid(be) || !limits_are_valid(be, features) ||
	    !discard_is_valid(be, features))
		return -EINVAL;
	return 0;
}

/**
 * blkfront_discard_fits() - tell whether discards can be split as the backend wants
 * @be: copy of its payload, checked; it offers discard
 * @sector_size: the disk's, at least the backend's
 *
 * The block layer splits into granules, or not at all: a discard that no granule fits
 * into would come back as it was, for ever. From 6.10 on, a granule is a physical
 * sector at least.
 *
 * Return: true if they can
 */
bool blkfront_discard_fits(const struct noxs_vbd_backend *be, u32 sector_size)
{
	u64 most = (u64)be->max_discard_sectors * 512;

	return most >= be->discard_granularity &&
	       most >= be->physical_sector_size && most >= sector_size;
}

/**
 * blkfront_check_prod() - check how far a backend claims to be
 * @req_prod: requests that it was shown so far
 * @rsp_cons: responses seen so far
 * @rsp_prod: responses that there are, says the backend
 *
 * Return: 0, or -EPROTO if there are more responses than requests
 */
int blkfront_check_prod(RING_IDX req_prod, RING_IDX rsp_cons,
			RING_IDX rsp_prod)
{
	return rsp_prod - rsp_cons > req_prod - rsp_cons ? -EPROTO : 0;
}

/**
 * blkfront_check_response() - check that a response answers a request
 * @rsp: copy of the response
 * @ops: operation of the request by id, BLKFRONT_OP_NONE if there is none
 * @nr_ops: size of @ops
 *
 * Return: 0, or -EPROTO if it answers no request, another operation than the
 * one that was asked for, or has a status that there isn't
 */
int blkfront_check_response(const struct blkif_response *rsp, const u8 *ops,
			    unsigned int nr_ops)
{
	if (rsp->id >= nr_ops || rsp->operation == BLKFRONT_OP_NONE ||
	    rsp->operation != ops[rsp->id])
		return -EPROTO;

	switch (rsp->status) {
	case BLKIF_RSP_OKAY:
	case BLKIF_RSP_ERROR:
	case BLKIF_RSP_EOPNOTSUPP:
		return 0;
	default:
		return -EPROTO;
	}
}
