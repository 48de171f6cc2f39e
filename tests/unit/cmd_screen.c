// SPDX-License-Identifier: GPL-2.0
/* chaos/cmd/screen.c: the table of guests is in order, and fits. */
#include "harness.h"

#include <json-c/json.h>

#include "cmd/screen.h"
#include "util/json.h"

#define GUEST(domid, name, state, cpu, memory, vcpus, devices) \
	"{\"domid\":" domid ",\"name\":\"" name "\",\"state\":\"" state \
	"\",\"cpu_percent\":" cpu ",\"memory\":" memory ",\"vcpus\":" vcpus \
	",\"devices\":[" devices "]}"
#define VIF(in, out) "{\"received_per_s\":" in ",\"sent_per_s\":" out "}"
#define VBD(in, out) "{\"read_per_s\":" in ",\"written_per_s\":" out "}"

static const char *const guests[] = {
	GUEST("1", "web-10", "running", "12.34", "512", "2",
	      VIF("10", "2000") "," VBD("3145728", "0.4") "," VIF("5", "48")),
	GUEST("2", "web-9", "blocked", "99.9", "64", "1", VBD("4194304", "0")),
	GUEST("3", "a-name-that-is-longer-than-others", "paused", "0", "64", "1",
	      ""),
};

/* How much the second one writes. */
static double written = 5e12;

static char text[4096];
static bool no_memory;

void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);

void *__wrap_calloc(size_t count, size_t size)
{
	return no_memory ? NULL : __real_calloc(count, size);
}

/* The first @count of them, in an order that is another one each time. */
static struct json_object *make_guests(unsigned int count)
{
	static bool backwards;
	struct json_object *list = json_object_new_array(), *guest, *devices;
	unsigned int i;

	backwards = !backwards;
	for (i = 0; i < count; i++) {
		guest = json_tokener_parse(guests[backwards ? count - 1 - i : i]);
		assert_non_null(guest);
		if (doc_get_number(guest, "domid") == 2) {
			devices = json_object_object_get(guest, "devices");
			doc_fraction(json_object_array_get_idx(devices, 0),
				     "written_per_s", written);
		}
		json_object_array_add(list, guest);
	}
	return list;
}

/* What is printed of them. */
static const char *print(const struct screen *screen, unsigned int count)
{
	FILE *out = fmemopen(text, sizeof(text), "w");
	struct json_object *list = make_guests(count);

	assert_non_null(out);
	screen_guests(out, screen, list);
	fclose(out);
	json_object_put(list);
	return text;
}

/* The domids, in their order. */
static void assert_order(struct screen *screen, const char *domids)
{
	char found[16] = "", *rest, *line;

	screen->rows = 100;
	screen->columns = 100;
	print(screen, ARRAY_SIZE(guests));
	rest = strchr(text, '\n') + 1;
	while ((line = strsep(&rest, "\n")) && *line)
		sprintf(found + strlen(found), "%d", atoi(line));
	assert_string_equal(found, domids);
}

static void test_orders(void **state)
{
	static const struct {
		char key;
		const char *word;
		const char *domids;
		const char *reversed;
	} orders[] = {
		{ 'c', "cpu", "213", "312" },
		{ 'm', "memory", "123", "321" },
		{ 'n', "net", "123", "321" },
		{ 'd', "disk", "213", "312" },
		{ 'N', "name", "321", "123" },
		{ 'i', "domid", "123", "321" },
	};
	struct screen screen = { 0 };
	enum order order;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(orders); i++) {
		assert_true(screen_key(&screen, orders[i].key));
		assert_string_equal(order_name(screen.order), orders[i].word);
		assert_true(order_parse(orders[i].word, &order));
		assert_int_equal(order, screen.order);
		assert_order(&screen, orders[i].domids);
		assert_true(screen_key(&screen, 'r'));
		assert_order(&screen, orders[i].reversed);
	}
	assert_false(screen_key(&screen, 'x'));
	assert_true(screen.reverse);
	assert_false(order_parse("nonsense", &order));
}

/* Just as wide as most terminals are. */
static const char table[] =
	"domid name         state     CPU %     MiB vcpus  recv/s  sent/s  read/s write/s\n"
	"    2 web-9        blocked    99.9      64     1       0       0    4.0M    4.5T\n"
	"    1 web-10       running    12.3     512     2      15    2.0K    3.0M       0\n"
	"    3 a-name-that- paused      0.0      64     1       0       0       0       0\n";

static void test_line(void **state)
{
	struct screen screen = { .rows = 100, .columns = 80 };

	(void)state;
	assert_string_equal(print(&screen, ARRAY_SIZE(guests)), table);
	/* There is more room for names. */
	screen.columns = 120;
	print(&screen, ARRAY_SIZE(guests));
	assert_non_null(strstr(text, " a-name-that-is-longer-than-others "));
	/* There is no larger unit, and room for it. */
	screen.columns = 140;
	written = 5e16;
	print(&screen, ARRAY_SIZE(guests));
	assert_non_null(strstr(text, " 45474.7T\n"));
}

static void assert_fits(const struct screen *screen)
{
	char *rest = text, *line;
	int rows = 0;

	while ((line = strsep(&rest, "\n")) && rest) {
		assert_true(strlen(line) <= (size_t)screen->columns +
			    (screen->is_tty ? strlen("\033[K") : 0));
		rows++;
	}
	assert_true(rows <= screen->rows);
}

static void test_fits(void **state)
{
	struct screen screen = { 0 };

	(void)state;
	for (screen.columns = 1; screen.columns < 200; screen.columns++) {
		for (screen.rows = 0; screen.rows < 6; screen.rows++) {
			memset(text, 0, sizeof(text));
			screen.is_tty = screen.columns % 2;
			print(&screen, ARRAY_SIZE(guests));
			assert_fits(&screen);
		}
	}
	screen.rows = 3;
	screen.is_tty = false;
	assert_non_null(strstr(print(&screen, 3), "and 2 more\n"));
	screen.rows = 4;
	assert_null(strstr(print(&screen, 3), "more"));
	screen.rows = 2;
	assert_non_null(strstr(print(&screen, 3), "and 3 more\n"));
	assert_null(strstr(print(&screen, 0), "more"));
}

static void test_no_memory(void **state)
{
	struct json_object *list = make_guests(2), *sorted;

	(void)state;
	no_memory = true;
	sorted = guests_in_order(list, ORDER_CPU, false);
	no_memory = false;
	assert_int_equal(json_object_array_length(sorted), 0);
	json_object_put(sorted);
	json_object_put(list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_orders),
		cmocka_unit_test(test_line),
		cmocka_unit_test(test_fits),
		cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
