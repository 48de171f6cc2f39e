// SPDX-License-Identifier: MIT
/*
 * A PVH guest: its page tables are its own, and the numbers of its frames are what
 * its addresses say. What is there, Xen changes on request.
 */
#define __XEN_INTERFACE_VERSION__	0x00040d00
#include <cpuid.h>
#include <stdint.h>
#include <xen/xen.h>

#include <xen/arch-x86/cpuid.h>
#include <xen/arch-x86/hvm/start_info.h>
#include <xen/memory.h>

#include "../../include/xen/interface/noxs-memory.h"
#include "guest.h"
#include "start.h"

#define LEAF_STEP	0x100
#define LEAF_END	0x40010000

/* Where Xen's leaves begin: others' can be before them. */
static bool find_xen(uint32_t *leaf)
{
	uint32_t most, b, c, d;

	for (*leaf = XEN_CPUID_FIRST_LEAF; *leaf < LEAF_END; *leaf += LEAF_STEP) {
		__cpuid(*leaf, most, b, c, d);
		if (b == XEN_CPUID_SIGNATURE_EBX &&
		    c == XEN_CPUID_SIGNATURE_ECX &&
		    d == XEN_CPUID_SIGNATURE_EDX)
			return most >= *leaf + 2;
	}
	return false;
}

/* Xen writes it at the address that a register of the processor is told. */
static bool get_hypercall_page(void)
{
	unsigned long page = (unsigned long)hypercall_page;
	uint32_t leaf, pages, msr, c, d;

	if (!find_xen(&leaf))
		return false;
	__cpuid(leaf + 2, pages, msr, c, d);
	asm volatile("wrmsr"
		     : : "c" (msr), "a" ((uint32_t)page), "d" (page >> 32)
		     : "memory");
	return pages == 1;
}

static unsigned long frame_of(const void *page)
{
	return (unsigned long)page / PAGE_SIZE;
}

/* The page that was there goes back to Xen. */
static bool add_to_physmap(unsigned int space, unsigned long idx,
			   const void *page)
{
	struct xen_add_to_physmap add = {
		.domid = DOMID_SELF,
		.space = space,
		.idx = idx,
		.gpfn = frame_of(page),
	};

	return !hypercall(__HYPERVISOR_memory_op, XENMEM_add_to_physmap,
			  (long)&add, 0);
}

static bool map_shared(void *page)
{
	return add_to_physmap(XENMAPSPACE_shared_info, 0, page);
}

static bool map_grants(void *pages, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		if (!add_to_physmap(XENMAPSPACE_grant_table, i,
				    (char *)pages + i * PAGE_SIZE))
			return false;
	return true;
}

static bool reserve(unsigned int op, const void *page)
{
	xen_pfn_t frame = frame_of(page);
	struct xen_memory_reservation reservation = {
		.nr_extents = 1, .domid = DOMID_SELF,
	};

	set_xen_guest_handle(reservation.extent_start, &frame);
	return hypercall(__HYPERVISOR_memory_op, op, (long)&reservation, 0) == 1;
}

/* What a grant is mapped over would be the guest's, but out of its reach. */
static bool take_away(void *page)
{
	return reserve(XENMEM_decrease_reservation, page);
}

static bool put_back(void *page)
{
	return reserve(XENMEM_populate_physmap, page);
}

static bool get_devpage(void *page)
{
	struct xen_noxs get = {
		.domid = DOMID_SELF,
		.cmd = XEN_NOXS_GET,
		.frame = frame_of(page),
	};

	return !hypercall(__HYPERVISOR_memory_op, XENMEM_noxs, (long)&get, 0);
}

static bool leave_devpage(void *page)
{
	struct xen_remove_from_physmap leave = {
		.domid = DOMID_SELF, .gpfn = frame_of(page),
	};

	return !hypercall(__HYPERVISOR_memory_op, XENMEM_remove_from_physmap,
			  (long)&leave, 0);
}

/**
 * pvh_run() - what pvh.S goes on with
 * @info: what the builder says
 *
 * Return: there is no Xen
 */
void pvh_run(const struct hvm_start_info *info)
{
	static const struct guest_type pvh = {
		.map_shared = map_shared,
		.map_grants = map_grants,
		.frame_of = frame_of,
		.take_away = take_away,
		.put_back = put_back,
		.get_devpage = get_devpage,
		.leave_devpage = leave_devpage,
	};

	if (info->magic == XEN_HVM_START_MAGIC_VALUE && get_hypercall_page())
		guest_main(&pvh, (const char *)info->cmdline_paddr);
}
