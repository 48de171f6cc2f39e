// SPDX-License-Identifier: GPL-2.0
/*
 * chaos create: from a configuration file to a running guest, or to many. They are asked for,
 * by the file's text.
 */
#include <errno.h>
#include <getopt.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/ask.h"
#include "cmd/open.h"
#include "cmd/order.h"
#include "cmd/output.h"
#include "config/config.h"
#include "util/json.h"
#include "util/number.h"
#include "util/progress.h"
#include "util/signal.h"
#include "util/util.h"

#define OPT_DRY_RUN	256
/* Who isn't answered asks again, and waits so long for who is still at it. */
#define TRIES_MAX	10
#define BUSY_TRIES_MAX	100
#define BUSY_MS		100

/**
 * struct create - what the user asked for
 * @options: of the command line
 * @count: how many, or 0 for one that has the file's name
 * @attach: to its console
 * @paused: leave it so
 * @dry_run: make nothing
 * @quiet: print nothing
 * @wait: how long its devices may take to connect, in ms; 0 not to wait
 * @made: of many, those that were made
 * @progress: likewise, how far it is
 */
struct create {
	const struct options *options;
	unsigned int count;
	bool attach;
	bool paused;
	bool dry_run;
	bool quiet;
	int wait;
	struct json_object *made;
	struct progress progress;
};

static bool take_option(struct create *create, int opt, int argc,
			char **argv, struct options *options)
{
	switch (opt) {
	case 'c':
		create->attach = true;
		return true;
	case 'n':
		return number_parse(optarg, 1, DAEMON_GUESTS_MAX, &create->count);
	case 'p':
		create->paused = true;
		return true;
	case 'q':
		create->quiet = true;
		return true;
	case 'w':
		return get_wait(argc, argv, &create->wait);
	case OPT_DRY_RUN:
		create->dry_run = true;
		return true;
	default:
		return options_take(options, opt);
	}
}

static bool is_possible(const struct create *create)
{
	if (create->attach && (create->count || create->dry_run))
		return false;
	return !create->wait || !(create->paused || create->dry_run);
}

/* Return: what is asked for; NULL if it can't be. */
static struct json_object *parameters_of(const struct create *create,
					 char **words, struct error *err)
{
	struct json_object *parameters = json_object_new_object();
	int ret;

	ret = order_config(parameters, words, err);
	if (create->count)
		doc_number(parameters, "count", create->count);
	if (!create->dry_run) {
		doc_bool(parameters, "paused", create->paused || create->attach);
		doc_number(parameters, "wait", create->attach ? 0 : create->wait);
		order_token(parameters);
	}
	if (!ret)
		ret = order_check(parameters, *words, err);
	if (!ret)
		return parameters;
	json_object_put(parameters);
	return NULL;
}

/* One of many; they come as they are ready. */
static void take_made(struct json_object *answer, void *arg)
{
	struct create *create = arg;
	size_t number = doc_get_number(answer, "number");

	progress_show(&create->progress, doc_get_number(answer, "made"),
		      create->count);
	if (number && number <= create->count)
		json_object_array_put_idx(create->made, number - 1,
					  json_object_get(answer));
}

static int ask_once(struct create *create, struct json_object *parameters,
		    struct json_object **answer, struct error *err)
{
	json_object_get(parameters);
	if (create->dry_run)
		return ask("Check", parameters, create->options, answer, err);
	if (create->count)
		return ask_more("CreateMany", parameters, create->options,
				take_made, create, answer, err);
	return ask("Create", parameters, create->options, answer, err);
}

/* A former maker, of whom chaosd has heard no more, may not have ended yet. */
static int ask_to_create(struct create *create, struct json_object *parameters,
			 struct json_object **answer, struct error *err)
{
	int ret, tries = 0, busy = 0;

	while (true) {
		ret = ask_once(create, parameters, answer, err);
		if (ret == -EEXIST && tries && busy++ < BUSY_TRIES_MAX) {
			/* Nothing was done, and the user may have enough of it. */
			ask_end();
			sleep_ms(BUSY_MS);
		} else if (ret != -EPIPE || ++tries == TRIES_MAX) {
			break;
		}
		json_object_put(*answer);
	}
	return ret;
}

static struct json_object *guest_doc(struct json_object *guest)
{
	struct json_object *doc = json_object_new_object();

	doc_text(doc, "name", doc_get_text(guest, "name"));
	doc_number(doc, "domid", doc_get_number(guest, "domid"));
	doc_text(doc, "handle", doc_get_text(guest, "handle"));
	return doc;
}

static void print_guest(struct json_object *guest, bool json)
{
	if (json)
		print_json(guest_doc(guest));
	else
		printf("%s %s\n", shown(guest, "name"), shown(guest, "domid"));
}

static void print_guests(const struct create *create)
{
	struct json_object *list = json_object_new_array(), *guest;
	bool json = create->options->json;
	unsigned int i;

	for (i = 0; i < create->count; i++) {
		guest = json_object_array_get_idx(create->made, i);
		if (json)
			json_object_array_add(list, guest_doc(guest));
		else
			print_guest(guest, false);
	}
	if (json)
		print_json(list);
	else
		json_object_put(list);
}

static int remove_guest(const struct create *create, struct json_object *guest)
{
	struct json_object *parameters = ask_of(shown(guest, "domid"));
	struct error err;
	int ret;

	doc_bool(parameters, "force", false);
	ret = ask_again("Destroy", parameters, create->options, true, &err);
	/* It has ended already. */
	if (ret && ret != -ENOENT)
		report(create_command.name, shown(guest, "name"), &err);
	return EXIT_FAILURE;
}

/* A guest of which nobody was told isn't left behind; main() says why it failed. */
static int remove_unheard(const struct create *create,
			  struct json_object *answer)
{
	unsigned int i;

	if (!create->count)
		return remove_guest(create, answer);
	for (i = 0; i < create->count; i++)
		(void)remove_guest(create,
				   json_object_array_get_idx(create->made, i));
	return EXIT_FAILURE;
}

static int tell(const struct create *create, struct json_object *answer)
{
	if (create->quiet)
		return EXIT_SUCCESS;
	signals_block();
	if (create->count)
		print_guests(create);
	else
		print_guest(answer, create->options->json);
	if (fflush(stdout) || ferror(stdout))
		return remove_unheard(create, answer);
	return EXIT_SUCCESS;
}

/* What would be made: of many, the same but for their names. */
static int tell_checked(const struct create *create, struct json_object *answer)
{
	struct json_object *guest, *list;
	char name[CONFIG_NAME_MAX + 16];
	unsigned int i;

	guest = json_object_get(json_object_object_get(answer, "guest"));
	list = create->count ? json_object_new_array() : guest;
	for (i = 1; i <= create->count; i++) {
		struct json_object *one = NULL;

		json_object_deep_copy(guest, &one, NULL);
		snprintf(name, sizeof(name), "%s-%u",
			 doc_get_text(guest, "name"), i);
		doc_text(one, "name", name);
		json_object_array_add(list, one);
	}
	if (create->count)
		json_object_put(guest);
	if (create->options->json)
		return print_json(list);
	if (!create->quiet)
		return print_values(list);
	json_object_put(list);
	return EXIT_SUCCESS;
}

/* Its console first, and then it runs. Return: the console, or a negative errno. */
static int start_attached(const struct create *create,
			  struct json_object *answer, struct error *err)
{
	const char *domid = shown(answer, "domid");
	struct json_object *parameters;
	int sock, ret;

	sock = local_console(domid, create->options->verbose, err);
	if (sock < 0 || create->paused)
		return sock;
	parameters = ask_of(domid);
	doc_number(parameters, "wait", create->wait);
	ret = ask_again("Unpause", parameters, create->options, false, err);
	if (!ret)
		return sock;
	close(sock);
	return ret;
}

static int attach(const struct create *create, struct json_object *answer)
{
	struct error err;
	int sock;

	signals_block();
	sock = start_attached(create, answer, &err);
	if (sock < 0) {
		report(create_command.name, shown(answer, "name"), &err);
		return remove_guest(create, answer);
	}
	if (tell(create, answer)) {
		close(sock);
		return EXIT_FAILURE;
	}
	signals_unblock();
	return local_attach(sock);
}

static int create_asked(struct create *create, struct json_object *parameters)
{
	bool shows = create->count && !create->dry_run && !create->quiet &&
		     !create->options->json;
	struct json_object *answer;
	struct error err;
	int ret, status;

	progress_begin(&create->progress, create_command.name, shows);
	ret = ask_to_create(create, parameters, &answer, &err);
	progress_end(&create->progress);
	order_warnings(create_command.name, answer);
	if (ret)
		status = order_failed(create_command.name, answer, &err);
	else if (create->dry_run)
		status = tell_checked(create, answer);
	else if (create->attach)
		status = attach(create, answer);
	else
		status = tell(create, answer);
	json_object_put(answer);
	ask_end();
	return status;
}

static int create_guests(struct create *create, char **words)
{
	struct json_object *parameters;
	struct error err;
	int status;

	parameters = parameters_of(create, words, &err);
	if (!parameters)
		return report(create_command.name, NULL, &err);
	create->made = json_object_new_array();
	status = create_asked(create, parameters);
	json_object_put(create->made);
	json_object_put(parameters);
	return status;
}

static int create_main(int argc, char **argv, struct options *options)
{
	static const struct option long_options[] = {
		{ "dry-run", no_argument, NULL, OPT_DRY_RUN },
		{ NULL, 0, NULL, 0 },
	};
	struct create create = { .options = options };
	int opt;

	while ((opt = next_option(argc, argv, "cn:pqw::", long_options)) != -1)
		if (!take_option(&create, opt, argc, argv, options))
			return usage_error(&create_command);
	if (!has_file(argc, argv) || !is_possible(&create))
		return usage_error(&create_command);
	return create_guests(&create, argv + optind);
}

const struct command create_command = {
	.name = "create",
	.help = "make a guest from a configuration file",
	.usage = "create [-cjpqv] [-n COUNT] [-w [SECONDS]] [--dry-run] FILE [KEY=VALUE...]",
	.details =
	"Makes the guest that FILE describes, in the syntax of xl.cfg, and prints its\n"
	"name and its domid. After a failure nothing of it is left. What follows FILE\n"
	"counts as if it stood at its end, a line each, such as memory=64 or\n"
	"'name=\"web\"'. If there is no FILE, and no '/' in its name, it is\n"
	"/etc/chaos/FILE.cfg.\n\n"
	"  -c          attach to its console, from the first instruction on\n"
	"  -n COUNT    make COUNT of them, some at a time, whose names end with -1 and\n"
	"              so on. They start when all are made; if one can't be, none is\n"
	"              left.\n"
	"  -p          leave it paused\n"
	"  -q          print nothing\n"
	"  -w SECONDS  wait until its devices are connected (60 if no number follows); if\n"
	"              that takes longer, it is a failure (not with -p)\n"
	"  --dry-run   check all that can be checked, print the guest that would be\n"
	"              made, and make nothing\n",
	.main = create_main,
};
