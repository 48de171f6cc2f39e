// SPDX-License-Identifier: GPL-2.0
/*
 * What "chaos stat --history" prints: an hour as a row of characters, each of which is two
 * minutes, the last one at the right. They show how much it was of what was most in that row.
 */
#include <json-c/json.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>

#include "cmd/history.h"
#include "util/json.h"
#include "util/number.h"
#include "util/util.h"

#define COLUMNS		30
#define COLUMN_MS	120000

/**
 * struct row - an hour of one thing
 * @key: what, in a sample
 * @label: what, for the user
 * @unit: how it is shown
 */
struct row {
	const char *key;
	const char *label;
	enum { UNIT_PLAIN, UNIT_MIB, UNIT_BYTES } unit;
};

static const struct row rows[] = {
	{ "cpu_percent", "CPU %", UNIT_PLAIN },
	{ "memory_now", "MiB", UNIT_MIB },
	{ "received_per_s", "received per s", UNIT_BYTES },
	{ "sent_per_s", "sent per s", UNIT_BYTES },
	{ "read_per_s", "read per s", UNIT_BYTES },
	{ "written_per_s", "written per s", UNIT_BYTES },
};

/**
 * struct summary - of a row
 * @least: of all samples
 * @average: likewise
 * @most: likewise
 * @drawn: a character for each column
 */
struct summary {
	double least;
	double average;
	double most;
	char drawn[COLUMNS + 1];
};

static int64_t time_of(struct json_object *samples, size_t n)
{
	return doc_get_number(json_object_array_get_idx(samples, n), "time");
}

static void draw(char *drawn, const double *columns)
{
	static const char levels[] = "_.:-=+*#";
	const int highest = sizeof(levels) - 2;
	double most = 0;
	int i, level;

	for (i = 0; i < COLUMNS; i++)
		if (columns[i] > most)
			most = columns[i];
	for (i = 0; i < COLUMNS; i++) {
		level = most > 0 ? columns[i] / most * highest + 0.5 : 0;
		/* What is little isn't nothing. */
		if (columns[i] > 0 && !level)
			level = 1;
		drawn[i] = columns[i] < 0 ? ' ' : levels[level];
	}
	drawn[COLUMNS] = '\0';
}

static void sum_up(struct json_object *samples, size_t count, const char *key,
		   struct summary *summary)
{
	double columns[COLUMNS] = { 0 }, value;
	unsigned int in[COLUMNS] = { 0 };
	int64_t end = time_of(samples, count - 1), age;
	size_t i;

	memset(summary, 0, sizeof(*summary));
	for (i = 0; i < count; i++) {
		value = doc_get_fraction(json_object_array_get_idx(samples, i),
					 key);
		if (!i || value < summary->least)
			summary->least = value;
		if (value > summary->most)
			summary->most = value;
		summary->average += value;
		age = (end - time_of(samples, i)) / COLUMN_MS;
		if (age < 0 || age >= COLUMNS)
			continue;
		columns[COLUMNS - 1 - age] += value;
		in[COLUMNS - 1 - age]++;
	}
	summary->average /= count;
	for (i = 0; i < COLUMNS; i++)
		columns[i] = in[i] ? columns[i] / in[i] : -1;
	draw(summary->drawn, columns);
}

static void print_value(FILE *out, const struct row *row, double value)
{
	char text[32];

	if (row->unit == UNIT_BYTES)
		fprintf(out, " %10s", number_bytes(value, text, sizeof(text)));
	else
		fprintf(out, " %10.*f", row->unit == UNIT_MIB ? 0 : 1, value);
}

static void print_row(FILE *out, const struct row *row,
		      struct json_object *samples, size_t count)
{
	struct summary summary;

	sum_up(samples, count, row->key, &summary);
	fprintf(out, "%-14s", row->label);
	print_value(out, row, summary.least);
	print_value(out, row, summary.average);
	print_value(out, row, summary.most);
	fprintf(out, "|%s|\n", summary.drawn);
}

/* How long it was looked at, till when. */
static void print_span(FILE *out, int64_t first, int64_t last)
{
	time_t at = last / 1000;
	char text[32] = "";
	struct tm tm;

	if (localtime_r(&at, &tm))
		(void)strftime(text, sizeof(text), "%H:%M:%S", &tm);
	fprintf(out, "%lld minutes, until %s", (long long)(last - first) / 60000,
		text);
}

void history_guest(FILE *out, struct json_object *answer)
{
	struct json_object *samples;
	size_t i, count;

	samples = doc_get_list(answer, "samples", &count);
	fprintf(out, "%s, domid %lld: ", doc_get_text(answer, "name"),
		(long long)doc_get_number(answer, "domid"));
	if (!samples || !count) {
		fputs("nothing yet\n", out);
		return;
	}
	print_span(out, time_of(samples, 0) - doc_get_number(answer, "interval"),
		   time_of(samples, count - 1));
	fprintf(out, "\n%14s %10s %10s %10s|%-*s|\n", "", "least", "average",
		"most", COLUMNS, "an hour");
	for (i = 0; i < ARRAY_SIZE(rows); i++)
		print_row(out, &rows[i], samples, count);
}

void history_heading(FILE *out)
{
	fprintf(out, "%5s  %-16s %6s %7s %6s |%-*s|\n", "domid", "name",
		"least", "average", "most", COLUMNS, "CPU %, an hour");
}

void history_line(FILE *out, struct json_object *answer)
{
	struct summary summary = { 0 };
	struct json_object *samples;
	size_t count;

	samples = doc_get_list(answer, "samples", &count);
	if (samples && count)
		sum_up(samples, count, rows[0].key, &summary);
	fprintf(out, "%5lld  %-16s %6.1f %7.1f %6.1f |%-*s|\n",
		(long long)doc_get_number(answer, "domid"),
		doc_get_text(answer, "name"), summary.least, summary.average,
		summary.most, COLUMNS, summary.drawn);
}
