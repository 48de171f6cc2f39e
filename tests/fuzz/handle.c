// SPDX-License-Identifier: GPL-2.0
/* Handles: 16 octets that any toolstack may have set. */
#include "fuzz.h"

#include "../../noxs-core/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const u8 template[NOXS_HANDLE_SIZE] = {
		'N', 'O', 'X', 'S', 0, 0, 0x82, 0, 0x80, 0, 1, 0, 0, 0, 0, 0,
	};
	u8 handle[NOXS_HANDLE_SIZE], again[NOXS_HANDLE_SIZE];
	u32 gref = 0;
	u16 owner = 0;
	bool valid;
	int err;

	memcpy(handle, template, sizeof(handle));
	fuzz_patch(data, size, handle, sizeof(handle));
	valid = !memcmp(handle, "NOXS", 4) && handle[6] == 0x82 &&
		handle[8] >= 0x80 && handle[8] < 0xc0 &&
		u16_at(handle, 4) < 0x7ff0 && u32_at(handle, 10);
	err = noxs_handle_parse(handle, &owner, &gref);
	fuzz_accept(err, valid);
	if (err)
		return 0;

	/* What is made of it, with the same bits at random, is the same. */
	fuzz_assert(owner == u16_at(handle, 4) && gref == u32_at(handle, 10));
	memcpy(again, handle, sizeof(again));
	memset(again, 0xff, 7);
	memset(again + 10, 0xff, 4);
	noxs_handle_make(again, owner, gref);
	fuzz_assert(!memcmp(handle, again, sizeof(handle)));
	return 0;
}
