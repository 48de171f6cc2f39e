/* SPDX-License-Identifier: GPL-2.0 */
/* How a guest comes by its device page. */
#ifndef _NOXS_PROVIDER_H
#define _NOXS_PROVIDER_H

#include <xen/noxs.h>

/**
 * struct noxs_guest_page - the device page as a guest sees it
 * @page: the page, mapped for reading
 * @owner: domid of its owner
 * @map: the provider's: how it is mapped
 */
struct noxs_guest_page {
	const struct noxs_devpage *page;
	domid_t owner;
	struct noxs_map map;
};

/**
 * struct noxs_provider - one way to find the device page
 * @name: what it is called
 * @open: find and map the page; -ENODEV: not in this way, ask the next one
 * @close: unmap it
 */
struct noxs_provider {
	const char *name;
	int (*open)(struct noxs_guest_page *gp);
	void (*close)(struct noxs_guest_page *gp);
};

extern const struct noxs_provider noxs_provider_handle;

#endif /* _NOXS_PROVIDER_H */
