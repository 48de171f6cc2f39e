/* SPDX-License-Identifier: GPL-2.0 */
/* How much I/O a guest may do: see limit.c. */
#ifndef _BLKBACK_LIMIT_H
#define _BLKBACK_LIMIT_H

#include <linux/types.h>

/**
 * struct blkback_limit - what a guest may do, and has done
 * @iops: requests a second, or 0 for any number
 * @bps: octets a second that are read or written, or 0 for any number
 * @requests_due: when all requests until now would be done if they came at that rate;
 *	in nanoseconds
 * @octets_due: the same of the octets
 */
struct blkback_limit {
	u32 iops;
	u64 bps;
	u64 requests_due;
	u64 octets_due;
};

bool blkback_limit_is_set(const struct blkback_limit *limit);
void blkback_limit_take(struct blkback_limit *limit, u32 octets, u64 now);
u64 blkback_limit_wait(const struct blkback_limit *limit, u64 now);

#endif /* _BLKBACK_LIMIT_H */
