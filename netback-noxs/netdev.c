// SPDX-License-Identifier: GPL-2.0
/*
 * The host's interface of a vif: the net_device with its features and counters,
 * ethtool, and NAPI, which does what the guest's events ask for. The carrier
 * follows the connection.
 *
 * Operations of the interface come under rtnl. Those of the noxs bus (connect.c)
 * take it here for whatever these could see. The poll function is NAPI's, in
 * softirq.
 *
 * Tx and rx are the guest's, but for the network layer's own words: its tx
 * queues, and counters that begin with rx_ and tx_, are the host's.
 */
#include <linux/etherdevice.h>
#include <linux/ethtool.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "netback.h"

/*
 * Packets that the network layer keeps for a guest that takes none, for each of
 * its queues, unless its queueing discipline has a limit of its own. The driver
 * keeps none.
 */
#define NETBACK_TX_QUEUE_LEN	64

/*
 * So many octets the network layer hands over at once, if it has them, and one
 * hypercall copies them. Byte queue limits would find no limit by themselves:
 * packets are completed as soon as they are sent.
 */
#define NETBACK_BATCH		SZ_64K

#define NETBACK_OFFLOADS	(NETIF_F_SG | NETIF_F_FRAGLIST | \
				 NETIF_F_IP_CSUM | NETIF_F_IPV6_CSUM | \
				 NETIF_F_TSO | NETIF_F_TSO6)

static const struct {
	char name[16];
	bool rx;
	enum netback_stat stat;
} netback_counters[] = {
	{ "tx_packets", false, NETBACK_PACKETS },
	{ "tx_bytes", false, NETBACK_BYTES },
	{ "tx_errors", false, NETBACK_ERRORS },
	{ "tx_dropped", false, NETBACK_DROPPED },
	{ "tx_gso_fixed", false, NETBACK_FIXED },
	{ "tx_limited", false, NETBACK_STOPPED },
	{ "tx_buffered", false, NETBACK_BUFFERED },
	{ "rx_packets", true, NETBACK_PACKETS },
	{ "rx_bytes", true, NETBACK_BYTES },
	{ "rx_errors", true, NETBACK_ERRORS },
	{ "rx_dropped", true, NETBACK_DROPPED },
	{ "rx_stopped", true, NETBACK_STOPPED },
	{ "rx_stalled", true, NETBACK_STALLED },
	{ "rx_batches", true, NETBACK_BATCHES },
};

static void read_stats(const struct netback_stats *stats, u64 *count)
{
	unsigned int start, i;

	do {
		start = u64_stats_fetch_begin(&stats->syncp);
		for (i = 0; i < NETBACK_NR_STATS; i++)
			count[i] = u64_stats_read(&stats->count[i]);
	} while (u64_stats_fetch_retry(&stats->syncp, start));
}

/**
 * netback_poll() - do what the guest's events ask for
 * @napi: of a queue
 * @budget: how much of what the guest sends to take
 *
 * Return: how much it took, see netback_tx_poll()
 */
int netback_poll(struct napi_struct *napi, int budget)
{
	struct netback_queue *queue = container_of(napi, struct netback_queue,
						   napi);
	struct netback_channel *rx_channel = netback_rx_channel(queue);
	bool tx_event = READ_ONCE(queue->tx_ch.pending);
	bool rx_event = READ_ONCE(queue->rx_ch.pending);
	int done;

	/*
	 * Netpoll asks for what isn't there: packets to the guest are completed
	 * as they are sent. And it may hold the locks that the rest takes.
	 */
	if (!budget)
		return 0;

	WRITE_ONCE(queue->poller, smp_processor_id() + 1);
	netback_rx_flush(queue);
	if (READ_ONCE(rx_channel->pending) && netback_rx_wake(queue))
		rx_channel->work = true;

	done = netback_tx_poll(queue, budget);
	if (done)
		queue->tx_ch.work = true;
	if (done == budget)
		goto out;

	/*
	 * The events that were there before the work are over. Another one, which
	 * may come from here on, schedules NAPI again: so this is before its end.
	 */
	if (!netback_is_broken(queue->nb)) {
		if (tx_event)
			netback_event_end(&queue->tx_ch);
		if (rx_event)
			netback_event_end(&queue->rx_ch);
	}
	napi_complete_done(napi, done);
out:
	/* If it runs elsewhere already, that one only loses what it is for. */
	WRITE_ONCE(queue->poller, 0);
	return done;
}

static void start_queues(struct netback *nb)
{
	unsigned int i;

	ASSERT_RTNL();
	for (i = 0; i < nb->nr_queues; i++) {
		napi_enable(&nb->queues[i].napi);
		netback_rx_resume(&nb->queues[i]);

		/* For what came while it was off. */
		local_bh_disable();
		napi_schedule(&nb->queues[i].napi);
		local_bh_enable();
	}
	nb->up = true;
}

static void stop_queues(struct netback *nb)
{
	unsigned int i;

	ASSERT_RTNL();
	for (i = 0; i < nb->nr_queues; i++) {
		napi_disable(&nb->queues[i].napi);
		timer_delete_sync(&nb->queues[i].rx.timer);
	}
	netback_tx_stop(nb);
	nb->up = false;
}

static int netback_open(struct net_device *dev)
{
	struct netback *nb = netdev_priv(dev);

	if (nb->queues)
		start_queues(nb);
	return 0;
}

static int netback_stop(struct net_device *dev)
{
	struct netback *nb = netdev_priv(dev);

	if (nb->up)
		stop_queues(nb);
	return 0;
}

static netdev_features_t netback_fix_features(struct net_device *dev,
					      netdev_features_t features)
{
	struct netback *nb = netdev_priv(dev);
	netdev_features_t drop = 0;

	if (!(nb->features & NOXS_VIF_F_SG))
		drop |= NETIF_F_SG;
	if (!(nb->features & NOXS_VIF_F_CSUM_V4))
		drop |= NETIF_F_IP_CSUM;
	if (!(nb->features & NOXS_VIF_F_CSUM_V6))
		drop |= NETIF_F_IPV6_CSUM;
	if (!(nb->features & NOXS_VIF_F_TSO_V4))
		drop |= NETIF_F_TSO;
	if (!(nb->features & NOXS_VIF_F_TSO_V6))
		drop |= NETIF_F_TSO6;
	return features & ~drop;
}

static void netback_get_stats64(struct net_device *dev,
				struct rtnl_link_stats64 *total)
{
	struct netback *nb = netdev_priv(dev);
	u64 count[NETBACK_NR_STATS];
	unsigned int i;

	for (i = 0; i < nb->max_queues; i++) {
		read_stats(&nb->stats[i].tx, count);
		total->rx_packets += count[NETBACK_PACKETS];
		total->rx_bytes += count[NETBACK_BYTES];
		total->rx_errors += count[NETBACK_ERRORS];
		total->rx_dropped += count[NETBACK_DROPPED];

		read_stats(&nb->stats[i].rx, count);
		total->tx_packets += count[NETBACK_PACKETS];
		total->tx_bytes += count[NETBACK_BYTES];
		total->tx_errors += count[NETBACK_ERRORS];
		total->tx_dropped += count[NETBACK_DROPPED];
	}
}

static const struct net_device_ops netback_netdev_ops = {
	.ndo_open = netback_open,
	.ndo_stop = netback_stop,
	.ndo_start_xmit = netback_start_xmit,
	.ndo_fix_features = netback_fix_features,
	.ndo_get_stats64 = netback_get_stats64,
	.ndo_set_mac_address = eth_mac_addr,
	.ndo_validate_addr = eth_validate_addr,
};

static void netback_get_drvinfo(struct net_device *dev,
				struct ethtool_drvinfo *info)
{
	struct netback *nb = netdev_priv(dev);

	strscpy(info->driver, KBUILD_MODNAME, sizeof(info->driver));
	strscpy(info->bus_info, dev_name(&nb->ndev->dev),
		sizeof(info->bus_info));
}

static void netback_get_channels(struct net_device *dev,
				 struct ethtool_channels *channels)
{
	struct netback *nb = netdev_priv(dev);

	channels->max_combined = nb->max_queues;
	channels->combined_count = nb->nr_queues;
}

static void netback_get_ringparam(struct net_device *dev,
				  struct ethtool_ringparam *ring,
				  struct kernel_ethtool_ringparam *kernel_ring,
				  struct netlink_ext_ack *extack)
{
	ring->rx_max_pending = NETBACK_RING_SIZE;
	ring->rx_pending = NETBACK_RING_SIZE;
	ring->tx_max_pending = NETBACK_RING_SIZE;
	ring->tx_pending = NETBACK_RING_SIZE;
}

static int netback_get_sset_count(struct net_device *dev, int sset)
{
	if (sset != ETH_SS_STATS)
		return -EOPNOTSUPP;
	/* And the pages that are kept, and those that are mapped. */
	return dev->real_num_tx_queues * (ARRAY_SIZE(netback_counters) + 2);
}

static void netback_get_strings(struct net_device *dev, u32 sset, u8 *data)
{
	unsigned int i, j;

	if (sset != ETH_SS_STATS)
		return;
	for (i = 0; i < dev->real_num_tx_queues; i++) {
		for (j = 0; j < ARRAY_SIZE(netback_counters); j++)
			ethtool_sprintf(&data, "guest_q%u_%s", i,
					netback_counters[j].name);
		ethtool_sprintf(&data, "guest_q%u_tx_pages", i);
		ethtool_sprintf(&data, "guest_q%u_tx_buffers", i);
	}
}

static void netback_get_ethtool_stats(struct net_device *dev,
				      struct ethtool_stats *stats, u64 *data)
{
	struct netback *nb = netdev_priv(dev);
	u64 tx[NETBACK_NR_STATS], rx[NETBACK_NR_STATS];
	unsigned int i, j;

	for (i = 0; i < dev->real_num_tx_queues; i++) {
		read_stats(&nb->stats[i].tx, tx);
		read_stats(&nb->stats[i].rx, rx);
		for (j = 0; j < ARRAY_SIZE(netback_counters); j++)
			*data++ = netback_counters[j].rx ?
				  rx[netback_counters[j].stat] :
				  tx[netback_counters[j].stat];
		*data++ = i < nb->nr_queues ?
			  netback_pages_count(&nb->queues[i].tx.pages) : 0;
		*data++ = i < nb->nr_queues ?
			  netback_buffers_count(&nb->queues[i]) : 0;
	}
}

static const struct ethtool_ops netback_ethtool_ops = {
	.get_drvinfo = netback_get_drvinfo,
	.get_link = ethtool_op_get_link,
	.get_channels = netback_get_channels,
	.get_ringparam = netback_get_ringparam,
	.get_sset_count = netback_get_sset_count,
	.get_strings = netback_get_strings,
	.get_ethtool_stats = netback_get_ethtool_stats,
	.get_ts_info = ethtool_op_get_ts_info,
};

static void init_stats(struct netback *nb)
{
	unsigned int i;

	for (i = 0; i < nb->max_queues; i++) {
		u64_stats_init(&nb->stats[i].tx.syncp);
		u64_stats_init(&nb->stats[i].rx.syncp);
	}
}

static void init_netdev(struct net_device *dev, unsigned int mtu)
{
	static const u8 addr[ETH_ALEN] = {
		0xfe, 0xff, 0xff, 0xff, 0xff, 0xff
	};

	dev->netdev_ops = &netback_netdev_ops;
	dev->ethtool_ops = &netback_ethtool_ops;
	dev->hw_features = NETBACK_OFFLOADS;
	dev->features = NETBACK_OFFLOADS | NETIF_F_RXCSUM | NETIF_F_HIGHDMA;
	dev->tx_queue_len = NETBACK_TX_QUEUE_LEN;
	dev->min_mtu = NOXS_VIF_MIN_MTU;
	dev->max_mtu = NOXS_VIF_MAX_MTU;
	dev->mtu = mtu;
	netif_set_tso_max_size(dev, GSO_LEGACY_MAX_SIZE);
	/* rx.c puts packets into a list, so each must be its own. */
	dev->priv_flags &= ~IFF_TX_SKB_SHARING;

	/*
	 * The highest address there is: a bridge takes the lowest one of its
	 * ports for its own, and this one must not change that.
	 */
	eth_hw_addr_set(dev, addr);
}

/**
 * netback_netdev_create() - make the interface of a vif, without a carrier
 * @ndev: the vif's device
 * @max_queues: most queues that it will have
 * @mtu: its first MTU
 *
 * Return: the vif, or an ERR_PTR
 */
struct netback *netback_netdev_create(struct noxs_device *ndev,
				      unsigned int max_queues,
				      unsigned int mtu)
{
	struct net_device *dev;
	struct netback *nb;
	char name[IFNAMSIZ];
	int err;

	snprintf(name, sizeof(name), "vif%u.%u", ndev->otherend, ndev->id);
	dev = alloc_netdev_mqs(struct_size(nb, stats, max_queues), name,
			       NET_NAME_PREDICTABLE, ether_setup, max_queues,
			       max_queues);
	if (!dev)
		return ERR_PTR(-ENOMEM);
	SET_NETDEV_DEV(dev, &ndev->dev);
	init_netdev(dev, mtu);

	nb = netdev_priv(dev);
	nb->ndev = ndev;
	nb->dev = dev;
	nb->max_queues = max_queues;
	nb->features = NOXS_VIF_F_ALL;
	spin_lock_init(&nb->stall_lock);
	netback_tx_init(nb);
	init_stats(nb);

	/*
	 * Each queue in use costs some files of sysfs, at each of many vifs. It
	 * can't fail before the interface is registered.
	 */
	(void)netif_set_real_num_queues(dev, 1, 1);
	netif_tx_stop_all_queues(dev);
	netif_carrier_off(dev);

	err = register_netdev(dev);
	if (err) {
		free_netdev(dev);
		return ERR_PTR(err);
	}
	return nb;
}

/**
 * netback_netdev_destroy() - take the interface away
 * @nb: the vif, not connected
 */
void netback_netdev_destroy(struct netback *nb)
{
	unregister_netdev(nb->dev);
	free_netdev(nb->dev);
}

/*
 * Without SG the frontend takes no packet larger than a slot. What the host
 * would send instead comes back with a frontend that does: the next one, after
 * a boot loader.
 */
static void update_mtu(struct netback *nb)
{
	struct net_device *dev = nb->dev;
	unsigned int mtu = dev->mtu;

	if (nb->features & NOXS_VIF_F_SG) {
		dev->max_mtu = NOXS_VIF_MAX_MTU;
		if (nb->full_mtu && mtu == NOXS_VIF_MAX_MTU_NO_SG)
			mtu = nb->full_mtu;
		nb->full_mtu = 0;
	} else {
		dev->max_mtu = NOXS_VIF_MAX_MTU_NO_SG;
		if (mtu > dev->max_mtu) {
			nb->full_mtu = mtu;
			mtu = dev->max_mtu;
		}
	}

	/* Who has a say may refuse. Then larger packets are dropped. */
	(void)dev_set_mtu(dev, mtu);
}

/**
 * netback_netdev_connect() - let packets through
 * @nb: the vif
 * @queues: queues, complete
 * @nr: how many
 *
 * Return: 0, or -errno with nothing changed that matters
 */
int netback_netdev_connect(struct netback *nb, struct netback_queue *queues,
			   unsigned int nr)
{
	struct net_device *dev = nb->dev;
	struct netdev_queue *txq;
	unsigned int i;
	int err;

	rtnl_lock();
	/*
	 * -EAGAIN, from 6.14 on, while somebody looks at a queue of an earlier
	 * connection in sysfs: like -ENOMEM, it passes.
	 */
	err = netif_set_real_num_queues(dev, nr, nr);
	if (err)
		goto out_unlock;

	nb->features = nb->ndev->features;
	netdev_update_features(dev);
	update_mtu(nb);

	nb->nr_queues = nr;
	nb->stalled = 0;
	/* Pairs with netback_start_xmit(). */
	smp_store_release(&nb->queues, queues);
	for (i = 0; i < nr; i++) {
		txq = netdev_get_tx_queue(dev, i);
		netdev_tx_reset_queue(txq);
		netdev_queue_set_dql_min_limit(txq, NETBACK_BATCH);
		netif_tx_start_queue(txq);
	}
	if (netif_running(dev))
		start_queues(nb);
	netif_carrier_on(dev);

out_unlock:
	rtnl_unlock();
	return err;
}

/* Who walks the list of NAPIs holds rtnl, or looks at it under RCU. */
static void del_napi(struct netback_queue *queues, unsigned int nr)
{
	unsigned int i;

	ASSERT_RTNL();
	for (i = 0; i < nr; i++)
		__netif_napi_del(&queues[i].napi);
}

/**
 * netback_netdev_disconnect() - let no packet through
 * @nb: the vif, connected
 *
 * When it returns, nothing but interrupt handlers uses the queues, which can't
 * make NAPI run any more.
 */
void netback_netdev_disconnect(struct netback *nb)
{
	unsigned int i;

	rtnl_lock();
	for (i = 0; i < nb->nr_queues; i++)
		netback_rx_stop(&nb->queues[i]);
	if (nb->up)
		stop_queues(nb);
	/* Only now: before, the end of a stall could have turned it on. */
	netif_carrier_off(nb->dev);
	del_napi(nb->queues, nb->nr_queues);
	WRITE_ONCE(nb->queues, NULL);
	nb->nr_queues = 0;
	rtnl_unlock();
}

/**
 * netback_netdev_abandon() - undo netif_napi_add() of queues never connected
 * @queues: the queues, to be freed after an RCU grace period
 * @nr: how many
 */
void netback_netdev_abandon(struct netback_queue *queues, unsigned int nr)
{
	rtnl_lock();
	del_napi(queues, nr);
	rtnl_unlock();
}
