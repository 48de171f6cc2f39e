// SPDX-License-Identifier: GPL-2.0
/*
 * Connections are taken from a socket's queue also when there is no descriptor
 * left to serve them with.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "util/accept.h"

static int spare = -1;

void accept_reserve(void)
{
	if (spare < 0)
		spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

int accept_one(int listener, bool *last)
{
	int fd;

	*last = false;
	fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd >= 0)
		return fd;
	if ((errno != EMFILE && errno != ENFILE) || spare < 0)
		return -errno;
	close(spare);
	spare = -1;
	*last = true;
	fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd >= 0)
		return fd;
	fd = -errno;
	accept_reserve();
	return fd;
}
