// SPDX-License-Identifier: GPL-2.0
/*
 * What pools there are to be, in files: so that they are still there when
 * chaosd is started again, or the host.
 */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pool/pool.h"
#include "util/chaos.h"
#include "util/json.h"
#include "util/state.h"
#include "util/util.h"

#define LOCK_FILE	CHAOS_RUN_DIR "/pools.lock"
#define NS_PER_S	1000000000LL
/* Where 0.1 had them, until the host was booted. */
#define FORMER_POOLS_DIR	CHAOS_RUN_DIR "/pools"

static const char suffix[] = ".json";

int pool_lock(struct error *err)
{
	/* Whoever has it does little with it. */
	return state_lock(LOCK_FILE, false, -1, err);
}

static void pool_path(char *path, const char *name)
{
	snprintf(path, PATH_MAX, "%s/%s%s", KEEP_POOLS_DIR, name, suffix);
}

static int take_doc(struct pool *pool, struct json_object *doc,
		    struct error *err)
{
	const char *text = doc_get_text(doc, "text");
	struct guest_config *config = &pool->config;
	int64_t count = doc_get_number(doc, "count");
	int64_t rate = doc_get_number(doc, "rate");
	int ret;

	if (!uuid_parse(doc_get_text(doc, "id"), pool->id) ||
	    count < 0 || count > POOL_COUNT_MAX ||
	    rate < 1 || rate > POOL_RATE_MAX)
		return error_set(err, -EINVAL, "what is remembered of it is wrong");
	pool->count = count;
	pool->rate = rate;
	ret = config_parse(text, strlen(text), doc_get_text(doc, "file"),
			   config, err);
	if (!ret)
		ret = config_complete_vifs(config->vifs, config->nr_vifs, err);
	if (ret)
		config_free(config);
	return ret;
}

int pool_load(const char *name, struct pool *pool, struct error *err)
{
	struct json_object *doc;
	char path[PATH_MAX];
	int ret;

	memset(pool, 0, sizeof(*pool));
	pool_path(path, name);
	if (access(path, F_OK))
		return error_set(err, -ENOENT, "no such pool");
	doc = json_object_from_file(path);
	if (!doc)
		return error_set(err, -EINVAL, "what is remembered of it is wrong");
	snprintf(pool->name, sizeof(pool->name), "%s", name);
	ret = take_doc(pool, doc, err);
	json_object_put(doc);
	return ret;
}

static int make_dirs(struct error *err)
{
	static const char *const dirs[] = { CHAOS_KEEP_DIR, KEEP_POOLS_DIR };

	return state_make_dirs(dirs, ARRAY_SIZE(dirs), err);
}

int pool_save(const struct pool *pool, struct error *err)
{
	struct json_object *doc;
	char path[PATH_MAX], id[UUID_TEXT];
	int ret;

	ret = make_dirs(err);
	if (ret)
		return ret;
	doc = json_object_new_object();
	doc_text(doc, "name", pool->name);
	doc_text(doc, "id", uuid_format(pool->id, id));
	doc_number(doc, "count", pool->count);
	doc_number(doc, "rate", pool->rate);
	doc_text(doc, "file", pool->config.file);
	doc_text(doc, "text", pool->config.text);
	pool_path(path, pool->name);
	ret = doc_write(path, doc, err);
	json_object_put(doc);
	return ret;
}

void pool_remove(const char *name)
{
	char path[PATH_MAX];

	pool_path(path, name);
	unlink(path);
}

static bool get_name(const char *file, char *name)
{
	size_t len = strlen(file), end = strlen(suffix);

	if (len <= end || len - end > CONFIG_NAME_MAX ||
	    strcmp(file + len - end, suffix))
		return false;
	memcpy(name, file, len - end);
	name[len - end] = '\0';
	return !config_name_check(name);
}

void pools_each(void (*fn)(struct pool *pool, void *arg), void *arg)
{
	char name[CONFIG_NAME_MAX + 1];
	struct dirent *entry;
	struct error ignored;
	struct pool pool;
	DIR *dir;

	dir = opendir(KEEP_POOLS_DIR);
	if (!dir)
		return;
	while ((entry = readdir(dir))) {
		if (!get_name(entry->d_name, name) ||
		    pool_load(name, &pool, &ignored))
			continue;
		fn(&pool, arg);
		pool_free(&pool);
	}
	closedir(dir);
}

/* Where there is one of that name, or no room, the old one goes. */
static void keep_pool(const char *file)
{
	char name[CONFIG_NAME_MAX + 1], old[PATH_MAX], path[PATH_MAX];
	struct json_object *doc;
	struct error ignored;

	if (!get_name(file, name))
		return;
	snprintf(old, sizeof(old), "%s/%s", FORMER_POOLS_DIR, file);
	pool_path(path, name);
	doc = access(path, F_OK) ? doc_load(old) : NULL;
	if (doc && !make_dirs(&ignored))
		(void)doc_write(path, doc, &ignored);
	json_object_put(doc);
	unlink(old);
}

void pools_keep(void)
{
	struct dirent *entry;
	DIR *dir;

	dir = opendir(FORMER_POOLS_DIR);
	if (!dir)
		return;
	while ((entry = readdir(dir)))
		keep_pool(entry->d_name);
	closedir(dir);
	rmdir(FORMER_POOLS_DIR);
}

void pool_free(struct pool *pool)
{
	config_free(&pool->config);
}

static int64_t get_ns(const struct timespec *time)
{
	return time->tv_sec * NS_PER_S + time->tv_nsec;
}

void file_id_get(const char *path, struct file_id *id)
{
	struct stat info;

	memset(id, 0, sizeof(*id));
	if (!path || stat(path, &info))
		return;
	id->dev = info.st_dev;
	id->ino = info.st_ino;
	id->size = info.st_size;
	id->mtime = get_ns(&info.st_mtim);
	id->ctime = get_ns(&info.st_ctim);
}

static int new_id(struct pool *pool, struct error *err)
{
	if (getrandom(pool->id, sizeof(pool->id), 0) != sizeof(pool->id))
		return error_sys(err, -errno, "random numbers");
	return 0;
}

static void count_pool(struct pool *pool, void *arg)
{
	unsigned int *count = arg;

	(void)pool;
	(*count)++;
}

static int check_room(struct error *err)
{
	unsigned int count = 0;

	pools_each(count_pool, &count);
	if (count < POOLS_MAX)
		return 0;
	return error_set(err, -ENOSPC, "there are %d pools already", POOLS_MAX);
}

/* Under the lock: from what is there to what is wanted. */
static int change(const char *name, struct guest_config *config,
		  const unsigned int *count, const unsigned int *rate,
		  struct error *err)
{
	struct pool pool;
	int ret;

	ret = pool_load(name, &pool, err);
	if (ret && config) {
		ret = ret == -ENOENT ? check_room(err) : 0;
		pool.count = POOL_COUNT_DEFAULT;
		pool.rate = POOL_RATE_DEFAULT;
		strcpy(pool.name, name);
	}
	if (ret)
		return ret;
	/* What is ready for the same file stays. */
	if (config && (!pool.config.text ||
		       strcmp(pool.config.text, config->text))) {
		config_free(&pool.config);
		pool.config = *config;
		memset(config, 0, sizeof(*config));
		ret = new_id(&pool, err);
	}
	if (count)
		pool.count = *count;
	if (rate)
		pool.rate = *rate;
	if (!ret)
		ret = pool_save(&pool, err);
	pool_free(&pool);
	return ret;
}

int pool_set(const char *name, struct guest_config *config,
	     const unsigned int *count, const unsigned int *rate,
	     struct error *err)
{
	int fd, ret;

	fd = pool_lock(err);
	if (fd < 0)
		return fd;
	ret = change(name, config, count, rate, err);
	close(fd);
	return ret;
}
