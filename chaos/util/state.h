/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_UTIL_STATE_H
#define CHAOS_UTIL_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/error.h"

/*
 * What the processes of chaos do to one another: CHAOS_RUN_DIR, which they share,
 * and the locks in it. See guest/record.h for what else is there.
 */

/* Of a name, or of a domain that has none, see name_lock(). */
#define NAME_LOCK_MAX	63

/**
 * struct name_lock - the right to change what a name means
 * @fd: the locked file
 * @name: of a guest
 *
 * Whoever makes, changes or destroys a guest holds its name's lock. A process
 * that dies lets go of it.
 */
struct name_lock {
	int fd;
	char name[NAME_LOCK_MAX + 1];
};

/**
 * state_make_dirs() - make directories that only root may look into
 * @dirs: their paths, those above first; they may be there
 * @count: how many
 * @err: out: the reason of a failure
 *
 * Return: 0 or a negative errno.
 */
int state_make_dirs(const char *const *dirs, size_t count, struct error *err);

/**
 * state_init() - make the directories
 * @err: out: the reason of a failure
 *
 * Return: 0 or a negative errno.
 */
int state_init(struct error *err);

/**
 * state_each() - the domains that have a file in a directory
 * @path: of the directory
 * @suffix: of the files: they are called DOMID.SUFFIX
 * @fn: called for each, with @arg; returns whether to go on
 * @arg: for @fn
 */
void state_each(const char *path, const char *suffix,
		bool (*fn)(uint32_t domid, void *arg), void *arg);

/**
 * state_lock() - take the lock that a file is
 * @path: of the file, which is made if it isn't there
 * @shared: others may have it, too, if they want it shared
 * @timeout: how long to wait for others, in ms; negative: as long as it takes
 * @err: out: the reason of a failure; not set for -EBUSY, of which the caller
 *	knows what it means
 *
 * Return: a file descriptor, to be closed; -EBUSY after @timeout, another
 * negative errno.
 */
int state_lock(const char *path, bool shared, int timeout, struct error *err);

/**
 * state_create_begin() - tell others that a domain is about to be made
 * @fd: out: for state_create_end()
 * @err: out: the reason of a failure
 *
 * Until state_create_end(), or the end of the process, a domain that nobody has
 * written down is one in the making, and not left over.
 *
 * Return: 0 or a negative errno.
 */
int state_create_begin(int *fd, struct error *err);

/**
 * state_create_end() - what was made is written down, or gone
 * @fd: from state_create_begin()
 */
void state_create_end(int fd);

/**
 * state_create_stop() - keep others from beginning
 * @fd: out: for state_create_end(), which lets them begin again
 *
 * Return: whether nobody is between beginning and end.
 */
bool state_create_stop(int *fd);

/**
 * name_lock() - take the lock of a name
 * @lock: out; to be let go with name_unlock() or name_drop()
 * @name: of a guest
 * @make: make it if nobody had it yet
 * @timeout: how long to wait for others, in ms
 * @err: out: the reason of a failure
 *
 * Return: 0, -ENOENT if nobody has it, -EBUSY after @timeout, another
 * negative errno.
 */
int name_lock(struct name_lock *lock, const char *name, bool make,
	      int timeout, struct error *err);

/**
 * name_unlock() - let go of the lock; the name keeps its meaning
 * @lock: held
 */
void name_unlock(struct name_lock *lock);

/**
 * name_drop() - forget the name, and let go of the lock
 * @lock: held
 */
void name_drop(struct name_lock *lock);

#endif /* CHAOS_UTIL_STATE_H */
