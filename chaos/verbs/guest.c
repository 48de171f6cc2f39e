// SPDX-License-Identifier: GPL-2.0
/*
 * A guest is kept from running, let run, called otherwise, destroyed: under its lock.
 */
#include <errno.h>
#include <json-c/json.h>

#include "guest/names.h"
#include "guest/power.h"
#include "guest/remove.h"
#include "host/noxs.h"
#include "util/json.h"
#include "util/util.h"
#include "verbs/verbs.h"
#include "xen/domain.h"

/* Lock a guest that may be changed. */
static int begin(struct access *access, struct json_object *parameters,
		 struct guest *guest, struct error *err)
{
	int ret;

	ret = guest_lock(&access->xen, doc_get_text(parameters, "guest"), guest,
			 err);
	if (ret)
		return ret;
	ret = guest_require(guest, err);
	if (ret)
		guest_put(guest);
	return ret;
}

static int set_paused(struct access *access, struct guest *guest, bool paused,
		      struct json_object *answer, struct error *err)
{
	int ret;

	ret = domain_set_paused(&access->xen, guest->domid, paused, err);
	if (ret < 0)
		return ret;
	doc_number(answer, "domid", guest->domid);
	doc_bool(answer, "changed", ret);
	return 0;
}

static int pause_guest(const struct verb *verb, struct access *access,
		       struct json_object *parameters,
		       struct json_object *answer, struct error *err)
{
	struct guest guest;
	int ret;

	(void)verb;
	ret = begin(access, parameters, &guest, err);
	if (ret)
		return ret;
	ret = set_paused(access, &guest, true, answer, err);
	guest_put(&guest);
	return ret;
}

static int unpause(struct access *access, struct json_object *parameters,
		   struct json_object *answer, struct verb_wait *wait,
		   struct error *err)
{
	struct error ignored;
	struct guest guest;
	int ret;

	ret = begin(access, parameters, &guest, err);
	if (ret)
		return ret;
	(void)guest_serve_console(&guest, &ignored);
	ret = set_paused(access, &guest, false, answer, err);
	*wait = verb_wait_for(&guest, clock_ms() +
			      doc_get_number(parameters, "wait"));
	guest_put(&guest);
	return ret;
}

static int unpause_guest(const struct verb *verb, struct access *access,
			 struct json_object *parameters,
			 struct json_object *answer, struct error *err)
{
	struct json_object *waited;
	struct verb_wait wait;
	int ret = 0;

	(void)verb;
	waited = verb_waited(parameters, &wait);
	if (waited) {
		doc_number(answer, "domid", wait.domid);
		doc_bool(answer, "changed", doc_get_bool(waited, "changed"));
	} else {
		ret = unpause(access, parameters, answer, &wait, err);
	}
	if (ret || !doc_get_number(parameters, "wait"))
		return ret;
	ret = access_noxs(access, err);
	return ret ? ret : verb_connected(access, parameters, answer, &wait,
					  err);
}

static int rename_guest(const struct verb *verb, struct access *access,
			struct json_object *parameters,
			struct json_object *answer, struct error *err)
{
	const char *name = doc_get_text(parameters, "name");
	const char *why = config_name_check(name);
	struct guest guest;
	int ret;

	(void)verb;
	if (why)
		return error_set(err, -EINVAL, "the new name %s", why);
	ret = begin(access, parameters, &guest, err);
	if (ret)
		return ret;
	ret = guest_rename(&access->xen, &guest, name, err);
	if (!ret)
		doc_number(answer, "domid", guest.domid);
	guest_put(&guest);
	return ret;
}

static int check_destroy(const struct guest *guest, bool force,
			 struct error *err)
{
	if (!guest->domid)
		return error_set(err, -EPERM, "is the host");
	if (guest->recorded || noxs_is_handle(guest->handle) || force)
		return 0;
	return error_set(err, -EPERM,
			 "is not a guest of chaos (-F destroys it all the same)");
}

static int destroy_guest(const struct verb *verb, struct access *access,
			 struct json_object *parameters,
			 struct json_object *answer, struct error *err)
{
	bool force = doc_get_bool(parameters, "force");
	struct guest guest;
	int ret;

	(void)verb;
	ret = guest_lock(&access->xen, doc_get_text(parameters, "guest"),
			 &guest, err);
	if (ret)
		return ret;
	doc_number(answer, "domid", guest.domid);
	ret = check_destroy(&guest, force, err);
	if (!ret)
		ret = guest_remove(&access->xen, &guest, force, err);
	guest_put(&guest);
	return ret;
}

const struct verb guest_verbs[] = {
	{ "Pause", pause_guest, NOXS_TYPE_NONE, false },
	{ "Unpause", unpause_guest, NOXS_TYPE_NONE, false },
	{ "Rename", rename_guest, NOXS_TYPE_NONE, false },
	{ "Destroy", destroy_guest, NOXS_TYPE_NONE, false },
	{ .method = NULL },
};
