// SPDX-License-Identifier: GPL-2.0
/*
 * The devices of a guest that is there: they come, go and are listed.
 */
#include <errno.h>
#include <limits.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "guest/device.h"
#include "guest/grants.h"
#include "host/blockdev.h"
#include "host/vbd.h"
#include "host/vif.h"
#include "util/json.h"
#include "util/util.h"

#define NAMED_MAX	3	/* devices, in one line */

/* Why it isn't connected, as far as its ends tell. */
static void explain(const struct noxs_dev *dev, struct error *why)
{
	const char *text;

	if (dev->frontend_error) {
		error_sys(why, -(int)dev->frontend_error,
			  "the guest's driver closed it");
		return;
	}
	if (dev->backend == NOXS_STATE_CLOSED)
		text = "the host has no driver for it";
	else if (dev->frontend == NOXS_STATE_UNKNOWN)
		text = "the guest has no driver for it, or not yet";
	else if (dev->frontend == NOXS_STATE_INITIALISING)
		text = "the guest's driver can't connect, or not yet";
	else if (dev->frontend == NOXS_STATE_CONNECTED)
		text = "the host's driver can't connect, or not yet";
	else
		text = "the guest's driver let go of it";
	error_set(why, 0, "%s", text);
}

/* One more in the line that says which of them aren't connected. */
static void add_unconnected(const struct noxs_dev *dev, struct error *err)
{
	size_t len = strlen(err->text);
	struct error why;

	explain(dev, &why);
	snprintf(err->text + len, sizeof(err->text) - len,
		 "%s%s %u: not connected in time: backend %s, frontend %s (%s)",
		 len ? "; " : "", noxs_type_name(dev->type), dev->id,
		 noxs_state_name(dev->backend), noxs_state_name(dev->frontend),
		 why.text);
}

static void add_rest(unsigned int nr, struct error *err)
{
	size_t len = strlen(err->text);

	snprintf(err->text + len, sizeof(err->text) - len, "; and %u more", nr);
}

/*
 * Return: 1 if all that matter are connected, 0 if not yet, or a negative
 * errno if they never will be. In both latter cases @err says which.
 */
static int look(struct noxs *noxs, uint32_t domid, uint16_t type,
		unsigned int id, struct error *err)
{
	struct noxs_dev *devs, *dev;
	unsigned int lacking = 0;
	bool found = !type;
	int count, ret = 0;

	count = noxs_dev_list(noxs, domid, type, &devs, err);
	if (count < 0)
		return count;
	*err->text = '\0';
	for (dev = devs; dev < devs + count && !ret; dev++) {
		if (type && dev->id != id)
			continue;
		found = true;
		if (dev->connected)
			continue;
		if (dev->error)
			ret = error_set(err, -EIO,
					"%s %u: closed by its backend: %s",
					noxs_type_name(dev->type), dev->id,
					strerror(dev->error));
		else if (lacking++ < NAMED_MAX)
			add_unconnected(dev, err);
	}
	free(devs);
	if (!found)
		return error_set(err, -ENODEV, "%s %u: has gone",
				 noxs_type_name(type), id);
	if (!ret && lacking > NAMED_MAX)
		add_rest(lacking - NAMED_MAX, err);
	return ret ? ret : !lacking;
}

int device_look(struct noxs *noxs, struct xen *xen, uint32_t domid,
		uint16_t type, unsigned int id, struct error *err)
{
	struct domain_info info;
	int ret;

	ret = look(noxs, domid, type, id, err);
	/*
	 * A domain that others destroy lacks nothing, either; noxs forgets it
	 * first.
	 */
	if (ret == -ESRCH || xen_info(xen, domid, &info) || info.dying)
		return error_set(err, -ESRCH, "its domain is gone");
	if (!ret && xen_has_stopped(&info))
		return error_set(err, -ESRCH, "the guest has stopped");
	return ret;
}

/* Xen doesn't tell. Records of older versions have no such number. */
static unsigned int channels_of(const struct guest *guest)
{
	return guest->recorded ?
		record_number(&guest->record, "max_event_channels") : 0;
}

static int save(struct guest *guest, struct error *err)
{
	return guest->recorded ? record_save(&guest->record, err) : 0;
}

static void forget(struct guest *guest, uint16_t type, unsigned int id)
{
	if (guest->recorded)
		record_del_device(&guest->record, type, id);
}

/* It is made: see whether it fits, and write it down. */
static int finish_add(struct device_access *access, uint16_t type,
		      unsigned int id, struct error *err)
{
	struct guest *guest = &access->guest;
	struct error ignored;
	int ret;

	ret = grants_check(access->noxs, access->xen, guest->domid,
			   channels_of(guest), err);
	if (!ret)
		ret = save(guest, err);
	if (!ret)
		return 0;
	noxs_dev_del(access->noxs, guest->domid, type, id, true, &ignored);
	forget(guest, type, id);
	save(guest, &ignored);
	return ret;
}

/* The lowest number that the kernel doesn't have. */
static int choose_id(struct device_access *access, struct vif_config *vif,
		     struct error *err)
{
	struct noxs_dev *devs;
	int count, i;

	if (vif->has_id)
		return 0;
	count = noxs_dev_list(access->noxs, access->guest.domid,
			      NOXS_TYPE_VIF, &devs, err);
	if (count < 0)
		return count;
	for (i = 0; i < count && devs[i].id == vif->id; i++)
		vif->id++;
	vif->has_id = true;
	free(devs);
	return 0;
}

int device_add_vif(struct device_access *access, struct vif_config *vif,
		   struct error *err)
{
	struct guest *guest = &access->guest;
	int ret;

	ret = choose_id(access, vif, err);
	if (!ret)
		ret = config_complete_vifs(vif, 1, err);
	if (!ret)
		ret = net_complete(vif, 1, err);
	if (!ret)
		ret = net_attach(access->noxs, guest->domid, vif, err);
	if (ret)
		return ret;
	if (guest->recorded)
		record_add_vif(&guest->record, vif);
	return finish_add(access, NOXS_TYPE_VIF, vif->id, err);
}

int device_add_vbd(struct device_access *access,
		   const struct disk_config *disk, struct error *err)
{
	struct guest *guest = &access->guest;
	int ret;

	ret = disk_attach(access->noxs, guest->domid, disk, err);
	if (ret)
		return ret;
	if (guest->recorded)
		record_add_disk(&guest->record, disk);
	return finish_add(access, NOXS_TYPE_VBD, disk->id, err);
}

int device_del(struct device_access *access, uint16_t type, unsigned int id,
	       bool force, struct error *err)
{
	int ret;

	ret = noxs_dev_del(access->noxs, access->guest.domid, type, id, force,
			   err);
	if (ret)
		return ret;
	forget(&access->guest, type, id);
	return save(&access->guest, err);
}

int device_resize(struct device_access *access, unsigned int id,
		  uint64_t *size, struct error *err)
{
	return disk_resize(access->noxs, access->guest.domid, id, size, err);
}

static void describe_vif(struct json_object *entry, const struct noxs_dev *dev)
{
	char bridge[IFNAMSIZ], netdev[IFNAMSIZ];
	char mac[MAC_TEXT], rate[CONFIG_RATE_TEXT] = "";

	config_format_mac(dev->vif.mac, mac);
	net_look(dev->domid, dev->id, netdev, bridge);
	if (dev->vif.rate_bytes)
		config_format_rate(dev->vif.rate_bytes, dev->vif.rate_us,
				   rate);
	doc_text(entry, "mac", mac);
	doc_number(entry, "mtu", dev->vif.mtu);
	doc_text(entry, "bridge", *bridge ? bridge : NULL);
	doc_text(entry, "netdev", netdev);
	doc_text(entry, "rate", *rate ? rate : NULL);
}

static void describe_remembered(struct json_object *entry,
				const struct guest *guest, unsigned int id,
				const char *key)
{
	const char *text = "";

	if (guest->recorded)
		text = record_device(&guest->record, NOXS_TYPE_VBD, id, key);
	doc_text(entry, key, *text ? text : NULL);
}

static void describe_vbd(struct json_object *entry, const struct noxs_dev *dev,
			 const struct guest *guest)
{
	char device[32], host[NAME_MAX + 1];

	snprintf(device, sizeof(device), "%u:%u", major(dev->vbd.dev),
		 minor(dev->vbd.dev));
	if (blockdev_name(dev->vbd.dev, host))
		strcpy(host, device);
	describe_remembered(entry, guest, dev->id, "vdev");
	describe_remembered(entry, guest, dev->id, "path");
	doc_text(entry, "device", device);
	doc_text(entry, "host", host);
	doc_bool(entry, "readonly", dev->vbd.readonly);
	doc_bool(entry, "cdrom", dev->vbd.cdrom);
	doc_number(entry, "iops", dev->vbd.iops);
	doc_number(entry, "bps", dev->vbd.bps);
}

static struct json_object *describe(const struct noxs_dev *dev,
				    const struct guest *guest)
{
	struct json_object *entry = json_object_new_object();

	doc_number(entry, "id", dev->id);
	if (dev->type == NOXS_TYPE_VIF)
		describe_vif(entry, dev);
	else
		describe_vbd(entry, dev, guest);
	doc_text(entry, "backend_state", noxs_state_name(dev->backend));
	doc_text(entry, "frontend_state", noxs_state_name(dev->frontend));
	doc_number(entry, "epoch", dev->epoch);
	doc_number(entry, "error", dev->error);
	doc_number(entry, "frontend_error", dev->frontend_error);
	return entry;
}

int device_list(struct device_access *access, uint16_t type,
		struct json_object **list, struct error *err)
{
	struct noxs_dev *devs;
	int count, i;

	count = noxs_dev_list(access->noxs, access->guest.domid, type, &devs,
			      err);
	if (count < 0)
		return count;
	*list = json_object_new_array();
	for (i = 0; i < count; i++)
		json_object_array_add(*list, describe(&devs[i],
						      &access->guest));
	free(devs);
	return 0;
}
