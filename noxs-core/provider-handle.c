// SPDX-License-Identifier: GPL-2.0
/*
 * Finds the device page through the domain's handle, on any Xen: only a
 * privileged domain can set a handle, and every guest can read its own.
 */
#include <linux/errno.h>
#include <linux/printk.h>
#include <xen/interface/xen.h>
#include <xen/interface/version.h>
#include <asm/xen/hypercall.h>

#include "core.h"
#include "provider.h"

static int handle_open(struct noxs_guest_page *gp)
{
	xen_domain_handle_t handle;
	u16 owner;
	u32 gref;
	int err;

	err = HYPERVISOR_xen_version(XENVER_guest_handle, &handle);
	if (err)
		return -ENODEV;
	err = noxs_handle_parse(handle, &owner, &gref);
	if (err == -ENODEV)
		return err;
	if (err == -EPROTONOSUPPORT) {
		pr_err("the host has version %u of noxs' ABI, this kernel %u: no devices\n",
		       handle[NOXS_HANDLE_VERSION] & 0x0f, NOXS_ABI_VERSION);
		return err;
	}
	if (err) {
		pr_err("handle %pUb: no device page there (%d)\n", handle, err);
		return err;
	}

	err = noxs_map_foreign(owner, gref, true, &gp->map);
	if (err) {
		pr_err("can't map page %u of domain %u: %d\n", gref, owner, err);
		/* insmod would take -ENOENT for a missing symbol. */
		return err == -ENOENT ? -ENXIO : err;
	}
	gp->page = gp->map.addr;
	gp->owner = owner;
	return 0;
}

static void handle_close(struct noxs_guest_page *gp)
{
	noxs_unmap_page(&gp->map);
}

const struct noxs_provider noxs_provider_handle = {
	.name = "handle",
	.open = handle_open,
	.close = handle_close,
};
