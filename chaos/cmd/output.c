// SPDX-License-Identifier: GPL-2.0
/*
 * What all commands read and print alike.
 */
#include <ctype.h>
#include <getopt.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/output.h"
#include "config/config.h"
#include "util/json.h"

/* With -j, what goes wrong is JSON, too. */
static bool as_json;

void output_as(const struct options *options)
{
	as_json = options->json;
}

bool options_take(struct options *options, int opt)
{
	if (opt == 'j')
		options->json = true;
	else if (opt == 'v')
		options->verbose = true;
	else
		return false;
	output_as(options);
	return true;
}

/* What is wrong with the option that was found last, if its command can't take it. */
static char wrong[128];

static void set_wrong(int opt, const char *text)
{
	if (opt == '?' && (!optopt || optopt > 255))
		snprintf(wrong, sizeof(wrong), "%s: no such option", text);
	else if (opt == '?')
		snprintf(wrong, sizeof(wrong), "-%c: no such option", optopt);
	else if (opt == ':')
		snprintf(wrong, sizeof(wrong), "-%c: needs a value", optopt);
	else if (optarg)
		snprintf(wrong, sizeof(wrong), "-%c: can't be \"%s\"", opt,
			 optarg);
	else
		snprintf(wrong, sizeof(wrong), "-%c: no such option", opt);
	error_clean(wrong);
}

int next_option(int argc, char **argv, const char *options,
		const struct option *long_options)
{
	static const struct option none;
	bool in_order = *options == '+';
	char all[32];
	int opt;

	/* It needn't say itself what is wrong, and so it tells what that is. */
	snprintf(all, sizeof(all), "%s:jv%s", in_order ? "+" : "",
		 options + in_order);
	opt = getopt_long(argc, argv, all, long_options ? long_options : &none,
			  NULL);
	*wrong = '\0';
	if (opt == -1)
		return opt;
	set_wrong(opt, argv[optind - 1]);
	return opt == ':' ? '?' : opt;
}

bool take_words(int argc, char **argv, struct options *options, int least,
		int most)
{
	int opt;

	while ((opt = next_option(argc, argv, "", NULL)) != -1)
		if (!options_take(options, opt))
			return false;
	return argc - optind >= least && argc - optind <= most;
}

/* The one place where something is told that isn't what was asked for. */
static void tell(const char *what, const char *object, const char *key,
		 const char *text)
{
	struct json_object *doc;

	/* What was printed comes first, whatever standard output is. */
	fflush(stdout);
	if (!as_json) {
		fprintf(stderr, "chaos: %s%s%s%s%s%s\n", what ? what : "",
			what ? ": " : "", object ? object : "",
			object ? ": " : "",
			strcmp(key, "warning") ? "" : "warning: ", text);
		return;
	}
	doc = json_object_new_object();
	doc_text(doc, "command", what);
	doc_text(doc, "object", object);
	doc_text(doc, key, text);
	(void)print_json_line(stderr, doc);
}

int usage_error(const struct command *command)
{
	const char *name = command ? command->name : NULL;
	char text[512];

	if (*wrong)
		snprintf(text, sizeof(text),
			 "%s; \"chaos %s%s-h\" tells what there is", wrong,
			 name ? name : "", name ? " " : "");
	else
		snprintf(text, sizeof(text), "usage: chaos %s",
			 command ? command->usage : SYNOPSIS);
	if (*wrong || as_json)
		tell(name, NULL, "error", text);
	else
		fprintf(stderr, "%s\n", text);
	return EXIT_USAGE;
}

int report(const char *what, const char *object, const struct error *err)
{
	tell(what, object, "error", err->text);
	return EXIT_FAILURE;
}

void report_warning(const char *what, const char *object, const char *text)
{
	tell(what, object, "warning", text);
}

int report_config(const char *what, char *wrongs, const struct error *err)
{
	char *rest = wrongs, *line;

	if (!wrongs)
		return report(what, NULL, err);
	while ((line = strsep(&rest, "\n")))
		if (*line)
			tell(what, NULL, "error", line);
	free(wrongs);
	return EXIT_FAILURE;
}

void report_warnings(const char *what, const struct guest_config *config)
{
	unsigned int i;

	for (i = 0; i < config->nr_warnings; i++)
		report_warning(what, NULL, config->warnings[i]);
}

bool has_file(int argc, char **argv)
{
	int i;

	if (optind >= argc)
		return false;
	for (i = optind + 1; i < argc; i++)
		if (!strchr(argv[i], '='))
			return false;
	return true;
}

int print_json(struct json_object *doc)
{
	puts(json_object_to_json_string_ext(doc, JSON_C_TO_STRING_PRETTY |
					    JSON_C_TO_STRING_SPACED |
					    JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(doc);
	return EXIT_SUCCESS;
}

bool print_json_line(FILE *out, struct json_object *doc)
{
	const char *text;
	bool printed;

	text = json_object_to_json_string_ext(doc, JSON_C_TO_STRING_PLAIN |
					      JSON_C_TO_STRING_NOSLASHESCAPE);
	printed = fprintf(out, "%s\n", text) >= 0;
	json_object_put(doc);
	return printed;
}

static const char *show(struct json_object *value)
{
	const char *text = value ? json_object_get_string(value) : "";

	return *text ? text : "-";
}

const char *shown(struct json_object *doc, const char *key)
{
	return show(json_object_object_get(doc, key));
}

const char *format_uptime(int64_t seconds, char *text, size_t size)
{
	int days = seconds / 86400, rest = seconds % 86400;
	char before[24] = "";

	if (days)
		snprintf(before, sizeof(before), "%d day%s, ", days,
			 days == 1 ? "" : "s");
	snprintf(text, size, "%s%02d:%02d:%02d", before, rest / 3600,
		 rest / 60 % 60, rest % 60);
	return text;
}

static void print_tree(const char *path, struct json_object *value)
{
	bool is_array = json_object_is_type(value, json_type_array);
	char below[256];
	size_t i;

	if (!is_array && !json_object_is_type(value, json_type_object)) {
		printf("%-24s  %s\n", path, show(value));
		return;
	}
	for (i = 0; is_array && i < json_object_array_length(value); i++) {
		snprintf(below, sizeof(below), "%s[%zu]", path, i);
		print_tree(below, json_object_array_get_idx(value, i));
	}
	if (is_array)
		return;
	json_object_object_foreach(value, key, member) {
		snprintf(below, sizeof(below), "%s%s%s", path,
			 *path ? "." : "", key);
		print_tree(below, member);
	}
}

int print_values(struct json_object *doc)
{
	print_tree("", doc);
	json_object_put(doc);
	return EXIT_SUCCESS;
}

bool get_seconds(const char *text, int *ms)
{
	double seconds;
	char *end;

	seconds = strtod(text, &end);
	if (end == text || *end || !(seconds > 0 && seconds <= 86400))
		return false;
	*ms = seconds * 1000 + 0.5;
	return true;
}

/* A word that follows is what the command is about, unless it is a number. */
bool get_wait(int argc, char **argv, int *ms)
{
	const char *text = optarg;

	if (!text && optind < argc && isdigit((unsigned char)*argv[optind]) &&
	    !argv[optind][strspn(argv[optind], "0123456789.")])
		text = argv[optind++];
	if (!text) {
		*ms = WAIT_MS;
		return true;
	}
	optarg = (char *)text;
	set_wrong('w', text);
	return get_seconds(text, ms);
}
