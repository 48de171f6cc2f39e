// SPDX-License-Identifier: GPL-2.0
/*
 * The pools: shells are made as long as one is lacking, one at a time, and go
 * when they are of no use. What a shell is stands in its record, and jobs make
 * and destroy it (pool/fill.h, pool/take.h); this is only what chaosd knows at
 * the moment.
 *
 * A shell is of no use if its domain is gone, or isn't as it was made; if its
 * pool wants other ones or fewer; if the files that its kernel came from are
 * other ones by now; or if another version of chaos made it.
 */
#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/events.h"
#include "daemon/guests.h"
#include "daemon/jobs.h"
#include "daemon/pools.h"
#include "guest/policy.h"
#include "pool/pool.h"
#include "pool/shell.h"
#include "util/chaos.h"
#include "util/json.h"
#include "util/util.h"
#include "worker/worker.h"

#define MS_PER_S	1000
#define BUSY_MS		100	/* while others are at it */
#define FILES_MS	1000	/* between two looks at the pools' files */
#define DISAGREE_MS	1000	/* until what the files say is seen here, too */
#define STRANGE_MS	10000	/* longer than it takes to make one, usually */
#define TRIES_MAX	5	/* after which the delay doesn't grow: 16 s */

/**
 * struct pool_watch - a pool
 * @next: of all pools
 * @pool: what it is to be
 * @known: in the directory, when that was read
 * @kernel: the file, at the last look
 * @ramdisk: likewise
 * @ready: shells that are good
 * @unready: shells that aren't made yet
 * @type: of its shells, as far as known
 * @served: guests that were made from it
 * @tries: how often making one has failed
 * @due: when the next one may be made, ms
 * @error: why it failed, or ""
 */
struct pool_watch {
	struct pool_watch *next;
	struct pool pool;
	bool known;
	struct file_id kernel;
	struct file_id ramdisk;
	unsigned int ready;
	unsigned int unready;
	enum guest_type type;
	unsigned int served;
	unsigned int tries;
	int64_t due;
	char error[sizeof(((struct error *)0)->text)];
};

/**
 * struct shell_watch - a shell
 * @next: of all shells
 * @shell: what is on record
 * @first_seen: when, ms
 * @seen: in the look that is being taken
 * @sound: its domain is as it was made
 * @drop: it is of no use
 * @ready: it is one of those that its pool counts
 * @job: a job destroys it
 * @tries: how often that has failed
 * @due: when it is tried, ms
 */
struct shell_watch {
	struct shell_watch *next;
	struct shell shell;
	int64_t first_seen;
	bool seen;
	bool sound;
	bool drop;
	bool ready;
	bool job;
	unsigned int tries;
	int64_t due;
};

static struct pool_watch *pools;
static struct shell_watch *shells;
static struct shell_watch *by_domid[DOMIDS];
static unsigned int nr_shells, fresh;
static int64_t files_due;
/* Of the pool for which a job makes a shell; "" if none does. */
static char filling[CONFIG_NAME_MAX + 1];

unsigned int pools_shells(void)
{
	return nr_shells;
}

static struct pool_watch *find_pool(const char *name)
{
	struct pool_watch *watch;

	for (watch = pools; watch; watch = watch->next)
		if (!strcmp(watch->pool.name, name))
			return watch;
	return NULL;
}

static void take_pool(struct pool *pool, void *arg)
{
	struct pool_watch *watch = find_pool(pool->name);

	(void)arg;
	if (!watch) {
		watch = calloc(1, sizeof(*watch));
		if (!watch)
			return;
		watch->next = pools;
		pools = watch;
	} else if (memcmp(&watch->pool.id, pool->id, UUID_SIZE) ||
		   watch->pool.count != pool->count) {
		/* What failed may work now. */
		watch->tries = 0;
		watch->due = 0;
		*watch->error = '\0';
	}
	pool_free(&watch->pool);
	watch->pool = *pool;
	memset(pool, 0, sizeof(*pool));
	watch->known = true;
}

void pools_read(void)
{
	struct pool_watch **at = &pools, *watch;

	files_due = 0;
	for (watch = pools; watch; watch = watch->next)
		watch->known = false;
	pools_each(take_pool, NULL);
	while (*at) {
		watch = *at;
		if (watch->known) {
			at = &watch->next;
			continue;
		}
		*at = watch->next;
		pool_free(&watch->pool);
		free(watch);
	}
}

void pools_init(void)
{
	pools_keep();
	pools_read();
}

static void forget(struct shell_watch *watch)
{
	struct shell_watch **at = &shells;

	while (*at != watch)
		at = &(*at)->next;
	*at = watch->next;
	if (by_domid[watch->shell.domid] == watch)
		by_domid[watch->shell.domid] = NULL;
	free(watch);
	nr_shells--;
}

static struct shell_watch *find_shell(const struct domain_info *info)
{
	struct shell_watch *watch = by_domid[info->domid];

	return watch && !memcmp(watch->shell.handle, info->handle, UUID_SIZE) ?
		watch : NULL;
}

static struct shell_watch *add_shell(const struct shell *shell)
{
	struct shell_watch *watch = calloc(1, sizeof(*watch));

	if (!watch)
		return NULL;
	watch->shell = *shell;
	watch->first_seen = clock_ms();
	watch->next = shells;
	shells = watch;
	by_domid[shell->domid] = watch;
	nr_shells++;
	return watch;
}

void pools_look_begin(void)
{
	struct shell_watch *watch;

	for (watch = shells; watch; watch = watch->next)
		watch->seen = false;
}

/* Somebody has taken it: its pool lacks one from now on, and not from the next look on. */
static void uncount(const struct shell_watch *watch)
{
	struct pool_watch *pool = find_pool(watch->shell.pool);

	if (watch->ready && pool && pool->ready)
		pool->ready--;
}

bool pools_see(const struct domain_info *info)
{
	struct shell_watch *watch = find_shell(info);
	struct shell shell;

	/* The record of one that is made doesn't change, it only goes. */
	if ((!watch || !watch->shell.made || !shell_is_recorded(info->domid)) &&
	    !shell_load(&shell, info->domid, info->handle)) {
		if (watch && !watch->job) {
			uncount(watch);
			forget(watch);
		}
		return false;
	}
	if (!watch)
		watch = add_shell(&shell);
	else if (!watch->shell.made)
		watch->shell = shell;
	if (watch) {
		watch->seen = true;
		watch->sound = xen_is_fresh(info);
	}
	return true;
}

static bool is_of(const struct pool_watch *pool, const struct shell *shell)
{
	return pool && !memcmp(pool->pool.id, shell->id, UUID_SIZE) &&
	       !memcmp(&pool->kernel, &shell->kernel, sizeof(pool->kernel)) &&
	       !memcmp(&pool->ramdisk, &shell->ramdisk, sizeof(pool->ramdisk)) &&
	       !strcmp(shell->build, CHAOS_BUILD);
}

static void count_shell(struct shell_watch *watch)
{
	struct pool_watch *pool = find_pool(watch->shell.pool);

	watch->drop = false;
	watch->ready = false;
	if (watch->seen && !watch->shell.made) {
		/* Its maker is at work; if he is dead, it is tidied. */
		if (clock_ms() - watch->first_seen > STRANGE_MS)
			guests_tidy_soon();
		if (pool)
			pool->unready++;
	} else if (!watch->seen || !watch->sound ||
		   !is_of(pool, &watch->shell) ||
		   pool->ready >= pool->pool.count) {
		watch->drop = true;
	} else {
		watch->ready = true;
		pool->ready++;
		pool->type = watch->shell.type;
	}
}

static void look_at_files(void)
{
	int64_t now = clock_ms();
	struct pool_watch *pool;

	if (now < files_due)
		return;
	files_due = now + FILES_MS;
	for (pool = pools; pool; pool = pool->next) {
		file_id_get(pool->pool.config.kernel, &pool->kernel);
		file_id_get(pool->pool.config.ramdisk, &pool->ramdisk);
	}
}

void pools_look_end(void)
{
	struct shell_watch *shell, *next;
	struct pool_watch *pool;

	for (pool = pools; pool; pool = pool->next) {
		pool->ready = 0;
		pool->unready = 0;
	}
	look_at_files();
	for (shell = shells; shell; shell = next) {
		struct shell again;

		next = shell->next;
		/* Xen hasn't it any more, and it is on record no more, or as a guest. */
		if (!shell->seen && !shell->job &&
		    !shell_load(&again, shell->shell.domid,
				shell->shell.handle))
			forget(shell);
		else
			count_shell(shell);
	}
}

static void fill_failed(struct pool_watch *pool, const char *why)
{
	struct json_object *event = event_new("pool-failed");

	fprintf(stderr, "chaosd: pool %s: %s\n", pool->pool.name, why);
	doc_text(event, "pool", pool->pool.name);
	doc_text(event, "error", why);
	event_send(event);
	snprintf(pool->error, sizeof(pool->error), "%s", why);
	if (pool->tries < TRIES_MAX)
		pool->tries++;
	pool->due = clock_ms() + policy_delay(pool->tries);
}

static void fill_done(const struct job_result *result, void *arg)
{
	struct pool_watch *pool = find_pool(filling);

	(void)arg;
	*filling = '\0';
	if (pool && !result->ret) {
		pool->tries = 0;
		*pool->error = '\0';
	} else if (pool && result->ret == -EAGAIN) {
		pool->due = clock_ms() + BUSY_MS;
	} else if (pool && result->ret == -ESTALE) {
		pool->due = clock_ms() + DISAGREE_MS;
	} else if (pool) {
		fill_failed(pool, result->err.text);
	}
	guests_look();
}

static void start_fill(struct pool_watch *pool, int64_t now)
{
	struct json_object *task = work_task(WORK_FILL);
	int ret;

	doc_text(task, "pool", pool->pool.name);
	pool->due = now + MS_PER_S / pool->pool.rate;
	ret = job_start(task, fill_done, NULL);
	if (ret)
		fill_failed(pool, strerror(-ret));
	else
		strcpy(filling, pool->pool.name);
}

static void drop_done(const struct job_result *result, void *arg)
{
	struct shell_watch *watch = arg;

	watch->job = false;
	if (!result->ret || result->ret == -ESTALE) {
		forget(watch);
	} else {
		fprintf(stderr, "chaosd: drop: %u: %s\n", watch->shell.domid,
			result->err.text);
		if (watch->tries < TRIES_MAX)
			watch->tries++;
		watch->due = clock_ms() + policy_delay(watch->tries);
	}
	guests_look();
}

static void start_drop(struct shell_watch *watch)
{
	struct json_object *task;

	task = work_task_domain(WORK_DROP, watch->shell.domid,
				watch->shell.handle);
	watch->job = !job_start(task, drop_done, watch);
	watch->due = clock_ms() + BUSY_MS;
}

static int64_t sooner(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t drop_due(int64_t now)
{
	struct shell_watch *watch;
	int64_t next = INT64_MAX;

	for (watch = shells; watch; watch = watch->next) {
		if (!watch->drop || watch->job)
			continue;
		if (watch->due <= now && jobs_room())
			start_drop(watch);
		else
			next = sooner(next, watch->due);
	}
	return next;
}

static bool is_lacking(const struct pool_watch *pool)
{
	return pool->ready + pool->unready < pool->pool.count;
}

/* The one that has waited longest. */
static int64_t fill_due(int64_t now)
{
	struct pool_watch *pool, *first = NULL;

	for (pool = pools; pool; pool = pool->next)
		if (is_lacking(pool) && (!first || pool->due < first->due))
			first = pool;
	if (!first || *filling)
		return INT64_MAX;
	if (first->due > now)
		return first->due;
	start_fill(first, now);
	/* If it couldn't be started; its end calls us again. */
	return *filling ? INT64_MAX : first->due;
}

int pools_tick(void)
{
	int64_t now = clock_ms(), next;

	/* If there is no room, the end of a job calls us again. */
	if (!jobs_room())
		return -1;
	next = drop_due(now);
	if (jobs_room())
		next = sooner(next, fill_due(now));
	if (next == INT64_MAX)
		return -1;
	next -= clock_ms();
	return next < 0 ? 0 : next;
}

void pools_count(const char *name)
{
	struct pool_watch *pool = find_pool(name);

	if (!*name)
		fresh++;
	else if (pool)
		pool->served++;
}

static struct json_object *describe(const struct pool_watch *watch)
{
	const struct guest_config *config = &watch->pool.config;
	struct json_object *doc = json_object_new_object();
	const char *type = config_type_name(watch->type);
	unsigned int i, vifs = 0;

	for (i = 0; i < config->nr_vifs; i++)
		vifs += flavour_has_vif(&config->vifs[i]);
	doc_text(doc, "name", watch->pool.name);
	doc_number(doc, "count", watch->pool.count);
	doc_number(doc, "rate", watch->pool.rate);
	doc_number(doc, "ready", watch->ready);
	doc_bool(doc, "making",
		 watch->unready || !strcmp(filling, watch->pool.name));
	doc_number(doc, "served", watch->served);
	doc_number(doc, "memory", config->memory);
	doc_number(doc, "vcpus", config->vcpus);
	doc_text(doc, "type", type);
	doc_number(doc, "vifs", vifs);
	doc_text(doc, "error", *watch->error ? watch->error : NULL);
	return doc;
}

void pools_describe(struct json_object *answer)
{
	struct json_object *list = doc_list(answer, "pools");
	struct pool_watch *pool;

	for (pool = pools; pool; pool = pool->next)
		json_object_array_add(list, describe(pool));
	doc_number(answer, "fresh", fresh);
}
