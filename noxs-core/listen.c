// SPDX-License-Identifier: GPL-2.0
/*
 * What happens to devices, for those who read /dev/xen/noxs.
 *
 * It is kept by device, not by reader, and the last of each kind only: so nothing is
 * ever lost, whatever one guest's devices do and however slow a reader is, and the
 * memory that it takes is that of the devices. What happened last is at the end of
 * one list, with a number; a reader knows up to which number it has read.
 *
 * A device that is gone is remembered for those readers which knew it and weren't
 * told yet. These are no more than there were devices when such a reader read last.
 *
 * Process context. The lock is a leaf.
 */
#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/refcount.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/wait.h>

#include "core.h"
#include "listen.h"

#define NR_KINDS	(NOXS_EVENT_ANSWER + 1)

/**
 * struct noxs_happening - the last event of a kind
 * @list: in noxs_happenings, in the order of @nr; empty if there was none
 * @device: whose it is
 * @kind: NOXS_EVENT_*
 * @nr: when, counted in events
 * @time_ns: when, in nanoseconds
 */
struct noxs_happening {
	struct list_head list;
	struct noxs_listened *device;
	u32 kind;
	u64 nr;
	u64 time_ns;
};

/**
 * struct noxs_listened - what happened to a device
 * @refs: of the device, and of the lists, from when it was added until nobody has to
 *	be told that it is gone
 * @gone: in noxs_gone, once it is
 * @added: number of the event that it was added
 * @last: by kind
 * @event: what is the same in all kinds; its states are the last ones
 */
struct noxs_listened {
	refcount_t refs;
	struct list_head gone;
	u64 added;
	struct noxs_happening last[NR_KINDS];
	struct noxs_event event;
};

static LIST_HEAD(noxs_happenings);
static LIST_HEAD(noxs_gone);
static LIST_HEAD(noxs_listeners);
static u64 noxs_happened;	/* number of the last one */
/* Protects the four above, and what is on the lists. */
static DEFINE_SPINLOCK(noxs_listen_lock);
static DECLARE_WAIT_QUEUE_HEAD(noxs_listen_wait);

/**
 * noxs_listen_alloc() - be ready for what happens to a device
 *
 * Return: for noxs_listen_put(), or NULL
 */
struct noxs_listened *noxs_listen_alloc(void)
{
	struct noxs_listened *device;
	u32 kind;

	device = kzalloc(sizeof(*device), GFP_KERNEL);
	if (!device)
		return NULL;
	refcount_set(&device->refs, 1);
	INIT_LIST_HEAD(&device->gone);
	for (kind = 0; kind < NR_KINDS; kind++) {
		INIT_LIST_HEAD(&device->last[kind].list);
		device->last[kind].device = device;
		device->last[kind].kind = kind;
	}
	return device;
}

/**
 * noxs_listen_put() - nothing more will happen to a device
 * @device: what noxs_listen_alloc() returned; may be NULL
 */
void noxs_listen_put(struct noxs_listened *device)
{
	if (device && refcount_dec_and_test(&device->refs))
		kfree(device);
}

/* Has a reader to be told that it is gone? */
static bool is_known(const struct noxs_listened *device, u64 read)
{
	return device->added <= read &&
	       read < device->last[NOXS_EVENT_DEV_DEL].nr;
}

static bool is_known_to_any(const struct noxs_listened *device)
{
	const struct noxs_listener *listener;

	list_for_each_entry(listener, &noxs_listeners, list)
		if (is_known(device, listener->read))
			return true;
	return false;
}

static void forget_gone(void)
{
	struct noxs_listened *device, *next;

	lockdep_assert_held(&noxs_listen_lock);
	list_for_each_entry_safe(device, next, &noxs_gone, gone) {
		if (is_known_to_any(device))
			continue;
		list_del(&device->gone);
		list_del(&device->last[NOXS_EVENT_DEV_DEL].list);
		noxs_listen_put(device);
	}
}

static void happen(struct noxs_listened *device, u32 kind)
{
	struct noxs_happening *last = &device->last[kind];

	last->nr = ++noxs_happened;
	last->time_ns = ktime_get_ns();
	list_move_tail(&last->list, &noxs_happenings);
}

static void be_gone(struct noxs_listened *device)
{
	u32 kind;

	for (kind = 0; kind < NR_KINDS; kind++)
		list_del_init(&device->last[kind].list);
	happen(device, NOXS_EVENT_DEV_DEL);
	list_add_tail(&device->gone, &noxs_gone);
	forget_gone();
}

/**
 * noxs_listen_event() - tell all readers what happened to a device
 * @ndev: the device; nobody listens to frontends
 * @kind: NOXS_EVENT_*: first DEV_ADD, last DEV_DEL
 *
 * Context: process
 */
void noxs_listen_event(const struct noxs_device *ndev, u32 kind)
{
	struct noxs_listened *device = ndev->link->listened;

	if (!device)
		return;
	spin_lock(&noxs_listen_lock);
	if (!list_empty(&device->gone))
		goto out_unlock;
	device->event = (struct noxs_event) {
		.domid = ndev->otherend,
		.type = ndev->type,
		.id = ndev->id,
		.generation = ndev->generation,
		.backend_state = READ_ONCE(ndev->link->machine.state),
		.frontend_state = READ_ONCE(ndev->link->machine.peer_state),
	};
	if (kind == NOXS_EVENT_DEV_DEL) {
		be_gone(device);
	} else {
		happen(device, kind);
		if (kind == NOXS_EVENT_DEV_ADD) {
			refcount_inc(&device->refs);
			device->added = noxs_happened;
		}
	}
	wake_up_interruptible(&noxs_listen_wait);

out_unlock:
	spin_unlock(&noxs_listen_lock);
}

/* The first of those after @read, or the list's head. */
static struct list_head *first_after(u64 read)
{
	struct noxs_happening *last;

	lockdep_assert_held(&noxs_listen_lock);
	list_for_each_entry_reverse(last, &noxs_happenings, list)
		if (last->nr <= read)
			return last->list.next;
	return noxs_happenings.next;
}

/* What came and went since the last read is nobody's business. */
static bool is_news(const struct noxs_happening *last, u64 read)
{
	return last->kind != NOXS_EVENT_DEV_DEL || is_known(last->device, read);
}

/**
 * noxs_listener_start() - hear of what happens from now on
 * @listener: all zero, or started before
 */
void noxs_listener_start(struct noxs_listener *listener)
{
	spin_lock(&noxs_listen_lock);
	if (!listener->list.next) {
		listener->read = noxs_happened;
		list_add_tail(&listener->list, &noxs_listeners);
	}
	spin_unlock(&noxs_listen_lock);
}

/**
 * noxs_listener_stop() - hear nothing any more
 * @listener: the listener, started or not
 */
void noxs_listener_stop(struct noxs_listener *listener)
{
	spin_lock(&noxs_listen_lock);
	if (listener->list.next)
		list_del(&listener->list);
	forget_gone();
	spin_unlock(&noxs_listen_lock);
}

/**
 * noxs_listener_read() - hear what happened
 * @listener: the listener, started; one reader at a time
 * @events: out: what happened, oldest first
 * @max: most to hear of
 *
 * Return: how much it was
 */
unsigned int noxs_listener_read(struct noxs_listener *listener,
				struct noxs_event *events, unsigned int max)
{
	struct noxs_happening *last;
	struct list_head *at;
	unsigned int n = 0;
	u64 read;

	spin_lock(&noxs_listen_lock);
	read = listener->read;
	for (at = first_after(read); at != &noxs_happenings && n < max;
	     at = at->next) {
		last = list_entry(at, struct noxs_happening, list);
		listener->read = last->nr;
		if (!is_news(last, read))
			continue;
		events[n] = last->device->event;
		events[n].kind = last->kind;
		events[n++].time_ns = last->time_ns;
	}
	forget_gone();
	spin_unlock(&noxs_listen_lock);
	return n;
}

static bool has_news(struct noxs_listener *listener)
{
	struct list_head *at;
	bool found = false;

	spin_lock(&noxs_listen_lock);
	for (at = first_after(listener->read); at != &noxs_happenings && !found;
	     at = at->next)
		found = is_news(list_entry(at, struct noxs_happening, list),
				listener->read);
	spin_unlock(&noxs_listen_lock);
	return found;
}

/**
 * noxs_listener_poll() - find out whether something happened
 * @listener: the listener, started
 * @file: who asks
 * @table: who is to be woken
 *
 * Return: as of poll
 */
__poll_t noxs_listener_poll(struct noxs_listener *listener, struct file *file,
			    poll_table *table)
{
	poll_wait(file, &noxs_listen_wait, table);
	return has_news(listener) ? EPOLLIN | EPOLLRDNORM : 0;
}

/**
 * noxs_listener_wait() - wait until something happens
 * @listener: the listener, started
 *
 * Return: 0, or -ERESTARTSYS for a signal
 */
int noxs_listener_wait(struct noxs_listener *listener)
{
	return wait_event_interruptible(noxs_listen_wait, has_news(listener));
}
