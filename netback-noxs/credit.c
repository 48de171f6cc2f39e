// SPDX-License-Identifier: GPL-2.0
/*
 * How much a guest may send, if its vif has a rate: a bucket of credit that
 * each interval fills. It holds no more than one interval brings.
 *
 * A packet may be sent as long as any credit is left, whatever its size, which
 * nobody knows before it is read. What it takes more than there was is missing
 * later. So the largest packet passes at the smallest rate, and over any time
 * the guest sends no more than its intervals bring, what the bucket held, and
 * one packet of each queue.
 *
 * Needs nothing of the kernel, so that tests/unit builds this very file. The
 * caller has the lock.
 */
#include <linux/math64.h>
#include <linux/time64.h>
#include <linux/types.h>

#include "credit.h"

/*
 * More intervals than any debt needs, which is the largest packet of each queue,
 * at one octet each; so few that their credit is a number.
 */
#define NETBACK_CREDIT_INTERVALS	10000000U

/**
 * netback_credit_init() - begin with credit for one interval
 * @credit: the bucket
 * @bytes: octets that each interval brings, or 0 for no limit
 * @interval_us: of microseconds, not 0 with a limit
 * @now: time in nanoseconds, of a clock that never goes back
 */
void netback_credit_init(struct netback_credit *credit, u32 bytes,
			 u32 interval_us, u64 now)
{
	credit->bytes = bytes;
	credit->interval = (u64)interval_us * NSEC_PER_USEC;
	credit->start = now;
	credit->left = bytes;
}

/**
 * netback_credit_take() - a packet is sent
 * @credit: the bucket, with a limit
 * @size: octets of the packet
 *
 * Return: whether another one may follow without a look at the clock
 */
bool netback_credit_take(struct netback_credit *credit, u16 size)
{
	credit->left -= size;
	return credit->left > 0;
}

static void fill(struct netback_credit *credit, u64 now)
{
	u64 nr;

	if (now < credit->start + credit->interval)
		return;

	nr = div64_u64(now - credit->start, credit->interval);
	credit->start += nr * credit->interval;
	if (nr > NETBACK_CREDIT_INTERVALS)
		nr = NETBACK_CREDIT_INTERVALS;
	credit->left += nr * credit->bytes;
	if (credit->left > credit->bytes)
		credit->left = credit->bytes;
}

/**
 * netback_credit_wait() - until when to wait with the next packet
 * @credit: the bucket, with a limit
 * @now: time in nanoseconds, not before that of any call before
 *
 * Return: 0 if it may be sent now, else a time after @now
 */
u64 netback_credit_wait(struct netback_credit *credit, u64 now)
{
	u64 nr;

	fill(credit, now);
	if (credit->left > 0)
		return 0;
	nr = div64_u64(-credit->left, credit->bytes) + 1;
	return credit->start + nr * credit->interval;
}
