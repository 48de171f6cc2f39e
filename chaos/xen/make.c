// SPDX-License-Identifier: GPL-2.0
/*
 * Domains are made, and filled with a kernel. The order of the steps matters to
 * libxenguest and to noxs: a domain gets its handle before it has memory, and runs
 * last of all. What depends on the type is in xen/type.c.
 */
#include <assert.h>
#include <errno.h>
#include <string.h>
#include <xenctrl.h>
#include <xenguest.h>

#include "util/chaos.h"
#include "util/util.h"
#include "xen/domain.h"
#include "xen/host.h"
#include "xen/open.h"
#include "xen/release.h"
#include "xen/sched.h"
#include "xen/type.h"

#ifdef DOMID_ANY
static_assert(DOMID_ANY == RELEASE_DOMID_ANY, "any domid");
#endif

static const struct domain_type *type_of(enum guest_type type)
{
	return type == GUEST_PVH ? &domain_pvh : &domain_pv;
}

/* Xen says of all of these only that an argument is invalid. */
static int create_error(struct xen *xen, const struct guest_config *config,
			struct error *err)
{
	const struct {
		const char *key;
		unsigned int value;
		const char *option;
		unsigned int usual;
	} limits[] = {
		{ "max_grant_frames", config->max_grant_frames,
		  "gnttab_max_frames", 64 },
		{ "max_maptrack_frames", config->max_maptrack_frames,
		  "gnttab_max_maptrack_frames", 1024 },
	};
	unsigned int most;
	size_t i;

	if (errno != EINVAL)
		return xen_error(xen, err, "creating the domain");
	for (i = 0; i < ARRAY_SIZE(limits); i++) {
		most = host_option(xen, limits[i].option, limits[i].usual);
		if (limits[i].value > most)
			return error_set(err, -EINVAL,
					 "%s: %u is more than Xen's own limit, %u; its option %s raises that",
					 limits[i].key, limits[i].value, most,
					 limits[i].option);
	}
	errno = EINVAL;
	return xen_error(xen, err, "creating the domain");
}

int domain_create(struct xen *xen, const struct guest_config *config,
		  enum guest_type type, const uint8_t *handle,
		  struct domain *dom, struct error *err)
{
	const struct domain_type *its = type_of(type);
	struct xen_domctl_createdomain create = {
		.max_vcpus = config->vcpus,
		.max_evtchn_port = config->max_event_channels,
		.max_grant_frames = config->max_grant_frames,
		.max_maptrack_frames = config->max_maptrack_frames,
		.grant_opts =
			XEN_DOMCTL_GRANT_version(config->max_grant_version),
	};
	uint32_t domid = RELEASE_DOMID_ANY;
	int ret;

	memset(dom, 0, sizeof(*dom));
	dom->type = type;
	memcpy(dom->handle, handle, sizeof(dom->handle));
	memcpy(create.handle, handle, sizeof(create.handle));
	xen_mark(xen);
	if (its->describe) {
		ret = its->describe(xen, &create, err);
		if (ret)
			return ret;
	}
	if (xc_domain_create(xen->xch, &domid, &create))
		return create_error(xen, config, err);
	dom->domid = domid;
	return 0;
}

/* A new domain has the default, so that one needs no call. */
static int set_tsc_mode(struct xen *xen, const struct guest_config *config,
			uint32_t domid, struct error *err)
{
	if (config->tsc_mode != TSC_DEFAULT &&
	    xc_domain_set_tsc_info(xen->xch, domid, config->tsc_mode, 0, 0, 0))
		return xen_error(xen, err, "tsc_mode");
	return 0;
}

int domain_limit(struct xen *xen, const struct guest_config *config,
		 const struct domain *dom, struct error *err)
{
	const struct domain_type *type = type_of(dom->type);
	uint64_t kb = config->memory * 1024ULL +
		      type->extra_pages * KIB_PER_PAGE;
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
	/* Xen's defaults; without this call it would see all that the host can do. */
	if (xc_cpuid_apply_policy(xch, dom->domid, false, NULL, 0, true, false,
				  false, NULL, NULL))
		return xen_error(xen, err, "CPU features");
	ret = set_tsc_mode(xen, config, dom->domid, err);
	if (ret)
		return ret;
	return type->limit ? type->limit(xen, config, dom->domid, err) : 0;
}

/* Whether there is less than it needs; what it has got by now counts. */
static bool is_short(struct xen *xen, uint64_t wanted, uint32_t domid,
		     uint64_t *left)
{
	struct domain_info info;
	xc_physinfo_t host;

	if (xen_info(xen, domid, &info) || xc_physinfo(xen->xch, &host))
		return false;
	*left = host.free_pages - host.outstanding_pages + info.pages;
	return *left < wanted;
}

static int populate_error(struct xen *xen, const struct guest_config *config,
			  uint32_t domid, struct error *err)
{
	uint64_t wanted = config->memory * (uint64_t)PAGES_PER_MB, left;
	int why = errno;

	if (is_short(xen, wanted, domid, &left))
		return host_lacks_memory(xen, config->memory,
					 left / PAGES_PER_MB, err);
	errno = why;
	return xen_error(xen, err, "memory");
}

int domain_populate(struct xen *xen, const struct guest_config *config,
		    const struct domain *dom, struct image *image,
		    struct error *err)
{
	const struct domain_type *type = type_of(dom->type);
	struct xc_dom_image *xdi = image->dom;

	xdi->max_vcpus = config->vcpus;
	xen_mark(xen);
	if (xc_dom_boot_xen_init(xdi, xen->xch, dom->domid) ||
	    xc_dom_mem_init(xdi, config->memory))
		return xen_error(xen, err, "memory");
	if (type->lay_out)
		type->lay_out(xdi);
	/* All or nothing, at once: guests made at the same time don't starve. */
	xdi->claim_enabled = 1;
	if (xc_dom_boot_mem_init(xdi))
		return populate_error(xen, config, dom->domid, err);
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

static uint64_t start_info_gfn(struct xc_dom_image *xdi)
{
	if (xdi->container_type == XC_DOM_HVM_CONTAINER)
		return xdi->start_info_seg.pfn;
	return xc_dom_p2m(xdi, xdi->start_info_pfn);
}

int domain_load(struct xen *xen, const struct guest_config *config,
		struct domain *dom, struct image *image, struct error *err)
{
	const struct domain_type *type = type_of(dom->type);
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
	dom->start_info_gfn = start_info_gfn(xdi);
	return type->finish ? type->finish(xen, xdi, err) : 0;
}

const struct build_part build_part = {
	.part = { CHAOS_BUILD },
	.image_load = image_load,
	.image_free = image_free,
	.create = domain_create,
	.limit = domain_limit,
	.populate = domain_populate,
	.load = domain_load,
	.dump = domain_dump,
};
