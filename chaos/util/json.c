// SPDX-License-Identifier: GPL-2.0
/*
 * JSON objects, made a line a value.
 */
#include <stdio.h>

#include "util/json.h"

void doc_text(struct json_object *doc, const char *key, const char *text)
{
	json_object_object_add(doc, key,
			       text ? json_object_new_string(text) : NULL);
}

void doc_number(struct json_object *doc, const char *key, int64_t number)
{
	json_object_object_add(doc, key, json_object_new_int64(number));
}

void doc_fraction(struct json_object *doc, const char *key, double number)
{
	char text[64];

	snprintf(text, sizeof(text), "%.3f", number);
	json_object_object_add(doc, key,
			       json_object_new_double_s(number, text));
}

void doc_bool(struct json_object *doc, const char *key, bool value)
{
	json_object_object_add(doc, key, json_object_new_boolean(value));
}

const char *doc_get_text(struct json_object *doc, const char *key)
{
	struct json_object *value;

	if (!json_object_object_get_ex(doc, key, &value) ||
	    !json_object_is_type(value, json_type_string))
		return "";
	return json_object_get_string(value);
}

int64_t doc_get_number(struct json_object *doc, const char *key)
{
	struct json_object *value;

	return json_object_object_get_ex(doc, key, &value) ?
		json_object_get_int64(value) : 0;
}
