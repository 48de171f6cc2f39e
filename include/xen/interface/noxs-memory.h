/* SPDX-License-Identifier: MIT */
/*
 * noxs: the hypercall of a Xen that keeps guests' device pages.
 *
 * A Xen with the noxs extension (xen/ has the patches) keeps the device page of
 * each guest that has one. The host says what is in its slots, by
 * HYPERVISOR_memory_op(XENMEM_noxs, &op); Xen alone writes the page. The guest
 * asks for its own by the same operation, and has it read-only.
 *
 * The page is as io/noxs.h says, with the same rules: seq is odd while Xen
 * writes, and a reader copies between two equal even values. It is of Xen's heap,
 * counts for no limit of the guest's, stays at its place for as long as there is
 * the domain, and is freed with it. A restored guest is a new domain: it has a new
 * page, or none yet, and asks again.
 *
 * After each change Xen sends the guest VIRQ_NOXS, which is a virtual interrupt of
 * the whole domain: it is bound on vCPU 0, as VIRQ_ARGO. A port, as the page of a
 * handle names one, would be a port of somebody's; Xen has none, and one in dom0
 * is what this saves. So the page's header has evtchn 0. A Xen that doesn't know
 * VIRQ_NOXS lets a guest bind it, and never sends it. Who binds it looks at the
 * page once afterwards: what changed before sent nothing to who hadn't bound.
 *
 * On any other Xen, this operation is -ENOSYS, for whatever domain and from
 * whichever guest: use another way to find the page. That is all of discovery. To
 * a host, XEN_NOXS_GET of its own says whether it works: -ENOENT, as it has no
 * page.
 *
 * It is the same for guests of 32 and 64 bits: there are no pointers, and uint64_t
 * is at a multiple of 8.
 */
#ifndef __XEN_PUBLIC_NOXS_MEMORY_H__
#define __XEN_PUBLIC_NOXS_MEMORY_H__

#include "io/noxs.h"

/*
 * Neither number is anybody's yet. XENMEM operations go up to 63, of which Xen has
 * given out those below 29; virtual interrupts up to 23, of which those from 16
 * on are an architecture's, and 14 and 15 have never been used.
 */
#define XENMEM_noxs	48
#define VIRQ_NOXS	14

/*
 * Where there is something to put it, and the guest is PVH or HVM: XENMEM_noxs'
 * XEN_NOXS_GET for who builds the guest, as XENMEM_add_to_physmap's space.
 */
#define XENMAPSPACE_noxs	48

/*
 * Commands. What a command isn't said to use must be zero: -EINVAL.
 *
 * GET: only for the caller's own domain (domid is its number or DOMID_SELF), and
 *	it needs no privilege. A PV guest passes frame 0 and gets the page's machine
 *	frame, to map it read-only; Xen refuses a writable mapping. A PVH or HVM
 *	guest passes the guest frame at which it wants the page: it is there when
 *	the call returns, read-only, and no longer where it was, if it was mapped.
 *	What was in that frame is as with XENMEM_add_to_physmap: memory goes back to
 *	Xen, so take a frame that is ballooned out, or a hole.
 * WRITE: fills a free slot, the page being made if there is none, and sends the
 *	event.
 * CLEAR: makes a slot free, zero in all of its bytes, and sends the event.
 * RESET: makes all slots free, the page being made if there is none, and sends the
 *	event. A host begins with it: a guest whose page is empty has one.
 * DROP: makes all slots free, and sends the event. There is no page for GET, until
 *	the next WRITE or RESET: the host has another way to say where it is. Who has
 *	mapped it keeps it, empty, and it is the same page if it comes back.
 *
 * All of them but GET are for a domain privileged over the target: the control
 * domain, or whom FLASK allows "domain2 noxs". A device model isn't.
 */
#define XEN_NOXS_GET	0
#define XEN_NOXS_WRITE	1
#define XEN_NOXS_CLEAR	2
#define XEN_NOXS_RESET	3
#define XEN_NOXS_DROP	4

/*
 * Errors, as Linux' numbers, in the order in which they are looked for. Whatever
 * fails has changed nothing, neither the page nor its seq, and sent no event. Only
 * what XENMEM_add_to_physmap says last may come when the page has left its former
 * frame, or memory the new one.
 *
 * -ENOSYS: this Xen has no XENMEM_noxs
 * -EFAULT: the structure can't be read; GET of PV: or the frame can't be written
 * -EOPNOTSUPP: there is no such command
 * -EINVAL: pad, or what the command doesn't use, isn't zero. WRITE, CLEAR: slot
 *	isn't below NOXS_DEVPAGE_SLOTS. WRITE: the content has type NOXS_TYPE_NONE,
 *	an id above NOXS_MAX_DEV_ID, a port that is 0 or 2^17 and more, generation
 *	0, flags, or room that isn't zero
 * -EPERM: GET: the domain isn't the caller's own. All others: it is
 * -ESRCH: there is no such domain; also those that are Xen's, DOMID_XEN for one
 * -EPERM: all but GET: the caller isn't privileged over the domain; if FLASK says
 *	so: -EACCES
 * -EINVAL: WRITE: the guest itself is named as backend
 * -ESRCH: WRITE: there is no such backend domain. All but GET: the domain is dying
 * -ENOMEM: WRITE, RESET: Xen has no memory for the page
 * -ENOENT: GET, CLEAR, DROP: the domain has no page. CLEAR: the slot is free
 * -EEXIST: WRITE: the slot isn't free, or another one has a device of this type,
 *	backend domain and id
 * -EINVAL, -EPERM, -ENOMEM, ...: GET of PVH: what XENMEM_add_to_physmap says of the
 *	frame, of which -EINVAL: it is beyond what the guest can have; -EPERM: it
 *	is a device's
 */

/**
 * struct xen_noxs - argument of XENMEM_noxs
 * @domid: whose page; DOMID_SELF is the caller's
 * @cmd: XEN_NOXS_*
 * @slot: XEN_NOXS_WRITE, XEN_NOXS_CLEAR: number of the slot
 * @pad: zero
 * @frame: XEN_NOXS_GET: in for PVH and HVM, out for PV: the page's frame
 * @content: XEN_NOXS_WRITE: what to write there
 */
struct xen_noxs {
	uint16_t domid;
	uint16_t cmd;
	uint16_t slot;
	uint16_t pad;
	uint64_t frame;
	struct noxs_slot content;
};

static_assert(sizeof(struct xen_noxs) == 48, "xen_noxs size");
static_assert(offsetof(struct xen_noxs, domid) == 0, "xen_noxs.domid offset");
static_assert(offsetof(struct xen_noxs, cmd) == 2, "xen_noxs.cmd offset");
static_assert(offsetof(struct xen_noxs, slot) == 4, "xen_noxs.slot offset");
static_assert(offsetof(struct xen_noxs, pad) == 6, "xen_noxs.pad offset");
static_assert(offsetof(struct xen_noxs, frame) == 8, "xen_noxs.frame offset");
static_assert(offsetof(struct xen_noxs, content) == 16,
	      "xen_noxs.content offset");

#endif /* __XEN_PUBLIC_NOXS_MEMORY_H__ */
