// SPDX-License-Identifier: GPL-2.0
/*
 * The control side: what the core calls when the device comes and goes, and
 * when its backend does.
 *
 * The interface is registered at the first connect, when its address is known,
 * and stays until remove. A backend that goes takes the carrier with it; one
 * that comes back finds queues that are made anew, and the user's settings kept.
 *
 * Process context, one operation at a time. rtnl keeps the interface's users
 * out while a connection is made or ended.
 */
#include <linux/cpumask.h>
#include <linux/etherdevice.h>
#include <linux/interrupt.h>
#include <linux/moduleparam.h>
#include <linux/rtnetlink.h>

#include "check.h"
#include "netfront.h"

static bool netfront_trusted = true;
module_param_named(trusted, netfront_trusted, bool, 0644);
MODULE_PARM_DESC(trusted,
		 "Whether backends that connect from now on may see what else is in the pages of a packet's payload; if not, all is copied (default: Y)");

static int queue_create(struct netfront_queue *queue)
{
	int err;

	err = netfront_tx_create(queue);
	if (err)
		return err;
	err = netfront_rx_create(queue);
	if (err)
		goto err_destroy_tx;
	err = netfront_events_create(queue);
	if (err)
		goto err_destroy_rx;
	return 0;

err_destroy_rx:
	netfront_rx_destroy(queue);
err_destroy_tx:
	netfront_tx_destroy(queue);
	return err;
}

/* NAPI and transmission are stopped; the interrupts go before the rings. */
static void queues_destroy(struct netfront *np, unsigned int nr)
{
	while (nr--) {
		netfront_events_destroy(&np->queue[nr]);
		netfront_rx_destroy(&np->queue[nr]);
		netfront_tx_destroy(&np->queue[nr]);
	}
}

/* Makes up to @nr queues, at least one. Returns how many, or -errno. */
static int queues_create(struct netfront *np, unsigned int nr)
{
	unsigned int i;
	int err;

	for (i = 0; i < nr; i++) {
		err = queue_create(&np->queue[i]);
		if (!err)
			continue;
		if (!i)
			return err;
		dev_warn(&np->ndev->dev, "only %u of %u queues: %d\n", i, nr,
			 err);
		break;
	}
	return i;
}

/*
 * Give each queue its share of the CPUs: they send through it, and its events
 * come to one of them. It is an optimisation, so failures don't count.
 */
static void queues_spread(struct netfront *np)
{
	unsigned int cpu, i, n;
	cpumask_var_t mask;

	if (np->nr_queues == 1 || !zalloc_cpumask_var(&mask, GFP_KERNEL))
		return;

	for (i = 0; i < np->nr_queues; i++) {
		cpumask_clear(mask);
		n = 0;
		for_each_online_cpu(cpu)
			if (n++ % np->nr_queues == i)
				cpumask_set_cpu(cpu, mask);
		if (cpumask_empty(mask))
			continue;
		(void)netif_set_xps_queue(np->netdev, mask, i);
		(void)irq_set_affinity(np->queue[i].tx_event->ch.irq, mask);
		(void)irq_set_affinity(np->queue[i].rx_event->ch.irq, mask);
	}
	free_cpumask_var(mask);
}

/* Show the interface what the connection can do, and start it if it is up. */
static int netfront_attach(struct netfront *np,
			   const struct noxs_vif_backend *be, unsigned int nr)
{
	struct net_device *netdev = np->netdev;
	unsigned int i;
	int err;

	ASSERT_RTNL();

	netfront_set_features(np);
	netfront_set_mtu(np, be->mtu);
	err = netif_set_real_num_queues(netdev, nr, nr);
	if (err)
		return err;

	if (netdev->reg_state == NETREG_UNINITIALIZED) {
		eth_hw_addr_set(netdev, be->mac);
		netif_carrier_off(netdev);
		netif_tx_stop_all_queues(netdev);
		err = register_netdevice(netdev);
		if (err)
			return err;
	}

	for (i = 0; i < nr; i++) {
		napi_enable(&np->queue[i].napi);
		/* By an event for which NAPI couldn't be scheduled. */
		clear_bit(0, &np->queue[i].scheduled);
	}
	np->nr_queues = nr;
	queues_spread(np);
	if (netif_running(netdev))
		netfront_start(np);
	return 0;
}

static void netfront_publish(const struct netfront *np,
			     struct noxs_vif_frontend *fe)
{
	const struct netfront_queue *queue;
	unsigned int i;

	fe->nr_queues = np->nr_queues;
	for (i = 0; i < np->nr_queues; i++) {
		queue = &np->queue[i];
		fe->queue[i].tx_gref = queue->tx.page.gref;
		fe->queue[i].rx_gref = queue->rx.page.gref;
		fe->queue[i].tx_evtchn = queue->tx_event->ch.port;
		fe->queue[i].rx_evtchn = queue->rx_event->ch.port;
		if (queue->tx.list.addr)
			fe->queue[i].tx_buffers = queue->tx.list.gref;
	}
}

/*
 * An interface that couldn't be registered is of no use any more: Linux doesn't
 * register it a second time.
 */
static struct netfront *netfront_get(struct noxs_device *ndev)
{
	struct netfront *np = dev_get_drvdata(&ndev->dev);
	struct netfront *fresh;

	if (np->netdev->reg_state != NETREG_UNREGISTERED)
		return np;
	fresh = netfront_create(ndev);
	if (!fresh)
		return NULL;
	netfront_destroy(np);
	dev_set_drvdata(&ndev->dev, fresh);
	return fresh;
}

static int netfront_connect(struct noxs_device *ndev,
			    const struct noxs_half *peer, struct noxs_half *own)
{
	const struct noxs_vif_backend *be = &peer->vif_backend;
	struct netfront *np;
	int err, nr;

	err = netfront_check_backend(be);
	if (err)
		return err;
	np = netfront_get(ndev);
	if (!np)
		return -ENOMEM;
	if (np->kept >= NETFRONT_MAX_KEPT)
		return -EPROTO;

	/* One that takes fewer takes none. */
	if (be->max_buffers < NETFRONT_HEAD_PAGES)
		ndev->features &= ~NOXS_VIF_F_BUFFERS;

	np->broken = 0;
	np->trusted = READ_ONCE(netfront_trusted);
	nr = queues_create(np, min3(be->max_queues, num_online_cpus(),
				    np->netdev->num_tx_queues));
	if (nr < 0)
		return nr;

	rtnl_lock();
	err = netfront_attach(np, be, nr);
	rtnl_unlock();
	if (err) {
		queues_destroy(np, nr);
		return err;
	}
	netfront_publish(np, &own->vif_frontend);
	return 0;
}

static void netfront_disconnect(struct noxs_device *ndev)
{
	struct netfront *np = dev_get_drvdata(&ndev->dev);
	unsigned int i, nr;

	rtnl_lock();
	nr = np->nr_queues;
	np->nr_queues = 0;
	netif_carrier_off(np->netdev);
	/* NAPI first, as it wakes tx queues. */
	for (i = 0; i < nr; i++)
		napi_disable(&np->queue[i].napi);
	netif_tx_disable(np->netdev);
	rtnl_unlock();

	queues_destroy(np, nr);
}

static void netfront_otherend_changed(struct noxs_device *ndev,
				      const struct noxs_half *peer)
{
	struct netfront *np = dev_get_drvdata(&ndev->dev);
	const struct noxs_vif_backend *be = &peer->vif_backend;
	int err;

	err = netfront_check_backend(be);
	if (err) {
		noxs_dev_fatal(ndev, err, "backend's offer became invalid");
		return;
	}

	rtnl_lock();
	netfront_set_mtu(np, be->mtu);
	if (!netif_carrier_ok(np->netdev)) {
		netif_carrier_on(np->netdev);
		/* Switches may know us behind another backend. */
		__netdev_notify_peers(np->netdev);
	}
	rtnl_unlock();
}

static int netfront_probe(struct noxs_device *ndev)
{
	struct netfront *np = netfront_create(ndev);

	if (!np)
		return -ENOMEM;
	dev_set_drvdata(&ndev->dev, np);
	return 0;
}

static void netfront_remove(struct noxs_device *ndev)
{
	netfront_destroy(dev_get_drvdata(&ndev->dev));
}

static const struct noxs_device_id netfront_ids[] = {
	{ NOXS_TYPE_VIF },
	{ NOXS_TYPE_NONE }
};

struct noxs_driver netfront_driver = {
	.driver.name = "noxs_netfront",
	.ids = netfront_ids,
	.features = NOXS_VIF_F_ALL,
	.probe = netfront_probe,
	.remove = netfront_remove,
	.connect = netfront_connect,
	.disconnect = netfront_disconnect,
	.otherend_changed = netfront_otherend_changed,
};
