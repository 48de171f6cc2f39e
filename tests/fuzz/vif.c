// SPDX-License-Identifier: GPL-2.0
/* Payloads of a vif: the backend's as its frontend, and the other way round. */
#include "fuzz.h"

#include "../../netback-noxs/check.h"
#include "../../netfront-noxs/check.h"

static bool backend_is_valid(const uint8_t *p)
{
	return !(p[0] & 1) && !zero_at(p, 0, 6) && zero_at(p, 6, 8) &&
	       u32_at(p, 8) >= 68 && u32_at(p, 8) <= 65535 &&
	       u32_at(p, 12) >= 1 && u32_at(p, 12) <= 64;
}

static void fuzz_backend(const uint8_t *data, size_t size)
{
	struct noxs_vif_backend be = {
		.mac = { 2 }, .mtu = 1500, .max_queues = 1,
	};

	fuzz_patch(data, size, &be, sizeof(be));
	fuzz_accept(netfront_check_backend(&be),
		    backend_is_valid((uint8_t *)&be));
}

static bool features_are_valid(uint32_t features)
{
	if (features > 0x7f)
		return false;
	if (features & 8 && (features & 3) != 3)
		return false;
	return !(features & 16) || (features & 5) == 5;
}

/* Word w of queue q: 0 and 1 are pages, 2 and 3 ports, 4 and 5 lists of buffers. */
static uint32_t word(const uint8_t *p, unsigned int q, unsigned int w)
{
	return u32_at(p, 376 + 24 * q + 4 * w);
}

static bool queues_are_valid(const uint8_t *p, unsigned int nr, bool split)
{
	unsigned int q, w, other;

	for (q = 0; q < nr; q++) {
		if (!word(p, q, 2) || !word(p, q, 3) ||
		    word(p, q, 0) == word(p, q, 1) ||
		    split == (word(p, q, 2) == word(p, q, 3)))
			return false;
		for (other = 0; other < nr; other++)
			for (w = 0; w < 4; w++)
				if (other != q &&
				    (word(p, q, w) == word(p, other, w) ||
				     word(p, q, w) == word(p, other, w ^ 1)))
					return false;
	}
	return true;
}

static bool lists_are_valid(const uint8_t *p, unsigned int nr)
{
	unsigned int i, j;

	for (i = 0; i < 6 * nr; i++)
		for (j = 0; j < 6 * nr; j++)
			if (i % 6 > 3 && i != j && j % 6 / 2 != 1 &&
			    word(p, 0, i) && word(p, 0, i) == word(p, 0, j))
				return false;
	return true;
}

static bool frontend_is_valid(const uint8_t *p, uint32_t features, uint32_t max)
{
	uint32_t nr = u32_at(p, 0);

	return features_are_valid(features) && nr && nr <= max && nr <= 64 &&
	       zero_at(p, 376 + 24 * nr, 376 + 24 * 64) &&
	       queues_are_valid(p, nr, features & 32) &&
	       (!(features & 64) || lists_are_valid(p, nr));
}

static void fuzz_frontend(const uint8_t *data, size_t size)
{
	struct noxs_vif_frontend fe = { 0 };
	uint8_t nr, max, wild;
	uint32_t features;
	unsigned int q;

	fuzz_take(&data, &size, &nr, 1);
	fuzz_take(&data, &size, &max, 1);
	fuzz_take(&data, &size, &features, sizeof(features));
	fuzz_take(&data, &size, &wild, 1);
	if (wild & 1)
		features &= 0x7f;
	max = max % 64 + 1;
	fe.nr_queues = nr % 65;
	for (q = 0; q < fe.nr_queues; q++) {
		fe.queue[q].tx_gref = 8 + 2 * q;
		fe.queue[q].rx_gref = 9 + 2 * q;
		fe.queue[q].tx_evtchn = 1 + 2 * q;
		fe.queue[q].rx_evtchn = 1 + 2 * q + !!(features & 32);
	}
	fuzz_patch(data, size, &fe, sizeof(fe));
	fuzz_accept(netback_check_frontend(&fe, features, max),
		    frontend_is_valid((uint8_t *)&fe, features, max));
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
