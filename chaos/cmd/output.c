// SPDX-License-Identifier: GPL-2.0
/*
 * What all commands read and print alike.
 */
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/output.h"
#include "config/config.h"

bool options_take(struct options *options, int opt)
{
	if (opt == 'j')
		options->json = true;
	else if (opt == 'v')
		options->verbose = true;
	else
		return false;
	return true;
}

int usage_error(const struct command *command)
{
	fprintf(stderr, "usage: chaos %s\n", command->usage);
	return EXIT_USAGE;
}

int report(const char *what, const char *object, const struct error *err)
{
	/* What was printed comes first, whatever standard output is. */
	fflush(stdout);
	if (object)
		fprintf(stderr, "chaos: %s: %s: %s\n", what, object,
			err->text);
	else
		fprintf(stderr, "chaos: %s: %s\n", what, err->text);
	return EXIT_FAILURE;
}

int report_config(const char *what, char *wrongs, const struct error *err)
{
	char *rest = wrongs, *line;

	if (!wrongs)
		return report(what, NULL, err);
	fflush(stdout);
	while ((line = strsep(&rest, "\n")))
		if (*line)
			fprintf(stderr, "chaos: %s: %s\n", what, line);
	free(wrongs);
	return EXIT_FAILURE;
}

void report_warnings(const char *what, const struct guest_config *config)
{
	unsigned int i;

	for (i = 0; i < config->nr_warnings; i++)
		fprintf(stderr, "chaos: %s: warning: %s\n", what,
			config->warnings[i]);
}

int print_json(struct json_object *doc)
{
	puts(json_object_to_json_string_ext(doc, JSON_C_TO_STRING_PRETTY |
					    JSON_C_TO_STRING_SPACED |
					    JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(doc);
	return EXIT_SUCCESS;
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
