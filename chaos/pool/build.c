// SPDX-License-Identifier: GPL-2.0
/*
 * Shells: made, taken, and given up. See pool/shell.h for what they are.
 *
 * Those who make one have the lock FILLING_FILE in common, all the while; those
 * who need the memory have it for themselves. So a pool that is drained stays
 * empty, and memory that was given back for a guest goes to that guest.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "host/noxs.h"
#include "host/vif.h"
#include "pool/build.h"
#include "pool/pool.h"
#include "util/chaos.h"
#include "util/util.h"
#include "xen/domain.h"
#include "xen/image.h"

#define FILLING_FILE		CHAOS_RUN_DIR "/filling"
#define FILLING_TIMEOUT_MS	120000
#define LOCK_TIMEOUT_MS		60000

#define DOMID_TRIES		4
#define PAGES_PER_MB		256
/* What a guest needs besides its memory, at most: page tables and the like. */
#define OVERHEAD_MB(memory)	(16 + (memory) / 64)
/* Two changes of a file within a tick of the clock look like one. */
#define TICK_MS			20
#define NS_PER_MS		1000000LL

static int filling_begin(struct error *err)
{
	int fd = state_lock(FILLING_FILE, true, 0, err);

	return fd != -EBUSY ? fd :
	       error_set(err, -EAGAIN, "memory is given back at present");
}

static int filling_stop(struct error *err)
{
	int fd = state_lock(FILLING_FILE, false, FILLING_TIMEOUT_MS, err);

	return fd != -EBUSY ? fd :
	       error_set(err, fd, "shells are made all the time");
}

/**
 * struct filling - a shell in the making
 * @xen: access to the hypervisor
 * @noxs: access to the kernel's devices
 * @pool: what it is for
 * @config: the pool's, with what is given to a domain later left out
 * @dom: its domain
 * @image: its kernel, until it is in the domain
 * @lock: of its domain
 * @shell: what others will know of it
 */
struct filling {
	struct xen *xen;
	struct noxs noxs;
	struct pool pool;
	struct guest_config config;
	struct domain dom;
	struct image image;
	struct name_lock lock;
	struct shell shell;
};

static void set_shell(struct filling *filling)
{
	struct shell *shell = &filling->shell;

	strcpy(shell->pool, filling->pool.name);
	memcpy(shell->id, filling->pool.id, UUID_SIZE);
	strcpy(shell->version, CHAOS_VERSION);
	shell->type = filling->image.type == &domain_pvh ? GUEST_PVH : GUEST_PV;
	shell->memory = filling->config.memory;
}

/* As with a guest: first of all, and when the handle changes. */
static int remember(struct filling *filling, struct error *err)
{
	filling->shell.domid = filling->dom.domid;
	memcpy(filling->shell.handle, filling->dom.handle, UUID_SIZE);
	return shell_save(&filling->shell, err);
}

/* What can't be undone is left over, as if we had been killed. */
static void undo(struct filling *filling)
{
	struct domain *dom = &filling->dom;
	struct error ignored;

	if (!domain_destroy(filling->xen, dom->domid, dom->handle, true,
			    &ignored))
		shell_remove(dom->domid, filling->shell.handle);
	if (filling->lock.fd >= 0)
		name_drop(&filling->lock);
}

static int make_and_announce(struct filling *filling, struct error *err)
{
	struct domain *dom = &filling->dom;
	int ret;

	filling->lock.fd = -1;
	ret = domain_create(filling->xen, &filling->config, filling->image.type,
			    dom, err);
	if (ret)
		return ret;
	ret = shell_lock(&filling->lock, dom->domid, LOCK_TIMEOUT_MS, err);
	if (ret)
		filling->lock.fd = -1;
	else
		ret = remember(filling, err);
	if (!ret)
		ret = domain_announce(filling->xen, &filling->noxs, dom, err);
	if (!ret)
		ret = remember(filling, err);
	if (ret)
		undo(filling);
	return ret;
}

static int make_domain_once(struct filling *filling, struct error *err)
{
	int fd, ret;

	ret = state_create_begin(&fd, err);
	if (ret)
		return ret;
	ret = make_and_announce(filling, err);
	state_create_end(fd);
	return ret;
}

static int make_domain(struct filling *filling, struct error *err)
{
	int tries, ret = -EBUSY;

	for (tries = 0; ret == -EBUSY && tries < DOMID_TRIES; tries++)
		ret = make_domain_once(filling, err);
	return ret;
}

static int build(struct filling *filling, struct error *err)
{
	const struct guest_config *config = &filling->config;
	struct shell *shell = &filling->shell;
	struct domain *dom = &filling->dom;
	struct xen *xen = filling->xen;
	int ret;

	ret = domain_limit(xen, config, dom, err);
	if (!ret)
		ret = domain_populate(xen, config, dom, &filling->image, err);
	if (!ret)
		ret = domain_load(xen, config, dom, &filling->image, err);
	if (!ret)
		ret = cmdline_find(&filling->image, &shell->cmdline, err);
	image_free(&filling->image);
	shell->console_gfn = dom->console_gfn;
	shell->console_port = dom->console_port;
	return ret;
}

static int add_devices(struct filling *filling, struct error *err)
{
	const struct vif_config *vif = filling->config.vifs;
	struct shell *shell = &filling->shell;
	unsigned int i;
	int ret;

	ret = noxs_sysctl_add(&filling->noxs, filling->dom.domid, err);
	for (i = 0; !ret && i < filling->config.nr_vifs; i++, vif++) {
		if (!flavour_has_vif(vif))
			continue;
		ret = net_make(&filling->noxs, filling->dom.domid, vif, err);
		shell->vifs[shell->nr_vifs].id = vif->id;
		memcpy(shell->vifs[shell->nr_vifs].mac, vif->mac,
		       sizeof(vif->mac));
		shell->nr_vifs++;
	}
	return ret;
}

static void let_file_settle(const struct file_id *id)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	if (now.tv_sec * 1000LL + now.tv_nsec / NS_PER_MS -
	    id->ctime / NS_PER_MS < TICK_MS)
		sleep_ms(TICK_MS);
}

static void identify(struct filling *filling)
{
	struct shell *shell = &filling->shell;

	file_id_get(filling->config.kernel, &shell->kernel);
	file_id_get(filling->config.ramdisk, &shell->ramdisk);
	let_file_settle(&shell->kernel);
	let_file_settle(&shell->ramdisk);
}

/* What is in the domain's memory must be what the files are said to be. */
static int check_files(const struct filling *filling, struct error *err)
{
	const struct shell *shell = &filling->shell;
	struct file_id kernel, ramdisk;

	file_id_get(filling->config.kernel, &kernel);
	file_id_get(filling->config.ramdisk, &ramdisk);
	if (memcmp(&kernel, &shell->kernel, sizeof(kernel)))
		return error_set(err, -EAGAIN, "kernel: %s: is being changed",
				 filling->config.kernel);
	if (memcmp(&ramdisk, &shell->ramdisk, sizeof(ramdisk)))
		return error_set(err, -EAGAIN, "ramdisk: %s: is being changed",
				 filling->config.ramdisk);
	return 0;
}

static int make_loaded(struct filling *filling, struct error *err)
{
	int ret;

	set_shell(filling);
	ret = make_domain(filling, err);
	if (ret)
		return ret;
	ret = build(filling, err);
	if (!ret)
		ret = check_files(filling, err);
	if (!ret)
		ret = add_devices(filling, err);
	if (!ret) {
		filling->shell.made = true;
		ret = remember(filling, err);
	}
	if (ret)
		undo(filling);
	else
		name_drop(&filling->lock);
	return ret;
}

static int make_shell(struct filling *filling, struct error *err)
{
	struct guest_config *config = &filling->config;
	int ret;

	/* Whose is whose stays as it is: the pool's. */
	*config = filling->pool.config;
	config->cmdline = cmdline_blank();
	config->cpu_weight = 0;
	config->cap = 0;
	identify(filling);
	ret = noxs_open(&filling->noxs, err);
	if (ret)
		return ret;
	ret = image_load(filling->xen, config, &filling->image, err);
	if (!ret)
		ret = make_loaded(filling, err);
	image_free(&filling->image);
	noxs_close(&filling->noxs);
	return ret;
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

static int fill(struct filling *filling, struct error *err)
{
	struct tally mine = {
		.pool = filling->pool.name, .id = filling->pool.id,
	};

	shells_each(tally, &mine);
	if (mine.count >= filling->pool.count)
		return error_set(err, -ESTALE, "is full");
	return make_shell(filling, err);
}

int shell_fill(struct xen *xen, const char *name, uint32_t *domid,
	       struct error *err)
{
	struct filling filling = { .xen = xen };
	int fd, ret;

	ret = state_init(err);
	fd = ret ? ret : filling_begin(err);
	if (fd < 0)
		return fd;
	ret = pool_load(name, &filling.pool, err);
	if (!ret) {
		ret = fill(&filling, err);
		pool_free(&filling.pool);
	} else if (ret == -ENOENT) {
		ret = -ESTALE;
	}
	close(fd);
	*domid = filling.dom.domid;
	return ret;
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

static bool fits(const struct seeking *seeking, const struct shell *shell)
{
	struct flavour flavour = {
		.type = shell->type,
		.kernel = shell->kernel,
		.ramdisk = shell->ramdisk,
	};
	unsigned int i;

	if (!shell->made || strcmp(shell->version, CHAOS_VERSION))
		return false;
	for (i = 0; i < seeking->nr_pools; i++) {
		if (memcmp(seeking->pools[i].id, shell->id, UUID_SIZE))
			continue;
		flavour.config = &seeking->pools[i].config;
		return !flavour_misfit(&flavour, &seeking->guest);
	}
	return false;
}

/* Whatever others did to it, it has done nothing yet. */
static bool is_sound(struct xen *xen, const struct shell *shell)
{
	xc_domaininfo_t info;

	return !xen_info(xen, shell->domid, &info) &&
	       !memcmp(info.handle, shell->handle, UUID_SIZE) &&
	       !(info.flags & (XEN_DOMINF_dying | XEN_DOMINF_shutdown)) &&
	       info.flags & XEN_DOMINF_paused && !info.cpu_time;
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
 * @count: how many are gone
 * @ret: negative errno of the last failure, or 0
 * @err: its reason
 */
struct draining {
	struct xen *xen;
	const char *pool;
	uint64_t wanted;
	int timeout;
	int count;
	int ret;
	struct error *err;
};

static uint64_t free_pages(struct xen *xen)
{
	xc_physinfo_t host;

	return xc_physinfo(xen->xch, &host) ?
		0 : host.free_pages - host.outstanding_pages;
}

static bool has_enough(struct draining *draining)
{
	return draining->wanted && draining->count &&
	       free_pages(draining->xen) >= draining->wanted;
}

static bool drain(const struct shell *shell, void *arg)
{
	struct draining *draining = arg;
	int ret;

	if (draining->pool && strcmp(draining->pool, shell->pool))
		return true;
	ret = shell_drop(draining->xen, shell->domid, shell->handle,
			 draining->timeout, draining->err);
	if (!ret)
		draining->count++;
	else if (ret != -ESTALE)
		draining->ret = ret;
	return !has_enough(draining);
}

int shells_drain(struct xen *xen, const char *name, struct error *err)
{
	struct draining draining = {
		.xen = xen, .pool = name, .timeout = LOCK_TIMEOUT_MS,
		.err = err,
	};
	int fd;

	fd = filling_stop(err);
	if (fd < 0)
		return fd;
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

	/* If it can't be enough, they stay. */
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
