// SPDX-License-Identifier: GPL-2.0
/*
 * chaos vif: network devices of a running guest.
 */
#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>

#include "cmd/device.h"
#include "cmd/output.h"
#include "host/netlink.h"
#include "host/vif.h"
#include "util/json.h"

/* The lowest number that the kernel doesn't have. */
static int choose_id(struct device_access *access, struct vif_config *vif,
		     struct error *err)
{
	struct noxs_dev *devs;
	int count, i;

	if (vif->has_id)
		return 0;
	count = noxs_dev_list(&access->noxs, access->guest.domid,
			      NOXS_TYPE_VIF, &devs, err);
	if (count < 0)
		return count;
	for (i = 0; i < count && devs[i].id == vif->id; i++)
		vif->id++;
	vif->has_id = true;
	free(devs);
	return 0;
}

static int add_vif(struct device_access *access, struct device_args *args,
		   struct error *err)
{
	struct vif_config *vif = &args->vif;
	int ret;

	ret = choose_id(access, vif, err);
	if (!ret)
		ret = config_complete_vifs(vif, 1, err);
	if (!ret)
		ret = net_check(vif, 1, err);
	if (!ret)
		ret = net_attach(&access->noxs, access->guest.domid, vif, err);
	if (ret)
		return ret;
	args->id = vif->id;
	if (access->guest.recorded)
		record_add_vif(&access->guest.record, vif);
	return 0;
}

/**
 * struct row - a network device to show
 * @dev: as the kernel has it
 * @mac: address of the guest's interface
 * @bridge: the host's bridge; "" for none
 * @netdev: the host's interface
 * @rate: how much the guest may send; "" for no limit
 */
struct row {
	const struct noxs_dev *dev;
	char mac[MAC_TEXT];
	char bridge[IFNAMSIZ];
	char netdev[IFNAMSIZ];
	char rate[CONFIG_RATE_TEXT];
};

static void print_row(const struct row *row)
{
	const struct noxs_dev *dev = row->dev;

	printf("%5u  %s %5u  %-15s %-15s %-12s %-12s %5u  %s\n", dev->id,
	       row->mac, dev->vif.mtu, *row->bridge ? row->bridge : "-",
	       row->netdev, dev->backend, dev->frontend, dev->epoch,
	       *row->rate ? row->rate : "-");
}

static void add_row(struct json_object *list, const struct row *row)
{
	struct json_object *entry = json_object_new_object();
	const struct noxs_dev *dev = row->dev;

	doc_number(entry, "id", dev->id);
	doc_text(entry, "mac", row->mac);
	doc_number(entry, "mtu", dev->vif.mtu);
	doc_text(entry, "bridge", *row->bridge ? row->bridge : NULL);
	doc_text(entry, "netdev", row->netdev);
	doc_text(entry, "rate", *row->rate ? row->rate : NULL);
	device_add_state(entry, dev);
	json_object_array_add(list, entry);
}

static void show(const struct noxs_dev *dev, struct nl_sock *sock,
		 struct json_object *list)
{
	struct row row = { .dev = dev };

	config_format_mac(dev->vif.mac, row.mac);
	net_netdev(dev->domid, dev->id, row.netdev);
	netlink_bridge(sock, row.netdev, row.bridge);
	if (dev->vif.rate_bytes)
		config_format_rate(dev->vif.rate_bytes, dev->vif.rate_us,
				   row.rate);
	if (list)
		add_row(list, &row);
	else
		print_row(&row);
}

static int list_vifs(struct device_access *access, struct device_args *args,
		     struct error *err)
{
	struct json_object *list = NULL;
	struct noxs_dev *devs;
	struct nl_sock *sock;
	int count, i, ret;

	ret = netlink_open(&sock, err);
	if (ret)
		return ret;
	count = noxs_dev_list(&access->noxs, access->guest.domid,
			      NOXS_TYPE_VIF, &devs, err);
	if (count < 0) {
		netlink_close(sock);
		return count;
	}
	if (args->json)
		list = json_object_new_array();
	else
		printf("%5s  %-17s %5s  %-15s %-15s %-12s %-12s %5s  %s\n",
		       "id", "mac", "mtu", "bridge", "netdev", "backend",
		       "frontend", "epoch", "rate");
	for (i = 0; i < count; i++)
		show(&devs[i], sock, list);
	if (list)
		print_json(list);
	free(devs);
	netlink_close(sock);
	return 0;
}

static int parse_vif(const char *spec, struct device_args *args,
		     struct error *err)
{
	return config_parse_vif(spec, &args->vif, err);
}

static const struct device_kind vifs = {
	.command = &vif_command,
	.type = NOXS_TYPE_VIF,
	.parse = parse_vif,
	.parse_id = device_parse_id,
	.add = add_vif,
	.list = list_vifs,
};

static int vif_main(int argc, char **argv, struct options *options)
{
	return device_main(&vifs, argc, argv, options);
}

const struct command vif_command = {
	.name = "vif",
	.help = "add, remove or list a guest's network devices",
	.usage = "vif add|del|list [-Fjv] [-w SECONDS] GUEST [ARGUMENT...]",
	.details =
	"Changes or shows the network devices of GUEST, a name or a domid.\n\n"
	"  vif add [-w SECONDS] GUEST [id=N] [mac=MAC] [bridge=NAME] [mtu=N]\n"
	"          [vifname=NAME] [ip=ADDRESS] [rate=RATE]\n"
	"  vif del [-F] GUEST ID\n"
	"  vif list GUEST\n\n"
	"  add         adds one, and prints its number. Without id it is the lowest free\n"
	"              one; without mac a random one; without bridge xenbr0. An empty\n"
	"              bridge, \"bridge=\", means none. See chaos.cfg(5).\n"
	"  -w SECONDS  wait until it is connected; if that takes longer, it is removed\n"
	"              again, and that is a failure\n"
	"  del         removes one\n"
	"  -F          don't ask the guest, which else has five seconds to let go\n"
	"  list        lists them\n",
	.main = vif_main,
};
