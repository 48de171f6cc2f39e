// SPDX-License-Identifier: GPL-2.0
/*
 * The same is done to all guests at a time: as many verbs, step by step. chaosd's workers
 * have a job for each (daemon/request.c); where it doesn't run, it is done here, one after
 * the other, and those that wait are looked at again and again.
 */
#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "guest/record.h"
#include "util/json.h"
#include "util/signal.h"
#include "util/util.h"
#include "verbs/verbs.h"

/**
 * struct member - one of the guests
 * @next: of those that it isn't done with
 * @domid: its domain
 * @name: of the guest
 * @parameters: of what is done to it
 * @waited: what that waits for, or NULL
 */
struct member {
	struct member *next;
	uint32_t domid;
	char name[CONFIG_NAME_MAX + 1];
	struct json_object *parameters;
	struct json_object *waited;
};

/**
 * struct group - all of them
 * @access: to the host
 * @method: what is done to each
 * @parameters: of that, for all of them
 * @members: those that it isn't done with
 * @failed: of how many that failed
 * @tell: told of each of those
 * @arg: for @tell
 */
struct group {
	struct access *access;
	const char *method;
	struct json_object *parameters;
	struct member *members;
	unsigned int failed;
	void (*tell)(struct json_object *answer, void *arg);
	void *arg;
};

static void tell(struct group *group, const struct member *member,
		 const struct error *err)
{
	struct json_object *answer;

	answer = verb_all_failed(++group->failed, member->domid, member->name,
				 err);
	group->tell(answer, group->arg);
	json_object_put(answer);
}

/* One that is still being made is its maker's. */
static void join(struct record *record, void *arg)
{
	struct group *group = arg;
	struct member *member;
	struct error err;

	if (!record_is_made(record))
		return;
	member = calloc(1, sizeof(*member));
	if (member)
		member->parameters = verb_for_all(group->parameters,
						  record->domid);
	if (!member || !member->parameters) {
		error_no_memory(&err);
		free(member);
		group->failed++;
		return;
	}
	member->domid = record->domid;
	strcpy(member->name, record->name);
	member->next = group->members;
	group->members = member;
}

/* Return: whether it is to be looked at again. */
static bool step(struct group *group, struct member *member)
{
	struct json_object *answer;
	struct error err;
	int ret;

	if (member->waited)
		verb_go_on(member->parameters, member->waited,
			   signals_pending());
	ret = verb_step(group->access, group->method, member->parameters,
			&answer, &err);
	member->waited = ret == VERB_WAITS ? answer : NULL;
	if (ret < 0)
		tell(group, member, &err);
	else if (!ret)
		json_object_put(answer);
	return member->waited;
}

static void step_all(struct group *group)
{
	struct member **at = &group->members, *member;

	while (*at) {
		member = *at;
		if (step(group, member)) {
			at = &member->next;
			continue;
		}
		*at = member->next;
		json_object_put(member->parameters);
		free(member);
	}
}

int verb_do_all(struct access *access, const char *method,
		struct json_object *parameters,
		void (*tell)(struct json_object *answer, void *arg), void *arg,
		struct json_object **answer, struct error *err)
{
	struct group group = {
		.access = access, .method = method, .parameters = parameters,
		.tell = tell, .arg = arg,
	};
	int ret = access_xen(access, err);

	if (!ret)
		ret = access_noxs(access, err);
	if (ret)
		return ret;
	records_each(join, &group);
	while (group.members) {
		step_all(&group);
		/* Not at each event: there are as many as there are guests. */
		if (group.members)
			sleep_ms(VERB_LOOK_MS);
	}
	*answer = json_object_new_object();
	doc_number(*answer, "failed", group.failed);
	return 0;
}
