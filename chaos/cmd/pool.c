// SPDX-License-Identifier: GPL-2.0
/*
 * chaos pool: which domains chaosd makes ahead, and how many of them there are.
 * What a pool is to be is in a file (pool/pool.h), which chaosd is told to look at.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/client.h"
#include "cmd/output.h"
#include "guest/check.h"
#include "pool/pool.h"
#include "pool/take.h"
#include "util/json.h"
#include "util/number.h"
#include "util/progress.h"
#include "util/signal.h"
#include "xen/xen.h"

/**
 * struct pool_args - what the user asked for
 * @name: of a pool, or NULL
 * @file: a guest's configuration, or NULL
 * @has_count: @count was given
 * @count: how many shells
 * @has_rate: @rate was given
 * @rate: how many in a second
 * @forget: the pool itself goes, too
 * @json: print JSON
 * @verbose: show what the libraries log, on standard error
 */
struct pool_args {
	const char *name;
	const char *file;
	bool has_count;
	unsigned int count;
	bool has_rate;
	unsigned int rate;
	bool forget;
	bool json;
	bool verbose;
};

/* What chaosd needn't tell, as it is in the pool's own file. */
static void add_files(struct json_object *doc)
{
	struct error ignored;
	struct pool pool;

	if (pool_load(shown(doc, "name"), &pool, &ignored))
		return;
	doc_text(doc, "kernel", pool.config.kernel);
	doc_text(doc, "ramdisk", pool.config.ramdisk);
	pool_free(&pool);
}

static void print_pool(struct json_object *doc)
{
	printf("%-24s %8s %5s %-4s %4s %5s %5s %8s  %s\n",
	       shown(doc, "name"), shown(doc, "memory"),
	       shown(doc, "vcpus"), shown(doc, "type"),
	       shown(doc, "vifs"), shown(doc, "count"),
	       shown(doc, "ready"), shown(doc, "served"),
	       shown(doc, "error"));
}

static int list_pools(const struct pool_args *args, struct error *err)
{
	struct json_object *answer, *list;
	size_t i, count;
	int ret;

	ret = daemon_pools(&answer, err);
	if (ret)
		return ret;
	list = doc_get_list(answer, "pools", &count);
	if (!args->json)
		printf("%-24s %8s %5s %-4s %4s %5s %5s %8s  %s\n", "pool",
		       "MiB", "vcpus", "type", "vifs", "count", "ready",
		       "served", "error");
	for (i = 0; i < count; i++)
		if (args->json)
			add_files(json_object_array_get_idx(list, i));
		else
			print_pool(json_object_array_get_idx(list, i));
	if (!args->json) {
		json_object_put(answer);
		return 0;
	}
	print_json(answer);
	return 0;
}

/* Have chaosd do it, and say what it makes of it. */
static int show_pool(const struct pool_args *args, struct error *err)
{
	struct json_object *answer, *list, *doc;
	size_t i, count;
	int ret;

	ret = daemon_pools(&answer, err);
	if (ret)
		return ret;
	list = doc_get_list(answer, "pools", &count);
	for (i = 0; args->json && i < count; i++) {
		doc = json_object_array_get_idx(list, i);
		if (strcmp(shown(doc, "name"), args->name))
			continue;
		add_files(doc);
		print_json(json_object_get(doc));
	}
	json_object_put(answer);
	return 0;
}

static int set_pool(const struct pool_args *args, struct error *err)
{
	struct guest_config config = { 0 };
	char *wrongs;
	int ret = 0;

	if (args->file) {
		ret = config_read(args->file, NULL, &config, &wrongs, err);
		if (ret && wrongs) {
			report_config("pool set", wrongs, err);
			/* There is no more to say. */
			*err->text = '\0';
		}
		if (ret)
			return ret;
		report_warnings("pool set", &config);
		ret = guest_check_shell(&config, args->verbose, err);
	}
	/* Only chaosd makes shells. */
	if (!ret)
		ret = daemon_pools(NULL, err);
	if (!ret)
		ret = state_init(err);
	if (!ret)
		ret = pool_set(args->name, args->file ? &config : NULL,
			       args->has_count ? &args->count : NULL,
			       args->has_rate ? &args->rate : NULL, err);
	config_free(&config);
	return ret ? ret : show_pool(args, err);
}

static int drain_pools(const struct pool_args *args, struct error *err)
{
	struct progress progress;
	struct json_object *doc;
	struct error ignored;
	struct xen xen;
	int drained;

	drained = xen_open(&xen, args->verbose, err);
	if (drained)
		return drained;
	progress_begin(&progress, "pool drain", !args->json);
	drained = pools_drain(&xen, args->name, args->forget, &progress, err);
	progress_end(&progress);
	xen_close(&xen);
	if (drained < 0)
		return drained;
	/* This works without chaosd, too. */
	(void)daemon_pools(NULL, &ignored);
	if (args->json) {
		doc = json_object_new_object();
		doc_number(doc, "drained", drained);
		print_json(doc);
	}
	return 0;
}

/**
 * struct action - what can be done with pools
 * @name: as the user types it
 * @names: how many words it needs at least
 * @names_max: and at most
 * @act: does it
 */
struct action {
	const char *name;
	int names;
	int names_max;
	int (*act)(const struct pool_args *args, struct error *err);
};

static const struct action actions[] = {
	{ "list", 0, 0, list_pools },
	{ "set", 1, 2, set_pool },
	{ "drain", 0, 1, drain_pools },
};

static const struct action *find_action(int argc, char **argv)
{
	size_t i;

	if (argc < 1)
		return NULL;
	for (i = 0; i < ARRAY_SIZE(actions); i++)
		if (!strcmp(actions[i].name, argv[0]) &&
		    argc - 1 >= actions[i].names &&
		    argc - 1 <= actions[i].names_max)
			return &actions[i];
	return NULL;
}

/* Options belong to some actions only, and set has to set something. */
static bool is_possible(const struct action *action,
			const struct pool_args *args)
{
	if (action->act == set_pool)
		return !args->forget &&
		       (args->file || args->has_count || args->has_rate);
	if (args->has_count || args->has_rate)
		return false;
	return !args->forget || action->act == drain_pools;
}

static bool take_option(struct pool_args *args, int opt,
			struct options *options)
{
	switch (opt) {
	case 'f':
		args->forget = true;
		return true;
	case 'n':
		args->has_count = true;
		return number_parse(optarg, 0, POOL_COUNT_MAX,
				    &args->count);
	case 'r':
		args->has_rate = true;
		return number_parse(optarg, 1, POOL_RATE_MAX, &args->rate);
	default:
		return options_take(options, opt);
	}
}

static int act(const struct action *action, const struct pool_args *args)
{
	struct error err = { "" };
	const char *why = NULL;
	char what[32];
	int ret;

	snprintf(what, sizeof(what), "pool %s", action->name);
	if (args->name)
		why = config_name_check(args->name);
	if (why) {
		error_set(&err, -EINVAL, "the pool's name %s", why);
		return report(what, args->name, &err);
	}
	signals_block();
	ret = action->act(args, &err);
	if (ret && *err.text)
		report(what, args->name, &err);
	fflush(stdout);
	signals_unblock();
	return ret ? EXIT_FAILURE : EXIT_SUCCESS;
}

static int pool_main(int argc, char **argv, struct options *options)
{
	struct pool_args args = { .name = NULL };
	const struct action *action;
	int opt;

	while ((opt = next_option(argc, argv, "fn:r:", NULL)) != -1)
		if (!take_option(&args, opt, options))
			return usage_error(&pool_command);
	argc -= optind;
	argv += optind;
	action = find_action(argc, argv);
	if (!action)
		return usage_error(&pool_command);
	args.name = argc > 1 ? argv[1] : NULL;
	args.file = argc > 2 ? argv[2] : NULL;
	args.json = options->json;
	args.verbose = options->verbose;
	if (!is_possible(action, &args))
		return usage_error(&pool_command);
	return act(action, &args);
}

const struct command pool_command = {
	.name = "pool",
	.help = "have domains made ahead, for guests to come",
	.usage = "pool list|set|drain [-fjv] [-n COUNT] [-r RATE] [POOL [FILE]]",
	.details =
	"chaosd keeps pools of domains that are ready but for what makes them a certain\n"
	"guest. \"chaos create\" takes one that fits all that is asked for, or makes a\n"
	"domain.\n\n"
	"  list   shows the pools: how many domains each is to have and has, and how many\n"
	"         guests were made from it since chaosd was started\n"
	"  set    makes POOL one for guests like that of FILE, a guest's configuration, or\n"
	"         changes it\n"
	"  drain  destroys the domains of POOL, or of all pools; it stays empty until it\n"
	"         is set again\n\n"
	"  -f        with drain: forget the pool, too\n"
	"  -n COUNT  with set: how many domains it is to have, at most 256; 1 at first\n"
	"  -r RATE   with set: how many are made in a second, at most; 10 at first\n",
	.main = pool_main,
};
