// SPDX-License-Identifier: GPL-2.0
/*
 * The types of domains. Of PV all is common to both, as libxenguest was made for
 * that. PVH: the processor virtualises, and all else is as with PV. There is no
 * device model, and of a PC's hardware only the local APICs.
 *
 * The guest's memory, from 0 on, has a hole below 4 GiB:
 *
 *	ACPI_ADDRESS	the ACPI tables
 *	0xfee00000	local APIC
 *	0xfeff8000	pages that libxenguest makes: console, XenStore, ...
 *
 * What doesn't fit below the hole is from 4 GiB on.
 */
#include <xenctrl.h>
#include <xenguest.h>
#include <xen/hvm/params.h>

#include "xen/acpi.h"
#include "xen/type.h"

#define HIGH_MEMORY	(1ULL << 32)
#define HOLE_START	ACPI_ADDRESS

#define SPECIAL_START \
	((uint64_t)(X86_HVM_END_SPECIAL_REGION - X86_HVM_NR_SPECIAL_PAGES) << \
	 XC_PAGE_SHIFT)

#define HAP_PAGES_MIN		48
#define MB_PER_TABLE		2
#define MB_PER_DIRECTORY	1024
#define MB_PER_DIRTY_MAP	128
#define SHADOW_PAGES_MIN	256

#define E820_ENTRIES		4

static int describe(struct xen *xen, struct xen_domctl_createdomain *create,
		    struct error *err)
{
	xc_physinfo_t host;

	if (xc_physinfo(xen->xch, &host))
		return xen_error(xen, err, "creating the domain");
	create->flags |= XEN_DOMCTL_CDF_hvm;
	/* Without, Xen shadows the guest's page tables. */
	if (host.capabilities & XEN_SYSCTL_PHYSCAP_hap)
		create->flags |= XEN_DOMCTL_CDF_hap;
	create->arch.emulation_flags = XEN_X86_EMU_LAPIC;
	return 0;
}

/*
 * For the hypervisor's own tables of the guest's memory, which it gets no more for
 * later: one for each 2 MiB, if it maps them page by page, as when the guest gives
 * single ones back, and one above those for each GiB; its map of dirty pages; a page
 * for each processor.
 *
 * What else there is has HAP_PAGES_MIN: 1 to 21 tables that Xen makes with the
 * domain, some 5 above those and for what isn't memory, and the rest for what the
 * guest maps where it has no memory, such as others' grants, 512 with a table.
 */
static uint64_t hap_pages(const struct guest_config *config)
{
	return HAP_PAGES_MIN + (config->memory + MB_PER_TABLE - 1) / MB_PER_TABLE +
	       config->memory / MB_PER_DIRECTORY +
	       config->memory / MB_PER_DIRTY_MAP + config->vcpus;
}

/* The same, and the shadows of its own tables, which can be found anew. */
static uint64_t shadow_pages(const struct guest_config *config)
{
	return SHADOW_PAGES_MIN * (1 + (uint64_t)config->vcpus) +
	       2 * (uint64_t)config->memory;
}

/* Xen has given it 256 pages, more than a small guest needs: the rest goes back. */
static int give_paging_memory(struct xen *xen,
			      const struct guest_config *config,
			      uint32_t domid, struct error *err)
{
	struct domain_info info;
	uint64_t pages;
	int ret;

	ret = xen_info(xen, domid, &info);
	if (ret)
		return error_sys(err, ret, "domain %u", domid);
	pages = info.has_hap ? hap_pages(config) : shadow_pages(config);
	if (xc_set_paging_mempool_size(xen->xch, domid, pages * XC_PAGE_SIZE))
		return xen_error(xen, err, "memory: for page tables");
	return 0;
}

static int limit(struct xen *xen, const struct guest_config *config,
		 uint32_t domid, struct error *err)
{
	int ret;

	ret = give_paging_memory(xen, config, domid, err);
	if (ret)
		return ret;
	if (xc_hvm_param_set(xen->xch, domid, HVM_PARAM_TIMER_MODE,
			     config->timer_mode))
		return xen_error(xen, err, "timer_mode");
	return 0;
}

static void lay_out(struct xc_dom_image *image)
{
	uint64_t size = (uint64_t)image->total_pages * XC_PAGE_SIZE;

	image->target_pages = image->total_pages;
	image->mmio_start = HOLE_START;
	image->mmio_size = HIGH_MEMORY - HOLE_START;
	image->lowmem_end = size;
	image->highmem_end = 0;
	if (size > HOLE_START) {
		image->lowmem_end = HOLE_START;
		image->highmem_end = HIGH_MEMORY + size - HOLE_START;
	}
}

static int add_tables(struct xen *xen, struct xc_dom_image *image,
		      struct error *err)
{
	void *tables = xc_dom_malloc(image, ACPI_SIZE);

	if (!tables)
		return xen_error(xen, err, "ACPI tables");
	acpi_build(tables, image->max_vcpus);
	image->acpi_modules[0].data = tables;
	image->acpi_modules[0].length = ACPI_SIZE;
	image->acpi_modules[0].guest_addr_out = ACPI_ADDRESS;
	return 0;
}

static void add_range(struct xc_dom_image *image, uint64_t start,
		      uint64_t size, uint32_t type)
{
	image->e820[image->e820_entries++] = (struct e820entry) {
		.addr = start, .size = size, .type = type,
	};
}

static int add_memory_map(struct xen *xen, struct xc_dom_image *image,
			  struct error *err)
{
	image->e820 = xc_dom_malloc(image,
				    E820_ENTRIES * sizeof(*image->e820));
	if (!image->e820)
		return xen_error(xen, err, "memory map");
	image->e820_entries = 0;
	add_range(image, 0, image->lowmem_end, E820_RAM);
	add_range(image, ACPI_ADDRESS, ACPI_SIZE, E820_ACPI);
	add_range(image, SPECIAL_START,
		  X86_HVM_NR_SPECIAL_PAGES * XC_PAGE_SIZE, E820_RESERVED);
	if (image->highmem_end)
		add_range(image, HIGH_MEMORY,
			  image->highmem_end - HIGH_MEMORY, E820_RAM);
	if (xc_domain_set_memory_map(xen->xch, image->guest_domid, image->e820,
				     image->e820_entries))
		return xen_error(xen, err, "memory map");
	return 0;
}

static int furnish(struct xen *xen, struct xc_dom_image *image,
		   struct error *err)
{
	int ret;

	ret = add_tables(xen, image, err);
	return ret ? ret : add_memory_map(xen, image, err);
}

static int finish(struct xen *xen, struct xc_dom_image *image,
		  struct error *err)
{
	uint32_t domid = image->guest_domid;

	/* A guest that finds a page for XenStore waits for it, for ever. */
	if (xc_hvm_param_set(xen->xch, domid, HVM_PARAM_STORE_PFN, 0) ||
	    xc_hvm_param_set(xen->xch, domid, HVM_PARAM_CONSOLE_EVTCHN,
			     image->console_evtchn))
		return xen_error(xen, err, "parameters of the domain");
	return 0;
}

/* What a PV guest may get later its kernel has to know of when it boots. */
static int make_room(struct xen *xen, const struct guest_config *config,
		     uint32_t domid, struct error *err)
{
	if (config->maxmem > config->memory &&
	    xc_domain_set_memmap_limit(xen->xch, domid, config->maxmem * 1024UL))
		return xen_error(xen, err, "maxmem");
	return 0;
}

const struct domain_type domain_pv = {
	.limit = make_room,
};

const struct domain_type domain_pvh = {
	.extra_pages = PVH_EXTRA_PAGES,
	.describe = describe,
	.limit = limit,
	.lay_out = lay_out,
	.furnish = furnish,
	.finish = finish,
};
