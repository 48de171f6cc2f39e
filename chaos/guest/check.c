// SPDX-License-Identifier: GPL-2.0
/*
 * Whether a guest could be made: what can be known without making anything.
 */
#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "guest/check.h"
#include "guest/names.h"
#include "guest/record.h"
#include "host/pygrub.h"
#include "host/vbd.h"
#include "host/vif.h"
#include "pool/take.h"
#include "util/json.h"
#include "xen/host.h"
#include "xen/image.h"
#include "xen/sched.h"

static int check_file(const char *key, const char *path, struct error *err)
{
	struct stat info;

	if (!path)
		return 0;
	if (stat(path, &info) || access(path, R_OK))
		return error_sys(err, -errno, "%s: %s", key, path);
	if (!S_ISREG(info.st_mode))
		return error_set(err, -EINVAL, "%s: %s: is not a file", key,
				 path);
	return 0;
}

static int check_host(struct guest_config *config, struct error *err)
{
	int ret;

	ret = check_file("kernel", config->kernel, err);
	if (!ret)
		ret = check_file("ramdisk", config->ramdisk, err);
	if (!ret)
		ret = net_complete(config->vifs, config->nr_vifs, err);
	return ret ? ret : disk_check(config->disks, config->nr_disks, err);
}

int guest_check_with(struct xen *xen, struct guest_config *config,
		     struct error *err)
{
	int ret = check_host(config, err);

	return ret ? ret : sched_check(xen, config, err);
}

int guest_check(struct guest_config *config, struct error *err)
{
	struct xen xen;
	int ret;

	ret = check_host(config, err);
	if (!ret)
		ret = xen_open(&xen, false, err);
	if (ret)
		return ret;
	ret = sched_check(&xen, config, err);
	xen_close(&xen);
	return ret;
}

bool guest_number_name(const char *name, unsigned int number, char *numbered)
{
	char text[CONFIG_NAME_MAX + 16];
	int len = snprintf(text, sizeof(text), "%s-%u", name, number);

	if (len > CONFIG_NAME_MAX)
		return false;
	memcpy(numbered, text, len + 1);
	return true;
}

static int check_unique(const struct guest_config *config, struct error *err)
{
	unsigned int i;

	if (config->has_uuid)
		return error_set(err, -EINVAL,
				 "uuid: can't be that of several guests");
	for (i = 0; i < config->nr_vifs; i++)
		if (!config->vifs[i].any_mac || *config->vifs[i].ifname ||
		    *config->vifs[i].ip)
			return error_set(err, -EINVAL,
					 "vif: mac, vifname or ip can't be that of several guests");
	for (i = 0; i < config->nr_disks; i++)
		if (!config->disks[i].readonly)
			return error_set(err, -EINVAL,
					 "disk: several guests can't write %s",
					 config->disks[i].path);
	return 0;
}

int guest_check_many(const struct guest_config *config, unsigned int count,
		     struct error *err)
{
	char name[CONFIG_NAME_MAX + 1];

	if (!guest_number_name(config->name, count, name))
		return error_set(err, -EINVAL,
				 "name: with a number it is longer than %d characters",
				 CONFIG_NAME_MAX);
	return check_unique(config, err);
}

static int check_names(struct xen *xen, const struct guest_config *config,
		       unsigned int count, struct error *err)
{
	char name[CONFIG_NAME_MAX + 1];
	unsigned int i;
	int ret;

	if (!count)
		return guest_check_name(xen, config->name, err);
	for (i = 1; i <= count; i++) {
		guest_number_name(config->name, i, name);
		ret = guest_check_name(xen, name, err);
		if (ret)
			return ret;
	}
	return 0;
}

static int check_memory(struct xen *xen, const struct guest_config *config,
			unsigned int count, struct error *err)
{
	uint64_t wanted = config->memory, left, pages;
	int ret;

	if (count)
		wanted *= count;
	ret = host_free_pages(xen, &pages, err);
	if (ret)
		return ret;
	left = pages / PAGES_PER_MB;
	/* What pools hold is given up, if need be. */
	left += shells_memory();
	if (wanted <= left)
		return 0;
	return host_lacks_memory(xen, wanted, left, err);
}

static int check_kernel(struct xen *xen, const struct guest_config *config,
			const char **type, struct error *err)
{
	struct image image = { 0 };
	struct booted booted;
	int ret;

	ret = pygrub_boot(config, &booted, err);
	if (ret)
		return ret;
	ret = image_load(xen, &booted.config, &image, err);
	if (!ret)
		*type = config_type_name(image.type);
	image_free(&image);
	pygrub_release(&booted);
	return ret;
}

/* What can be known in advance of its record. */
static int describe(const struct guest_config *config, const char *type,
		    struct json_object **doc, struct error *err)
{
	const struct owner nobody = { 0 };
	struct json_object *source;
	struct record record;
	unsigned int i;
	int ret;

	ret = record_make(&record, config, &nobody, err);
	if (ret)
		return ret;
	for (i = 0; i < config->nr_vifs; i++)
		record_add_vif(&record, &config->vifs[i]);
	for (i = 0; i < config->nr_disks; i++)
		record_add_disk(&record, &config->disks[i]);
	record_set_type(&record, type);
	*doc = record.doc;
	/* Who asks has it. */
	if (json_object_object_get_ex(*doc, "config", &source))
		json_object_object_del(source, "text");
	json_object_object_del(*doc, "domid");
	json_object_object_del(*doc, "handle");
	json_object_object_del(*doc, "created");
	return 0;
}

int guest_try(struct xen *xen, const struct guest_config *config,
	      unsigned int count, struct json_object **doc, struct error *err)
{
	const char *type;
	int ret;

	ret = check_names(xen, config, count, err);
	if (!ret)
		ret = check_memory(xen, config, count, err);
	if (!ret)
		ret = check_kernel(xen, config, &type, err);
	return ret ? ret : describe(config, type, doc, err);
}

/* chaosd looks for files from another directory. */
static int check_path(const char *key, const char *path, struct error *err)
{
	if (!path || *path == '/')
		return 0;
	return error_set(err, -EINVAL, "%s: %s: must begin with a slash", key,
			 path);
}

/* All that the file describes, but for its disks: those come later. */
int guest_check_shell(struct guest_config *config, bool verbose,
		      struct error *err)
{
	struct guest_config without = *config;
	struct image image = { 0 };
	struct xen xen;
	int ret;

	without.nr_disks = 0;
	if (config->bootloader)
		return error_set(err, -EINVAL,
				 "bootloader: a shell has no disk to take a kernel from; give kernel");
	ret = check_path("kernel", config->kernel, err);
	if (!ret)
		ret = check_path("ramdisk", config->ramdisk, err);
	if (!ret)
		ret = guest_check(&without, err);
	if (ret)
		return ret;
	ret = xen_open(&xen, verbose, err);
	if (ret)
		return ret;
	ret = image_load(&xen, config, &image, err);
	image_free(&image);
	xen_close(&xen);
	return ret;
}
