// SPDX-License-Identifier: GPL-2.0
/*
 * chaos vif, chaos vbd: devices of a running guest are added, removed, resized and
 * listed.
 */
#include <errno.h>
#include <getopt.h>
#include <json-c/json.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/output.h"
#include "config/config.h"
#include "guest/device.h"
#include "guest/names.h"
#include "host/noxs.h"
#include "util/json.h"
#include "util/number.h"
#include "util/signal.h"
#include "util/util.h"

/**
 * struct args - what the user asked for
 * @guest: name or domid
 * @id: number of the device; of a new one, once it has been made
 * @vif: to add
 * @disk: to add
 * @size: out of a resize: in bytes
 * @force: without asking the guest
 * @wait: how long it may take to connect, in ms; 0 not to wait
 * @json: print JSON
 */
struct args {
	const char *guest;
	unsigned int id;
	union {
		struct vif_config vif;
		struct disk_config disk;
	};
	uint64_t size;
	bool force;
	int wait;
	bool json;
};

/**
 * struct kind - a kind of devices, and the command that is about them
 * @command: the command
 * @type: NOXS_TYPE_*
 * @parse: read the description of a device to add
 * @parse_id: read the number of one that is there, and return whether it is one
 * @add: make a device, and set @id of the arguments
 * @print_head: print what stands above a list
 * @print_row: print one of a list
 */
struct kind {
	const struct command *command;
	uint16_t type;
	int (*parse)(const char *spec, struct args *args, struct error *err);
	bool (*parse_id)(const char *text, unsigned int *id);
	int (*add)(struct device_access *access, struct args *args,
		   struct error *err);
	void (*print_head)(void);
	void (*print_row)(struct json_object *row);
};

static bool parse_id(const char *text, unsigned int *id)
{
	return number_parse(text, 0, NOXS_MAX_DEV_ID, id);
}

/* A guest that runs has its command line. */
static int refuse_untrusted(struct error *err)
{
	return error_set(err, -EINVAL,
			 "untrusted: the guest is told when it is made, and not later");
}

static int parse_vif(const char *spec, struct args *args, struct error *err)
{
	int ret = config_parse_vif(spec, &args->vif, err);

	return !ret && args->vif.untrusted ? refuse_untrusted(err) : ret;
}

static int add_vif(struct device_access *access, struct args *args,
		   struct error *err)
{
	int ret;

	ret = device_add_vif(access, &args->vif, args->wait, err);
	args->id = args->vif.id;
	return ret;
}

static void print_vif_head(void)
{
	printf("%5s  %-17s %5s  %-15s %-15s %-12s %-12s %5s  %s\n", "id", "mac",
	       "mtu", "bridge", "netdev", "backend", "frontend", "epoch",
	       "rate");
}

static void print_vif(struct json_object *row)
{
	printf("%5s  %s %5s  %-15s %-15s %-12s %-12s %5s  %s\n",
	       shown(row, "id"), shown(row, "mac"), shown(row, "mtu"),
	       shown(row, "bridge"), shown(row, "netdev"),
	       shown(row, "backend_state"), shown(row, "frontend_state"),
	       shown(row, "epoch"), shown(row, "rate"));
}

static const struct kind vifs = {
	.command = &vif_command,
	.type = NOXS_TYPE_VIF,
	.parse = parse_vif,
	.parse_id = parse_id,
	.add = add_vif,
	.print_head = print_vif_head,
	.print_row = print_vif,
};

static int parse_vbd(const char *spec, struct args *args, struct error *err)
{
	int ret = config_parse_disk(spec, &args->disk, err);

	return !ret && args->disk.untrusted ? refuse_untrusted(err) : ret;
}

static bool parse_id_or_vdev(const char *text, unsigned int *id)
{
	return parse_id(text, id) || config_parse_vdev(text, id);
}

static int add_vbd(struct device_access *access, struct args *args,
		   struct error *err)
{
	args->id = args->disk.id;
	return device_add_vbd(access, &args->disk, args->wait, err);
}

static void print_vbd_head(void)
{
	printf("%5s  %-8s %-4s %-10s %-12s %-12s %5s  %s\n", "id", "vdev",
	       "mode", "device", "backend", "frontend", "epoch", "path");
}

static void print_vbd(struct json_object *row)
{
	printf("%5s  %-8s %-4s %-10s %-12s %-12s %5s  %s\n", shown(row, "id"),
	       shown(row, "vdev"), doc_get_bool(row, "readonly") ? "r" : "w",
	       shown(row, "host"), shown(row, "backend_state"),
	       shown(row, "frontend_state"), shown(row, "epoch"),
	       shown(row, "path"));
}

static const struct kind vbds = {
	.command = &vbd_command,
	.type = NOXS_TYPE_VBD,
	.parse = parse_vbd,
	.parse_id = parse_id_or_vdev,
	.add = add_vbd,
	.print_head = print_vbd_head,
	.print_row = print_vbd,
};

static int print_number(const char *key, uint64_t number, bool json)
{
	struct json_object *doc;

	if (!json) {
		printf("%llu\n", (unsigned long long)number);
		return 0;
	}
	doc = json_object_new_object();
	doc_number(doc, key, number);
	return print_json(doc);
}

static int add(const struct kind *kind, struct device_access *access,
	       struct args *args, struct error *err)
{
	int ret;

	ret = kind->add(access, args, err);
	return ret ? ret : print_number("id", args->id, args->json);
}

static int del(const struct kind *kind, struct device_access *access,
	       struct args *args, struct error *err)
{
	return device_del(access, kind->type, args->id, args->force, err);
}

static int list(const struct kind *kind, struct device_access *access,
		struct args *args, struct error *err)
{
	struct json_object *rows;
	size_t i;
	int ret;

	ret = device_list(access, kind->type, &rows, err);
	if (ret)
		return ret;
	if (args->json)
		return print_json(rows);
	kind->print_head();
	for (i = 0; i < json_object_array_length(rows); i++)
		kind->print_row(json_object_array_get_idx(rows, i));
	json_object_put(rows);
	return 0;
}

static int resize(const struct kind *kind, struct device_access *access,
		  struct args *args, struct error *err)
{
	int ret;

	(void)kind;
	ret = device_resize(access, args->id, &args->size, err);
	return ret ? ret : print_number("size", args->size, args->json);
}

/**
 * struct action - what a device command does
 * @name: as the user types it
 * @find: how the guest is found
 * @act: does it
 */
struct action {
	const char *name;
	int (*find)(struct xen *xen, const char *arg, struct guest *guest,
		    struct error *err);
	int (*act)(const struct kind *kind,
		   struct device_access *access, struct args *args,
		   struct error *err);
};

static const struct action actions[] = {
	{ "add", guest_lock, add },
	{ "del", guest_lock, del },
	{ "list", guest_find, list },
	{ "resize", guest_lock, resize },
};

static const struct action *find_action(const struct kind *kind,
					const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(actions); i++)
		if (!strcmp(actions[i].name, name) &&
		    (actions[i].act != resize || kind->type == NOXS_TYPE_VBD))
			return &actions[i];
	return NULL;
}

static int report_action(const struct kind *kind,
			 const struct action *action,
			 const struct args *args,
			 const struct error *err)
{
	char what[32];

	snprintf(what, sizeof(what), "%s %s", kind->command->name,
		 action->name);
	return report(what, args->guest, err);
}

static int with_guest(const struct kind *kind,
		      const struct action *action,
		      struct device_access *access, struct args *args,
		      struct error *err)
{
	int ret;

	ret = action->find(&access->xen, args->guest, &access->guest, err);
	if (ret)
		return ret;
	if (action->find == guest_lock && guest_is_shell(&access->guest))
		ret = error_set(err, -EPERM, "is a domain of a pool");
	else if (access->guest.exists)
		ret = action->act(kind, access, args, err);
	else
		ret = error_set(err, -ESRCH, "its domain is gone");
	guest_put(&access->guest);
	return ret;
}

static int run(const struct kind *kind, const struct action *action,
	       struct args *args, bool verbose)
{
	struct device_access access;
	struct error err;
	int ret;

	ret = xen_open(&access.xen, verbose, &err);
	if (ret)
		return report_action(kind, action, args, &err);
	ret = noxs_open(&access.noxs, &err);
	if (!ret) {
		signals_block();
		ret = with_guest(kind, action, &access, args, &err);
		noxs_close(&access.noxs);
	}
	xen_close(&access.xen);
	if (ret)
		ret = report_action(kind, action, args, &err);
	fflush(stdout);
	signals_unblock();
	return ret;
}

/* The arguments are the description, a part each. */
static int parse(const struct kind *kind, char **words, int count,
		 struct args *args, struct error *err)
{
	char spec[PATH_MAX + 512] = "";
	size_t len = 0;
	int i;

	for (i = 0; i < count && len < sizeof(spec); i++)
		len += snprintf(spec + len, sizeof(spec) - len, "%s%s",
				i ? "," : "", words[i]);
	if (len >= sizeof(spec))
		return error_set(err, -EINVAL, "the description is too long");
	return kind->parse(spec, args, err);
}

static int device_main(const struct kind *kind, int argc, char **argv,
		       struct options *options)
{
	const struct action *action;
	struct args args = { 0 };
	struct error err;
	int opt;

	while ((opt = next_option(argc, argv, "Fw::", NULL)) != -1) {
		if (opt == 'F')
			args.force = true;
		else if (opt == 'w' ? !get_wait(argc, argv, &args.wait) :
				      !options_take(options, opt))
			return usage_error(kind->command);
	}
	argv += optind;
	argc -= optind;
	action = argc < 2 ? NULL : find_action(kind, argv[0]);
	if (!action || (args.wait && action->act != add) ||
	    (args.force && action->act != del))
		return usage_error(kind->command);
	args.guest = argv[1];
	args.json = options->json;
	if (action->act == add) {
		if (parse(kind, argv + 2, argc - 2, &args, &err))
			return report_action(kind, action, &args, &err);
	} else if (action->act != list) {
		if (argc != 3 || !kind->parse_id(argv[2], &args.id))
			return usage_error(kind->command);
	} else if (argc != 2) {
		return usage_error(kind->command);
	}
	return run(kind, action, &args, options->verbose);
}

static int vif_main(int argc, char **argv, struct options *options)
{
	return device_main(&vifs, argc, argv, options);
}

const struct command vif_command = {
	.name = "vif",
	.help = "add, remove or list a guest's network devices",
	.usage = "vif add|del|list [-Fjv] [-w [SECONDS]] GUEST [ARGUMENT...]",
	.details =
	"Changes or shows the network devices of GUEST, a name or a domid.\n\n"
	"  vif add [-w [SECONDS]] GUEST [id=N] [mac=MAC] [bridge=NAME] [mtu=N]\n"
	"          [vifname=NAME] [ip=ADDRESS] [rate=RATE]\n"
	"  vif del [-F] GUEST ID\n"
	"  vif list GUEST\n\n"
	"  add         adds one, and prints its number. Without id it is the lowest free\n"
	"              one; without mac a random one; without bridge xenbr0. An empty\n"
	"              bridge, \"bridge=\", means none. See chaos.cfg(5).\n"
	"  -w SECONDS  wait until it is connected (60 if no number follows); if that takes\n"
	"              longer, it is removed again, and that is a failure\n"
	"  del         removes one\n"
	"  -F          don't ask the guest, which else has five seconds to let go\n"
	"  list        lists them\n",
	.main = vif_main,
};

static int vbd_main(int argc, char **argv, struct options *options)
{
	return device_main(&vbds, argc, argv, options);
}

const struct command vbd_command = {
	.name = "vbd",
	.help = "add, remove, list or resize a guest's block devices",
	.usage = "vbd add|del|list|resize [-Fjv] [-w [SECONDS]] GUEST [ARGUMENT...]",
	.details =
	"Changes or shows the block devices of GUEST, a name or a domid.\n\n"
	"  vbd add [-w [SECONDS]] GUEST DISK\n"
	"  vbd del [-F] GUEST ID|VDEV\n"
	"  vbd list GUEST\n"
	"  vbd resize GUEST ID|VDEV\n\n"
	"  add         adds one, and prints its number. DISK is in the syntax of xl.cfg,\n"
	"              such as phy:/dev/vg/data,xvdb,w. xvda, sda, hda and nxda are all\n"
	"              number 0; xvdb is 1, and so on. What is to be a partition to the\n"
	"              guest is xvda1, for example, number 32769.\n"
	"  -w SECONDS  wait until it is connected (60 if no number follows); if that takes\n"
	"              longer, it is removed again, and that is a failure\n"
	"  del         removes one. If it is open in the guest, and still is after five\n"
	"              seconds, it stays, and that is a failure\n"
	"  -F          don't ask the guest, and take it, open or not\n"
	"  list        lists them\n"
	"  resize      shows the guest that the block device or file has another size\n"
	"              now, and prints it, in bytes\n",
	.main = vbd_main,
};
