/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_POOL_TAKE_H
#define CHAOS_POOL_TAKE_H

#include <stdbool.h>
#include <stdint.h>

#include "config/config.h"
#include "pool/shell.h"
#include "util/error.h"
#include "util/progress.h"
#include "util/state.h"
#include "xen/xen.h"

/*
 * Those who make a shell have this lock in common, all the while; those who need
 * the memory have it for themselves. So a pool that is drained stays empty, and
 * memory that was given back for a guest goes to that guest.
 */
#define FILLING_FILE		CHAOS_RUN_DIR "/filling"

/**
 * shell_take() - take a shell that fits a guest
 * @xen: access to the hypervisor
 * @config: the guest, all of it
 * @shell: out
 * @lock: out: of its domain; to be let go with name_drop()
 *
 * It has never run. It is a shell until the guest's record is written and
 * shell_remove() has been called; if that isn't done, it stays one.
 *
 * Return: whether there was one.
 */
bool shell_take(struct xen *xen, const struct guest_config *config,
		struct shell *shell, struct name_lock *lock);

/**
 * shell_vif() - a network device that a shell has
 * @shell: the shell
 * @id: number of the device
 *
 * Return: the device, or NULL.
 */
const struct shell_vif *shell_vif(const struct shell *shell, unsigned int id);

/**
 * shell_drop() - destroy a shell
 * @xen: access to the hypervisor
 * @domid: its domain
 * @handle: its domain's handle
 * @timeout: how long to wait for others who are at work on it, in ms
 * @err: out: the reason of a failure
 *
 * What others left of it when they destroyed it goes, too.
 *
 * Return: 0; -ESTALE if it isn't a shell any more; -EBUSY after @timeout;
 * another negative errno.
 */
int shell_drop(struct xen *xen, uint32_t domid, const uint8_t *handle,
	       int timeout, struct error *err);

/**
 * shell_drop_dead() - destroy what is left of a shell
 * @xen: access to the hypervisor
 * @domid: its domain
 * @handle: its domain's handle
 * @err: out: the reason of a failure
 *
 * That is one whose domain is gone, or that isn't made, and nobody makes.
 *
 * Return: 0, also if it is a good one; as shell_drop(), without waiting.
 */
int shell_drop_dead(struct xen *xen, uint32_t domid, const uint8_t *handle,
		    struct error *err);

/**
 * pools_drain() - empty a pool, or all, and have none made again
 * @xen: access to the hypervisor
 * @name: of the pool, or NULL for all
 * @forget: the pool itself goes, too
 * @progress: of it, or NULL
 * @err: out: the reason of a failure
 *
 * With @progress, a signal that wants to end the process ends this; then chaosd does the
 * rest.
 *
 * Return: how many shells are gone, or a negative errno.
 */
int pools_drain(struct xen *xen, const char *name, bool forget,
		struct progress *progress, struct error *err);

/**
 * shells_give_up() - destroy shells for memory
 * @xen: access to the hypervisor
 * @memory: how much is needed, in MiB
 * @fd: out: for shells_go_on(); until then no shell is made
 *
 * None of them if all of them together don't have it.
 *
 * Return: whether there is more memory than before.
 */
bool shells_give_up(struct xen *xen, unsigned int memory, int *fd);

/**
 * shells_go_on() - let others make shells again
 * @fd: from shells_give_up()
 */
void shells_go_on(int fd);

/**
 * shells_count() - how many shells a pool has
 * @name: of the pool
 * @id: of the pool: those that were made when it was another don't count
 *
 * Return: the number.
 */
unsigned int shells_count(const char *name, const uint8_t *id);

/**
 * shells_memory() - how much memory shells have
 *
 * Return: MiB.
 */
unsigned long long shells_memory(void);

#endif /* CHAOS_POOL_TAKE_H */
