// SPDX-License-Identifier: GPL-2.0
/* What a host asks a guest for, and what the guest answers. */
#include "fuzz.h"

#include "../../noxs-core/check.h"

static bool request_is_valid(const uint8_t *p)
{
	if (!zero_at(p, 12, 16))
		return false;
	if (u32_at(p, 0) != 4)
		return zero_at(p, 4, 8);
	return p[4] > 32 && p[4] < 127 && zero_at(p, 5, 8);
}

static bool answer_is_valid(const uint8_t *p, uint32_t request,
			    uint32_t answered)
{
	return (u32_at(p, 0) == request || u32_at(p, 0) == answered) &&
	       u32_at(p, 4) <= 4095 && zero_at(p, 20, 24);
}

static bool memory_is_valid(const uint8_t *p)
{
	uint64_t kib = u32_at(p, 0) | (uint64_t)u32_at(p, 4) << 32;

	return !(p[0] & 3) && kib <= (uint64_t)1 << 42;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct noxs_sysctl_frontend fe = { 0 };
	struct noxs_sysctl_backend be = { 0 };
	uint8_t request, answered;

	fuzz_take(&data, &size, &request, 1);
	fuzz_take(&data, &size, &answered, 1);
	be.request = request & 7;
	be.argument = be.request == 4 ? 's' : 0;
	fe.answer_seq = request;
	fuzz_patch(data, size, &be, sizeof(be));
	fuzz_patch(data, size, &fe, sizeof(fe));
	fuzz_accept(noxs_sysctl_check_request(&be),
		    request_is_valid((uint8_t *)&be));
	fuzz_accept(noxs_sysctl_check_answer(&fe, request, answered),
		    answer_is_valid((uint8_t *)&fe, request, answered));
	fuzz_assert(noxs_sysctl_memory_is_valid(be.memory_target) ==
		    memory_is_valid((uint8_t *)&be.memory_target));
	fuzz_assert(noxs_sysctl_memory_is_valid(fe.memory) ==
		    memory_is_valid((uint8_t *)&fe.memory));
	fuzz_assert(noxs_sysctl_vcpus_is_valid(be.vcpus) ==
		    (u32_at((uint8_t *)&be.vcpus, 0) <= 8192));
	fuzz_assert(noxs_sysctl_vcpus_is_valid(fe.vcpus) ==
		    (u32_at((uint8_t *)&fe.vcpus, 0) <= 8192));
	return 0;
}
