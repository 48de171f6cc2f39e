// SPDX-License-Identifier: GPL-2.0
/*
 * How much I/O a guest may do, if its vbd has limits. What has been done has a time at
 * which it is due at the limit's rate; the next request may be started when that isn't
 * further ahead than a burst.
 *
 * A request is started whatever its size, and what comes after it waits the longer. So
 * the largest one passes at the smallest limit, and over any time the guest does no more
 * than the limit allows for that time and a burst, and one request of each queue.
 *
 * Needs nothing of the kernel, so that tests/unit builds this very file. The caller has
 * the lock.
 */
#include <linux/math64.h>
#include <linux/time64.h>
#include <linux/types.h>

#include "limit.h"

/*
 * Whoever waits sleeps by the tick, 10 ms at the most, and has to find work for all of it
 * when it wakes.
 */
#define BLKBACK_LIMIT_BURST_NS	(50 * NSEC_PER_MSEC)

static u64 later_of(u64 a, u64 b)
{
	return a > b ? a : b;
}

/**
 * blkback_limit_is_set() - whether there is one
 * @limit: it
 *
 * Return: whether.
 */
bool blkback_limit_is_set(const struct blkback_limit *limit)
{
	return limit->iops || limit->bps;
}

/**
 * blkback_limit_take() - a request is started
 * @limit: that it counts for
 * @octets: that it reads or writes, less than 2^32
 * @now: time in nanoseconds, of a clock that never goes back
 */
void blkback_limit_take(struct blkback_limit *limit, u32 octets, u64 now)
{
	if (limit->iops)
		limit->requests_due = later_of(limit->requests_due, now) +
				      NSEC_PER_SEC / limit->iops;
	if (limit->bps)
		limit->octets_due = later_of(limit->octets_due, now) +
				    div64_u64((u64)octets * NSEC_PER_SEC,
					      limit->bps);
}

/**
 * blkback_limit_wait() - until when to wait with the next request
 * @limit: that it counts for
 * @now: time in nanoseconds, not before that of any call before
 *
 * Return: 0 if it may be started now, else a time after @now
 */
u64 blkback_limit_wait(const struct blkback_limit *limit, u64 now)
{
	u64 due = later_of(limit->requests_due, limit->octets_due);

	return due > now + BLKBACK_LIMIT_BURST_NS ?
	       due - BLKBACK_LIMIT_BURST_NS : 0;
}
