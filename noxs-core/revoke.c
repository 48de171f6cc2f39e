// SPDX-License-Identifier: GPL-2.0
/*
 * Pages that were granted and are to be ours alone again.
 *
 * The other domain may still map such a page, for as long as it likes. Until
 * Xen says that it is over, the page is neither freed nor used again, and what
 * is left is kept here by domid: while anything is, a new domain of the same
 * domid gets no devices, as it could map what was its predecessor's.
 *
 * When a PV domain dies, Xen says so too early: it ends the domain's grants
 * first, and lets go of what its page tables map when it frees these. A page
 * that came to be a page table of ours in between would be refused as such. So
 * a page whose grant is over is kept on as long as there is a domain of that
 * domid, and meanwhile used for nothing but that domain's next device.
 *
 * The list runs through the page structs, so that giving a page up needs no
 * memory. A work item tries again and again.
 */
#include <linux/jiffies.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include <xen/grant_table.h>
#include <xen/interface/event_channel.h>
#include <xen/xen.h>
#include <asm/xen/hypercall.h>

#include "core.h"

#define NOXS_NO_GRANT		0	/* a reference that is never given out */
#define NOXS_REVOKE_DELAY_MIN	msecs_to_jiffies(10)
#define NOXS_REVOKE_DELAY_MAX	msecs_to_jiffies(1000)
/* When no page is granted any more, and living domains may be all it is for. */
#define NOXS_KEPT_DELAY_MAX	msecs_to_jiffies(8000)

static LIST_HEAD(noxs_revoked);
/* Of the pages on the list: those still granted, and those that just wait. */
static unsigned int noxs_granted_count;
static unsigned int noxs_kept_count;
static unsigned long noxs_revoke_delay;
/* Protects the four above. */
static DEFINE_SPINLOCK(noxs_revoke_lock);

static void revoke_again(struct work_struct *work);
static DECLARE_DELAYED_WORK(noxs_revoke_work, revoke_again);

static void page_set_grant(struct page *page, grant_ref_t gref, domid_t domid,
			   u16 serial)
{
	BUILD_BUG_ON(BITS_PER_LONG < 64);
	set_page_private(page, (unsigned long)serial << 48 |
			 (unsigned long)domid << 32 | gref);
}

static grant_ref_t page_gref(struct page *page)
{
	return lower_32_bits(page_private(page));
}

static domid_t page_domid(struct page *page)
{
	return page_private(page) >> 32;
}

static u16 page_serial(struct page *page)
{
	return page_private(page) >> 48;
}

static bool end_grant(grant_ref_t gref)
{
	return gref == NOXS_NO_GRANT || gnttab_try_end_foreign_access(gref);
}

/* Only the host outlives whom it grants pages to. */
static bool domain_exists(domid_t domid)
{
	struct evtchn_status status = { .dom = domid };

	return xen_initial_domain() &&
	       HYPERVISOR_event_channel_op(EVTCHNOP_status, &status) != -ESRCH;
}

/**
 * noxs_page_alloc() - allocate a page that is to be granted
 * @domid: to whom; one that was its before is used first
 *
 * Context: process, may sleep
 * Return: the page, zeroed, for noxs_revoke(); or NULL
 */
void *noxs_page_alloc(domid_t domid)
{
	void *addr = NULL;
	struct page *page;

	spin_lock_irq(&noxs_revoke_lock);
	list_for_each_entry(page, &noxs_revoked, lru) {
		if (page_domid(page) != domid ||
		    page_gref(page) != NOXS_NO_GRANT)
			continue;
		list_del(&page->lru);
		noxs_kept_count--;
		set_page_private(page, 0);
		addr = page_address(page);
		break;
	}
	spin_unlock_irq(&noxs_revoke_lock);

	if (!addr)
		return (void *)get_zeroed_page(GFP_KERNEL);
	clear_page(addr);
	return addr;
}

/**
 * noxs_revoke() - end a grant and free its page, now or when Xen lets us
 * @domid: who was granted the page
 * @serial: of the device that it was for, or 0
 * @gref: the grant, or 0 if there was none
 * @addr: the page, which is nobody else's; no longer the caller's
 *
 * Context: any in a guest, process in the host
 */
void noxs_revoke(domid_t domid, u16 serial, grant_ref_t gref, void *addr)
{
	struct page *page = virt_to_page(addr);
	bool ended = end_grant(gref);
	unsigned long flags;

	if (ended && !domain_exists(domid)) {
		__free_page(page);
		return;
	}

	page_set_grant(page, ended ? NOXS_NO_GRANT : gref, domid, serial);

	spin_lock_irqsave(&noxs_revoke_lock, flags);
	list_add_tail(&page->lru, &noxs_revoked);
	if (ended)
		noxs_kept_count++;
	else
		noxs_granted_count++;
	noxs_revoke_delay = NOXS_REVOKE_DELAY_MIN;
	spin_unlock_irqrestore(&noxs_revoke_lock, flags);
	mod_delayed_work(noxs_wq, &noxs_revoke_work, NOXS_REVOKE_DELAY_MIN);
}

/* Returns whether the page is still granted. */
static bool retry_page(struct page *page)
{
	domid_t domid = page_domid(page);

	lockdep_assert_held(&noxs_revoke_lock);
	if (!end_grant(page_gref(page)))
		return true;
	if (page_gref(page) != NOXS_NO_GRANT) {
		page_set_grant(page, NOXS_NO_GRANT, domid, page_serial(page));
		noxs_granted_count--;
		noxs_kept_count++;
	}
	if (!domain_exists(domid)) {
		list_del(&page->lru);
		noxs_kept_count--;
		set_page_private(page, 0);
		__free_page(page);
	}
	return false;
}

/**
 * noxs_revoke_retry() - try again to end the grants of a domain
 * @domid: the domain, or NOXS_DOMID_ANY
 * @serial: of the device that they were for, or 0 for all
 *
 * Context: process
 * Return: how many of these pages are still mapped
 */
unsigned int noxs_revoke_retry(domid_t domid, u16 serial)
{
	struct page *page, *next;
	unsigned int left = 0;

	spin_lock_irq(&noxs_revoke_lock);
	list_for_each_entry_safe(page, next, &noxs_revoked, lru)
		if ((domid == NOXS_DOMID_ANY || page_domid(page) == domid) &&
		    (!serial || page_serial(page) == serial))
			left += retry_page(page);
	spin_unlock_irq(&noxs_revoke_lock);
	return left;
}

static void revoke_again(struct work_struct *work)
{
	unsigned long delay, longest;
	bool done;

	(void)noxs_revoke_retry(NOXS_DOMID_ANY, 0);

	spin_lock_irq(&noxs_revoke_lock);
	done = list_empty(&noxs_revoked);
	longest = noxs_granted_count ? NOXS_REVOKE_DELAY_MAX :
				       NOXS_KEPT_DELAY_MAX;
	delay = min(noxs_revoke_delay, longest);
	noxs_revoke_delay = 2 * delay;
	spin_unlock_irq(&noxs_revoke_lock);
	if (!done)
		queue_delayed_work(noxs_wq, &noxs_revoke_work, delay);
}

/**
 * noxs_revoke_granted() - count the pages that others still map
 *
 * Return: their number
 */
unsigned int noxs_revoke_granted(void)
{
	return READ_ONCE(noxs_granted_count);
}

/**
 * noxs_revoke_kept() - count the pages that are kept until a domain is gone
 *
 * Return: their number
 */
unsigned int noxs_revoke_kept(void)
{
	return READ_ONCE(noxs_kept_count);
}

/**
 * noxs_revoke_exit() - stop trying
 *
 * Pages that are left are lost: they can't be freed, and nobody is left to remember
 * them. Their grants aren't: Linux ends those, and uses them again, when it can. It
 * isn't to free the pages, as it would do that too early.
 */
void noxs_revoke_exit(void)
{
	struct page *page, *next;

	cancel_delayed_work_sync(&noxs_revoke_work);
	(void)noxs_revoke_retry(NOXS_DOMID_ANY, 0);
	if (list_empty(&noxs_revoked))
		return;
	pr_warn("%u pages are lost to domains that still map them, and %u to domains that may\n",
		noxs_granted_count, noxs_kept_count);
	list_for_each_entry_safe(page, next, &noxs_revoked, lru) {
		list_del(&page->lru);
		if (page_gref(page) != NOXS_NO_GRANT)
			gnttab_end_foreign_access(page_gref(page), NULL);
		set_page_private(page, 0);
	}
}
