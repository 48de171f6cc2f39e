// SPDX-License-Identifier: GPL-2.0
/*
 * xenpage-frames - the page of a PVH domain that has nothing else but two frames of
 * memory: put where there is memory, and where there is none, moved, taken out; what
 * it shows, as dom0 sees it, and what Xen has of it all when the domain is gone
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define XC_WANT_COMPAT_MAP_FOREIGN_API
#include <xenctrl.h>

#include "xenpage.h"

#define SLOT	126

static xc_interface *xch;
static uint32_t domid;
static int failed;

#define want(what) do {							\
	if (!(what)) {							\
		printf("line %d: not so: %s (%s)\n", __LINE__, #what,	\
		       strerrorname_np(errno));				\
		failed = 1;						\
	}								\
} while (0)

static unsigned long long free_pages(void)
{
	xc_physinfo_t host;

	if (xc_physinfo(xch, &host))
		err(2, "xc_physinfo");
	return host.free_pages;
}

static unsigned long memory_of_domain(void)
{
	xc_domaininfo_t info;

	if (xc_domain_getinfolist(xch, domid, 1, &info) != 1 ||
	    info.domain != domid)
		err(2, "xc_domain_getinfolist");
	return info.tot_pages;
}

static void make_domain(xen_pfn_t first, xen_pfn_t second)
{
	xen_pfn_t frames[] = { first, second };
	struct xen_domctl_createdomain create = {
		.flags = XEN_DOMCTL_CDF_hvm | XEN_DOMCTL_CDF_hap,
		.max_vcpus = 1,
		.max_evtchn_port = 1,
		.max_grant_frames = 1,
		.grant_opts = XEN_DOMCTL_GRANT_version(1),
		.arch.emulation_flags = XEN_X86_EMU_LAPIC,
	};

	if (xc_domain_create(xch, &domid, &create))
		err(2, "xc_domain_create");
	if (xc_domain_setmaxmem(xch, domid, 1024) ||
	    xc_domain_populate_physmap_exact(xch, domid, 2, 0, 0, frames))
		err(2, "memory for domain %u", domid);
}

static int call(uint16_t cmd)
{
	struct xen_noxs op = { .domid = domid, .cmd = cmd };

	if (cmd == XEN_NOXS_WRITE || cmd == XEN_NOXS_CLEAR)
		op.slot = SLOT;
	if (cmd == XEN_NOXS_WRITE)
		op.content = (struct noxs_slot){
			.type = NOXS_TYPE_VIF, .id = 7, .gref = 8, .evtchn = 9,
			.generation = 10,
		};
	return xenpage_call(&op);
}

static int put(unsigned long idx, xen_pfn_t frame)
{
	return xc_domain_add_to_physmap(xch, domid, XENMAPSPACE_noxs, idx, frame);
}

static const struct noxs_devpage *see(xen_pfn_t frame)
{
	return xc_map_foreign_range(xch, domid, XC_PAGE_SIZE, PROT_READ, frame);
}

static void unsee(const struct noxs_devpage *page)
{
	munmap((void *)page, XC_PAGE_SIZE);
}

static void is_the_page(const struct noxs_devpage *page)
{
	want(page->hdr.magic == NOXS_DEVPAGE_MAGIC);
	want(page->hdr.version == NOXS_ABI_VERSION);
	want(page->hdr.nr_slots == NOXS_DEVPAGE_SLOTS);
	want(!page->hdr.evtchn);
	want(page->hdr.size == sizeof(page->hdr));
	want(page->hdr.slot_size == sizeof(page->slot[0]));
	want(!(page->hdr.seq & 1));
}

static void watch_changes(const struct noxs_devpage *page)
{
	static const struct noxs_slot empty;
	uint32_t seq = page->hdr.seq;

	want(!memcmp(&page->slot[SLOT], &empty, sizeof(empty)));
	want(!call(XEN_NOXS_WRITE));
	want(page->hdr.seq == seq + 2);
	want(page->slot[SLOT].id == 7 && page->slot[SLOT].generation == 10);
	want(call(XEN_NOXS_WRITE) == EEXIST);
	want(page->hdr.seq == seq + 2);
	want(!call(XEN_NOXS_CLEAR));
	want(page->hdr.seq == seq + 4);
	want(!memcmp(&page->slot[SLOT], &empty, sizeof(empty)));
	want(call(XEN_NOXS_CLEAR) == ENOENT);
	want(!call(XEN_NOXS_WRITE));
	want(!call(XEN_NOXS_RESET));
	want(page->hdr.seq == seq + 8);
	want(!memcmp(&page->slot[SLOT], &empty, sizeof(empty)));
}

/* The domain has memory at 1 and 2. */
static void move_about(void)
{
	const struct noxs_devpage *page;

	want(put(0, 3) == -1 && errno == EINVAL);	/* there is none */
	want(call(XEN_NOXS_CLEAR) == ENOENT);
	want(call(XEN_NOXS_DROP) == ENOENT);
	want(!call(XEN_NOXS_RESET));
	want(put(1, 3) == -1 && errno == EINVAL);
	want(memory_of_domain() == 2);

	want(!put(0, 1));
	want(memory_of_domain() == 1);
	page = see(1);
	if (!page)
		err(2, "xc_map_foreign_range");
	is_the_page(page);
	watch_changes(page);
	want(!put(0, 1));
	want(!put(0, 3));
	is_the_page(page);
	want(!see(1));
	unsee(page);

	page = see(3);
	want(page);
	is_the_page(page);
	unsee(page);
	want(!call(XEN_NOXS_DROP));
	want(call(XEN_NOXS_DROP) == ENOENT);
	want(put(0, 4) == -1 && errno == EINVAL);
	want(!call(XEN_NOXS_WRITE));
	want(!put(0, 2));
	want(memory_of_domain() == 0);
}

int main(void)
{
	unsigned long long before;

	xch = xc_interface_open(NULL, NULL, 0);
	if (!xch)
		err(2, "xc_interface_open");
	before = free_pages();
	make_domain(1, 2);
	move_about();
	if (xc_domain_destroy(xch, domid))
		err(2, "xc_domain_destroy");
	for (unsigned int i = 0; i < 100 && free_pages() != before; i++)
		usleep(100000);
	printf("pages free: %llu before, %llu after\n", before, free_pages());
	want(free_pages() == before);
	return failed;
}
