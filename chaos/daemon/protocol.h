/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_DAEMON_PROTOCOL_H
#define CHAOS_DAEMON_PROTOCOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/error.h"
#include "util/uuid.h"

struct json_object;

/**
 * enum request_method - what a client wants; see docs/protocol.md
 * @METHOD_GET_INFO: who serves what
 * @METHOD_GET_INTERFACE_DESCRIPTION: an interface, described
 * @METHOD_STATUS: how chaosd is
 * @METHOD_EVENTS: hear what happens
 * @METHOD_POOLS: how the pools are
 * @METHOD_NOTIFY: tell what was done
 * @METHOD_CONSOLE_OPEN: have a console served
 * @METHOD_CONSOLE_CLOSE: have a console no longer served
 * @METHOD_CREATE: make a guest
 * @METHOD_CREATE_MANY: make many guests, or none
 * @METHOD_RUN: make a guest whose life hangs on the connection
 * @METHOD_RUN_AGAIN: have another connection for it
 * @METHOD_RUN_STOP: have it end
 * @METHOD_CHECK: see whether a guest could be made
 * @METHOD_PAUSE: keep a guest from running
 * @METHOD_UNPAUSE: let it run
 * @METHOD_RENAME: give it another name
 * @METHOD_DESTROY: destroy it
 * @METHOD_SHUTDOWN: ask it to shut down
 * @METHOD_REBOOT: ask it to reboot
 * @METHOD_SHUTDOWN_ALL: ask all guests to shut down
 * @METHOD_SYSRQ: press a key of SysRq
 * @METHOD_MEMORY_SET: have a guest have another amount of memory
 * @METHOD_MEMORY_MAX: say how much it may have
 * @METHOD_VCPU_SET: have it have another number of virtual CPUs online
 * @METHOD_VCPU_PIN: say where its virtual CPUs run
 * @METHOD_SHARE_SET: say how much of the CPUs it gets
 * @METHOD_VIF_ADD: add a network device
 * @METHOD_VIF_DEL: take one away
 * @METHOD_VIF_LIST: which ones there are
 * @METHOD_VBD_ADD: add a block device
 * @METHOD_VBD_DEL: take one away
 * @METHOD_VBD_RESIZE: show the guest that one has another size
 * @METHOD_VBD_LIST: which ones there are
 * @METHOD_HISTORY: what a guest has used
 * @METHOD_INFO: all that is known of it
 * @METHOD_LIST: which guests there are
 * @METHOD_STAT: what they have used
 * @METHOD_HOST: what the host is and has
 * @METHOD_DEBUG_KEYS: keys of the hypervisor's console
 */
enum request_method {
	METHOD_GET_INFO,
	METHOD_GET_INTERFACE_DESCRIPTION,
	METHOD_STATUS,
	METHOD_EVENTS,
	METHOD_POOLS,
	METHOD_NOTIFY,
	METHOD_CONSOLE_OPEN,
	METHOD_CONSOLE_CLOSE,
	METHOD_CREATE,
	METHOD_CREATE_MANY,
	METHOD_RUN,
	METHOD_RUN_AGAIN,
	METHOD_RUN_STOP,
	METHOD_CHECK,
	METHOD_PAUSE,
	METHOD_UNPAUSE,
	METHOD_RENAME,
	METHOD_DESTROY,
	METHOD_SHUTDOWN,
	METHOD_REBOOT,
	METHOD_SHUTDOWN_ALL,
	METHOD_SYSRQ,
	METHOD_MEMORY_SET,
	METHOD_MEMORY_MAX,
	METHOD_VCPU_SET,
	METHOD_VCPU_PIN,
	METHOD_SHARE_SET,
	METHOD_VIF_ADD,
	METHOD_VIF_DEL,
	METHOD_VIF_LIST,
	METHOD_VBD_ADD,
	METHOD_VBD_DEL,
	METHOD_VBD_RESIZE,
	METHOD_VBD_LIST,
	METHOD_HISTORY,
	METHOD_INFO,
	METHOD_LIST,
	METHOD_STAT,
	METHOD_HOST,
	METHOD_DEBUG_KEYS,
};

/**
 * struct request - what a client sent, checked
 * @method: what it wants
 * @name: the method's, in its interface
 * @root: it may do all
 * @oneway: it wants no answer, not even why not
 * @description: of the interface that it asks for
 * @event: name of the event
 * @domid: the domain
 * @handle: its handle
 * @patience: how long a guest may take to shut down, ms
 * @wait: how long who asks waits, ms
 * @looks: it changes nothing, or keeps nobody from the guest
 * @shows: it is a worker's, and changes nothing
 * @parameters: all of them, as they came, of a method that is a job; to be released with
 *	json_object_put()
 *
 * What a method doesn't have is zero.
 */
struct request {
	enum request_method method;
	const char *name;
	bool root;
	bool oneway;
	const char *description;
	const char *event;
	uint32_t domid;
	uint8_t handle[UUID_SIZE];
	int patience;
	int wait;
	bool looks;
	bool shows;
	struct json_object *parameters;
};

/**
 * protocol_parse() - read a call
 * @text: what a client sent
 * @len: its length, without the NUL
 * @root: it may do all; who isn't root may only look
 * @request: out; after a refusal, only @oneway of it counts
 *
 * Return: NULL, or the answer that says what is wrong, for the caller to release.
 */
struct json_object *protocol_parse(const char *text, size_t len, bool root,
				   struct request *request);

/**
 * protocol_reply() - an answer
 * @parameters: what it says; is released with it
 * @continues: there will be more of them to the same call
 *
 * Return: the answer, for the caller to release.
 */
struct json_object *protocol_reply(struct json_object *parameters,
				   bool continues);

/**
 * protocol_failed() - the answer that says why what was asked for can't be done
 * @ret: negative errno
 * @err: the reason
 *
 * Return: the answer, for the caller to release.
 */
struct json_object *protocol_failed(int ret, const struct error *err);

/**
 * protocol_failed_with() - the same, with what is to be said besides
 * @ret: negative errno
 * @err: the reason
 * @more: an object with that, or NULL
 *
 * Return: the answer, for the caller to release.
 */
struct json_object *protocol_failed_with(int ret, const struct error *err,
					 struct json_object *more);

/**
 * protocol_refused() - the answer to whoever isn't served at all
 * @ret: negative errno
 * @err: the reason
 *
 * Return: the answer, for the caller to release.
 */
struct json_object *protocol_refused(int ret, const struct error *err);

/**
 * protocol_malformed() - the answer to what is no call
 * @why: what is wrong with it
 *
 * Return: the answer, for the caller to release.
 */
struct json_object *protocol_malformed(const char *why);

/**
 * protocol_info() - who serves what, in the words of org.varlink.service
 * @info: where to
 */
void protocol_info(struct json_object *info);

#endif /* CHAOS_DAEMON_PROTOCOL_H */
