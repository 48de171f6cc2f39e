// SPDX-License-Identifier: GPL-2.0
/*
 * Whether a domain that was made ahead can become the guest that somebody asks
 * for. Only comparisons: nothing here talks to Xen or changes anything. A test
 * sees to it that each key that counts is either compared here, or given to the
 * domain when it is taken.
 */
#include <stddef.h>
#include <string.h>

#include "pool/match.h"

static bool is_same_file(const struct file_id *a, const struct file_id *b)
{
	return a->dev == b->dev && a->ino == b->ino && a->size == b->size &&
	       a->mtime == b->mtime && a->ctime == b->ctime;
}

/*
 * What "any" becomes depends on the kernel and the host, which are the same for
 * both.
 */
static bool is_same_type(const struct flavour *shell, enum guest_type type)
{
	return type == shell->config->type || type == shell->type;
}

/* Where a domain's memory comes from depends on where it may run. */
static bool is_same_cpus(const struct cpu_sets *a, const struct cpu_sets *b)
{
	return a->count == b->count && a->common == b->common &&
	       (!a->count ||
		!memcmp(a->sets, b->sets, a->count * sizeof(*a->sets)));
}

bool flavour_has_vif(const struct vif_config *vif)
{
	return vif->any_mac && !*vif->ifname;
}

/* What is left is what a device is made from, also keys that are new here. */
static void blank_later(struct vif_config *vif)
{
	vif->has_id = true;
	vif->has_mac = true;
	memset(vif->mac, 0, sizeof(vif->mac));
	memset(vif->bridge, 0, sizeof(vif->bridge));
	memset(vif->ifname, 0, sizeof(vif->ifname));
	memset(vif->ip, 0, sizeof(vif->ip));
}

static bool is_same_vif(const struct vif_config *a, const struct vif_config *b)
{
	struct vif_config mine, theirs;

	/* Copies with the octets that no member has. */
	memcpy(&mine, a, sizeof(mine));
	memcpy(&theirs, b, sizeof(theirs));
	blank_later(&mine);
	blank_later(&theirs);
	/* It took its bridge's: which one that was is asked of each shell. */
	if (!theirs.mtu)
		mine.mtu = 0;
	return !memcmp(&mine, &theirs, sizeof(mine));
}

bool flavour_has_mtu(const struct guest_config *guest, unsigned int id,
		     unsigned int mtu)
{
	unsigned int i;

	for (i = 0; i < guest->nr_vifs; i++)
		if (guest->vifs[i].id == id)
			return guest->vifs[i].mtu == mtu;
	return false;
}

static bool has_vif(const struct guest_config *guest,
		    const struct vif_config *wanted)
{
	unsigned int i;

	for (i = 0; i < guest->nr_vifs; i++)
		if (guest->vifs[i].id == wanted->id)
			return is_same_vif(&guest->vifs[i], wanted);
	return false;
}

static bool has_vifs(const struct guest_config *shell,
		     const struct guest_config *guest)
{
	unsigned int i;

	for (i = 0; i < shell->nr_vifs; i++)
		if (flavour_has_vif(&shell->vifs[i]) &&
		    !has_vif(guest, &shell->vifs[i]))
			return false;
	return true;
}

const char *flavour_config_misfit(const struct guest_config *shell,
				  const struct guest_config *guest)
{
	if (shell->memory != guest->memory)
		return "memory";
	if (shell->maxmem != guest->maxmem)
		return "maxmem";
	if (shell->vcpus != guest->vcpus)
		return "vcpus";
	if (!is_same_cpus(&shell->cpus, &guest->cpus))
		return "cpus";
	if (!is_same_cpus(&shell->cpus_soft, &guest->cpus_soft))
		return "cpus_soft";
	if (shell->timer_mode != guest->timer_mode)
		return "timer_mode";
	if (shell->tsc_mode != guest->tsc_mode)
		return "tsc_mode";
	if (shell->max_event_channels != guest->max_event_channels)
		return "max_event_channels";
	if (shell->max_grant_frames != guest->max_grant_frames)
		return "max_grant_frames";
	if (shell->max_grant_version != guest->max_grant_version)
		return "max_grant_version";
	if (shell->max_maptrack_frames != guest->max_maptrack_frames)
		return "max_maptrack_frames";
	if (!has_vifs(shell, guest))
		return "vif";
	return NULL;
}

const char *flavour_misfit(const struct flavour *shell,
			   const struct flavour *guest)
{
	if (!is_same_type(shell, guest->config->type))
		return "type";
	if (!is_same_file(&shell->kernel, &guest->kernel))
		return "kernel";
	if (!is_same_file(&shell->ramdisk, &guest->ramdisk))
		return "ramdisk";
	return flavour_config_misfit(shell->config, guest->config);
}
