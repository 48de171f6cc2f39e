// SPDX-License-Identifier: GPL-2.0
/*
 * noxs_granted: looks at each page that this kernel grants to another domain, as
 * that one could. For tests only.
 *
 * Whatever a page holds at that moment, the other end reads. So there must be
 * nothing of the kernel's own in it: the parameter "pointers" counts the pages
 * that hold a pointer into the kernel's memory or to its page structs. "dirty"
 * counts those that aren't zero, "granted" all of them. A write resets each.
 */
#include <linux/kprobes.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <asm/xen/page.h>

#define MOST_LINES	10

/* What counts is whether they are zero: no matter if an increment gets lost. */
static unsigned int granted;
module_param(granted, uint, 0644);
MODULE_PARM_DESC(granted, "Pages granted");

static unsigned int dirty;
module_param(dirty, uint, 0644);
MODULE_PARM_DESC(dirty, "Pages that held anything when they were granted");

static unsigned int pointers;
module_param(pointers, uint, 0644);
MODULE_PARM_DESC(pointers, "Pages that held a pointer of the kernel's");

static bool is_pointer(unsigned long word)
{
	if (virt_addr_valid((void *)word))
		return true;
	return word >= (unsigned long)pfn_to_page(0) &&
	       pfn_valid(page_to_pfn((struct page *)word));
}

static void look_at_page(const unsigned long *words, bool readonly)
{
	bool any = false;
	unsigned int i;

	for (i = 0; i < PAGE_SIZE / sizeof(*words); i++) {
		if (!words[i])
			continue;
		any = true;
		if (!is_pointer(words[i]))
			continue;
		if (pointers++ < MOST_LINES)
			pr_warn("%lx at offset %zu of a page granted %s\n",
				words[i], i * sizeof(*words),
				readonly ? "for reading" : "for writing");
		break;
	}
	if (any)
		dirty++;
	granted++;
}

/* gnttab_grant_foreign_access_ref(ref, domid, frame, readonly) */
static int grant_begins(struct kprobe *probe, struct pt_regs *regs)
{
	unsigned long pfn = gfn_to_pfn(regs->dx);

	if (pfn_valid(pfn))
		look_at_page(page_address(pfn_to_page(pfn)), regs->cx);
	return 0;
}

static struct kprobe granted_probe = {
	.symbol_name = "gnttab_grant_foreign_access_ref",
	.pre_handler = grant_begins,
};

static int __init granted_init(void)
{
	return register_kprobe(&granted_probe);
}
module_init(granted_init);

static void __exit granted_exit(void)
{
	unregister_kprobe(&granted_probe);
}
module_exit(granted_exit);

MODULE_DESCRIPTION("Looks at the pages that are granted, for tests");
MODULE_LICENSE("GPL");
