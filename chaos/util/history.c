// SPDX-License-Identifier: GPL-2.0
/*
 * The file in which the last hour of each guest is. A place is a ring of samples; it is
 * written with pwrite(), as a file system that is full is an error then, and not a signal.
 */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "util/history.h"
#include "util/state.h"
#include "util/util.h"

#define MAGIC		0x31686863	/* "chh1" */
/* Who has it for itself does little with it. */
#define LOCK_MS		5000

/**
 * struct owner - whose a place is
 * @used: somebody's
 * @domid: a domain's
 * @handle: with this handle
 */
struct owner {
	uint32_t used;
	uint32_t domid;
	uint8_t handle[UUID_SIZE];
};

/**
 * struct list - what the file begins with
 * @magic: MAGIC, of this version
 * @pad: 0
 * @owners: of the places, in their order
 */
struct list {
	uint32_t magic;
	uint32_t pad;
	struct owner owners[HISTORY_GUESTS];
};

/* Where the first place is, on a page of its own. */
#define PLACES		53248

/**
 * struct place - one guest's
 * @owner: it; if the list says otherwise, its writer was killed
 * @at: where the next sample goes
 * @count: how many there are
 * @time: when the last one was taken, as of boot_ms(); 0: none was
 * @counts: what was counted then
 * @samples: a ring
 */
struct place {
	struct owner owner;
	uint32_t at;
	uint32_t count;
	int64_t time;
	struct history_counts counts;
	struct history_sample samples[HISTORY_SAMPLES];
};

#define PLACE_HEAD	offsetof(struct place, samples)

static_assert(sizeof(struct list) <= PLACES && PLACES % 4096 == 0, "the list has room");
static_assert(sizeof(struct place) <= HISTORY_PLACE, "a place has room");

/**
 * struct history - the file, while it is written
 * @fd: locked
 * @seen: which places are those of guests that are there
 * @list: as it is in the file
 */
struct history {
	int fd;
	bool seen[HISTORY_GUESTS];
	struct list list;
};

static off_t place_at(unsigned int n)
{
	return PLACES + (off_t)n * HISTORY_PLACE;
}

static int write_all(int fd, const void *from, size_t size, off_t at)
{
	ssize_t len = pwrite(fd, from, size, at);

	if (len == (ssize_t)size)
		return 0;
	return len < 0 ? -errno : -ENOSPC;
}

static bool read_all(int fd, void *to, size_t size, off_t at)
{
	return pread(fd, to, size, at) == (ssize_t)size;
}

struct history *history_open(struct error *err)
{
	struct history *history = calloc(1, sizeof(*history));

	if (!history) {
		error_no_memory(err);
		return NULL;
	}
	history->fd = state_lock(HISTORY_FILE, false, LOCK_MS, err);
	if (history->fd < 0) {
		if (history->fd == -EBUSY)
			error_set(err, -EBUSY, HISTORY_FILE ": somebody has it locked");
		free(history);
		return NULL;
	}
	if (read_all(history->fd, &history->list, sizeof(history->list), 0) &&
	    history->list.magic == MAGIC)
		return history;
	/* It is new, or another version's. */
	memset(&history->list, 0, sizeof(history->list));
	history->list.magic = MAGIC;
	(void)!ftruncate(history->fd, 0);
	return history;
}

static bool is_owner(const struct owner *owner, uint32_t domid,
		     const uint8_t *handle)
{
	return owner->used && owner->domid == domid &&
	       !memcmp(owner->handle, handle, UUID_SIZE);
}

/*
 * Domids are given one after the other: a guest's place is mostly the first that is looked
 * at, or the first that is free.
 *
 * Return: its place, or that which it could have; HISTORY_GUESTS if there is none.
 */
static unsigned int find_place(const struct list *list, uint32_t domid,
			       const uint8_t *handle)
{
	unsigned int i, n, room = HISTORY_GUESTS;

	for (i = 0; i < HISTORY_GUESTS; i++) {
		n = (domid + i) % HISTORY_GUESTS;
		if (is_owner(&list->owners[n], domid, handle))
			return n;
		if (!list->owners[n].used && room == HISTORY_GUESTS)
			room = n;
	}
	return room;
}

/* A device that went and came again counts from the start. */
static uint32_t rate(uint64_t now, uint64_t before, uint64_t ms)
{
	uint64_t more = now >= before ? now - before : now;

	if (more > UINT64_MAX / 1000)
		return UINT32_MAX;
	more = more * 1000 / ms;
	return more < UINT32_MAX ? more : UINT32_MAX;
}

static void set_sample(struct history_sample *sample, const struct place *place,
		       const struct history_counts *counts, uint64_t ms)
{
	const struct history_counts *before = &place->counts;

	sample->time = time(NULL);
	/* ms in a second are tenths of a percent. */
	sample->cpu = rate(counts->cpu, before->cpu, ms);
	sample->received = rate(counts->received, before->received, ms);
	sample->sent = rate(counts->sent, before->sent, ms);
	sample->read = rate(counts->read, before->read, ms);
	sample->written = rate(counts->written, before->written, ms);
}

static int add_sample(struct history *history, struct place *place,
		      unsigned int n, int64_t now, uint32_t memory,
		      const struct history_counts *counts)
{
	struct history_sample sample = { .memory = memory };
	off_t at;
	int ret;

	set_sample(&sample, place, counts, now - place->time);
	at = place_at(n) + PLACE_HEAD + place->at * sizeof(sample);
	ret = write_all(history->fd, &sample, sizeof(sample), at);
	if (ret)
		return ret;
	place->at = (place->at + 1) % HISTORY_SAMPLES;
	if (place->count < HISTORY_SAMPLES)
		place->count++;
	return 0;
}

int history_add(struct history *history, uint32_t domid,
		const uint8_t *handle, uint32_t memory,
		const struct history_counts *counts)
{
	unsigned int n = find_place(&history->list, domid, handle);
	int64_t now = boot_ms();
	struct owner *owner;
	struct place place;
	int ret;

	if (n == HISTORY_GUESTS)
		return -ENOSPC;
	owner = &history->list.owners[n];
	history->seen[n] = true;
	if (!read_all(history->fd, &place, PLACE_HEAD, place_at(n)) ||
	    !is_owner(&place.owner, domid, handle) ||
	    place.at >= HISTORY_SAMPLES || place.count > HISTORY_SAMPLES)
		memset(&place, 0, PLACE_HEAD);
	/* Nor is there anything to say of no time. */
	if (place.time && now > place.time) {
		ret = add_sample(history, &place, n, now, memory, counts);
		if (ret)
			return ret;
	}
	owner->used = 1;
	owner->domid = domid;
	memcpy(owner->handle, handle, UUID_SIZE);
	place.owner = *owner;
	place.time = now;
	place.counts = *counts;
	return write_all(history->fd, &place, PLACE_HEAD, place_at(n));
}

void history_close(struct history *history)
{
	unsigned int n;

	for (n = 0; n < HISTORY_GUESTS; n++) {
		if (!history->list.owners[n].used || history->seen[n])
			continue;
		memset(&history->list.owners[n], 0, sizeof(history->list.owners[n]));
		(void)fallocate(history->fd,
				FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
				place_at(n), HISTORY_PLACE);
	}
	/* What isn't in the list is made anew. */
	(void)write_all(history->fd, &history->list, sizeof(history->list), 0);
	close(history->fd);
	free(history);
}

/* Return: how many samples there are. */
static int read_place(int fd, uint32_t domid, const uint8_t *handle,
		      struct history_sample *samples)
{
	struct place *place = malloc(sizeof(*place));
	struct list *list = malloc(sizeof(*list));
	unsigned int i, n, first;
	int count = 0;

	if (!place || !list || !read_all(fd, list, sizeof(*list), 0) ||
	    list->magic != MAGIC)
		goto out;
	n = find_place(list, domid, handle);
	if (n == HISTORY_GUESTS)
		goto out;
	/* The last place has no end if it isn't full. */
	memset(place, 0, sizeof(*place));
	if (pread(fd, place, sizeof(*place), place_at(n)) < (ssize_t)PLACE_HEAD ||
	    !is_owner(&place->owner, domid, handle) ||
	    place->at >= HISTORY_SAMPLES || place->count > HISTORY_SAMPLES)
		goto out;
	count = place->count;
	first = (place->at + HISTORY_SAMPLES - count) % HISTORY_SAMPLES;
	for (i = 0; i < place->count; i++)
		samples[i] = place->samples[(first + i) % HISTORY_SAMPLES];
out:
	free(list);
	free(place);
	return count;
}

int history_read(uint32_t domid, const uint8_t *handle,
		 struct history_sample *samples, struct error *err)
{
	int count, fd = state_lock(HISTORY_FILE, true, LOCK_MS, err);

	if (fd == -EBUSY)
		return error_set(err, fd, HISTORY_FILE ": somebody has it locked");
	if (fd < 0)
		return fd;
	count = read_place(fd, domid, handle, samples);
	close(fd);
	return count;
}
