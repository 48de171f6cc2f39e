// SPDX-License-Identifier: GPL-2.0
/*
 * busy FILE DEVICE… - read, write, flush and discard disks whose backends misbehave,
 * each in a thread of its own, past the cache, until killed, but not while there is
 * a file FILE.pause; and keep in FILE, a line for each, what became of it:
 *
 *	DEVICE reads N writes N errors N wrong N changed N
 *
 * What a read that was done has in it must be what hostile/backend-vbd.c's disks
 * have. A buffer whose I/O has ended, in whatever way, gets something else in it,
 * and is looked at when it is to be used again: who changed it has kept it.
 */
#define _GNU_SOURCE	/* O_DIRECT, pwritev2() */
#include <err.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>

#define SECTOR		512
#define FIRST_SECTOR	64
#define SIZE		49152	/* more than a request has room for without a list */
#define BUFFERS		2
#define PAGE		4096
#define OURS		0xa5
/* Whole sectors of 512 octets are in one page, and larger ones are copied. */
#define SHIFT		512

/* And what I/O takes: there are many disks, and one slow machine. */
#define PAUSE_S		3

static char pause_file[256];
static unsigned char ours[SIZE], theirs[SIZE];

struct disk {
	const char *name;
	unsigned long reads, writes, errors, wrong, changed;
	unsigned char *buf[BUFFERS];
	unsigned int next;
};

/* Returns the next buffer, the one that was used longest ago. */
static unsigned char *get(struct disk *d)
{
	unsigned char *buf = d->buf[d->next++ % BUFFERS];

	d->changed += !!memcmp(buf, ours, SIZE);
	return buf;
}

static void read_some(struct disk *d, int fd)
{
	unsigned char *buf = get(d);

	if (pread(fd, buf, SIZE, FIRST_SECTOR * SECTOR) == SIZE) {
		d->reads++;
		d->wrong += !!memcmp(buf, theirs, SIZE);
	} else {
		d->errors++;
	}
	memset(buf, OURS, SIZE);
}

static void write_some(struct disk *d, int fd, int flags)
{
	unsigned char *buf = get(d);
	struct iovec iov = { buf, flags ? PAGE : SIZE };

	memset(buf, 'w', SIZE);
	if (pwritev2(fd, &iov, 1, FIRST_SECTOR * SECTOR, flags) ==
	    (ssize_t)iov.iov_len)
		d->writes++;
	else
		d->errors++;
	memset(buf, OURS, SIZE);
}

static void use(struct disk *d)
{
	unsigned long long range[] = { FIRST_SECTOR * SECTOR, SIZE };
	int fd = open(d->name, O_RDWR | O_DIRECT);

	if (fd < 0)
		fd = open(d->name, O_RDONLY | O_DIRECT);
	if (fd < 0)
		return;
	read_some(d, fd);
	write_some(d, fd, 0);
	d->errors += !!fsync(fd);
	write_some(d, fd, RWF_DSYNC);
	d->errors += !!ioctl(fd, BLKDISCARD, range);
	d->errors += !!ioctl(fd, BLKSECDISCARD, range);
	close(fd);
}

static void *disk_thread(void *arg)
{
	struct disk *d = arg;

	while (1) {
		if (access(pause_file, F_OK))
			use(d);
		sleep(PAUSE_S);
	}
	return NULL;
}

static void tell(const char *name, const struct disk *disks, int nr)
{
	char new[256];
	FILE *f;
	int i;

	snprintf(new, sizeof(new), "%s.new", name);
	f = fopen(new, "w");
	if (!f)
		err(1, "%s", new);
	for (i = 0; i < nr; i++)
		fprintf(f, "%s reads %lu writes %lu errors %lu wrong %lu changed %lu\n",
			disks[i].name, disks[i].reads, disks[i].writes,
			disks[i].errors, disks[i].wrong, disks[i].changed);
	if (fclose(f) || rename(new, name))
		err(1, "%s", name);
}

int main(int argc, char **argv)
{
	struct disk *disks;
	pthread_t thread;
	int i, j;

	if (argc < 3)
		errx(2, "usage: busy FILE DEVICE...");
	snprintf(pause_file, sizeof(pause_file), "%s.pause", argv[1]);
	memset(ours, OURS, SIZE);
	for (i = 0; i < SIZE; i++)
		theirs[i] = (FIRST_SECTOR + i / SECTOR) * 37 + 11;
	disks = calloc(argc - 2, sizeof(*disks));
	if (!disks)
		err(1, "no memory");
	for (i = 0; i < argc - 2; i++) {
		disks[i].name = argv[i + 2];
		for (j = 0; j < BUFFERS; j++) {
			disks[i].buf[j] = aligned_alloc(PAGE, SIZE + PAGE);
			if (!disks[i].buf[j])
				err(1, "no memory");
			disks[i].buf[j] += SHIFT;
			memset(disks[i].buf[j], OURS, SIZE);
		}
		if (pthread_create(&thread, NULL, disk_thread, &disks[i]))
			errx(1, "no thread");
	}
	while (1) {
		tell(argv[1], disks, argc - 2);
		sleep(1);
	}
}
