/* SPDX-License-Identifier: GPL-2.0 */
/* Whole reads and writes, for the small programs of the rig. */
#ifndef RIG_IO_H
#define RIG_IO_H

#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <unistd.h>

/* Write all, waiting on a non-blocking descriptor.  0, or -1 with errno. */
static inline int write_all(int fd, const void *buf, size_t len)
{
	const char *p = buf;

	while (len) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EAGAIN) {
			struct pollfd pfd = { .fd = fd, .events = POLLOUT };

			poll(&pfd, 1, -1);
			continue;
		}
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		p += n;
		len -= n;
	}
	return 0;
}

#endif
