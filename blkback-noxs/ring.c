// SPDX-License-Identifier: GPL-2.0
/*
 * Rings: the guest's requests, and our answers.
 *
 * The guest's words in a ring are each read once and checked before use; nothing
 * that we wrote there is ever read back. The two protocols differ in the size of
 * an entry, and of a response, only: the indices in front are the same.
 *
 * Part of a pass (queue.c); no locks.
 */
#include <linux/string.h>
#include <xen/events.h>

#include "blkback.h"

/* The native types are those of the 64-bit protocol. */
static_assert(offsetof(struct blkif_sring, ring) == BLKBACK_RING_HEADER);
static_assert(sizeof(union blkif_sring_entry) == BLKBACK_ENTRY_64);
static_assert(__CONST_RING_SIZE(blkif, XEN_PAGE_SIZE) == BLKBACK_RING_SIZE);
static_assert(BLKBACK_RING_HEADER + BLKBACK_RING_SIZE * BLKBACK_ENTRY_X86_32 <=
	      XEN_PAGE_SIZE);
static_assert(BLKBACK_RING_HEADER +
	      2 * BLKBACK_RING_SIZE * BLKBACK_ENTRY_X86_32 > XEN_PAGE_SIZE);

/* A response of 32-bit x86 lacks the padding at the end. */
#define BLKBACK_RESPONSE_X86_32	12

static_assert(offsetofend(struct blkif_response, status) ==
	      BLKBACK_RESPONSE_X86_32);

static unsigned int entry_size(const struct blkback_queue *queue)
{
	return queue->protocol == NOXS_VBD_PROTOCOL_X86_32 ?
	       BLKBACK_ENTRY_X86_32 : BLKBACK_ENTRY_64;
}

static void *ring_entry(const struct blkback_queue *queue, RING_IDX index)
{
	return (void *)queue->sring + BLKBACK_RING_HEADER +
	       (index % BLKBACK_RING_SIZE) * entry_size(queue);
}

/**
 * blkback_ring_avail() - count the requests that wait in the ring
 * @queue: the queue
 *
 * Return: how many; 0 if the guest broke the protocol, which closes the device
 */
unsigned int blkback_ring_avail(struct blkback_queue *queue)
{
	RING_IDX prod = READ_ONCE(queue->sring->req_prod);

	if (blkback_check_prod(prod, queue->req_cons, queue->rsp_prod)) {
		blkback_fatal(queue->bb, -EPROTO,
			      "queue %u: req_prod %u after %u requests",
			      queue->id, prod, queue->req_cons);
		return 0;
	}
	/* Requests after their index; pairs with the frontend's wmb. */
	virt_rmb();
	return prod - queue->req_cons;
}

/**
 * blkback_ring_read() - copy the next request out of the ring
 * @queue: a queue with a request that waits
 * @raw: out: private copy
 *
 * Each word is read once. The request remains the next one.
 */
void blkback_ring_read(const struct blkback_queue *queue,
		       struct blkif_request *raw)
{
	const void *entry = ring_entry(queue, queue->req_cons);
	union {
		u32 word[BLKBACK_ENTRY_WORDS];
		u64 pair[BLKBACK_ENTRY_WORDS / 2];
	} copy;
	unsigned int i;

	/* Two words at a time, if they are aligned. */
	if (queue->protocol == NOXS_VBD_PROTOCOL_64)
		for (i = 0; i < ARRAY_SIZE(copy.pair); i++)
			copy.pair[i] = READ_ONCE(((const u64 *)entry)[i]);
	else
		for (i = 0; i < BLKBACK_ENTRY_X86_32 / sizeof(u32); i++)
			copy.word[i] = READ_ONCE(((const u32 *)entry)[i]);
	blkback_decode(queue->protocol, copy.word, raw);
}

/**
 * blkback_ring_respond() - answer a request
 * @queue: the queue
 * @id: of the request
 * @operation: BLKIF_OP_* of the request
 * @err: 0 or -errno
 *
 * The guest learns of it at the end of the pass. There is room for it, as each
 * request took an entry.
 */
void blkback_ring_respond(struct blkback_queue *queue, u64 id, u8 operation,
			  int err)
{
	struct blkif_response rsp;

	if (err)
		blkback_count(queue, BLKBACK_STAT_ERRORS, 1);
	if (blkback_is_stopped(queue))
		return;

	/* With its padding, of which the guest sees every octet. */
	memset(&rsp, 0, sizeof(rsp));
	rsp.id = id;
	rsp.operation = operation;
	if (err == -EOPNOTSUPP)
		rsp.status = BLKIF_RSP_EOPNOTSUPP;
	else
		rsp.status = err ? BLKIF_RSP_ERROR : BLKIF_RSP_OKAY;
	memcpy(ring_entry(queue, queue->rsp_prod++), &rsp,
	       queue->protocol == NOXS_VBD_PROTOCOL_X86_32 ?
	       BLKBACK_RESPONSE_X86_32 : sizeof(rsp));
}

/**
 * blkback_ring_push() - show the guest the responses made so far
 * @queue: the queue
 */
void blkback_ring_push(struct blkback_queue *queue)
{
	RING_IDX prod = queue->rsp_prod;
	RING_IDX nr = prod - queue->rsp_pushed;

	if (!nr || blkback_is_stopped(queue))
		return;

	/* Responses before their index; pairs with the frontend's rmb. */
	virt_wmb();
	WRITE_ONCE(queue->sring->rsp_prod, prod);
	queue->rsp_pushed = prod;
	/* Pairs with the one of a frontend that goes to sleep. */
	virt_mb();
	if (prod - READ_ONCE(queue->sring->rsp_event) < nr)
		notify_remote_via_irq(queue->ch.irq);
}

/**
 * blkback_ring_is_empty() - ask for an event for the next request
 * @queue: the queue
 *
 * Return: false if there is a request already
 */
bool blkback_ring_is_empty(struct blkback_queue *queue)
{
	WRITE_ONCE(queue->sring->req_event, queue->req_cons + 1);
	/* Pairs with the one of a frontend that has pushed requests. */
	virt_mb();
	return READ_ONCE(queue->sring->req_prod) == queue->req_cons;
}
