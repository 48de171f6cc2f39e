/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_CMD_METRICS_H
#define CHAOS_CMD_METRICS_H

#include <stdio.h>

#include "guest/stat.h"

struct json_object;

/**
 * metrics_print() - print what there is to be counted, as Prometheus reads it
 * @out: where to
 * @counts: what guests have used, without rates
 * @host: the host, as host_describe() describes it, or NULL
 * @pools: array, as chaosd describes them, or NULL if it doesn't run
 */
void metrics_print(FILE *out, const struct counts *counts,
		   struct json_object *host, struct json_object *pools);

#endif /* CHAOS_CMD_METRICS_H */
