// SPDX-License-Identifier: GPL-2.0
/*
 * A guest that ended is made again. The record of the former domain goes last
 * of all: until the new one is made, it is what remembers the guest.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "guest/check.h"
#include "guest/make.h"
#include "guest/record.h"
#include "guest/restart.h"
#include "pool/destroy.h"

#define LOCK_TIMEOUT_MS	60000

/* Take the guest's lock, if it is still the guest that is meant. */
static int lock_guest(const struct record *record, struct name_lock *lock,
		      struct error *err)
{
	struct owner owner;
	int ret;

	ret = name_lock(lock, record->name, false, LOCK_TIMEOUT_MS, err);
	if (ret)
		return ret == -ENOENT ? -ESTALE : ret;
	ret = name_owner(lock, &owner);
	if (!ret && owner.domid == record->domid &&
	    !memcmp(owner.handle, record->handle, UUID_SIZE))
		return 0;
	name_unlock(lock);
	return error_set(err, -ESTALE, "is another guest by now");
}

static int remove_former(struct xen *xen, struct record *record,
			 struct error *err)
{
	int ret;

	ret = record_save(record, err);
	if (!ret)
		ret = domain_destroy(xen, record->domid, record->handle, false,
				     err);
	if (!ret)
		ret = domain_bury(xen, record->domid, record->handle, err);
	return ret;
}

static bool is_relative(const char *path)
{
	return path && *path != '/';
}

/*
 * Relative paths in the configuration begin where the guest was first made. If
 * there are none, it doesn't matter what became of that.
 */
static int go_where_it_was_made(const struct record *record,
				const struct guest_config *config,
				struct error *err)
{
	const char *directory = record_directory(record);

	if (*directory && chdir(directory) &&
	    (is_relative(config->kernel) || is_relative(config->ramdisk)))
		return error_sys(err, -errno, "%s", directory);
	return 0;
}

static int make_again(struct making *making, const struct record *record,
		      struct error *err)
{
	struct owner owner = { .domid = record->domid };
	struct error ignored;
	int ret;

	ret = record_config(record, &making->config, err);
	if (ret)
		return ret;
	ret = go_where_it_was_made(record, &making->config, err);
	if (!ret)
		ret = config_complete_vifs(making->config.vifs, making->config.nr_vifs, err);
	if (!ret)
		ret = guest_check_with(making->xen, &making->config, err);
	if (!ret)
		ret = making_make(making, err);
	if (ret) {
		/* The name means the former domain again, until next time. */
		memcpy(owner.handle, record->handle, UUID_SIZE);
		(void)name_set(&making->lock, &owner, &ignored);
	} else if (making->build.dom.domid != record->domid) {
		record_remove(record->domid, record->handle);
	}
	config_free(&making->config);
	return ret;
}

int guest_restart(struct xen *xen, struct noxs *noxs, uint32_t domid,
		  const uint8_t *handle, unsigned int restarts, bool daemon,
		  uint32_t *domid_now, struct error *err)
{
	struct making making = {
		.xen = xen, .noxs = noxs, .locked = true,
		.restarts = restarts, .daemon = daemon,
	};
	struct record record;
	int ret;

	if (record_load(&record, domid, handle))
		return error_set(err, -ESTALE, "no such guest");
	ret = lock_guest(&record, &making.lock, err);
	if (ret) {
		record_free(&record);
		return ret;
	}
	record_set_number(&record, "restarting", 1);
	record_set_number(&record, "restarts", restarts);
	ret = remove_former(xen, &record, err);
	if (!ret)
		ret = make_again(&making, &record, err);
	if (!ret)
		*domid_now = making.build.dom.domid;
	record_free(&record);
	name_unlock(&making.lock);
	return ret;
}
