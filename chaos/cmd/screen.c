// SPDX-License-Identifier: GPL-2.0
/*
 * A table of guests that fits a screen, whatever its size: a line for each guest, those
 * first that whoever looks wants to see.
 */
#include <stdlib.h>
#include <string.h>

#include "cmd/screen.h"
#include "util/util.h"

#define LINE_MAX_SIZE	512
/* What all columns but the name have, with what is between them. */
#define OTHERS_WIDTH	68
#define NAME_WIDTH_MIN	8

static const struct {
	const char *word;
	char key;
} orders[] = {
	[ORDER_CPU] = { "cpu", 'c' },
	[ORDER_MEMORY] = { "memory", 'm' },
	[ORDER_NET] = { "net", 'n' },
	[ORDER_DISK] = { "disk", 'd' },
	[ORDER_NAME] = { "name", 'N' },
	[ORDER_DOMID] = { "domid", 'i' },
};

bool order_parse(const char *word, enum order *order)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(orders); i++) {
		if (strcmp(orders[i].word, word))
			continue;
		*order = i;
		return true;
	}
	return false;
}

const char *order_name(enum order order)
{
	return orders[order].word;
}

bool screen_key(struct screen *screen, char key)
{
	size_t i;

	if (key == 'r') {
		screen->reverse = !screen->reverse;
		return true;
	}
	for (i = 0; i < ARRAY_SIZE(orders); i++) {
		if (orders[i].key != key)
			continue;
		screen->order = i;
		screen->reverse = false;
		return true;
	}
	return false;
}

/* What goes through all devices of a type. */
static void add_rates(const struct guest_counts *guest, const char *type,
		      double *in, double *out)
{
	unsigned int i;

	*in = 0;
	*out = 0;
	for (i = 0; i < guest->nr_devices; i++) {
		if (strcmp(guest->devices[i].type, type))
			continue;
		*in += guest->devices[i].in_rate;
		*out += guest->devices[i].out_rate;
	}
}

/* The larger comes first. */
static double weight(const struct guest_counts *guest, enum order order)
{
	double in, out;

	if (order == ORDER_CPU)
		return guest->cpu_percent;
	if (order == ORDER_MEMORY)
		return guest->memory;
	add_rates(guest, order == ORDER_NET ? "vif" : "vbd", &in, &out);
	return in + out;
}

static int compare(const void *a, const void *b, void *arg)
{
	const struct guest_counts *ga = a, *gb = b;
	const struct screen *screen = arg;
	double wa = 0, wb = 0;
	int ret = 0;

	if (screen->order == ORDER_NAME) {
		ret = strverscmp(ga->name, gb->name);
	} else if (screen->order != ORDER_DOMID) {
		wa = weight(ga, screen->order);
		wb = weight(gb, screen->order);
		ret = (wa < wb) - (wa > wb);
	}
	/* What is alike keeps its place from one look to the next. */
	if (!ret)
		ret = ga->domid < gb->domid ? -1 : 1;
	return screen->reverse ? -ret : ret;
}

void screen_line(FILE *out, const struct screen *screen, const char *text)
{
	fprintf(out, "%.*s%s\n", screen->columns, text,
		screen->is_tty ? "\033[K" : "");
}

/* At most 6 characters: "999", "1.5K", "1023.9G". */
static const char *format_short(double bytes, char *text, size_t size)
{
	static const char units[] = "KMGT";
	size_t unit = 0;

	if (bytes < 1000) {
		snprintf(text, size, "%.0f", bytes);
		return text;
	}
	bytes /= 1024;
	for (; bytes >= 1000 && unit < sizeof(units) - 2; unit++)
		bytes /= 1024;
	snprintf(text, size, "%.1f%c", bytes, units[unit]);
	return text;
}

static int name_width(const struct screen *screen)
{
	int width = screen->columns - OTHERS_WIDTH;

	if (width > CONFIG_NAME_MAX)
		width = CONFIG_NAME_MAX;
	return width < NAME_WIDTH_MIN ? NAME_WIDTH_MIN : width;
}

static void print_head(FILE *out, const struct screen *screen)
{
	int width = name_width(screen);
	char text[LINE_MAX_SIZE];

	snprintf(text, sizeof(text),
		 "%5s %-*s %-8s %6s %7s %5s %7s %7s %7s %7s", "domid", width,
		 "name", "state", "CPU %", "MiB", "vcpus", "recv/s", "sent/s",
		 "read/s", "write/s");
	screen_line(out, screen, text);
}

static void print_guest(FILE *out, const struct screen *screen,
			const struct guest_counts *guest)
{
	char received[16], sent[16], read[16], written[16];
	int width = name_width(screen);
	char text[LINE_MAX_SIZE];
	double in, out_rate;

	add_rates(guest, "vif", &in, &out_rate);
	format_short(in, received, sizeof(received));
	format_short(out_rate, sent, sizeof(sent));
	add_rates(guest, "vbd", &in, &out_rate);
	format_short(in, read, sizeof(read));
	format_short(out_rate, written, sizeof(written));
	snprintf(text, sizeof(text),
		 "%5u %-*.*s %-8s %6.1f %7llu %5u %7s %7s %7s %7s",
		 guest->domid, width, width, guest->name, guest->state,
		 guest->cpu_percent, (unsigned long long)guest->memory,
		 guest->vcpus, received, sent, read, written);
	screen_line(out, screen, text);
}

void screen_guests(FILE *out, const struct screen *screen,
		   struct counts *counts)
{
	unsigned int rows = screen->rows > 1 ? screen->rows - 1 : 0, i;
	unsigned int shown = counts->nr_guests;
	char text[64];

	if (counts->nr_guests)
		qsort_r(counts->guests, counts->nr_guests,
			sizeof(*counts->guests), compare, (void *)screen);
	if (screen->rows > 0)
		print_head(out, screen);
	if (shown > rows)
		shown = rows ? rows - 1 : 0;
	for (i = 0; i < shown; i++)
		print_guest(out, screen, &counts->guests[i]);
	if (shown == counts->nr_guests || !rows)
		return;
	snprintf(text, sizeof(text), "%5s and %u more", "",
		 counts->nr_guests - shown);
	screen_line(out, screen, text);
}
