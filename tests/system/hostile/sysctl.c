// SPDX-License-Identifier: GPL-2.0
/*
 * noxs_hostile_sysctl: a guest's end of power control that misbehaves, to see
 * what the host makes of it. For tests only.
 *
 * The parameter "attack" names what it does: it connects with a payload that is
 * right but for one thing, answers the first request in such a way, or never, or
 * accepts no target for its memory, nor for its virtual CPUs.
 */
#include <linux/errno.h>
#include <linux/module.h>
#include <linux/string.h>
#include <xen/events.h>

#include "../../../noxs-core/core.h"

static char attack[32];
module_param_string(attack, attack, sizeof(attack), 0644);
MODULE_PARM_DESC(attack, "What to do with the host's requests: see sysctl.c");

static void seq_next(struct noxs_sysctl_frontend *fe)
{
	fe->answer_seq++;
}

static void seq_far(struct noxs_sysctl_frontend *fe)
{
	fe->answer_seq += 0x80000000;
}

static void result_large(struct noxs_sysctl_frontend *fe)
{
	fe->result = 4096;
}

static void bad_reserved(struct noxs_sysctl_frontend *fe)
{
	fe->pad = 1;
}

static void memory_large(struct noxs_sysctl_frontend *fe)
{
	fe->memory = NOXS_SYSCTL_MEMORY_MAX + 4;
}

static void memory_odd(struct noxs_sysctl_frontend *fe)
{
	fe->memory = 65537;
}

static void vcpus_many(struct noxs_sysctl_frontend *fe)
{
	fe->vcpus = NOXS_SYSCTL_VCPUS_MAX + 1;
}

static const struct sysctl_attack {
	const char *name;
	void (*change)(struct noxs_sysctl_frontend *fe);
} sysctl_attacks[] = {
	{ "seq_next", seq_next },
	{ "seq_far", seq_far },
	{ "result_large", result_large },
	{ "bad_reserved", bad_reserved },
	{ "memory_large", memory_large },
	{ "memory_odd", memory_odd },
	{ "vcpus_many", vcpus_many },
};

/* "connect_NAME" and "answer_NAME" are attacks at these moments. */
static void change(const char *moment, struct noxs_sysctl_frontend *fe)
{
	size_t len = strlen(moment);
	unsigned int i;

	if (strncmp(attack, moment, len))
		return;
	for (i = 0; i < ARRAY_SIZE(sysctl_attacks); i++)
		if (sysfs_streq(attack + len, sysctl_attacks[i].name))
			sysctl_attacks[i].change(fe);
}

static u32 last_seq;

static int hostile_connect(struct noxs_device *ndev,
			   const struct noxs_half *peer, struct noxs_half *own)
{
	last_seq = peer->sysctl_backend.request_seq;
	own->sysctl_frontend.answer_seq = last_seq;
	change("connect_", &own->sysctl_frontend);
	return 0;
}

/* The core has no function for this that others could call. */
static void publish(struct noxs_device *ndev,
		    const struct noxs_sysctl_frontend *fe)
{
	struct noxs_half *shared = &ndev->link->page->frontend;

	ndev->link->seq += 2;
	shared->sysctl_frontend = *fe;
	/* pairs with the first virt_rmb in noxs_half_snapshot() */
	virt_wmb();
	WRITE_ONCE(shared->hdr.seq, ndev->link->seq);
	notify_remote_via_irq(ndev->link->ch.irq);
}

static void hostile_changed(struct noxs_device *ndev,
			    const struct noxs_half *peer)
{
	struct noxs_sysctl_frontend fe = {
		.answer_seq = peer->sysctl_backend.request_seq,
	};

	if (fe.answer_seq == last_seq)
		return;
	last_seq = fe.answer_seq;
	pr_info("asked for %u\n", peer->sysctl_backend.request);
	if (sysfs_streq(attack, "silent"))
		return;
	change("answer_", &fe);
	publish(ndev, &fe);
}

static int hostile_probe(struct noxs_device *ndev)
{
	return 0;
}

static void hostile_none(struct noxs_device *ndev)
{
}

static const struct noxs_device_id hostile_ids[] = {
	{ NOXS_TYPE_SYSCTL },
	{ NOXS_TYPE_NONE }
};

static struct noxs_driver hostile_driver = {
	.driver.name = "noxs_hostile_sysctl",
	.ids = hostile_ids,
	.features = BIT(NOXS_SYSCTL_POWEROFF) | NOXS_SYSCTL_F_MEMORY |
		    NOXS_SYSCTL_F_VCPUS,
	.probe = hostile_probe,
	.remove = hostile_none,
	.connect = hostile_connect,
	.disconnect = hostile_none,
	.otherend_changed = hostile_changed,
};

static int __init hostile_init(void)
{
	if (sysfs_streq(attack, "no_memory"))
		hostile_driver.features &= ~(NOXS_SYSCTL_F_MEMORY |
					     NOXS_SYSCTL_F_VCPUS);
	return noxs_register_frontend(&hostile_driver);
}
module_init(hostile_init);

static void __exit hostile_exit(void)
{
	noxs_unregister_driver(&hostile_driver);
}
module_exit(hostile_exit);

MODULE_DESCRIPTION("A noxs power control that misbehaves, for tests");
MODULE_LICENSE("GPL");
