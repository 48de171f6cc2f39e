// SPDX-License-Identifier: GPL-2.0
/*
 * The guest's role: finds the device page, and keeps the devices on the bus
 * the same as those in the page.
 *
 * The page's event queues a work item, which compares the page with the
 * devices that there are: that is hot-plug. Only the work item, and init and
 * exit while it can't run, touch the list of devices.
 */
#include <linux/bitops.h>
#include <linux/errno.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <xen/events.h>
#include <xen/xen.h>

#include "core.h"
#include "provider.h"

/**
 * struct noxs_frontend - a frontend device, and what the core needs for it
 * @list: in noxs_guest.devices
 * @ndev: the device
 * @map: mapping of its control page
 */
struct noxs_frontend {
	struct list_head list;
	struct noxs_device *ndev;
	struct noxs_map map;
};

/**
 * struct noxs_guest - this guest
 * @page: the device page, shared
 * @ch: says that it has changed
 * @work: looks at the page
 * @event: bit 0: an event waits for its EOI
 * @lock: protects the members below; process context
 * @devices: struct noxs_frontend
 * @copy: private copy of the device page
 */
static struct noxs_guest {
	const struct noxs_devpage *page;
	struct noxs_channel ch;
	struct work_struct work;
	unsigned long event;
	struct mutex lock;	/* protects what its kernel-doc says */
	struct list_head devices;
	struct noxs_devpage copy;
} noxs_guest;

static void frontend_destroy(struct noxs_frontend *fe)
{
	list_del(&fe->list);
	noxs_device_del(fe->ndev);
	noxs_link_stop(fe->ndev);
	noxs_unmap_page(&fe->map);
	put_device(&fe->ndev->dev);
	kfree(fe);
}

static int frontend_create(const struct noxs_slot *slot)
{
	struct noxs_frontend *fe;
	struct noxs_link *link;
	int err;

	fe = kzalloc(sizeof(*fe), GFP_KERNEL);
	if (!fe)
		return -ENOMEM;
	fe->ndev = noxs_device_alloc(slot->type, slot->id, slot->backend);
	if (!fe->ndev) {
		err = -ENOMEM;
		goto err_free_fe;
	}
	fe->ndev->generation = slot->generation;
	link = fe->ndev->link;

	err = noxs_map_page(fe->ndev, slot->gref, &fe->map);
	if (err)
		goto err_put_device;
	link->page = fe->map.addr;
	/* Another kernel of this guest may have used the page before. */
	link->seq = READ_ONCE(link->page->frontend.hdr.seq) & ~1U;

	err = noxs_channel_bind(fe->ndev, &link->ch, slot->evtchn,
				noxs_link_event, dev_name(&fe->ndev->dev),
				fe->ndev);
	if (err)
		goto err_unmap_page;
	err = noxs_device_add(fe->ndev);
	if (err)
		goto err_stop_link;

	list_add_tail(&fe->list, &noxs_guest.devices);
	return 0;

err_stop_link:
	noxs_link_stop(fe->ndev);
err_unmap_page:
	noxs_unmap_page(&fe->map);
err_put_device:
	put_device(&fe->ndev->dev);
err_free_fe:
	kfree(fe);
	return err;
}

static struct noxs_slot *find_slot(u32 generation)
{
	struct noxs_devpage *page = &noxs_guest.copy;
	unsigned int i;

	for (i = 0; i < page->hdr.nr_slots; i++)
		if (page->slot[i].type != NOXS_TYPE_NONE &&
		    page->slot[i].generation == generation)
			return &page->slot[i];
	return NULL;
}

/* Make the devices those of the copy. Slots of known devices are cleared. */
static void guest_update(void)
{
	struct noxs_devpage *page = &noxs_guest.copy;
	struct noxs_frontend *fe, *next;
	struct noxs_slot *slot;
	unsigned int i;
	int err;

	list_for_each_entry_safe(fe, next, &noxs_guest.devices, list) {
		slot = find_slot(fe->ndev->generation);
		if (slot)
			slot->type = NOXS_TYPE_NONE;
		else
			frontend_destroy(fe);
	}

	for (i = 0; i < page->hdr.nr_slots; i++) {
		slot = &page->slot[i];
		if (slot->type == NOXS_TYPE_NONE)
			continue;
		err = frontend_create(slot);
		if (err)
			pr_err_ratelimited("can't make %s-%u of domain %u: %d\n",
					   noxs_type_name(slot->type), slot->id,
					   slot->backend, err);
	}
}

static int guest_look(void)
{
	int err;

	mutex_lock(&noxs_guest.lock);
	err = noxs_devpage_snapshot(noxs_guest.page, &noxs_guest.copy);
	if (!err)
		err = noxs_devpage_check(&noxs_guest.copy);
	if (!err)
		guest_update();
	mutex_unlock(&noxs_guest.lock);

	if (err && err != -EAGAIN)
		pr_err_ratelimited("device page is invalid: %d\n", err);
	return err;
}

static void guest_work(struct work_struct *work)
{
	bool event = test_and_clear_bit(0, &noxs_guest.event);
	int err = guest_look();

	if (event)
		xen_irq_lateeoi(noxs_guest.ch.irq,
				err ? XEN_EOI_FLAG_SPURIOUS : 0);
}

static irqreturn_t guest_event(int irq, void *arg)
{
	set_bit(0, &noxs_guest.event);
	queue_work(noxs_hotplug_wq, &noxs_guest.work);
	return IRQ_HANDLED;
}

/**
 * noxs_frontend_find() - find the device page
 *
 * Return: 0, -ENODEV if this guest has none, or another -errno
 */
int noxs_frontend_find(void)
{
	mutex_init(&noxs_guest.lock);
	INIT_LIST_HEAD(&noxs_guest.devices);
	INIT_WORK(&noxs_guest.work, guest_work);
	return noxs_provider_open(&noxs_guest.page);
}

/**
 * noxs_frontend_start() - make the devices, now and as they come and go
 *
 * Return: 0 or -errno
 */
int noxs_frontend_start(void)
{
	int err;

	err = noxs_guest_provider->bind(&noxs_guest.ch, guest_event,
					"noxs-devpage", &noxs_guest);
	if (err)
		return err;
	err = guest_look();
	return err == -EAGAIN ? 0 : err;
}

/** noxs_frontend_stop() - remove all devices, and don't look for others */
void noxs_frontend_stop(void)
{
	struct noxs_frontend *fe, *next;

	if (noxs_guest.ch.port) {
		disable_irq(noxs_guest.ch.irq);
		cancel_work_sync(&noxs_guest.work);
		noxs_channel_free(&noxs_guest.ch, &noxs_guest);
	}
	list_for_each_entry_safe(fe, next, &noxs_guest.devices, list)
		frontend_destroy(fe);
}

/** noxs_frontend_put() - let go of the device page */
void noxs_frontend_put(void)
{
	noxs_guest_provider->close();
}
