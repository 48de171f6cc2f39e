/* SPDX-License-Identifier: GPL-2.0 */
/*
 * As much of the kernel's xen.h as its interface/io headers and grant_table.h
 * need, for programs, which have no hypercalls.
 */
#ifndef _SHIM_XEN_INTERFACE_XEN_H
#define _SHIM_XEN_INTERFACE_XEN_H

#include <linux/types.h>

#define DEFINE_GUEST_HANDLE_STRUCT(name)	struct name
#define GUEST_HANDLE(name)			void *

typedef uint16_t domid_t;
typedef unsigned long xen_pfn_t;

#endif /* _SHIM_XEN_INTERFACE_XEN_H */
