// SPDX-License-Identifier: GPL-2.0
/*
 * What has no room in one answer is asked for a page after the other.
 */
#include <errno.h>
#include <json-c/json.h>

#include "cmd/ask.h"
#include "cmd/pages.h"
#include "util/json.h"

int pages_ask(const char *method, struct json_object *parameters,
	      const struct options *options,
	      void (*take)(struct json_object *answer, void *arg), void *arg,
	      struct error *err)
{
	struct json_object *answer;
	int64_t from, next = 0;
	int ret;

	do {
		from = next;
		doc_number(parameters, "from", from);
		ret = ask_look(method, json_object_get(parameters), options,
			       &answer, err);
		if (!ret) {
			take(answer, arg);
			next = doc_get_number(answer, "next");
		}
		json_object_put(answer);
	} while (!ret && next > from);
	json_object_put(parameters);
	if (!ret && next)
		return error_set(err, -EPROTO, "chaosd: answers nonsense");
	return ret;
}
