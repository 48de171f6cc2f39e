// SPDX-License-Identifier: GPL-2.0
/*
 * What guests have used: chaosd is asked for it, a page after the other. Rates are what has
 * changed between two looks.
 */
#include <json-c/json.h>
#include <string.h>

#include "cmd/counts.h"
#include "cmd/pages.h"
#include "util/json.h"
#include "util/util.h"

/* What grows, and the key of how fast it does. */
static const struct {
	const char *count;
	const char *rate;
} rates[] = {
	{ "received_bytes", "received_per_s" },
	{ "sent_bytes", "sent_per_s" },
	{ "read_bytes", "read_per_s" },
	{ "written_bytes", "written_per_s" },
};

static void add_page(struct json_object *answer, void *arg)
{
	int64_t time = doc_get_number(answer, "time");
	struct json_object *list, *guest;
	struct counts *counts = arg;
	size_t count, i;

	counts->free_memory = doc_get_number(answer, "free_memory");
	if (!counts->time)
		counts->time = time;
	list = doc_get_list(answer, "guests", &count);
	for (i = 0; i < count; i++) {
		guest = json_object_array_get_idx(list, i);
		json_object_array_add(counts->guests, json_object_get(guest));
		json_object_array_add(counts->times,
				      json_object_new_int64(time));
	}
}

int counts_ask(const struct options *options, struct counts *counts,
	       struct error *err)
{
	int ret;

	memset(counts, 0, sizeof(*counts));
	counts->guests = json_object_new_array();
	counts->times = json_object_new_array();
	ret = pages_ask("Stat", json_object_new_object(), options, add_page,
			counts, err);
	if (ret)
		counts_free(counts);
	return ret;
}

/* What came again counts from the start. */
static int64_t growth(int64_t now, int64_t before)
{
	return now >= before ? now - before : now;
}

static struct json_object *find_device(struct json_object *devices,
				       struct json_object *device)
{
	struct json_object *other;
	size_t i;

	for (i = 0; devices && i < json_object_array_length(devices); i++) {
		other = json_object_array_get_idx(devices, i);
		if (doc_get_number(other, "id") == doc_get_number(device, "id") &&
		    !strcmp(doc_get_text(other, "type"),
			    doc_get_text(device, "type")))
			return other;
	}
	return NULL;
}

static void rate_device(struct json_object *device,
			struct json_object *former, double seconds)
{
	struct json_object *count;
	int64_t before;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rates); i++) {
		if (!json_object_object_get_ex(device, rates[i].count, &count))
			continue;
		before = former ? doc_get_number(former, rates[i].count) : 0;
		doc_fraction(device, rates[i].rate,
			     growth(json_object_get_int64(count), before) /
			     seconds);
	}
}

static void rate_guest(struct json_object *guest, struct json_object *former,
		       double seconds)
{
	struct json_object *devices, *device, *others = NULL;
	double before = 0;
	size_t count, i;

	if (former) {
		before = doc_get_fraction(former, "cpu_time");
		others = json_object_object_get(former, "devices");
	}
	doc_fraction(guest, "cpu_percent",
		     (doc_get_fraction(guest, "cpu_time") - before) / seconds *
		     100);
	devices = doc_get_list(guest, "devices", &count);
	for (i = 0; i < count; i++) {
		device = json_object_array_get_idx(devices, i);
		rate_device(device, find_device(others, device), seconds);
	}
}

/* The same one of an earlier look; *@at is where it may be, and goes on. */
static struct json_object *find_former(const struct counts *former,
				       struct json_object *guest, size_t *at)
{
	int64_t domid = doc_get_number(guest, "domid");
	struct json_object *other;

	for (; *at < json_object_array_length(former->guests); ++*at) {
		other = json_object_array_get_idx(former->guests, *at);
		if (doc_get_number(other, "domid") < domid)
			continue;
		if (doc_get_number(other, "domid") == domid &&
		    !strcmp(doc_get_text(other, "handle"),
			    doc_get_text(guest, "handle")))
			return other;
		return NULL;
	}
	return NULL;
}

static int64_t time_of(const struct counts *counts, size_t i)
{
	struct json_object *time = json_object_array_get_idx(counts->times, i);

	return json_object_get_int64(time);
}

void counts_rate(struct counts *counts, const struct counts *former)
{
	struct json_object *guest, *before;
	double seconds;
	size_t i, at = 0;

	for (i = 0; i < json_object_array_length(counts->guests); i++) {
		guest = json_object_array_get_idx(counts->guests, i);
		before = find_former(former, guest, &at);
		seconds = (time_of(counts, i) -
			   (before ? time_of(former, at) : former->time)) / 1e3;
		/* No division by zero, if the clock hasn't moved. */
		if (seconds < 0.001)
			seconds = 0.001;
		rate_guest(guest, before, seconds);
	}
}

void counts_free(struct counts *counts)
{
	json_object_put(counts->guests);
	json_object_put(counts->times);
	memset(counts, 0, sizeof(*counts));
}
