// SPDX-License-Identifier: GPL-2.0
/*
 * What noxs_hostile does with a vif: halves that are wrong as far as a network
 * frontend's payload goes, and rings whose rules it breaks.
 */
#include <linux/delay.h>
#include <linux/etherdevice.h>
#include <linux/kernel.h>
#include <linux/random.h>
#include <linux/string.h>
#include <xen/events.h>

#include "hostile.h"
#include "tcp.h"

static struct noxs_vif_frontend *fe(struct hostile *h)
{
	return &h->half.vif_frontend;
}

/**
 * hostile_vif_prepare() - a half and rings with nothing wrong
 * @h: the connection
 */
void hostile_vif_prepare(struct hostile *h)
{
	XEN_FRONT_RING_INIT(&h->tx, (struct xen_netif_tx_sring *)
			    h->ring[0].addr, XEN_PAGE_SIZE);
	XEN_FRONT_RING_INIT(&h->rx, (struct xen_netif_rx_sring *)
			    h->ring[1].addr, XEN_PAGE_SIZE);
	h->half.hdr.payload_size = sizeof(*fe(h));
	fe(h)->nr_queues = 1;
	fe(h)->queue_offset = offsetof(struct noxs_vif_frontend, queue);
	fe(h)->queue_size = sizeof(fe(h)->queue[0]);
	fe(h)->queue[0].tx_gref = h->ring[0].gref;
	fe(h)->queue[0].rx_gref = h->ring[1].gref;
	fe(h)->queue[0].tx_evtchn = h->ch[0].port;
	fe(h)->queue[0].rx_evtchn = h->ch[1].port;
}

/* Wrong halves. */

static void features_alone(struct hostile *h)
{
	h->half.hdr.features = NOXS_VIF_F_TSO_V4 | NOXS_VIF_F_SPLIT_EVTCHN;
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

/* Queues that aren't where they are said to be. */

static void queues_outside(struct hostile *h)
{
	fe(h)->queue_offset = sizeof(*fe(h)) - 8;
}

static void queues_overlap(struct hostile *h)
{
	fe(h)->queue_offset = 0;
}

static void queues_flat(struct hostile *h)
{
	fe(h)->queue_size = 0;
}

static void queues_wide(struct hostile *h)
{
	fe(h)->queue_size = 0xfff8;
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

/* Wrong lists of buffers, which are looked at once some packets were sent. */

static void list_is_ring(struct hostile *h)
{
	fe(h)->queue[0].tx_buffers = fe(h)->queue[0].tx_gref;
}

static void list_wrong(struct hostile *h)
{
	fe(h)->queue[0].tx_buffers = 0x7fffffff;
}

/* @nr buffers, whose references follow @gref. */
static void list_make(struct hostile *h, unsigned int nr, u32 gref, u32 next)
{
	struct noxs_buffers_header *hdr = h->list.addr;
	struct noxs_buffer *buffer = (struct noxs_buffer *)(hdr + 1);
	unsigned int i;

	hdr->size = sizeof(*hdr);
	hdr->entry_size = sizeof(*buffer);
	hdr->nr = nr;
	hdr->next = next;
	for (i = 0; i < nr; i++)
		buffer[i].gref = gref + i;
	fe(h)->queue[0].tx_buffers = h->list.gref;
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

static bool is_heard(struct hostile *h)
{
	return hostile_backend_state(h) == NOXS_STATE_CONNECTED &&
	       !hostile_ends(h);
}

/* So many that the backend would like to have the buffers mapped. */
static void packets_of_buffers(struct hostile *h)
{
	unsigned int i;

	for (i = 0; i < 200 && is_heard(h); i++) {
		get_random_bytes(h->data.addr, ETH_HLEN);
		tx_request(h, 0, 60, 0);
		tx_push(h);
		/* Its interface may not be up yet. */
		while (h->tx.req_prod_pvt - READ_ONCE(h->tx.sring->rsp_prod) >
		       32 && is_heard(h))
			usleep_range(1000, 2000);
		if (!(i % 8))
			usleep_range(1000, 2000);
	}
}

/* It is its own next page. */
static void list_endless(struct hostile *h)
{
	list_make(h, 1, h->data.gref, h->list.gref);
}

static void list_noise(struct hostile *h)
{
	list_make(h, 1, h->data.gref, 0);
	get_random_bytes(h->list.addr + 16, XEN_PAGE_SIZE - 16);
}

/* What is in the list isn't granted: all is copied by Xen. */
static void buffers_wrong(struct hostile *h)
{
	list_make(h, 8, 0x7fffff00, 0);
}

/* A good one, and a page that changes all the while. */
static void buffers_change(struct hostile *h)
{
	list_make(h, 1, h->data.gref, 0);
}

static void buffers_changing(struct hostile *h)
{
	unsigned int i;

	packets_of_buffers(h);
	for (i = 0; i < 200 && is_heard(h); i++) {
		tx_request(h, i, 1000, i % 2 ? XEN_NETTXF_csum_blank : 0);
		tx_push(h);
		do {
			get_random_bytes(h->data.addr, 2000);
			cond_resched();
		} while (READ_ONCE(h->tx.sring->rsp_prod) != h->tx.req_prod_pvt &&
			 is_heard(h));
	}
	/* It was read once, and what it becomes is nothing to anybody. */
	get_random_bytes(h->list.addr, XEN_PAGE_SIZE);
	/* Taken back in use, which Linux doesn't do. */
	(void)gnttab_end_foreign_access_ref(h->data.gref);
	packets_of_buffers(h);
}

/* Of these packets one is good. */
static void tx_gso(struct hostile *h)
{
	static const u8 nobody[ETH_ALEN] = { 2, 0, 0, 0, 0, 1 };
	unsigned int i, slot;

	for (i = 0; i < ARRAY_SIZE(tcp_packets); i++) {
		tcp_headers(h->data.addr, nobody, tcp_packets[i].ihl,
			    tcp_packets[i].doff);
		tx_request(h, 0, GSO_LEN, XEN_NETTXF_more_data |
			   XEN_NETTXF_extra_info | XEN_NETTXF_csum_blank |
			   XEN_NETTXF_data_validated);
		tx_extra(h, XEN_NETIF_EXTRA_TYPE_GSO, 0, tcp_packets[i].gso_size,
			 XEN_NETIF_GSO_TYPE_TCPV4);
		for (slot = 1; slot < GSO_SLOTS; slot++)
			tx_request(h, 0, GSO_SLOT, slot < GSO_SLOTS - 1 ?
				   XEN_NETTXF_more_data : 0);
		tx_push(h);
		/* Its interface may not be up yet; the page is used again. */
		while (READ_ONCE(h->tx.sring->rsp_prod) != h->tx.req_prod_pvt &&
		       !hostile_ends(h))
			usleep_range(1000, 2000);
	}
}

/*
 * As fast as the backend takes them, from the vif's own address to such that
 * nobody has: each goes to all of the bridge.
 */
static void packets(struct hostile *h)
{
	struct ethhdr *eth = h->data.addr;

	memcpy(eth->h_source, h->page->backend.vif_backend.mac, ETH_ALEN);
	eth_random_addr(eth->h_dest);
	while (h->tx.req_prod_pvt - READ_ONCE(h->tx.sring->rsp_prod) <
	       RING_SIZE(&h->tx))
		tx_request(h, 0, 1000, 0);
	tx_push(h);
	usleep_range(100, 200);
}

const struct hostile_attack hostile_vif_attacks[] = {
	HALF(features_alone), HALF(queues_none), HALF(queues_many),
	HALF(queues_huge), HALF(queue_unused), HALF(queues_outside),
	HALF(queues_overlap), HALF(queues_flat), HALF(queues_wide),
	HALF(gref_twice), HALF(gref_wrong), HALF(port_none), HALF(port_twice), HALF(port_wrong),
	HALF(port_control),
	HALF(list_is_ring), BOTH(list_wrong, packets_of_buffers),
	BOTH(list_endless, packets_of_buffers), BOTH(list_noise, packets_of_buffers),
	BOTH(buffers_wrong, packets_of_buffers), BOTH(buffers_change, buffers_changing),
	RINGS(tx_prod_beyond), RINGS(tx_prod_back), RINGS(tx_prod_far),
	RINGS(rx_prod_beyond), RINGS(rx_prod_far), RINGS(rx_gref_wrong),
	RINGS(tx_slots_many), RINGS(tx_extras_endless), RINGS(tx_extra_wrong),
	RINGS(tx_gso_zero), RINGS(tx_gso_type), RINGS(tx_page_crossed),
	RINGS(tx_underflow), RINGS(tx_empty), RINGS(tx_gref_wrong),
	RINGS(tx_slots_tiny), RINGS(tx_noise), RINGS(tx_gso),
	GOES_ON(packets),
	{ }
};
