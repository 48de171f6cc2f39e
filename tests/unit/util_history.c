// SPDX-License-Identifier: GPL-2.0
/* chaos/util/history.c: the last hour of each guest, and what it is not to believe. */
#include "harness.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "util/history.h"
#include "util/state.h"
#include "util/util.h"

void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);
ssize_t __real_pwrite(int fd, const void *from, size_t size, off_t at);
ssize_t __wrap_pwrite(int fd, const void *from, size_t size, off_t at);
void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
int __wrap_clock_gettime(clockid_t id, struct timespec *time);

static struct history_sample samples[HISTORY_SAMPLES];
static uint8_t handle[UUID_SIZE] = "a handle of noxs";
static int file = -1, locked;
static int64_t now;
static bool no_memory;
/* How many octets can still be written. */
static ssize_t room;

void *__wrap_calloc(size_t count, size_t size)
{
	return no_memory ? NULL : __real_calloc(count, size);
}

void *__wrap_malloc(size_t size)
{
	return no_memory ? NULL : __real_malloc(size);
}

ssize_t __wrap_pwrite(int fd, const void *from, size_t size, off_t at)
{
	if ((ssize_t)size > room) {
		errno = ENOSPC;
		return room ? room : -1;
	}
	return __real_pwrite(fd, from, size, at);
}

int __wrap_clock_gettime(clockid_t id, struct timespec *time)
{
	assert_int_equal(id, CLOCK_BOOTTIME);
	time->tv_sec = now / 1000;
	time->tv_nsec = now % 1000 * 1000000;
	return 0;
}

int state_lock(const char *path, bool shared, int timeout, struct error *err)
{
	(void)shared;
	assert_string_equal(path, HISTORY_FILE);
	assert_true(timeout > 0);
	if (locked < 0)
		return locked == -EBUSY ? locked : error_sys(err, locked, "%s", path);
	return dup(file);
}

static int set_up(void **state)
{
	(void)state;
	file = memfd_create("history", 0);
	assert_true(file >= 0);
	now = 1000;
	locked = 0;
	no_memory = false;
	room = INT32_MAX;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	close(file);
	return 0;
}

/* A look at one guest, or at none. */
static int look(uint32_t domid, const struct history_counts *counts)
{
	struct history *history;
	struct error err;
	int ret = 0;

	history = history_open(&err);
	assert_non_null(history);
	if (counts)
		ret = history_add(history, domid, handle, 64, counts);
	history_close(history);
	return ret;
}

static int count(uint32_t domid)
{
	struct error err;

	return history_read(domid, handle, samples, &err);
}

static void test_rates(void **state)
{
	struct history_counts counts = { .cpu = 500, .received = 1 << 20 };

	(void)state;
	assert_int_equal(count(7), 0);
	assert_int_equal(look(7, &counts), 0);
	/* Nothing is known of the time before. */
	assert_int_equal(count(7), 0);
	now += 10000;
	counts.cpu += 2500;
	counts.received += 20480;
	counts.sent += 30;
	counts.read += UINT64_MAX / 2;
	counts.written += 1ULL << 50;
	assert_int_equal(look(7, &counts), 0);
	assert_int_equal(count(7), 1);
	assert_int_equal(samples[0].cpu, 250);
	assert_int_equal(samples[0].memory, 64);
	assert_int_equal(samples[0].received, 2048);
	assert_int_equal(samples[0].sent, 3);
	assert_int_equal(samples[0].read, UINT32_MAX);
	assert_int_equal(samples[0].written, UINT32_MAX);
	assert_true(labs((long)samples[0].time - (long)time(NULL)) < 100);
	/* A device has gone, and another one came. */
	now += 20000;
	counts.received = 40;
	assert_int_equal(look(7, &counts), 0);
	assert_int_equal(count(7), 2);
	assert_int_equal(samples[1].received, 2);
	assert_int_equal(samples[1].cpu, 0);
	/* No time has passed. */
	assert_int_equal(look(7, &counts), 0);
	assert_int_equal(count(7), 2);
}

static void test_ring(void **state)
{
	struct history_counts counts = { 0 };
	int i;

	(void)state;
	for (i = 0; i < HISTORY_SAMPLES + 5; i++) {
		assert_int_equal(look(7, &counts), 0);
		now += 1000;
		counts.sent += i;
	}
	assert_int_equal(count(7), HISTORY_SAMPLES);
	for (i = 0; i < HISTORY_SAMPLES; i++)
		assert_int_equal(samples[i].sent, i + 4);
}

static void test_goes(void **state)
{
	const struct history_counts counts = { .cpu = 1 };
	struct stat before, after;
	struct error err;
	uint8_t other[UUID_SIZE] = "another handle..";

	(void)state;
	assert_int_equal(look(7, &counts), 0);
	now += 10000;
	assert_int_equal(look(7, &counts), 0);
	assert_int_equal(count(7), 1);
	assert_int_equal(history_read(7, other, samples, &err), 0);
	assert_int_equal(history_read(8, handle, samples, &err), 0);
	assert_int_equal(fstat(file, &before), 0);
	/* It is gone, and so is what was known of it. */
	assert_int_equal(look(0, NULL), 0);
	assert_int_equal(count(7), 0);
	assert_int_equal(fstat(file, &after), 0);
	assert_true(after.st_blocks < before.st_blocks);
	/* That it had left would be seen here. */
	assert_int_equal(look(7, &counts), 0);
	assert_int_equal(count(7), 0);
}

static void test_full(void **state)
{
	const struct history_counts counts = { 0 };
	struct history *history;
	struct stat status;
	struct error err;
	uint32_t domid;

	(void)state;
	history = history_open(&err);
	assert_non_null(history);
	/* The last ones have domids of the first ones' places. */
	for (domid = 100; domid < 100 + HISTORY_GUESTS; domid++)
		assert_int_equal(history_add(history, domid, handle, 8, &counts), 0);
	assert_int_equal(history_add(history, domid, handle, 8, &counts), -ENOSPC);
	/* Those that have a place keep it. */
	now += 10000;
	assert_int_equal(history_add(history, 100, handle, 8, &counts), 0);
	history_close(history);
	assert_int_equal(count(100), 1);
	assert_int_equal(count(99), 0);
	assert_int_equal(count(domid), 0);
	assert_int_equal(fstat(file, &status), 0);
	assert_true(status.st_size <= 65536 + (off_t)HISTORY_GUESTS * HISTORY_PLACE);
}

static void test_no_room(void **state)
{
	struct history_counts counts = { 0 };

	(void)state;
	room = 0;
	assert_int_equal(look(7, &counts), -ENOSPC);
	room = INT32_MAX;
	assert_int_equal(look(7, &counts), 0);
	now += 10000;
	/* As much as a part of it. */
	room = 5;
	assert_int_equal(look(7, &counts), -ENOSPC);
	room = INT32_MAX;
	assert_int_equal(count(7), 0);
	assert_int_equal(look(7, &counts), 0);
	assert_int_equal(count(7), 1);
}

/* Whatever is in the file, nothing else is read or written than that. */
static void test_nonsense(void **state)
{
	const struct history_counts counts = { 0 };
	static uint8_t noise[300000];
	size_t i;
	struct stat status;

	(void)state;
	/* Another version's. */
	memset(noise, 0xa5, sizeof(noise));
	assert_int_equal(write(file, noise, sizeof(noise)), sizeof(noise));
	assert_int_equal(count(7), 0);
	assert_int_equal(look(7, &counts), 0);
	now += 10000;
	assert_int_equal(look(7, &counts), 0);
	assert_int_equal(count(7), 1);
	/* Each word of it in turn. */
	assert_int_equal(fstat(file, &status), 0);
	for (i = 0; i < (size_t)status.st_size; i += 4) {
		uint32_t word, bad = 0xfffffff0;

		if (pread(file, &word, 4, i) != 4 || !word)
			continue;
		assert_int_equal(pwrite(file, &bad, 4, i), 4);
		assert_in_range(count(7), 0, HISTORY_SAMPLES);
		assert_int_equal(pwrite(file, &word, 4, i), 4);
	}
	assert_int_equal(count(7), 1);
}

static void test_failures(void **state)
{
	const struct history_counts counts = { 0 };
	struct error err;

	(void)state;
	assert_int_equal(look(7, &counts), 0);
	locked = -EBUSY;
	assert_null(history_open(&err));
	assert_non_null(strstr(err.text, "locked"));
	assert_int_equal(history_read(7, handle, samples, &err), -EBUSY);
	assert_non_null(strstr(err.text, "locked"));
	locked = -EACCES;
	assert_null(history_open(&err));
	assert_int_equal(history_read(7, handle, samples, &err), -EACCES);
	locked = 0;
	no_memory = true;
	assert_null(history_open(&err));
	assert_int_equal(history_read(7, handle, samples, &err), 0);
	no_memory = false;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_rates, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_ring, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_goes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_full, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_no_room, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_nonsense, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_failures, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
