// SPDX-License-Identifier: GPL-2.0
/*
 * Domains: made, filled with a kernel, and destroyed. The order of the steps
 * matters to libxenguest and to noxs: a domain gets its handle before it has
 * memory, and runs last of all. What depends on the type is in xen/pv.c and
 * xen/type.c.
 */
#include <errno.h>
#include <string.h>
#include <xenctrl.h>
#include <xenguest.h>

#include "console/drainer.h"
#include "util/util.h"
#include "xen/domain.h"
#include "xen/sched.h"

#define PAGES_PER_MB		256
#define KB_PER_PAGE		4
#define DESTROY_TIMEOUT_MS	30000
#define DESTROY_STEP_MS		5

int domain_create(struct xen *xen, const struct guest_config *config,
		  const struct domain_type *type, struct domain *dom,
		  struct error *err)
{
	struct xen_domctl_createdomain create = {
		.max_vcpus = config->vcpus,
		.max_evtchn_port = config->max_event_channels,
		.max_grant_frames = config->max_grant_frames,
		.max_maptrack_frames = config->max_maptrack_frames,
		.grant_opts =
			XEN_DOMCTL_GRANT_version(config->max_grant_version),
	};
	int ret;

	memset(dom, 0, sizeof(*dom));
	dom->type = type;
	ret = noxs_early_handle(dom->handle, err);
	if (ret)
		return ret;
	memcpy(create.handle, dom->handle, sizeof(create.handle));
	xen_mark(xen);
	if (type->describe) {
		ret = type->describe(xen, &create, err);
		if (ret)
			return ret;
	}
	if (xc_domain_create(xen->xch, &dom->domid, &create))
		return xen_error(xen, err, "creating the domain");
	return 0;
}

int domain_announce(struct xen *xen, struct noxs *noxs, struct domain *dom,
		    struct error *err)
{
	uint8_t handle[UUID_SIZE];
	int ret;

	ret = noxs_dom_add(noxs, dom->domid, handle, err);
	if (ret == -EEXIST) {
		/* Xen gave us this domid: the other one is dead. */
		ret = noxs_dom_del(noxs, dom->domid, NULL, err);
		if (!ret)
			ret = noxs_dom_add(noxs, dom->domid, handle, err);
	}
	if (ret)
		return ret;
	xen_mark(xen);
	if (xc_domain_sethandle(xen->xch, dom->domid, handle))
		return xen_error(xen, err, "setting the domain's handle");
	memcpy(dom->handle, handle, sizeof(handle));
	return 0;
}

int domain_limit(struct xen *xen, const struct guest_config *config,
		 const struct domain *dom, struct error *err)
{
	uint64_t kb = config->memory * 1024ULL +
		      dom->type->extra_pages * KB_PER_PAGE;
	xc_interface *xch = xen->xch;
	int ret;

	xen_mark(xen);
	if (xc_domain_max_vcpus(xch, dom->domid, config->vcpus))
		return xen_error(xen, err, "vcpus");
	ret = sched_apply(xen, config, dom->domid, err);
	if (ret)
		return ret;
	xen_mark(xen);
	if (xc_domain_setmaxmem(xch, dom->domid, kb))
		return xen_error(xen, err, "memory");
	/* Else it would see every feature that it could be given. */
	if (xc_cpuid_apply_policy(xch, dom->domid, false, NULL, 0, true, false,
				  false, NULL, NULL))
		return xen_error(xen, err, "CPU features");
	return dom->type->limit ?
	       dom->type->limit(xen, config, dom->domid, err) : 0;
}

static int no_memory(struct xen *xen, const struct guest_config *config,
		     struct error *err)
{
	xc_physinfo_t host;

	if (xc_physinfo(xen->xch, &host))
		return xen_error(xen, err, "memory");
	return error_set(err, -ENOMEM,
			 "memory: %u MiB wanted, the host has %llu MiB left",
			 config->memory,
			 (unsigned long long)host.free_pages / PAGES_PER_MB);
}

int domain_populate(struct xen *xen, const struct guest_config *config,
		    const struct domain *dom, struct image *image,
		    struct error *err)
{
	struct xc_dom_image *xdi = image->dom;

	xdi->max_vcpus = config->vcpus;
	xen_mark(xen);
	if (xc_dom_boot_xen_init(xdi, xen->xch, dom->domid) ||
	    xc_dom_mem_init(xdi, config->memory))
		return xen_error(xen, err, "memory");
	if (dom->type->lay_out)
		dom->type->lay_out(xdi);
	/* All or nothing, at once: guests made at the same time don't starve. */
	xdi->claim_enabled = 1;
	if (xc_dom_boot_mem_init(xdi))
		return no_memory(xen, config, err);
	return 0;
}

static int make_console(struct xen *xen, struct domain *dom, struct error *err)
{
	int port;

	port = xc_evtchn_alloc_unbound(xen->xch, dom->domid, 0);
	if (port < 0)
		return xen_error(xen, err, "event channel of the console");
	dom->console_port = port;
	return 0;
}

int domain_load(struct xen *xen, const struct guest_config *config,
		struct domain *dom, struct image *image, struct error *err)
{
	const struct domain_type *type = dom->type;
	struct xc_dom_image *xdi = image->dom;
	int ret;

	xen_mark(xen);
	ret = make_console(xen, dom, err);
	if (!ret && type->furnish)
		ret = type->furnish(xen, xdi, err);
	if (ret)
		return ret;
	xdi->console_evtchn = dom->console_port;
	/* There is no XenStore: its page stays the guest's own. */
	xdi->xenstore_domid = dom->domid;
	if (xc_dom_build_image(xdi) || xc_dom_boot_image(xdi))
		return xen_error(xen, err, "kernel: loading it into %u MiB",
				 config->memory);
	if (xc_dom_gnttab_init(xdi))
		return xen_error(xen, err, "grant table");
	dom->console_gfn = xc_dom_p2m(xdi, xdi->console_pfn);
	return type->finish ? type->finish(xen, xdi, err) : 0;
}

int domain_unpause(struct xen *xen, const struct domain *dom,
		   struct error *err)
{
	xen_mark(xen);
	if (xc_domain_unpause(xen->xch, dom->domid))
		return xen_error(xen, err, "starting the domain");
	return 0;
}

/* Without noxs_core, it has no devices that would have to be removed. */
static int remove_devices(uint32_t domid, const uint8_t *handle,
			  struct error *err)
{
	struct noxs noxs;
	int ret;

	ret = noxs_open(&noxs, err);
	if (ret)
		return ret == -ENOENT || ret == -ENODEV ? 0 : ret;
	ret = noxs_dom_del(&noxs, domid, handle, err);
	noxs_close(&noxs);
	return ret;
}

static int wait_gone(struct xen *xen, uint32_t domid, const uint8_t *handle,
		     struct error *err)
{
	int64_t deadline = clock_ms() + DESTROY_TIMEOUT_MS;
	xc_domaininfo_t info;
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
	pages = info.tot_pages;
	return error_set(err, -EBUSY,
			 "domain %u: is dying, but somebody still maps %llu of its pages",
			 domid, (unsigned long long)pages);
}

int domain_destroy(struct xen *xen, uint32_t domid, const uint8_t *handle,
		   bool force, struct error *err)
{
	int ret;

	if (!xen_is_domain(xen, domid, handle))
		return 0;
	/* It can't stop us, only print: whether that worked doesn't matter. */
	(void)xc_domain_pause(xen->xch, domid);
	ret = remove_devices(domid, NULL, err);
	if (ret && !force)
		return ret;
	drainer_stop(domid, handle);
	xen_mark(xen);
	if (xc_domain_destroy(xen->xch, domid) && errno != ESRCH)
		return xen_error(xen, err, "destroying the domain");
	return wait_gone(xen, domid, handle, err);
}

int domain_bury(struct xen *xen, uint32_t domid, const uint8_t *handle,
		struct error *err)
{
	xc_domaininfo_t info;

	if (!noxs_is_early(handle))
		return remove_devices(domid, handle, err);
	/*
	 * Its maker was killed and didn't write down which handle noxs gave to
	 * it. Whoever makes a domain tells noxs, so that what it had goes then.
	 */
	if (xen_info(xen, domid, &info) != -ESRCH)
		return 0;
	return remove_devices(domid, NULL, err);
}
