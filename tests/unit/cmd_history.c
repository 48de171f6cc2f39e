// SPDX-License-Identifier: GPL-2.0
/* chaos/cmd/history.c: an hour is drawn as it was. */
#include "harness.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <time.h>

#include "cmd/history.h"
#include "util/json.h"
#include "util/number.h"

#define SAMPLES	360
/* 2026-11-30 12:00:00 */
#define BEGIN	1796040000000LL

/* Octets of a line of all guests', its newline included. */
#define LINE	79

static char text[4096];

/* @cpu: in percent, of each sample; negative: there is none */
static struct json_object *new_answer(double (*cpu)(int i))
{
	struct json_object *answer = json_object_new_object();
	struct json_object *list, *sample;
	int i;

	doc_number(answer, "domid", 7);
	doc_text(answer, "name", "web");
	doc_number(answer, "interval", 10000);
	list = doc_list(answer, "samples");
	for (i = 0; cpu && i < SAMPLES; i++) {
		if (cpu(i) < 0)
			continue;
		sample = json_object_new_object();
		doc_number(sample, "time", BEGIN + (i + 1) * 10000);
		doc_fraction(sample, "cpu_percent", cpu(i));
		doc_number(sample, "memory_now", 192);
		doc_number(sample, "received_per_s", i < 180 ? 0 : 2048);
		doc_number(sample, "sent_per_s", 0);
		doc_number(sample, "read_per_s", 1LL << 30);
		doc_number(sample, "written_per_s", i == 359 ? 512 : 0);
		json_object_array_add(list, sample);
	}
	return answer;
}

static void print(void (*fn)(FILE *out, struct json_object *answer),
		  double (*cpu)(int i))
{
	struct json_object *answer = new_answer(cpu);
	FILE *out = fmemopen(text, sizeof(text), "w");

	assert_non_null(out);
	fn(out, answer);
	fclose(out);
	json_object_put(answer);
}

static void assert_has(const char *line)
{
	if (!strstr(text, line))
		fail_msg("lacks \"%s\":\n%s", line, text);
}

static void assert_row(const char *numbers, const char *drawn)
{
	char line[128];

	snprintf(line, sizeof(line), "\n%s|%s|\n", numbers, drawn);
	assert_has(line);
}

static double rises(int i)
{
	return i / 12;
}

static double pauses(int i)
{
	return i >= 120 && i < 240 ? -1 : 50;
}

static double is_little(int i)
{
	return i < 12 ? 100 : i < 24 ? 0.1 : 0;
}

/* A clock that was set back: what seems to come later is left out. */
static void test_clock(void **state)
{
	struct json_object *answer = new_answer(rises), *list, *last;
	FILE *out = fmemopen(text, sizeof(text), "w");
	size_t count;

	(void)state;
	assert_non_null(out);
	list = doc_get_list(answer, "samples", &count);
	last = json_object_array_get_idx(list, count - 1);
	json_object_object_del(last, "time");
	doc_number(last, "time", BEGIN - 7200000);
	history_guest(out, answer);
	fclose(out);
	json_object_put(answer);
	assert_has("|                             #|\n");
}

static void test_guest(void **state)
{
	(void)state;
	print(history_guest, rises);
	assert_has("web, domid 7: 60 minutes, until 13:00:00\n");
	assert_has("                    least    average       most|an hour");
	assert_row("CPU %                 0.0       14.5       29.0",
		   "_......::::----====++++****###");
}

static void test_rows(void **state)
{
	(void)state;
	print(history_guest, rises);
	assert_row("MiB                   192        192        192",
		   "##############################");
	assert_row("received per s      0.0 B    1.0 KiB    2.0 KiB",
		   "_______________###############");
	assert_row("sent per s          0.0 B      0.0 B      0.0 B",
		   "______________________________");
	assert_row("read per s        1.0 GiB    1.0 GiB    1.0 GiB",
		   "##############################");
	assert_row("written per s       0.0 B      1.4 B    512.0 B",
		   "_____________________________#");
	assert_true(strlen(strchr(text, '\n') + 1) == 7 * 80);
}

static void test_gaps(void **state)
{
	(void)state;
	print(history_guest, pauses);
	assert_row("CPU %                50.0       50.0       50.0",
		   "##########          ##########");
	print(history_guest, is_little);
	assert_has("|#.____________________________|\n");
}

static void test_line(void **state)
{
	FILE *out = fmemopen(text, sizeof(text), "w");

	(void)state;
	assert_non_null(out);
	history_heading(out);
	fclose(out);
	assert_has("domid  name              least average   most |CPU %, an hour ");
	assert_int_equal(strlen(text), LINE);
	print(history_line, pauses);
	assert_has("    7  web                50.0    50.0   50.0 |##########    ");
	assert_int_equal(strlen(text), LINE);
}

static void test_nothing(void **state)
{
	(void)state;
	print(history_guest, NULL);
	assert_string_equal(text, "web, domid 7: nothing yet\n");
	print(history_line, NULL);
	assert_has("    7  web                 0.0     0.0    0.0 |               ");
	assert_int_equal(strlen(text), LINE);
}

static void test_bytes(void **state)
{
	char bytes[32];

	(void)state;
	assert_string_equal(number_bytes(1023, bytes, sizeof(bytes)), "1023.0 B");
	assert_string_equal(number_bytes(1536, bytes, sizeof(bytes)), "1.5 KiB");
	assert_string_equal(number_bytes(1ULL << 42, bytes, sizeof(bytes)), "4.0 TiB");
	assert_string_equal(number_bytes(1ULL << 51, bytes, sizeof(bytes)), "2048.0 TiB");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_guest),
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_gaps),
		cmocka_unit_test(test_clock),
		cmocka_unit_test(test_line),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_bytes),
	};

	setenv("TZ", "UTC", 1);
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
