// SPDX-License-Identifier: GPL-2.0
/*
 * The control page: how a half is published, and how the other one is read.
 *
 * The only code that touches shared control pages. A writer keeps what it
 * publishes in private memory and never reads its half back, as the other end
 * could have written there. Callers hold the link's lock, or own the page.
 */
#include <linux/string.h>
#include <asm/barrier.h>

#include "core.h"
#include "seqcopy.h"

/**
 * noxs_half_snapshot() - copy the other end's half
 * @shared: the half in the control page
 * @copy: out: private copy
 *
 * Return: 0 or -EAGAIN, as noxs_seq_copy()
 */
int noxs_half_snapshot(const struct noxs_half *shared, struct noxs_half *copy)
{
	u32 seq;
	int err;

	err = noxs_seq_copy(copy, shared, sizeof(*copy), &shared->hdr.seq,
			    &seq);
	copy->hdr.seq = seq;
	return err;
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
	noxs_seq_begin(&shared->hdr.seq, *seq);
	shared->hdr.version = own->hdr.version;
	shared->hdr.type = own->hdr.type;
	shared->hdr.features = own->hdr.features;
	shared->hdr.epoch = own->hdr.epoch;
	shared->hdr.error = own->hdr.error;
	shared->hdr.size = own->hdr.size;
	shared->hdr.payload_size = own->hdr.payload_size;
	shared->hdr.minor = own->hdr.minor;
	shared->hdr.pad = 0;
	memcpy(shared->payload, own->payload, sizeof(shared->payload));
	*seq = noxs_seq_end(&shared->hdr.seq, *seq);
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
