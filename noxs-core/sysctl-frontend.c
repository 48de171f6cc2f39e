// SPDX-License-Identifier: GPL-2.0
/*
 * Power control, the guest's end: does what the host asks for, which could as
 * well pull the plug, and has the kernel's balloon driver shrink or grow the guest
 * to what it says. Without that driver, that isn't accepted. Nor is a number of virtual
 * CPUs that are to be online, of which vcpus.c makes something, by a kernel that can't
 * put them offline.
 *
 * Called by the link's work, with its lock. The answer comes first: after some
 * requests there is nobody left to give it. To suspend isn't among what is
 * accepted, as no module can run that part of Xen's code in the kernel.
 */
#include <linux/bits.h>
#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/kconfig.h>
#include <linux/minmax.h>
#include <linux/reboot.h>
#include <linux/sysrq.h>
#include <xen/balloon.h>
#include <xen/interface/xen.h>
#include <xen/interface/memory.h>
#include <xen/xen.h>
#include <asm/xen/hypercall.h>

#include "core.h"

#define SYSCTL_FEATURES \
	(BIT(NOXS_SYSCTL_POWEROFF) | BIT(NOXS_SYSCTL_REBOOT) | \
	 (IS_ENABLED(CONFIG_MAGIC_SYSRQ) ? BIT(NOXS_SYSCTL_SYSRQ) : 0) | \
	 (IS_ENABLED(CONFIG_XEN_BALLOON) ? NOXS_SYSCTL_F_MEMORY : 0) | \
	 (IS_ENABLED(CONFIG_HOTPLUG_CPU) ? NOXS_SYSCTL_F_VCPUS : 0))

#define KIB_PER_PAGE	(NOXS_PAGE_SIZE / 1024)

/* A guest has one power switch; this is what it answered last. */
static u32 answer_seq;
static u32 answer;

/*
 * And one balloon: the target that it was given, and how many pages the domain has
 * that the driver doesn't count, as it takes those that it was booted with for all.
 */
static u64 memory_target;
static long not_counted;

/* How many virtual CPUs it was told to have online. */
static u32 vcpus_told;

/* XENMEM_current_reservation or XENMEM_maximum_reservation, in pages. */
static long reservation(unsigned int which)
{
	domid_t self = DOMID_SELF;

	return HYPERVISOR_memory_op(which, &self);
}

static int sysctl_probe(struct noxs_device *ndev)
{
	if (IS_ENABLED(CONFIG_XEN_BALLOON))
		not_counted = reservation(XENMEM_current_reservation) -
			      balloon_stats.current_pages;
	return 0;
}

static void sysctl_nothing(struct noxs_device *ndev)
{
}

static u64 memory_now(const struct noxs_device *ndev)
{
	if (!noxs_has_feature(ndev, NOXS_SYSCTL_F_MEMORY))
		return 0;
	return max(reservation(XENMEM_current_reservation), 0L) * KIB_PER_PAGE;
}

/*
 * Not beyond what Xen would give: with some kernels, to be told of more costs memory
 * at once. A target that is less than what nobody can give back isn't one.
 */
static void set_target(u64 target)
{
	long most = reservation(XENMEM_maximum_reservation);
	long pages = target / KIB_PER_PAGE;

	memory_target = target;
	if (!IS_ENABLED(CONFIG_XEN_BALLOON) || !target || most <= 0)
		return;
	pages = min(pages, most) - not_counted;
	if (pages > 0)
		balloon_set_new_target(pages);
}

static u32 vcpus_now(const struct noxs_device *ndev)
{
	if (!noxs_has_feature(ndev, NOXS_SYSCTL_F_VCPUS))
		return 0;
	return num_online_cpus();
}

static void set_vcpus(struct noxs_device *ndev, u32 vcpus)
{
	vcpus_told = vcpus;
	if (vcpus)
		noxs_vcpus_set(ndev, vcpus);
}

static int check_request(const struct noxs_device *ndev,
			 const struct noxs_sysctl_backend *be)
{
	if (noxs_has_feature(ndev, NOXS_SYSCTL_F_MEMORY) &&
	    !noxs_sysctl_memory_is_valid(be->memory_target))
		return -EINVAL;
	if (noxs_has_feature(ndev, NOXS_SYSCTL_F_VCPUS) &&
	    !noxs_sysctl_vcpus_is_valid(be->vcpus))
		return -EINVAL;
	return noxs_sysctl_check_request(be);
}

static int sysctl_connect(struct noxs_device *ndev,
			  const struct noxs_half *peer, struct noxs_half *own)
{
	int err;

	err = check_request(ndev, &peer->sysctl_backend);
	if (err)
		return err;
	/* What was asked of an earlier connection is over. */
	answer_seq = peer->sysctl_backend.request_seq;
	answer = 0;
	own->sysctl_frontend.answer_seq = answer_seq;
	own->sysctl_frontend.memory = memory_now(ndev);
	own->sysctl_frontend.vcpus = vcpus_now(ndev);
	if (noxs_has_feature(ndev, NOXS_SYSCTL_F_MEMORY))
		set_target(peer->sysctl_backend.memory_target);
	if (noxs_has_feature(ndev, NOXS_SYSCTL_F_VCPUS))
		set_vcpus(ndev, peer->sysctl_backend.vcpus);
	return 0;
}

static bool is_accepted(const struct noxs_device *ndev, u32 request)
{
	return request && request <= NOXS_SYSCTL_SYSRQ &&
	       noxs_has_feature(ndev, BIT(request));
}

static void obey(const struct noxs_sysctl_backend *be)
{
	switch (be->request) {
	case NOXS_SYSCTL_POWEROFF:
		/* By force only where there is no user space to do it. */
		orderly_poweroff(true);
		break;
	case NOXS_SYSCTL_REBOOT:
		orderly_reboot();
		break;
	case NOXS_SYSCTL_SYSRQ:
		handle_sysrq(be->argument);
		break;
	}
}

static void sysctl_changed(struct noxs_device *ndev,
			   const struct noxs_half *peer)
{
	const struct noxs_sysctl_backend *be = &peer->sysctl_backend;
	struct noxs_sysctl_frontend fe = { .answer_seq = be->request_seq };
	bool has_memory = noxs_has_feature(ndev, NOXS_SYSCTL_F_MEMORY);
	bool asked = be->request_seq != answer_seq, told = false;
	int err;

	err = check_request(ndev, be);
	if (err) {
		noxs_dev_fatal(ndev, err, "wrong request");
		return;
	}
	/* Also if it is the same again: the guest's user can have set another one. */
	if (has_memory) {
		told = be->memory_target != memory_target;
		set_target(be->memory_target);
	}
	if (noxs_has_feature(ndev, NOXS_SYSCTL_F_VCPUS)) {
		told |= be->vcpus != vcpus_told;
		set_vcpus(ndev, be->vcpus);
	}
	if (!asked && !told)
		return;

	if (asked)
		answer = is_accepted(ndev, be->request) ? 0 : EOPNOTSUPP;
	answer_seq = be->request_seq;
	fe.result = answer;
	fe.memory = memory_now(ndev);
	fe.vcpus = vcpus_now(ndev);
	noxs_link_republish(ndev, &fe, sizeof(fe));
	if (asked && !answer)
		obey(be);
}

/**
 * noxs_sysctl_vcpus_done() - say how many virtual CPUs are online
 * @ndev: who was told how many there are to be; it may be gone
 */
void noxs_sysctl_vcpus_done(struct noxs_device *ndev)
{
	struct noxs_link *link = ndev->link;
	struct noxs_sysctl_frontend fe;

	noxs_link_lock(link);
	if (link->drv == &noxs_sysctl_frontend && link->machine.connected) {
		fe = link->own.sysctl_frontend;
		fe.vcpus = vcpus_now(ndev);
		if (fe.vcpus != link->own.sysctl_frontend.vcpus)
			noxs_link_republish(ndev, &fe, sizeof(fe));
	}
	noxs_link_unlock(link);
}

static const struct noxs_device_id sysctl_ids[] = {
	{ NOXS_TYPE_SYSCTL },
	{ NOXS_TYPE_NONE }
};

struct noxs_driver noxs_sysctl_frontend = {
	.driver.name = "noxs_sysctl",
	.ids = sysctl_ids,
	.features = SYSCTL_FEATURES,
	.probe = sysctl_probe,
	.remove = sysctl_nothing,
	.connect = sysctl_connect,
	.disconnect = sysctl_nothing,
	.otherend_changed = sysctl_changed,
};
