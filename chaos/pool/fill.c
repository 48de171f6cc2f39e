// SPDX-License-Identifier: GPL-2.0
/*
 * Shells are made ahead, for pools. See pool/shell.h for what they are.
 */
#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "host/noxs.h"
#include "host/vif.h"
#include "pool/build.h"
#include "pool/destroy.h"
#include "pool/fill.h"
#include "pool/match.h"
#include "pool/pool.h"
#include "pool/shell.h"
#include "pool/take.h"
#include "util/chaos.h"
#include "util/state.h"
#include "util/util.h"

#define LOCK_TIMEOUT_MS		60000

/* A file's times count in ticks: of two changes within one only one is seen. */
#define TICK_MS			20
#define NS_PER_MS		1000000LL

static int filling_begin(struct error *err)
{
	int fd = state_lock(FILLING_FILE, true, 0, err);

	return fd != -EBUSY ? fd :
	       error_set(err, -EAGAIN, "memory is given back at present");
}

/**
 * struct filling - a shell in the making
 * @build: its domain
 * @noxs: access to the kernel's devices
 * @pool: what it is for
 * @config: the pool's, with what is given to a domain later left out
 * @lock: of its domain
 * @shell: what others will know of it
 */
struct filling {
	struct build build;
	struct noxs noxs;
	struct pool pool;
	struct guest_config config;
	struct name_lock lock;
	struct shell shell;
};

static struct filling *to_filling(struct build *build)
{
	return container_of(build, struct filling, build);
}

static void set_shell(struct filling *filling)
{
	const struct domain *dom = &filling->build.dom;
	struct shell *shell = &filling->shell;

	strcpy(shell->pool, filling->pool.name);
	memcpy(shell->id, filling->pool.id, UUID_SIZE);
	strcpy(shell->build, CHAOS_BUILD);
	shell->domid = dom->domid;
	memcpy(shell->handle, dom->handle, UUID_SIZE);
	shell->type = dom->type;
	shell->memory = filling->config.memory;
	shell->console_gfn = dom->console_gfn;
	shell->console_port = dom->console_port;
}

/* As with a guest: first of all, and when the handle changes. */
static int remember(struct build *build, struct error *err)
{
	struct filling *filling = to_filling(build);
	int ret;

	if (filling->lock.fd < 0) {
		ret = shell_lock(&filling->lock, build->dom.domid,
				 LOCK_TIMEOUT_MS, err);
		if (ret) {
			filling->lock.fd = -1;
			return ret;
		}
	}
	set_shell(filling);
	return shell_save(&filling->shell, err);
}

/* What can't be undone is left over, as if we had been killed. */
static int undo(struct build *build, int why, struct error *err)
{
	struct filling *filling = to_filling(build);
	struct domain *dom = &build->dom;
	struct error ignored;

	(void)err;
	if (!domain_destroy(build->xen, dom->domid, dom->handle, true,
			    &ignored))
		shell_remove(dom->domid, filling->shell.handle);
	if (filling->lock.fd >= 0)
		name_drop(&filling->lock);
	return why;
}

static int add_devices(struct filling *filling, struct error *err)
{
	struct vif_config *vif = filling->config.vifs;
	uint32_t domid = filling->build.dom.domid;
	struct shell *shell = &filling->shell;
	unsigned int i;
	int ret;

	ret = noxs_sysctl_add(&filling->noxs, domid, err);
	for (i = 0; !ret && i < filling->config.nr_vifs; i++, vif++) {
		if (!flavour_has_vif(vif))
			continue;
		ret = net_complete(vif, 1, err);
		if (!ret)
			ret = net_make(&filling->noxs, domid, vif, err);
		shell->vifs[shell->nr_vifs].id = vif->id;
		memcpy(shell->vifs[shell->nr_vifs].mac, vif->mac,
		       sizeof(vif->mac));
		shell->vifs[shell->nr_vifs].mtu = vif->mtu;
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

static int complete(struct filling *filling, struct error *err)
{
	int ret;

	ret = check_files(filling, err);
	if (!ret)
		ret = add_devices(filling, err);
	if (!ret) {
		filling->shell.made = true;
		ret = remember(&filling->build, err);
	}
	if (ret)
		return undo(&filling->build, ret, err);
	name_drop(&filling->lock);
	return 0;
}

static int make_shell(struct filling *filling, struct error *err)
{
	struct guest_config *config = &filling->config;
	int ret;

	/* A copy: its texts belong to the pool's configuration, which frees them. */
	*config = filling->pool.config;
	config->cmdline = cmdline_blank();
	config->cpu_weight = 0;
	config->cap = 0;
	identify(filling);
	ret = noxs_open(&filling->noxs, err);
	if (ret)
		return ret;
	ret = build_domain(&filling->build, err);
	if (!ret)
		ret = complete(filling, err);
	noxs_close(&filling->noxs);
	return ret;
}

static int fill(struct filling *filling, struct error *err)
{
	if (shells_count(filling->pool.name, filling->pool.id) >=
	    filling->pool.count)
		return error_set(err, -ESTALE, "is full");
	return make_shell(filling, err);
}

int shell_fill(struct xen *xen, const char *name, uint32_t *domid,
	       struct error *err)
{
	struct filling filling = {
		.build = {
			.xen = xen, .noxs = &filling.noxs,
			.config = &filling.config,
			.cmdline = &filling.shell.cmdline,
			.remember = remember, .undo = undo,
		},
		.lock.fd = -1,
	};
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
	*domid = filling.build.dom.domid;
	return ret;
}

