// SPDX-License-Identifier: GPL-2.0
/*
 * What noxs_hostile_backend does with a vif: offers that are wrong as far as a
 * network backend's payload goes, and rings whose rules it breaks. For the rings
 * the interface has to be up in the guest, and to send something of itself.
 */
#include <linux/delay.h>
#include <linux/etherdevice.h>
#include <linux/ip.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/random.h>
#include <linux/string.h>
#include <linux/tcp.h>
#include <xen/events.h>

#include "backend.h"
#include "tcp.h"

#define REQUEST_TIMEOUT	(60 * HZ)
#define FRAME		1000	/* a frame that isn't copied: see RX_COPY_SIZE */
#define LARGE_FRAMES	800	/* so many that buffers come back */
#define PATTERN		0x5a

static struct noxs_vif_backend *be(struct evil *e)
{
	return &e->half.vif_backend;
}

/**
 * evil_vif_prepare() - an offer with nothing wrong
 * @e: the connection
 */
void evil_vif_prepare(struct evil *e)
{
	e->half.hdr.features = NOXS_VIF_F_ALL;
	e->half.hdr.payload_size = sizeof(*be(e));
	memcpy(be(e)->mac, e->ndev->vif.mac, sizeof(be(e)->mac));
	be(e)->mtu = 1500;
	be(e)->max_queues = 1;
}

static irqreturn_t evil_event(int irq, void *arg)
{
	xen_irq_lateeoi(irq, 0);
	return IRQ_HANDLED;
}

/**
 * evil_vif_connect() - take the frontend's rings
 * @e: the connection; its peer is Connected
 *
 * Return: 0 or -errno; what was taken is given back with the device
 */
int evil_vif_connect(struct evil *e)
{
	const struct noxs_vif_queue *queue = &e->peer.vif_frontend.queue[0];
	int err;

	err = noxs_map_page(e->ndev, queue->tx_gref, &e->ring[0]) ?:
	      noxs_map_page(e->ndev, queue->rx_gref, &e->ring[1]) ?:
	      noxs_channel_bind(e->ndev, &e->ch[0], queue->tx_evtchn,
				evil_event, "evil-tx", e);
	if (!err && queue->rx_evtchn != queue->tx_evtchn)
		err = noxs_channel_bind(e->ndev, &e->ch[1], queue->rx_evtchn,
					evil_event, "evil-rx", e);
	if (err)
		return err;
	BACK_RING_INIT(&e->tx, (struct xen_netif_tx_sring *)e->ring[0].addr,
		       XEN_PAGE_SIZE);
	BACK_RING_INIT(&e->rx, (struct xen_netif_rx_sring *)e->ring[1].addr,
		       XEN_PAGE_SIZE);
	return 0;
}

/* Wrong offers. */

static void mac_zero(struct evil *e)
{
	memset(be(e)->mac, 0, sizeof(be(e)->mac));
}

static void mac_multicast(struct evil *e)
{
	be(e)->mac[0] |= 1;
}

static void mtu_small(struct evil *e)
{
	be(e)->mtu = NOXS_VIF_MIN_MTU - 1;
}

static void mtu_huge(struct evil *e)
{
	be(e)->mtu = ~0U;
}

static void queues_none(struct evil *e)
{
	be(e)->max_queues = 0;
}

static void queues_many(struct evil *e)
{
	be(e)->max_queues = NOXS_VIF_MAX_QUEUES + 1;
}

static void queues_huge(struct evil *e)
{
	be(e)->max_queues = ~0U;
}

static void offer_pad(struct evil *e)
{
	be(e)->pad[1] = 1;
}

/* Segmentation without what it needs is no error, but isn't used. */
static void features_alone(struct evil *e)
{
	e->half.hdr.features = NOXS_VIF_F_TSO_V4 | NOXS_VIF_F_TSO_V6;
}

static void features_none(struct evil *e)
{
	e->half.hdr.features = 0;
}

static void later_mtu(struct evil *e)
{
	mtu_small(e);
	evil_publish(e, NOXS_STATE_CONNECTED);
}

/* Both are allowed. */
static void mtu_flips(struct evil *e)
{
	unsigned int i;

	for (i = 0; i < 1000 && !evil_ends(e); i++) {
		be(e)->mtu = i & 1 ? 1500 : NOXS_VIF_MAX_MTU;
		evil_publish(e, NOXS_STATE_CONNECTED);
		usleep_range(100, 200);
	}
}

/* The frontend's requests. */

static bool wait_for_request(struct evil *e, RING_IDX *prod, RING_IDX cons)
{
	unsigned long end = jiffies + REQUEST_TIMEOUT;

	while (READ_ONCE(*prod) == cons) {
		if (evil_ends(e) || time_after(jiffies, end) ||
		    evil_frontend_state(e) != NOXS_STATE_CONNECTED) {
			snprintf(e->report, sizeof(e->report),
				 "; no request after %u", cons);
			return false;
		}
		usleep_range(1000, 2000);
	}
	virt_rmb();	/* pairs with the frontend's virt_wmb */
	return true;
}

static bool next_tx(struct evil *e, struct xen_netif_tx_request *req)
{
	if (!wait_for_request(e, &e->tx.sring->req_prod, e->tx.req_cons))
		return false;
	RING_COPY_REQUEST(&e->tx, e->tx.req_cons, req);
	e->tx.req_cons++;
	return true;
}

static bool next_rx(struct evil *e, struct xen_netif_rx_request *req)
{
	if (!wait_for_request(e, &e->rx.sring->req_prod, e->rx.req_cons))
		return false;
	RING_COPY_REQUEST(&e->rx, e->rx.req_cons, req);
	e->rx.req_cons++;
	return true;
}

static void answer_tx(struct evil *e, u16 id, s16 status)
{
	*RING_GET_RESPONSE(&e->tx, e->tx.rsp_prod_pvt++) =
		(struct xen_netif_tx_response){ .id = id, .status = status };
}

static void push_tx(struct evil *e)
{
	virt_wmb();	/* pairs with the frontend's virt_rmb */
	WRITE_ONCE(e->tx.sring->rsp_prod, e->tx.rsp_prod_pvt);
	notify_remote_via_irq(e->ch[0].irq);
}

static void answer_rx(struct evil *e, u16 id, u16 offset, u16 flags, s16 status)
{
	*RING_GET_RESPONSE(&e->rx, e->rx.rsp_prod_pvt++) =
		(struct xen_netif_rx_response){
			.id = id,
			.offset = offset,
			.flags = flags,
			.status = status,
		};
}

static void extra_rx(struct evil *e, u8 type, u8 flags, u16 size, u8 gso_type)
{
	struct xen_netif_extra_info *extra;

	extra = (void *)RING_GET_RESPONSE(&e->rx, e->rx.rsp_prod_pvt++);
	memset(extra, 0, sizeof(*extra));
	extra->type = type;
	extra->flags = flags;
	extra->u.gso.size = size;
	extra->u.gso.type = gso_type;
}

static void push_rx(struct evil *e)
{
	virt_wmb();	/* pairs with the frontend's virt_rmb */
	WRITE_ONCE(e->rx.sring->rsp_prod, e->rx.rsp_prod_pvt);
	notify_remote_via_irq(e->ch[e->ch[1].port ? 1 : 0].irq);
}

/* A frame of a protocol that nobody speaks, in the beginning of a buffer. */
static void fill_frame(struct evil *e, void *to, unsigned int len)
{
	struct ethhdr *eth = to;

	memset(to, PATTERN, len);
	memcpy(eth->h_dest, be(e)->mac, ETH_ALEN);
	eth->h_proto = htons(0x88b5);
}

static bool frame_into(struct evil *e, grant_ref_t gref, unsigned int len)
{
	struct noxs_map map;

	if (noxs_map_page(e->ndev, gref, &map)) {
		snprintf(e->report, sizeof(e->report), "; not granted: %u",
			 gref);
		return false;
	}
	fill_frame(e, map.addr, len);
	noxs_unmap_page(&map);
	return true;
}

/* Takes @nr buffers, each with a good frame in it. */
static bool take_rx(struct evil *e, struct xen_netif_rx_request *req,
		    unsigned int nr)
{
	for (; nr--; req++)
		if (!next_rx(e, req) || !frame_into(e, req->gref, FRAME))
			return false;
	return true;
}

/* Wrong indices and ids. */

static void tx_prod_beyond(struct evil *e)
{
	e->tx.rsp_prod_pvt += RING_SIZE(&e->tx) + 1;
	push_tx(e);
}

static void tx_prod_far(struct evil *e)
{
	e->tx.rsp_prod_pvt += 0x80000000U;
	push_tx(e);
}

static void tx_prod_back(struct evil *e)
{
	e->tx.rsp_prod_pvt--;
	push_tx(e);
}

static void rx_prod_beyond(struct evil *e)
{
	e->rx.rsp_prod_pvt += RING_SIZE(&e->rx) + 1;
	push_rx(e);
}

static void rx_prod_far(struct evil *e)
{
	e->rx.rsp_prod_pvt += 0x80000000U;
	push_rx(e);
}

static void tx_id_large(struct evil *e)
{
	struct xen_netif_tx_request req;

	if (!next_tx(e, &req))
		return;
	answer_tx(e, 0xffff, XEN_NETIF_RSP_OKAY);
	push_tx(e);
}

static void tx_id_free(struct evil *e)
{
	struct xen_netif_tx_request req;

	if (!next_tx(e, &req))
		return;
	answer_tx(e, (req.id + 128) % RING_SIZE(&e->tx), XEN_NETIF_RSP_OKAY);
	push_tx(e);
}

static void tx_no_extra(struct evil *e)
{
	struct xen_netif_tx_request req;

	if (!next_tx(e, &req))
		return;
	answer_tx(e, req.id, XEN_NETIF_RSP_NULL);
	push_tx(e);
}

static void rx_id_wrong(struct evil *e)
{
	struct xen_netif_rx_request req;

	if (!take_rx(e, &req, 1))
		return;
	answer_rx(e, req.id + 1, 0, 0, FRAME);
	push_rx(e);
}

static void rx_id_large(struct evil *e)
{
	struct xen_netif_rx_request req;

	if (!take_rx(e, &req, 1))
		return;
	answer_rx(e, 0xffff, 0, 0, FRAME);
	push_rx(e);
}

/* Packets without an end. */

static void rx_more_endless(struct evil *e)
{
	struct xen_netif_rx_request req[3];

	if (!take_rx(e, req, 3))
		return;
	answer_rx(e, req[0].id, 0, XEN_NETRXF_more_data, FRAME);
	answer_rx(e, req[1].id, 0, XEN_NETRXF_more_data, FRAME);
	answer_rx(e, req[2].id, 0, XEN_NETRXF_more_data, FRAME);
	push_rx(e);
}

static void rx_extras_endless(struct evil *e)
{
	struct xen_netif_rx_request req[3];

	if (!take_rx(e, req, 3))
		return;
	answer_rx(e, req[0].id, 0, XEN_NETRXF_extra_info, FRAME);
	extra_rx(e, XEN_NETIF_EXTRA_TYPE_GSO, XEN_NETIF_EXTRA_FLAG_MORE, 500,
		 XEN_NETIF_GSO_TYPE_TCPV4);
	extra_rx(e, XEN_NETIF_EXTRA_TYPE_GSO, XEN_NETIF_EXTRA_FLAG_MORE, 500,
		 XEN_NETIF_GSO_TYPE_TCPV4);
	push_rx(e);
}

/* Pages that stay mapped when they are given back. */

static bool keep(struct evil *e, grant_ref_t gref)
{
	if (e->nr_kept == EVIL_KEPT ||
	    noxs_map_page(e->ndev, gref, &e->kept[e->nr_kept]))
		return false;
	e->nr_kept++;
	return true;
}

static void rx_kept(struct evil *e)
{
	struct xen_netif_rx_request req;

	if (!take_rx(e, &req, 1) || !keep(e, req.gref))
		return;
	answer_rx(e, req.id, 0, 0, FRAME);
	push_rx(e);
}

/* It keeps all buffers that it is given, and gives none back. */
static void rx_keeps_all(struct evil *e)
{
	struct xen_netif_rx_request req;

	while (next_rx(e, &req) && keep(e, req.gref))
		if (READ_ONCE(e->rx.sring->req_prod) == e->rx.req_cons)
			break;
	snprintf(e->report, sizeof(e->report), "; kept %u", e->nr_kept);
}

/*
 * It keeps the rings and all buffers, and goes; and comes again for others, as
 * often as the frontend lets it.
 */
static void keeps_and_goes(struct evil *e)
{
	struct xen_netif_rx_request req;
	unsigned int i, times;

	for (times = 1; times < 12; times++) {
		/* The frontend gives all buffers at once. */
		while (next_rx(e, &req) && keep(e, req.gref))
			if (READ_ONCE(e->rx.sring->req_prod) == e->rx.req_cons)
				break;
		for (i = 0; i < ARRAY_SIZE(e->ring); i++) {
			noxs_channel_free(&e->ch[i], e);
			if (e->nr_kept < EVIL_KEPT)
				e->kept[e->nr_kept++] = e->ring[i];
			e->ring[i].addr = NULL;
		}
		evil_publish(e, NOXS_STATE_INITIALISING);
		evil_wait_until(e, NOXS_STATE_CONNECTED, false);
		if (!evil_come_back(e, jiffies + REACTION_TIMEOUT))
			break;
	}
	snprintf(e->report, sizeof(e->report), "; connected %u times, kept %u",
		 times, e->nr_kept);
}

/* These cost a packet, no more. */

static void report_taken(struct evil *e)
{
	/* A frontend that goes on takes the next frame, too. */
	struct xen_netif_rx_request req;

	if (!take_rx(e, &req, 1))
		return;
	answer_rx(e, req.id, 0, 0, FRAME);
	push_rx(e);
	while (READ_ONCE(e->rx.sring->req_prod) == e->rx.req_cons &&
	       !evil_ends(e))
		usleep_range(1000, 2000);
}

static void tx_status(struct evil *e)
{
	static const s16 status[] = {
		XEN_NETIF_RSP_ERROR, XEN_NETIF_RSP_DROPPED, 0x7fff, -0x8000,
	};
	struct xen_netif_tx_request req;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(status); i++) {
		if (!next_tx(e, &req))
			return;
		answer_tx(e, req.id, status[i]);
		push_tx(e);
	}
}

static void one_rx(struct evil *e, u16 offset, u16 flags, s16 status)
{
	struct xen_netif_rx_request req;

	if (!take_rx(e, &req, 1))
		return;
	answer_rx(e, req.id, offset, flags, status);
	push_rx(e);
}

static void rx_sizes(struct evil *e)
{
	one_rx(e, 4000, 0, 1000);
	one_rx(e, 0xffff, 0, 0x7fff);
	one_rx(e, 0xffff, 0, 1);
	one_rx(e, 0, 0, -1);
	one_rx(e, 0, 0, -0x8000);
	one_rx(e, 0, 0, 0);
	one_rx(e, 0, 0, 1);
	one_rx(e, 0, 0, 13);
	one_rx(e, 4096, 0, 0);
	one_rx(e, 0, 0, 4096);
	one_rx(e, 0, 0xffff & ~(XEN_NETRXF_more_data | XEN_NETRXF_extra_info),
	       FRAME);
	report_taken(e);
}

static void many_rx(struct evil *e, unsigned int nr, s16 first, s16 rest)
{
	struct xen_netif_rx_request req[64];
	unsigned int i;

	if (!take_rx(e, req, nr))
		return;
	for (i = 0; i < nr; i++)
		answer_rx(e, req[i].id, 0,
			  i < nr - 1 ? XEN_NETRXF_more_data : 0,
			  i ? rest : first);
	push_rx(e);
}

static void rx_slots(struct evil *e)
{
	many_rx(e, 18, 20, 1);
	many_rx(e, 18, FRAME, 1);
	many_rx(e, 18, 4096, 4096);
	many_rx(e, 19, FRAME, 1);
	many_rx(e, 40, FRAME, FRAME);
	many_rx(e, 18, FRAME, 0);
	many_rx(e, 18, 0, FRAME);
	many_rx(e, 18, 1, 20);
	report_taken(e);
}

static void gso_rx(struct evil *e, u8 type, u16 size, u8 gso_type, u16 flags)
{
	struct xen_netif_rx_request req[2];

	if (!take_rx(e, req, 2))
		return;
	answer_rx(e, req[0].id, 0, XEN_NETRXF_extra_info | flags, FRAME);
	extra_rx(e, type, 0, size, gso_type);
	push_rx(e);
}

static void rx_extras(struct evil *e)
{
	gso_rx(e, 0x7f, 500, XEN_NETIF_GSO_TYPE_TCPV4, 0);
	gso_rx(e, 0, 500, XEN_NETIF_GSO_TYPE_TCPV4, 0);
	gso_rx(e, XEN_NETIF_EXTRA_TYPE_GSO, 0, XEN_NETIF_GSO_TYPE_TCPV4, 0);
	gso_rx(e, XEN_NETIF_EXTRA_TYPE_GSO, 0xffff, XEN_NETIF_GSO_TYPE_TCPV4,
	       0);
	gso_rx(e, XEN_NETIF_EXTRA_TYPE_GSO, 500, 77, 0);
	gso_rx(e, XEN_NETIF_EXTRA_TYPE_GSO, 500, XEN_NETIF_GSO_TYPE_NONE, 0);
	/* The frame is neither IP nor TCP. */
	gso_rx(e, XEN_NETIF_EXTRA_TYPE_GSO, 500, XEN_NETIF_GSO_TYPE_TCPV4, 0);
	gso_rx(e, XEN_NETIF_EXTRA_TYPE_GSO, 1, XEN_NETIF_GSO_TYPE_TCPV6,
	       XEN_NETRXF_csum_blank | XEN_NETRXF_data_validated);
	report_taken(e);
}

/* IP and TCP headers with lengths that aren't true, and a size for segments. */
static void rx_headers(struct evil *e)
{
	struct xen_netif_rx_request req[2];
	struct noxs_map map;
	struct ethhdr *eth;
	struct tcphdr *tcp;
	struct iphdr *ip;
	unsigned int i;

	for (i = 0; i < 64; i++) {
		if (!take_rx(e, req, 2) ||
		    noxs_map_page(e->ndev, req[0].gref, &map))
			return;
		eth = map.addr;
		ip = (void *)(eth + 1);
		tcp = (void *)(ip + 1);
		eth->h_proto = htons(i & 32 ? ETH_P_IPV6 : ETH_P_IP);
		memset(ip, 0, sizeof(*ip));
		ip->version = i & 32 ? 6 : 4;
		ip->ihl = i % 16;
		ip->ttl = 64;
		ip->protocol = IPPROTO_TCP;
		ip->tot_len = htons(i % 4 ? FRAME - ETH_HLEN : 20 + i);
		tcp->doff = i / 4;
		noxs_unmap_page(&map);
		answer_rx(e, req[0].id, 0, XEN_NETRXF_extra_info |
			  XEN_NETRXF_csum_blank | XEN_NETRXF_data_validated,
			  i % 3 ? FRAME : 34 + i);
		extra_rx(e, XEN_NETIF_EXTRA_TYPE_GSO, 0, 1 + i,
			 i & 32 ? XEN_NETIF_GSO_TYPE_TCPV6 :
				  XEN_NETIF_GSO_TYPE_TCPV4);
		push_rx(e);
	}
	report_taken(e);
}

/* Of these packets one is good. */
static void rx_gso(struct evil *e)
{
	struct xen_netif_rx_request req[GSO_SLOTS + 1];
	unsigned int i, slot;
	struct noxs_map map;

	for (i = 0; i < ARRAY_SIZE(tcp_packets); i++) {
		if (!take_rx(e, req, ARRAY_SIZE(req)) ||
		    noxs_map_page(e->ndev, req[0].gref, &map))
			return;
		tcp_headers(map.addr, be(e)->mac, tcp_packets[i].ihl,
			    tcp_packets[i].doff);
		noxs_unmap_page(&map);
		answer_rx(e, req[0].id, 0, XEN_NETRXF_extra_info |
			  XEN_NETRXF_csum_blank | XEN_NETRXF_data_validated |
			  XEN_NETRXF_more_data, GSO_SLOT);
		extra_rx(e, XEN_NETIF_EXTRA_TYPE_GSO, 0, tcp_packets[i].gso_size,
			 XEN_NETIF_GSO_TYPE_TCPV4);
		for (slot = 1; slot < GSO_SLOTS; slot++)
			answer_rx(e, req[slot + 1].id, 0,
				  slot < GSO_SLOTS - 1 ? XEN_NETRXF_more_data :
							 0, GSO_SLOT);
		push_rx(e);
	}
	report_taken(e);
}

static void rx_noise(struct evil *e)
{
	struct xen_netif_rx_request req;
	struct noxs_map map;
	unsigned int i;

	for (i = 0; i < 256; i++) {
		if (!take_rx(e, &req, 1) ||
		    noxs_map_page(e->ndev, req.gref, &map))
			return;
		/* To us, or to anybody. */
		get_random_bytes(map.addr + (i & 1 ? ETH_ALEN : 0),
				 XEN_PAGE_SIZE - ETH_ALEN);
		noxs_unmap_page(&map);
		answer_rx(e, req.id, 0, i & 2 ? XEN_NETRXF_csum_blank : 0,
			  15 + i * 15);
		push_rx(e);
	}
	report_taken(e);
}

/*
 * What a buffer holds before it is filled: nothing but what this backend wrote
 * there before, which never was in a page's second half.
 */
static void rx_look(struct evil *e)
{
	struct xen_netif_rx_request req;
	unsigned int i, dirty = 0;
	struct noxs_map map;

	for (i = 0; i < LARGE_FRAMES; i++) {
		if (!next_rx(e, &req) ||
		    noxs_map_page(e->ndev, req.gref, &map))
			break;
		if (memchr_inv(map.addr + XEN_PAGE_SIZE / 2, 0,
			       XEN_PAGE_SIZE / 2))
			dirty++;
		fill_frame(e, map.addr, FRAME);
		noxs_unmap_page(&map);
		answer_rx(e, req.id, 0, 0, FRAME);
		push_rx(e);
	}
	snprintf(e->report, sizeof(e->report), "; looked at %u, dirty %u", i,
		 dirty);
}

const struct evil_attack evil_vif_attacks[] = {
	HALF(mac_zero), HALF(mac_multicast), HALF(mtu_small), HALF(mtu_huge),
	HALF(queues_none), HALF(queues_many), HALF(queues_huge),
	HALF(offer_pad), HALF(features_alone),
	HALF(features_none),
	RINGS(later_mtu), RINGS(mtu_flips),
	RINGS(tx_prod_beyond), RINGS(tx_prod_far), RINGS(tx_prod_back),
	RINGS(rx_prod_beyond), RINGS(rx_prod_far), RINGS(tx_id_large),
	RINGS(tx_id_free), RINGS(tx_no_extra),
	RINGS(rx_id_wrong), RINGS(rx_id_large), RINGS(rx_more_endless),
	RINGS(rx_extras_endless), RINGS(rx_kept), RINGS(rx_keeps_all),
	RINGS(keeps_and_goes), RINGS(rx_gso),
	RINGS(tx_status), RINGS(rx_sizes),
	RINGS(rx_slots), RINGS(rx_extras), RINGS(rx_headers), RINGS(rx_noise),
	RINGS(rx_look),
	{ }
};
