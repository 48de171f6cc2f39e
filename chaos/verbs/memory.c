// SPDX-License-Identifier: GPL-2.0
/*
 * How much memory a guest has, and may have, and how many of its virtual CPUs are online.
 * Its own kernel gives memory back, and takes it again; who doesn't do so keeps what it has,
 * and gets no more. Likewise it puts virtual CPUs offline, or keeps them.
 */
#include <errno.h>
#include <json-c/json.h>
#include <string.h>

#include "guest/names.h"
#include "guest/power.h"
#include "util/json.h"
#include "util/util.h"
#include "verbs/verbs.h"

/**
 * struct resizing - a guest that is to have another amount of memory, or of virtual CPUs
 * @access: to the host
 * @parameters: of the method
 * @answer: out
 * @amount: MiB, or how many
 * @change: does it; the guest is locked, and its domain is there
 * @has: whether the guest has it, as guest_has_memory(); NULL if nobody waits for that
 * @guest: the guest
 */
struct resizing {
	struct access *access;
	struct json_object *parameters;
	struct json_object *answer;
	unsigned int amount;
	int (*change)(struct resizing *resizing, struct error *err);
	int (*has)(struct xen *xen, const struct guest *guest,
		   unsigned int amount, struct error *err);
	struct guest guest;
};

/* What record_set_memory() and the guest's maker have said. */
static unsigned int number_of(const struct resizing *resizing, const char *key)
{
	return record_number(&resizing->guest.record, key);
}

static int remember(struct resizing *resizing, unsigned int memory,
		    unsigned int most, struct error *err)
{
	struct record *record = &resizing->guest.record;

	record_set_memory(record, memory, most);
	return record_save(record, err);
}

static int check_room(const struct resizing *resizing, struct error *err)
{
	if (number_of(resizing, "memory_room"))
		return 0;
	return error_set(err, -EOPNOTSUPP,
			 "an older chaos made it: first it has to be made again");
}

static int set_memory(struct resizing *resizing, struct error *err)
{
	unsigned int most = number_of(resizing, "maxmem");
	unsigned int room = number_of(resizing, "memory_room");
	struct access *access = resizing->access;
	int ret;

	ret = check_room(resizing, err);
	if (ret)
		return ret;
	if (resizing->amount > most)
		return error_set(err, -EINVAL,
				 "%u MiB is more than its maxmem, %u MiB",
				 resizing->amount, most);
	if (resizing->amount > room)
		return error_set(err, -EINVAL,
				 "it has room for %u MiB only, until it is made again",
				 room);
	ret = guest_set_memory(&access->xen, &access->noxs, &resizing->guest,
			       resizing->amount, err);
	return ret ? ret : remember(resizing, resizing->amount, most, err);
}

/* Xen's own limit is what the guest is to have: this is about what that can be. */
static int set_max(struct resizing *resizing, struct error *err)
{
	unsigned int memory = number_of(resizing, "memory");
	unsigned int room = number_of(resizing, "memory_room");
	int ret;

	ret = check_room(resizing, err);
	if (ret)
		return ret;
	if (resizing->amount < memory)
		return error_set(err, -EINVAL,
				 "it is to have %u MiB: mem-set comes first",
				 memory);
	if (resizing->amount > room &&
	    strcmp(record_text(&resizing->guest.record, "type"), "pv"))
		return error_set(err, -EINVAL,
				 "a pvh guest has at most what it was made with, %u MiB",
				 room);
	return remember(resizing, memory, resizing->amount, err);
}

static int set_vcpus(struct resizing *resizing, struct error *err)
{
	struct record *record = &resizing->guest.record;
	struct access *access = resizing->access;
	int ret;

	ret = guest_set_vcpus(&access->xen, &access->noxs, &resizing->guest,
			      resizing->amount, err);
	if (ret)
		return ret;
	record_set_vcpus(record, resizing->amount);
	return record_save(record, err);
}

static int check(const struct resizing *resizing, struct error *err)
{
	const struct guest *guest = &resizing->guest;

	/* What has it then would find it changed. */
	if (guest_is_shell(guest))
		return error_set(err, -EPERM, "is a domain of a pool");
	if (!guest->recorded || !record_is_made(&guest->record))
		return error_set(err, -EPERM, "is no guest of chaos");
	if (!guest->exists)
		return error_set(err, -ESRCH, "its domain is gone");
	return 0;
}

static int resize(struct resizing *resizing, struct error *err)
{
	struct guest *guest = &resizing->guest;
	int ret;

	ret = guest_lock(&resizing->access->xen,
			 doc_get_text(resizing->parameters, "guest"), guest,
			 err);
	if (ret)
		return ret;
	doc_number(resizing->answer, "domid", guest->domid);
	ret = check(resizing, err);
	if (!ret)
		ret = resizing->change(resizing, err);
	guest_put(guest);
	return ret;
}

/* There is no event of it: @deadline is when to look again, "until" when to give up. */
static int wait_on(struct resizing *resizing, struct verb_wait *wait,
		   int64_t until)
{
	wait->deadline = clock_ms() + VERB_LOOK_MS;
	if (wait->deadline > until)
		wait->deadline = until;
	doc_number(resizing->answer, "until", until);
	return verb_wait(resizing->answer, wait);
}

/* Meanwhile the guest can be looked at, and destroyed, like any other. */
static int look(struct resizing *resizing, struct json_object *waited,
		struct verb_wait *wait, struct error *err)
{
	int64_t until = doc_get_number(waited, "until");
	struct guest *guest = &resizing->guest;
	int ret;

	guest->domid = wait->domid;
	memcpy(guest->handle, wait->handle, UUID_SIZE);
	doc_number(resizing->answer, "domid", guest->domid);
	ret = resizing->has(&resizing->access->xen, guest, resizing->amount,
			    err);
	if (ret)
		return ret > 0 ? 0 : ret;
	if (doc_get_bool(resizing->parameters, "left"))
		return error_set(err, -EINTR, "interrupted");
	return clock_ms() < until ? wait_on(resizing, wait, until) : -ETIMEDOUT;
}

static int run(struct resizing *resizing, const char *parameter,
	       struct error *err)
{
	struct json_object *waited;
	struct verb_wait wait;
	int64_t time;
	int ret;

	resizing->amount = doc_get_number(resizing->parameters, parameter);
	waited = verb_waited(resizing->parameters, &wait);
	if (waited)
		return look(resizing, waited, &wait, err);
	ret = resize(resizing, err);
	time = doc_get_number(resizing->parameters, "wait");
	if (ret || !time)
		return ret;
	wait = verb_wait_for(&resizing->guest, clock_ms() + time);
	return wait_on(resizing, &wait, wait.deadline);
}

static int verb_set(const struct verb *verb, struct access *access,
		    struct json_object *parameters, struct json_object *answer,
		    struct error *err)
{
	struct resizing resizing = {
		.access = access, .parameters = parameters, .answer = answer,
		.change = set_memory, .has = guest_has_memory,
	};

	(void)verb;
	return run(&resizing, "memory", err);
}

static int verb_set_max(const struct verb *verb, struct access *access,
			struct json_object *parameters,
			struct json_object *answer, struct error *err)
{
	struct resizing resizing = {
		.access = access, .parameters = parameters, .answer = answer,
		.change = set_max,
	};

	(void)verb;
	return run(&resizing, "memory", err);
}

static int verb_set_vcpus(const struct verb *verb, struct access *access,
			  struct json_object *parameters,
			  struct json_object *answer, struct error *err)
{
	struct resizing resizing = {
		.access = access, .parameters = parameters, .answer = answer,
		.change = set_vcpus, .has = guest_has_vcpus,
	};

	(void)verb;
	return run(&resizing, "vcpus", err);
}

const struct verb memory_verbs[] = {
	{ "MemorySet", verb_set, NOXS_TYPE_SYSCTL, false },
	{ "MemoryMax", verb_set_max, NOXS_TYPE_NONE, false },
	{ "VcpuSet", verb_set_vcpus, NOXS_TYPE_SYSCTL, false },
	{ .method = NULL },
};
