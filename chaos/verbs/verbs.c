// SPDX-License-Identifier: GPL-2.0
/*
 * What can be asked for, and who does it.
 */
#include <errno.h>
#include <json-c/json.h>
#include <string.h>

#include "util/json.h"
#include "util/util.h"
#include "verbs/verbs.h"

static const struct {
	const char *method;
	int (*fn)(struct access *access, struct json_object *parameters,
		  struct json_object *answer, struct error *err);
	bool needs_noxs;
} verbs[] = {
	{ "Pause", verb_pause, false },
	{ "Unpause", verb_unpause, false },
	{ "Rename", verb_rename, false },
	{ "VifAdd", verb_vif_add, true },
	{ "VifDel", verb_vif_del, true },
	{ "VifList", verb_vif_list, true },
	{ "VbdAdd", verb_vbd_add, true },
	{ "VbdDel", verb_vbd_del, true },
	{ "VbdResize", verb_vbd_resize, true },
	{ "VbdList", verb_vbd_list, true },
};

int access_xen(struct access *access, struct error *err)
{
	int ret;

	if (access->has_xen)
		return 0;
	ret = xen_open(&access->xen, access->verbose, err);
	access->has_xen = !ret;
	return ret;
}

int access_noxs(struct access *access, struct error *err)
{
	int ret;

	if (access->has_noxs)
		return 0;
	ret = noxs_open(&access->noxs, err);
	access->has_noxs = !ret;
	return ret;
}

void access_close(struct access *access)
{
	if (access->has_noxs)
		noxs_close(&access->noxs);
	if (access->has_xen)
		xen_close(&access->xen);
}

int verb_do(struct access *access, const char *method,
	    struct json_object *parameters, struct json_object **answer,
	    struct error *err)
{
	size_t i;
	int ret;

	for (i = 0; i < ARRAY_SIZE(verbs); i++)
		if (!strcmp(verbs[i].method, method))
			break;
	if (i == ARRAY_SIZE(verbs))
		return error_set(err, -EOPNOTSUPP, "%s: not supported", method);
	ret = access_xen(access, err);
	if (!ret && verbs[i].needs_noxs)
		ret = access_noxs(access, err);
	if (ret)
		return ret;
	*answer = json_object_new_object();
	ret = verbs[i].fn(access, parameters, *answer, err);
	if (ret) {
		json_object_put(*answer);
		*answer = NULL;
	}
	return ret;
}
