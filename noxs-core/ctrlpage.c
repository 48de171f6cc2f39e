// SPDX-License-Identifier: GPL-2.0
/*
 * The control page: how a half is published, and how the other one is read.
 *
 * The only code that touches shared control pages. A writer keeps what it
 * publishes in private memory and never reads its half back, as the other end
 * could have written there. Callers hold the link's lock, or own the page.
 */
#include <linux/errno.h>
#include <linux/string.h>
#include <asm/barrier.h>

#include "core.h"

/* A writer that is slower than this has been descheduled, or is hostile. */
#define NOXS_SNAPSHOT_TRIES	64

/**
 * noxs_half_snapshot() - copy the other end's half
 * @shared: the half in the control page
 * @copy: out: private copy
 *
 * Return: 0, or -EAGAIN if its writer was changing it all the time; it sends
 * an event when it has finished
 */
int noxs_half_snapshot(const struct noxs_half *shared, struct noxs_half *copy)
{
	unsigned int try;

	for (try = 0; try < NOXS_SNAPSHOT_TRIES; try++) {
		u32 seq = READ_ONCE(shared->hdr.seq);

		virt_rmb();	/* pairs with virt_wmb in noxs_half_publish() */
		memcpy(copy, shared, sizeof(*copy));
		virt_rmb();	/* likewise */
		if (!(seq & 1) && READ_ONCE(shared->hdr.seq) == seq) {
			copy->hdr.seq = seq;
			return 0;
		}
	}
	return -EAGAIN;
}

/**
 * noxs_half_state() - read the other end's state
 * @shared: the half in the control page
 *
 * Return: the state as it stands there, whatever it is. What its writer
 * published before it is visible.
 */
u32 noxs_half_state(const struct noxs_half *shared)
{
	/* pairs with virt_store_release in noxs_half_set_state() */
	return virt_load_acquire(&shared->hdr.state);
}

/**
 * noxs_half_publish() - write all of our half but the state
 * @shared: the half in the control page
 * @own: what to write; its state and seq don't count
 * @seq: number of the last change, is counted up
 */
void noxs_half_publish(struct noxs_half *shared, const struct noxs_half *own,
		       u32 *seq)
{
	WRITE_ONCE(shared->hdr.seq, *seq + 1);
	virt_wmb();	/* pairs with virt_rmb in noxs_half_snapshot() */
	shared->hdr.version = own->hdr.version;
	shared->hdr.type = own->hdr.type;
	shared->hdr.features = own->hdr.features;
	shared->hdr.epoch = own->hdr.epoch;
	shared->hdr.error = own->hdr.error;
	memcpy(shared->payload, own->payload, sizeof(shared->payload));
	virt_wmb();	/* likewise */
	*seq += 2;
	WRITE_ONCE(shared->hdr.seq, *seq);
}

/**
 * noxs_half_set_state() - publish a state, and all that was written before
 * @shared: our half in the control page
 * @state: NOXS_STATE_*
 */
void noxs_half_set_state(struct noxs_half *shared, u32 state)
{
	/* pairs with virt_load_acquire in noxs_half_state() */
	virt_store_release(&shared->hdr.state, state);
}
