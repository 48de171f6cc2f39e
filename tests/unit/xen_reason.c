// SPDX-License-Identifier: GPL-2.0
/* chaos/xen/reason.c: that a domain has ended, and why. */
#include "harness.h"

#include <xenctrl.h>
#include <xenevtchn.h>

#include "xen/reason.h"

static const uint8_t handle[UUID_SIZE] = { 1 };
static const uint8_t other[UUID_SIZE] = { 2 };

static struct domain_info domain;
static int answer;

int xen_info(struct xen *xen, uint32_t domid, struct domain_info *info)
{
	(void)xen;
	(void)domid;
	*info = domain;
	return answer;
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
	struct domain_info info = { .shutdown = true };
	size_t i;

	(void)state;
	assert_int_equal(ending_of(&domain), ENDING_NONE);
	assert_string_equal(ending_name(ENDING_NONE), "none");
	for (i = 0; i < ARRAY_SIZE(reasons); i++) {
		info.reason = reasons[i].reason;
		assert_string_equal(ending_name(ending_of(&info)),
				    reasons[i].name);
	}
}

static enum ending look(bool dying, bool crashed, const uint8_t *now)
{
	domain.dying = dying;
	domain.shutdown = crashed;
	domain.reason = SHUTDOWN_crash;
	memcpy(domain.handle, now, UUID_SIZE);
	return ending_look(NULL, 7, handle);
}

/* What it said itself counts, also while others destroy it. */
static void test_look(void **state)
{
	(void)state;
	assert_int_equal(look(false, false, handle), ENDING_NONE);
	assert_int_equal(look(true, false, handle), ENDING_KILLED);
	assert_int_equal(look(true, true, handle), ENDING_CRASH);
	assert_int_equal(look(false, false, other), ENDING_KILLED);
	answer = -ESRCH;
	assert_int_equal(look(false, false, handle), ENDING_KILLED);
	answer = -EIO;
	assert_int_equal(look(false, false, handle), ENDING_NONE);
	answer = 0;
}

/* How the library answers, and what it was asked. */
static struct {
	bool open, bound;
	xenevtchn_port_or_error_t pending;
	int handles, unmasked;
} evtchn;

xenevtchn_handle *__wrap_xenevtchn_open(void *logger, unsigned int flags);
int __wrap_xenevtchn_close(xenevtchn_handle *xce);
int __wrap_xenevtchn_fd(xenevtchn_handle *xce);
int __wrap_xenevtchn_unmask(xenevtchn_handle *xce, evtchn_port_t port);
xenevtchn_port_or_error_t __wrap_xenevtchn_pending(xenevtchn_handle *xce);
xenevtchn_port_or_error_t __wrap_xenevtchn_bind_virq(xenevtchn_handle *xce,
						     unsigned int virq);

xenevtchn_handle *__wrap_xenevtchn_open(void *logger, unsigned int flags)
{
	(void)logger;
	(void)flags;
	if (!evtchn.open)
		return NULL;
	evtchn.handles++;
	return (xenevtchn_handle *)&evtchn;
}

int __wrap_xenevtchn_close(xenevtchn_handle *xce)
{
	assert_ptr_equal(xce, &evtchn);
	evtchn.handles--;
	return 0;
}

int __wrap_xenevtchn_fd(xenevtchn_handle *xce)
{
	assert_ptr_equal(xce, &evtchn);
	return 33;
}

int __wrap_xenevtchn_unmask(xenevtchn_handle *xce, evtchn_port_t port)
{
	assert_ptr_equal(xce, &evtchn);
	assert_int_equal(port, evtchn.pending);
	evtchn.unmasked++;
	return 0;
}

xenevtchn_port_or_error_t __wrap_xenevtchn_pending(xenevtchn_handle *xce)
{
	assert_ptr_equal(xce, &evtchn);
	return evtchn.pending;
}

xenevtchn_port_or_error_t __wrap_xenevtchn_bind_virq(xenevtchn_handle *xce,
						     unsigned int virq)
{
	assert_ptr_equal(xce, &evtchn);
	assert_int_equal(virq, VIRQ_DOM_EXC);
	return evtchn.bound ? 5 : -1;
}

/* Where xenstored has it, nobody else does. */
static void test_virq(void **state)
{
	struct virq virq;

	(void)state;
	assert_int_equal(virq_open(&virq), -1);
	evtchn.open = true;
	assert_int_equal(virq_open(&virq), -1);
	assert_int_equal(evtchn.handles, 0);
	evtchn.bound = true;
	assert_int_equal(virq_open(&virq), 33);
	evtchn.pending = -1;
	virq_take(&virq);
	assert_int_equal(evtchn.unmasked, 0);
	evtchn.pending = 5;
	virq_take(&virq);
	assert_int_equal(evtchn.unmasked, 1);
	virq_close(&virq);
	assert_int_equal(evtchn.handles, 0);
	assert_null(virq.xce);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reasons),
		cmocka_unit_test(test_look),
		cmocka_unit_test(test_virq),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
