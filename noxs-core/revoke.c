// SPDX-License-Identifier: GPL-2.0
/*
 * Pages that were granted and are to be ours alone again.
 *
 * The other domain may still map such a page, for as long as it likes. Until
 * Xen says that it is over, the page is neither freed nor used again, and what
 * is left is kept here by domid: while anything is, a new domain of the same
 * domid gets no devices, as it could map what was its predecessor's.
 *
 * The list runs through the page structs, so that giving a page up needs no
 * memory. Called in process context; a work item tries again and again.
 */
#include <linux/jiffies.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include <xen/grant_table.h>

#include "core.h"

#define NOXS_REVOKE_DELAY_MIN	msecs_to_jiffies(10)
#define NOXS_REVOKE_DELAY_MAX	msecs_to_jiffies(1000)

static LIST_HEAD(noxs_revoked);
static unsigned int noxs_revoked_count;
static unsigned long noxs_revoke_delay;
/* Protects the three above. */
static DEFINE_SPINLOCK(noxs_revoke_lock);

static void revoke_again(struct work_struct *work);
static DECLARE_DELAYED_WORK(noxs_revoke_work, revoke_again);

static void page_set_grant(struct page *page, grant_ref_t gref, domid_t domid)
{
	BUILD_BUG_ON(BITS_PER_LONG < 64);
	set_page_private(page, (unsigned long)domid << 32 | gref);
}

static grant_ref_t page_gref(struct page *page)
{
	return lower_32_bits(page_private(page));
}

static domid_t page_domid(struct page *page)
{
	return upper_32_bits(page_private(page));
}

/**
 * noxs_revoke() - end a grant and free its page, now or when Xen lets us
 * @domid: who was granted the page
 * @gref: the grant
 * @addr: the page, from get_zeroed_page(); no longer the caller's
 */
void noxs_revoke(domid_t domid, grant_ref_t gref, void *addr)
{
	struct page *page = virt_to_page(addr);

	if (gnttab_try_end_foreign_access(gref)) {
		__free_page(page);
		return;
	}

	page_set_grant(page, gref, domid);

	spin_lock(&noxs_revoke_lock);
	list_add_tail(&page->lru, &noxs_revoked);
	noxs_revoked_count++;
	noxs_revoke_delay = NOXS_REVOKE_DELAY_MIN;
	spin_unlock(&noxs_revoke_lock);
	mod_delayed_work(noxs_wq, &noxs_revoke_work, NOXS_REVOKE_DELAY_MIN);
}

/**
 * noxs_revoke_retry() - try again to end the grants of a domain
 * @domid: the domain, or NOXS_DOMID_ANY
 *
 * Return: how many of its pages are still mapped
 */
unsigned int noxs_revoke_retry(domid_t domid)
{
	struct page *page, *next;
	unsigned int left = 0;

	spin_lock(&noxs_revoke_lock);
	list_for_each_entry_safe(page, next, &noxs_revoked, lru) {
		if (domid != NOXS_DOMID_ANY && page_domid(page) != domid)
			continue;
		if (!gnttab_try_end_foreign_access(page_gref(page))) {
			left++;
			continue;
		}
		list_del(&page->lru);
		noxs_revoked_count--;
		set_page_private(page, 0);
		__free_page(page);
	}
	spin_unlock(&noxs_revoke_lock);
	return left;
}

static void revoke_again(struct work_struct *work)
{
	unsigned long delay;

	if (!noxs_revoke_retry(NOXS_DOMID_ANY))
		return;

	spin_lock(&noxs_revoke_lock);
	delay = noxs_revoke_delay;
	noxs_revoke_delay = min(2 * delay, NOXS_REVOKE_DELAY_MAX);
	spin_unlock(&noxs_revoke_lock);
	queue_delayed_work(noxs_wq, &noxs_revoke_work, delay);
}

/**
 * noxs_revoke_pending() - count the pages that others still map
 *
 * Return: their number
 */
unsigned int noxs_revoke_pending(void)
{
	return READ_ONCE(noxs_revoked_count);
}

/**
 * noxs_revoke_exit() - stop trying
 *
 * What is still mapped is lost: it can't be freed, and nobody is left to
 * remember it.
 */
void noxs_revoke_exit(void)
{
	cancel_delayed_work_sync(&noxs_revoke_work);
	if (noxs_revoke_retry(NOXS_DOMID_ANY))
		pr_warn("%u pages are lost to domains that still map them\n",
			noxs_revoked_count);
}
