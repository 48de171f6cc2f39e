/* SPDX-License-Identifier: MIT */
/*
 * What lwIP asks of the compiler and its library. There is no library.
 */
#ifndef ARCH_CC_H
#define ARCH_CC_H

#include <limits.h>
#include <sys/types.h>

#include "port.h"

#ifndef SSIZE_MAX
/* The compiler's own limits.h hasn't got it: lwIP would make another ssize_t. */
#define SSIZE_MAX	LONG_MAX
#endif

#define LWIP_NO_CTYPE_H		1
#define LWIP_PLATFORM_DIAG(message)
#define LWIP_PLATFORM_ASSERT(message)	port_end()

#endif /* ARCH_CC_H */
