/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_XEN_SCHED_H
#define CHAOS_XEN_SCHED_H

#include <stdbool.h>
#include <stdint.h>

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
 * struct pin - where virtual CPUs are to run from now on
 * @all: all of a domain's
 * @vcpu: else which one
 * @cpus: where they may run; NULL: as before
 * @cpus_soft: where they had better run; likewise
 */
struct pin {
	bool all;
	uint32_t vcpu;
	const struct cpu_set *cpus;
	const struct cpu_set *cpus_soft;
};

/**
 * sched_pin() - have virtual CPUs of a domain run elsewhere
 * @xen: access to the hypervisor
 * @domid: the domain
 * @pin: which ones, and where
 * @err: out: the reason of a failure
 *
 * Return: 0, -EINVAL if it has no such CPU, or the host none of those, another
 * negative errno.
 */
int sched_pin(struct xen *xen, uint32_t domid, const struct pin *pin,
	      struct error *err);

/**
 * sched_set_share() - change how much of the host's CPUs a domain gets
 * @xen: access to the hypervisor
 * @domid: the domain
 * @weight: beside others; NULL: as before
 * @cap: at most, in per cent of a CPU; 0 for no limit; NULL: as before
 * @err: out: the reason of a failure
 *
 * Return: 0, -EOPNOTSUPP if the host's scheduler has no such thing, another
 * negative errno.
 */
int sched_set_share(struct xen *xen, uint32_t domid, const unsigned int *weight,
		    const unsigned int *cap, struct error *err);

/**
 * sched_describe_share() - how much of the host's CPUs a domain gets
 * @xen: access to the hypervisor
 * @domid: the domain
 * @doc: gets cpu_weight and cap
 * @err: out: the reason of a failure
 *
 * Return: as sched_set_share().
 */
int sched_describe_share(struct xen *xen, uint32_t domid,
			 struct json_object *doc, struct error *err);

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
