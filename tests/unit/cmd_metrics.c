// SPDX-License-Identifier: GPL-2.0
/* chaos/cmd/metrics.c: what is counted, in the words that Prometheus reads. */
#include "harness.h"

#include <json-c/json.h>

#include "cmd/metrics.h"
#include "util/chaos.h"

static struct device_counts devices[] = {
	{ .type = "vif", .netdev = "a\"\\b", .in_bytes = 1ULL << 40,
	  .out_bytes = 2, .ins = 3, .outs = 4 },
	{ .type = "vbd", .id = 51712, .in_bytes = 5, .out_bytes = 6, .ins = 7,
	  .outs = 8 },
};

static struct guest_counts guests[] = {
	{ .domid = 3, .name = "web", .state = "running", .cpu_time = 12.5,
	  .memory = 512, .vcpus = 2, .devices = devices, .nr_devices = 2 },
	{ .domid = 4, .name = "other", .state = "paused", .memory = 64,
	  .vcpus = 1 },
};

static const struct counts counts = { .guests = guests, .nr_guests = 2 };

/* Its labels. */
#define VIF "{name=\"web\",domid=\"3\",id=\"0\",netdev=\"a\\\"\\\\b\"}"

static char text[16384];

static struct json_object *parse(const char *doc)
{
	return doc ? json_tokener_parse(doc) : NULL;
}

static void print(const struct counts *what, const char *host,
		  const char *status, const char *pools)
{
	struct metrics metrics = {
		.counts = what, .host = parse(host), .status = parse(status),
		.pools = parse(pools),
	};
	FILE *out = fmemopen(text, sizeof(text), "w");

	assert_non_null(out);
	metrics_print(out, &metrics);
	fclose(out);
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
	print(&counts, "{}", NULL, NULL);
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

static void test_host_and_pools(void **state)
{
	static const struct counts none;

	(void)state;
	print(&none, "{\"nr_cpus\":8,\"total_memory\":1024,\"free_memory\":512,\"kept\":3}",
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
	print(&counts, "{}", "{}", "[]");
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
		cmocka_unit_test(test_host_and_pools),
		cmocka_unit_test(test_form),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
