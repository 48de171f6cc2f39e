// SPDX-License-Identifier: GPL-2.0
/*
 * Domains that there are: named, paused, unpaused, and ended. How they are made is in
 * xen/make.c.
 */
#include <errno.h>
#include <string.h>
#include <xenctrl.h>
#include <xenguest.h>

#include "util/util.h"
#include "xen/acpi.h"
#include "xen/domain.h"
#include "xen/type.h"

#define DESTROY_TIMEOUT_MS	30000
#define DESTROY_STEP_MS		5
#define PAUSES_MAX		255	/* Xen's own limit */

int domain_unpause(struct xen *xen, uint32_t domid, struct error *err)
{
	xen_mark(xen);
	if (xc_domain_unpause(xen->xch, domid))
		return xen_error(xen, err, "unpausing the domain");
	return 0;
}

int domain_set_handle(struct xen *xen, struct domain *dom,
		      const uint8_t *handle, struct error *err)
{
	uint8_t copy[UUID_SIZE];

	/* The library's argument isn't const. */
	memcpy(copy, handle, sizeof(copy));
	xen_mark(xen);
	if (xc_domain_sethandle(xen->xch, dom->domid, copy))
		return xen_error(xen, err, "setting the domain's handle");
	memcpy(dom->handle, handle, sizeof(dom->handle));
	return 0;
}

int domain_pause(struct xen *xen, uint32_t domid, struct error *err)
{
	xen_mark(xen);
	if (xc_domain_pause(xen->xch, domid))
		return xen_error(xen, err, "pausing the domain");
	return 0;
}

int domain_set_paused(struct xen *xen, uint32_t domid, bool paused,
		      struct error *err)
{
	struct domain_info info;
	int tries, ret;

	for (tries = 0; tries <= PAUSES_MAX; tries++) {
		ret = xen_info(xen, domid, &info);
		/* It ran, and may have ended at once. */
		if (tries && !paused &&
		    (ret == -ESRCH || (!ret && xen_has_stopped(&info))))
			break;
		if (ret)
			return error_sys(err, ret, "domain %u", domid);
		if (xen_has_stopped(&info))
			return error_set(err, -ESRCH, "the guest has stopped");
		if (info.paused == paused)
			break;
		ret = paused ? domain_pause(xen, domid, err) :
			       domain_unpause(xen, domid, err);
		if (ret)
			return ret;
	}
	return tries > 0;
}

static int wait_gone(struct xen *xen, uint32_t domid, const uint8_t *handle,
		     struct error *err)
{
	int64_t deadline = clock_ms() + DESTROY_TIMEOUT_MS;
	struct domain_info info;
	uint64_t pages;
	int ret;

	for (;;) {
		ret = xen_info(xen, domid, &info);
		if (ret == -ESRCH)
			return 0;
		if (ret)
			return error_sys(err, ret, "domain %u", domid);
		if (memcmp(info.handle, handle, UUID_SIZE))
			return 0;
		if (clock_ms() >= deadline)
			break;
		sleep_ms(DESTROY_STEP_MS);
	}
	pages = info.pages;
	return error_set(err, -EBUSY,
			 "domain %u: is dying, but somebody still maps %llu of its pages",
			 domid, (unsigned long long)pages);
}

int domain_reboot(struct xen *xen, uint32_t domid, struct error *err)
{
	xen_mark(xen);
	if (xc_domain_shutdown(xen->xch, domid, SHUTDOWN_reboot))
		return xen_error(xen, err, "stopping the domain");
	return 0;
}

uint64_t domain_pages(const struct domain_info *info, unsigned int memory)
{
	return (uint64_t)memory * PAGES_PER_MB +
	       (info->is_pvh ? PVH_EXTRA_PAGES : 0);
}

int domain_set_max_pages(struct xen *xen, uint32_t domid, uint64_t pages,
			 struct error *err)
{
	xen_mark(xen);
	if (xc_domain_setmaxmem(xen->xch, domid, pages * KIB_PER_PAGE))
		return xen_error(xen, err, "memory");
	return 0;
}

int domain_end(struct xen *xen, uint32_t domid, const uint8_t *handle,
	       struct error *err)
{
	xen_mark(xen);
	if (xc_domain_destroy(xen->xch, domid) && errno != ESRCH)
		return xen_error(xen, err, "destroying the domain");
	return wait_gone(xen, domid, handle, err);
}
