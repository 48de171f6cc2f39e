/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_GUEST_CHECK_H
#define CHAOS_GUEST_CHECK_H

#include <stdbool.h>

#include "config/config.h"
#include "util/error.h"
#include "xen/xen.h"

struct json_object;

/**
 * guest_check_with() - the same as guest_check(), for who has access already
 * @xen: access to the hypervisor
 * @config: the guest
 * @err: out: the reason of a failure
 *
 * Return: 0 or a negative errno.
 */
int guest_check_with(struct xen *xen, struct guest_config *config,
		     struct error *err);

/**
 * guest_check() - see whether the host has what a guest is to be made of
 * @config: the guest; what it leaves to the host is completed, see net_complete()
 * @err: out: the reason of a failure
 *
 * So that what is wrong is found before anything is made.
 *
 * Return: 0 or a negative errno.
 */
int guest_check(struct guest_config *config, struct error *err);

/**
 * guest_try() - see whether guests could be made, and make nothing
 * @config: the first one; complete, see config_read()
 * @count: how many, or 0 for one that has the file's name
 * @verbose: show what the libraries log, on standard error
 * @doc: out: the guest that would be made, or an array of them; to be released
 *	with json_object_put(), unless this fails
 * @err: out: the reason why not
 *
 * Return: 0 or a negative errno.
 */
int guest_try(const struct guest_config *config, unsigned int count,
	      bool verbose, struct json_object **doc, struct error *err);

/**
 * guest_check_shell() - see whether a guest could be made ahead
 * @config: the guest
 * @verbose: show what the libraries log, on standard error
 * @err: out: the reason why not
 *
 * Return: 0 or a negative errno.
 */
int guest_check_shell(struct guest_config *config, bool verbose,
		      struct error *err);

#endif /* CHAOS_GUEST_CHECK_H */
