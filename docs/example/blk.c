// SPDX-License-Identifier: MIT
/*
 * A disk's frontend of noxs for a unikernel, as small as can be: one device, one
 * queue, one request at a time, and that a page long. It needs device.c, port.h of the
 * system, and two headers that stand alone: noxs.h of this tree and blkif.h of Xen.
 *
 * A request may be made at any time after blk_start(). It waits until there is a
 * backend; one that a backend left without an answer is made again to the next.
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
#include <xen/io/blkif.h>

#include "blk.h"
#include "device.h"
#include "port.h"

/* Of 512 octets, as blkif counts, whatever the disk's own are. */
#define SECTOR_SIZE	512
#define BLK_SECTORS	(BLK_SIZE / SECTOR_SIZE)

struct blk {
	uint32_t port;
	uint32_t ring_gref;
	blkif_front_ring_t ring;

	/* The page that the backend reads and writes. */
	void *page;
	uint32_t gref;

	/* The request, whether it is in the ring, and what it writes or has read. */
	bool busy;
	bool submitted;
	bool write;
	uint64_t block;
	uint64_t id;
	uint8_t data[BLK_SIZE];
};

static struct blk blk;

static void free_queue(void)
{
	if (blk.port)
		port_close(blk.port);
	if (blk.ring.sring)
		device_take_back(blk.ring.sring, blk.ring_gref);
	if (blk.page)
		device_take_back(blk.page, blk.gref);
	blk.port = 0;
	blk.ring.sring = NULL;
	blk.page = NULL;
}

static int make_queue(struct device *dev)
{
	uint16_t backend = dev->slot.backend;
	blkif_sring_t *ring = port_page();

	if (!ring)
		return -ENOMEM;
	SHARED_RING_INIT(ring);
	FRONT_RING_INIT(&blk.ring, ring, NOXS_PAGE_SIZE);
	blk.ring_gref = port_grant(backend, ring);
	blk.port = port_listen(backend, device_look, dev);
	blk.page = port_page();
	blk.gref = blk.page ? port_grant(backend, blk.page) : 0;
	if (!blk.ring_gref || !blk.port || !blk.gref) {
		free_queue();
		return -ENOMEM;
	}
	return 0;
}

/*
 * Put the request into the ring. Its number is a new one each time: an answer that
 * is none to it is left alone.
 */
static void submit(void)
{
	blkif_request_t *req;
	int notify;

	blk.submitted = true;
	if (blk.write)
		memcpy(blk.page, blk.data, BLK_SIZE);
	req = RING_GET_REQUEST(&blk.ring, blk.ring.req_prod_pvt);
	blk.ring.req_prod_pvt++;
	memset(req, 0, sizeof(*req));
	req->operation = blk.write ? BLKIF_OP_WRITE : BLKIF_OP_READ;
	req->nr_segments = 1;
	req->id = ++blk.id;
	req->sector_number = blk.block * BLK_SECTORS;
	req->seg[0].gref = blk.gref;
	req->seg[0].last_sect = BLK_SECTORS - 1;
	RING_PUSH_REQUESTS_AND_CHECK_NOTIFY(&blk.ring, notify);
	if (notify)
		port_notify(blk.port);
}

static unsigned int connect_blk(struct device *dev,
				const struct noxs_half *offer,
				struct noxs_half *answer)
{
	const struct noxs_vbd_backend *disk = &offer->vbd_backend;
	struct noxs_vbd_frontend *payload = &answer->vbd_frontend;

	if (!disk->max_queues || !disk->max_ring_pages ||
	    disk->sector_size > BLK_SIZE || make_queue(dev))
		return 0;
	blk.submitted = false;
	payload->protocol = NOXS_VBD_PROTOCOL_64;
	payload->nr_queues = 1;
	payload->nr_ring_pages = 1;
	payload->queue_offset = offsetof(struct noxs_vbd_frontend, queue);
	payload->queue_size = sizeof(payload->queue[0]);
	payload->queue[0].evtchn = blk.port;
	payload->queue[0].gref[0] = blk.ring_gref;
	return sizeof(*payload);
}

/* The backend can still write to its page: what it has read is copied. */
static void answered(const blkif_response_t *rsp)
{
	if (!blk.busy || !blk.submitted || rsp->id != blk.id)
		return;
	blk.busy = false;
	if (!blk.write)
		memcpy(blk.data, blk.page, BLK_SIZE);
	blk_done(rsp->status == BLKIF_RSP_OKAY ? blk.data : NULL);
}

static void look_at_ring(void)
{
	blkif_response_t rsp;
	int more;

	if (!blk.port)
		return;
	if (blk.busy && !blk.submitted)
		submit();
	do {
		while (RING_HAS_UNCONSUMED_RESPONSES(&blk.ring)) {
			rsp = *RING_GET_RESPONSE(&blk.ring, blk.ring.rsp_cons);
			blk.ring.rsp_cons++;
			answered(&rsp);
		}
		RING_FINAL_CHECK_FOR_RESPONSES(&blk.ring, more);
	} while (more);
}

static struct device device = {
	.type = NOXS_TYPE_VBD,
	.offer_min = NOXS_VBD_BACKEND_MIN,
	.connect = connect_blk,
	.disconnect = free_queue,
	.look = look_at_ring,
};

/**
 * blk_start() - find the guest's first vbd, and connect it
 *
 * Return: 0, or -errno; -ENODEV if there is none
 */
int blk_start(void)
{
	return device_start(&device);
}

static int request(uint64_t block, bool write)
{
	if (blk.busy)
		return -EBUSY;
	blk.busy = true;
	blk.write = write;
	blk.block = block;
	blk.submitted = false;
	if (blk.port && device_connected(&device))
		submit();
	return 0;
}

/**
 * blk_read() - read a block; blk_done() gets it
 * @block: its number
 *
 * Return: 0, or -EBUSY while there is another request
 */
int blk_read(uint64_t block)
{
	return request(block, false);
}

/**
 * blk_write() - write a block; blk_done() is told
 * @block: its number
 * @data: what to write; it is copied
 *
 * Return: 0, or -EBUSY while there is another request
 */
int blk_write(uint64_t block, const void *data)
{
	if (blk.busy)
		return -EBUSY;
	memcpy(blk.data, data, BLK_SIZE);
	return request(block, true);
}
