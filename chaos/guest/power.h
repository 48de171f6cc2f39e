/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_GUEST_POWER_H
#define CHAOS_GUEST_POWER_H

#include <stdbool.h>
#include <stdint.h>

#include "guest/names.h"
#include "host/noxs.h"
#include "util/error.h"
#include "xen/xen.h"

/* How long a guest's kernel may take to answer. */
#define ASK_TIMEOUT_MS	10000

/**
 * guest_serve_console() - have a guest's console served, unless it is
 * @guest: the guest; it needn't be locked
 * @err: out: the reason of a failure
 *
 * Whoever did so may have been killed. A guest then stops when its ring is full, and
 * hears of nothing. Of one that is being made, or isn't ours, nothing is done.
 *
 * Return: 0 or a negative errno.
 */
int guest_serve_console(const struct guest *guest, struct error *err);

/**
 * struct power_request - what a guest's kernel is asked for
 * @request: NOXS_SYSCTL_*
 * @argument: for NOXS_SYSCTL_SYSRQ the key, else 0
 * @asked: it was
 * @answered: it has said that it will
 * @seq: of what it was asked
 */
struct power_request {
	uint32_t request;
	uint32_t argument;
	bool asked;
	bool answered;
	uint32_t seq;
};

/**
 * guest_ask() - ask a guest for something, or see what it answers, and wait for nothing
 * @noxs: access to the kernel's devices
 * @guest: the guest; it needn't be locked
 * @request: what it is asked for; is kept from one time to the next
 * @err: out: why it hasn't answered yet, or never will
 *
 * The answer says that the guest will do it, not that it is done.
 *
 * Return: 0 if it has answered so; 1 if not yet; -EOPNOTSUPP if it can't; another negative
 * errno.
 */
int guest_ask(struct noxs *noxs, const struct guest *guest,
	      struct power_request *request, struct error *err);

/**
 * guest_has_stopped() - whether a guest has stopped, or is gone
 * @xen: access to the hypervisor
 * @guest: the guest
 *
 * Return: whether.
 */
bool guest_has_stopped(struct xen *xen, const struct guest *guest);

/**
 * guest_set_memory() - tell a guest how much memory it is to have
 * @xen: access to the hypervisor
 * @noxs: access to the kernel's devices
 * @guest: the guest
 * @memory: MiB
 * @err: out: the reason of a failure
 *
 * Its kernel does so by and by, or doesn't; Xen lets it have no more from then on.
 *
 * Return: 0 or a negative errno.
 */
int guest_set_memory(struct xen *xen, struct noxs *noxs,
		     const struct guest *guest, unsigned int memory,
		     struct error *err);

/**
 * guest_has_memory() - see whether a guest has as much memory as it was told to have
 * @xen: access to the hypervisor
 * @guest: the guest; it needn't be locked
 * @memory: MiB
 * @err: out: how much it has, as a failure; or that it has stopped
 *
 * Return: 1 if it has; 0 if not yet; -ESRCH if it has stopped, or is gone.
 */
int guest_has_memory(struct xen *xen, const struct guest *guest,
		     unsigned int memory, struct error *err);

/**
 * guest_set_vcpus() - tell a guest how many of its virtual CPUs it is to have online
 * @xen: access to the hypervisor
 * @noxs: access to the kernel's devices
 * @guest: the guest
 * @vcpus: how many
 * @err: out: the reason of a failure
 *
 * Its kernel does so by and by, or doesn't.
 *
 * Return: 0, -EINVAL if it hasn't so many, another negative errno.
 */
int guest_set_vcpus(struct xen *xen, struct noxs *noxs,
		    const struct guest *guest, unsigned int vcpus,
		    struct error *err);

/**
 * guest_has_vcpus() - see whether a guest has as many virtual CPUs online as it was told to
 * @xen: access to the hypervisor
 * @guest: the guest; it needn't be locked
 * @vcpus: how many
 * @err: out: how many it has, as a failure; or that it has stopped
 *
 * Return: 1 if it has; 0 if not yet; -ESRCH if it has stopped, or is gone.
 */
int guest_has_vcpus(struct xen *xen, const struct guest *guest,
		    unsigned int vcpus, struct error *err);

#endif /* CHAOS_GUEST_POWER_H */
