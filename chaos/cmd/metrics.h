/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_CMD_METRICS_H
#define CHAOS_CMD_METRICS_H

#include <stdio.h>

struct json_object;

/**
 * struct metrics - what there is to be counted
 * @guests: array, with what guests have used (cmd/counts.h), or NULL
 * @host: the host, as chaosd describes it, or NULL
 * @status: of chaosd, as it describes itself, or NULL if it doesn't run
 * @pools: array, as chaosd describes them, or NULL
 */
struct metrics {
	struct json_object *guests;
	struct json_object *host;
	struct json_object *status;
	struct json_object *pools;
};

/**
 * metrics_print() - print it as Prometheus reads it
 * @out: where to
 * @metrics: what there is
 */
void metrics_print(FILE *out, const struct metrics *metrics);

#endif /* CHAOS_CMD_METRICS_H */
