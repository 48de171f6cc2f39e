/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_XEN_XEN_H
#define CHAOS_XEN_XEN_H

#include <stdbool.h>
#include <stdint.h>

#include "util/error.h"
#include "util/uuid.h"

struct xc_interface_core;

#define DOMIDS		0x7ff0	/* Xen's DOMID_FIRST_RESERVED: all are less */
#define PAGES_PER_MB	256
#define KIB_PER_PAGE	4
#define NS_PER_S	1e9

/**
 * struct xen - access to the hypervisor
 * @xch: libxenctrl's handle
 * @log: private to xen.c
 */
struct xen {
	struct xc_interface_core *xch;
	struct xen_log *log;
};

/**
 * struct domain_info - what Xen knows of a domain
 * @domid: the domain
 * @handle: its handle
 * @dying: it is being destroyed
 * @shutdown: it has shut down, whether by itself or with a crash
 * @reason: why: one of Xen's SHUTDOWN_*, if @shutdown
 * @paused: the toolstack keeps it from running
 * @blocked: it waits for an event
 * @is_pvh: and not PV
 * @has_hap: the processor translates its addresses
 * @pages: that it has
 * @max_pages: that Xen lets it have
 * @cpu_time: that it has used, in seconds
 * @vcpus: virtual CPUs that it has
 * @online: those of them that it uses
 * @cpupool: in which it runs
 */
struct domain_info {
	uint32_t domid;
	uint8_t handle[UUID_SIZE];
	bool dying;
	bool shutdown;
	unsigned int reason;
	bool paused;
	bool blocked;
	bool is_pvh;
	bool has_hap;
	uint64_t pages;
	uint64_t max_pages;
	double cpu_time;
	unsigned int vcpus;
	unsigned int online;
	uint32_t cpupool;
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
int xen_info(struct xen *xen, uint32_t domid, struct domain_info *info);

/**
 * xen_grants() - ask Xen how large a domain's grant table may become
 * @xen: access to the hypervisor
 * @domid: the domain
 * @frames: out: how many pages
 * @per_frame: out: entries of each
 * @err: out: the reason of a failure
 *
 * Return: 0 or a negative errno.
 */
int xen_grants(struct xen *xen, uint32_t domid, unsigned int *frames,
	       unsigned int *per_frame, struct error *err);

/**
 * xen_list() - ask what Xen knows of all domains
 * @xen: access to the hypervisor
 * @infos: out: array, in order of the domids, for the caller to free()
 * @err: out: the reason of a failure
 *
 * Return: how many, or a negative errno.
 */
int xen_list(struct xen *xen, struct domain_info **infos, struct error *err);

/**
 * xen_list_from() - the same, of some of them
 * @xen: access to the hypervisor
 * @first: the least domid
 * @most: how many at most; at least one
 * @infos: out: array, in order of the domids, for the caller to free()
 * @err: out: the reason of a failure
 *
 * Return: how many, or a negative errno.
 */
int xen_list_from(struct xen *xen, uint32_t first, unsigned int most,
		  struct domain_info **infos, struct error *err);

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
 * xen_has_stopped() - whether a domain will never run again
 * @info: what Xen knows of it
 *
 * Return: whether it has shut down, or is dying.
 */
bool xen_has_stopped(const struct domain_info *info);

/**
 * xen_is_fresh() - whether a domain is paused, and has never run
 * @info: what Xen knows of it
 *
 * Return: whether it is.
 */
bool xen_is_fresh(const struct domain_info *info);

/**
 * xen_state() - a domain's state in one word
 * @info: what Xen knows of it
 *
 * Return: dying, crashed, shutdown, paused, blocked or running.
 */
const char *xen_state(const struct domain_info *info);

#endif /* CHAOS_XEN_XEN_H */
