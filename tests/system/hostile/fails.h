/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A function that isn't run when it is called: who calls it gets a result at once. It
 * has a kprobe at its beginning, whose pre_handler decides.
 */
#ifndef _HOSTILE_FAILS_H
#define _HOSTILE_FAILS_H

#include <linux/kprobes.h>

static void fails_just_returns(void)
{
}

/*
 * What the pre_handler returns if the function is not to run. The caller's return
 * address is on top of the stack, as anything that just returns expects it.
 */
static inline int fails_with(struct pt_regs *regs, long result)
{
	regs->ax = result;
	instruction_pointer_set(regs, (unsigned long)fails_just_returns);
	return 1;
}

/*
 * Such a probe's post_handler. Whoever has one is not made into a jump, from which
 * nothing returns.
 */
static inline void fails_post_handler(struct kprobe *probe, struct pt_regs *regs,
				      unsigned long flags)
{
}

#endif /* _HOSTILE_FAILS_H */
