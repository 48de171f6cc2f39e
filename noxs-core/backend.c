// SPDX-License-Identifier: GPL-2.0
/*
 * The host's role: the domains that have noxs devices, their device pages, and
 * the making and removing of backends.
 *
 * Entered by the ioctls of /dev/xen/noxs, in process context. Nothing here
 * depends on what a guest does, and nobody waits for another's device: to make
 * or remove one can take as long as the host's device that it is for, so no lock
 * is held meanwhile. It is in its domain's list all the time, so that another of
 * its name isn't made before it has gone. It is removed by a work item, which
 * goes on when who asked for it waits no longer.
 */
#include <linux/bitmap.h>
#include <linux/completion.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/etherdevice.h>
#include <linux/jiffies.h>
#include <linux/kmod.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/printk.h>
#include <linux/random.h>
#include <linux/refcount.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>

#include "core.h"
#include "provider.h"

#define NOXS_DEL_TIMEOUT_MS	5000
#define NOXS_DEL_TIMEOUT_MAX_MS	60000

/* How long the host's device may take at least before nobody waits for it. */
#define NOXS_END_TIMEOUT	HZ

/**
 * enum noxs_backend_state - where in its life a backend is
 * @NOXS_BACKEND_NEW: being made; only its name counts
 * @NOXS_BACKEND_THERE: it has a place in the device page
 * @NOXS_BACKEND_ENDING: being removed; its place may be another's
 */
enum noxs_backend_state {
	NOXS_BACKEND_NEW,
	NOXS_BACKEND_THERE,
	NOXS_BACKEND_ENDING,
};

/**
 * struct noxs_backend - a backend device, and what the core needs for it
 * @list: in noxs_domain.devices
 * @dom: its domain, a reference
 * @ndev: the device
 * @state: protected by the domain's lock
 * @slot: its place in the device page, while it is NOXS_BACKEND_THERE
 * @added: it was registered
 * @ctrlpage: its control page, granted to the guest
 * @bdev: the host's block device, if it has one
 * @refs: of the domain's list, and of who waits for it
 * @ask_lock: the guest is asked for one request at a time; before the domain's lock
 * @timeout_ms: how long @close_work waits for the guest
 * @close_work: asks the guest to let go; holds a reference
 * @closed: it has, or not in time
 * @in_use: it won't; valid when it is @closed
 * @end_work: removes it
 * @ended: that is done
 */
struct noxs_backend {
	struct list_head list;
	struct noxs_domain *dom;
	struct noxs_device *ndev;
	enum noxs_backend_state state;
	int slot;
	bool added;
	struct noxs_grant ctrlpage;
	struct file *bdev;
	refcount_t refs;
	struct mutex ask_lock;	/* see above */
	unsigned int timeout_ms;
	struct work_struct close_work;
	struct completion closed;
	bool in_use;
	struct work_struct end_work;
	struct completion ended;
};

/**
 * struct noxs_domain - a guest as the host sees it
 * @domid: its domid
 * @handle: that it was given
 * @refs: of the list of domains, of its devices, and of ioctls at work
 * @gone: it was removed, and is there for the sake of its devices only; read
 *	without @lock, too
 * @nr_devices: length of @devices; read without @lock, too
 * @ended: woken when one of them has gone
 * @lock: protects all below, and the two above; nobody waits with it
 * @devices: struct noxs_backend
 * @generation: of the last slot that was filled
 * @pages: the device page, the providers'
 * @slots: those of its slots that are in use
 */
struct noxs_domain {
	domid_t domid;
	u8 handle[NOXS_HANDLE_SIZE];
	refcount_t refs;
	bool gone;
	unsigned int nr_devices;
	wait_queue_head_t ended;
	struct mutex lock;	/* protects what its kernel-doc says */
	struct list_head devices;
	u32 generation;
	struct noxs_host_pages pages;
	DECLARE_BITMAP(slots, NOXS_DEVPAGE_SLOTS);
};

static DEFINE_XARRAY(noxs_domains);
/* Protects noxs_domains, and keeps a domid from being added twice at once. */
static DEFINE_MUTEX(noxs_domains_lock);

/* Unbound: what it does may take as long as the host's devices do. */
static struct workqueue_struct *noxs_end_wq;

/* The first one from *@index on; *@index becomes its domid. */
static struct noxs_domain *domain_get_next(unsigned long *index,
					   unsigned long last)
{
	struct noxs_domain *dom, *found = NULL;
	unsigned long domid;

	mutex_lock(&noxs_domains_lock);
	xa_for_each_range(&noxs_domains, domid, dom, *index, last) {
		if (READ_ONCE(dom->gone))
			continue;
		refcount_inc(&dom->refs);
		*index = domid;
		found = dom;
		break;
	}
	mutex_unlock(&noxs_domains_lock);
	return found;
}

static struct noxs_domain *domain_get(domid_t domid)
{
	unsigned long index = domid;

	return domain_get_next(&index, domid);
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
	domain_put(be->dom);
	put_device(&be->ndev->dev);
	kfree(be);
}

/*
 * Of grants and event channels: who asked would take it for the guest's device page
 * that is full.
 */
static int host_lacks(int err)
{
	return err == -ENOSPC ? -ENOMEM : err;
}

static struct noxs_domain *domain_create(domid_t domid)
{
	struct noxs_domain *dom;
	int err;

	dom = kzalloc(sizeof(*dom), GFP_KERNEL);
	if (!dom)
		return ERR_PTR(-ENOMEM);
	dom->domid = domid;
	refcount_set(&dom->refs, 1);
	init_waitqueue_head(&dom->ended);
	mutex_init(&dom->lock);
	INIT_LIST_HEAD(&dom->devices);
	/* The page may be one that outlived another noxs_core and its devices. */
	dom->generation = get_random_u32();

	get_random_bytes(dom->handle, NOXS_HANDLE_SIZE);
	err = noxs_pages_add(&dom->pages, domid, dom->handle);
	if (err) {
		kfree(dom);
		return ERR_PTR(host_lacks(err));
	}
	return dom;
}

/* Undoes domain_create(); ioctls at work may still hold the structure. */
static void domain_destroy(struct noxs_domain *dom)
{
	noxs_pages_del(&dom->pages);
	domain_put(dom);
}

/**
 * noxs_domain_add() - give a domain a device page
 * @domid: the domain
 * @handle: out: the handle that leads its guest to the page
 *
 * Return: 0, -EEXIST if it has one, -EBUSY while a former domain of that domid
 * has devices that aren't gone, or pages that are still mapped, or another -errno
 */
int noxs_domain_add(domid_t domid, u8 handle[NOXS_HANDLE_SIZE])
{
	struct noxs_domain *dom;
	int err;

	if (!domid || domid >= NOXS_DOMID_LIMIT)
		return -EINVAL;

	mutex_lock(&noxs_domains_lock);
	dom = xa_load(&noxs_domains, domid);
	err = -EEXIST;
	if (dom && !READ_ONCE(dom->gone))
		goto out_unlock;
	err = -EBUSY;
	if (dom)
		goto out_unlock;
	if (noxs_revoke_retry(domid, 0))
		goto out_unlock;
	dom = domain_create(domid);
	if (IS_ERR(dom)) {
		err = PTR_ERR(dom);
		goto out_unlock;
	}

	err = xa_err(xa_store(&noxs_domains, domid, dom, GFP_KERNEL));
	if (err) {
		domain_destroy(dom);
		goto out_unlock;
	}
	memcpy(handle, dom->handle, NOXS_HANDLE_SIZE);

out_unlock:
	mutex_unlock(&noxs_domains_lock);
	return err;
}

/* There is a free slot for each device that has a name. */
static int fill_slot(struct noxs_domain *dom, struct noxs_backend *be)
{
	const struct noxs_slot slot = {
		.type = be->ndev->type,
		.id = be->ndev->id,
		.gref = be->ctrlpage.gref,
		.evtchn = be->ndev->link->ch.port,
		.generation = be->ndev->generation,
	};
	int err;

	be->slot = find_first_zero_bit(dom->slots, NOXS_DEVPAGE_SLOTS);
	err = noxs_pages_set_slot(&dom->pages, be->slot, &slot);
	if (!err)
		__set_bit(be->slot, dom->slots);
	return err;
}

static void clear_slot(struct noxs_domain *dom, struct noxs_backend *be)
{
	noxs_pages_clear_slot(&dom->pages, be->slot);
	__clear_bit(be->slot, dom->slots);
}

static struct noxs_backend *find_any(struct noxs_domain *dom, u16 type, u32 id)
{
	struct noxs_backend *be;

	lockdep_assert_held(&dom->lock);
	list_for_each_entry(be, &dom->devices, list)
		if (be->ndev->type == type && be->ndev->id == id)
			return be;
	return NULL;
}

/* One that is being made isn't there yet. */
static struct noxs_backend *find_backend(struct noxs_domain *dom, u16 type,
					 u32 id)
{
	struct noxs_backend *be = find_any(dom, type, id);

	return be && be->state != NOXS_BACKEND_NEW ? be : NULL;
}

/* A domain that was removed is forgotten when it has no devices any more. */
static void domain_forget(struct noxs_domain *dom)
{
	bool over;

	mutex_lock(&noxs_domains_lock);
	mutex_lock(&dom->lock);
	over = dom->gone && list_empty(&dom->devices);
	mutex_unlock(&dom->lock);
	if (over && xa_cmpxchg(&noxs_domains, dom->domid, dom, NULL, 0) == dom)
		domain_destroy(dom);
	mutex_unlock(&noxs_domains_lock);
}

/*
 * Take a device out of its domain, whatever its guest does with it; that may
 * take as long as the host's device takes to end its I/O.
 */
static void backend_end(struct noxs_backend *be)
{
	struct noxs_domain *dom = be->dom;

	if (be->added)
		noxs_device_del(be->ndev);
	/* It looks at the control page. */
	if (cancel_work_sync(&be->close_work))
		backend_put(be);
	complete_all(&be->closed);
	noxs_link_stop(be->ndev);
	noxs_grant_end(be->ndev, &be->ctrlpage);
	noxs_bdev_release(be->bdev);

	mutex_lock(&dom->lock);
	list_del(&be->list);
	WRITE_ONCE(dom->nr_devices, dom->nr_devices - 1);
	wake_up_all(&dom->ended);
	mutex_unlock(&dom->lock);
	complete_all(&be->ended);
	domain_forget(dom);
	backend_put(be);
}

static void backend_end_work(struct work_struct *work)
{
	backend_end(container_of(work, struct noxs_backend, end_work));
}

static void backend_close_work(struct work_struct *work)
{
	struct noxs_backend *be = container_of(work, struct noxs_backend,
					       close_work);

	WRITE_ONCE(be->in_use,
		   !noxs_link_close(be->ndev, READ_ONCE(be->timeout_ms)));
	complete_all(&be->closed);
	backend_put(be);
}

/* Begin to take a device out of its domain. The guest is told so at once. */
static void backend_remove(struct noxs_backend *be)
{
	lockdep_assert_held(&be->dom->lock);
	if (be->state != NOXS_BACKEND_THERE)
		return;
	be->state = NOXS_BACKEND_ENDING;
	clear_slot(be->dom, be);
	queue_work(noxs_end_wq, &be->end_work);
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
	mutex_init(&be->ask_lock);
	INIT_WORK(&be->close_work, backend_close_work);
	init_completion(&be->closed);
	INIT_WORK(&be->end_work, backend_end_work);
	init_completion(&be->ended);
	be->ndev = noxs_device_alloc(add->type, add->id, add->domid);
	if (!be->ndev) {
		err = -ENOMEM;
		goto err_free_be;
	}
	link = be->ndev->link;
	memcpy(link->asked, add->config, sizeof(link->asked));

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
	noxs_grant_end(be->ndev, &be->ctrlpage);
err_put_device:
	put_device(&be->ndev->dev);
err_free_be:
	kfree(be);
	return ERR_PTR(host_lacks(err));
}

/* Give it its name, so that nobody else takes that. */
static int backend_enter(struct noxs_domain *dom, struct noxs_backend *be)
{
	const struct noxs_device *ndev = be->ndev;
	struct noxs_backend *other;
	unsigned int nr = 0;
	int err = 0;

	mutex_lock(&dom->lock);
	list_for_each_entry(other, &dom->devices, list)
		nr += other->state != NOXS_BACKEND_ENDING;
	other = find_any(dom, ndev->type, ndev->id);
	if (dom->gone)
		err = -ESRCH;
	else if (other)
		err = other->state == NOXS_BACKEND_ENDING ? -EBUSY : -EEXIST;
	else if (nr >= NOXS_DEVPAGE_SLOTS)
		err = -ENOSPC;
	if (!err) {
		if (!++dom->generation)
			dom->generation = 1;
		be->ndev->generation = dom->generation;
		refcount_inc(&dom->refs);
		be->dom = dom;
		list_add_tail(&be->list, &dom->devices);
		WRITE_ONCE(dom->nr_devices, dom->nr_devices + 1);
	}
	mutex_unlock(&dom->lock);
	return err;
}

/* Bind its driver, which opens the host's device. */
static int backend_start(struct noxs_backend *be)
{
	struct file *bdev;
	int err;

	err = noxs_device_add(be->ndev);
	if (err)
		return err;
	be->added = true;
	if (!be->ndev->dev.driver)
		return -(int)be->ndev->link->machine.error ?: -ENODEV;
	bdev = noxs_bdev_hold(be->ndev);
	if (IS_ERR(bdev))
		return PTR_ERR(bdev);
	be->bdev = bdev;
	return 0;
}

/* Show it to the guest, unless that was removed meanwhile. */
static int backend_show(struct noxs_backend *be)
{
	struct noxs_domain *dom = be->dom;
	int err;

	mutex_lock(&dom->lock);
	if (dom->gone)
		err = -ESRCH;
	else
		err = fill_slot(dom, be);
	if (!err)
		be->state = NOXS_BACKEND_THERE;
	mutex_unlock(&dom->lock);
	return err;
}

/* Undoes backend_alloc(). */
static void backend_free(struct noxs_backend *be)
{
	noxs_link_stop(be->ndev);
	noxs_grant_end(be->ndev, &be->ctrlpage);
	put_device(&be->ndev->dev);
	kfree(be);
}

static int backend_create(struct noxs_domain *dom,
			  const struct noxs_dev_add *add)
{
	struct noxs_backend *be;
	int err;

	if (noxs_revoke_retry(dom->domid, 0) >= NOXS_MAX_REVOKED)
		return -EBUSY;
	be = backend_alloc(add);
	if (IS_ERR(be))
		return PTR_ERR(be);
	err = backend_enter(dom, be);
	if (err) {
		backend_free(be);
		return err;
	}

	err = backend_start(be);
	if (!err)
		err = backend_show(be);
	if (err)
		backend_end(be);
	return err;
}

static int check_vif(struct noxs_dev_add *add)
{
	struct noxs_vif_config *vif = &add->vif;

	if (!is_valid_ether_addr(vif->mac) ||
	    memchr_inv(vif->pad, 0, sizeof(vif->pad)))
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
	if (memchr_inv(vif + 1, 0, sizeof(add->config) - sizeof(*vif)))
		return -EINVAL;
	return 0;
}

static int check_vbd(struct noxs_dev_add *add)
{
	struct noxs_vbd_config *vbd = &add->vbd;

	if (vbd->flags & ~(NOXS_VBD_READONLY | NOXS_VBD_CDROM |
			   NOXS_VBD_REMOVABLE | NOXS_VBD_NO_DISCARD))
		return -EOPNOTSUPP;
	if (vbd->max_queues > NOXS_VBD_MAX_QUEUES || vbd->pad)
		return -EINVAL;
	if (vbd->iops > NOXS_VBD_MAX_IOPS ||
	    (vbd->bps && vbd->bps < NOXS_VBD_MIN_BPS))
		return -EINVAL;
	if (memchr_inv(vbd + 1, 0, sizeof(add->config) - sizeof(*vbd)))
		return -EINVAL;
	return 0;
}

/* A guest has one power switch. */
static int check_sysctl(const struct noxs_dev_add *add)
{
	if (add->id || memchr_inv(add->config, 0, sizeof(add->config)))
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

	err = backend_create(dom, &add);
	domain_put(dom);
	return err;
}

/*
 * Ask the guest to let go. It is asked elsewhere, as a driver that waits for the
 * host's device keeps whoever asks waiting. Returns -EBUSY if it is in use there.
 */
static int backend_close(struct noxs_backend *be, unsigned int timeout_ms)
{
	bool ask, in_use = false;

	mutex_lock(&be->ask_lock);
	mutex_lock(&be->dom->lock);
	ask = be->state == NOXS_BACKEND_THERE;
	if (ask) {
		reinit_completion(&be->closed);
		WRITE_ONCE(be->timeout_ms, timeout_ms);
		refcount_inc(&be->refs);
		if (!queue_work(noxs_end_wq, &be->close_work))
			backend_put(be);
	}
	mutex_unlock(&be->dom->lock);
	/* The answer is there a moment after the guest's time is over. */
	if (ask && wait_for_completion_timeout(&be->closed,
					       msecs_to_jiffies(timeout_ms) +
					       NOXS_END_TIMEOUT))
		in_use = READ_ONCE(be->in_use);
	mutex_unlock(&be->ask_lock);
	return in_use ? -EBUSY : 0;
}

/**
 * noxs_backend_del() - remove a device
 * @del: which, and how
 *
 * If the host's device takes longer, the rest is done when nobody waits for it.
 *
 * Return: 0 or -errno as in uapi/xen/noxs.h
 */
int noxs_backend_del(const struct noxs_dev_del *del)
{
	unsigned int timeout_ms = del->timeout_ms ?: NOXS_DEL_TIMEOUT_MS;
	unsigned long end = jiffies + msecs_to_jiffies(timeout_ms);
	struct noxs_backend *be;
	struct noxs_domain *dom;
	int err = 0;
	long left;

	if (del->flags & ~NOXS_DEV_DEL_FORCE)
		return -EOPNOTSUPP;
	if (timeout_ms > NOXS_DEL_TIMEOUT_MAX_MS)
		return -EINVAL;
	dom = domain_get(del->domid);
	if (!dom)
		return -ESRCH;

	mutex_lock(&dom->lock);
	be = find_backend(dom, del->type, del->id);
	if (be)
		refcount_inc(&be->refs);
	mutex_unlock(&dom->lock);
	domain_put(dom);
	if (!be)
		return -ENODEV;

	if (!(del->flags & NOXS_DEV_DEL_FORCE))
		err = backend_close(be, timeout_ms);
	if (err)
		goto out_put_backend;
	mutex_lock(&be->dom->lock);
	backend_remove(be);
	mutex_unlock(&be->dom->lock);
	left = end - jiffies;
	(void)wait_for_completion_timeout(&be->ended,
					  max_t(long, left, NOXS_END_TIMEOUT));

out_put_backend:
	backend_put(be);
	return err;
}

/* Until all devices of a domain have ended, or none has for a while. */
static void domain_wait(struct noxs_domain *dom)
{
	unsigned int left;

	do {
		left = READ_ONCE(dom->nr_devices);
	} while (left && wait_event_timeout(dom->ended,
				READ_ONCE(dom->nr_devices) != left,
				msecs_to_jiffies(NOXS_DEL_TIMEOUT_MS)));
}

/**
 * noxs_domain_del() - remove a domain and all of its devices
 * @domid: the domain
 * @handle: that it was given, or zero for any
 *
 * Doesn't ask the guest. What it still maps blocks noxs_domain_add() for this
 * domid until it is unmapped, at the latest when the domain is destroyed; so do
 * devices whose end takes longer than anybody waits.
 *
 * Return: 0 or -ESRCH
 */
int noxs_domain_del(domid_t domid, const u8 handle[NOXS_HANDLE_SIZE])
{
	struct noxs_backend *be;
	struct noxs_domain *dom;

	dom = domain_get(domid);
	if (!dom)
		return -ESRCH;
	if (memchr_inv(handle, 0, NOXS_HANDLE_SIZE) &&
	    memcmp(handle, dom->handle, NOXS_HANDLE_SIZE)) {
		domain_put(dom);
		return -ESRCH;
	}

	mutex_lock(&dom->lock);
	WRITE_ONCE(dom->gone, true);
	list_for_each_entry(be, &dom->devices, list)
		backend_remove(be);
	mutex_unlock(&dom->lock);

	domain_wait(dom);
	domain_forget(dom);
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
	info->backend_state = be->state == NOXS_BACKEND_ENDING ?
			      NOXS_STATE_CLOSING : READ_ONCE(m->state);
	info->frontend_state = READ_ONCE(m->peer_state);
	info->features = READ_ONCE(ndev->features);
	info->error = READ_ONCE(m->error);
	info->frontend_error = READ_ONCE(ndev->link->noted_error);
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
 * @domid: which guest's
 * @fn: does it; may sleep
 * @arg: for @fn
 *
 * Return: -ESRCH, -ENODEV, or what @fn returned
 */
int noxs_backend_sysctl(domid_t domid,
			int (*fn)(struct noxs_device *ndev, void *arg),
			void *arg)
{
	struct noxs_backend *be;
	struct noxs_domain *dom;
	int err = -ENODEV;

	dom = domain_get(domid);
	if (!dom)
		return -ESRCH;

	mutex_lock(&dom->lock);
	be = find_backend(dom, NOXS_TYPE_SYSCTL, 0);
	if (be)
		refcount_inc(&be->refs);
	mutex_unlock(&dom->lock);
	domain_put(dom);
	if (be) {
		err = fn(be->ndev, arg);
		backend_put(be);
	}
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
		if (be->state == NOXS_BACKEND_NEW)
			continue;
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
	struct noxs_backend *be;

	memset(info, 0, sizeof(*info));
	info->domid = dom->domid;
	memcpy(info->handle, dom->handle, NOXS_HANDLE_SIZE);
	mutex_lock(&dom->lock);
	list_for_each_entry(be, &dom->devices, list)
		info->devices += be->state != NOXS_BACKEND_NEW;
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

/**
 * noxs_backend_init() - get what is needed to keep device pages and remove devices
 *
 * Return: 0 or -errno
 */
int noxs_backend_init(void)
{
	int err = noxs_provider_probe();

	if (err)
		return err;
	noxs_end_wq = alloc_workqueue("noxs_end", WQ_UNBOUND, WQ_MAX_ACTIVE);
	return noxs_end_wq ? 0 : -ENOMEM;
}

/** noxs_backend_exit() - remove all domains; no ioctl is at work any more */
void noxs_backend_exit(void)
{
	static const u8 any[NOXS_HANDLE_SIZE];
	struct noxs_domain *dom;
	unsigned long domid;

	xa_for_each(&noxs_domains, domid, dom)
		noxs_domain_del(domid, any);
	destroy_workqueue(noxs_end_wq);
	xa_destroy(&noxs_domains);
}
