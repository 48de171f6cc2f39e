// SPDX-License-Identifier: GPL-2.0
/* chaos/daemon/protocol.c: what clients of chaosd may say. */
#include "harness.h"

#include <json-c/json.h>

#include "daemon/protocol.h"

/* The beginnings of requests. */
#define NOTIFY	"{\"command\":\"notify\",\"event\":\"paused\","
#define OPEN	"{\"command\":\"console-open\",\"domid\":"
#define CLOSE	"{\"command\":\"console-close\",\"domid\":"
#define HANDLE	"\"handle\":\"4e4f5853-0000-8123-8000-000000000007\"}"

struct json_tokener *__real_json_tokener_new_ex(int depth);
struct json_tokener *__wrap_json_tokener_new_ex(int depth);

static bool no_memory;

struct json_tokener *__wrap_json_tokener_new_ex(int depth)
{
	return no_memory ? NULL : __real_json_tokener_new_ex(depth);
}

static int parse(const char *line, struct request *request, struct error *err)
{
	/* A copy without a NUL at its end, for the sanitizer to watch. */
	size_t len = strlen(line);
	char *copy = malloc(len ? len : 1);
	int ret;

	assert_non_null(copy);
	memcpy(copy, line, len);
	ret = protocol_parse(copy, len, request, err);
	free(copy);
	return ret;
}

static void test_right_requests(void **state)
{
	struct request request;
	struct error err;

	(void)state;
	assert_int_equal(parse("{\"command\":\"status\"}", &request, &err), 0);
	assert_int_equal(request.command, COMMAND_STATUS);
	assert_int_equal(request.domid, 0);
	assert_int_equal(parse(" { \"command\" : \"events\" } ", &request,
			       &err), 0);
	assert_int_equal(request.command, COMMAND_EVENTS);
	assert_int_equal(parse(NOTIFY "\"domid\":7}", &request, &err), 0);
	assert_int_equal(request.command, COMMAND_NOTIFY);
	assert_int_equal(request.domid, 7);
	assert_string_equal(request.event, "paused");
	assert_int_equal(parse(OPEN "32751," HANDLE, &request, &err),
			 0);
	assert_int_equal(request.command, COMMAND_CONSOLE_OPEN);
	assert_int_equal(request.domid, 32751);
	assert_memory_equal(request.handle, "NOXS", 4);
	assert_int_equal(request.handle[15], 7);
	assert_int_equal(parse(CLOSE "1," HANDLE, &request, &err),
			 0);
	assert_int_equal(request.command, COMMAND_CONSOLE_CLOSE);
	assert_int_equal(parse("{\"command\":\"pools\"}", &request, &err), 0);
	assert_int_equal(request.command, COMMAND_POOLS);
}

static void test_wrong_requests(void **state)
{
	static const struct {
		const char *line;
		const char *why;
	} wrong[] = {
		{ "", "request: is not JSON" },
		{ "nonsense", "request: is not JSON" },
		{ "{", "request: is not JSON" },
		{ "{}}", "request: is not JSON" },
		{ "null", "request: is not JSON" },
		{ "{\"command\":\"status\"} {}", "request: is not JSON" },
		{ "{\"command\":\"status\",}", "request: is not JSON" },
		{ "[[[[[[[[1]]]]]]]]", "request: is not JSON" },
		{ "7", "request: must be an object" },
		{ "[]", "request: must be an object" },
		{ "{}", "command: is missing" },
		{ "{\"command\":7}", "command: must be a string" },
		{ "{\"command\":null}", "command: must be a string" },
		{ "{\"command\":\"\"}", "command: no such command" },
		{ "{\"command\":\"nonsense\"}", "command: no such command" },
		{ "{\"command\":\"status\\u0000\"}",
		  "command: must be a string" },
		{ "{\"command\":\"status\",\"domid\":1}",
		  "request: has keys that the command hasn't" },
		{ "{\"command\":\"pools\",\"event\":\"paused\"}",
		  "request: has keys that the command hasn't" },
		{ "{\"command\":\"notify\",\"event\":\"paused\"}",
		  "domid: is missing" },
		{ "{\"command\":\"notify\",\"domid\":1}", "event: is missing" },
		{ "{\"command\":\"notify\",\"event\":\"crashed\",\"domid\":1}",
		  "event: no such event" },
		{ "{\"command\":\"notify\",\"event\":1,\"domid\":1}",
		  "event: no such event" },
		{ NOTIFY "\"domid\":\"1\"}",
		  "domid: must be a number" },
		{ NOTIFY "\"domid\":1.5}",
		  "domid: must be a number" },
		{ NOTIFY "\"domid\":0}",
		  "domid: is none of a guest" },
		{ NOTIFY "\"domid\":-1}",
		  "domid: is none of a guest" },
		{ NOTIFY "\"domid\":32752}", "domid: is none of a guest" },
		{ NOTIFY "\"domid\":99999999999999999999}",
		  "domid: is none of a guest" },
		{ OPEN "1}",
		  "handle: is missing" },
		{ OPEN "1,\"handle\":1}",
		  "handle: must be 8-4-4-4-12 hexadecimal digits" },
		{ OPEN "1,\"handle\":\"1\"}",
		  "handle: must be 8-4-4-4-12 hexadecimal digits" },
	};
	struct request request;
	struct error err;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		assert_int_equal(parse(wrong[i].line, &request, &err),
				 -EINVAL);
		assert_string_equal(err.text, wrong[i].why);
	}
}

static void test_no_memory(void **state)
{
	struct request request;
	struct error err;

	(void)state;
	no_memory = true;
	assert_int_equal(parse("{\"command\":\"status\"}", &request, &err),
			 -ENOMEM);
	no_memory = false;
}

static void test_refusal(void **state)
{
	struct json_object *answer;
	struct error err;

	(void)state;
	error_set(&err, -EBUSY, "vif 0: \"busy\"");
	answer = protocol_refusal(-EBUSY, &err);
	assert_string_equal(json_object_to_json_string_ext(answer, 0),
			    "{\"ok\":false,\"error\":\"vif 0: \\\"busy\\\"\",\"errno\":16}");
	json_object_put(answer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refusal),
		cmocka_unit_test(test_right_requests),
		cmocka_unit_test(test_wrong_requests),
		cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
