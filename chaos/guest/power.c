// SPDX-License-Identifier: GPL-2.0
/*
 * Requests to guests: to shut down, to reboot, SysRq keys. The kernel only passes
 * requests and answers on; deadlines are kept here.
 */
#include <errno.h>
#include <string.h>

#include "guest/power.h"
#include "util/signal.h"
#include "util/util.h"

/* Of a guest that stops, or a signal, there is no event. */
#define LOOK_MS		250

static bool has_stopped(struct asking *asking)
{
	struct domain_info info;
	int ret = xen_info(asking->xen, asking->guest->domid, &info);

	if (ret)
		return ret == -ESRCH;
	return xen_has_stopped(&info) ||
	       memcmp(info.handle, asking->guest->handle, UUID_SIZE);
}

/* Return: 0 to look again; if time is up, @err is left as it is. */
static int wait_a_little(struct asking *asking, struct error *err)
{
	int64_t left = asking->deadline - clock_ms();
	int ret;

	if (signals_pending())
		return error_set(err, -EINTR, "interrupted");
	if (left <= 0)
		return -ETIMEDOUT;
	ret = noxs_wait(asking->noxs, left < LOOK_MS ? left : LOOK_MS, err);
	return ret == -EINTR ? 0 : ret;
}

/* Whether it is worth trying again later. */
static bool is_worth_waiting(int ret)
{
	return ret == -ENOTCONN || ret == -EBUSY || ret == -EAGAIN;
}

static int send_request(struct asking *asking, uint32_t request,
			uint32_t argument, uint32_t *seq, struct error *err)
{
	int ret, waited;

	for (;;) {
		ret = noxs_sysctl_send(asking->noxs, asking->guest->domid,
				       request, argument, seq, err);
		if (!is_worth_waiting(ret))
			return ret;
		if (has_stopped(asking))
			return error_set(err, -ESRCH, "the guest has stopped");
		waited = wait_a_little(asking, err);
		if (waited)
			return waited;
	}
}

static int await_answer(struct asking *asking, uint32_t seq, struct error *err)
{
	int ret, waited;

	for (;;) {
		ret = noxs_sysctl_answer(asking->noxs, asking->guest->domid,
					 seq, err);
		if (!is_worth_waiting(ret))
			return ret;
		/* It has stopped before it could answer: it did what it was asked for. */
		if (has_stopped(asking))
			return 0;
		waited = wait_a_little(asking, err);
		if (waited)
			return waited;
	}
}

int ask_guest(struct asking *asking, uint32_t request, uint32_t argument,
	      struct error *err)
{
	uint32_t seq;
	int ret;

	noxs_watch(asking->noxs);
	if (has_stopped(asking))
		return error_set(err, -ESRCH, "the guest has stopped");
	ret = send_request(asking, request, argument, &seq, err);
	return ret ? ret : await_answer(asking, seq, err);
}

int await_stop(struct asking *asking, struct error *err)
{
	int ret = 0;

	while (!ret && !has_stopped(asking))
		ret = wait_a_little(asking, err);
	if (ret == -ETIMEDOUT)
		return error_set(err, ret, "the guest has not stopped in time");
	return ret;
}
