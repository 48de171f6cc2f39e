// SPDX-License-Identifier: GPL-2.0
/*
 * Does what machine.c decides, for the two ends of one device: publishes, reads,
 * calls the driver, waits.
 *
 * An event of the other end only says "look again": one work item per device
 * reconciles what the driver does with what the other half says then. So
 * however many states the other end runs through, at most one look is owed.
 *
 * Entered by the work item, by probe and remove (driver core), and by the
 * host's removal; all of them take the link's lock. The event handler runs in
 * hard interrupt context and only queues the work.
 */
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/iopoll.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <trace/events/noxs.h>
#include <xen/events.h>

#include "core.h"

/* How long a frontend waits for its backend to let go of its pages. */
#define NOXS_RELEASE_TIMEOUT_US	(500 * USEC_PER_MSEC)
#define NOXS_RELEASE_POLL_US	200

/**
 * noxs_link_lock() - take a link's lock
 * @link: the link
 *
 * Its driver disconnects under it, which takes as long as the host's device does. Who
 * waits for that isn't hung, as Linux would say of who waits for a mutex.
 */
void noxs_link_lock(struct noxs_link *link)
{
	might_lock(&link->lock);
	wait_event_idle(link->unlocked, mutex_trylock(&link->lock));
}

/**
 * noxs_link_unlock() - give a link's lock back
 * @link: the link, locked
 */
void noxs_link_unlock(struct noxs_link *link)
{
	mutex_unlock(&link->lock);
	wake_up(&link->unlocked);
}

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

static u64 now_ms(void)
{
	return ktime_to_ms(ktime_get());
}

static void notify(struct noxs_device *ndev)
{
	trace_noxs_notify(ndev);
	notify_remote_via_irq(ndev->link->ch.irq);
}

static void publish(struct noxs_device *ndev)
{
	struct noxs_link *link = ndev->link;

	noxs_half_describe(&link->own, ndev->type, ndev->is_backend);
	link->own.hdr.epoch = link->machine.epoch;
	link->own.hdr.error = link->machine.error;
	noxs_half_publish(own_half(ndev), &link->own, &link->seq);
}

/*
 * Copy the other half, and check it. Returns -EAGAIN when the other end has moved on
 * meanwhile: its event makes us look again. The last good copy stays as it is unless
 * there is a better one.
 */
static int snapshot(struct noxs_device *ndev, u32 state)
{
	struct noxs_link *link = ndev->link;
	int err;

	err = noxs_half_snapshot(peer_half(ndev), &link->fresh);
	if (err)
		return err;
	if (link->fresh.hdr.state != state)
		return -EAGAIN;
	err = noxs_half_check(&link->fresh, ndev->type, !ndev->is_backend);
	if (!err)
		link->peer = link->fresh;
	return err;
}

static bool peer_moved_on(struct noxs_device *ndev)
{
	const struct noxs_half *shared = peer_half(ndev);

	return noxs_half_state(shared) != ndev->link->fresh.hdr.state ||
	       READ_ONCE(shared->hdr.seq) != ndev->link->fresh.hdr.seq;
}

static int backend_connect(struct noxs_device *ndev)
{
	struct noxs_link *link = ndev->link;
	u32 features = link->peer.hdr.features;

	if (features & ~link->own.hdr.features ||
	    noxs_features_usable(ndev->type, features) != features)
		return -EINVAL;
	ndev->features = features;
	return link->drv->connect(ndev, &link->peer, NULL);
}

static int frontend_connect(struct noxs_device *ndev)
{
	struct noxs_link *link = ndev->link;
	int err;

	/* Who keeps what was granted is given no more; that may pass. */
	if (noxs_revoke_retry(ndev->otherend, link->serial) >= NOXS_MAX_KEPT)
		return -ENOSPC;
	memset(&link->own, 0, sizeof(link->own));
	ndev->features = noxs_features_usable(ndev->type,
					      link->drv->features &
					      link->peer.hdr.features);
	err = link->drv->connect(ndev, &link->peer, &link->own);
	if (err)
		return err;
	ndev->features = noxs_features_usable(ndev->type, ndev->features);
	link->own.hdr.features = ndev->features;
	return 0;
}

/* The view that goes with a result is the copy's. */
static void set_result(struct noxs_device *ndev, struct noxs_input *in, int err,
		       enum noxs_request done)
{
	const struct noxs_half_header *hdr = &ndev->link->fresh.hdr;

	in->request = err ? NOXS_FAIL : done;
	in->err = err;
	in->now = now_ms();
	in->peer.state = hdr->state;
	in->peer.epoch = hdr->epoch;
	in->peer.seq = hdr->seq;
}

static void connect(struct noxs_device *ndev, struct noxs_input *in)
{
	struct noxs_link *link = ndev->link;
	int err;

	err = snapshot(ndev, ndev->is_backend ? NOXS_STATE_CONNECTED :
						NOXS_STATE_INIT_WAIT);
	if (err == -EAGAIN ||
	    (!err && ndev->is_backend &&
	     link->peer.hdr.epoch != link->machine.epoch)) {
		in->request = NOXS_MISSED;
		return;
	}
	if (!err)
		err = ndev->is_backend ? backend_connect(ndev) :
					 frontend_connect(ndev);
	if (!err)
		trace_noxs_connect(ndev);
	set_result(ndev, in, err, NOXS_CONNECTED);
	/* What a frontend took back can't be held against it. */
	if (err && ndev->is_backend && peer_moved_on(ndev))
		in->request = NOXS_TAKEN_BACK;
}

static void check(struct noxs_device *ndev, struct noxs_input *in)
{
	int err = snapshot(ndev, NOXS_STATE_CONNECTED);

	if (err == -EAGAIN)
		in->request = NOXS_MISSED;
	else
		set_result(ndev, in, err, NOXS_CHECKED);
}

/* What the driver reports itself was logged when it did so. */
static void report(struct noxs_device *ndev, const struct noxs_input *in,
		   int result_of)
{
	const char *then = ndev->link->machine.error ? "closed" :
						       "trying again";

	if (in->request == NOXS_LOOK)
		dev_err_ratelimited(&ndev->dev, "other end's state is %u: %s\n",
				    in->peer.state, then);
	else if (result_of == NOXS_DO_CONNECT)
		dev_err_ratelimited(&ndev->dev,
				    "can't connect to domain %u (%d): %s\n",
				    ndev->otherend, in->err, then);
	else if (result_of == NOXS_DO_CHECK)
		dev_err_ratelimited(&ndev->dev,
				    "other half became invalid (%d): %s\n",
				    in->err, then);
}

static void offer(struct noxs_device *ndev, u32 features)
{
	struct noxs_link *link = ndev->link;

	memset(&link->own, 0, sizeof(link->own));
	link->drv->offer(ndev, &link->own);
	link->own.hdr.features =
		noxs_features_usable(ndev->type, link->own.hdr.features &
						 features);
	publish(ndev);
}

static void set_state(struct noxs_device *ndev, u32 state)
{
	struct noxs_link *link = ndev->link;
	u32 old = link->shown;

	noxs_half_set_state(own_half(ndev), state);
	link->shown = state;
	notify(ndev);
	if (old == state)
		return;
	trace_noxs_state(ndev, false, old, state);
	noxs_listen_event(ndev, NOXS_EVENT_STATE);
}

static bool peer_has_let_go(struct noxs_device *ndev)
{
	u32 state = noxs_half_state(peer_half(ndev));

	return state != NOXS_STATE_CONNECTED && state != NOXS_STATE_CLOSING;
}

/* A backend that doesn't let go is not waited for any longer than this. */
static void wait_for_release(struct noxs_device *ndev)
{
	bool let_go;

	(void)read_poll_timeout(peer_has_let_go, let_go, let_go,
				NOXS_RELEASE_POLL_US, NOXS_RELEASE_TIMEOUT_US,
				false, ndev);
}

static void disconnect(struct noxs_device *ndev)
{
	struct noxs_link *link = ndev->link;

	ndev->error = link->machine.error ?: link->machine.peer_error;
	link->drv->disconnect(ndev);
	/* What the driver found wrong with a connection ends with it. */
	atomic_set(&link->reported, 0);
	ndev->features = 0;
	wake_up_all(&link->settled);
	trace_noxs_disconnect(ndev);
}

/* What the other end says of itself: a number that isn't one of Linux is no help. */
static u32 error_of(const struct noxs_view *peer)
{
	if (peer->state != NOXS_STATE_CLOSED)
		return 0;
	return peer->error <= NOXS_MAX_ERRNO ? peer->error : EPROTO;
}

/* Returns whether the result is to be handed back: it is the input then. */
static bool carry_out(struct noxs_device *ndev, const struct noxs_action *action,
		      struct noxs_input *in, int result_of)
{
	struct noxs_link *link = ndev->link;

	switch (action->op) {
	case NOXS_DO_NOTE:
		trace_noxs_state(ndev, true, link->noted, in->peer.state);
		link->noted = in->peer.state;
		WRITE_ONCE(link->noted_error, error_of(&in->peer));
		noxs_listen_event(ndev, NOXS_EVENT_STATE);
		break;
	case NOXS_DO_REPORT:
		report(ndev, in, result_of);
		break;
	case NOXS_DO_OFFER:
		offer(ndev, link->drv->features);
		break;
	case NOXS_DO_REFRESH:
		if (!ndev->is_backend) {
			publish(ndev);
			break;
		}
		offer(ndev, link->own.hdr.features);
		notify(ndev);
		break;
	case NOXS_DO_BLANK:
		memset(&link->own, 0, sizeof(link->own));
		publish(ndev);
		break;
	case NOXS_DO_ANSWER:
		publish(ndev);
		break;
	case NOXS_DO_STATE:
		set_state(ndev, action->state);
		break;
	case NOXS_DO_RELEASE:
		wait_for_release(ndev);
		break;
	case NOXS_DO_DISCONNECT:
		disconnect(ndev);
		break;
	case NOXS_DO_CONNECT:
		connect(ndev, in);
		return true;
	case NOXS_DO_CHECK:
		check(ndev, in);
		return true;
	case NOXS_DO_TELL:
		if (link->drv->otherend_changed)
			link->drv->otherend_changed(ndev, &link->peer);
		break;
	}
	return false;
}

/* What the other end's header says, read once; its state first. */
static void look(struct noxs_device *ndev, struct noxs_view *view)
{
	const struct noxs_half *shared = peer_half(ndev);

	view->state = noxs_half_state(shared);
	view->epoch = READ_ONCE(shared->hdr.epoch);
	view->seq = READ_ONCE(shared->hdr.seq);
	view->error = READ_ONCE(shared->hdr.error);
}

/* Whether a frontend is in use; its half is to say so, too. */
static bool is_in_use(struct noxs_device *ndev)
{
	struct noxs_link *link = ndev->link;

	return !ndev->is_backend && link->machine.connected &&
	       link->drv->in_use && link->drv->in_use(ndev, &link->own);
}

/* Whether the frontend says so, as far as is known. */
static bool otherend_is_in_use(struct noxs_device *ndev)
{
	struct noxs_link *link = ndev->link;

	if (!link->machine.connected || !link->drv->otherend_in_use)
		return false;
	/* If it is just changing its half, what it said before will do. */
	(void)snapshot(ndev, NOXS_STATE_CONNECTED);
	return link->drv->otherend_in_use(ndev, &link->peer);
}

/* Returns in how many milliseconds to look again, or 0. */
static unsigned int ask(struct noxs_device *ndev, enum noxs_request request,
			int err)
{
	struct noxs_link *link = ndev->link;
	struct noxs_input in = {
		.request = request,
		.err = err,
		.busy = is_in_use(ndev),
		.now = now_ms(),
	};
	struct noxs_plan plan;
	int result_of = -1;
	unsigned int i;
	bool more;

	lockdep_assert_held(&link->lock);
	look(ndev, &in.peer);
	do {
		noxs_machine_next(&link->machine, &in, &plan);
		more = false;
		for (i = 0; i < plan.nr; i++)
			more = carry_out(ndev, &plan.actions[i], &in,
					 result_of);
		if (more)
			result_of = plan.actions[plan.nr - 1].op;
	} while (more);
	return plan.due ? plan.due - in.now : 0;
}

/*
 * The event channel stays masked for as long as its event has no EOI. Linux has a
 * delay of its own for events that are said to be spurious, but forgets after each
 * one that there were others: a tick at most.
 */
static bool is_eoi_due(struct noxs_link *link, unsigned int *delay)
{
	u64 now = now_ms();

	if (!link->eoi_at)
		return false;
	if (link->eoi_at > now) {
		*delay = min_not_zero(*delay, (unsigned int)(link->eoi_at - now));
		return false;
	}
	link->eoi_at = 0;
	return true;
}

static void link_work(struct work_struct *work)
{
	struct noxs_link *link = container_of(to_delayed_work(work),
					      struct noxs_link, work);
	struct noxs_device *ndev = link->ndev;
	unsigned int delay;
	bool eoi;
	int err;

	noxs_link_lock(link);
	if (test_and_clear_bit(NOXS_LINK_EVENT, &link->flags)) {
		link->eoi_at = now_ms();
		if (noxs_machine_event(&link->machine, link->eoi_at))
			link->eoi_at += NOXS_EVENT_COST;
	}
	err = atomic_xchg(&link->reported, 0);
	if (err)
		(void)ask(ndev, NOXS_FAIL, err);
	if (test_and_clear_bit(NOXS_LINK_REFRESH, &link->flags))
		(void)ask(ndev, NOXS_REFRESH, 0);
	delay = ask(ndev, NOXS_LOOK, 0);
	eoi = is_eoi_due(link, &delay);
	/* If it is queued already, it looks soon, and finds out the same. */
	if (delay)
		queue_delayed_work(noxs_wq, &link->work,
				   msecs_to_jiffies(delay) + 1);
	noxs_link_unlock(link);

	if (eoi)
		xen_irq_lateeoi(link->ch.irq, 0);
}

/**
 * noxs_link_event() - handler of the control page's event channel
 * @irq: the interrupt
 * @arg: the device
 *
 * The event stays masked until the work item has looked, and for longer if there
 * were too many: so a storm of events costs the other end more than us.
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
	static atomic_t serials;
	struct noxs_link *link = ndev->link;

	/* 0 is none's. */
	while (!link->serial)
		link->serial = atomic_inc_return(&serials);
	mutex_init(&link->lock);
	init_waitqueue_head(&link->unlocked);
	INIT_DELAYED_WORK(&link->work, link_work);
	init_waitqueue_head(&link->settled);
	link->ndev = ndev;
	noxs_machine_init(&link->machine, ndev->is_backend);
	link->shown = link->machine.state;
	link->noted = link->machine.peer_state;
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

	noxs_link_lock(link);
	/* Another driver, or the same one, may have other defaults than the last. */
	memcpy(ndev->config, link->asked, sizeof(ndev->config));
	err = drv->probe(ndev);
	if (err) {
		(void)ask(ndev, NOXS_BIND_FAILED, err);
		goto out_unlock;
	}

	link->drv = drv;
	atomic_set(&link->reported, 0);
	(void)ask(ndev, NOXS_BIND, 0);
	/* The other end may have been there first, and its event is past. */
	mod_delayed_work(noxs_wq, &link->work, 0);

out_unlock:
	noxs_link_unlock(link);
	return err;
}

/**
 * noxs_link_remove() - unbind the driver
 * @ndev: the device
 */
void noxs_link_remove(struct noxs_device *ndev)
{
	struct noxs_link *link = ndev->link;

	noxs_link_lock(link);
	(void)ask(ndev, NOXS_UNBIND, 0);
	link->drv->remove(ndev);
	link->drv = NULL;
	noxs_link_unlock(link);
}

/**
 * noxs_link_close() - ask the guest to let go of a device
 * @ndev: a backend
 * @timeout_ms: how long to wait for it
 *
 * Return: false if it is in use in the guest, and so goes on; true if the guest did
 * let go, or doesn't say why not
 */
bool noxs_link_close(struct noxs_device *ndev, unsigned int timeout_ms)
{
	struct noxs_link *link = ndev->link;
	bool in_use;

	noxs_link_lock(link);
	(void)ask(ndev, NOXS_CLOSE, 0);
	noxs_link_unlock(link);

	if (wait_event_timeout(link->settled,
			       !READ_ONCE(link->machine.connected),
			       msecs_to_jiffies(timeout_ms)))
		return true;

	noxs_link_lock(link);
	in_use = otherend_is_in_use(ndev);
	if (in_use)
		(void)ask(ndev, NOXS_KEEP, 0);
	noxs_link_unlock(link);
	return !in_use;
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
 * noxs_dev_fatal() - end a connection for an error, mostly of the other end
 * @ndev: the device
 * @err: -errno
 * @fmt: what is wrong, without a newline
 *
 * Returns at once; the driver's disconnect is called later. Only the first
 * error counts. The data path stops by itself. The device is closed, or if
 * noxs_error_passes(), connected again later.
 *
 * Context: any
 */
void noxs_dev_fatal(struct noxs_device *ndev, int err, const char *fmt, ...)
{
	struct va_format vaf;
	va_list args;

	if (atomic_cmpxchg(&ndev->link->reported, 0, err))
		return;

	va_start(args, fmt);
	vaf.fmt = fmt;
	vaf.va = &args;
	dev_err_ratelimited(&ndev->dev, "%pV (%d)\n", &vaf, err);
	va_end(args);
	mod_delayed_work(noxs_wq, &ndev->link->work, 0);
}
EXPORT_SYMBOL_GPL(noxs_dev_fatal);

/**
 * noxs_dev_refresh() - publish a changed offer, or how much a device is in use
 * @ndev: a backend, or a frontend
 *
 * Returns at once; the driver's offer is called later, and the frontend's
 * otherend_changed after that; or the frontend's in_use. Features can't change in
 * this way.
 *
 * Context: any
 */
void noxs_dev_refresh(struct noxs_device *ndev)
{
	set_bit(NOXS_LINK_REFRESH, &ndev->link->flags);
	mod_delayed_work(noxs_wq, &ndev->link->work, 0);
}
EXPORT_SYMBOL_GPL(noxs_dev_refresh);
