// SPDX-License-Identifier: GPL-2.0
/*
 * Domains are built here, all of them: for a guest, and ahead of that, as shells.
 */
#include <errno.h>

#include "pool/build.h"
#include "util/state.h"

#define DOMID_TRIES	4

static int announce(struct build *build, struct error *err)
{
	uint32_t domid = build->dom.domid;
	uint8_t handle[UUID_SIZE];
	int ret;

	ret = noxs_dom_add(build->noxs, domid, handle, err);
	if (ret == -EEXIST) {
		/* Xen gave us this domid: the other one is dead. */
		ret = noxs_dom_del(build->noxs, domid, NULL, err);
		if (!ret)
			ret = noxs_dom_add(build->noxs, domid, handle, err);
	}
	return ret ? ret :
	       domain_set_handle(build->xen, &build->dom, handle, err);
}

static int make_and_announce(struct build *build, struct error *err)
{
	uint8_t handle[UUID_SIZE];
	int ret;

	ret = noxs_early_handle(handle, err);
	if (!ret)
		ret = domain_create(build->xen, build->config,
				    build->image.type, handle, &build->dom,
				    err);
	if (ret)
		return ret;
	ret = build->remember(build, err);
	if (!ret)
		ret = announce(build, err);
	if (!ret)
		ret = build->remember(build, err);
	return ret ? build->undo(build, ret, err) : 0;
}

/* Till it is written down, with its last handle, it looks like left over. */
static int make_domain_once(struct build *build, struct error *err)
{
	int fd, ret;

	ret = state_create_begin(&fd, err);
	if (ret)
		return ret;
	ret = make_and_announce(build, err);
	state_create_end(fd);
	return ret;
}

/* Xen takes domids in turn: if one can't be used yet, the next one can. */
static int make_domain(struct build *build, struct error *err)
{
	int tries, ret = -EBUSY;

	for (tries = 0; ret == -EBUSY && tries < DOMID_TRIES; tries++)
		ret = make_domain_once(build, err);
	return ret;
}

static int load(struct build *build, struct error *err)
{
	const struct guest_config *config = build->config;
	struct domain *dom = &build->dom;
	struct xen *xen = build->xen;
	int ret;

	ret = domain_limit(xen, config, dom, err);
	if (!ret)
		ret = domain_populate(xen, config, dom, &build->image, err);
	if (!ret)
		ret = domain_load(xen, config, dom, &build->image, err);
	if (!ret && build->cmdline)
		ret = cmdline_find(dom->domid, dom->start_info_gfn,
				   build->cmdline, err);
	/* While it maps the domain's memory, that can't be destroyed. */
	image_free(&build->image);
	return ret ? build->undo(build, ret, err) : 0;
}

int build_domain(struct build *build, struct error *err)
{
	int ret;

	ret = image_load(build->xen, build->config, &build->image, err);
	if (ret)
		return ret;
	ret = make_domain(build, err);
	if (!ret)
		ret = load(build, err);
	image_free(&build->image);
	return ret;
}
