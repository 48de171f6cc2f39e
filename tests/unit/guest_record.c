// SPDX-License-Identifier: GPL-2.0
/*
 * chaos/guest/record.c: how old a guest is, whatever becomes of the host's clock; and what
 * it is made from again.
 */
#include "harness.h"

#include <json-c/json.h>
#include <time.h>

#include "guest/record.h"

static struct timespec booted, clock_now;

int __wrap_clock_gettime(clockid_t clock, struct timespec *time);

int __wrap_clock_gettime(clockid_t clock, struct timespec *time)
{
	*time = clock == CLOCK_BOOTTIME ? booted : clock_now;
	return 0;
}

static void test_age(void **state)
{
	struct record record = { .doc = json_object_new_object() };

	(void)state;
	booted = (struct timespec){ .tv_sec = 100, .tv_nsec = 5000000 };
	clock_now.tv_sec = 1800000000;
	assert_false(record_is_made(&record));
	record_set_made(&record);
	assert_true(record_is_made(&record));
	assert_int_equal(record_age(&record), 0);
	booted.tv_sec += 3;
	booted.tv_nsec += 2000000;
	clock_now.tv_sec += 3600;
	assert_int_equal(record_age(&record), 3002);
	clock_now.tv_sec -= 7200;
	assert_int_equal(record_age(&record), 3002);
	json_object_put(record.doc);
}

static struct json_object *parse(const char *text)
{
	struct json_object *doc = json_tokener_parse(text);

	assert_non_null(doc);
	return doc;
}

#define RECORD(more) "{ \"config\": { \"file\": \"f\", \"text\": " \
	"\"name='g'\\nkernel='k'\\nmemory=8\\nvcpus=2\\ncpus='3'\\ncpu_weight=100\\n\"" more " } }"

#define VCPU(cpus, soft) \
	"{ \"cpus\": \"" cpus "\", \"cpus_soft\": \"" soft "\" }"
#define SCHED "{ \"vcpu\": [ " VCPU("0-1", "1") ", " VCPU("5", "7") " ], " \
	"\"cpu_weight\": 300, \"cap\": 50 }"

static bool may_run(const struct cpu_sets *cpus, unsigned int vcpu,
		    unsigned int cpu)
{
	return cpus->sets[vcpu].map[cpu / 8] & 1 << cpu % 8;
}

/* What was changed counts, and else the file. */
static void test_sched(void **state)
{
	struct record record = { .name = "other", .doc = parse(RECORD("")) };
	struct json_object *sched;
	struct guest_config config;
	struct error err;

	(void)state;
	assert_int_equal(record_config(&record, &config, &err), 0);
	assert_string_equal(config.name, "other");
	assert_true(config.cpus.common);
	assert_int_equal(config.cpu_weight, 100);
	config_free(&config);
	sched = parse(SCHED);
	record_set_sched(&record, sched, "cpus");
	assert_int_equal(record_config(&record, &config, &err), 0);
	assert_false(config.cpus.common);
	assert_int_equal(config.cpus.count, 2);
	assert_true(may_run(&config.cpus, 0, 1));
	assert_false(may_run(&config.cpus, 0, 3));
	assert_true(may_run(&config.cpus, 1, 5));
	assert_int_equal(config.cpus_soft.count, 0);
	assert_int_equal(config.cpu_weight, 100);
	config_free(&config);
	record_set_sched(&record, sched, "cpus_soft");
	record_set_sched(&record, sched, "cpu_weight");
	record_set_sched(&record, sched, "cap");
	assert_int_equal(record_config(&record, &config, &err), 0);
	assert_true(may_run(&config.cpus_soft, 1, 7));
	assert_int_equal(config.cpu_weight, 300);
	assert_int_equal(config.cap, 50);
	config_free(&config);
	json_object_put(sched);
	json_object_put(record.doc);
}

/* Likewise; a PVH guest is made with all that it may have. */
static void test_memory(void **state)
{
	struct record record = { .name = "g", .doc = parse(RECORD("")) };
	struct guest_config config;
	struct error err;

	(void)state;
	assert_int_equal(record_config(&record, &config, &err), 0);
	assert_int_equal(config.memory, 8);
	assert_int_equal(config.maxmem, 8);
	config_free(&config);
	record_set_type(&record, "pv");
	record_set_memory(&record, 6, 16);
	assert_int_equal(record_config(&record, &config, &err), 0);
	assert_int_equal(config.memory, 6);
	assert_int_equal(config.maxmem, 16);
	config_free(&config);
	record_set_type(&record, "pvh");
	assert_int_equal(record_config(&record, &config, &err), 0);
	assert_int_equal(config.memory, 6);
	assert_int_equal(config.maxmem, 6);
	config_free(&config);
	json_object_put(record.doc);
}

/* How many are online is nobody's business until it was said once. */
static void test_vcpus(void **state)
{
	struct record record = { .name = "g", .doc = parse(RECORD("")) };
	struct owner owner = { .domid = 3 };
	struct guest_config config;
	struct record next;
	struct error err;

	(void)state;
	assert_int_equal(record_config(&record, &config, &err), 0);
	assert_int_equal(config.vcpus_online, 0);
	assert_int_equal(record_make(&next, &config, &owner, &err), 0);
	assert_null(json_object_object_get(next.doc, "vcpus_online"));
	record_free(&next);
	config_free(&config);
	record_set_vcpus(&record, 2);
	assert_int_equal(record_config(&record, &config, &err), 0);
	assert_int_equal(config.vcpus_online, 2);
	assert_int_equal(record_make(&next, &config, &owner, &err), 0);
	assert_int_equal(record_number(&next, "vcpus_online"), 2);
	record_free(&next);
	config_free(&config);
	json_object_put(record.doc);
}

static void test_wrong_sched(void **state)
{
	struct record record = {
		.name = "g", .doc = parse(RECORD(", \"cpus_soft\": [ \"x\" ]")),
	};
	struct guest_config config;
	struct error err;

	(void)state;
	assert_int_equal(record_config(&record, &config, &err), -EINVAL);
	assert_string_equal(err.text, "cpus_soft: its record is wrong");
	json_object_put(record.doc);
	/* An earlier chaos wrote down less. */
	record.doc = parse("{ }");
	record_set_sched(&record, record.doc, "cap");
	assert_int_equal(json_object_object_length(record.doc), 0);
	json_object_put(record.doc);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_age),
		cmocka_unit_test(test_sched),
		cmocka_unit_test(test_wrong_sched),
		cmocka_unit_test(test_memory),
		cmocka_unit_test(test_vcpus),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
