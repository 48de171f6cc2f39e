/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_GUEST_DESCRIBE_H
#define CHAOS_GUEST_DESCRIBE_H

#include <stdbool.h>

#include "guest/names.h"
#include "util/error.h"
#include "xen/xen.h"

struct json_object;

/**
 * guest_describe() - all that is known of a guest
 * @xen: access to the hypervisor
 * @guest: found or locked
 * @doc: out: to be released with json_object_put(), unless this fails
 * @err: out: the reason of a failure
 *
 * Return: 0 or a negative errno.
 */
int guest_describe(struct xen *xen, const struct guest *guest,
		   struct json_object **doc, struct error *err);

/**
 * guests_describe() - the domains that Xen has, with the names that we remember, and
 *	guests that have none at present, as they are to be made again
 * @xen: access to the hypervisor
 * @all: also those that aren't of chaos, and those that are ready in a pool
 * @from: the least domid; out: that of those that come next, or 0 if there are no more
 * @most: how many at most, or one more
 * @list: out: an object for each, in the order of their domids, to be released with
 *	json_object_put(), unless this fails
 * @err: out: the reason of a failure
 *
 * One of chaos that has no name is what a killed maker left. One that is ready in
 * a pool is no guest, and has "pool".
 *
 * Return: 0 or a negative errno.
 */
int guests_describe(struct xen *xen, bool all, uint32_t *from,
		    unsigned int most, struct json_object **list,
		    struct error *err);

/**
 * guest_list() - the same as guests_describe() of one, whoever's it is
 * @xen: access to the hypervisor
 * @guest: found or locked
 * @list: out: an object, or none if it has just gone; to be released with json_object_put(),
 *	unless this fails
 * @err: out: the reason of a failure
 *
 * Return: 0 or a negative errno.
 */
int guest_list(struct xen *xen, const struct guest *guest,
	       struct json_object **list, struct error *err);

#endif /* CHAOS_GUEST_DESCRIBE_H */
