/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_XEN_SCHED_H
#define CHAOS_XEN_SCHED_H

#include "config/config.h"
#include "util/error.h"
#include "xen/xen.h"

/**
 * sched_check() - see whether the host can schedule a guest as asked for
 * @xen: access to the hypervisor
 * @config: what the guest is to be
 * @err: out: the reason of a failure
 *
 * Return: 0 or a negative errno.
 */
int sched_check(struct xen *xen, const struct guest_config *config,
		struct error *err);

/**
 * sched_apply() - have a domain scheduled as asked for
 * @xen: access to the hypervisor
 * @config: what it is to be
 * @domid: the domain; it has its virtual CPUs
 * @err: out: the reason of a failure
 *
 * Return: 0 or a negative errno.
 */
int sched_apply(struct xen *xen, const struct guest_config *config,
		uint32_t domid, struct error *err);

/**
 * sched_share() - how much of the host's CPUs a domain gets
 * @xen: access to the hypervisor
 * @domid: the domain
 * @weight: out: beside others
 * @cap: out: at most, in per cent of a CPU; 0 for no limit
 *
 * Return: 0, or a negative errno if the scheduler has none.
 */
int sched_share(struct xen *xen, uint32_t domid, unsigned int *weight,
		unsigned int *cap);

#endif /* CHAOS_XEN_SCHED_H */
