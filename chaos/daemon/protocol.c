// SPDX-License-Identifier: GPL-2.0
/*
 * Calls, in varlink: from octets that anybody may have sent to what they mean, and
 * the answers that say what is wrong with them. A table says which parameters each
 * method has; each of them must be there, but those that may be null, and no other.
 */
#include <errno.h>
#include <json-c/json.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "daemon/interface.h"
#include "daemon/protocol.h"
#include "host/noxs.h"
#include "util/chaos.h"
#include "util/json.h"
#include "util/util.h"
#include "xen/xen.h"

#define DEPTH_MAX	4
#define WAIT_MAX_MS	86400000
#define SERVICE		"org.varlink.service"

enum {
	HAS_INTERFACE = 1 << 0,
	HAS_EVENT = 1 << 1,
	HAS_DOMID = 1 << 2,
	HAS_HANDLE = 1 << 3,
	HAS_MORE = 1 << 4,	/* it has many answers */
	IS_ROOTS = 1 << 5,	/* others may only look */
	HAS_GUEST = 1 << 6,
	HAS_NAME = 1 << 7,
	HAS_VIF = 1 << 8,
	HAS_DISK = 1 << 9,
	HAS_WAIT = 1 << 10,
	HAS_ID = 1 << 11,
	HAS_FORCE = 1 << 12,
	HAS_KEY = 1 << 13,
	/* It changes nothing, or keeps nobody from the guest, and so waits for nobody. */
	LOOKS = 1 << 14,
	IS_JOB = 1 << 15,	/* a worker's */
	HAS_MEMORY = 1 << 16,
	HAS_PIN = 1 << 17,	/* several */
	HAS_SHARE = 1 << 18,	/* likewise */
	HAS_CONFIG = 1 << 19,	/* likewise */
	HAS_MAKING = 1 << 20,	/* likewise */
	HAS_COUNT = 1 << 21,
	MAY_COUNT = 1 << 22,
	MAY_WAIT = 1 << 23,
	HAS_CHOICE = 1 << 24,	/* several */
	HAS_FROM = 1 << 25,
	HAS_PATIENCE = 1 << 26,
	HAS_VCPUS = 1 << 27,
	HAS_KEYS = 1 << 28,
	CHANGES = HAS_GUEST | IS_ROOTS | IS_JOB,
	SHOWS = IS_JOB | LOOKS,
};

static const struct {
	const char *name;
	const char *description;
} interfaces[] = {
	{ SERVICE, service_description },
	{ DAEMON_INTERFACE, interface_description },
};

static const struct {
	const char *name;
	unsigned int has;
} methods[] = {
	[METHOD_GET_INFO] = { SERVICE ".GetInfo", 0 },
	[METHOD_GET_INTERFACE_DESCRIPTION] = {
		SERVICE ".GetInterfaceDescription", HAS_INTERFACE
	},
	[METHOD_STATUS] = { DAEMON_INTERFACE ".Status", 0 },
	[METHOD_EVENTS] = { DAEMON_INTERFACE ".Events", HAS_MORE },
	[METHOD_POOLS] = { DAEMON_INTERFACE ".Pools", 0 },
	[METHOD_NOTIFY] = {
		DAEMON_INTERFACE ".Notify", HAS_EVENT | HAS_DOMID | IS_ROOTS
	},
	[METHOD_CONSOLE_OPEN] = {
		DAEMON_INTERFACE ".ConsoleOpen",
		HAS_DOMID | HAS_HANDLE | IS_ROOTS
	},
	[METHOD_CONSOLE_CLOSE] = {
		DAEMON_INTERFACE ".ConsoleClose",
		HAS_DOMID | HAS_HANDLE | IS_ROOTS
	},
	[METHOD_CREATE] = {
		DAEMON_INTERFACE ".Create",
		IS_ROOTS | IS_JOB | HAS_CONFIG | HAS_MAKING | HAS_WAIT
	},
	[METHOD_CREATE_MANY] = {
		DAEMON_INTERFACE ".CreateMany",
		HAS_MORE | IS_ROOTS | IS_JOB | HAS_CONFIG | HAS_MAKING |
			HAS_COUNT | HAS_WAIT
	},
	[METHOD_RUN] = {
		DAEMON_INTERFACE ".Run",
		HAS_MORE | IS_ROOTS | IS_JOB | HAS_CONFIG | HAS_MAKING |
			HAS_PATIENCE
	},
	[METHOD_RUN_AGAIN] = {
		DAEMON_INTERFACE ".RunAgain",
		HAS_MORE | IS_ROOTS | HAS_DOMID | HAS_HANDLE | HAS_PATIENCE
	},
	[METHOD_RUN_STOP] = {
		DAEMON_INTERFACE ".RunStop",
		IS_ROOTS | HAS_DOMID | HAS_HANDLE | HAS_WAIT
	},
	[METHOD_CHECK] = {
		DAEMON_INTERFACE ".Check",
		IS_ROOTS | IS_JOB | LOOKS | HAS_CONFIG | MAY_COUNT
	},
	[METHOD_PAUSE] = { DAEMON_INTERFACE ".Pause", CHANGES },
	[METHOD_UNPAUSE] = { DAEMON_INTERFACE ".Unpause", CHANGES | MAY_WAIT },
	[METHOD_RENAME] = { DAEMON_INTERFACE ".Rename", CHANGES | HAS_NAME },
	[METHOD_DESTROY] = { DAEMON_INTERFACE ".Destroy", CHANGES | HAS_FORCE },
	[METHOD_SHUTDOWN] = {
		DAEMON_INTERFACE ".Shutdown",
		CHANGES | HAS_WAIT | HAS_FORCE | LOOKS
	},
	[METHOD_REBOOT] = {
		DAEMON_INTERFACE ".Reboot",
		CHANGES | HAS_WAIT | HAS_FORCE | LOOKS
	},
	[METHOD_SHUTDOWN_ALL] = {
		DAEMON_INTERFACE ".ShutdownAll",
		HAS_MORE | IS_ROOTS | IS_JOB | HAS_WAIT | HAS_FORCE
	},
	[METHOD_SYSRQ] = {
		DAEMON_INTERFACE ".Sysrq", CHANGES | HAS_KEY | LOOKS
	},
	[METHOD_MEMORY_SET] = {
		DAEMON_INTERFACE ".MemorySet", CHANGES | HAS_MEMORY | HAS_WAIT
	},
	[METHOD_MEMORY_MAX] = {
		DAEMON_INTERFACE ".MemoryMax", CHANGES | HAS_MEMORY
	},
	[METHOD_VCPU_SET] = {
		DAEMON_INTERFACE ".VcpuSet", CHANGES | HAS_VCPUS | HAS_WAIT
	},
	[METHOD_VCPU_PIN] = { DAEMON_INTERFACE ".VcpuPin", CHANGES | HAS_PIN },
	[METHOD_SHARE_SET] = {
		DAEMON_INTERFACE ".ShareSet", CHANGES | HAS_SHARE
	},
	[METHOD_VIF_ADD] = {
		DAEMON_INTERFACE ".VifAdd", CHANGES | HAS_VIF | HAS_WAIT
	},
	[METHOD_VIF_DEL] = {
		DAEMON_INTERFACE ".VifDel", CHANGES | HAS_ID | HAS_FORCE
	},
	[METHOD_VIF_LIST] = { DAEMON_INTERFACE ".VifList", SHOWS | HAS_GUEST },
	[METHOD_VBD_ADD] = {
		DAEMON_INTERFACE ".VbdAdd", CHANGES | HAS_DISK | HAS_WAIT
	},
	[METHOD_VBD_DEL] = {
		DAEMON_INTERFACE ".VbdDel", CHANGES | HAS_ID | HAS_FORCE
	},
	[METHOD_VBD_RESIZE] = {
		DAEMON_INTERFACE ".VbdResize", CHANGES | HAS_ID
	},
	[METHOD_VBD_LIST] = { DAEMON_INTERFACE ".VbdList", SHOWS | HAS_GUEST },
	[METHOD_HISTORY] = { DAEMON_INTERFACE ".History", SHOWS | HAS_GUEST },
	[METHOD_INFO] = { DAEMON_INTERFACE ".Info", SHOWS | HAS_GUEST },
	[METHOD_LIST] = { DAEMON_INTERFACE ".List", SHOWS | HAS_CHOICE | HAS_FROM },
	[METHOD_STAT] = { DAEMON_INTERFACE ".Stat", SHOWS | HAS_FROM },
	[METHOD_HOST] = { DAEMON_INTERFACE ".Host", SHOWS },
	[METHOD_DEBUG_KEYS] = {
		DAEMON_INTERFACE ".DebugKeys", IS_ROOTS | SHOWS | HAS_KEYS
	},
};

static const char *const events[] = { "created" };

struct json_object *protocol_reply(struct json_object *parameters,
				   bool continues)
{
	struct json_object *answer = json_object_new_object();

	json_object_object_add(answer, "parameters", parameters);
	if (continues)
		doc_bool(answer, "continues", true);
	return answer;
}

/* With one text that says more, or none. */
static struct json_object *error_answer(const char *name, const char *key,
					const char *text)
{
	struct json_object *answer = json_object_new_object();
	struct json_object *parameters;

	doc_text(answer, "error", name);
	parameters = doc_object(answer, "parameters");
	if (key)
		doc_text(parameters, key, text);
	return answer;
}

static struct json_object *errno_answer(const char *name, int ret,
					const struct error *err)
{
	struct json_object *answer = error_answer(name, "text", err->text);
	struct json_object *parameters;

	json_object_object_get_ex(answer, "parameters", &parameters);
	doc_number(parameters, "errno", -ret);
	return answer;
}

struct json_object *protocol_failed(int ret, const struct error *err)
{
	return errno_answer(DAEMON_INTERFACE ".Failed", ret, err);
}

struct json_object *protocol_failed_with(int ret, const struct error *err,
					 struct json_object *more)
{
	struct json_object *answer = protocol_failed(ret, err);
	struct json_object *parameters;

	json_object_object_get_ex(answer, "parameters", &parameters);
	if (more) {
		json_object_object_foreach(more, key, value)
			json_object_object_add(parameters, key,
					       json_object_get(value));
	}
	return answer;
}

struct json_object *protocol_refused(int ret, const struct error *err)
{
	return errno_answer(DAEMON_INTERFACE ".Refused", ret, err);
}

struct json_object *protocol_malformed(const char *why)
{
	return error_answer(DAEMON_INTERFACE ".Malformed", "text", why);
}

static struct json_object *invalid(const char *parameter)
{
	return error_answer(SERVICE ".InvalidParameter", "parameter",
			    parameter);
}

void protocol_info(struct json_object *info)
{
	struct json_object *list;
	size_t i;

	doc_text(info, "vendor", "noxs");
	doc_text(info, "product", "chaosd");
	doc_text(info, "version", CHAOS_VERSION);
	doc_text(info, "url", "");
	list = doc_list(info, "interfaces");
	for (i = 0; i < ARRAY_SIZE(interfaces); i++)
		list_text(list, interfaces[i].name);
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

static bool take_interface(struct json_object *value, struct request *request)
{
	const char *text = get_text(value);
	size_t i;

	for (i = 0; text && i < ARRAY_SIZE(interfaces); i++)
		if (!strcmp(interfaces[i].name, text))
			request->description = interfaces[i].description;
	return text;
}

static bool take_event(struct json_object *value, struct request *request)
{
	const char *text = get_text(value);
	size_t i;

	for (i = 0; text && i < ARRAY_SIZE(events); i++)
		if (!strcmp(events[i], text))
			request->event = events[i];
	return request->event;
}

static bool take_domid(struct json_object *value, struct request *request)
{
	int64_t number;

	if (!json_object_is_type(value, json_type_int))
		return false;
	number = json_object_get_int64(value);
	if (number < 1 || number >= DOMIDS)
		return false;
	request->domid = number;
	return true;
}

static bool take_handle(struct json_object *value, struct request *request)
{
	const char *text = get_text(value);

	return text && uuid_parse(text, request->handle);
}

/* Whether it means something, only who does the job can tell. */
static bool take_text(struct json_object *value, struct request *request)
{
	(void)request;
	return get_text(value);
}

/* No guest's name, domid or UUID is longer. */
static bool take_guest(struct json_object *value, struct request *request)
{
	const char *text = get_text(value);

	(void)request;
	return text && strlen(text) <= CONFIG_NAME_MAX;
}

static bool take_within(struct json_object *value, int64_t least, int64_t most)
{
	return json_object_is_type(value, json_type_int) &&
	       json_object_get_int64(value) >= least &&
	       json_object_get_int64(value) <= most;
}

static bool take_wait(struct json_object *value, struct request *request)
{
	request->wait = json_object_get_int(value);
	return take_within(value, 0, WAIT_MAX_MS);
}

static bool take_patience(struct json_object *value, struct request *request)
{
	request->patience = json_object_get_int(value);
	return take_within(value, 1, WAIT_MAX_MS);
}

static bool take_from(struct json_object *value, struct request *request)
{
	(void)request;
	return take_within(value, 0, DOMIDS);
}

static bool take_count(struct json_object *value, struct request *request)
{
	(void)request;
	return take_within(value, 1, DAEMON_GUESTS_MAX);
}

static bool take_id(struct json_object *value, struct request *request)
{
	(void)request;
	return take_within(value, 0, NOXS_MAX_DEV_ID);
}

static bool take_bool(struct json_object *value, struct request *request)
{
	(void)request;
	return json_object_is_type(value, json_type_boolean);
}

/* One that can be seen. */
static bool take_key_of_sysrq(struct json_object *value, struct request *request)
{
	const char *text = get_text(value);

	(void)request;
	return text && strlen(text) == 1 && *text > ' ' && *text <= '~';
}

static bool take_keys(struct json_object *value, struct request *request)
{
	const char *text = get_text(value);

	(void)request;
	return text && *text;
}

static bool take_memory(struct json_object *value, struct request *request)
{
	(void)request;
	return take_within(value, 1, CONFIG_MEMORY_MAX);
}

static bool take_vcpus(struct json_object *value, struct request *request)
{
	(void)request;
	return take_within(value, 1, CONFIG_VCPUS_MAX);
}

static bool take_vcpu(struct json_object *value, struct request *request)
{
	(void)request;
	return take_within(value, 0, CONFIG_VCPUS_MAX - 1);
}

static bool take_weight(struct json_object *value, struct request *request)
{
	(void)request;
	return take_within(value, 1, CONFIG_WEIGHT_MAX);
}

static bool take_cap(struct json_object *value, struct request *request)
{
	(void)request;
	return take_within(value, 0, CONFIG_CAP_MAX);
}

/* Those that may be null may be left out as well. */
static const struct {
	const char *name;
	unsigned int bit;
	bool (*take)(struct json_object *value, struct request *request);
	bool may_be_null;
} keys[] = {
	{ "interface", HAS_INTERFACE, take_interface, false },
	{ "event", HAS_EVENT, take_event, false },
	{ "domid", HAS_DOMID, take_domid, false },
	{ "handle", HAS_HANDLE, take_handle, false },
	{ "guest", HAS_GUEST, take_guest, false },
	{ "name", HAS_NAME, take_text, false },
	{ "vif", HAS_VIF, take_text, false },
	{ "disk", HAS_DISK, take_text, false },
	{ "wait", HAS_WAIT, take_wait, false },
	{ "wait", MAY_WAIT, take_wait, true },
	{ "id", HAS_ID, take_id, false },
	{ "force", HAS_FORCE, take_bool, false },
	{ "key", HAS_KEY, take_key_of_sysrq, false },
	{ "keys", HAS_KEYS, take_keys, false },
	{ "memory", HAS_MEMORY, take_memory, false },
	{ "vcpus", HAS_VCPUS, take_vcpus, false },
	{ "vcpu", HAS_PIN, take_vcpu, true },
	{ "cpus", HAS_PIN, take_text, true },
	{ "cpus_soft", HAS_PIN, take_text, true },
	{ "cpu_weight", HAS_SHARE, take_weight, true },
	{ "cap", HAS_SHARE, take_cap, true },
	{ "config", HAS_CONFIG, take_text, false },
	{ "file", HAS_CONFIG, take_text, false },
	{ "directory", HAS_CONFIG, take_text, false },
	{ "count", HAS_COUNT, take_count, false },
	{ "count", MAY_COUNT, take_count, true },
	{ "guest", HAS_CHOICE, take_guest, true },
	{ "all", HAS_CHOICE, take_bool, true },
	{ "from", HAS_FROM, take_from, true },
	{ "paused", HAS_MAKING, take_bool, false },
	{ "token", HAS_MAKING, take_text, true },
	{ "patience", HAS_PATIENCE, take_patience, false },
};

static bool has_parameter(unsigned int has, const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(keys); i++)
		if ((has & keys[i].bit) && !strcmp(keys[i].name, name))
			return true;
	return false;
}

static struct json_object *take_parameters(struct json_object *parameters,
					   struct request *request)
{
	unsigned int has = methods[request->method].has;
	struct json_object *value;
	size_t i;

	if (parameters) {
		json_object_object_foreach(parameters, name, unused)
			if (!has_parameter(has, name))
				return invalid(name);
	}
	for (i = 0; i < ARRAY_SIZE(keys); i++) {
		if (!(has & keys[i].bit))
			continue;
		value = NULL;
		json_object_object_get_ex(parameters, keys[i].name, &value);
		if (!value && keys[i].may_be_null)
			continue;
		if (!value || !keys[i].take(value, request))
			return invalid(keys[i].name);
	}
	if ((has & HAS_INTERFACE) && !request->description)
		return error_answer(SERVICE ".InterfaceNotFound", "interface",
				    doc_get_text(parameters, "interface"));
	request->looks = has & LOOKS;
	request->shows = (has & IS_JOB) && !(has & IS_ROOTS);
	if (has & IS_JOB)
		request->parameters = json_object_get(parameters);
	return NULL;
}

/* Of one that isn't ours, whether it's the interface or only the method. */
static struct json_object *not_found(const char *name)
{
	const char *dot = strrchr(name, '.');
	struct json_object *answer;
	char *interface;
	size_t i, len;

	if (!dot)
		return protocol_malformed("method: has no interface");
	len = dot - name;
	for (i = 0; i < ARRAY_SIZE(interfaces); i++)
		if (strlen(interfaces[i].name) == len &&
		    !memcmp(interfaces[i].name, name, len))
			return error_answer(SERVICE ".MethodNotFound",
					    "method", name);
	interface = strndup(name, len);
	answer = error_answer(SERVICE ".InterfaceNotFound", "interface",
			      interface);
	free(interface);
	return answer;
}

static struct json_object *take_method(const char *name,
				       struct request *request)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(methods); i++) {
		if (strcmp(methods[i].name, name))
			continue;
		request->method = i;
		request->name = strrchr(methods[i].name, '.') + 1;
		return NULL;
	}
	return not_found(name);
}

/**
 * struct call - a call of varlink, as it came
 * @method: name of the method
 * @parameters: or NULL
 * @more: all answers are wanted, however many there are
 * @oneway: none is
 * @upgrade: the connection is wanted for something else
 */
struct call {
	const char *method;
	struct json_object *parameters;
	bool more;
	bool oneway;
	bool upgrade;
};

/* Return: what is wrong, or NULL. */
static const char *take_flag(struct json_object *value, bool *flag)
{
	if (!json_object_is_type(value, json_type_boolean))
		return "more, oneway, upgrade: must be true or false";
	*flag = json_object_get_boolean(value);
	return NULL;
}

static const char *take_key(struct call *call, const char *key,
			    struct json_object *value)
{
	if (!strcmp(key, "method")) {
		call->method = get_text(value);
		return call->method ? NULL : "method: must be a string";
	}
	if (!strcmp(key, "parameters")) {
		call->parameters = value;
		return json_object_is_type(value, json_type_object) ?
			NULL : "parameters: must be an object";
	}
	if (!strcmp(key, "more"))
		return take_flag(value, &call->more);
	if (!strcmp(key, "oneway"))
		return take_flag(value, &call->oneway);
	if (!strcmp(key, "upgrade"))
		return take_flag(value, &call->upgrade);
	return "call: has keys that varlink hasn't";
}

static const char *take_call(struct json_object *object, struct call *call)
{
	const char *wrong;

	if (!json_object_is_type(object, json_type_object))
		return "call: must be an object";
	json_object_object_foreach(object, key, value) {
		wrong = take_key(call, key, value);
		if (wrong)
			return wrong;
	}
	if (!call->method)
		return "method: is missing";
	if (call->upgrade)
		return "upgrade: there is none";
	return call->more && call->oneway ? "more, oneway: which one?" : NULL;
}

static struct json_object *parse_object(struct json_object *object,
					bool root, struct request *request)
{
	struct call call = { .method = NULL };
	struct json_object *refusal;
	const char *wrong;

	wrong = take_call(object, &call);
	if (wrong)
		return protocol_malformed(wrong);
	request->oneway = call.oneway;
	refusal = take_method(call.method, request);
	if (!refusal && !root && (methods[request->method].has & IS_ROOTS))
		refusal = error_answer(SERVICE ".PermissionDenied", NULL, NULL);
	if (!refusal)
		refusal = take_parameters(call.parameters, request);
	if (!refusal && (methods[request->method].has & HAS_MORE) && !call.more)
		refusal = error_answer(SERVICE ".ExpectedMore", NULL, NULL);
	return refusal;
}

/* Return: what it says, if there is no error of the tokener's. */
static struct json_object *parse_text(struct json_tokener *tokener, int flags,
				      const char *text, size_t len)
{
	struct json_object *object;

	json_tokener_reset(tokener);
	json_tokener_set_flags(tokener, flags);
	/* The newline tells it that a number has ended. */
	object = json_tokener_parse_ex(tokener, text, len);
	if (json_tokener_get_error(tokener) == json_tokener_continue)
		object = json_tokener_parse_ex(tokener, "\n", 1);
	return object;
}

/*
 * json-c 0.18, told to be strict, takes no octet beyond ASCII, wherever it stands. With others
 * in their places, it says whether all else is right.
 */
static struct json_object *parse_strictly(struct json_tokener *tokener,
					  const char *text, size_t len)
{
	static char ascii[DAEMON_REQUEST_MAX];
	struct json_object *object;
	size_t i;

	for (i = 0; i < len; i++)
		ascii[i] = text[i] & 0x80 ? 'x' : text[i];
	object = parse_text(tokener, JSON_TOKENER_STRICT, ascii, len);
	if (json_tokener_get_error(tokener) != json_tokener_success ||
	    !memcmp(ascii, text, len))
		return object;
	json_object_put(object);
	return parse_text(tokener, 0, text, len);
}

struct json_object *protocol_parse(const char *text, size_t len, bool root,
				   struct request *request)
{
	struct json_object *object, *refusal;
	bool fits = len <= DAEMON_REQUEST_MAX;
	struct json_tokener *tokener;
	struct error err;
	int ret;

	memset(request, 0, sizeof(*request));
	request->root = root;
	tokener = json_tokener_new_ex(DEPTH_MAX);
	if (!tokener) {
		ret = error_sys(&err, -ENOMEM, "call");
		return protocol_failed(ret, &err);
	}
	object = fits ? parse_strictly(tokener, text, len) : NULL;
	if (!fits || json_tokener_get_error(tokener) != json_tokener_success ||
	    !text_is_utf8(text, len))
		refusal = protocol_malformed("call: is not JSON");
	else
		refusal = parse_object(object, root, request);
	json_object_put(object);
	json_tokener_free(tokener);
	return refusal;
}
