// SPDX-License-Identifier: GPL-2.0
/*
 * The states of one device's two ends: all that is decided about them.
 *
 * What to do next is a function of where this end stands, of what the other one
 * shows, and of why it is asked, and of nothing else. state.c asks, does what it
 * is told, and hands back what came of it. See xen/interface/io/noxs.h for the
 * states, and for what an epoch is.
 *
 * Whatever another end shows, how often it does so, and what fails here: nothing
 * is done without an event, a request or a time that is due; each of these leads to
 * a few actions at most; and a device without a driver, or closed by an error, leads
 * to none. tests/unit builds this very file and goes through every state that
 * can be reached.
 *
 * A failure is the peer's, or one that may pass: that of memory, of a grant, of a
 * port. The former closes the device until another driver is bound; the latter is
 * tried again, later each time. There is no third kind.
 */
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/types.h>

#include "check.h"
#include "machine.h"

static void give_back(struct noxs_budget *budget, u64 now)
{
	u64 passed = now - budget->at;

	budget->used = passed < budget->used ? budget->used - passed : 0;
	budget->at = now;
}

/**
 * noxs_error_passes() - tell whether what failed may work later
 * @err: -errno
 *
 * Return: true for those errors that are our own and may pass
 */
bool noxs_error_passes(int err)
{
	switch (err) {
	case -ENOMEM:
	case -ENOSPC:
	case -ENOBUFS:
	case -EAGAIN:
		return true;
	default:
		return false;
	}
}
EXPORT_SYMBOL_GPL(noxs_error_passes);

static void act(struct noxs_plan *plan, enum noxs_op op)
{
	plan->actions[plan->nr++].op = op;
}

static void set_state(struct noxs_machine *m, struct noxs_plan *plan, u32 state)
{
	m->state = state;
	plan->actions[plan->nr].state = state;
	act(plan, NOXS_DO_STATE);
}

static void disconnect(struct noxs_machine *m, struct noxs_plan *plan)
{
	if (!m->connected)
		return;
	m->connected = false;
	m->announced = false;
	act(plan, NOXS_DO_DISCONNECT);
}

/*
 * A frontend says first that it stopped, so that the backend unmaps its pages and
 * they can be freed at once. A backend just goes.
 */
static void stop(struct noxs_machine *m, struct noxs_plan *plan, u32 state)
{
	if (m->is_backend)
		disconnect(m, plan);
	if (m->state != state)
		set_state(m, plan, state);
	if (m->connected)
		act(plan, NOXS_DO_RELEASE);
	disconnect(m, plan);
}

/* No epoch is 0. */
static void next_epoch(struct noxs_machine *m)
{
	if (!++m->epoch)
		m->epoch = 1;
}

/* A backend offers a new connection, unless it is to go. */
static void offer(struct noxs_machine *m, struct noxs_plan *plan)
{
	if (m->closing) {
		stop(m, plan, NOXS_STATE_CLOSED);
		return;
	}
	disconnect(m, plan);
	next_epoch(m);
	act(plan, NOXS_DO_OFFER);
	set_state(m, plan, NOXS_STATE_INIT_WAIT);
}

/* The connection is over, but there may be another one. */
static void start_over(struct noxs_machine *m, struct noxs_plan *plan)
{
	if (m->is_backend)
		offer(m, plan);
	else
		stop(m, plan, NOXS_STATE_INITIALISING);
}

/*
 * Each time twice as long, and from the start if the last time is long ago. Returns
 * false once it is as long as it gets.
 */
static bool put_off(struct noxs_machine *m, u64 now)
{
	u32 delay;

	if (now >= m->retry_at + NOXS_RETRY_MAX)
		m->tries = 0;
	delay = NOXS_RETRY_MIN << m->tries;
	if (delay >= NOXS_RETRY_MAX) {
		m->retry_at = now + NOXS_RETRY_MAX;
		return false;
	}
	m->tries++;
	m->retry_at = now + delay;
	return true;
}

static void fail(struct noxs_machine *m, const struct noxs_input *in, int err,
		 struct noxs_plan *plan)
{
	if (!m->bound || m->error)
		return;

	if (noxs_error_passes(err)) {
		if (put_off(m, in->now))
			act(plan, NOXS_DO_REPORT);
		if (m->connected)
			start_over(m, plan);
		else if (!m->closing)
			plan->due = m->retry_at;
		return;
	}
	m->error = -err;
	act(plan, NOXS_DO_REPORT);
	act(plan, NOXS_DO_BLANK);
	stop(m, plan, NOXS_STATE_CLOSED);
}

/* Who reconnects again and again waits, and so does who failed a moment ago. */
static void try_connect(struct noxs_machine *m, u64 now, struct noxs_plan *plan)
{
	const u32 free = (NOXS_CONNECT_BURST - 1) * NOXS_CONNECT_COST;
	u64 at = m->retry_at;

	give_back(&m->connects, now);
	if (m->connects.used > free && now + m->connects.used - free > at)
		at = now + m->connects.used - free;
	if (at > now) {
		plan->due = at;
		return;
	}
	m->connects.used += NOXS_CONNECT_COST;
	act(plan, NOXS_DO_CONNECT);
}

/* Both ends are Connected: tell the driver so, and of changed payloads. */
static void stay_connected(struct noxs_machine *m, const struct noxs_view *peer,
			   struct noxs_plan *plan)
{
	if (!m->announced || peer->seq != m->peer_seq)
		act(plan, NOXS_DO_CHECK);
}

static void backend_look(struct noxs_machine *m, const struct noxs_input *in,
			 struct noxs_plan *plan)
{
	bool same = in->peer.epoch == m->epoch;

	switch (in->peer.state) {
	case NOXS_STATE_CONNECTED:
		if (m->connected && same)
			stay_connected(m, &in->peer, plan);
		else if (m->connected)
			offer(m, plan);
		else if (same && !m->closing)
			try_connect(m, in->now, plan);
		break;
	case NOXS_STATE_CLOSING:
		break;		/* it still uses its rings */
	default:
		if (m->connected)
			offer(m, plan);
		break;
	}
}

static void frontend_look(struct noxs_machine *m, const struct noxs_input *in,
			  struct noxs_plan *plan)
{
	bool same = m->connected && in->peer.epoch == m->epoch;

	switch (in->peer.state) {
	case NOXS_STATE_INIT_WAIT:
		if (same)
			break;		/* it hasn't looked yet */
		if (m->connected)
			start_over(m, plan);
		try_connect(m, in->now, plan);
		break;
	case NOXS_STATE_CONNECTED:
		if (same)
			stay_connected(m, &in->peer, plan);
		else if (m->connected)
			start_over(m, plan);
		break;
	case NOXS_STATE_CLOSING:
	case NOXS_STATE_CLOSED:
		if (m->state == NOXS_STATE_CLOSED)
			break;
		/* It only asks, and may have to wait. */
		if (same && in->busy && in->peer.state == NOXS_STATE_CLOSING)
			break;
		m->peer_error = in->peer.error <= NOXS_MAX_ERRNO ?
				in->peer.error : EPROTO;
		stop(m, plan, NOXS_STATE_CLOSED);
		break;
	default:
		if (m->connected)
			start_over(m, plan);
		break;
	}
}

static void look(struct noxs_machine *m, const struct noxs_input *in,
		 struct noxs_plan *plan)
{
	bool valid = noxs_state_is_valid(in->peer.state, !m->is_backend);

	if (valid && in->peer.state != m->peer_state) {
		m->peer_state = in->peer.state;
		act(plan, NOXS_DO_NOTE);
	}
	if (!m->bound || m->error)
		return;

	if (!valid)
		fail(m, in, -EPROTO, plan);
	else if (m->is_backend)
		backend_look(m, in, plan);
	else
		frontend_look(m, in, plan);
}

static void bind(struct noxs_machine *m, struct noxs_plan *plan)
{
	m->bound = true;
	m->error = 0;
	m->peer_error = 0;
	m->retry_at = 0;
	m->tries = 0;
	if (m->is_backend) {
		offer(m, plan);
		return;
	}
	act(plan, NOXS_DO_BLANK);
	set_state(m, plan, NOXS_STATE_INITIALISING);
}

static void unbind(struct noxs_machine *m, struct noxs_plan *plan)
{
	/*
	 * Disconnecting may take long; the guest needn't wait for it. Nor is it
	 * asked: with another epoch, its connection is over.
	 */
	if (m->is_backend && m->connected) {
		next_epoch(m);
		act(plan, NOXS_DO_BLANK);
		set_state(m, plan, NOXS_STATE_CLOSING);
	}
	stop(m, plan, NOXS_STATE_CLOSED);
	m->bound = false;
}

static void close(struct noxs_machine *m, struct noxs_plan *plan)
{
	m->closing = true;
	if (m->bound && !m->error)
		set_state(m, plan, m->connected ? NOXS_STATE_CLOSING :
						  NOXS_STATE_CLOSED);
}

/* The host has asked in vain: the device stays. */
static void keep(struct noxs_machine *m, struct noxs_plan *plan)
{
	if (!m->closing)
		return;
	m->closing = false;
	if (m->connected)
		set_state(m, plan, NOXS_STATE_CONNECTED);
	else if (m->bound && !m->error)
		offer(m, plan);
}

static void connected(struct noxs_machine *m, const struct noxs_input *in,
		      struct noxs_plan *plan)
{
	m->connected = true;
	m->peer_error = 0;
	m->peer_seq = in->peer.seq;
	if (!m->is_backend) {
		m->epoch = in->peer.epoch;
		act(plan, NOXS_DO_ANSWER);
	}
	set_state(m, plan, NOXS_STATE_CONNECTED);
	/* A frontend hears of its backend, which was Connected before. */
	if (m->is_backend) {
		m->announced = true;
		act(plan, NOXS_DO_TELL);
	}
}

/**
 * noxs_machine_next() - decide what to do
 * @m: where this end stands; and out: where it stands when that is done
 * @in: why there is something to decide, and what the other end shows
 * @plan: out: what to do
 */
void noxs_machine_next(struct noxs_machine *m, const struct noxs_input *in,
		       struct noxs_plan *plan)
{
	plan->nr = 0;
	plan->due = 0;

	switch (in->request) {
	case NOXS_LOOK:
		look(m, in, plan);
		break;
	case NOXS_BIND:
		bind(m, plan);
		break;
	case NOXS_BIND_FAILED:
		m->error = -in->err;
		break;
	case NOXS_UNBIND:
		unbind(m, plan);
		break;
	case NOXS_CLOSE:
		close(m, plan);
		break;
	case NOXS_REFRESH:
		if (m->is_backend ? m->bound && !m->error && !m->closing :
				    m->connected)
			act(plan, NOXS_DO_REFRESH);
		break;
	case NOXS_KEEP:
		keep(m, plan);
		break;
	case NOXS_FAIL:
		fail(m, in, in->err, plan);
		break;
	case NOXS_MISSED:
		break;
	case NOXS_TAKEN_BACK:
		offer(m, plan);
		break;
	case NOXS_CONNECTED:
		connected(m, in, plan);
		break;
	case NOXS_CHECKED:
		m->peer_seq = in->peer.seq;
		m->announced = true;
		act(plan, NOXS_DO_TELL);
		break;
	}
}

/**
 * noxs_machine_event() - account for an event of the other end
 * @m: where this end stands
 * @now: milliseconds
 *
 * An event that brings nothing new costs as much as another one.
 *
 * Return: whether there were too many of late: the next one is to wait for
 * NOXS_EVENT_COST
 */
bool noxs_machine_event(struct noxs_machine *m, u64 now)
{
	const u32 most = NOXS_EVENT_BURST * NOXS_EVENT_COST;

	give_back(&m->events, now);
	/* Who goes on and on in spite of it has to be quiet for longer. */
	if (m->events.used < 2 * most)
		m->events.used += NOXS_EVENT_COST;
	return m->events.used > most;
}

/**
 * noxs_machine_init() - begin, without a driver
 * @m: the machine
 * @is_backend: which end it is of
 */
void noxs_machine_init(struct noxs_machine *m, bool is_backend)
{
	*m = (struct noxs_machine) {
		.is_backend = is_backend,
		.state = NOXS_STATE_INITIALISING,
	};
}
