// SPDX-License-Identifier: GPL-2.0
/*
 * The device page: how the host publishes it, and how a guest reads it.
 *
 * The only code that touches shared device pages. The host keeps the truth in
 * private memory; callers serialise changes of one page.
 */
#include <linux/errno.h>
#include <linux/string.h>
#include <asm/barrier.h>

#include "core.h"

/* A host that is slower than this has been descheduled; an event follows. */
#define NOXS_SNAPSHOT_TRIES	64

/**
 * noxs_devpage_snapshot() - copy the device page
 * @shared: the page
 * @copy: out: private copy, not validated yet
 *
 * Return: 0, or -EAGAIN if the host was changing it all the time
 */
int noxs_devpage_snapshot(const struct noxs_devpage *shared,
			  struct noxs_devpage *copy)
{
	unsigned int try;

	for (try = 0; try < NOXS_SNAPSHOT_TRIES; try++) {
		u32 seq = READ_ONCE(shared->hdr.seq);

		virt_rmb();	/* pairs with virt_wmb in noxs_devpage_publish() */
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
 * noxs_devpage_publish() - make a change visible to the guest
 * @shared: the page
 * @own: what it is to say; its seq is counted up
 *
 * The caller notifies the guest.
 */
void noxs_devpage_publish(struct noxs_devpage *shared, struct noxs_devpage *own)
{
	u32 seq = own->hdr.seq;

	WRITE_ONCE(shared->hdr.seq, seq + 1);
	virt_wmb();	/* pairs with virt_rmb in noxs_devpage_snapshot() */
	shared->hdr.magic = own->hdr.magic;
	shared->hdr.version = own->hdr.version;
	shared->hdr.nr_slots = own->hdr.nr_slots;
	shared->hdr.evtchn = own->hdr.evtchn;
	memcpy(shared->slot, own->slot, sizeof(shared->slot));
	virt_wmb();	/* likewise */
	own->hdr.seq = seq + 2;
	WRITE_ONCE(shared->hdr.seq, own->hdr.seq);
}
