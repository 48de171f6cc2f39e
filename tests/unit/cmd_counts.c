// SPDX-License-Identifier: GPL-2.0
/* chaos/cmd/counts.c: pages are put together, and what has grown between two looks is told. */
#include "harness.h"

#include <errno.h>
#include <json-c/json.h>

#include "cmd/ask.h"
#include "cmd/counts.h"
#include "util/json.h"

static const char *const *pages;
static struct error err;

/* The next page; after the last one there is an error. */
int ask_look(const char *method, struct json_object *parameters,
	     const struct options *options, struct json_object **answer,
	     struct error *why)
{
	(void)options;
	assert_string_equal(method, "Stat");
	json_object_put(parameters);
	*answer = *pages ? json_tokener_parse(*pages++) : NULL;
	return *answer ? 0 : error_set(why, -EIO, "no answer");
}

static const char *all_of(struct counts *counts)
{
	return json_object_to_json_string_ext(counts->guests, 0);
}

static void test_pages(void **state)
{
	static const char *const two[] = {
		"{\"time\":5,\"free_memory\":7,\"guests\":[{\"domid\":1},{\"domid\":2}],\"next\":3}",
		"{\"time\":9,\"free_memory\":1,\"guests\":[{\"domid\":4}],\"next\":null}",
		NULL,
	};
	static const char *const back[] = {
		"{\"time\":5,\"guests\":[],\"next\":3}",
		"{\"time\":5,\"guests\":[],\"next\":3}", NULL,
	};
	struct counts counts;

	(void)state;
	pages = two;
	assert_int_equal(counts_ask(NULL, &counts, &err), 0);
	assert_int_equal(counts.time, 5);
	assert_string_equal(json_object_to_json_string_ext(counts.times, 0), "[5,5,9]");
	assert_int_equal(counts.free_memory, 1);
	assert_string_equal(all_of(&counts),
			    "[{\"domid\":1},{\"domid\":2},{\"domid\":4}]");
	counts_free(&counts);
	assert_null(counts.guests);
	counts_free(&counts);
	assert_int_equal(counts_ask(NULL, &counts, &err), -EIO);
	assert_string_equal(err.text, "no answer");
	assert_null(counts.guests);
	/* It never ends. */
	pages = back;
	assert_int_equal(counts_ask(NULL, &counts, &err), -EPROTO);
	assert_null(counts.guests);
}

static struct json_object *guest_of(struct counts *counts, size_t i)
{
	return json_object_array_get_idx(counts->guests, i);
}

static double rate_of(struct json_object *guest, size_t device, const char *key)
{
	struct json_object *devices = json_object_object_get(guest, "devices");

	return doc_get_fraction(json_object_array_get_idx(devices, device), key);
}

#define GUEST(domid, handle, cpu, devices) \
	"{\"domid\":" domid ",\"handle\":\"" handle "\",\"cpu_time\":" cpu \
	",\"devices\":[" devices "]}"
#define VIF(id, in, out) "{\"type\":\"vif\",\"id\":" id ",\"received_bytes\":" in \
	",\"sent_bytes\":" out "}"
#define VBD(id, in, out) "{\"type\":\"vbd\",\"id\":" id ",\"read_bytes\":" in \
	",\"written_bytes\":" out "}"

/* The second and those after it are on another page, a second later. */
static struct counts parse(int64_t time, const char *text)
{
	struct counts counts = {
		.time = time, .guests = json_tokener_parse(text),
		.times = json_object_new_array(),
	};
	size_t i;

	assert_non_null(counts.guests);
	for (i = 0; i < json_object_array_length(counts.guests); i++)
		json_object_array_add(counts.times,
				      json_object_new_int64(i ? time + 1000 : time));
	return counts;
}

static void test_rates(void **state)
{
	struct counts former = parse(1000, "["
		GUEST("1", "a", "1.0", VIF("0", "100", "50") "," VBD("0", "7", "8")) ","
		GUEST("2", "b", "5.0", "") ","
		GUEST("4", "d", "9.0", VIF("0", "1", "1")) ","
		GUEST("5", "e", "10.0", "") "]");
	struct counts counts = parse(3000, "["
		GUEST("1", "a", "2.0", VBD("0", "9", "8") "," VIF("0", "300", "10")) ","
		GUEST("3", "c", "3.0", VIF("1", "12", "6")) ","
		GUEST("4", "other", "9.0", VIF("0", "6", "24")) ","
		GUEST("5", "e", "13.0", "") "]");
	struct json_object *guest;

	(void)state;
	counts_rate(&counts, &former);
	guest = guest_of(&counts, 0);
	assert_true(doc_get_fraction(guest, "cpu_percent") == 50);
	assert_true(rate_of(guest, 0, "read_per_s") == 1);
	assert_true(rate_of(guest, 0, "written_per_s") == 0);
	assert_true(rate_of(guest, 1, "received_per_s") == 100);
	/* It came again. */
	assert_true(rate_of(guest, 1, "sent_per_s") == 5);
	/* A disk receives nothing, and says nothing of that. */
	assert_null(strstr(json_object_to_json_string_ext(guest, 0), "received_per_s\":0"));
	/* A new one, and one that has the domid of another. */
	guest = guest_of(&counts, 1);
	assert_true(doc_get_fraction(guest, "cpu_percent") == 100);
	assert_true(rate_of(guest, 0, "received_per_s") == 4);
	guest = guest_of(&counts, 2);
	assert_true(doc_get_fraction(guest, "cpu_percent") == 300);
	assert_true(rate_of(guest, 0, "sent_per_s") == 8);
	/* One that was there. */
	guest = guest_of(&counts, 3);
	assert_true(doc_get_fraction(guest, "cpu_percent") == 150);
	counts_free(&former);
	counts_free(&counts);
}

/* No division by nothing, and nothing to compare with. */
static void test_no_time(void **state)
{
	struct counts former = parse(1000, "[]");
	struct counts counts = parse(1000, "[" GUEST("1", "a", "1.0", "") "]");

	(void)state;
	counts_rate(&counts, &former);
	assert_true(doc_get_fraction(guest_of(&counts, 0), "cpu_percent") == 100000);
	counts_free(&former);
	counts_free(&counts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pages),
		cmocka_unit_test(test_rates),
		cmocka_unit_test(test_no_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
