// SPDX-License-Identifier: GPL-2.0
/*
 * Requests to guests: to shut down, to reboot, SysRq keys, memory, virtual
 * CPUs. The kernel only passes requests and answers on; deadlines are kept by whoever asks.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "console/drainer.h"
#include "guest/power.h"
#include "util/util.h"
#include "xen/domain.h"

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

int guest_set_memory(struct xen *xen, struct noxs *noxs,
		     const struct guest *guest, unsigned int memory,
		     struct error *err)
{
	uint32_t domid = guest->domid;
	struct domain_info info;
	struct error ignored;
	uint64_t pages;
	int ret;

	ret = xen_info(xen, domid, &info);
	if (ret)
		return error_sys(err, ret, "domain %u", domid);
	pages = domain_pages(&info, memory);
	/* It can have more before it is told so, and has less from then on. */
	if (pages > info.max_pages)
		ret = domain_set_max_pages(xen, domid, pages, err);
	if (ret)
		return ret;
	ret = noxs_sysctl_memory(noxs, domid, pages * KIB_PER_PAGE, err);
	if (!ret && pages < info.max_pages)
		return domain_set_max_pages(xen, domid, pages, err);
	if (ret && pages > info.max_pages)
		(void)domain_set_max_pages(xen, domid, info.max_pages,
					   &ignored);
	return ret;
}

/* It has if it is about that: its driver may not count each page. */
int guest_has_memory(struct xen *xen, const struct guest *guest,
		     unsigned int memory, struct error *err)
{
	struct domain_info info;
	uint64_t wanted;

	if (guest_has_stopped(xen, guest) ||
	    xen_info(xen, guest->domid, &info))
		return error_set(err, -ESRCH, "the guest has stopped");
	wanted = domain_pages(&info, memory);
	if (info.pages < wanted + PAGES_PER_MB &&
	    info.pages + PAGES_PER_MB > wanted)
		return 1;
	return error_set(err, 0, "the guest has %llu MiB, and not %u in time",
			 (unsigned long long)info.pages / PAGES_PER_MB, memory);
}

int guest_set_vcpus(struct xen *xen, struct noxs *noxs,
		    const struct guest *guest, unsigned int vcpus,
		    struct error *err)
{
	struct domain_info info;
	int ret;

	ret = xen_info(xen, guest->domid, &info);
	if (ret)
		return error_sys(err, ret, "domain %u", guest->domid);
	if (vcpus > info.vcpus)
		return error_set(err, -EINVAL, "it has %u virtual CPU%s only",
				 info.vcpus, info.vcpus == 1 ? "" : "s");
	return noxs_sysctl_vcpus(noxs, guest->domid, vcpus, false, err);
}

int guest_has_vcpus(struct xen *xen, const struct guest *guest,
		    unsigned int vcpus, struct error *err)
{
	struct domain_info info;

	if (guest_has_stopped(xen, guest) ||
	    xen_info(xen, guest->domid, &info))
		return error_set(err, -ESRCH, "the guest has stopped");
	if (info.online == vcpus)
		return 1;
	return error_set(err, 0,
			 "the guest has %u virtual CPUs online, and not %u in time",
			 info.online, vcpus);
}
