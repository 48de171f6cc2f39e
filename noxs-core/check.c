// SPDX-License-Identifier: GPL-2.0
/*
 * Tells whether what another domain wrote can be used: handles, device pages
 * and halves of control pages; and brings those, whose writer may be older or
 * newer than this kernel, into the layout that is known here. Works on private
 * copies only, takes no lock, and needs nothing of the kernel, so that
 * tests/unit and tests/fuzz build this very file.
 */
#include <linux/errno.h>
#include <linux/string.h>
#include <linux/types.h>

#include "check.h"

static u16 get_le16(const u8 *byte)
{
	return byte[0] | byte[1] << 8;
}

static u32 get_le32(const u8 *byte)
{
	return get_le16(byte) | (u32)get_le16(byte + 2) << 16;
}

static void put_le16(u8 *byte, u16 value)
{
	byte[0] = value & 0xff;
	byte[1] = value >> 8;
}

static void put_le32(u8 *byte, u32 value)
{
	put_le16(byte, value & 0xffff);
	put_le16(byte + 2, value >> 16);
}

/**
 * noxs_handle_make() - write where a device page is into a handle
 * @handle: random bytes in, a UUID of version 8 out
 * @owner: domid of the page's owner
 * @gref: the page in the owner's grant table
 *
 * The layout is that of xen/interface/io/noxs.h. Bytes that carry nothing
 * stay random, so that handles differ.
 */
void noxs_handle_make(u8 handle[NOXS_HANDLE_SIZE], u16 owner, u32 gref)
{
	memcpy(handle, NOXS_HANDLE_MAGIC, NOXS_HANDLE_OWNER);
	put_le16(handle + NOXS_HANDLE_OWNER, owner);
	handle[NOXS_HANDLE_VERSION] = NOXS_HANDLE_UUID_V8 | NOXS_ABI_VERSION;
	handle[NOXS_HANDLE_VARIANT] =
		NOXS_HANDLE_UUID_VARIANT | (handle[NOXS_HANDLE_VARIANT] & 0x3f);
	put_le32(handle + NOXS_HANDLE_GREF, gref);
}

/**
 * noxs_handle_parse() - find out where the device page is
 * @handle: the domain's handle
 * @owner: out: domid of the page's owner
 * @gref: out: the page in the owner's grant table
 *
 * Return: 0, -ENODEV if the handle says nothing of noxs, -EPROTONOSUPPORT if
 * it does so in another version, -EINVAL if no page can be there
 */
int noxs_handle_parse(const u8 handle[NOXS_HANDLE_SIZE], u16 *owner, u32 *gref)
{
	u8 version = handle[NOXS_HANDLE_VERSION];

	if (memcmp(handle, NOXS_HANDLE_MAGIC, NOXS_HANDLE_OWNER) ||
	    (version & 0xf0) != NOXS_HANDLE_UUID_V8 ||
	    (handle[NOXS_HANDLE_VARIANT] & 0xc0) != NOXS_HANDLE_UUID_VARIANT)
		return -ENODEV;
	if ((version & 0x0f) != NOXS_ABI_VERSION)
		return -EPROTONOSUPPORT;

	*owner = get_le16(handle + NOXS_HANDLE_OWNER);
	*gref = get_le32(handle + NOXS_HANDLE_GREF);
	if (*owner >= NOXS_DOMID_LIMIT || !*gref)
		return -EINVAL;
	return 0;
}

/**
 * struct array - an array, and the head that precedes it
 * @head: octets of the head; the array begins there
 * @entry: octets of each entry
 */
struct array {
	size_t head;
	size_t entry;
};

static size_t lesser(size_t a, size_t b)
{
	return a < b ? a : b;
}

static bool is_length(size_t length, size_t min)
{
	return length >= min && !(length % 8);
}

/*
 * Lay out anew what a peer laid out as @is, as it is @known here: what is longer
 * is cut off, what is shorter is filled up with zeros. All entries are within
 * @size octets of @start, in the one layout as in the other, and there is
 * nothing else.
 */
static void lay_out(u8 *start, size_t size, struct array is,
		    const struct array *known, size_t nr)
{
	size_t both = lesser(is.entry, known->entry);
	size_t head = lesser(is.head, known->head);
	size_t i;

	/* Towards the start, the first one first, so that none is overwritten. */
	for (i = 0; i < nr; i++)
		memmove(start + head + i * both, start + is.head + i * is.entry,
			both);
	/* Away from it, the last one first. */
	for (i = nr; i-- > 0;) {
		u8 *entry = start + known->head + i * known->entry;

		memmove(entry, start + head + i * both, both);
		memset(entry + both, 0, known->entry - both);
	}
	memset(start + head, 0, known->head - head);
	memset(start + known->head + nr * known->entry, 0,
	       size - known->head - nr * known->entry);
}

static bool slot_is_known(const struct noxs_slot *slot)
{
	return slot->type <= NOXS_TYPE_MAX && !slot->flags;
}

static bool slot_is_valid(const struct noxs_slot *slot)
{
	return slot->backend < NOXS_DOMID_LIMIT &&
	       slot->id <= NOXS_MAX_DEV_ID &&
	       slot->gref && slot->evtchn && slot->generation;
}

static bool slots_collide(const struct noxs_slot *a, const struct noxs_slot *b)
{
	if (a->type == NOXS_TYPE_NONE || b->type == NOXS_TYPE_NONE)
		return false;
	return a->generation == b->generation ||
	       (a->type == b->type && a->id == b->id);
}

static int check_slots(struct noxs_devpage *page)
{
	unsigned int i, j;

	for (i = 0; i < page->hdr.nr_slots; i++) {
		struct noxs_slot *slot = &page->slot[i];

		if (slot->type == NOXS_TYPE_NONE) {
			if (memchr_inv(slot, 0, sizeof(*slot)))
				return -EINVAL;
			continue;
		}
		if (!slot_is_known(slot)) {
			memset(slot, 0, sizeof(*slot));
			continue;
		}
		if (!slot_is_valid(slot))
			return -EINVAL;
		for (j = 0; j < i; j++)
			if (slots_collide(slot, &page->slot[j]))
				return -EINVAL;
	}
	return 0;
}

/**
 * noxs_devpage_check() - validate a copy of the device page
 * @page: the copy; afterwards in the layout of struct noxs_devpage, without the
 *	slots that are of no use to this kernel
 *
 * Return: 0, -EPROTONOSUPPORT for another version, -EINVAL for anything that
 * isn't a device page
 */
int noxs_devpage_check(struct noxs_devpage *page)
{
	static const struct array known = {
		.head = sizeof(struct noxs_devpage_header),
		.entry = sizeof(struct noxs_slot),
	};
	struct noxs_devpage_header *hdr = &page->hdr;
	struct array is = { .head = hdr->size, .entry = hdr->slot_size };
	size_t end = is.head + hdr->nr_slots * is.entry;

	if (hdr->magic != NOXS_DEVPAGE_MAGIC)
		return -EINVAL;
	if (hdr->version != NOXS_ABI_VERSION)
		return -EPROTONOSUPPORT;
	if (!hdr->nr_slots || hdr->nr_slots > NOXS_DEVPAGE_SLOTS ||
	    (hdr->seq & 1) || hdr->pad ||
	    !is_length(is.head, NOXS_DEVPAGE_HEADER_MIN) ||
	    !is_length(is.entry, NOXS_SLOT_MIN) || end > sizeof(*page) ||
	    memchr_inv((u8 *)page + end, 0, sizeof(*page) - end))
		return -EINVAL;

	lay_out((u8 *)page, sizeof(*page), is, &known, hdr->nr_slots);
	hdr->size = known.head;
	hdr->slot_size = known.entry;
	return check_slots(page);
}

/**
 * noxs_state_is_valid() - tell whether an end may be in a state
 * @state: NOXS_STATE_*, as read
 * @backend: which end wrote it
 *
 * Return: true if it may
 */
bool noxs_state_is_valid(u32 state, bool backend)
{
	switch (state) {
	case NOXS_STATE_UNKNOWN:
	case NOXS_STATE_INITIALISING:
	case NOXS_STATE_CONNECTED:
	case NOXS_STATE_CLOSING:
	case NOXS_STATE_CLOSED:
		return true;
	case NOXS_STATE_INIT_WAIT:
		return backend;
	default:
		return false;
	}
}

/**
 * struct payload - the payload of a type's one end
 * @min: the shortest that there may be
 * @known: as it is here; all of it is head if there are no queues
 * @min_queues: the shortest layout of queues
 * @max_queues: 0 if there are none
 */
struct payload {
	size_t min;
	struct array known;
	struct array min_queues;
	u32 max_queues;
};

static const struct payload sysctl_backend = {
	.min = NOXS_SYSCTL_BACKEND_MIN,
	.known.head = sizeof(struct noxs_sysctl_backend),
};

static const struct payload sysctl_frontend = {
	.min = NOXS_SYSCTL_FRONTEND_MIN,
	.known.head = sizeof(struct noxs_sysctl_frontend),
};

static const struct payload vif_backend = {
	.min = NOXS_VIF_BACKEND_MIN,
	.known.head = sizeof(struct noxs_vif_backend),
};

static const struct payload vif_frontend = {
	.min = NOXS_VIF_FRONTEND_MIN,
	.known = { offsetof(struct noxs_vif_frontend, queue),
		   sizeof(struct noxs_vif_queue) },
	.min_queues = { NOXS_VIF_FRONTEND_MIN, NOXS_VIF_QUEUE_MIN },
	.max_queues = NOXS_VIF_MAX_QUEUES,
};

static const struct payload vbd_backend = {
	.min = NOXS_VBD_BACKEND_MIN,
	.known.head = sizeof(struct noxs_vbd_backend),
};

static const struct payload vbd_frontend = {
	.min = NOXS_VBD_FRONTEND_MIN,
	.known = { offsetof(struct noxs_vbd_frontend, queue),
		   sizeof(struct noxs_vbd_queue) },
	.min_queues = { NOXS_VBD_FRONTEND_MIN, NOXS_VBD_QUEUE_MIN },
	.max_queues = NOXS_VBD_MAX_QUEUES,
};

static const struct payload *payload_of(u16 type, bool backend)
{
	switch (type) {
	case NOXS_TYPE_SYSCTL:
		return backend ? &sysctl_backend : &sysctl_frontend;
	case NOXS_TYPE_VIF:
		return backend ? &vif_backend : &vif_frontend;
	case NOXS_TYPE_VBD:
		return backend ? &vbd_backend : &vbd_frontend;
	default:
		return NULL;
	}
}

/* What the payload of a frontend says of its queues. */
static struct array queues_of(const struct noxs_half *half, u16 type, u32 *nr)
{
	const struct noxs_vif_frontend *vif = &half->vif_frontend;
	const struct noxs_vbd_frontend *vbd = &half->vbd_frontend;

	if (type == NOXS_TYPE_VIF) {
		*nr = vif->nr_queues;
		return (struct array){ vif->queue_offset, vif->queue_size };
	}
	*nr = vbd->nr_queues;
	return (struct array){ vbd->queue_offset, vbd->queue_size };
}

/**
 * noxs_half_describe() - say how a half is laid out that this kernel writes
 * @half: the half
 * @type: NOXS_TYPE_* of the device
 * @backend: which end writes it
 */
void noxs_half_describe(struct noxs_half *half, u16 type, bool backend)
{
	const struct payload *payload = payload_of(type, backend);
	const struct array *known = &payload->known;

	half->hdr.version = NOXS_ABI_VERSION;
	half->hdr.type = type;
	half->hdr.size = sizeof(half->hdr);
	half->hdr.payload_size = known->head + payload->max_queues * known->entry;
	half->hdr.minor = NOXS_ABI_MINOR;
	if (payload == &vif_frontend) {
		half->vif_frontend.queue_offset = known->head;
		half->vif_frontend.queue_size = known->entry;
	} else if (payload == &vbd_frontend) {
		half->vbd_frontend.queue_offset = known->head;
		half->vbd_frontend.queue_size = known->entry;
	}
}

/* @size octets of payload are where they belong, however they are laid out. */
static int lay_out_payload(struct noxs_half *half, u16 type, bool backend,
			   size_t size)
{
	const struct payload *payload = payload_of(type, backend);
	struct array is = { .head = size };
	u32 nr = 0;
	size_t end;

	if (payload->max_queues) {
		is = queues_of(half, type, &nr);
		if (nr > payload->max_queues ||
		    !is_length(is.head, payload->min_queues.head) ||
		    !is_length(is.entry, payload->min_queues.entry))
			return -EINVAL;
		end = is.head + nr * is.entry;
		if (end > size ||
		    memchr_inv(half->payload + end, 0, size - end))
			return -EINVAL;
	}

	lay_out(half->payload, sizeof(half->payload), is, &payload->known, nr);
	return 0;
}

/**
 * noxs_half_check() - validate a copy of one end's half of a control page
 * @half: the copy, taken when its writer had published it; afterwards in the
 *	layout of struct noxs_half
 * @type: NOXS_TYPE_* that the device is known to have
 * @backend: which end wrote it
 *
 * The payload is its driver's to check; here only how long it is.
 *
 * Return: 0, -EPROTONOSUPPORT for another version, -EINVAL for anything else
 * that is wrong
 */
int noxs_half_check(struct noxs_half *half, u16 type, bool backend)
{
	const struct payload *payload = payload_of(type, backend);
	struct noxs_half_header *hdr = &half->hdr;
	size_t size = hdr->payload_size;
	size_t end = hdr->size + size;
	u16 minor = hdr->minor;
	int err;

	if (hdr->version != NOXS_ABI_VERSION)
		return -EPROTONOSUPPORT;
	if (!payload || hdr->type != type ||
	    !noxs_state_is_valid(hdr->state, backend) || !hdr->epoch ||
	    (hdr->seq & 1) || hdr->error > NOXS_MAX_ERRNO || hdr->pad)
		return -EINVAL;
	if (!is_length(hdr->size, NOXS_HALF_HEADER_MIN) ||
	    !is_length(size, payload->min) || end > sizeof(*half) ||
	    memchr_inv((u8 *)half + end, 0, sizeof(*half) - end))
		return -EINVAL;

	memmove(half->payload, (u8 *)half + hdr->size, size);
	err = lay_out_payload(half, type, backend, size);
	if (err)
		return err;
	noxs_half_describe(half, type, backend);
	hdr->minor = minor;
	return 0;
}

/**
 * noxs_features_usable() - drop features that lack another one
 * @type: NOXS_TYPE_* of the device
 * @features: mask of what both ends could do
 *
 * Return: the mask without bits that no version of the type knows, and without
 * those whose requirements aren't met
 */
u32 noxs_features_usable(u16 type, u32 features)
{
	const u32 tso_v4_needs = NOXS_VIF_F_SG | NOXS_VIF_F_CSUM_V4;
	const u32 tso_v6_needs = NOXS_VIF_F_SG | NOXS_VIF_F_CSUM_V6;

	switch (type) {
	case NOXS_TYPE_VIF:
		if ((features & tso_v4_needs) != tso_v4_needs)
			features &= ~NOXS_VIF_F_TSO_V4;
		if ((features & tso_v6_needs) != tso_v6_needs)
			features &= ~NOXS_VIF_F_TSO_V6;
		return features & NOXS_VIF_F_ALL;
	case NOXS_TYPE_VBD:
		if (!(features & NOXS_VBD_F_DISCARD))
			features &= ~NOXS_VBD_F_SECURE_ERASE;
		return features & NOXS_VBD_F_ALL;
	case NOXS_TYPE_SYSCTL:
		return features & NOXS_SYSCTL_F_ALL;
	default:
		return 0;
	}
}

/**
 * noxs_sysctl_memory_is_valid() - tell whether a guest may have so much memory
 * @kib: what one end says, which have NOXS_SYSCTL_F_MEMORY; 0 for nothing
 *
 * Return: true if it may
 */
bool noxs_sysctl_memory_is_valid(u64 kib)
{
	return kib <= NOXS_SYSCTL_MEMORY_MAX && !(kib % (NOXS_PAGE_SIZE / 1024));
}

/**
 * noxs_sysctl_vcpus_is_valid() - tell whether a guest may have so many virtual CPUs
 * @vcpus: what one end says, which have NOXS_SYSCTL_F_VCPUS; 0 for nothing
 *
 * Return: true if it may
 */
bool noxs_sysctl_vcpus_is_valid(u32 vcpus)
{
	return vcpus <= NOXS_SYSCTL_VCPUS_MAX;
}

/**
 * noxs_sysctl_check_request() - validate what a host asks a guest for
 * @be: copy of the backend's payload, or what is going to be that
 *
 * A request that isn't known is no error: it is answered with one. What belongs
 * to features that this kernel doesn't have is ignored.
 *
 * Return: 0 or -EINVAL
 */
int noxs_sysctl_check_request(const struct noxs_sysctl_backend *be)
{
	if (be->pad)
		return -EINVAL;
	/* Only keys that one can type. */
	if (be->request == NOXS_SYSCTL_SYSRQ)
		return be->argument > ' ' && be->argument <= '~' ? 0 : -EINVAL;
	return be->argument ? -EINVAL : 0;
}

/**
 * noxs_sysctl_check_answer() - validate what a guest answers
 * @fe: copy of the frontend's payload
 * @request_seq: the last request's number
 * @answer_seq: that of the last one that was answered
 *
 * Return: 0 or -EINVAL
 */
int noxs_sysctl_check_answer(const struct noxs_sysctl_frontend *fe,
			     u32 request_seq, u32 answer_seq)
{
	if (fe->answer_seq != request_seq && fe->answer_seq != answer_seq)
		return -EINVAL;
	if (fe->result > NOXS_MAX_ERRNO || fe->pad)
		return -EINVAL;
	return 0;
}
