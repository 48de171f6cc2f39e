// SPDX-License-Identifier: GPL-2.0
/*
 * A domain goes, in whatever state it is, with all that it has.
 */
#include <errno.h>

#include "console/drainer.h"
#include "host/noxs.h"
#include "pool/destroy.h"
#include "xen/domain.h"

/* Without noxs_core, it has no devices that would have to be removed. */
static int remove_devices(uint32_t domid, const uint8_t *handle,
			  struct error *err)
{
	struct noxs noxs;
	int ret;

	ret = noxs_open(&noxs, err);
	if (ret)
		return ret == -ENOENT || ret == -ENODEV ? 0 : ret;
	ret = noxs_dom_del(&noxs, domid, handle, err);
	noxs_close(&noxs);
	return ret;
}

int domain_destroy(struct xen *xen, uint32_t domid, const uint8_t *handle,
		   bool force, struct error *err)
{
	struct error ignored;
	int ret;

	if (!xen_is_domain(xen, domid, handle))
		return 0;
	/* So that it prints no more. If it can't be paused, it is destroyed all the same. */
	(void)domain_pause(xen, domid, &ignored);
	ret = remove_devices(domid, NULL, err);
	if (ret && !force)
		return ret;
	drainer_stop(domid, handle);
	return domain_end(xen, domid, handle, err);
}

int domain_bury(struct xen *xen, uint32_t domid, const uint8_t *handle,
		struct error *err)
{
	struct domain_info info;

	if (!noxs_is_early(handle))
		return remove_devices(domid, handle, err);
	/*
	 * Its maker was killed and didn't write down which handle noxs gave to
	 * it. Whoever makes a domain tells noxs, so that what it had goes then.
	 */
	if (xen_info(xen, domid, &info) != -ESRCH)
		return 0;
	return remove_devices(domid, NULL, err);
}
