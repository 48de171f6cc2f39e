/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A mark in a trace of Xen's: a hypercall that Xen knows, whose argument is in the
 * trace, with an argument that it refuses.
 */
#ifndef _BENCH_MARK_H
#define _BENCH_MARK_H

#include <xenctrl.h>

#define MARK_HYPERCALL	__HYPERVISOR_sched_op
#define MARK_BEGIN	0x6e6f7801
#define MARK_END	0x6e6f7802

#endif /* _BENCH_MARK_H */
