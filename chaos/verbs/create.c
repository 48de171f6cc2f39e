// SPDX-License-Identifier: GPL-2.0
/*
 * A guest is made, from the text of its configuration: see guest/make.h. Whoever waits until
 * its devices are connected keeps nobody from it. Besides, what is done for many of them
 * (verbs/many.h), and what a configuration would make.
 */
#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "guest/check.h"
#include "guest/make.h"
#include "guest/names.h"
#include "guest/power.h"
#include "guest/remove.h"
#include "util/json.h"
#include "util/util.h"
#include "verbs/verbs.h"
#include "xen/reason.h"

/**
 * struct creation - a guest that is asked for
 * @access: to the host
 * @parameters: of the method
 * @answer: out
 * @making: the guest
 * @wait: the guest, and how long its devices may take
 */
struct creation {
	struct access *access;
	struct json_object *parameters;
	struct json_object *answer;
	struct making making;
	struct verb_wait wait;
};

static const char *text_of(const struct creation *creation, const char *key)
{
	return doc_get_text(creation->parameters, key);
}

/* Relative paths begin where who asks for it is. */
static int go_there(const struct creation *creation, struct error *err)
{
	const char *directory = text_of(creation, "directory");

	if (chdir(directory))
		return error_sys(err, -errno, "%s", directory);
	return 0;
}

static void add_warnings(const struct creation *creation)
{
	const struct guest_config *config = &creation->making.config;
	struct json_object *list = doc_list(creation->answer, "warnings");
	unsigned int i;

	for (i = 0; i < config->nr_warnings; i++)
		list_text(list, config->warnings[i]);
}

/* @wrongs: lines; are freed */
static void add_wrongs(const struct creation *creation, char *wrongs)
{
	struct json_object *list = doc_list(creation->answer, "wrongs");
	char *rest = wrongs, *line;

	while ((line = strsep(&rest, "\n")))
		if (*line)
			list_text(list, line);
	free(wrongs);
}

/* One of many has a number behind its name. */
static int add_number(struct creation *creation, struct error *err)
{
	unsigned int number = doc_get_number(creation->parameters, "number");
	char *name = creation->making.config.name;

	if (!number || guest_number_name(name, number, name))
		return 0;
	return error_set(err, -EINVAL, "name: with a number it is too long");
}

static int take_config(struct creation *creation, struct error *err)
{
	const char *text = text_of(creation, "config");
	struct guest_config *config = &creation->making.config;
	char *wrongs;
	int ret;

	ret = go_there(creation, err);
	if (ret)
		return ret;
	ret = config_take(text, strlen(text), text_of(creation, "file"), config,
			  &wrongs, err);
	if (wrongs)
		add_wrongs(creation, wrongs);
	if (!ret)
		ret = add_number(creation, err);
	if (ret)
		return ret;
	doc_text(creation->answer, "name", config->name);
	add_warnings(creation);
	return 0;
}

static int check(struct creation *creation, struct error *err)
{
	return guest_check_with(&creation->access->xen,
				&creation->making.config, err);
}

static void add_domain(struct creation *creation, uint32_t domid,
		       const uint8_t *handle)
{
	char uuid[UUID_TEXT];

	doc_number(creation->answer, "domid", domid);
	doc_text(creation->answer, "handle", uuid_format(handle, uuid));
	creation->wait.domid = domid;
	memcpy(creation->wait.handle, handle, UUID_SIZE);
}

static bool is_his(const struct guest *guest, const char *token)
{
	return guest->recorded &&
	       !strcmp(record_text(&guest->record, "token"), token);
}

/*
 * Who asks again, as nobody has answered, has the guest that was made for him then. If its
 * maker is still at work, he is waited for.
 */
static bool is_made(struct creation *creation)
{
	const char *token = text_of(creation, "token");
	const char *name = creation->making.config.name;
	struct xen *xen = &creation->access->xen;
	struct error ignored;
	struct guest guest;
	bool made;

	if (!*token || guest_find(xen, name, &guest, &ignored))
		return false;
	made = is_his(&guest, token);
	guest_put(&guest);
	if (!made || guest_lock(xen, name, &guest, &ignored))
		return false;
	made = is_his(&guest, token) && record_is_made(&guest.record);
	if (made)
		add_domain(creation, guest.domid, guest.handle);
	/* Its maker may have relied on a chaosd that has died. */
	if (made && !creation->access->daemon)
		(void)guest_serve_console(&guest, &ignored);
	guest_put(&guest);
	return made;
}

static int make(struct creation *creation, struct error *err)
{
	struct access *access = creation->access;
	struct making *making = &creation->making;
	int ret;

	ret = access_noxs(access, err);
	if (ret)
		return ret;
	making->xen = &access->xen;
	making->noxs = &access->noxs;
	making->daemon = access->daemon;
	making->patience = doc_get_number(creation->parameters, "patience");
	making->paused = doc_get_bool(creation->parameters, "paused");
	if (*text_of(creation, "token"))
		making->token = text_of(creation, "token");
	ret = making_make(making, err);
	if (!ret)
		add_domain(creation, making->build.dom.domid,
			   making->build.dom.handle);
	return ret;
}

/* Others may have been faster. */
static int remove_if_there(struct xen *xen, uint32_t domid,
			   const uint8_t *handle, bool force, struct error *err)
{
	int ret = guest_remove_domain(xen, domid, handle, force, err);

	return ret == -ESTALE ? 0 : ret;
}

/* One that has ended goes, once chaosd has said that it is nobody's. Return: as find_run(). */
static int take_over(struct creation *creation, const struct guest *guest,
		     struct error *err)
{
	struct xen *xen = &creation->access->xen;
	char handle[UUID_TEXT];
	bool ended;

	ended = ending_look(xen, guest->domid, guest->handle) != ENDING_NONE;
	uuid_format(guest->handle, handle);
	if (ended && !strcmp(text_of(creation, "former"), handle))
		return remove_if_there(xen, guest->domid, guest->handle, false,
				       err);
	add_domain(creation, guest->domid, guest->handle);
	doc_bool(creation->answer, "found", true);
	doc_bool(creation->answer, "ended", ended);
	return 1;
}

/*
 * A guest that is to be run may be there already: whether it is nobody's, chaosd knows.
 * Return: 0 if there is none; 1, and the answer says which one; a negative errno.
 */
static int find_run(struct creation *creation, struct error *err)
{
	struct error ignored;
	struct guest guest;
	int ret = 0;

	if (!doc_get_number(creation->parameters, "patience") ||
	    guest_find(&creation->access->xen, creation->making.config.name,
		       &guest, &ignored))
		return 0;
	if (guest_is_run(&guest) && record_is_made(&guest.record))
		ret = take_over(creation, &guest, err);
	guest_put(&guest);
	return ret;
}

/* It isn't what was asked for, or nobody wants it any more. Return: @why, or -EIO. */
static int take_back(struct creation *creation, int why, struct error *err)
{
	const struct verb_wait *wait = &creation->wait;
	struct error more;

	return remove_if_there(&creation->access->xen, wait->domid,
			       wait->handle, true, &more) ?
	       error_undoing(err, &more) : why;
}

static int look(struct creation *creation, struct error *err)
{
	int ret;

	ret = verb_connected(creation->access, creation->parameters,
			     creation->answer, &creation->wait, err);
	return ret < 0 ? take_back(creation, ret, err) : ret;
}

static int begin(struct creation *creation, struct error *err)
{
	int64_t time = doc_get_number(creation->parameters, "wait");
	int ret;

	ret = take_config(creation, err);
	if (!ret)
		ret = access_xen(creation->access, err);
	if (!ret && !is_made(creation)) {
		ret = find_run(creation, err);
		if (!ret)
			ret = check(creation, err);
		if (!ret)
			ret = make(creation, err);
	}
	if (ret || !time)
		return ret < 0 ? ret : 0;
	creation->wait.deadline = clock_ms() + time;
	ret = access_noxs(creation->access, err);
	return ret ? ret : look(creation, err);
}

/* What was known of it then is answered in the end. */
static int go_on(struct creation *creation, struct json_object *waited,
		 struct error *err)
{
	static const char *const keys[] = { "name", "warnings", "domid", "handle" };
	struct json_object *value;
	size_t i;
	int ret;

	for (i = 0; i < ARRAY_SIZE(keys); i++)
		if (json_object_object_get_ex(waited, keys[i], &value))
			json_object_object_add(creation->answer, keys[i],
					       json_object_get(value));
	ret = access_xen(creation->access, err);
	if (!ret)
		ret = access_noxs(creation->access, err);
	return ret ? ret : look(creation, err);
}

static int create(const struct verb *verb, struct access *access,
		  struct json_object *parameters, struct json_object *answer,
		  struct error *err)
{
	struct creation creation = {
		.access = access, .parameters = parameters, .answer = answer,
	};
	struct json_object *waited;
	int ret;

	(void)verb;
	waited = verb_waited(parameters, &creation.wait);
	if (waited)
		return go_on(&creation, waited, err);
	ret = begin(&creation, err);
	config_free(&creation.making.config);
	return ret;
}

/* Before any of them is made. */
static int check_many(struct creation *creation, struct error *err)
{
	unsigned int count = doc_get_number(creation->parameters, "count");
	int ret;

	ret = take_config(creation, err);
	if (!ret && count)
		ret = guest_check_many(&creation->making.config, count, err);
	if (!ret)
		ret = access_xen(creation->access, err);
	return ret ? ret : check(creation, err);
}

static int create_many(const struct verb *verb, struct access *access,
		       struct json_object *parameters,
		       struct json_object *answer, struct error *err)
{
	struct creation creation = {
		.access = access, .parameters = parameters, .answer = answer,
	};
	int ret = check_many(&creation, err);

	(void)verb;
	config_free(&creation.making.config);
	return ret;
}

static int check_config(const struct verb *verb, struct access *access,
			struct json_object *parameters,
			struct json_object *answer, struct error *err)
{
	struct creation creation = {
		.access = access, .parameters = parameters, .answer = answer,
	};
	struct json_object *doc;
	int ret;

	(void)verb;
	ret = check_many(&creation, err);
	if (!ret)
		ret = access_noxs(access, err);
	if (!ret)
		ret = guest_try(&access->xen, &creation.making.config,
				doc_get_number(parameters, "count"), &doc, err);
	if (!ret)
		json_object_object_add(answer, "guest", doc);
	config_free(&creation.making.config);
	return ret;
}

/* Whoever made it was killed, or has said nothing: there may be a part of it. */
static int find_his(struct access *access, struct json_object *parameters,
		    uint32_t *domid, uint8_t *handle, struct error *err)
{
	const char *token = doc_get_text(parameters, "token");
	struct guest guest;
	int ret;

	ret = guest_find(&access->xen, doc_get_text(parameters, "name"), &guest,
			 err);
	if (ret)
		return ret;
	*domid = guest.domid;
	memcpy(handle, guest.handle, UUID_SIZE);
	ret = is_his(&guest, token) ? 0 : -ENOENT;
	guest_put(&guest);
	return ret;
}

static int undo(const struct verb *verb, struct access *access,
		struct json_object *parameters, struct json_object *answer,
		struct error *err)
{
	uint32_t domid = doc_get_number(parameters, "domid");
	uint8_t handle[UUID_SIZE] = { 0 };

	(void)verb;
	(void)answer;
	(void)uuid_parse(doc_get_text(parameters, "handle"), handle);
	if (!domid && find_his(access, parameters, &domid, handle, err))
		return 0;
	return remove_if_there(&access->xen, domid, handle, true, err);
}

/**
 * struct rest - what was made of many, for somebody who asked for them
 * @xen: opened
 * @token: his
 * @ret: 0, or why one of them is still there
 * @err: the same in words
 */
struct rest {
	struct xen *xen;
	const char *token;
	int ret;
	struct error *err;
};

/* The token of one of many has its number behind it. */
static bool is_one_of(const char *token, const char *of)
{
	size_t len = strlen(of);

	if (strncmp(token, of, len) || token[len] != '-')
		return false;
	token += len + 1;
	return *token && strspn(token, "0123456789") == strlen(token);
}

static void undo_one(struct record *record, void *arg)
{
	struct rest *rest = arg;
	int ret;

	if (!is_one_of(record_text(record, "token"), rest->token))
		return;
	ret = remove_if_there(rest->xen, record->domid, record->handle, true,
			      rest->err);
	if (ret)
		rest->ret = ret;
}

static int undo_rest(const struct verb *verb, struct access *access,
		     struct json_object *parameters, struct json_object *answer,
		     struct error *err)
{
	struct rest rest = {
		.xen = &access->xen,
		.token = doc_get_text(parameters, "token"), .err = err,
	};

	(void)verb;
	(void)answer;
	records_each(undo_one, &rest);
	return rest.ret;
}

const struct verb create_verbs[] = {
	{ "Create", create, NOXS_TYPE_NONE, true },
	{ "CreateMany", create_many, NOXS_TYPE_NONE, true },
	{ "Run", create, NOXS_TYPE_NONE, true },
	{ "CreateUndo", undo, NOXS_TYPE_NONE, false },
	{ "CreateUndoRest", undo_rest, NOXS_TYPE_NONE, false },
	{ "Check", check_config, NOXS_TYPE_NONE, true },
	{ .method = NULL },
};
