// SPDX-License-Identifier: MIT
/*
 * port.h for a guest that has nothing else, PV or PVH: no interrupts, no allocator,
 * no library.
 */
#define __XEN_INTERFACE_VERSION__	0x00040d00
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <xen/xen.h>

#include <xen/event_channel.h>
#include <xen/grant_table.h>
#include <xen/sched.h>
#include <xen/version.h>

#include "guest.h"
#include "port.h"
#include "start.h"

/*
 * A vif's rings with a page for each slot, and a vbd's with one; the host's control
 * pages, and its device page.
 */
#define PAGES		(2 * (1 + 256) + (1 + 1) + 2 + 1)
/* As many as a guest may have by default. */
#define GRANT_FRAMES	2
#define GRANTS		(GRANT_FRAMES * PAGE_SIZE / sizeof(grant_entry_v1_t))
#define PORTS		(2 + 2)

struct page {
	char octets[PAGE_SIZE];
} __attribute__((aligned(PAGE_SIZE)));

struct binding {
	evtchn_port_t port;
	void (*look)(void *data);
	void *data;
};

/* Replaced by the pages that Xen shares with us. */
static struct page shared_page, grant_pages[GRANT_FRAMES];
static struct shared_info *const shared = (struct shared_info *)&shared_page;
static grant_entry_v1_t *const grants = (grant_entry_v1_t *)grant_pages;
static const struct guest_type *guest;

static struct page pages[PAGES];
static grant_handle_t handles[PAGES];
static uint16_t free_pages[PAGES], free_grants[GRANTS];
static unsigned int nr_free_pages, nr_free_grants;
static struct binding bindings[PORTS];

/* There is no library, and the compiler calls these by itself. */
void *memcpy(void *to, const void *from, size_t size)
{
	void *end = to;

	asm volatile("rep movsb"
		     : "+D" (end), "+S" (from), "+c" (size) : : "memory");
	return to;
}

void *memset(void *to, int octet, size_t size)
{
	void *end = to;

	asm volatile("rep stosb"
		     : "+D" (end), "+c" (size) : "a" (octet) : "memory");
	return to;
}

int memcmp(const void *a, const void *b, size_t size)
{
	const uint8_t *x = a, *y = b;

	for (; size; size--, x++, y++)
		if (*x != *y)
			return *x - *y;
	return 0;
}

bool port_start(const struct guest_type *type)
{
	unsigned int i;

	guest = type;
	if (!guest->map_shared(&shared_page) ||
	    !guest->map_grants(grant_pages, GRANT_FRAMES))
		return false;
	for (i = 0; i < PAGES; i++)
		free_pages[nr_free_pages++] = i;
	/* The first ones are the toolstack's. */
	for (i = GRANTS - 1; i >= GNTTAB_NR_RESERVED_ENTRIES; i--)
		free_grants[nr_free_grants++] = i;
	return true;
}

const struct shared_info *port_shared(void)
{
	return shared;
}

int port_handle(uint8_t *handle)
{
	return hypercall(__HYPERVISOR_xen_version, XENVER_guest_handle,
			 (long)handle, 0);
}

void *port_page(void)
{
	if (!nr_free_pages)
		return NULL;
	return memset(&pages[free_pages[--nr_free_pages]], 0, PAGE_SIZE);
}

static unsigned int index_of(const void *page)
{
	return ((unsigned long)page - (unsigned long)pages) / PAGE_SIZE;
}

void port_page_free(void *page)
{
	free_pages[nr_free_pages++] = index_of(page);
}

/* On a Xen that has no device pages, our own is there again. */
void *port_devpage(void)
{
	void *page = port_page();

	if (!page || !guest->take_away(page))
		return NULL;
	if (guest->get_devpage(page))
		return page;
	if (guest->put_back(page))
		port_page_free(page);
	return NULL;
}

void port_devpage_put(void *page)
{
	if (guest->leave_devpage(page) && guest->put_back(page))
		port_page_free(page);
}

/* Xen puts the other domain's frame in the place of ours. */
void *port_map(uint16_t domid, uint32_t gref, bool readonly)
{
	void *page = port_page();
	struct gnttab_map_grant_ref map = {
		.host_addr = (unsigned long)page,
		.flags = GNTMAP_host_map | (readonly ? GNTMAP_readonly : 0),
		.ref = gref,
		.dom = domid,
	};

	if (!page || !guest->take_away(page))
		return NULL;
	if (hypercall(__HYPERVISOR_grant_table_op, GNTTABOP_map_grant_ref,
		      (long)&map, 1) || map.status != GNTST_okay) {
		if (guest->put_back(page))
			port_page_free(page);
		return NULL;
	}
	handles[index_of(page)] = map.handle;
	return page;
}

void port_unmap(void *page)
{
	struct gnttab_unmap_grant_ref unmap = {
		.host_addr = (unsigned long)page,
		.handle = handles[index_of(page)],
	};

	if (hypercall(__HYPERVISOR_grant_table_op, GNTTABOP_unmap_grant_ref,
		      (long)&unmap, 1) || unmap.status != GNTST_okay ||
	    !guest->put_back(page))
		return;
	port_page_free(page);
}

uint32_t port_grant(uint16_t domid, void *page)
{
	uint32_t gref;

	if (!nr_free_grants)
		return 0;
	gref = free_grants[--nr_free_grants];
	grants[gref].domid = domid;
	grants[gref].frame = guest->frame_of(page);
	__atomic_store_n(&grants[gref].flags, GTF_permit_access,
			 __ATOMIC_RELEASE);
	return gref;
}

/* Xen sets flags in the same word while the page is mapped. */
bool port_grant_end(uint32_t gref)
{
	uint16_t unused = GTF_permit_access;

	if (!__atomic_compare_exchange_n(&grants[gref].flags, &unused, 0, false,
					 __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
		return false;
	free_grants[nr_free_grants++] = gref;
	return true;
}

static uint32_t bind(evtchn_port_t port, void (*look)(void *data), void *data)
{
	unsigned int i;

	for (i = 0; i < PORTS; i++) {
		if (bindings[i].port)
			continue;
		bindings[i].port = port;
		bindings[i].look = look;
		bindings[i].data = data;
		return port;
	}
	port_close(port);
	return 0;
}

uint32_t port_listen(uint16_t domid, void (*look)(void *data), void *data)
{
	struct evtchn_alloc_unbound alloc = {
		.dom = DOMID_SELF, .remote_dom = domid,
	};

	if (hypercall(__HYPERVISOR_event_channel_op, EVTCHNOP_alloc_unbound,
		      (long)&alloc, 0))
		return 0;
	return bind(alloc.port, look, data);
}

uint32_t port_bind(uint16_t domid, uint32_t port, void (*look)(void *data),
		   void *data)
{
	struct evtchn_bind_interdomain there = {
		.remote_dom = domid, .remote_port = port,
	};

	if (hypercall(__HYPERVISOR_event_channel_op, EVTCHNOP_bind_interdomain,
		      (long)&there, 0))
		return 0;
	return bind(there.local_port, look, data);
}

void port_close(uint32_t port)
{
	struct evtchn_close close = { .port = port };
	unsigned int i;

	hypercall(__HYPERVISOR_event_channel_op, EVTCHNOP_close, (long)&close,
		  0);
	for (i = 0; i < PORTS; i++)
		if (bindings[i].port == port)
			bindings[i].port = 0;
}

void port_notify(uint32_t port)
{
	struct evtchn_send send = { .port = port };

	hypercall(__HYPERVISOR_event_channel_op, EVTCHNOP_send, (long)&send, 0);
}

/* Whether there was an event for @port, which is now seen. */
static bool take_event(evtchn_port_t port)
{
	unsigned long bit = 1UL << port % 64;

	return __atomic_fetch_and(&shared->evtchn_pending[port / 64], ~bit,
				  __ATOMIC_SEQ_CST) & bit;
}

void port_wait(uint64_t until)
{
	evtchn_port_t ports[PORTS];
	struct sched_poll poll = { .nr_ports = 0, .timeout = until };
	unsigned int i;

	for (i = 0; i < PORTS; i++)
		if (bindings[i].port)
			ports[poll.nr_ports++] = bindings[i].port;
	set_xen_guest_handle(poll.ports, ports);
	hypercall(__HYPERVISOR_sched_op, SCHEDOP_poll, (long)&poll, 0);
	for (i = 0; i < PORTS; i++)
		if (bindings[i].port && take_event(bindings[i].port))
			bindings[i].look(bindings[i].data);
}

void port_end(void)
{
	struct sched_shutdown shutdown = { .reason = SHUTDOWN_crash };

	for (;;)
		hypercall(__HYPERVISOR_sched_op, SCHEDOP_shutdown,
			  (long)&shutdown, 0);
}
