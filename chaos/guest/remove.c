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
