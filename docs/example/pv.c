// SPDX-License-Identifier: MIT
/*
 * A PV guest: its page tables are Xen's, who is asked for each change, and frames
 * have other numbers than addresses say.
 */
#define __XEN_INTERFACE_VERSION__	0x00040d00
#include <stdint.h>
#include <xen/xen.h>

#include <xen/grant_table.h>

#include "../../include/xen/interface/noxs-memory.h"
#include "guest.h"
#include "start.h"

#define PTE		7	/* present, writable, the guest's */
#define PTE_READONLY	5
#define GRANT_FRAMES	8

static const struct start_info *start_info;

static bool set_pte(void *page, unsigned long pte)
{
	return !hypercall(__HYPERVISOR_update_va_mapping, (long)page, pte,
			  UVMF_INVLPG);
}

static bool map_frame(void *page, unsigned long frame)
{
	return set_pte(page, frame * PAGE_SIZE | PTE);
}

/* The builder has put us where our addresses say. */
static unsigned long frame_of(const void *page)
{
	const unsigned long *frames = (const unsigned long *)start_info->mfn_list;

	return frames[(unsigned long)page / PAGE_SIZE];
}

static bool map_shared(void *page)
{
	return map_frame(page, start_info->shared_info / PAGE_SIZE);
}

static bool map_grants(void *pages, unsigned int nr)
{
	xen_pfn_t frame[GRANT_FRAMES];
	struct gnttab_setup_table setup = {
		.dom = DOMID_SELF, .nr_frames = nr,
	};
	unsigned int i;

	set_xen_guest_handle(setup.frame_list, frame);
	if (nr > GRANT_FRAMES ||
	    hypercall(__HYPERVISOR_grant_table_op, GNTTABOP_setup_table,
		      (long)&setup, 1) || setup.status != GNTST_okay)
		return false;
	for (i = 0; i < nr; i++)
		if (!map_frame((char *)pages + i * PAGE_SIZE, frame[i]))
			return false;
	return true;
}

/* Xen leaves it to us that no processor remembers what was there. */
static bool take_away(void *page)
{
	return set_pte(page, 0);
}

static bool put_back(void *page)
{
	return map_frame(page, frame_of(page));
}

/* Xen would refuse to have it written. */
static bool get_devpage(void *page)
{
	struct xen_noxs get = { .domid = DOMID_SELF, .cmd = XEN_NOXS_GET };

	return !hypercall(__HYPERVISOR_memory_op, XENMEM_noxs, (long)&get, 0) &&
	       set_pte(page, get.frame * PAGE_SIZE | PTE_READONLY);
}

void guest_run(struct start_info *info)
{
	static const struct guest_type pv = {
		.map_shared = map_shared,
		.map_grants = map_grants,
		.frame_of = frame_of,
		.take_away = take_away,
		.put_back = put_back,
		.get_devpage = get_devpage,
		.leave_devpage = take_away,
	};

	start_info = info;
	guest_main(&pv, (const char *)info->cmd_line);
}
