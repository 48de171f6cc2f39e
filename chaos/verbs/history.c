// SPDX-License-Identifier: GPL-2.0
/*
 * What guests have used in the last hour: written down each time that a worker is told to
 * look, and shown to who asks. See util/history.h for where it is.
 */
#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "guest/names.h"
#include "guest/stat.h"
#include "util/history.h"
#include "util/json.h"
#include "verbs/verbs.h"

static void add_up(const struct guest_counts *guest,
		   struct history_counts *counts)
{
	const struct device_counts *device;
	bool is_net;
	unsigned int i;

	memset(counts, 0, sizeof(*counts));
	counts->cpu = guest->cpu_time * 1000;
	for (i = 0; i < guest->nr_devices; i++) {
		device = &guest->devices[i];
		is_net = !strcmp(device->type, "vif");
		*(is_net ? &counts->received : &counts->read) +=
			device->in_bytes;
		*(is_net ? &counts->sent : &counts->written) +=
			device->out_bytes;
	}
}

int history_take(struct access *access, struct error *err)
{
	struct history_counts used;
	struct history *history;
	struct counts counts;
	unsigned int i;
	int ret;

	ret = counts_take(&access->xen, &counts, NULL, err);
	if (ret)
		return ret;
	history = history_open(err);
	if (!history) {
		counts_free(&counts);
		return -EIO;
	}
	for (i = 0; i < counts.nr_guests; i++) {
		add_up(&counts.guests[i], &used);
		ret = history_add(history, counts.guests[i].domid,
				  counts.guests[i].handle,
				  counts.guests[i].memory, &used);
		if (ret)
			error_sys(err, ret, HISTORY_FILE);
	}
	history_close(history);
	counts_free(&counts);
	return ret;
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

static int show(const struct guest *guest, struct json_object *answer,
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

/* Whoever only looks waits for nobody who changes something. */
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
	ret = show(&guest, answer, err);
	guest_put(&guest);
	return ret;
}

const struct verb history_verbs[] = {
	{ "History", show_history, NOXS_TYPE_NONE, false },
	{ .method = NULL },
};
