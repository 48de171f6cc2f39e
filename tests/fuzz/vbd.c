// SPDX-License-Identifier: GPL-2.0
/* Payloads of a vbd: the backend's as its frontend, and the other way round. */
#include "fuzz.h"

#include "../../blkback-noxs/check.h"
#include "../../blkfront-noxs/check.h"

static bool power_of_two(uint32_t n)
{
	int bits = 0;

	for (; n; n >>= 1)
		bits += n & 1;
	return bits == 1;
}

static bool backend_is_valid(const uint8_t *p, uint32_t features)
{
	uint32_t sector = u32_at(p, 8), physical = u32_at(p, 12);
	uint32_t granularity = u32_at(p, 32), alignment = u32_at(p, 36);

	/* Octets have to be countable by a signed 64-bit offset. */
	if (u32_at(p, 4) >> 22)
		return false;
	if (!power_of_two(sector) || sector < 512 || sector > 4096 ||
	    !power_of_two(physical) || physical < sector ||
	    physical > 1 << 20)
		return false;
	if (u32_at(p, 16) > 7 || u32_at(p, 20) - 1 >= 32 ||
	    !power_of_two(u32_at(p, 24)) || u32_at(p, 24) > 8)
		return false;
	if (features & 1 << 4 ? u32_at(p, 28) < 11 || u32_at(p, 28) > 4096 :
				u32_at(p, 28))
		return false;
	if (!(features & 1 << 2))
		return zero_at(p, 32, 44);
	if (granularity % sector || (alignment && alignment >= granularity))
		return false;
	return u32_at(p, 40);
}

static void fuzz_backend(const uint8_t *data, size_t size)
{
	struct noxs_vbd_backend be = {
		.sectors = 1024, .sector_size = 512,
		.physical_sector_size = 4096, .max_queues = 1,
		.max_ring_pages = 1,
	};
	uint32_t features;

	fuzz_take(&data, &size, &features, sizeof(features));
	if (features & 1 << 4)
		be.max_segments = 32;
	if (features & 1 << 2) {
		be.discard_granularity = 4096;
		be.max_discard_sectors = 8;
	}
	fuzz_patch(data, size, &be, sizeof(be));
	fuzz_accept(blkfront_check_backend(&be, features),
		    backend_is_valid((uint8_t *)&be, features));
}

/* Whether no number occurs twice among ports, nor among pages. */
static bool all_differ(const uint8_t *p, unsigned int nr, unsigned int pages)
{
	unsigned int i, j, step[2] = { 1, pages }, from[2] = { 0, 8 }, kind;

	for (kind = 0; kind < 2; kind++) {
		for (i = 0; i < nr * step[kind]; i++) {
			for (j = 0; j < i; j++) {
				size_t a = 24 + 40 * (i / step[kind]) +
					   from[kind] + 4 * (i % step[kind]);
				size_t b = 24 + 40 * (j / step[kind]) +
					   from[kind] + 4 * (j % step[kind]);

				if (u32_at(p, a) == u32_at(p, b))
					return false;
			}
		}
	}
	return true;
}

static bool frontend_is_valid(const uint8_t *p, uint32_t features,
			      uint32_t max_queues, uint32_t max_pages)
{
	uint32_t nr = u32_at(p, 4), pages = u32_at(p, 8), q;

	if (features > 0x3f || u32_at(p, 0) - 1 > 1 || !nr || nr > max_queues ||
	    !power_of_two(pages) || pages > max_pages || !zero_at(p, 20, 24))
		return false;
	for (q = 0; q < nr; q++) {
		size_t at = 24 + 40 * q;

		if (!u32_at(p, at) ||
		    !zero_at(p, at + 8 + 4 * pages, at + 40))
			return false;
	}
	return zero_at(p, 24 + 40 * nr, 24 + 40 * 32) &&
	       all_differ(p, nr, pages);
}

static void fuzz_frontend(const uint8_t *data, size_t size)
{
	struct noxs_vbd_frontend fe = { .protocol = 1 };
	struct noxs_vbd_backend offer = { 0 };
	uint8_t nr, pages, max, wild;
	uint32_t features;
	unsigned int i, j;

	fuzz_take(&data, &size, &nr, 1);
	fuzz_take(&data, &size, &pages, 1);
	fuzz_take(&data, &size, &max, 1);
	fuzz_take(&data, &size, &wild, 1);
	fuzz_take(&data, &size, &features, sizeof(features));
	if (wild & 1)
		features &= 0x3f;
	offer.max_queues = max % 32 + 1;
	offer.max_ring_pages = 1 << (max >> 6);
	fe.nr_queues = nr % 33;
	fe.nr_ring_pages = 1 << pages % 4;
	for (i = 0; i < fe.nr_queues; i++) {
		fe.queue[i].evtchn = 1 + i;
		for (j = 0; j < fe.nr_ring_pages; j++)
			fe.queue[i].gref[j] = 8 + 8 * i + j;
	}
	fuzz_patch(data, size, &fe, sizeof(fe));
	fuzz_accept(blkback_check_frontend(&fe, features, &offer),
		    frontend_is_valid((uint8_t *)&fe, features,
				      offer.max_queues, offer.max_ring_pages));
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
