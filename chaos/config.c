// SPDX-License-Identifier: GPL-2.0
/*
 * Configuration files: the syntax of xl.cfg, which libxlutil parses, and a
 * table that says for each key whether it counts, makes no difference, or
 * would make a guest other than the one asked for. Nothing here talks to Xen
 * or changes anything outside of its arguments.
 *
 * libxlutil can't list the keys of a file. As in its grammar every word
 * outside of quotes and comments is a key, finding them is a short loop.
 */
#include <ctype.h>
#include <errno.h>
#include <libxlutil.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "error.h"
#include "util.h"

#define DEFAULT_EVENT_CHANNELS	1023
#define DEFAULT_GRANT_FRAMES	64
#define DEFAULT_MAPTRACK_FRAMES	16

struct parser;

/**
 * struct key - a key that counts
 * @name: as it is in the file
 * @set: takes its value
 */
struct key {
	const char *name;
	int (*set)(struct parser *p);
};

/**
 * struct refused_key - a key that would make another guest than asked for
 * @name: as it is in the file
 * @why: the reason
 */
struct refused_key {
	const char *name;
	const char *why;
};

/**
 * struct parser - a file at work
 * @name: of the file
 * @xlu: its contents
 * @config: what it says
 * @err: for the reason of a failure
 * @errlen: its size
 * @key: at which key
 * @line: on which line
 * @cmdline: value of the key, or NULL
 * @root: likewise
 * @extra: likewise
 */
struct parser {
	const char *name;
	XLU_Config *xlu;
	struct guest_config *config;
	char *err;
	size_t errlen;
	const char *key;
	unsigned int line;
	const char *cmdline;
	const char *root;
	const char *extra;
};

/* Begin a message: where in the file, and which key. */
static size_t put_place(struct parser *p, char *text, size_t size)
{
	if (p->line)
		snprintf(text, size, "%s:%u: %s: ", p->name, p->line, p->key);
	else
		snprintf(text, size, "%s: %s: ", p->name, p->key);
	return strlen(text);
}

__printf(2, 3)
static int bad(struct parser *p, const char *fmt, ...)
{
	va_list args;
	size_t len;

	len = put_place(p, p->err, p->errlen);
	va_start(args, fmt);
	vsnprintf(p->err + len, p->errlen - len, fmt, args);
	va_end(args);
	error_clean(p->err);
	return -EINVAL;
}

static int no_memory(struct parser *p)
{
	bad(p, "%s", strerror(ENOMEM));
	return -ENOMEM;
}

static int warn(struct parser *p, const char *why)
{
	struct guest_config *config = p->config;
	char text[512], *copy;
	size_t len;

	if (config->nr_warnings == CONFIG_WARNINGS_MAX)
		return 0;
	len = put_place(p, text, sizeof(text));
	snprintf(text + len, sizeof(text) - len, "%s", why);
	error_clean(text);
	copy = strdup(text);
	if (!copy)
		return no_memory(p);
	config->warnings[config->nr_warnings++] = copy;
	return 0;
}

static int get_string(struct parser *p, const char **value)
{
	if (xlu_cfg_get_string(p->xlu, p->key, value, 1))
		return bad(p, "must be a string, not a list");
	return 0;
}

static int get_number(struct parser *p, long min, long max, unsigned int *value)
{
	long number;
	int ret;

	ret = xlu_cfg_get_long(p->xlu, p->key, &number, 1);
	if (ret && ret != ERANGE)
		return bad(p, "must be a number");
	if (ret || number < min || number > max)
		return bad(p, "must be %ld to %ld", min, max);
	*value = number;
	return 0;
}

static int get_path(struct parser *p, char **path)
{
	const char *value;
	int ret;

	ret = get_string(p, &value);
	if (ret)
		return ret;
	if (!*value)
		return bad(p, "must be the path of a file");
	if (strlen(value) >= PATH_MAX)
		return bad(p, "path is too long");
	*path = strdup(value);
	return *path ? 0 : no_memory(p);
}

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

static int set_name(struct parser *p)
{
	const char *value, *why;
	int ret;

	ret = get_string(p, &value);
	if (ret)
		return ret;
	why = config_name_check(value);
	if (why)
		return bad(p, "%s", why);
	strcpy(p->config->name, value);
	return 0;
}

static int set_type(struct parser *p)
{
	const char *value;
	int ret;

	ret = get_string(p, &value);
	if (ret)
		return ret;
	if (!strcmp(value, "pv"))
		return 0;
	if (!strcmp(value, "pvh") || !strcmp(value, "hvm"))
		return bad(p, "%s guests are not supported, only pv", value);
	return bad(p, "must be \"pv\"");
}

static int set_builder(struct parser *p)
{
	const char *value;
	int ret;

	ret = get_string(p, &value);
	if (ret)
		return ret;
	if (!strcmp(value, "generic") || !strcmp(value, "linux"))
		return 0;
	if (!strcmp(value, "hvm"))
		return bad(p, "hvm guests are not supported, only pv");
	return bad(p, "must be \"generic\"");
}

static int set_uuid(struct parser *p)
{
	const char *value;
	int ret;

	ret = get_string(p, &value);
	if (ret)
		return ret;
	if (!uuid_parse(value, p->config->uuid))
		return bad(p, "must be a UUID, 8-4-4-4-12 hexadecimal digits");
	p->config->has_uuid = true;
	return 0;
}

static int set_kernel(struct parser *p)
{
	return get_path(p, &p->config->kernel);
}

static int set_ramdisk(struct parser *p)
{
	return get_path(p, &p->config->ramdisk);
}

static int set_cmdline(struct parser *p)
{
	return get_string(p, &p->cmdline);
}

static int set_root(struct parser *p)
{
	return get_string(p, &p->root);
}

static int set_extra(struct parser *p)
{
	return get_string(p, &p->extra);
}

static int set_memory(struct parser *p)
{
	return get_number(p, 1, CONFIG_MEMORY_MAX, &p->config->memory);
}

static int set_vcpus(struct parser *p)
{
	return get_number(p, 1, CONFIG_VCPUS_MAX, &p->config->vcpus);
}

static int set_event_channels(struct parser *p)
{
	return get_number(p, 15, 131071, &p->config->max_event_channels);
}

static int set_grant_frames(struct parser *p)
{
	return get_number(p, 1, 65535, &p->config->max_grant_frames);
}

static int set_maptrack_frames(struct parser *p)
{
	/* The guest maps its device page: none wouldn't do. */
	return get_number(p, 1, 65535, &p->config->max_maptrack_frames);
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

static int get_action(struct parser *p, enum config_action *action)
{
	const char *value;
	int ret;

	ret = get_string(p, &value);
	if (ret)
		return ret;
	if (config_action_parse(value, action))
		return 0;
	return bad(p, "must be \"destroy\", \"restart\" or \"preserve\"");
}

static int set_on_poweroff(struct parser *p)
{
	return get_action(p, &p->config->on_poweroff);
}

static int set_on_reboot(struct parser *p)
{
	return get_action(p, &p->config->on_reboot);
}

static int set_on_crash(struct parser *p)
{
	return get_action(p, &p->config->on_crash);
}

static int set_vif(struct parser *p)
{
	struct guest_config *config = p->config;
	XLU_ConfigList *list;
	char why[192];
	int count, i, ret;

	if (xlu_cfg_get_list(p->xlu, p->key, &list, &count, 1))
		return bad(p, "must be a list: [ 'mac=...,bridge=...' ]");
	if (count > CONFIG_VIFS_MAX)
		return bad(p, "has more than %d entries", CONFIG_VIFS_MAX);
	config->vifs = calloc(count ? count : 1, sizeof(*config->vifs));
	if (!config->vifs)
		return no_memory(p);
	for (i = 0; i < count; i++) {
		const char *spec = xlu_cfg_get_listitem(list, i);

		if (!spec)
			return bad(p, "entry %d: must be a string", i + 1);
		ret = config_parse_vif(spec, &config->vifs[i], why,
				       sizeof(why));
		if (ret) {
			bad(p, "entry %d: %s", i + 1, why);
			return ret;
		}
		config->nr_vifs++;
	}
	return 0;
}

static const struct key keys[] = {
	{ "name", set_name },
	{ "type", set_type },
	{ "builder", set_builder },
	{ "uuid", set_uuid },
	{ "kernel", set_kernel },
	{ "ramdisk", set_ramdisk },
	{ "cmdline", set_cmdline },
	{ "root", set_root },
	{ "extra", set_extra },
	{ "memory", set_memory },
	{ "vcpus", set_vcpus },
	{ "max_event_channels", set_event_channels },
	{ "max_grant_frames", set_grant_frames },
	{ "max_maptrack_frames", set_maptrack_frames },
	{ "on_poweroff", set_on_poweroff },
	{ "on_reboot", set_on_reboot },
	{ "on_crash", set_on_crash },
	{ "vif", set_vif },
};

static const char *const ignored_keys[] = {
	/* What nobody acts on. */
	"localtime", "maxmem", "maxvcpus", "nomigrate", "on_soft_reset",
	"on_watchdog",
	"rtc_timeoffset", "xend_suspend_evtchn_compat",
	/* A PV guest has a console instead. */
	"keymap", "nographic", "sdl", "serial", "vfb", "vkb", "vnc",
	"vncconsole", "vncdisplay", "vnclisten", "vncpasswd", "vncunused",
	/* For hvm only, in xl as well. */
	"acpi", "apic", "bios", "boot", "device_model_args",
	"device_model_override", "device_model_version", "hap", "hpet", "nx",
	"pae", "shadow_memory", "soundhw", "stdvga", "usb", "usbdevice", "vga",
	"videoram", "viridian", "xen_platform_pci",
};

#define NOT_SUPPORTED	"not supported"
#define NO_DEVICE	"this kind of device is not supported"
#define NO_BOOTLOADER	"not supported; give kernel and ramdisk"

static const struct refused_key refused_keys[] = {
	{ "bootloader", NO_BOOTLOADER },
	{ "bootloader_args", NO_BOOTLOADER },
	{ "cap", NOT_SUPPORTED },
	{ "channel", NO_DEVICE },
	{ "cpu_weight", NOT_SUPPORTED },
	{ "cpuid", NOT_SUPPORTED },
	{ "cpus", NOT_SUPPORTED },
	{ "cpus_soft", NOT_SUPPORTED },
	{ "device_tree", NOT_SUPPORTED },
	{ "disk", "disks are not supported" },
	{ "driver_domain", NOT_SUPPORTED },
	{ "e820_host", NOT_SUPPORTED },
	{ "init_seclabel", NOT_SUPPORTED },
	{ "iomem", NO_DEVICE },
	{ "ioports", NO_DEVICE },
	{ "irqs", NO_DEVICE },
	{ "max_grant_version", NOT_SUPPORTED },
	{ "msr_relaxed", NOT_SUPPORTED },
	{ "p9", NO_DEVICE },
	{ "passthrough", NOT_SUPPORTED },
	{ "pci", NO_DEVICE },
	{ "pool", NOT_SUPPORTED },
	{ "pvcalls", NO_DEVICE },
	{ "pvh", NOT_SUPPORTED },
	{ "pvshim", NOT_SUPPORTED },
	{ "seclabel", NOT_SUPPORTED },
	{ "tsc_mode", NOT_SUPPORTED },
	{ "usbctrl", NO_DEVICE },
	{ "usbdev", NO_DEVICE },
	{ "vdispl", NO_DEVICE },
	{ "virtio", NO_DEVICE },
	{ "vmtrace_buf_kb", NOT_SUPPORTED },
	{ "vnuma", NOT_SUPPORTED },
	{ "vpmu", NOT_SUPPORTED },
	{ "vscsi", NO_DEVICE },
	{ "vsnd", NO_DEVICE },
	{ "vtpm", NO_DEVICE },
};

static bool is_empty_list(struct parser *p)
{
	XLU_ConfigList *list;
	int count;

	return !xlu_cfg_get_list(p->xlu, p->key, &list, &count, 1) && !count;
}

/* @adds: with "+=", after which libxlutil has the sum */
static int parse_key(struct parser *p, bool *seen, bool adds)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(keys); i++) {
		if (strcmp(keys[i].name, p->key))
			continue;
		if (seen[i])
			return adds ? 0 : warn(p, "set twice; the last counts");
		seen[i] = true;
		return keys[i].set(p);
	}
	for (i = 0; i < ARRAY_SIZE(refused_keys); i++) {
		if (strcmp(refused_keys[i].name, p->key))
			continue;
		/* None of what isn't supported is what the guest gets. */
		return is_empty_list(p) ? 0 : bad(p, "%s", refused_keys[i].why);
	}
	for (i = 0; i < ARRAY_SIZE(ignored_keys); i++)
		if (!strcmp(ignored_keys[i], p->key))
			return warn(p, "ignored");
	return bad(p, "unknown key");
}

/* Comments, quotes and numbers; what follows the one that begins at @at. */
static const char *skip_token(const char *at)
{
	char quote = *at;

	if (quote == '#')
		return at + strcspn(at, "\n");
	if (quote == '"' || quote == '\'') {
		for (at++; *at && *at != quote; at++)
			if (*at == '\\' && at[1])
				at++;
		return *at ? at + 1 : at;
	}
	if (isdigit((unsigned char)*at))
		return at + strspn(at, "0123456789abcdefx");
	return at + 1;
}

static int parse_keys(struct parser *p, const char *text)
{
	static const char word[] = "abcdefghijklmnopqrstuvwxyz0123456789_";
	bool seen[ARRAY_SIZE(keys)] = { false };
	unsigned int line = 1;
	const char *at, *next;
	char name[64];
	int ret;

	for (at = text; *at; at = next) {
		if (*at < 'a' || *at > 'z') {
			for (next = skip_token(at); at < next; at++)
				line += *at == '\n';
			continue;
		}
		next = at + strspn(at, word);
		snprintf(name, sizeof(name), "%.*s", (int)(next - at), at);
		p->key = name;
		p->line = line;
		ret = parse_key(p, seen,
				next[strspn(next, " \t")] == '+');
		if (ret)
			return ret;
	}
	p->key = "file";
	p->line = 0;
	return 0;
}

static int finish_cmdline(struct parser *p)
{
	char **cmdline = &p->config->cmdline;
	const char *extra = p->extra ? p->extra : "";
	int len;

	p->key = "cmdline";
	if (p->cmdline)
		len = asprintf(cmdline, "%s", p->cmdline);
	else if (p->root && *p->root)
		len = asprintf(cmdline, "root=%s%s%s", p->root,
			       *extra ? " " : "", extra);
	else
		len = asprintf(cmdline, "%s", extra);
	if (len < 0) {
		*cmdline = NULL;
		return no_memory(p);
	}
	if (len > CONFIG_CMDLINE_MAX)
		return bad(p, "is longer than %d characters",
			   CONFIG_CMDLINE_MAX);
	if (p->cmdline && (p->root || p->extra)) {
		p->key = p->root ? "root" : "extra";
		return warn(p, "ignored, as cmdline is set");
	}
	return 0;
}

static int finish_vifs(struct parser *p)
{
	const struct vif_config *vif = p->config->vifs;
	unsigned int i, j;

	p->key = "vif";
	for (i = 0; i < p->config->nr_vifs; i++) {
		for (j = 0; j < i; j++) {
			if (vif[i].has_id && vif[j].has_id &&
			    vif[i].id == vif[j].id)
				return bad(p, "id %u is given twice",
					   vif[i].id);
			if (vif[i].has_mac && vif[j].has_mac &&
			    !memcmp(vif[i].mac, vif[j].mac, 6))
				return bad(p, "two have the same mac");
		}
	}
	return 0;
}

static int finish(struct parser *p)
{
	int ret;

	p->key = "name";
	if (!*p->config->name)
		return bad(p, "is missing");
	p->key = "kernel";
	if (!p->config->kernel)
		return bad(p, "is missing");
	p->key = "memory";
	if (!p->config->memory)
		return bad(p, "is missing");
	ret = finish_cmdline(p);
	if (!ret)
		ret = finish_vifs(p);
	return ret;
}

/* libxlutil's own message, "NAME:LINE: ...", is better than none. */
static int bad_syntax(struct parser *p, int ret, const char *report)
{
	snprintf(p->err, p->errlen, "%.*s", (int)strcspn(report, "\n"), report);
	if (!*p->err)
		snprintf(p->err, p->errlen, "%s: %s", p->name, strerror(ret));
	error_clean(p->err);
	return ret == ENOMEM ? -ENOMEM : -EINVAL;
}

static int parse_text(struct parser *p, const char *text, size_t len)
{
	char *report = NULL;
	size_t size = 0;
	FILE *stream;
	int ret;

	p->key = "file";
	stream = open_memstream(&report, &size);
	if (!stream)
		return no_memory(p);
	p->xlu = xlu_cfg_init(stream, p->name);
	if (!p->xlu) {
		fclose(stream);
		free(report);
		return no_memory(p);
	}
	ret = xlu_cfg_readdata(p->xlu, text, len);
	fflush(stream);
	if (ret)
		ret = bad_syntax(p, ret, report ? report : "");
	else
		ret = parse_keys(p, text);
	if (!ret)
		ret = finish(p);
	xlu_cfg_destroy(p->xlu);
	fclose(stream);
	free(report);
	return ret;
}

int config_parse(const char *text, size_t len, const char *name,
		 struct guest_config *config, char *err, size_t errlen)
{
	struct parser p = {
		.name = name, .config = config, .err = err, .errlen = errlen,
		.key = "file",
	};
	char *copy;
	int ret;

	memset(config, 0, sizeof(*config));
	config->vcpus = 1;
	config->on_poweroff = CONFIG_DESTROY;
	config->on_reboot = CONFIG_RESTART;
	config->on_crash = CONFIG_DESTROY;
	config->max_event_channels = DEFAULT_EVENT_CHANNELS;
	config->max_grant_frames = DEFAULT_GRANT_FRAMES;
	config->max_maptrack_frames = DEFAULT_MAPTRACK_FRAMES;
	if (len > CONFIG_FILE_MAX)
		return bad(&p, "is larger than %d bytes", CONFIG_FILE_MAX);
	if (memchr(text, '\0', len))
		return bad(&p, "is not text");
	/* To libxlutil a comment ends with a newline. */
	copy = malloc(len + 2);
	if (!copy)
		return no_memory(&p);
	memcpy(copy, text, len);
	strcpy(copy + len, "\n");
	config->text = copy;
	config->file = strdup(name);
	ret = config->file ? parse_text(&p, copy, len + 1) : no_memory(&p);
	if (ret)
		config_free(config);
	return ret;
}

void config_free(struct guest_config *config)
{
	unsigned int i;

	for (i = 0; i < config->nr_warnings; i++)
		free(config->warnings[i]);
	free(config->kernel);
	free(config->ramdisk);
	free(config->cmdline);
	free(config->vifs);
	free(config->text);
	free(config->file);
	memset(config, 0, sizeof(*config));
}
