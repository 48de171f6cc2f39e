// SPDX-License-Identifier: GPL-2.0
/*
 * chaos/verbs/sched.c: where a guest's CPUs are to run, and how much they are to get; what
 * of that is remembered. The guest is the test's own.
 */
#include "harness.h"

#include <json-c/json.h>

#include "guest/names.h"
#include "util/json.h"
#include "verbs/verbs.h"
#include "xen/sched.h"

static struct access host;
static struct error err;
static bool is_shell, is_recorded, exists;
static unsigned int nr_put, nr_saved;
/* What was done, and what of it is remembered. */
static char done[64], kept[64];

int guest_lock(struct xen *xen, const char *arg, struct guest *guest,
	       struct error *why)
{
	(void)xen;
	if (strcmp(arg, "a"))
		return error_set(why, -ENOENT, "no such guest");
	memset(guest, 0, sizeof(*guest));
	guest->domid = 7;
	guest->exists = exists;
	guest->recorded = is_recorded;
	return 0;
}

void guest_put(struct guest *guest)
{
	assert_int_equal(guest->domid, 7);
	nr_put++;
}

bool guest_is_shell(const struct guest *guest)
{
	(void)guest;
	return is_shell;
}

int sched_pin(struct xen *xen, uint32_t domid, const struct pin *pin,
	      struct error *why)
{
	(void)xen;
	assert_int_equal(domid, 7);
	if (pin->vcpu > 1)
		return error_set(why, -EINVAL, "vcpu: it has 2 of them");
	snprintf(done, sizeof(done), "%s %u %d %d", pin->all ? "all" : "one",
		 pin->vcpu, pin->cpus ? pin->cpus->map[0] : -1,
		 pin->cpus_soft ? pin->cpus_soft->map[0] : -1);
	return 0;
}

int sched_set_share(struct xen *xen, uint32_t domid, const unsigned int *weight,
		    const unsigned int *cap, struct error *why)
{
	(void)xen;
	(void)why;
	assert_int_equal(domid, 7);
	snprintf(done, sizeof(done), "%d %d", weight ? (int)*weight : -1,
		 cap ? (int)*cap : -1);
	return 0;
}

int sched_describe(struct xen *xen, uint32_t domid, struct json_object *doc,
		   struct error *why)
{
	(void)xen;
	(void)domid;
	(void)doc;
	(void)why;
	return 0;
}

void record_set_sched(struct record *record, struct json_object *sched,
		      const char *key)
{
	(void)record;
	(void)sched;
	strcat(strcat(kept, key), " ");
}

int record_save(const struct record *record, struct error *why)
{
	(void)record;
	(void)why;
	nr_saved++;
	return 0;
}

static int setup(void **state)
{
	(void)state;
	is_shell = false;
	is_recorded = true;
	exists = true;
	nr_put = 0;
	nr_saved = 0;
	return 0;
}

static int ask(const char *method, const char *text)
{
	struct json_object *parameters = json_tokener_parse(text);
	struct json_object *answer = json_object_new_object();
	const struct verb *verb;
	int ret;

	for (verb = sched_verbs; strcmp(verb->method, method); verb++)
		;
	*done = '\0';
	*kept = '\0';
	ret = verb->fn(verb, &host, parameters, answer, &err);
	if (!ret)
		assert_int_equal(doc_get_number(answer, "domid"), 7);
	json_object_put(parameters);
	json_object_put(answer);
	return ret;
}

static void test_pin(void **state)
{
	(void)state;
	assert_int_equal(ask("VcpuPin", "{\"guest\":\"a\",\"vcpu\":1,\"cpus\":\"0-1\"}"),
			 0);
	assert_string_equal(done, "one 1 3 -1");
	assert_string_equal(kept, "cpus ");
	assert_int_equal(ask("VcpuPin",
			     "{\"guest\":\"a\",\"cpus\":null,\"cpus_soft\":\"2\"}"), 0);
	assert_string_equal(done, "all 0 -1 4");
	assert_string_equal(kept, "cpus_soft ");
	assert_int_equal(nr_saved, 2);
	assert_int_equal(ask("VcpuPin", "{\"guest\":\"a\",\"vcpu\":2}"), -EINVAL);
	assert_string_equal(err.text, "vcpu: it has 2 of them");
	assert_int_equal(nr_put, 3);
	/* What is no set of CPUs, nobody is kept from the guest for. */
	assert_int_equal(ask("VcpuPin", "{\"guest\":\"a\",\"cpus_soft\":\"0-x\"}"),
			 -EINVAL);
	assert_non_null(strstr(err.text, "cpus_soft: must be \"all\""));
	assert_int_equal(ask("VcpuPin", "{\"guest\":\"a\",\"cpus\":\"\"}"), -EINVAL);
	assert_int_equal(nr_put, 3);
	assert_int_equal(ask("VcpuPin", "{\"guest\":\"b\"}"), -ENOENT);
	assert_int_equal(nr_saved, 2);
}

static void test_share(void **state)
{
	(void)state;
	assert_int_equal(ask("ShareSet", "{\"guest\":\"a\",\"cpu_weight\":512}"), 0);
	assert_string_equal(done, "512 -1");
	assert_string_equal(kept, "cpu_weight ");
	assert_int_equal(ask("ShareSet", "{\"guest\":\"a\",\"cpu_weight\":1,\"cap\":0}"),
			 0);
	assert_string_equal(done, "1 0");
	assert_string_equal(kept, "cpu_weight cap ");
	/* Whatever isn't of chaos has nothing to be written into. */
	is_recorded = false;
	assert_int_equal(ask("ShareSet", "{\"guest\":\"a\",\"cap\":50}"), 0);
	assert_string_equal(done, "-1 50");
	assert_string_equal(kept, "");
	exists = false;
	assert_int_equal(ask("ShareSet", "{\"guest\":\"a\",\"cap\":50}"), -ESRCH);
	is_shell = true;
	assert_int_equal(ask("ShareSet", "{\"guest\":\"a\",\"cap\":50}"), -EPERM);
	assert_string_equal(done, "");
	assert_int_equal(nr_put, 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_pin, setup),
		cmocka_unit_test_setup(test_share, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
