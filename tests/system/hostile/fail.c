// SPDX-License-Identifier: GPL-2.0
/*
 * noxs_fail: a function of the kernel's, or of a module's, fails a few times, as
 * it may for lack of memory or grants. For tests only.
 *
 * It isn't run then: who calls it gets the error at once.
 */
#include <linux/kprobes.h>
#include <linux/module.h>

#include "fails.h"

static char *function;
module_param(function, charp, 0444);
MODULE_PARM_DESC(function, "The function, which returns an int");

static int error;
module_param(error, int, 0444);
MODULE_PARM_DESC(error, "What it returns");

static int times;
module_param(times, int, 0444);
MODULE_PARM_DESC(times, "How often it will fail; counts down");

static int function_begins(struct kprobe *probe, struct pt_regs *regs)
{
	if (READ_ONCE(times) <= 0)
		return 0;
	WRITE_ONCE(times, times - 1);
	return fails_with(regs, error);
}

NOKPROBE_SYMBOL(function_begins);

static struct kprobe fail_probe = {
	.pre_handler = function_begins,
	.post_handler = fails_post_handler,
};

static int __init fail_init(void)
{
	fail_probe.symbol_name = function;
	return register_kprobe(&fail_probe);
}
module_init(fail_init);

static void __exit fail_exit(void)
{
	unregister_kprobe(&fail_probe);
}
module_exit(fail_exit);

MODULE_DESCRIPTION("Makes a function fail a few times, for tests");
MODULE_LICENSE("GPL");
