// SPDX-License-Identifier: GPL-2.0
/*
 * What several verbs wait for: a guest whose devices are connected.
 */
#include <errno.h>
#include <json-c/json.h>

#include "guest/device.h"
#include "util/json.h"
#include "util/util.h"
#include "verbs/verbs.h"

int verb_connected(struct access *access, struct json_object *parameters,
		   struct json_object *answer, const struct verb_wait *wait,
		   struct error *err)
{
	int ret;

	if (xen_is_domain(&access->xen, wait->domid, wait->handle))
		ret = device_look(&access->noxs, &access->xen, wait->domid,
				  NOXS_TYPE_NONE, 0, err);
	else
		ret = error_set(err, -ESRCH, "its domain is gone");
	if (ret > 0)
		return 0;
	if (doc_get_bool(parameters, "left"))
		return error_set(err, -EINTR, "interrupted");
	if (!ret && clock_ms() >= wait->deadline)
		return -ETIMEDOUT;
	return ret ? ret : verb_wait(answer, wait);
}
