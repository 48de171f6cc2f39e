/* SPDX-License-Identifier: MIT */
#ifndef BLK_H
#define BLK_H

#include <stdbool.h>
#include <stdint.h>

/* What is read or written at a time. Every size of sectors divides it. */
#define BLK_SIZE	4096

int blk_start(void);
int blk_read(uint64_t block);
int blk_write(uint64_t block, const void *data);

/*
 * What the system does when a request has been answered: the block's data, or NULL
 * if it failed. From here on there may be another request.
 */
void blk_done(const void *data);

#endif /* BLK_H */
