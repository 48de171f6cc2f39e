// SPDX-License-Identifier: GPL-2.0
/*
 * The host's role: the domains that have noxs devices, their device pages, and
 * the making and removing of backends.
 *
 * Entered by the ioctls of /dev/xen/noxs, in process context. A domain's lock
 * is held while its devices are made and removed, and dropped while a guest is
 * waited for. Nothing here depends on what a guest does.
 */
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/etherdevice.h>
#include <linux/kmod.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/printk.h>
#include <linux/random.h>
#include <linux/refcount.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/xarray.h>
#include <xen/events.h>
#include <xen/grant_table.h>
#include <xen/page.h>

#include "core.h"

#define NOXS_DEL_TIMEOUT_MS	5000
#define NOXS_DEL_TIMEOUT_MAX_MS	60000

/* Pages of removed devices that a living guest may go on mapping. */
#define NOXS_MAX_REVOKED	NOXS_DEVPAGE_SLOTS

/**
 * struct noxs_backend - a backend device, and what the core needs for it
 * @list: in noxs_domain.devices
 * @ndev: the device
 * @slot: its place in the device page; -1 while it has none
 * @ctrlpage: its control page, granted to the guest
 * @bdev: the host's block device, if it has one
 * @refs: of the domain's list, and of who waits for the guest
 */
struct noxs_backend {
	struct list_head list;
	struct noxs_device *ndev;
	int slot;
	struct noxs_grant ctrlpage;
	struct file *bdev;
	refcount_t refs;
};

/**
 * struct noxs_domain - a guest as the host sees it
 * @domid: its domid
 * @handle: that it was given
 * @refs: of the list of domains, and of ioctls at work
 * @lock: protects all below
 * @gone: it was removed; nothing can be added any more
 * @devices: struct noxs_backend
 * @generation: of the last slot that was filled
 * @gref: the device page's
 * @devpage: the device page, shared
 * @own: what it says
 * @ch: its event channel
 */
struct noxs_domain {
	domid_t domid;
	u8 handle[NOXS_HANDLE_SIZE];
	refcount_t refs;
	struct mutex lock;	/* protects what its kernel-doc says */
	bool gone;
	struct list_head devices;
	u32 generation;
	grant_ref_t gref;
	struct noxs_devpage *devpage;
	struct noxs_devpage own;
	struct noxs_channel ch;
};

static DEFINE_XARRAY(noxs_domains);
/* Protects noxs_domains, and keeps a domid from being added twice at once. */
static DEFINE_MUTEX(noxs_domains_lock);

static struct noxs_domain *domain_get(domid_t domid)
{
	struct noxs_domain *dom;

	mutex_lock(&noxs_domains_lock);
	dom = xa_load(&noxs_domains, domid);
	if (dom)
		refcount_inc(&dom->refs);
	mutex_unlock(&noxs_domains_lock);
	return dom;
}

/* The first one from *@index on; *@index becomes its domid. */
static struct noxs_domain *domain_get_next(unsigned long *index,
					   unsigned long last)
{
	struct noxs_domain *dom;

	mutex_lock(&noxs_domains_lock);
	dom = xa_find(&noxs_domains, index, last, XA_PRESENT);
	if (dom)
		refcount_inc(&dom->refs);
	mutex_unlock(&noxs_domains_lock);
	return dom;
}

static void domain_put(struct noxs_domain *dom)
{
	if (refcount_dec_and_test(&dom->refs))
		kfree(dom);
}

static void backend_put(struct noxs_backend *be)
{
	if (!refcount_dec_and_test(&be->refs))
		return;
	put_device(&be->ndev->dev);
	kfree(be);
}

/* The guest has nothing to tell us here; without an EOI it can do so once. */
static irqreturn_t devpage_event(int irq, void *arg)
{
	return IRQ_HANDLED;
}

static void devpage_update(struct noxs_domain *dom)
{
	noxs_devpage_publish(dom->devpage, &dom->own);
	notify_remote_via_irq(dom->ch.irq);
}

static int domain_create(domid_t domid, struct noxs_domain **domp)
{
	struct noxs_domain *dom;
	int gref, err;

	dom = kzalloc(sizeof(*dom), GFP_KERNEL);
	if (!dom)
		return -ENOMEM;
	dom->domid = domid;
	refcount_set(&dom->refs, 1);
	mutex_init(&dom->lock);
	INIT_LIST_HEAD(&dom->devices);

	dom->devpage = noxs_page_alloc(domid);
	if (!dom->devpage) {
		err = -ENOMEM;
		goto err_free_dom;
	}
	err = noxs_evtchn_alloc(domid, &dom->ch, devpage_event, "noxs-devpage",
				dom);
	if (err)
		goto err_free_page;

	dom->own.hdr.magic = NOXS_DEVPAGE_MAGIC;
	dom->own.hdr.version = NOXS_ABI_VERSION;
	dom->own.hdr.nr_slots = NOXS_DEVPAGE_SLOTS;
	dom->own.hdr.evtchn = dom->ch.port;
	dom->own.hdr.size = sizeof(dom->own.hdr);
	dom->own.hdr.slot_size = sizeof(dom->own.slot[0]);
	dom->own.hdr.minor = NOXS_ABI_MINOR;
	noxs_devpage_publish(dom->devpage, &dom->own);

	gref = gnttab_grant_foreign_access(domid, virt_to_gfn(dom->devpage), 1);
	if (gref < 0) {
		err = gref;
		goto err_free_channel;
	}
	dom->gref = gref;
	*domp = dom;
	return 0;

err_free_channel:
	noxs_channel_free(&dom->ch, dom);
err_free_page:
	noxs_revoke(domid, 0, dom->devpage);
err_free_dom:
	kfree(dom);
	return err;
}

/* Undoes domain_create(); ioctls at work may still hold the structure. */
static void domain_destroy(struct noxs_domain *dom)
{
	noxs_channel_free(&dom->ch, dom);
	noxs_revoke(dom->domid, dom->gref, dom->devpage);
	domain_put(dom);
}

/**
 * noxs_domain_add() - give a domain a device page
 * @domid: the domain
 * @handle: out: the handle that leads its guest to the page
 *
 * Return: 0, -EEXIST if it has one, -EBUSY while pages that belonged to a
 * former domain of that domid are still mapped, or another -errno
 */
int noxs_domain_add(domid_t domid, u8 handle[NOXS_HANDLE_SIZE])
{
	struct noxs_domain *dom;
	int err;

	if (!domid || domid >= NOXS_DOMID_LIMIT)
		return -EINVAL;

	mutex_lock(&noxs_domains_lock);
	err = -EEXIST;
	if (xa_load(&noxs_domains, domid))
		goto out_unlock;
	err = -EBUSY;
	if (noxs_revoke_retry(domid))
		goto out_unlock;
	err = domain_create(domid, &dom);
	if (err)
		goto out_unlock;

	err = xa_err(xa_store(&noxs_domains, domid, dom, GFP_KERNEL));
	if (err) {
		domain_destroy(dom);
		goto out_unlock;
	}
	get_random_bytes(handle, NOXS_HANDLE_SIZE);
	/* The host is domain 0: no other domain can set handles. */
	noxs_handle_make(handle, 0, dom->gref);
	memcpy(dom->handle, handle, NOXS_HANDLE_SIZE);

out_unlock:
	mutex_unlock(&noxs_domains_lock);
	return err;
}

static int find_free_slot(const struct noxs_domain *dom)
{
	int i;

	for (i = 0; i < NOXS_DEVPAGE_SLOTS; i++)
		if (dom->own.slot[i].type == NOXS_TYPE_NONE)
			return i;
	return -ENOSPC;
}

static void fill_slot(struct noxs_domain *dom, struct noxs_backend *be)
{
	struct noxs_slot *slot = &dom->own.slot[be->slot];

	slot->type = be->ndev->type;
	slot->backend = 0;
	slot->id = be->ndev->id;
	slot->gref = be->ctrlpage.gref;
	slot->evtchn = be->ndev->link->ch.port;
	slot->generation = be->ndev->generation;
	devpage_update(dom);
}

static void clear_slot(struct noxs_domain *dom, struct noxs_backend *be)
{
	memset(&dom->own.slot[be->slot], 0, sizeof(dom->own.slot[0]));
	devpage_update(dom);
}

static struct noxs_backend *find_backend(struct noxs_domain *dom, u16 type,
					 u32 id)
{
	struct noxs_backend *be;

	lockdep_assert_held(&dom->lock);
	list_for_each_entry(be, &dom->devices, list)
		if (be->ndev->type == type && be->ndev->id == id)
			return be;
	return NULL;
}

static void backend_free(struct noxs_backend *be)
{
	noxs_link_stop(be->ndev);
	noxs_grant_end(&be->ctrlpage);
	noxs_bdev_release(be->bdev);
	backend_put(be);
}

/* Takes a device out of the domain, whatever its guest does with it. */
static void backend_destroy(struct noxs_domain *dom, struct noxs_backend *be)
{
	lockdep_assert_held(&dom->lock);
	list_del_init(&be->list);
	noxs_device_del(be->ndev);
	clear_slot(dom, be);
	backend_free(be);
}

static struct noxs_backend *backend_alloc(const struct noxs_dev_add *add)
{
	struct noxs_backend *be;
	struct noxs_link *link;
	int err;

	be = kzalloc(sizeof(*be), GFP_KERNEL);
	if (!be)
		return ERR_PTR(-ENOMEM);
	refcount_set(&be->refs, 1);
	be->ndev = noxs_device_alloc(add->type, add->id, add->domid);
	if (!be->ndev) {
		err = -ENOMEM;
		goto err_free_be;
	}
	memcpy(be->ndev->config, add->config, sizeof(be->ndev->config));
	link = be->ndev->link;

	err = noxs_grant_page(be->ndev, &be->ctrlpage);
	if (err)
		goto err_put_device;
	link->page = be->ctrlpage.addr;
	err = noxs_channel_alloc(be->ndev, &link->ch, noxs_link_event,
				 dev_name(&be->ndev->dev), be->ndev);
	if (err)
		goto err_end_grant;
	return be;

err_end_grant:
	noxs_grant_end(&be->ctrlpage);
err_put_device:
	put_device(&be->ndev->dev);
err_free_be:
	kfree(be);
	return ERR_PTR(err);
}

static int backend_create(struct noxs_domain *dom,
			  const struct noxs_dev_add *add)
{
	struct noxs_backend *be;
	struct file *bdev;
	int slot, err;

	lockdep_assert_held(&dom->lock);
	if (dom->gone)
		return -ESRCH;
	if (find_backend(dom, add->type, add->id))
		return -EEXIST;
	slot = find_free_slot(dom);
	if (slot < 0)
		return slot;
	if (noxs_revoke_retry(dom->domid) >= NOXS_MAX_REVOKED)
		return -EBUSY;

	be = backend_alloc(add);
	if (IS_ERR(be))
		return PTR_ERR(be);
	be->slot = slot;
	/* A domain doesn't live to see so many devices; but be sure. */
	if (!++dom->generation)
		dom->generation = 1;
	be->ndev->generation = dom->generation;

	err = noxs_device_add(be->ndev);
	if (err)
		goto err_free_backend;
	if (!be->ndev->dev.driver) {
		err = -(int)be->ndev->link->machine.error ?: -ENODEV;
		goto err_del_device;
	}
	bdev = noxs_bdev_hold(be->ndev);
	if (IS_ERR(bdev)) {
		err = PTR_ERR(bdev);
		goto err_del_device;
	}
	be->bdev = bdev;

	list_add_tail(&be->list, &dom->devices);
	fill_slot(dom, be);
	return 0;

err_del_device:
	noxs_device_del(be->ndev);
err_free_backend:
	backend_free(be);
	return err;
}

static bool all_zero(const void *start, size_t size)
{
	return !memchr_inv(start, 0, size);
}

static int check_vif(struct noxs_dev_add *add)
{
	struct noxs_vif_config *vif = &add->vif;

	if (!is_valid_ether_addr(vif->mac) ||
	    !all_zero(vif->pad, sizeof(vif->pad)))
		return -EINVAL;
	/* What is 0 is the driver's to fill in. */
	if (vif->mtu &&
	    (vif->mtu < NOXS_VIF_MIN_MTU || vif->mtu > NOXS_VIF_MAX_MTU))
		return -EINVAL;
	if (vif->max_queues > NOXS_VIF_MAX_QUEUES)
		return -EINVAL;
	if (!vif->rate_bytes != !vif->rate_interval_us)
		return -EINVAL;
	if (vif->rate_bytes &&
	    vif->rate_interval_us < NOXS_VIF_MIN_RATE_INTERVAL_US)
		return -EINVAL;
	if (!all_zero(vif + 1, sizeof(add->config) - sizeof(*vif)))
		return -EINVAL;
	return 0;
}

static int check_vbd(struct noxs_dev_add *add)
{
	struct noxs_vbd_config *vbd = &add->vbd;

	if (vbd->flags & ~(NOXS_VBD_READONLY | NOXS_VBD_CDROM |
			   NOXS_VBD_REMOVABLE | NOXS_VBD_NO_DISCARD))
		return -EOPNOTSUPP;
	if (vbd->max_queues > NOXS_VBD_MAX_QUEUES)
		return -EINVAL;
	if (!all_zero(vbd + 1, sizeof(add->config) - sizeof(*vbd)))
		return -EINVAL;
	return 0;
}

/* A guest has one power switch. */
static int check_sysctl(const struct noxs_dev_add *add)
{
	if (add->id || !all_zero(add->config, sizeof(add->config)))
		return -EINVAL;
	return 0;
}

static int check_config(struct noxs_dev_add *add)
{
	if (add->flags)
		return -EOPNOTSUPP;
	if (add->pad || add->id > NOXS_MAX_DEV_ID)
		return -EINVAL;

	switch (add->type) {
	case NOXS_TYPE_VIF:
		return check_vif(add);
	case NOXS_TYPE_VBD:
		return check_vbd(add);
	case NOXS_TYPE_SYSCTL:
		return check_sysctl(add);
	default:
		return -EOPNOTSUPP;
	}
}

/**
 * noxs_backend_add() - make a device
 * @request: what was asked for
 *
 * Return: 0 when the backend is ready and the guest told, or -errno as in
 * uapi/xen/noxs.h
 */
int noxs_backend_add(const struct noxs_dev_add *request)
{
	struct noxs_dev_add add = *request;
	struct noxs_domain *dom;
	int err;

	err = check_config(&add);
	if (err)
		return err;
	dom = domain_get(add.domid);
	if (!dom)
		return -ESRCH;

	/* udev would load it too, but nobody could wait for that. */
	if (!noxs_type_has_driver(add.type))
		(void)request_module("noxs-backend:%s", noxs_type_name(add.type));

	mutex_lock(&dom->lock);
	err = backend_create(dom, &add);
	mutex_unlock(&dom->lock);
	domain_put(dom);
	return err;
}

/**
 * noxs_backend_del() - remove a device
 * @del: which, and how
 *
 * Return: 0 or -errno as in uapi/xen/noxs.h
 */
int noxs_backend_del(const struct noxs_dev_del *del)
{
	unsigned int timeout_ms = del->timeout_ms ?: NOXS_DEL_TIMEOUT_MS;
	struct noxs_backend *be;
	struct noxs_domain *dom;

	if (del->flags & ~NOXS_DEV_DEL_FORCE)
		return -EOPNOTSUPP;
	if (timeout_ms > NOXS_DEL_TIMEOUT_MAX_MS)
		return -EINVAL;
	dom = domain_get(del->domid);
	if (!dom)
		return -ESRCH;

	mutex_lock(&dom->lock);
	be = find_backend(dom, del->type, del->id);
	if (!be) {
		mutex_unlock(&dom->lock);
		domain_put(dom);
		return -ENODEV;
	}
	if (!(del->flags & NOXS_DEV_DEL_FORCE)) {
		refcount_inc(&be->refs);
		mutex_unlock(&dom->lock);
		(void)noxs_link_close(be->ndev, timeout_ms);
		mutex_lock(&dom->lock);
		/* Somebody else may have removed it meanwhile. */
		if (!list_empty(&be->list))
			backend_destroy(dom, be);
		backend_put(be);
	} else {
		backend_destroy(dom, be);
	}
	mutex_unlock(&dom->lock);
	domain_put(dom);
	return 0;
}

static void domain_remove_devices(struct noxs_domain *dom)
{
	struct noxs_backend *be, *next;

	mutex_lock(&dom->lock);
	dom->gone = true;
	list_for_each_entry_safe(be, next, &dom->devices, list)
		backend_destroy(dom, be);
	mutex_unlock(&dom->lock);
}

/**
 * noxs_domain_del() - remove a domain and all of its devices
 * @domid: the domain
 * @handle: that it was given, or zero for any
 *
 * Doesn't ask the guest. What it still maps blocks noxs_domain_add() for this
 * domid until it is unmapped, at the latest when the domain is destroyed.
 *
 * Return: 0 or -ESRCH
 */
int noxs_domain_del(domid_t domid, const u8 handle[NOXS_HANDLE_SIZE])
{
	struct noxs_domain *dom;

	dom = domain_get(domid);
	if (!dom)
		return -ESRCH;
	if (memchr_inv(handle, 0, NOXS_HANDLE_SIZE) &&
	    memcmp(handle, dom->handle, NOXS_HANDLE_SIZE)) {
		domain_put(dom);
		return -ESRCH;
	}

	/*
	 * Out of the list only when its devices are gone, so that nobody adds
	 * the domid again, and makes devices of the same names, before that.
	 */
	domain_remove_devices(dom);
	mutex_lock(&noxs_domains_lock);
	if (xa_cmpxchg(&noxs_domains, domid, dom, NULL, 0) == dom)
		domain_destroy(dom);
	mutex_unlock(&noxs_domains_lock);
	domain_put(dom);
	return 0;
}

static void backend_to_info(const struct noxs_backend *be,
			    struct noxs_dev_info *info)
{
	const struct noxs_device *ndev = be->ndev;
	const struct noxs_machine *m = &ndev->link->machine;

	memset(info, 0, sizeof(*info));
	info->domid = ndev->otherend;
	info->type = ndev->type;
	info->id = ndev->id;
	info->generation = ndev->generation;
	info->epoch = READ_ONCE(m->epoch);
	info->backend_state = READ_ONCE(m->state);
	info->frontend_state = READ_ONCE(m->peer_state);
	info->features = READ_ONCE(ndev->features);
	info->error = READ_ONCE(m->error);
	memcpy(info->config, ndev->config, sizeof(info->config));
}

/**
 * noxs_backend_info() - tell about one device
 * @info: which, and out: all about it
 *
 * Return: 0, -ESRCH or -ENODEV
 */
int noxs_backend_info(struct noxs_dev_info *info)
{
	struct noxs_backend *be;
	struct noxs_domain *dom;

	dom = domain_get(info->domid);
	if (!dom)
		return -ESRCH;

	mutex_lock(&dom->lock);
	be = find_backend(dom, info->type, info->id);
	if (be)
		backend_to_info(be, info);
	mutex_unlock(&dom->lock);
	domain_put(dom);
	return be ? 0 : -ENODEV;
}

/**
 * noxs_backend_sysctl() - do something with a guest's power control
 * @sysctl: which guest's, and what
 * @fn: does it; may sleep
 *
 * Return: -ESRCH, -ENODEV, or what @fn returned
 */
int noxs_backend_sysctl(struct noxs_sysctl *sysctl,
			int (*fn)(struct noxs_device *ndev,
				  struct noxs_sysctl *sysctl))
{
	struct noxs_backend *be;
	struct noxs_domain *dom;
	int err = -ENODEV;

	dom = domain_get(sysctl->domid);
	if (!dom)
		return -ESRCH;

	mutex_lock(&dom->lock);
	be = find_backend(dom, NOXS_TYPE_SYSCTL, 0);
	if (be)
		err = fn(be->ndev, sysctl);
	mutex_unlock(&dom->lock);
	domain_put(dom);
	return err;
}

static int domain_list(struct noxs_domain *dom,
		       int (*fn)(const struct noxs_dev_info *info, void *arg),
		       void *arg)
{
	struct noxs_dev_info info;
	struct noxs_backend *be;
	int err = 0;

	mutex_lock(&dom->lock);
	list_for_each_entry(be, &dom->devices, list) {
		backend_to_info(be, &info);
		err = fn(&info, arg);
		if (err)
			break;
	}
	mutex_unlock(&dom->lock);
	return err;
}

/**
 * noxs_backend_list() - tell about several devices
 * @domid: those of this domain, or NOXS_DOMID_ANY
 * @fn: called for each one; an error ends the list. May sleep.
 * @arg: for @fn
 *
 * Return: 0, -ESRCH, or what @fn returned
 */
int noxs_backend_list(domid_t domid,
		      int (*fn)(const struct noxs_dev_info *info, void *arg),
		      void *arg)
{
	unsigned long index = domid == NOXS_DOMID_ANY ? 0 : domid;
	unsigned long last = domid == NOXS_DOMID_ANY ? ULONG_MAX : domid;
	struct noxs_domain *dom;
	int err = domid == NOXS_DOMID_ANY ? 0 : -ESRCH;

	while ((dom = domain_get_next(&index, last))) {
		err = domain_list(dom, fn, arg);
		domain_put(dom);
		if (err || index++ == last)
			break;
	}
	return err;
}

static void domain_to_info(struct noxs_domain *dom, struct noxs_dom_info *info)
{
	memset(info, 0, sizeof(*info));
	info->domid = dom->domid;
	memcpy(info->handle, dom->handle, NOXS_HANDLE_SIZE);
	mutex_lock(&dom->lock);
	info->devices = list_count_nodes(&dom->devices);
	mutex_unlock(&dom->lock);
}

/**
 * noxs_domain_list() - tell about all domains
 * @fn: called for each one; an error ends the list. May sleep.
 * @arg: for @fn
 *
 * Return: 0, or what @fn returned
 */
int noxs_domain_list(int (*fn)(const struct noxs_dom_info *info, void *arg),
		     void *arg)
{
	struct noxs_dom_info info;
	struct noxs_domain *dom;
	unsigned long index = 0;
	int err = 0;

	while (!err && (dom = domain_get_next(&index, ULONG_MAX))) {
		domain_to_info(dom, &info);
		domain_put(dom);
		err = fn(&info, arg);
		index++;
	}
	return err;
}

/**
 * noxs_backend_domains() - count the domains
 *
 * Return: their number
 */
unsigned int noxs_backend_domains(void)
{
	struct noxs_domain *dom;
	unsigned int count = 0;
	unsigned long domid;

	mutex_lock(&noxs_domains_lock);
	xa_for_each(&noxs_domains, domid, dom)
		count++;
	mutex_unlock(&noxs_domains_lock);
	return count;
}

/** noxs_backend_exit() - remove all domains; no ioctl is at work any more */
void noxs_backend_exit(void)
{
	static const u8 any[NOXS_HANDLE_SIZE];
	struct noxs_domain *dom;
	unsigned long domid;

	xa_for_each(&noxs_domains, domid, dom)
		noxs_domain_del(domid, any);
	xa_destroy(&noxs_domains);
}
