// SPDX-License-Identifier: GPL-2.0
/*
 * What becomes of guests that have ended, and when. Only arithmetic.
 */
#include <limits.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "guest/policy.h"

const char *policy_key(enum ending ending)
{
	switch (ending) {
	case ENDING_POWEROFF:
		return "on_poweroff";
	case ENDING_REBOOT:
	/* It wants to begin anew, in the same domain: nobody does that. */
	case ENDING_SOFT_RESET:
		return "on_reboot";
	case ENDING_CRASH:
	case ENDING_WATCHDOG:
	case ENDING_UNKNOWN:
		return "on_crash";
	default:
		return NULL;
	}
}

enum config_action policy_action(const struct guest_config *config,
				 enum ending ending)
{
	const char *key = policy_key(ending);

	if (!key)
		return CONFIG_PRESERVE;
	if (!strcmp(key, "on_poweroff"))
		return config->on_poweroff;
	return strcmp(key, "on_reboot") ? config->on_crash : config->on_reboot;
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
