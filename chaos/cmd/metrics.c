// SPDX-License-Identifier: GPL-2.0
/*
 * What guests, their devices, the host and pools have used, in Prometheus' text format:
 * all samples of a metric together, after what says what it is.
 */
#include <json-c/json.h>
#include <string.h>

#include "cmd/metrics.h"
#include "pool/pool.h"
#include "util/chaos.h"
#include "util/json.h"
#include "util/util.h"
#include "xen/xen.h"

#define BYTES_PER_MB	1048576.0

static void print_head(FILE *out, const char *name, const char *type,
		       const char *help)
{
	fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* As a label's value, which others may have chosen. */
static void print_label(FILE *out, const char *name, const char *value)
{
	fprintf(out, "%s=\"", name);
	for (; *value; value++) {
		if (*value == '"' || *value == '\\')
			fputc('\\', out);
		if (*value == '\n')
			fputs("\\n", out);
		else
			fputc(*value, out);
	}
	fputc('"', out);
}

static void print_guest_labels(FILE *out, struct json_object *guest)
{
	fputc('{', out);
	print_label(out, "name", doc_get_text(guest, "name"));
	fprintf(out, ",domid=\"%lld\"",
		(long long)doc_get_number(guest, "domid"));
}

/**
 * struct doc_metric - a number that stands in an object
 * @key: where
 * @name: of the metric
 * @type: of Prometheus'
 * @help: what it is
 * @unit: what the number counts
 */
struct doc_metric {
	const char *key;
	const char *name;
	const char *type;
	const char *help;
	double unit;
};

static const struct doc_metric guest_metrics[] = {
	{ "cpu_time", "chaos_guest_cpu_seconds_total", "counter",
	  "Time that the guest's CPUs have run.", 1 },
	{ "memory", "chaos_guest_memory_bytes", "gauge",
	  "Memory that the guest has at present.", BYTES_PER_MB },
	{ "vcpus", "chaos_guest_vcpus", "gauge", "Virtual CPUs of the guest.",
	  1 },
};

static void print_guests(FILE *out, struct json_object *guests)
{
	const struct doc_metric *metric;
	struct json_object *guest;
	size_t i, n;

	for (n = 0; n < ARRAY_SIZE(guest_metrics); n++) {
		metric = &guest_metrics[n];
		print_head(out, metric->name, metric->type, metric->help);
		for (i = 0; i < json_object_array_length(guests); i++) {
			guest = json_object_array_get_idx(guests, i);
			fputs(metric->name, out);
			print_guest_labels(out, guest);
			fprintf(out, "} %.15g\n",
				doc_get_fraction(guest, metric->key) *
				metric->unit);
		}
	}
	print_head(out, "chaos_guest_state", "gauge",
		   "The state that the guest is in.");
	for (i = 0; i < json_object_array_length(guests); i++) {
		guest = json_object_array_get_idx(guests, i);
		fputs("chaos_guest_state", out);
		print_guest_labels(out, guest);
		fprintf(out, ",state=\"%s\"} 1\n",
			doc_get_text(guest, "state"));
	}
}

/**
 * struct device_metric - something that each device of a type has counted
 * @type: of the device
 * @name: of the metric
 * @help: what it is
 * @key: of the count
 */
struct device_metric {
	const char *type;
	const char *name;
	const char *help;
	const char *key;
};

static const struct device_metric device_metrics[] = {
	{ "vif", "chaos_vif_received_bytes_total", "Octets that the guest received.",
	  "received_bytes" },
	{ "vif", "chaos_vif_sent_bytes_total", "Octets that the guest sent.",
	  "sent_bytes" },
	{ "vif", "chaos_vif_received_packets_total", "Packets that the guest received.",
	  "received_packets" },
	{ "vif", "chaos_vif_sent_packets_total", "Packets that the guest sent.",
	  "sent_packets" },
	{ "vbd", "chaos_vbd_read_bytes_total", "Octets that the guest read.",
	  "read_bytes" },
	{ "vbd", "chaos_vbd_written_bytes_total", "Octets that the guest wrote.",
	  "written_bytes" },
	{ "vbd", "chaos_vbd_reads_total", "Requests to read.",
	  "reads" },
	{ "vbd", "chaos_vbd_writes_total", "Requests to write.",
	  "writes" },
};

static void print_device(FILE *out, const struct device_metric *metric,
			 struct json_object *guest, struct json_object *device)
{
	const char *netdev = doc_get_text(device, "netdev");

	fputs(metric->name, out);
	print_guest_labels(out, guest);
	fprintf(out, ",id=\"%lld\"", (long long)doc_get_number(device, "id"));
	if (*netdev) {
		fputc(',', out);
		print_label(out, "netdev", netdev);
	}
	fprintf(out, "} %lld\n",
		(long long)doc_get_number(device, metric->key));
}

static void print_devices_of(FILE *out, const struct device_metric *metric,
			     struct json_object *guest)
{
	struct json_object *devices, *device;
	size_t count, i;

	devices = doc_get_list(guest, "devices", &count);
	for (i = 0; i < count; i++) {
		device = json_object_array_get_idx(devices, i);
		if (!strcmp(doc_get_text(device, "type"), metric->type))
			print_device(out, metric, guest, device);
	}
}

static void print_devices(FILE *out, struct json_object *guests)
{
	const struct device_metric *metric;
	size_t i, n;

	for (n = 0; n < ARRAY_SIZE(device_metrics); n++) {
		metric = &device_metrics[n];
		print_head(out, metric->name, "counter", metric->help);
		for (i = 0; i < json_object_array_length(guests); i++)
			print_devices_of(out, metric,
					 json_object_array_get_idx(guests, i));
	}
}

static const struct doc_metric host_metrics[] = {
	{ "nr_cpus", "chaos_host_cpus", "gauge", "CPUs of the host.", 1 },
	{ "total_memory", "chaos_host_memory_bytes", "gauge",
	  "Memory of the host.", BYTES_PER_MB },
	{ "free_memory", "chaos_host_memory_free_bytes", "gauge",
	  "Memory of the host that guests can have.", BYTES_PER_MB },
	{ "revoking", "chaos_host_pages_revoking", "gauge",
	  "Pages that guests still have mapped, of devices that are gone.", 1 },
	{ "kept", "chaos_host_pages_kept", "gauge",
	  "Pages that are kept, as a guest that is gone has them mapped.", 1 },
};

static const struct doc_metric daemon_metrics[] = {
	{ "clients", "chaos_daemon_clients", "gauge",
	  "Clients that are connected to chaosd, with those that get events.",
	  1 },
	{ "consoles", "chaos_daemon_consoles", "gauge",
	  "Consoles that chaosd serves.", 1 },
	{ "jobs", "chaos_daemon_jobs", "gauge",
	  "Processes that are at work for chaosd.", 1 },
};

static const struct doc_metric pool_metrics[] = {
	{ "count", "chaos_pool_wanted", "gauge",
	  "Domains that the pool is to have.", 1 },
	{ "ready", "chaos_pool_ready", "gauge", "Domains that it has.", 1 },
	{ "served", "chaos_pool_served_total", "counter",
	  "Guests that were made from it since chaosd was started.", 1 },
};

static void print_doc(FILE *out, struct json_object *doc,
		      const struct doc_metric *metrics, size_t count)
{
	const struct doc_metric *metric;

	for (metric = metrics; metric < metrics + count; metric++) {
		print_head(out, metric->name, metric->type, metric->help);
		fprintf(out, "%s %.15g\n", metric->name,
			doc_get_number(doc, metric->key) * metric->unit);
	}
}

static void print_pool(FILE *out, const struct doc_metric *metric,
		       struct json_object *pool)
{
	fprintf(out, "%s{", metric->name);
	print_label(out, "pool", doc_get_text(pool, "name"));
	fprintf(out, "} %.15g\n",
		doc_get_number(pool, metric->key) * metric->unit);
}

static void print_pools(FILE *out, struct json_object *pools)
{
	const struct doc_metric *metric;
	size_t i, n;

	for (n = 0; n < ARRAY_SIZE(pool_metrics); n++) {
		metric = &pool_metrics[n];
		print_head(out, metric->name, metric->type, metric->help);
		for (i = 0; i < json_object_array_length(pools); i++)
			print_pool(out, metric,
				   json_object_array_get_idx(pools, i));
	}
}

static void print_one(FILE *out, const char *name, const char *help,
		      unsigned int value)
{
	print_head(out, name, "gauge", help);
	fprintf(out, "%s %u\n", name, value);
}

/* How much there may be: docs/limits.md. */
static void print_limits(FILE *out)
{
	print_one(out, "chaos_guests_max", "Most guests that a host can have.",
		  DOMIDS - 1);
	print_one(out, "chaos_pools_max", "Most pools that there may be.",
		  POOLS_MAX);
	print_one(out, "chaos_daemon_clients_max",
		  "Most clients of chaosd, without those that get events.",
		  DAEMON_CLIENTS_MAX);
}

void metrics_print(FILE *out, const struct metrics *metrics)
{
	print_head(out, "chaos_build_info", "gauge", "Version of chaos.");
	fputs("chaos_build_info{version=\"" CHAOS_VERSION "\"} 1\n", out);
	if (metrics->guests) {
		print_one(out, "chaos_guests", "Guests that there are.",
			  json_object_array_length(metrics->guests));
		print_guests(out, metrics->guests);
		print_devices(out, metrics->guests);
	}
	if (metrics->host)
		print_doc(out, metrics->host, host_metrics,
			  ARRAY_SIZE(host_metrics));
	print_one(out, "chaos_daemon_up", "Whether chaosd runs.",
		  !!metrics->status);
	if (metrics->status)
		print_doc(out, metrics->status, daemon_metrics,
			  ARRAY_SIZE(daemon_metrics));
	if (metrics->pools)
		print_pools(out, metrics->pools);
	print_limits(out);
}
