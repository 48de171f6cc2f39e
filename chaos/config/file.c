// SPDX-License-Identifier: GPL-2.0
/*
 * Configuration files: the syntax of xl.cfg, which libxlutil parses, and, in
 * keys.c, a table that says for each key whether it counts, makes no
 * difference, or would make a guest other than the one asked for. Nothing here
 * talks to Xen or changes anything outside of its arguments.
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

#include "config/config.h"
#include "config/open.h"
#include "config/parser.h"
#include "util/chaos.h"
#include "util/error.h"
#include "util/util.h"

#define WRONGS_MAX		32
#define DEFAULT_MEMORY		32
#define DEFAULT_EVENT_CHANNELS	1023
#define DEFAULT_GRANT_FRAMES	64
/* What Linux uses on hosts of less than 16 TiB. */
#define DEFAULT_GRANT_VERSION	1
#define DEFAULT_MAPTRACK_FRAMES	16

/* Begin a message: where in the file, and which key. */
static size_t put_place(struct parser *p, char *text, size_t size)
{
	if (p->line)
		snprintf(text, size, "%s:%u: %s: ", p->name, p->line, p->key);
	else
		snprintf(text, size, "%s: %s: ", p->name, p->key);
	return strlen(text);
}

int parser_bad(struct parser *p, const char *fmt, ...)
{
	va_list args;
	size_t len;

	len = put_place(p, p->err->text, sizeof(p->err->text));
	va_start(args, fmt);
	vsnprintf(p->err->text + len, sizeof(p->err->text) - len, fmt, args);
	va_end(args);
	error_clean(p->err->text);
	return -EINVAL;
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

/*
 * Commas part the entries of a list. What was added to it elsewhere is told to be
 * where it began.
 */
static unsigned int entry_line(const struct parser *p, unsigned int entry)
{
	unsigned int line = p->line, depth = 0;
	const char *at, *next;

	for (at = p->rest; *at && (depth || !strchr("\n;", *at)); at = next) {
		next = skip_token(at);
		if (depth && !entry && !strchr(" \t\n#", *at))
			return line;
		if (*at == '[')
			depth++;
		else if (*at == ']' && !--depth)
			break;
		else if (*at == ',' && depth == 1)
			entry--;
		for (; at < next; at++)
			line += *at == '\n';
	}
	return p->line;
}

int parser_bad_entry(struct parser *p, unsigned int entry, const char *why)
{
	p->line = entry_line(p, entry);
	return parser_bad(p, "entry %u: %s", entry + 1, why);
}

int parser_hvm(struct parser *p)
{
	p->is_hvm = true;
	return parser_bad(p, "hvm guests are not supported, only pv and pvh");
}

int parser_note(struct parser *p, int ret)
{
	if (ret != -EINVAL || !p->wrongs || p->is_hvm)
		return ret;
	if (p->nr_wrongs++ < WRONGS_MAX)
		fprintf(p->is_refusal ? p->refusals : p->wrongs, "%s\n",
			p->err->text);
	p->is_refusal = false;
	return 0;
}

int parser_no_memory(struct parser *p)
{
	parser_bad(p, "%s", strerror(ENOMEM));
	return -ENOMEM;
}

int parser_warn(struct parser *p, const char *why)
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
		return parser_no_memory(p);
	config->warnings[config->nr_warnings++] = copy;
	return 0;
}

int parser_string(struct parser *p, const char **value)
{
	if (xlu_cfg_get_string(p->xlu, p->key, value, 1))
		return parser_bad(p, "must be a string, not a list");
	return 0;
}

int parser_number(struct parser *p, long min, long max,
		  unsigned int *value)
{
	long number;
	int ret;

	ret = xlu_cfg_get_long(p->xlu, p->key, &number, 1);
	if (ret && ret != ERANGE)
		return parser_bad(p, "must be a number");
	if (ret || number < min || number > max)
		return parser_bad(p, "must be %ld to %ld", min, max);
	*value = number;
	return 0;
}

int parser_path(struct parser *p, char **path)
{
	const char *value;
	int ret;

	ret = parser_string(p, &value);
	if (ret)
		return ret;
	if (!*value)
		return parser_bad(p, "must be the path of a file");
	if (strlen(value) >= PATH_MAX)
		return parser_bad(p, "path is too long");
	*path = strdup(value);
	return *path ? 0 : parser_no_memory(p);
}

/* Whether the value asks for none of it: that is what a guest gets anyway. */
static bool is_nothing(struct parser *p)
{
	XLU_ConfigList *list;
	const char *text = NULL;
	long number;
	int count;

	if (!xlu_cfg_get_list(p->xlu, p->key, &list, &count, 1))
		return !count;
	/* What is no list has a text. */
	(void)xlu_cfg_get_string(p->xlu, p->key, &text, 1);
	if (config_is_default(p->key, text))
		return true;
	return !xlu_cfg_get_long(p->xlu, p->key, &number, 1) && !number;
}

/* Return: which one of the table; the last one, without a name, if it is none. */
static size_t find_key(const char *key)
{
	size_t i;

	for (i = 0; config_keys[i].name; i++)
		if (!strcmp(config_keys[i].name, key))
			break;
	return i;
}

static int ignore(struct parser *p, const char *why)
{
	char text[256];

	snprintf(text, sizeof(text), "ignored; %s", why);
	return parser_warn(p, text);
}

/* @adds: with "+=", after which libxlutil has the sum */
static int parse_key(struct parser *p, bool adds)
{
	size_t i = find_key(p->key);

	if (!config_keys[i].name)
		return parser_bad(p, "unknown key");
	if (config_keys[i].verdict == CONFIG_IGNORED)
		return ignore(p, config_keys[i].why);
	if (config_keys[i].verdict == CONFIG_REFUSED) {
		if (is_nothing(p))
			return 0;
		p->lines[i] = p->line;
		p->is_refusal = true;
		return parser_bad(p, "%s", config_keys[i].why);
	}
	if (p->lines[i])
		return adds ? 0 : parser_warn(p, "set twice; the last counts");
	p->lines[i] = p->line;
	return config_keys[i].set(p);
}

static int parse_keys(struct parser *p, const char *text)
{
	static const char word[] = "abcdefghijklmnopqrstuvwxyz0123456789_";
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
		p->rest = next;
		ret = parse_key(p, next[strspn(next, " \t")] == '+');
		ret = parser_note(p, ret);
		if (ret)
			return ret;
	}
	p->key = "file";
	p->line = 0;
	return 0;
}

/* For a message about a key that was there before, or is missing. */
static void at_key(struct parser *p, const char *key)
{
	p->key = key;
	p->line = p->lines[find_key(key)];
}

static int finish_cmdline(struct parser *p)
{
	char **cmdline = &p->config->cmdline;
	const char *extra = p->extra ? p->extra : "";
	int len;

	at_key(p, "cmdline");
	if (p->cmdline)
		len = asprintf(cmdline, "%s", p->cmdline);
	else if (p->root && *p->root)
		len = asprintf(cmdline, "root=%s%s%s", p->root,
			       *extra ? " " : "", extra);
	else
		len = asprintf(cmdline, "%s", extra);
	if (len < 0) {
		*cmdline = NULL;
		return parser_no_memory(p);
	}
	if (len > CONFIG_CMDLINE_MAX)
		return parser_bad(p, "is longer than %d characters",
			   CONFIG_CMDLINE_MAX);
	if (p->cmdline && (p->root || p->extra)) {
		at_key(p, p->root ? "root" : "extra");
		return parser_warn(p, "ignored, as cmdline is set");
	}
	return 0;
}

/* The guest's driver takes it for all of its devices. */
static int distrust(struct parser *p, const char *key, const char *word)
{
	char **cmdline = &p->config->cmdline, *longer;

	at_key(p, key);
	if (asprintf(&longer, "%s%s%s", *cmdline, **cmdline ? " " : "",
		     word) < 0)
		return parser_no_memory(p);
	free(*cmdline);
	*cmdline = longer;
	if (strlen(longer) > CONFIG_CMDLINE_MAX)
		return parser_bad(p, "untrusted: cmdline has no room for %s, in %d characters",
				  word, CONFIG_CMDLINE_MAX);
	return 0;
}

static int finish_trust(struct parser *p)
{
	const struct guest_config *config = p->config;
	unsigned int i;
	int ret = 0;

	for (i = 0; i < config->nr_vifs && !config->vifs[i].untrusted; i++)
		;
	if (i < config->nr_vifs)
		ret = distrust(p, "vif", "noxs_netfront.trusted=0");
	for (i = 0; i < config->nr_disks && !config->disks[i].untrusted; i++)
		;
	if (!ret && i < config->nr_disks)
		ret = distrust(p, "disk", "noxs_blkfront.trusted=0");
	return ret;
}

/* What can't be plugged in later isn't promised. */
static int finish_most(struct parser *p, const char *key, unsigned int most,
		       const char *of, unsigned int has)
{
	char why[64];

	at_key(p, key);
	if (most && most < has)
		return parser_bad(p, "is less than %s", of);
	snprintf(why, sizeof(why), "the guest has what %s says", of);
	return most > has ? ignore(p, why) : 0;
}

/* A PVH guest takes all memory that its map has for memory that is there. */
static int finish_maxmem(struct parser *p)
{
	struct guest_config *config = p->config;

	config->maxmem = config->memory;
	if (config->type == GUEST_PV && p->maxmem > config->memory) {
		config->maxmem = p->maxmem;
		return 0;
	}
	return finish_most(p, "maxmem", p->maxmem, "memory",
			   p->config->memory);
}

static int finish_maxvcpus(struct parser *p)
{
	return finish_most(p, "maxvcpus", p->maxvcpus, "vcpus",
			   p->config->vcpus);
}

static int finish_cap(struct parser *p)
{
	at_key(p, "cap");
	return p->config->cap <= 100 * p->config->vcpus ? 0 :
		parser_bad(p, "is more than 100 for each of vcpus");
}

static int check_cpus(struct parser *p, const char *key,
		      const struct cpu_sets *cpus)
{
	at_key(p, key);
	return cpus->count <= p->config->vcpus ? 0 :
		parser_bad(p, "has more entries than vcpus");
}

static int finish_cpus(struct parser *p)
{
	return check_cpus(p, "cpus", &p->config->cpus);
}

static int finish_cpus_soft(struct parser *p)
{
	return check_cpus(p, "cpus_soft", &p->config->cpus_soft);
}

static int finish_vifs(struct parser *p)
{
	const struct vif_config *vif = p->config->vifs;
	unsigned int i, j;

	at_key(p, "vif");
	for (i = 0; i < p->config->nr_vifs; i++) {
		for (j = 0; j < i; j++) {
			if (vif[i].has_id && vif[j].has_id &&
			    vif[i].id == vif[j].id)
				return parser_bad(p, "id %u is given twice",
					   vif[i].id);
			if (vif[i].has_mac && vif[j].has_mac &&
			    !memcmp(vif[i].mac, vif[j].mac, 6))
				return parser_bad(p, "two have the same mac");
			if (*vif[i].ifname &&
			    !strcmp(vif[i].ifname, vif[j].ifname))
				return parser_bad(p, "two have the same vifname");
		}
	}
	return 0;
}

static int finish_disks(struct parser *p)
{
	const struct disk_config *disk = p->config->disks;
	unsigned int i, j;

	at_key(p, "disk");
	for (i = 0; i < p->config->nr_disks; i++)
		for (j = 0; j < i; j++)
			if (config_disks_clash(disk[i].id, disk[j].id))
				return parser_bad(p, "%s and %s %s",
						  disk[j].vdev, disk[i].vdev,
						  disk[i].id == disk[j].id ?
						  "are the same" : "overlap");
	return 0;
}

/* With xl, too, what it finds counts. */
static int forget(struct parser *p, const char *key, char **path)
{
	if (!*path)
		return 0;
	free(*path);
	*path = NULL;
	at_key(p, key);
	return ignore(p, "the bootloader finds the guest's own");
}

static int finish_bootloader(struct parser *p)
{
	struct guest_config *config = p->config;
	int ret;

	if (!config->bootloader)
		return 0;
	at_key(p, "bootloader");
	if (!config->nr_disks)
		return parser_bad(p, "there is no disk that it could look at");
	ret = forget(p, "kernel", &config->kernel);
	return ret ? ret : forget(p, "ramdisk", &config->ramdisk);
}

/* As with xl. */
static int finish_memory(struct parser *p)
{
	struct guest_config *config = p->config;

	if (config->memory)
		return 0;
	config->memory = p->maxmem;
	if (config->memory)
		return 0;
	config->memory = DEFAULT_MEMORY;
	at_key(p, "memory");
	return parser_warn(p, "is missing; the guest has 32 MiB");
}

static int check_there(struct parser *p, const char *key)
{
	at_key(p, key);
	return p->line ? 0 : parser_bad(p, "is missing");
}

static int finish_name(struct parser *p)
{
	return check_there(p, "name");
}

/* It isn't needed with a bootloader, and that the other is refused is all that is wrong. */
static int finish_kernel(struct parser *p)
{
	return p->bootloader || p->lines[find_key("firmware")] ? 0 :
		check_there(p, "kernel");
}

/* What is to be said of several keys, or of none, once all have been seen. */
static int finish(struct parser *p)
{
	static const struct {
		int (*step)(struct parser *p);
		bool needs_values;	/* that are right */
	} steps[] = {
		{ finish_name, false },
		{ finish_kernel, false },
		{ finish_vifs, false },
		{ finish_disks, false },
		{ finish_bootloader, true },
		{ finish_memory, true },
		{ finish_cmdline, true },
		{ finish_trust, true },
		{ finish_maxmem, true },
		{ finish_maxvcpus, true },
		{ finish_cap, true },
		{ finish_cpus, true },
		{ finish_cpus_soft, true },
	};
	bool right = !p->nr_wrongs;
	int ret = 0;
	size_t i;

	for (i = 0; !ret && i < ARRAY_SIZE(steps); i++)
		if (right || !steps[i].needs_values)
			ret = parser_note(p, steps[i].step(p));
	return ret;
}

/* libxlutil's own message, "NAME:LINE: ...", is better than none. */
static int bad_syntax(struct parser *p, int ret, const char *report)
{
	int len = strcspn(report, "\n");

	if (len)
		error_set(p->err, 0, "%.*s", len, report);
	else
		error_sys(p->err, -ret, "%s", p->name);
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
		return parser_no_memory(p);
	p->xlu = xlu_cfg_init(stream, p->name);
	if (!p->xlu) {
		fclose(stream);
		free(report);
		return parser_no_memory(p);
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

/* Editors elsewhere end lines in another way, which to libxlutil is an error. */
static void end_lines(char *text)
{
	while ((text = strstr(text, "\r\n")))
		*text = ' ';
}

static int parse(struct parser *p, const char *text, size_t len)
{
	struct guest_config *config = p->config;
	char *copy;
	int ret;

	memset(config, 0, sizeof(*config));
	config->vcpus = 1;
	config->timer_mode = TIMER_NO_DELAY;
	config->max_event_channels = DEFAULT_EVENT_CHANNELS;
	config->max_grant_frames = DEFAULT_GRANT_FRAMES;
	config->max_grant_version = DEFAULT_GRANT_VERSION;
	config->max_maptrack_frames = DEFAULT_MAPTRACK_FRAMES;
	config->on_poweroff = CONFIG_DESTROY;
	config->on_reboot = CONFIG_RESTART;
	config->on_crash = CONFIG_DESTROY;
	p->key = "file";
	if (len > CONFIG_FILE_MAX)
		return parser_bad(p, "is larger than %d bytes", CONFIG_FILE_MAX);
	if (memchr(text, '\0', len))
		return parser_bad(p, "is not text");
	/* To libxlutil a comment ends with a newline. */
	copy = malloc(len + 2);
	if (!copy)
		return parser_no_memory(p);
	memcpy(copy, text, len);
	strcpy(copy + len, "\n");
	end_lines(copy);
	config->text = copy;
	config->file = strdup(p->name);
	ret = config->file ? parse_text(p, copy, len + 1) :
			     parser_no_memory(p);
	/* What is kept is what was given, also when it is parsed again and again. */
	copy[len] = '\0';
	if (ret)
		config_free(config);
	return ret;
}

int config_parse(const char *text, size_t len, const char *name,
		 struct guest_config *config, struct error *err)
{
	struct parser p = { .name = name, .config = config, .err = err };

	return parse(&p, text, len);
}

/* What no change of a value mends comes first. Return: for the caller to free(). */
static char *find_wrongs(struct parser *p, const char *text, size_t len)
{
	char *refusals = NULL, *wrongs = NULL, *lines = NULL;
	size_t size;
	int ret;

	p->refusals = open_memstream(&refusals, &size);
	if (!p->refusals)
		return NULL;
	p->wrongs = open_memstream(&wrongs, &size);
	if (p->wrongs) {
		ret = parse(p, text, len);
		if (!ret)
			config_free(p->config);
		else if (!p->is_hvm)
			fprintf(p->wrongs, "%s\n", p->err->text);
		if (p->nr_wrongs > WRONGS_MAX)
			fprintf(p->wrongs, "%s: %u more\n", p->name,
				p->nr_wrongs - WRONGS_MAX);
		fclose(p->wrongs);
	}
	fclose(p->refusals);
	if (wrongs && asprintf(&lines, "%s%s", refusals, wrongs) < 0)
		lines = NULL;
	free(wrongs);
	free(refusals);
	return lines;
}

char *config_wrongs(const char *text, size_t len, const char *name)
{
	struct guest_config config;
	struct error err;
	struct parser p = { .name = name, .config = &config, .err = &err };
	char *lines = find_wrongs(&p, text, len);

	if (!p.is_hvm)
		return lines;
	free(lines);
	return strdup(err.text);
}

const struct config_part config_part = {
	.part = { CHAOS_BUILD },
	.parse = config_parse,
	.wrongs = config_wrongs,
	.parse_disk = config_parse_disk,
};
