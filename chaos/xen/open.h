/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_XEN_OPEN_H
#define CHAOS_XEN_OPEN_H

#include "util/part.h"
#include "xen/domain.h"
#include "xen/image.h"

/**
 * struct build_part - what needs libxenguest: see xen/image.h and xen/domain.h
 * @part: of which sources
 * @image_load: image_load()
 * @image_free: image_free()
 * @create: domain_create()
 * @limit: domain_limit()
 * @populate: domain_populate()
 * @load: domain_load()
 * @dump: domain_dump()
 */
struct build_part {
	struct part part;
	int (*image_load)(struct xen *xen, const struct guest_config *config,
			  struct image *image, struct error *err);
	void (*image_free)(struct image *image);
	int (*create)(struct xen *xen, const struct guest_config *config,
		      enum guest_type type, const uint8_t *handle,
		      struct domain *dom, struct error *err);
	int (*limit)(struct xen *xen, const struct guest_config *config,
		     const struct domain *dom, struct error *err);
	int (*populate)(struct xen *xen, const struct guest_config *config,
			const struct domain *dom, struct image *image,
			struct error *err);
	int (*load)(struct xen *xen, const struct guest_config *config,
		    struct domain *dom, struct image *image,
		    struct error *err);
	int (*dump)(struct xen *xen, uint32_t domid, int fd,
		    struct progress *progress, struct error *err);
};

extern const struct build_part build_part;

#endif /* CHAOS_XEN_OPEN_H */
