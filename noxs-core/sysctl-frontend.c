// SPDX-License-Identifier: GPL-2.0
/*
 * Power control, the guest's end: does what the host asks for, which could as
 * well pull the plug.
 *
 * Called by the link's work, with its lock. The answer comes first: after some
 * requests there is nobody left to give it. To suspend isn't among what is
 * accepted, as no module can run that part of Xen's code in the kernel.
 */
#include <linux/bits.h>
#include <linux/errno.h>
#include <linux/kconfig.h>
#include <linux/reboot.h>
#include <linux/sysrq.h>

#include "core.h"

#define SYSCTL_FEATURES \
	(BIT(NOXS_SYSCTL_POWEROFF) | BIT(NOXS_SYSCTL_REBOOT) | \
	 (IS_ENABLED(CONFIG_MAGIC_SYSRQ) ? BIT(NOXS_SYSCTL_SYSRQ) : 0))

/* A guest has one power switch; this is the number that it answered last. */
static u32 answer_seq;

static int sysctl_probe(struct noxs_device *ndev)
{
	return 0;
}

static void sysctl_nothing(struct noxs_device *ndev)
{
}

static int sysctl_connect(struct noxs_device *ndev,
			  const struct noxs_half *peer, struct noxs_half *own)
{
	int err;

	err = noxs_sysctl_check_request(&peer->sysctl_backend);
	if (err)
		return err;
	/* What was asked of an earlier connection is over. */
	answer_seq = peer->sysctl_backend.request_seq;
	own->sysctl_frontend.answer_seq = answer_seq;
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
	int err;

	err = noxs_sysctl_check_request(be);
	if (err) {
		noxs_dev_fatal(ndev, err, "wrong request");
		return;
	}
	if (be->request_seq == answer_seq)
		return;

	answer_seq = be->request_seq;
	if (!is_accepted(ndev, be->request))
		fe.result = EOPNOTSUPP;
	noxs_link_republish(ndev, &fe, sizeof(fe));
	if (!fe.result)
		obey(be);
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
