// SPDX-License-Identifier: GPL-2.0
/*
 * The interface as the network layer sees it: creation, settings, statistics,
 * ethtool; and the NAPI of a queue, which drives tx.c and rx.c.
 *
 * The operations of the interface run under rtnl, but for ndo_get_stats64 and
 * ndo_start_xmit. NAPI: softirq, one CPU at a time.
 */
#include <linux/etherdevice.h>
#include <linux/ethtool.h>
#include <linux/if_ether.h>
#include <linux/moduleparam.h>
#include <linux/rtnetlink.h>

#include "netfront.h"

static unsigned int netfront_max_queues = NOXS_VIF_MAX_QUEUES;
module_param_named(max_queues, netfront_max_queues, uint, 0444);
MODULE_PARM_DESC(max_queues,
		 "Most queues of an interface, which has no more than CPUs");

/* What depends on the backend, and users may turn off. */
#define NETFRONT_OFFLOADS	(NETIF_F_SG | NETIF_F_IP_CSUM |		\
				 NETIF_F_IPV6_CSUM | NETIF_F_TSO |	\
				 NETIF_F_TSO6)

static int netfront_poll(struct napi_struct *napi, int budget)
{
	struct netfront_queue *queue = container_of(napi, struct netfront_queue,
						    napi);
	bool running = netif_running(queue->np->netdev);
	int rx_more = 0, work = 0;
	bool tx_more;

	clear_bit(0, &queue->scheduled);
	/* Pairs with interrupt(): who found the bit set is seen from here on. */
	smp_mb__after_atomic();
	netfront_event_begin(queue->tx_event);
	netfront_event_begin(queue->rx_event);

	if (running && budget)
		work = netfront_rx_poll(queue, budget);
	/* Often after packets that were received and answered. */
	tx_more = netfront_tx_complete(queue, budget, work < budget);
	if (work == budget)
		return work;
	if (netfront_is_broken(queue->np))
		goto out_complete;

	/* From here on a further response makes an event, or one of many. */
	if (running)
		RING_FINAL_CHECK_FOR_RESPONSES(&queue->rx.ring, rx_more);
	netfront_event_end(queue->tx_event);
	netfront_event_end(queue->rx_event);
	if (tx_more || rx_more)
		return budget;

out_complete:
	napi_complete_done(napi, work);
	return work;
}

/**
 * netfront_start() - let packets through
 * @np: an interface that is up
 *
 * NAPI starts the tx queues and gives buffers to the backend.
 */
void netfront_start(struct netfront *np)
{
	unsigned int i;

	ASSERT_RTNL();
	local_bh_disable();
	for (i = 0; i < np->nr_queues; i++)
		napi_schedule(&np->queue[i].napi);
	local_bh_enable();
}

static int netfront_open(struct net_device *netdev)
{
	netfront_start(netdev_priv(netdev));
	return 0;
}

static int netfront_stop(struct net_device *netdev)
{
	netif_tx_disable(netdev);
	/* Who polls now began before, and may still deliver packets. */
	synchronize_net();
	return 0;
}

static netdev_features_t netfront_fix_features(struct net_device *netdev,
					       netdev_features_t features)
{
	struct netfront *np = netdev_priv(netdev);

	return features & (np->offloads | ~NETFRONT_OFFLOADS);
}

/**
 * netfront_set_features() - use what both ends accepted
 * @np: the interface, which sends nothing
 *
 * What a user turned off stays off; what the backend lacks is off until one has
 * it.
 */
void netfront_set_features(struct netfront *np)
{
	static const struct {
		u32 vif;
		netdev_features_t netdev;
	} map[] = {
		{ NOXS_VIF_F_SG, NETIF_F_SG },
		{ NOXS_VIF_F_CSUM_V4, NETIF_F_IP_CSUM },
		{ NOXS_VIF_F_CSUM_V6, NETIF_F_IPV6_CSUM },
		{ NOXS_VIF_F_TSO_V4, NETIF_F_TSO },
		{ NOXS_VIF_F_TSO_V6, NETIF_F_TSO6 },
	};
	unsigned int i;

	np->offloads = NETIF_F_GSO_ROBUST;
	for (i = 0; i < ARRAY_SIZE(map); i++)
		if (noxs_has_feature(np->ndev, map[i].vif))
			np->offloads |= map[i].netdev;
	if (np->netdev->reg_state == NETREG_REGISTERED)
		netdev_update_features(np->netdev);
}

/**
 * netfront_set_mtu() - follow the backend's MTU
 * @np: the interface
 * @mtu: what the backend says
 *
 * A smaller one that the user chose is kept until the backend's changes. The
 * ring can't carry a frame longer than XEN_NETIF_MAX_TX_SIZE.
 */
void netfront_set_mtu(struct netfront *np, unsigned int mtu)
{
	struct net_device *netdev = np->netdev;
	int err;

	mtu = min_t(unsigned int, mtu,
		    noxs_has_feature(np->ndev, NOXS_VIF_F_SG) ?
		    XEN_NETIF_MAX_TX_SIZE - ETH_HLEN : NOXS_VIF_MAX_MTU_NO_SG);
	if (mtu == np->mtu)
		return;

	np->mtu = mtu;
	netdev->max_mtu = mtu;
	if (netdev->reg_state != NETREG_REGISTERED) {
		netdev->mtu = mtu;
		return;
	}
	err = dev_set_mtu(netdev, mtu);
	if (err)
		netdev_warn(netdev, "can't set MTU %u: %d\n", mtu, err);
}

/* Statistics. They live as long as the interface. */

static u64 stat_read(const struct netfront_stats *stats,
		     enum netfront_stat stat)
{
	unsigned int start;
	u64 value;

	do {
		start = u64_stats_fetch_begin(&stats->syncp);
		value = u64_stats_read(&stats->count[stat]);
	} while (u64_stats_fetch_retry(&stats->syncp, start));
	return value;
}

static void netfront_get_stats64(struct net_device *netdev,
				 struct rtnl_link_stats64 *total)
{
	struct netfront *np = netdev_priv(netdev);
	const struct netfront_stats *rx, *tx;
	unsigned int i;

	for (i = 0; i < netdev->num_tx_queues; i++) {
		rx = &np->queue[i].rx.stats;
		tx = &np->queue[i].tx.stats;
		total->rx_packets += stat_read(rx, NETFRONT_PACKETS);
		total->rx_bytes += stat_read(rx, NETFRONT_BYTES);
		total->rx_errors += stat_read(rx, NETFRONT_ERRORS);
		total->rx_dropped += stat_read(rx, NETFRONT_DROPPED);
		total->tx_packets += stat_read(tx, NETFRONT_PACKETS);
		total->tx_bytes += stat_read(tx, NETFRONT_BYTES);
		total->tx_errors += stat_read(tx, NETFRONT_ERRORS);
		total->tx_dropped += stat_read(tx, NETFRONT_DROPPED);
	}
}

static const char * const tx_stat_names[NETFRONT_NR_STATS] = {
	"packets", "bytes", "errors", "dropped", "copied", "linearized",
};

static const char * const rx_stat_names[NETFRONT_NR_STATS] = {
	"packets", "bytes", "errors", "dropped", "copied", "gso_csum_fixed",
};

static int netfront_get_sset_count(struct net_device *netdev, int set)
{
	if (set != ETH_SS_STATS)
		return -EOPNOTSUPP;
	return netdev->num_tx_queues * 2 * NETFRONT_NR_STATS;
}

static void netfront_get_strings(struct net_device *netdev, u32 set, u8 *data)
{
	unsigned int i, j;

	if (set != ETH_SS_STATS)
		return;
	for (i = 0; i < netdev->num_tx_queues; i++) {
		for (j = 0; j < NETFRONT_NR_STATS; j++)
			ethtool_sprintf(&data, "tx%u_%s", i, tx_stat_names[j]);
		for (j = 0; j < NETFRONT_NR_STATS; j++)
			ethtool_sprintf(&data, "rx%u_%s", i, rx_stat_names[j]);
	}
}

static void netfront_get_ethtool_stats(struct net_device *netdev,
				       struct ethtool_stats *stats, u64 *data)
{
	struct netfront *np = netdev_priv(netdev);
	unsigned int i, j;

	for (i = 0; i < netdev->num_tx_queues; i++) {
		for (j = 0; j < NETFRONT_NR_STATS; j++)
			*data++ = stat_read(&np->queue[i].tx.stats, j);
		for (j = 0; j < NETFRONT_NR_STATS; j++)
			*data++ = stat_read(&np->queue[i].rx.stats, j);
	}
}

static void netfront_get_channels(struct net_device *netdev,
				  struct ethtool_channels *ch)
{
	ch->max_combined = netdev->num_tx_queues;
	ch->combined_count = netdev->real_num_tx_queues;
}

static void netfront_get_ringparam(struct net_device *netdev,
				   struct ethtool_ringparam *ring,
				   struct kernel_ethtool_ringparam *kernel_ring,
				   struct netlink_ext_ack *extack)
{
	ring->rx_max_pending = NETFRONT_RING_SIZE;
	ring->rx_pending = NETFRONT_RING_SIZE;
	ring->tx_max_pending = NETFRONT_RING_SIZE;
	ring->tx_pending = NETFRONT_RING_SIZE;
}

/* ethtool -i needs no operation: the device's driver and name will do. */
static const struct ethtool_ops netfront_ethtool_ops = {
	.get_link = ethtool_op_get_link,
	.get_channels = netfront_get_channels,
	.get_ringparam = netfront_get_ringparam,
	.get_sset_count = netfront_get_sset_count,
	.get_strings = netfront_get_strings,
	.get_ethtool_stats = netfront_get_ethtool_stats,
	.get_ts_info = ethtool_op_get_ts_info,
};

/*
 * No ndo_tx_timeout: its watchdog warns, and a backend that is slow must not
 * make this kernel panic_on_warn.
 */
static const struct net_device_ops netfront_netdev_ops = {
	.ndo_open = netfront_open,
	.ndo_stop = netfront_stop,
	.ndo_start_xmit = netfront_start_xmit,
	.ndo_get_stats64 = netfront_get_stats64,
	.ndo_fix_features = netfront_fix_features,
	.ndo_set_mac_address = eth_mac_addr,
	.ndo_validate_addr = eth_validate_addr,
};

/**
 * netfront_create() - make an interface, not yet registered
 * @ndev: its device
 *
 * Return: the interface, or NULL if there is no memory
 */
struct netfront *netfront_create(struct noxs_device *ndev)
{
	unsigned int nr = clamp(netfront_max_queues, 1U,
				min_t(unsigned int, num_possible_cpus(),
				      NOXS_VIF_MAX_QUEUES));
	struct net_device *netdev;
	struct netfront *np;
	unsigned int i;

	netdev = alloc_etherdev_mqs(struct_size(np, queue, nr), nr, nr);
	if (!netdev)
		return NULL;
	np = netdev_priv(netdev);
	np->netdev = netdev;
	np->ndev = ndev;

	SET_NETDEV_DEV(netdev, &ndev->dev);
	netdev->netdev_ops = &netfront_netdev_ops;
	netdev->ethtool_ops = &netfront_ethtool_ops;
	netdev->hw_features = NETFRONT_OFFLOADS;
	netdev->features = NETFRONT_OFFLOADS | NETIF_F_RXCSUM |
			   NETIF_F_GSO_ROBUST;
	netif_set_tso_max_size(netdev, XEN_NETIF_MAX_TX_SIZE);
	/* tx.c counts in skb->cb, so each packet must be its own. */
	netdev->priv_flags &= ~IFF_TX_SKB_SHARING;

	for (i = 0; i < nr; i++) {
		np->queue[i].np = np;
		np->queue[i].id = i;
		u64_stats_init(&np->queue[i].tx.stats.syncp);
		u64_stats_init(&np->queue[i].rx.stats.syncp);
		netif_napi_add(netdev, &np->queue[i].napi, netfront_poll);
	}
	return np;
}

/**
 * netfront_destroy() - unregister and free an interface
 * @np: the interface, without queues
 */
void netfront_destroy(struct netfront *np)
{
	if (np->netdev->reg_state == NETREG_REGISTERED)
		unregister_netdev(np->netdev);
	free_netdev(np->netdev);
}
