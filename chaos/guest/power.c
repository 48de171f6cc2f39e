// SPDX-License-Identifier: GPL-2.0
/*
 * Requests to guests: to shut down, to reboot, SysRq keys, memory. The kernel only passes
 * requests and answers on; deadlines are kept here, or by whoever asks.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "console/drainer.h"
#include "guest/power.h"
#include "util/signal.h"
#include "util/util.h"
#include "xen/domain.h"

/* Of a guest that stops, or a signal, there is no event. */
#define LOOK_MS		250

int guest_serve_console(const struct guest *guest, struct error *err)
{
	struct console_place place = { .domid = guest->domid };
	struct error ignored;
	int fd;

	if (!guest->exists || !guest->recorded ||
	    !record_is_made(&guest->record) ||
	    !record_console(&guest->record, &place.gfn, &place.port))
		return 0;
	fd = drainer_pidfd(guest->domid, &ignored);
	if (fd >= 0)
		close(fd);
	if (fd != -ENOENT && fd != -ECONNREFUSED && fd != -ESRCH)
		return 0;
	place.name = guest->record.name;
	return drainer_start(&place, guest->handle, err);
}

bool guest_has_stopped(struct xen *xen, const struct guest *guest)
{
	struct domain_info info;
	int ret = xen_info(xen, guest->domid, &info);

	if (ret)
		return ret == -ESRCH;
	return xen_has_stopped(&info) ||
	       memcmp(info.handle, guest->handle, UUID_SIZE);
}

static bool has_stopped(struct asking *asking)
{
	return guest_has_stopped(asking->xen, asking->guest);
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

int guest_ask(struct noxs *noxs, const struct guest *guest,
	      struct power_request *request, struct error *err)
{
	int ret = 0;

	if (!request->asked) {
		ret = noxs_sysctl_send(noxs, guest->domid, request->request,
				       request->argument, &request->seq, err);
		request->asked = !ret;
	}
	if (request->asked && !request->answered) {
		ret = noxs_sysctl_answer(noxs, guest->domid, request->seq, err);
		request->answered = !ret;
	}
	return is_worth_waiting(ret) ? 1 : ret;
}

int guest_set_memory(struct asking *asking, unsigned int memory,
		     struct error *err)
{
	uint32_t domid = asking->guest->domid;
	struct domain_info info;
	struct error ignored;
	uint64_t pages;
	int ret;

	ret = xen_info(asking->xen, domid, &info);
	if (ret)
		return error_sys(err, ret, "domain %u", domid);
	pages = domain_pages(&info, memory);
	/* It can have more before it is told so, and has less from then on. */
	if (pages > info.max_pages)
		ret = domain_set_max_pages(asking->xen, domid, pages, err);
	if (ret)
		return ret;
	ret = noxs_sysctl_memory(asking->noxs, domid, pages * KIB_PER_PAGE, err);
	if (!ret && pages < info.max_pages)
		return domain_set_max_pages(asking->xen, domid, pages, err);
	if (ret && pages > info.max_pages)
		(void)domain_set_max_pages(asking->xen, domid, info.max_pages,
					   &ignored);
	return ret;
}

/* Whether it is about what it was told to have: its driver may not count each page. */
static bool has_memory(struct asking *asking, unsigned int memory,
		       uint64_t *pages)
{
	struct domain_info info;
	uint64_t wanted;

	if (xen_info(asking->xen, asking->guest->domid, &info))
		return false;
	wanted = domain_pages(&info, memory);
	*pages = info.pages;
	return *pages < wanted + PAGES_PER_MB && *pages + PAGES_PER_MB > wanted;
}

int await_memory(struct asking *asking, unsigned int memory, struct error *err)
{
	uint64_t pages = 0;
	int ret = 0;

	while (!ret && !has_memory(asking, memory, &pages)) {
		if (has_stopped(asking))
			return error_set(err, -ESRCH, "the guest has stopped");
		ret = wait_a_little(asking, err);
	}
	if (ret == -ETIMEDOUT)
		return error_set(err, ret,
				 "the guest has %llu MiB, and not %u in time",
				 (unsigned long long)pages / PAGES_PER_MB,
				 memory);
	return ret;
}

/* What can be done for one of many without waiting. */
static void stop_one(struct xen *xen, struct noxs *noxs, struct stopping *one)
{
	int ret;

	if (guest_has_stopped(xen, &one->guest)) {
		one->done = true;
		return;
	}
	one->request.request = NOXS_SYSCTL_POWEROFF;
	ret = guest_ask(noxs, &one->guest, &one->request, &one->err);
	if (ret >= 0)
		return;
	/* It may have stopped just now: then that is no failure. */
	one->ret = guest_has_stopped(xen, &one->guest) ? 0 : ret;
	one->done = true;
}

static void give_up(struct stopping *one)
{
	one->done = true;
	if (signals_pending())
		one->ret = error_set(&one->err, -EINTR, "interrupted");
	else
		one->ret = error_set(&one->err, -ETIMEDOUT,
				     "the guest has not stopped in time");
}

void stop_all(struct xen *xen, struct noxs *noxs, struct stopping *list,
	      size_t count, int64_t deadline,
	      void (*done)(struct stopping *stopping, void *arg), void *arg)
{
	size_t i, left = count;
	struct error ignored;
	bool over = false;

	for (i = 0; i < count; i++)
		(void)guest_serve_console(&list[i].guest, &ignored);
	while (left) {
		for (i = 0; i < count; i++) {
			if (list[i].done)
				continue;
			stop_one(xen, noxs, &list[i]);
			if (over && !list[i].done)
				give_up(&list[i]);
			if (!list[i].done)
				continue;
			left--;
			done(&list[i], arg);
		}
		/* Not at each event: there are as many as there are guests. */
		if (left)
			sleep_ms(LOOK_MS);
		over = signals_pending() || clock_ms() >= deadline;
	}
}
