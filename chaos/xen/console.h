/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_XEN_CONSOLE_H
#define CHAOS_XEN_CONSOLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/error.h"

struct xencons_interface;
struct xenevtchn_handle;
struct xenforeignmemory_handle;

#define RING_OUT_SIZE	2048	/* octets that a guest can print at once */
#define RING_IN_SIZE	1024	/* octets that can wait for it */

/**
 * struct ring - the page and the event channel of a guest's console
 * @fmem: maps @page
 * @page: the guest writes it as well: each index is read once and checked
 * @out_cons: our own index; what the guest makes of it doesn't matter
 * @in_prod: likewise
 * @xce: has @port, and nothing else
 * @port: our end of the guest's event channel
 */
struct ring {
	struct xenforeignmemory_handle *fmem;
	struct xencons_interface *page;
	uint32_t out_cons;
	uint32_t in_prod;
	struct xenevtchn_handle *xce;
	uint32_t port;
};

/**
 * ring_open() - map a guest's console
 * @ring: out; to be closed with ring_close(), also if this fails
 * @domid: the domain
 * @gfn: frame of the ring, as the foreign memory interface takes it
 * @port: the guest's event channel
 * @err: out: the reason of a failure
 *
 * It keeps the domain's memory from being freed until it is closed.
 *
 * Return: 0 or a negative errno.
 */
int ring_open(struct ring *ring, uint32_t domid, uint64_t gfn, uint32_t port,
	      struct error *err);

/**
 * ring_close() - unmap a guest's console
 * @ring: from ring_open(), or all zero
 */
void ring_close(struct ring *ring);

/**
 * ring_fd() - what is readable after the guest has sent an event
 * @ring: an open ring
 *
 * Return: the file descriptor.
 */
int ring_fd(const struct ring *ring);

/**
 * ring_take_event() - take the guest's event; there is no other before ring_rearm()
 * @ring: an open ring
 *
 * Return: whether there was one.
 */
bool ring_take_event(struct ring *ring);

/**
 * ring_rearm() - let the guest send events again
 * @ring: an open ring
 */
void ring_rearm(struct ring *ring);

/**
 * ring_take() - take what the guest has printed
 * @ring: an open ring
 * @bytes: out: RING_OUT_SIZE octets
 *
 * Return: how many; 0 also if the guest's indices are nonsense.
 */
size_t ring_take(struct ring *ring, char *bytes);

/**
 * ring_room() - how much the guest could be given
 * @ring: an open ring
 *
 * Return: octets, at most RING_IN_SIZE.
 */
size_t ring_room(const struct ring *ring);

/**
 * ring_put() - give the guest what a user typed
 * @ring: an open ring
 * @bytes: what
 * @len: how much; there is room for it
 */
void ring_put(struct ring *ring, const char *bytes, size_t len);

#endif /* CHAOS_XEN_CONSOLE_H */
