/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_GUEST_NAMES_H
#define CHAOS_GUEST_NAMES_H

#include <stdbool.h>
#include <stdint.h>

#include "guest/record.h"
#include "util/error.h"
#include "xen/xen.h"

/* What domain 0 is called, which no guest can be. */
#define HOST_NAME	"Domain-0"

/**
 * struct guest - a guest that a command is about
 * @domid: the domain
 * @handle: its handle
 * @exists: Xen has it; if not, only what we remember of it is left
 * @recorded: @record is what we remember of it
 * @record: see guest/record.h
 * @locked: @lock is held
 * @lock: of its name
 */
struct guest {
	uint32_t domid;
	uint8_t handle[UUID_SIZE];
	bool exists;
	bool recorded;
	struct record record;
	bool locked;
	struct name_lock lock;
};

/**
 * guest_find() - find the guest that a name, a domid or a UUID means
 * @xen: access to the hypervisor
 * @arg: name, domid or the user's own UUID; HOST_NAME for domain 0
 * @guest: out; to be released with guest_put(), unless this fails
 * @err: out: the reason of a failure
 *
 * Return: 0, -ENOENT if there is none, another negative errno.
 */
int guest_find(struct xen *xen, const char *arg, struct guest *guest,
	       struct error *err);

/**
 * guest_lock() - the same, and keep others from changing it
 * @xen: access to the hypervisor
 * @arg: name, domid or the user's own UUID
 * @guest: out; to be released with guest_put(), unless this fails
 * @err: out: the reason of a failure
 *
 * Return: 0, -ENOENT if there is none, -EBUSY if others are at work on it for
 * a long time, another negative errno.
 */
int guest_lock(struct xen *xen, const char *arg, struct guest *guest,
	       struct error *err);

/**
 * guest_again() - find or lock a guest that was found before
 * @xen: access to the hypervisor
 * @domid: its domain
 * @handle: its domain's handle
 * @lock: keep others from changing it
 * @guest: out; to be released with guest_put(), unless this fails
 * @err: out: the reason of a failure
 *
 * It may have another name by now, and its domid may be another guest's.
 *
 * Return: 0, -ENOENT if it is gone, another negative errno.
 */
int guest_again(struct xen *xen, uint32_t domid, const uint8_t *handle,
		bool lock, struct guest *guest, struct error *err);

/**
 * guest_is_run() - whether a guest's life hangs on a connection
 * @guest: from guest_find() or guest_lock()
 *
 * chaosd sees to its end, and tells whoever has that connection: see daemon/runs.h.
 *
 * Return: whether it was made so.
 */
bool guest_is_run(const struct guest *guest);

/**
 * guest_name() - what a domain is called
 * @guest: found or locked
 *
 * Return: its name, which lives as long as @guest; NULL if it has none.
 */
const char *guest_name(const struct guest *guest);

/**
 * guest_is_shell() - whether it is no guest, but a domain that was made ahead
 * @guest: found or locked
 *
 * Return: whether it is.
 */
bool guest_is_shell(const struct guest *guest);

/**
 * guest_require() - see whether a command may change a guest
 * @guest: found or locked
 * @err: out: the reason of a failure
 *
 * Return: 0; -EPERM if it is the host, nobody's yet, or not chaos' own; -ESRCH if
 * its domain is gone.
 */
int guest_require(const struct guest *guest, struct error *err);

/**
 * guest_lock_domain() - the same for a domain that is on record
 * @xen: access to the hypervisor
 * @domid: the domain
 * @handle: its handle
 * @guest: out; to be released with guest_put(), unless this fails
 * @err: out: the reason of a failure
 *
 * The domain needn't exist any more.
 *
 * Return: 0, -ENOENT if there is no such record, another negative errno.
 */
int guest_lock_domain(struct xen *xen, uint32_t domid, const uint8_t *handle,
		      struct guest *guest, struct error *err);

/**
 * guest_try_lock_domain() - the same, and not wait for others
 * @xen: access to the hypervisor
 * @record: of the domain
 * @guest: out; to be released with guest_put(), unless this fails
 * @err: out: the reason of a failure
 *
 * Return: 0, -EBUSY if others are at work on it, another negative errno.
 */
int guest_try_lock_domain(struct xen *xen, const struct record *record,
			  struct guest *guest, struct error *err);

/**
 * guest_check_name() - see whether a new guest could have a name
 * @xen: access to the hypervisor
 * @name: the name
 * @err: out: the reason why not
 *
 * Return: 0, -EEXIST if another guest has it, another negative errno.
 */
int guest_check_name(struct xen *xen, const char *name, struct error *err);

/**
 * guest_claim() - take a name for a new guest
 * @xen: access to the hypervisor
 * @name: the name
 * @lock: out; to be let go with name_unlock() or name_drop()
 * @err: out: the reason of a failure
 *
 * Return: 0, -EEXIST if another guest has it, another negative errno.
 */
int guest_claim(struct xen *xen, const char *name, struct name_lock *lock,
		struct error *err);

/**
 * guest_claim_uuid() - the same for the user's own UUID
 * @xen: access to the hypervisor
 * @uuid: the UUID
 * @lock: out; to be let go with name_unlock() or name_drop()
 * @err: out: the reason of a failure
 *
 * To be called after guest_claim().
 *
 * Return: as guest_claim().
 */
int guest_claim_uuid(struct xen *xen, const uint8_t *uuid,
		     struct name_lock *lock, struct error *err);

/**
 * guest_rename() - a guest's name is another one, for everybody and at once
 * @xen: access to the hypervisor
 * @guest: locked
 * @name: the name
 * @err: out: the reason of a failure
 *
 * Return: 0, -ENOENT if it has no name, -EEXIST if another has that one, another
 * negative errno.
 */
int guest_rename(struct xen *xen, struct guest *guest, const char *name,
		 struct error *err);

/**
 * guest_forget() - forget a guest whose domain is gone
 * @guest: locked; isn't, afterwards
 */
void guest_forget(struct guest *guest);

/**
 * guest_put() - release a guest
 * @guest: found or locked
 */
void guest_put(struct guest *guest);

#endif /* CHAOS_GUEST_NAMES_H */
