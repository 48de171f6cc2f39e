/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is wrong about a XENMEM_noxs whoever asks for it, and whatever domain it is about:
 * for programs in dom0, and for a guest's kernel.
 *
 * Who includes this has expect(), which tries an operation, and is to find that it
 * fails with an errno and changes nothing.
 */
#ifndef _SYSTEM_XENPAGE_WRONG_H
#define _SYSTEM_XENPAGE_WRONG_H

/* No domain's number. */
#define XENPAGE_NOBODY	32000
/* One of Xen's: not in the public header of tools. */
#define XENPAGE_XENS	0x7ff2

static void expect(int expected, struct xen_noxs op, const char *what);

/* One that is right: what is written is a vif of dom0's, called by the slot. */
static inline struct xen_noxs xenpage_command(uint16_t cmd, unsigned int domid,
					      unsigned int slot)
{
	struct xen_noxs op = { .domid = domid, .cmd = cmd };

	if (cmd == XEN_NOXS_WRITE || cmd == XEN_NOXS_CLEAR)
		op.slot = slot;
	if (cmd == XEN_NOXS_WRITE)
		op.content = (struct noxs_slot){
			.type = NOXS_TYPE_VIF,
			.id = 1000 + slot,
			.gref = 8,
			.evtchn = 1,
			.generation = 1000000 + slot,
		};
	return op;
}

#define EXPECT(errno_, op_, member, value, what) do {			\
	struct xen_noxs __op = (op_);					\
									\
	__op.member = (value);						\
	expect(errno_, __op, what);					\
} while (0)

static inline void xenpage_wrong_content(struct xen_noxs op)
{
	EXPECT(EINVAL, op, content.type, 0, "type");
	EXPECT(EINVAL, op, content.id, 0x10000, "id");
	EXPECT(EINVAL, op, content.id, 0xffffffff, "id");
	EXPECT(EINVAL, op, content.evtchn, 0, "port");
	EXPECT(EINVAL, op, content.evtchn, 1 << 17, "port");
	EXPECT(EINVAL, op, content.evtchn, 0xffffffff, "port");
	EXPECT(EINVAL, op, content.generation, 0, "generation");
	EXPECT(EINVAL, op, content.flags, 1, "flags");
	EXPECT(EINVAL, op, content.flags, 1U << 31, "flags");
	EXPECT(EINVAL, op, content.room[0], 1, "room");
	EXPECT(EINVAL, op, content.room[1], 1, "room");
}

/*
 * What is wrong with whatever command. @slot isn't in use. Only a guest that says where
 * its page is to be has a frame to say in XEN_NOXS_GET.
 */
static inline void xenpage_wrong_structure(unsigned int domid, unsigned int slot,
					   bool says_frame)
{
	uint16_t cmd;

	for (cmd = XEN_NOXS_GET; cmd <= XEN_NOXS_DROP; cmd++) {
		struct xen_noxs op = xenpage_command(cmd, domid, slot);

		EXPECT(EINVAL, op, pad, 1, "pad");
		EXPECT(EINVAL, op, pad, 0x8000, "pad");
		if (cmd != XEN_NOXS_GET || !says_frame) {
			EXPECT(EINVAL, op, frame, 1, "frame");
			EXPECT(EINVAL, op, frame, 1ULL << 63, "frame");
		}
		if (cmd == XEN_NOXS_WRITE || cmd == XEN_NOXS_CLEAR) {
			EXPECT(EINVAL, op, slot, 127, "slot");
			EXPECT(EINVAL, op, slot, 128, "slot");
			EXPECT(EINVAL, op, slot, 0xffff, "slot");
		} else {
			EXPECT(EINVAL, op, slot, 1, "slot");
		}
		if (cmd == XEN_NOXS_WRITE) {
			xenpage_wrong_content(op);
		} else {
			EXPECT(EINVAL, op, content.type, 1, "content");
			EXPECT(EINVAL, op, content.room[1], 1, "content");
		}
	}
	EXPECT(EOPNOTSUPP, xenpage_command(0, domid, 0), cmd, 5, "unknown");
	EXPECT(EOPNOTSUPP, xenpage_command(0, domid, 0), cmd, 0xffff, "unknown");
}

#endif /* _SYSTEM_XENPAGE_WRONG_H */
