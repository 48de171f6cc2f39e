// SPDX-License-Identifier: GPL-2.0
/*
 * Shells: taken for a guest, counted, and given up. See pool/shell.h for what
 * they are.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pool/destroy.h"
#include "pool/pool.h"
#include "pool/take.h"
#include "util/chaos.h"
#include "util/signal.h"
#include "util/util.h"
#include "xen/host.h"

#define FILLING_TIMEOUT_MS	120000
#define LOCK_TIMEOUT_MS		60000

/* What a guest needs besides its memory, at most: page tables and the like. */
#define OVERHEAD_MB(memory)	(16 + (memory) / 64)

static int filling_stop(struct error *err)
{
	int fd = state_lock(FILLING_FILE, false, FILLING_TIMEOUT_MS, err);

	return fd != -EBUSY ? fd :
	       error_set(err, fd, "shells are made all the time");
}

/**
 * struct tally - shells that are looked at
 * @pool: name of a pool, or NULL for all
 * @id: of the pool, or NULL
 * @count: how many
 * @memory: MiB that they have
 */
struct tally {
	const char *pool;
	const uint8_t *id;
	unsigned int count;
	unsigned long long memory;
};

static bool tally(const struct shell *shell, void *arg)
{
	struct tally *tally = arg;

	if ((tally->pool && strcmp(tally->pool, shell->pool)) ||
	    (tally->id && memcmp(tally->id, shell->id, UUID_SIZE)))
		return true;
	tally->count++;
	tally->memory += shell->memory;
	return true;
}

unsigned long long shells_memory(void)
{
	struct tally all = { .pool = NULL };

	shells_each(tally, &all);
	return all.memory;
}

unsigned int shells_count(const char *name, const uint8_t *id)
{
	struct tally mine = { .pool = name, .id = id };

	shells_each(tally, &mine);
	return mine.count;
}

/**
 * struct seeking - a guest that looks for a shell
 * @xen: access to the hypervisor
 * @guest: what it needs
 * @pools: that it would fit
 * @nr_pools: how many
 * @shell: out
 * @lock: out
 * @found: there is one
 */
struct seeking {
	struct xen *xen;
	struct flavour guest;
	struct pool pools[POOLS_MAX];
	unsigned int nr_pools;
	struct shell *shell;
	struct name_lock *lock;
	bool found;
};

static void add_pool(struct pool *pool, void *arg)
{
	struct seeking *seeking = arg;

	if (seeking->nr_pools == POOLS_MAX ||
	    flavour_config_misfit(&pool->config, seeking->guest.config))
		return;
	seeking->pools[seeking->nr_pools++] = *pool;
	memset(pool, 0, sizeof(*pool));
}

static bool has_mtus(const struct guest_config *guest,
		     const struct shell *shell)
{
	unsigned int i;

	for (i = 0; i < shell->nr_vifs; i++)
		if (!flavour_has_mtu(guest, shell->vifs[i].id,
				     shell->vifs[i].mtu))
			return false;
	return true;
}

static bool fits(const struct seeking *seeking, const struct shell *shell)
{
	struct flavour flavour = {
		.type = shell->type,
		.kernel = shell->kernel,
		.ramdisk = shell->ramdisk,
	};
	unsigned int i;

	if (!shell->made || strcmp(shell->build, CHAOS_BUILD) ||
	    !has_mtus(seeking->guest.config, shell))
		return false;
	for (i = 0; i < seeking->nr_pools; i++) {
		if (memcmp(seeking->pools[i].id, shell->id, UUID_SIZE))
			continue;
		flavour.config = &seeking->pools[i].config;
		return !flavour_misfit(&flavour, &seeking->guest);
	}
	return false;
}

/* Others may have destroyed or unpaused it: only one that never ran will do. */
static bool is_sound(struct xen *xen, const struct shell *shell)
{
	struct domain_info info;

	return !xen_info(xen, shell->domid, &info) &&
	       !memcmp(info.handle, shell->handle, UUID_SIZE) &&
	       xen_is_fresh(&info);
}

static bool try_shell(const struct shell *shell, void *arg)
{
	struct seeking *seeking = arg;
	struct error ignored;

	if (!fits(seeking, shell) ||
	    shell_lock(seeking->lock, shell->domid, 0, &ignored))
		return true;
	/* Under its lock, the same again: somebody may have been faster. */
	seeking->found = shell_load(seeking->shell, shell->domid,
				    shell->handle) &&
			 fits(seeking, seeking->shell) &&
			 is_sound(seeking->xen, seeking->shell);
	if (!seeking->found)
		name_drop(seeking->lock);
	return !seeking->found;
}

bool shell_take(struct xen *xen, const struct guest_config *config,
		struct shell *shell, struct name_lock *lock)
{
	struct seeking seeking = {
		.xen = xen, .guest.config = config, .shell = shell,
		.lock = lock,
	};
	unsigned int i;

	pools_each(add_pool, &seeking);
	if (seeking.nr_pools) {
		file_id_get(config->kernel, &seeking.guest.kernel);
		file_id_get(config->ramdisk, &seeking.guest.ramdisk);
		shells_each(try_shell, &seeking);
	}
	for (i = 0; i < seeking.nr_pools; i++)
		pool_free(&seeking.pools[i]);
	return seeking.found;
}

const struct shell_vif *shell_vif(const struct shell *shell, unsigned int id)
{
	unsigned int i;

	for (i = 0; i < shell->nr_vifs; i++)
		if (shell->vifs[i].id == id)
			return &shell->vifs[i];
	return NULL;
}

static int drop_locked(struct xen *xen, uint32_t domid, const uint8_t *handle,
		       bool dead, struct error *err)
{
	struct shell shell;
	int ret;

	if (!shell_load(&shell, domid, handle))
		return error_set(err, -ESTALE, "is no shell any more");
	if (dead && shell.made && xen_is_domain(xen, domid, handle))
		return 0;
	ret = domain_destroy(xen, domid, handle, true, err);
	if (!ret)
		ret = domain_bury(xen, domid, handle, err);
	if (!ret)
		shell_remove(domid, handle);
	return ret;
}

int shell_drop(struct xen *xen, uint32_t domid, const uint8_t *handle,
	       int timeout, struct error *err)
{
	struct name_lock lock;
	int ret;

	ret = shell_lock(&lock, domid, timeout, err);
	if (ret)
		return ret;
	ret = drop_locked(xen, domid, handle, false, err);
	name_drop(&lock);
	return ret;
}

int shell_drop_dead(struct xen *xen, uint32_t domid, const uint8_t *handle,
		    struct error *err)
{
	struct name_lock lock;
	int ret;

	ret = shell_lock(&lock, domid, 0, err);
	if (ret)
		return ret;
	ret = drop_locked(xen, domid, handle, true, err);
	name_drop(&lock);
	return ret;
}

/**
 * struct draining - shells that go
 * @xen: access to the hypervisor
 * @pool: only of this pool, or NULL
 * @wanted: until so many pages are free, or 0
 * @timeout: how long to wait for others who are at work on one, in ms
 * @progress: how far it is, or NULL
 * @total: how many there are, if @progress
 * @count: how many are gone
 * @ret: negative errno of the last failure, or 0
 * @err: its reason
 */
struct draining {
	struct xen *xen;
	const char *pool;
	uint64_t wanted;
	int timeout;
	struct progress *progress;
	int total;
	int count;
	int ret;
	struct error *err;
};

/* If Xen can't be asked, none. */
static uint64_t free_pages(struct xen *xen)
{
	struct error ignored;
	uint64_t pages;

	return host_free_pages(xen, &pages, &ignored) ? 0 : pages;
}

static bool has_enough(struct draining *draining)
{
	return draining->wanted && draining->count &&
	       free_pages(draining->xen) >= draining->wanted;
}

static bool count_shell(const struct shell *shell, void *arg)
{
	struct draining *draining = arg;

	draining->total += !strcmp(draining->pool, shell->pool);
	return true;
}

/* Whoever is interrupted has set the pool already: chaosd drops what is left. */
static bool drain(const struct shell *shell, void *arg)
{
	struct draining *draining = arg;
	int ret;

	if (draining->progress && signals_pending()) {
		draining->ret = error_set(draining->err, -EINTR, "interrupted");
		return false;
	}
	if (draining->pool && strcmp(draining->pool, shell->pool))
		return true;
	ret = shell_drop(draining->xen, shell->domid, shell->handle,
			 draining->timeout, draining->err);
	if (!ret)
		draining->count++;
	else if (ret != -ESTALE)
		draining->ret = ret;
	progress_show(draining->progress, draining->count, draining->total);
	return !has_enough(draining);
}

/* Return: how many of the pool's shells are gone, or a negative errno. */
static int drain_pool(struct xen *xen, const char *name,
		      struct progress *progress, struct error *err)
{
	struct draining draining = {
		.xen = xen, .pool = name, .timeout = LOCK_TIMEOUT_MS,
		.progress = progress, .err = err,
	};
	int fd;

	fd = filling_stop(err);
	if (fd < 0)
		return fd;
	shells_each(count_shell, &draining);
	shells_each(drain, &draining);
	close(fd);
	return draining.ret ? draining.ret : draining.count;
}

bool shells_give_up(struct xen *xen, unsigned int memory, int *fd)
{
	struct error ignored;
	struct draining draining = {
		.xen = xen, .err = &ignored,
		.wanted = (memory + OVERHEAD_MB((uint64_t)memory)) *
			  PAGES_PER_MB,
	};
	uint64_t held = shells_memory();

	/* If all of them together don't have enough memory, none is destroyed. */
	if (!held ||
	    free_pages(xen) / PAGES_PER_MB + held < memory)
		return false;
	*fd = filling_stop(&ignored);
	if (*fd < 0)
		return false;
	shells_each(drain, &draining);
	if (draining.count)
		return true;
	close(*fd);
	return false;
}

void shells_go_on(int fd)
{
	close(fd);
}

/* So that none is made again. */
static int empty(const char *name, bool forget, struct error *err)
{
	struct pool pool;
	int fd, ret;

	fd = pool_lock(err);
	if (fd < 0)
		return fd;
	ret = pool_load(name, &pool, err);
	if (ret != -ENOENT && forget) {
		pool_remove(name);
		ret = 0;
	} else if (!ret) {
		pool.count = 0;
		ret = pool_save(&pool, err);
	}
	pool_free(&pool);
	close(fd);
	return ret;
}

/**
 * struct names - of pools
 * @name: each one
 * @count: how many
 */
struct names {
	char name[POOLS_MAX][CONFIG_NAME_MAX + 1];
	unsigned int count;
};

static void add_name(struct pool *pool, void *arg)
{
	struct names *names = arg;

	if (names->count < POOLS_MAX)
		strcpy(names->name[names->count++], pool->name);
}

int pools_drain(struct xen *xen, const char *name, bool forget,
		struct progress *progress, struct error *err)
{
	struct names names = { .count = 0 };
	int drained = 0, ret = 0;
	unsigned int i;

	if (name)
		strcpy(names.name[names.count++], name);
	else
		pools_each(add_name, &names);
	for (i = 0; ret >= 0 && i < names.count; i++) {
		ret = empty(names.name[i], forget, err);
		if (!ret)
			ret = drain_pool(xen, names.name[i], progress, err);
		if (ret > 0)
			drained += ret;
	}
	return ret < 0 ? ret : drained;
}
