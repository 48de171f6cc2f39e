/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_VERBS_VERBS_H
#define CHAOS_VERBS_VERBS_H

#include <stdbool.h>
#include <stdint.h>

#include "host/noxs.h"
#include "util/error.h"
#include "util/uuid.h"
#include "xen/xen.h"

struct guest;
struct json_object;

/**
 * struct access - access to the host, opened when something needs it for the first time
 * @xen: to the hypervisor, if @has_xen
 * @noxs: to the kernel's devices, if @has_noxs
 * @has_xen: there is
 * @has_noxs: there is
 * @verbose: show what the libraries log, on standard error
 * @daemon: chaosd runs, and has this done
 */
struct access {
	struct xen xen;
	struct noxs noxs;
	bool has_xen;
	bool has_noxs;
	bool verbose;
	bool daemon;
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

/* It can't go on until something happens. */
#define VERB_WAITS	1
/* So long who waits here doesn't look: of a guest that stops, a signal, or what memory a
 * guest has, there is no event.
 */
#define VERB_LOOK_MS	250

/**
 * verb_step() - do what somebody asks for, until there is something to wait for
 * @access: to the host
 * @method: of chaosd's interface
 * @parameters: of the method, which have been checked
 * @answer: out: what is answered, to be released with json_object_put(); of a failure what
 *	is said besides the reason, or NULL
 * @err: out: the reason of a failure
 *
 * It takes the guest's lock, and waits for others who have it. What takes long ends with
 * -EINTR after a signal that waits to be delivered (util/signal.h).
 *
 * Return: 0; VERB_WAITS if it is to be called again, after verb_go_on(), when something has
 * happened to the domain that @answer's "domid" says, or to its devices, or at its
 * "deadline", ms of clock_ms(); or a negative errno.
 */
int verb_step(struct access *access, const char *method,
	      struct json_object *parameters, struct json_object **answer,
	      struct error *err);

/**
 * verb_go_on() - have verb_step() go on after it has waited
 * @parameters: those of the first time
 * @waited: what it has answered then; is released with them
 * @left: nobody waits any longer: it is to be undone, and ends with -EINTR
 */
void verb_go_on(struct json_object *parameters, struct json_object *waited,
		bool left);

/**
 * struct verb_wait - what a verb waits for: that something happens to a domain or to its
 *	devices
 * @domid: the domain
 * @handle: its handle
 * @deadline: or till then, ms of clock_ms()
 */
struct verb_wait {
	uint32_t domid;
	uint8_t handle[UUID_SIZE];
	int64_t deadline;
};

/**
 * verb_wait_for() - of a verb: what it waits for is about a guest
 * @guest: the guest
 * @deadline: ms of clock_ms()
 *
 * Return: what for.
 */
struct verb_wait verb_wait_for(const struct guest *guest, int64_t deadline);

/**
 * verb_wait() - of a verb: wait for something
 * @answer: out: what for; the verb may add what else it is to know when it goes on
 * @wait: what for
 *
 * Return: VERB_WAITS.
 */
int verb_wait(struct json_object *answer, const struct verb_wait *wait);

/**
 * verb_waited() - of a verb: see whether it has waited
 * @parameters: those of the verb
 * @wait: out: what for, if it has
 *
 * Return: what it has answered then, which is that of @parameters; NULL the first time.
 */
struct json_object *verb_waited(struct json_object *parameters,
				struct verb_wait *wait);

/**
 * verb_connected() - of a verb: see whether a guest's devices are connected, or wait for it
 * @access: to the host, of which there is all
 * @parameters: of the verb
 * @answer: out: what for, if it is to wait
 * @wait: the guest, and how long they may take
 * @err: out: which of them isn't, and why
 *
 * Return: 0 if they are; VERB_WAITS; -ETIMEDOUT, -EINTR if nobody waits any longer, another
 * negative errno.
 */
int verb_connected(struct access *access, struct json_object *parameters,
		   struct json_object *answer, const struct verb_wait *wait,
		   struct error *err);

/**
 * verb_do() - the same as verb_step(), but wait here until it has been done
 * @access: to the host
 * @method: of chaosd's interface
 * @parameters: of the method, which have been checked
 * @answer: out: as with verb_step()
 * @err: out: the reason of a failure
 *
 * Return: 0 or a negative errno.
 */
int verb_do(struct access *access, const char *method,
	    struct json_object *parameters, struct json_object **answer,
	    struct error *err);

/**
 * verb_for_all() - what a verb is asked for that is done to all guests at a time
 * @parameters: of the method that is about all of them
 * @domid: the domain of one; whether it is left alone, as it is one that is run, the
 *	verb sees
 *
 * Return: the parameters, or NULL if there is no memory.
 */
struct json_object *verb_for_all(struct json_object *parameters,
				 uint32_t domid);

/**
 * verb_all_failed() - what is answered of one of all guests that it failed for
 * @failed: how many those are by now
 * @domid: its domain
 * @name: of the guest
 * @err: the reason
 *
 * Return: the answer, for the caller to release.
 */
struct json_object *verb_all_failed(unsigned int failed, uint32_t domid,
				    const char *name, const struct error *err);

/**
 * verb_do_all() - do the same to all guests at a time, and wait here until it has been done
 * @access: to the host
 * @method: what is done to each
 * @parameters: of the method that is about all of them
 * @tell: called for each guest that it fails for, with verb_all_failed()
 * @arg: for @tell
 * @answer: out: what is answered, to be released with json_object_put(), unless this fails
 * @err: out: the reason of a failure
 *
 * Return: 0 or a negative errno.
 */
int verb_do_all(struct access *access, const char *method,
		struct json_object *parameters,
		void (*tell)(struct json_object *answer, void *arg), void *arg,
		struct json_object **answer, struct error *err);

/**
 * verb_do_more() - do what has many answers, and wait here until it has been done
 * @access: to the host
 * @method: of chaosd's interface: CreateMany, ShutdownAll
 * @parameters: of the method
 * @tell: called for each answer but the last
 * @arg: for @tell
 * @answer: out: the last one, as with verb_step()
 * @err: out: the reason of a failure
 *
 * Return: 0 or a negative errno.
 */
int verb_do_more(struct access *access, const char *method,
		 struct json_object *parameters,
		 void (*tell)(struct json_object *answer, void *arg), void *arg,
		 struct json_object **answer, struct error *err);

/**
 * struct verb - something that can be asked for; docs/protocol.md says with which parameters,
 *	and what is answered
 * @method: of chaosd's interface; a table ends with none
 * @fn: does what @parameters say, and adds to @answer what is known of it, or what it waits
 *	for; returns as verb_step(). To go on, it has that as @parameters' "waited", and "left"
 * @type: of the devices that it is about, for which there is access to noxs; or
 *	NOXS_TYPE_NONE
 * @alone: it sees to it that there is access itself, and @answer counts also if it fails:
 *	what there is to say besides the reason
 */
struct verb {
	const char *method;
	int (*fn)(const struct verb *verb, struct access *access,
		  struct json_object *parameters, struct json_object *answer,
		  struct error *err);
	uint16_t type;
	bool alone;
};

extern const struct verb guest_verbs[], power_verbs[], memory_verbs[], sched_verbs[];
extern const struct verb device_verbs[], create_verbs[], look_verbs[];

#endif /* CHAOS_VERBS_VERBS_H */
