// SPDX-License-Identifier: GPL-2.0
/*
 * What guests have used is written down, each time that a worker is told to look. See
 * util/history.h for where it is.
 */
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "guest/stat.h"
#include "util/history.h"
#include "verbs/verbs.h"
#include "worker/worker.h"

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
	uint32_t from = 0;
	unsigned int i;
	int ret;

	ret = counts_take(&access->xen, &from, UINT_MAX, &counts, err);
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
