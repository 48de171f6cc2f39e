// SPDX-License-Identifier: GPL-2.0
/*
 * Pages between the two ends: granting one of ours, mapping one of theirs.
 *
 * Process context, no locks. A page is never freed while the other end can
 * reach it (revoke.c sees to that), and a mapping that Xen won't take back is
 * leaked rather than used again.
 */
#include <linux/export.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/printk.h>
#include <xen/balloon.h>
#include <xen/grant_table.h>
#include <xen/page.h>
#include <xen/xen.h>

#include "core.h"

/**
 * noxs_grant_page() - allocate a page and grant it to the other end
 * @ndev: the device
 * @grant: out: the page, zeroed, and its reference, which goes into our half
 *
 * Context: process, may sleep
 * Return: 0 or -errno
 */
int noxs_grant_page(struct noxs_device *ndev, struct noxs_grant *grant)
{
	void *addr = noxs_page_alloc(ndev->otherend);
	int gref;

	if (!addr)
		return -ENOMEM;

	gref = gnttab_grant_foreign_access(ndev->otherend, virt_to_gfn(addr),
					   0);
	if (gref < 0) {
		noxs_page_end(ndev, addr, 0);
		return gref;
	}

	grant->addr = addr;
	grant->gref = gref;
	return 0;
}
EXPORT_SYMBOL_GPL(noxs_grant_page);

/**
 * noxs_page_end() - take a page back that is nobody else's
 * @ndev: the device
 * @addr: the page; no longer the caller's
 * @gref: its grant reference, or 0 if there is none
 *
 * If the other end still maps the page, it is kept until that is over.
 *
 * Context: any in a guest, process in the host
 */
void noxs_page_end(struct noxs_device *ndev, void *addr, grant_ref_t gref)
{
	noxs_revoke(ndev->otherend, ndev->link->serial, gref, addr);
}
EXPORT_SYMBOL_GPL(noxs_page_end);

/**
 * noxs_grant_end() - take a page back
 * @ndev: the device
 * @grant: what noxs_grant_page() filled in, or zeros
 *
 * If the other end still maps the page, it is kept until that is over.
 *
 * Context: process
 */
void noxs_grant_end(struct noxs_device *ndev, struct noxs_grant *grant)
{
	if (!grant->addr)
		return;
	noxs_page_end(ndev, grant->addr, grant->gref);
	grant->addr = NULL;
}
EXPORT_SYMBOL_GPL(noxs_grant_end);

/*
 * A page to map a foreign one into. In a guest gnttab_alloc_pages() could add
 * a whole memory section, 2 MiB of page structs, for the sake of one page.
 */
static int map_page_alloc(struct page **page)
{
	int err;

	if (xen_initial_domain())
		return gnttab_alloc_pages(1, page);

	err = xen_alloc_ballooned_pages(1, page);
	if (err)
		return err;
	err = gnttab_pages_set_private(1, page);
	if (err)
		xen_free_ballooned_pages(1, page);
	return err;
}

static void map_page_free(struct page *page)
{
	if (xen_initial_domain()) {
		gnttab_free_pages(1, &page);
		return;
	}
	gnttab_pages_clear_private(1, &page);
	xen_free_ballooned_pages(1, &page);
}

/**
 * noxs_map_foreign() - map a page of another domain
 * @domid: the domain
 * @gref: its reference
 * @readonly: map for reading only
 * @map: out: the mapping
 *
 * Context: process, may sleep
 * Return: 0, -ENOENT if Xen refuses the reference, or another -errno
 */
int noxs_map_foreign(domid_t domid, grant_ref_t gref, bool readonly,
		     struct noxs_map *map)
{
	struct gnttab_map_grant_ref op;
	struct page *page;
	int err;

	err = map_page_alloc(&page);
	if (err)
		return err;

	gnttab_set_map_op(&op, (unsigned long)page_address(page),
			  GNTMAP_host_map | (readonly ? GNTMAP_readonly : 0),
			  gref, domid);
	err = gnttab_map_refs(&op, NULL, &page, 1);
	if (!err && op.status != GNTST_okay)
		err = noxs_has_no_room(op.status) ? -ENOSPC : -ENOENT;
	if (err) {
		map_page_free(page);
		return err;
	}

	map->addr = page_address(page);
	map->page = page;
	map->handle = op.handle;
	return 0;
}
EXPORT_SYMBOL_GPL(noxs_map_foreign);

/**
 * noxs_map_page() - map a page that the other end granted
 * @ndev: the device
 * @gref: its reference, from a copy of the other end's half
 * @map: out: the mapping
 *
 * Context: process, may sleep
 * Return: 0, -ENOENT if Xen refuses the reference, or another -errno
 */
int noxs_map_page(struct noxs_device *ndev, grant_ref_t gref,
		  struct noxs_map *map)
{
	return noxs_map_foreign(ndev->otherend, gref, false, map);
}
EXPORT_SYMBOL_GPL(noxs_map_page);

/**
 * noxs_unmap_page() - end a mapping
 * @map: what noxs_map_page() filled in, or zeros
 *
 * Context: process, may sleep
 */
void noxs_unmap_page(struct noxs_map *map)
{
	struct gnttab_unmap_grant_ref op;
	int err;

	if (!map->addr)
		return;

	gnttab_set_unmap_op(&op, (unsigned long)map->addr, GNTMAP_host_map,
			    map->handle);
	err = gnttab_unmap_refs(&op, NULL, &map->page, 1);
	if (err || op.status != GNTST_okay)
		pr_err_ratelimited("unmap failed (%d, status %d), page lost\n",
				   err, op.status);
	else
		map_page_free(map->page);
	map->addr = NULL;
}
EXPORT_SYMBOL_GPL(noxs_unmap_page);
