// SPDX-License-Identifier: GPL-2.0
/* Headers of halves of control pages, and what is behind the payloads. */
#include "fuzz.h"

#include "../../noxs-core/check.h"

static bool is_valid(const uint8_t *half, unsigned int type, bool backend)
{
	static const size_t end[4][2] = {
		[1] = { 32 + 16, 32 + 16 },
		[2] = { 32 + 16 + 64 * 16, 32 + 32 },
		[3] = { 32 + 16 + 32 * 40, 32 + 64 },
	};
	uint32_t state = u32_at(half, 4);

	if (type < 1 || type > 3 || u16_at(half, 0) != 1 ||
	    u16_at(half, 2) != type)
		return false;
	if (state > 6 || state == 3 || (state == 2 && !backend))
		return false;
	return u32_at(half, 12) && !(half[16] & 1) &&
	       u32_at(half, 20) <= 4095 && zero_at(half, 24, 32) &&
	       zero_at(half, end[type][backend], 2048);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct noxs_half half = {
		.hdr = { .version = 1, .state = 4, .epoch = 1 },
	};
	uint8_t kind;
	u32 features;
	u16 type;
	bool backend;

	fuzz_take(&data, &size, &kind, 1);
	fuzz_take(&data, &size, &features, sizeof(features));
	backend = kind & 1;
	type = kind >> 1 & 7;
	half.hdr.type = type;

	fuzz_patch(data, size, &half, sizeof(half));
	fuzz_accept(noxs_half_check(&half, type, backend),
		    is_valid((uint8_t *)&half, type, backend));

	/* What is usable was there before, and stays usable. */
	half.hdr.features = noxs_features_usable(type, features);
	fuzz_assert(!(half.hdr.features & ~features));
	fuzz_assert(noxs_features_usable(type, half.hdr.features) ==
		    half.hdr.features);
	return 0;
}
