// SPDX-License-Identifier: GPL-2.0
/*
 * Devices of whatever kind: the commands that add, remove and list those of a
 * running guest.
 */
#include <errno.h>
#include <getopt.h>
#include <json-c/json.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/device.h"
#include "guest/device.h"
#include "util/json.h"
#include "util/number.h"
#include "util/signal.h"
#include "util/util.h"

bool device_parse_id(const char *text, unsigned int *id)
{
	return number_parse(text, 0, NOXS_MAX_DEV_ID, id);
}

void device_add_state(struct json_object *entry, const struct noxs_dev *dev)
{
	doc_text(entry, "backend_state", dev->backend);
	doc_text(entry, "frontend_state", dev->frontend);
	doc_number(entry, "epoch", dev->epoch);
	doc_number(entry, "error", dev->error);
}

static int save(struct guest *guest, struct error *err)
{
	return guest->recorded ? record_save(&guest->record, err) : 0;
}

static int add(const struct device_kind *kind, struct device_access *access,
	       struct device_args *args, struct error *err)
{
	struct guest *guest = &access->guest;
	struct error ignored;
	int ret;

	ret = kind->add(access, args, err);
	if (ret)
		return ret;
	ret = save(guest, err);
	if (!ret && args->wait)
		ret = device_wait(&access->noxs, &access->xen, guest->domid,
				  kind->type, args->id, args->wait, err);
	if (!ret)
		return 0;
	noxs_dev_del(&access->noxs, guest->domid, kind->type, args->id, true,
		     &ignored);
	if (guest->recorded)
		record_del_device(&guest->record, kind->type, args->id);
	save(guest, &ignored);
	return ret;
}

static int del(const struct device_kind *kind, struct device_access *access,
	       struct device_args *args, struct error *err)
{
	int ret;

	ret = noxs_dev_del(&access->noxs, access->guest.domid, kind->type,
			   args->id, args->force, err);
	if (ret)
		return ret;
	if (access->guest.recorded)
		record_del_device(&access->guest.record, kind->type, args->id);
	return save(&access->guest, err);
}

static int list(const struct device_kind *kind, struct device_access *access,
		struct device_args *args, struct error *err)
{
	return kind->list(access, args, err);
}

static int resize(const struct device_kind *kind, struct device_access *access,
		  struct device_args *args, struct error *err)
{
	return kind->resize(access, args, err);
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
	int (*act)(const struct device_kind *kind,
		   struct device_access *access, struct device_args *args,
		   struct error *err);
};

static const struct action actions[] = {
	{ "add", guest_lock, add },
	{ "del", guest_lock, del },
	{ "list", guest_find, list },
	{ "resize", guest_lock, resize },
};

static const struct action *find_action(const struct device_kind *kind,
					const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(actions); i++)
		if (!strcmp(actions[i].name, name) &&
		    (actions[i].act != resize || kind->resize))
			return &actions[i];
	return NULL;
}

static int report_action(const struct device_kind *kind,
			 const struct action *action,
			 const struct device_args *args,
			 const struct error *err)
{
	char what[32];

	snprintf(what, sizeof(what), "%s %s", kind->command->name,
		 action->name);
	return report(what, args->guest, err);
}

static int print_number(const char *key, uint64_t number, bool json)
{
	struct json_object *doc;

	if (!json) {
		printf("%llu\n", (unsigned long long)number);
		return EXIT_SUCCESS;
	}
	doc = json_object_new_object();
	doc_number(doc, key, number);
	return print_json(doc);
}

static int with_guest(const struct device_kind *kind,
		      const struct action *action,
		      struct device_access *access, struct device_args *args,
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

static int run(const struct device_kind *kind, const struct action *action,
	       struct device_args *args, bool verbose)
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
	else if (action->act == add)
		ret = print_number("id", args->id, args->json);
	else if (action->act == resize)
		ret = print_number("size", args->size, args->json);
	fflush(stdout);
	signals_unblock();
	return ret;
}

/* The arguments are the description, a part each. */
static int parse(const struct device_kind *kind, char **words, int count,
		 struct device_args *args, struct error *err)
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

int device_main(const struct device_kind *kind, int argc, char **argv,
		struct options *options)
{
	const struct action *action;
	struct device_args args = { 0 };
	struct error err;
	int opt;

	while ((opt = getopt(argc, argv, "Fw:" OPTIONS_COMMON)) != -1) {
		if (opt == 'F')
			args.force = true;
		else if (opt == 'w' ? !get_seconds(optarg, &args.wait) :
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
