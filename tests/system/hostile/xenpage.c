// SPDX-License-Identifier: GPL-2.0
/*
 * noxs_xenpage: a guest's kernel that wants more of a Xen that keeps device pages than
 * is for it. For tests only.
 *
 * It asks for all that is wrong, about its own domain and others, then tries to write
 * its own page, and to get rid of it, in every way that a PV or PVH guest has. The
 * parameter "checks" counts what was tried, "failed" what didn't end as it should; the
 * log has these. noxs_core isn't to be loaded, and won't find the page afterwards.
 */
#include <linux/err.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>
#include <xen/balloon.h>
#include <xen/interface/xen.h>
#include <xen/interface/grant_table.h>
#include <xen/interface/memory.h>
#include <xen/interface/noxs-memory.h>
#include <xen/page.h>
#include <xen/xen.h>
#include <asm/xen/hypercall.h>

#include "../xenpage-wrong.h"

#define FREE_SLOT	100
#define MEMOP_EXTENT_SHIFT	6

static unsigned int checks;
module_param(checks, uint, 0444);
MODULE_PARM_DESC(checks, "What was tried");

static unsigned int failed;
module_param(failed, uint, 0444);
MODULE_PARM_DESC(failed, "What of it didn't end as it should");

static ushort own;
module_param(own, ushort, 0444);
MODULE_PARM_DESC(own, "This domain's number");

static ushort others[4];
static unsigned int nr_others;
module_param_array(others, ushort, &nr_others, 0444);
MODULE_PARM_DESC(others, "Domains that there are, dom0 and a dying one among them");

/* What Xen reads and writes, and the page as it was at first. */
static struct xen_noxs argument;
static struct noxs_devpage before;

static void check(bool as_it_should, const char *what, long got)
{
	checks++;
	if (as_it_should)
		return;
	failed++;
	pr_err("%s: %ld\n", what, got);
}

static int call_at(void *op)
{
	return HYPERVISOR_memory_op(XENMEM_noxs, op);
}

static int call(struct xen_noxs op)
{
	argument = op;
	return call_at(&argument);
}

static void expect(int expected, struct xen_noxs op, const char *what)
{
	int err = call(op);

	check(err == -expected && !memcmp(&argument, &op, sizeof(op)), what, err);
	if (err != -expected)
		pr_err("that was command %u of domain %u\n", op.cmd, op.domid);
}

static struct xen_noxs get(u64 frame)
{
	struct xen_noxs op = xenpage_command(XEN_NOXS_GET, DOMID_SELF, 0);

	op.frame = frame;
	return op;
}

static bool is_same(const struct noxs_devpage *page)
{
	return !memcmp(page, &before, sizeof(before));
}

static void expect_all(int expected, unsigned int domid, const char *what)
{
	u16 cmd;

	for (cmd = XEN_NOXS_WRITE; cmd <= XEN_NOXS_DROP; cmd++)
		expect(expected, xenpage_command(cmd, domid, FREE_SLOT), what);
}

/* A guest is told nothing of another one, and can change nobody's page, its own neither. */
static void wrong_domains(void)
{
	static const u16 nobodies[] = { XENPAGE_NOBODY, XENPAGE_XENS, 0xffff };
	unsigned int i;

	expect_all(EPERM, DOMID_SELF, "itself");
	expect_all(EPERM, own, "its own number");
	for (i = 0; i < nr_others; i++) {
		expect(EPERM, xenpage_command(XEN_NOXS_GET, others[i], 0),
		       "another one's page");
		expect_all(EPERM, others[i], "another one");
	}
	for (i = 0; i < ARRAY_SIZE(nobodies); i++) {
		expect(EPERM, xenpage_command(XEN_NOXS_GET, nobodies[i], 0),
		       "nobody's page");
		expect_all(ESRCH, nobodies[i], "nobody");
	}
}

static void expect_fault(void *op)
{
	int err = call_at(op);

	check(err == -EFAULT, "address of nothing", err);
}

/* @frame: what XEN_NOXS_GET says here, or is told */
static void wrong_addresses(u64 frame)
{
	static u8 room[sizeof(struct xen_noxs) + 1] __aligned(8);
	struct xen_noxs op = get(xen_pv_domain() ? 0 : frame);
	void *end = vmalloc(PAGE_SIZE);
	int err;

	expect_fault(NULL);
	expect_fault((void *)8);
	expect_fault((void *)0x800000000000);
	expect_fault((void *)0xffff800000000000);	/* Xen's, where it is PV */
	if (end)
		expect_fault(end + PAGE_SIZE - 8);	/* only its beginning */
	vfree(end);

	argument = op;
	err = HYPERVISOR_memory_op(XENMEM_noxs | 1 << MEMOP_EXTENT_SHIFT,
				   &argument);
	check(err == -EINVAL, "an extent to start with", err);

	/* Nothing says that it has to be aligned. */
	memcpy(room + 1, &op, sizeof(op));
	err = call_at(room + 1);
	memcpy(&op, room + 1, sizeof(op));
	check(!err && op.frame == frame, "not aligned", err);
}

/* What can be read there, but not written: PV alone is to be told something. */
static void readonly_address(u64 frame)
{
	struct page *page = alloc_page(GFP_KERNEL);
	void *addr = page ? vmap(&page, 1, VM_MAP, PAGE_KERNEL_RO) : NULL;
	int err;

	if (addr) {
		*(struct xen_noxs *)page_address(page) = get(frame);
		err = call_at(addr);
		check(err == (xen_pv_domain() ? -EFAULT : 0),
		      "an argument that can't be written", err);
	}
	vunmap(addr);
	if (page)
		__free_page(page);
}

static bool can_write(void *addr)
{
	u32 word = 0;

	__put_kernel_nofault(addr, &word, u32, fault);
	return true;
fault:
	return false;
}

static int decrease_reservation(xen_pfn_t frame)
{
	struct xen_memory_reservation memory = {
		.nr_extents = 1,
		.domid = DOMID_SELF,
	};

	set_xen_guest_handle(memory.extent_start, &frame);
	return HYPERVISOR_memory_op(XENMEM_decrease_reservation, &memory);
}

static int pv_show(struct page *page, pte_t pte)
{
	return HYPERVISOR_update_va_mapping((unsigned long)page_address(page),
					    pte, UVMF_INVLPG | UVMF_ALL);
}

static void pv_mmuext(unsigned int cmd, u64 mfn, u64 from, const char *what)
{
	struct mmuext_op op = { .cmd = cmd, .arg1.mfn = mfn };
	int err;

	if (cmd == MMUEXT_COPY_PAGE)
		op.arg2.src_mfn = from;
	err = HYPERVISOR_mmuext_op(&op, 1, NULL, DOMID_SELF);
	check(err < 0, what, err);
}

/* Xen would write there on behalf of the guest. */
static void pv_copy(u64 mfn, u64 from)
{
	struct gnttab_copy copy = {
		.source = { .u.gmfn = from, .domid = DOMID_SELF },
		.dest = { .u.gmfn = mfn, .domid = DOMID_SELF },
		.len = PAGE_SIZE,
	};
	int err = HYPERVISOR_grant_table_op(GNTTABOP_copy, &copy, 1);

	check(err || copy.status != GNTST_okay, "copied onto the page",
	      copy.status);
}

static void pv_write(struct page *place, u64 mfn)
{
	struct page *other = alloc_page(GFP_KERNEL | __GFP_ZERO);
	int err = pv_show(place, mfn_pte(mfn, PAGE_KERNEL));

	check(err < 0, "mapped writable", err);
	check(!can_write(page_address(place)), "written", 0);
	if (other) {
		u64 from = virt_to_gfn(page_address(other));

		pv_mmuext(MMUEXT_CLEAR_PAGE, mfn, 0, "cleared");
		pv_mmuext(MMUEXT_COPY_PAGE, mfn, from, "another one copied there");
		pv_copy(mfn, from);
		__free_page(other);
	}
	pv_mmuext(MMUEXT_PIN_L1_TABLE, mfn, 0, "made a page table");
	pv_mmuext(MMUEXT_PIN_L4_TABLE, mfn, 0, "made a page table");
}

/*
 * A guest may give away what it has of the page: then it has none any more, and Xen and
 * everybody else don't mind.
 */
static void pv_let_go(struct page *place, u64 mfn)
{
	int err = decrease_reservation(mfn);

	check(err >= 0 && err <= 1, "given back", err);
	check(is_same(page_address(place)), "given back: another page", 0);
	err = decrease_reservation(mfn);
	check(err >= 0 && err <= 1, "given back twice", err);
	check(is_same(page_address(place)), "given back twice: another page", 0);
}

static void pv_guest(void)
{
	struct page *place = alloc_page(GFP_KERNEL);
	u64 mfn;
	int err;

	if (!place)
		return;
	err = call(get(0));
	mfn = argument.frame;
	if (!err)
		err = pv_show(place, mfn_pte(mfn, PAGE_KERNEL_RO));
	check(!err, "the page, read-only", err);
	if (err)
		goto out_free;
	before = *(struct noxs_devpage *)page_address(place);
	check(before.hdr.magic == NOXS_DEVPAGE_MAGIC, "magic", before.hdr.magic);

	xenpage_wrong_structure(DOMID_SELF, FREE_SLOT, false);
	wrong_domains();
	wrong_addresses(mfn);
	readonly_address(0);
	err = call(xenpage_command(XEN_NOXS_GET, own, 0));
	check(!err && argument.frame == mfn, "the same by its number", err);
	check(is_same(page_address(place)), "changed by what is wrong", 0);

	pv_write(place, mfn);
	check(is_same(page_address(place)), "changed by who wrote", 0);
	pv_let_go(place, mfn);
	err = pv_show(place, mk_pte(place, PAGE_KERNEL));
	check(!err, "its own page again", err);
out_free:
	/* What isn't in its place isn't the kernel's to use. */
	if (!err)
		__free_page(place);
}

static int pvh_remove(u64 gfn)
{
	struct xen_remove_from_physmap remove = {
		.domid = DOMID_SELF,
		.gpfn = gfn,
	};

	return HYPERVISOR_memory_op(XENMEM_remove_from_physmap, &remove);
}

static void pvh_wrong_frames(u64 gfn)
{
	expect(EINVAL, get(~0ULL), "a frame that can't be");
	expect(EINVAL, get(1ULL << 52), "a frame that can't be");
	expect(EINVAL, get(1ULL << 40), "a frame beyond what there is");
	check(!call(get(gfn)), "the same frame again", gfn);
}

/* @first has the page; none has memory. */
static void pvh_move(struct page *first, struct page *second)
{
	struct noxs_devpage *page = page_address(second);
	u64 gfn = xen_page_to_gfn(second);
	int err = call(get(gfn));

	check(!err && is_same(page), "moved", err);
	check(!is_same(page_address(first)), "moved, and still there", 0);
	err = pvh_remove(gfn);
	check(!err, "removed", err);
	err = pvh_remove(gfn);
	check(err < 0, "removed twice", err);
	err = call(get(gfn));
	check(!err && is_same(page), "back", err);
	err = decrease_reservation(gfn);
	check(err == 1, "given back", err);
	err = decrease_reservation(gfn);
	check(!err, "given back twice", err);
	check(!is_same(page), "given back, and still there", 0);
	err = call(get(gfn));
	check(!err && is_same(page), "back again", err);
	(void)pvh_remove(gfn);
}

static void pvh_guest(void)
{
	struct page *pages[2];
	struct noxs_devpage *page;
	u64 gfn;
	int err;

	if (xen_alloc_ballooned_pages(2, pages))
		return;
	page = page_address(pages[0]);
	gfn = xen_page_to_gfn(pages[0]);
	err = call(get(gfn));
	check(!err, "the page", err);
	if (err)
		goto out_free;
	before = *page;
	check(before.hdr.magic == NOXS_DEVPAGE_MAGIC, "magic", before.hdr.magic);

	xenpage_wrong_structure(DOMID_SELF, FREE_SLOT, true);
	wrong_domains();
	wrong_addresses(gfn);
	readonly_address(gfn);
	pvh_wrong_frames(gfn);
	check(is_same(page), "changed by what is wrong", 0);

	/* To whom writes, Xen says nothing. */
	(void)can_write(page);
	check(is_same(page), "changed by who wrote", 0);
	pvh_move(pages[0], pages[1]);
out_free:
	xen_free_ballooned_pages(2, pages);
}

static int __init xenpage_init(void)
{
	if (xen_pv_domain())
		pv_guest();
	else
		pvh_guest();
	return 0;
}
module_init(xenpage_init);

static void __exit xenpage_exit(void)
{
}
module_exit(xenpage_exit);

MODULE_DESCRIPTION("Asks a Xen that keeps device pages for what is wrong, for tests");
MODULE_LICENSE("GPL");
