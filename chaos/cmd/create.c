// SPDX-License-Identifier: GPL-2.0
/*
 * chaos create: from a configuration file to a running guest, or to many. One guest is asked
 * for, by the file's text; the rest is done in this process (cmd/make.c).
 */
#include <errno.h>
#include <getopt.h>
#include <json-c/json.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "cmd/ask.h"
#include "cmd/open.h"
#include "cmd/output.h"
#include "config/config.h"
#include "guest/many.h"
#include "util/json.h"
#include "util/number.h"
#include "util/signal.h"
#include "util/util.h"

#define OPT_DRY_RUN	256
/* Of a call's room, what all but the parameters may take. */
#define REST_MAX	256
/* Who isn't answered asks again, and waits so long for who is still at it. */
#define TRIES_MAX	10
#define BUSY_TRIES_MAX	100
#define BUSY_MS		100

/**
 * struct create - what the user asked for
 * @count: how many, or 0 for one that has the file's name
 * @attach: to its console
 * @paused: leave it so
 * @dry_run: make nothing
 * @quiet: print nothing
 * @wait: how long its devices may take to connect, in ms; 0 not to wait
 */
struct create {
	unsigned int count;
	bool attach;
	bool paused;
	bool dry_run;
	bool quiet;
	int wait;
};

static bool take_option(struct create *create, int opt, int argc,
			char **argv, struct options *options)
{
	switch (opt) {
	case 'c':
		create->attach = true;
		return true;
	case 'n':
		return number_parse(optarg, 1, MANY_MAX, &create->count);
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

/* JSON is Unicode; and what is neither may be in a file's comments. */
static bool is_plain(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (!text[i] || text[i] & 0x80)
			return false;
	return true;
}

/* So that who asks again, as he wasn't answered, doesn't ask for another one. */
static void add_token(struct json_object *parameters)
{
	uint8_t uuid[UUID_SIZE];
	char token[UUID_TEXT];

	if (getrandom(uuid, sizeof(uuid), 0) == sizeof(uuid))
		doc_text(parameters, "token", uuid_format(uuid, token));
}

/* Return: what is asked for; NULL if it can't be. */
static struct json_object *parameters_of(const struct create *create,
					 const char *path, const char *text,
					 size_t text_len)
{
	struct json_object *parameters;
	char directory[PATH_MAX];
	size_t len;

	if (!getcwd(directory, sizeof(directory)) ||
	    !is_plain(directory, strlen(directory)) ||
	    !is_plain(path, strlen(path)) || !is_plain(text, text_len))
		return NULL;
	parameters = json_object_new_object();
	json_object_object_add(parameters, "config",
			       json_object_new_string_len(text, text_len));
	doc_text(parameters, "file", path);
	doc_text(parameters, "directory", directory);
	doc_bool(parameters, "paused", create->paused);
	doc_number(parameters, "wait", create->wait);
	add_token(parameters);
	(void)json_object_to_json_string_length(parameters,
						JSON_C_TO_STRING_PLAIN, &len);
	if (len <= DAEMON_REQUEST_MAX - REST_MAX)
		return parameters;
	json_object_put(parameters);
	return NULL;
}

/* A former maker, of whom chaosd has heard no more, may not have ended yet. */
static int ask_to_create(struct json_object *parameters,
			 const struct options *options,
			 struct json_object **answer, struct error *err)
{
	int ret, tries = 0, busy = 0;

	while (true) {
		ret = ask("Create", json_object_get(parameters), options,
			  answer, err);
		if (ret == -EEXIST && tries && busy++ < BUSY_TRIES_MAX) {
			/* Nothing was done, and the user may have enough of it. */
			ask_end();
			sleep_ms(BUSY_MS);
		} else if (ret != -EPIPE || ++tries == TRIES_MAX) {
			break;
		}
		json_object_put(*answer);
	}
	json_object_put(parameters);
	return ret;
}

static void tell_warnings(struct json_object *answer)
{
	struct json_object *list;
	size_t count, i;

	list = doc_get_list(answer, "warnings", &count);
	for (i = 0; i < count; i++)
		report_warning(create_command.name, NULL,
			       json_object_get_string(json_object_array_get_idx(list, i)));
}

static int tell_failed(struct json_object *answer, const struct error *err)
{
	const char *name = doc_get_text(answer, "name");
	struct json_object *list;
	struct error why;
	size_t count, i;

	list = doc_get_list(answer, "wrongs", &count);
	for (i = 0; list && i < count; i++) {
		error_set(&why, -EINVAL, "%s",
			  json_object_get_string(json_object_array_get_idx(list, i)));
		report(create_command.name, NULL, &why);
	}
	return list ? EXIT_FAILURE :
	       report(create_command.name, *name ? name : NULL, err);
}

static void print_guest(struct json_object *answer, bool json)
{
	struct json_object *doc;

	if (!json) {
		printf("%s %s\n", shown(answer, "name"), shown(answer, "domid"));
		return;
	}
	doc = json_object_new_object();
	doc_text(doc, "name", doc_get_text(answer, "name"));
	doc_number(doc, "domid", doc_get_number(answer, "domid"));
	doc_text(doc, "handle", doc_get_text(answer, "handle"));
	print_json(doc);
}

/* A guest of which nobody was told isn't left behind; main() says why it failed. */
static int remove_unheard(struct json_object *answer,
			  const struct options *options)
{
	struct json_object *parameters = ask_of(shown(answer, "domid"));
	struct error err;
	int ret;

	doc_bool(parameters, "force", false);
	ret = ask_again("Destroy", parameters, options, true, &err);
	/* It has ended already. */
	if (ret && ret != -ENOENT)
		return report(create_command.name, shown(answer, "name"), &err);
	return EXIT_FAILURE;
}

static int tell(const struct create *create, struct json_object *answer,
		const struct options *options)
{
	if (create->quiet)
		return EXIT_SUCCESS;
	signals_block();
	print_guest(answer, options->json);
	if (fflush(stdout) || ferror(stdout))
		return remove_unheard(answer, options);
	return EXIT_SUCCESS;
}

static int create_asked(const struct create *create,
			struct json_object *parameters,
			const struct options *options)
{
	struct json_object *answer;
	struct error err;
	int ret, status;

	ret = ask_to_create(parameters, options, &answer, &err);
	tell_warnings(answer);
	if (ret)
		status = tell_failed(answer, &err);
	else
		status = tell(create, answer, options);
	json_object_put(answer);
	ask_end();
	return status;
}

/* What isn't asked for. */
static int create_here(int argc, char **argv, struct options *options)
{
	const struct command *command;
	struct error err;

	if (local_command(create_command.name, options, &command, &err))
		return report(create_command.name, NULL, &err);
	optind = 0;
	return command->main(argc, argv, options);
}

static int create_one(const struct create *create, int argc, char **argv,
		      struct options *options)
{
	struct json_object *parameters;
	char other[PATH_MAX];
	struct error err;
	const char *path;
	size_t len;
	char *text;

	path = config_path(argv[optind], other, sizeof(other));
	if (config_load(path, argv + optind + 1, &text, &len, &err))
		return report(create_command.name, NULL, &err);
	parameters = parameters_of(create, path, text, len);
	free(text);
	return parameters ? create_asked(create, parameters, options) :
	       create_here(argc, argv, options);
}

static int create_main(int argc, char **argv, struct options *options)
{
	static const struct option long_options[] = {
		{ "dry-run", no_argument, NULL, OPT_DRY_RUN },
		{ NULL, 0, NULL, 0 },
	};
	struct create create = { 0 };
	int opt;

	while ((opt = next_option(argc, argv, "cn:pqw::", long_options)) != -1)
		if (!take_option(&create, opt, argc, argv, options))
			return usage_error(&create_command);
	if (!has_file(argc, argv) || !is_possible(&create))
		return usage_error(&create_command);
	if (create.attach || create.count || create.dry_run)
		return create_here(argc, argv, options);
	return create_one(&create, argc, argv, options);
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
