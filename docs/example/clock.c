// SPDX-License-Identifier: MIT
/*
 * The time, of which Xen says in the shared page what the processor's counter was at
 * which time, and how fast it goes. It writes between two equal even versions.
 */
#define __XEN_INTERFACE_VERSION__	0x00040d00
#include <stdbool.h>
#include <stdint.h>
#include <xen/xen.h>

#include "clock.h"

#define NS_PER_SECOND	1000000000ULL

static uint32_t load(const uint32_t *version)
{
	return __atomic_load_n(version, __ATOMIC_ACQUIRE);
}

/* Whether what was read since is of one piece. */
static bool is_still(const uint32_t *version, uint32_t before)
{
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	return !(before & 1) && load(version) == before;
}

uint64_t clock_system(const struct shared_info *shared)
{
	const struct vcpu_time_info *info = &shared->vcpu_info[0].time;
	uint64_t ticks, now;
	uint32_t version;

	do {
		version = load(&info->version);
		ticks = __builtin_ia32_rdtsc() - info->tsc_timestamp;
		if (info->tsc_shift >= 0)
			ticks <<= info->tsc_shift;
		else
			ticks >>= -info->tsc_shift;
		now = info->system_time +
		      (((__uint128_t)ticks * info->tsc_to_system_mul) >> 32);
	} while (!is_still(&info->version, version));
	return now;
}

uint64_t clock_wall(const struct shared_info *shared)
{
	uint64_t seconds, ns;
	uint32_t version;

	/* What it was when the host started. */
	do {
		version = load(&shared->wc_version);
		seconds = (uint64_t)shared->wc_sec_hi << 32 | shared->wc_sec;
		ns = shared->wc_nsec;
	} while (!is_still(&shared->wc_version, version));
	return seconds + (ns + clock_system(shared)) / NS_PER_SECOND;
}
