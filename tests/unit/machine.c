// SPDX-License-Identifier: GPL-2.0
/*
 * noxs-core/machine.c: every state that one end of a device can be in, with
 * everything that the other end can show, that the host and the driver can ask for,
 * and that can come of what is done.
 *
 * Numbers of epochs, of changes and of milliseconds matter only as differences,
 * and how much of a budget is used only as "enough left" and "none", so that what
 * can be reached is finite: see normalise().
 */
#include "harness.h"

#include "../../noxs-core/machine.h"
#include "../../noxs-core/check.h"

#define NOW		1000000ULL
#define LONG_AGO	(NOW - NOXS_RETRY_MAX)
#define A_DAY		86400000ULL
#define SOON		60000ULL	/* what ends, ends in this time */
#define MOST_ACTIONS	6		/* of one input with all that follows */

/* A driver, and a page, as state.c would have them. */
struct world {
	struct noxs_machine m;
	bool connected;		/* the driver's */
	u32 shown;		/* the state in our half */
	unsigned int actions;	/* since the last input from outside */
	unsigned int connects;
	bool end;		/* who is asked for a result has not given it */
};

static void carry_out(struct world *w, const struct noxs_plan *plan)
{
	unsigned int i;

	assert_true(plan->nr <= NOXS_MAX_ACTIONS);
	for (i = 0; i < plan->nr; i++) {
		const struct noxs_action *action = &plan->actions[i];

		assert_false(w->end);
		/* What is told and logged once isn't work. */
		w->actions += action->op != NOXS_DO_NOTE &&
			      action->op != NOXS_DO_REPORT;
		switch (action->op) {
		case NOXS_DO_STATE:
			w->shown = action->state;
			assert_true(noxs_state_is_valid(w->shown,
							w->m.is_backend));
			assert_true(w->shown != NOXS_STATE_CONNECTED ||
				    w->connected);
			break;
		case NOXS_DO_OFFER:
		case NOXS_DO_REFRESH:
			assert_true(action->op == NOXS_DO_REFRESH ||
				    !w->connected);
			assert_true(w->m.is_backend ||
				    (action->op == NOXS_DO_REFRESH &&
				     w->connected));
			assert_true(w->m.bound);
			assert_int_equal(w->m.error, 0);
			break;
		case NOXS_DO_ANSWER:
			assert_true(!w->m.is_backend && w->connected);
			break;
		case NOXS_DO_RELEASE:
			assert_true(!w->m.is_backend && w->connected);
			assert_int_not_equal(w->shown, NOXS_STATE_CONNECTED);
			break;
		case NOXS_DO_DISCONNECT:
			assert_true(w->connected);
			w->connected = false;
			break;
		case NOXS_DO_CONNECT:
			assert_true(w->m.bound && !w->connected);
			assert_int_equal(w->m.error, 0);
			assert_false(w->m.closing);
			w->connects++;
			w->end = true;
			break;
		case NOXS_DO_CHECK:
			assert_true(w->connected);
			w->end = true;
			break;
		case NOXS_DO_TELL:
			assert_true(w->connected);
			break;
		case NOXS_DO_BLANK:
		case NOXS_DO_NOTE:
		case NOXS_DO_REPORT:
			break;
		}
	}
}

/* The last thing to do, or -1. */
static int ask(struct world *w, const struct noxs_input *in,
	       struct noxs_plan *plan)
{
	/* Before anything is done, so that the driver is seen connected. */
	if (in->request == NOXS_CONNECTED)
		w->connected = true;
	w->end = false;
	noxs_machine_next(&w->m, in, plan);
	carry_out(w, plan);
	assert_int_equal(w->connected, w->m.connected);
	assert_int_equal(w->shown, w->m.state);
	assert_true(!w->m.announced || w->m.connected);
	assert_true(!w->m.connected || w->m.bound);
	assert_true(!w->m.error || !w->m.connected);
	assert_true(!plan->due || plan->due > in->now);
	assert_true(w->actions <= MOST_ACTIONS);
	return plan->nr ? (int)plan->actions[plan->nr - 1].op : -1;
}

/*
 * What was reached.
 */

#define MAX_WORLDS	(1 << 16)

static struct world *worlds;
static unsigned int nr_worlds;
static unsigned int *table;	/* index + 1 of each, by hash */

static u64 ago(u64 at, u64 now)
{
	if (at + NOXS_RETRY_MAX <= now)
		return 0;
	return NOW + at - now;
}

static void normalise(struct world *w, u64 now)
{
	w->m.epoch = 1;
	w->m.peer_seq = 0;
	w->m.retry_at = ago(w->m.retry_at, now);
	if (!w->m.retry_at)
		w->m.tries = 0;
	if (w->m.error)
		w->m.error = 1;
	if (w->m.peer_error)
		w->m.peer_error = 1;
	w->m.connects = (struct noxs_budget){ };
	w->m.events = (struct noxs_budget){ };
	w->actions = 0;
	w->connects = 0;
	w->end = false;
}

/* By member, as padding may hold anything. */
static void pack(const struct world *w, u64 key[8])
{
	const struct noxs_machine *m = &w->m;

	key[0] = m->is_backend | m->bound << 1 | m->connected << 2 |
		 m->announced << 3 | m->closing << 4 | w->connected << 5;
	key[1] = m->state;
	key[2] = m->peer_state;
	key[3] = m->error;
	key[4] = m->peer_error;
	key[5] = m->tries;
	key[6] = m->retry_at;
	key[7] = w->shown;
}

static void reach(const struct world *from, u64 now)
{
	struct world w = *from;
	u64 key[8], other[8];
	unsigned int i, slot = 0;

	normalise(&w, now);
	pack(&w, key);
	for (i = 0; i < ARRAY_SIZE(key); i++)
		slot = (slot ^ key[i]) * 2654435761U + (slot >> 15);
	for (slot %= 4 * MAX_WORLDS; table[slot];
	     slot = (slot + 1) % (4 * MAX_WORLDS)) {
		pack(&worlds[table[slot] - 1], other);
		if (!memcmp(key, other, sizeof(key)))
			return;
	}
	assert_true(nr_worlds < MAX_WORLDS);
	worlds[nr_worlds] = w;
	table[slot] = ++nr_worlds;
}

static struct world fresh_world(bool is_backend)
{
	struct world w = { };

	noxs_machine_init(&w.m, is_backend);
	w.shown = w.m.state;
	return w;
}

/* All that can come of what was to be done last. */
static void reach_results(const struct world *after, int op,
			  const struct noxs_input *in)
{
	static const struct {
		int op;
		enum noxs_request request;
		int err;
	} results[] = {
		{ NOXS_DO_CONNECT, NOXS_CONNECTED, 0 },
		{ NOXS_DO_CONNECT, NOXS_MISSED, 0 },
		{ NOXS_DO_CONNECT, NOXS_TAKEN_BACK, 0 },
		{ NOXS_DO_CONNECT, NOXS_FAIL, -ENOMEM },
		{ NOXS_DO_CONNECT, NOXS_FAIL, -EINVAL },
		{ NOXS_DO_CHECK, NOXS_CHECKED, 0 },
		{ NOXS_DO_CHECK, NOXS_MISSED, 0 },
		{ NOXS_DO_CHECK, NOXS_FAIL, -EINVAL },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(results); i++) {
		struct world w = *after;
		struct noxs_input next = *in;
		struct noxs_plan plan;
		int last;

		if (results[i].op != op ||
		    (results[i].request == NOXS_TAKEN_BACK &&
		     !after->m.is_backend))
			continue;
		next.request = results[i].request;
		next.err = results[i].err;
		last = ask(&w, &next, &plan);
		/* A result asks for no other one. */
		assert_true(last != NOXS_DO_CONNECT && last != NOXS_DO_CHECK);
		reach(&w, in->now);
		if (next.request != NOXS_CONNECTED &&
		    next.request != NOXS_CHECKED)
			continue;
		/* What was copied is known. */
		next.request = NOXS_LOOK;
		(void)ask(&w, &next, &plan);
		assert_int_equal(plan.nr, 0);
	}
}

static bool is_dead(const struct world *w)
{
	return !w->m.bound || w->m.error;
}

/* What goes on is what the other end shows, too. */
static void check_agreement(const struct world *w, const struct noxs_input *in,
			    int last)
{
	const struct noxs_view *peer = &in->peer;
	bool asked = in->busy && peer->state == NOXS_STATE_CLOSING;

	if (w->m.is_backend) {
		assert_true(!w->connected ||
			    peer->state == NOXS_STATE_CLOSING ||
			    (peer->state == NOXS_STATE_CONNECTED &&
			     peer->epoch == w->m.epoch));
		assert_true(last != NOXS_DO_CONNECT ||
			    (peer->state == NOXS_STATE_CONNECTED &&
			     peer->epoch == w->m.epoch));
		return;
	}
	assert_true(!w->connected || (peer->epoch == w->m.epoch &&
				      (peer->state == NOXS_STATE_INIT_WAIT ||
				       peer->state == NOXS_STATE_CONNECTED ||
				       asked)));
	assert_true(last != NOXS_DO_CONNECT ||
		    peer->state == NOXS_STATE_INIT_WAIT);
	if ((peer->state == NOXS_STATE_CLOSING && !w->connected) ||
	    peer->state == NOXS_STATE_CLOSED)
		assert_int_equal(w->shown, NOXS_STATE_CLOSED);
}

static void explore_look(const struct world *from, const struct noxs_input *in)
{
	struct world w = *from, again;
	struct noxs_input later = *in;
	struct noxs_plan plan;
	int last;

	last = ask(&w, in, &plan);
	if (is_dead(from)) {
		assert_int_equal(w.actions, 0);
		assert_int_equal(plan.due, 0);
		assert_true(plan.nr <= 1);
	} else {
		check_agreement(&w, in, last);
	}
	reach(&w, in->now);
	if (w.end) {
		assert_int_equal(plan.due, 0);
		reach_results(&w, last, in);
		return;
	}

	/* The same, seen again, is nothing to do, until what is due is. */
	again = w;
	if (!plan.due) {
		later.now += A_DAY;
		(void)ask(&again, &later, &plan);
		assert_int_equal(plan.nr, 0);
		assert_int_equal(plan.due, 0);
		return;
	}
	later.now = plan.due - 1;
	(void)ask(&again, &later, &plan);
	assert_int_equal(plan.nr, 0);
	assert_int_equal(plan.due, later.now + 1);
	later.now = plan.due;
	assert_int_equal(ask(&again, &later, &plan), NOXS_DO_CONNECT);
}

static void explore_looks(const struct world *from)
{
	static const u32 states[] = { 0, 1, 2, 3, 4, 5, 6, 7, ~0U };
	static const u32 epochs[] = { 0, 1, 7 };
	static const u32 seqs[] = { 0, 1, 2 };
	static const u32 errors[] = { 0, 5, ~0U };
	u64 nows[3] = { NOW, NOW + A_DAY,
			from->m.retry_at > NOW ? from->m.retry_at : NOW };
	unsigned int i, n = ARRAY_SIZE(states) * ARRAY_SIZE(epochs) *
			    ARRAY_SIZE(seqs) * ARRAY_SIZE(errors) * 3 * 2 * 2;

	for (i = 0; i < n; i++) {
		struct world w = *from;
		struct noxs_input in = { .request = NOXS_LOOK };
		unsigned int k = i;

		in.peer.state = states[k % ARRAY_SIZE(states)];
		k /= ARRAY_SIZE(states);
		in.peer.epoch = epochs[k % ARRAY_SIZE(epochs)];
		k /= ARRAY_SIZE(epochs);
		in.peer.seq = seqs[k % ARRAY_SIZE(seqs)];
		k /= ARRAY_SIZE(seqs);
		in.peer.error = errors[k % ARRAY_SIZE(errors)];
		k /= ARRAY_SIZE(errors);
		in.now = nows[k % 3];
		k /= 3;
		in.busy = k / 2;
		w.m.connects.at = in.now;
		w.m.connects.used = k % 2 ? NOXS_CONNECT_BURST *
					    NOXS_CONNECT_COST : 0;
		explore_look(&w, &in);
	}
}

/* What the driver core, the driver and the host may ask for. */
static void explore_requests(const struct world *from)
{
	static const struct {
		enum noxs_request request;
		int err;
		bool bound;	/* whether there is a driver when it comes */
		bool backend_only;
	} requests[] = {
		{ NOXS_BIND, 0, false, false },
		{ NOXS_BIND_FAILED, -ENOMEM, false, false },
		{ NOXS_UNBIND, 0, true, false },
		{ NOXS_CLOSE, 0, true, true },
		{ NOXS_CLOSE, 0, false, true },
		{ NOXS_KEEP, 0, true, true },
		{ NOXS_KEEP, 0, false, true },
		{ NOXS_REFRESH, 0, true, false },
		{ NOXS_REFRESH, 0, false, false },
		{ NOXS_FAIL, -EPROTO, true, false },
		{ NOXS_FAIL, -ENOMEM, true, false },
		{ NOXS_FAIL, -ENOMEM, false, false },
	};
	u64 nows[2] = { NOW, NOW + A_DAY };
	unsigned int i;

	for (i = 0; i < 2 * ARRAY_SIZE(requests); i++) {
		struct world w = *from;
		struct noxs_plan plan;
		struct noxs_input in = {
			.request = requests[i / 2].request,
			.err = requests[i / 2].err,
			.now = nows[i % 2],
		};

		if (requests[i / 2].bound != from->m.bound ||
		    (requests[i / 2].backend_only && !from->m.is_backend))
			continue;
		(void)ask(&w, &in, &plan);
		assert_false(w.end);
		if (in.request == NOXS_UNBIND) {
			assert_false(w.connected);
			assert_int_equal(w.shown, NOXS_STATE_CLOSED);
		}
		reach(&w, in.now);
	}
}

static int explore(void **state)
{
	struct world backend = fresh_world(true);
	struct world frontend = fresh_world(false);
	unsigned int i;

	(void)state;
	worlds = calloc(MAX_WORLDS, sizeof(*worlds));
	table = calloc(4 * MAX_WORLDS, sizeof(*table));
	if (!worlds || !table)
		return -1;
	reach(&backend, NOW);
	reach(&frontend, NOW);
	for (i = 0; i < nr_worlds; i++) {
		const struct world w = worlds[i];

		explore_requests(&w);
		explore_looks(&w);
	}
	print_message("# %u states can be reached\n", nr_worlds);
	return 0;
}

static int explored(void **state)
{
	(void)state;
	free(worlds);
	free(table);
	return 0;
}

/* The asserts of explore() are the test; this one is of explore(). */
static void test_exploration(void **state)
{
	unsigned int i, connected[2] = { }, failed[2] = { }, waiting[2] = { };

	(void)state;
	for (i = 0; i < nr_worlds; i++) {
		const struct noxs_machine *m = &worlds[i].m;

		connected[m->is_backend] += m->connected && m->announced;
		failed[m->is_backend] += m->bound && m->error;
		waiting[m->is_backend] += m->retry_at > NOW;
	}
	for (i = 0; i < 2; i++)
		assert_true(connected[i] && failed[i] && waiting[i]);
}

/*
 * Everything ends.
 */

/**
 * struct other - an honest other end
 * @view: what it shows
 * @failures: connects of ours that are to fail yet, in a way that passes
 */
struct other {
	struct noxs_view view;
	unsigned int failures;
};

/* Does it show something else now? */
static bool other_reacts(struct other *other, const struct world *w)
{
	struct noxs_view *view = &other->view;
	struct noxs_view old = *view;

	if (w->m.is_backend) {
		if (w->shown == NOXS_STATE_INIT_WAIT) {
			view->state = NOXS_STATE_CONNECTED;
			view->epoch = w->m.epoch;
		} else if (w->shown != NOXS_STATE_CONNECTED) {
			view->state = NOXS_STATE_CLOSED;
		}
	} else if (w->shown == NOXS_STATE_CONNECTED &&
		   view->epoch == w->m.epoch) {
		view->state = NOXS_STATE_CONNECTED;
	} else if (view->state != NOXS_STATE_INIT_WAIT) {
		view->state = NOXS_STATE_INIT_WAIT;
		view->epoch++;
	}
	if (view->state == old.state && view->epoch == old.epoch)
		return false;
	view->seq += 2;
	return true;
}

static u64 look_now(struct world *w, struct other *other, u64 now)
{
	struct noxs_input in = { .now = now, .peer = other->view };
	struct noxs_plan plan;
	int last;

	w->actions = 0;
	last = ask(w, &in, &plan);
	if (last == NOXS_DO_CONNECT && other->failures) {
		other->failures--;
		in.request = NOXS_FAIL;
		in.err = -ENOMEM;
		(void)ask(w, &in, &plan);
	} else if (last == NOXS_DO_CONNECT) {
		in.request = NOXS_CONNECTED;
		(void)ask(w, &in, &plan);
	} else if (last == NOXS_DO_CHECK) {
		in.request = NOXS_CHECKED;
		(void)ask(w, &in, &plan);
	}
	return plan.due;
}

/* Until nothing happens any more; returns how long it took. */
static u64 run_to_the_end(struct world *w, struct other *other)
{
	u64 now = NOW, due;
	unsigned int rounds;

	for (rounds = 0; rounds < 100; rounds++) {
		due = look_now(w, other, now);
		if (other_reacts(other, w))
			now++;
		else if (due)
			now = due;
		else
			return now - NOW;
	}
	fail_msg("no end");
	return 0;
}

static void test_each_state_ends(void **state)
{
	unsigned int i, failures;

	(void)state;
	for (i = 0; i < 4 * nr_worlds; i++) {
		struct world w = worlds[i / 4];
		struct other other = {
			.view = { .state = i & 1 ? NOXS_STATE_CONNECTED :
						   NOXS_STATE_INITIALISING,
				  .epoch = 1 },
		};

		failures = i & 2 ? 3 : 0;
		other.failures = failures;
		w.m.connects.at = NOW;
		w.m.connects.used = NOXS_CONNECT_BURST * NOXS_CONNECT_COST;
		assert_true(run_to_the_end(&w, &other) < SOON);
		if (is_dead(&w) || w.m.closing) {
			assert_false(w.connected);
			continue;
		}
		assert_true(w.connected && w.m.announced);
		assert_int_equal(w.shown, NOXS_STATE_CONNECTED);
		assert_int_equal(other.view.state, NOXS_STATE_CONNECTED);
	}
}

/* To close is to be Closed when the other end is, whatever it was doing. */
static void test_each_close_ends(void **state)
{
	unsigned int i;

	(void)state;
	for (i = 0; i < nr_worlds; i++) {
		struct world w = worlds[i];
		struct other other = {
			.view = { .state = NOXS_STATE_CLOSED, .epoch = 1 },
		};
		struct noxs_input in = { .request = NOXS_CLOSE, .now = NOW };
		struct noxs_plan plan;

		if (!w.m.is_backend)
			continue;
		(void)ask(&w, &in, &plan);
		(void)look_now(&w, &other, NOW);
		assert_false(w.connected);
		if (w.m.bound)
			assert_int_equal(w.shown, NOXS_STATE_CLOSED);
	}
}

/* A frontend that is in use is only asked, and goes on until it isn't. */
static void test_use_goes_on(void **state)
{
	unsigned int i, asked = 0;

	(void)state;
	for (i = 0; i < nr_worlds; i++) {
		struct noxs_input in = {
			.now = NOW,
			.busy = true,
			.peer = { .state = NOXS_STATE_CLOSING, .epoch = 1 },
		};
		struct world w = worlds[i];
		struct noxs_plan plan;

		if (w.m.is_backend || !w.connected)
			continue;
		asked++;
		(void)ask(&w, &in, &plan);
		assert_true(w.connected);
		assert_int_equal(w.shown, NOXS_STATE_CONNECTED);
		in.peer.state = NOXS_STATE_CONNECTED;
		(void)ask(&w, &in, &plan);
		assert_true(w.connected);
		/* A backend that just goes, or nobody has it open. */
		in.peer.state = NOXS_STATE_CLOSING;
		in.peer.epoch = 2 - i % 2;
		in.busy = in.peer.epoch == 2;
		(void)ask(&w, &in, &plan);
		assert_false(w.connected);
		assert_int_equal(w.shown, NOXS_STATE_CLOSED);
	}
	assert_true(asked > 1);
}

/* A backend that was asked for in vain is as it was. */
static void test_kept(void **state)
{
	unsigned int i, kept = 0;

	(void)state;
	for (i = 0; i < nr_worlds; i++) {
		struct noxs_input in = { .request = NOXS_CLOSE, .now = NOW };
		struct world w = worlds[i];
		struct noxs_plan plan;

		if (!w.m.is_backend || !w.connected || w.m.closing)
			continue;
		kept++;
		(void)ask(&w, &in, &plan);
		assert_int_equal(w.shown, NOXS_STATE_CLOSING);
		in.request = NOXS_KEEP;
		(void)ask(&w, &in, &plan);
		assert_true(w.connected && !w.m.closing);
		assert_int_equal(w.shown, NOXS_STATE_CONNECTED);
		assert_int_equal(w.m.epoch, worlds[i].m.epoch);
		/* Whose driver goes doesn't ask. */
		in.request = NOXS_UNBIND;
		(void)ask(&w, &in, &plan);
		assert_int_not_equal(w.m.epoch, worlds[i].m.epoch);
	}
	assert_true(kept);
}

/*
 * How often.
 */

static struct world bound_world(bool is_backend)
{
	struct noxs_input in = { .request = NOXS_BIND, .now = NOW };
	struct world w = fresh_world(is_backend);
	struct noxs_plan plan;

	(void)ask(&w, &in, &plan);
	return w;
}

/*
 * Another end that connects again at once whenever it can; PAUSE ms of quiet after
 * each 8 connections, in which a back-off could be forgotten.
 */
static unsigned int connects_of_a_flipper(bool is_backend, u64 pause)
{
	struct world w = bound_world(is_backend);
	struct other other = { };
	u64 now = NOW, end = NOW + 1000000;
	unsigned int last = 0;

	while (now < end) {
		other.view.state = is_backend ? NOXS_STATE_CONNECTED :
						NOXS_STATE_INIT_WAIT;
		other.view.epoch = is_backend ? w.m.epoch : other.view.epoch + 1;
		other.view.seq += 2;
		(void)look_now(&w, &other, now++);
		other.view.state = NOXS_STATE_INITIALISING;
		(void)look_now(&w, &other, now++);
		if (w.connects - last >= NOXS_CONNECT_BURST) {
			last = w.connects;
			now += pause;
		}
	}
	return w.connects;
}

static void test_connections_are_few(void **state)
{
	static const u64 pauses[] = { 0, 500, 1001, 1100, 4000 };
	unsigned int i, n;

	(void)state;
	for (i = 0; i < 2 * ARRAY_SIZE(pauses); i++) {
		n = connects_of_a_flipper(i & 1, pauses[i / 2]);
		print_message("# %u connections in 1000 s\n", n);
		assert_in_range(n, NOXS_CONNECT_BURST,
				1000 + NOXS_CONNECT_BURST + 1);
	}
}

static unsigned int count_prompt(struct noxs_machine *m, u64 from, u64 step,
				 unsigned int n)
{
	unsigned int i, prompt = 0;

	for (i = 0; i < n; i++)
		prompt += !noxs_machine_event(m, from + i * step);
	return prompt;
}

static void test_events_are_few(void **state)
{
	u64 now = NOW;
	unsigned int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		struct world w = i ? bound_world(true) : fresh_world(false);

		assert_int_equal(count_prompt(&w.m, now, 1, 1000000),
				 NOXS_EVENT_BURST);
		now += 1000000;
		/* Once a second is too often for who did that. */
		assert_int_equal(count_prompt(&w.m, now, 1000, 1000), 0);
		now += 1000000;
		/* It is forgotten in the end. */
		now += 2 * NOXS_EVENT_BURST * NOXS_EVENT_COST;
		assert_int_equal(count_prompt(&w.m, now, 1, 1000),
				 NOXS_EVENT_BURST);
		/* And an honest end's few changes are never held up. */
		now += A_DAY;
		assert_int_equal(count_prompt(&w.m, now, 1000, 1000), 1000);
		now += A_DAY;
	}
}

/*
 * Failures.
 */

static void test_retries_are_put_off(void **state)
{
	static const u64 delays[] = { 10, 20, 40, 80, 160, 320, 640, 1280, 2560,
				      5120, 10000, 10000, 10000 };
	unsigned int i, end;

	(void)state;
	for (end = 0; end < 2; end++) {
		struct world w = bound_world(end);
		struct other other = {
			.view = { .state = end ? NOXS_STATE_CONNECTED :
						 NOXS_STATE_INIT_WAIT,
				  .epoch = w.m.epoch + !end },
			.failures = ARRAY_SIZE(delays) + 1,
		};
		u64 now = NOW + A_DAY, due;

		for (i = 0; i < ARRAY_SIZE(delays); i++) {
			w.m.connects.used = 0;
			due = look_now(&w, &other, now);
			assert_int_equal(due - now, delays[i]);
			assert_int_equal(w.m.error, 0);
			/* What the other end does in between changes nothing. */
			other.view.seq += 2;
			assert_int_equal(look_now(&w, &other, due - 1), due);
			now = due;
		}
		assert_int_equal(w.connects, ARRAY_SIZE(delays));
		/* After a long time without one, it is as new. */
		now += A_DAY;
		due = look_now(&w, &other, now);
		assert_int_equal(due - now, 10);
		assert_int_equal(look_now(&w, &other, due), 0);
		assert_true(w.connected);
	}
}

static void test_peers_fault_is_final(void **state)
{
	struct noxs_input in = { .request = NOXS_FAIL, .now = NOW };
	unsigned int err, passing = 0;
	struct noxs_plan plan;

	(void)state;
	for (err = 1; err <= NOXS_MAX_ERRNO; err++) {
		struct world w = bound_world(true);

		in.err = -(int)err;
		(void)ask(&w, &in, &plan);
		if (noxs_error_passes(in.err)) {
			passing++;
			assert_int_equal(w.m.error, 0);
			assert_int_equal(w.shown, NOXS_STATE_INIT_WAIT);
			continue;
		}
		assert_int_equal(w.m.error, err);
		assert_int_equal(w.shown, NOXS_STATE_CLOSED);
	}
	assert_int_equal(passing, 4);
	assert_true(noxs_error_passes(-ENOMEM) && noxs_error_passes(-ENOSPC));
	assert_true(noxs_error_passes(-EAGAIN) && noxs_error_passes(-ENOBUFS));
	/* What another end's half or its grants lead to. */
	assert_false(noxs_error_passes(-EINVAL));
	assert_false(noxs_error_passes(-EPROTO));
	assert_false(noxs_error_passes(-ENOENT));
	assert_false(noxs_error_passes(-EPROTONOSUPPORT));
}

/* A state that isn't one is an error once, and only the next driver's again. */
static void test_invalid_state_stays(void **state)
{
	unsigned int end, i;

	(void)state;
	for (end = 0; end < 2; end++) {
		struct world w = bound_world(end);
		struct other other = { .view.state = 3 };
		struct noxs_input in = { .now = NOW };
		struct noxs_plan plan;

		(void)look_now(&w, &other, NOW);
		assert_int_equal(w.m.error, EPROTO);
		assert_int_equal(w.shown, NOXS_STATE_CLOSED);
		for (i = 0; i < 1000; i++) {
			assert_int_equal(look_now(&w, &other, NOW + i), 0);
			assert_int_equal(w.actions, 0);
			other.view.state = i;
		}
		in.request = NOXS_UNBIND;
		(void)ask(&w, &in, &plan);
		in.request = NOXS_BIND;
		(void)ask(&w, &in, &plan);
		assert_int_equal(w.m.error, 0);
		(void)look_now(&w, &other, NOW + A_DAY);
		assert_int_equal(w.m.error, EPROTO);
	}
}

/* No epoch is 0, however often a frontend comes back. */
static void test_epochs_wrap(void **state)
{
	struct noxs_input in = { .request = NOXS_BIND, .now = NOW };
	struct world w = fresh_world(true);
	struct noxs_plan plan;

	(void)state;
	w.m.epoch = ~0U;
	(void)ask(&w, &in, &plan);
	assert_int_equal(w.m.epoch, 1);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(test_exploration),
	cmocka_unit_test(test_each_state_ends),
	cmocka_unit_test(test_each_close_ends),
	cmocka_unit_test(test_use_goes_on),
	cmocka_unit_test(test_kept),
	cmocka_unit_test(test_connections_are_few),
	cmocka_unit_test(test_events_are_few),
	cmocka_unit_test(test_retries_are_put_off),
	cmocka_unit_test(test_peers_fault_is_final),
	cmocka_unit_test(test_invalid_state_stays),
	cmocka_unit_test(test_epochs_wrap),
};

int main(void)
{
	return cmocka_run_group_tests_name("machine", tests, explore, explored);
}
