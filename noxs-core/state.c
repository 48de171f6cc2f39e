// SPDX-License-Identifier: GPL-2.0
/*
 * The states of one device's two ends, and the driver's operations.
 *
 * An event of the other end only says "look again": one work item per device
 * reconciles what the driver does with what the other half says then. So
 * however many states the other end runs through, at most one look is owed.
 * See xen/interface/io/noxs.h for the states, and for what an epoch is.
 *
 * Entered by the work item, by probe and remove (driver core), and by the
 * host's removal; all of them take the link's lock. The event handler runs in
 * hard interrupt context and only queues the work.
 */
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/iopoll.h>
#include <linux/jiffies.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <trace/events/noxs.h>
#include <xen/events.h>

#include "core.h"

/* How long a frontend waits for its backend to let go of its pages. */
#define NOXS_RELEASE_TIMEOUT_US	(500 * USEC_PER_MSEC)
#define NOXS_RELEASE_POLL_US	200

/*
 * A connection costs the host hypercalls and memory. Whoever reconnects within
 * a second this many times waits, longer each time, up to a second.
 */
#define NOXS_FREE_CONNECTS	8
#define NOXS_BACKOFF_MAX_SHIFT	6

static struct noxs_half *own_half(struct noxs_device *ndev)
{
	return ndev->is_backend ? &ndev->link->page->backend :
				  &ndev->link->page->frontend;
}

static const struct noxs_half *peer_half(struct noxs_device *ndev)
{
	return ndev->is_backend ? &ndev->link->page->frontend :
				  &ndev->link->page->backend;
}

static void notify(struct noxs_device *ndev)
{
	trace_noxs_notify(ndev);
	notify_remote_via_irq(ndev->link->ch.irq);
}

static void publish(struct noxs_device *ndev)
{
	struct noxs_link *link = ndev->link;

	link->own.hdr.version = NOXS_ABI_VERSION;
	link->own.hdr.type = ndev->type;
	link->own.hdr.epoch = link->epoch;
	link->own.hdr.error = link->error;
	noxs_half_publish(own_half(ndev), &link->own, &link->seq);
}

static void set_state(struct noxs_device *ndev, u32 state)
{
	struct noxs_link *link = ndev->link;
	u32 old = link->state;

	lockdep_assert_held(&link->lock);
	noxs_half_set_state(own_half(ndev), state);
	WRITE_ONCE(link->state, state);
	notify(ndev);
	if (old == state)
		return;
	trace_noxs_state(ndev, false, old, state);
	noxs_ctl_event(ndev, NOXS_EVENT_STATE);
}

static void disconnect(struct noxs_device *ndev)
{
	struct noxs_link *link = ndev->link;

	if (!link->connected)
		return;
	link->drv->disconnect(ndev);
	WRITE_ONCE(link->connected, false);
	link->announced = false;
	/* What the driver found wrong with a connection ends with it. */
	atomic_set(&link->fatal, 0);
	ndev->features = 0;
	wake_up_all(&link->settled);
	trace_noxs_disconnect(ndev);
}

static bool peer_has_let_go(struct noxs_device *ndev)
{
	u32 state = noxs_half_state(peer_half(ndev));

	return state != NOXS_STATE_CONNECTED && state != NOXS_STATE_CLOSING;
}

/*
 * A frontend says first that it stopped, so that the backend unmaps its pages
 * and they can be freed at once. A backend that doesn't is not waited for any
 * longer than this.
 */
static void frontend_stop(struct noxs_device *ndev, u32 state)
{
	bool let_go;

	set_state(ndev, state);
	if (!ndev->link->connected)
		return;
	(void)read_poll_timeout(peer_has_let_go, let_go, let_go,
				NOXS_RELEASE_POLL_US, NOXS_RELEASE_TIMEOUT_US,
				false, ndev);
	disconnect(ndev);
}

/* Fatal errors are final: only a new device or driver ends them. */
static void close_broken(struct noxs_device *ndev, int err)
{
	struct noxs_link *link = ndev->link;

	link->broken = true;
	link->error = -err;
	ndev->error = -err;
	memset(&link->own, 0, sizeof(link->own));
	publish(ndev);
	if (ndev->is_backend) {
		disconnect(ndev);
		set_state(ndev, NOXS_STATE_CLOSED);
	} else {
		frontend_stop(ndev, NOXS_STATE_CLOSED);
	}
}

static void enter_init_wait(struct noxs_device *ndev)
{
	struct noxs_link *link = ndev->link;

	disconnect(ndev);
	if (!++link->epoch)
		link->epoch = 1;
	memset(&link->own, 0, sizeof(link->own));
	link->drv->offer(ndev, &link->own);
	link->own.hdr.features =
		noxs_features_usable(ndev->type, link->own.hdr.features &
						 link->drv->features);
	publish(ndev);
	set_state(ndev, NOXS_STATE_INIT_WAIT);
}

/* Who reconnects again and again waits: returns true if it is too early. */
static bool must_wait(struct noxs_device *ndev)
{
	struct noxs_link *link = ndev->link;

	if (time_before(jiffies, link->not_before)) {
		queue_delayed_work(noxs_wq, &link->work,
				   link->not_before - jiffies);
		return true;
	}

	if (time_after(jiffies, link->not_before + HZ))
		link->strikes = 0;
	link->strikes++;
	link->not_before = jiffies;
	if (link->strikes > NOXS_FREE_CONNECTS)
		link->not_before += HZ >> (NOXS_BACKOFF_MAX_SHIFT -
			min(link->strikes - NOXS_FREE_CONNECTS,
			    NOXS_BACKOFF_MAX_SHIFT));
	return false;
}

/*
 * Copy the other half for a connection. Returns -EAGAIN when the other end
 * has moved on meanwhile: its event makes us look again.
 */
static int snapshot(struct noxs_device *ndev, u32 state)
{
	struct noxs_link *link = ndev->link;
	int err;

	err = noxs_half_snapshot(peer_half(ndev), &link->peer);
	if (err)
		return err;
	if (link->peer.hdr.state != state)
		return -EAGAIN;
	link->peer_seq = link->peer.hdr.seq;
	return noxs_half_check(&link->peer, ndev->type, !ndev->is_backend);
}

static bool peer_moved_on(struct noxs_device *ndev)
{
	const struct noxs_half *shared = peer_half(ndev);

	return noxs_half_state(shared) != ndev->link->peer.hdr.state ||
	       READ_ONCE(shared->hdr.seq) != ndev->link->peer.hdr.seq;
}

static void backend_connect(struct noxs_device *ndev)
{
	struct noxs_link *link = ndev->link;
	int err;

	if (must_wait(ndev))
		return;

	err = snapshot(ndev, NOXS_STATE_CONNECTED);
	if (err == -EAGAIN)
		return;
	if (!err && link->peer.hdr.epoch != link->epoch)
		return;		/* answers an offer that is over */
	if (!err && (link->peer.hdr.features & ~link->own.hdr.features ||
		     noxs_features_usable(ndev->type,
					  link->peer.hdr.features) !=
		     link->peer.hdr.features))
		err = -EINVAL;
	if (!err) {
		ndev->features = link->peer.hdr.features;
		err = link->drv->connect(ndev, &link->peer, NULL);
	}
	if (err && peer_moved_on(ndev)) {
		/* What it took back can't be held against it. */
		enter_init_wait(ndev);
		return;
	}
	if (err) {
		dev_err_ratelimited(&ndev->dev,
				    "can't connect to domain %u: %d\n",
				    ndev->otherend, err);
		close_broken(ndev, err);
		return;
	}

	ndev->error = 0;
	WRITE_ONCE(link->connected, true);
	trace_noxs_connect(ndev);
	set_state(ndev, NOXS_STATE_CONNECTED);
}

static void frontend_connect(struct noxs_device *ndev)
{
	struct noxs_link *link = ndev->link;
	int err;

	if (must_wait(ndev))
		return;

	err = snapshot(ndev, NOXS_STATE_INIT_WAIT);
	if (err == -EAGAIN)
		return;
	if (!err) {
		memset(&link->own, 0, sizeof(link->own));
		ndev->features = noxs_features_usable(ndev->type,
						      link->drv->features &
						      link->peer.hdr.features);
		err = link->drv->connect(ndev, &link->peer, &link->own);
	}
	if (err) {
		dev_err_ratelimited(&ndev->dev, "can't connect: %d\n", err);
		close_broken(ndev, err);
		return;
	}

	ndev->error = 0;
	WRITE_ONCE(link->connected, true);
	link->epoch = link->peer.hdr.epoch;
	link->own.hdr.features = noxs_features_usable(ndev->type,
						      ndev->features);
	ndev->features = link->own.hdr.features;
	trace_noxs_connect(ndev);
	publish(ndev);
	set_state(ndev, NOXS_STATE_CONNECTED);
}

/* Both ends are Connected: tell the driver so, and of changed payloads. */
static void stay_connected(struct noxs_device *ndev)
{
	struct noxs_link *link = ndev->link;
	bool changed = READ_ONCE(peer_half(ndev)->hdr.seq) != link->peer_seq;
	int err;

	if (link->announced && !changed)
		return;
	if (changed || !ndev->is_backend) {
		err = snapshot(ndev, NOXS_STATE_CONNECTED);
		if (err == -EAGAIN)
			return;
		if (err) {
			noxs_dev_fatal(ndev, err, "other half became invalid");
			return;
		}
	}
	link->announced = true;
	if (link->drv->otherend_changed)
		link->drv->otherend_changed(ndev, &link->peer);
}

static void backend_reconcile(struct noxs_device *ndev, u32 peer)
{
	struct noxs_link *link = ndev->link;
	bool same_epoch;

	switch (peer) {
	case NOXS_STATE_CONNECTED:
		same_epoch = READ_ONCE(peer_half(ndev)->hdr.epoch) ==
			     link->epoch;
		if (link->connected && same_epoch)
			stay_connected(ndev);
		else if (link->closing)
			break;
		else if (link->connected)
			enter_init_wait(ndev);
		else if (same_epoch)
			backend_connect(ndev);
		break;
	case NOXS_STATE_CLOSING:
		break;		/* it still uses its rings */
	default:
		if (link->closing) {
			disconnect(ndev);
			if (link->state != NOXS_STATE_CLOSED)
				set_state(ndev, NOXS_STATE_CLOSED);
		} else if (link->connected) {
			enter_init_wait(ndev);
		}
		break;
	}
}

static void frontend_reconcile(struct noxs_device *ndev, u32 peer)
{
	struct noxs_link *link = ndev->link;
	u32 epoch = READ_ONCE(peer_half(ndev)->hdr.epoch);

	switch (peer) {
	case NOXS_STATE_INIT_WAIT:
		if (link->connected && epoch == link->epoch)
			break;		/* it hasn't looked yet */
		if (link->connected)
			frontend_stop(ndev, NOXS_STATE_INITIALISING);
		frontend_connect(ndev);
		break;
	case NOXS_STATE_CONNECTED:
		if (link->connected && epoch == link->epoch)
			stay_connected(ndev);
		else if (link->connected)
			frontend_stop(ndev, NOXS_STATE_INITIALISING);
		break;
	case NOXS_STATE_CLOSING:
	case NOXS_STATE_CLOSED:
		if (link->state == NOXS_STATE_CLOSED)
			break;
		ndev->error = READ_ONCE(peer_half(ndev)->hdr.error);
		frontend_stop(ndev, NOXS_STATE_CLOSED);
		break;
	default:
		if (link->connected)
			frontend_stop(ndev, NOXS_STATE_INITIALISING);
		break;
	}
}

/*
 * Returns whether anything was different from the last look. What isn't valid is
 * reported once, however long it stays there.
 */
static bool look_at_peer(struct noxs_device *ndev, u32 *state)
{
	struct noxs_link *link = ndev->link;
	u32 old = link->peer_state;

	*state = noxs_half_state(peer_half(ndev));
	if (*state == link->peer_seen)	/* a backend needs no other payloads */
		return !ndev->is_backend &&
		       READ_ONCE(peer_half(ndev)->hdr.seq) != link->peer_seq;
	link->peer_seen = *state;
	if (!noxs_state_is_valid(*state, !ndev->is_backend)) {
		if (link->drv && !link->broken)
			noxs_dev_fatal(ndev, -EPROTO, "other end's state is %u",
				       *state);
		return false;
	}
	if (*state == old)
		return true;

	WRITE_ONCE(link->peer_state, *state);
	trace_noxs_state(ndev, true, old, *state);
	noxs_ctl_event(ndev, NOXS_EVENT_STATE);
	return true;
}

static bool reconcile(struct noxs_device *ndev)
{
	struct noxs_link *link = ndev->link;
	bool changed;
	u32 peer;
	int err;

	changed = look_at_peer(ndev, &peer);
	err = atomic_xchg(&link->fatal, 0);
	if (err && link->drv && !link->broken)
		close_broken(ndev, err);
	if (!link->drv || link->broken)
		return changed;

	if (test_and_clear_bit(NOXS_LINK_REFRESH, &link->flags) &&
	    ndev->is_backend && !link->closing) {
		u32 features = link->own.hdr.features;

		memset(&link->own, 0, sizeof(link->own));
		link->drv->offer(ndev, &link->own);
		link->own.hdr.features = features;
		publish(ndev);
		notify(ndev);
	}

	if (ndev->is_backend)
		backend_reconcile(ndev, peer);
	else
		frontend_reconcile(ndev, peer);
	return changed;
}

static void link_work(struct work_struct *work)
{
	struct noxs_link *link = container_of(to_delayed_work(work),
					      struct noxs_link, work);
	struct noxs_device *ndev = link->ndev;
	bool changed, event;

	mutex_lock(&link->lock);
	event = test_and_clear_bit(NOXS_LINK_EVENT, &link->flags);
	changed = reconcile(ndev);
	mutex_unlock(&link->lock);

	wake_up_all(&link->settled);
	if (event)
		xen_irq_lateeoi(link->ch.irq,
				changed ? 0 : XEN_EOI_FLAG_SPURIOUS);
}

/**
 * noxs_link_event() - handler of the control page's event channel
 * @irq: the interrupt
 * @arg: the device
 *
 * The event stays masked until the work item has looked, and longer if there
 * was nothing to see: so a storm of events costs the other end more than us.
 *
 * Return: IRQ_HANDLED
 */
irqreturn_t noxs_link_event(int irq, void *arg)
{
	struct noxs_device *ndev = arg;

	trace_noxs_evtchn(ndev);
	set_bit(NOXS_LINK_EVENT, &ndev->link->flags);
	mod_delayed_work(noxs_wq, &ndev->link->work, 0);
	return IRQ_HANDLED;
}

/**
 * noxs_link_init() - set up what a link is before its page is there
 * @ndev: the device, its link all zero
 */
void noxs_link_init(struct noxs_device *ndev)
{
	struct noxs_link *link = ndev->link;

	mutex_init(&link->lock);
	INIT_DELAYED_WORK(&link->work, link_work);
	init_waitqueue_head(&link->settled);
	link->ndev = ndev;
	link->not_before = jiffies;
	link->state = NOXS_STATE_INITIALISING;
}

/**
 * noxs_link_stop() - no event is handled any more when this returns
 * @ndev: a device without driver
 */
void noxs_link_stop(struct noxs_device *ndev)
{
	struct noxs_link *link = ndev->link;

	/* The work ends the last event, so the interrupt goes after it. */
	disable_irq(link->ch.irq);
	cancel_delayed_work_sync(&link->work);
	noxs_channel_free(&link->ch, ndev);
}

/**
 * noxs_link_probe() - bind a driver
 * @ndev: the device
 * @drv: the driver
 *
 * Return: 0 or what the driver's probe returned
 */
int noxs_link_probe(struct noxs_device *ndev, struct noxs_driver *drv)
{
	struct noxs_link *link = ndev->link;
	int err;

	mutex_lock(&link->lock);
	err = drv->probe(ndev);
	link->probe_error = err;
	if (err)
		goto out_unlock;

	link->drv = drv;
	link->broken = false;
	link->error = 0;
	atomic_set(&link->fatal, 0);
	if (ndev->is_backend) {
		enter_init_wait(ndev);
	} else {
		memset(&link->own, 0, sizeof(link->own));
		publish(ndev);
		set_state(ndev, NOXS_STATE_INITIALISING);
	}
	/* The other end may have been there first, and its event is past. */
	mod_delayed_work(noxs_wq, &link->work, 0);

out_unlock:
	mutex_unlock(&link->lock);
	return err;
}

/**
 * noxs_link_remove() - unbind the driver
 * @ndev: the device
 */
void noxs_link_remove(struct noxs_device *ndev)
{
	struct noxs_link *link = ndev->link;

	mutex_lock(&link->lock);
	if (ndev->is_backend) {
		/* Disconnecting may take long; the guest needn't wait for it. */
		if (link->connected)
			set_state(ndev, NOXS_STATE_CLOSING);
		disconnect(ndev);
		if (link->state != NOXS_STATE_CLOSED)
			set_state(ndev, NOXS_STATE_CLOSED);
	} else {
		frontend_stop(ndev, NOXS_STATE_CLOSED);
	}
	link->drv->remove(ndev);
	link->drv = NULL;
	mutex_unlock(&link->lock);
}

/**
 * noxs_link_close() - ask the guest to let go of a device
 * @ndev: a backend
 * @timeout_ms: how long to wait for it
 *
 * Return: true if it did, or never had it
 */
bool noxs_link_close(struct noxs_device *ndev, unsigned int timeout_ms)
{
	struct noxs_link *link = ndev->link;

	mutex_lock(&link->lock);
	link->closing = true;
	if (link->drv && !link->broken)
		set_state(ndev, link->connected ? NOXS_STATE_CLOSING :
						  NOXS_STATE_CLOSED);
	mutex_unlock(&link->lock);

	return wait_event_timeout(link->settled, !READ_ONCE(link->connected),
				  msecs_to_jiffies(timeout_ms));
}

/**
 * noxs_link_republish() - publish another payload
 * @ndev: a connected device, whose link's lock is held
 * @payload: the payload; what follows it stays zero
 * @size: octets of @payload
 */
void noxs_link_republish(struct noxs_device *ndev, const void *payload,
			 size_t size)
{
	struct noxs_link *link = ndev->link;

	lockdep_assert_held(&link->lock);
	memcpy(link->own.payload, payload, size);
	publish(ndev);
	notify(ndev);
}

/**
 * noxs_dev_fatal() - close a device for an error of the other end
 * @ndev: the device
 * @err: -errno
 * @fmt: what is wrong, without a newline
 *
 * Returns at once; the driver's disconnect is called later. Only the first
 * error counts. The data path stops by itself.
 *
 * Context: any
 */
void noxs_dev_fatal(struct noxs_device *ndev, int err, const char *fmt, ...)
{
	struct va_format vaf;
	va_list args;

	if (atomic_cmpxchg(&ndev->link->fatal, 0, err))
		return;

	va_start(args, fmt);
	vaf.fmt = fmt;
	vaf.va = &args;
	dev_err_ratelimited(&ndev->dev, "%pV: closed (%d)\n", &vaf, err);
	va_end(args);
	mod_delayed_work(noxs_wq, &ndev->link->work, 0);
}
EXPORT_SYMBOL_GPL(noxs_dev_fatal);

/**
 * noxs_dev_refresh() - publish a changed offer
 * @ndev: a backend
 *
 * Returns at once; the driver's offer is called later, and the frontend's
 * otherend_changed after that. Features can't change in this way.
 *
 * Context: any
 */
void noxs_dev_refresh(struct noxs_device *ndev)
{
	set_bit(NOXS_LINK_REFRESH, &ndev->link->flags);
	mod_delayed_work(noxs_wq, &ndev->link->work, 0);
}
EXPORT_SYMBOL_GPL(noxs_dev_refresh);
