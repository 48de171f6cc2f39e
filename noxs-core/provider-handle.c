// SPDX-License-Identifier: GPL-2.0
/*
 * The device page by way of the domain's handle, on any Xen: only a privileged
 * domain can set a handle, and every guest can read its own.
 *
 * The page is one of the host's, granted to the guest. It says itself on which
 * event channel of the host's the guest hears of changes.
 */
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <xen/events.h>
#include <xen/grant_table.h>
#include <xen/interface/xen.h>
#include <xen/interface/version.h>
#include <xen/page.h>
#include <asm/xen/hypercall.h>

#include "core.h"
#include "provider.h"

/* Where this guest's page is, and how it is mapped. */
static domid_t handle_owner;
static struct noxs_map handle_map;

static int handle_open(const struct noxs_devpage **page)
{
	xen_domain_handle_t handle;
	u16 owner;
	u32 gref;
	int err;

	err = HYPERVISOR_xen_version(XENVER_guest_handle, &handle);
	if (err)
		return -ENODEV;
	err = noxs_handle_parse(handle, &owner, &gref);
	if (err == -ENODEV)
		return err;
	if (err == -EPROTONOSUPPORT) {
		pr_err("the host has version %u of noxs' ABI, this kernel %u: no devices\n",
		       handle[NOXS_HANDLE_VERSION] & 0x0f, NOXS_ABI_VERSION);
		return err;
	}
	if (err) {
		pr_err("handle %pUb: no device page there (%d)\n", handle, err);
		return err;
	}

	err = noxs_map_foreign(owner, gref, true, &handle_map);
	if (err) {
		pr_err("can't map page %u of domain %u: %d\n", gref, owner, err);
		/* insmod would take -ENOENT for a missing symbol. */
		return err == -ENOENT ? -ENXIO : err;
	}
	handle_owner = owner;
	*page = handle_map.addr;
	return 0;
}

static void handle_close(void)
{
	noxs_unmap_page(&handle_map);
}

static int handle_bind(struct noxs_channel *ch, irq_handler_t handler,
		       const char *name, void *arg)
{
	const struct noxs_devpage *page = handle_map.addr;

	return noxs_evtchn_bind(handle_owner, READ_ONCE(page->hdr.evtchn), ch,
				handler, name, arg);
}

const struct noxs_guest_provider noxs_handle_guest = {
	.name = "handle",
	.open = handle_open,
	.close = handle_close,
	.bind = handle_bind,
};

/**
 * struct handle_page - a guest's page
 * @hp: what others know of it
 * @gref: its grant
 * @shared: the page
 * @own: what it says
 * @ch: its event channel
 */
struct handle_page {
	struct noxs_host_page hp;
	grant_ref_t gref;
	struct noxs_devpage *shared;
	struct noxs_devpage *own;
	struct noxs_channel ch;
};

static struct handle_page *to_handle_page(struct noxs_host_page *hp)
{
	return container_of(hp, struct handle_page, hp);
}

static int handle_probe(void)
{
	return 0;
}

/* The guest has nothing to tell us here; without an EOI it can do so once. */
static irqreturn_t handle_event(int irq, void *arg)
{
	return IRQ_HANDLED;
}

static void handle_publish_empty(struct handle_page *page)
{
	struct noxs_devpage_header *hdr = &page->own->hdr;

	hdr->magic = NOXS_DEVPAGE_MAGIC;
	hdr->version = NOXS_ABI_VERSION;
	hdr->nr_slots = NOXS_DEVPAGE_SLOTS;
	hdr->evtchn = page->ch.port;
	hdr->size = sizeof(*hdr);
	hdr->slot_size = sizeof(page->own->slot[0]);
	hdr->minor = NOXS_ABI_MINOR;
	noxs_devpage_publish(page->shared, page->own);
}

static struct noxs_host_page *handle_add_domain(domid_t domid,
						u8 handle[NOXS_HANDLE_SIZE])
{
	struct handle_page *page;
	int gref, err = -ENOMEM;

	page = kzalloc(sizeof(*page), GFP_KERNEL);
	if (!page)
		return ERR_PTR(err);
	page->hp.domid = domid;
	page->own = kzalloc(sizeof(*page->own), GFP_KERNEL);
	if (!page->own)
		goto err_free_page;
	page->shared = noxs_page_alloc(domid);
	if (!page->shared)
		goto err_free_own;
	err = noxs_evtchn_alloc(domid, &page->ch, handle_event, "noxs-devpage",
				page);
	if (err)
		goto err_revoke_shared;
	handle_publish_empty(page);

	gref = gnttab_grant_foreign_access(domid, virt_to_gfn(page->shared), 1);
	if (gref < 0) {
		err = gref;
		goto err_free_channel;
	}
	page->gref = gref;
	/* The host is domain 0: no other domain can set handles. */
	noxs_handle_make(handle, 0, page->gref);
	return &page->hp;

err_free_channel:
	noxs_channel_free(&page->ch, page);
err_revoke_shared:
	noxs_revoke(domid, 0, 0, page->shared);
err_free_own:
	kfree(page->own);
err_free_page:
	kfree(page);
	return ERR_PTR(err);
}

static void handle_update(struct handle_page *page)
{
	noxs_devpage_publish(page->shared, page->own);
	notify_remote_via_irq(page->ch.irq);
}

static int handle_set_slot(struct noxs_host_page *hp, unsigned int nr,
			   const struct noxs_slot *slot)
{
	struct handle_page *page = to_handle_page(hp);

	page->own->slot[nr] = *slot;
	handle_update(page);
	return 0;
}

static void handle_clear_slot(struct noxs_host_page *hp, unsigned int nr)
{
	struct handle_page *page = to_handle_page(hp);

	memset(&page->own->slot[nr], 0, sizeof(page->own->slot[nr]));
	handle_update(page);
}

static void handle_del_domain(struct noxs_host_page *hp)
{
	struct handle_page *page = to_handle_page(hp);

	noxs_channel_free(&page->ch, page);
	noxs_revoke(hp->domid, 0, page->gref, page->shared);
	kfree(page->own);
	kfree(page);
}

const struct noxs_host_provider noxs_handle_host = {
	.name = "handle",
	.probe = handle_probe,
	.add_domain = handle_add_domain,
	.set_slot = handle_set_slot,
	.clear_slot = handle_clear_slot,
	.del_domain = handle_del_domain,
};
