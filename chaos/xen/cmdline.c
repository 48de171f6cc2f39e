// SPDX-License-Identifier: GPL-2.0
/*
 * The command line, written into a domain that is complete but for it. Where it
 * is depends on the type of the guest, and on whether its kernel is one for 32
 * or 64 bits; but it is in the page of the start info in any case, and so it is
 * looked for there.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <xenctrl.h>
#include <xenforeignmemory.h>

#include "config/config.h"
#include "xen/cmdline.h"

#define ROOM	(CONFIG_CMDLINE_MAX + 1)

char *cmdline_blank(void)
{
	static char blank[ROOM];

	memset(blank, '#', CONFIG_CMDLINE_MAX);
	return blank;
}

/**
 * struct page - a page of a domain, mapped
 * @fmem: access to the memory of domains
 * @octets: the page
 */
struct page {
	xenforeignmemory_handle *fmem;
	char *octets;
};

static int map(struct page *page, uint32_t domid, uint64_t frame,
	       struct error *err)
{
	xen_pfn_t gfn = frame;
	int ret;

	page->fmem = xenforeignmemory_open(NULL, 0);
	if (!page->fmem)
		return error_sys(err, -errno, "command line: foreign memory");
	page->octets = xenforeignmemory_map(page->fmem, domid,
					    PROT_READ | PROT_WRITE, 1, &gfn,
					    NULL);
	if (page->octets)
		return 0;
	ret = error_sys(err, -errno, "command line: mapping its page");
	xenforeignmemory_close(page->fmem);
	return ret;
}

static void unmap(struct page *page)
{
	xenforeignmemory_unmap(page->fmem, page->octets, 1);
	xenforeignmemory_close(page->fmem);
}

int cmdline_find(uint32_t domid, uint64_t gfn, struct cmdline_place *place,
		 struct error *err)
{
	struct page page;
	char *at;
	int ret;

	place->gfn = gfn;
	ret = map(&page, domid, gfn, err);
	if (ret)
		return ret;
	at = memmem(page.octets, XC_PAGE_SIZE, cmdline_blank(), ROOM);
	if (at)
		place->offset = at - page.octets;
	else
		ret = error_set(err, -EBADMSG,
				"command line: is not in the start info");
	unmap(&page);
	return ret;
}

int cmdline_set(uint32_t domid, const struct cmdline_place *place,
		const char *cmdline, struct error *err)
{
	struct page page;
	char *at;
	int ret;

	if (place->offset > XC_PAGE_SIZE - ROOM ||
	    strlen(cmdline) > CONFIG_CMDLINE_MAX)
		return error_set(err, -EINVAL, "command line: has no room");
	ret = map(&page, domid, place->gfn, err);
	if (ret)
		return ret;
	at = page.octets + place->offset;
	if (memcmp(at, cmdline_blank(), ROOM))
		ret = error_set(err, -EBADMSG,
				"command line: something else is in its place");
	else
		strncpy(at, cmdline, ROOM);
	unmap(&page);
	return ret;
}
