// SPDX-License-Identifier: GPL-2.0
/*
 * Guests are made in this process: chaos create -c, -n and --dry-run, and what is too long to
 * be asked for.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "client/client.h"
#include "cmd/output.h"
#include "guest/check.h"
#include "guest/make.h"
#include "guest/many.h"
#include "guest/remove.h"
#include "util/json.h"
#include "util/number.h"
#include "util/progress.h"
#include "util/signal.h"

#define OPT_DRY_RUN	256

/**
 * struct create - what the user asked for
 * @making: the guest
 * @count: how many, or 0 for one that has the file's name
 * @dry_run: make nothing
 * @quiet: print nothing
 * @json: print JSON
 * @verbose: show what the libraries log, on standard error
 * @unheard: nobody could be told of what was made, and it is gone again
 */
struct create {
	struct making making;
	unsigned int count;
	bool dry_run;
	bool quiet;
	bool json;
	bool verbose;
	bool unheard;
};

static struct json_object *domain_doc(const char *name,
				      const struct domain *dom)
{
	struct json_object *doc = json_object_new_object();
	char handle[UUID_TEXT];

	doc_text(doc, "name", name);
	doc_number(doc, "domid", dom->domid);
	doc_text(doc, "handle", uuid_format(dom->handle, handle));
	return doc;
}

static void print_guest(const struct create *create)
{
	const struct domain *dom = &create->making.build.dom;
	const char *name = create->making.config.name;

	if (create->json)
		print_json(domain_doc(name, dom));
	else
		printf("%s %u\n", name, dom->domid);
}

static void print_guests(const struct create *create,
			 const struct many_guest *guests)
{
	struct json_object *list = json_object_new_array();
	unsigned int i;

	for (i = 0; i < create->count; i++)
		if (create->json)
			json_object_array_add(list,
					      domain_doc(guests[i].name,
							 &guests[i].dom));
		else
			printf("%s %u\n", guests[i].name,
			       guests[i].dom.domid);
	if (create->json)
		print_json(list);
	else
		json_object_put(list);
}

/* A guest of which nobody was told isn't left behind; main() says why it failed. */
static int remove_unheard(const struct create *create,
			  const struct many_guest *guests, struct error *err)
{
	unsigned int i, count = create->count ? create->count : 1;
	const struct domain *dom;
	struct xen xen;
	int ret;

	ret = xen_open(&xen, create->verbose, err);
	if (ret)
		return ret;
	for (i = 0; !ret && i < count; i++) {
		dom = guests ? &guests[i].dom : &create->making.build.dom;
		ret = guest_remove_domain(&xen, dom->domid, dom->handle, false,
					  err);
		/* It has ended already. */
		if (ret == -ESTALE)
			ret = 0;
	}
	xen_close(&xen);
	return ret;
}

static int tell(struct create *create, const struct many_guest *guests,
		struct error *err)
{
	if (create->quiet)
		return 0;
	if (guests)
		print_guests(create, guests);
	else
		print_guest(create);
	create->unheard = fflush(stdout) || ferror(stdout);
	return create->unheard ? remove_unheard(create, guests, err) : 0;
}

static int make(struct create *create, struct error *err)
{
	int ret;

	ret = making_run(&create->making, create->verbose, err);
	return ret ? ret : tell(create, NULL, err);
}

static int make_many(struct create *create, struct error *err)
{
	struct many_guest *guests;
	struct progress progress;
	int ret;

	progress_begin(&progress, "create", !create->quiet && !create->json);
	create->making.progress = &progress;
	ret = many_make(&create->making, create->count, &guests,
			create->verbose, err);
	progress_end(&progress);
	if (ret)
		return ret;
	ret = tell(create, guests, err);
	free(guests);
	return ret;
}

static int try(struct create *create, struct error *err)
{
	struct json_object *doc;
	int ret;

	ret = guest_try(&create->making.config, create->count,
			create->verbose, &doc, err);
	if (ret)
		return ret;
	if (create->json)
		print_json(doc);
	else if (create->quiet)
		json_object_put(doc);
	else
		print_values(doc);
	return 0;
}

static int create_guests(struct create *create, char **words)
{
	struct guest_config *config = &create->making.config;
	struct error err = { "" };
	int ret;

	ret = read_config("create", words, config);
	if (ret)
		return ret;
	ret = guest_check(config, &err);
	if (!ret && create->count)
		ret = many_check(config, create->count, &err);
	if (ret)
		return report("create", config->name, &err);
	if (create->dry_run)
		ret = try(create, &err);
	else if (create->count)
		ret = make_many(create, &err);
	else
		ret = make(create, &err);
	if (ret)
		return report("create", config->name, &err);
	return create->unheard ? EXIT_FAILURE : EXIT_SUCCESS;
}

static bool take_option(struct create *create, int opt, int argc,
			char **argv, struct options *options)
{
	switch (opt) {
	case 'c':
		create->making.attach = true;
		return true;
	case 'n':
		return number_parse(optarg, 1, MANY_MAX,
				    &create->count);
	case 'p':
		create->making.paused = true;
		return true;
	case 'q':
		create->quiet = true;
		return true;
	case 'w':
		return get_wait(argc, argv, &create->making.wait);
	case OPT_DRY_RUN:
		create->dry_run = true;
		return true;
	default:
		return options_take(options, opt);
	}
}

static int make_main(int argc, char **argv, struct options *options)
{
	static const struct option long_options[] = {
		{ "dry-run", no_argument, NULL, OPT_DRY_RUN },
		{ NULL, 0, NULL, 0 },
	};
	struct create create = {
		.making = { .console = -1, .made = daemon_created },
	};
	int opt, ret;

	while ((opt = next_option(argc, argv, "cn:pqw::", long_options)) != -1)
		if (!take_option(&create, opt, argc, argv, options))
			return usage_error(&make_command);
	create.json = options->json;
	create.verbose = options->verbose;
	ret = create_guests(&create, argv + optind);
	config_free(&create.making.config);
	fflush(stdout);
	signals_unblock();
	if (create.making.console < 0)
		return ret;
	if (ret == EXIT_SUCCESS)
		return console_attach(create.making.console);
	close(create.making.console);
	return ret;
}

/* What chaosd is asked for doesn't come here. */
const struct command make_command = {
	.name = "create",
	.usage = "create [-cjpqv] [-n COUNT] [-w [SECONDS]] [--dry-run] FILE [KEY=VALUE...]",
	.main = make_main,
};
