// SPDX-License-Identifier: GPL-2.0
/*
 * The device page kept by a Xen that has the noxs extension: one operation, that
 * of xen/interface/noxs-memory.h.
 *
 * Xen owns the page, and alone writes it, a slot at a time, as the host asks for. A
 * guest asks Xen for it, before any grant is used, and Xen tells it of changes. It
 * is read as any other device page: a snapshot, which is checked.
 */
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <xen/balloon.h>
#include <xen/interface/xen.h>
#include <xen/interface/memory.h>
#include <xen/interface/noxs-memory.h>
#include <xen/page.h>
#include <xen/xen.h>
#include <asm/xen/hypercall.h>

#include "core.h"
#include "provider.h"

/* The page of this guest's in whose place it sees the device page. */
static struct page *hypervisor_place;

static int hypervisor_call(struct xen_noxs *op)
{
	return HYPERVISOR_memory_op(XENMEM_noxs, op);
}

static int hypervisor_ask(u64 *frame)
{
	struct xen_noxs op = {
		.domid = DOMID_SELF,
		.cmd = XEN_NOXS_GET,
		.frame = *frame,
	};
	int err = hypervisor_call(&op);

	*frame = op.frame;
	return err;
}

/* What stands for a page in the kernel's own mapping of it. */
static int pv_show(struct page *page, pte_t pte)
{
	unsigned long addr = (unsigned long)page_address(page);

	return HYPERVISOR_update_va_mapping(addr, pte, UVMF_INVLPG | UVMF_ALL);
}

/*
 * A PV guest maps frames of the machine. It has the device page in the place of a
 * page of its own, which it gets back: that takes nothing from the balloon.
 */
static int pv_map(struct page **place)
{
	struct page *page = alloc_page(GFP_KERNEL);
	u64 mfn = 0;
	int err;

	if (!page)
		return -ENOMEM;
	err = hypervisor_ask(&mfn);
	if (!err)
		err = pv_show(page, mfn_pte(mfn, PAGE_KERNEL_RO));
	if (err) {
		__free_page(page);
		return err;
	}
	*place = page;
	return 0;
}

static int pv_unmap(struct page *page)
{
	int err = pv_show(page, mk_pte(page, PAGE_KERNEL));

	if (!err)
		__free_page(page);
	return err;
}

/* Any other guest says where it is to be, which is where it has no memory. */
static int pvh_map(struct page **place)
{
	struct page *page;
	u64 gfn;
	int err;

	err = xen_alloc_ballooned_pages(1, &page);
	if (err)
		return err;
	gfn = xen_page_to_gfn(page);
	err = hypervisor_ask(&gfn);
	if (err) {
		xen_free_ballooned_pages(1, &page);
		return err;
	}
	*place = page;
	return 0;
}

static int pvh_unmap(struct page *page)
{
	struct xen_remove_from_physmap remove = {
		.domid = DOMID_SELF,
		.gpfn = xen_page_to_gfn(page),
	};
	int err = HYPERVISOR_memory_op(XENMEM_remove_from_physmap, &remove);

	if (!err)
		xen_free_ballooned_pages(1, &page);
	return err;
}

static void hypervisor_close(void)
{
	int err = xen_pv_domain() ? pv_unmap(hypervisor_place) :
				    pvh_unmap(hypervisor_place);

	if (err)
		pr_err("can't unmap the device page (%d), a page is lost\n",
		       err);
}

static int hypervisor_open(const struct noxs_devpage **page)
{
	int err = xen_pv_domain() ? pv_map(&hypervisor_place) :
				    pvh_map(&hypervisor_place);

	if (err == -ENOSYS || err == -ENOENT)
		return -ENODEV;
	if (err) {
		pr_err("can't map the device page that Xen keeps: %d\n", err);
		return err;
	}
	*page = page_address(hypervisor_place);
	return 0;
}

static int hypervisor_bind(struct noxs_channel *ch, irq_handler_t handler,
			   const char *name, void *arg)
{
	return noxs_evtchn_virq(VIRQ_NOXS, ch, handler, name, arg);
}

const struct noxs_guest_provider noxs_hypervisor_guest = {
	.name = "hypervisor",
	.open = hypervisor_open,
	.close = hypervisor_close,
	.bind = hypervisor_bind,
};

/* The host has no page itself, but a Xen that keeps pages says so. */
static int hypervisor_probe(void)
{
	u64 frame = 0;

	return hypervisor_ask(&frame) == -ENOENT ? 0 : -ENODEV;
}

static struct noxs_host_page *
hypervisor_add_domain(domid_t domid, u8 handle[NOXS_HANDLE_SIZE])
{
	/* The page may be there, and say what another noxs_core had it say. */
	struct xen_noxs op = { .domid = domid, .cmd = XEN_NOXS_RESET };
	struct noxs_host_page *hp;
	int err;

	hp = kzalloc(sizeof(*hp), GFP_KERNEL);
	if (!hp)
		return ERR_PTR(-ENOMEM);
	hp->domid = domid;
	err = hypervisor_call(&op);
	if (err) {
		kfree(hp);
		return ERR_PTR(err);
	}
	/* By its handle, the toolstack knows it for one of ours: no page there. */
	noxs_handle_make(handle, 0, 0);
	return hp;
}

static int hypervisor_set_slot(struct noxs_host_page *hp, unsigned int nr,
			       const struct noxs_slot *slot)
{
	struct xen_noxs op = {
		.domid = hp->domid,
		.cmd = XEN_NOXS_WRITE,
		.slot = nr,
		.content = *slot,
	};

	return hypervisor_call(&op);
}

static void hypervisor_clear_slot(struct noxs_host_page *hp, unsigned int nr)
{
	struct xen_noxs op = {
		.domid = hp->domid,
		.cmd = XEN_NOXS_CLEAR,
		.slot = nr,
	};

	/* Fails only when the domain is gone, and the page with it. */
	(void)hypervisor_call(&op);
}

/* The page itself is Xen's, and goes with the domain. */
static void hypervisor_del_domain(struct noxs_host_page *hp)
{
	struct xen_noxs op = { .domid = hp->domid, .cmd = XEN_NOXS_DROP };

	/* As above. */
	(void)hypervisor_call(&op);
	kfree(hp);
}

const struct noxs_host_provider noxs_hypervisor_host = {
	.name = "hypervisor",
	.probe = hypervisor_probe,
	.add_domain = hypervisor_add_domain,
	.set_slot = hypervisor_set_slot,
	.clear_slot = hypervisor_clear_slot,
	.del_domain = hypervisor_del_domain,
};
