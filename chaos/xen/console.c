// SPDX-License-Identifier: GPL-2.0
/*
 * The ring of a guest's console. The guest writes its indices, and everything
 * else in the page, at any time: nothing here costs more than a ring's worth of
 * copying.
 */
#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <xen/io/console.h>
#include <xenevtchn.h>
#include <xenforeignmemory.h>

#include "xen/console.h"
#include "xen/release.h"

static_assert(sizeof(((struct xencons_interface *)0)->out) == RING_OUT_SIZE,
	      "size of the ring");
static_assert(sizeof(((struct xencons_interface *)0)->in) == RING_IN_SIZE,
	      "size of the ring");
static_assert(offsetof(struct xencons_interface, out_prod) +
	      sizeof(XENCONS_RING_IDX) == RELEASE_CONSOLE_CONNECTION,
	      "what comes behind the ring");
#ifdef XENCONSOLE_CONNECTED
static_assert(offsetof(struct xencons_interface, connection) ==
	      RELEASE_CONSOLE_CONNECTION && XENCONSOLE_CONNECTED == 0,
	      "how a console says that it is connected");
#endif

/* Tells the guest that somebody takes what it prints. */
static void say_connected(struct ring *ring)
{
	uint8_t *page = (uint8_t *)ring->page;

	__atomic_store_n(&page[RELEASE_CONSOLE_CONNECTION], 0, __ATOMIC_RELEASE);
}

static int map(struct ring *ring, uint32_t domid, xen_pfn_t gfn,
	       struct error *err)
{
	ring->fmem = xenforeignmemory_open(NULL, 0);
	if (!ring->fmem)
		return error_sys(err, -errno, "console: foreign memory");
	ring->page = xenforeignmemory_map(ring->fmem, domid,
					  PROT_READ | PROT_WRITE, 1, &gfn,
					  NULL);
	if (!ring->page)
		return error_sys(err, -errno, "console: mapping its ring");
	ring->out_cons = ring->page->out_cons;
	ring->in_prod = ring->page->in_prod;
	return 0;
}

static int bind(struct ring *ring, uint32_t domid, uint32_t theirs,
		struct error *err)
{
	int port;

	ring->xce = xenevtchn_open(NULL, 0);
	if (!ring->xce)
		return error_sys(err, -errno, "console: event channels");
	port = xenevtchn_bind_interdomain(ring->xce, domid, theirs);
	if (port < 0)
		return error_sys(err, -errno, "console: event channel %u",
				 theirs);
	ring->port = port;
	return 0;
}

int ring_open(struct ring *ring, uint32_t domid, uint64_t gfn, uint32_t port,
	      struct error *err)
{
	int ret;

	memset(ring, 0, sizeof(*ring));
	ret = map(ring, domid, gfn, err);
	if (!ret)
		ret = bind(ring, domid, port, err);
	if (!ret)
		say_connected(ring);
	return ret;
}

void ring_close(struct ring *ring)
{
	if (ring->page)
		xenforeignmemory_unmap(ring->fmem, ring->page, 1);
	if (ring->fmem)
		xenforeignmemory_close(ring->fmem);
	if (ring->xce)
		xenevtchn_close(ring->xce);
	memset(ring, 0, sizeof(*ring));
}

int ring_fd(const struct ring *ring)
{
	return xenevtchn_fd(ring->xce);
}

bool ring_take_event(struct ring *ring)
{
	return xenevtchn_pending(ring->xce) >= 0;
}

void ring_rearm(struct ring *ring)
{
	xenevtchn_unmask(ring->xce, ring->port);
}

size_t ring_take(struct ring *ring, char *bytes)
{
	struct xencons_interface *page = ring->page;
	XENCONS_RING_IDX prod, len, i;

	prod = __atomic_load_n(&page->out_prod, __ATOMIC_ACQUIRE);
	len = prod - ring->out_cons;
	if (!len)
		return 0;
	/* More than the ring holds is nonsense: go on from where it says. */
	if (len > RING_OUT_SIZE) {
		ring->out_cons = prod;
		len = 0;
	}
	for (i = 0; i < len; i++, ring->out_cons++)
		bytes[i] = page->out[MASK_XENCONS_IDX(ring->out_cons,
						      page->out)];
	__atomic_store_n(&page->out_cons, ring->out_cons, __ATOMIC_RELEASE);
	xenevtchn_notify(ring->xce, ring->port);
	return len;
}

size_t ring_room(const struct ring *ring)
{
	XENCONS_RING_IDX cons, used;

	cons = __atomic_load_n(&ring->page->in_cons, __ATOMIC_ACQUIRE);
	used = ring->in_prod - cons;
	return used > RING_IN_SIZE ? 0 : RING_IN_SIZE - used;
}

void ring_put(struct ring *ring, const char *bytes, size_t len)
{
	struct xencons_interface *page = ring->page;
	size_t i;

	for (i = 0; i < len; i++, ring->in_prod++)
		page->in[MASK_XENCONS_IDX(ring->in_prod, page->in)] = bytes[i];
	__atomic_store_n(&page->in_prod, ring->in_prod, __ATOMIC_RELEASE);
	xenevtchn_notify(ring->xce, ring->port);
}
