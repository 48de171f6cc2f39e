// SPDX-License-Identifier: GPL-2.0
/*
 * noxs_hostile: a network frontend that misbehaves, to see what its backend
 * makes of it.  For tests only.
 *
 * The parameter "attack" names what it does with the next vif that it is given:
 * it publishes a half of a control page that is right but for one thing, or
 * connects and then breaks the rules of the rings. It waits for the backend to
 * react, reports what that did, and lets go. It needs the core's private
 * headers, as the core itself writes nothing wrong.
 */
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <xen/events.h>
#include <xen/grant_table.h>
#include <xen/interface/io/netif.h>
#include <xen/page.h>

#include "../../../noxs-core/core.h"

#define REACTION_TIMEOUT	(10 * HZ)
#define STORM_EVENTS		200000
#define FLIPS			200000

static char attack[32];
module_param_string(attack, attack, sizeof(attack), 0644);
MODULE_PARM_DESC(attack, "What to do with the next vif: see vif.c");

/**
 * struct hostile - a connection that goes wrong
 * @ndev: the device
 * @half: what is published
 * @tx_page: page of the tx ring
 * @rx_page: page of the rx ring
 * @data: page that requests point to
 * @ch: event channels of tx and rx
 * @tx: tx ring
 * @rx: rx ring
 */
struct hostile {
	struct noxs_device *ndev;
	struct noxs_half half;
	struct noxs_grant tx_page;
	struct noxs_grant rx_page;
	struct noxs_grant data;
	struct noxs_channel ch[2];
	struct xen_netif_tx_front_ring tx;
	struct xen_netif_rx_front_ring rx;
};

static struct noxs_vif_frontend *fe(struct hostile *h)
{
	return &h->half.vif_frontend;
}

/* Wrong halves. */

static void bad_version(struct hostile *h)
{
	h->half.hdr.version = 2;
}

static void bad_type(struct hostile *h)
{
	h->half.hdr.type = NOXS_TYPE_VBD;
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
	h->half.hdr.reserved[1] = 1;
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

static void features_alone(struct hostile *h)
{
	h->half.hdr.features = NOXS_VIF_F_TSO_V4 | NOXS_VIF_F_SPLIT_EVTCHN;
}

static void bad_tail(struct hostile *h)
{
	h->half.payload[NOXS_PAYLOAD_SIZE - 1] = 1;
}

static void queues_none(struct hostile *h)
{
	fe(h)->nr_queues = 0;
}

static void queues_many(struct hostile *h)
{
	fe(h)->nr_queues = NOXS_VIF_MAX_QUEUES + 1;
}

static void queues_huge(struct hostile *h)
{
	fe(h)->nr_queues = ~0U;
}

static void queue_unused(struct hostile *h)
{
	fe(h)->queue[5].tx_gref = 8;
}

static void gref_twice(struct hostile *h)
{
	fe(h)->queue[0].rx_gref = fe(h)->queue[0].tx_gref;
}

static void gref_wrong(struct hostile *h)
{
	fe(h)->queue[0].rx_gref = 0x7fffffff;
}

static void port_none(struct hostile *h)
{
	fe(h)->queue[0].tx_evtchn = 0;
}

static void port_twice(struct hostile *h)
{
	fe(h)->queue[0].rx_evtchn = fe(h)->queue[0].tx_evtchn;
}

static void port_wrong(struct hostile *h)
{
	fe(h)->queue[0].tx_evtchn = 0x7fffffff;
}

/* The control page's port is one of ours, but not one to bind. */
static void port_control(struct hostile *h)
{
	fe(h)->queue[0].tx_evtchn = h->ndev->link->ch.port;
}

/* Wrong rings. */

static struct xen_netif_tx_request *tx_request(struct hostile *h,
					       unsigned int offset,
					       unsigned int size,
					       unsigned int flags)
{
	struct xen_netif_tx_request *req;

	req = RING_GET_REQUEST(&h->tx, h->tx.req_prod_pvt++);
	*req = (struct xen_netif_tx_request){
		.gref = h->data.gref,
		.offset = offset,
		.size = size,
		.flags = flags,
		.id = h->tx.req_prod_pvt & 0xff,
	};
	return req;
}

static void tx_extra(struct hostile *h, u8 type, u8 flags, u16 size,
		     u8 gso_type)
{
	struct xen_netif_extra_info *extra;

	extra = (void *)RING_GET_REQUEST(&h->tx, h->tx.req_prod_pvt++);
	memset(extra, 0, sizeof(*extra));
	extra->type = type;
	extra->flags = flags;
	extra->u.gso.size = size;
	extra->u.gso.type = gso_type;
}

static void tx_push(struct hostile *h)
{
	virt_wmb();	/* pairs with the backend's virt_rmb */
	WRITE_ONCE(h->tx.sring->req_prod, h->tx.req_prod_pvt);
	notify_remote_via_irq(h->ch[0].irq);
}

static void tx_prod_beyond(struct hostile *h)
{
	h->tx.req_prod_pvt += RING_SIZE(&h->tx) + 1;
	tx_push(h);
}

static void tx_prod_back(struct hostile *h)
{
	h->tx.req_prod_pvt--;
	tx_push(h);
}

static void tx_prod_far(struct hostile *h)
{
	h->tx.req_prod_pvt += 0x80000000U;
	tx_push(h);
}

static void rx_prod_beyond(struct hostile *h)
{
	WRITE_ONCE(h->rx.sring->req_prod, RING_SIZE(&h->rx) + 1);
	notify_remote_via_irq(h->ch[1].irq);
}

static void rx_prod_far(struct hostile *h)
{
	WRITE_ONCE(h->rx.sring->req_prod, 0x80000000U);
	notify_remote_via_irq(h->ch[1].irq);
}

static void rx_gref_wrong(struct hostile *h)
{
	unsigned int i;

	for (i = 0; i < RING_SIZE(&h->rx); i++)
		*RING_GET_REQUEST(&h->rx, i) = (struct xen_netif_rx_request){
			.id = i,
			.gref = 0x7fffff00 + i,
		};
	virt_wmb();	/* pairs with the backend's virt_rmb */
	WRITE_ONCE(h->rx.sring->req_prod, RING_SIZE(&h->rx));
	notify_remote_via_irq(h->ch[1].irq);
}

static void tx_slots_many(struct hostile *h)
{
	unsigned int i;

	tx_request(h, 0, 60000, XEN_NETTXF_more_data);
	for (i = 0; i < 100; i++)
		tx_request(h, 0, 100, XEN_NETTXF_more_data);
	tx_request(h, 0, 100, 0);
	tx_push(h);
}

static void tx_extras_endless(struct hostile *h)
{
	unsigned int i;

	tx_request(h, 0, 1000, XEN_NETTXF_extra_info);
	for (i = 1; i < RING_SIZE(&h->tx); i++)
		tx_extra(h, XEN_NETIF_EXTRA_TYPE_GSO,
			 XEN_NETIF_EXTRA_FLAG_MORE, 1000,
			 XEN_NETIF_GSO_TYPE_TCPV4);
	tx_push(h);
}

static void tx_extra_wrong(struct hostile *h)
{
	tx_request(h, 0, 1000, XEN_NETTXF_extra_info);
	tx_extra(h, 0x7f, 0, 0, 0);
	tx_push(h);
}

static void tx_gso_zero(struct hostile *h)
{
	tx_request(h, 0, 1000, XEN_NETTXF_extra_info | XEN_NETTXF_csum_blank);
	tx_extra(h, XEN_NETIF_EXTRA_TYPE_GSO, 0, 0, XEN_NETIF_GSO_TYPE_TCPV4);
	tx_push(h);
}

static void tx_gso_type(struct hostile *h)
{
	tx_request(h, 0, 1000, XEN_NETTXF_extra_info | XEN_NETTXF_csum_blank);
	tx_extra(h, XEN_NETIF_EXTRA_TYPE_GSO, 0, 500, 77);
	tx_push(h);
}

static void tx_page_crossed(struct hostile *h)
{
	tx_request(h, 4000, 1000, 0);
	tx_push(h);
}

static void tx_underflow(struct hostile *h)
{
	tx_request(h, 0, 100, XEN_NETTXF_more_data);
	tx_request(h, 0, 4000, 0);
	tx_push(h);
}

/* These break no rule that ends a device: errors for single packets. */

static void tx_empty(struct hostile *h)
{
	tx_request(h, 0, 0, 0);
	tx_request(h, 0, 1, 0);
	tx_request(h, 0, 13, 0);
	tx_push(h);
}

static void tx_gref_wrong(struct hostile *h)
{
	tx_request(h, 0, 1000, 0)->gref = 0x7fffffff;
	tx_push(h);
}

static void tx_slots_tiny(struct hostile *h)
{
	unsigned int i;

	tx_request(h, 0, 60, XEN_NETTXF_more_data);
	for (i = 0; i < 16; i++)
		tx_request(h, i, i % 9, XEN_NETTXF_more_data);
	tx_request(h, 0, 1, 0);
	tx_push(h);
}

static void tx_noise(struct hostile *h)
{
	unsigned int i;

	for (i = 0; i < 64; i++) {
		get_random_bytes(h->data.addr, XEN_PAGE_SIZE);
		tx_request(h, i, 14 + i * 60, i % 2 ? XEN_NETTXF_csum_blank :
						       0);
		tx_push(h);
		usleep_range(1000, 2000);
	}
}

static void event_storm(struct hostile *h)
{
	unsigned int i;

	for (i = 0; i < STORM_EVENTS; i++) {
		notify_remote_via_irq(h->ch[i & 1].irq);
		notify_remote_via_irq(h->ndev->link->ch.irq);
		if (!(i % 1000))
			cond_resched();
	}
}

static void state_flips(struct hostile *h)
{
	struct noxs_half *shared = &h->ndev->link->page->frontend;
	unsigned int i;

	for (i = 0; i < FLIPS; i++) {
		WRITE_ONCE(shared->hdr.state, i & 1 ? NOXS_STATE_CONNECTED :
						      NOXS_STATE_CLOSED);
		WRITE_ONCE(shared->hdr.epoch, i / 2);
		notify_remote_via_irq(h->ndev->link->ch.irq);
		if (!(i % 1000))
			cond_resched();
	}
}

/* What the guest writes into the backend's half is read by nobody. */
static void backend_half(struct hostile *h)
{
	memset(&h->ndev->link->page->backend, 0xff, NOXS_HALF_SIZE);
	notify_remote_via_irq(h->ndev->link->ch.irq);
}

/**
 * struct hostile_attack - one way to misbehave
 * @name: what the parameter calls it
 * @half: change the half before it is published
 * @rings: do this when connected
 */
struct hostile_attack {
	const char *name;
	void (*half)(struct hostile *h);
	void (*rings)(struct hostile *h);
};

#define HALF(fn) { .name = #fn, .half = fn }
#define RINGS(fn) { .name = #fn, .rings = fn }

static const struct hostile_attack hostile_attacks[] = {
	HALF(bad_version), HALF(bad_type), HALF(bad_state),
	HALF(bad_state_large), HALF(bad_epoch), HALF(bad_reserved),
	HALF(bad_error), HALF(odd_seq), HALF(features_unknown),
	HALF(features_alone), HALF(bad_tail), HALF(queues_none),
	HALF(queues_many), HALF(queues_huge), HALF(queue_unused),
	HALF(gref_twice), HALF(gref_wrong), HALF(port_none), HALF(port_twice),
	HALF(port_wrong), HALF(port_control),
	RINGS(tx_prod_beyond), RINGS(tx_prod_back), RINGS(tx_prod_far),
	RINGS(rx_prod_beyond), RINGS(rx_prod_far), RINGS(rx_gref_wrong),
	RINGS(tx_slots_many), RINGS(tx_extras_endless), RINGS(tx_extra_wrong),
	RINGS(tx_gso_zero), RINGS(tx_gso_type), RINGS(tx_page_crossed),
	RINGS(tx_underflow), RINGS(tx_empty), RINGS(tx_gref_wrong),
	RINGS(tx_slots_tiny), RINGS(tx_noise), RINGS(event_storm),
	RINGS(state_flips), RINGS(backend_half),
};

static const struct hostile_attack *find_attack(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(hostile_attacks); i++)
		if (sysfs_streq(attack, hostile_attacks[i].name))
			return &hostile_attacks[i];
	return NULL;
}

static irqreturn_t hostile_event(int irq, void *arg)
{
	xen_irq_lateeoi(irq, 0);
	return IRQ_HANDLED;
}

static u32 backend_state(struct hostile *h)
{
	/* pairs with virt_store_release in noxs_half_set_state() */
	return virt_load_acquire(&h->ndev->link->page->backend.hdr.state);
}

/* Wait until the backend leaves a state, but no longer than a guest may. */
static void wait_while(struct hostile *h, u32 state)
{
	unsigned long end = jiffies + REACTION_TIMEOUT;

	while (backend_state(h) == state && time_before(jiffies, end))
		usleep_range(1000, 2000);
}

static void publish(struct hostile *h)
{
	struct noxs_half *shared = &h->ndev->link->page->frontend;

	memcpy(shared->payload, h->half.payload, sizeof(shared->payload));
	shared->hdr.version = h->half.hdr.version;
	shared->hdr.type = h->half.hdr.type;
	shared->hdr.features = h->half.hdr.features;
	shared->hdr.epoch = h->half.hdr.epoch;
	shared->hdr.seq = h->half.hdr.seq;
	shared->hdr.error = h->half.hdr.error;
	memcpy(shared->hdr.reserved, h->half.hdr.reserved,
	       sizeof(shared->hdr.reserved));
	/* pairs with virt_load_acquire in noxs_half_state() */
	virt_store_release(&shared->hdr.state, h->half.hdr.state);
	notify_remote_via_irq(h->ndev->link->ch.irq);
}

static int hostile_prepare(struct hostile *h, const struct noxs_half *peer)
{
	int err;

	err = noxs_grant_page(h->ndev, &h->tx_page) ?:
	      noxs_grant_page(h->ndev, &h->rx_page) ?:
	      noxs_grant_page(h->ndev, &h->data) ?:
	      noxs_channel_alloc(h->ndev, &h->ch[0], hostile_event,
				 "hostile-tx", h) ?:
	      noxs_channel_alloc(h->ndev, &h->ch[1], hostile_event,
				 "hostile-rx", h);
	if (err)
		return err;

	XEN_FRONT_RING_INIT(&h->tx, (struct xen_netif_tx_sring *)
			    h->tx_page.addr, XEN_PAGE_SIZE);
	XEN_FRONT_RING_INIT(&h->rx, (struct xen_netif_rx_sring *)
			    h->rx_page.addr, XEN_PAGE_SIZE);
	h->half.hdr.version = NOXS_ABI_VERSION;
	h->half.hdr.type = NOXS_TYPE_VIF;
	h->half.hdr.state = NOXS_STATE_CONNECTED;
	h->half.hdr.features = peer->hdr.features;
	h->half.hdr.epoch = peer->hdr.epoch;
	h->half.hdr.seq = h->ndev->link->seq + 2;
	fe(h)->nr_queues = 1;
	fe(h)->queue[0].tx_gref = h->tx_page.gref;
	fe(h)->queue[0].rx_gref = h->rx_page.gref;
	fe(h)->queue[0].tx_evtchn = h->ch[0].port;
	fe(h)->queue[0].rx_evtchn = h->ch[1].port;
	return 0;
}

static void hostile_release(struct hostile *h)
{
	noxs_channel_free(&h->ch[1], h);
	noxs_channel_free(&h->ch[0], h);
	noxs_grant_end(&h->data);
	noxs_grant_end(&h->rx_page);
	noxs_grant_end(&h->tx_page);
}

/* Does it all. It never connects as far as our core is concerned. */
static int hostile_connect(struct noxs_device *ndev,
			   const struct noxs_half *peer, struct noxs_half *own)
{
	const struct hostile_attack *what = find_attack();
	struct hostile *h;
	int err;

	if (!what)
		return -EINVAL;
	h = kzalloc(sizeof(*h), GFP_KERNEL);
	if (!h)
		return -ENOMEM;
	h->ndev = ndev;
	err = hostile_prepare(h, peer);
	if (err)
		goto out_release;

	if (what->half)
		what->half(h);
	publish(h);
	wait_while(h, NOXS_STATE_INIT_WAIT);
	if (what->rings && backend_state(h) == NOXS_STATE_CONNECTED) {
		what->rings(h);
		wait_while(h, NOXS_STATE_CONNECTED);
	}
	pr_info("%s: backend's state is %u\n", what->name, backend_state(h));
	err = -ECANCELED;

out_release:
	hostile_release(h);
	kfree(h);
	return err;
}

static int hostile_probe(struct noxs_device *ndev)
{
	return 0;
}

static void hostile_none(struct noxs_device *ndev)
{
}

static const struct noxs_device_id hostile_ids[] = {
	{ NOXS_TYPE_VIF },
	{ NOXS_TYPE_NONE }
};

static struct noxs_driver hostile_driver = {
	.driver.name = "noxs_hostile",
	.ids = hostile_ids,
	.features = NOXS_VIF_F_ALL,
	.probe = hostile_probe,
	.remove = hostile_none,
	.connect = hostile_connect,
	.disconnect = hostile_none,
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
