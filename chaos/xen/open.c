// SPDX-License-Identifier: GPL-2.0
/*
 * What builds domains, for the programs: it is in build.so, with libxenguest. An image
 * is what all else is made from, so that whoever has one has loaded it. With libxenguest
 * is also what dumps them.
 */
#include <errno.h>

#include "xen/open.h"

static const struct build_part *loaded;

static int open_part(struct error *err)
{
	if (!loaded)
		loaded = (const void *)part_open("build", err);
	return loaded ? 0 : -ELIBACC;
}

int image_load(struct xen *xen, const struct guest_config *config,
	       struct image *image, struct error *err)
{
	int ret = open_part(err);

	return ret ? ret : loaded->image_load(xen, config, image, err);
}

void image_free(struct image *image)
{
	if (loaded)
		loaded->image_free(image);
}

int domain_create(struct xen *xen, const struct guest_config *config,
		  enum guest_type type, const uint8_t *handle,
		  struct domain *dom, struct error *err)
{
	return loaded->create(xen, config, type, handle, dom, err);
}

int domain_limit(struct xen *xen, const struct guest_config *config,
		 const struct domain *dom, struct error *err)
{
	return loaded->limit(xen, config, dom, err);
}

int domain_populate(struct xen *xen, const struct guest_config *config,
		    const struct domain *dom, struct image *image,
		    struct error *err)
{
	return loaded->populate(xen, config, dom, image, err);
}

int domain_load(struct xen *xen, const struct guest_config *config,
		struct domain *dom, struct image *image, struct error *err)
{
	return loaded->load(xen, config, dom, image, err);
}

int domain_dump(struct xen *xen, uint32_t domid, int fd,
		struct progress *progress, struct error *err)
{
	int ret = open_part(err);

	return ret ? ret : loaded->dump(xen, domid, fd, progress, err);
}
