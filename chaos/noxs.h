/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_NOXS_H
#define CHAOS_NOXS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "uuid.h"

/**
 * struct noxs - an open /dev/xen/noxs
 * @fd: the file
 */
struct noxs {
	int fd;
};

/**
 * struct noxs_vif - a network device, as the kernel has it
 * @id: number among the guest's network devices
 * @mac: address of the guest's interface
 * @mtu: of both ends
 * @epoch: connections so far, including the one now offered
 * @error: errno for which the backend closed it, or 0
 * @connected: both ends are
 * @backend: state of the backend, in a word
 * @frontend: state of the frontend, in a word
 */
struct noxs_vif {
	uint32_t id;
	uint8_t mac[6];
	uint32_t mtu;
	uint32_t epoch;
	uint32_t error;
	bool connected;
	const char *backend;
	const char *frontend;
};

/**
 * noxs_open() - get access to the kernel's devices
 * @noxs: out; to be closed with noxs_close(), unless this fails
 * @err: out: the reason of a failure
 *
 * Return: 0, -ENOENT or -ENODEV if noxs_core isn't there, another negative
 * errno.
 */
int noxs_open(struct noxs *noxs, struct error *err);

/**
 * noxs_close() - give access up; what was added stays
 * @noxs: what noxs_open() gave
 */
void noxs_close(struct noxs *noxs);

/**
 * noxs_dom_add() - announce a domain
 * @noxs: access to the kernel's devices
 * @domid: the domain
 * @handle: out: the handle to give to it
 * @err: out: the reason of a failure
 *
 * Return: 0, -EEXIST if it is there, -EBUSY if a former guest of this domid
 * still holds pages, another negative errno.
 */
int noxs_dom_add(struct noxs *noxs, uint32_t domid, uint8_t *handle,
		 struct error *err);

/**
 * noxs_dom_del() - remove a domain, and all its devices
 * @noxs: access to the kernel's devices
 * @domid: the domain
 * @err: out: the reason of a failure
 *
 * Return: 0, also if there was no such domain; else a negative errno.
 */
int noxs_dom_del(struct noxs *noxs, uint32_t domid, struct error *err);

/**
 * noxs_vif_add() - add a network device to a domain
 * @noxs: access to the kernel's devices
 * @domid: the domain
 * @id: number among its network devices
 * @mac: address of the guest's interface
 * @mtu: of both ends, or 0 for the usual one
 * @err: out: the reason of a failure
 *
 * When it returns, the host's interface is there.
 *
 * Return: 0 or a negative errno.
 */
int noxs_vif_add(struct noxs *noxs, uint32_t domid, uint32_t id,
		 const uint8_t *mac, uint32_t mtu, struct error *err);

/**
 * noxs_vif_del() - remove a network device
 * @noxs: access to the kernel's devices
 * @domid: the domain
 * @id: number among its network devices
 * @force: without asking the guest
 * @err: out: the reason of a failure
 *
 * Return: 0, -ENODEV if there is none, another negative errno.
 */
int noxs_vif_del(struct noxs *noxs, uint32_t domid, uint32_t id, bool force,
		 struct error *err);

/**
 * noxs_vif_list() - list a domain's network devices
 * @noxs: access to the kernel's devices
 * @domid: the domain
 * @vifs: out: array, in order of the ids, for the caller to free()
 * @err: out: the reason of a failure
 *
 * Return: how many, or a negative errno.
 */
int noxs_vif_list(struct noxs *noxs, uint32_t domid, struct noxs_vif **vifs,
		  struct error *err);

/**
 * noxs_watch() - begin to queue events
 * @noxs: access to the kernel's devices
 *
 * To be called before looking at what noxs_wait() then watches.
 */
void noxs_watch(struct noxs *noxs);

/**
 * noxs_wait() - wait until something has changed
 * @noxs: access to the kernel's devices
 * @timeout: milliseconds
 * @err: out: the reason of a failure
 *
 * Return: 0, also after @timeout; -EINTR after a signal, another negative
 * errno.
 */
int noxs_wait(struct noxs *noxs, int timeout, struct error *err);

/**
 * noxs_is_handle() - whether a handle is that of a domain made for noxs
 * @handle: what Xen says
 *
 * Return: whether it is.
 */
bool noxs_is_handle(const uint8_t *handle);

/**
 * noxs_early_handle() - a handle for a domain that noxs doesn't know yet
 * @handle: out: unique, and what noxs_is_handle() accepts
 * @err: out: the reason of a failure
 *
 * Return: 0 or a negative errno.
 */
int noxs_early_handle(uint8_t *handle, struct error *err);

#endif /* CHAOS_NOXS_H */
