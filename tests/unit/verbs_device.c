// SPDX-License-Identifier: GPL-2.0
/*
 * chaos/verbs/device.c: a device that somebody waits for, step by step, and what becomes of
 * it. The guest and the time are the test's own.
 */
#include "steps.h"

#include "guest/device.h"

static bool is_there, is_shell, is_locked;
static int add_ret, look_ret;
static unsigned int nr_added, nr_deleted;
static uint16_t type;

static int find(struct guest *guest, bool lock, struct error *why)
{
	if (!is_there)
		return error_set(why, -ENOENT, "no such guest");
	assert_false(is_locked);
	fill_guest(guest);
	is_locked = lock;
	return 0;
}

int guest_find(struct xen *xen, const char *arg, struct guest *guest,
	       struct error *why)
{
	(void)xen;
	assert_string_equal(arg, "a");
	return find(guest, false, why);
}

int guest_lock(struct xen *xen, const char *arg, struct guest *guest,
	       struct error *why)
{
	(void)xen;
	assert_string_equal(arg, "a");
	return find(guest, true, why);
}

int guest_again(struct xen *xen, uint32_t domid, const uint8_t *handle,
		bool lock, struct guest *guest, struct error *why)
{
	(void)xen;
	assert_int_equal(domid, DOMID);
	assert_int_equal(handle[0], 1);
	assert_true(lock);
	return find(guest, lock, why);
}

void guest_put(struct guest *guest)
{
	assert_int_equal(guest->domid, DOMID);
	is_locked = false;
}

bool guest_is_shell(const struct guest *guest)
{
	(void)guest;
	return is_shell;
}

bool xen_is_domain(struct xen *xen, uint32_t domid, const uint8_t *handle)
{
	(void)xen;
	assert_int_equal(domid, DOMID);
	assert_int_equal(handle[0], 1);
	return is_there;
}

static int add(struct device_access *to, uint16_t which, struct error *why)
{
	assert_int_equal(to->guest.domid, DOMID);
	assert_true(is_locked);
	if (add_ret)
		return error_set(why, add_ret, "it doesn't fit");
	nr_added++;
	type = which;
	return 0;
}

int device_add_vif(struct device_access *to, struct vif_config *vif,
		   struct error *why)
{
	vif->id = 3;
	return add(to, NOXS_TYPE_VIF, why);
}

int device_add_vbd(struct device_access *to, const struct disk_config *disk,
		   struct error *why)
{
	assert_int_equal(disk->id, 1);
	return add(to, NOXS_TYPE_VBD, why);
}

int device_del(struct device_access *to, uint16_t which, unsigned int id,
	       bool force, struct error *why)
{
	(void)why;
	assert_int_equal(to->guest.domid, DOMID);
	assert_true(is_locked);
	assert_int_equal(which, type);
	assert_int_equal(id, which == NOXS_TYPE_VIF ? 3 : 1);
	assert_true(force);
	nr_deleted++;
	return 0;
}

int device_look(struct noxs *noxs, struct xen *xen, uint32_t domid,
		uint16_t which, unsigned int id, struct error *why)
{
	(void)noxs;
	(void)xen;
	/* Nobody is kept from the guest. */
	assert_false(is_locked);
	assert_int_equal(domid, DOMID);
	assert_int_equal(which, type);
	assert_int_equal(id, which == NOXS_TYPE_VIF ? 3 : 1);
	if (look_ret > 0)
		return look_ret;
	error_set(why, look_ret, look_ret ? "it never will be" : "not yet");
	return look_ret;
}

int device_resize(struct device_access *to, unsigned int id, uint64_t *size,
		  struct error *why)
{
	(void)to;
	(void)id;
	(void)size;
	(void)why;
	return -EIO;
}

int device_list(struct device_access *to, uint16_t which,
		struct json_object **list, struct error *why)
{
	(void)to;
	(void)which;
	(void)list;
	(void)why;
	return -EIO;
}

static int setup(void **state)
{
	(void)state;
	now = 1000;
	is_there = true;
	is_shell = false;
	is_locked = false;
	add_ret = 0;
	look_ret = 0;
	nr_added = 0;
	nr_deleted = 0;
	return 0;
}

static int step(void)
{
	int ret;

	json_object_put(answer);
	answer = json_object_new_object();
	ret = verb->fn(verb, &host, parameters, answer, &err);
	assert_false(is_locked);
	return ret;
}

static int begin(const char *method, int wait)
{
	ask_for(device_verbs, method);
	doc_text(parameters, "vif", "bridge=br0");
	doc_text(parameters, "disk", "/a,raw,xvdb,w");
	doc_number(parameters, "wait", wait);
	return step();
}

static void test_nobody_waits(void **state)
{
	(void)state;
	assert_int_equal(begin("VifAdd", 0), 0);
	assert_answer("{\"id\":3}");
	assert_int_equal(begin("VbdAdd", 0), 0);
	assert_answer("{\"id\":1}");
	add_ret = -ENOSPC;
	assert_int_equal(begin("VifAdd", 5000), -ENOSPC);
	assert_int_equal(begin("VbdAdd", 5000), -ENOSPC);
	is_shell = true;
	assert_int_equal(begin("VbdAdd", 5000), -EPERM);
	assert_int_equal(nr_added, 2);
}

static void test_connects(void **state)
{
	static const char *const methods[] = { "VifAdd", "VbdAdd" };
	static const char *const answers[] = { "{\"id\":3}", "{\"id\":1}" };
	unsigned int i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(methods); i++) {
		look_ret = 0;
		assert_int_equal(begin(methods[i], 5000), VERB_WAITS);
		assert_int_equal(doc_get_number(answer, "domid"), DOMID);
		assert_int_equal(doc_get_number(answer, "deadline"), now + 5000);
		now += 4999;
		assert_int_equal(go_on(false), VERB_WAITS);
		look_ret = 1;
		now += 1;
		assert_int_equal(go_on(false), 0);
		assert_answer(answers[i]);
		assert_int_equal(nr_added, i + 1);
	}
	assert_int_equal(nr_deleted, 0);
}

/* Whatever comes in between, it is taken back. */
static void test_taken_back(void **state)
{
	(void)state;
	assert_int_equal(begin("VifAdd", 5000), VERB_WAITS);
	now += 5000;
	assert_int_equal(go_on(false), -ETIMEDOUT);
	assert_string_equal(err.text, "not yet");
	assert_int_equal(nr_deleted, 1);
	assert_int_equal(begin("VbdAdd", 5000), VERB_WAITS);
	assert_int_equal(go_on(true), -EINTR);
	assert_string_equal(err.text, "interrupted");
	assert_int_equal(nr_deleted, 2);
	assert_int_equal(begin("VbdAdd", 5000), VERB_WAITS);
	look_ret = -EIO;
	assert_int_equal(go_on(false), -EIO);
	assert_string_equal(err.text, "it never will be");
	assert_int_equal(nr_deleted, 3);
	/* With the guest everything is gone. */
	assert_int_equal(begin("VifAdd", 5000), VERB_WAITS);
	is_there = false;
	assert_int_equal(go_on(false), -ESRCH);
	assert_string_equal(err.text, "its domain is gone");
	assert_int_equal(nr_deleted, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_nobody_waits, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_connects, setup, teardown),
		cmocka_unit_test_setup_teardown(test_taken_back, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
