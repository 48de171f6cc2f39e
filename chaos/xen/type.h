/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_XEN_TYPE_H
#define CHAOS_XEN_TYPE_H

#include <stdint.h>

#include "config/config.h"
#include "util/error.h"
#include "xen/xen.h"

/* What a PVH guest has besides its memory: ACPI tables, and pages of libxenguest's. */
#define PVH_EXTRA_PAGES \
	(X86_HVM_NR_SPECIAL_PAGES + ACPI_SIZE / XC_PAGE_SIZE)

struct xc_dom_image;
struct xen_domctl_createdomain;

/**
 * struct domain_type - in what the types of guests differ
 * @extra_pages: that it has besides its memory
 * @describe: optional: what the hypervisor is to make
 * @limit: optional: give an empty domain what its type needs
 * @lay_out: optional: where its memory is
 * @furnish: optional: add to the image what the guest finds there, between
 *	getting the memory and writing to it
 * @finish: optional: the image is in the domain: do the rest
 *
 * These are called in this order, by xen/domain.c. What may fail returns 0 or a
 * negative errno.
 */
struct domain_type {
	unsigned int extra_pages;
	int (*describe)(struct xen *xen, struct xen_domctl_createdomain *create,
			struct error *err);
	int (*limit)(struct xen *xen, const struct guest_config *config,
		     uint32_t domid, struct error *err);
	void (*lay_out)(struct xc_dom_image *image);
	int (*furnish)(struct xen *xen, struct xc_dom_image *image,
		       struct error *err);
	int (*finish)(struct xen *xen, struct xc_dom_image *image,
		      struct error *err);
};

extern const struct domain_type domain_pv;
extern const struct domain_type domain_pvh;

#endif /* CHAOS_XEN_TYPE_H */
