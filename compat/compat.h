/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Makes older kernels look like the newest one that is supported. Included
 * ahead of every source file; the only place that asks for a version.
 */
#ifndef _NOXS_COMPAT_H
#define _NOXS_COMPAT_H

#include <linux/version.h>

#endif /* _NOXS_COMPAT_H */
