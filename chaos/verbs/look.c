// SPDX-License-Identifier: GPL-2.0
/*
 * Guests are looked at: one of them, or all, a page at a time; and what they have used; and
 * the host, with what Xen is to tell of it in its log. Whoever only looks waits for nobody who
 * changes something.
 */
#include <json-c/json.h>
#include <stdlib.h>

#include "guest/describe.h"
#include "guest/host.h"
#include "guest/names.h"
#include "guest/stat.h"
#include "util/history.h"
#include "util/json.h"
#include "util/util.h"
#include "verbs/verbs.h"
#include "xen/host.h"

/* Of so many an answer has room for all that there is to say: some 300 octets each. */
#define PAGE	100
/* Likewise of guests and devices together, that are counted. */
#define PAGE_COUNTS	400

static int describe(const struct verb *verb, struct access *access,
		    struct json_object *parameters, struct json_object *answer,
		    struct error *err)
{
	struct json_object *doc;
	struct guest guest;
	int ret;

	(void)verb;
	ret = guest_find(&access->xen, doc_get_text(parameters, "guest"),
			 &guest, err);
	if (ret)
		return ret;
	ret = guest_describe(&access->xen, &guest, &doc, err);
	guest_put(&guest);
	if (!ret)
		json_object_object_add(answer, "guest", doc);
	return ret;
}

/* Where the next page begins, or that there is none. */
static void add_next(struct json_object *answer, uint32_t from)
{
	if (from)
		doc_number(answer, "next", from);
	else
		doc_text(answer, "next", NULL);
}

/* Who is asked for is shown, whatever he is; of one that has just gone there is nothing. */
static int list_one(struct access *access, const char *name,
		    struct json_object *answer, struct error *err)
{
	struct json_object *rows;
	struct guest guest;
	int ret;

	ret = guest_find(&access->xen, name, &guest, err);
	if (ret)
		return ret;
	ret = guest_list(&access->xen, &guest, &rows, err);
	guest_put(&guest);
	if (ret)
		return ret;
	json_object_object_add(answer, "guests", rows);
	add_next(answer, 0);
	return 0;
}

static int list_guests(const struct verb *verb, struct access *access,
		       struct json_object *parameters,
		       struct json_object *answer, struct error *err)
{
	struct json_object *name = json_object_object_get(parameters, "guest");
	uint32_t from = doc_get_number(parameters, "from");
	struct json_object *rows;
	int ret;

	(void)verb;
	if (name)
		return list_one(access, json_object_get_string(name), answer,
				err);
	ret = guests_describe(&access->xen, doc_get_bool(parameters, "all"),
			      &from, PAGE, &rows, err);
	if (ret)
		return ret;
	json_object_object_add(answer, "guests", rows);
	add_next(answer, from);
	return 0;
}

static int show_counts(const struct verb *verb, struct access *access,
		       struct json_object *parameters,
		       struct json_object *answer, struct error *err)
{
	uint32_t from = doc_get_number(parameters, "from");
	struct counts counts;
	uint64_t pages;
	int ret;

	(void)verb;
	ret = host_free_pages(&access->xen, &pages, err);
	if (ret)
		return ret;
	doc_number(answer, "time", clock_ms());
	doc_number(answer, "free_memory", pages / PAGES_PER_MB);
	ret = counts_take(&access->xen, &from, PAGE_COUNTS, &counts, err);
	if (ret)
		return ret;
	json_object_object_add(answer, "guests", counts_describe(&counts));
	counts_free(&counts);
	add_next(answer, from);
	return 0;
}

static int show_host(const struct verb *verb, struct access *access,
		     struct json_object *parameters,
		     struct json_object *answer, struct error *err)
{
	struct json_object *doc = json_object_new_object();
	int ret;

	(void)verb;
	(void)parameters;
	ret = host_describe_all(&access->xen, doc, err);
	if (ret)
		json_object_put(doc);
	else
		json_object_object_add(answer, "host", doc);
	return ret;
}

static int press_keys(const struct verb *verb, struct access *access,
		      struct json_object *parameters,
		      struct json_object *answer, struct error *err)
{
	(void)verb;
	(void)answer;
	return host_debug_keys(&access->xen, doc_get_text(parameters, "keys"),
			       err);
}

static void add_sample(struct json_object *list,
		       const struct history_sample *sample)
{
	struct json_object *doc = json_object_new_object();

	doc_number(doc, "time", sample->time * 1000LL);
	doc_fraction(doc, "cpu_percent", sample->cpu / 10.0);
	doc_number(doc, "memory_now", sample->memory);
	doc_number(doc, "received_per_s", sample->received);
	doc_number(doc, "sent_per_s", sample->sent);
	doc_number(doc, "read_per_s", sample->read);
	doc_number(doc, "written_per_s", sample->written);
	json_object_array_add(list, doc);
}

static int add_samples(const struct guest *guest, struct json_object *answer,
		       struct error *err)
{
	struct history_sample *samples;
	struct json_object *list;
	int count, i;

	samples = calloc(HISTORY_SAMPLES, sizeof(*samples));
	if (!samples)
		return error_no_memory(err);
	count = history_read(guest->domid, guest->handle, samples, err);
	if (count >= 0) {
		doc_number(answer, "domid", guest->domid);
		doc_text(answer, "name", guest_name(guest));
		doc_number(answer, "interval", HISTORY_INTERVAL * 1000);
		list = doc_list(answer, "samples");
		for (i = 0; i < count; i++)
			add_sample(list, &samples[i]);
	}
	free(samples);
	return count < 0 ? count : 0;
}

static int show_history(const struct verb *verb, struct access *access,
			struct json_object *parameters,
			struct json_object *answer, struct error *err)
{
	struct guest guest;
	int ret;

	(void)verb;
	ret = guest_find(&access->xen, doc_get_text(parameters, "guest"),
			 &guest, err);
	if (ret)
		return ret;
	ret = add_samples(&guest, answer, err);
	guest_put(&guest);
	return ret;
}

const struct verb look_verbs[] = {
	{ "Info", describe, NOXS_TYPE_NONE, false },
	{ "List", list_guests, NOXS_TYPE_NONE, false },
	{ "Stat", show_counts, NOXS_TYPE_NONE, false },
	{ "Host", show_host, NOXS_TYPE_NONE, false },
	{ "DebugKeys", press_keys, NOXS_TYPE_NONE, false },
	{ "History", show_history, NOXS_TYPE_NONE, false },
	{ NULL, NULL, NOXS_TYPE_NONE, false },
};
