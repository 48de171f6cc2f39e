// SPDX-License-Identifier: GPL-2.0
/*
 * Power control, the host's end: one request at a time goes to the guest, and
 * what it answers is an event. Nobody waits here: a guest that never answers
 * costs nothing but the chance to ask it again. Beside that there is a target for
 * its memory, and one for its virtual CPUs, which it is only told: what becomes of
 * these, Xen knows.
 *
 * Everything is called with the link's lock, which protects the state.
 */
#include <linux/errno.h>
#include <linux/slab.h>

#include "core.h"

/**
 * struct sysctl_state - the last request
 * @request: NOXS_SYSCTL_*
 * @argument: for NOXS_SYSCTL_SYSRQ the key
 * @seq: its number
 * @answer_seq: number of the last one that was answered; @seq or the one before
 * @result: what was answered
 * @memory_target: what the guest is to have, in KiB, or 0
 * @vcpus: how many virtual CPUs it is to have online, or 0
 */
struct sysctl_state {
	u32 request;
	u32 argument;
	u32 seq;
	u32 answer_seq;
	u32 result;
	u64 memory_target;
	u32 vcpus;
};

static struct sysctl_state *to_state(struct noxs_device *ndev)
{
	return dev_get_drvdata(&ndev->dev);
}

static void finish(struct noxs_device *ndev, u32 result)
{
	struct sysctl_state *state = to_state(ndev);

	state->answer_seq = state->seq;
	state->result = result;
	noxs_listen_event(ndev, NOXS_EVENT_ANSWER);
}

static int sysctl_probe(struct noxs_device *ndev)
{
	struct sysctl_state *state = kzalloc(sizeof(*state), GFP_KERNEL);

	if (!state)
		return -ENOMEM;
	dev_set_drvdata(&ndev->dev, state);
	return 0;
}

static void sysctl_remove(struct noxs_device *ndev)
{
	kfree(to_state(ndev));
}

static void sysctl_offer(struct noxs_device *ndev, struct noxs_half *own)
{
	const struct sysctl_state *state = to_state(ndev);

	own->hdr.features = NOXS_SYSCTL_F_ALL;
	own->sysctl_backend.request_seq = state->seq;
	own->sysctl_backend.memory_target = state->memory_target;
	own->sysctl_backend.vcpus = state->vcpus;
}

static int check_answer(struct noxs_device *ndev,
			const struct noxs_sysctl_frontend *fe, u32 answer_seq)
{
	if (noxs_has_feature(ndev, NOXS_SYSCTL_F_MEMORY) &&
	    !noxs_sysctl_memory_is_valid(fe->memory))
		return -EINVAL;
	if (noxs_has_feature(ndev, NOXS_SYSCTL_F_VCPUS) &&
	    !noxs_sysctl_vcpus_is_valid(fe->vcpus))
		return -EINVAL;
	return noxs_sysctl_check_answer(fe, to_state(ndev)->seq, answer_seq);
}

static int sysctl_connect(struct noxs_device *ndev,
			  const struct noxs_half *peer, struct noxs_half *own)
{
	return check_answer(ndev, &peer->sysctl_frontend, to_state(ndev)->seq);
}

static void sysctl_disconnect(struct noxs_device *ndev)
{
	struct sysctl_state *state = to_state(ndev);

	if (state->answer_seq != state->seq)
		finish(ndev, ECONNRESET);
}

static void sysctl_changed(struct noxs_device *ndev,
			   const struct noxs_half *peer)
{
	const struct noxs_sysctl_frontend *fe = &peer->sysctl_frontend;
	struct sysctl_state *state = to_state(ndev);
	int err;

	err = check_answer(ndev, fe, state->answer_seq);
	if (err)
		noxs_dev_fatal(ndev, err, "wrong answer");
	else if (fe->answer_seq == state->seq && state->answer_seq != state->seq)
		finish(ndev, fe->result);
}

static void publish(struct noxs_device *ndev)
{
	const struct sysctl_state *state = to_state(ndev);
	const struct noxs_sysctl_backend be = {
		.request = state->request,
		.argument = state->argument,
		.request_seq = state->seq,
		.memory_target = state->memory_target,
		.vcpus = state->vcpus,
	};

	noxs_link_republish(ndev, &be, sizeof(be));
}

/* On its own, as the stack has room for one of these at a time. */
static bool is_request(const struct noxs_sysctl *sysctl)
{
	const struct noxs_sysctl_backend be = {
		.request = sysctl->request,
		.argument = sysctl->argument,
	};

	return be.request != NOXS_SYSCTL_NONE &&
	       be.request <= NOXS_SYSCTL_SYSRQ && !noxs_sysctl_check_request(&be);
}

static int send(struct noxs_device *ndev, struct noxs_sysctl *sysctl)
{
	struct sysctl_state *state = to_state(ndev);

	if (!is_request(sysctl))
		return -EINVAL;
	if (!ndev->link->machine.connected)
		return -ENOTCONN;
	if (!noxs_has_feature(ndev, BIT(sysctl->request)))
		return -EOPNOTSUPP;
	if (state->answer_seq != state->seq)
		return -EBUSY;

	state->request = sysctl->request;
	state->argument = sysctl->argument;
	state->result = 0;
	if (!++state->seq)
		state->seq = 1;
	sysctl->seq = state->seq;
	publish(ndev);
	return 0;
}

static int set_target(struct noxs_device *ndev, u64 target)
{
	struct sysctl_state *state = to_state(ndev);

	if (!ndev->link->machine.connected)
		return -ENOTCONN;
	if (!noxs_has_feature(ndev, NOXS_SYSCTL_F_MEMORY))
		return -EOPNOTSUPP;
	state->memory_target = target;
	publish(ndev);
	return 0;
}

static int set_vcpus(struct noxs_device *ndev, const struct noxs_vcpus *vcpus)
{
	struct sysctl_state *state = to_state(ndev);
	bool connected = ndev->link->machine.connected;

	if (!connected && !(vcpus->flags & NOXS_VCPUS_LATER))
		return -ENOTCONN;
	if (connected && !noxs_has_feature(ndev, NOXS_SYSCTL_F_VCPUS))
		return -EOPNOTSUPP;
	state->vcpus = vcpus->vcpus;
	if (connected)
		publish(ndev);
	else
		noxs_dev_refresh(ndev);
	return 0;
}

static void status(struct noxs_device *ndev, struct noxs_sysctl *sysctl)
{
	const struct sysctl_state *state = to_state(ndev);

	sysctl->request = state->request;
	sysctl->argument = state->argument;
	sysctl->seq = state->seq;
	sysctl->answered = state->answer_seq == state->seq;
	sysctl->result = sysctl->answered ? state->result : 0;
}

/**
 * noxs_sysctl_request() - ask a guest for something
 * @ndev: its power control
 * @arg: a struct noxs_sysctl: what for, and out: the request's number
 *
 * Return: 0 or -errno as in uapi/xen/noxs.h
 */
int noxs_sysctl_request(struct noxs_device *ndev, void *arg)
{
	struct noxs_sysctl *sysctl = arg;
	int err = -ENODEV;

	noxs_link_lock(ndev->link);
	if (ndev->link->drv)
		err = send(ndev, sysctl);
	noxs_link_unlock(ndev->link);
	return err;
}

/**
 * noxs_sysctl_status() - what became of the last request
 * @ndev: a guest's power control
 * @arg: out: a struct noxs_sysctl
 *
 * Return: 0 or -ENODEV
 */
int noxs_sysctl_status(struct noxs_device *ndev, void *arg)
{
	int err = -ENODEV;

	noxs_link_lock(ndev->link);
	if (ndev->link->drv) {
		status(ndev, arg);
		err = 0;
	}
	noxs_link_unlock(ndev->link);
	return err;
}

/**
 * noxs_sysctl_memory() - tell a guest how much memory it is to have
 * @ndev: its power control
 * @arg: a struct noxs_memory
 *
 * Return: 0 or -errno as in uapi/xen/noxs.h
 */
int noxs_sysctl_memory(struct noxs_device *ndev, void *arg)
{
	const struct noxs_memory *memory = arg;
	int err = -ENODEV;

	noxs_link_lock(ndev->link);
	if (ndev->link->drv)
		err = set_target(ndev, memory->target);
	noxs_link_unlock(ndev->link);
	return err;
}

/**
 * noxs_sysctl_vcpus() - tell a guest how many virtual CPUs it is to have online
 * @ndev: its power control
 * @arg: a struct noxs_vcpus
 *
 * Return: 0 or -errno as in uapi/xen/noxs.h
 */
int noxs_sysctl_vcpus(struct noxs_device *ndev, void *arg)
{
	int err = -ENODEV;

	noxs_link_lock(ndev->link);
	if (ndev->link->drv)
		err = set_vcpus(ndev, arg);
	noxs_link_unlock(ndev->link);
	return err;
}

static const struct noxs_device_id sysctl_ids[] = {
	{ NOXS_TYPE_SYSCTL },
	{ NOXS_TYPE_NONE }
};

struct noxs_driver noxs_sysctl_backend = {
	.driver.name = "noxs_sysctl",
	.ids = sysctl_ids,
	.features = NOXS_SYSCTL_F_ALL,
	.probe = sysctl_probe,
	.remove = sysctl_remove,
	.offer = sysctl_offer,
	.connect = sysctl_connect,
	.disconnect = sysctl_disconnect,
	.otherend_changed = sysctl_changed,
};
