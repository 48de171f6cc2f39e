// SPDX-License-Identifier: GPL-2.0
/*
 * A guest goes, in whatever state it is. Whoever knows only its domain, as the
 * process that made it, finds it here: in the meantime others may have renamed or
 * destroyed it, or made another in its place.
 */
#include <errno.h>

#include "guest/remove.h"
#include "pool/destroy.h"

int guest_remove(struct xen *xen, struct guest *guest, bool force,
		 struct error *err)
{
	int ret;

	if (guest->exists)
		ret = domain_destroy(xen, guest->domid, guest->handle, force,
				     err);
	else
		ret = domain_bury(xen, guest->domid, guest->handle, err);
	if (!ret)
		guest_forget(guest);
	return ret;
}

/* What on_poweroff says that chaosd is to do with what stopped. */
static bool is_kept(const struct guest *guest)
{
	enum config_action action;

	return guest->recorded &&
	       config_action_parse(record_text(&guest->record, "on_poweroff"),
				   &action) && action != CONFIG_DESTROY;
}

int guest_remove_stopped(struct xen *xen, const struct guest *guest,
			 bool force, bool daemon, struct error *err)
{
	struct guest locked;
	int ret;

	if (is_kept(guest) && daemon && !force)
		return 0;
	ret = guest_again(xen, guest->domid, guest->handle, true, &locked, err);
	if (ret)
		return ret == -ENOENT ? 0 : ret;
	ret = guest_remove(xen, &locked, false, err);
	guest_put(&locked);
	return ret;
}

int guest_remove_domain(struct xen *xen, uint32_t domid,
			const uint8_t *handle, bool force, struct error *err)
{
	struct guest guest;
	int ret;

	ret = guest_lock_domain(xen, domid, handle, &guest, err);
	if (ret)
		return ret == -ENOENT ? -ESTALE : ret;
	ret = guest_remove(xen, &guest, force, err);
	guest_put(&guest);
	return ret;
}
