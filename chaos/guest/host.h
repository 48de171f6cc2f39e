/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_GUEST_HOST_H
#define CHAOS_GUEST_HOST_H

#include "util/error.h"
#include "xen/xen.h"

struct json_object;

/**
 * host_versions() - the versions of all that guests meet here
 * @doc: gets those of chaos, noxs, Linux, Xen and the modules; null for what isn't there
 * @xen: access to the hypervisor, or NULL if there is none
 */
void host_versions(struct json_object *doc, struct xen *xen);

/**
 * host_describe_all() - all that is known of the host
 * @xen: access to the hypervisor
 * @doc: gets what host_versions() and host_describe() say; the first version of Xen without
 *	the faults that this one has; pages that noxs_core keeps; who has memory, in MiB
 * @err: out: the reason of a failure
 *
 * It looks at all domains.
 *
 * Return: 0 or a negative errno.
 */
int host_describe_all(struct xen *xen, struct json_object *doc,
		      struct error *err);

#endif /* CHAOS_GUEST_HOST_H */
