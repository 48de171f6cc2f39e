// SPDX-License-Identifier: GPL-2.0
/*
 * chaos/daemon/protocol.c: what clients of chaosd may say. "daemon_protocol INTERFACE
 * FILE" writes the interface's description, as it is served.
 */
#include "harness.h"

#include <json-c/json.h>
#include <stdio.h>

#include "daemon/protocol.h"
#include "util/chaos.h"
#include "util/json.h"

/* The beginnings of calls. */
#define CALL(method)	"{\"method\":\"" method "\""
#define OURS(method)	CALL("org.noxs.chaos." method)
#define SERVICE(method)	CALL("org.varlink.service." method)
#define WITH		",\"parameters\":{"
#define NOTIFY		OURS("Notify") WITH "\"event\":\"created\","
#define OPEN		OURS("ConsoleOpen") WITH "\"domid\":"
#define CLOSE		OURS("ConsoleClose") WITH "\"domid\":"
#define DESCRIBE	"{\"method\":\"org.varlink.service.GetInterfaceDescription\"" WITH
#define CREATE \
	OURS("Create") WITH "\"config\":\"c\",\"file\":\"f\"," \
	"\"directory\":\"/\",\"paused\":true,"
#define ALL		OURS("ShutdownAll") WITH "\"wait\":0,"
#define MORE		"},\"more\":true}"
#define HANDLE		"\"handle\":\"4e4f5853-0000-8123-8000-000000000007\"}}"

#define GUEST		WITH "\"guest\":\"a\","

/* Answers. */
#define MALFORMED(text)	"{\"error\":\"org.noxs.chaos.Malformed\"," \
			"\"parameters\":{\"text\":\"" text "\"}}"
#define WRONG(error, key, value) \
	"{\"error\":\"org.varlink.service." error "\"," \
	"\"parameters\":{\"" key "\":\"" value "\"}}"
#define NUMBERED(error, text, number) \
	"{\"error\":\"org.noxs.chaos." error "\",\"parameters\":{" \
	"\"text\":\"" text "\",\"errno\":" number "}}"
#define DENIED \
	"{\"error\":\"org.varlink.service.PermissionDenied\",\"parameters\":{}}"
#define INVALID(name)	WRONG("InvalidParameter", "parameter", name)

struct json_tokener *__real_json_tokener_new_ex(int depth);
struct json_tokener *__wrap_json_tokener_new_ex(int depth);

static bool no_memory, no_root;

struct json_tokener *__wrap_json_tokener_new_ex(int depth)
{
	return no_memory ? NULL : __real_json_tokener_new_ex(depth);
}

static void is_text(struct json_object *answer, const char *text)
{
	assert_string_equal(json_object_to_json_string_ext(answer, 0), text);
	json_object_put(answer);
}

static struct json_object *parse(const char *text, struct request *request)
{
	/* A copy without a NUL at its end, for the sanitizer to watch. */
	size_t len = strlen(text);
	char *copy = malloc(len ? len : 1);
	struct json_object *refusal;

	assert_non_null(copy);
	memcpy(copy, text, len);
	refusal = protocol_parse(copy, len, !no_root, request);
	free(copy);
	return refusal;
}

static void test_right_calls(void **state)
{
	struct request request;

	(void)state;
	assert_null(parse(OURS("Status") "}", &request));
	assert_int_equal(request.method, METHOD_STATUS);
	assert_int_equal(request.domid, 0);
	assert_false(request.oneway);
	assert_null(parse(OURS("Status") ",\"oneway\":true}", &request));
	assert_true(request.oneway);
	/* There is one answer only, but it may say so. */
	assert_null(parse(OURS("Status") WITH "},\"more\":true}", &request));
	assert_int_equal(request.method, METHOD_STATUS);
	assert_null(parse(OURS("Status") ",\"oneway\":false,\"upgrade\":false}",
			  &request));
	assert_false(request.oneway);
	assert_int_equal(request.method, METHOD_STATUS);
	assert_null(parse(" { \"more\" : true, \"method\" :\n"
			  " \"org.noxs.chaos.Events\" } ", &request));
	assert_int_equal(request.method, METHOD_EVENTS);
	assert_null(parse(NOTIFY "\"domid\":7}}", &request));
	assert_int_equal(request.method, METHOD_NOTIFY);
	assert_int_equal(request.domid, 7);
	assert_string_equal(request.event, "created");
	assert_null(parse(OPEN "32751," HANDLE, &request));
	assert_int_equal(request.method, METHOD_CONSOLE_OPEN);
	assert_int_equal(request.domid, 32751);
	assert_memory_equal(request.handle, "NOXS", 4);
	assert_int_equal(request.handle[15], 7);
	assert_null(parse(CLOSE "1," HANDLE, &request));
	assert_int_equal(request.method, METHOD_CONSOLE_CLOSE);
	assert_null(parse(OURS("Pools") "}", &request));
	assert_int_equal(request.method, METHOD_POOLS);
	assert_null(parse(SERVICE("GetInfo") "}", &request));
	assert_int_equal(request.method, METHOD_GET_INFO);
	assert_null(parse(DESCRIBE "\"interface\":\"org.noxs.chaos\"}}",
			  &request));
	assert_int_equal(request.method, METHOD_GET_INTERFACE_DESCRIPTION);
	assert_non_null(strstr(request.description,
			       "\ninterface org.noxs.chaos\n"));
}

#define OF_DOMAIN(method, domid, more) \
	OURS(method) ",\"more\":true,\"parameters\":{\"domid\":" domid \
	",\"handle\":\"4e4f5853-0000-8123-8000-000000000007\"," more "}}"

#define RUN(more) \
	OURS("Run") ",\"more\":true,\"parameters\":{\"config\":\"c\"," \
	"\"file\":\"f\",\"directory\":\"/\",\"paused\":true," more "}}"

/* Whatever json-c's version has of it. */
static void test_beyond_ascii(void **state)
{
	static const char *const names[] = {
		"\xc3\xa9", "a\xe2\x82\xac", "\xf0\x9f\x90\xa7z",
	};
	static const char *const wrong[] = {
		"\xc3", "\xc3z", "\x80", "\xc0\xaf", "\xf5\x80\x80\x80",
	};
	static char much[DAEMON_REQUEST_MAX + 2];
	struct request request;
	char call[128];
	size_t i;

	(void)state;
	memset(much, ' ', DAEMON_REQUEST_MAX + 1);
	is_text(parse(much, &request), MALFORMED("call: is not JSON"));
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		snprintf(call, sizeof(call), OURS("Pause") WITH
			 "\"guest\":\"%s\"}}", names[i]);
		assert_null(parse(call, &request));
		assert_string_equal(doc_get_text(request.parameters, "guest"),
				    names[i]);
		json_object_put(request.parameters);
	}
	is_text(parse(OURS("Pause") WITH "'guest':'\xc3\xa9'}}", &request),
		MALFORMED("call: is not JSON"));
	is_text(parse(OURS("Pause") WITH "\"guest\":\"\\\xc3\xa9\"}}", &request),
		MALFORMED("call: is not JSON"));
	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		snprintf(call, sizeof(call), OURS("Pause") WITH
			 "\"guest\":\"%s\"}}", wrong[i]);
		is_text(parse(call, &request), MALFORMED("call: is not JSON"));
	}
}

static void test_run(void **state)
{
	struct request request;

	(void)state;
	assert_null(parse(RUN("\"patience\":1"), &request));
	assert_int_equal(request.method, METHOD_RUN);
	assert_false(request.looks);
	assert_int_equal(doc_get_number(request.parameters, "patience"), 1);
	json_object_put(request.parameters);
	is_text(parse(RUN("\"patience\":0"), &request), INVALID("patience"));
	is_text(parse(RUN("\"patience\":86400001"), &request),
		INVALID("patience"));
	is_text(parse(RUN("\"wait\":1"), &request), INVALID("wait"));
	assert_null(parse(OF_DOMAIN("RunAgain", "3", "\"patience\":86400000"),
			  &request));
	assert_int_equal(request.method, METHOD_RUN_AGAIN);
	assert_int_equal(request.domid, 3);
	assert_int_equal(request.patience, 86400000);
	assert_null(request.parameters);
	assert_null(parse(OF_DOMAIN("RunStop", "3", "\"wait\":0"), &request));
	assert_int_equal(request.method, METHOD_RUN_STOP);
	assert_int_equal(request.wait, 0);
	assert_null(parse(OF_DOMAIN("RunStop", "3", "\"wait\":500"), &request));
	assert_int_equal(request.wait, 500);
	is_text(parse(OF_DOMAIN("RunStop", "0", "\"wait\":500"), &request),
		INVALID("domid"));
}

static void test_create(void **state)
{
	struct request request;

	(void)state;
	assert_null(parse(CREATE "\"wait\":0}}", &request));
	assert_int_equal(request.method, METHOD_CREATE);
	assert_string_equal(doc_get_text(request.parameters, "config"), "c");
	json_object_put(request.parameters);
	assert_null(parse(CREATE "\"wait\":0,\"token\":\"t\"}}", &request));
	json_object_put(request.parameters);
	is_text(parse(CREATE "\"wait\":0,\"token\":1}}", &request),
		INVALID("token"));
	is_text(parse(CREATE "\"guest\":\"a\"}}", &request), INVALID("guest"));
	is_text(parse(OURS("Create") WITH "\"wait\":0}}", &request),
		INVALID("config"));
}

static void test_job_of_all(void **state)
{
	static const char both[] = "{\"wait\":0,\"force\":true}";
	struct request request;

	(void)state;
	assert_null(parse(ALL "\"force\":true" MORE, &request));
	assert_int_equal(request.method, METHOD_SHUTDOWN_ALL);
	is_text(request.parameters, both);
	is_text(parse(ALL "\"force\":0" MORE, &request), INVALID("force"));
	is_text(parse(ALL "\"force\":true,\"all\":true" MORE, &request),
		INVALID("all"));
}

/* What is a worker's has its parameters with it. */
static void test_jobs(void **state)
{
	static const char both[] =
		"\"guest\":\"a\",\"name\":\"\"}";
	struct request request;

	(void)state;
	assert_null(parse(OURS("Pause") WITH "\"guest\":\"a\"}}", &request));
	assert_int_equal(request.method, METHOD_PAUSE);
	assert_string_equal(request.name, "Pause");
	is_text(request.parameters, "{\"guest\":\"a\"}");
	assert_null(parse(OURS("Unpause") WITH "\"guest\":\"\"}}", &request));
	assert_int_equal(request.method, METHOD_UNPAUSE);
	json_object_put(request.parameters);
	assert_null(parse(OURS("Rename") WITH "\"guest\":\"a\",\"name\":\"\"}}",
			  &request));
	assert_int_equal(request.method, METHOD_RENAME);
	assert_string_equal(json_object_to_json_string_ext(request.parameters, 0) + 1,
			    both);
	json_object_put(request.parameters);
	assert_false(request.looks);
	assert_null(parse(OURS("Status") "}", &request));
	assert_null(request.parameters);
}

#define CONFIG(method) \
	OURS(method) WITH "\"config\":\"\",\"file\":\"\",\"directory\":\"/\","
#define MAKING	"\"wait\":0,\"paused\":true,"

static void test_configs(void **state)
{
	struct request request;

	(void)state;
	assert_null(parse(CONFIG("CreateMany") MAKING "\"count\":9999},\"more\":true}",
			  &request));
	assert_int_equal(request.method, METHOD_CREATE_MANY);
	json_object_put(request.parameters);
	is_text(parse(CONFIG("CreateMany") MAKING "\"count\":1}}", &request),
		"{\"error\":\"org.varlink.service.ExpectedMore\",\"parameters\":{}}");
	json_object_put(request.parameters);
	assert_null(parse(CONFIG("Check") "\"count\":null}}", &request));
	assert_int_equal(request.method, METHOD_CHECK);
	assert_true(request.looks);
	json_object_put(request.parameters);
	assert_null(parse(CONFIG("Create") MAKING "\"token\":\"t\"}}",
			  &request));
	assert_int_equal(request.method, METHOD_CREATE);
	json_object_put(request.parameters);
}

static void test_device_jobs(void **state)
{
	static const struct {
		const char *text;
		enum request_method method;
		bool looks;
	} right[] = {
		{ OURS("VifAdd") GUEST "\"vif\":\"\",\"wait\":86400000}}",
		  METHOD_VIF_ADD, false },
		{ OURS("Unpause") GUEST "\"wait\":5}}", METHOD_UNPAUSE, false },
		{ OURS("Destroy") GUEST "\"force\":true}}",
		  METHOD_DESTROY, false },
		{ OURS("Shutdown") GUEST "\"wait\":0,\"force\":true}}",
		  METHOD_SHUTDOWN, true },
		{ OURS("Reboot") GUEST "\"wait\":1,\"force\":false}}",
		  METHOD_REBOOT, true },
		{ OURS("Sysrq") GUEST "\"key\":\"~\"}}", METHOD_SYSRQ, true },
		{ OURS("MemorySet") GUEST "\"memory\":1,\"wait\":0}}",
		  METHOD_MEMORY_SET, false },
		{ OURS("MemoryMax") GUEST "\"memory\":16777215}}",
		  METHOD_MEMORY_MAX, false },
		{ OURS("VcpuSet") GUEST "\"vcpus\":128,\"wait\":0}}",
		  METHOD_VCPU_SET, false },
		{ OURS("VcpuPin") GUEST "\"vcpu\":127,\"cpus\":\"\",\"cpus_soft\":\"\"}}",
		  METHOD_VCPU_PIN, false },
		/* What may be null may be left out. */
		{ OURS("VcpuPin") GUEST "\"vcpu\":null,\"cpus\":null}}",
		  METHOD_VCPU_PIN, false },
		{ OURS("ShareSet") GUEST "\"cpu_weight\":65535,\"cap\":12800}}",
		  METHOD_SHARE_SET, false },
		{ OURS("ShareSet") GUEST "\"cpu_weight\":1}}",
		  METHOD_SHARE_SET, false },
		{ OURS("VifDel") GUEST "\"id\":65535,\"force\":false}}",
		  METHOD_VIF_DEL, false },
		{ OURS("VifList") WITH "\"guest\":\"a\"}}",
		  METHOD_VIF_LIST, true },
		{ OURS("Info") WITH "\"guest\":\"a\"}}", METHOD_INFO, true },
		{ OURS("VbdAdd") GUEST "\"disk\":\"\",\"wait\":0}}",
		  METHOD_VBD_ADD, false },
		{ OURS("VbdDel") GUEST "\"id\":0,\"force\":true}}",
		  METHOD_VBD_DEL, false },
		{ OURS("VbdResize") GUEST "\"id\":0}}",
		  METHOD_VBD_RESIZE, false },
		{ OURS("VbdList") WITH "\"guest\":\"a\"}}",
		  METHOD_VBD_LIST, true },
	};
	static const struct {
		const char *text;
		const char *answer;
	} wrong[] = {
		{ OURS("VifAdd") GUEST "\"vif\":\"\",\"wait\":86400001}}",
		  INVALID("wait") },
		{ OURS("VifAdd") GUEST "\"vif\":\"\",\"wait\":-1}}",
		  INVALID("wait") },
		{ OURS("VifAdd") GUEST "\"vif\":\"\",\"wait\":\"1\"}}",
		  INVALID("wait") },
		{ OURS("Unpause") GUEST "\"wait\":-1}}", INVALID("wait") },
		{ CONFIG("CreateMany") MAKING "\"count\":0}}",
		  INVALID("count") },
		{ CONFIG("CreateMany") MAKING "\"count\":10000}}",
		  INVALID("count") },
		{ CONFIG("CreateMany") MAKING "\"count\":null}}",
		  INVALID("count") },
		{ CONFIG("Create") MAKING "\"number\":1}}",
		  INVALID("number") },
		{ CONFIG("Check") "\"count\":\"2\"}}", INVALID("count") },
		{ CONFIG("Check") MAKING "\"count\":2}}",
		  INVALID("wait") },
		{ OURS("VifAdd") GUEST "\"vif\":1,\"wait\":1}}",
		  INVALID("vif") },
		{ OURS("VifDel") GUEST "\"id\":65536,\"force\":false}}",
		  INVALID("id") },
		{ OURS("VifDel") GUEST "\"id\":1,\"force\":0}}",
		  INVALID("force") },
		{ OURS("Shutdown") GUEST "\"wait\":0}}", INVALID("force") },
		{ OURS("Sysrq") GUEST "\"key\":\"\"}}", INVALID("key") },
		{ OURS("Sysrq") GUEST "\"key\":\" \"}}", INVALID("key") },
		{ OURS("Sysrq") GUEST "\"key\":\"ab\"}}", INVALID("key") },
		{ OURS("Sysrq") GUEST "\"key\":\"\\u007f\"}}", INVALID("key") },
		{ OURS("Sysrq") GUEST "\"key\":1}}", INVALID("key") },
		{ OURS("DebugKeys") WITH "\"keys\":\"\"}}",
		  INVALID("keys") },
		{ OURS("DebugKeys") WITH "\"keys\":7}}",
		  INVALID("keys") },
		{ OURS("DebugKeys") WITH "}}", INVALID("keys") },
		/* What a worker has of its own, nobody else tells it. */
		{ OURS("Sysrq") GUEST "\"key\":\"s\",\"waited\":{}}}",
		  INVALID("waited") },
		{ OURS("VbdAdd") GUEST "\"disk\":\"\"}}", INVALID("wait") },
		{ OURS("MemoryMax") GUEST "\"memory\":0}}", INVALID("memory") },
		{ OURS("MemoryMax") GUEST "\"memory\":16777216}}",
		  INVALID("memory") },
		{ OURS("MemorySet") GUEST "\"memory\":null,\"wait\":0}}",
		  INVALID("memory") },
		{ OURS("VcpuSet") GUEST "\"vcpus\":0,\"wait\":0}}",
		  INVALID("vcpus") },
		{ OURS("VcpuSet") GUEST "\"vcpus\":129,\"wait\":0}}",
		  INVALID("vcpus") },
		{ OURS("VcpuSet") GUEST "\"vcpus\":1}}", INVALID("wait") },
		{ OURS("VcpuPin") GUEST "\"vcpu\":128}}", INVALID("vcpu") },
		{ OURS("VcpuPin") GUEST "\"cpus\":0}}", INVALID("cpus") },
		{ OURS("ShareSet") GUEST "\"cpu_weight\":0}}",
		  INVALID("cpu_weight") },
		{ OURS("ShareSet") GUEST "\"cpu_weight\":65536}}",
		  INVALID("cpu_weight") },
		{ OURS("ShareSet") GUEST "\"cap\":12801}}", INVALID("cap") },
		{ OURS("ShareSet") GUEST "\"cap\":-1}}", INVALID("cap") },
		{ OURS("ShareSet") GUEST "\"vcpu\":1}}", INVALID("vcpu") },
		{ OURS("VbdAdd") GUEST "\"disk\":null,\"wait\":0}}",
		  INVALID("disk") },
	};
	struct request request;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(right); i++) {
		assert_null(parse(right[i].text, &request));
		assert_int_equal(request.method, right[i].method);
		assert_int_equal(request.looks, right[i].looks);
		assert_string_equal(doc_get_text(request.parameters, "guest"),
				    "a");
		json_object_put(request.parameters);
	}
	for (i = 0; i < ARRAY_SIZE(wrong); i++)
		is_text(parse(wrong[i].text, &request), wrong[i].answer);
	/* Of no guest. */
	assert_null(parse(OURS("DebugKeys") WITH "\"keys\":\"ht\"}}", &request));
	assert_int_equal(request.method, METHOD_DEBUG_KEYS);
	assert_true(request.looks);
	assert_string_equal(doc_get_text(request.parameters, "keys"), "ht");
	json_object_put(request.parameters);
}

static void test_wrong_calls(void **state)
{
	static const struct {
		const char *text;
		const char *answer;
	} wrong[] = {
		{ "", MALFORMED("call: is not JSON") },
		{ "nonsense", MALFORMED("call: is not JSON") },
		{ "{", MALFORMED("call: is not JSON") },
		{ "{}}", MALFORMED("call: is not JSON") },
		{ OURS("Status") "} {}", MALFORMED("call: is not JSON") },
		{ OURS("Status") ",}", MALFORMED("call: is not JSON") },
		{ CALL("a.\xff") "}", MALFORMED("call: is not JSON") },
		{ "[[[[[[[[1]]]]]]]]", MALFORMED("call: is not JSON") },
		{ OURS("Status") WITH "\"a\":[[[1]]]}}",
		  MALFORMED("call: is not JSON") },
		{ "null", MALFORMED("call: must be an object") },
		{ "7", MALFORMED("call: must be an object") },
		{ "[]", MALFORMED("call: must be an object") },
		{ "{}", MALFORMED("method: is missing") },
		{ "{\"command\":\"status\"}",
		  MALFORMED("call: has keys that varlink hasn't") },
		{ "{\"method\":7}", MALFORMED("method: must be a string") },
		{ "{\"method\":null}", MALFORMED("method: must be a string") },
		{ OURS("Status\\u0000") "}",
		  MALFORMED("method: must be a string") },
		{ CALL("") "}", MALFORMED("method: has no interface") },
		{ CALL("Status") "}", MALFORMED("method: has no interface") },
		{ OURS("Status") ",\"parameters\":null}",
		  MALFORMED("parameters: must be an object") },
		{ OURS("Status") ",\"parameters\":[]}",
		  MALFORMED("parameters: must be an object") },
		{ OURS("Status") ",\"more\":1}",
		  MALFORMED("more, oneway, upgrade: must be true or false") },
		{ OURS("Status") ",\"oneway\":null}",
		  MALFORMED("more, oneway, upgrade: must be true or false") },
		{ OURS("Status") ",\"upgrade\":true}",
		  MALFORMED("upgrade: there is none") },
		{ OURS("Status") ",\"more\":true,\"oneway\":true}",
		  MALFORMED("more, oneway: which one?") },
		{ OURS("Nothing") "}",
		  WRONG("MethodNotFound", "method", "org.noxs.chaos.Nothing") },
		{ OURS("") "}",
		  WRONG("MethodNotFound", "method", "org.noxs.chaos.") },
		{ SERVICE("Status") "}",
		  WRONG("MethodNotFound", "method",
			"org.varlink.service.Status") },
		{ CALL("org.noxs.chao.Status") "}",
		  WRONG("InterfaceNotFound", "interface", "org.noxs.chao") },
		{ CALL("org.noxs.other.Status") "}",
		  WRONG("InterfaceNotFound", "interface", "org.noxs.other") },
		{ DESCRIBE "\"interface\":\"org.noxs\"}}",
		  WRONG("InterfaceNotFound", "interface", "org.noxs") },
		{ DESCRIBE "\"interface\":1}}", INVALID("interface") },
		{ SERVICE("GetInterfaceDescription") "}",
		  INVALID("interface") },
		{ OURS("Events") "}",
		  "{\"error\":\"org.varlink.service.ExpectedMore\",\"parameters\":{}}" },
		{ OURS("Status") WITH "\"domid\":1}}", INVALID("domid") },
		{ OURS("Pools") WITH "\"event\":\"created\"}}",
		  INVALID("event") },
		{ OURS("Notify") "}", INVALID("event") },
		{ OURS("Notify") WITH "\"event\":\"created\"}}",
		  INVALID("domid") },
		{ OURS("Notify") WITH "\"domid\":1}}", INVALID("event") },
		{ OURS("Notify") WITH "\"event\":\"paused\",\"domid\":1}}",
		  INVALID("event") },
		{ OURS("Notify") WITH "\"event\":1,\"domid\":1}}",
		  INVALID("event") },
		{ NOTIFY "\"domid\":1,\"x\":1}}", INVALID("x") },
		{ NOTIFY "\"domid\":\"1\"}}", INVALID("domid") },
		{ NOTIFY "\"domid\":null}}", INVALID("domid") },
		{ NOTIFY "\"domid\":1.5}}", INVALID("domid") },
		{ NOTIFY "\"domid\":0}}", INVALID("domid") },
		{ NOTIFY "\"domid\":-1}}", INVALID("domid") },
		{ NOTIFY "\"domid\":32752}}", INVALID("domid") },
		{ OPEN "1}}", INVALID("handle") },
		{ OURS("Pause") "}", INVALID("guest") },
		{ OURS("Pause") WITH "\"guest\":7}}", INVALID("guest") },
		{ OURS("Pause") WITH "\"guest\":\"a\\u0000b\"}}",
		  INVALID("guest") },
		{ OURS("Unpause") WITH "\"guest\":\"a\",\"name\":\"b\"}}",
		  INVALID("name") },
		{ OURS("Rename") WITH "\"guest\":\"a\"}}", INVALID("name") },
		{ OPEN "1,\"handle\":1}}", INVALID("handle") },
		{ OPEN "1,\"handle\":\"1\"}}", INVALID("handle") },
	};
	struct json_object *answer;
	struct request request;
	const char *text;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		is_text(parse(wrong[i].text, &request), wrong[i].answer);
	/* A newer json-c refuses a number that int64_t hasn't itself. */
	answer = parse(NOTIFY "\"domid\":99999999999999999999}}", &request);
	text = json_object_to_json_string_ext(answer, 0);
	if (strcmp(text, MALFORMED("call: is not JSON")))
		assert_string_equal(text, INVALID("domid"));
	json_object_put(answer);
	/* Whoever wants no answer gets none to what is wrong, either. */
	json_object_put(parse(OURS("Nothing") ",\"oneway\":true}", &request));
	assert_true(request.oneway);
}

#define SIXTEEN	"0123456789abcdef"

/* That is for the group, too. */
static void test_looks(void **state)
{
	struct request request;

	(void)state;
	no_root = true;
	assert_null(parse(OURS("Info") WITH "\"guest\":\"a\"}}", &request));
	assert_int_equal(request.method, METHOD_INFO);
	assert_true(request.looks);
	json_object_put(request.parameters);
	assert_null(parse(OURS("List") WITH "\"guest\":null,\"all\":true,\"from\":32752}}",
			  &request));
	assert_int_equal(request.method, METHOD_LIST);
	assert_true(request.looks);
	json_object_put(request.parameters);
	assert_null(parse(OURS("List") "}", &request));
	assert_null(request.parameters);
	is_text(parse(OURS("List") WITH "\"from\":-1}}", &request),
		INVALID("from"));
	is_text(parse(OURS("List") WITH "\"from\":32753}}", &request),
		INVALID("from"));
	is_text(parse(OURS("List") WITH "\"all\":1}}", &request), INVALID("all"));
	is_text(parse(OURS("Info") WITH "\"all\":true}}", &request),
		INVALID("all"));
	/* Names have 63 characters at most. */
	is_text(parse(OURS("Info") WITH "\"guest\":\"" SIXTEEN SIXTEEN SIXTEEN SIXTEEN "\"}}",
		      &request), INVALID("guest"));
	is_text(parse(OURS("List") WITH "\"guest\":\"" SIXTEEN SIXTEEN SIXTEEN SIXTEEN "\"}}",
		      &request), INVALID("guest"));
	no_root = false;
}

/* Whoever isn't root may look, and is told no more of what is wrong. */
static void test_others(void **state)
{
	static const char *const roots[] = {
		NOTIFY "\"domid\":7}}", OURS("Notify") "}", OPEN "1," HANDLE,
		CLOSE "1," HANDLE, OURS("Pause") WITH "\"guest\":\"a\"}}",
		OURS("DebugKeys") WITH "\"keys\":\"ht\"}}",
	};
	static const char *const all[] = {
		OURS("Status") "}", OURS("Pools") "}",
		OURS("Events") ",\"more\":true}", SERVICE("GetInfo") "}",
		DESCRIBE "\"interface\":\"org.noxs.chaos\"}}",
	};
	struct request request;
	size_t i;

	(void)state;
	no_root = true;
	for (i = 0; i < sizeof(roots) / sizeof(*roots); i++)
		is_text(parse(roots[i], &request), DENIED);
	for (i = 0; i < sizeof(all) / sizeof(*all); i++)
		assert_null(parse(all[i], &request));
	no_root = false;
}

static void test_no_memory(void **state)
{
	struct request request;

	(void)state;
	no_memory = true;
	is_text(parse(OURS("Status") "}", &request),
		NUMBERED("Failed", "call: Cannot allocate memory", "12"));
	no_memory = false;
}

static void test_answers(void **state)
{
	struct json_object *info = json_object_new_object(), *more;
	struct error err;

	(void)state;
	error_set(&err, -EBUSY, "vif 0: \"busy\"");
	is_text(protocol_failed(-EBUSY, &err),
		NUMBERED("Failed", "vif 0: \\\"busy\\\"", "16"));
	is_text(protocol_failed_with(-EBUSY, &err, NULL),
		NUMBERED("Failed", "vif 0: \\\"busy\\\"", "16"));
	more = json_tokener_parse("{\"name\":\"a\"}");
	is_text(protocol_failed_with(-EBUSY, &err, more),
		NUMBERED("Failed", "vif 0: \\\"busy\\\"", "16,\"name\":\"a\""));
	json_object_put(more);
	error_set(&err, -EPERM, "no");
	is_text(protocol_refused(-EPERM, &err),
		NUMBERED("Refused", "no", "1"));
	is_text(protocol_reply(json_object_new_object(), false),
		"{\"parameters\":{}}");
	is_text(protocol_reply(json_object_new_object(), true),
		"{\"parameters\":{},\"continues\":true}");
	protocol_info(info);
	assert_string_equal(doc_get_text(info, "product"), "chaosd");
	is_text(json_object_get(json_object_object_get(info, "interfaces")),
		"[\"org.varlink.service\",\"org.noxs.chaos\"]");
	json_object_put(info);
}

/* What a client would get, for tests/unit/protocol. */
static int dump(const char *interface, const char *path)
{
	struct request request;
	FILE *stream;
	char *call;
	int ret;

	if (asprintf(&call, DESCRIBE "\"interface\":\"%s\"}}", interface) < 0)
		return 1;
	ret = parse(call, &request) ? 1 : 0;
	free(call);
	stream = ret ? NULL : fopen(path, "w");
	if (!stream)
		return 1;
	fputs(request.description, stream);
	return fclose(stream) ? 1 : 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_right_calls),
		cmocka_unit_test(test_jobs),
		cmocka_unit_test(test_configs),
		cmocka_unit_test(test_device_jobs),
		cmocka_unit_test(test_looks),
		cmocka_unit_test(test_beyond_ascii),
		cmocka_unit_test(test_run),
		cmocka_unit_test(test_create),
		cmocka_unit_test(test_job_of_all),
		cmocka_unit_test(test_wrong_calls),
		cmocka_unit_test(test_others),
		cmocka_unit_test(test_no_memory),
		cmocka_unit_test(test_answers),
	};

	if (argc == 3)
		return dump(argv[1], argv[2]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
