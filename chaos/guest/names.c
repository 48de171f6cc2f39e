// SPDX-License-Identifier: GPL-2.0
/*
 * Finds the guest that a user names, and locks it for those who change it. Only Xen
 * knows which domains there are; what we remember of one counts if both agree
 * on its handle.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "console/console.h"
#include "guest/names.h"
#include "host/noxs.h"
#include "pool/destroy.h"
#include "pool/shell.h"
#include "util/chaos.h"
#include "util/number.h"
#include "util/signal.h"
#include "util/util.h"

#define LOCK_TIMEOUT_MS	60000
#define LOCK_STEP_MS	250	/* after which a signal is heard */

static bool get_domid(const char *arg, uint32_t *domid)
{
	if (!strcmp(arg, HOST_NAME)) {
		*domid = 0;
		return true;
	}
	return number_parse(arg, 0, DOMIDS - 1, domid);
}

static int find_domid(struct xen *xen, uint32_t domid, struct guest *guest,
		      struct error *err)
{
	struct domain_info info;
	int ret;

	ret = xen_info(xen, domid, &info);
	if (ret == -ESRCH)
		return error_set(err, -ENOENT, "no such domain");
	if (ret)
		return error_sys(err, ret, "domain %u", domid);
	guest->domid = domid;
	memcpy(guest->handle, info.handle, UUID_SIZE);
	guest->exists = true;
	return 0;
}

static int find_name(struct xen *xen, const char *name, struct guest *guest,
		     struct error *err)
{
	struct owner owner;
	int ret;

	if (config_name_check(name))
		return error_set(err, -ENOENT, "no such guest");
	ret = name_read(name, &owner);
	if (ret == -ENOENT)
		return error_set(err, ret, "no such guest");
	if (ret)
		return error_sys(err, ret, "%s", CHAOS_RUN_DIR);
	guest->domid = owner.domid;
	memcpy(guest->handle, owner.handle, UUID_SIZE);
	guest->exists = xen_is_domain(xen, owner.domid, owner.handle);
	return 0;
}

static void uuid_name(const uint8_t *uuid, char *name)
{
	*name = '=';
	uuid_format(uuid, name + 1);
}

/*
 * The name of the guest that has the UUID @arg; @arg itself if it is no UUID,
 * or none's, or a name as well.
 */
static const char *resolve(const char *arg, char *name)
{
	uint8_t uuid[UUID_SIZE];
	struct record record;
	struct owner owner;

	if (!uuid_parse(arg, uuid) || !name_read(arg, &owner))
		return arg;
	uuid_name(uuid, name);
	if (name_read(name, &owner) ||
	    record_load(&record, owner.domid, owner.handle))
		return arg;
	strcpy(name, record.name);
	record_free(&record);
	return name;
}

int guest_find(struct xen *xen, const char *arg, struct guest *guest,
	       struct error *err)
{
	char name[CONFIG_NAME_MAX + 1];
	uint32_t domid;
	int ret;

	memset(guest, 0, sizeof(*guest));
	arg = resolve(arg, name);
	if (get_domid(arg, &domid))
		ret = find_domid(xen, domid, guest, err);
	else
		ret = find_name(xen, arg, guest, err);
	if (ret)
		return ret;
	guest->recorded = !record_load(&guest->record, guest->domid,
				       guest->handle);
	/* A "chaos rename" that was killed leaves a name that its record doesn't have. */
	if (guest->recorded && !get_domid(arg, &domid) &&
	    strcmp(guest->record.name, arg)) {
		record_free(&guest->record);
		return error_set(err, -ENOENT, "no such guest");
	}
	return 0;
}

/* For somebody who waits for it, and may lose patience. */
static int lock_for_user(struct name_lock *lock, const char *name, bool make,
			 struct error *err)
{
	int64_t deadline = clock_ms() + LOCK_TIMEOUT_MS;
	int ret;

	for (;;) {
		ret = name_lock(lock, name, make, LOCK_STEP_MS, err);
		if (ret != -EBUSY || clock_ms() >= deadline)
			return ret;
		if (signals_pending())
			return error_set(err, -EINTR, "interrupted");
	}
}

/*
 * The lock of a domain that has no name: one that was being made when chaos
 * was killed, or that isn't ours. No guest's name begins with a '?'.
 */
static int lock_nameless(struct name_lock *lock, uint32_t domid,
			 struct error *err)
{
	char name[16];

	snprintf(name, sizeof(name), "?%u", domid);
	return lock_for_user(lock, name, true, err);
}

/* Whether the lock that is held is that of the guest that was found. */
static bool is_right_lock(const struct guest *guest, bool by_name)
{
	if (by_name)
		return true;
	if (guest->recorded)
		return !strcmp(guest->record.name, guest->lock.name);
	return *guest->lock.name == '?';
}

int guest_lock(struct xen *xen, const char *arg, struct guest *guest,
	       struct error *err)
{
	char name[CONFIG_NAME_MAX + 1];
	struct name_lock lock;
	uint32_t domid;
	bool by_name;
	int ret;

	arg = resolve(arg, name);
	ret = state_init(err);
	if (!ret)
		ret = guest_find(xen, arg, guest, err);
	if (ret)
		return ret;
	by_name = !get_domid(arg, &domid);
	if (by_name)
		ret = lock_for_user(&lock, arg, false, err);
	else if (guest->recorded)
		ret = lock_for_user(&lock, guest->record.name, false, err);
	else
		ret = lock_nameless(&lock, guest->domid, err);
	record_free(&guest->record);
	if (ret == -ENOENT)
		return error_set(err, ret, "no such guest");
	if (ret)
		return ret;
	/* Before we had the lock, all may have changed. */
	ret = guest_find(xen, arg, guest, err);
	guest->lock = lock;
	guest->locked = true;
	if (!ret && !is_right_lock(guest, by_name))
		ret = error_set(err, -EBUSY, "another chaos is at work on it");
	if (ret)
		guest_put(guest);
	return ret;
}

int guest_again(struct xen *xen, uint32_t domid, const uint8_t *handle,
		bool lock, struct guest *guest, struct error *err)
{
	char text[16];
	int ret;

	snprintf(text, sizeof(text), "%u", domid);
	ret = (lock ? guest_lock : guest_find)(xen, text, guest, err);
	if (ret)
		return ret;
	if (!memcmp(guest->handle, handle, UUID_SIZE))
		return 0;
	guest_put(guest);
	return error_set(err, -ENOENT, "no such guest");
}

bool guest_is_run(const struct guest *guest)
{
	return guest->recorded && record_number(&guest->record, "patience");
}

const char *guest_name(const struct guest *guest)
{
	if (!guest->domid)
		return HOST_NAME;
	return guest->recorded ? guest->record.name : NULL;
}

bool guest_is_shell(const struct guest *guest)
{
	struct shell shell;

	return !guest->recorded &&
	       shell_load(&shell, guest->domid, guest->handle);
}

int guest_require(const struct guest *guest, struct error *err)
{
	if (!guest->domid)
		return error_set(err, -EPERM, "is the host");
	if (!guest->recorded && !noxs_is_handle(guest->handle))
		return error_set(err, -EPERM, "is not a guest of chaos");
	if (guest_is_shell(guest))
		return error_set(err, -EPERM, "is a domain of a pool");
	if (!guest->exists)
		return error_set(err, -ESRCH, "its domain is gone");
	return 0;
}

static int lock_record(struct xen *xen, const struct record *record,
		       int timeout, struct guest *guest, struct error *err)
{
	int ret;

	memset(guest, 0, sizeof(*guest));
	/* A maker that was killed may have left the record alone. */
	ret = name_lock(&guest->lock, record->name, true, timeout, err);
	if (ret)
		return ret;
	guest->locked = true;
	guest->domid = record->domid;
	memcpy(guest->handle, record->handle, UUID_SIZE);
	guest->exists = xen_is_domain(xen, record->domid, record->handle);
	guest->recorded = !record_load(&guest->record, record->domid,
				       record->handle);
	if (guest->recorded && !strcmp(guest->record.name, record->name))
		return 0;
	guest_put(guest);
	return error_set(err, -ENOENT, "no such guest");
}

int guest_lock_domain(struct xen *xen, uint32_t domid, const uint8_t *handle,
		      struct guest *guest, struct error *err)
{
	struct record record;
	int ret;

	if (record_load(&record, domid, handle))
		return error_set(err, -ENOENT, "no such guest");
	ret = lock_record(xen, &record, LOCK_TIMEOUT_MS, guest, err);
	record_free(&record);
	return ret;
}

int guest_try_lock_domain(struct xen *xen, const struct record *record,
			  struct guest *guest, struct error *err)
{
	return lock_record(xen, record, 0, guest, err);
}

/* The name is ours to give: whoever had it is gone. */
static int bury_owner(struct xen *xen, const struct owner *owner,
		      struct error *err)
{
	int ret;

	ret = domain_bury(xen, owner->domid, owner->handle, err);
	if (!ret)
		record_remove(owner->domid, owner->handle);
	return ret;
}

/**
 * enum claimed - what a name's owner, whose domain is there, is to who wants the name
 * @CLAIMED_BY_GUEST: a guest that has it
 * @CLAIMED_BY_HALF: one that isn't made; under the lock of its name: its maker is dead
 * @CLAIMED_BY_NOBODY: one that is called otherwise: a "chaos rename" was killed
 */
enum claimed {
	CLAIMED_BY_GUEST,
	CLAIMED_BY_HALF,
	CLAIMED_BY_NOBODY,
};

static enum claimed claimed_by(const struct owner *owner, const char *name)
{
	enum claimed claimed = CLAIMED_BY_GUEST;
	struct record record;

	if (record_load(&record, owner->domid, owner->handle))
		return CLAIMED_BY_GUEST;
	if (strcmp(record.name, name))
		claimed = CLAIMED_BY_NOBODY;
	else if (!record_is_made(&record))
		claimed = CLAIMED_BY_HALF;
	record_free(&record);
	return claimed;
}

static int remove_half(struct xen *xen, const struct owner *owner,
		       struct error *err)
{
	int ret;

	ret = domain_destroy(xen, owner->domid, owner->handle, true, err);
	return ret ? ret : bury_owner(xen, owner, err);
}

static int name_taken(const struct owner *owner, struct error *err)
{
	return error_set(err, -EEXIST, "name: domain %u has it", owner->domid);
}

int guest_check_name(struct xen *xen, const char *name, struct error *err)
{
	struct owner owner;
	int ret;

	ret = name_read(name, &owner);
	if (ret == -ENOENT)
		return 0;
	if (ret)
		return error_sys(err, ret, "name");
	if (!xen_is_domain(xen, owner.domid, owner.handle) ||
	    claimed_by(&owner, name) == CLAIMED_BY_NOBODY)
		return 0;
	return name_taken(&owner, err);
}

/*
 * Lock the file of @name, which stands for a guest's @what. Positive: @owner is
 * in it, who may be gone. 0: nobody is.
 */
static int claim(const char *name, const char *what, struct name_lock *lock,
		 struct owner *owner, struct error *err)
{
	int ret;

	ret = name_lock(lock, name, true, 0, err);
	if (ret == -EBUSY)
		return error_set(err, -EEXIST,
				 "%s: another chaos is at work on it", what);
	if (ret)
		return ret;
	ret = name_owner(lock, owner);
	if (!ret)
		return 1;
	if (ret == -ENOENT)
		return 0;
	name_unlock(lock);
	return error_sys(err, ret, "%s", what);
}

/* The name is locked, and has an owner. Return: 0 if it is free now. */
static int clear_name(struct xen *xen, const char *name,
		      const struct owner *owner, struct error *err)
{
	if (!xen_is_domain(xen, owner->domid, owner->handle))
		return bury_owner(xen, owner, err);
	switch (claimed_by(owner, name)) {
	case CLAIMED_BY_HALF:
		return remove_half(xen, owner, err);
	case CLAIMED_BY_NOBODY:
		return 0;
	default:
		return name_taken(owner, err);
	}
}

int guest_claim(struct xen *xen, const char *name, struct name_lock *lock,
		struct error *err)
{
	struct owner owner;
	int ret;

	ret = claim(name, "name", lock, &owner, err);
	if (ret <= 0)
		return ret;
	ret = clear_name(xen, name, &owner, err);
	if (ret)
		name_unlock(lock);
	return ret;
}

int guest_claim_uuid(struct xen *xen, const uint8_t *uuid,
		     struct name_lock *lock, struct error *err)
{
	char name[UUID_TEXT + 1];
	struct owner owner;
	int ret;

	uuid_name(uuid, name);
	ret = claim(name, "uuid", lock, &owner, err);
	if (ret <= 0)
		return ret;
	if (!xen_is_domain(xen, owner.domid, owner.handle))
		return 0;
	name_unlock(lock);
	return error_set(err, -EEXIST, "uuid: domain %u has it", owner.domid);
}

/*
 * The moment is when the record is written: who finds a guest by a name that isn't
 * that of its record has found nothing. A rename that is killed leaves at most such
 * a name, which the next who wants it gets.
 */
static int set_name(struct guest *guest, const char *name, struct error *err)
{
	char former[CONFIG_NAME_MAX + 1];
	struct error ignored;
	int ret;

	strcpy(former, guest->record.name);
	record_set_name(&guest->record, name);
	ret = record_save(&guest->record, err);
	if (!ret) {
		console_log_rename(former, name);
		return 0;
	}
	record_set_name(&guest->record, former);
	(void)record_save(&guest->record, &ignored);
	return ret;
}

int guest_rename(struct xen *xen, struct guest *guest, const char *name,
		 struct error *err)
{
	struct owner owner = { .domid = guest->domid };
	struct name_lock lock;
	int ret;

	if (!guest->recorded)
		return error_set(err, -ENOENT,
				 "has no name; only \"chaos destroy\" takes it");
	ret = guest_claim(xen, name, &lock, err);
	if (ret)
		return ret;
	memcpy(owner.handle, guest->handle, UUID_SIZE);
	ret = name_set(&lock, &owner, err);
	if (!ret)
		ret = set_name(guest, name, err);
	if (ret) {
		name_drop(&lock);
		return ret;
	}
	name_drop(&guest->lock);
	guest->lock = lock;
	return 0;
}

/* A name that has become another domain's stays. */
static void drop_own(const struct guest *guest, struct name_lock *lock)
{
	struct owner owner;

	if (!name_owner(lock, &owner) &&
	    (owner.domid != guest->domid ||
	     memcmp(owner.handle, guest->handle, UUID_SIZE)))
		name_unlock(lock);
	else
		name_drop(lock);
}

static void forget_uuid(const struct guest *guest)
{
	uint8_t uuid[UUID_SIZE];
	char name[UUID_TEXT + 1];
	struct name_lock lock;
	struct error err;

	if (!guest->recorded ||
	    !uuid_parse(record_text(&guest->record, "uuid"), uuid))
		return;
	uuid_name(uuid, name);
	/* If somebody else has the lock, he takes the UUID for a guest of his. */
	if (!name_lock(&lock, name, false, 0, &err))
		drop_own(guest, &lock);
}

void guest_forget(struct guest *guest)
{
	forget_uuid(guest);
	record_remove(guest->domid, guest->handle);
	shell_remove(guest->domid, guest->handle);
	if (guest->locked)
		drop_own(guest, &guest->lock);
	guest->locked = false;
}

void guest_put(struct guest *guest)
{
	struct owner owner;

	record_free(&guest->record);
	if (!guest->locked)
		return;
	/* What serves only as a lock leaves no file behind. */
	if (name_owner(&guest->lock, &owner) == -ENOENT)
		name_drop(&guest->lock);
	else
		name_unlock(&guest->lock);
	guest->locked = false;
}
