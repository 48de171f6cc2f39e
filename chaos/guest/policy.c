// SPDX-License-Identifier: GPL-2.0
/*
 * What becomes of guests that have ended, and when. Only arithmetic.
 */
#include <limits.h>
#include <stddef.h>
#include <stdint.h>
#include <xen/sched.h>

#include "guest/policy.h"

static const struct {
	const char *name;
	const char *key;
} endings[] = {
	[ENDING_POWEROFF] = { "poweroff", "on_poweroff" },
	[ENDING_REBOOT] = { "reboot", "on_reboot" },
	[ENDING_SUSPEND] = { "suspend", NULL },
	[ENDING_CRASH] = { "crash", "on_crash" },
	[ENDING_WATCHDOG] = { "watchdog", "on_crash" },
	[ENDING_SOFT_RESET] = { "soft-reset", "on_crash" },
	[ENDING_UNKNOWN] = { "unknown", "on_crash" },
};

enum ending policy_ending(unsigned int reason)
{
	switch (reason) {
	case SHUTDOWN_poweroff:
		return ENDING_POWEROFF;
	case SHUTDOWN_reboot:
		return ENDING_REBOOT;
	case SHUTDOWN_suspend:
		return ENDING_SUSPEND;
	case SHUTDOWN_crash:
		return ENDING_CRASH;
	case SHUTDOWN_watchdog:
		return ENDING_WATCHDOG;
	case SHUTDOWN_soft_reset:
		return ENDING_SOFT_RESET;
	default:
		return ENDING_UNKNOWN;
	}
}

const char *policy_ending_name(enum ending ending)
{
	return endings[ending].name;
}

const char *policy_key(enum ending ending)
{
	return endings[ending].key;
}

unsigned int policy_delay(unsigned int times)
{
	unsigned int delay = POLICY_DELAY_FIRST;

	if (!times)
		return 0;
	while (--times && delay < POLICY_DELAY_MAX)
		delay *= 2;
	return delay < POLICY_DELAY_MAX ? delay : POLICY_DELAY_MAX;
}

unsigned int policy_restarts(unsigned int restarts, int64_t lived_ms)
{
	if (lived_ms >= POLICY_LONG_LIFE)
		return 0;
	return restarts < UINT_MAX ? restarts + 1 : restarts;
}
