// SPDX-License-Identifier: GPL-2.0
/*
 * What becomes of guests that have ended, and when. Only arithmetic.
 */
#include <limits.h>
#include <stddef.h>
#include <stdint.h>

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

enum config_action policy_of_run(enum ending ending, enum config_action action)
{
	/* One that suspends itself nobody would resume. */
	if (!policy_key(ending))
		return CONFIG_DESTROY;
	/* It is its connection's to do that. */
	return action == CONFIG_RESTART ? CONFIG_DESTROY : action;
}

int policy_status(enum ending ending, enum config_action action, bool again)
{
	static const int statuses[] = {
		[ENDING_POWEROFF] = RUN_OVER,
		[ENDING_REBOOT] = RUN_OVER,
		[ENDING_SOFT_RESET] = RUN_OVER,
		[ENDING_CRASH] = RUN_CRASHED,
		[ENDING_WATCHDOG] = RUN_CRASHED,
		[ENDING_UNKNOWN] = RUN_CRASHED,
		[ENDING_SUSPEND] = RUN_SUSPENDED,
		[ENDING_KILLED] = RUN_KILLED,
	};

	if (again && policy_key(ending) && action == CONFIG_RESTART)
		return RUN_AGAIN;
	return statuses[ending];
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
