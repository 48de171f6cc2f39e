// SPDX-License-Identifier: GPL-2.0
/*
 * One of all guests to which something is done at a time: what that is asked for, and what is
 * said of it if it fails.
 */
#include <json-c/json.h>
#include <stdio.h>

#include "util/json.h"
#include "verbs/verbs.h"

struct json_object *verb_for_all(struct json_object *parameters, uint32_t domid)
{
	struct json_object *own = NULL;
	char guest[16];

	if (json_object_deep_copy(parameters, &own, NULL))
		return NULL;
	snprintf(guest, sizeof(guest), "%u", domid);
	doc_text(own, "guest", guest);
	doc_bool(own, "all", true);
	return own;
}

struct json_object *verb_all_failed(unsigned int failed, uint32_t domid,
				    const char *name, const struct error *err)
{
	struct json_object *answer = json_object_new_object();

	doc_number(answer, "failed", failed);
	doc_number(answer, "domid", domid);
	doc_text(answer, "guest", name);
	doc_text(answer, "text", err->text);
	return answer;
}
