/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_CMD_COUNTS_H
#define CHAOS_CMD_COUNTS_H

#include <stdint.h>

#include "cmd/output.h"
#include "util/error.h"

struct json_object;

/**
 * struct counts - what guests have used, as chaosd tells it
 * @time: when the first of them was looked at, in ms of the host's clock that never steps
 * @free_memory: MiB of the host that guests can have
 * @guests: array of objects, in the order of their domids
 * @times: array, when each of them was looked at
 */
struct counts {
	int64_t time;
	int64_t free_memory;
	struct json_object *guests;
	struct json_object *times;
};

/**
 * counts_ask() - ask what all guests have used
 * @options: of the command line
 * @counts: out: to be released with counts_free(), unless this fails
 * @err: out: the reason of a failure
 *
 * Return: 0 or a negative errno.
 */
int counts_ask(const struct options *options, struct counts *counts,
	       struct error *err);

/**
 * counts_rate() - say how fast that has grown
 * @counts: gets "cpu_percent" of each guest, and rates per second of each device
 * @former: an earlier look
 *
 * Of a guest or a device that is new, all is new.
 */
void counts_rate(struct counts *counts, const struct counts *former);

/**
 * counts_free() - release memory
 * @counts: may be all zero
 */
void counts_free(struct counts *counts);

#endif /* CHAOS_CMD_COUNTS_H */
