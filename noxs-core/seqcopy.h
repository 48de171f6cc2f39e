/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The sequence count that guards what one end writes and the other copies:
 * odd while its writer is at work. A seqcount_t can't serve: the count is
 * shared with another domain, which may lie, so a reader gives up in the end
 * and a writer never reads it.
 */
#ifndef _NOXS_SEQCOPY_H
#define _NOXS_SEQCOPY_H

#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/string.h>
#include <linux/types.h>
#include <asm/barrier.h>

/* A writer that is slower than this has been descheduled, or is hostile. */
#define NOXS_SEQCOPY_TRIES	64

/**
 * noxs_seq_begin() - readers are to keep away
 * @shared: the count that they see
 * @seq: its value, even
 */
static inline void noxs_seq_begin(u32 *shared, u32 seq)
{
	WRITE_ONCE(*shared, seq + 1);
	virt_wmb();	/* pairs with virt_rmb in noxs_seq_copy() */
}

/**
 * noxs_seq_end() - readers may copy
 * @shared: the count that they see
 * @seq: its value before noxs_seq_begin()
 *
 * Return: its value from now on
 */
static inline u32 noxs_seq_end(u32 *shared, u32 seq)
{
	virt_wmb();	/* pairs with virt_rmb in noxs_seq_copy() */
	WRITE_ONCE(*shared, seq + 2);
	return seq + 2;
}

/**
 * noxs_seq_copy() - copy all that a count guards
 * @copy: out: private memory
 * @shared: what the other end writes
 * @size: of both
 * @shared_seq: the count, in @shared
 * @seq: out: the count that was valid for the whole copy
 *
 * Return: 0, or -EAGAIN if the writer was at work all the time; it sends an
 * event when it has finished
 */
static inline int noxs_seq_copy(void *copy, const void *shared, size_t size,
				const u32 *shared_seq, u32 *seq)
{
	unsigned int try;

	for (try = 0; try < NOXS_SEQCOPY_TRIES; try++) {
		*seq = READ_ONCE(*shared_seq);
		virt_rmb();	/* pairs with virt_wmb in noxs_seq_begin() */
		memcpy(copy, shared, size);
		virt_rmb();	/* pairs with virt_wmb in noxs_seq_end() */
		if (!(*seq & 1) && READ_ONCE(*shared_seq) == *seq)
			return 0;
	}
	return -EAGAIN;
}

#endif /* _NOXS_SEQCOPY_H */
