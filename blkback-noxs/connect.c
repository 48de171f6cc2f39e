// SPDX-License-Identifier: GPL-2.0
/*
 * The control side of the block backend: what it does for each vbd as a driver
 * of the noxs bus. A connection is the set of queues that the frontend asks for,
 * each with a ring and an event channel of the frontend's.
 *
 * All of this runs in process context, one operation at a time for each device.
 */
#include <linux/device.h>
#include <linux/err.h>

#include "blkback.h"

static int blkback_probe(struct noxs_device *ndev)
{
	struct blkback *bb;
	u32 i;

	bb = blkback_vbd_create(ndev);
	if (IS_ERR(bb))
		return dev_err_probe(&ndev->dev, PTR_ERR(bb),
				     "can't open block device %u:%u\n",
				     ndev->vbd.major, ndev->vbd.minor);
	for (i = 0; i < bb->offer.max_queues; i++)
		blkback_queue_init(bb, i);
	dev_set_drvdata(&ndev->dev, bb);
	return 0;
}

static void blkback_remove(struct noxs_device *ndev)
{
	blkback_vbd_destroy(dev_get_drvdata(&ndev->dev));
}

static void blkback_offer(struct noxs_device *ndev, struct noxs_half *own)
{
	blkback_vbd_offer(dev_get_drvdata(&ndev->dev), own);
}

/*
 * All are stopped before any is waited for. When this returns, nothing that the
 * guest asked for can reach the block device any more.
 */
static void disconnect_queues(struct blkback *bb, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		blkback_queue_stop(&bb->queue[i]);
	for (i = 0; i < nr; i++)
		blkback_queue_disconnect(&bb->queue[i]);
}

static int blkback_connect(struct noxs_device *ndev,
			   const struct noxs_half *peer, struct noxs_half *own)
{
	const struct noxs_vbd_frontend *fe = &peer->vbd_frontend;
	struct blkback *bb = dev_get_drvdata(&ndev->dev);
	unsigned int i;
	int err;

	err = blkback_check_frontend(fe, ndev->features, &bb->offer);
	if (err)
		return err;
	/* It may have gone when nobody could be told, or looked. */
	blkback_vbd_poll(bb);
	if (READ_ONCE(bb->dead))
		return -ENODEV;
	err = blkback_vbd_sync(bb);
	if (err)
		return err;

	/* Passes look at it. */
	WRITE_ONCE(bb->broken, false);
	for (i = 0; i < fe->nr_queues; i++) {
		err = blkback_queue_connect(&bb->queue[i], &fe->queue[i],
					    fe->protocol);
		if (err)
			goto err_disconnect_queues;
	}
	bb->nr_queues = i;
	return 0;

err_disconnect_queues:
	disconnect_queues(bb, i);
	return err;
}

static void blkback_disconnect(struct noxs_device *ndev)
{
	struct blkback *bb = dev_get_drvdata(&ndev->dev);

	disconnect_queues(bb, bb->nr_queues);
	bb->nr_queues = 0;
}

static bool blkback_otherend_in_use(struct noxs_device *ndev,
				    const struct noxs_half *peer)
{
	return noxs_has_feature(ndev, NOXS_VBD_F_OPENERS) &&
	       peer->vbd_frontend.openers;
}

static const struct noxs_device_id blkback_ids[] = {
	{ .type = NOXS_TYPE_VBD },
	{ .type = NOXS_TYPE_NONE },
};

struct noxs_driver blkback_driver = {
	.driver = {
		.name = "noxs-blkback",
		.dev_groups = blkback_groups,
	},
	.ids = blkback_ids,
	.features = NOXS_VBD_F_ALL,
	.probe = blkback_probe,
	.remove = blkback_remove,
	.offer = blkback_offer,
	.connect = blkback_connect,
	.disconnect = blkback_disconnect,
	.otherend_in_use = blkback_otherend_in_use,
};
