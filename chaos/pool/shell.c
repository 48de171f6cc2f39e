// SPDX-License-Identifier: GPL-2.0
/*
 * The shells' records.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "pool/shell.h"
#include "util/chaos.h"
#include "util/json.h"

#define FILE_NUMBERS	5

static void shell_path(char *path, uint32_t domid)
{
	snprintf(path, PATH_MAX, "%s/%u.json", STATE_SHELLS_DIR, domid);
}

static void put_file(struct json_object *doc, const char *key,
		     const struct file_id *id)
{
	const int64_t numbers[FILE_NUMBERS] = {
		id->dev, id->ino, id->size, id->mtime, id->ctime,
	};
	struct json_object *list = doc_list(doc, key);
	size_t i;

	for (i = 0; i < FILE_NUMBERS; i++)
		json_object_array_add(list, json_object_new_int64(numbers[i]));
}

static void put_vifs(struct json_object *doc, const struct shell *shell)
{
	struct json_object *list = doc_list(doc, "vifs"), *entry;
	char mac[MAC_TEXT];
	unsigned int i;

	for (i = 0; i < shell->nr_vifs; i++) {
		entry = json_object_new_object();
		doc_number(entry, "id", shell->vifs[i].id);
		doc_number(entry, "mtu", shell->vifs[i].mtu);
		doc_text(entry, "mac",
			 config_format_mac(shell->vifs[i].mac, mac));
		json_object_array_add(list, entry);
	}
}

int shell_save(const struct shell *shell, struct error *err)
{
	struct json_object *doc = json_object_new_object();
	char path[PATH_MAX], uuid[UUID_TEXT];
	int ret;

	doc_number(doc, "domid", shell->domid);
	doc_text(doc, "handle", uuid_format(shell->handle, uuid));
	doc_text(doc, "pool", shell->pool);
	doc_text(doc, "id", uuid_format(shell->id, uuid));
	doc_bool(doc, "made", shell->made);
	doc_text(doc, "build", shell->build);
	doc_text(doc, "type", config_type_name(shell->type));
	doc_number(doc, "memory", shell->memory);
	put_file(doc, "kernel", &shell->kernel);
	put_file(doc, "ramdisk", &shell->ramdisk);
	doc_number(doc, "console_gfn", shell->console_gfn);
	doc_number(doc, "console_port", shell->console_port);
	doc_number(doc, "cmdline_gfn", shell->cmdline.gfn);
	doc_number(doc, "cmdline_offset", shell->cmdline.offset);
	put_vifs(doc, shell);
	shell_path(path, shell->domid);
	ret = doc_write(path, doc, err);
	json_object_put(doc);
	return ret;
}

static void get_file(struct json_object *doc, const char *key,
		     struct file_id *id)
{
	int64_t numbers[FILE_NUMBERS];
	struct json_object *list;
	size_t i, count;

	memset(id, 0, sizeof(*id));
	list = doc_get_list(doc, key, &count);
	if (!list)
		return;
	for (i = 0; i < FILE_NUMBERS; i++)
		numbers[i] = json_object_get_int64(json_object_array_get_idx(list, i));
	*id = (struct file_id){
		.dev = numbers[0], .ino = numbers[1], .size = numbers[2],
		.mtime = numbers[3], .ctime = numbers[4],
	};
}

static void get_vifs(struct json_object *doc, struct shell *shell)
{
	struct json_object *list, *entry;
	struct shell_vif *vif;
	size_t i, count;

	list = doc_get_list(doc, "vifs", &count);
	for (i = 0; i < count && i < SHELL_VIFS_MAX; i++) {
		entry = json_object_array_get_idx(list, i);
		vif = &shell->vifs[shell->nr_vifs];
		vif->id = doc_get_number(entry, "id");
		vif->mtu = doc_get_number(entry, "mtu");
		if (config_parse_mac(doc_get_text(entry, "mac"), vif->mac))
			shell->nr_vifs++;
	}
}

static bool take_doc(struct shell *shell, struct json_object *doc)
{
	if (!uuid_parse(doc_get_text(doc, "handle"), shell->handle) ||
	    !uuid_parse(doc_get_text(doc, "id"), shell->id))
		return false;
	snprintf(shell->pool, sizeof(shell->pool), "%s",
		 doc_get_text(doc, "pool"));
	snprintf(shell->build, sizeof(shell->build), "%s",
		 doc_get_text(doc, "build"));
	shell->made = doc_get_number(doc, "made");
	shell->type = strcmp(doc_get_text(doc, "type"), "pvh") ? GUEST_PV :
							    GUEST_PVH;
	shell->memory = doc_get_number(doc, "memory");
	get_file(doc, "kernel", &shell->kernel);
	get_file(doc, "ramdisk", &shell->ramdisk);
	shell->console_gfn = doc_get_number(doc, "console_gfn");
	shell->console_port = doc_get_number(doc, "console_port");
	shell->cmdline.gfn = doc_get_number(doc, "cmdline_gfn");
	shell->cmdline.offset = doc_get_number(doc, "cmdline_offset");
	get_vifs(doc, shell);
	return true;
}

bool shell_is_recorded(uint32_t domid)
{
	char path[PATH_MAX];

	shell_path(path, domid);
	return !access(path, F_OK);
}

static bool load_any(struct shell *shell, uint32_t domid)
{
	struct json_object *doc;
	char path[PATH_MAX];
	bool good;

	memset(shell, 0, sizeof(*shell));
	shell_path(path, domid);
	doc = doc_load(path);
	shell->domid = domid;
	good = doc && take_doc(shell, doc);
	json_object_put(doc);
	return good;
}

/* It is a guest, or about to be one. */
static bool is_taken(const struct shell *shell)
{
	uint8_t handle[UUID_SIZE];
	struct json_object *doc;
	char path[PATH_MAX];
	bool taken;

	snprintf(path, sizeof(path), "%s/%u.json", STATE_DOMAINS_DIR,
		 shell->domid);
	doc = doc_load(path);
	taken = uuid_parse(doc_get_text(doc, "handle"), handle) &&
		!memcmp(handle, shell->handle, UUID_SIZE);
	json_object_put(doc);
	return taken;
}

bool shell_load(struct shell *shell, uint32_t domid, const uint8_t *handle)
{
	return load_any(shell, domid) &&
	       !memcmp(shell->handle, handle, UUID_SIZE) && !is_taken(shell);
}

void shell_remove(uint32_t domid, const uint8_t *handle)
{
	struct shell shell;
	char path[PATH_MAX];

	if (!load_any(&shell, domid) ||
	    memcmp(shell.handle, handle, UUID_SIZE))
		return;
	shell_path(path, domid);
	unlink(path);
}

/**
 * struct each - whom shells_each() tells of a shell
 * @fn: see there
 * @arg: likewise
 */
struct each {
	bool (*fn)(const struct shell *shell, void *arg);
	void *arg;
};

static bool tell_of_one(uint32_t domid, void *arg)
{
	const struct each *each = arg;
	struct shell shell;

	return !load_any(&shell, domid) || each->fn(&shell, each->arg);
}

void shells_each(bool (*fn)(const struct shell *shell, void *arg), void *arg)
{
	struct each each = { .fn = fn, .arg = arg };

	state_each(STATE_SHELLS_DIR, "json", tell_of_one, &each);
}

int shell_lock(struct name_lock *lock, uint32_t domid, int timeout,
	       struct error *err)
{
	char name[16];

	/* No guest's name begins with a '?'. */
	snprintf(name, sizeof(name), "?%u", domid);
	return name_lock(lock, name, true, timeout, err);
}
