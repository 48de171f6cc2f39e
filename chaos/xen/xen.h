/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_XEN_XEN_H
#define CHAOS_XEN_XEN_H

#include <stdbool.h>
#include <stdint.h>
#include <xenctrl.h>

#include "util/error.h"
#include "util/uuid.h"

#define PAGES_PER_MB	256
#define NS_PER_S	1e9

/**
 * struct xen - access to the hypervisor
 * @xch: libxenctrl's handle
 * @log: private to xen.c
 */
struct xen {
	xc_interface *xch;
	struct xen_log *log;
};

/**
 * xen_open() - get access to the hypervisor
 * @xen: out; to be closed with xen_close(), unless this fails
 * @verbose: show what the libraries log, on standard error
 * @err: out: the reason of a failure
 *
 * Return: 0 or a negative errno.
 */
int xen_open(struct xen *xen, bool verbose, struct error *err);

/**
 * xen_close() - give access up
 * @xen: what xen_open() gave
 */
void xen_close(struct xen *xen);

/**
 * xen_mark() - forget what the libraries have logged so far
 * @xen: access to the hypervisor
 *
 * So that xen_error() doesn't take it for the reason of a later failure.
 */
void xen_mark(struct xen *xen);

/**
 * xen_error() - say why a function of the libraries failed
 * @xen: access to the hypervisor
 * @err: out: what failed, and the first error that they logged since
 *	xen_mark(), or else errno in words
 * @what: what failed, as for printf()
 *
 * Return: negative errno.
 */
__printf(3, 4)
int xen_error(struct xen *xen, struct error *err, const char *what, ...);

/**
 * xen_info() - ask what Xen knows of a domain
 * @xen: access to the hypervisor
 * @domid: the domain
 * @info: out
 *
 * Return: 0, -ESRCH if there is no such domain, another negative errno.
 */
int xen_info(struct xen *xen, uint32_t domid, xc_domaininfo_t *info);

/**
 * xen_list() - ask what Xen knows of all domains
 * @xen: access to the hypervisor
 * @infos: out: array, in order of the domids, for the caller to free()
 * @err: out: the reason of a failure
 *
 * Return: how many, or a negative errno.
 */
int xen_list(struct xen *xen, xc_domaininfo_t **infos, struct error *err);

/**
 * xen_is_domain() - whether a domid still means the domain that it meant
 * @xen: access to the hypervisor
 * @domid: the domain
 * @handle: of the domain that is meant
 *
 * Return: whether it does; also true if Xen can't be asked.
 */
bool xen_is_domain(struct xen *xen, uint32_t domid, const uint8_t *handle);

/**
 * xen_is_fresh() - whether a domain is paused, and has never run
 * @info: what Xen knows of it
 *
 * Return: whether it is.
 */
bool xen_is_fresh(const xc_domaininfo_t *info);

/**
 * xen_state() - a domain's state in one word
 * @info: what Xen knows of it
 *
 * Return: dying, crashed, shutdown, paused, blocked or running.
 */
const char *xen_state(const xc_domaininfo_t *info);

#endif /* CHAOS_XEN_XEN_H */
