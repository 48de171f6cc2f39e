// SPDX-License-Identifier: GPL-2.0
/* chaos/xen/console.c: the console's ring, whatever the guest writes into it. */
#include "harness.h"

#include <xen/xen.h>
#include <xen/io/console.h>
#include <xenevtchn.h>
#include <xenforeignmemory.h>

#include "xen/console.h"

/* The domain's page, and what is called of the libraries. */
static union {
	struct xencons_interface ring;
	uint8_t bytes[4096];
} memory;
static struct xencons_interface *const page = &memory.ring;
static int fail_at, notified, unmasked, open_handles, mapped;
static xenevtchn_port_or_error_t pending;

enum { OPEN_MEMORY = 1, MAP, OPEN_EVTCHN, BIND };

xenforeignmemory_handle *__wrap_xenforeignmemory_open(void *logger,
						      unsigned int flags);
void *__wrap_xenforeignmemory_map(xenforeignmemory_handle *fmem, uint32_t dom,
				  int prot, size_t pages,
				  const xen_pfn_t *frames, int *err);
int __wrap_xenforeignmemory_unmap(xenforeignmemory_handle *fmem, void *addr,
				  size_t pages);
int __wrap_xenforeignmemory_close(xenforeignmemory_handle *fmem);
xenevtchn_handle *__wrap_xenevtchn_open(void *logger, unsigned int flags);
int __wrap_xenevtchn_close(xenevtchn_handle *xce);
int __wrap_xenevtchn_fd(xenevtchn_handle *xce);
int __wrap_xenevtchn_notify(xenevtchn_handle *xce, evtchn_port_t port);
int __wrap_xenevtchn_unmask(xenevtchn_handle *xce, evtchn_port_t port);
xenevtchn_port_or_error_t
__wrap_xenevtchn_bind_interdomain(xenevtchn_handle *xce, uint32_t domid,
				  evtchn_port_t remote);
xenevtchn_port_or_error_t __wrap_xenevtchn_pending(xenevtchn_handle *xce);

static void *open_handle(int which)
{
	static int handle;

	errno = EIO;
	if (fail_at == which)
		return NULL;
	open_handles++;
	return &handle;
}

xenforeignmemory_handle *__wrap_xenforeignmemory_open(void *logger,
						      unsigned int flags)
{
	(void)logger;
	(void)flags;
	return open_handle(OPEN_MEMORY);
}

void *__wrap_xenforeignmemory_map(xenforeignmemory_handle *fmem, uint32_t dom,
				  int prot, size_t pages,
				  const xen_pfn_t *frames, int *err)
{
	(void)fmem;
	(void)prot;
	(void)err;
	assert_int_equal(dom, 7);
	assert_int_equal(pages, 1);
	assert_int_equal(*frames, 0x1234);
	errno = EIO;
	if (fail_at == MAP)
		return NULL;
	mapped++;
	return page;
}

int __wrap_xenforeignmemory_unmap(xenforeignmemory_handle *fmem, void *addr,
				  size_t pages)
{
	(void)fmem;
	assert_ptr_equal(addr, page);
	assert_int_equal(pages, 1);
	mapped--;
	return 0;
}

int __wrap_xenforeignmemory_close(xenforeignmemory_handle *fmem)
{
	(void)fmem;
	open_handles--;
	return 0;
}

xenevtchn_handle *__wrap_xenevtchn_open(void *logger, unsigned int flags)
{
	(void)logger;
	(void)flags;
	return open_handle(OPEN_EVTCHN);
}

int __wrap_xenevtchn_close(xenevtchn_handle *xce)
{
	(void)xce;
	open_handles--;
	return 0;
}

int __wrap_xenevtchn_fd(xenevtchn_handle *xce)
{
	(void)xce;
	return 5;
}

int __wrap_xenevtchn_notify(xenevtchn_handle *xce, evtchn_port_t port)
{
	(void)xce;
	assert_int_equal(port, 9);
	notified++;
	return 0;
}

int __wrap_xenevtchn_unmask(xenevtchn_handle *xce, evtchn_port_t port)
{
	(void)xce;
	assert_int_equal(port, 9);
	unmasked++;
	return 0;
}

xenevtchn_port_or_error_t
__wrap_xenevtchn_bind_interdomain(xenevtchn_handle *xce, uint32_t domid,
				  evtchn_port_t remote)
{
	(void)xce;
	assert_int_equal(domid, 7);
	assert_int_equal(remote, 3);
	errno = EIO;
	return fail_at == BIND ? -1 : 9;
}

xenevtchn_port_or_error_t __wrap_xenevtchn_pending(xenevtchn_handle *xce)
{
	(void)xce;
	return pending;
}

static int open_ring(struct ring *ring)
{
	struct error err;

	return ring_open(ring, 7, 0x1234, 3, &err);
}

static void print(const char *text)
{
	for (; *text; text++)
		page->out[page->out_prod++ % RING_OUT_SIZE] = *text;
}

/* Each failure leaves nothing open. */
static void test_open(void **state)
{
	struct ring ring;

	(void)state;
	for (fail_at = OPEN_MEMORY; fail_at <= BIND; fail_at++) {
		assert_int_equal(open_ring(&ring), -EIO);
		ring_close(&ring);
		assert_int_equal(open_handles, 0);
		assert_int_equal(mapped, 0);
	}
	fail_at = 0;
	assert_int_equal(open_ring(&ring), 0);
	assert_int_equal(ring_fd(&ring), 5);
	pending = -1;
	assert_false(ring_take_event(&ring));
	pending = 9;
	assert_true(ring_take_event(&ring));
	assert_int_equal(unmasked, 0);
	ring_rearm(&ring);
	assert_int_equal(unmasked, 1);
	ring_close(&ring);
	assert_int_equal(open_handles, 0);
	assert_int_equal(mapped, 0);
}

/*
 * Xen 4.21 and later make consoles of which the guest is told that nobody takes what it
 * prints, in an octet behind the ring of before, until somebody does.
 */
static void test_connected(void **state)
{
	struct ring ring;

	(void)state;
	memset(&memory, 1, sizeof(memory));
	for (fail_at = OPEN_MEMORY; fail_at <= BIND; fail_at++) {
		assert_int_equal(open_ring(&ring), -EIO);
		ring_close(&ring);
		assert_int_equal(memory.bytes[3088], 1);
	}
	fail_at = 0;
	assert_int_equal(open_ring(&ring), 0);
	assert_int_equal(memory.bytes[3087], 1);
	assert_int_equal(memory.bytes[3088], 0);
	assert_int_equal(memory.bytes[3089], 1);
	ring_close(&ring);
}

/* What is printed comes out, also across the ring's end and that of its index. */
static void test_output(void **state)
{
	char bytes[RING_OUT_SIZE];
	struct ring ring;

	(void)state;
	memset(&memory, 0, sizeof(memory));
	page->out_cons = -3;
	page->out_prod = page->out_cons;
	assert_int_equal(open_ring(&ring), 0);
	notified = 0;
	assert_int_equal(ring_take(&ring, bytes), 0);
	assert_int_equal(notified, 0);
	print("hello");
	assert_int_equal(ring_take(&ring, bytes), 5);
	assert_memory_equal(bytes, "hello", 5);
	assert_int_equal(page->out_cons, 2);
	assert_int_equal(notified, 1);
	/* All of it, and more than there can be. */
	page->out_prod += RING_OUT_SIZE;
	assert_int_equal(ring_take(&ring, bytes), RING_OUT_SIZE);
	page->out_prod += RING_OUT_SIZE + 1;
	assert_int_equal(ring_take(&ring, bytes), 0);
	assert_int_equal(page->out_cons, page->out_prod);
	/* What the guest makes of our index doesn't matter. */
	page->out_cons = 77;
	print("x");
	assert_int_equal(ring_take(&ring, bytes), 1);
	assert_int_equal(page->out_cons, page->out_prod);
	ring_close(&ring);
}

static void test_input(void **state)
{
	char bytes[RING_IN_SIZE] = { 0 };
	struct ring ring;

	(void)state;
	memset(&memory, 0, sizeof(memory));
	page->in_cons = RING_IN_SIZE - 2;
	page->in_prod = page->in_cons;
	assert_int_equal(open_ring(&ring), 0);
	notified = 0;
	assert_int_equal(ring_room(&ring), RING_IN_SIZE);
	ring_put(&ring, "abc", 3);
	assert_int_equal(notified, 1);
	assert_int_equal(page->in_prod, RING_IN_SIZE + 1);
	assert_int_equal(page->in[RING_IN_SIZE - 2], 'a');
	assert_int_equal(page->in[0], 'c');
	assert_int_equal(ring_room(&ring), RING_IN_SIZE - 3);
	ring_put(&ring, bytes, RING_IN_SIZE - 3);
	assert_int_equal(ring_room(&ring), 0);
	/* It says that it has read what wasn't written yet. */
	page->in_cons = page->in_prod + 1;
	assert_int_equal(ring_room(&ring), 0);
	ring_close(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_open),
		cmocka_unit_test(test_connected),
		cmocka_unit_test(test_output),
		cmocka_unit_test(test_input),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
