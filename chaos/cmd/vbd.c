// SPDX-License-Identifier: GPL-2.0
/*
 * chaos vbd: block devices of a running guest.
 */
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "cmd/device.h"
#include "cmd/output.h"
#include "host/blockdev.h"
#include "host/vbd.h"
#include "util/json.h"

static int parse_vbd(const char *spec, struct device_args *args,
		     struct error *err)
{
	return config_parse_disk(spec, &args->disk, err);
}

static bool parse_id(const char *text, unsigned int *id)
{
	return device_parse_id(text, id) || config_parse_vdev(text, id);
}

static int add_vbd(struct device_access *access, struct device_args *args,
		   struct error *err)
{
	const struct disk_config *disk = &args->disk;
	int ret;

	ret = disk_attach(&access->noxs, access->guest.domid, disk, err);
	if (ret)
		return ret;
	args->id = disk->id;
	if (access->guest.recorded)
		record_add_disk(&access->guest.record, disk);
	return 0;
}

/**
 * struct row - a block device to show
 * @dev: as the kernel has it
 * @vdev: what the user calls it, or ""
 * @path: of the host's block device or file, or ""
 * @device: numbers of the host's block device
 * @host: its name
 */
struct row {
	const struct noxs_dev *dev;
	const char *vdev;
	const char *path;
	char device[32];
	char host[NAME_MAX + 1];
};

static void print_row(const struct row *row)
{
	const struct noxs_dev *dev = row->dev;

	printf("%5u  %-8s %-4s %-10s %-12s %-12s %5u  %s\n", dev->id,
	       *row->vdev ? row->vdev : "-", dev->vbd.readonly ? "r" : "w",
	       row->host, dev->backend, dev->frontend, dev->epoch,
	       *row->path ? row->path : "-");
}

static void add_row(struct json_object *list, const struct row *row)
{
	struct json_object *entry = json_object_new_object();
	const struct noxs_dev *dev = row->dev;

	doc_number(entry, "id", dev->id);
	doc_text(entry, "vdev", *row->vdev ? row->vdev : NULL);
	doc_text(entry, "path", *row->path ? row->path : NULL);
	doc_text(entry, "device", row->device);
	doc_text(entry, "host", row->host);
	doc_bool(entry, "readonly", dev->vbd.readonly);
	doc_bool(entry, "cdrom", dev->vbd.cdrom);
	device_add_state(entry, dev);
	json_object_array_add(list, entry);
}

static void show(const struct noxs_dev *dev, const struct guest *guest,
		 struct json_object *list)
{
	struct row row = { .dev = dev, .vdev = "", .path = "" };

	if (guest->recorded) {
		row.vdev = record_device(&guest->record, NOXS_TYPE_VBD,
					 dev->id, "vdev");
		row.path = record_device(&guest->record, NOXS_TYPE_VBD,
					 dev->id, "path");
	}
	snprintf(row.device, sizeof(row.device), "%u:%u", major(dev->vbd.dev),
		 minor(dev->vbd.dev));
	if (blockdev_name(dev->vbd.dev, row.host))
		strcpy(row.host, row.device);
	if (list)
		add_row(list, &row);
	else
		print_row(&row);
}

static int list_vbds(struct device_access *access, struct device_args *args,
		     struct error *err)
{
	struct json_object *list = NULL;
	struct noxs_dev *devs;
	int count, i;

	count = noxs_dev_list(&access->noxs, access->guest.domid,
			      NOXS_TYPE_VBD, &devs, err);
	if (count < 0)
		return count;
	if (args->json)
		list = json_object_new_array();
	else
		printf("%5s  %-8s %-4s %-10s %-12s %-12s %5s  %s\n", "id",
		       "vdev", "mode", "device", "backend", "frontend",
		       "epoch", "path");
	for (i = 0; i < count; i++)
		show(&devs[i], &access->guest, list);
	if (list)
		print_json(list);
	free(devs);
	return 0;
}

static int resize_vbd(struct device_access *access, struct device_args *args,
		      struct error *err)
{
	return disk_resize(&access->noxs, access->guest.domid, args->id,
			   &args->size, err);
}

static const struct device_kind vbds = {
	.command = &vbd_command,
	.type = NOXS_TYPE_VBD,
	.parse = parse_vbd,
	.parse_id = parse_id,
	.add = add_vbd,
	.list = list_vbds,
	.resize = resize_vbd,
};

static int vbd_main(int argc, char **argv, struct options *options)
{
	return device_main(&vbds, argc, argv, options);
}

const struct command vbd_command = {
	.name = "vbd",
	.help = "add, remove, list or resize a guest's block devices",
	.usage = "vbd add|del|list|resize [-Fjv] [-w SECONDS] GUEST [ARGUMENT...]",
	.details =
	"Changes or shows the block devices of GUEST, a name or a domid.\n\n"
	"  vbd add [-w SECONDS] GUEST DISK\n"
	"  vbd del [-F] GUEST ID|VDEV\n"
	"  vbd list GUEST\n"
	"  vbd resize GUEST ID|VDEV\n\n"
	"  add         adds one, and prints its number. DISK is in the syntax of xl.cfg,\n"
	"              such as phy:/dev/vg/data,xvdb,w. xvda, sda, hda and nxda are all\n"
	"              number 0, which the guest calls nxda; xvdb is 1, nxdb, and so on.\n"
	"  -w SECONDS  wait until it is connected; if that takes longer, it is removed\n"
	"              again, and that is a failure\n"
	"  del         removes one\n"
	"  -F          don't ask the guest, which else has five seconds to let go\n"
	"  list        lists them\n"
	"  resize      shows the guest that the block device or file has another size\n"
	"              now, and prints it, in bytes\n",
	.main = vbd_main,
};
