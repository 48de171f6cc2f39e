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
 * guest_number_name() - what one of many guests is called
 * @name: of all
 * @number: from 1 on
 * @numbered: out: CONFIG_NAME_MAX + 1 characters
 *
 * Return: whether it has room there; it has, once guest_check_many() said so.
 */
bool guest_number_name(const char *name, unsigned int number, char *numbered);

/**
 * guest_check_many() - see whether many guests can be made from one configuration
 * @config: what it says, complete
 * @count: how many
 * @err: out: why not
 *
 * They can't have the same address, the same UUID, or write the same disk.
 *
 * Return: 0 or a negative errno.
 */
int guest_check_many(const struct guest_config *config, unsigned int count,
		     struct error *err);

/**
 * guest_try() - see whether guests could be made, and make nothing
 * @xen: access to the hypervisor
 * @config: of all of them; complete, and what guest_check() has nothing against
 * @count: how many, or 0 for one that has the configuration's name
 * @doc: out: the guest that would be made, with the configuration's name; to be released
 *	with json_object_put(), unless this fails
 * @err: out: the reason why not
 *
 * Return: 0 or a negative errno.
 */
int guest_try(struct xen *xen, const struct guest_config *config,
	      unsigned int count, struct json_object **doc, struct error *err);

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
