// SPDX-License-Identifier: GPL-2.0
/*
 * What clients may send to chaosd. What is accepted is within the limits of
 * protocol.h; what isn't is answered with an error that has a name, and is text.
 */
#include "fuzz.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <string.h>

#include "daemon/protocol.h"

static void check_request(const struct request *request, bool root)
{
	bool has_domid = request->method == METHOD_NOTIFY ||
			 request->method == METHOD_CONSOLE_OPEN ||
			 request->method == METHOD_CONSOLE_CLOSE ||
			 request->method == METHOD_RUN_AGAIN ||
			 request->method == METHOD_RUN_STOP;

	fuzz_assert(request->method <= METHOD_DEBUG_KEYS);
	/* Nobody but root has a job that changes something. */
	fuzz_assert(!request->parameters ||
		    json_object_is_type(request->parameters, json_type_object));
	fuzz_assert(root || !request->parameters || request->shows);
	fuzz_assert(root || !has_domid);
	fuzz_assert((request->domid != 0) == has_domid);
	fuzz_assert(request->domid < 32752);
	fuzz_assert(!request->event == (request->method != METHOD_NOTIFY));
	fuzz_assert(!request->description ==
		    (request->method != METHOD_GET_INTERFACE_DESCRIPTION));
}

static void check_refusal(struct json_object *refusal)
{
	struct json_object *name, *parameters;
	const char *text;

	fuzz_assert(json_object_object_get_ex(refusal, "error", &name));
	fuzz_assert(!strncmp(json_object_get_string(name), "org.", 4));
	fuzz_assert(json_object_object_get_ex(refusal, "parameters",
					      &parameters));
	fuzz_assert(json_object_is_type(parameters, json_type_object));
	for (text = json_object_to_json_string(refusal); *text; text++)
		fuzz_assert((unsigned char)*text >= ' ');
}

/* Whoever isn't root sends an even number of octets. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct json_object *refusal;
	struct request request;
	bool root = size % 2;

	refusal = protocol_parse((const char *)data, size, root, &request);
	if (refusal) {
		check_refusal(refusal);
		fuzz_refused++;
	} else {
		check_request(&request, root);
		json_object_put(request.parameters);
		fuzz_accepted++;
	}
	json_object_put(refusal);
	return 0;
}
