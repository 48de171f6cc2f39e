// SPDX-License-Identifier: GPL-2.0
/*
 * chaos/verbs/memory.c: how much memory a guest is to have, and how many virtual CPUs
 * online, step by step. The guest and the time are the test's own.
 */
#include "steps.h"

#include "guest/power.h"

static bool is_shell, is_recorded, is_made, exists;
static int lock_ret, set_ret, has_ret;
static int64_t memory, most, room, online;
static const char *type;
static unsigned int nr_set, nr_saved, nr_put;

int guest_lock(struct xen *xen, const char *arg, struct guest *guest,
	       struct error *why)
{
	(void)xen;
	assert_string_equal(arg, "a");
	if (lock_ret)
		return error_set(why, lock_ret, "no such guest");
	fill_guest(guest);
	guest->exists = exists;
	guest->recorded = is_recorded;
	return 0;
}

void guest_put(struct guest *guest)
{
	assert_int_equal(guest->domid, DOMID);
	nr_put++;
}

bool guest_is_shell(const struct guest *guest)
{
	(void)guest;
	return is_shell;
}

bool record_is_made(const struct record *record)
{
	(void)record;
	return is_made;
}

int64_t record_number(const struct record *record, const char *key)
{
	(void)record;
	return !strcmp(key, "memory") ? memory : !strcmp(key, "maxmem") ? most :
	       room;
}

const char *record_text(const struct record *record, const char *key)
{
	(void)record;
	assert_string_equal(key, "type");
	return type;
}

void record_set_memory(struct record *record, unsigned int now_memory,
		       unsigned int maxmem)
{
	(void)record;
	memory = now_memory;
	most = maxmem;
}

void record_set_vcpus(struct record *record, unsigned int vcpus)
{
	(void)record;
	online = vcpus;
}

int record_save(const struct record *record, struct error *why)
{
	(void)record;
	(void)why;
	nr_saved++;
	return 0;
}

int guest_set_memory(struct xen *xen, struct noxs *noxs,
		     const struct guest *guest, unsigned int mib,
		     struct error *why)
{
	(void)xen;
	(void)noxs;
	(void)mib;
	assert_int_equal(guest->domid, DOMID);
	nr_set++;
	return set_ret ? error_set(why, set_ret, "it can't") : 0;
}

int guest_has_memory(struct xen *xen, const struct guest *guest,
		     unsigned int mib, struct error *why)
{
	(void)xen;
	assert_int_equal(mib, memory);
	assert_int_equal(guest->domid, DOMID);
	assert_int_equal(guest->handle[0], 1);
	return has_ret > 0 ? 1 : error_set(why, has_ret, "not so much");
}

int guest_set_vcpus(struct xen *xen, struct noxs *noxs,
		    const struct guest *guest, unsigned int vcpus,
		    struct error *why)
{
	(void)vcpus;
	return guest_set_memory(xen, noxs, guest, 0, why);
}

int guest_has_vcpus(struct xen *xen, const struct guest *guest,
		    unsigned int vcpus, struct error *why)
{
	(void)xen;
	assert_int_equal(vcpus, online);
	assert_int_equal(guest->domid, DOMID);
	return has_ret > 0 ? 1 : error_set(why, has_ret, "not so many");
}

static int setup(void **state)
{
	(void)state;
	now = 1000;
	is_shell = false;
	is_recorded = true;
	is_made = true;
	exists = true;
	lock_ret = 0;
	set_ret = 0;
	has_ret = 0;
	memory = 100;
	most = 200;
	room = 150;
	online = 0;
	type = "pv";
	nr_set = 0;
	nr_saved = 0;
	nr_put = 0;
	return 0;
}

static int step(void)
{
	json_object_put(answer);
	answer = json_object_new_object();
	return verb->fn(verb, &host, parameters, answer, &err);
}

static int set(unsigned int mib, int wait)
{
	ask_for(memory_verbs, "MemorySet");
	assert_int_equal(verb->type, NOXS_TYPE_SYSCTL);
	doc_number(parameters, "memory", mib);
	doc_number(parameters, "wait", wait);
	return step();
}

static int set_max(unsigned int mib)
{
	ask_for(memory_verbs, "MemoryMax");
	doc_number(parameters, "memory", mib);
	return step();
}

static int set_vcpus(unsigned int vcpus, int wait)
{
	ask_for(memory_verbs, "VcpuSet");
	assert_int_equal(verb->type, NOXS_TYPE_SYSCTL);
	doc_number(parameters, "vcpus", vcpus);
	doc_number(parameters, "wait", wait);
	return step();
}

static void test_set(void **state)
{
	(void)state;
	assert_int_equal(set(150, 0), 0);
	assert_answer("{\"domid\":7}");
	assert_int_equal(nr_set, 1);
	assert_int_equal(nr_saved, 1);
	assert_int_equal(memory, 150);
	assert_int_equal(most, 200);
	assert_int_equal(set(201, 0), -EINVAL);
	assert_string_equal(err.text, "201 MiB is more than its maxmem, 200 MiB");
	assert_int_equal(set(151, 0), -EINVAL);
	assert_string_equal(err.text,
			    "it has room for 150 MiB only, until it is made again");
	set_ret = -EOPNOTSUPP;
	assert_int_equal(set(120, 0), -EOPNOTSUPP);
	assert_int_equal(nr_saved, 1);
	assert_int_equal(nr_put, 4);
}

static void test_max(void **state)
{
	(void)state;
	assert_int_equal(set_max(300), 0);
	assert_int_equal(most, 300);
	assert_int_equal(memory, 100);
	assert_int_equal(set_max(99), -EINVAL);
	assert_string_equal(err.text, "it is to have 100 MiB: mem-set comes first");
	type = "pvh";
	assert_int_equal(set_max(151), -EINVAL);
	assert_int_equal(set_max(150), 0);
	assert_int_equal(nr_set, 0);
	assert_int_equal(nr_saved, 2);
}

static void test_refusals(void **state)
{
	(void)state;
	lock_ret = -ENOENT;
	assert_int_equal(set(100, 0), -ENOENT);
	assert_int_equal(nr_put, 0);
	lock_ret = 0;
	room = 0;
	assert_int_equal(set(100, 5), -EOPNOTSUPP);
	assert_int_equal(set_max(100), -EOPNOTSUPP);
	exists = false;
	assert_int_equal(set_max(100), -ESRCH);
	is_made = false;
	assert_int_equal(set_max(100), -EPERM);
	is_made = true;
	is_recorded = false;
	assert_int_equal(set_max(100), -EPERM);
	assert_string_equal(err.text, "is no guest of chaos");
	is_shell = true;
	assert_int_equal(set_max(100), -EPERM);
	assert_string_equal(err.text, "is a domain of a pool");
	assert_int_equal(nr_saved, 0);
	assert_int_equal(nr_put, 6);
}

/* There is no event of it: one looks from time to time. */
static void test_waits(void **state)
{
	(void)state;
	assert_int_equal(set(120, 1000), VERB_WAITS);
	assert_int_equal(doc_get_number(answer, "deadline"),
			 now + VERB_LOOK_MS);
	now += 900;
	assert_int_equal(go_on(false), VERB_WAITS);
	assert_int_equal(doc_get_number(answer, "deadline"), 2000);
	assert_int_equal(nr_set, 1);
	has_ret = 1;
	assert_int_equal(go_on(false), 0);
	assert_answer("{\"domid\":7}");
	has_ret = 0;
	assert_int_equal(set(120, 1000), VERB_WAITS);
	now += 1000;
	assert_int_equal(go_on(false), -ETIMEDOUT);
	assert_string_equal(err.text, "not so much");
	assert_int_equal(set(120, 1000), VERB_WAITS);
	assert_int_equal(go_on(true), -EINTR);
	assert_string_equal(err.text, "interrupted");
	assert_int_equal(set(120, 1000), VERB_WAITS);
	has_ret = -ESRCH;
	assert_int_equal(go_on(false), -ESRCH);
	/* Nobody is kept from the guest meanwhile. */
	assert_int_equal(nr_put, 4);
}

/* Likewise; memory, and room for it, has nothing to do with it. */
static void test_vcpus(void **state)
{
	(void)state;
	room = 0;
	assert_int_equal(set_vcpus(3, 0), 0);
	assert_answer("{\"domid\":7}");
	assert_int_equal(online, 3);
	assert_int_equal(memory, 100);
	assert_int_equal(nr_saved, 1);
	assert_int_equal(set_vcpus(2, 1000), VERB_WAITS);
	assert_int_equal(go_on(false), VERB_WAITS);
	has_ret = 1;
	assert_int_equal(go_on(false), 0);
	has_ret = 0;
	assert_int_equal(set_vcpus(1, 1000), VERB_WAITS);
	now += 1000;
	assert_int_equal(go_on(false), -ETIMEDOUT);
	assert_string_equal(err.text, "not so many");
	set_ret = -EOPNOTSUPP;
	assert_int_equal(set_vcpus(4, 1000), -EOPNOTSUPP);
	assert_int_equal(online, 1);
	assert_int_equal(nr_saved, 3);
	exists = false;
	assert_int_equal(set_vcpus(4, 0), -ESRCH);
	assert_int_equal(nr_put, 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_set, setup, teardown),
		cmocka_unit_test_setup_teardown(test_max, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refusals, setup, teardown),
		cmocka_unit_test_setup_teardown(test_waits, setup, teardown),
		cmocka_unit_test_setup_teardown(test_vcpus, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
