// SPDX-License-Identifier: GPL-2.0
/*
 * Many guests from one configuration: see verbs/many.h.
 */
#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "guest/check.h"
#include "util/json.h"
#include "util/signal.h"
#include "util/util.h"
#include "verbs/many.h"

/* A token with a number behind it. */
#define TOKEN_MAX	256

/**
 * enum phase - what is done to one guest after the other
 * @PHASE_CHECK: the configuration is looked at, once
 * @PHASE_MAKE: they are made
 * @PHASE_START: they are let run
 * @PHASE_WAIT: they are waited for
 * @PHASE_UNDO: they are removed again
 * @PHASE_UNDO_REST: so are those that were made when the same was asked before, by a chaosd
 *	that was killed; once
 * @PHASE_END: nothing
 */
enum phase {
	PHASE_CHECK,
	PHASE_MAKE,
	PHASE_START,
	PHASE_WAIT,
	PHASE_UNDO,
	PHASE_UNDO_REST,
	PHASE_END,
};

static const char *const methods[] = {
	[PHASE_CHECK] = "CreateMany",
	[PHASE_MAKE] = "Create",
	[PHASE_START] = "Unpause",
	[PHASE_WAIT] = "Unpause",
	[PHASE_UNDO] = "CreateUndo",
	[PHASE_UNDO_REST] = "CreateUndoRest",
};

/**
 * struct many - all of them
 * @parameters: of CreateMany
 * @token: of who asks for them
 * @guests: of each what was answered when it was made, or NULL
 * @count: how many there are to be
 * @begun: for how many of them it was begun to make them
 * @made: how many were made
 * @phase: what is being done
 * @next: whose turn it is
 * @busy: how many verbs are being done
 * @side: how many may be
 * @deadline: until when they are waited for
 * @said: what is answered besides
 * @ret: 0 or why they are removed again
 * @err: the same in words
 */
struct many {
	struct json_object *parameters;
	char token[TOKEN_MAX];
	struct json_object **guests;
	unsigned int count;
	unsigned int begun;
	unsigned int made;
	enum phase phase;
	unsigned int next;
	unsigned int busy;
	unsigned int side;
	int64_t deadline;
	struct json_object *said;
	int ret;
	struct error err;
};

/* What was made half is known by it. */
static void set_token(struct many *many)
{
	const char *token = doc_get_text(many->parameters, "token");
	uint8_t uuid[UUID_SIZE] = { 0 };
	char text[UUID_TEXT];

	(void)!getrandom(uuid, sizeof(uuid), 0);
	snprintf(many->token, sizeof(many->token), "%s",
		 *token ? token : uuid_format(uuid, text));
}

struct many *many_begin(struct json_object *parameters, unsigned int side)
{
	struct many *many = calloc(1, sizeof(*many));

	if (!many)
		return NULL;
	many->count = doc_get_number(parameters, "count");
	many->guests = calloc(many->count, sizeof(*many->guests));
	if (!many->guests) {
		free(many);
		return NULL;
	}
	many->parameters = json_object_get(parameters);
	many->side = side;
	set_token(many);
	return many;
}

static unsigned int count_in(const struct many *many)
{
	if (many->phase == PHASE_CHECK || many->phase == PHASE_UNDO_REST)
		return 1;
	return many->phase == PHASE_UNDO ? many->begun : many->count;
}

static bool is_wanted(const struct many *many, enum phase phase)
{
	bool runs = !doc_get_bool(many->parameters, "paused");

	if (phase == PHASE_START)
		return runs;
	if (phase == PHASE_WAIT)
		return runs && doc_get_number(many->parameters, "wait");
	if (phase == PHASE_UNDO_REST)
		return many->ret && *doc_get_text(many->parameters, "token");
	return phase != PHASE_UNDO;
}

static void set_phase(struct many *many, enum phase phase)
{
	many->phase = phase;
	many->next = 0;
	if (phase == PHASE_WAIT)
		many->deadline = clock_ms() +
				 doc_get_number(many->parameters, "wait");
}

/* If this one is over, another one comes. */
static void go_on(struct many *many)
{
	enum phase phase = many->phase;

	if (many->busy || phase == PHASE_END)
		return;
	if (many->ret && phase < PHASE_UNDO) {
		set_phase(many, PHASE_UNDO);
		phase = PHASE_UNDO;
	}
	if (many->next < count_in(many))
		return;
	do
		phase++;
	while (!is_wanted(many, phase));
	set_phase(many, phase);
}

static void fail(struct many *many, int ret, const char *name, const char *why)
{
	if (many->ret)
		return;
	many->ret = error_set(&many->err, ret, "%s%s%s", name ? name : "",
			      name ? ": " : "", why);
}

static void name_of(const struct many *many, unsigned int member, char *name)
{
	guest_number_name(doc_get_text(many->said, "name"), member + 1, name);
}

static void add_token(const struct many *many, unsigned int member,
		      struct json_object *parameters)
{
	char token[TOKEN_MAX + 16];

	snprintf(token, sizeof(token), "%s-%u", many->token, member + 1);
	doc_text(parameters, "token", token);
}

/* Those of the whole are the same for each, but for a few. */
static struct json_object *to_make(const struct many *many, unsigned int member)
{
	static const char *const keys[] = { "config", "file", "directory" };
	struct json_object *parameters = json_object_new_object(), *value;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(keys); i++) {
		value = json_object_object_get(many->parameters, keys[i]);
		json_object_object_add(parameters, keys[i],
				       json_object_get(value));
	}
	doc_bool(parameters, "paused", true);
	doc_number(parameters, "wait", 0);
	doc_number(parameters, "number", member + 1);
	add_token(many, member, parameters);
	return parameters;
}

static struct json_object *to_start(const struct many *many,
				    unsigned int member)
{
	struct json_object *made = many->guests[member];
	struct json_object *parameters = json_object_new_object();
	int64_t left = many->deadline - clock_ms();
	char domid[16];

	snprintf(domid, sizeof(domid), "%d",
		 (int)doc_get_number(made, "domid"));
	doc_text(parameters, "guest", domid);
	if (many->phase == PHASE_WAIT)
		doc_number(parameters, "wait", left > 0 ? left : 1);
	return parameters;
}

static struct json_object *to_undo(const struct many *many, unsigned int member)
{
	struct json_object *made = many->guests[member];
	struct json_object *parameters = json_object_new_object();
	char name[CONFIG_NAME_MAX + 1];

	name_of(many, member, name);
	doc_text(parameters, "name", name);
	add_token(many, member, parameters);
	if (made) {
		doc_number(parameters, "domid", doc_get_number(made, "domid"));
		doc_text(parameters, "handle", doc_get_text(made, "handle"));
	}
	return parameters;
}

static struct json_object *to_undo_rest(const struct many *many)
{
	struct json_object *parameters = json_object_new_object();

	doc_text(parameters, "token", many->token);
	return parameters;
}

static struct json_object *parameters_of(const struct many *many,
					 unsigned int member)
{
	switch (many->phase) {
	case PHASE_MAKE:
		return to_make(many, member);
	case PHASE_START:
	case PHASE_WAIT:
		return to_start(many, member);
	case PHASE_UNDO:
		return to_undo(many, member);
	case PHASE_UNDO_REST:
		return to_undo_rest(many);
	default:
		return json_object_get(many->parameters);
	}
}

bool many_next(struct many *many, unsigned int *member, const char **method,
	       struct json_object **parameters)
{
	go_on(many);
	if (many->phase == PHASE_END || many->busy >= many->side ||
	    many->next >= count_in(many) ||
	    (many->ret && many->phase < PHASE_UNDO))
		return false;
	*member = many->next++;
	*method = methods[many->phase];
	*parameters = parameters_of(many, *member);
	many->busy++;
	if (many->phase == PHASE_MAKE)
		many->begun = many->next;
	return true;
}

static struct json_object *made(struct many *many, unsigned int member,
				struct json_object *answer)
{
	struct json_object *told = json_object_new_object();

	many->guests[member] = json_object_get(answer);
	doc_number(told, "made", ++many->made);
	doc_number(told, "number", member + 1);
	doc_text(told, "name", doc_get_text(answer, "name"));
	doc_number(told, "domid", doc_get_number(answer, "domid"));
	doc_text(told, "handle", doc_get_text(answer, "handle"));
	return told;
}

/* The first failure is why; what can't be undone is told besides. */
static void not_done(struct many *many, unsigned int member, int ret,
		     const struct error *err)
{
	size_t len = strlen(many->err.text);
	char name[CONFIG_NAME_MAX + 1];

	if (many->phase == PHASE_CHECK) {
		fail(many, ret, NULL, err->text);
		return;
	}
	if (many->phase == PHASE_UNDO_REST)
		strcpy(name, "the rest");
	else
		name_of(many, member, name);
	if (many->phase >= PHASE_UNDO)
		snprintf(many->err.text + len, sizeof(many->err.text) - len,
			 "; and undoing %s: %s", name, err->text);
	else
		fail(many, ret, name, err->text);
}

struct json_object *many_done(struct many *many, unsigned int member, int ret,
			      struct json_object *answer,
			      const struct error *err)
{
	struct json_object *told = NULL;

	many->busy--;
	if (many->phase == PHASE_CHECK)
		many->said = json_object_get(answer);
	if (ret)
		not_done(many, member, ret, err);
	else if (many->phase == PHASE_MAKE)
		told = made(many, member, answer);
	go_on(many);
	return told;
}

bool many_stop(struct many *many)
{
	if (many->phase >= PHASE_UNDO)
		return false;
	fail(many, -EINTR, NULL, "interrupted");
	return true;
}

bool many_ended(const struct many *many)
{
	return many->phase == PHASE_END;
}

int many_end(struct many *many, struct json_object **answer, struct error *err)
{
	int ret = many->ret;
	unsigned int i;

	*err = many->err;
	*answer = many->said ? many->said : json_object_new_object();
	if (!ret) {
		json_object_object_del(*answer, "name");
		doc_number(*answer, "made", many->made);
	}
	for (i = 0; i < many->count; i++)
		json_object_put(many->guests[i]);
	json_object_put(many->parameters);
	free(many->guests);
	free(many);
	return ret;
}

static void do_next(struct many *many, struct access *access,
		    unsigned int member, const char *method,
		    struct json_object *parameters,
		    void (*tell)(struct json_object *answer, void *arg),
		    void *arg)
{
	struct json_object *answer, *told;
	struct error err;
	int ret;

	ret = verb_do(access, method, parameters, &answer, &err);
	told = many_done(many, member, ret, answer, &err);
	json_object_put(answer);
	if (told)
		tell(told, arg);
	json_object_put(told);
}

int many_do(struct access *access, struct json_object *parameters,
	    void (*tell)(struct json_object *answer, void *arg), void *arg,
	    struct json_object **answer, struct error *err)
{
	struct many *many = many_begin(parameters, 1);
	struct json_object *its_parameters;
	unsigned int member;
	const char *method;

	*answer = NULL;
	if (!many)
		return error_no_memory(err);
	while (many_next(many, &member, &method, &its_parameters)) {
		do_next(many, access, member, method, its_parameters, tell,
			arg);
		json_object_put(its_parameters);
		if (signals_pending())
			(void)many_stop(many);
	}
	return many_end(many, answer, err);
}
