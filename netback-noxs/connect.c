// SPDX-License-Identifier: GPL-2.0
/*
 * The control side of the network backend: what it does for each vif as a
 * driver of the noxs bus. A connection is the set of queues that the frontend
 * asks for, each with two rings of the frontend's and one or two of its event
 * channels.
 *
 * All of this runs in process context, one operation at a time for each device.
 * Rtnl is taken in netdev.c only, and never while noxs_core is called.
 */
#include <linux/cpumask.h>
#include <linux/etherdevice.h>
#include <linux/mm.h>
#include <linux/moduleparam.h>
#include <linux/slab.h>

#include "netback.h"

#define NETBACK_DEFAULT_QUEUES	8U

static unsigned int netback_max_queues;
module_param_named(max_queues, netback_max_queues, uint, 0644);
MODULE_PARM_DESC(max_queues,
		 "Queues to offer for a vif that asks for no number; 0 for one a CPU, at most 8");

static unsigned int vif_max_queues(const struct noxs_device *ndev)
{
	unsigned int nr = ndev->vif.max_queues;

	if (!nr)
		nr = READ_ONCE(netback_max_queues);
	if (!nr)
		nr = min(num_online_cpus(), NETBACK_DEFAULT_QUEUES);
	return min_t(unsigned int, nr, NOXS_VIF_MAX_QUEUES);
}

static unsigned int vif_mtu(const struct noxs_device *ndev)
{
	return ndev->vif.mtu ?: ETH_DATA_LEN;
}

static int netback_probe(struct noxs_device *ndev)
{
	struct netback *nb;

	/* Who asks for the device's configuration is told the defaults. */
	ndev->vif.max_queues = vif_max_queues(ndev);
	ndev->vif.mtu = vif_mtu(ndev);
	nb = netback_netdev_create(ndev, ndev->vif.max_queues, ndev->vif.mtu);
	if (IS_ERR(nb))
		return dev_err_probe(&ndev->dev, PTR_ERR(nb),
				     "no network interface\n");
	dev_set_drvdata(&ndev->dev, nb);
	return 0;
}

static void netback_remove(struct noxs_device *ndev)
{
	netback_netdev_destroy(dev_get_drvdata(&ndev->dev));
}

static void netback_offer(struct noxs_device *ndev, struct noxs_half *own)
{
	struct netback *nb = dev_get_drvdata(&ndev->dev);

	own->hdr.features = NOXS_VIF_F_ALL;
	ether_addr_copy(own->vif_backend.mac, ndev->vif.mac);
	own->vif_backend.mtu = ndev->vif.mtu;
	own->vif_backend.max_queues = nb->max_queues;
	own->vif_backend.max_buffers = NETBACK_MAX_BUFFERS;
}

/* Does nothing for a ring that isn't mapped. */
static void unmap_rings(struct netback_queue *queue)
{
	noxs_unmap_page(&queue->rx.map);
	noxs_unmap_page(&queue->tx.map);
}

/*
 * Each connection starts with new rings. That there are no responses in them
 * yet is all that can be asked for here: the guest's indices are checked each
 * time they are used.
 */
static int map_rings(struct netback_queue *queue,
		     const struct noxs_vif_queue *fe)
{
	struct noxs_device *ndev = queue->nb->ndev;
	struct xen_netif_tx_sring *tx;
	struct xen_netif_rx_sring *rx;
	int err;

	err = noxs_map_page(ndev, fe->tx_gref, &queue->tx.map);
	if (err)
		return err;
	err = noxs_map_page(ndev, fe->rx_gref, &queue->rx.map);
	if (err)
		goto err_unmap_rings;

	tx = queue->tx.map.addr;
	rx = queue->rx.map.addr;
	if (READ_ONCE(tx->rsp_prod) || READ_ONCE(rx->rsp_prod) ||
	    READ_ONCE(tx->req_prod) > NETBACK_RING_SIZE ||
	    READ_ONCE(rx->req_prod) > NETBACK_RING_SIZE) {
		err = -EPROTO;
		goto err_unmap_rings;
	}

	BACK_RING_INIT(&queue->tx.ring, tx, XEN_PAGE_SIZE);
	BACK_RING_INIT(&queue->rx.ring, rx, XEN_PAGE_SIZE);
	return 0;

err_unmap_rings:
	unmap_rings(queue);
	return err;
}

static int connect_queue(struct netback_queue *queue,
			 const struct noxs_vif_queue *fe)
{
	int err;

	err = map_rings(queue, fe);
	if (err)
		return err;
	err = netback_channels_bind(queue, fe);
	if (err)
		unmap_rings(queue);
	return err;
}

/* Nothing is sent, and NAPI is off. */
static void disconnect_queue(struct netback_queue *queue)
{
	netback_channels_free(queue);
	netback_buffers_free(queue);
	unmap_rings(queue);
	__skb_queue_purge(&queue->rx.done);
}

/*
 * NAPI comes before the event channels, whose handlers schedule it; it does
 * nothing before it is enabled. Who reads the list of the interface's NAPIs
 * expects additions at any time.
 */
static struct netback_queue *create_queues(struct netback *nb,
					   const struct noxs_vif_frontend *fe)
{
	bool buffers = noxs_has_feature(nb->ndev, NOXS_VIF_F_BUFFERS);
	struct netback_queue *queues, *queue;
	unsigned int nr = fe->nr_queues;
	unsigned int i;

	queues = kvcalloc(nr, sizeof(*queues), GFP_KERNEL);
	if (!queues)
		return NULL;

	for (i = 0; i < nr; i++) {
		queue = &queues[i];
		queue->nb = nb;
		queue->id = i;
		queue->stats = &nb->stats[i];
		netback_pages_init(&queue->tx.pages);
		netback_buffers_init(queue, buffers ? fe->queue[i].tx_buffers : 0);
		netback_rx_init(queue);
		netif_napi_add(nb->dev, &queue->napi, netback_poll);
	}
	return queues;
}

static int netback_connect(struct noxs_device *ndev,
			   const struct noxs_half *peer, struct noxs_half *own)
{
	const struct noxs_vif_frontend *fe = &peer->vif_frontend;
	struct netback *nb = dev_get_drvdata(&ndev->dev);
	struct netback_queue *queues;
	unsigned int i;
	int err;

	err = netback_check_frontend(fe, ndev->features, nb->max_queues);
	if (err)
		return err;

	queues = create_queues(nb, fe);
	if (!queues)
		return -ENOMEM;

	/* Handlers look at it. */
	WRITE_ONCE(nb->broken, false);
	for (i = 0; i < fe->nr_queues; i++) {
		err = connect_queue(&queues[i], &fe->queue[i]);
		if (err)
			goto err_disconnect_queues;
	}

	err = netback_netdev_connect(nb, queues, fe->nr_queues);
	if (err)
		goto err_disconnect_queues;
	return 0;

err_disconnect_queues:
	netdev_dbg(nb->dev, "queue %u of %u: %d\n", i, fe->nr_queues, err);
	while (i--)
		disconnect_queue(&queues[i]);
	netback_netdev_abandon(queues, fe->nr_queues);
	kvfree_rcu(queues, rcu);
	return err;
}

static void netback_disconnect(struct noxs_device *ndev)
{
	struct netback *nb = dev_get_drvdata(&ndev->dev);
	struct netback_queue *queues = nb->queues;
	unsigned int nr = nb->nr_queues;
	unsigned int i;

	/* No packet goes in or out any more, no timer and no NAPI runs. */
	netback_netdev_disconnect(nb);

	/* No event comes any more, and nothing looks at the rings. */
	for (i = 0; i < nr; i++)
		disconnect_queue(&queues[i]);

	/* Some still may come across its NAPI, and find that it is off. */
	kvfree_rcu(queues, rcu);
}

static const struct noxs_device_id netback_ids[] = {
	{ .type = NOXS_TYPE_VIF },
	{ .type = NOXS_TYPE_NONE },
};

struct noxs_driver netback_driver = {
	.driver = { .name = "noxs_netback" },
	.ids = netback_ids,
	.features = NOXS_VIF_F_ALL,
	.probe = netback_probe,
	.remove = netback_remove,
	.offer = netback_offer,
	.connect = netback_connect,
	.disconnect = netback_disconnect,
};
