/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_POOL_BUILD_H
#define CHAOS_POOL_BUILD_H

#include <stdint.h>

#include "config/config.h"
#include "host/noxs.h"
#include "util/error.h"
#include "xen/cmdline.h"
#include "xen/domain.h"
#include "xen/image.h"
#include "xen/xen.h"

/**
 * struct build - a domain being made, that is nobody's yet
 * @xen: access to the hypervisor
 * @noxs: access to the kernel's devices
 * @config: what it is to be
 * @cmdline: out: where it has its command line, if that comes later; or NULL
 * @remember: write down which domain it is: called as soon as there is one, and
 *	when its handle has changed
 * @undo: it failed, for the reason that is in the arguments: remove the domain,
 *	and what was written down of it; returns the reason, or another one
 * @dom: out: the domain
 * @image: private to build_domain()
 *
 * Whoever makes one has this in a structure of his own.
 */
struct build {
	struct xen *xen;
	struct noxs *noxs;
	const struct guest_config *config;
	struct cmdline_place *cmdline;
	int (*remember)(struct build *build, struct error *err);
	int (*undo)(struct build *build, int why, struct error *err);
	struct domain dom;
	struct image image;
};

/**
 * build_domain() - make a domain, with its kernel in its memory
 * @build: what is to be made
 * @err: out: the reason of a failure
 *
 * noxs knows it afterwards; it has no devices, and has never run.
 *
 * Return: 0, or a negative errno and there is none.
 */
int build_domain(struct build *build, struct error *err);

#endif /* CHAOS_POOL_BUILD_H */
