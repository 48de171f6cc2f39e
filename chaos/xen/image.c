// SPDX-License-Identifier: GPL-2.0
/*
 * Kernel images, compressed or not, and the types of guests that they can be.
 * libxenguest reads them; no domain is needed for that.
 */
#include <errno.h>
#include <string.h>
#include <xenctrl.h>
#include <xenguest.h>

#include "xen/image.h"

/* libxenguest's mark of an image without notes for Xen. */
#define NO_ENTRY	(~0ULL)

/*
 * With one frame Linux allocates no room for its list of free entries (gnttab_init(),
 * 6.1 and 6.12), writes it all the same, and has crashed before it says anything.
 */
#define LINUX_GRANT_FRAMES	2U

static bool is_linux(struct xc_dom_image *dom)
{
	return !strcmp(xc_dom_guest_os(dom), "linux");
}

/* Return: why the host can't run PVH guests, or NULL. */
static const char *check_host(struct xen *xen)
{
	xc_physinfo_t host;

	if (xc_physinfo(xen->xch, &host) ||
	    !(host.capabilities & XEN_SYSCTL_PHYSCAP_hvm))
		return "pvh: the host's processors can't do that";
	return NULL;
}

/* Return: why the kernel can't be a PVH guest, or NULL. */
static const char *check_kernel(struct xc_dom_image *dom)
{
	dom->container_type = XC_DOM_HVM_CONTAINER;
	/* It takes every 32-bit program without notes for a firmware. */
	if (xc_dom_parse_image(dom) || xc_dom_virt_entry(dom) == NO_ENTRY)
		return "pvh: it has no such entry point";
	/* Before 4.20 Linux had to find its tables in a BIOS. */
	if (is_linux(dom) &&
	    !xc_dom_feature_get(dom, XENFEAT_linux_rsdp_unrestricted))
		return "pvh: it is too old for that";
	return NULL;
}

static int not_pvh(const struct guest_config *config, const char *why,
		   struct error *err)
{
	return error_set(err, -EOPNOTSUPP, "kernel: %s: %s", config->kernel,
			 why);
}

static int parse_pv(struct xen *xen, const struct guest_config *config,
		    struct image *image, struct error *err)
{
	image->dom->container_type = XC_DOM_PV_CONTAINER;
	image->type = GUEST_PV;
	xen_mark(xen);
	if (xc_dom_parse_image(image->dom))
		return xen_error(xen, err, "kernel: %s", config->kernel);
	return 0;
}

static int choose_type(struct xen *xen, const struct guest_config *config,
		       struct image *image, struct error *err)
{
	const char *why;
	int ret;

	if (config->type == GUEST_PV)
		return parse_pv(xen, config, image, err);
	why = check_host(xen);
	if (why && config->type == GUEST_PVH)
		return not_pvh(config, why, err);
	if (!why)
		why = check_kernel(image->dom);
	if (!why) {
		image->type = GUEST_PVH;
		return 0;
	}
	/* Of what isn't a kernel at all, or can't be read, that has to be said. */
	ret = parse_pv(xen, config, image, err);
	if (ret || config->type != GUEST_PVH)
		return ret;
	return not_pvh(config, why, err);
}

static int check_limits(const struct guest_config *config,
			const struct image *image, struct error *err)
{
	if (config->max_grant_frames >= LINUX_GRANT_FRAMES ||
	    !is_linux(image->dom))
		return 0;
	return error_set(err, -EINVAL, "max_grant_frames: Linux needs %u",
			 LINUX_GRANT_FRAMES);
}

static int load(struct xen *xen, const struct guest_config *config,
		struct image *image, struct error *err)
{
	int ret;

	if (xc_dom_kernel_file(image->dom, config->kernel))
		return xen_error(xen, err, "kernel: %s", config->kernel);
	if (config->ramdisk &&
	    xc_dom_module_file(image->dom, config->ramdisk, NULL))
		return xen_error(xen, err, "ramdisk: %s", config->ramdisk);
	/* The kernel is compared with what Xen says that it can run. */
	if (xc_dom_boot_xen_init(image->dom, xen->xch, DOMID_INVALID))
		return xen_error(xen, err, "kernel: %s", config->kernel);
	ret = choose_type(xen, config, image, err);
	return ret ? ret : check_limits(config, image, err);
}

int image_load(struct xen *xen, const struct guest_config *config,
	       struct image *image, struct error *err)
{
	int ret;

	xen_mark(xen);
	image->dom = xc_dom_allocate(xen->xch, config->cmdline, NULL);
	if (!image->dom)
		return xen_error(xen, err, "kernel: %s", config->kernel);
	ret = load(xen, config, image, err);
	if (ret)
		image_free(image);
	return ret;
}

void image_free(struct image *image)
{
	if (image->dom)
		xc_dom_release(image->dom);
	image->dom = NULL;
}
