// SPDX-License-Identifier: GPL-2.0
/*
 * What the host remembers of its guests, in files that many chaos processes
 * use at once: see guest/record.h.
 *
 * The file of a name is written in place, in one piece and under its lock,
 * as it is the lock. Who has it open must look whether it is still the one
 * that the name leads to: it goes when the guest goes.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "guest/record.h"
#include "host/noxs.h"
#include "util/chaos.h"
#include "util/json.h"
#include "util/util.h"

void names_each(void (*fn)(const char *name, void *arg), void *arg)
{
	struct dirent *entry;
	DIR *dir;

	dir = opendir(STATE_NAMES_DIR);
	if (!dir)
		return;
	while ((entry = readdir(dir)))
		if (*entry->d_name != '.')
			fn(entry->d_name, arg);
	closedir(dir);
}

static int read_owner(int fd, struct owner *owner)
{
	char text[64], uuid[UUID_TEXT];
	ssize_t len;

	len = pread(fd, text, sizeof(text) - 1, 0);
	if (len < 0)
		return -errno;
	text[len] = '\0';
	if (sscanf(text, "%u %36s", &owner->domid, uuid) != 2 ||
	    !uuid_parse(uuid, owner->handle))
		return -ENOENT;
	return 0;
}

int name_read(const char *name, struct owner *owner)
{
	char path[PATH_MAX];
	int fd, ret;

	snprintf(path, sizeof(path), "%s/%s", STATE_NAMES_DIR, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	ret = read_owner(fd, owner);
	close(fd);
	return ret;
}

int name_owner(const struct name_lock *lock, struct owner *owner)
{
	return read_owner(lock->fd, owner);
}

int name_set(const struct name_lock *lock, const struct owner *owner,
	     struct error *err)
{
	char text[64], uuid[UUID_TEXT];
	int len;

	/* Always the same length, so that nothing of the former text stays. */
	len = snprintf(text, sizeof(text), "%10u %s\n", owner->domid,
		       uuid_format(owner->handle, uuid));
	if (pwrite(lock->fd, text, len, 0) != len)
		return error_sys(err, errno ? -errno : -EIO, "%s/%s",
				 STATE_NAMES_DIR, lock->name);
	return 0;
}

static void record_path(char *path, uint32_t domid)
{
	snprintf(path, PATH_MAX, "%s/%u.json", STATE_DOMAINS_DIR, domid);
}

/* What record_config() and record_directory() need. */
static void add_source(struct json_object *doc,
		       const struct guest_config *config)
{
	struct json_object *source = doc_object(doc, "config");
	struct json_object *macs;
	char directory[PATH_MAX], mac[MAC_TEXT];
	unsigned int i;

	doc_text(source, "file", config->file);
	doc_text(source, "text", config->text);
	if (getcwd(directory, sizeof(directory)))
		doc_text(source, "directory", directory);
	macs = doc_list(source, "macs");
	for (i = 0; i < config->nr_vifs; i++)
		list_text(macs, config_format_mac(config->vifs[i].mac, mac));
}

int record_make(struct record *record, const struct guest_config *config,
		const struct owner *owner, struct error *err)
{
	char uuid[UUID_TEXT];
	struct json_object *doc;

	memset(record, 0, sizeof(*record));
	doc = json_object_new_object();
	if (!doc)
		return error_sys(err, -ENOMEM, "state");
	record->domid = owner->domid;
	strcpy(record->name, config->name);
	record->doc = doc;
	doc_text(doc, "name", config->name);
	doc_number(doc, "domid", owner->domid);
	record_set_handle(record, owner->handle);
	doc_text(doc, "uuid", config->has_uuid ?
		 uuid_format(config->uuid, uuid) : NULL);
	doc_text(doc, "kernel", config->kernel);
	doc_text(doc, "ramdisk", config->ramdisk);
	doc_text(doc, "cmdline", config->cmdline);
	doc_number(doc, "memory", config->memory);
	doc_number(doc, "maxmem", config->maxmem);
	doc_number(doc, "vcpus", config->vcpus);
	if (config->vcpus_online)
		record_set_vcpus(record, config->vcpus_online);
	doc_number(doc, "max_event_channels", config->max_event_channels);
	doc_text(doc, "on_poweroff", config_action_name(config->on_poweroff));
	doc_text(doc, "on_reboot", config_action_name(config->on_reboot));
	doc_text(doc, "on_crash", config_action_name(config->on_crash));
	doc_number(doc, "created", time(NULL));
	add_source(doc, config);
	doc_list(doc, "vifs");
	doc_list(doc, "disks");
	return 0;
}

void record_set_name(struct record *record, const char *name)
{
	snprintf(record->name, sizeof(record->name), "%s", name);
	doc_text(record->doc, "name", record->name);
}

void record_set_handle(struct record *record, const uint8_t *handle)
{
	char uuid[UUID_TEXT];

	memcpy(record->handle, handle, UUID_SIZE);
	doc_text(record->doc, "handle", uuid_format(handle, uuid));
}

void record_set_memory(struct record *record, unsigned int memory,
		       unsigned int maxmem)
{
	doc_number(record->doc, "memory", memory);
	doc_number(record->doc, "maxmem", maxmem);
}

void record_set_vcpus(struct record *record, unsigned int vcpus)
{
	doc_number(record->doc, "vcpus_online", vcpus);
}

void record_set_type(struct record *record, const char *type)
{
	doc_text(record->doc, "type", type);
}

void record_set_pool(struct record *record, const char *pool)
{
	doc_text(record->doc, "pool", pool);
}

void record_set_token(struct record *record, const char *token)
{
	doc_text(record->doc, "token", token);
}

void record_set_made(struct record *record)
{
	/* No record outlives that clock. */
	doc_number(record->doc, "made", boot_ms());
}

int64_t record_age(const struct record *record)
{
	return boot_ms() - record_number(record, "made");
}

bool record_is_made(const struct record *record)
{
	return record_number(record, "made");
}

int64_t record_number(const struct record *record, const char *key)
{
	return doc_get_number(record->doc, key);
}

const char *record_text(const struct record *record, const char *key)
{
	return doc_get_text(record->doc, key);
}

void record_set_number(struct record *record, const char *key, int64_t value)
{
	doc_number(record->doc, key, value);
}

static void set_macs(struct guest_config *config, struct json_object *source)
{
	struct json_object *macs, *value;
	uint8_t mac[MAC_SIZE];
	unsigned int i;
	size_t count;

	macs = doc_get_list(source, "macs", &count);
	for (i = 0; i < config->nr_vifs && i < count; i++) {
		value = json_object_array_get_idx(macs, i);
		if (config->vifs[i].has_mac || !value ||
		    !config_parse_mac(json_object_get_string(value), mac))
			continue;
		memcpy(config->vifs[i].mac, mac, sizeof(mac));
		config->vifs[i].has_mac = true;
	}
}

void record_set_sched(struct record *record, struct json_object *sched,
		      const char *key)
{
	struct json_object *source, *vcpus, *list;
	size_t count, i;

	if (!json_object_object_get_ex(record->doc, "config", &source))
		return;
	if (json_object_object_get(sched, key)) {
		doc_number(source, key, doc_get_number(sched, key));
		return;
	}
	vcpus = doc_get_list(sched, "vcpu", &count);
	list = doc_list(source, key);
	for (i = 0; i < count; i++)
		list_text(list, doc_get_text(json_object_array_get_idx(vcpus, i),
					     key));
}

/* What record_set_sched() wrote down counts, and else what the file says. */
static int set_cpus(struct cpu_sets *cpus, struct json_object *source,
		    const char *key, struct error *err)
{
	struct json_object *list, *value;
	struct cpu_set *sets;
	size_t count, i;

	list = doc_get_list(source, key, &count);
	if (!count || count > CONFIG_VCPUS_MAX)
		return 0;
	sets = calloc(count, sizeof(*sets));
	if (!sets)
		return error_no_memory(err);
	for (i = 0; i < count; i++) {
		value = json_object_array_get_idx(list, i);
		if (value && !config_parse_cpus(json_object_get_string(value),
						&sets[i]))
			continue;
		free(sets);
		return error_set(err, -EINVAL, "%s: its record is wrong", key);
	}
	free(cpus->sets);
	*cpus = (struct cpu_sets){ .sets = sets, .count = count };
	return 0;
}

/* What a PVH guest may have at most is what it is made with. */
static void set_memory(struct guest_config *config, const struct record *record)
{
	unsigned int memory = record_number(record, "memory");
	unsigned int most = record_number(record, "maxmem");

	if (!memory)
		return;
	config->memory = memory;
	config->maxmem = memory;
	if (!strcmp(record_text(record, "type"), "pv") && most > memory)
		config->maxmem = most;
}

static int set_sched(struct guest_config *config, struct json_object *source,
		     struct error *err)
{
	int ret;

	if (json_object_object_get(source, "cpu_weight"))
		config->cpu_weight = doc_get_number(source, "cpu_weight");
	if (json_object_object_get(source, "cap"))
		config->cap = doc_get_number(source, "cap");
	ret = set_cpus(&config->cpus, source, "cpus", err);
	return ret ? ret : set_cpus(&config->cpus_soft, source, "cpus_soft",
				    err);
}

int record_config(const struct record *record, struct guest_config *config,
		  struct error *err)
{
	struct json_object *source;
	const char *text;
	int ret;

	if (!json_object_object_get_ex(record->doc, "config", &source))
		return error_set(err, -ENOENT, "has no configuration");
	text = doc_get_text(source, "text");
	ret = config_parse(text, strlen(text), doc_get_text(source, "file"),
			   config, err);
	if (ret)
		return ret;
	/* It may have been renamed, or one of many made from the same file. */
	strcpy(config->name, record->name);
	set_macs(config, source);
	set_memory(config, record);
	config->vcpus_online = record_number(record, "vcpus_online");
	ret = set_sched(config, source, err);
	if (ret)
		config_free(config);
	return ret;
}

const char *record_directory(const struct record *record)
{
	return doc_get_text(json_object_object_get(record->doc, "config"),
			    "directory");
}

void record_set_console(struct record *record, uint64_t gfn, uint32_t port)
{
	struct json_object *console = doc_object(record->doc, "console");

	doc_number(console, "gfn", gfn);
	doc_number(console, "port", port);
}

bool record_console(const struct record *record, uint64_t *gfn,
		    uint32_t *port)
{
	struct json_object *console;

	console = json_object_object_get(record->doc, "console");
	*gfn = doc_get_number(console, "gfn");
	*port = doc_get_number(console, "port");
	/* Neither is ever 0. */
	return *gfn && *port;
}

/* The array of a type's devices. */
static struct json_object *find_devices(const struct record *record,
					uint16_t type)
{
	const char *key = type == NOXS_TYPE_VIF ? "vifs" : "disks";
	struct json_object *devices;
	size_t count;

	devices = doc_get_list(record->doc, key, &count);
	return devices ? devices : doc_list(record->doc, key);
}

static struct json_object *find_device(struct json_object *devices,
				       unsigned int id, size_t *at)
{
	size_t i, count = json_object_array_length(devices);
	struct json_object *entry, *value;

	for (i = 0; i < count; i++) {
		entry = json_object_array_get_idx(devices, i);
		value = json_object_object_get(entry, "id");
		if (value && json_object_get_int64(value) == id) {
			*at = i;
			return entry;
		}
	}
	return NULL;
}

void record_add_vif(struct record *record, const struct vif_config *vif)
{
	struct json_object *entry = json_object_new_object();
	char mac[MAC_TEXT], rate[CONFIG_RATE_TEXT];

	doc_number(entry, "id", vif->id);
	doc_text(entry, "mac", config_format_mac(vif->mac, mac));
	doc_text(entry, "bridge", vif->bridge);
	doc_number(entry, "mtu", vif->mtu);
	doc_text(entry, "vifname", *vif->ifname ? vif->ifname : NULL);
	doc_text(entry, "ip", *vif->ip ? vif->ip : NULL);
	doc_text(entry, "rate", !vif->rate_bytes ? NULL :
		 config_format_rate(vif->rate_bytes, vif->rate_us, rate));
	json_object_array_add(find_devices(record, NOXS_TYPE_VIF), entry);
}

void record_add_disk(struct record *record, const struct disk_config *disk)
{
	struct json_object *entry = json_object_new_object();

	doc_number(entry, "id", disk->id);
	doc_text(entry, "vdev", disk->vdev);
	doc_text(entry, "path", disk->path);
	doc_number(entry, "iops", disk->iops);
	doc_number(entry, "bps", disk->bps);
	json_object_array_add(find_devices(record, NOXS_TYPE_VBD), entry);
}

const char *record_device(const struct record *record, uint16_t type,
			  unsigned int id, const char *key)
{
	struct json_object *entry;
	size_t at;

	entry = find_device(find_devices(record, type), id, &at);
	return entry ? doc_get_text(entry, key) : "";
}

void record_del_device(struct record *record, uint16_t type, unsigned int id)
{
	struct json_object *devices = find_devices(record, type);
	size_t at;

	if (find_device(devices, id, &at))
		json_object_array_del_idx(devices, at, 1);
}

int record_save(const struct record *record, struct error *err)
{
	char path[PATH_MAX];

	record_path(path, record->domid);
	return doc_write(path, record->doc, err);
}

static bool load_any(struct record *record, uint32_t domid)
{
	char path[PATH_MAX];

	memset(record, 0, sizeof(*record));
	record_path(path, domid);
	record->doc = doc_load(path);
	if (!uuid_parse(doc_get_text(record->doc, "handle"), record->handle) ||
	    config_name_check(doc_get_text(record->doc, "name"))) {
		record_free(record);
		return false;
	}
	record->domid = domid;
	strcpy(record->name, doc_get_text(record->doc, "name"));
	return true;
}

int record_load(struct record *record, uint32_t domid, const uint8_t *handle)
{
	if (!load_any(record, domid))
		return -ENOENT;
	if (!memcmp(record->handle, handle, UUID_SIZE))
		return 0;
	record_free(record);
	return -ENOENT;
}

/**
 * struct each - whom records_between() tells of a record
 * @fn: see there
 * @arg: likewise
 * @first: likewise
 * @end: likewise
 */
struct each {
	void (*fn)(struct record *record, void *arg);
	void *arg;
	uint32_t first;
	uint32_t end;
};

static bool tell_of_one(uint32_t domid, void *arg)
{
	const struct each *each = arg;
	struct record record;

	if (domid < each->first || domid >= each->end ||
	    !load_any(&record, domid))
		return true;
	each->fn(&record, each->arg);
	record_free(&record);
	return true;
}

void records_between(uint32_t first, uint32_t end,
		     void (*fn)(struct record *record, void *arg), void *arg)
{
	struct each each = {
		.fn = fn, .arg = arg, .first = first, .end = end,
	};

	state_each(STATE_DOMAINS_DIR, "json", tell_of_one, &each);
}

void records_each(void (*fn)(struct record *record, void *arg), void *arg)
{
	records_between(0, UINT32_MAX, fn, arg);
}

void records_clean(void)
{
	doc_clean(STATE_DOMAINS_DIR);
}

void record_remove(uint32_t domid, const uint8_t *handle)
{
	struct record record;
	char path[PATH_MAX];

	if (handle && record_load(&record, domid, handle))
		return;
	if (handle)
		record_free(&record);
	record_path(path, domid);
	unlink(path);
}

void record_free(struct record *record)
{
	if (record->doc)
		json_object_put(record->doc);
	record->doc = NULL;
}
