// SPDX-License-Identifier: GPL-2.0
/*
 * xenpage - asks Xen about device pages, past the kernel, in dom0
 *
 * xenpage reset|drop DOMID, xenpage write|clear DOMID SLOT
 *	one operation, and the name of its errno if it fails. What is written is a
 *	vif of dom0's with the number of the slot.
 * xenpage wrong-host DOMID SLOT FREE
 *	each wrong argument is refused for what it is. SLOT of the domain is
 *	in use, FREE isn't.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "xenpage.h"
#include "xenpage-wrong.h"

static unsigned int failed;

static void expect(int expected, struct xen_noxs op, const char *what)
{
	struct xen_noxs before = op;
	int error = xenpage_call(&op);

	if (error == expected && !memcmp(&before, &op, sizeof(op)))
		return;
	failed++;
	printf("%s: command %u of domain %u: %s, not %s%s\n", what, before.cmd,
	       before.domid, strerrorname_np(error), strerrorname_np(expected),
	       error == expected ? "; something was written" : "");
}

/* Nothing can be read there: no memory, the kernel's, not even an address. */
static void wrong_addresses(void)
{
	char *page = mmap(NULL, 2 * NOXS_PAGE_SIZE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	void *addresses[] = {
		NULL,
		(void *)8,
		(void *)0x800000000000,
		(void *)0xffff800000000000,	/* Xen's */
		page + NOXS_PAGE_SIZE - 8,	/* only its beginning */
	};

	if (page == MAP_FAILED || munmap(page + NOXS_PAGE_SIZE, NOXS_PAGE_SIZE))
		err(2, "mmap");
	for (unsigned int i = 0; i < sizeof(addresses) / sizeof(*addresses); i++) {
		int error = xenpage_call_at(addresses[i]);

		if (error != EFAULT) {
			failed++;
			printf("address %p: %s, not EFAULT\n", addresses[i],
			       strerrorname_np(error));
		}
	}
}

static void wrong_host(unsigned int domid, unsigned int used, unsigned int free)
{
	xenpage_wrong_structure(domid, free, false);
	wrong_addresses();
	expect(EPERM, xenpage_command(XEN_NOXS_GET, domid, 0), "another's page");
	expect(ENOENT, xenpage_command(XEN_NOXS_GET, DOMID_SELF, 0), "dom0's page");
	expect(ENOENT, xenpage_command(XEN_NOXS_GET, 0, 0), "dom0's page");
	for (uint16_t cmd = XEN_NOXS_WRITE; cmd <= XEN_NOXS_DROP; cmd++) {
		expect(EPERM, xenpage_command(cmd, DOMID_SELF, free), "own domain");
		expect(EPERM, xenpage_command(cmd, 0, free), "own domain");
		expect(ESRCH, xenpage_command(cmd, XENPAGE_NOBODY, free), "nobody");
		expect(ESRCH, xenpage_command(cmd, XENPAGE_XENS, free), "Xen's");
		expect(ESRCH, xenpage_command(cmd, 0xffff, free), "no number of a domain");
	}
	EXPECT(EINVAL, xenpage_command(XEN_NOXS_WRITE, domid, free), content.backend,
	       domid, "the guest as its backend");
	EXPECT(ESRCH, xenpage_command(XEN_NOXS_WRITE, domid, free), content.backend,
	       XENPAGE_NOBODY, "nobody as backend");
	EXPECT(ESRCH, xenpage_command(XEN_NOXS_WRITE, domid, free), content.backend,
	       XENPAGE_XENS, "Xen as backend");
	expect(EEXIST, xenpage_command(XEN_NOXS_WRITE, domid, used), "used slot");
	expect(ENOENT, xenpage_command(XEN_NOXS_CLEAR, domid, free), "free slot");
	/* Every guest has power control. */
	EXPECT(EEXIST, ({
		struct xen_noxs op = xenpage_command(XEN_NOXS_WRITE, domid, free);

		op.content.id = 0;
		op;
	}), content.type, NOXS_TYPE_SYSCTL, "second one of its name");
}

static int one(const char *what, unsigned int domid, unsigned int slot)
{
	static const char * const commands[] = {
		[XEN_NOXS_WRITE] = "write",
		[XEN_NOXS_CLEAR] = "clear",
		[XEN_NOXS_RESET] = "reset",
		[XEN_NOXS_DROP] = "drop",
	};

	for (uint16_t cmd = XEN_NOXS_WRITE; cmd <= XEN_NOXS_DROP; cmd++) {
		struct xen_noxs op = xenpage_command(cmd, domid, slot);
		int error;

		if (strcmp(what, commands[cmd]))
			continue;
		error = xenpage_call(&op);
		if (error)
			puts(strerrorname_np(error));
		return !!error;
	}
	errx(2, "no such command: %s", what);
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	unsigned long arg[3] = { };

	for (int i = 2; i < argc && i < 5; i++)
		arg[i - 2] = strtoul(argv[i], NULL, 0);

	if (!strcmp(what, "wrong-host"))
		wrong_host(arg[0], arg[1], arg[2]);
	else
		return one(what, arg[0], arg[1]);
	return !!failed;
}
