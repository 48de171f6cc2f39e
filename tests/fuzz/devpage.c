// SPDX-License-Identifier: GPL-2.0
/* Device pages. */
#include "fuzz.h"

#include "../../noxs-core/check.h"

static bool slot_is_valid(const uint8_t *page, unsigned int n)
{
	size_t at = 32 + 32 * n;
	unsigned int i;

	if (!u16_at(page, at))
		return zero_at(page, at, at + 32);
	for (i = 0; i < n; i++) {
		size_t other = 32 + 32 * i;

		if (!u16_at(page, other))
			continue;
		if (u32_at(page, other + 16) == u32_at(page, at + 16))
			return false;
		if (u16_at(page, other) == u16_at(page, at) &&
		    u32_at(page, other + 4) == u32_at(page, at + 4))
			return false;
	}
	return u16_at(page, at) <= 3 && u16_at(page, at + 2) < 0x7ff0 &&
	       u32_at(page, at + 4) < 65536 && u32_at(page, at + 8) &&
	       u32_at(page, at + 12) && u32_at(page, at + 16) &&
	       zero_at(page, at + 20, at + 32);
}

static bool is_valid(const uint8_t *page)
{
	unsigned int n, slots = u16_at(page, 6);

	if (memcmp(page, "NOXS", 4) || u16_at(page, 4) != 1)
		return false;
	if (slots < 1 || slots > 127 || page[8] & 1 || !u32_at(page, 12) ||
	    !zero_at(page, 16, 32))
		return false;
	for (n = 0; n < slots; n++)
		if (!slot_is_valid(page, n))
			return false;
	return zero_at(page, 32 + 32 * slots, 4096);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct noxs_devpage page = {
		.hdr = { .magic = 0x53584f4e, .version = 1, .nr_slots = 127,
			 .evtchn = 1 },
		.slot = {
			[0] = { .type = 1, .gref = 1, .evtchn = 1,
				.generation = 1 },
			[1] = { .type = 2, .gref = 2, .evtchn = 2,
				.generation = 2 },
			[2] = { .type = 2, .id = 1, .gref = 3, .evtchn = 3,
				.generation = 3 },
		},
	};

	fuzz_patch(data, size, &page, sizeof(page));
	fuzz_accept(noxs_devpage_check(&page), is_valid((uint8_t *)&page));
	return 0;
}
