/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_XEN_DOMAIN_H
#define CHAOS_XEN_DOMAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "config/config.h"
#include "util/error.h"
#include "util/progress.h"
#include "util/uuid.h"
#include "xen/image.h"
#include "xen/xen.h"

/**
 * struct domain - a domain of the hypervisor
 * @domid: the domain
 * @type: of the guest that it is for, PV or PVH
 * @handle: its handle
 * @console_gfn: frame of its console's ring, once loaded
 * @console_port: the guest's event channel for it, once loaded
 * @start_info_gfn: frame of what tells it what it has, once loaded
 */
struct domain {
	uint32_t domid;
	enum guest_type type;
	uint8_t handle[UUID_SIZE];
	uint64_t console_gfn;
	uint32_t console_port;
	uint64_t start_info_gfn;
};

/*
 * From nothing to a running guest, each step on its own and in this order:
 * domain_create(), domain_set_handle(), domain_limit(), domain_populate(),
 * domain_load(), domain_unpause(). Between any two of them the domain may stay
 * for as long as one wants.
 */

/**
 * domain_create() - make an empty, paused domain
 * @xen: access to the hypervisor
 * @config: what it is to be
 * @type: its type, that of its image
 * @handle: its handle, till it gets another one
 * @dom: out
 * @err: out: the reason of a failure
 *
 * Return: 0 or a negative errno.
 */
int domain_create(struct xen *xen, const struct guest_config *config,
		  enum guest_type type, const uint8_t *handle,
		  struct domain *dom, struct error *err);

/**
 * domain_set_handle() - give a domain another handle
 * @xen: access to the hypervisor
 * @dom: made by domain_create(); its handle changes
 * @handle: the handle
 * @err: out: the reason of a failure
 *
 * Return: 0 or a negative errno.
 */
int domain_set_handle(struct xen *xen, struct domain *dom,
		      const uint8_t *handle, struct error *err);

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
 * @domid: the domain
 * @err: out: the reason of a failure
 *
 * Return: 0 or a negative errno.
 */
int domain_unpause(struct xen *xen, uint32_t domid, struct error *err);

/**
 * domain_reboot() - stop a domain as if it had asked for a reboot
 * @xen: access to the hypervisor
 * @domid: the domain
 * @err: out: the reason of a failure
 *
 * One that has stopped by itself stays as it is.
 *
 * Return: 0 or a negative errno.
 */
int domain_reboot(struct xen *xen, uint32_t domid, struct error *err);

/**
 * domain_pause() - keep a domain from running
 * @xen: access to the hypervisor
 * @domid: the domain
 * @err: out: the reason of a failure
 *
 * Xen counts: it takes as many domain_unpause() till it runs again. To the user it
 * is paused or not, see domain_set_paused().
 *
 * Return: 0 or a negative errno.
 */
int domain_pause(struct xen *xen, uint32_t domid, struct error *err);

/**
 * domain_set_paused() - have a domain paused or not, however often it was paused
 * @xen: access to the hypervisor
 * @domid: the domain
 * @paused: what it is to be
 * @err: out: the reason of a failure
 *
 * Return: 1, or 0 if it was so already; -ESRCH if the guest has stopped; another
 * negative errno.
 */
int domain_set_paused(struct xen *xen, uint32_t domid, bool paused,
		      struct error *err);

/**
 * domain_pages() - how many pages a domain has of so much memory
 * @info: the domain
 * @memory: MiB, as in a configuration
 *
 * Return: pages, as Xen counts them.
 */
uint64_t domain_pages(const struct domain_info *info, unsigned int memory);

/**
 * domain_set_max_pages() - how many pages Xen gives a domain at most
 * @xen: access to the hypervisor
 * @domid: the domain
 * @pages: the limit; if it has more, it keeps them, and gets none
 * @err: out: the reason of a failure
 *
 * Return: 0 or a negative errno.
 */
int domain_set_max_pages(struct xen *xen, uint32_t domid, uint64_t pages,
			 struct error *err);

/**
 * domain_end() - have Xen destroy a domain, and wait until it's gone
 * @xen: access to the hypervisor
 * @domid: the domain
 * @handle: its handle, as another domain may get the domid meanwhile
 * @err: out: the reason of a failure
 *
 * Whoever maps its memory must let go of it before, see domain_destroy() in
 * pool/destroy.h.
 *
 * Return: 0 if Xen has no such domain any more, -EBUSY if it stays for a long
 * time, another negative errno.
 */
int domain_end(struct xen *xen, uint32_t domid, const uint8_t *handle,
	       struct error *err);

/**
 * domain_dump() - write a domain's memory, and the state of its CPUs, as a core
 * @xen: access to the hypervisor
 * @domid: the domain; it may run meanwhile, and is as it was then at no moment
 * @fd: where to: written from its present position on
 * @progress: of it, or NULL
 * @err: out: the reason of a failure
 *
 * A signal that wants to end the process ends this, see signals_block().
 *
 * Return: 0, -EINTR for a signal, another negative errno.
 */
int domain_dump(struct xen *xen, uint32_t domid, int fd,
		struct progress *progress, struct error *err);

#endif /* CHAOS_XEN_DOMAIN_H */
