// SPDX-License-Identifier: GPL-2.0
/*
 * A guest's devices: added, removed and resized under its lock, and listed. Whoever waits
 * until one is connected keeps nobody from the guest.
 */
#include <errno.h>
#include <json-c/json.h>

#include "guest/device.h"
#include "util/json.h"
#include "util/util.h"
#include "verbs/verbs.h"

/**
 * struct change - what is to be done to a guest's devices
 * @do_it: does it; what is known of it is added to @answer
 * @parameters: of the method
 * @answer: out
 * @vif: to add
 * @disk: to add
 * @wait: what it has waited for
 * @type: NOXS_TYPE_*
 */
struct change {
	int (*do_it)(struct device_access *access, struct change *change,
		     struct error *err);
	struct json_object *parameters;
	struct json_object *answer;
	struct vif_config vif;
	struct disk_config disk;
	struct verb_wait wait;
	uint16_t type;
};

/* A guest that runs has its command line. */
static int refuse_untrusted(struct error *err)
{
	return error_set(err, -EINVAL,
			 "untrusted: the guest is told when it is made, and not later");
}

static int with_guest(struct device_access *access, struct change *change,
		      bool lock, struct error *err)
{
	const char *name = doc_get_text(change->parameters, "guest");
	int ret;

	ret = (lock ? guest_lock : guest_find)(access->xen, name,
					       &access->guest, err);
	if (ret)
		return ret;
	if (lock && guest_is_shell(&access->guest))
		ret = error_set(err, -EPERM, "is a domain of a pool");
	else if (access->guest.exists)
		ret = change->do_it(access, change, err);
	else
		ret = error_set(err, -ESRCH, "its domain is gone");
	guest_put(&access->guest);
	return ret;
}

static int change_guest(struct access *access, struct change *change,
			struct error *err)
{
	struct device_access to = {
		.xen = &access->xen, .noxs = &access->noxs,
	};

	return with_guest(&to, change, true, err);
}

/* It is there, and is to be connected. */
static int begin_wait(struct device_access *access, struct change *change,
		      unsigned int id)
{
	int64_t time = doc_get_number(change->parameters, "wait");
	struct verb_wait wait;

	doc_number(change->answer, "id", id);
	if (!time)
		return 0;
	wait = verb_wait_for(&access->guest, clock_ms() + time);
	return verb_wait(change->answer, &wait);
}

/* It hasn't become what was asked for, or nobody wants it any more. */
static void take_back(struct access *access, const struct verb_wait *wait,
		      uint16_t type, unsigned int id)
{
	struct device_access to = {
		.xen = &access->xen, .noxs = &access->noxs,
	};
	struct error ignored;

	if (guest_again(to.xen, wait->domid, wait->handle, true, &to.guest,
			&ignored))
		return;
	(void)device_del(&to, type, id, true, &ignored);
	guest_put(&to.guest);
}

static int go_on(const struct verb *verb, struct access *access,
		 struct change *change, unsigned int id, struct error *err)
{
	bool left = doc_get_bool(change->parameters, "left");
	const struct verb_wait *wait = &change->wait;
	int ret;

	doc_number(change->answer, "id", id);
	if (xen_is_domain(&access->xen, wait->domid, wait->handle))
		ret = device_look(&access->noxs, &access->xen, wait->domid,
				  verb->type, id, err);
	else
		ret = error_set(err, -ESRCH, "its domain is gone");
	if (ret > 0)
		return 0;
	if (!ret && !left && clock_ms() < wait->deadline)
		return verb_wait(change->answer, wait);
	take_back(access, wait, verb->type, id);
	if (ret)
		return ret;
	return left ? error_set(err, -EINTR, "interrupted") : -ETIMEDOUT;
}

static int add_vif(struct device_access *access, struct change *change,
		   struct error *err)
{
	int ret;

	ret = device_add_vif(access, &change->vif, err);
	return ret ? ret : begin_wait(access, change, change->vif.id);
}

static int verb_vif_add(const struct verb *verb, struct access *access,
			struct json_object *parameters,
			struct json_object *answer, struct error *err)
{
	struct change change = {
		.do_it = add_vif, .parameters = parameters, .answer = answer,
	};
	struct json_object *waited;
	int ret;

	waited = verb_waited(parameters, &change.wait);
	if (waited)
		return go_on(verb, access, &change,
			     doc_get_number(waited, "id"), err);
	ret = config_parse_vif(doc_get_text(parameters, "vif"), &change.vif,
			       err);
	if (!ret && change.vif.untrusted)
		ret = refuse_untrusted(err);
	return ret ? ret : change_guest(access, &change, err);
}

static int add_vbd(struct device_access *access, struct change *change,
		   struct error *err)
{
	int ret;

	ret = device_add_vbd(access, &change->disk, err);
	return ret ? ret : begin_wait(access, change, change->disk.id);
}

static int verb_vbd_add(const struct verb *verb, struct access *access,
			struct json_object *parameters,
			struct json_object *answer, struct error *err)
{
	struct change change = {
		.do_it = add_vbd, .parameters = parameters, .answer = answer,
	};
	struct json_object *waited;
	int ret;

	waited = verb_waited(parameters, &change.wait);
	if (waited)
		return go_on(verb, access, &change,
			     doc_get_number(waited, "id"), err);
	ret = config_parse_disk(doc_get_text(parameters, "disk"), &change.disk,
				err);
	if (!ret && change.disk.untrusted)
		ret = refuse_untrusted(err);
	return ret ? ret : change_guest(access, &change, err);
}

static int del(struct device_access *access, struct change *change,
	       struct error *err)
{
	return device_del(access, change->type,
			  doc_get_number(change->parameters, "id"),
			  doc_get_bool(change->parameters, "force"), err);
}

static int verb_del(const struct verb *verb, struct access *access,
		    struct json_object *parameters, struct json_object *answer,
		    struct error *err)
{
	struct change change = {
		.do_it = del, .parameters = parameters, .answer = answer,
		.type = verb->type,
	};

	return change_guest(access, &change, err);
}

static int resize(struct device_access *access, struct change *change,
		  struct error *err)
{
	uint64_t size;
	int ret;

	ret = device_resize(access, doc_get_number(change->parameters, "id"),
			    &size, err);
	if (!ret)
		doc_number(change->answer, "size", size);
	return ret;
}

static int verb_resize(const struct verb *verb, struct access *access,
		       struct json_object *parameters,
		       struct json_object *answer, struct error *err)
{
	struct change change = {
		.do_it = resize, .parameters = parameters, .answer = answer,
	};

	(void)verb;
	return change_guest(access, &change, err);
}

static int list(struct device_access *access, struct change *change,
		struct error *err)
{
	struct json_object *devices;
	int ret;

	ret = device_list(access, change->type, &devices, err);
	if (!ret)
		json_object_object_add(change->answer, "devices", devices);
	return ret;
}

/* Whoever only looks waits for nobody who changes something. */
static int verb_list(const struct verb *verb, struct access *access,
		     struct json_object *parameters, struct json_object *answer,
		     struct error *err)
{
	struct change change = {
		.do_it = list, .parameters = parameters, .answer = answer,
		.type = verb->type,
	};
	struct device_access to = {
		.xen = &access->xen, .noxs = &access->noxs,
	};

	return with_guest(&to, &change, false, err);
}

const struct verb device_verbs[] = {
	{ "VifAdd", verb_vif_add, NOXS_TYPE_VIF, false },
	{ "VifDel", verb_del, NOXS_TYPE_VIF, false },
	{ "VifList", verb_list, NOXS_TYPE_VIF, false },
	{ "VbdAdd", verb_vbd_add, NOXS_TYPE_VBD, false },
	{ "VbdDel", verb_del, NOXS_TYPE_VBD, false },
	{ "VbdResize", verb_resize, NOXS_TYPE_VBD, false },
	{ "VbdList", verb_list, NOXS_TYPE_VBD, false },
	{ .method = NULL },
};
