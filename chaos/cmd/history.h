/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_CMD_HISTORY_H
#define CHAOS_CMD_HISTORY_H

#include <stdio.h>

struct json_object;

/**
 * history_heading() - print what is above the lines of history_line()
 * @out: where to
 */
void history_heading(FILE *out);

/**
 * history_line() - print a guest's use of CPUs in a line
 * @out: where to
 * @answer: of chaosd's method History
 */
void history_line(FILE *out, struct json_object *answer);

/**
 * history_guest() - print what a guest has used
 * @out: where to
 * @answer: of chaosd's method History
 */
void history_guest(FILE *out, struct json_object *answer);

#endif /* CHAOS_CMD_HISTORY_H */
