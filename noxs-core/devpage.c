// SPDX-License-Identifier: GPL-2.0
/*
 * The device page: how the host publishes it, and how a guest reads it.
 *
 * The only code that touches shared device pages. The host keeps the truth in
 * private memory; callers serialise changes of one page.
 */
#include <linux/string.h>

#include "core.h"
#include "seqcopy.h"

/**
 * noxs_devpage_snapshot() - copy the device page
 * @shared: the page
 * @copy: out: private copy, not validated yet
 *
 * Return: 0 or -EAGAIN, as noxs_seq_copy()
 */
int noxs_devpage_snapshot(const struct noxs_devpage *shared,
			  struct noxs_devpage *copy)
{
	u32 seq;
	int err;

	err = noxs_seq_copy(copy, shared, sizeof(*copy), &shared->hdr.seq,
			    &seq);
	copy->hdr.seq = seq;
	return err;
}

/**
 * noxs_devpage_publish() - make a change visible to the guest
 * @shared: the page
 * @own: what it is to say; its seq is counted up
 *
 * The caller notifies the guest.
 */
void noxs_devpage_publish(struct noxs_devpage *shared, struct noxs_devpage *own)
{
	noxs_seq_begin(&shared->hdr.seq, own->hdr.seq);
	shared->hdr.magic = own->hdr.magic;
	shared->hdr.version = own->hdr.version;
	shared->hdr.nr_slots = own->hdr.nr_slots;
	shared->hdr.evtchn = own->hdr.evtchn;
	shared->hdr.size = own->hdr.size;
	shared->hdr.slot_size = own->hdr.slot_size;
	shared->hdr.minor = own->hdr.minor;
	memcpy(shared->slot, own->slot, sizeof(shared->slot));
	own->hdr.seq = noxs_seq_end(&shared->hdr.seq, own->hdr.seq);
}
