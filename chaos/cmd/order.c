// SPDX-License-Identifier: GPL-2.0
/*
 * What chaosd is told of a guest that is to be made, by those commands that have one made: the
 * text of its configuration, and where its paths begin. And what the user is told of that.
 */
#include <errno.h>
#include <json-c/json.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "cmd/order.h"
#include "cmd/output.h"
#include "config/config.h"
#include "util/chaos.h"
#include "util/json.h"
#include "util/uuid.h"

/* Of a call's room, what all but the parameters may take. */
#define REST_MAX	256

/* So that who asks again, as he wasn't answered, doesn't ask for another one. */
void order_token(struct json_object *parameters)
{
	uint8_t uuid[UUID_SIZE];
	char token[UUID_TEXT];

	if (getrandom(uuid, sizeof(uuid), 0) == sizeof(uuid))
		doc_text(parameters, "token", uuid_format(uuid, token));
}

static int get_directory(char *directory, struct error *err)
{
	if (!getcwd(directory, PATH_MAX))
		return error_sys(err, -errno, "the working directory");
	if (!text_is_utf8(directory, strlen(directory)))
		return error_set(err, -EINVAL, "%s: must be UTF-8", directory);
	return 0;
}

int order_config(struct json_object *parameters, char **words,
		 struct error *err)
{
	char other[PATH_MAX], directory[PATH_MAX];
	const char *path;
	size_t len;
	char *text;
	int ret;

	path = config_path(*words, other, sizeof(other));
	ret = get_directory(directory, err);
	if (!ret)
		ret = config_load(path, words + 1, &text, &len, err);
	if (ret)
		return ret;
	if (text_is_utf8(path, strlen(path)) && text_is_utf8(text, len))
		json_object_object_add(parameters, "config",
				       json_object_new_string_len(text, len));
	else
		ret = error_set(err, -EINVAL, "%s: must be text, in UTF-8",
				path);
	free(text);
	doc_text(parameters, "file", path);
	doc_text(parameters, "directory", directory);
	return ret;
}

int order_check(struct json_object *parameters, const char *file,
		struct error *err)
{
	size_t len;

	(void)json_object_to_json_string_length(parameters,
						JSON_C_TO_STRING_PLAIN, &len);
	if (len <= DAEMON_REQUEST_MAX - REST_MAX)
		return 0;
	return error_set(err, -E2BIG, "%s: is too long", file);
}

void order_warnings(const char *command, struct json_object *answer)
{
	struct json_object *list;
	size_t count, i;

	list = doc_get_list(answer, "warnings", &count);
	for (i = 0; i < count; i++)
		report_warning(command, NULL,
			       json_object_get_string(json_object_array_get_idx(list, i)));
}

int order_failed(const char *command, struct json_object *answer,
		 const struct error *err)
{
	const char *name = doc_get_text(answer, "name");
	struct json_object *list;
	struct error why;
	size_t count, i;

	list = doc_get_list(answer, "wrongs", &count);
	for (i = 0; list && i < count; i++) {
		error_set(&why, -EINVAL, "%s",
			  json_object_get_string(json_object_array_get_idx(list, i)));
		report(command, NULL, &why);
	}
	return list ? EXIT_FAILURE :
	       report(command, *name ? name : NULL, err);
}
