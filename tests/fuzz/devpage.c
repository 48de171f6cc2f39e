// SPDX-License-Identifier: GPL-2.0
/* Device pages. */
#include "fuzz.h"

#include "../../noxs-core/check.h"

/* Octets of a slot from @from on that are 0 where they aren't there. */
static uint32_t word(const uint8_t *slot, size_t length, size_t from)
{
	return from + 4 <= length ? u32_at(slot, from) : 0;
}

static bool is_used(const uint8_t *slot)
{
	return u16_at(slot, 0) >= 1 && u16_at(slot, 0) <= 3 &&
	       !u32_at(slot, 20);
}

static bool slot_is_valid(const uint8_t *first, size_t length, unsigned int n)
{
	const uint8_t *slot = first + n * length, *other;
	unsigned int i;

	if (!u16_at(slot, 0))
		return zero_at(slot, 0, 24) && !word(slot, length, 24) &&
		       !word(slot, length, 28);
	if (!is_used(slot))
		return true;
	for (i = 0; i < n; i++) {
		other = first + i * length;
		if (!is_used(other))
			continue;
		if (u32_at(other, 16) == u32_at(slot, 16))
			return false;
		if (u16_at(other, 0) == u16_at(slot, 0) &&
		    u32_at(other, 4) == u32_at(slot, 4))
			return false;
	}
	return u16_at(slot, 2) < 0x7ff0 && u32_at(slot, 4) < 65536 &&
	       u32_at(slot, 8) && u32_at(slot, 12) && u32_at(slot, 16);
}

static bool is_valid(const uint8_t *page)
{
	unsigned int n, slots = u16_at(page, 6);
	size_t head = u16_at(page, 16), slot = u16_at(page, 18);

	if (memcmp(page, "NOXS", 4) || u16_at(page, 4) != 2)
		return false;
	if (slots < 1 || slots > 127 || page[8] & 1 ||
	    !zero_at(page, 22, 24))
		return false;
	if (head < 24 || head % 8 || slot < 24 || slot % 8 ||
	    head + slots * slot > 4096)
		return false;
	for (n = 0; n < slots; n++)
		if (!slot_is_valid(page + head, slot, n))
			return false;
	return zero_at(page, head + slot * slots, 4096);
}

/* What a guest goes by is what the page says. */
static void taken(const struct noxs_devpage *is, const uint8_t *page)
{
	unsigned int n, slots = u16_at(page, 6);

	for (n = 0; n < slots; n++) {
		const uint8_t *slot = page + u16_at(page, 16) +
				      n * u16_at(page, 18);
		bool used = is_used(slot);

		fuzz_assert(is->slot[n].type == (used ? u16_at(slot, 0) : 0));
		fuzz_assert(is->slot[n].gref == (used ? u32_at(slot, 8) : 0));
		fuzz_assert(!used || is->slot[n].evtchn == u32_at(slot, 12));
		fuzz_assert(!used || is->slot[n].generation ==
				     u32_at(slot, 16));
	}
	fuzz_assert(zero_at(is, 32 + 32 * slots, 4096));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t raw[4096];
	struct noxs_devpage page = {
		.hdr = { .magic = 0x53584f4e, .version = 2, .nr_slots = 100,
			 .evtchn = 1, .size = 32, .slot_size = 32 },
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
	memcpy(raw, &page, sizeof(raw));
	fuzz_accept(noxs_devpage_check(&page), is_valid(raw));
	if (is_valid(raw))
		taken(&page, raw);
	return 0;
}
