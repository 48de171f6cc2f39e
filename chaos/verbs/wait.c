// SPDX-License-Identifier: GPL-2.0
/*
 * What a verb waits for is in what it answers, and comes back with its parameters when it
 * is to go on: that may be in another process.
 */
#include <json-c/json.h>
#include <string.h>

#include "guest/names.h"
#include "util/json.h"
#include "verbs/verbs.h"

struct verb_wait verb_wait_for(const struct guest *guest, int64_t deadline)
{
	struct verb_wait wait = { .domid = guest->domid, .deadline = deadline };

	memcpy(wait.handle, guest->handle, UUID_SIZE);
	return wait;
}

int verb_wait(struct json_object *answer, const struct verb_wait *wait)
{
	char uuid[UUID_TEXT];

	doc_number(answer, "domid", wait->domid);
	doc_text(answer, "handle", uuid_format(wait->handle, uuid));
	doc_number(answer, "deadline", wait->deadline);
	return VERB_WAITS;
}

void verb_go_on(struct json_object *parameters, struct json_object *waited,
		bool left)
{
	json_object_object_add(parameters, "waited", waited);
	doc_bool(parameters, "left", left);
}

struct json_object *verb_waited(struct json_object *parameters,
				struct verb_wait *wait)
{
	struct json_object *waited;

	if (!json_object_object_get_ex(parameters, "waited", &waited))
		return NULL;
	memset(wait, 0, sizeof(*wait));
	wait->domid = doc_get_number(waited, "domid");
	(void)uuid_parse(doc_get_text(waited, "handle"), wait->handle);
	wait->deadline = doc_get_number(waited, "deadline");
	return waited;
}
