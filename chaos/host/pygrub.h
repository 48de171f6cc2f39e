/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_HOST_PYGRUB_H
#define CHAOS_HOST_PYGRUB_H

#include "config/config.h"
#include "util/error.h"

/* As whom it looks at a guest's disk. */
#define PYGRUB_USER	"chaos-boot"
#define PYGRUB_NO_USER	"there is no user " PYGRUB_USER \
			", as whom it looks at disks; systemd-sysusers makes it"

/**
 * struct booted - a guest's configuration with what its boot loader found
 * @config: what the guest is made from; nothing of it is the reader's to free
 * @kernel: private: file, or -1
 * @ramdisk: private: likewise
 * @kernel_path: private: how @config calls it
 * @ramdisk_path: private: likewise
 * @cmdline: private: of @config
 */
struct booted {
	struct guest_config config;
	int kernel;
	int ramdisk;
	char kernel_path[32];
	char ramdisk_path[32];
	char cmdline[CONFIG_CMDLINE_MAX + 1];
};

/**
 * pygrub_boot() - take a guest's kernel from its own disk, if it is to come from there
 * @config: what was asked for; stays while @booted does
 * @booted: out: to be released with pygrub_release(), unless this fails
 * @err: out: the reason of a failure
 *
 * Xen's pygrub reads the first disk, which a guest has written: in namespaces and with
 * a root of its own, in which nothing is but the disk, as a user who has nothing else,
 * and for no longer than is usual. What it says is taken for a guest's word.
 *
 * Return: 0 or a negative errno.
 */
int pygrub_boot(const struct guest_config *config, struct booted *booted,
		struct error *err);

/**
 * pygrub_release() - the guest has its kernel
 * @booted: from pygrub_boot()
 */
void pygrub_release(struct booted *booted);

#endif /* CHAOS_HOST_PYGRUB_H */
