/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_XEN_DOMAIN_H
#define CHAOS_XEN_DOMAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "config/config.h"
#include "host/noxs.h"
#include "util/error.h"
#include "xen/image.h"
#include "xen/type.h"
#include "xen/xen.h"

/**
 * struct domain - a domain of the hypervisor
 * @domid: the domain
 * @type: of the guest that it is for
 * @handle: its handle
 * @console_gfn: frame of its console's ring, once loaded
 * @console_port: the guest's event channel for it, once loaded
 */
struct domain {
	uint32_t domid;
	const struct domain_type *type;
	uint8_t handle[UUID_SIZE];
	uint64_t console_gfn;
	uint32_t console_port;
};

/*
 * From nothing to a running guest, each step on its own and in this order:
 * domain_create(), domain_announce(), domain_limit(), domain_populate(),
 * domain_load(), the console (console/drainer.h), devices, domain_unpause(). Between
 * any two of them the domain may stay for as long as one wants, and
 * domain_destroy() undoes them all.
 */

/**
 * domain_create() - make an empty, paused domain
 * @xen: access to the hypervisor
 * @config: what it is to be
 * @type: its type, that of its image
 * @dom: out
 * @err: out: the reason of a failure
 *
 * Return: 0 or a negative errno.
 */
int domain_create(struct xen *xen, const struct guest_config *config,
		  const struct domain_type *type, struct domain *dom,
		  struct error *err);

/**
 * domain_announce() - make noxs know a domain, which gives it a new handle
 * @xen: access to the hypervisor
 * @noxs: access to the kernel's devices
 * @dom: made by domain_create(); its handle changes
 * @err: out: the reason of a failure
 *
 * Return: 0, -EBUSY if the domid can't be used yet, another negative errno.
 */
int domain_announce(struct xen *xen, struct noxs *noxs, struct domain *dom,
		    struct error *err);

/**
 * domain_limit() - give an empty domain its processors, and limits
 * @xen: access to the hypervisor
 * @config: what it is to be
 * @dom: made by domain_create()
 * @err: out: the reason of a failure
 *
 * Return: 0 or a negative errno.
 */
int domain_limit(struct xen *xen, const struct guest_config *config,
		 const struct domain *dom, struct error *err);

/**
 * domain_populate() - give a domain its memory
 * @xen: access to the hypervisor
 * @config: what it is to be
 * @dom: has limits
 * @image: of the domain's type; is bound to the domain from now on
 * @err: out: the reason of a failure
 *
 * Return: 0 or a negative errno.
 */
int domain_populate(struct xen *xen, const struct guest_config *config,
		    const struct domain *dom, struct image *image,
		    struct error *err);

/**
 * domain_load() - put kernel and ramdisk into a domain's memory
 * @xen: access to the hypervisor
 * @config: what it is to be
 * @dom: has memory; its console is known afterwards
 * @image: given to domain_populate()
 * @err: out: the reason of a failure
 *
 * Whether it fails or not, image_free() comes next, without which the domain
 * can't be destroyed.
 *
 * Return: 0 or a negative errno.
 */
int domain_load(struct xen *xen, const struct guest_config *config,
		struct domain *dom, struct image *image, struct error *err);

/**
 * domain_unpause() - let a domain run
 * @xen: access to the hypervisor
 * @dom: the domain
 * @err: out: the reason of a failure
 *
 * Return: 0 or a negative errno.
 */
int domain_unpause(struct xen *xen, const struct domain *dom,
		   struct error *err);

/**
 * domain_destroy() - destroy a domain with all that it has, in any state
 * @xen: access to the hypervisor
 * @domid: the domain
 * @handle: its handle: one with another handle isn't touched
 * @force: go on if its devices can't be removed
 * @err: out: the reason of a failure
 *
 * It stops, loses its devices and its console, and is destroyed. What is
 * already gone is no failure.
 *
 * Return: 0 if Xen has no such domain any more, else a negative errno.
 */
int domain_destroy(struct xen *xen, uint32_t domid, const uint8_t *handle,
		   bool force, struct error *err);

/**
 * domain_bury() - remove what is left of a domain that others have destroyed
 * @xen: access to the hypervisor
 * @domid: it was
 * @handle: its handle
 * @err: out: the reason of a failure
 *
 * Return: 0, also if another domain has the domid by now; else a negative
 * errno.
 */
int domain_bury(struct xen *xen, uint32_t domid, const uint8_t *handle,
		struct error *err);

#endif /* CHAOS_XEN_DOMAIN_H */
