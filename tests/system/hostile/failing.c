// SPDX-License-Identifier: GPL-2.0
/*
 * noxs_failing: whatever modules of noxs call that can fail does, in turn, in any
 * context: system calls, work items, softirqs, interrupts. For tests only.
 *
 * A place is a call in a module, known by the address to which it returns. Each
 * place fails as often as the parameter "times" says, and works from then on; a
 * write to it forgets all places. Only places of the modules whose names begin with
 * the parameter "of" count. /sys/kernel/debug/noxs_failing has a line for each: the
 * function that calls, its module, the function that is called, how often that was,
 * and how often it failed. A function that fails does nothing.
 */
#include <linux/debugfs.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/hash.h>
#include <linux/kallsyms.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/seq_file.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#include "fails.h"

#define PLACES_BITS	10
#define NR_PLACES	(1U << PLACES_BITS)

/**
 * struct failing - a function that can fail
 * @probe: at its beginning
 * @result: what it returns then
 */
struct failing {
	struct kprobe probe;
	long result;
};

/**
 * struct place - where one is called
 * @addr: to which it returns; 0 if there is none
 * @what: the function
 * @ours: whether that is in one of the modules
 * @calls: how often it was called
 * @failed: how often that failed
 */
struct place {
	unsigned long addr;
	const struct failing *what;
	bool ours;
	unsigned int calls;
	unsigned int failed;
};

static struct place places[NR_PLACES];
static unsigned int times;
static DEFINE_RAW_SPINLOCK(places_lock);	/* protects both; any context */

static char of[32] = "noxs_";
module_param_string(of, of, sizeof(of), 0644);
MODULE_PARM_DESC(of, "What the names of the modules begin with whose calls fail");

static char but[32];
module_param_string(but, but, sizeof(but), 0644);
MODULE_PARM_DESC(but, "A function of theirs whose calls don't");

static bool is_ours(unsigned long addr)
{
	char name[KSYM_SYMBOL_LEN];
	const char *module;

	sprint_symbol(name, addr);
	module = strchr(name, '[');
	return module && strstarts(module + 1, of) &&
	       !(*but && strstarts(name, but));
}

/* The place, or where there is room for it; NULL if there is none. */
static struct place *find_place(unsigned long addr)
{
	unsigned int i = hash_long(addr, PLACES_BITS), n;

	for (n = 0; n < NR_PLACES; n++, i = (i + 1) % NR_PLACES)
		if (!places[i].addr || places[i].addr == addr)
			return &places[i];
	return NULL;
}

static bool place_fails(unsigned long addr, const struct failing *what)
{
	struct place *place;
	unsigned long flags;
	bool fails = false;

	raw_spin_lock_irqsave(&places_lock, flags);
	place = times ? find_place(addr) : NULL;
	if (place && !place->addr) {
		place->addr = addr;
		place->what = what;
		place->ours = is_ours(addr);
	}
	if (place && place->ours) {
		fails = place->calls++ < times;
		place->failed += fails;
	}
	raw_spin_unlock_irqrestore(&places_lock, flags);
	return fails;
}

static int function_begins(struct kprobe *probe, struct pt_regs *regs)
{
	struct failing *what = container_of(probe, struct failing, probe);
	unsigned long addr = *(unsigned long *)kernel_stack_pointer(regs);

	if (!READ_ONCE(times) || addr < MODULES_VADDR || addr >= MODULES_END)
		return 0;
	if (!place_fails(addr, what))
		return 0;
	return fails_with(regs, what->result);
}

NOKPROBE_SYMBOL(function_begins);

#define FAILS(fn, how) {						\
	.probe = {							\
		.symbol_name = #fn,					\
		.pre_handler = function_begins,				\
		.post_handler = fails_post_handler,			\
	},								\
	.result = how,							\
}

/* Of several kernels: those that there are. */
static struct failing failing[] = {
	FAILS(kmalloc_trace, 0), FAILS(__kmalloc, 0), FAILS(kmalloc_large, 0),
	FAILS(__kmalloc_cache_noprof, 0), FAILS(__kmalloc_noprof, 0),
	FAILS(__kmalloc_large_noprof, 0),
	FAILS(kvmalloc_node, 0), FAILS(__kvmalloc_node_noprof, 0),
	FAILS(get_zeroed_page, 0), FAILS(get_zeroed_page_noprof, 0),
	FAILS(__get_free_pages, 0), FAILS(get_free_pages_noprof, 0),
	FAILS(alloc_pages, 0), FAILS(alloc_pages_noprof, 0),
	FAILS(alloc_cpumask_var_node, 0),
	FAILS(alloc_netdev_mqs, 0), FAILS(alloc_etherdev_mqs, 0),
	FAILS(__napi_alloc_skb, 0), FAILS(napi_alloc_skb, 0),
	FAILS(napi_build_skb, 0), FAILS(page_pool_create, -ENOMEM),
	FAILS(page_pool_alloc_pages, 0),
	FAILS(page_pool_alloc_pages_noprof, 0),
	FAILS(register_netdev, -ENOMEM), FAILS(register_netdevice, -ENOMEM),
	FAILS(netif_set_real_num_queues, -ENOMEM),
	FAILS(blk_mq_alloc_tag_set, -ENOMEM), FAILS(device_add_disk, -ENOMEM),
	FAILS(__blk_mq_alloc_disk, -ENOMEM),
	FAILS(blkdev_get_by_dev, -ENOMEM),
	FAILS(bdev_file_open_by_dev, -ENOMEM),
	FAILS(dev_set_name, -ENOMEM), FAILS(device_add, -ENOMEM),
	FAILS(request_threaded_irq, -ENOMEM),
	FAILS(bind_evtchn_to_irq_lateeoi, -ENOMEM),
	FAILS(gnttab_alloc_pages, -ENOMEM),
	FAILS(xen_alloc_ballooned_pages, -ENOMEM),
	FAILS(gnttab_grant_foreign_access, -ENOSPC),
	FAILS(gnttab_alloc_grant_references, -ENOSPC),
};

static int times_set(const char *text, const struct kernel_param *param)
{
	unsigned long flags;
	unsigned int n;
	int err;

	err = kstrtouint(text, 0, &n);
	if (err)
		return err;
	raw_spin_lock_irqsave(&places_lock, flags);
	memset(places, 0, sizeof(places));
	WRITE_ONCE(times, n);
	raw_spin_unlock_irqrestore(&places_lock, flags);
	return 0;
}

static const struct kernel_param_ops times_ops = {
	.set = times_set,
	.get = param_get_uint,
};
module_param_cb(times, &times_ops, &times, 0644);
MODULE_PARM_DESC(times, "How often each call fails from now on");

static int failing_show(struct seq_file *file, void *unused)
{
	struct place place;
	unsigned int i;

	for (i = 0; i < NR_PLACES; i++) {
		raw_spin_lock_irq(&places_lock);
		place = places[i];
		raw_spin_unlock_irq(&places_lock);
		if (place.ours)
			seq_printf(file, "%ps %s %u %u\n", (void *)place.addr,
				   place.what->probe.symbol_name, place.calls,
				   place.failed);
	}
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(failing);

static struct dentry *failing_file;

static void remove_probes(unsigned int n)
{
	while (n--)
		if (failing[n].probe.addr)
			unregister_kprobe(&failing[n].probe);
}

static int __init failing_init(void)
{
	unsigned int i;
	int err;

	for (i = 0; i < ARRAY_SIZE(failing); i++) {
		err = register_kprobe(&failing[i].probe);
		if (err && err != -ENOENT) {
			pr_err("%s: %d\n", failing[i].probe.symbol_name, err);
			remove_probes(i);
			return err;
		}
	}
	failing_file = debugfs_create_file(KBUILD_MODNAME, 0400, NULL, NULL,
					   &failing_fops);
	return 0;
}
module_init(failing_init);

static void __exit failing_exit(void)
{
	debugfs_remove(failing_file);
	remove_probes(ARRAY_SIZE(failing));
}
module_exit(failing_exit);

MODULE_DESCRIPTION("Lets what noxs calls fail, for tests");
MODULE_LICENSE("GPL");
