// SPDX-License-Identifier: GPL-2.0
/*
 * A guest as asked for: the words and names that it is described with, without the
 * file in which they stood.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "util/number.h"
#include "util/util.h"

const char *config_name_check(const char *name)
{
	size_t len = strlen(name);
	const char *c;

	if (!len)
		return "must not be empty";
	if (len > CONFIG_NAME_MAX)
		return "is longer than 63 characters";
	for (c = name; *c; c++)
		if (!isascii(*c) || !(isalnum(*c) || strchr("._+-", *c)))
			break;
	if (*c)
		return "may have letters, digits and . _ + - only";
	if (!isalnum((unsigned char)*name))
		return "must begin with a letter or a digit";
	if (strspn(name, "0123456789") == len)
		return "must not be a number, which means a domid";
	if (!strcmp(name, "Domain-0"))
		return "is the name of the host";
	return NULL;
}

const char *config_type_name(enum guest_type type)
{
	static const char *const names[] = {
		[GUEST_ANY] = NULL, [GUEST_PV] = "pv", [GUEST_PVH] = "pvh",
	};

	return names[type];
}

static const char *const action_names[] = {
	[CONFIG_DESTROY] = "destroy",
	[CONFIG_RESTART] = "restart",
	[CONFIG_PRESERVE] = "preserve",
};

const char *config_action_name(enum config_action action)
{
	return action_names[action];
}

bool config_action_parse(const char *word, enum config_action *action)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(action_names); i++) {
		if (strcmp(action_names[i], word))
			continue;
		*action = i;
		return true;
	}
	return false;
}

/*
 * Numbers of block devices, see xen/interface/io/noxs.h: disks, and then those
 * that are partitions of a disk of which there is nothing else.
 */
#define DISKS		32768U
#define PARTITIONS	64U
#define PARTITION_DISKS	(DISKS / PARTITIONS)

/* a to z, aa to zz, and so on: digits from 1 to 26. Return: what follows, or NULL. */
static const char *take_letters(const char *text, unsigned int *disk)
{
	unsigned int number = 0;

	for (; *text >= 'a' && *text <= 'z'; text++) {
		number = number * 26 + *text - 'a' + 1;
		if (number > DISKS)
			return NULL;
	}
	*disk = number - 1;
	return number ? text : NULL;
}

static bool to_id(unsigned int disk, unsigned int partition, unsigned int *id)
{
	if (!partition && disk < DISKS)
		*id = disk;
	else if (disk < PARTITION_DISKS && partition < PARTITIONS)
		*id = DISKS + disk * PARTITIONS + partition;
	else
		return false;
	return true;
}

/* xvda, and, with a partition, xvda1 */
static bool parse_name(const char *vdev, unsigned int *id)
{
	static const char *const prefixes[] = { "xvd", "hd", "sd", "nxd" };
	unsigned int disk = 0, partition = 0;
	const char *rest = NULL;
	size_t i, len;

	for (i = 0; i < ARRAY_SIZE(prefixes); i++) {
		len = strlen(prefixes[i]);
		if (!strncmp(vdev, prefixes[i], len))
			rest = take_letters(vdev + len, &disk);
	}
	if (!rest || *rest == '0' ||
	    (*rest && !number_parse(rest, 1, PARTITIONS - 1, &partition)))
		return false;
	return to_id(disk, partition, id);
}

/* d0 and d0p1, which are xvda and xvda1 */
static bool parse_place(const char *vdev, unsigned int *id)
{
	uint64_t disk, partition = 0;

	if (*vdev++ != 'd' || !number_take(&vdev, DISKS - 1, &disk))
		return false;
	if (*vdev == 'p') {
		vdev++;
		if (!number_take(&vdev, PARTITIONS - 1, &partition))
			return false;
	}
	return !*vdev && to_id(disk, partition, id);
}

/*
 * What Linux or Xen once had as the device's number, see xen-vbd-interface(7):
 * major and minor number of a disk of that name, or, above these, Xen's own.
 */
static bool parse_number(const char *vdev, unsigned int *id)
{
	unsigned long number;
	char *end;

	if (!isdigit((unsigned char)*vdev))
		return false;
	number = strtoul(vdev, &end, 0);
	if (*end)
		return false;
	if (number >> 28 == 1)
		return to_id(number >> 8 & 0xfffff, number & 0xff, id);
	switch (number >> 8) {
	case 202:	/* xvda to xvdp */
	case 8:		/* sda to sdp */
		return to_id(number >> 4 & 0xf, number & 0xf, id);
	case 3:		/* hda and hdb */
		return number >> 6 < (3 << 2 | 2) &&
		       to_id(number >> 6 & 1, number & 0x3f, id);
	case 22:	/* hdc and hdd */
		return number >> 6 < (22 << 2 | 2) &&
		       to_id(2 + (number >> 6 & 1), number & 0x3f, id);
	default:
		return false;
	}
}

bool config_parse_vdev(const char *vdev, unsigned int *id)
{
	return strlen(vdev) <= CONFIG_VDEV_MAX &&
	       (parse_name(vdev, id) || parse_place(vdev, id) ||
		parse_number(vdev, id));
}

bool config_disks_clash(unsigned int a, unsigned int b)
{
	if (a < DISKS && b >= DISKS)
		return a == (b - DISKS) / PARTITIONS;
	if (a >= DISKS && b < DISKS)
		return b == (a - DISKS) / PARTITIONS;
	return a == b;
}

void config_free(struct guest_config *config)
{
	char **arg = config->bootloader_args;
	unsigned int i;

	for (i = 0; i < config->nr_warnings; i++)
		free(config->warnings[i]);
	while (arg && *arg)
		free(*arg++);
	free(config->bootloader_args);
	free(config->kernel);
	free(config->ramdisk);
	free(config->cmdline);
	free(config->cpus.sets);
	free(config->cpus_soft.sets);
	free(config->vifs);
	free(config->disks);
	free(config->text);
	free(config->file);
	memset(config, 0, sizeof(*config));
}
