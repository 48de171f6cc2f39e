// SPDX-License-Identifier: GPL-2.0
/*
 * chaos/verbs/look.c: one guest, and all of them page by page; the host. What there is, is
 * the test's own.
 */
#include "harness.h"

#include <json-c/json.h>

#include "guest/describe.h"
#include "guest/host.h"
#include "guest/names.h"
#include "guest/stat.h"
#include "util/history.h"
#include "util/json.h"
#include "verbs/verbs.h"
#include "xen/host.h"

static struct access host;
static struct error err;
/* Domids in order, those of all domains, till 0; the last of them isn't chaos'. */
static const uint32_t *domids;
static int ret_describe;
static unsigned int nr_put, most_asked;

int host_debug_keys(struct xen *xen, const char *keys, struct error *why)
{
	assert_ptr_equal(xen, &host.xen);
	assert_string_equal(keys, "ht");
	return ret_describe ? error_set(why, ret_describe, "no keys") : 0;
}

int guest_find(struct xen *xen, const char *arg, struct guest *guest,
	       struct error *why)
{
	(void)xen;
	if (strcmp(arg, "a"))
		return error_set(why, -ENOENT, "no such guest");
	memset(guest, 0, sizeof(*guest));
	guest->domid = 7;
	return 0;
}

void guest_put(struct guest *guest)
{
	assert_int_equal(guest->domid, 7);
	nr_put++;
}

int guest_describe(struct xen *xen, const struct guest *guest,
		   struct json_object **doc, struct error *why)
{
	(void)xen;
	if (ret_describe)
		return error_set(why, ret_describe, "gone");
	*doc = json_object_new_object();
	doc_number(*doc, "domid", guest->domid);
	return 0;
}

int guests_describe(struct xen *xen, bool all, uint32_t *from,
		    unsigned int most, struct json_object **list,
		    struct error *why)
{
	struct json_object *row;
	unsigned int i;

	(void)xen;
	most_asked = most;
	if (ret_describe)
		return error_set(why, ret_describe, "no list");
	*list = json_object_new_array();
	for (i = 0; domids[i]; i++) {
		if (domids[i] < *from || (!all && !domids[i + 1]))
			continue;
		if (json_object_array_length(*list) == most)
			break;
		row = json_object_new_object();
		doc_number(row, "domid", domids[i]);
		json_object_array_add(*list, row);
	}
	*from = domids[i];
	return 0;
}

const char *guest_name(const struct guest *guest)
{
	(void)guest;
	return "a";
}

static int nr_samples;

int history_read(uint32_t domid, const uint8_t *handle,
		 struct history_sample *samples, struct error *why)
{
	int i;

	(void)handle;
	assert_int_equal(domid, 7);
	for (i = 0; i < nr_samples; i++)
		samples[i] = (struct history_sample){ .time = i, .memory = 64 };
	return nr_samples < 0 ? error_set(why, nr_samples, "no file") :
	       nr_samples;
}

/* One that has just gone isn't there. */
int guest_list(struct xen *xen, const struct guest *guest,
	       struct json_object **list, struct error *why)
{
	struct json_object *row;
	unsigned int i;

	(void)xen;
	if (ret_describe)
		return error_set(why, ret_describe, "no list");
	*list = json_object_new_array();
	for (i = 0; domids[i]; i++) {
		if (domids[i] != guest->domid)
			continue;
		row = json_object_new_object();
		doc_number(row, "domid", domids[i]);
		json_object_array_add(*list, row);
	}
	return 0;
}

static unsigned int nr_taken, nr_freed;

int counts_take(struct xen *xen, uint32_t *from, unsigned int most,
		struct counts *counts, struct error *why)
{
	(void)xen;
	assert_in_range(most, 1, 1000);
	if (ret_describe)
		return error_set(why, ret_describe, "no counts");
	nr_taken++;
	counts->nr_guests = *from;
	*from = *from == 8 ? 0 : 8;
	return 0;
}

struct json_object *counts_describe(const struct counts *counts)
{
	struct json_object *list = json_object_new_array();

	json_object_array_add(list, json_object_new_int(counts->nr_guests));
	return list;
}

void counts_free(struct counts *counts)
{
	(void)counts;
	nr_freed++;
}

static int ret_free;

int host_free_pages(struct xen *xen, uint64_t *pages, struct error *why)
{
	(void)xen;
	*pages = 3 * PAGES_PER_MB + 1;
	return ret_free ? error_set(why, ret_free, "no memory known") : 0;
}

int host_describe_all(struct xen *xen, struct json_object *doc,
		      struct error *why)
{
	(void)xen;
	doc_text(doc, "hostname", "h");
	return ret_describe ? error_set(why, ret_describe, "no host") : 0;
}

static const struct verb *find(const char *method)
{
	const struct verb *verb = look_verbs;

	while (strcmp(verb->method, method))
		verb++;
	return verb;
}

/* Return: what is answered, or why not; valid until the next call. */
static const char *look(const char *method, const char *text)
{
	static char said[sizeof(err.text)];
	struct json_object *parameters = json_tokener_parse(text);
	struct json_object *answer = json_object_new_object();
	const struct verb *verb = find(method);

	snprintf(said, sizeof(said), "%s",
		 verb->fn(verb, &host, parameters, answer, &err) ? err.text :
		 json_object_to_json_string_ext(answer, 0));
	json_object_put(parameters);
	json_object_put(answer);
	return said;
}

static int setup(void **state)
{
	static const uint32_t some[] = { 3, 7, 9, 0 };

	(void)state;
	domids = some;
	ret_describe = 0;
	nr_put = 0;
	return 0;
}

static void test_info(void **state)
{
	(void)state;
	assert_string_equal(look("Info", "{\"guest\":\"a\"}"),
			    "{\"guest\":{\"domid\":7}}");
	assert_int_equal(nr_put, 1);
	ret_describe = -ESRCH;
	assert_string_equal(look("Info", "{\"guest\":\"a\"}"), "gone");
	assert_int_equal(nr_put, 2);
	assert_string_equal(look("Info", "{\"guest\":\"b\"}"), "no such guest");
	assert_int_equal(nr_put, 2);
}

static void test_history(void **state)
{
	(void)state;
	nr_samples = 0;
	assert_string_equal(look("History", "{\"guest\":\"a\"}"),
			    "{\"domid\":7,\"name\":\"a\",\"interval\":10000,\"samples\":[]}");
	nr_samples = 2;
	assert_non_null(strstr(look("History", "{\"guest\":\"a\"}"),
			       "{\"time\":1000,\"cpu_percent\":0.0"));
	nr_samples = -EIO;
	assert_string_equal(look("History", "{\"guest\":\"a\"}"), "no file");
	assert_string_equal(look("History", "{\"guest\":\"b\"}"), "no such guest");
	assert_int_equal(nr_put, 3);
}

static void test_one(void **state)
{
	static const uint32_t others[] = { 3, 9, 0 };

	(void)state;
	/* Also if he isn't chaos'. */
	assert_string_equal(look("List", "{\"guest\":\"a\"}"),
			    "{\"guests\":[{\"domid\":7}],\"next\":null}");
	domids = others;
	assert_string_equal(look("List", "{\"guest\":\"a\"}"),
			    "{\"guests\":[],\"next\":null}");
	assert_string_equal(look("List", "{\"guest\":\"b\"}"), "no such guest");
	/* "" is nobody, and not everybody. */
	assert_string_equal(look("List", "{\"guest\":\"\"}"), "no such guest");
	ret_describe = -EIO;
	assert_string_equal(look("List", "{\"guest\":\"a\"}"), "no list");
	assert_int_equal(nr_put, 3);
}

static void test_all(void **state)
{
	(void)state;
	assert_string_equal(look("List", "{}"),
			    "{\"guests\":[{\"domid\":3},{\"domid\":7}],\"next\":null}");
	assert_string_equal(look("List", "{\"guest\":null}"),
			    "{\"guests\":[{\"domid\":3},{\"domid\":7}],\"next\":null}");
	assert_string_equal(look("List", "{\"all\":true,\"from\":8}"),
			    "{\"guests\":[{\"domid\":9}],\"next\":null}");
	ret_describe = -EIO;
	assert_string_equal(look("List", "{}"), "no list");
}

/* Each once, though an answer has no room for all. */
static void test_pages(void **state)
{
	static uint32_t many[1002];
	struct json_object *parameters, *answer, *list;
	const struct verb *verb = find("List");
	unsigned int seen = 0, pages = 0;
	int64_t next = 0;
	size_t count, i;

	(void)state;
	for (i = 0; i < 1001; i++)
		many[i] = i + 1;
	domids = many;
	do {
		parameters = json_object_new_object();
		answer = json_object_new_object();
		doc_number(parameters, "from", next);
		doc_bool(parameters, "all", true);
		assert_int_equal(verb->fn(verb, &host, parameters, answer, &err), 0);
		list = doc_get_list(answer, "guests", &count);
		assert_in_range(count, 1, most_asked);
		for (i = 0; i < count; i++)
			assert_int_equal(doc_get_number(json_object_array_get_idx(list, i),
							"domid"), ++seen);
		next = doc_get_number(answer, "next");
		json_object_put(parameters);
		json_object_put(answer);
	} while (next && ++pages < 100);
	assert_int_equal(seen, 1001);
	assert_true(pages > 1);
}

/* What comes after the time. */
static const char *stat_from(const char *parameters)
{
	const char *said = look("Stat", parameters);
	const char *rest = strstr(said, ",\"free");

	return !strncmp(said, "{\"time\":", 8) && rest ? rest : said;
}

static void test_stat(void **state)
{
	(void)state;
	assert_string_equal(stat_from("{}"),
			    ",\"free_memory\":3,\"guests\":[0],\"next\":8}");
	assert_string_equal(stat_from("{\"from\":null}"),
			    ",\"free_memory\":3,\"guests\":[0],\"next\":8}");
	assert_string_equal(stat_from("{\"from\":8}"),
			    ",\"free_memory\":3,\"guests\":[8],\"next\":null}");
	ret_describe = -EIO;
	assert_string_equal(stat_from("{}"), "no counts");
	ret_free = -EIO;
	assert_string_equal(stat_from("{}"), "no memory known");
	ret_free = 0;
	assert_int_equal(nr_taken, 3);
	assert_int_equal(nr_freed, 3);
}

static void test_host(void **state)
{
	(void)state;
	assert_string_equal(look("Host", "{}"), "{\"host\":{\"hostname\":\"h\"}}");
	ret_describe = -EIO;
	assert_string_equal(look("Host", "{}"), "no host");
}

static void test_debug_keys(void **state)
{
	(void)state;
	assert_string_equal(look("DebugKeys", "{\"keys\":\"ht\"}"), "{}");
	ret_describe = -EPERM;
	assert_string_equal(look("DebugKeys", "{\"keys\":\"ht\"}"), "no keys");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_info, setup),
		cmocka_unit_test_setup(test_history, setup),
		cmocka_unit_test_setup(test_one, setup),
		cmocka_unit_test_setup(test_all, setup),
		cmocka_unit_test_setup(test_pages, setup),
		cmocka_unit_test_setup(test_stat, setup),
		cmocka_unit_test_setup(test_host, setup),
		cmocka_unit_test_setup(test_debug_keys, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
