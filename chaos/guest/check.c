// SPDX-License-Identifier: GPL-2.0
/*
 * Whether a guest could be made: what can be known without making anything.
 */
#include <errno.h>
#include <json-c/json.h>

#include "guest/check.h"
#include "guest/make.h"
#include "guest/many.h"
#include "guest/names.h"
#include "host/noxs.h"
#include "pool/take.h"
#include "xen/host.h"
#include "xen/image.h"

static int check_names(struct xen *xen, const struct guest_config *config,
		       unsigned int count, struct error *err)
{
	char name[CONFIG_NAME_MAX + 1];
	unsigned int i;
	int ret;

	if (!count)
		return guest_check_name(xen, config->name, err);
	for (i = 1; i <= count; i++) {
		many_name(config, i, name);
		ret = guest_check_name(xen, name, err);
		if (ret)
			return ret;
	}
	return 0;
}

static int check_memory(struct xen *xen, const struct guest_config *config,
			unsigned int count, struct error *err)
{
	unsigned long long wanted = config->memory, left;
	uint64_t pages;
	int ret;

	if (count)
		wanted *= count;
	ret = host_free_pages(xen, &pages, err);
	if (ret)
		return ret;
	left = pages / PAGES_PER_MB;
	/* What pools hold is given up, if need be. */
	left += shells_memory();
	if (wanted <= left)
		return 0;
	return error_set(err, -ENOMEM,
			 "memory: %llu MiB wanted, the host has %llu MiB left",
			 wanted, left);
}

static int check_kernel(struct xen *xen, const struct guest_config *config,
			const char **type, struct error *err)
{
	struct image image = { 0 };
	int ret;

	ret = image_load(xen, config, &image, err);
	if (!ret)
		*type = image.type->name;
	image_free(&image);
	return ret;
}

int trying_run(const struct guest_config *config, unsigned int count,
	       bool verbose, const char **type, struct error *err)
{
	struct noxs noxs;
	struct xen xen;
	int ret;

	ret = noxs_open(&noxs, err);
	if (ret)
		return ret;
	noxs_close(&noxs);
	ret = xen_open(&xen, verbose, err);
	if (ret)
		return ret;
	ret = check_names(&xen, config, count, err);
	if (!ret)
		ret = check_memory(&xen, config, count, err);
	if (!ret)
		ret = check_kernel(&xen, config, type, err);
	xen_close(&xen);
	return ret;
}

int trying_describe(const struct guest_config *config, const char *type,
		    struct json_object **doc, struct error *err)
{
	const struct owner nobody = { 0 };
	struct record record;
	unsigned int i;
	int ret;

	ret = record_make(&record, config, &nobody, err);
	if (ret)
		return ret;
	for (i = 0; i < config->nr_vifs; i++)
		record_add_vif(&record, &config->vifs[i]);
	for (i = 0; i < config->nr_disks; i++)
		record_add_disk(&record, &config->disks[i]);
	record_set_type(&record, type);
	*doc = record.doc;
	json_object_object_del(*doc, "domid");
	json_object_object_del(*doc, "handle");
	json_object_object_del(*doc, "created");
	return 0;
}
