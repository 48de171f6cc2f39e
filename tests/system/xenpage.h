/* SPDX-License-Identifier: GPL-2.0 */
/* The operation by which Xen keeps device pages, as any program of root's can ask for it. */
#ifndef _SYSTEM_XENPAGE_H
#define _SYSTEM_XENPAGE_H

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include <xen/xen.h>
#include <xen/sys/privcmd.h>

#include "../../include/xen/interface/noxs-memory.h"

static int xenpage_fd = -1;

/* Returns 0 or a positive errno. Xen reads the structure where it is. */
static inline int xenpage_call_at(void *op)
{
	struct privcmd_hypercall call = {
		.op = __HYPERVISOR_memory_op,
		.arg = { XENMEM_noxs, (uintptr_t)op },
	};

	if (xenpage_fd < 0)
		xenpage_fd = open("/dev/xen/privcmd", O_RDWR);
	if (xenpage_fd < 0)
		err(2, "/dev/xen/privcmd");
	return ioctl(xenpage_fd, IOCTL_PRIVCMD_HYPERCALL, &call) ? errno : 0;
}

static inline int xenpage_call(struct xen_noxs *op)
{
	static struct xen_noxs *there;
	int error;

	if (!there) {
		there = mmap(NULL, NOXS_PAGE_SIZE, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
		if (there == MAP_FAILED || mlock(there, NOXS_PAGE_SIZE))
			err(2, "memory for hypercalls");
	}
	memcpy(there, op, sizeof(*op));
	error = xenpage_call_at(there);
	memcpy(op, there, sizeof(*op));
	return error;
}

#endif /* _SYSTEM_XENPAGE_H */
