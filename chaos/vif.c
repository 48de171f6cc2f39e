// SPDX-License-Identifier: GPL-2.0
/*
 * chaos vif: network devices of a running guest.
 */
#include <errno.h>
#include <getopt.h>
#include <json-c/json.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chaos.h"
#include "config.h"
#include "guest.h"
#include "net.h"
#include "netlink.h"
#include "noxs.h"
#include "signals.h"
#include "util.h"

/**
 * struct vif_args - what the user asked for
 * @guest: name or domid
 * @vif: to add
 * @id: to remove
 * @force: without asking the guest
 * @wait: how long it may take to connect, in ms; 0 not to wait
 * @json: print JSON
 */
struct vif_args {
	const char *guest;
	struct vif_config vif;
	unsigned int id;
	bool force;
	int wait;
	bool json;
};

/**
 * struct access - what each of the subcommands needs
 * @xen: access to the hypervisor
 * @noxs: access to the kernel's devices
 * @guest: the guest, locked for those who change it
 */
struct access {
	struct xen xen;
	struct noxs noxs;
	struct guest guest;
};

static int require_domain(const struct guest *guest, struct error *err)
{
	if (!guest->exists)
		return error_set(err, -ESRCH, "its domain is gone");
	return 0;
}

/* The lowest number that the kernel doesn't have. */
static int choose_id(struct access *access, struct vif_config *vif,
		     struct error *err)
{
	struct noxs_vif *vifs;
	int count, i;

	if (vif->has_id)
		return 0;
	count = noxs_vif_list(&access->noxs, access->guest.domid, &vifs, err);
	if (count < 0)
		return count;
	for (i = 0; i < count && vifs[i].id == vif->id; i++)
		vif->id++;
	vif->has_id = true;
	free(vifs);
	return 0;
}

static int save(struct guest *guest, struct error *err)
{
	return guest->recorded ? record_save(&guest->record, err) : 0;
}

static int add(struct access *access, struct vif_args *args,
	       struct error *err)
{
	uint32_t domid = access->guest.domid;
	struct vif_config *vif = &args->vif;
	struct error ignored;
	int ret;

	ret = choose_id(access, vif, err);
	if (!ret)
		ret = net_complete(vif, 1, err);
	if (!ret)
		ret = net_check(vif, 1, err);
	if (!ret)
		ret = net_attach(&access->noxs, domid, vif, err);
	if (ret)
		return ret;
	if (access->guest.recorded)
		record_add_vif(&access->guest.record, vif);
	ret = save(&access->guest, err);
	if (!ret && args->wait)
		ret = net_wait(&access->noxs, &access->xen, domid, vif->id,
			       args->wait, err);
	if (!ret)
		return 0;
	noxs_vif_del(&access->noxs, domid, vif->id, true, &ignored);
	if (access->guest.recorded)
		record_del_vif(&access->guest.record, vif->id);
	save(&access->guest, &ignored);
	return ret;
}

static int del(struct access *access, struct vif_args *args,
	       struct error *err)
{
	int ret;

	ret = noxs_vif_del(&access->noxs, access->guest.domid, args->id,
			   args->force, err);
	if (ret)
		return ret;
	if (access->guest.recorded)
		record_del_vif(&access->guest.record, args->id);
	return save(&access->guest, err);
}

static void print_vif(const struct noxs_vif *vif, const char *mac,
		      const char *bridge, const char *netdev)
{
	printf("%5u  %s %5u  %-15s %-15s %-12s %-12s %5u\n", vif->id, mac,
	       vif->mtu, *bridge ? bridge : "-", netdev, vif->backend,
	       vif->frontend, vif->epoch);
}

static void add_vif(struct json_object *list, const struct noxs_vif *vif,
		    const char *mac, const char *bridge, const char *netdev)
{
	struct json_object *entry = json_object_new_object();
	struct json_object *value;

	json_object_object_add(entry, "id", json_object_new_int64(vif->id));
	json_object_object_add(entry, "mac", json_object_new_string(mac));
	json_object_object_add(entry, "mtu", json_object_new_int64(vif->mtu));
	value = *bridge ? json_object_new_string(bridge) : NULL;
	json_object_object_add(entry, "bridge", value);
	json_object_object_add(entry, "netdev",
			       json_object_new_string(netdev));
	value = json_object_new_string(vif->backend);
	json_object_object_add(entry, "backend_state", value);
	value = json_object_new_string(vif->frontend);
	json_object_object_add(entry, "frontend_state", value);
	json_object_object_add(entry, "epoch",
			       json_object_new_int64(vif->epoch));
	json_object_object_add(entry, "error",
			       json_object_new_int64(vif->error));
	json_object_array_add(list, entry);
}

static void show(const struct noxs_vif *vif, uint32_t domid,
		 struct nl_sock *sock, struct json_object *list)
{
	char bridge[IFNAMSIZ], netdev[IFNAMSIZ], mac[18];

	snprintf(mac, sizeof(mac), "%02x:%02x:%02x:%02x:%02x:%02x",
		 vif->mac[0], vif->mac[1], vif->mac[2], vif->mac[3],
		 vif->mac[4], vif->mac[5]);
	net_name(domid, vif->id, netdev);
	netlink_bridge(sock, netdev, bridge);
	if (list)
		add_vif(list, vif, mac, bridge, netdev);
	else
		print_vif(vif, mac, bridge, netdev);
}

static int list(struct access *access, struct vif_args *args,
		struct error *err)
{
	struct json_object *list = NULL;
	struct noxs_vif *vifs;
	struct nl_sock *sock;
	int count, i, ret;

	ret = netlink_open(&sock, err);
	if (ret)
		return ret;
	count = noxs_vif_list(&access->noxs, access->guest.domid, &vifs, err);
	if (count < 0) {
		netlink_close(sock);
		return count;
	}
	if (args->json)
		list = json_object_new_array();
	else
		printf("%5s  %-17s %5s  %-15s %-15s %-12s %-12s %5s\n", "id",
		       "mac", "mtu", "bridge", "netdev", "backend",
		       "frontend", "epoch");
	for (i = 0; i < count; i++)
		show(&vifs[i], access->guest.domid, sock, list);
	if (list)
		print_json(list);
	free(vifs);
	netlink_close(sock);
	return 0;
}

static int with_guest(struct access *access, struct vif_args *args,
		      int (*find)(struct xen *xen, const char *arg,
				  struct guest *guest, struct error *err),
		      int (*act)(struct access *access, struct vif_args *args,
				 struct error *err),
		      struct error *err)
{
	int ret;

	ret = find(&access->xen, args->guest, &access->guest, err);
	if (ret)
		return ret;
	ret = require_domain(&access->guest, err);
	if (!ret)
		ret = act(access, args, err);
	guest_put(&access->guest);
	return ret;
}

/**
 * struct action - a subcommand
 * @name: as the user types it
 * @what: what it is called in messages
 * @find: how the guest is found
 * @act: does it
 */
struct action {
	const char *name;
	const char *what;
	int (*find)(struct xen *xen, const char *arg, struct guest *guest,
		    struct error *err);
	int (*act)(struct access *access, struct vif_args *args,
		   struct error *err);
};

static const struct action actions[] = {
	{ "add", "vif add", guest_lock, add },
	{ "del", "vif del", guest_lock, del },
	{ "list", "vif list", guest_find, list },
};

static int print_added(const struct vif_args *args)
{
	struct json_object *doc;

	if (!args->json) {
		printf("%u\n", args->vif.id);
		return EXIT_SUCCESS;
	}
	doc = json_object_new_object();
	json_object_object_add(doc, "id", json_object_new_int64(args->vif.id));
	return print_json(doc);
}

static int run(const struct action *action, struct vif_args *args,
	       bool verbose)
{
	struct access access;
	struct error err;
	int ret;

	ret = xen_open(&access.xen, verbose, &err);
	if (ret)
		return report(action->what, args->guest, &err);
	ret = noxs_open(&access.noxs, &err);
	if (!ret) {
		signals_block();
		ret = with_guest(&access, args, action->find, action->act,
				 &err);
		noxs_close(&access.noxs);
	}
	xen_close(&access.xen);
	if (ret)
		ret = report(action->what, args->guest, &err);
	else if (action->act == add)
		ret = print_added(args);
	fflush(stdout);
	signals_unblock();
	return ret;
}

/* The rest of the arguments is the description, a pair each. */
static int parse_spec(char **pairs, int count, struct vif_config *vif,
		      struct error *err)
{
	char spec[512] = "";
	size_t len = 0;
	int i;

	for (i = 0; i < count && len < sizeof(spec); i++)
		len += snprintf(spec + len, sizeof(spec) - len, "%s,",
				pairs[i]);
	if (len >= sizeof(spec))
		return error_set(err, -EINVAL, "the description is too long");
	return config_parse_vif(spec, vif, err->text, sizeof(err->text));
}

static bool parse_id(const char *text, unsigned int *id)
{
	if (!*text || strlen(text) > 5 ||
	    strspn(text, "0123456789") != strlen(text))
		return false;
	*id = strtoul(text, NULL, 10);
	return *id <= USHRT_MAX;
}

static const struct action *find_action(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(actions); i++)
		if (!strcmp(actions[i].name, name))
			return &actions[i];
	return NULL;
}

static int vif_main(int argc, char **argv, struct options *options)
{
	const struct action *action;
	struct vif_args args = { 0 };
	struct error err;
	int opt, ret;

	while ((opt = getopt(argc, argv, "Fw:" OPTIONS_COMMON)) != -1) {
		if (opt == 'F')
			args.force = true;
		else if (opt == 'w' ? !get_seconds(optarg, &args.wait) :
				      !options_take(options, opt))
			return usage_error(&vif_command);
	}
	argv += optind;
	argc -= optind;
	action = argc < 2 ? NULL : find_action(argv[0]);
	if (!action || (args.wait && action->act != add) ||
	    (args.force && action->act != del))
		return usage_error(&vif_command);
	args.guest = argv[1];
	args.json = options->json;
	if (action->act == add) {
		ret = parse_spec(argv + 2, argc - 2, &args.vif, &err);
		if (ret)
			return report(action->what, args.guest, &err);
	} else if (action->act == del) {
		if (argc != 3 || !parse_id(argv[2], &args.id))
			return usage_error(&vif_command);
	} else if (argc != 2) {
		return usage_error(&vif_command);
	}
	return run(action, &args, options->verbose);
}

const struct command vif_command = {
	.name = "vif",
	.help = "add, remove or list a guest's network devices",
	.usage = "vif add|del|list [-Fjv] [-w SECONDS] GUEST [ARGUMENT...]",
	.details =
	"Changes or shows the network devices of GUEST, a name or a domid.\n\n"
	"  vif add [-w SECONDS] GUEST [id=N] [mac=MAC] [bridge=NAME] [mtu=N]\n"
	"  vif del [-F] GUEST ID\n"
	"  vif list GUEST\n\n"
	"  add         adds one, and prints its number. Without id it is the lowest free\n"
	"              one; without mac a random one; without bridge xenbr0. An empty\n"
	"              bridge, \"bridge=\", means none.\n"
	"  -w SECONDS  wait until it is connected; if that takes longer, it is removed\n"
	"              again, and that is a failure\n"
	"  del         removes one\n"
	"  -F          don't ask the guest, which else has five seconds to let go\n"
	"  list        lists them\n",
	.main = vif_main,
};
