/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_XEN_HOST_H
#define CHAOS_XEN_HOST_H

#include <stdbool.h>
#include <stdint.h>

#include "util/error.h"
#include "xen/xen.h"

struct json_object;

/* The longest text of host_version() and host_capabilities(), with its NUL. */
#define HOST_TEXT_MAX	1024

/**
 * host_free_pages() - how much of the host's memory could be a guest's
 * @xen: access to the hypervisor
 * @pages: out
 * @err: out: the reason of a failure
 *
 * Return: 0 or a negative errno.
 */
int host_free_pages(struct xen *xen, uint64_t *pages, struct error *err);

/**
 * host_lacks_memory() - say how much memory is missing, and who has it
 * @xen: access to the hypervisor
 * @wanted: MiB
 * @left: MiB that there are
 * @err: out
 *
 * Return: -ENOMEM.
 */
int host_lacks_memory(struct xen *xen, uint64_t wanted, uint64_t left,
		      struct error *err);

/**
 * host_log() - what the hypervisor has logged
 * @xen: access to the hypervisor
 * @clear: forget it
 * @text: out: for the caller to free()
 * @err: out: the reason of a failure
 *
 * Return: 0 or a negative errno.
 */
int host_log(struct xen *xen, bool clear, char **text, struct error *err);

/**
 * host_debug_keys() - have the hypervisor do what keys on its console do
 * @xen: access to the hypervisor
 * @keys: one or more; it does nothing for those that it doesn't know
 * @err: out: the reason of a failure
 *
 * What it says then is in host_log().
 *
 * Return: 0 or a negative errno.
 */
int host_debug_keys(struct xen *xen, const char *keys, struct error *err);

/**
 * host_option() - a number that Xen was given on its command line
 * @xen: access to the hypervisor
 * @name: of the option
 * @usual: what it is if it wasn't given
 *
 * Return: the number.
 */
unsigned int host_option(struct xen *xen, const char *name, unsigned int usual);

/**
 * host_version() - which Xen it is
 * @xen: access to the hypervisor
 * @text: out: HOST_TEXT_MAX characters
 *
 * Return: whether it is known.
 */
bool host_version(struct xen *xen, char *text);

/**
 * host_fixed_version() - whether a Xen has faults that later ones of its branch have not
 * @version: which one, as host_version() has it
 *
 * Guests can make use of such faults; docs/install.md has which.
 *
 * Return: the first version without them, or NULL if @version isn't older.
 */
const char *host_fixed_version(const char *version);

/**
 * host_capabilities() - which guests Xen can run
 * @xen: access to the hypervisor
 * @text: out: HOST_TEXT_MAX characters
 *
 * Return: whether it is known.
 */
bool host_capabilities(struct xen *xen, char *text);

/**
 * host_describe() - what the host has, and what Xen can do with it
 * @xen: access to the hypervisor
 * @doc: gets the processors, memory in MiB, features and options
 * @err: out: the reason of a failure
 *
 * Memory that isn't free is a domain's or Xen's; what is being scrubbed counts as free,
 * as Xen finishes that when somebody needs it.
 *
 * Return: 0 or a negative errno.
 */
int host_describe(struct xen *xen, struct json_object *doc, struct error *err);

#endif /* CHAOS_XEN_HOST_H */
