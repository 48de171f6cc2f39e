// SPDX-License-Identifier: MIT
/*
 * How a frontend of noxs finds its device, and agrees with the backend. It needs
 * port.h of the system and a header that stands alone: noxs.h of this tree.
 *
 * All events mean "look again", so that one handler does for everything, and none
 * that comes early, late or twice does harm.
 */
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "device.h"
#include "port.h"

#define TRIES		1000

static uint32_t load(const uint32_t *word)
{
	return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

static void store(uint32_t *word, uint32_t value)
{
	__atomic_store_n(word, value, __ATOMIC_RELEASE);
}

/*
 * Copy what the other end may be writing: between two equal even values of its
 * sequence count. What is used later is the copy and nothing else.
 */
static bool snapshot(void *copy, const void *shared, size_t size,
		     const uint32_t *seq)
{
	uint32_t before;
	int i;

	for (i = 0; i < TRIES; i++) {
		before = load(seq);
		if (before & 1)
			continue;
		memcpy(copy, shared, size);
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
		if (load(seq) == before)
			return true;
	}
	return false;
}

/* 1. Where Xen doesn't have the device page itself, the handle tells where it is. */
static struct noxs_devpage *map_devpage(void)
{
	uint8_t handle[NOXS_HANDLE_SIZE];
	uint16_t owner;
	uint32_t gref;

	if (port_handle(handle) ||
	    memcmp(handle, NOXS_HANDLE_MAGIC, 4) ||
	    handle[NOXS_HANDLE_VERSION] !=
		(NOXS_HANDLE_UUID_V8 | NOXS_ABI_VERSION) ||
	    (handle[NOXS_HANDLE_VARIANT] & 0xc0) != NOXS_HANDLE_UUID_VARIANT)
		return NULL;
	memcpy(&owner, handle + NOXS_HANDLE_OWNER, sizeof(owner));
	memcpy(&gref, handle + NOXS_HANDLE_GREF, sizeof(gref));
	return port_map(owner, gref, true);
}

/*
 * The host may be older or newer than this: what its structures are longer by is
 * left alone, and nothing is used but what is in the shortest that there are.
 */
static bool page_is_sane(const struct noxs_devpage_header *hdr)
{
	return hdr->magic == NOXS_DEVPAGE_MAGIC &&
	       hdr->version == NOXS_ABI_VERSION &&
	       hdr->size >= NOXS_DEVPAGE_HEADER_MIN &&
	       hdr->slot_size >= NOXS_SLOT_MIN &&
	       hdr->nr_slots <= NOXS_DEVPAGE_SLOTS &&
	       hdr->size + hdr->nr_slots * hdr->slot_size <= NOXS_PAGE_SIZE;
}

/* 2. A slot of the device page tells where the control page is. */
static int find_slot(const struct noxs_devpage *page, uint16_t type,
		     struct noxs_slot *slot)
{
	static struct noxs_devpage copy;
	int i;

	if (!snapshot(&copy, page, sizeof(copy), &page->hdr.seq) ||
	    !page_is_sane(&copy.hdr))
		return -ENODEV;
	for (i = 0; i < copy.hdr.nr_slots; i++) {
		memcpy(slot, (char *)&copy + copy.hdr.size +
		       i * copy.hdr.slot_size, NOXS_SLOT_MIN);
		/* One with flags needs a guest that knows them. */
		if (slot->type == type && !slot->flags)
			return 0;
	}
	return -ENODEV;
}

/* To see devices come and go: keep the page, and bind its evtchn, or VIRQ_NOXS. */
static int find_device(uint16_t type, struct noxs_slot *slot)
{
	struct noxs_devpage *page = port_devpage();
	int ret;

	if (page) {
		ret = find_slot(page, type, slot);
		port_devpage_put(page);
		return ret;
	}
	page = map_devpage();
	if (!page)
		return -ENODEV;
	ret = find_slot(page, type, slot);
	port_unmap(page);
	return ret;
}

/* What any backend can get wrong. */
static bool is_sane(const struct device *dev, const struct noxs_half_header *hdr)
{
	return hdr->version == NOXS_ABI_VERSION &&
	       hdr->type == dev->type &&
	       hdr->epoch &&
	       hdr->size >= NOXS_HALF_HEADER_MIN &&
	       hdr->payload_size >= dev->offer_min &&
	       hdr->size + hdr->payload_size <= NOXS_HALF_SIZE;
}

/*
 * A copy of the backend's half, as we know one: what a newer backend has more of is
 * not in it, and what an older one hasn't got is zero.
 */
static bool get_offer(const struct device *dev, struct noxs_half *offer)
{
	const struct noxs_half *shared = &dev->ctrl->backend;
	static struct noxs_half copy;
	unsigned int size;

	if (!snapshot(&copy, shared, sizeof(copy), &shared->hdr.seq))
		return false;
	memset(offer, 0, sizeof(*offer));
	offer->hdr = copy.hdr;
	if (!is_sane(dev, &copy.hdr))
		return true;
	size = copy.hdr.payload_size;
	if (size > sizeof(offer->payload))
		size = sizeof(offer->payload);
	memcpy(offer->payload, (char *)&copy + copy.hdr.size, size);
	return true;
}

/* 4. Fill our half; the state comes last, and then one event. */
static void publish(struct device *dev, const struct noxs_half *answer,
		    unsigned int size)
{
	struct noxs_half *half = &dev->ctrl->frontend;
	uint32_t seq = half->hdr.seq | 1;

	store(&half->hdr.seq, seq);
	__atomic_thread_fence(__ATOMIC_RELEASE);
	half->hdr.version = NOXS_ABI_VERSION;
	half->hdr.type = dev->type;
	half->hdr.features = answer->hdr.features;
	half->hdr.epoch = dev->epoch;
	half->hdr.error = 0;
	half->hdr.size = sizeof(half->hdr);
	half->hdr.payload_size = size;
	half->hdr.minor = NOXS_ABI_MINOR;
	half->hdr.pad = 0;
	memcpy(half->payload, answer->payload, sizeof(half->payload));
	store(&half->hdr.seq, seq + 1);
	store(&half->hdr.state, NOXS_STATE_CONNECTED);
	port_notify(dev->port);
}

static void say_closed(struct device *dev)
{
	struct noxs_half *half = &dev->ctrl->frontend;

	if (load(&half->hdr.state) == NOXS_STATE_CLOSED)
		return;
	store(&half->hdr.state, NOXS_STATE_CLOSED);
	port_notify(dev->port);
}

/* 3. The backend's half tells what it offers, and for which epoch. */
static void connect(struct device *dev)
{
	static struct noxs_half offer, answer;
	unsigned int size;

	if (!get_offer(dev, &offer) || offer.hdr.epoch == dev->epoch)
		return;
	dev->disconnect();
	memset(&answer, 0, sizeof(answer));
	size = is_sane(dev, &offer.hdr) ? dev->connect(dev, &offer, &answer) : 0;
	if (!size) {
		say_closed(dev);
		return;
	}
	dev->epoch = offer.hdr.epoch;
	publish(dev, &answer, size);
}

/**
 * device_look() - see what has changed, and do what is due
 * @data: the device
 */
void device_look(void *data)
{
	struct device *dev = data;

	switch (load(&dev->ctrl->backend.hdr.state)) {
	case NOXS_STATE_INIT_WAIT:
		connect(dev);
		break;
	case NOXS_STATE_CONNECTED:
		dev->look();
		break;
	case NOXS_STATE_CLOSING:
		/* It has our pages mapped until it hears of this. */
		say_closed(dev);
		break;
	case NOXS_STATE_CLOSED:
		say_closed(dev);
		dev->disconnect();
		break;
	}
}

/**
 * device_start() - find the guest's first device of a type, and connect it
 * @dev: with what its type has
 *
 * Return: 0, or -errno; -ENODEV if there is none
 */
int device_start(struct device *dev)
{
	int ret;

	ret = find_device(dev->type, &dev->slot);
	if (ret)
		return ret;
	dev->ctrl = port_map(dev->slot.backend, dev->slot.gref, false);
	if (!dev->ctrl)
		return -ENOMEM;
	dev->port = port_bind(dev->slot.backend, dev->slot.evtchn, device_look,
			      dev);
	if (!dev->port) {
		port_unmap(dev->ctrl);
		return -ENOMEM;
	}
	/* It may have been ready for long: no event will say so. */
	device_look(dev);
	return 0;
}

/* Whether what is put into its rings is seen to. */
bool device_connected(const struct device *dev)
{
	return load(&dev->ctrl->backend.hdr.state) == NOXS_STATE_CONNECTED;
}

/* What the backend still maps is lost: its next user would not be alone with it. */
void device_take_back(void *page, uint32_t gref)
{
	if (!gref || port_grant_end(gref))
		port_page_free(page);
}
