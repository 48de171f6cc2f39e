/* SPDX-License-Identifier: GPL-2.0 */
/* See types.h beside this file. */
#ifndef _SHIM_LINUX_STRING_H
#define _SHIM_LINUX_STRING_H

#include <string.h>

static inline void *memchr_inv(const void *start, int c, size_t bytes)
{
	const unsigned char *byte = start;

	for (; bytes--; byte++)
		if (*byte != (unsigned char)c)
			return (void *)byte;
	return NULL;
}

#endif /* _SHIM_LINUX_STRING_H */
