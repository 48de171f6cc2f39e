// SPDX-License-Identifier: GPL-2.0
/*
 * chaos vif, chaos vbd: devices of a running guest are added, removed, resized and
 * listed, by chaosd.
 */
#include <errno.h>
#include <getopt.h>
#include <json-c/json.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/ask.h"
#include "cmd/output.h"
#include "config/config.h"
#include "host/noxs.h"
#include "util/json.h"
#include "util/number.h"
#include "util/util.h"

/**
 * struct args - what the user asked for
 * @guest: name or domid
 * @id: number of the device
 * @words: the description of the one to add, in parts
 * @count: how many
 * @force: without asking the guest
 * @wait: how long it may take to connect, in ms; 0 not to wait
 */
struct args {
	const char *guest;
	unsigned int id;
	char **words;
	int count;
	bool force;
	int wait;
};

struct action;

/**
 * struct kind - a kind of devices, and the command that is about them
 * @command: the command
 * @actions: what it does, up to one without a name
 * @parse_id: read the number of one that is there, and return whether it is one
 * @print_head: print what stands above a list
 * @print_row: print one of a list
 */
struct kind {
	const struct command *command;
	const struct action *actions;
	bool (*parse_id)(const char *text, unsigned int *id);
	void (*print_head)(void);
	void (*print_row)(struct json_object *row);
};

/**
 * struct action - what a device command does
 * @name: as the user types it
 * @method: what chaosd is asked for
 * @fill: add to @parameters what it needs besides the guest
 * @needs_id: it is about a device that is there
 * @show: print the answer
 */
struct action {
	const char *name;
	const char *method;
	int (*fill)(const struct args *args, struct json_object *parameters,
		    struct error *err);
	bool needs_id;
	void (*show)(const struct kind *kind, struct json_object *answer,
		     bool json);
};

static bool parse_id(const char *text, unsigned int *id)
{
	return number_parse(text, 0, NOXS_MAX_DEV_ID, id);
}

static bool parse_id_or_vdev(const char *text, unsigned int *id)
{
	return parse_id(text, id) || config_parse_vdev(text, id);
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

/* The arguments are the description, a part each. */
static int join(const struct args *args, struct json_object *parameters,
		const char *key, struct error *err)
{
	char spec[PATH_MAX + 512] = "";
	size_t len = 0;
	int i;

	for (i = 0; i < args->count && len < sizeof(spec); i++)
		len += snprintf(spec + len, sizeof(spec) - len, "%s%s",
				i ? "," : "", args->words[i]);
	if (len >= sizeof(spec))
		return error_set(err, -EINVAL, "the description is too long");
	doc_text(parameters, key, spec);
	doc_number(parameters, "wait", args->wait);
	return 0;
}

static int fill_vif(const struct args *args, struct json_object *parameters,
		    struct error *err)
{
	return join(args, parameters, "vif", err);
}

static int fill_disk(const struct args *args, struct json_object *parameters,
		     struct error *err)
{
	return join(args, parameters, "disk", err);
}

static int fill_del(const struct args *args, struct json_object *parameters,
		    struct error *err)
{
	(void)err;
	doc_number(parameters, "id", args->id);
	doc_bool(parameters, "force", args->force);
	return 0;
}

static int fill_resize(const struct args *args, struct json_object *parameters,
		       struct error *err)
{
	(void)err;
	doc_number(parameters, "id", args->id);
	return 0;
}

static void show_number(const char *key, struct json_object *answer, bool json)
{
	if (json)
		print_json(json_object_get(answer));
	else
		printf("%s\n", shown(answer, key));
}

static void show_id(const struct kind *kind, struct json_object *answer,
		    bool json)
{
	(void)kind;
	show_number("id", answer, json);
}

static void show_size(const struct kind *kind, struct json_object *answer,
		      bool json)
{
	(void)kind;
	show_number("size", answer, json);
}

static void show_list(const struct kind *kind, struct json_object *answer,
		      bool json)
{
	struct json_object *rows;
	size_t count, i;

	rows = doc_get_list(answer, "devices", &count);
	if (json) {
		print_json(json_object_get(rows));
		return;
	}
	kind->print_head();
	for (i = 0; i < count; i++)
		kind->print_row(json_object_array_get_idx(rows, i));
}

static const struct action vif_actions[] = {
	{ "add", "VifAdd", fill_vif, false, show_id },
	{ "del", "VifDel", fill_del, true, NULL },
	{ "list", "VifList", NULL, false, show_list },
	{ .name = NULL },
};

static const struct kind vifs = {
	.command = &vif_command,
	.actions = vif_actions,
	.parse_id = parse_id,
	.print_head = print_vif_head,
	.print_row = print_vif,
};

static const struct action vbd_actions[] = {
	{ "add", "VbdAdd", fill_disk, false, show_id },
	{ "del", "VbdDel", fill_del, true, NULL },
	{ "list", "VbdList", NULL, false, show_list },
	{ "resize", "VbdResize", fill_resize, true, show_size },
	{ .name = NULL },
};

static const struct kind vbds = {
	.command = &vbd_command,
	.actions = vbd_actions,
	.parse_id = parse_id_or_vdev,
	.print_head = print_vbd_head,
	.print_row = print_vbd,
};

static const struct action *find_action(const struct kind *kind,
					const char *name)
{
	const struct action *action;

	for (action = kind->actions; action->name; action++)
		if (!strcmp(action->name, name))
			return action;
	return NULL;
}

static int report_action(const struct kind *kind, const struct action *action,
			 const struct args *args, const struct error *err)
{
	char what[32];

	snprintf(what, sizeof(what), "%s %s", kind->command->name,
		 action->name);
	return report(what, args->guest, err);
}

static int run(const struct kind *kind, const struct action *action,
	       const struct args *args, const struct options *options)
{
	struct json_object *parameters = json_object_new_object(), *answer;
	struct error err;
	int ret = 0;

	doc_text(parameters, "guest", args->guest);
	if (action->fill)
		ret = action->fill(args, parameters, &err);
	if (ret) {
		json_object_put(parameters);
		return report_action(kind, action, args, &err);
	}
	ret = ask(action->method, parameters, options, &answer, &err);
	if (ret) {
		ret = report_action(kind, action, args, &err);
	} else {
		if (action->show)
			action->show(kind, answer, options->json);
		fflush(stdout);
	}
	json_object_put(answer);
	ask_end();
	return ret;
}

static int device_main(const struct kind *kind, int argc, char **argv,
		       struct options *options)
{
	const struct action *action;
	struct args args = { 0 };
	bool adds;
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
	if (!action)
		return usage_error(kind->command);
	adds = !strcmp(action->name, "add");
	if ((args.wait && !adds) || (args.force && action->fill != fill_del))
		return usage_error(kind->command);
	args.guest = argv[1];
	args.words = argv + 2;
	args.count = argc - 2;
	if (action->needs_id) {
		if (argc != 3 || !kind->parse_id(argv[2], &args.id))
			return usage_error(kind->command);
	} else if (!adds && argc != 2) {
		return usage_error(kind->command);
	}
	return run(kind, action, &args, options);
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
