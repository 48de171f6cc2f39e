// SPDX-License-Identifier: GPL-2.0
/*
 * chaos/xen/type.c: what a PVH domain is given, without a hypervisor. What it
 * calls is here, writes down what it is given, and fails when told to.
 */
#include "harness.h"

#include <xenctrl.h>
#include <xenguest.h>
#include <xen/hvm/params.h>

#include "xen/acpi.h"
#include "xen/type.h"

#define GIB		(1ULL << 30)
#define DOMID		7

static struct guest_config config = {
	.memory = 128, .vcpus = 3, .timer_mode = TIMER_ONE_MISSED,
};

static struct xen xen;
static struct error err;

static xc_physinfo_t host;
static struct domain_info info;
static uint64_t paging_bytes;
static struct e820entry map[8];
static unsigned int nr_ranges;
static uint64_t store_pfn, console_port, timer_mode;

/* Which call fails from now on: 1 is the next one; 0: none does. */
static int failing;

static bool fails(void)
{
	return failing && !--failing;
}

int xc_physinfo(xc_interface *xch, xc_physinfo_t *out)
{
	(void)xch;
	*out = host;
	return fails() ? -1 : 0;
}

int xen_info(struct xen *x, uint32_t domid, struct domain_info *out)
{
	(void)x;
	assert_int_equal(domid, DOMID);
	*out = info;
	return fails() ? -ESRCH : 0;
}

int xc_set_paging_mempool_size(xc_interface *xch, uint32_t domid, uint64_t size)
{
	(void)xch;
	assert_int_equal(domid, DOMID);
	paging_bytes = size;
	return fails() ? -1 : 0;
}

void *xc_dom_malloc(struct xc_dom_image *image, size_t size)
{
	static union {
		char bytes[2 * ACPI_SIZE];
		uint64_t align;
	} pool;
	static size_t used;
	void *start;

	(void)image;
	if (fails())
		return NULL;
	if (used + size > sizeof(pool))
		used = 0;
	start = pool.bytes + used;
	used += size;
	return start;
}

int xc_domain_set_memory_map(xc_interface *xch, uint32_t domid,
			     struct e820entry *entries, uint32_t count)
{
	(void)xch;
	assert_int_equal(domid, DOMID);
	assert_true(count <= ARRAY_SIZE(map));
	memcpy(map, entries, count * sizeof(*entries));
	nr_ranges = count;
	return fails() ? -1 : 0;
}

static unsigned long room;

int xc_domain_set_memmap_limit(xc_interface *xch, uint32_t domid,
			       unsigned long kib)
{
	(void)xch;
	assert_int_equal(domid, DOMID);
	room = kib;
	return fails() ? -1 : 0;
}

int xc_hvm_param_set(xc_interface *xch, uint32_t domid, uint32_t param,
		     uint64_t value)
{
	(void)xch;
	assert_int_equal(domid, DOMID);
	if (param == HVM_PARAM_STORE_PFN)
		store_pfn = value;
	else if (param == HVM_PARAM_CONSOLE_EVTCHN)
		console_port = value;
	else if (param == HVM_PARAM_TIMER_MODE)
		timer_mode = value;
	else
		fail();
	return fails() ? -1 : 0;
}

int xen_error(struct xen *x, struct error *e, const char *what, ...)
{
	(void)x;
	(void)e;
	assert_non_null(what);
	return -EIO;
}

int error_sys(struct error *e, int ret, const char *fmt, ...)
{
	(void)e;
	assert_non_null(fmt);
	return ret;
}

static struct xc_dom_image lay_out(uint64_t bytes)
{
	struct xc_dom_image image = {
		.guest_domid = DOMID,
		.max_vcpus = config.vcpus,
		.total_pages = bytes >> XC_PAGE_SHIFT,
		.console_evtchn = 5,
	};

	domain_pvh.lay_out(&image);
	return image;
}

static void test_describe(void **state)
{
	struct xen_domctl_createdomain create = { .flags = 0 };

	(void)state;
	host.capabilities = XEN_SYSCTL_PHYSCAP_hvm | XEN_SYSCTL_PHYSCAP_hap;
	assert_int_equal(domain_pvh.describe(&xen, &create, &err), 0);
	assert_int_equal(create.flags,
			 XEN_DOMCTL_CDF_hvm | XEN_DOMCTL_CDF_hap);
	assert_int_equal(create.arch.emulation_flags, XEN_X86_EMU_LAPIC);
	create.flags = 0;
	host.capabilities = XEN_SYSCTL_PHYSCAP_hvm;
	assert_int_equal(domain_pvh.describe(&xen, &create, &err), 0);
	assert_int_equal(create.flags, XEN_DOMCTL_CDF_hvm);
	failing = 1;
	assert_int_equal(domain_pvh.describe(&xen, &create, &err), -EIO);
}

static void test_timer_modes(void **state)
{
	(void)state;
	assert_int_equal(TIMER_DELAY, HVMPTM_delay_for_missed_ticks);
	assert_int_equal(TIMER_NO_DELAY, HVMPTM_no_delay_for_missed_ticks);
	assert_int_equal(TIMER_NO_MISSED, HVMPTM_no_missed_ticks_pending);
	assert_int_equal(TIMER_ONE_MISSED, HVMPTM_one_missed_tick_pending);
}

static void test_limit(void **state)
{
	int i;

	(void)state;
	info.has_hap = true;
	assert_int_equal(domain_pvh.limit(&xen, &config, DOMID, &err), 0);
	assert_int_equal(paging_bytes, (48 + 64 + 1 + 3) * XC_PAGE_SIZE);
	assert_int_equal(timer_mode, HVMPTM_one_missed_tick_pending);
	config.memory = 25;
	assert_int_equal(domain_pvh.limit(&xen, &config, DOMID, &err), 0);
	assert_int_equal(paging_bytes, (48 + 13 + 3) * XC_PAGE_SIZE);
	config.memory = 128;
	info.has_hap = false;
	assert_int_equal(domain_pvh.limit(&xen, &config, DOMID, &err), 0);
	assert_int_equal(paging_bytes,
			 (256 + 128 + 128 + 3 * 256) * XC_PAGE_SIZE);
	for (i = 1; i <= 3; i++) {
		failing = i;
		assert_int_not_equal(domain_pvh.limit(&xen, &config, DOMID,
						      &err), 0);
	}
}

/* A PV guest learns of what it may get later. */
static void test_room(void **state)
{
	struct guest_config pv = { .memory = 128, .maxmem = 128 };

	(void)state;
	assert_int_equal(domain_pv.limit(&xen, &pv, DOMID, &err), 0);
	assert_int_equal(room, 0);
	pv.maxmem = 129;
	assert_int_equal(domain_pv.limit(&xen, &pv, DOMID, &err), 0);
	assert_int_equal(room, 129 * 1024);
	pv.maxmem = CONFIG_MEMORY_MAX;
	failing = 1;
	assert_int_equal(domain_pv.limit(&xen, &pv, DOMID, &err), -EIO);
	assert_true(room == CONFIG_MEMORY_MAX * 1024UL);
}

/* Ranges are in order, don't overlap, and RAM is as much as was asked for. */
static void check_map(uint64_t bytes)
{
	struct xc_dom_image image = lay_out(bytes);
	uint64_t at = 0, ram = 0;
	unsigned int i;

	assert_int_equal(image.target_pages, bytes >> XC_PAGE_SHIFT);
	assert_int_equal(domain_pvh.furnish(&xen, &image, &err), 0);
	assert_int_equal(image.e820_entries, nr_ranges);
	assert_memory_equal(image.e820, map, nr_ranges * sizeof(map[0]));
	for (i = 0; i < nr_ranges; i++) {
		assert_true(map[i].addr >= at);
		assert_true(map[i].size > 0);
		at = map[i].addr + map[i].size;
		if (map[i].type == E820_RAM)
			ram += map[i].size;
		/* Nobody's RAM is where the local APIC is. */
		assert_true(map[i].addr > 0xfee00000 || at <= 0xfee00000);
	}
	assert_int_equal(ram, bytes);
	assert_int_equal(map[1].addr, ACPI_ADDRESS);
	assert_int_equal(map[1].size, ACPI_SIZE);
	assert_int_equal(map[1].type, E820_ACPI);
	assert_int_equal(map[2].type, E820_RESERVED);
	assert_int_equal(map[2].addr, 0xfeff8000);
	assert_int_equal(map[2].size, 0x8000);
}

static void test_memory_map(void **state)
{
	static const uint64_t sizes[] = {
		GIB / 1024, 128 * GIB / 1024, 3 * GIB, ACPI_ADDRESS,
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		check_map(sizes[i]);
		assert_int_equal(nr_ranges, 3);
	}
	check_map(ACPI_ADDRESS + GIB / 1024);
	assert_int_equal(nr_ranges, 4);
	assert_int_equal(map[3].addr, 4 * GIB);
	assert_int_equal(map[3].size, GIB / 1024);
	check_map(64 * GIB);
	assert_int_equal(map[0].size, ACPI_ADDRESS);
	assert_int_equal(map[3].addr + map[3].size,
			 68 * GIB - ACPI_ADDRESS);
}

static void test_tables(void **state)
{
	struct xc_dom_image image = lay_out(GIB);

	(void)state;
	assert_int_equal(domain_pvh.furnish(&xen, &image, &err), 0);
	assert_int_equal(image.acpi_modules[0].guest_addr_out, ACPI_ADDRESS);
	assert_int_equal(image.acpi_modules[0].length, ACPI_SIZE);
	assert_memory_equal(image.acpi_modules[0].data, "RSD PTR ", 8);
	assert_int_equal(image.acpi_modules[1].length, 0);
}

static void test_furnish_fails(void **state)
{
	struct xc_dom_image image = lay_out(GIB);
	int i;

	(void)state;
	for (i = 1; i <= 3; i++) {
		failing = i;
		assert_int_equal(domain_pvh.furnish(&xen, &image, &err), -EIO);
	}
}

static void test_finish(void **state)
{
	struct xc_dom_image image = lay_out(GIB);
	int i;

	(void)state;
	store_pfn = 4711;
	assert_int_equal(domain_pvh.finish(&xen, &image, &err), 0);
	assert_int_equal(store_pfn, 0);
	assert_int_equal(console_port, 5);
	for (i = 1; i <= 2; i++) {
		failing = i;
		assert_int_equal(domain_pvh.finish(&xen, &image, &err), -EIO);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_describe),
		cmocka_unit_test(test_limit),
		cmocka_unit_test(test_room),
		cmocka_unit_test(test_timer_modes),
		cmocka_unit_test(test_memory_map),
		cmocka_unit_test(test_tables),
		cmocka_unit_test(test_furnish_fails),
		cmocka_unit_test(test_finish),
	};

	return cmocka_run_group_tests_name("pvh", tests, NULL, NULL);
}
