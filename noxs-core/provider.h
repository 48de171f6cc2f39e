/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How a guest comes by its device page, and how its host keeps that page.
 *
 * A provider is a way to do so. It has two sides, a table of functions for each.
 * Where the page is, who may write it, and how a guest is told that it has
 * changed, is the provider's own; nothing else in noxs_core knows which one it is.
 *
 * A guest uses the first one that has a page for it. A host uses all that work
 * there, as it can't know which of them its guests know: each keeps the page of
 * every guest.
 */
#ifndef _NOXS_PROVIDER_H
#define _NOXS_PROVIDER_H

#include <linux/interrupt.h>
#include <xen/noxs.h>

/**
 * struct noxs_guest_provider - the guest's side; a guest has one page
 * @name: what the provider is called
 * @open: find and map the page. Returns 0 and the page, which is to be read only;
 *	-ENODEV: not in this way, ask the next one; or another -errno
 * @close: unmap it
 * @bind: bind the event that says "page changed", which noxs_channel_free() unbinds;
 *	as noxs_channel_bind()
 */
struct noxs_guest_provider {
	const char *name;
	int (*open)(const struct noxs_devpage **page);
	void (*close)(void);
	int (*bind)(struct noxs_channel *ch, irq_handler_t handler,
		    const char *name, void *arg);
};

/**
 * struct noxs_host_page - the device page of one guest, as its host keeps it
 * @domid: the guest
 *
 * Part of what the provider keeps of it.
 */
struct noxs_host_page {
	domid_t domid;
};

/**
 * struct noxs_host_provider - the host's side
 * @name: what the provider is called
 * @probe: tell whether it works on this host. Returns 0; -ENODEV: it doesn't;
 *	or another -errno
 * @add_domain: make an empty page for a guest. Returns the page or an ERR_PTR();
 *	@handle, random when the first one is called, becomes what the guest's
 *	domain is to have
 * @set_slot: fill a free slot, and tell the guest. Returns 0 or -errno
 * @clear_slot: free a slot, and tell the guest, if there still is one
 * @del_domain: take the page away, whatever the guest does with it
 *
 * Those that are about one page are called one at a time, in process context.
 */
struct noxs_host_provider {
	const char *name;
	int (*probe)(void);
	struct noxs_host_page *(*add_domain)(domid_t domid,
					     u8 handle[NOXS_HANDLE_SIZE]);
	int (*set_slot)(struct noxs_host_page *hp, unsigned int nr,
			const struct noxs_slot *slot);
	void (*clear_slot)(struct noxs_host_page *hp, unsigned int nr);
	void (*del_domain)(struct noxs_host_page *hp);
};

extern const struct noxs_guest_provider noxs_handle_guest;
extern const struct noxs_guest_provider noxs_hypervisor_guest;
extern const struct noxs_host_provider noxs_handle_host;
extern const struct noxs_host_provider noxs_hypervisor_host;

#define NOXS_PROVIDERS	2

/**
 * struct noxs_host_pages - the device page of one guest, once for each provider
 * @page: the provider's; NULL where it is not in use
 */
struct noxs_host_pages {
	struct noxs_host_page *page[NOXS_PROVIDERS];
};

/* The one that had this guest's page when noxs_core was loaded. */
extern const struct noxs_guest_provider *noxs_guest_provider;

int noxs_provider_open(const struct noxs_devpage **page);
int noxs_provider_probe(void);
ssize_t noxs_provider_show(char *buf);
int noxs_pages_add(struct noxs_host_pages *pages, domid_t domid,
		   u8 handle[NOXS_HANDLE_SIZE]);
int noxs_pages_set_slot(struct noxs_host_pages *pages, unsigned int nr,
			const struct noxs_slot *slot);
void noxs_pages_clear_slot(struct noxs_host_pages *pages, unsigned int nr);
void noxs_pages_del(struct noxs_host_pages *pages);

#endif /* _NOXS_PROVIDER_H */
