// SPDX-License-Identifier: GPL-2.0
/*
 * A domain as a core: an ELF file of the form that libxenguest writes, which crash(8)
 * and gdb's users of xc know. It comes in pieces, page by page.
 */
#include <errno.h>
#include <unistd.h>
#include <xenctrl.h>

#include "util/progress.h"
#include "util/signal.h"
#include "xen/domain.h"

#define PAGE_SIZE	4096

/**
 * struct dump - a core that is being written
 * @fd: where to
 * @progress: how far it is, or NULL
 * @done: octets that are written
 * @total: about as many as there will be
 * @ret: why it can't be, a negative errno
 */
struct dump {
	int fd;
	struct progress *progress;
	uint64_t done;
	uint64_t total;
	int ret;
};

/* Return: 0 to go on. */
static int write_piece(xc_interface *xch, void *arg, char *piece,
		       unsigned int len)
{
	struct dump *dump = arg;
	ssize_t done;

	(void)xch;
	if (signals_pending())
		dump->ret = -EINTR;
	for (; len && !dump->ret; piece += done, len -= done) {
		done = write(dump->fd, piece, len);
		if (done < 0)
			dump->ret = -errno;
		else
			dump->done += done;
	}
	progress_show(dump->progress, dump->done, dump->total);
	return dump->ret ? -1 : 0;
}

int domain_dump(struct xen *xen, uint32_t domid, int fd,
		struct progress *progress, struct error *err)
{
	struct dump dump = { .fd = fd, .progress = progress };
	struct domain_info info;
	int ret;

	if (progress && !xen_info(xen, domid, &info))
		dump.total = info.pages * PAGE_SIZE;
	xen_mark(xen);
	errno = 0;
	ret = xc_domain_dumpcore_via_callback(xen->xch, domid, &dump,
					      write_piece);
	if (dump.ret == -EINTR)
		return error_set(err, -EINTR, "interrupted");
	if (dump.ret)
		return error_sys(err, dump.ret, "writing the core");
	return ret ? xen_error(xen, err, "core") : 0;
}
