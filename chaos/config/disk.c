// SPDX-License-Identifier: GPL-2.0
/*
 * The description of a block device, an entry of the list disk in a
 * configuration file, or the argument of "chaos vbd add". libxlutil reads it;
 * here is what chaos makes of the result, and what it refuses.
 */
#include <ctype.h>
#include <errno.h>
#include <libxlutil.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "util/error.h"
#include "util/number.h"
#include "util/util.h"

/* NOXS_VBD_MAX_IOPS and NOXS_VBD_MIN_BPS of the kernel's interface. */
#define IOPS_MAX	10000000
#define BPS_MIN		65536

static const char *set_iops(const char *value, struct disk_config *disk)
{
	unsigned int iops;

	if (!number_parse(value, 1, IOPS_MAX, &iops))
		return "must be 1 to 10000000";
	disk->iops = iops;
	return NULL;
}

static const char *set_bps(const char *value, struct disk_config *disk)
{
	static const char wrong[] = "must be octets a second, like 65536 or 10M";
	static const char units[] = "KMG";
	const char *unit = units;
	uint64_t bps;

	if (!number_take(&value, UINT32_MAX, &bps))
		return wrong;
	if (*value) {
		unit = strchr(units, *value++);
		if (!unit || *value)
			return wrong;
		for (bps *= 1000; unit > units; unit--)
			bps *= 1000;
	}
	disk->bps = bps;
	return bps < BPS_MIN ? "must be 65536 at least" : NULL;
}

static const struct {
	const char *name;
	const char *(*set)(const char *value, struct disk_config *disk);
} own_words[] = {
	{ "iops", set_iops },
	{ "bps", set_bps },
};

/* Return: 1 if the word isn't ours, 0, or -EINVAL. */
static int take_word(const char *word, bool *seen, struct disk_config *disk,
		     struct error *err)
{
	const char *why;
	size_t i, len;

	for (i = 0; i < ARRAY_SIZE(own_words); i++) {
		len = strlen(own_words[i].name);
		if (strncmp(word, own_words[i].name, len) || word[len] != '=')
			continue;
		why = seen[i] ? "is given twice" :
		      own_words[i].set(word + len + 1, disk);
		seen[i] = true;
		return why ? error_set(err, -EINVAL, "%s: %s",
				       own_words[i].name, why) : 0;
	}
	return 1;
}

/*
 * What libxlutil doesn't know is taken out of the words. One of them may be the target,
 * and that is the rest, whatever it looks like.
 */
static int take_own_words(char *spec, struct disk_config *disk,
			  struct error *err)
{
	bool seen[ARRAY_SIZE(own_words)] = { false };
	char *from = spec, *to = spec, *word;
	size_t size;
	int ret;

	while (from) {
		word = from + strspn(from, " \t");
		if (!strncmp(word, "target=", strlen("target="))) {
			memmove(to, from, strlen(from) + 1);
			return 0;
		}
		word = strsep(&from, ",");
		ret = take_word(word + strspn(word, " \t"), seen, disk, err);
		if (ret < 0)
			return ret;
		if (!ret)
			continue;
		size = strlen(word);
		memmove(to, word, size);
		to += size;
		*to++ = ',';
	}
	to[to > spec ? -1 : 0] = '\0';
	return 0;
}

static int take_vdev(const char *vdev, struct disk_config *disk,
		     struct error *err)
{
	if (!config_parse_vdev(vdev, &disk->id))
		return error_set(err, -EINVAL,
				 "vdev: %s: must be the name of a disk, such as xvda or xvda1, or its number, such as 51712",
				 vdev);
	strcpy(disk->vdev, vdev);
	return 0;
}

/* Whether a shell takes it as it is. */
static bool is_plain(const char *path)
{
	for (; *path; path++)
		if (!isalnum((unsigned char)*path) && !strchr("/._-+:", *path))
			return false;
	return true;
}

/* What qemu-img calls the format, as there is one command that helps. */
static int refuse_format(const libxl_device_disk *from, struct error *err)
{
	const char *path = from->pdev_path, *format = "qcow2", *quote;

	switch (from->format) {
	case LIBXL_DISK_FORMAT_RAW:
	case LIBXL_DISK_FORMAT_EMPTY:
		return 0;
	case LIBXL_DISK_FORMAT_QCOW:
		format = "qcow";
		break;
	case LIBXL_DISK_FORMAT_VHD:
		format = "vpc";
		break;
	case LIBXL_DISK_FORMAT_QED:
		format = "qed";
		break;
	default:
		break;
	}
	if (strchr(path, '\''))
		path = "FILE";
	quote = is_plain(path) ? "" : "'";
	return error_set(err, -EINVAL,
			 "format: only raw is supported; to convert it: qemu-img convert -f %s -O raw %s%s%s %s%s.raw%s",
			 format, quote, path, quote, quote, path, quote);
}

static int take_target(const libxl_device_disk *from, struct disk_config *disk,
		       struct error *err)
{
	const char *path = from->pdev_path;
	/* As with xl. */
	const char *before = path && *path == '/' ? "" : "/dev/";
	int ret;

	if (!path || !*path || from->format == LIBXL_DISK_FORMAT_EMPTY)
		return error_set(err, -EINVAL,
				 "target: is missing; drives without a medium are not supported");
	ret = refuse_format(from, err);
	if (ret)
		return ret;
	if (strlen(before) + strlen(path) >= sizeof(disk->path))
		return error_set(err, -EINVAL, "target: path is too long");
	strcpy(stpcpy(disk->path, before), path);
	return 0;
}

/* What would make another disk than the one asked for. */
static const char *refuse(const libxl_device_disk *from)
{
	if (from->backend != LIBXL_DISK_BACKEND_UNKNOWN &&
	    from->backend != LIBXL_DISK_BACKEND_PHY)
		return "backendtype: only phy is supported";
	if (from->script)
		return "script: not supported; no scripts are run";
	if (from->backend_domname && strcmp(from->backend_domname, "0") &&
	    strcmp(from->backend_domname, "Domain-0"))
		return "backend: not supported; backends are in this host";
	if (from->specification == LIBXL_DISK_SPECIFICATION_VIRTIO)
		return "specification: only xen is supported";
	if (!libxl_defbool_is_default(from->colo_enable) || from->colo_host ||
	    from->colo_port || from->colo_export || from->active_disk ||
	    from->hidden_disk)
		return "colo: not supported";
	return NULL;
}

static int take(const libxl_device_disk *from, struct disk_config *disk,
		struct error *err)
{
	const char *why = refuse(from);
	int ret;

	if (why)
		return error_set(err, -EINVAL, "%s", why);
	ret = take_target(from, disk, err);
	if (!ret)
		ret = take_vdev(from->vdev, disk, err);
	disk->readonly = !from->readwrite;
	disk->cdrom = from->is_cdrom;
	disk->direct_io_safe = from->direct_io_safe;
	disk->no_discard = !libxl_defbool_is_default(from->discard_enable) &&
			   !libxl_defbool_val(from->discard_enable);
	/* libxlutil knows the words since 4.20. */
	disk->untrusted = !libxl_defbool_is_default(from->trusted) &&
			  !libxl_defbool_val(from->trusted);
	return ret;
}

/* libxlutil's own message: what follows the place, of the first one. */
static int take_report(const char *report, struct error *err)
{
	static const char before[] = "specification: ";
	const char *why = strstr(report, before);

	why = why ? why + strlen(before) : report;
	return error_set(err, -EINVAL, "%.*s", (int)strcspn(why, "\n"), why);
}

static int parse(XLU_Config *xlu, const char *spec, struct disk_config *disk,
		 struct error *err)
{
	libxl_device_disk parsed;
	int ret;

	libxl_device_disk_init(&parsed);
	ret = xlu_disk_parse(xlu, 1, &spec, &parsed);
	if (ret == ENOMEM)
		ret = error_no_memory(err);
	else if (ret)
		ret = -EINVAL;
	else
		ret = take(&parsed, disk, err);
	libxl_device_disk_dispose(&parsed);
	return ret;
}

static bool has_control_character(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return true;
	return false;
}

static int parse_words(const char *spec, struct disk_config *disk,
		       struct error *err)
{
	char *report = NULL;
	size_t size = 0;
	FILE *stream;
	XLU_Config *xlu;
	int ret;

	stream = open_memstream(&report, &size);
	if (!stream)
		return error_no_memory(err);
	xlu = xlu_cfg_init(stream, "disk");
	ret = xlu ? parse(xlu, spec, disk, err) : error_no_memory(err);
	if (xlu)
		xlu_cfg_destroy(xlu);
	fclose(stream);
	if (ret == -EINVAL && !err->text[0])
		ret = take_report(report ? report : "", err);
	free(report);
	return ret;
}

int config_parse_disk(const char *spec, struct disk_config *disk,
		      struct error *err)
{
	char *words;
	int ret;

	memset(disk, 0, sizeof(*disk));
	err->text[0] = '\0';
	/* libxlutil ends the process for some of them. */
	if (has_control_character(spec))
		return error_set(err, -EINVAL, "has a control character");
	words = strdup(spec);
	if (!words)
		return error_no_memory(err);
	ret = take_own_words(words, disk, err);
	if (!ret)
		ret = parse_words(words, disk, err);
	free(words);
	return ret;
}
