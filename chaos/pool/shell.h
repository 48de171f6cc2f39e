/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_POOL_SHELL_H
#define CHAOS_POOL_SHELL_H

#include <stdbool.h>
#include <stdint.h>

#include "config/config.h"
#include "pool/match.h"
#include "util/error.h"
#include "util/state.h"
#include "util/uuid.h"
#include "xen/cmdline.h"

/*
 * A shell is a domain that was made ahead, and is nobody's yet: it has all that
 * a guest has, its kernel in its memory, but has never run, and has no name. It
 * is on record in STATE_SHELLS_DIR, and not among the guests' records. Whoever
 * makes one, takes one or removes one holds the lock of its domain, the one that
 * "chaos destroy DOMID" takes for a domain without a name.
 *
 *   made	by a job of chaosd: the record is written as soon as there is a
 *		domain, and says that it is made when all of it is
 *   taken	by whoever makes a guest: the guest's record is written, as one in
 *		the making, and then the shell's goes
 *
 * So one that isn't made, and nobody has the lock, is left over; and one that
 * is also on record as a guest isn't a shell any more.
 */

#define SHELL_VIFS_MAX	CONFIG_VIFS_MAX

/**
 * struct shell_vif - a network device that was made ahead
 * @id: its number
 * @mtu: of both ends
 * @mac: its address
 */
struct shell_vif {
	unsigned int id;
	unsigned int mtu;
	uint8_t mac[MAC_SIZE];
};

/**
 * struct shell - what is remembered of a shell
 * @domid: its domain
 * @handle: its domain's handle
 * @pool: name of the pool that it was made for
 * @id: the pool's @id at that time
 * @made: it is complete
 * @build: which chaos made it, CHAOS_BUILD
 * @type: what it became
 * @memory: MiB
 * @kernel: the file that is in its memory
 * @ramdisk: likewise
 * @console_gfn: frame of its console's ring
 * @console_port: its event channel for that
 * @cmdline: where the kernel's command line is to be written
 * @vifs: network devices that it has
 * @nr_vifs: how many
 */
struct shell {
	uint32_t domid;
	uint8_t handle[UUID_SIZE];
	char pool[CONFIG_NAME_MAX + 1];
	uint8_t id[UUID_SIZE];
	bool made;
	char build[32];
	enum guest_type type;
	unsigned int memory;
	struct file_id kernel;
	struct file_id ramdisk;
	uint64_t console_gfn;
	uint32_t console_port;
	struct cmdline_place cmdline;
	struct shell_vif vifs[SHELL_VIFS_MAX];
	unsigned int nr_vifs;
};

/**
 * shell_save() - write a shell down
 * @shell: the shell
 * @err: out: the reason of a failure
 *
 * Return: 0 or a negative errno.
 */
int shell_save(const struct shell *shell, struct error *err);

/**
 * shell_load() - read what was written of a domain
 * @shell: out
 * @domid: the domain
 * @handle: its handle
 *
 * Return: whether it is a shell.
 */
bool shell_load(struct shell *shell, uint32_t domid, const uint8_t *handle);

/**
 * shell_is_recorded() - whether there is a record for a domain
 * @domid: the domain
 *
 * Which may be one of a former domain.
 *
 * Return: whether there is.
 */
bool shell_is_recorded(uint32_t domid);

/**
 * shell_remove() - forget a shell
 * @domid: the domain
 * @handle: its handle
 */
void shell_remove(uint32_t domid, const uint8_t *handle);

/**
 * shells_each() - see all shells, also those that are left over
 * @fn: called for each one; returns whether to go on
 * @arg: for @fn
 */
void shells_each(bool (*fn)(const struct shell *shell, void *arg), void *arg);

/**
 * shell_lock() - take the lock of a domain that has no name
 * @lock: out; to be let go with name_drop()
 * @domid: the domain
 * @timeout: how long to wait for others, in ms
 * @err: out: the reason of a failure
 *
 * Return: 0, -EBUSY after @timeout, another negative errno.
 */
int shell_lock(struct name_lock *lock, uint32_t domid, int timeout,
	       struct error *err);

#endif /* CHAOS_POOL_SHELL_H */
