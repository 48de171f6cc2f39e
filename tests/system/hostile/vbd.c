// SPDX-License-Identifier: GPL-2.0
/*
 * What noxs_hostile does with a vbd: halves that are wrong as far as a block
 * frontend's payload goes, rings whose rules it breaks, and requests that make no
 * sense. Of requests it reports how they were answered; a response that answers
 * no request of its own, or has anything in its padding, is a wrong one.
 */
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <xen/events.h>

#include "hostile.h"

#define ANSWER_TIMEOUT	(60 * HZ)
#define RING_SLOTS	32
#define ENTRY_64	112
#define ENTRY_X86_32	108
#define RESPONSE_X86_32	12
#define ID		0x7e57ab1e00000000ULL
#define WRONG_GREF	0x7fffffffU
#define FAR_GREF	0x40000000U	/* beyond any table */
#define MAX_SEGMENTS	256
#define NOISE_ROUNDS	200
#define MANY_GRANTS	1100

static struct noxs_vbd_frontend *fe(struct hostile *h)
{
	return &h->half.vbd_frontend;
}

/**
 * hostile_vbd_prepare() - a half and a ring with nothing wrong
 * @h: the connection
 */
void hostile_vbd_prepare(struct hostile *h)
{
	struct blkif_sring *sring = h->ring[0].addr;

	SHARED_RING_INIT(sring);
	h->half.hdr.features &= ~NOXS_VBD_F_PERSISTENT;
	h->half.hdr.payload_size = sizeof(*fe(h));
	fe(h)->protocol = NOXS_VBD_PROTOCOL_64;
	fe(h)->queue_offset = offsetof(struct noxs_vbd_frontend, queue);
	fe(h)->queue_size = sizeof(fe(h)->queue[0]);
	fe(h)->nr_queues = 1;
	fe(h)->nr_ring_pages = 1;
	fe(h)->queue[0].gref[0] = h->ring[0].gref;
	fe(h)->queue[0].evtchn = h->ch[0].port;
}

/* Wrong halves. */

static void features_alone(struct hostile *h)
{
	h->half.hdr.features = NOXS_VBD_F_SECURE_ERASE;
}

static void protocol_none(struct hostile *h)
{
	fe(h)->protocol = 0;
}

static void protocol_unknown(struct hostile *h)
{
	fe(h)->protocol = NOXS_VBD_PROTOCOL_X86_32 + 1;
}

static void queues_none(struct hostile *h)
{
	fe(h)->nr_queues = 0;
}

static void queues_many(struct hostile *h)
{
	fe(h)->nr_queues = NOXS_VBD_MAX_QUEUES + 1;
}

static void queues_huge(struct hostile *h)
{
	fe(h)->nr_queues = ~0U;
}

static void queue_unused(struct hostile *h)
{
	fe(h)->queue[NOXS_VBD_MAX_QUEUES - 1].evtchn = 1;
}

static void queues_outside(struct hostile *h)
{
	fe(h)->queue_offset = sizeof(*fe(h)) - 8;
}

static void queues_flat(struct hostile *h)
{
	fe(h)->queue_size = 0;
}

/* Of a feature that isn't accepted: ignored. */
static void queue_buffers(struct hostile *h)
{
	fe(h)->queue[0].buffers = ~0U;
}

static void half_reserved(struct hostile *h)
{
	fe(h)->pad = 1;
}

static void pages_none(struct hostile *h)
{
	fe(h)->nr_ring_pages = 0;
}

static void pages_two(struct hostile *h)
{
	fe(h)->nr_ring_pages = 2;
	fe(h)->queue[0].gref[1] = h->ring[1].gref;
}

static void pages_three(struct hostile *h)
{
	fe(h)->nr_ring_pages = 3;
}

static void pages_huge(struct hostile *h)
{
	fe(h)->nr_ring_pages = 0x80000000U;
}

static void gref_unused(struct hostile *h)
{
	fe(h)->queue[0].gref[1] = h->ring[1].gref;
}

static void gref_wrong(struct hostile *h)
{
	fe(h)->queue[0].gref[0] = WRONG_GREF;
}

static void add_queue(struct hostile *h)
{
	fe(h)->nr_queues = 2;
	fe(h)->queue[1].gref[0] = h->ring[1].gref;
	fe(h)->queue[1].evtchn = h->ch[1].port;
}

static void gref_twice(struct hostile *h)
{
	add_queue(h);
	fe(h)->queue[1].gref[0] = h->ring[0].gref;
}

static void port_twice(struct hostile *h)
{
	add_queue(h);
	fe(h)->queue[1].evtchn = h->ch[0].port;
}

/* The first queue is fine and may be in use when the second one isn't. */
static void second_wrong(struct hostile *h)
{
	add_queue(h);
	fe(h)->queue[1].gref[0] = WRONG_GREF;
}

static void port_none(struct hostile *h)
{
	fe(h)->queue[0].evtchn = 0;
}

static void port_wrong(struct hostile *h)
{
	fe(h)->queue[0].evtchn = 0x7fffffff;
}

static void port_control(struct hostile *h)
{
	fe(h)->queue[0].evtchn = h->ndev->link->ch.port;
}

static void ring_used(struct hostile *h)
{
	struct blkif_sring *sring = h->ring[0].addr;

	sring->rsp_prod = 5;
	sring->req_prod = 5;
}

/* The ring, in both layouts. */

static bool is_x86_32(struct hostile *h)
{
	return fe(h)->protocol == NOXS_VBD_PROTOCOL_X86_32;
}

static void *entry(struct hostile *h, u32 index)
{
	return h->ring[0].addr + offsetof(struct blkif_sring, ring) +
	       index % RING_SLOTS * (is_x86_32(h) ? ENTRY_X86_32 : ENTRY_64);
}

static void put(struct hostile *h, const struct blkif_request *req)
{
	void *to = entry(h, h->prod++);

	if (!is_x86_32(h)) {
		memcpy(to, req, ENTRY_64);
		return;
	}
	/* It lacks the padding in front of the id. */
	memcpy(to, req, 4);
	memcpy(to + 4, (const void *)req + 8, ENTRY_X86_32 - 4);
}

static void push(struct hostile *h)
{
	struct blkif_sring *sring = h->ring[0].addr;

	virt_wmb();	/* pairs with the backend's virt_rmb */
	WRITE_ONCE(sring->req_prod, h->prod);
	notify_remote_via_irq(h->ch[0].irq);
}

static void look_at_answer(struct hostile *h, u32 index)
{
	const struct blkif_response *rsp = entry(h, index);
	const u8 *octets = (const u8 *)rsp;
	bool dirty = octets[offsetofend(struct blkif_response, operation)];

	if (!is_x86_32(h))
		dirty |= !!memchr_inv(octets + RESPONSE_X86_32, 0,
				      sizeof(*rsp) - RESPONSE_X86_32);
	if (dirty || (rsp->id & ID) != ID)
		h->answers.wrong++;
	else if (rsp->status == BLKIF_RSP_OKAY)
		h->answers.okay++;
	else if (rsp->status == BLKIF_RSP_ERROR)
		h->answers.error++;
	else if (rsp->status == BLKIF_RSP_EOPNOTSUPP)
		h->answers.unsupported++;
	else
		h->answers.wrong++;
}

/* Waits for all the answers, if there are any, and counts them. */
static void take_answers(struct hostile *h)
{
	struct blkif_sring *sring = h->ring[0].addr;
	unsigned long end = jiffies + ANSWER_TIMEOUT;
	u32 prod;

	do {
		usleep_range(200, 400);
		prod = READ_ONCE(sring->rsp_prod);
	} while (prod != h->prod && time_before(jiffies, end) &&
		 !hostile_ends(h) &&
		 hostile_backend_state(h) == NOXS_STATE_CONNECTED);

	virt_rmb();	/* pairs with the backend's virt_wmb */
	if (prod - h->cons <= RING_SLOTS)
		for (; h->cons != prod; h->cons++)
			look_at_answer(h, h->cons);
	snprintf(h->report, sizeof(h->report),
		 "; okay %u, error %u, unsupported %u, wrong %u",
		 h->answers.okay, h->answers.error, h->answers.unsupported,
		 h->answers.wrong);
}

static u64 disk_sectors(struct hostile *h)
{
	return h->page->backend.vbd_backend.sectors;
}

/* What reads the first page of the disk. All else of it is 0xff. */
static void make_read(struct hostile *h, struct blkif_request *req)
{
	memset(req, 0xff, sizeof(*req));
	req->operation = BLKIF_OP_READ;
	req->u.rw.nr_segments = 1;
	req->u.rw.id = ID + h->prod;
	req->u.rw.sector_number = 0;
	req->u.rw.seg[0].gref = h->data.gref;
	req->u.rw.seg[0].first_sect = 0;
	req->u.rw.seg[0].last_sect = 7;
}

/* Requests: nothing wrong with the first ones. */

static void good_read(struct hostile *h, struct blkif_request *req)
{
}

static void good_write(struct hostile *h, struct blkif_request *req)
{
	req->operation = BLKIF_OP_WRITE;
}

static void good_flush(struct hostile *h, struct blkif_request *req)
{
	req->operation = BLKIF_OP_FLUSH_DISKCACHE;
	req->u.rw.nr_segments = 0;
	req->u.rw.sector_number = ~0ULL;
}

static void one_page(struct hostile *h, struct blkif_request *req)
{
	unsigned int i;

	req->u.rw.nr_segments = BLKIF_MAX_SEGMENTS_PER_REQUEST;
	for (i = 0; i < BLKIF_MAX_SEGMENTS_PER_REQUEST; i++)
		req->u.rw.seg[i] = req->u.rw.seg[0];
}

static void op_unknown(struct hostile *h, struct blkif_request *req)
{
	req->operation = 255;
}

static void op_reserved(struct hostile *h, struct blkif_request *req)
{
	req->operation = 4;
}

static void op_barrier(struct hostile *h, struct blkif_request *req)
{
	req->operation = BLKIF_OP_WRITE_BARRIER;
}

static void segments_none(struct hostile *h, struct blkif_request *req)
{
	req->u.rw.nr_segments = 0;
}

static void segments_12(struct hostile *h, struct blkif_request *req)
{
	one_page(h, req);
	req->u.rw.nr_segments = 12;
}

static void segments_255(struct hostile *h, struct blkif_request *req)
{
	one_page(h, req);
	req->u.rw.nr_segments = 255;
}

static void sect_order(struct hostile *h, struct blkif_request *req)
{
	req->u.rw.seg[0].first_sect = 5;
	req->u.rw.seg[0].last_sect = 4;
}

static void sect_beyond(struct hostile *h, struct blkif_request *req)
{
	req->u.rw.seg[0].last_sect = 8;
}

static void sect_255(struct hostile *h, struct blkif_request *req)
{
	req->u.rw.seg[0].first_sect = 255;
	req->u.rw.seg[0].last_sect = 255;
}

static void sector_at_end(struct hostile *h, struct blkif_request *req)
{
	req->u.rw.sector_number = disk_sectors(h);
}

static void sector_across_end(struct hostile *h, struct blkif_request *req)
{
	req->u.rw.sector_number = disk_sectors(h) - 4;
}

static void sector_far(struct hostile *h, struct blkif_request *req)
{
	req->u.rw.sector_number = 1ULL << 63;
}

static void sector_overflow(struct hostile *h, struct blkif_request *req)
{
	req->u.rw.sector_number = ~0ULL - 3;
}

static void write_across_end(struct hostile *h, struct blkif_request *req)
{
	req->operation = BLKIF_OP_WRITE;
	req->u.rw.sector_number = disk_sectors(h) - 4;
}

static void page_wrong(struct hostile *h, struct blkif_request *req)
{
	req->u.rw.seg[0].gref = WRONG_GREF;
}

static void page_wrong_last(struct hostile *h, struct blkif_request *req)
{
	one_page(h, req);
	req->u.rw.seg[BLKIF_MAX_SEGMENTS_PER_REQUEST - 1].gref = WRONG_GREF;
}

static void flush_segments(struct hostile *h, struct blkif_request *req)
{
	req->operation = BLKIF_OP_FLUSH_DISKCACHE;
}

static void make_discard(struct blkif_request *req, u64 sector, u64 nr, u8 flag)
{
	u64 id = req->u.rw.id;

	memset(&req->u, 0, sizeof(req->u));
	req->operation = BLKIF_OP_DISCARD;
	req->u.discard.id = id;
	req->u.discard.flag = flag;
	req->u.discard.sector_number = sector;
	req->u.discard.nr_sectors = nr;
}

static void good_discard(struct hostile *h, struct blkif_request *req)
{
	make_discard(req, 0, 8, 0);
}

static void discard_none(struct hostile *h, struct blkif_request *req)
{
	make_discard(req, 0, 0, 0);
}

static void discard_across_end(struct hostile *h, struct blkif_request *req)
{
	make_discard(req, disk_sectors(h) - 8, 16, 0);
}

static void discard_overflow(struct hostile *h, struct blkif_request *req)
{
	make_discard(req, 8, ~0ULL, 0);
}

static void discard_flag(struct hostile *h, struct blkif_request *req)
{
	make_discard(req, 0, 8, 0x80);
}

static void secure_erase(struct hostile *h, struct blkif_request *req)
{
	make_discard(req, 0, 8, BLKIF_DISCARD_SECURE);
}

/* Segments are described in the page of the second ring, which is unused. */
static void make_indirect(struct hostile *h, struct blkif_request *req,
			  unsigned int nr)
{
	struct blkif_request_segment *seg = h->ring[1].addr;
	u64 id = req->u.rw.id;
	unsigned int i;

	memset(&req->u, 0, sizeof(req->u));
	req->operation = BLKIF_OP_INDIRECT;
	req->u.indirect.indirect_op = BLKIF_OP_READ;
	req->u.indirect.id = id;
	req->u.indirect.nr_segments = nr;
	req->u.indirect.indirect_grefs[0] = h->ring[1].gref;
	for (i = 0; i < MAX_SEGMENTS; i++)
		seg[i] = (struct blkif_request_segment){
			.gref = h->data.gref,
			.last_sect = 7,
		};
}

/* Xen maps one grant 128 times: so it takes two for all segments. */
static void good_indirect(struct hostile *h, struct blkif_request *req)
{
	struct blkif_request_segment *seg = h->ring[1].addr;
	unsigned int i;

	make_indirect(h, req, MAX_SEGMENTS);
	for (i = 0; i < MAX_SEGMENTS; i += 2)
		seg[i].gref = h->ring[1].gref;
}

static void indirect_none(struct hostile *h, struct blkif_request *req)
{
	make_indirect(h, req, 0);
}

static void indirect_many(struct hostile *h, struct blkif_request *req)
{
	make_indirect(h, req, MAX_SEGMENTS + 1);
}

static void indirect_huge(struct hostile *h, struct blkif_request *req)
{
	make_indirect(h, req, 65535);
}

static void indirect_flush(struct hostile *h, struct blkif_request *req)
{
	make_indirect(h, req, MAX_SEGMENTS);
	req->u.indirect.indirect_op = BLKIF_OP_FLUSH_DISKCACHE;
}

static void indirect_twice(struct hostile *h, struct blkif_request *req)
{
	make_indirect(h, req, MAX_SEGMENTS);
	req->u.indirect.indirect_op = BLKIF_OP_INDIRECT;
}

static void indirect_page_wrong(struct hostile *h, struct blkif_request *req)
{
	make_indirect(h, req, MAX_SEGMENTS);
	req->u.indirect.indirect_grefs[0] = WRONG_GREF;
}

static void indirect_across_end(struct hostile *h, struct blkif_request *req)
{
	make_indirect(h, req, MAX_SEGMENTS);
	req->u.indirect.sector_number = disk_sectors(h) - 8;
}

static void indirect_sect_order(struct hostile *h, struct blkif_request *req)
{
	struct blkif_request_segment *seg = h->ring[1].addr;

	make_indirect(h, req, MAX_SEGMENTS);
	seg[MAX_SEGMENTS - 1].first_sect = 8;
}

/* Rings. */

static void prod_beyond(struct hostile *h)
{
	h->prod += RING_SLOTS + 1;
	push(h);
}

static void prod_back(struct hostile *h)
{
	h->prod--;
	push(h);
}

static void prod_far(struct hostile *h)
{
	h->prod += 0x80000000U;
	push(h);
}

static void put_reads(struct hostile *h, unsigned int nr)
{
	struct blkif_request req;

	while (nr--) {
		make_read(h, &req);
		put(h, &req);
	}
}

/* It takes back what has been answered. */
static void prod_back_later(struct hostile *h)
{
	put_reads(h, RING_SLOTS);
	push(h);
	take_answers(h);
	*h->report = '\0';
	h->prod -= RING_SLOTS;
	push(h);
}

/* What is read overwrites the ring's indices, with the disk's zeros. */
static void page_is_ring(struct hostile *h)
{
	struct blkif_request req;

	make_read(h, &req);
	req.u.rw.seg[0].gref = h->ring[0].gref;
	put(h, &req);
	push(h);
}

static void ring_full(struct hostile *h)
{
	put_reads(h, RING_SLOTS);
	push(h);
	take_answers(h);
}

static void id_twice(struct hostile *h)
{
	struct blkif_request req;

	make_read(h, &req);
	put(h, &req);
	put(h, &req);
	push(h);
	take_answers(h);
}

/* Good requests are in between, and are served. */
static void every_other(struct hostile *h)
{
	struct blkif_request req;
	unsigned int i;

	for (i = 0; i < RING_SLOTS / 2; i++) {
		make_read(h, &req);
		page_wrong(h, &req);
		put(h, &req);
		put_reads(h, 1);
	}
	push(h);
	take_answers(h);
}

static void indirect_segment_wrong(struct hostile *h)
{
	static const unsigned int index[] = { 0, 10, 11, 12, 255 };
	struct blkif_request_segment *seg = h->ring[1].addr;
	struct blkif_request req;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(index); i++) {
		make_read(h, &req);
		make_indirect(h, &req, MAX_SEGMENTS);
		seg[index[i]].gref = WRONG_GREF;
		put(h, &req);
		push(h);
		take_answers(h);
	}
}

/* Pages that the backend may only read, or that are granted no more. */
static void page_rights(struct hostile *h)
{
	struct blkif_request req;
	int gref;

	gref = gnttab_grant_foreign_access(h->ndev->otherend,
					   virt_to_gfn(h->data.addr), 1);
	if (gref < 0)
		return;
	make_read(h, &req);
	req.u.rw.seg[0].gref = gref;
	put(h, &req);
	push(h);
	take_answers(h);

	/* It stays ours: somebody else's grant of that number would be as good as any. */
	if (!gnttab_end_foreign_access_ref(gref)) {
		gnttab_end_foreign_access(gref, NULL);
		return;
	}
	make_read(h, &req);
	req.u.rw.seg[0].gref = gref;
	put(h, &req);
	push(h);
	take_answers(h);
	gnttab_free_grant_reference(gref);
}

/*
 * What isn't the grant that it was is none at all: another device's page, its ring
 * above all, must not be read into.
 */
static void spoil_grefs(struct blkif_request *req,
			const struct blkif_request *was)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(req->u.rw.seg); i++)
		if (req->u.rw.seg[i].gref != was->u.rw.seg[i].gref)
			req->u.rw.seg[i].gref |= FAR_GREF;
	for (i = 0; i < ARRAY_SIZE(req->u.indirect.indirect_grefs); i++)
		if (req->u.indirect.indirect_grefs[i] !=
		    was->u.indirect.indirect_grefs[i])
			req->u.indirect.indirect_grefs[i] |= FAR_GREF;
}

/* As random as can be without the ring's indices being wrong. */
static void make_noise(struct hostile *h, struct blkif_request *req)
{
	struct blkif_request was;
	u8 dice[4];

	make_read(h, req);
	get_random_bytes(dice, sizeof(dice));
	if (dice[0] & 1)
		one_page(h, req);
	else if (dice[0] & 2)
		make_indirect(h, req, dice[2] * 2);
	was = *req;
	get_random_bytes((u8 *)req + dice[1] % sizeof(*req),
			 min_t(size_t, 1 + dice[3] % 8,
			       sizeof(*req) - dice[1] % sizeof(*req)));
	spoil_grefs(req, &was);
	if (dice[0] & 4)
		req->operation = dice[2] % 8;
	req->u.rw.id |= ID;
}

static void noise(struct hostile *h)
{
	struct blkif_request req;
	unsigned int i, round;

	for (round = 0; round < NOISE_ROUNDS && !hostile_ends(h); round++) {
		for (i = 0; i < RING_SLOTS; i++) {
			make_noise(h, &req);
			put(h, &req);
		}
		push(h);
		take_answers(h);
	}
}

/* Makes an octet of what is shared wrong, and right again. */
static void flip_octet(void *octet, u8 bits)
{
	u8 right = READ_ONCE(*(u8 *)octet);

	WRITE_ONCE(*(u8 *)octet, right ^ bits);
	cpu_relax();
	WRITE_ONCE(*(u8 *)octet, right);
}

/*
 * Of requests, and of what describes segments, an octet at a time is wrong, for as
 * long as they aren't answered: what was checked has to be what is done. An answer
 * may lie there already, of which the low half of the id changes at most.
 */
static void flip(struct hostile *h)
{
	static const u8 of_request[][2] = {
		{ offsetof(struct blkif_request, operation), 0x80 },
		{ offsetof(struct blkif_request, u.rw.nr_segments), 0xf0 },
		{ offsetof(struct blkif_request, u.rw.sector_number) + 5, 1 },
		{ offsetof(struct blkif_request, u.rw.seg[0].gref) + 3, 0x10 },
		{ offsetof(struct blkif_request, u.rw.seg[0].last_sect), 0xf8 },
	};
	struct blkif_sring *sring = h->ring[0].addr;
	struct blkif_request_segment *seg = h->ring[1].addr;
	struct blkif_request req;
	unsigned int round, i;
	unsigned long end;
	const u8 *what;

	for (round = 0; round < NOISE_ROUNDS && !hostile_ends(h); round++) {
		for (i = 0; i < RING_SLOTS; i++) {
			make_read(h, &req);
			if (i & 1)
				make_indirect(h, &req, i);
			put(h, &req);
		}
		push(h);
		end = jiffies + ANSWER_TIMEOUT;
		while (READ_ONCE(sring->rsp_prod) != h->prod &&
		       !hostile_ends(h) && time_before(jiffies, end)) {
			for (i = 0; i < RING_SLOTS; i++) {
				what = of_request[get_random_u32() %
						  ARRAY_SIZE(of_request)];
				flip_octet(entry(h, i) + what[0], what[1]);
				flip_octet(&seg[i].last_sect, 0xf8);
			}
			cond_resched();
		}
		take_answers(h);
	}
}

/* It goes when its requests have just been seen. */
static void close_in_flight(struct hostile *h)
{
	struct noxs_half *shared = &h->page->frontend;
	struct blkif_request req;
	unsigned int i;

	for (i = 0; i < RING_SLOTS; i++) {
		make_read(h, &req);
		make_indirect(h, &req, MAX_SEGMENTS);
		put(h, &req);
	}
	push(h);
	WRITE_ONCE(shared->hdr.state, NOXS_STATE_CLOSED);
	hostile_notify(h);
}

/* More grants than the backend keeps, all to the same page. */
static void persistent_half(struct hostile *h)
{
	h->half.hdr.features |= NOXS_VBD_F_PERSISTENT;
}

static void persistent_many(struct hostile *h)
{
	struct page *page = virt_to_page(h->data.addr);
	struct blkif_request req;
	unsigned int i, nr;
	int *gref;

	gref = kvcalloc(MANY_GRANTS, sizeof(*gref), GFP_KERNEL);
	if (!gref)
		return;
	for (nr = 0; nr < MANY_GRANTS; nr++) {
		gref[nr] = gnttab_grant_foreign_access(h->ndev->otherend,
						       virt_to_gfn(h->data.addr),
						       0);
		if (gref[nr] < 0)
			break;
		make_read(h, &req);
		req.u.rw.seg[0].gref = gref[nr];
		put(h, &req);
		if (nr % RING_SLOTS == RING_SLOTS - 1) {
			push(h);
			take_answers(h);
		}
	}
	push(h);
	take_answers(h);
	for (i = 0; i < nr; i++) {
		get_page(page);
		gnttab_end_foreign_access(gref[i], page);
	}
	kvfree(gref);
}

static void layout_32_half(struct hostile *h)
{
	fe(h)->protocol = NOXS_VBD_PROTOCOL_X86_32;
}

/* What is written in the layout of 32-bit x86 is read again. */
static void layout_32(struct hostile *h)
{
	struct blkif_request req;
	unsigned int i;

	for (i = 0; i < 2 * RING_SLOTS + 1; i++) {
		memset(h->data.addr, 0x40 + i, XEN_PAGE_SIZE);
		make_read(h, &req);
		req.operation = BLKIF_OP_WRITE;
		req.u.rw.sector_number = 8 * i;
		put(h, &req);
		push(h);
		take_answers(h);

		memset(h->data.addr, 0, XEN_PAGE_SIZE);
		make_read(h, &req);
		req.u.rw.sector_number = 8 * i;
		put(h, &req);
		push(h);
		take_answers(h);
		if (memchr_inv(h->data.addr, 0x40 + i, XEN_PAGE_SIZE))
			h->answers.wrong++;
	}
	take_answers(h);
}

/* It says that its ring has the one layout, and uses the other. */
static void layout_mixed(struct hostile *h)
{
	fe(h)->protocol = NOXS_VBD_PROTOCOL_64;
	put_reads(h, RING_SLOTS);
	push(h);
}

/**
 * struct hostile_request - requests, and what is wrong with them
 * @name: how they are reported
 * @change: of one that reads a page, before it is sent
 * @send: does all of it, instead
 */
struct hostile_request {
	const char *name;
	void (*change)(struct hostile *h, struct blkif_request *req);
	void (*send)(struct hostile *h);
};

#define CHANGE(fn) { .name = #fn, .change = fn }
#define SEND(fn) { .name = #fn, .send = fn }

static const struct hostile_request hostile_requests[] = {
	CHANGE(good_read), CHANGE(good_write), CHANGE(good_flush),
	CHANGE(one_page), CHANGE(op_unknown), CHANGE(op_reserved),
	CHANGE(op_barrier), CHANGE(segments_none), CHANGE(segments_12),
	CHANGE(segments_255), CHANGE(sect_order), CHANGE(sect_beyond),
	CHANGE(sect_255), CHANGE(sector_at_end), CHANGE(sector_across_end),
	CHANGE(sector_far), CHANGE(sector_overflow), CHANGE(write_across_end),
	CHANGE(page_wrong), CHANGE(page_wrong_last),
	CHANGE(flush_segments), CHANGE(good_discard), CHANGE(discard_none),
	CHANGE(discard_across_end), CHANGE(discard_overflow),
	CHANGE(discard_flag), CHANGE(secure_erase), CHANGE(good_indirect),
	CHANGE(indirect_none), CHANGE(indirect_many), CHANGE(indirect_huge),
	CHANGE(indirect_flush), CHANGE(indirect_twice),
	CHANGE(indirect_page_wrong), CHANGE(indirect_across_end),
	CHANGE(indirect_sect_order),
	SEND(ring_full), SEND(id_twice), SEND(every_other),
	SEND(indirect_segment_wrong), SEND(page_rights),
};

/* All of them, one after the other, to see how each is answered. */
static void requests(struct hostile *h)
{
	const struct hostile_request *what = hostile_requests;
	struct blkif_request req;

	for (; what < hostile_requests + ARRAY_SIZE(hostile_requests); what++) {
		h->answers = (struct hostile_answers){};
		if (what->send) {
			what->send(h);
		} else {
			make_read(h, &req);
			what->change(h, &req);
			put(h, &req);
			push(h);
			take_answers(h);
		}
		pr_warn("%s request %s%s\n", dev_name(&h->ndev->dev),
			what->name, h->report);
	}
}

const struct hostile_attack hostile_vbd_attacks[] = {
	HALF(features_alone), HALF(protocol_none), HALF(protocol_unknown),
	HALF(queues_none), HALF(queues_many), HALF(queues_huge),
	HALF(queue_unused), HALF(queues_outside), HALF(queues_flat),
	HALF(queue_buffers), HALF(half_reserved),
	HALF(pages_none), HALF(pages_two), HALF(pages_three), HALF(pages_huge),
	HALF(gref_unused), HALF(gref_wrong), HALF(gref_twice),
	HALF(second_wrong), HALF(port_none), HALF(port_twice),
	HALF(port_wrong), HALF(port_control), HALF(ring_used),
	RINGS(requests), RINGS(prod_beyond), RINGS(prod_back), RINGS(prod_far),
	RINGS(prod_back_later), RINGS(page_is_ring), RINGS(noise), RINGS(flip),
	RINGS(close_in_flight),
	{
		.name = "bad_requests",
		.goes_on = noise,
	},
	{
		.name = "persistent_many",
		.half = persistent_half,
		.rings = persistent_many,
	},
	{
		.name = "layout_32",
		.half = layout_32_half,
		.rings = layout_32,
	},
	{
		.name = "layout_mixed",
		.half = layout_32_half,
		.rings = layout_mixed,
	},
	{ }
};
