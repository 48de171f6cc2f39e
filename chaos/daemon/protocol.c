// SPDX-License-Identifier: GPL-2.0
/*
 * Requests: from octets that anybody may have sent to what they mean. A table
 * says which keys each command has; each of them must be there, and no other.
 */
#include <errno.h>
#include <json-c/json.h>
#include <stdbool.h>
#include <string.h>

#include "daemon/protocol.h"
#include "util/chaos.h"
#include "util/json.h"
#include "util/util.h"
#include "xen/xen.h"

#define DEPTH_MAX	4

enum {
	HAS_EVENT = 1 << 0,
	HAS_DOMID = 1 << 1,
	HAS_HANDLE = 1 << 2,
};

static const struct {
	const char *name;
	unsigned int keys;
} commands[] = {
	[COMMAND_STATUS] = { "status", 0 },
	[COMMAND_EVENTS] = { "events", 0 },
	[COMMAND_NOTIFY] = { "notify", HAS_EVENT | HAS_DOMID },
	[COMMAND_CONSOLE_OPEN] = { "console-open", HAS_DOMID | HAS_HANDLE },
	[COMMAND_CONSOLE_CLOSE] = { "console-close", HAS_DOMID | HAS_HANDLE },
	[COMMAND_POOLS] = { "pools", 0 },
};

static const char *const events[] = {
	"created", "paused", "unpaused", "renamed",
};

static int bad(struct error *err, const char *key, const char *why)
{
	return error_set(err, -EINVAL, "%s: %s", key, why);
}

/* Return: the text, or NULL if it isn't one; it has no NUL within. */
static const char *get_text(struct json_object *value)
{
	const char *text;

	if (!json_object_is_type(value, json_type_string))
		return NULL;
	text = json_object_get_string(value);
	return strlen(text) == (size_t)json_object_get_string_len(value) ?
		text : NULL;
}

static int take_command(struct json_object *value, struct request *request,
			struct error *err)
{
	const char *text = get_text(value);
	size_t i;

	if (!text)
		return bad(err, "command", "must be a string");
	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		if (strcmp(commands[i].name, text))
			continue;
		request->command = i;
		return 0;
	}
	return bad(err, "command", "no such command");
}

static int take_event(struct json_object *value, struct request *request,
		      struct error *err)
{
	const char *text = get_text(value);
	size_t i;

	for (i = 0; text && i < ARRAY_SIZE(events); i++)
		if (!strcmp(events[i], text))
			request->event = events[i];
	return request->event ? 0 : bad(err, "event", "no such event");
}

static int take_domid(struct json_object *value, struct request *request,
		      struct error *err)
{
	int64_t number;

	if (!json_object_is_type(value, json_type_int))
		return bad(err, "domid", "must be a number");
	number = json_object_get_int64(value);
	if (number < 1 || number >= DOMIDS)
		return bad(err, "domid", "is none of a guest");
	request->domid = number;
	return 0;
}

static int take_handle(struct json_object *value, struct request *request,
		       struct error *err)
{
	const char *text = get_text(value);

	if (!text || !uuid_parse(text, request->handle))
		return bad(err, "handle", "must be 8-4-4-4-12 hexadecimal digits");
	return 0;
}

static const struct {
	const char *name;
	unsigned int bit;
	int (*take)(struct json_object *value, struct request *request,
		    struct error *err);
} keys[] = {
	{ "event", HAS_EVENT, take_event },
	{ "domid", HAS_DOMID, take_domid },
	{ "handle", HAS_HANDLE, take_handle },
};

/* A key that a command needs and lacks is missing, another one is unknown. */
static int take_keys(struct json_object *object, struct request *request,
		     struct error *err)
{
	unsigned int wanted = commands[request->command].keys;
	struct json_object *value;
	int ret, count = 1;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(keys); i++) {
		if (!(wanted & keys[i].bit))
			continue;
		if (!json_object_object_get_ex(object, keys[i].name, &value))
			return bad(err, keys[i].name, "is missing");
		ret = keys[i].take(value, request, err);
		if (ret)
			return ret;
		count++;
	}
	if (json_object_object_length(object) != count)
		return bad(err, "request", "has keys that the command hasn't");
	return 0;
}

static int parse_object(struct json_object *object, struct request *request,
			struct error *err)
{
	struct json_object *value;
	int ret;

	if (!json_object_is_type(object, json_type_object))
		return bad(err, "request", "must be an object");
	if (!json_object_object_get_ex(object, "command", &value))
		return bad(err, "command", "is missing");
	ret = take_command(value, request, err);
	return ret ? ret : take_keys(object, request, err);
}

int protocol_parse(const char *line, size_t len, struct request *request,
		   struct error *err)
{
	struct json_tokener *tokener;
	struct json_object *object;
	int ret;

	memset(request, 0, sizeof(*request));
	tokener = json_tokener_new_ex(DEPTH_MAX);
	if (!tokener)
		return error_sys(err, -ENOMEM, "request");
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
	/* The newline tells it that a number has ended. */
	object = json_tokener_parse_ex(tokener, line, len);
	if (json_tokener_get_error(tokener) == json_tokener_continue)
		object = json_tokener_parse_ex(tokener, "\n", 1);
	if (json_tokener_get_error(tokener) != json_tokener_success ||
	    !object)
		ret = bad(err, "request", "is not JSON");
	else
		ret = parse_object(object, request, err);
	json_object_put(object);
	json_tokener_free(tokener);
	return ret;
}

struct json_object *protocol_refusal(int ret, const struct error *err)
{
	struct json_object *answer = json_object_new_object();

	doc_bool(answer, "ok", false);
	doc_text(answer, "error", err->text);
	doc_number(answer, "errno", -ret);
	return answer;
}
