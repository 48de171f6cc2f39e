// SPDX-License-Identifier: GPL-2.0
/*
 * noxs_hostile_backend: a backend that misbehaves, to see what a guest makes of
 * it. For tests only.
 *
 * Vif N of the domain "victim" gets what is number N of the parameter "attacks",
 * and vbd N what is number N of "disk_attacks"; those called "none" are left to an
 * honest driver. It publishes a half of a control page that is right but for one
 * thing, or lets the frontend connect and then breaks the rules. A thread for each
 * device reports what the frontend does, and leaves all as it is until the device
 * goes.
 *
 * To load before the honest drivers, which the driver core asks later then. The
 * core works on a decoy of the control page, so that it mends nothing.
 */
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <xen/events.h>

#include "backend.h"

#define STORM_EVENTS		100000
#define FLIPS			50000

static unsigned int victim;
module_param(victim, uint, 0644);
MODULE_PARM_DESC(victim, "The domain whose devices it takes");

static char *attacks[128];
static unsigned int nr_attacks;
module_param_array(attacks, charp, &nr_attacks, 0444);
MODULE_PARM_DESC(attacks, "What to do with each vif, by its number");

static char *disk_attacks[128];
static unsigned int nr_disk_attacks;
module_param_array(disk_attacks, charp, &nr_disk_attacks, 0444);
MODULE_PARM_DESC(disk_attacks, "What to do with each vbd, by its number");

/* Wrong halves. */

static void bad_version(struct evil *e)
{
	e->half.hdr.version = NOXS_ABI_VERSION + 1;
}

static void bad_type(struct evil *e)
{
	e->half.hdr.type = e->ndev->type == NOXS_TYPE_VIF ? NOXS_TYPE_VBD :
							    NOXS_TYPE_VIF;
}

static void bad_state(struct evil *e)
{
	e->half.hdr.state = NOXS_STATE_INITIALISED;
}

static void bad_state_large(struct evil *e)
{
	e->half.hdr.state = ~0U;
}

static void bad_reserved(struct evil *e)
{
	e->half.hdr.pad = 1;
}

static void bad_error(struct evil *e)
{
	e->half.hdr.error = ~0U;
}

static void bad_tail(struct evil *e)
{
	e->half.payload[NOXS_PAYLOAD_SIZE - 1] = 1;
}

/* Lengths that lead out of the half, or into the middle of something. */

static void head_short(struct evil *e)
{
	e->half.hdr.size = 8;
}

static void head_odd(struct evil *e)
{
	e->half.hdr.size++;
}

static void head_huge(struct evil *e)
{
	e->half.hdr.size = 0xfff8;
}

static void payload_none(struct evil *e)
{
	e->half.hdr.payload_size = 0;
}

static void payload_odd(struct evil *e)
{
	e->half.hdr.payload_size++;
}

static void payload_huge(struct evil *e)
{
	e->half.hdr.payload_size = 0xfff8;
}

static void epoch_none(struct evil *e)
{
	e->half.hdr.epoch = 0;
}

/* These two are no error: nothing to be read yet, and bits to be ignored. */
static void odd_seq(struct evil *e)
{
	e->half.hdr.seq |= 1;
}

static void features_unknown(struct evil *e)
{
	e->half.hdr.features = ~0U;
}

/* Later: what was right when the frontend connected. */

static void later_state(struct evil *e)
{
	evil_publish(e, NOXS_STATE_INITIALISED);
}

static void later_version(struct evil *e)
{
	e->half.hdr.version = 0;
	evil_publish(e, NOXS_STATE_CONNECTED);
}

static void later_tail(struct evil *e)
{
	bad_tail(e);
	evil_publish(e, NOXS_STATE_CONNECTED);
}

static void later_odd(struct evil *e)
{
	WRITE_ONCE(e->page->backend.hdr.seq, e->half.hdr.seq | 1);
	evil_notify(e);
}

static void later_closed(struct evil *e)
{
	evil_publish(e, NOXS_STATE_CLOSING);
}

/* What the backend writes into the frontend's half is read by nobody. */
static void frontend_half(struct evil *e)
{
	memset(&e->page->frontend, 0xff, NOXS_HALF_SIZE);
	evil_notify(e);
}

static void event_storm(struct evil *e)
{
	unsigned int i;

	for (i = 0; i < STORM_EVENTS && !evil_ends(e); i++) {
		if (e->ch[i & 1].port)
			notify_remote_via_irq(e->ch[i & 1].irq);
		evil_notify(e);
		if (!(i % 1000))
			cond_resched();
	}
}

/* All of them are allowed, at any time. */
static void state_flips(struct evil *e)
{
	static const u32 states[] = {
		NOXS_STATE_CLOSED, NOXS_STATE_INITIALISING,
		NOXS_STATE_INIT_WAIT, NOXS_STATE_CONNECTED,
	};
	unsigned int i;

	for (i = 0; i < FLIPS && !evil_ends(e); i++) {
		if (!(i % ARRAY_SIZE(states)))
			WRITE_ONCE(e->page->backend.hdr.epoch, 1 + i);
		WRITE_ONCE(e->page->backend.hdr.state,
			   states[i % ARRAY_SIZE(states)]);
		evil_notify(e);
		if (!(i % 1000))
			cond_resched();
	}
}

/* A payload that changes all the time, as far as its header goes. */
static void seq_flips(struct evil *e)
{
	unsigned int i;

	for (i = 0; i < FLIPS && !evil_ends(e); i++) {
		WRITE_ONCE(e->page->backend.hdr.seq, e->half.hdr.seq += 2);
		evil_notify(e);
		if (!(i % 1000))
			cond_resched();
	}
}

static const struct evil_attack evil_attacks[] = {
	HALF(bad_version), HALF(bad_type), HALF(bad_state),
	HALF(bad_state_large), HALF(bad_reserved), HALF(bad_error),
	HALF(bad_tail), HALF(head_short), HALF(head_odd), HALF(head_huge),
	HALF(payload_none), HALF(payload_odd), HALF(payload_huge),
	HALF(epoch_none), HALF(odd_seq),
	HALF(features_unknown),
	RINGS(later_state), RINGS(later_version), RINGS(later_tail),
	RINGS(later_odd), RINGS(later_closed), RINGS(frontend_half),
	RINGS(event_storm), RINGS(state_flips), RINGS(seq_flips),
	{ }
};

static const struct evil_attack *find_in(const struct evil_attack *what,
					 const char *name)
{
	for (; what->name; what++)
		if (!strcmp(name, what->name))
			return what;
	return NULL;
}

static bool is_vif(const struct noxs_device *ndev)
{
	return ndev->type == NOXS_TYPE_VIF;
}

static const struct evil_attack *find_attack(const struct noxs_device *ndev)
{
	const char *name;

	if (ndev->otherend != READ_ONCE(victim) ||
	    ndev->id >= (is_vif(ndev) ? nr_attacks : nr_disk_attacks))
		return NULL;
	name = is_vif(ndev) ? attacks[ndev->id] : disk_attacks[ndev->id];
	return find_in(evil_attacks, name) ?:
	       find_in(is_vif(ndev) ? evil_vif_attacks : evil_vbd_attacks,
		       name);
}

/**
 * evil_ends() - whether it is time to let go
 * @e: the connection
 *
 * Return: true if it is
 */
bool evil_ends(struct evil *e)
{
	return kthread_should_stop();
}

/**
 * evil_notify() - tell the frontend to look at the control page
 * @e: the connection
 */
void evil_notify(struct evil *e)
{
	notify_remote_via_irq(e->ndev->link->ch.irq);
}

/**
 * evil_publish() - publish the half as it is
 * @e: the connection
 * @state: NOXS_STATE_* of it
 */
void evil_publish(struct evil *e, u32 state)
{
	struct noxs_half *shared = &e->page->backend;

	e->half.hdr.seq += 2;
	memcpy(shared->payload, e->half.payload, sizeof(shared->payload));
	shared->hdr.version = e->half.hdr.version;
	shared->hdr.type = e->half.hdr.type;
	shared->hdr.features = e->half.hdr.features;
	shared->hdr.epoch = e->half.hdr.epoch;
	shared->hdr.error = e->half.hdr.error;
	shared->hdr.size = e->half.hdr.size;
	shared->hdr.payload_size = e->half.hdr.payload_size;
	shared->hdr.minor = e->half.hdr.minor;
	shared->hdr.pad = e->half.hdr.pad;
	virt_wmb();	/* pairs with the first virt_rmb in noxs_seq_copy() */
	WRITE_ONCE(shared->hdr.seq, e->half.hdr.seq);
	/* pairs with virt_load_acquire in noxs_half_state() */
	virt_store_release(&shared->hdr.state, state);
	evil_notify(e);
}

/**
 * evil_frontend_state() - what the frontend makes of it so far
 * @e: the connection
 *
 * Return: NOXS_STATE_*
 */
u32 evil_frontend_state(struct evil *e)
{
	/* pairs with virt_store_release in noxs_half_set_state() */
	return virt_load_acquire(&e->page->frontend.hdr.state);
}

/**
 * evil_release() - give back the frontend's rings and ports
 * @e: the connection
 */
void evil_release(struct evil *e)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(e->ch); i++)
		noxs_channel_free(&e->ch[i], e);
	for (i = 0; i < ARRAY_SIZE(e->ring); i++)
		noxs_unmap_page(&e->ring[i]);
	e->nr_queues = 0;
}

/**
 * evil_wait_until() - wait until the frontend has, or has no longer, a state
 * @e: the connection
 * @state: NOXS_STATE_*
 * @has: which of the two
 *
 * Any offer that can be read is answered, if by nothing else than a closed device.
 */
void evil_wait_until(struct evil *e, u32 state, bool has)
{
	bool readable = !(READ_ONCE(e->page->backend.hdr.seq) & 1);
	unsigned long end = jiffies +
			    (readable ? ANSWER_TIMEOUT : REACTION_TIMEOUT);

	while ((evil_frontend_state(e) == state) != has && !evil_ends(e) &&
	       time_before(jiffies, end)) {
		/* What refuses the offer never connects. */
		if (has && evil_frontend_state(e) == NOXS_STATE_CLOSED)
			break;
		msleep(EVIL_LOOK_MS);
	}
}

/* Waits until the frontend has had enough, if it ever has. */
static void wait_for_reaction(struct evil *e)
{
	unsigned long end = jiffies + REACTION_TIMEOUT;

	while (evil_frontend_state(e) == NOXS_STATE_CONNECTED &&
	       !evil_ends(e) && time_before(jiffies, end)) {
		if (is_vif(e->ndev))
			msleep(EVIL_LOOK_MS);
		else
			evil_vbd_serve(e);
	}
}

static int evil_connect(struct evil *e)
{
	e->peer = e->page->frontend;
	return is_vif(e->ndev) ? evil_vif_connect(e) : evil_vbd_connect(e);
}

/**
 * evil_come_back() - be another backend than before
 * @e: a connection whose rings are given back, or kept
 * @end: how long to wait for the frontend, in jiffies
 *
 * Return: whether it has connected, and its rings are taken
 */
bool evil_come_back(struct evil *e, unsigned long end)
{
	int err;

	e->half.hdr.epoch++;
	evil_publish(e, NOXS_STATE_INIT_WAIT);
	while (evil_frontend_state(e) != NOXS_STATE_CONNECTED ||
	       READ_ONCE(e->page->frontend.hdr.epoch) != e->half.hdr.epoch) {
		if (evil_frontend_state(e) == NOXS_STATE_CLOSED ||
		    evil_ends(e) || time_after(jiffies, end))
			return false;
		msleep(EVIL_LOOK_MS);
	}
	err = evil_connect(e);
	if (err)
		snprintf(e->report, sizeof(e->report), "; error %d", err);
	evil_publish(e, NOXS_STATE_CONNECTED);
	return !err;
}

static void evil_attack(struct evil *e)
{
	u32 state = e->half.hdr.state;
	int err;

	if (e->what->half) {
		e->what->half(e);
		state = e->half.hdr.state;
	}
	evil_publish(e, state);
	/* Who waits for the driver of a device waits longer than for an answer. */
	while (evil_frontend_state(e) == NOXS_STATE_UNKNOWN && !evil_ends(e))
		msleep(EVIL_LOOK_MS);
	evil_wait_until(e, NOXS_STATE_CONNECTED, true);
	if (evil_frontend_state(e) == NOXS_STATE_CONNECTED) {
		err = evil_connect(e);
		if (err)
			snprintf(e->report, sizeof(e->report), "; error %d",
				 err);
		evil_publish(e, NOXS_STATE_CONNECTED);
		if (!err && e->what->rings)
			e->what->rings(e);
		if (!*e->report)
			wait_for_reaction(e);
	}
	pr_warn("%s of %s: frontend's state is %u%s\n", e->what->name,
		dev_name(&e->ndev->dev), evil_frontend_state(e), e->report);
}

static int evil_thread(void *arg)
{
	struct evil *e = arg;

	evil_attack(e);
	while (!evil_ends(e)) {
		if (e->nr_queues &&
		    evil_frontend_state(e) == NOXS_STATE_CONNECTED)
			evil_vbd_serve(e);
		else
			schedule_timeout_interruptible(HZ);
	}
	return 0;
}

static void evil_prepare(struct evil *e)
{
	e->half.hdr.version = NOXS_ABI_VERSION;
	e->half.hdr.type = e->ndev->type;
	e->half.hdr.size = NOXS_HALF_HEADER_SIZE;
	e->half.hdr.state = NOXS_STATE_INIT_WAIT;
	e->half.hdr.epoch = 1;
	if (is_vif(e->ndev))
		evil_vif_prepare(e);
	else
		evil_vbd_prepare(e);
}

static int evil_probe(struct noxs_device *ndev)
{
	const struct evil_attack *what = find_attack(ndev);
	struct task_struct *thread;
	struct evil *e;

	if (!what)
		return -ENODEV;
	e = kvzalloc(sizeof(*e), GFP_KERNEL);
	if (!e)
		return -ENOMEM;
	e->decoy = (void *)get_zeroed_page(GFP_KERNEL);
	if (!e->decoy)
		goto err_free;
	init_waitqueue_head(&e->wait);
	e->ndev = ndev;
	e->what = what;
	e->page = ndev->link->page;
	evil_prepare(e);
	thread = kthread_run(evil_thread, e, "%s", dev_name(&ndev->dev));
	if (IS_ERR(thread))
		goto err_free_decoy;
	e->thread = thread;
	ndev->link->page = e->decoy;
	dev_set_drvdata(&ndev->dev, e);
	return 0;

err_free_decoy:
	free_page((unsigned long)e->decoy);
err_free:
	kvfree(e);
	return -ENOMEM;
}

static void evil_remove(struct noxs_device *ndev)
{
	struct evil *e = dev_get_drvdata(&ndev->dev);

	kthread_stop(e->thread);
	evil_release(e);
	while (e->nr_kept--)
		noxs_unmap_page(&e->kept[e->nr_kept]);
	ndev->link->page = e->page;
	free_page((unsigned long)e->decoy);
	kfree(e->request);
	kvfree(e);
}

static void evil_offer(struct noxs_device *ndev, struct noxs_half *own)
{
}

/* The decoy shows no frontend, so that these are never called. */
static int evil_connect_op(struct noxs_device *ndev,
			   const struct noxs_half *peer, struct noxs_half *own)
{
	return -ECANCELED;
}

static void evil_disconnect_op(struct noxs_device *ndev)
{
}

static const struct noxs_device_id evil_ids[] = {
	{ NOXS_TYPE_VIF },
	{ NOXS_TYPE_VBD },
	{ NOXS_TYPE_NONE }
};

static struct noxs_driver evil_driver = {
	.driver.name = "noxs_hostile_backend",
	.ids = evil_ids,
	.features = NOXS_VIF_F_ALL | NOXS_VBD_F_ALL,
	.probe = evil_probe,
	.remove = evil_remove,
	.offer = evil_offer,
	.connect = evil_connect_op,
	.disconnect = evil_disconnect_op,
};

static int __init evil_init(void)
{
	return noxs_register_backend(&evil_driver);
}
module_init(evil_init);

static void __exit evil_exit(void)
{
	noxs_unregister_driver(&evil_driver);
}
module_exit(evil_exit);

MODULE_DESCRIPTION("A noxs backend that misbehaves, for tests");
MODULE_LICENSE("GPL");
