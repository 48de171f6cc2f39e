// SPDX-License-Identifier: GPL-2.0
/* Headers of halves of control pages, and the lengths that there are. */
#include "fuzz.h"

#include "../../noxs-core/check.h"

/* The rules of payloads, by type and end: [0] the frontend's, [1] the backend's. */
static const struct {
	uint32_t min, size, queues, min_queue, nr_at, lengths_at;
} rules[4][2] = {
	[1] = { { 8, 32, 0, 0, 0, 0 }, { 16, 1112, 0, 0, 0, 0 } },
	[2] = { { 8, 1912, 64, 16, 0, 4 }, { 16, 32, 0, 0, 0, 0 } },
	[3] = { { 16, 1304, 32, 16, 4, 12 }, { 48, 64, 0, 0, 0, 0 } },
};

static bool queues_are_valid(const uint8_t *payload, uint32_t size,
			     unsigned int type)
{
	uint32_t nr = u32_at(payload, rules[type][0].nr_at);
	uint32_t offset = u16_at(payload, rules[type][0].lengths_at);
	uint32_t queue = u16_at(payload, rules[type][0].lengths_at + 2);

	if (nr > rules[type][0].queues || offset < rules[type][0].min ||
	    queue < rules[type][0].min_queue || offset % 8 || queue % 8)
		return false;
	return offset + nr * queue <= size &&
	       zero_at(payload, offset + nr * queue, size);
}

static bool is_valid(const uint8_t *half, unsigned int type, bool backend)
{
	uint32_t state = u32_at(half, 4), hdr, size;

	if (type < 1 || type > 3 || u16_at(half, 0) != 2 ||
	    u16_at(half, 2) != type)
		return false;
	if (state > 6 || state == 3 || (state == 2 && !backend))
		return false;
	hdr = u16_at(half, 24);
	size = u16_at(half, 26);
	if (hdr < 32 || hdr % 8 || size < rules[type][backend].min ||
	    size % 8 || hdr + size > 2048)
		return false;
	if (rules[type][backend].queues &&
	    !queues_are_valid(half + hdr, size, type))
		return false;
	return u32_at(half, 12) && !(half[16] & 1) &&
	       u32_at(half, 20) <= 4095 && zero_at(half, 30, 32) &&
	       zero_at(half, hdr + size, 2048);
}

/* What is taken is in the known layout, and nothing else is in it. */
static void taken(const uint8_t *half, unsigned int type, bool backend)
{
	fuzz_assert(u16_at(half, 24) == 32);
	fuzz_assert(u16_at(half, 26) == rules[type][backend].size);
	fuzz_assert(zero_at(half, 32 + rules[type][backend].size, 2048));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct noxs_half half = {
		.hdr = { .version = 2, .state = 4, .epoch = 1 },
	};
	uint8_t kind, valid;
	u32 features;
	u16 type;
	bool backend;

	fuzz_take(&data, &size, &kind, 1);
	fuzz_take(&data, &size, &features, sizeof(features));
	backend = kind & 1;
	type = kind >> 1 & 7;
	half.hdr.type = type;
	if (type >= 1 && type <= 3)
		noxs_half_describe(&half, type, backend);

	fuzz_patch(data, size, &half, sizeof(half));
	valid = is_valid((uint8_t *)&half, type, backend);
	fuzz_accept(noxs_half_check(&half, type, backend), valid);
	if (valid)
		taken((uint8_t *)&half, type, backend);

	/* What is usable was there before, and stays usable. */
	half.hdr.features = noxs_features_usable(type, features);
	fuzz_assert(!(half.hdr.features & ~features));
	fuzz_assert(noxs_features_usable(type, half.hdr.features) ==
		    half.hdr.features);
	return 0;
}
