// SPDX-License-Identifier: GPL-2.0
/*
 * chaos stat: what each guest uses, and what goes through its devices, again
 * and again. Rates are what has changed between two looks.
 */
#include <errno.h>
#include <getopt.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "client/client.h"
#include "cmd/ask.h"
#include "cmd/counts.h"
#include "cmd/history.h"
#include "cmd/http.h"
#include "cmd/metrics.h"
#include "cmd/output.h"
#include "cmd/screen.h"
#include "util/json.h"
#include "util/number.h"
#include "util/util.h"

#define DEFAULT_INTERVAL_MS	1000
#define TIMES_MAX		999999999
#define OPTION_PROMETHEUS	300
#define OPTION_HTTP		301
#define OPTION_HISTORY		302
#define REQUEST_MS		5000

/**
 * struct display - where it is shown
 * @is_tty: on a terminal, that is cleared each time
 * @json: a line of JSON each time
 * @rows: lines that there is still room for
 */
struct display {
	bool is_tty;
	bool json;
	int rows;
};

static void begin(struct display *display)
{
	struct winsize size;

	display->rows = INT32_MAX;
	if (display->json)
		return;
	if (display->is_tty) {
		if (!ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) && size.ws_row)
			display->rows = size.ws_row - 1;
		fputs("\033[H\033[J", stdout);
	}
	printf("%5s  %-24s %-8s %6s %8s  %-8s %21s %21s\n", "domid", "name",
	       "state", "CPU %", "MiB", "device", "received/read per s",
	       "sent/written per s");
}

/* Of network devices and of disks alike: what comes, and what goes. */
static double in_or_out(struct json_object *device, const char *net,
			const char *disk)
{
	return doc_get_fraction(device, net) + doc_get_fraction(device, disk);
}

static void print_device(struct display *display, struct json_object *device,
			 bool first)
{
	char name[24], in[32], out[32];

	if (!first && display->rows-- <= 0)
		return;
	if (!first)
		printf("%59s", "");
	snprintf(name, sizeof(name), "%s %lld", doc_get_text(device, "type"),
		 (long long)doc_get_number(device, "id"));
	number_bytes(in_or_out(device, "received_per_s", "read_per_s"), in,
		     sizeof(in));
	number_bytes(in_or_out(device, "sent_per_s", "written_per_s"), out,
		     sizeof(out));
	printf("%-8s %21s %21s\n", name, in, out);
}

static void print_guest(struct display *display, struct json_object *guest)
{
	struct json_object *devices;
	size_t count, i;

	if (display->rows-- <= 0)
		return;
	printf("%5lld  %-24s %-8s %6.1f %8lld  ",
	       (long long)doc_get_number(guest, "domid"),
	       doc_get_text(guest, "name"), doc_get_text(guest, "state"),
	       doc_get_fraction(guest, "cpu_percent"),
	       (long long)doc_get_number(guest, "memory"));
	devices = doc_get_list(guest, "devices", &count);
	if (!count)
		puts("-");
	for (i = 0; i < count; i++)
		print_device(display, json_object_array_get_idx(devices, i), !i);
}

static void show(struct display *display, const struct counts *counts)
{
	struct json_object *guests;
	size_t i;

	begin(display);
	guests = guests_in_order(counts->guests, ORDER_CPU, false);
	if (display->json) {
		(void)print_json_line(stdout, guests);
	} else {
		for (i = 0; i < json_object_array_length(guests); i++)
			print_guest(display,
				    json_object_array_get_idx(guests, i));
		json_object_put(guests);
	}
	fflush(stdout);
}

/* @times: how often, or 0 for ever */
static int repeat(struct display *display, unsigned int times, int interval,
		  const struct options *options, struct error *err)
{
	struct counts former = { 0 }, counts = { 0 };
	unsigned int n;
	int ret;

	ret = counts_ask(options, &former, err);
	for (n = 0; !ret && !ferror(stdout) && (!times || n < times); n++) {
		sleep_ms(interval);
		ret = counts_ask(options, &counts, err);
		if (ret)
			break;
		counts_rate(&counts, &former);
		show(display, &counts);
		counts_free(&former);
		former = counts;
	}
	counts_free(&former);
	return ret;
}

/* What guests use, and the host has. Where nobody can tell, as chaosd doesn't run: nothing. */
static int ask_all_of(struct counts *counts, struct json_object **host,
		      const struct options *options, struct error *err)
{
	int ret = counts_ask(options, counts, err);

	if (ret)
		return ret;
	ret = ask_look("Host", json_object_new_object(), options, host, err);
	if (ret)
		counts_free(counts);
	return ret;
}

/* Whoever collects them asks again and again himself. */
static int print_metrics(FILE *out, const struct options *options,
			 struct error *err)
{
	struct json_object *status = NULL, *pools = NULL, *host = NULL;
	struct metrics metrics = { 0 };
	struct counts counts = { 0 };
	struct error ignored;
	size_t count;
	int ret;

	ret = ask_all_of(&counts, &host, options, err);
	if (!daemon_request("Status", NULL, &status, &ignored))
		metrics.status = status;
	/* That chaosd doesn't run is news, too. */
	if (ret && !status)
		ret = 0;
	if (status && !daemon_pools(&pools, &ignored))
		metrics.pools = doc_get_list(pools, "pools", &count);
	metrics.guests = counts.guests;
	metrics.host = json_object_object_get(host, "host");
	if (!ret)
		metrics_print(out, &metrics);
	json_object_put(pools);
	json_object_put(status);
	json_object_put(host);
	counts_free(&counts);
	return ret;
}

/* Standard input is a connection, and so is standard output. */
static int serve_metrics(const struct options *options, struct error *err)
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
	ret = print_metrics(page, options, err);
	if (fclose(page) && !ret)
		ret = error_no_memory(err);
	if (ret)
		http_answer(stdout, HTTP_UNAVAILABLE, is_head, NULL, 0);
	else
		http_answer(stdout, HTTP_OK, is_head, text, size);
	free(text);
	return ret;
}

/* One that has gone meanwhile isn't shown. */
static void show_each(const struct counts *counts, const struct options *options,
		      struct json_object *list)
{
	struct json_object *answer, *guest;
	struct error ignored;
	size_t i;

	for (i = 0; i < json_object_array_length(counts->guests); i++) {
		guest = json_object_array_get_idx(counts->guests, i);
		if (ask_look("History", ask_of(shown(guest, "domid")), options,
			     &answer, &ignored)) {
			json_object_put(answer);
			continue;
		}
		if (!options->json)
			history_line(stdout, answer);
		json_object_array_add(list, answer);
	}
}

static int show_histories(const struct options *options, struct error *err)
{
	struct json_object *list;
	struct counts counts;
	int ret;

	ret = counts_ask(options, &counts, err);
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
	ret = ask_look("History", ask_of(guest), options, &answer, err);
	if (ret) {
		json_object_put(answer);
		return ret;
	}
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
	struct display display = { .is_tty = isatty(STDOUT_FILENO) };
	int interval = DEFAULT_INTERVAL_MS, opt, ret;
	unsigned int times = display.is_tty ? 0 : 1;
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
	display.json = options->json;
	if (as == OPTION_HISTORY)
		ret = show_history(guest, options, &err);
	else if (as == OPTION_HTTP)
		ret = serve_metrics(options, &err);
	else if (as == OPTION_PROMETHEUS)
		ret = print_metrics(stdout, options, &err);
	else
		ret = repeat(&display, times, interval, options, &err);
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
