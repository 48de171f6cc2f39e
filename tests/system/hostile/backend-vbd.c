// SPDX-License-Identifier: GPL-2.0
/*
 * What noxs_hostile_backend does with a vbd: offers that are wrong as far as a
 * block backend's payload goes, answers that break the rules, and backends that
 * come back as others. For the rings somebody in the guest has to read and write
 * from sector FIRST_SECTOR on (busy.c).
 *
 * There is no disk: what is read has the octets of pattern(), what is written is
 * forgotten. Whatever has gone wrong, a frontend that stays Connected is served as
 * it should be afterwards.
 */
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <xen/events.h>
#include <xen/grant_table.h>

#include "backend.h"

#define REQUEST_TIMEOUT	(60 * HZ)
#define CLOSE_TIMEOUT	(120 * HZ)	/* with the guest's request_timeout */
#define FIRST_SECTOR	64
#define SECTORS		16384
#define SEGMENTS	256
#define SLOTS		32
#define BATCH		32
#define LATE_MS		2000
#define LATE		0xee
#define CHANGES		100

/**
 * struct evil_request - a request of the frontend's
 * @queue: where it came
 * @op: BLKIF_OP_* that it asks for, not INDIRECT
 * @id: its id
 * @sector: its first sector
 * @nr: elements of @seg
 * @seg: its segments
 * @page: where they are mapped
 * @map: how
 * @unmap: and how no longer
 */
struct evil_request {
	unsigned int queue;
	u8 op;
	u64 id;
	u64 sector;
	unsigned int nr;
	struct blkif_request_segment seg[SEGMENTS];
	struct page *page[BATCH];
	struct gnttab_map_grant_ref map[BATCH];
	struct gnttab_unmap_grant_ref unmap[BATCH];
};

static struct noxs_vbd_backend *be(struct evil *e)
{
	return &e->half.vbd_backend;
}

static void no_discard(struct evil *e)
{
	e->half.hdr.features &= ~(NOXS_VBD_F_DISCARD | NOXS_VBD_F_SECURE_ERASE);
	be(e)->discard_granularity = 0;
	be(e)->discard_alignment = 0;
	be(e)->max_discard_sectors = 0;
}

static void no_indirect(struct evil *e)
{
	e->half.hdr.features &= ~NOXS_VBD_F_INDIRECT;
	be(e)->max_segments = 0;
}

/**
 * evil_vbd_prepare() - an offer with nothing wrong
 * @e: the connection
 */
void evil_vbd_prepare(struct evil *e)
{
	memset(be(e), 0, sizeof(*be(e)));
	/* What it is granted are the program's own pages, then, which it may keep. */
	e->half.hdr.features = NOXS_VBD_F_ALL & ~NOXS_VBD_F_PERSISTENT;
	e->half.hdr.payload_size = sizeof(*be(e));
	be(e)->sectors = SECTORS;
	be(e)->sector_size = 512;
	be(e)->physical_sector_size = 4096;
	be(e)->max_queues = EVIL_QUEUES;
	be(e)->max_ring_pages = 1;
	be(e)->max_segments = SEGMENTS;
	be(e)->discard_granularity = 4096;
	be(e)->max_discard_sectors = SECTORS;
}

static irqreturn_t evil_event(int irq, void *arg)
{
	struct evil *e = arg;

	wake_up(&e->wait);
	xen_irq_lateeoi(irq, 0);
	return IRQ_HANDLED;
}

/**
 * evil_vbd_connect() - take the frontend's rings
 * @e: the connection; its peer is Connected
 *
 * Return: 0 or -errno; what was taken is given back with the device
 */
int evil_vbd_connect(struct evil *e)
{
	const struct noxs_vbd_frontend *fe = &e->peer.vbd_frontend;
	unsigned int i, nr = min_t(u32, fe->nr_queues, EVIL_QUEUES);
	int err;

	for (i = 0; i < nr; i++) {
		err = noxs_map_page(e->ndev, fe->queue[i].gref[0],
				    &e->ring[i]) ?:
		      noxs_channel_bind(e->ndev, &e->ch[i],
					fe->queue[i].evtchn, evil_event,
					"evil-vbd", e);
		if (err)
			return err;
		BACK_RING_INIT(&e->blk[i],
			       (struct blkif_sring *)e->ring[i].addr,
			       XEN_PAGE_SIZE);
		e->nr_queues = i + 1;
	}
	return 0;
}

/* The frontend's requests. */

static void decode(struct evil *e, const struct blkif_request *req,
		   struct evil_request *r)
{
	struct noxs_map map;

	r->op = req->operation;
	r->nr = 0;
	switch (req->operation) {
	case BLKIF_OP_DISCARD:
		r->id = req->u.discard.id;
		r->sector = req->u.discard.sector_number;
		break;
	case BLKIF_OP_FLUSH_DISKCACHE:
		r->id = req->u.rw.id;
		r->sector = 0;
		break;
	case BLKIF_OP_INDIRECT:
		r->op = req->u.indirect.indirect_op;
		r->id = req->u.indirect.id;
		r->sector = req->u.indirect.sector_number;
		if (noxs_map_foreign(e->ndev->otherend,
				     req->u.indirect.indirect_grefs[0], true,
				     &map))
			break;
		r->nr = min_t(unsigned int, req->u.indirect.nr_segments,
			      SEGMENTS);
		memcpy(r->seg, map.addr, r->nr * sizeof(r->seg[0]));
		noxs_unmap_page(&map);
		break;
	default:
		r->id = req->u.rw.id;
		r->sector = req->u.rw.sector_number;
		r->nr = min_t(unsigned int, req->u.rw.nr_segments,
			      BLKIF_MAX_SEGMENTS_PER_REQUEST);
		memcpy(r->seg, req->u.rw.seg, r->nr * sizeof(r->seg[0]));
		break;
	}
}

static bool take(struct evil *e, struct evil_request *r)
{
	struct blkif_request req;
	unsigned int i;

	for (i = 0; i < e->nr_queues; i++) {
		if (READ_ONCE(e->blk[i].sring->req_prod) == e->blk[i].req_cons)
			continue;
		virt_rmb();	/* pairs with the frontend's virt_wmb */
		RING_COPY_REQUEST(&e->blk[i], e->blk[i].req_cons, &req);
		e->blk[i].req_cons++;
		r->queue = i;
		decode(e, &req, r);
		return true;
	}
	return false;
}

/* Whether there is a request; if not, an event will say so. */
static bool has_request(struct evil *e)
{
	unsigned int i;

	for (i = 0; i < e->nr_queues; i++) {
		/* pairs with virt_mb in the frontend's push */
		virt_store_mb(e->blk[i].sring->req_event,
			      e->blk[i].req_cons + 1);
		if (READ_ONCE(e->blk[i].sring->req_prod) != e->blk[i].req_cons)
			return true;
	}
	return false;
}

static void wait_for_request(struct evil *e)
{
	(void)wait_event_timeout(e->wait, has_request(e) || evil_ends(e),
				 msecs_to_jiffies(EVIL_LOOK_MS));
}

static u8 pattern(u64 sector)
{
	return sector * 37 + 11;
}

static void fill_segment(const struct blkif_request_segment *seg, void *page,
			 u64 sector)
{
	unsigned int i;

	for (i = seg->first_sect; i <= seg->last_sect && i < 8; i++)
		memset(page + i * 512, pattern(sector++), 512);
}

static unsigned int sectors_of(const struct blkif_request_segment *seg)
{
	return seg->last_sect - seg->first_sect + 1;
}

/* Put data into some of the pages of a read, all at a time: each call takes long. */
static bool fill_some(struct evil *e, struct evil_request *r,
		      unsigned int first, unsigned int nr, u64 *sector)
{
	bool readonly = r->op != BLKIF_OP_READ;
	unsigned int i, mapped = 0;
	void *addr;

	if (gnttab_alloc_pages(nr, r->page))
		return false;
	for (i = 0; i < nr; i++)
		gnttab_set_map_op(&r->map[i],
				  (unsigned long)page_address(r->page[i]),
				  GNTMAP_host_map |
				  (readonly ? GNTMAP_readonly : 0),
				  r->seg[first + i].gref, e->ndev->otherend);
	if (gnttab_map_refs(r->map, NULL, r->page, nr))
		goto out_free;

	for (i = 0; i < nr; i++) {
		if (r->map[i].status != GNTST_okay)
			continue;
		addr = page_address(r->page[i]);
		if (!readonly)
			fill_segment(&r->seg[first + i], addr, *sector);
		*sector += sectors_of(&r->seg[first + i]);
		gnttab_set_unmap_op(&r->unmap[mapped], (unsigned long)addr,
				    GNTMAP_host_map, r->map[i].handle);
		swap(r->page[mapped], r->page[i]);
		mapped++;
	}
	if (mapped)
		(void)gnttab_unmap_refs(r->unmap, NULL, r->page, mapped);
out_free:
	gnttab_free_pages(nr, r->page);
	return mapped == nr;
}

/* What is written is only looked at as to whether it is there. */
static bool fill(struct evil *e, struct evil_request *r)
{
	unsigned int i, n, nr = r->op == BLKIF_OP_READ ? r->nr : !!r->nr;
	u64 sector = r->sector;

	for (i = 0; i < nr; i += n) {
		n = min_t(unsigned int, nr - i, BATCH);
		if (!fill_some(e, r, i, n, &sector)) {
			snprintf(e->report, sizeof(e->report),
				 "; not granted: %u of %u", i, r->nr);
			return false;
		}
	}
	return true;
}

static void put(struct evil *e, unsigned int queue, u64 id, u8 op, s16 status)
{
	struct blkif_response *rsp;

	rsp = RING_GET_RESPONSE(&e->blk[queue], e->blk[queue].rsp_prod_pvt++);
	*rsp = (struct blkif_response){
		.id = id,
		.operation = op,
		.status = status,
	};
}

static void push(struct evil *e, unsigned int queue)
{
	virt_wmb();	/* pairs with the frontend's virt_rmb */
	WRITE_ONCE(e->blk[queue].sring->rsp_prod, e->blk[queue].rsp_prod_pvt);
	notify_remote_via_irq(e->ch[queue].irq);
}

static void answer(struct evil *e, const struct evil_request *r, s16 status)
{
	put(e, r->queue, r->id, r->op, status);
	push(e, r->queue);
}

static void serve(struct evil *e, struct evil_request *r)
{
	if (fill(e, r))
		answer(e, r, BLKIF_RSP_OKAY);
}

/* So that it needs no stack. */
static struct evil_request *request_of(struct evil *e)
{
	if (!e->request)
		e->request = kzalloc(sizeof(*e->request), GFP_KERNEL);
	return e->request;
}

/**
 * evil_vbd_serve() - do for a while what a backend does
 * @e: a connection with rings
 */
void evil_vbd_serve(struct evil *e)
{
	struct evil_request *r = request_of(e);

	if (!r || e->spoilt) {
		msleep(EVIL_LOOK_MS);
		return;
	}
	while (take(e, r))
		serve(e, r);
	wait_for_request(e);
}

static bool goes_on(struct evil *e)
{
	return !evil_ends(e) && evil_frontend_state(e) == NOXS_STATE_CONNECTED;
}

/*
 * The next request of somebody in the guest, of one kind; all others are served.
 * What reads partitions has sectors before those.
 */
static struct evil_request *next(struct evil *e, u8 op)
{
	struct evil_request *r = request_of(e);
	unsigned long end = jiffies + REQUEST_TIMEOUT;

	while (r && goes_on(e) && time_before(jiffies, end)) {
		if (!take(e, r)) {
			wait_for_request(e);
			continue;
		}
		if (r->op == op && (r->sector >= FIRST_SECTOR || !r->nr))
			return r;
		serve(e, r);
	}
	if (!*e->report)
		snprintf(e->report, sizeof(e->report), "; no request %u", op);
	return NULL;
}

static void wait_for_close(struct evil *e)
{
	unsigned long end = jiffies + CLOSE_TIMEOUT;

	while (goes_on(e) && time_before(jiffies, end))
		msleep(EVIL_LOOK_MS);
}

/* Wrong offers. */

static void sectors_huge(struct evil *e)
{
	be(e)->sectors = 1ULL << 54;
}

static void sectors_negative(struct evil *e)
{
	be(e)->sectors = ~0ULL;
}

static void sector_size_none(struct evil *e)
{
	be(e)->sector_size = 0;
}

static void sector_size_odd(struct evil *e)
{
	be(e)->sector_size = 1000;
}

static void sector_size_small(struct evil *e)
{
	be(e)->sector_size = 256;
}

static void sector_size_large(struct evil *e)
{
	be(e)->sector_size = 8192;
	be(e)->physical_sector_size = 8192;
}

static void physical_small(struct evil *e)
{
	be(e)->sector_size = 4096;
	be(e)->physical_sector_size = 512;
}

static void physical_odd(struct evil *e)
{
	be(e)->physical_sector_size = 4097;
}

static void physical_huge(struct evil *e)
{
	be(e)->physical_sector_size = 0x80000000U;
}

static void info_unknown(struct evil *e)
{
	be(e)->info = ~0U;
}

static void disk_queues_none(struct evil *e)
{
	be(e)->max_queues = 0;
}

static void disk_queues_huge(struct evil *e)
{
	be(e)->max_queues = ~0U;
}

static void ring_pages_none(struct evil *e)
{
	be(e)->max_ring_pages = 0;
}

static void ring_pages_three(struct evil *e)
{
	be(e)->max_ring_pages = 3;
}

static void ring_pages_many(struct evil *e)
{
	be(e)->max_ring_pages = 2 * NOXS_VBD_MAX_RING_PAGES;
}

static void segments_few(struct evil *e)
{
	be(e)->max_segments = BLKIF_MAX_SEGMENTS_PER_REQUEST - 1;
}

static void segments_many(struct evil *e)
{
	be(e)->max_segments = ~0U;
}

static void segments_alone(struct evil *e)
{
	e->half.hdr.features &= ~NOXS_VBD_F_INDIRECT;
}

static void discard_alone(struct evil *e)
{
	e->half.hdr.features &= ~(NOXS_VBD_F_DISCARD | NOXS_VBD_F_SECURE_ERASE);
}

static void discard_none(struct evil *e)
{
	be(e)->max_discard_sectors = 0;
}

static void discard_odd(struct evil *e)
{
	be(e)->discard_granularity = 1000;
}

static void discard_misaligned(struct evil *e)
{
	be(e)->discard_alignment = be(e)->discard_granularity;
}

/* These are strange, but no error. */

static void disk_features_none(struct evil *e)
{
	no_discard(e);
	no_indirect(e);
	e->half.hdr.features = 0;
}

static void sectors_large(struct evil *e)
{
	be(e)->sector_size = 4096;
}

static void sectors_none(struct evil *e)
{
	be(e)->sectors = 0;
}

static void sectors_odd(struct evil *e)
{
	be(e)->sectors = SECTORS + 7;
	be(e)->sector_size = 4096;
}

static void sectors_most(struct evil *e)
{
	be(e)->sectors = (1ULL << 54) - 1;
}

static void info_all(struct evil *e)
{
	be(e)->info = NOXS_VBD_INFO_ALL;
}

/* Less than the granule, which nothing can be split into. */
static void discard_tiny(struct evil *e)
{
	be(e)->discard_granularity = 0x100000;
	be(e)->max_discard_sectors = 8;
}

static void physical_most(struct evil *e)
{
	be(e)->physical_sector_size = 0x100000;
	be(e)->max_discard_sectors = 8;
}

static void discard_strange(struct evil *e)
{
	be(e)->discard_granularity = 0xfffffe00;
	be(e)->discard_alignment = 0xfffffc00;
	be(e)->max_discard_sectors = ~0U;
}

/* Answers that are none. */

static void rsp_beyond(struct evil *e)
{
	e->spoilt = true;
	e->blk[0].rsp_prod_pvt += RING_SIZE(&e->blk[0]) + 1;
	push(e, 0);
}

static void rsp_far(struct evil *e)
{
	e->spoilt = true;
	e->blk[0].rsp_prod_pvt += 0x80000000U;
	push(e, 0);
}

static void rsp_back(struct evil *e)
{
	e->spoilt = true;
	e->blk[0].rsp_prod_pvt--;
	push(e, 0);
}

/* An answer to a read with something else in it, for an id that is @more. */
static void wrong_answer(struct evil *e, u64 more, u8 op, s16 status)
{
	struct evil_request *r = next(e, BLKIF_OP_READ);

	if (!r || !fill(e, r))
		return;
	e->spoilt = true;
	put(e, r->queue, r->id + more, op, status);
	push(e, r->queue);
}

static void id_large(struct evil *e)
{
	wrong_answer(e, SLOTS, BLKIF_OP_READ, BLKIF_RSP_OKAY);
}

/* Right in its lower half. */
static void id_huge(struct evil *e)
{
	wrong_answer(e, 1ULL << 32, BLKIF_OP_READ, BLKIF_RSP_OKAY);
}

static void id_negative(struct evil *e)
{
	wrong_answer(e, 1ULL << 63, BLKIF_OP_READ, BLKIF_RSP_OKAY);
}

static void id_free(struct evil *e)
{
	struct evil_request *r = next(e, BLKIF_OP_READ);

	if (!r)
		return;
	e->spoilt = true;
	put(e, r->queue, (r->id + SLOTS / 2) % SLOTS,
	    BLKIF_OP_READ, BLKIF_RSP_OKAY);
	push(e, r->queue);
}

static void op_wrong(struct evil *e)
{
	wrong_answer(e, 0, BLKIF_OP_WRITE, BLKIF_RSP_OKAY);
}

static void op_none(struct evil *e)
{
	wrong_answer(e, 0, 0xff, BLKIF_RSP_OKAY);
}

static void op_indirect(struct evil *e)
{
	wrong_answer(e, 0, BLKIF_OP_INDIRECT, BLKIF_RSP_OKAY);
}

static void status_positive(struct evil *e)
{
	wrong_answer(e, 0, BLKIF_OP_READ, 1);
}

static void status_negative(struct evil *e)
{
	wrong_answer(e, 0, BLKIF_OP_READ, -0x8000);
}

/* In one go, and when the first answer has long been seen. */
static void answered_twice(struct evil *e)
{
	struct evil_request *r = next(e, BLKIF_OP_READ);

	if (!r || !fill(e, r))
		return;
	e->spoilt = true;
	put(e, r->queue, r->id, r->op, BLKIF_RSP_OKAY);
	answer(e, r, BLKIF_RSP_OKAY);
}

static void answered_again(struct evil *e)
{
	struct evil_request *r = next(e, BLKIF_OP_WRITE);
	struct blkif_sring *sring;
	unsigned long end = jiffies + REQUEST_TIMEOUT;

	if (!r)
		return;
	serve(e, r);
	e->spoilt = true;
	sring = e->blk[r->queue].sring;
	/* There has to be another request, or it is just one too many. */
	while (READ_ONCE(sring->req_prod) == e->blk[r->queue].req_cons &&
	       goes_on(e) && time_before(jiffies, end))
		msleep(EVIL_LOOK_MS);
	answer(e, r, BLKIF_RSP_OKAY);
}

static void never_answered(struct evil *e)
{
	if (!next(e, BLKIF_OP_READ))
		return;
	e->spoilt = true;
	wait_for_close(e);
}

/* Not even what the guest reads to find partitions. */
static void silent(struct evil *e)
{
	e->spoilt = true;
	wait_for_close(e);
}

/* It is no more: its mappings have ended, and its ports. Nobody says so. */
static void dies(struct evil *e)
{
	if (!next(e, BLKIF_OP_READ))
		return;
	e->spoilt = true;
	evil_release(e);
	wait_for_close(e);
}

/* As if there had never been a backend. */
static void blank(struct evil *e)
{
	if (!next(e, BLKIF_OP_READ))
		return;
	e->spoilt = true;
	memset(&e->page->backend, 0, NOXS_HALF_SIZE);
	evil_notify(e);
	wait_for_close(e);
	evil_release(e);
}

static void closed_error(struct evil *e)
{
	if (!next(e, BLKIF_OP_READ))
		return;
	e->spoilt = true;
	e->half.hdr.error = EIO;
	evil_publish(e, NOXS_STATE_CLOSED);
	wait_for_close(e);
}

/* It says that it has gone, and answers. */
static void answered_after(struct evil *e)
{
	struct evil_request *r = next(e, BLKIF_OP_READ);

	if (!r || !fill(e, r))
		return;
	e->spoilt = true;
	evil_publish(e, NOXS_STATE_CLOSED);
	wait_for_close(e);
	answer(e, r, BLKIF_RSP_OKAY);
	get_random_bytes(e->ring[r->queue].addr, XEN_PAGE_SIZE);
	notify_remote_via_irq(e->ch[r->queue].irq);
}

static void ring_garbage(struct evil *e)
{
	e->spoilt = true;
	memset(e->ring[0].addr, 0xa5, XEN_PAGE_SIZE);
	notify_remote_via_irq(e->ch[0].irq);
}

/* Pages that stay mapped. */

static unsigned int keep(struct evil *e, const struct evil_request *r)
{
	unsigned int i;

	for (i = 0; i < r->nr && e->nr_kept < EVIL_KEPT; i++, e->nr_kept++)
		if (noxs_map_foreign(e->ndev->otherend, r->seg[i].gref,
				     r->op != BLKIF_OP_READ,
				     &e->kept[e->nr_kept]))
			break;
	return i;
}

static void let_go(struct evil *e, unsigned int nr)
{
	while (nr-- && e->nr_kept)
		noxs_unmap_page(&e->kept[--e->nr_kept]);
}

static void answered_mapped(struct evil *e)
{
	struct evil_request *r = next(e, BLKIF_OP_READ);

	if (!r || !keep(e, r))
		return;
	e->spoilt = true;
	answer(e, r, BLKIF_RSP_OKAY);
}

/* What was read comes after the answer. */
static void late_data(struct evil *e)
{
	struct evil_request *r = next(e, BLKIF_OP_READ);
	unsigned int i;

	if (!r || !keep(e, r))
		return;
	e->spoilt = true;
	answer(e, r, BLKIF_RSP_OKAY);
	wait_for_close(e);
	msleep(LATE_MS);
	for (i = 0; i < e->nr_kept; i++)
		memset(e->kept[i].addr, LATE, XEN_PAGE_SIZE);
	snprintf(e->report, sizeof(e->report), "; late pages %u", e->nr_kept);
	let_go(e, e->nr_kept);
}

/* What is written is looked at after the answer: busy.c uses its buffer again. */
static void late_look(struct evil *e)
{
	struct evil_request *r = next(e, BLKIF_OP_WRITE);
	unsigned int i, changed = 0;
	u8 *first;

	if (!r || !keep(e, r))
		return;
	e->spoilt = true;
	first = kzalloc(e->nr_kept, GFP_KERNEL);
	if (!first)
		return;
	for (i = 0; i < e->nr_kept; i++)
		first[i] = *(u8 *)e->kept[i].addr;
	answer(e, r, BLKIF_RSP_OKAY);
	wait_for_close(e);
	msleep(LATE_MS);
	for (i = 0; i < e->nr_kept; i++)
		changed += first[i] != READ_ONCE(*(u8 *)e->kept[i].addr);
	snprintf(e->report, sizeof(e->report), "; looked at %u, changed %u",
		 e->nr_kept, changed);
	kfree(first);
	let_go(e, e->nr_kept);
}

/* Errors, no more. */

static void answer_all(struct evil *e, s16 status)
{
	struct evil_request *r = request_of(e);
	unsigned long end = jiffies + 5 * HZ;
	unsigned int nr = 0;

	while (r && goes_on(e) && time_before(jiffies, end)) {
		if (!take(e, r))
			wait_for_request(e);
		else if (r->sector < FIRST_SECTOR && r->nr)
			serve(e, r);
		else if (++nr)
			answer(e, r, status);
	}
	snprintf(e->report, sizeof(e->report), "; answered %u", nr);
}

static void errors(struct evil *e)
{
	answer_all(e, BLKIF_RSP_ERROR);
}

static void unsupported(struct evil *e)
{
	answer_all(e, BLKIF_RSP_EOPNOTSUPP);
}

/* Noise where neither an index nor an answer is. */
static void ring_noise(struct evil *e)
{
	struct blkif_sring *sring;
	struct evil_request *r;
	unsigned int i;

	for (i = 0; i < 20; i++) {
		r = next(e, i & 1 ? BLKIF_OP_WRITE : BLKIF_OP_READ);
		if (!r || !fill(e, r))
			return;
		sring = e->blk[r->queue].sring;
		get_random_bytes(sring->ring, XEN_PAGE_SIZE -
				 offsetof(struct blkif_sring, ring));
		WRITE_ONCE(sring->req_event, get_random_u32());
		WRITE_ONCE(sring->rsp_event, get_random_u32());
		answer(e, r, BLKIF_RSP_OKAY);
	}
	/* It wasn't told, perhaps. */
	WRITE_ONCE(sring->req_event, e->blk[r->queue].req_cons + 1);
}

/* Changes of the payload while Connected. */

static void serve_for(struct evil *e, unsigned int ms)
{
	unsigned long end = jiffies + msecs_to_jiffies(ms);

	do {
		evil_vbd_serve(e);
	} while (goes_on(e) && time_before(jiffies, end));
}

static void later_sectors_huge(struct evil *e)
{
	sectors_huge(e);
	evil_publish(e, NOXS_STATE_CONNECTED);
}

static void later_sector_size(struct evil *e)
{
	sector_size_odd(e);
	evil_publish(e, NOXS_STATE_CONNECTED);
}

static void later_features(struct evil *e)
{
	e->half.hdr.features = 0;
	evil_publish(e, NOXS_STATE_CONNECTED);
}

/* The size is all that may change. */
static void capacity_flips(struct evil *e)
{
	static const u64 sectors[] = {
		0, 1, 7, 8, FIRST_SECTOR + 3, SECTORS / 2, SECTORS,
		(1ULL << 54) - 1,
	};
	unsigned int i;

	for (i = 0; i < CHANGES && goes_on(e); i++) {
		be(e)->sectors = sectors[i % ARRAY_SIZE(sectors)];
		evil_publish(e, NOXS_STATE_CONNECTED);
		serve_for(e, 20);
	}
	be(e)->sectors = SECTORS;
	evil_publish(e, NOXS_STATE_CONNECTED);
}

/* What may not change, in itself all right, is not looked at. */
static void offer_flips(struct evil *e)
{
	unsigned int i;

	for (i = 0; i < CHANGES && goes_on(e); i++) {
		evil_vbd_prepare(e);
		be(e)->sector_size = i & 1 ? 4096 : 512;
		be(e)->physical_sector_size = 4096;
		be(e)->info = i % (NOXS_VBD_INFO_ALL + 1);
		be(e)->max_queues = 1 + i % 4;
		be(e)->max_segments = 11 + i;
		if (i & 2)
			no_discard(e);
		if (i & 4)
			no_indirect(e);
		if (i & 8)
			e->half.hdr.features &= ~NOXS_VBD_F_FLUSH;
		evil_publish(e, NOXS_STATE_CONNECTED);
		serve_for(e, 20);
	}
}

/* Another backend than before. */

/* The rings that it had are given back. */
static void come_back(struct evil *e)
{
	evil_release(e);
	if (!evil_come_back(e, jiffies + REQUEST_TIMEOUT) && !*e->report &&
	    evil_frontend_state(e) != NOXS_STATE_CLOSED)
		snprintf(e->report, sizeof(e->report), "; error: no connection");
}

/* With a request in flight that it can't have any more. */
static void back_smaller(struct evil *e)
{
	if (!next(e, BLKIF_OP_READ))
		return;
	disk_features_none(e);
	be(e)->max_queues = 1;
	come_back(e);
}

static void back_features(struct evil *e)
{
	unsigned int i;

	for (i = 0; i < 6; i++) {
		if (!next(e, i & 1 ? BLKIF_OP_READ : BLKIF_OP_WRITE))
			return;
		evil_vbd_prepare(e);
		if (!(i & 1))
			no_discard(e);
		if (i & 2)
			no_indirect(e);
		if (!(i & 4))
			e->half.hdr.features &= ~(NOXS_VBD_F_FLUSH |
						  NOXS_VBD_F_BARRIER);
		come_back(e);
	}
}

static void back_readonly(struct evil *e)
{
	if (!next(e, BLKIF_OP_WRITE))
		return;
	be(e)->info = NOXS_VBD_INFO_READONLY;
	come_back(e);
}

static void back_sectors(struct evil *e)
{
	if (!next(e, BLKIF_OP_READ))
		return;
	sectors_large(e);
	come_back(e);
}

static void back_sectors_smaller(struct evil *e)
{
	if (!next(e, BLKIF_OP_READ))
		return;
	be(e)->sector_size = 512;
	come_back(e);
}

/* With a discard in flight that is too large now. */
static void back_discard(struct evil *e)
{
	if (!next(e, BLKIF_OP_DISCARD))
		return;
	be(e)->max_discard_sectors = 16;
	come_back(e);
}

static void back_empty(struct evil *e)
{
	if (!next(e, BLKIF_OP_READ))
		return;
	be(e)->sectors = 0;
	come_back(e);
}

static void back_invalid(struct evil *e)
{
	if (!next(e, BLKIF_OP_READ))
		return;
	segments_many(e);
	come_back(e);
}

/*
 * Half of a request's pages stay mapped: the guest must not end the read, nor send
 * it again, before all of them are let go; what comes late goes nowhere.
 */
static void back_mapped(struct evil *e)
{
	struct evil_request *r = next(e, BLKIF_OP_READ);
	unsigned int i;

	if (!r || !keep(e, r))
		return;
	let_go(e, e->nr_kept / 2);
	come_back(e);
	serve_for(e, LATE_MS);
	for (i = 0; i < e->nr_kept; i++)
		memset(e->kept[i].addr, LATE, XEN_PAGE_SIZE);
	snprintf(e->report, sizeof(e->report), "; late pages %u", e->nr_kept);
	let_go(e, e->nr_kept);
}

/* The rings stay mapped, and are another connection's no more. */
static void keep_rings(struct evil *e)
{
	unsigned int i;

	for (i = 0; i < e->nr_queues; i++) {
		noxs_channel_free(&e->ch[i], e);
		e->kept[e->nr_kept++] = e->ring[i];
		e->ring[i].addr = NULL;
	}
	e->nr_queues = 0;
}

/* Again and again, and no ring that it had is ever let go. */
static void back_keeps(struct evil *e)
{
	unsigned int i;

	for (i = 0; i < 5; i++) {
		keep_rings(e);
		come_back(e);
	}
}

const struct evil_attack evil_vbd_attacks[] = {
	HALF(sectors_huge), HALF(sectors_negative), HALF(sector_size_none),
	HALF(sector_size_odd), HALF(sector_size_small), HALF(sector_size_large),
	HALF(physical_small), HALF(physical_odd), HALF(physical_huge),
	HALF(info_unknown), HALF(disk_queues_none), HALF(disk_queues_huge),
	HALF(ring_pages_none), HALF(ring_pages_three), HALF(ring_pages_many),
	HALF(segments_few), HALF(segments_many), HALF(segments_alone),
	HALF(discard_alone), HALF(discard_none), HALF(discard_odd),
	HALF(discard_misaligned), HALF(disk_features_none), HALF(sectors_none),
	HALF(sectors_odd), HALF(sectors_most), HALF(info_all),
	HALF(discard_strange), HALF(discard_tiny), HALF(physical_most),
	RINGS(rsp_beyond), RINGS(rsp_far), RINGS(rsp_back), RINGS(id_large),
	RINGS(id_huge), RINGS(id_negative), RINGS(id_free), RINGS(op_wrong),
	RINGS(op_none), RINGS(op_indirect), RINGS(status_positive),
	RINGS(status_negative), RINGS(answered_twice), RINGS(answered_again),
	RINGS(never_answered), RINGS(silent), RINGS(dies), RINGS(blank),
	RINGS(closed_error), RINGS(answered_after), RINGS(ring_garbage),
	RINGS(answered_mapped), RINGS(late_data), RINGS(late_look),
	RINGS(errors), RINGS(unsupported), RINGS(ring_noise),
	RINGS(later_sectors_huge), RINGS(later_sector_size),
	RINGS(later_features), RINGS(capacity_flips), RINGS(offer_flips),
	RINGS(back_smaller), RINGS(back_features), RINGS(back_readonly),
	RINGS(back_sectors), RINGS(back_empty), RINGS(back_invalid),
	RINGS(back_mapped), RINGS(back_discard), RINGS(back_keeps),
	{
		.name = "back_sectors_smaller",
		.half = sectors_large,
		.rings = back_sectors_smaller,
	},
	{
		/* busy.c's memory isn't aligned as these: it is copied. */
		.name = "late_copied",
		.half = sectors_large,
		.rings = late_data,
	},
	{ }
};
