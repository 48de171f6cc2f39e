// SPDX-License-Identifier: GPL-2.0
/*
 * A guest is made, from its configuration to its first instruction; from a shell
 * that was made ahead (pool/shell.h), if there is one that fits. Either all of it
 * is done, or, after any failure or signal, nothing of it is left. Only a SIGKILL
 * leaves a part, whose record doesn't say that it was made to the end: chaosd
 * removes it, and so does "chaos destroy".
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "console/drainer.h"
#include "guest/grants.h"
#include "guest/make.h"
#include "guest/names.h"
#include "host/vbd.h"
#include "host/vif.h"
#include "pool/build.h"
#include "pool/destroy.h"
#include "pool/take.h"
#include "util/signal.h"
#include "xen/cmdline.h"
#include "xen/sched.h"

static int interrupted(struct error *err)
{
	if (!signals_pending())
		return 0;
	return error_set(err, -EINTR, "interrupted");
}

static struct making *to_making(struct build *build)
{
	return container_of(build, struct making, build);
}

/* Write down which domain it is: first of all, and if the handle changes. */
static int remember(struct build *build, struct error *err)
{
	struct making *making = to_making(build);
	struct owner owner = { .domid = making->build.dom.domid };
	int ret = 0;

	memcpy(owner.handle, making->build.dom.handle, UUID_SIZE);
	if (making->record.doc)
		record_set_handle(&making->record, owner.handle);
	else
		ret = record_make(&making->record, &making->config, &owner,
				  err);
	if (!ret)
		record_set_type(&making->record,
				config_type_name(making->build.dom.type));
	if (!ret)
		record_set_number(&making->record, "memory_room",
				  making->build.dom.type == GUEST_PV ?
				  making->config.maxmem : making->config.memory);
	/* For whoever hears that its maker was killed. */
	if (!ret)
		record_set_number(&making->record, "maker", getpid());
	if (!ret && making->patience)
		record_set_number(&making->record, "patience",
				  making->patience);
	if (!ret && making->token)
		record_set_token(&making->record, making->token);
	if (!ret && making->taken)
		record_set_pool(&making->record, making->shell.pool);
	if (!ret)
		ret = name_set(&making->lock, &owner, err);
	if (!ret && making->config.has_uuid)
		ret = name_set(&making->uuid, &owner, err);
	return ret ? ret : record_save(&making->record, err);
}

/* Return: @why, or -EIO if something is left. */
static int undo(struct build *build, int why, struct error *err)
{
	struct making *making = to_making(build);
	struct error more;

	record_free(&making->record);
	if (!domain_destroy(making->xen, making->build.dom.domid,
			    making->build.dom.handle, true, &more)) {
		/* It may have been written with the former handle. */
		record_remove(making->build.dom.domid, NULL);
		return why;
	}
	making->left = true;
	return error_undoing(err, &more);
}

static int start_console(struct making *making, struct error *err)
{
	const struct console_place place = {
		.domid = making->build.dom.domid,
		.name = making->config.name,
		.gfn = making->build.dom.console_gfn,
		.port = making->build.dom.console_port,
	};
	int ret;

	record_set_console(&making->record, place.gfn, place.port);
	ret = record_save(&making->record, err);
	if (!ret && !making->daemon)
		ret = drainer_start(&place, making->build.dom.handle, err);
	return ret;
}

/* A shell has some of its devices already. */
static int add_sysctl(struct making *making, struct error *err)
{
	if (making->taken)
		return 0;
	return noxs_sysctl_add(making->noxs, making->build.dom.domid, err);
}

/*
 * It hears of it when it is there; it may have another kernel now, which can't do that, and so
 * may the host.
 */
static int set_vcpus(struct making *making, struct error *err)
{
	int ret;

	if (!making->config.vcpus_online)
		return 0;
	ret = noxs_sysctl_vcpus(making->noxs, making->build.dom.domid,
				making->config.vcpus_online, true, err);
	return ret == -ENOTTY ? 0 : ret;
}

static int add_vif(struct making *making, const struct vif_config *vif,
		   struct error *err)
{
	uint32_t domid = making->build.dom.domid;

	if (making->taken && shell_vif(&making->shell, vif->id))
		return net_plug(domid, vif, err);
	return net_attach(making->noxs, domid, vif, err);
}

static int add_devices(struct making *making, struct error *err)
{
	const struct disk_config *disks = making->config.disks;
	const struct vif_config *vifs = making->config.vifs;
	unsigned int i;
	int ret;

	ret = add_sysctl(making, err);
	if (!ret)
		ret = set_vcpus(making, err);
	for (i = 0; !ret && i < making->config.nr_vifs; i++) {
		ret = add_vif(making, &vifs[i], err);
		record_add_vif(&making->record, &vifs[i]);
	}
	for (i = 0; !ret && i < making->config.nr_disks; i++) {
		ret = disk_attach(making->noxs, making->build.dom.domid,
				  &disks[i], err);
		record_add_disk(&making->record, &disks[i]);
	}
	if (!ret)
		ret = grants_check(making->noxs, making->xen,
				   making->build.dom.domid,
				   making->config.max_event_channels, err);
	return ret;
}

static int start(struct making *making, struct error *err)
{
	int ret = 0;

	if (!making->paused)
		ret = domain_unpause(making->xen, making->build.dom.domid,
				     err);
	if (!ret) {
		record_set_made(&making->record);
		record_set_number(&making->record, "restarts",
				  making->restarts);
		ret = record_save(&making->record, err);
	}
	return ret;
}

/* The domain has its kernel: give it what is the guest's own. */
static int fill_domain(struct making *making, struct error *err)
{
	int ret;

	ret = interrupted(err);
	if (!ret)
		ret = start_console(making, err);
	if (!ret)
		ret = add_devices(making, err);
	if (!ret)
		ret = interrupted(err);
	if (!ret)
		ret = record_save(&making->record, err);
	if (!ret)
		ret = start(making, err);
	return ret;
}

/* If memory is short, shells are destroyed until there is enough. */
static int make_afresh(struct making *making, struct error *err)
{
	int fd, ret;

	ret = build_domain(&making->build, err);
	while (ret == -ENOMEM &&
	       shells_give_up(making->xen, making->config.memory, &fd)) {
		ret = build_domain(&making->build, err);
		shells_go_on(fd);
	}
	return ret;
}

/* Devices that were made ahead have their addresses. */
static void take_macs(struct making *making)
{
	struct vif_config *vifs = making->config.vifs;
	const struct shell_vif *vif;
	unsigned int i;

	for (i = 0; i < making->config.nr_vifs; i++) {
		vif = shell_vif(&making->shell, vifs[i].id);
		if (vif)
			memcpy(vifs[i].mac, vif->mac, sizeof(vif->mac));
	}
}

/* From here on it is a guest in the making, and no shell. */
static int take(struct making *making, struct error *err)
{
	const struct shell *shell = &making->shell;
	int ret;

	making->build.dom = (struct domain){
		.domid = shell->domid,
		.type = shell->type,
		.console_gfn = shell->console_gfn,
		.console_port = shell->console_port,
	};
	memcpy(making->build.dom.handle, shell->handle, UUID_SIZE);
	take_macs(making);
	making->taken = true;
	ret = remember(&making->build, err);
	if (!ret)
		shell_remove(shell->domid, shell->handle);
	else
		record_free(&making->record);
	return ret;
}

static int adopt(struct making *making, struct error *err)
{
	int ret;

	ret = cmdline_set(making->build.dom.domid, &making->shell.cmdline,
			  making->config.cmdline, err);
	if (!ret)
		ret = sched_apply(making->xen, &making->config,
				  making->build.dom.domid, err);
	return ret;
}

/* Return: whether there is a domain of the guest's now. */
static bool make_from_shell(struct making *making)
{
	struct name_lock lock;
	struct error ignored = { "" };
	int ret;

	/* No shell has the kernel of its disk. */
	if (making->config.bootloader)
		return false;
	if (!shell_take(making->xen, &making->config, &making->shell, &lock))
		return false;
	ret = take(making, &ignored);
	name_drop(&lock);
	if (!ret) {
		ret = adopt(making, &ignored);
		if (ret)
			undo(&making->build, ret, &ignored);
	}
	making->taken = !ret;
	return making->taken;
}

/* Each time that it is made, as it may have been given another kernel meanwhile. */
static int boot_and_make(struct making *making, struct error *err)
{
	int ret;

	ret = pygrub_boot(&making->config, &making->booted, err);
	if (ret)
		return ret;
	making->build.config = &making->booted.config;
	ret = interrupted(err);
	if (!ret)
		ret = make_afresh(making, err);
	pygrub_release(&making->booted);
	return ret;
}

static int make_domain_of_guest(struct making *making, struct error *err)
{
	int ret;

	if (!make_from_shell(making)) {
		ret = boot_and_make(making, err);
		if (ret)
			return ret;
	}
	ret = fill_domain(making, err);
	return ret ? undo(&making->build, ret, err) : 0;
}

static int claim(struct making *making, struct error *err)
{
	const struct guest_config *config = &making->config;
	int ret = 0;

	if (!making->locked)
		ret = guest_claim(making->xen, config->name, &making->lock,
				  err);
	if (ret || !config->has_uuid)
		return ret;
	ret = guest_claim_uuid(making->xen, config->uuid, &making->uuid, err);
	if (ret && !making->locked)
		name_drop(&making->lock);
	return ret;
}

static void name_let_go(struct name_lock *lock, bool keep)
{
	if (keep)
		name_unlock(lock);
	else
		name_drop(lock);
}

static void let_go(struct making *making, bool keep)
{
	if (making->config.has_uuid)
		name_let_go(&making->uuid, keep);
	if (!making->locked)
		name_let_go(&making->lock, keep);
}

static int make_guest(struct making *making, struct error *err)
{
	int ret;

	ret = state_init(err);
	if (!ret)
		ret = claim(making, err);
	if (ret)
		return ret;
	ret = make_domain_of_guest(making, err);
	/* If the guest can't be removed, the user needs its name to try again. */
	let_go(making, !ret || making->left);
	return ret;
}

int making_make(struct making *making, struct error *err)
{
	int ret;

	making->build.xen = making->xen;
	making->build.noxs = making->noxs;
	making->build.remember = remember;
	making->build.undo = undo;
	ret = make_guest(making, err);
	record_free(&making->record);
	return ret;
}
