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

bool config_parse_vdev(const char *vdev, unsigned int *id)
{
	static const char *const prefixes[] = { "xvd", "hd", "sd", "nxd" };
	unsigned int disk = 0, partition;
	const char *rest = NULL;
	size_t i, len;

	for (i = 0; i < ARRAY_SIZE(prefixes); i++) {
		len = strlen(prefixes[i]);
		if (!strncmp(vdev, prefixes[i], len))
			rest = take_letters(vdev + len, &disk);
	}
	if (!rest)
		return false;
	*id = disk;
	if (!*rest)
		return true;
	if (*rest == '0' || disk >= PARTITION_DISKS ||
	    !number_parse(rest, 1, PARTITIONS - 1, &partition))
		return false;
	*id = DISKS + disk * PARTITIONS + partition;
	return true;
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
