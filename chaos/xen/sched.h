/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_XEN_SCHED_H
#define CHAOS_XEN_SCHED_H

#include "config/config.h"
#include "util/error.h"
#include "xen/xen.h"

struct json_object;

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
 * sched_describe() - how a domain's CPUs are scheduled, and what they did
 * @xen: access to the hypervisor
 * @domid: the domain
 * @doc: gets vcpu, a list, and cpu_weight and cap, if the host's scheduler has
 *	them
 * @err: out: the reason of a failure
 *
 * Return: 0 or a negative errno.
 */
int sched_describe(struct xen *xen, uint32_t domid, struct json_object *doc,
		   struct error *err);

#endif /* CHAOS_XEN_SCHED_H */
