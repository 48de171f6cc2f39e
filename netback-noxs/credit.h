/* SPDX-License-Identifier: GPL-2.0 */
/* How much a guest may send: see credit.c. */
#ifndef _NETBACK_CREDIT_H
#define _NETBACK_CREDIT_H

#include <linux/types.h>

/**
 * struct netback_credit - what a guest may still send
 * @bytes: octets of credit that each interval brings; 0: there is no limit
 * @interval: of nanoseconds
 * @start: when the credit was brought up to date, at an interval's begin; in
 *	nanoseconds
 * @left: octets of credit; negative where the last packets were larger than it
 */
struct netback_credit {
	u32 bytes;
	u64 interval;
	u64 start;
	s64 left;
};

void netback_credit_init(struct netback_credit *credit, u32 bytes,
			 u32 interval_us, u64 now);
bool netback_credit_take(struct netback_credit *credit, u16 size);
u64 netback_credit_wait(struct netback_credit *credit, u64 now);

#endif /* _NETBACK_CREDIT_H */
