// SPDX-License-Identifier: GPL-2.0
/*
 * A guest is removed by the process that made it, which knows its domain. In the
 * meantime others may have renamed or destroyed it, or made another in its place.
 */
#include <errno.h>

#include "guest/names.h"
#include "guest/remove.h"
#include "pool/destroy.h"

int guest_remove(struct xen *xen, uint32_t domid, const uint8_t *handle,
		 struct error *err)
{
	struct guest guest;
	int ret;

	ret = guest_lock_domain(xen, domid, handle, &guest, err);
	if (ret)
		return ret == -ENOENT ? 0 : ret;
	if (guest.exists)
		ret = domain_destroy(xen, domid, handle, false, err);
	else
		ret = domain_bury(xen, domid, handle, err);
	if (!ret)
		guest_forget(&guest);
	guest_put(&guest);
	return ret;
}
