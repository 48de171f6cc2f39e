/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_GUEST_MANY_H
#define CHAOS_GUEST_MANY_H

#include <sys/types.h>

#include "guest/make.h"

#define MANY_MAX	9999

/**
 * struct many_guest - one of many
 * @name: the file's, with "-1" and so on
 * @ret: 0 if it was made, else a negative errno
 * @dom: its domain
 * @killed: process that was killed while it made it, or 0
 * @text: why it wasn't made
 */
struct many_guest {
	char name[CONFIG_NAME_MAX + 1];
	int ret;
	struct domain dom;
	pid_t killed;
	char text[sizeof(((struct error *)0)->text)];
};

/**
 * many_name() - what one of many guests is called
 * @config: of all
 * @number: from 1 on
 * @name: out: CONFIG_NAME_MAX + 1 characters
 *
 * Return: whether it has room there; it has, once many_check() said so.
 */
bool many_name(const struct guest_config *config, unsigned int number,
	       char *name);

/**
 * many_check() - see whether many guests can be made from a file
 * @config: what it says
 * @count: how many
 * @err: out: the reason of a failure
 *
 * They can't have the same address, the same UUID, or write the same disk.
 *
 * Return: 0 or a negative errno.
 */
int many_check(const struct guest_config *config, unsigned int count,
	       struct error *err);

/**
 * many_make() - make many guests, some at a time
 * @making: what is to be made; of the guests, not its own; @made is called for
 *	each, in a process that ends then
 * @count: how many
 * @guests: out: an array of @count, for the caller to free()
 * @verbose: show what the libraries log, on standard error
 * @err: out: the reason of a failure
 *
 * They begin to run when all are made. Signals that end a process are blocked
 * afterwards.
 *
 * Return: 0, or a negative errno and there is none of them.
 */
int many_make(const struct making *making, unsigned int count,
	      struct many_guest **guests, bool verbose, struct error *err);

#endif /* CHAOS_GUEST_MANY_H */
