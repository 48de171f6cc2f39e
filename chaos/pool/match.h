/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_POOL_MATCH_H
#define CHAOS_POOL_MATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "config/config.h"

/**
 * struct file_id - what a file is, so that another one isn't taken for it
 * @dev: where it is
 * @ino: likewise
 * @size: in bytes
 * @mtime: when it was written last, in ns
 * @ctime: when anything of it was changed, in ns; nobody can set this
 *
 * All zero if there is no file.
 */
struct file_id {
	uint64_t dev;
	uint64_t ino;
	uint64_t size;
	int64_t mtime;
	int64_t ctime;
};

/**
 * struct flavour - what a shell is made for, or a guest needs
 * @config: all keys; its devices are completed
 * @type: of a shell, what it became; never GUEST_ANY
 * @kernel: the file
 * @ramdisk: the file
 */
struct flavour {
	const struct guest_config *config;
	enum guest_type type;
	struct file_id kernel;
	struct file_id ramdisk;
};

/**
 * flavour_misfit() - see whether a shell can become a guest
 * @shell: the shell
 * @guest: the guest; its @type isn't looked at
 *
 * What can be given to a domain later doesn't matter: its name and UUID, the
 * kernel's command line, its share of the CPUs, what becomes of it when it
 * ends, its disks, and the network devices that the shell hasn't got. All else
 * must be the same.
 *
 * Return: NULL if it can, else the key in which they differ.
 */
const char *flavour_misfit(const struct flavour *shell,
			   const struct flavour *guest);

/**
 * flavour_config_misfit() - the same, for what the files' names don't tell
 * @shell: all keys
 * @guest: all keys
 *
 * Return: as flavour_misfit(), but type, kernel and ramdisk aren't compared.
 */
const char *flavour_config_misfit(const struct guest_config *shell,
				  const struct guest_config *guest);

/**
 * flavour_has_vif() - whether a network device is made ahead
 * @vif: of a pool's configuration, completed
 *
 * One that has an address of its own, or a name in the host, can't be that of
 * several shells.
 *
 * Return: whether it is.
 */
bool flavour_has_vif(const struct vif_config *vif);

/**
 * flavour_has_mtu() - whether a network device that was made ahead has the MTU
 *	that a guest's is to have
 * @guest: all keys; its devices are completed, see net_complete()
 * @id: number of the device
 * @mtu: that it was made with
 *
 * Return: whether it has; not if the guest has no such device.
 */
bool flavour_has_mtu(const struct guest_config *guest, unsigned int id,
		     unsigned int mtu);

#endif /* CHAOS_POOL_MATCH_H */
