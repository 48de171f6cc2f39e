/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_POOL_POOL_H
#define CHAOS_POOL_POOL_H

#include <stdbool.h>

#include "config/config.h"
#include "pool/match.h"
#include "util/error.h"
#include "util/uuid.h"

#define POOLS_MAX		16
#define POOL_COUNT_MAX		256
#define POOL_COUNT_DEFAULT	1
#define POOL_RATE_MAX		1000
#define POOL_RATE_DEFAULT	10

/*
 * A pool is a guest's configuration, and how many shells are to be there for
 * guests like it: see pool/match.h for what that means, and pool/shell.h for
 * shells. "chaos pool" writes it into KEEP_POOLS_DIR, where it stays; chaosd makes the shells.
 */

/**
 * struct pool - a pool
 * @name: of the pool
 * @id: another one each time that it gets another configuration
 * @count: how many shells there are to be
 * @rate: at most so many are made in a second
 * @config: of a guest; its devices are completed
 */
struct pool {
	char name[CONFIG_NAME_MAX + 1];
	uint8_t id[UUID_SIZE];
	unsigned int count;
	unsigned int rate;
	struct guest_config config;
};

/**
 * pool_lock() - keep others from changing pools
 * @err: out: the reason of a failure
 *
 * Return: a file descriptor, to be closed; or a negative errno.
 */
int pool_lock(struct error *err);

/**
 * pool_load() - read what a pool is
 * @name: its name
 * @pool: out; to be released with pool_free(), unless this fails
 * @err: out: the reason of a failure
 *
 * Return: 0, -ENOENT if there is none, another negative errno.
 */
int pool_load(const char *name, struct pool *pool, struct error *err);

/**
 * pool_save() - write down what a pool is
 * @pool: the pool
 * @err: out: the reason of a failure
 *
 * Return: 0 or a negative errno.
 */
int pool_save(const struct pool *pool, struct error *err);

/**
 * pool_remove() - forget a pool
 * @name: its name
 */
void pool_remove(const char *name);

/**
 * pools_each() - see all pools
 * @fn: called for each one; what it is given is released afterwards, unless it
 *	has cleared it
 * @arg: for @fn
 */
void pools_each(void (*fn)(struct pool *pool, void *arg), void *arg);

/**
 * pools_keep() - have pools stay that a chaos of version 0.1 made
 *
 * Those were forgotten when the host was booted.
 */
void pools_keep(void);

/**
 * pool_free() - release memory
 * @pool: may be all zero
 */
void pool_free(struct pool *pool);

/**
 * file_id_get() - what a file is at present
 * @path: of the file, or NULL
 * @id: out; all zero if there is none
 */
void file_id_get(const char *path, struct file_id *id);

/**
 * pool_set() - make a pool, or change one
 * @name: of the pool
 * @config: what its guests are, or NULL; is taken, and empty afterwards, if
 *	they weren't so
 * @count: how many shells it is to have, or NULL
 * @rate: how many are made in a second, at most; or NULL
 * @err: out: the reason of a failure
 *
 * What is NULL stays, or is the default of a new one, which needs a @config.
 *
 * Return: 0, -ENOENT if there is no such pool, another negative errno.
 */
int pool_set(const char *name, struct guest_config *config,
	     const unsigned int *count, const unsigned int *rate,
	     struct error *err);

#endif /* CHAOS_POOL_POOL_H */
