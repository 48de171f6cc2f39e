/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_XEN_IMAGE_H
#define CHAOS_XEN_IMAGE_H

#include "config/config.h"
#include "util/error.h"
#include "xen/xen.h"

struct xc_dom_image;

/**
 * struct image - a kernel and its ramdisk, in this process' memory
 * @dom: libxenguest's
 * @type: of the guest that it will be, PV or PVH
 */
struct image {
	struct xc_dom_image *dom;
	enum guest_type type;
};

/**
 * image_load() - read a guest's files, and decide on the type of the guest
 * @xen: access to the hypervisor
 * @config: which files; the type that is asked for
 * @image: out; to be released with image_free(), unless this fails
 * @err: out: the reason of a failure
 *
 * It is PVH if the file says nothing and kernel and host both can do that, as
 * that is the better guest on current hardware.
 *
 * Return: 0 or a negative errno.
 */
int image_load(struct xen *xen, const struct guest_config *config,
	       struct image *image, struct error *err);

/**
 * image_free() - release an image, and every mapping of the guest's memory
 * @image: from image_load(), or all zero
 */
void image_free(struct image *image);

#endif /* CHAOS_XEN_IMAGE_H */
