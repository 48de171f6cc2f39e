// SPDX-License-Identifier: GPL-2.0
/*
 * records write DIR - write records in every way that fsync promises to keep,
 * until killed, and print DIR and the number of each when it is on the disk
 * records check DIR LAST - all records up to LAST are there, and right
 *
 * A record is a sector, so that none is ever half there. Record N is
 *
 *	appended to "log",
 *	written over record N - SLOTS in its block of "slots", and
 *	moved, in a new file, over the one of record N - FILES.
 *
 * Records after LAST may be there, in part.
 */
#include <err.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECTOR	512
#define BLOCK	4096
#define SLOTS	64
#define FILES	16

struct record {
	uint64_t word[SECTOR / sizeof(uint64_t)];
};

/* The first word is the number, the others follow from it. */
static void record_make(struct record *record, uint64_t number)
{
	uint64_t word = number;
	unsigned int i;

	for (i = 0; i < SECTOR / sizeof(word); i++) {
		record->word[i] = word;
		word = word * 6364136223846793005 + 1442695040888963407;
	}
}

static void file_name(char *name, size_t size, uint64_t number)
{
	snprintf(name, size, "file.%ju", number % FILES);
}

static int open_file(int dir, const char *name, int flags)
{
	int fd = openat(dir, name, flags, 0600);

	if (fd < 0)
		err(1, "%s", name);
	return fd;
}

static void write_record(int fd, const struct record *record, off_t offset,
			 const char *name)
{
	if (pwrite(fd, record, SECTOR, offset) != SECTOR)
		err(1, "%s", name);
}

static void must(int ret, const char *what)
{
	if (ret)
		err(1, "%s", what);
}

static void write_file(int dir, const struct record *record)
{
	char name[32];
	int fd;

	fd = open_file(dir, "new", O_WRONLY | O_CREAT | O_EXCL);
	write_record(fd, record, 0, "new");
	must(fsync(fd), "fsync of new");
	close(fd);
	file_name(name, sizeof(name), record->word[0]);
	must(renameat(dir, "new", dir, name), name);
	must(fsync(dir), "fsync of the directory");
}

static void write_records(int dir, const char *name)
{
	struct record record;
	int log, slots;
	uint64_t n;

	log = open_file(dir, "log", O_WRONLY | O_CREAT | O_EXCL);
	slots = open_file(dir, "slots", O_WRONLY | O_CREAT | O_EXCL);
	must(fsync(dir), "fsync of the directory");
	for (n = 1;; n++) {
		record_make(&record, n);
		write_record(log, &record, (n - 1) * SECTOR, "log");
		must(fdatasync(log), "fdatasync of log");
		write_record(slots, &record, n % SLOTS * BLOCK, "slots");
		must(fsync(slots), "fsync of slots");
		write_file(dir, &record);
		printf("%s %ju\n", name, n);
		if (fflush(stdout))
			err(1, "stdout");
	}
}

/* Return: the number of the record there; 0 if there is no right one. */
static uint64_t read_record(int fd, off_t offset)
{
	struct record record, expected;

	if (pread(fd, &record, SECTOR, offset) != SECTOR)
		return 0;
	record_make(&expected, record.word[0]);
	return memcmp(&record, &expected, SECTOR) ? 0 : record.word[0];
}

static bool wrong(const char *where, uint64_t found, uint64_t expected)
{
	printf("%s has record %ju, not %ju\n", where, found, expected);
	return true;
}

/* Of what was replaced, a later one of the same place is as good. */
static bool is_replaced(uint64_t found, uint64_t expected, unsigned int places)
{
	return found >= expected && found % places == expected % places;
}

static bool check_places(int dir, int slots, uint64_t n)
{
	char name[32];
	uint64_t found;
	bool bad = false;
	int fd;

	found = read_record(slots, n % SLOTS * BLOCK);
	if (!is_replaced(found, n, SLOTS))
		bad = wrong("slots", found, n);
	file_name(name, sizeof(name), n);
	fd = openat(dir, name, O_RDONLY);
	found = fd < 0 ? 0 : read_record(fd, 0);
	if (!is_replaced(found, n, FILES))
		bad = wrong(name, found, n);
	if (fd >= 0)
		close(fd);
	return bad;
}

static bool check_records(int dir, uint64_t last)
{
	int log, slots;
	bool bad = false;
	uint64_t n, found;

	log = open_file(dir, "log", O_RDONLY);
	slots = open_file(dir, "slots", O_RDONLY);
	for (n = 1; n <= last; n++) {
		found = read_record(log, (n - 1) * SECTOR);
		if (found != n)
			bad = wrong("log", found, n);
	}
	for (n = last; n > 0 && n + SLOTS > last; n--)
		bad |= check_places(dir, slots, n);
	return bad;
}

int main(int argc, char **argv)
{
	bool bad = false;
	int dir;

	if (argc < 3 || argc > 4) {
		fprintf(stderr, "usage: records write DIR | check DIR LAST\n");
		return 2;
	}
	dir = open(argv[2], O_RDONLY | O_DIRECTORY);
	if (dir < 0)
		err(1, "%s", argv[2]);
	if (argc == 3)
		write_records(dir, argv[2]);
	else
		bad = check_records(dir, strtoull(argv[3], NULL, 10));
	return bad;
}
