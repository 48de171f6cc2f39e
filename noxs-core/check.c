// SPDX-License-Identifier: GPL-2.0
/*
 * Tells whether what another domain wrote can be used: handles, device pages
 * and halves of control pages. Works on private copies only, takes no lock,
 * and needs nothing of the kernel, so that tests/unit and tests/fuzz build this
 * very file.
 */
#include <linux/errno.h>
#include <linux/string.h>
#include <linux/types.h>

#include "check.h"

static bool all_zero(const void *start, size_t size)
{
	const u8 *byte = start;
	size_t i;

	for (i = 0; i < size; i++)
		if (byte[i])
			return false;
	return true;
}

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

static bool slot_is_valid(const struct noxs_slot *slot)
{
	return slot->type <= NOXS_TYPE_MAX &&
	       slot->backend < NOXS_DOMID_LIMIT &&
	       slot->id <= NOXS_MAX_DEV_ID &&
	       slot->gref && slot->evtchn && slot->generation &&
	       all_zero(slot->reserved, sizeof(slot->reserved));
}

static bool slots_collide(const struct noxs_slot *a, const struct noxs_slot *b)
{
	if (a->type == NOXS_TYPE_NONE || b->type == NOXS_TYPE_NONE)
		return false;
	return a->generation == b->generation ||
	       (a->type == b->type && a->id == b->id);
}

/**
 * noxs_devpage_check() - validate a copy of the device page
 * @page: the copy
 *
 * Return: 0, -EPROTONOSUPPORT for another version, -EINVAL for anything that
 * isn't a device page
 */
int noxs_devpage_check(const struct noxs_devpage *page)
{
	const struct noxs_devpage_header *hdr = &page->hdr;
	unsigned int i, j;

	if (hdr->magic != NOXS_DEVPAGE_MAGIC)
		return -EINVAL;
	if (hdr->version != NOXS_ABI_VERSION)
		return -EPROTONOSUPPORT;
	if (!hdr->nr_slots || hdr->nr_slots > NOXS_DEVPAGE_SLOTS ||
	    (hdr->seq & 1) || !hdr->evtchn ||
	    !all_zero(hdr->reserved, sizeof(hdr->reserved)))
		return -EINVAL;

	for (i = 0; i < hdr->nr_slots; i++) {
		if (page->slot[i].type == NOXS_TYPE_NONE) {
			if (!all_zero(&page->slot[i], sizeof(page->slot[i])))
				return -EINVAL;
			continue;
		}
		if (!slot_is_valid(&page->slot[i]))
			return -EINVAL;
		for (j = 0; j < i; j++)
			if (slots_collide(&page->slot[i], &page->slot[j]))
				return -EINVAL;
	}
	if (!all_zero(&page->slot[i],
		      (NOXS_DEVPAGE_SLOTS - i) * sizeof(page->slot[0])))
		return -EINVAL;
	return 0;
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

static size_t payload_size(u16 type, bool backend)
{
	switch (type) {
	case NOXS_TYPE_SYSCTL:
		return backend ? sizeof(struct noxs_sysctl_backend) :
				 sizeof(struct noxs_sysctl_frontend);
	case NOXS_TYPE_VIF:
		return backend ? sizeof(struct noxs_vif_backend) :
				 sizeof(struct noxs_vif_frontend);
	case NOXS_TYPE_VBD:
		return backend ? sizeof(struct noxs_vbd_backend) :
				 sizeof(struct noxs_vbd_frontend);
	default:
		return 0;
	}
}

/**
 * noxs_half_check() - validate a copy of one end's half of a control page
 * @half: the copy, taken when its writer had published it
 * @type: NOXS_TYPE_* that the device is known to have
 * @backend: which end wrote it
 *
 * The payload is its driver's to check; here only that nothing follows it.
 *
 * Return: 0, -EPROTONOSUPPORT for another version, -EINVAL for anything else
 * that is wrong
 */
int noxs_half_check(const struct noxs_half *half, u16 type, bool backend)
{
	const struct noxs_half_header *hdr = &half->hdr;
	size_t size = payload_size(type, backend);

	if (hdr->version != NOXS_ABI_VERSION)
		return -EPROTONOSUPPORT;
	if (!size || hdr->type != type ||
	    !noxs_state_is_valid(hdr->state, backend) || !hdr->epoch ||
	    (hdr->seq & 1) || hdr->error > NOXS_MAX_ERRNO ||
	    !all_zero(hdr->reserved, sizeof(hdr->reserved)))
		return -EINVAL;
	if (!all_zero(half->payload + size, sizeof(half->payload) - size))
		return -EINVAL;
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
 * noxs_sysctl_check_request() - validate what a host asks a guest for
 * @be: copy of the backend's payload, or what is going to be that
 *
 * A request that isn't known is no error: it is answered with one.
 *
 * Return: 0 or -EINVAL
 */
int noxs_sysctl_check_request(const struct noxs_sysctl_backend *be)
{
	if (be->reserved)
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
	if (fe->result > NOXS_MAX_ERRNO ||
	    !all_zero(fe->reserved, sizeof(fe->reserved)))
		return -EINVAL;
	return 0;
}
