// SPDX-License-Identifier: GPL-2.0
/*
 * A table of guests that fits a screen, whatever its size: a line for each guest, those
 * first that whoever looks wants to see.
 */
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/screen.h"
#include "config/config.h"
#include "util/json.h"
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
static double add_rates(struct json_object *guest, const char *key)
{
	struct json_object *devices;
	double all = 0;
	size_t count, i;

	devices = doc_get_list(guest, "devices", &count);
	for (i = 0; i < count; i++)
		all += doc_get_fraction(json_object_array_get_idx(devices, i),
					key);
	return all;
}

/* The larger comes first. */
static double weight(struct json_object *guest, enum order order)
{
	switch (order) {
	case ORDER_CPU:
		return doc_get_fraction(guest, "cpu_percent");
	case ORDER_MEMORY:
		return doc_get_number(guest, "memory");
	case ORDER_NET:
		return add_rates(guest, "received_per_s") +
		       add_rates(guest, "sent_per_s");
	case ORDER_DISK:
		return add_rates(guest, "read_per_s") +
		       add_rates(guest, "written_per_s");
	default:
		return 0;
	}
}

/**
 * struct ranked - a guest, and what decides where it is
 * @guest: the guest
 * @weight: the larger comes first
 * @name: in its order, or "" if that is another one
 * @domid: the last resort
 */
struct ranked {
	struct json_object *guest;
	double weight;
	const char *name;
	int64_t domid;
};

static int compare(const void *a, const void *b, void *arg)
{
	const struct ranked *ra = a, *rb = b;
	const bool *reverse = arg;
	int ret;

	ret = (ra->weight < rb->weight) - (ra->weight > rb->weight);
	if (!ret)
		ret = strverscmp(ra->name, rb->name);
	/* What is alike keeps its place from one look to the next. */
	if (!ret)
		ret = ra->domid < rb->domid ? -1 : 1;
	return *reverse ? -ret : ret;
}

struct json_object *guests_in_order(struct json_object *guests,
				    enum order order, bool reverse)
{
	size_t count = json_object_array_length(guests), i;
	struct json_object *list = json_object_new_array();
	struct ranked *ranked = calloc(count + 1, sizeof(*ranked));

	if (!ranked)
		return list;
	for (i = 0; i < count; i++) {
		ranked[i].guest = json_object_array_get_idx(guests, i);
		ranked[i].weight = weight(ranked[i].guest, order);
		ranked[i].name = order == ORDER_NAME ?
			doc_get_text(ranked[i].guest, "name") : "";
		ranked[i].domid = doc_get_number(ranked[i].guest, "domid");
	}
	qsort_r(ranked, count, sizeof(*ranked), compare, &reverse);
	for (i = 0; i < count; i++)
		json_object_array_add(list, json_object_get(ranked[i].guest));
	free(ranked);
	return list;
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
			struct json_object *guest)
{
	static const char *const keys[] = {
		"received_per_s", "sent_per_s", "read_per_s", "written_per_s",
	};
	char through[ARRAY_SIZE(keys)][16];
	int width = name_width(screen);
	char text[LINE_MAX_SIZE];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(keys); i++)
		format_short(add_rates(guest, keys[i]), through[i],
			     sizeof(through[i]));
	snprintf(text, sizeof(text),
		 "%5lld %-*.*s %-8s %6.1f %7lld %5lld %7s %7s %7s %7s",
		 (long long)doc_get_number(guest, "domid"), width, width,
		 doc_get_text(guest, "name"), doc_get_text(guest, "state"),
		 doc_get_fraction(guest, "cpu_percent"),
		 (long long)doc_get_number(guest, "memory"),
		 (long long)doc_get_number(guest, "vcpus"), through[0],
		 through[1], through[2], through[3]);
	screen_line(out, screen, text);
}

void screen_guests(FILE *out, const struct screen *screen,
		   struct json_object *guests)
{
	size_t count = json_object_array_length(guests), shown = count, i;
	size_t rows = screen->rows > 1 ? screen->rows - 1 : 0;
	struct json_object *list;
	char text[64];

	if (screen->rows > 0)
		print_head(out, screen);
	if (shown > rows)
		shown = rows ? rows - 1 : 0;
	list = guests_in_order(guests, screen->order, screen->reverse);
	for (i = 0; i < shown; i++)
		print_guest(out, screen, json_object_array_get_idx(list, i));
	json_object_put(list);
	if (shown == count || !rows)
		return;
	snprintf(text, sizeof(text), "%5s and %zu more", "", count - shown);
	screen_line(out, screen, text);
}
