/* SPDX-License-Identifier: GPL-2.0 */
/* What one end of a device does next: see machine.c. */
#ifndef _NOXS_MACHINE_H
#define _NOXS_MACHINE_H

#include <linux/types.h>

/* Drivers ask it, too. */
bool noxs_error_passes(int err);

/**
 * struct noxs_budget - how much of something there was lately
 * @used: in units of milliseconds; each use costs some, and each millisecond
 *	gives one back
 * @at: when it was @used
 */
struct noxs_budget {
	u32 used;
	u64 at;
};

/**
 * struct noxs_view - what the other end's header says now, whatever that is
 * @state: NOXS_STATE_*, or not
 * @epoch: of its connection
 * @seq: changes with its payload
 * @error: why it closed the device
 */
struct noxs_view {
	u32 state;
	u32 epoch;
	u32 seq;
	u32 error;
};

/**
 * enum noxs_request - why a machine is asked
 * @NOXS_LOOK: an event came, a time is due, or something was asked for: what does
 *	the other end show?
 * @NOXS_BIND: a driver is bound
 * @NOXS_BIND_FAILED: or its probe failed, with an error
 * @NOXS_UNBIND: the driver goes
 * @NOXS_CLOSE: a backend: the host wants the device gone
 * @NOXS_REFRESH: the driver has another offer, or a frontend's is in use or no longer
 * @NOXS_KEEP: a backend: the host asked for the device, and doesn't want it any more
 * @NOXS_FAIL: something failed, with an error: the driver said so, or it is the
 *	result of NOXS_DO_CONNECT or NOXS_DO_CHECK
 * @NOXS_MISSED: result of these: the other end has moved on, its event follows
 * @NOXS_TAKEN_BACK: of NOXS_DO_CONNECT, a backend's: it failed, but with what the
 *	frontend has taken back meanwhile, its pages above all
 * @NOXS_CONNECTED: of NOXS_DO_CONNECT: it did; the view is the copy's
 * @NOXS_CHECKED: of NOXS_DO_CHECK: the new copy is good; the view is the copy's
 */
enum noxs_request {
	NOXS_LOOK,
	NOXS_BIND,
	NOXS_BIND_FAILED,
	NOXS_UNBIND,
	NOXS_CLOSE,
	NOXS_REFRESH,
	NOXS_KEEP,
	NOXS_FAIL,
	NOXS_MISSED,
	NOXS_TAKEN_BACK,
	NOXS_CONNECTED,
	NOXS_CHECKED,
};

/**
 * struct noxs_input - all that a machine decides upon
 * @request: why it is asked
 * @err: -errno of NOXS_BIND_FAILED and NOXS_FAIL
 * @busy: a frontend: the device is in use here, and the backend knows how that is said
 * @now: milliseconds, of a clock that never goes back
 * @peer: what the other end shows
 */
struct noxs_input {
	enum noxs_request request;
	int err;
	bool busy;
	u64 now;
	struct noxs_view peer;
};

/**
 * enum noxs_op - what there is to do
 * @NOXS_DO_NOTE: tell who listens of the other end's state
 * @NOXS_DO_REPORT: log the failure that the input brought
 * @NOXS_DO_OFFER: a backend: publish the driver's offer, with the epoch
 * @NOXS_DO_REFRESH: publish it again, and notify; a frontend: publish how much the
 *	device is in use
 * @NOXS_DO_BLANK: publish nothing but the error, if there is one
 * @NOXS_DO_ANSWER: a frontend: publish what the driver's connect filled in
 * @NOXS_DO_STATE: publish a state, and notify
 * @NOXS_DO_RELEASE: a frontend: wait a moment for the backend to let go
 * @NOXS_DO_DISCONNECT: the driver's disconnect
 * @NOXS_DO_CONNECT: copy the other half, check it, and call the driver's connect;
 *	the last one of a plan, as its result is the next input
 * @NOXS_DO_CHECK: copy the other half and check it; likewise
 * @NOXS_DO_TELL: the driver's otherend_changed, with the last good copy
 */
enum noxs_op {
	NOXS_DO_NOTE,
	NOXS_DO_REPORT,
	NOXS_DO_OFFER,
	NOXS_DO_REFRESH,
	NOXS_DO_BLANK,
	NOXS_DO_ANSWER,
	NOXS_DO_STATE,
	NOXS_DO_RELEASE,
	NOXS_DO_DISCONNECT,
	NOXS_DO_CONNECT,
	NOXS_DO_CHECK,
	NOXS_DO_TELL,
};

/**
 * struct noxs_action - one thing to do
 * @op: what
 * @state: of NOXS_DO_STATE
 */
struct noxs_action {
	enum noxs_op op;
	u32 state;
};

#define NOXS_MAX_ACTIONS	8

/**
 * struct noxs_plan - what follows from an input
 * @actions: what to do, in this order
 * @nr: how many
 * @due: when to look again, even without an event; 0 for never
 */
struct noxs_plan {
	struct noxs_action actions[NOXS_MAX_ACTIONS];
	unsigned int nr;
	u64 due;
};

/**
 * struct noxs_machine - where one end of a device stands
 * @is_backend: which end
 * @bound: there is a driver
 * @connected: its data path is up
 * @announced: it knows that the other end is Connected
 * @closing: the host wants the device gone
 * @state: what we last published
 * @epoch: the connection that is offered (backend) or answered (frontend)
 * @peer_state: the other end's last valid state
 * @peer_seq: of the last good copy of its half
 * @peer_error: a frontend: why the backend closed the device, or 0
 * @error: the errno for which we closed it, or 0. Final: only a new driver ends it
 * @tries: failures in a row that may pass
 * @retry_at: when to try again after them
 * @connects: connections that were tried
 * @events: events that came
 */
struct noxs_machine {
	bool is_backend;
	bool bound;
	bool connected;
	bool announced;
	bool closing;
	u32 state;
	u32 epoch;
	u32 peer_state;
	u32 peer_seq;
	u32 peer_error;
	u32 error;
	u32 tries;
	u64 retry_at;
	struct noxs_budget connects;
	struct noxs_budget events;
};

/*
 * A connection costs hypercalls and memory: NOXS_CONNECT_BURST at once, and one
 * each NOXS_CONNECT_COST ms. An event costs a work item: the same with
 * NOXS_EVENT_BURST and NOXS_EVENT_COST; of what comes faster, each keeps the channel
 * masked for that long.
 */
#define NOXS_CONNECT_COST	1000U
#define NOXS_CONNECT_BURST	8U
#define NOXS_EVENT_COST		1000U
#define NOXS_EVENT_BURST	64U

/* What may pass is tried again after so many milliseconds, twice as many each time. */
#define NOXS_RETRY_MIN		10U
#define NOXS_RETRY_MAX		10000U

void noxs_machine_init(struct noxs_machine *m, bool is_backend);
bool noxs_machine_event(struct noxs_machine *m, u64 now);
void noxs_machine_next(struct noxs_machine *m, const struct noxs_input *in,
		       struct noxs_plan *plan);

#endif /* _NOXS_MACHINE_H */
