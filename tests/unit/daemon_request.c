// SPDX-License-Identifier: GPL-2.0
/*
 * chaos/daemon/request.c: what a call makes chaosd do. The rest of chaosd is played
 * here, and so is the time.
 */
#include "harness.h"

#include <json-c/json.h>
#include <time.h>

#include "daemon/console.h"
#include "daemon/events.h"
#include "daemon/guests.h"
#include "daemon/jobs.h"
#include "daemon/pools.h"
#include "daemon/request.h"
#include "daemon/server.h"
#include "daemon/watch.h"

static int64_t now_ms;
static unsigned int nr_reads, nr_looks;

int __wrap_clock_gettime(clockid_t clock, struct timespec *time);

int __wrap_clock_gettime(clockid_t clock, struct timespec *time)
{
	assert_int_equal(clock, CLOCK_MONOTONIC);
	time->tv_sec = now_ms / 1000;
	time->tv_nsec = now_ms % 1000 * 1000000;
	return 0;
}

unsigned int guests_count(void)
{
	return 1;
}

void guests_look(void)
{
	nr_looks++;
}

int guests_notify(const char *event, uint32_t domid, struct error *err)
{
	assert_string_equal(event, "paused");
	return domid == 7 ? 0 : error_set(err, -ENOENT, "no such guest");
}

void pools_read(void)
{
	nr_reads++;
}

void pools_describe(struct json_object *answer)
{
	json_object_object_add(answer, "looks", json_object_new_int(nr_looks));
}

unsigned int pools_shells(void)
{
	return 2;
}

unsigned int consoles_count(void)
{
	return 3;
}

int consoles_open(const struct record *record, struct error *err)
{
	(void)record;
	(void)err;
	return 0;
}

bool consoles_close(uint32_t domid, const uint8_t *handle)
{
	(void)handle;
	return domid == 7;
}

unsigned int jobs_count(void)
{
	return 4;
}

unsigned int server_clients(void)
{
	return 5;
}

bool watching_has_virq(void)
{
	return true;
}

struct json_object *event_new(const char *event)
{
	struct json_object *doc = json_object_new_object();

	json_object_object_add(doc, "event", json_object_new_string(event));
	return doc;
}

int record_load(struct record *record, uint32_t domid, const uint8_t *handle)
{
	(void)record;
	(void)handle;
	return domid == 7 ? 0 : -ENOENT;
}

void record_free(struct record *record)
{
	(void)record;
}

static bool listens;

/* The answer's text; "" if there is none. */
static const char *ask(const char *call, bool root)
{
	static char text[512];
	struct json_object *answer;

	listens = false;
	answer = request_answer(call, strlen(call), root, &listens);
	*text = '\0';
	if (answer)
		snprintf(text, sizeof(text), "%s",
			 json_object_to_json_string_ext(answer,
							JSON_C_TO_STRING_PLAIN));
	json_object_put(answer);
	return text;
}

#define POOLS	"{\"method\":\"org.noxs.chaos.Pools\"}"

#define NOTIFY(domid) \
	"{\"method\":\"org.noxs.chaos.Notify\",\"parameters\":" \
	"{\"event\":\"paused\",\"domid\":" domid "}}"

/* To look costs what the guests are: for whoever isn't root, twice a second. */
static void test_pools(void **state)
{
	int i;

	(void)state;
	now_ms = 10000;
	for (i = 0; i < 100; i++)
		assert_string_equal(ask(POOLS, false), "{\"parameters\":{\"looks\":1}}");
	assert_int_equal(nr_reads, 1);
	now_ms += 499;
	ask(POOLS, false);
	assert_int_equal(nr_looks, 1);
	now_ms += 1;
	ask(POOLS, false);
	assert_int_equal(nr_looks, 2);
	/* Root has what it just changed, and others have that, too. */
	ask(POOLS, true);
	assert_string_equal(ask(POOLS, true), "{\"parameters\":{\"looks\":4}}");
	ask(POOLS, false);
	assert_int_equal(nr_looks, 4);
	assert_int_equal(nr_reads, 4);
}

static void test_others(void **state)
{
	(void)state;
	nr_looks = 0;
	assert_non_null(strstr(ask("{\"method\":\"org.noxs.chaos.Status\"}",
				   false),
			       "\"shells\":2,\"consoles\":3,\"jobs\":4"));
	assert_string_equal(ask("{\"method\":\"org.noxs.chaos.Status\",\"oneway\":true}",
				false), "");
	assert_string_equal(ask("{\"method\":\"org.noxs.chaos.Events\",\"more\":true}",
				false),
			    "{\"parameters\":{\"event\":{\"event\":\"ready\"}},\"continues\":true}");
	assert_true(listens);
	assert_non_null(strstr(ask(NOTIFY("7"), false), "PermissionDenied"));
	assert_string_equal(ask(NOTIFY("7"), true), "{\"parameters\":{}}");
	assert_non_null(strstr(ask(NOTIFY("8"), true), "no such guest"));
	assert_int_equal(nr_looks, 0);
	assert_false(listens);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pools),
		cmocka_unit_test(test_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
