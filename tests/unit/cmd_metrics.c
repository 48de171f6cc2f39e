// SPDX-License-Identifier: GPL-2.0
/* chaos/cmd/metrics.c: what is counted, in the words that Prometheus reads. */
#include "harness.h"

#include <json-c/json.h>

#include "cmd/metrics.h"
#include "util/chaos.h"

#define GUEST(domid, name, state, used, devices) \
	"{\"domid\":" domid ",\"name\":\"" name "\",\"state\":\"" state "\"," used \
	",\"devices\":[" devices "]}"
#define USED(cpu, memory, vcpus) \
	"\"cpu_time\":" cpu ",\"memory\":" memory ",\"vcpus\":" vcpus
#define DEVICE(type, id, counts) \
	"{\"type\":\"" type "\",\"id\":" id "," counts "}"
#define NETDEV "\"netdev\":\"a\\\"\\\\b\""
#define BYTES "\"received_bytes\":1099511627776,\"sent_bytes\":2"
#define PACKETS "\"received_packets\":3,\"sent_packets\":4"
#define OF_DISK "\"read_bytes\":5,\"written_bytes\":6,\"reads\":7,\"writes\":8"

static const char guests[] = "["
	GUEST("3", "web", "running", USED("12.5", "512", "2"),
	      DEVICE("vif", "0", NETDEV "," BYTES "," PACKETS) ","
	      DEVICE("vbd", "51712", OF_DISK)) ","
	GUEST("4", "other", "paused", USED("0", "64", "1"), "") "]";

/* Its labels. */
#define VIF "{name=\"web\",domid=\"3\",id=\"0\",netdev=\"a\\\"\\\\b\"}"

static char text[16384];

static struct json_object *parse(const char *doc)
{
	return doc ? json_tokener_parse(doc) : NULL;
}

static void print(const char *what, const char *host,
		  const char *status, const char *pools)
{
	struct metrics metrics = {
		.guests = parse(what), .host = parse(host),
		.status = parse(status), .pools = parse(pools),
	};
	FILE *out = fmemopen(text, sizeof(text), "w");

	assert_non_null(out);
	metrics_print(out, &metrics);
	fclose(out);
	json_object_put(metrics.guests);
	json_object_put(metrics.host);
	json_object_put(metrics.status);
	json_object_put(metrics.pools);
}

static void assert_has(const char *line)
{
	const char *at = strstr(text, line);

	if (!at || at[strlen(line)] != '\n' || (at > text && at[-1] != '\n'))
		fail_msg("no line: %s", line);
}

static void test_guests(void **state)
{
	(void)state;
	print(guests, "{}", NULL, NULL);
	assert_has("chaos_guests 2");
	assert_has("# TYPE chaos_guest_cpu_seconds_total counter");
	assert_has("chaos_guest_cpu_seconds_total{name=\"web\",domid=\"3\"} 12.5");
	assert_has("chaos_guest_memory_bytes{name=\"web\",domid=\"3\"} 536870912");
	assert_has("chaos_guest_vcpus{name=\"other\",domid=\"4\"} 1");
	assert_has("chaos_guest_state{name=\"other\",domid=\"4\",state=\"paused\"} 1");
	assert_has("chaos_vif_received_bytes_total" VIF " 1099511627776");
	assert_has("chaos_vif_sent_packets_total" VIF " 4");
	assert_has("chaos_vbd_read_bytes_total{name=\"web\",domid=\"3\",id=\"51712\"} 5");
	assert_has("chaos_vbd_writes_total{name=\"web\",domid=\"3\",id=\"51712\"} 8");
	assert_has("chaos_daemon_up 0");
	assert_null(strstr(text, "chaos_pool_"));
	assert_null(strstr(text, "chaos_daemon_jobs"));
	assert_has("chaos_daemon_clients_max 64");
	assert_has("chaos_build_info{version=\"" CHAOS_VERSION "\"} 1");
}

/* Nobody knows anything. */
static void test_nothing(void **state)
{
	(void)state;
	print(NULL, NULL, NULL, NULL);
	assert_has("chaos_daemon_up 0");
	assert_has("chaos_build_info{version=\"" CHAOS_VERSION "\"} 1");
	assert_null(strstr(text, "chaos_guests "));
	assert_null(strstr(text, "chaos_host_"));
}

static void test_host_and_pools(void **state)
{
	(void)state;
	print("[]", "{\"nr_cpus\":8,\"total_memory\":1024,\"free_memory\":512,\"kept\":3}",
	      "{ \"clients\": 2, \"jobs\": 1, \"consoles\": 7 }",
	      "[ { \"name\": \"a\\nb\", \"count\": 5, \"ready\": 4, \"served\": 17 } ]");
	assert_has("chaos_host_cpus 8");
	assert_has("chaos_host_memory_bytes 1073741824");
	assert_has("chaos_host_memory_free_bytes 536870912");
	assert_has("chaos_host_pages_kept 3");
	assert_has("chaos_host_pages_revoking 0");
	assert_has("chaos_daemon_up 1");
	assert_has("chaos_daemon_clients 2");
	assert_has("chaos_daemon_consoles 7");
	assert_has("chaos_pool_wanted{pool=\"a\\nb\"} 5");
	assert_has("chaos_pool_ready{pool=\"a\\nb\"} 4");
	assert_has("chaos_pool_served_total{pool=\"a\\nb\"} 17");
}

/* Each metric has its two lines before its samples, once. */
static void test_form(void **state)
{
	char *rest = text, *line, name[128] = "", former[128] = "";
	int helps = 0, types = 0;

	(void)state;
	print(guests, "{}", "{}", "[]");
	while ((line = strsep(&rest, "\n")) && *line) {
		if (sscanf(line, "# HELP %127s", name) == 1) {
			assert_string_not_equal(name, former);
			strcpy(former, name);
			helps++;
		} else if (sscanf(line, "# TYPE %127s", name) == 1) {
			assert_string_equal(name, former);
			types++;
		} else {
			assert_int_equal(strncmp(line, former, strlen(former)), 0);
		}
	}
	assert_int_equal(helps, types);
	assert_true(helps >= 25);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_guests),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_host_and_pools),
		cmocka_unit_test(test_form),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
