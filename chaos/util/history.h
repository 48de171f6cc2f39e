/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_UTIL_HISTORY_H
#define CHAOS_UTIL_HISTORY_H

#include <stdbool.h>
#include <stdint.h>

#include "util/chaos.h"
#include "util/error.h"
#include "util/uuid.h"

/*
 * What guests have used in the last hour. It is in one file in /run, which is memory: a list
 * of the guests that have a place in it, then the places, each with the last samples of a
 * guest and what was counted when the last one was taken. A place that nobody has takes no
 * memory, any other one HISTORY_PLACE octets.
 *
 * One process at a time writes. It may be killed at any moment, then a sample is missing.
 */
#ifndef HISTORY_FILE
#define HISTORY_FILE		CHAOS_RUN_DIR "/history"
#endif
/* Seconds between two samples, how many there are, and of how many guests. */
#define HISTORY_INTERVAL	10
#define HISTORY_SAMPLES		360
#define HISTORY_GUESTS		2048
#define HISTORY_PLACE		12288

/**
 * struct history_counts - what a guest has used since it was made
 * @cpu: ms
 * @received: octets, by all of its network devices
 * @sent: octets
 * @read: octets, by all of its block devices
 * @written: octets
 */
struct history_counts {
	uint64_t cpu;
	uint64_t received;
	uint64_t sent;
	uint64_t read;
	uint64_t written;
};

/**
 * struct history_sample - what it used between two looks
 * @time: seconds since 1970, of the second one
 * @cpu: tenths of a percent of a CPU
 * @memory: MiB, at that time
 * @received: octets per second, as far as they fit
 * @sent: likewise
 * @read: likewise
 * @written: likewise
 */
struct history_sample {
	uint32_t time;
	uint32_t cpu;
	uint32_t memory;
	uint32_t received;
	uint32_t sent;
	uint32_t read;
	uint32_t written;
};

struct history;

/**
 * history_open() - begin to write down what all guests use
 * @err: out: the reason of a failure
 *
 * Return: for history_close(); NULL after a failure.
 */
struct history *history_open(struct error *err);

/**
 * history_add() - write down what a guest has used
 * @history: from history_open()
 * @domid: its domain
 * @handle: its handle
 * @memory: MiB that it has
 * @counts: what it has used
 *
 * Of one that is looked at for the first time there is no sample yet.
 *
 * Return: 0; -ENOSPC if there is no place left; another negative errno.
 */
int history_add(struct history *history, uint32_t domid,
		const uint8_t *handle, uint32_t memory,
		const struct history_counts *counts);

/**
 * history_close() - that were all of them: the others' places are free
 * @history: from history_open()
 */
void history_close(struct history *history);

/**
 * history_read() - what a guest has used
 * @domid: its domain
 * @handle: its handle
 * @samples: out: room for HISTORY_SAMPLES, the oldest one first
 * @err: out: the reason of a failure
 *
 * Return: how many there are; a negative errno.
 */
int history_read(uint32_t domid, const uint8_t *handle,
		 struct history_sample *samples, struct error *err);

#endif /* CHAOS_UTIL_HISTORY_H */
