/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Makes older kernels look like the newest one that is supported. Included
 * ahead of every source file; the only place that asks for a version.
 */
#ifndef _NOXS_COMPAT_H
#define _NOXS_COMPAT_H

#include <linux/version.h>

/* 6.11: bus_type.match takes a const driver. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 11, 0)
#define noxs_match_driver_t	const struct device_driver
#else
#define noxs_match_driver_t	struct device_driver
#endif

/* 6.3: bus_type.uevent takes a const device. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 3, 0)
#define noxs_uevent_device_t	const struct device
#else
#define noxs_uevent_device_t	struct device
#endif

#endif /* _NOXS_COMPAT_H */
