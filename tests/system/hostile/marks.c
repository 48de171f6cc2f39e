// SPDX-License-Identifier: GPL-2.0
/*
 * noxs_marks: marks in Xen's trace what a guest does to find its device page, and to hear
 * of its changes, each time that noxs_core is loaded. For tests only.
 *
 * tests/bench/xentrace-counts says what was done between the marks. The guest is to
 * have no devices, whose event channels are bound by the same function.
 */
#include <linux/errno.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/notifier.h>
#include <linux/string.h>
#include <asm/xen/hypercall.h>

/* As tests/bench/mark.h: Xen refuses them. */
#define MARK_BEGIN	0x6e6f7801
#define MARK_END	0x6e6f7802

static int work_begins(struct kretprobe_instance *probe, struct pt_regs *regs)
{
	(void)HYPERVISOR_sched_op(MARK_BEGIN, NULL);
	return 0;
}

static int work_ends(struct kretprobe_instance *probe, struct pt_regs *regs)
{
	(void)HYPERVISOR_sched_op(MARK_END, NULL);
	return 0;
}

#define MARKED(fn) {							\
	.kp.symbol_name = #fn,						\
	.entry_handler = work_begins,					\
	.handler = work_ends,						\
}

static struct kretprobe marked[] = {
	MARKED(noxs_provider_open),
	MARKED(noxs_evtchn_bind),
	MARKED(noxs_evtchn_virq),
};

/* They are where the module is now, if it is anywhere. */
static void mark_module(void)
{
	unsigned int i;
	int err;

	for (i = 0; i < ARRAY_SIZE(marked); i++) {
		marked[i].kp.addr = NULL;
		marked[i].kp.flags = 0;
		err = register_kretprobe(&marked[i]);
		if (err)
			pr_err("%s: %d\n", marked[i].kp.symbol_name, err);
	}
}

static void unmark_module(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(marked); i++)
		if (marked[i].kp.addr)
			unregister_kretprobe(&marked[i]);
}

static int module_changes(struct notifier_block *block, unsigned long state,
			  void *data)
{
	struct module *module = data;

	if (strcmp(module->name, "noxs_core"))
		return NOTIFY_DONE;
	if (state == MODULE_STATE_COMING)
		mark_module();
	else if (state == MODULE_STATE_GOING)
		unmark_module();
	return NOTIFY_OK;
}

/* Before that of kprobes, which gives up what is in a module that goes. */
static struct notifier_block modules = {
	.notifier_call = module_changes,
	.priority = INT_MAX,
};

static int __init marks_init(void)
{
	return register_module_notifier(&modules);
}
module_init(marks_init);

static void __exit marks_exit(void)
{
	unregister_module_notifier(&modules);
}
module_exit(marks_exit);

MODULE_DESCRIPTION("Marks how a guest finds its device page, for tests");
MODULE_LICENSE("GPL");
