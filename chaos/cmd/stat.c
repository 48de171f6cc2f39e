// SPDX-License-Identifier: GPL-2.0
/*
 * chaos stat: what each guest uses, and what goes through its devices, again
 * and again. Rates are what has changed between two looks.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "client/client.h"
#include "cmd/history.h"
#include "cmd/http.h"
#include "cmd/metrics.h"
#include "cmd/open.h"
#include "cmd/output.h"
#include "guest/stat.h"
#include "host/sysfs.h"
#include "util/json.h"
#include "util/number.h"
#include "util/util.h"
#include "xen/host.h"

#define DEFAULT_INTERVAL_MS	1000
#define TIMES_MAX		999999999
#define OPTION_PROMETHEUS	300
#define OPTION_HTTP		301
#define OPTION_HISTORY		302
#define REQUEST_MS		5000

/**
 * struct screen - where it is shown
 * @is_tty: on a terminal, that is cleared each time
 * @json: a line of JSON each time
 * @rows: lines that there is still room for
 */
struct screen {
	bool is_tty;
	bool json;
	int rows;
};

static void begin(struct screen *screen)
{
	struct winsize size;

	screen->rows = INT32_MAX;
	if (screen->json)
		return;
	if (screen->is_tty) {
		if (!ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) && size.ws_row)
			screen->rows = size.ws_row - 1;
		fputs("\033[H\033[J", stdout);
	}
	printf("%5s  %-24s %-8s %6s %8s  %-8s %21s %21s\n", "domid", "name",
	       "state", "CPU %", "MiB", "device", "received/read per s",
	       "sent/written per s");
}

static void print_device(struct screen *screen,
			 const struct device_counts *device, bool first)
{
	char name[24], in[32], out[32];

	if (!first && screen->rows-- <= 0)
		return;
	if (!first)
		printf("%59s", "");
	snprintf(name, sizeof(name), "%s %u", device->type, device->id);
	printf("%-8s %21s %21s\n", name,
	       number_bytes(device->in_rate, in, sizeof(in)),
	       number_bytes(device->out_rate, out, sizeof(out)));
}

static void print_guest(struct screen *screen,
			const struct guest_counts *guest)
{
	unsigned int i;

	if (screen->rows-- <= 0)
		return;
	printf("%5u  %-24s %-8s %6.1f %8llu  ", guest->domid, guest->name,
	       guest->state, guest->cpu_percent,
	       (unsigned long long)guest->memory);
	if (!guest->nr_devices)
		puts("-");
	for (i = 0; i < guest->nr_devices; i++)
		print_device(screen, &guest->devices[i], !i);
}

static void add_device(struct json_object *list,
		       const struct device_counts *device)
{
	bool is_net = !strcmp(device->type, "vif");
	struct json_object *doc = json_object_new_object();

	doc_text(doc, "type", device->type);
	doc_number(doc, "id", device->id);
	if (is_net)
		doc_text(doc, "netdev", device->netdev);
	doc_number(doc, is_net ? "received_bytes" : "read_bytes",
		   device->in_bytes);
	doc_number(doc, is_net ? "sent_bytes" : "written_bytes",
		   device->out_bytes);
	doc_number(doc, is_net ? "received_packets" : "reads", device->ins);
	doc_number(doc, is_net ? "sent_packets" : "writes", device->outs);
	doc_fraction(doc, is_net ? "received_per_s" : "read_per_s",
		     device->in_rate);
	doc_fraction(doc, is_net ? "sent_per_s" : "written_per_s",
		     device->out_rate);
	json_object_array_add(list, doc);
}

static void add_guest(struct json_object *list,
		      const struct guest_counts *guest)
{
	struct json_object *doc = json_object_new_object();
	struct json_object *devices;
	unsigned int i;

	doc_number(doc, "domid", guest->domid);
	doc_text(doc, "name", guest->name);
	doc_text(doc, "state", guest->state);
	doc_fraction(doc, "cpu_time", guest->cpu_time);
	doc_fraction(doc, "cpu_percent", guest->cpu_percent);
	doc_number(doc, "memory", guest->memory);
	doc_number(doc, "memory_now", guest->memory);
	doc_number(doc, "vcpus", guest->vcpus);
	devices = doc_list(doc, "devices");
	for (i = 0; i < guest->nr_devices; i++)
		add_device(devices, &guest->devices[i]);
	json_object_array_add(list, doc);
}

static void show(struct screen *screen, const struct counts *counts)
{
	struct json_object *list = NULL;
	unsigned int i;

	begin(screen);
	if (screen->json)
		list = json_object_new_array();
	for (i = 0; i < counts->nr_guests; i++)
		if (list)
			add_guest(list, &counts->guests[i]);
		else
			print_guest(screen, &counts->guests[i]);
	if (list)
		(void)print_json_line(stdout, list);
	fflush(stdout);
}

/* @times: how often, or 0 for ever */
static int repeat(struct xen *xen, struct screen *screen, unsigned int times,
		  int interval, struct error *err)
{
	struct counts former = { 0 }, counts = { 0 };
	unsigned int n;
	int ret;

	ret = counts_take(xen, &former, NULL, err);
	for (n = 0; !ret && !ferror(stdout) && (!times || n < times); n++) {
		sleep_ms(interval);
		ret = counts_take(xen, &counts, &former, err);
		if (ret)
			break;
		show(screen, &counts);
		counts_free(&former);
		former = counts;
	}
	counts_free(&former);
	return ret;
}

/* Whoever collects them asks again and again himself. */
static int print_metrics(FILE *out, struct xen *xen, struct error *err)
{
	struct json_object *status = NULL, *answer = NULL;
	struct metrics metrics = { 0 };
	struct counts counts;
	struct error ignored;
	size_t count;
	int ret;

	ret = counts_take(xen, &counts, NULL, err);
	if (ret)
		return ret;
	metrics.counts = &counts;
	metrics.host = json_object_new_object();
	ret = host_describe(xen, metrics.host, err);
	if (!ret) {
		doc_number(metrics.host, "revoking",
			   sysfs_noxs_count("revoking"));
		doc_number(metrics.host, "kept", sysfs_noxs_count("kept"));
		if (!daemon_request("Status", NULL, &status, &ignored))
			metrics.status = status;
		if (status && !daemon_pools(&answer, &ignored))
			metrics.pools = doc_get_list(answer, "pools", &count);
		metrics_print(out, &metrics);
	}
	json_object_put(answer);
	json_object_put(status);
	json_object_put(metrics.host);
	counts_free(&counts);
	return ret;
}

static int show_metrics(FILE *out, bool verbose, struct error *err)
{
	struct xen xen;
	int ret;

	ret = xen_open(&xen, verbose, err);
	if (ret)
		return ret;
	ret = print_metrics(out, &xen, err);
	xen_close(&xen);
	return ret;
}

/* Standard input is a connection, and so is standard output. */
static int serve_metrics(bool verbose, struct error *err)
{
	char *text = NULL;
	bool is_head;
	size_t size;
	FILE *page;
	int ret, status;

	status = http_read(STDIN_FILENO, REQUEST_MS, &is_head);
	if (status != HTTP_OK) {
		http_answer(stdout, status, is_head, NULL, 0);
		return 0;
	}
	page = open_memstream(&text, &size);
	if (!page)
		return error_no_memory(err);
	ret = show_metrics(page, verbose, err);
	if (fclose(page) && !ret)
		ret = error_no_memory(err);
	if (ret)
		http_answer(stdout, HTTP_UNAVAILABLE, is_head, NULL, 0);
	else
		http_answer(stdout, HTTP_OK, is_head, text, size);
	free(text);
	return ret;
}

static int show_guests(struct screen *screen, unsigned int times, int interval,
		       bool verbose, struct error *err)
{
	struct xen xen;
	int ret;

	ret = xen_open(&xen, verbose, err);
	if (ret)
		return ret;
	ret = repeat(&xen, screen, times, interval, err);
	xen_close(&xen);
	return ret;
}

/* Of chaosd, or, where it doesn't run, of what it has left. */
static int ask_history(const char *guest, const struct options *options,
		       struct json_object **answer, struct error *err)
{
	struct json_object *parameters = json_object_new_object();
	int ret;

	doc_text(parameters, "guest", guest);
	ret = daemon_do("History", parameters, answer, err);
	if (ret > 0)
		ret = local_part.verb("History", parameters, options->verbose,
				      answer, err);
	json_object_put(parameters);
	return ret;
}

/* One that has gone meanwhile isn't shown. */
static void show_each(const struct counts *counts, const struct options *options,
		      struct json_object *list)
{
	struct json_object *answer;
	struct error ignored;
	unsigned int i;
	char domid[16];

	for (i = 0; i < counts->nr_guests; i++) {
		snprintf(domid, sizeof(domid), "%u", counts->guests[i].domid);
		if (ask_history(domid, options, &answer, &ignored))
			continue;
		if (!options->json)
			history_line(stdout, answer);
		json_object_array_add(list, answer);
	}
}

static int show_histories(const struct options *options, struct error *err)
{
	struct json_object *list;
	struct counts counts;
	struct xen xen;
	int ret;

	ret = xen_open(&xen, options->verbose, err);
	if (ret)
		return ret;
	ret = counts_take(&xen, &counts, NULL, err);
	xen_close(&xen);
	if (ret)
		return ret;
	list = json_object_new_array();
	if (!options->json)
		history_heading(stdout);
	show_each(&counts, options, list);
	if (options->json)
		(void)print_json_line(stdout, list);
	else
		json_object_put(list);
	counts_free(&counts);
	return 0;
}

static int show_history(const char *guest, const struct options *options,
			struct error *err)
{
	struct json_object *answer;
	int ret;

	if (!guest)
		return show_histories(options, err);
	ret = ask_history(guest, options, &answer, err);
	if (ret)
		return ret;
	if (options->json) {
		(void)print_json_line(stdout, answer);
		return 0;
	}
	history_guest(stdout, answer);
	json_object_put(answer);
	return 0;
}

static int stat_main(int argc, char **argv, struct options *options)
{
	static const struct option long_options[] = {
		{ "history", no_argument, NULL, OPTION_HISTORY },
		{ "http", no_argument, NULL, OPTION_HTTP },
		{ "prometheus", no_argument, NULL, OPTION_PROMETHEUS },
		{ NULL, 0, NULL, 0 },
	};
	struct screen screen = { .is_tty = isatty(STDOUT_FILENO) };
	int interval = DEFAULT_INTERVAL_MS, opt, ret;
	unsigned int times = screen.is_tty ? 0 : 1;
	const char *guest = NULL;
	int as = 0;
	struct error err;

	while ((opt = next_option(argc, argv, "d:n:", long_options)) != -1)
		if (opt == OPTION_PROMETHEUS || opt == OPTION_HTTP ||
		    opt == OPTION_HISTORY)
			as = opt;
		else if (opt == 'd' ? !get_seconds(optarg, &interval) :
			 opt == 'n' ? !number_parse(optarg, 1, TIMES_MAX,
						    &times) :
				      !options_take(options, opt))
			return usage_error(&stat_command);
	if (as == OPTION_HISTORY && optind < argc)
		guest = argv[optind++];
	if (optind != argc ||
	    (as && as != OPTION_HISTORY && options->json))
		return usage_error(&stat_command);
	screen.json = options->json;
	if (as == OPTION_HISTORY)
		ret = show_history(guest, options, &err);
	else if (as == OPTION_HTTP)
		ret = serve_metrics(options->verbose, &err);
	else if (as == OPTION_PROMETHEUS)
		ret = show_metrics(stdout, options->verbose, &err);
	else
		ret = show_guests(&screen, times, interval, options->verbose,
				  &err);
	return ret ? report("stat", guest, &err) : EXIT_SUCCESS;
}

const struct command stat_command = {
	.name = "stat",
	.help = "show what guests use, again and again",
	.usage = "stat [-jv] [-d SECONDS] [-n COUNT] [--history [GUEST]] [--http] [--prometheus]",
	.details =
	"Shows for each guest of chaos how much of a CPU and how much memory it uses, and\n"
	"for each of its devices what goes through it, as the guest sees it; those who\n"
	"use most CPU first. On a terminal it does so until it is interrupted, else once.\n"
	"With -j it prints a line of JSON each time, with totals as well.\n\n"
	"  -d SECONDS    between two looks, of which it shows the difference (1)\n"
	"  -n COUNT      how often it shows that\n"
	"  --history     what GUEST, or each of them, has used in the last hour\n"
	"  --http        answer a request of Prometheus' on standard input, as for\n"
	"                chaos-metrics.socket\n"
	"  --prometheus  print what was counted so far, once, as Prometheus reads it\n",
	.main = stat_main,
};
