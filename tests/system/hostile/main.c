// SPDX-License-Identifier: GPL-2.0
/*
 * noxs_hostile: a frontend that misbehaves, to see what its backend makes of it.
 * For tests only.
 *
 * Device N does what is number N of the parameter "attacks": it publishes a half
 * of a control page that is right but for one thing, or connects and then breaks
 * the rules of the rings. A thread for each device waits for the backend to
 * react, and reports what that did. All is left as it is then, rings and page and
 * event channels, until the device goes or "let_go" is set; but for some, which go
 * on at full speed for as many seconds as are written to "rage". Nobody need be heard
 * in this guest for that to end: all let go then.
 *
 * The core works on a decoy of the control page meanwhile, so that it mends
 * nothing.
 */
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <xen/events.h>

#include "hostile.h"

#define REACTION_TIMEOUT	(10 * HZ)
#define STORM_EVENTS		200000
#define FLIPS			200000
#define SAID_AGAIN		2000	/* ms */

static char *attacks[128];
static unsigned int nr_attacks;
module_param_array(attacks, charp, &nr_attacks, 0444);
MODULE_PARM_DESC(attacks, "What to do with each device, by its number");

static bool let_go;
module_param(let_go, bool, 0644);
MODULE_PARM_DESC(let_go, "Close all devices");

static atomic_t nr_let_go;
static unsigned long said;

/* In jiffies; 0 while nothing does. */
static unsigned long rage_end;

static int rage_set(const char *val, const struct kernel_param *kp)
{
	unsigned int seconds;
	int err = kstrtouint(val, 0, &seconds);

	if (err)
		return err;
	WRITE_ONCE(rage_end, (jiffies + seconds * HZ) | 1);
	return 0;
}

static const struct kernel_param_ops rage_ops = { .set = rage_set };
module_param_cb(rage, &rage_ops, NULL, 0200);
MODULE_PARM_DESC(rage, "For how long to do what goes on at full speed, in seconds");

/* Wrong halves. */

static void bad_version(struct hostile *h)
{
	h->half.hdr.version = NOXS_ABI_VERSION + 1;
}

static void bad_type(struct hostile *h)
{
	h->half.hdr.type = h->ndev->type == NOXS_TYPE_VIF ? NOXS_TYPE_VBD :
							    NOXS_TYPE_VIF;
}

static void bad_state(struct hostile *h)
{
	h->half.hdr.state = NOXS_STATE_INITIALISED;
}

static void bad_state_large(struct hostile *h)
{
	h->half.hdr.state = ~0U;
}

static void bad_epoch(struct hostile *h)
{
	h->half.hdr.epoch++;
}

static void bad_reserved(struct hostile *h)
{
	h->half.hdr.pad = 1;
}

/* Lengths that are none, that don't fit, or that are less than there must be. */

static void size_none(struct hostile *h)
{
	h->half.hdr.size = 0;
}

static void size_odd(struct hostile *h)
{
	h->half.hdr.size += 4;
}

static void size_huge(struct hostile *h)
{
	h->half.hdr.size = 0xfff8;
}

static void payload_short(struct hostile *h)
{
	h->half.hdr.payload_size = 0;
}

static void payload_huge(struct hostile *h)
{
	h->half.hdr.payload_size = 0xfff8;
}

static void bad_error(struct hostile *h)
{
	h->half.hdr.error = ~0U;
}

static void odd_seq(struct hostile *h)
{
	h->half.hdr.seq |= 1;
}

static void features_unknown(struct hostile *h)
{
	h->half.hdr.features |= BIT(31);
}

static void bad_tail(struct hostile *h)
{
	h->half.payload[NOXS_PAYLOAD_SIZE - 1] = 1;
}

static void publish(struct hostile *h)
{
	struct noxs_half *shared = &h->page->frontend;

	memcpy(shared->payload, h->half.payload, sizeof(shared->payload));
	shared->hdr.version = h->half.hdr.version;
	shared->hdr.type = h->half.hdr.type;
	shared->hdr.features = h->half.hdr.features;
	shared->hdr.epoch = h->half.hdr.epoch;
	shared->hdr.seq = h->half.hdr.seq;
	shared->hdr.error = h->half.hdr.error;
	shared->hdr.size = h->half.hdr.size;
	shared->hdr.payload_size = h->half.hdr.payload_size;
	shared->hdr.minor = h->half.hdr.minor;
	shared->hdr.pad = h->half.hdr.pad;
	/* pairs with virt_load_acquire in noxs_half_state() */
	virt_store_release(&shared->hdr.state, h->half.hdr.state);
	hostile_notify(h);
}

/* Wrong events and states. */

static void event_storm(struct hostile *h)
{
	unsigned int i;

	for (i = 0; i < STORM_EVENTS && !hostile_ends(h); i++) {
		notify_remote_via_irq(h->ch[i & 1].irq);
		hostile_notify(h);
		if (!(i % 1000))
			cond_resched();
	}
}

static void state_flips(struct hostile *h)
{
	struct noxs_half *shared = &h->page->frontend;
	unsigned int i;

	for (i = 0; i < FLIPS && !hostile_ends(h); i++) {
		WRITE_ONCE(shared->hdr.state, i & 1 ? NOXS_STATE_CONNECTED :
						      NOXS_STATE_CLOSED);
		WRITE_ONCE(shared->hdr.epoch, i / 2);
		hostile_notify(h);
		if (!(i % 1000))
			cond_resched();
	}
}

/* What the guest writes into the backend's half is read by nobody. */
static void backend_half(struct hostile *h)
{
	memset(&h->page->backend, 0xff, NOXS_HALF_SIZE);
	hostile_notify(h);
}

/* At full speed. */

static void storm(struct hostile *h)
{
	event_storm(h);
}

static void flips(struct hostile *h)
{
	state_flips(h);
}

/* Right and wrong in turn, so that each look may find something new. */
static void bad_states(struct hostile *h)
{
	unsigned int i;

	for (i = 0; i < FLIPS && !hostile_ends(h); i++) {
		WRITE_ONCE(h->page->frontend.hdr.state, i % 8);
		hostile_notify(h);
		if (!(i % 1000))
			cond_resched();
	}
}

/* Connects as it should, and goes at once. */
static void reconnects(struct hostile *h)
{
	WRITE_ONCE(h->page->frontend.hdr.state, NOXS_STATE_CLOSED);
	hostile_notify(h);
	hostile_wait_while(h, NOXS_STATE_CONNECTED, HZ);
	h->half.hdr.epoch = h->page->backend.hdr.epoch;
	h->half.hdr.seq += 2;
	if (h->ndev->type == NOXS_TYPE_VIF)
		hostile_vif_prepare(h);
	else
		hostile_vbd_prepare(h);
	publish(h);
	hostile_wait_while(h, NOXS_STATE_INIT_WAIT, 2 * HZ);
}

static const struct hostile_attack hostile_attacks[] = {
	HALF(bad_version), HALF(bad_type), HALF(bad_state),
	HALF(bad_state_large), HALF(bad_epoch), HALF(bad_reserved),
	HALF(size_none), HALF(size_odd), HALF(size_huge), HALF(payload_short),
	HALF(payload_huge), HALF(bad_error), HALF(odd_seq),
	HALF(features_unknown), HALF(bad_tail),
	RINGS(event_storm), RINGS(state_flips), RINGS(backend_half),
	GOES_ON(storm), GOES_ON(flips), GOES_ON(bad_states), GOES_ON(reconnects),
	{
		.name = "closed_storm",
		.half = bad_version,
		.goes_on = storm,
	},
	{
		.name = "closed_flips",
		.half = bad_version,
		.goes_on = flips,
	},
	{ }
};

static const struct hostile_attack *
find_in(const struct hostile_attack *what, const char *name)
{
	for (; what->name; what++)
		if (!strcmp(name, what->name))
			return what;
	return NULL;
}

static const struct hostile_attack *find_attack(u16 type, u32 id)
{
	if (id >= nr_attacks)
		return NULL;
	return find_in(hostile_attacks, attacks[id]) ?:
	       find_in(type == NOXS_TYPE_VIF ? hostile_vif_attacks :
					       hostile_vbd_attacks,
		       attacks[id]);
}

static irqreturn_t hostile_event(int irq, void *arg)
{
	xen_irq_lateeoi(irq, 0);
	return IRQ_HANDLED;
}

/**
 * hostile_backend_state() - what the backend makes of it so far
 * @h: the connection
 *
 * Return: NOXS_STATE_*
 */
u32 hostile_backend_state(struct hostile *h)
{
	/* pairs with virt_store_release in noxs_half_set_state() */
	return virt_load_acquire(&h->page->backend.hdr.state);
}

/**
 * hostile_notify() - tell the backend to look at the control page
 * @h: the connection
 */
void hostile_notify(struct hostile *h)
{
	notify_remote_via_irq(h->ndev->link->ch.irq);
}

/**
 * hostile_ends() - whether it is time to let go
 * @h: the connection
 *
 * Return: true if it is
 */
bool hostile_ends(struct hostile *h)
{
	unsigned long end = READ_ONCE(rage_end);

	return READ_ONCE(let_go) || (end && time_after(jiffies, end)) ||
	       kthread_should_stop();
}

/**
 * hostile_wait_while() - wait until the backend leaves a state
 * @h: the connection
 * @state: NOXS_STATE_*
 * @timeout: jiffies, after which it is not waited for any longer
 */
void hostile_wait_while(struct hostile *h, u32 state, unsigned long timeout)
{
	unsigned long end = jiffies + timeout;

	while (hostile_backend_state(h) == state && !hostile_ends(h) &&
	       time_before(jiffies, end))
		usleep_range(5000, 10000);
}

static int hostile_prepare(struct hostile *h)
{
	const struct noxs_half *peer = &h->page->backend;
	int err;

	err = noxs_grant_page(h->ndev, &h->ring[0]) ?:
	      noxs_grant_page(h->ndev, &h->ring[1]) ?:
	      noxs_grant_page(h->ndev, &h->data) ?:
	      noxs_grant_page(h->ndev, &h->list) ?:
	      noxs_channel_alloc(h->ndev, &h->ch[0], hostile_event,
				 "hostile-0", h) ?:
	      noxs_channel_alloc(h->ndev, &h->ch[1], hostile_event,
				 "hostile-1", h);
	if (err)
		return err;

	h->half.hdr.version = NOXS_ABI_VERSION;
	h->half.hdr.type = h->ndev->type;
	h->half.hdr.size = NOXS_HALF_HEADER_SIZE;
	h->half.hdr.state = NOXS_STATE_CONNECTED;
	h->half.hdr.features = peer->hdr.features;
	h->half.hdr.epoch = peer->hdr.epoch;
	h->half.hdr.seq = (h->page->frontend.hdr.seq & ~1U) + 2;
	if (h->ndev->type == NOXS_TYPE_VIF)
		hostile_vif_prepare(h);
	else
		hostile_vbd_prepare(h);
	return 0;
}

static void hostile_release(struct hostile *h)
{
	noxs_channel_free(&h->ch[1], h);
	noxs_channel_free(&h->ch[0], h);
	noxs_grant_end(h->ndev, &h->list);
	noxs_grant_end(h->ndev, &h->data);
	noxs_grant_end(h->ndev, &h->ring[1]);
	noxs_grant_end(h->ndev, &h->ring[0]);
}

static void hostile_attack(struct hostile *h)
{
	if (h->what->half)
		h->what->half(h);
	publish(h);
	hostile_wait_while(h, NOXS_STATE_INIT_WAIT, REACTION_TIMEOUT);
	if (hostile_backend_state(h) == NOXS_STATE_CONNECTED) {
		if (h->what->rings)
			h->what->rings(h);
		/* Who was answered has nothing more to wait for. */
		if (!*h->report && !h->what->goes_on)
			hostile_wait_while(h, NOXS_STATE_CONNECTED,
					   REACTION_TIMEOUT);
	}
	/* On the console, where the host reads it. */
	pr_warn("%s of %s: backend's state is %u%s\n", h->what->name,
		dev_name(&h->ndev->dev), hostile_backend_state(h), h->report);
}

static int hostile_thread(void *arg)
{
	struct hostile *h = arg;
	int err;

	err = hostile_prepare(h);
	if (!err)
		hostile_attack(h);
	else
		pr_err("%s: %d\n", dev_name(&h->ndev->dev), err);
	while (!hostile_ends(h)) {
		if (!err && h->what->goes_on && READ_ONCE(rage_end)) {
			/* The guest's shell is to be heard all the while. */
			set_user_nice(current, MAX_NICE);
			h->what->goes_on(h);
			/* Some return at once when the backend has closed. */
			cond_resched();
		} else {
			schedule_timeout_interruptible(HZ);
		}
	}

	hostile_release(h);
	/* pairs with virt_load_acquire in noxs_half_state() */
	virt_store_release(&h->page->frontend.hdr.state, NOXS_STATE_CLOSED);
	hostile_notify(h);
	atomic_inc(&nr_let_go);
	/* Said again and again, as some of what so many say at once is lost. */
	while (!kthread_should_stop()) {
		if (printk_timed_ratelimit(&said, SAID_AGAIN))
			pr_warn("%d devices are let go\n",
				atomic_read(&nr_let_go));
		schedule_timeout_interruptible(HZ);
	}
	return 0;
}

/* It never connects as far as our core is concerned, which sees the decoy. */
static int hostile_connect(struct noxs_device *ndev,
			   const struct noxs_half *peer, struct noxs_half *own)
{
	const struct hostile_attack *what = find_attack(ndev->type, ndev->id);
	struct task_struct *thread;
	struct hostile *h;

	if (!what || dev_get_drvdata(&ndev->dev))
		return -EINVAL;
	h = kzalloc(sizeof(*h), GFP_KERNEL);
	if (!h)
		return -ENOMEM;
	h->decoy = (void *)get_zeroed_page(GFP_KERNEL);
	if (!h->decoy) {
		kfree(h);
		return -ENOMEM;
	}
	h->ndev = ndev;
	h->what = what;
	h->page = ndev->link->page;
	thread = kthread_run(hostile_thread, h, "%s", dev_name(&ndev->dev));
	if (IS_ERR(thread)) {
		free_page((unsigned long)h->decoy);
		kfree(h);
		return PTR_ERR(thread);
	}
	h->thread = thread;
	ndev->link->page = h->decoy;
	dev_set_drvdata(&ndev->dev, h);
	return -ECANCELED;
}

static void hostile_remove(struct noxs_device *ndev)
{
	struct hostile *h = dev_get_drvdata(&ndev->dev);

	if (!h)
		return;
	kthread_stop(h->thread);
	ndev->link->page = h->page;
	dev_set_drvdata(&ndev->dev, NULL);
	free_page((unsigned long)h->decoy);
	kfree(h);
}

static int hostile_probe(struct noxs_device *ndev)
{
	return 0;
}

static void hostile_disconnect(struct noxs_device *ndev)
{
}

static const struct noxs_device_id hostile_ids[] = {
	{ NOXS_TYPE_VIF },
	{ NOXS_TYPE_VBD },
	{ NOXS_TYPE_NONE }
};

static struct noxs_driver hostile_driver = {
	.driver.name = "noxs_hostile",
	.ids = hostile_ids,
	.features = NOXS_VIF_F_ALL | NOXS_VBD_F_ALL,
	.probe = hostile_probe,
	.remove = hostile_remove,
	.connect = hostile_connect,
	.disconnect = hostile_disconnect,
};

static int __init hostile_init(void)
{
	return noxs_register_frontend(&hostile_driver);
}
module_init(hostile_init);

static void __exit hostile_exit(void)
{
	noxs_unregister_driver(&hostile_driver);
}
module_exit(hostile_exit);

MODULE_DESCRIPTION("A noxs frontend that misbehaves, for tests");
MODULE_LICENSE("GPL");
