// SPDX-License-Identifier: MIT
/*
 * A network frontend of noxs for a unikernel, as small as can be: one device, one
 * queue, no offloads. It needs device.c, port.h of the system, and two headers that
 * stand alone: noxs.h of this tree and netif.h of Xen.
 *
 * vif_start() finds the device and connects when the backend is ready; from then
 * on vif_send() sends, and vif_receive() of the system gets what arrives.
 */
#include <errno.h>
#include <stdint.h>
#include <string.h>

/* Xen's headers: this and later versions of them, and these barriers. */
#define __XEN_INTERFACE_VERSION__	0x00040d00
#define xen_mb()	__atomic_thread_fence(__ATOMIC_SEQ_CST)
#define xen_rmb()	__atomic_thread_fence(__ATOMIC_ACQUIRE)
#define xen_wmb()	__atomic_thread_fence(__ATOMIC_RELEASE)
#include <xen/xen.h>
#include <xen/io/netif.h>

#include "device.h"
#include "port.h"
#include "vif.h"

#define TX_SLOTS	__CONST_RING_SIZE(netif_tx, NOXS_PAGE_SIZE)
#define RX_SLOTS	__CONST_RING_SIZE(netif_rx, NOXS_PAGE_SIZE)

/* A slot of a ring: the page that its request names, and its grant. */
struct buffer {
	void *page;
	uint32_t gref;
	bool busy;
};

struct vif {
	uint32_t port;
	uint32_t tx_gref;
	uint32_t rx_gref;
	netif_tx_front_ring_t tx;
	netif_rx_front_ring_t rx;
	struct buffer tx_buffer[TX_SLOTS];
	struct buffer rx_buffer[RX_SLOTS];
};

static struct vif vif;

static void post_rx(unsigned int id)
{
	netif_rx_request_t *req;

	req = RING_GET_REQUEST(&vif.rx, vif.rx.req_prod_pvt);
	vif.rx.req_prod_pvt++;
	memset(req, 0, sizeof(*req));
	req->id = id;
	req->gref = vif.rx_buffer[id].gref;
}

static int make_buffers(struct buffer *buffer, unsigned int nr, uint16_t domid)
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		buffer[i].page = port_page();
		if (!buffer[i].page)
			return -ENOMEM;
		buffer[i].busy = false;
		buffer[i].gref = port_grant(domid, buffer[i].page);
		if (!buffer[i].gref)
			return -ENOMEM;
	}
	return 0;
}

static void free_buffers(struct buffer *buffer, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr && buffer[i].page; i++) {
		device_take_back(buffer[i].page, buffer[i].gref);
		buffer[i].page = NULL;
	}
}

static void free_queue(void)
{
	free_buffers(vif.tx_buffer, TX_SLOTS);
	free_buffers(vif.rx_buffer, RX_SLOTS);
	if (vif.port)
		port_close(vif.port);
	if (vif.tx.sring)
		device_take_back(vif.tx.sring, vif.tx_gref);
	if (vif.rx.sring)
		device_take_back(vif.rx.sring, vif.rx_gref);
	vif.port = 0;
	vif.tx.sring = NULL;
	vif.rx.sring = NULL;
}

static int make_queue(struct device *dev)
{
	uint16_t backend = dev->slot.backend;
	netif_tx_sring_t *tx = port_page();
	netif_rx_sring_t *rx = port_page();
	unsigned int i;

	if (!tx || !rx) {
		if (tx)
			port_page_free(tx);
		if (rx)
			port_page_free(rx);
		return -ENOMEM;
	}
	SHARED_RING_INIT(tx);
	FRONT_RING_INIT(&vif.tx, tx, NOXS_PAGE_SIZE);
	SHARED_RING_INIT(rx);
	FRONT_RING_INIT(&vif.rx, rx, NOXS_PAGE_SIZE);
	vif.tx_gref = port_grant(backend, tx);
	vif.rx_gref = port_grant(backend, rx);
	vif.port = port_listen(backend, device_look, dev);
	if (!vif.tx_gref || !vif.rx_gref || !vif.port ||
	    make_buffers(vif.tx_buffer, TX_SLOTS, backend) ||
	    make_buffers(vif.rx_buffer, RX_SLOTS, backend)) {
		free_queue();
		return -ENOMEM;
	}
	for (i = 0; i < RX_SLOTS; i++)
		post_rx(i);
	RING_PUSH_REQUESTS(&vif.rx);
	return 0;
}

static unsigned int connect_vif(struct device *dev,
				const struct noxs_half *offer,
				struct noxs_half *answer)
{
	struct noxs_vif_frontend *payload = &answer->vif_frontend;
	const uint8_t *mac = offer->vif_backend.mac;

	if (!offer->vif_backend.max_queues || mac[0] & 1 || make_queue(dev))
		return 0;
	vif_set_mac(mac);
	payload->nr_queues = 1;
	payload->queue_offset = offsetof(struct noxs_vif_frontend, queue);
	payload->queue_size = sizeof(payload->queue[0]);
	payload->queue[0].tx_gref = vif.tx_gref;
	payload->queue[0].rx_gref = vif.rx_gref;
	/* Without SPLIT_EVTCHN, one port serves both rings. */
	payload->queue[0].tx_evtchn = vif.port;
	payload->queue[0].rx_evtchn = vif.port;
	return sizeof(*payload);
}

static void reap_tx(void)
{
	netif_tx_response_t rsp;
	int more;

	do {
		while (RING_HAS_UNCONSUMED_RESPONSES(&vif.tx)) {
			rsp = *RING_GET_RESPONSE(&vif.tx, vif.tx.rsp_cons);
			vif.tx.rsp_cons++;
			if (rsp.id < TX_SLOTS)
				vif.tx_buffer[rsp.id].busy = false;
		}
		RING_FINAL_CHECK_FOR_RESPONSES(&vif.tx, more);
	} while (more);
}

static void reap_rx(void)
{
	netif_rx_response_t rsp;
	int more;

	do {
		while (RING_HAS_UNCONSUMED_RESPONSES(&vif.rx)) {
			rsp = *RING_GET_RESPONSE(&vif.rx, vif.rx.rsp_cons);
			vif.rx.rsp_cons++;
			if (rsp.id >= RX_SLOTS)
				continue;
			/* One slot a packet, as SG isn't accepted. */
			if (rsp.status > 0 && rsp.status <= VIF_FRAME_MAX &&
			    rsp.offset <= NOXS_PAGE_SIZE - rsp.status)
				vif_receive((char *)vif.rx_buffer[rsp.id].page +
					    rsp.offset, rsp.status);
			post_rx(rsp.id);
		}
		RING_FINAL_CHECK_FOR_RESPONSES(&vif.rx, more);
	} while (more);
	RING_PUSH_REQUESTS_AND_CHECK_NOTIFY(&vif.rx, more);
	if (more)
		port_notify(vif.port);
}

static void look_at_rings(void)
{
	if (!vif.port)
		return;
	reap_tx();
	reap_rx();
}

static struct device device = {
	.type = NOXS_TYPE_VIF,
	.offer_min = NOXS_VIF_BACKEND_MIN,
	.connect = connect_vif,
	.disconnect = free_queue,
	.look = look_at_rings,
};

/**
 * vif_start() - find the guest's first vif, and connect it
 *
 * Return: 0, or -errno; -ENODEV if there is none
 */
int vif_start(void)
{
	return device_start(&device);
}

/**
 * vif_send() - send a frame
 * @frame: from the Ethernet header on
 * @size: in octets
 *
 * Return: 0, -ENOTCONN, -EMSGSIZE, or -EAGAIN while the ring is full
 */
int vif_send(const void *frame, unsigned int size)
{
	netif_tx_request_t *req;
	unsigned int id;
	int notify;

	if (!vif.port || !device_connected(&device))
		return -ENOTCONN;
	if (size > VIF_FRAME_MAX)
		return -EMSGSIZE;
	reap_tx();
	for (id = 0; id < TX_SLOTS && vif.tx_buffer[id].busy; id++)
		;
	if (id == TX_SLOTS)
		return -EAGAIN;
	memcpy(vif.tx_buffer[id].page, frame, size);
	vif.tx_buffer[id].busy = true;

	req = RING_GET_REQUEST(&vif.tx, vif.tx.req_prod_pvt);
	vif.tx.req_prod_pvt++;
	memset(req, 0, sizeof(*req));
	req->id = id;
	req->gref = vif.tx_buffer[id].gref;
	req->size = size;
	RING_PUSH_REQUESTS_AND_CHECK_NOTIFY(&vif.tx, notify);
	if (notify)
		port_notify(vif.port);
	return 0;
}
