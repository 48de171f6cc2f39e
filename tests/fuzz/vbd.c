// SPDX-License-Identifier: GPL-2.0
/*
 * Payloads of a vbd: the backend's as its frontend, and the other way round. What
 * there may be is taken, with one thing wrong it isn't, and what is taken can be used.
 */
#include "fuzz.h"

#include "../../blkback-noxs/check.h"
#include "../../blkfront-noxs/check.h"

/* A number from 0 to @max, by the input. */
static uint32_t pick(const uint8_t **data, size_t *size, uint32_t max)
{
	uint32_t n;

	fuzz_take(data, size, &n, sizeof(n));
	return n % (max + 1);
}

/* What the block layer, and we, can do with a disk that is taken. */
static void check_taken(const struct noxs_vbd_backend *be, uint32_t features)
{
	uint64_t octets = be->sectors * 512;

	fuzz_assert(octets / 512 == be->sectors && octets <= INT64_MAX);
	fuzz_assert(__builtin_popcount(be->sector_size) == 1);
	fuzz_assert(be->sector_size >= 512 && be->sector_size <= 4096);
	fuzz_assert(__builtin_popcount(be->physical_sector_size) == 1);
	fuzz_assert(!(be->physical_sector_size % be->sector_size));
	fuzz_assert(be->max_queues - 1 < 32);
	fuzz_assert(be->max_ring_pages == 1 || be->max_ring_pages == 2 ||
		    be->max_ring_pages == 4 || be->max_ring_pages == 8);
	fuzz_assert(be->info < 8);
	if (features & NOXS_VBD_F_INDIRECT)
		fuzz_assert(be->max_segments >= 11 && be->max_segments <= 4096);
	if (!(features & NOXS_VBD_F_DISCARD))
		return;
	fuzz_assert(be->max_discard_sectors);
	fuzz_assert(!(be->discard_granularity % be->sector_size));
	fuzz_assert(!be->discard_alignment ||
		    be->discard_alignment < be->discard_granularity);
}

/* A disk as there may be one. */
static void make_backend(const uint8_t **data, size_t *size,
			 struct noxs_vbd_backend *be, uint32_t features)
{
	uint64_t sectors;
	uint32_t shift;

	fuzz_take(data, size, &sectors, sizeof(sectors));
	memset(be, 0, sizeof(*be));
	be->sectors = sectors >> 10;
	shift = pick(data, size, 3);
	be->sector_size = 512 << shift;
	be->physical_sector_size = be->sector_size <<
				   pick(data, size, 11 - shift);
	be->info = pick(data, size, 7);
	be->max_queues = pick(data, size, 31) + 1;
	be->max_ring_pages = 1 << pick(data, size, 3);
	if (features & NOXS_VBD_F_INDIRECT)
		be->max_segments = pick(data, size, 4096 - 11) + 11;
	if (!(features & NOXS_VBD_F_DISCARD))
		return;
	be->max_discard_sectors = pick(data, size, UINT32_MAX - 2) + 1;
	be->discard_granularity = pick(data, size, 1000) * be->sector_size;
	if (be->discard_granularity)
		be->discard_alignment = pick(data, size,
					     be->discard_granularity - 1);
}

/* Each breaks one rule, whatever the rest is. */
static void spoil_backend(struct noxs_vbd_backend *be, uint32_t features,
			  uint32_t how, uint32_t by)
{
	switch (how % 10) {
	case 0:
		be->sectors |= 1ULL << (54 + by % 10);
		break;
	case 1:
		be->sector_size = by & 1 ? 256 >> by / 2 % 9 :
					   8192U << by / 2 % 19;
		break;
	case 2:
		be->sector_size |= 1 << by % 9;
		break;
	case 3:
		be->physical_sector_size = be->sector_size / 2;
		break;
	case 4:
		be->physical_sector_size = 1U << (21 + by % 11);
		break;
	case 5:
		be->info |= 1U << (3 + by % 29);
		break;
	case 6:
		be->max_queues = by & 1 ? 0 : 33 + by / 2;
		break;
	case 7:
		be->max_ring_pages = by & 1 ? 3 : 16U << by / 2 % 29;
		break;
	case 8:
		be->max_segments = !(features & NOXS_VBD_F_INDIRECT) ? by | 1 :
				   by & 1 ? by % 11 : 4097 + by / 2;
		break;
	default:
		if (!(features & NOXS_VBD_F_DISCARD))
			be->discard_granularity = be->sector_size;
		else if (by & 1)
			be->max_discard_sectors = 0;
		else if (by & 2)
			be->discard_granularity |= 1 << by / 4 % 9;
		else
			be->discard_alignment = be->discard_granularity ?: 1;
	}
}

static void fuzz_backend(const uint8_t *data, size_t size)
{
	struct noxs_vbd_backend be, spoilt;
	uint32_t features, how, by;
	int err;

	fuzz_take(&data, &size, &features, sizeof(features));
	fuzz_take(&data, &size, &how, sizeof(how));
	fuzz_take(&data, &size, &by, sizeof(by));
	make_backend(&data, &size, &be, features);
	fuzz_assert(!blkfront_check_backend(&be, features));
	spoilt = be;
	spoil_backend(&spoilt, features, how, by);
	fuzz_assert(blkfront_check_backend(&spoilt, features) == -EINVAL);

	fuzz_patch(data, size, &be, sizeof(be));
	err = blkfront_check_backend(&be, features);
	fuzz_count(err);
	if (!err)
		check_taken(&be, features);
}

/* What the rings of a frontend that is taken are connected to is all different. */
static void check_queues(const struct noxs_vbd_frontend *fe,
			 const struct noxs_vbd_backend *offer)
{
	uint32_t ports[32], pages[32 * 8];
	unsigned int nr = 0, i, j;

	fuzz_assert(fe->nr_queues - 1 < offer->max_queues);
	fuzz_assert(fe->nr_ring_pages - 1 < offer->max_ring_pages);
	fuzz_assert(!(8 % fe->nr_ring_pages));
	for (i = 0; i < fe->nr_queues; i++) {
		fuzz_assert(fe->queue[i].evtchn);
		ports[i] = fe->queue[i].evtchn;
		for (j = 0; j < i; j++)
			fuzz_assert(ports[j] != ports[i]);
		for (j = 0; j < fe->nr_ring_pages; j++)
			pages[nr++] = fe->queue[i].gref[j];
	}
	for (i = 0; i < nr; i++)
		for (j = 0; j < i; j++)
			fuzz_assert(pages[j] != pages[i]);
}

/* Pages and ports of any numbers, all different. */
static void make_frontend(const uint8_t **data, size_t *size,
			  struct noxs_vbd_frontend *fe,
			  struct noxs_vbd_backend *offer)
{
	uint32_t gref = pick(data, size, UINT32_MAX - 1);
	uint32_t port = pick(data, size, 1 << 17), step, i, j;

	memset(fe, 0, sizeof(*fe));
	memset(offer, 0, sizeof(*offer));
	offer->max_queues = pick(data, size, 31) + 1;
	offer->max_ring_pages = 1 << pick(data, size, 3);
	fe->protocol = pick(data, size, 1) + 1;
	fe->nr_queues = pick(data, size, offer->max_queues - 1) + 1;
	fe->nr_ring_pages = offer->max_ring_pages >> pick(data, size, 3);
	if (!fe->nr_ring_pages)
		fe->nr_ring_pages = 1;
	step = 2 * pick(data, size, 1000) + 1;
	for (i = 0; i < fe->nr_queues; i++) {
		fe->queue[i].evtchn = port + 1 + i * step;
		for (j = 0; j < fe->nr_ring_pages; j++, gref += step)
			fe->queue[i].gref[j] = gref;
	}
}

/* Each breaks one rule, whatever the rest is. */
static void spoil_frontend(struct noxs_vbd_frontend *fe,
			   struct noxs_vbd_backend *offer, uint32_t how,
			   uint32_t by)
{
	uint32_t q = by % fe->nr_queues, other = by / 32 % fe->nr_queues;
	uint32_t page = by / 1024 % fe->nr_ring_pages;

	switch (how % 8) {
	case 0:
		fe->protocol = by < 3 ? 0 : by;
		break;
	case 1:
		if (by & 1)
			offer->max_queues = fe->nr_queues - 1;
		else
			fe->nr_queues = by & 2 ? 0 : 33 + by / 4;
		break;
	case 2:
		if (by & 1)
			offer->max_ring_pages = fe->nr_ring_pages / 2;
		else
			fe->nr_ring_pages = by & 2 ? 0 : 3U << by / 4 % 30;
		break;
	case 3:
		fe->pad = by | 1;
		break;
	case 4:
		fe->queue[q].evtchn = q == other ? 0 : fe->queue[other].evtchn;
		break;
	case 5:
		if (fe->nr_ring_pages < 8)
			fe->queue[q].gref[7] = by | 1;
		else
			fe->queue[q].gref[1] = fe->queue[other].gref[0];
		break;
	case 6:
		if (q == other)
			fe->pad = 1;
		else
			fe->queue[q].gref[page] =
				fe->queue[other].gref[by / 8192 %
						      fe->nr_ring_pages];
		break;
	default:
		if (fe->nr_queues < 32)
			fe->queue[31].evtchn = by | 1;
		else
			fe->queue[q].evtchn = 0;
	}
}

static void fuzz_frontend(const uint8_t *data, size_t size)
{
	struct noxs_vbd_frontend fe, spoilt;
	struct noxs_vbd_backend offer;
	uint32_t features, how, by;
	int err;

	fuzz_take(&data, &size, &features, sizeof(features));
	fuzz_take(&data, &size, &how, sizeof(how));
	fuzz_take(&data, &size, &by, sizeof(by));
	make_frontend(&data, &size, &fe, &offer);
	err = blkback_check_frontend(&fe, features, &offer);
	fuzz_assert(err == (features & ~NOXS_VBD_F_ALL ? -EINVAL : 0));
	features &= NOXS_VBD_F_ALL;
	spoilt = fe;
	spoil_frontend(&spoilt, &offer, how, by);
	fuzz_assert(blkback_check_frontend(&spoilt, features, &offer) ==
		    -EINVAL);

	fuzz_patch(data, size, &fe, sizeof(fe));
	err = blkback_check_frontend(&fe, features, &offer);
	fuzz_count(err);
	if (!err)
		check_queues(&fe, &offer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t which;

	fuzz_take(&data, &size, &which, 1);
	if (which & 1)
		fuzz_backend(data, size);
	else
		fuzz_frontend(data, size);
	return 0;
}
