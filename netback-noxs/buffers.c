// SPDX-License-Identifier: GPL-2.0
/*
 * Pages of the guest that stay granted, and that we keep mapped while it sends: what
 * it sends from there is copied without Xen.
 *
 * The frontend names them in a list for each queue. We look at the list once the
 * queue has sent some packets, and give the mappings back when it has sent nothing
 * for a while, or is stopped. Nothing depends on them: what isn't mapped, since the
 * guest has no such pages, or has taken them back, or since there is no room, is
 * copied by Xen, like all else.
 *
 * Mappings take room that Xen has for so many of them only. So there is a limit for
 * each guest, and one for all.
 *
 * NAPI says what it wants, and reads the mappings; a work item of the queue makes and
 * ends them. The guest may write these pages at any time: what is in them is copied
 * before anybody looks at it.
 */
#include <linux/gfp.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>
#include <xen/page.h>

#include "netback.h"

/* Of so many pieces that Xen copied, as nothing was mapped, mappings are made. */
#define BUFFERS_AFTER		64U

static unsigned int netback_max_buffers = 32768;
module_param_named(max_buffers, netback_max_buffers, uint, 0644);
MODULE_PARM_DESC(max_buffers,
		 "Pages of all guests that stay mapped for what they send (default 32768)");

static unsigned int netback_max_guest_buffers = 512;
module_param_named(max_guest_buffers, netback_max_guest_buffers, uint, 0644);
MODULE_PARM_DESC(max_guest_buffers,
		 "Pages of a guest that stay mapped for what it sends (default 512)");

/* How many are mapped: by domid, and of all; and what protects that, a leaf. */
static DEFINE_XARRAY(buffers_of_guest);
static unsigned int buffers_of_all;
static DEFINE_MUTEX(buffers_lock);

static unsigned int guest_buffers(domid_t domid)
{
	return xa_to_value(xa_load(&buffers_of_guest, domid) ?: xa_mk_value(0));
}

/* Fewer than before always succeeds. */
static int set_guest_buffers(domid_t domid, unsigned int nr)
{
	if (nr)
		return xa_err(xa_store(&buffers_of_guest, domid,
				       xa_mk_value(nr), GFP_KERNEL));
	xa_erase(&buffers_of_guest, domid);
	return 0;
}

static int budget_take(domid_t domid, unsigned int nr)
{
	unsigned int of_guest;
	int err = -ENOSPC;

	mutex_lock(&buffers_lock);
	of_guest = guest_buffers(domid) + nr;
	if (of_guest <= READ_ONCE(netback_max_guest_buffers) &&
	    buffers_of_all + nr <= READ_ONCE(netback_max_buffers))
		err = set_guest_buffers(domid, of_guest);
	if (!err)
		buffers_of_all += nr;
	mutex_unlock(&buffers_lock);
	return err;
}

static void budget_give(domid_t domid, unsigned int nr)
{
	mutex_lock(&buffers_lock);
	(void)set_guest_buffers(domid, guest_buffers(domid) - nr);
	buffers_of_all -= nr;
	mutex_unlock(&buffers_lock);
}

static int read_page(domid_t domid, grant_ref_t gref, void *to)
{
	struct gnttab_copy copy = {
		.flags = GNTCOPY_source_gref,
		.status = GNTST_general_error,
		.len = XEN_PAGE_SIZE,
		.source.u.ref = gref,
		.source.domid = domid,
		.dest.u.gmfn = virt_to_gfn(to),
		.dest.domid = DOMID_SELF,
	};

	netback_copy(&copy, 1);
	return copy.status == GNTST_okay ? 0 : -ENOENT;
}

/*
 * What is granted and isn't a list ends the vif. What isn't granted any more may have
 * been a list, of a guest that is about to close.
 */
static int read_list(struct netback_queue *queue, struct netback_list *list)
{
	grant_ref_t gref = queue->tx.buffers.list;
	u8 *page = (u8 *)__get_free_page(GFP_KERNEL);
	int err;

	if (!page)
		return -ENOMEM;
	do {
		err = read_page(queue->nb->ndev->otherend, gref, page);
		if (err)
			break;
		err = netback_check_buffers(page, list, &gref);
		if (err)
			netback_fatal(queue->nb, err,
				      "tx buffers of queue %u: bad list",
				      queue->id);
	} while (!err && gref);
	free_page((unsigned long)page);
	return err;
}

static void unmap_all(domid_t domid, struct netback_mapped *mapped)
{
	unsigned int i;

	for (i = 0; i < mapped->nr; i++)
		noxs_unmap_page(&mapped->map[i]);
	budget_give(domid, mapped->nr);
	kfree(mapped);
}

static int map_list(domid_t domid, const struct netback_list *list,
		    struct netback_mapped **result)
{
	struct netback_mapped *mapped = kzalloc(sizeof(*mapped), GFP_KERNEL);
	int err;

	if (!mapped)
		return -ENOMEM;
	err = budget_take(domid, list->nr);
	if (err)
		goto err_free_mapped;

	for (; mapped->nr < list->nr; mapped->nr++) {
		mapped->gref[mapped->nr] = list->gref[mapped->nr];
		err = noxs_map_foreign(domid, list->gref[mapped->nr], true,
				       &mapped->map[mapped->nr]);
		if (err)
			goto err_unmap;
	}
	*result = mapped;
	return 0;

err_unmap:
	budget_give(domid, list->nr - mapped->nr);
	unmap_all(domid, mapped);
	return err;

err_free_mapped:
	kfree(mapped);
	return err;
}

static void buffers_map(struct netback_queue *queue)
{
	struct netback_buffers *buffers = &queue->tx.buffers;
	domid_t domid = queue->nb->ndev->otherend;
	struct netback_list list = { };
	struct netback_mapped *mapped;
	int err;

	if (netback_is_broken(queue->nb))
		return;
	err = read_list(queue, &list);
	if (!err)
		err = map_list(domid, &list, &mapped);
	if (err) {
		netdev_dbg(queue->nb->dev, "queue %u: no buffers: %d\n",
			   queue->id, err);
		return;
	}
	/* Pairs with netback_buffers_begin(). */
	rcu_assign_pointer(buffers->mapped, mapped);
}

static void buffers_unmap(struct netback_queue *queue)
{
	struct netback_buffers *buffers = &queue->tx.buffers;
	struct netback_mapped *mapped =
		rcu_dereference_protected(buffers->mapped, true);

	if (!mapped)
		return;
	RCU_INIT_POINTER(buffers->mapped, NULL);
	/* NAPI that has seen it is through with it. */
	synchronize_net();
	unmap_all(queue->nb->ndev->otherend, mapped);
}

/* The only one to make or end mappings while the queue is connected. */
static void buffers_work(struct work_struct *work)
{
	struct netback_queue *queue = container_of(work, struct netback_queue,
						   tx.buffers.work);
	bool mapped = rcu_access_pointer(queue->tx.buffers.mapped);
	bool wanted = READ_ONCE(queue->tx.buffers.wanted);

	if (wanted && !mapped)
		buffers_map(queue);
	else if (!wanted && mapped)
		buffers_unmap(queue);
}

static void buffers_want(struct netback_buffers *buffers, bool wanted)
{
	WRITE_ONCE(buffers->wanted, wanted);
	queue_work(netback_wq, &buffers->work);
}

/**
 * netback_buffers_init() - have no buffers mapped yet
 * @queue: the queue
 * @list: reference of the list of its tx buffers, or 0
 */
void netback_buffers_init(struct netback_queue *queue, grant_ref_t list)
{
	struct netback_buffers *buffers = &queue->tx.buffers;

	buffers->list = list;
	INIT_WORK(&buffers->work, buffers_work);
}

/**
 * netback_buffers_begin() - see which buffers are mapped, until NAPI has run
 * @queue: the queue, of which NAPI runs
 *
 * Return: them, or NULL
 */
const struct netback_mapped *netback_buffers_begin(struct netback_queue *queue)
{
	return rcu_dereference_bh(queue->tx.buffers.mapped);
}

/**
 * netback_buffers_missed() - note that the guest's pages would be of use
 * @queue: the queue, of which NAPI runs
 *
 * It is asked for once, until the guest has sent nothing for a while: what couldn't be
 * mapped is not tried with each packet.
 */
void netback_buffers_missed(struct netback_queue *queue)
{
	struct netback_buffers *buffers = &queue->tx.buffers;

	if (!buffers->list || buffers->missed == BUFFERS_AFTER)
		return;
	/* Without these, nothing tells when the guest has sent nothing for a while. */
	if (!queue->tx.pages.page)
		return;
	if (++buffers->missed == BUFFERS_AFTER)
		buffers_want(buffers, true);
}

/**
 * netback_buffers_idle() - give the mappings back by and by, if there are any
 * @queue: the queue, of which NAPI runs, or is off
 */
void netback_buffers_idle(struct netback_queue *queue)
{
	queue->tx.buffers.missed = 0;
	if (READ_ONCE(queue->tx.buffers.wanted))
		buffers_want(&queue->tx.buffers, false);
}

/**
 * netback_buffers_count() - how many are mapped
 * @queue: the queue
 *
 * Context: process; the answer may be old
 * Return: that
 */
unsigned int netback_buffers_count(struct netback_queue *queue)
{
	const struct netback_mapped *mapped;
	unsigned int nr;

	rcu_read_lock();
	mapped = rcu_dereference(queue->tx.buffers.mapped);
	nr = mapped ? mapped->nr : 0;
	rcu_read_unlock();
	return nr;
}

/**
 * netback_buffers_free() - give the mappings back, for good
 * @queue: the queue, whose NAPI is off
 *
 * Context: process
 */
void netback_buffers_free(struct netback_queue *queue)
{
	cancel_work_sync(&queue->tx.buffers.work);
	buffers_unmap(queue);
}
