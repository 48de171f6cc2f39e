// SPDX-License-Identifier: GPL-2.0
/*
 * late read|write DEVICE OFFSET [SHIFT] - read or write 64 KiB of a device, past
 * its cache, from or to memory that is SHIFT octets after a page's begin; say
 * what became of it; then use the memory for something else, and say in the end,
 * when there is a file "/tmp/look", how much of that was changed by others
 *
 * What is written is all 'w', and what the memory has afterwards all 'L'.
 */
#define _GNU_SOURCE	/* O_DIRECT */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SIZE	65536
#define PAGE	4096

int main(int argc, char **argv)
{
	size_t i, changed = 0;
	char *buf;
	ssize_t n;
	int fd;

	if (argc < 4)
		errx(2, "usage: late read|write DEVICE OFFSET [SHIFT]");
	fd = open(argv[2], O_RDWR | O_DIRECT);
	if (fd < 0)
		err(1, "%s", argv[2]);
	buf = aligned_alloc(PAGE, SIZE + PAGE);
	if (!buf)
		err(1, "no memory");
	buf += argc > 4 ? atoi(argv[4]) : 0;

	memset(buf, 'w', SIZE);
	if (!strcmp(argv[1], "read"))
		n = pread(fd, buf, SIZE, atol(argv[3]));
	else
		n = pwrite(fd, buf, SIZE, atol(argv[3]));
	printf("%s\n", n == SIZE ? "done" : n < 0 ? strerror(errno) : "short");
	fflush(stdout);
	memset(buf, 'L', SIZE);

	while (access("/tmp/look", F_OK))
		usleep(100000);
	for (i = 0; i < SIZE; i++)
		changed += buf[i] != 'L';
	printf("changed %zu\n", changed);
	return 0;
}
