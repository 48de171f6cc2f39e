// SPDX-License-Identifier: MIT
/*
 * A network frontend of noxs for a unikernel, complete and as small as can be:
 * one device, one queue, no offloads. It needs port.h of the system and two
 * headers that stand alone: noxs.h of this tree and netif.h of Xen.
 *
 * vif_start() finds the device and connects when the backend is ready; from then
 * on vif_send() sends, and vif_receive() of the system gets what arrives. All
 * events mean "look again", so that one handler does for everything, and none
 * that comes early, late or twice does harm.
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

#include "../../include/xen/interface/io/noxs.h"
#include "port.h"
#include "vif.h"

#define TRIES		1000
#define TX_SLOTS	__CONST_RING_SIZE(netif_tx, NOXS_PAGE_SIZE)
#define RX_SLOTS	__CONST_RING_SIZE(netif_rx, NOXS_PAGE_SIZE)

/* A slot of a ring: the page that its request names, and its grant. */
struct buffer {
	void *page;
	uint32_t gref;
	bool busy;
};

struct vif {
	struct noxs_slot slot;
	struct noxs_ctrlpage *ctrl;
	uint32_t ctrl_port;

	uint32_t epoch;
	uint32_t port;
	uint32_t tx_gref;
	uint32_t rx_gref;
	netif_tx_front_ring_t tx;
	netif_rx_front_ring_t rx;
	struct buffer tx_buffer[TX_SLOTS];
	struct buffer rx_buffer[RX_SLOTS];
};

static struct vif the_vif;

static uint32_t load(const uint32_t *word)
{
	return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

static void store(uint32_t *word, uint32_t value)
{
	__atomic_store_n(word, value, __ATOMIC_RELEASE);
}

/*
 * Copy what the other end may be writing: between two equal even values of its
 * sequence count. What is used later is the copy and nothing else.
 */
static bool snapshot(void *copy, const void *shared, size_t size,
		     const uint32_t *seq)
{
	uint32_t before;
	int i;

	for (i = 0; i < TRIES; i++) {
		before = load(seq);
		if (before & 1)
			continue;
		memcpy(copy, shared, size);
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
		if (load(seq) == before)
			return true;
	}
	return false;
}

/* 1. Where Xen doesn't have the device page itself, the handle tells where it is. */
static struct noxs_devpage *map_devpage(void)
{
	uint8_t handle[NOXS_HANDLE_SIZE];
	uint16_t owner;
	uint32_t gref;

	if (port_handle(handle) ||
	    memcmp(handle, NOXS_HANDLE_MAGIC, 4) ||
	    handle[NOXS_HANDLE_VERSION] !=
		(NOXS_HANDLE_UUID_V8 | NOXS_ABI_VERSION) ||
	    (handle[NOXS_HANDLE_VARIANT] & 0xc0) != NOXS_HANDLE_UUID_VARIANT)
		return NULL;
	memcpy(&owner, handle + NOXS_HANDLE_OWNER, sizeof(owner));
	memcpy(&gref, handle + NOXS_HANDLE_GREF, sizeof(gref));
	return port_map(owner, gref, true);
}

/*
 * The host may be older or newer than this: what its structures are longer by is
 * left alone, and nothing is used but what is in the shortest that there are.
 */
static bool page_is_sane(const struct noxs_devpage_header *hdr)
{
	return hdr->magic == NOXS_DEVPAGE_MAGIC &&
	       hdr->version == NOXS_ABI_VERSION &&
	       hdr->size >= NOXS_DEVPAGE_HEADER_MIN &&
	       hdr->slot_size >= NOXS_SLOT_MIN &&
	       hdr->nr_slots <= NOXS_DEVPAGE_SLOTS &&
	       hdr->size + hdr->nr_slots * hdr->slot_size <= NOXS_PAGE_SIZE;
}

/* 2. A slot of the device page tells where the control page is. */
static int find_slot(const struct noxs_devpage *page, struct noxs_slot *slot)
{
	static struct noxs_devpage copy;
	int i;

	if (!snapshot(&copy, page, sizeof(copy), &page->hdr.seq) ||
	    !page_is_sane(&copy.hdr))
		return -ENODEV;
	for (i = 0; i < copy.hdr.nr_slots; i++) {
		memcpy(slot, (char *)&copy + copy.hdr.size +
		       i * copy.hdr.slot_size, NOXS_SLOT_MIN);
		/* One with flags needs a guest that knows them. */
		if (slot->type == NOXS_TYPE_VIF && !slot->flags)
			return 0;
	}
	return -ENODEV;
}

/* To see devices come and go: keep the page, and bind its evtchn, or VIRQ_NOXS. */
static int find_vif(struct noxs_slot *slot)
{
	struct noxs_devpage *page = port_devpage();
	int ret;

	if (page) {
		ret = find_slot(page, slot);
		port_devpage_put(page);
		return ret;
	}
	page = map_devpage();
	if (!page)
		return -ENODEV;
	ret = find_slot(page, slot);
	port_unmap(page);
	return ret;
}

/* What a backend can get wrong; it is believed nothing else. */
static bool is_sane(const struct noxs_half_header *hdr)
{
	return hdr->version == NOXS_ABI_VERSION &&
	       hdr->type == NOXS_TYPE_VIF &&
	       hdr->epoch &&
	       hdr->size >= NOXS_HALF_HEADER_MIN &&
	       hdr->payload_size >= NOXS_VIF_BACKEND_MIN &&
	       hdr->size + hdr->payload_size <= NOXS_HALF_SIZE;
}

static bool get_mac(const struct noxs_half *backend, uint8_t mac[6])
{
	struct noxs_vif_backend payload;

	memcpy(&payload, (const char *)backend + backend->hdr.size,
	       NOXS_VIF_BACKEND_MIN);
	memcpy(mac, payload.mac, 6);
	return payload.max_queues >= 1 && !(mac[0] & 1);
}

static void post_rx(struct vif *vif, unsigned int id)
{
	netif_rx_request_t *req;

	req = RING_GET_REQUEST(&vif->rx, vif->rx.req_prod_pvt);
	vif->rx.req_prod_pvt++;
	memset(req, 0, sizeof(*req));
	req->id = id;
	req->gref = vif->rx_buffer[id].gref;
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

/* What the backend still maps is lost: its next user would not be alone with it. */
static void take_back(void *page, uint32_t gref)
{
	if (!gref || port_grant_end(gref))
		port_page_free(page);
}

static void free_buffers(struct buffer *buffer, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr && buffer[i].page; i++) {
		take_back(buffer[i].page, buffer[i].gref);
		buffer[i].page = NULL;
	}
}

static void free_queue(struct vif *vif)
{
	free_buffers(vif->tx_buffer, TX_SLOTS);
	free_buffers(vif->rx_buffer, RX_SLOTS);
	if (vif->port)
		port_close(vif->port);
	if (vif->tx.sring)
		take_back(vif->tx.sring, vif->tx_gref);
	if (vif->rx.sring)
		take_back(vif->rx.sring, vif->rx_gref);
	vif->port = 0;
	vif->tx.sring = NULL;
	vif->rx.sring = NULL;
}

static int make_queue(struct vif *vif)
{
	uint16_t backend = vif->slot.backend;
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
	FRONT_RING_INIT(&vif->tx, tx, NOXS_PAGE_SIZE);
	SHARED_RING_INIT(rx);
	FRONT_RING_INIT(&vif->rx, rx, NOXS_PAGE_SIZE);
	vif->tx_gref = port_grant(backend, tx);
	vif->rx_gref = port_grant(backend, rx);
	vif->port = port_listen(backend, vif_look, vif);
	if (!vif->tx_gref || !vif->rx_gref || !vif->port ||
	    make_buffers(vif->tx_buffer, TX_SLOTS, backend) ||
	    make_buffers(vif->rx_buffer, RX_SLOTS, backend)) {
		free_queue(vif);
		return -ENOMEM;
	}
	for (i = 0; i < RX_SLOTS; i++)
		post_rx(vif, i);
	RING_PUSH_REQUESTS(&vif->rx);
	return 0;
}

/* 4. Fill our half; the state comes last, and then one event. */
static void publish(struct vif *vif, uint32_t epoch)
{
	struct noxs_half *half = &vif->ctrl->frontend;
	struct noxs_vif_frontend *payload = &half->vif_frontend;
	uint32_t seq = half->hdr.seq | 1;

	store(&half->hdr.seq, seq);
	__atomic_thread_fence(__ATOMIC_RELEASE);
	half->hdr.version = NOXS_ABI_VERSION;
	half->hdr.type = NOXS_TYPE_VIF;
	half->hdr.features = 0;
	half->hdr.epoch = epoch;
	half->hdr.error = 0;
	half->hdr.size = sizeof(half->hdr);
	half->hdr.payload_size = sizeof(*payload);
	half->hdr.minor = NOXS_ABI_MINOR;
	half->hdr.pad = 0;
	memset(half->payload, 0, sizeof(half->payload));
	payload->nr_queues = 1;
	payload->queue_offset = offsetof(struct noxs_vif_frontend, queue);
	payload->queue_size = sizeof(payload->queue[0]);
	payload->queue[0].tx_gref = vif->tx_gref;
	payload->queue[0].rx_gref = vif->rx_gref;
	/* Without SPLIT_EVTCHN, one port serves both rings. */
	payload->queue[0].tx_evtchn = vif->port;
	payload->queue[0].rx_evtchn = vif->port;
	store(&half->hdr.seq, seq + 1);
	vif->epoch = epoch;
	store(&half->hdr.state, NOXS_STATE_CONNECTED);
	port_notify(vif->ctrl_port);
}

static void say_closed(struct vif *vif)
{
	struct noxs_half *half = &vif->ctrl->frontend;

	if (load(&half->hdr.state) == NOXS_STATE_CLOSED)
		return;
	store(&half->hdr.state, NOXS_STATE_CLOSED);
	port_notify(vif->ctrl_port);
}

/* 3. The backend's half tells what it offers, and for which epoch. */
static void connect(struct vif *vif)
{
	static struct noxs_half backend;
	const struct noxs_half *shared = &vif->ctrl->backend;
	uint8_t mac[6];

	if (!snapshot(&backend, shared, sizeof(backend), &shared->hdr.seq))
		return;
	if (backend.hdr.epoch == vif->epoch)
		return;
	free_queue(vif);
	if (!is_sane(&backend.hdr) || !get_mac(&backend, mac) ||
	    make_queue(vif)) {
		say_closed(vif);
		return;
	}
	vif_set_mac(mac);
	publish(vif, backend.hdr.epoch);
}

static void reap_tx(struct vif *vif)
{
	netif_tx_response_t rsp;
	int more;

	do {
		while (RING_HAS_UNCONSUMED_RESPONSES(&vif->tx)) {
			rsp = *RING_GET_RESPONSE(&vif->tx, vif->tx.rsp_cons);
			vif->tx.rsp_cons++;
			if (rsp.id < TX_SLOTS)
				vif->tx_buffer[rsp.id].busy = false;
		}
		RING_FINAL_CHECK_FOR_RESPONSES(&vif->tx, more);
	} while (more);
}

static void reap_rx(struct vif *vif)
{
	netif_rx_response_t rsp;
	int more;

	do {
		while (RING_HAS_UNCONSUMED_RESPONSES(&vif->rx)) {
			rsp = *RING_GET_RESPONSE(&vif->rx, vif->rx.rsp_cons);
			vif->rx.rsp_cons++;
			if (rsp.id >= RX_SLOTS)
				continue;
			/* One slot a packet, as SG isn't accepted. */
			if (rsp.status > 0 && rsp.status <= VIF_FRAME_MAX &&
			    rsp.offset <= NOXS_PAGE_SIZE - rsp.status)
				vif_receive((char *)vif->rx_buffer[rsp.id].page +
					    rsp.offset, rsp.status);
			post_rx(vif, rsp.id);
		}
		RING_FINAL_CHECK_FOR_RESPONSES(&vif->rx, more);
	} while (more);
	RING_PUSH_REQUESTS_AND_CHECK_NOTIFY(&vif->rx, more);
	if (more)
		port_notify(vif->port);
}

/**
 * vif_look() - see what has changed, and do what is due
 * @data: the vif
 *
 * The handler of all its events.
 */
void vif_look(void *data)
{
	struct vif *vif = data;

	switch (load(&vif->ctrl->backend.hdr.state)) {
	case NOXS_STATE_INIT_WAIT:
		connect(vif);
		break;
	case NOXS_STATE_CONNECTED:
		if (!vif->port)
			break;
		reap_tx(vif);
		reap_rx(vif);
		break;
	case NOXS_STATE_CLOSING:
		/* It has our pages mapped until it hears of this. */
		say_closed(vif);
		break;
	case NOXS_STATE_CLOSED:
		say_closed(vif);
		free_queue(vif);
		break;
	}
}

/**
 * vif_start() - find the guest's first vif, and connect it
 *
 * Return: 0, or -errno; -ENODEV if there is none
 */
int vif_start(void)
{
	struct vif *vif = &the_vif;
	int ret;

	ret = find_vif(&vif->slot);
	if (ret)
		return ret;
	vif->ctrl = port_map(vif->slot.backend, vif->slot.gref, false);
	if (!vif->ctrl)
		return -ENOMEM;
	vif->ctrl_port = port_bind(vif->slot.backend, vif->slot.evtchn,
				   vif_look, vif);
	if (!vif->ctrl_port) {
		port_unmap(vif->ctrl);
		return -ENOMEM;
	}
	/* It may have been ready for long: no event will say so. */
	vif_look(vif);
	return 0;
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
	struct vif *vif = &the_vif;
	netif_tx_request_t *req;
	unsigned int id;
	int notify;

	if (!vif->port ||
	    load(&vif->ctrl->backend.hdr.state) != NOXS_STATE_CONNECTED)
		return -ENOTCONN;
	if (size > VIF_FRAME_MAX)
		return -EMSGSIZE;
	reap_tx(vif);
	for (id = 0; id < TX_SLOTS && vif->tx_buffer[id].busy; id++)
		;
	if (id == TX_SLOTS)
		return -EAGAIN;
	memcpy(vif->tx_buffer[id].page, frame, size);
	vif->tx_buffer[id].busy = true;

	req = RING_GET_REQUEST(&vif->tx, vif->tx.req_prod_pvt);
	vif->tx.req_prod_pvt++;
	memset(req, 0, sizeof(*req));
	req->id = id;
	req->gref = vif->tx_buffer[id].gref;
	req->size = size;
	RING_PUSH_REQUESTS_AND_CHECK_NOTIFY(&vif->tx, notify);
	if (notify)
		port_notify(vif->port);
	return 0;
}
