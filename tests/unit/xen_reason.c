// SPDX-License-Identifier: GPL-2.0
/* chaos/xen/reason.c: that a domain has ended, and why. */
#include "harness.h"

#include "xen/reason.h"

static const uint8_t handle[UUID_SIZE] = { 1 };
static const uint8_t other[UUID_SIZE] = { 2 };

static xc_domaininfo_t domain;
static int answer;

int xen_info(struct xen *xen, uint32_t domid, xc_domaininfo_t *info)
{
	(void)xen;
	(void)domid;
	*info = domain;
	return answer;
}

static uint32_t shutdown_for(unsigned int reason)
{
	return XEN_DOMINF_shutdown | reason << XEN_DOMINF_shutdownshift;
}

static void test_reasons(void **state)
{
	static const struct {
		unsigned int reason;
		const char *name;
	} reasons[] = {
		{ SHUTDOWN_poweroff, "poweroff" },
		{ SHUTDOWN_reboot, "reboot" },
		{ SHUTDOWN_suspend, "suspend" },
		{ SHUTDOWN_crash, "crash" },
		{ SHUTDOWN_watchdog, "watchdog" },
		{ SHUTDOWN_soft_reset, "soft-reset" },
		{ 255, "unknown" },
	};
	xc_domaininfo_t info = { 0 };
	size_t i;

	(void)state;
	assert_int_equal(ending_of(&info), ENDING_NONE);
	assert_string_equal(ending_name(ENDING_NONE), "none");
	for (i = 0; i < ARRAY_SIZE(reasons); i++) {
		info.flags = shutdown_for(reasons[i].reason);
		assert_string_equal(ending_name(ending_of(&info)),
				    reasons[i].name);
	}
}

static enum ending look(uint32_t flags, const uint8_t *now)
{
	domain.flags = flags;
	memcpy(domain.handle, now, UUID_SIZE);
	return ending_look(NULL, 7, handle);
}

/* What it said itself counts, also while others destroy it. */
static void test_look(void **state)
{
	(void)state;
	assert_int_equal(look(0, handle), ENDING_NONE);
	assert_int_equal(look(XEN_DOMINF_dying, handle), ENDING_KILLED);
	assert_int_equal(look(XEN_DOMINF_dying | shutdown_for(SHUTDOWN_crash),
			      handle), ENDING_CRASH);
	assert_int_equal(look(0, other), ENDING_KILLED);
	answer = -ESRCH;
	assert_int_equal(look(0, handle), ENDING_KILLED);
	answer = -EIO;
	assert_int_equal(look(0, handle), ENDING_NONE);
	answer = 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reasons),
		cmocka_unit_test(test_look),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
