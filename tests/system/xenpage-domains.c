// SPDX-License-Identifier: GPL-2.0
/*
 * xenpage-domains dying
 *	a domain with a page dies, and lingers as dom0 maps memory of its: whatever is
 *	asked for then is refused
 * xenpage-domains linger
 *	such a domain, whose number is printed, dies until this is killed
 * xenpage-domains full
 *	a page has as many slots as it should, from the first to the last
 * xenpage-domains storm DOMAINS
 *	so many domains are made and destroyed, while another process asks Xen for
 *	whatever comes to its mind about their pages; says how often
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define XC_WANT_COMPAT_MAP_FOREIGN_API
#include <xenctrl.h>

#include "empty-domain.h"
#include "xenpage.h"

static struct xc_interface_core *xch;

static uint32_t make_domain(void)
{
	uint32_t domid;

	if (!empty_domain(xch, &domid))
		err(2, "xc_domain_create");
	return domid;
}

static int call_slot(uint16_t cmd, unsigned int domid, unsigned int slot)
{
	struct xen_noxs op = { .domid = domid, .cmd = cmd, .slot = slot };

	if (cmd == XEN_NOXS_WRITE)
		op.content = (struct noxs_slot){
			.type = NOXS_TYPE_VIF,
			.id = slot,
			.gref = 8,
			.evtchn = 1,
			.generation = 1 + slot,
		};
	return xenpage_call(&op);
}

static int call(uint16_t cmd, unsigned int domid)
{
	return call_slot(cmd, domid, 0);
}

static int full(void)
{
	uint32_t domid = make_domain();
	int failed = 0;

	for (unsigned int turn = 0; turn < 2; turn++) {
		for (unsigned int slot = 0; slot < 130; slot++) {
			int error = call_slot(XEN_NOXS_WRITE, domid, slot);
			int again = call_slot(XEN_NOXS_WRITE, domid, slot);

			if (error == (slot < 127 ? 0 : EINVAL) &&
			    again == (slot < 127 ? EEXIST : EINVAL))
				continue;
			failed = 1;
			printf("slot %u: %s, %s\n", slot, strerrorname_np(error),
			       strerrorname_np(again));
		}
		/* All at once, and one after the other. */
		if (!turn && call(XEN_NOXS_RESET, domid))
			errx(1, "RESET");
		for (unsigned int slot = 0; turn && slot < 127; slot++)
			if (call_slot(XEN_NOXS_CLEAR, domid, slot) ||
			    call_slot(XEN_NOXS_CLEAR, domid, slot) != ENOENT)
				errx(1, "slot %u: CLEAR", slot);
	}
	if (call(XEN_NOXS_DROP, domid) || call(XEN_NOXS_DROP, domid) != ENOENT)
		errx(1, "DROP");
	if (call(XEN_NOXS_WRITE, domid) ||
	    call(XEN_NOXS_WRITE, domid) != EEXIST)
		errx(1, "WRITE after DROP");
	if (xc_domain_destroy(xch, domid))
		err(2, "xc_domain_destroy");
	return failed;
}

/* Its memory is mapped: it lingers. */
static void *make_dying_domain(uint32_t *domid)
{
	xen_pfn_t frame = 0;
	void *page;

	*domid = make_domain();
	if (xc_domain_setmaxmem(xch, *domid, 1024) ||
	    xc_domain_populate_physmap_exact(xch, *domid, 1, 0, 0, &frame))
		err(2, "memory for domain %u", *domid);
	page = xc_map_foreign_range(xch, *domid, XC_PAGE_SIZE, PROT_READ, frame);
	if (!page)
		err(2, "xc_map_foreign_range");
	if (call(XEN_NOXS_WRITE, *domid))
		errx(1, "domain %u: the page can't be made", *domid);
	if (xc_domain_destroy(xch, *domid))
		err(2, "xc_domain_destroy");
	return page;
}

static int dying(void)
{
	uint32_t domid;
	void *page = make_dying_domain(&domid);
	int failed = 0;

	for (uint16_t cmd = XEN_NOXS_WRITE; cmd <= XEN_NOXS_DROP; cmd++) {
		int error = call(cmd, domid);

		if (error == ESRCH)
			continue;
		failed = 1;
		printf("command %u: %s\n", cmd, strerrorname_np(error));
	}
	munmap(page, XC_PAGE_SIZE);
	return failed;
}

static int linger(void)
{
	uint32_t domid;

	(void)make_dying_domain(&domid);
	printf("%u\n", domid);
	fflush(stdout);
	pause();
	return 0;
}

/* What both processes see. */
struct shared {
	volatile uint32_t domid;
	volatile unsigned long done;
	volatile unsigned long well;
};

static struct shared *shared;

static void ask_anything(void)
{
	static const uint16_t types[] = { 0, 1, 2, 3, 4, 0xffff };

	for (;;) {
		struct xen_noxs op = {
			.domid = shared->domid,
			.cmd = random() % 6,
			.slot = random() % 130,
			.content = {
				.type = types[random() % 6],
				.id = random() % 4,
				.gref = random(),
				.evtchn = random() % 1000,
				.generation = random(),
			},
		};

		/* Most of what isn't to be used is left out, to get further. */
		if (op.cmd != XEN_NOXS_WRITE && random() % 8) {
			memset(&op.content, 0, sizeof(op.content));
			if (op.cmd != XEN_NOXS_CLEAR)
				op.slot = 0;
		}
		if (!xenpage_call(&op))
			shared->well++;
		shared->done++;
	}
}

static int storm(unsigned int domains)
{
	const unsigned long each = 100;
	pid_t child;

	shared = mmap(NULL, XC_PAGE_SIZE, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		err(2, "mmap");
	shared->domid = make_domain();
	child = fork();
	if (child < 0)
		err(2, "fork");
	if (!child)
		ask_anything();

	for (unsigned int i = 1; i <= domains; i++) {
		uint32_t next = make_domain(), last = shared->domid;

		/* Half of them die at once, in the midst of it. */
		while (shared->done < i * each)
			usleep(100);
		if (i % 2)
			shared->domid = next;
		if (xc_domain_destroy(xch, last))
			err(2, "xc_domain_destroy");
		shared->domid = next;
	}
	if (xc_domain_destroy(xch, shared->domid))
		err(2, "xc_domain_destroy");
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	printf("%lu operations, of which %lu went well\n", shared->done,
	       shared->well);
	return 0;
}

int main(int argc, char **argv)
{
	xch = xc_interface_open(NULL, NULL, 0);
	if (!xch)
		err(2, "xc_interface_open");
	if (argc == 2 && !strcmp(argv[1], "dying"))
		return dying();
	if (argc == 2 && !strcmp(argv[1], "linger"))
		return linger();
	if (argc == 3 && !strcmp(argv[1], "storm"))
		return storm(atoi(argv[2]));
	if (argc == 2 && !strcmp(argv[1], "full"))
		return full();
	errx(2, "usage: xenpage-domains dying|full|linger, xenpage-domains storm DOMAINS");
}
