/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_VERBS_VERBS_H
#define CHAOS_VERBS_VERBS_H

#include <stdbool.h>

#include "host/noxs.h"
#include "util/error.h"
#include "xen/xen.h"

struct json_object;

/**
 * struct access - access to the host, opened when something needs it for the first time
 * @xen: to the hypervisor, if @has_xen
 * @noxs: to the kernel's devices, if @has_noxs
 * @has_xen: there is
 * @has_noxs: there is
 * @verbose: show what the libraries log, on standard error
 */
struct access {
	struct xen xen;
	struct noxs noxs;
	bool has_xen;
	bool has_noxs;
	bool verbose;
};

/**
 * access_xen() - see to it that there is access to the hypervisor
 * @access: the access
 * @err: out: the reason of a failure
 *
 * Return: 0 or a negative errno.
 */
int access_xen(struct access *access, struct error *err);

/**
 * access_noxs() - see to it that there is access to the kernel's devices
 * @access: the access
 * @err: out: the reason of a failure
 *
 * Return: 0 or a negative errno.
 */
int access_noxs(struct access *access, struct error *err);

/**
 * access_close() - give it up
 * @access: the access
 */
void access_close(struct access *access);

/**
 * verb_do() - do what somebody asks for
 * @access: to the host
 * @method: of chaosd's interface
 * @parameters: of the method, which have been checked
 * @answer: out: what is answered, to be released with json_object_put(), unless this fails
 * @err: out: the reason of a failure
 *
 * It takes the guest's lock, and waits for others who have it. What takes long ends with
 * -EINTR after a signal that waits to be delivered (util/signal.h).
 *
 * Return: 0 or a negative errno.
 */
int verb_do(struct access *access, const char *method,
	    struct json_object *parameters, struct json_object **answer,
	    struct error *err);

/*
 * The functions of the table: what is named in @parameters is done, and what is known of it
 * added to @answer. Return: 0 or a negative errno.
 */

/**
 * verb_pause() - keep a guest from running
 * @access: to the host, with Xen
 * @parameters: "guest"
 * @answer: out: "domid", and whether it ran before, "changed"
 * @err: out: the reason of a failure
 *
 * Return: 0 or a negative errno.
 */
int verb_pause(struct access *access, struct json_object *parameters,
	       struct json_object *answer, struct error *err);

/**
 * verb_unpause() - let a guest run
 * @access: to the host, with Xen
 * @parameters: "guest"
 * @answer: out: "domid", and whether it was paused before, "changed"
 * @err: out: the reason of a failure
 *
 * Return: 0 or a negative errno.
 */
int verb_unpause(struct access *access, struct json_object *parameters,
		 struct json_object *answer, struct error *err);

/**
 * verb_rename() - give a guest another name
 * @access: to the host, with Xen
 * @parameters: "guest", and the "name" that it is to have
 * @answer: out: "domid"
 * @err: out: the reason of a failure
 *
 * Return: 0 or a negative errno.
 */
int verb_rename(struct access *access, struct json_object *parameters,
		struct json_object *answer, struct error *err);

/**
 * verb_vif_add() - add a network device to a guest
 * @access: to the host, with Xen and noxs
 * @parameters: "guest"; "vif", in the syntax of xl.cfg; how long to "wait" until it is
 *	connected, in ms, or 0
 * @answer: out: its number, "id"
 * @err: out: the reason of a failure
 *
 * Return: 0 or a negative errno.
 */
int verb_vif_add(struct access *access, struct json_object *parameters,
		 struct json_object *answer, struct error *err);

/**
 * verb_vif_del() - take a network device away from a guest
 * @access: to the host, with Xen and noxs
 * @parameters: "guest", "id"; "force": don't ask the guest
 * @answer: out: nothing
 * @err: out: the reason of a failure
 *
 * Return: 0 or a negative errno.
 */
int verb_vif_del(struct access *access, struct json_object *parameters,
		 struct json_object *answer, struct error *err);

/**
 * verb_vif_list() - the network devices of a guest
 * @access: to the host, with Xen and noxs
 * @parameters: "guest"
 * @answer: out: "devices", as device_list() has them
 * @err: out: the reason of a failure
 *
 * Return: 0 or a negative errno.
 */
int verb_vif_list(struct access *access, struct json_object *parameters,
		  struct json_object *answer, struct error *err);

/**
 * verb_vbd_add() - add a block device to a guest
 * @access: to the host, with Xen and noxs
 * @parameters: "guest"; "disk", in the syntax of xl.cfg; how long to "wait" until it is
 *	connected, in ms, or 0
 * @answer: out: its number, "id"
 * @err: out: the reason of a failure
 *
 * Return: 0 or a negative errno.
 */
int verb_vbd_add(struct access *access, struct json_object *parameters,
		 struct json_object *answer, struct error *err);

/**
 * verb_vbd_del() - take a block device away from a guest
 * @access: to the host, with Xen and noxs
 * @parameters: "guest", "id"; "force": don't ask the guest
 * @answer: out: nothing
 * @err: out: the reason of a failure
 *
 * Return: 0 or a negative errno.
 */
int verb_vbd_del(struct access *access, struct json_object *parameters,
		 struct json_object *answer, struct error *err);

/**
 * verb_vbd_resize() - show a guest that a block device has another size
 * @access: to the host, with Xen and noxs
 * @parameters: "guest", "id"
 * @answer: out: "size", in bytes
 * @err: out: the reason of a failure
 *
 * Return: 0 or a negative errno.
 */
int verb_vbd_resize(struct access *access, struct json_object *parameters,
		    struct json_object *answer, struct error *err);

/**
 * verb_vbd_list() - the block devices of a guest
 * @access: to the host, with Xen and noxs
 * @parameters: "guest"
 * @answer: out: "devices", as device_list() has them
 * @err: out: the reason of a failure
 *
 * Return: 0 or a negative errno.
 */
int verb_vbd_list(struct access *access, struct json_object *parameters,
		  struct json_object *answer, struct error *err);

#endif /* CHAOS_VERBS_VERBS_H */
