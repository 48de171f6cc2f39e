/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_HOST_NOXS_H
#define CHAOS_HOST_NOXS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <xen/interface/io/noxs.h>

#include "util/error.h"
#include "util/uuid.h"

/**
 * struct noxs - an open /dev/xen/noxs
 * @fd: the file
 */
struct noxs {
	int fd;
};

/* All domains, to noxs_dev_list(). */
#define NOXS_ALL_DOMAINS	0xffff

/**
 * struct noxs_vif - what a network device is made from
 * @mac: address of the guest's interface
 * @mtu: of both ends; to add one, 0 for the usual one
 * @rate_bytes: octets that the guest may send in each interval; 0 for any number
 * @rate_us: microseconds of the interval; 0 if there is no limit
 */
struct noxs_vif {
	uint8_t mac[6];
	uint32_t mtu;
	uint32_t rate_bytes;
	uint32_t rate_us;
};

/**
 * struct noxs_vbd - what a block device is made from
 * @dev: the host's block device
 * @readonly: the guest can't write to it
 * @cdrom: to the guest it is a CD-ROM
 * @no_discard: the guest can't discard blocks
 * @iops: requests that it may have started a second; 0 for any number
 * @bps: octets that it may read and write a second; 0 for any number
 */
struct noxs_vbd {
	dev_t dev;
	bool readonly;
	bool cdrom;
	bool no_discard;
	uint32_t iops;
	uint64_t bps;
};

/**
 * struct noxs_dev - a device, as the kernel has it
 * @domid: the guest
 * @type: NOXS_TYPE_*
 * @id: number among the guest's devices of its type
 * @epoch: connections so far, including the one now offered
 * @error: errno for which the backend closed it, or 0
 * @frontend_error: errno for which the frontend did, as it says, or 0
 * @connected: both ends are
 * @backend: state of the backend, NOXS_STATE_*
 * @frontend: state of the frontend, as last seen
 * @max_queues: most queues that it may have
 * @vif: for NOXS_TYPE_VIF
 * @vbd: for NOXS_TYPE_VBD
 */
struct noxs_dev {
	uint32_t domid;
	uint16_t type;
	uint32_t id;
	uint32_t epoch;
	uint32_t error;
	uint32_t frontend_error;
	bool connected;
	uint32_t backend;
	uint32_t frontend;
	uint32_t max_queues;
	union {
		struct noxs_vif vif;
		struct noxs_vbd vbd;
	};
};

/**
 * noxs_type_name() - what a type of devices is called
 * @type: NOXS_TYPE_*
 *
 * Return: a word.
 */
const char *noxs_type_name(uint16_t type);

/**
 * noxs_state_name() - what a state of an end of a device is called
 * @state: NOXS_STATE_*, or what a guest says that is none
 *
 * Return: a word.
 */
const char *noxs_state_name(uint32_t state);

/**
 * struct noxs_domain - a domain that noxs knows
 * @domid: the domain
 * @handle: that noxs gave to it
 */
struct noxs_domain {
	uint32_t domid;
	uint8_t handle[UUID_SIZE];
};

/**
 * struct noxs_change - something that happened to a device
 * @lost: not that: others were missed
 * @domid: the guest
 * @type: "vif", "vbd", "sysctl"
 * @id: number among the guest's devices of that type
 * @backend: state of the backend, in a word
 * @frontend: state of the frontend, in a word
 */
struct noxs_change {
	bool lost;
	uint32_t domid;
	const char *type;
	uint32_t id;
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
 * @handle: that noxs gave to it: one with another handle isn't touched; or NULL
 * @err: out: the reason of a failure
 *
 * Return: 0, also if there was no such domain; else a negative errno.
 */
int noxs_dom_del(struct noxs *noxs, uint32_t domid, const uint8_t *handle,
		 struct error *err);

/**
 * noxs_dom_list() - list the domains that noxs knows
 * @noxs: access to the kernel's devices
 * @doms: out: array for the caller to free()
 * @err: out: the reason of a failure
 *
 * Return: how many, or a negative errno.
 */
int noxs_dom_list(struct noxs *noxs, struct noxs_domain **doms,
		  struct error *err);

/**
 * noxs_vif_add() - add a network device to a domain
 * @noxs: access to the kernel's devices
 * @domid: the domain
 * @id: number among its network devices
 * @vif: what it is
 * @err: out: the reason of a failure
 *
 * When it returns, the host's interface is there.
 *
 * Return: 0 or a negative errno.
 */
int noxs_vif_add(struct noxs *noxs, uint32_t domid, uint32_t id,
		 const struct noxs_vif *vif, struct error *err);

/**
 * noxs_vbd_add() - add a block device to a domain
 * @noxs: access to the kernel's devices
 * @domid: the domain
 * @id: number among its block devices
 * @vbd: what it is
 * @err: out: the reason of a failure
 *
 * When it returns, the kernel has the host's block device open.
 *
 * Return: 0 or a negative errno.
 */
int noxs_vbd_add(struct noxs *noxs, uint32_t domid, uint32_t id,
		 const struct noxs_vbd *vbd, struct error *err);

/**
 * noxs_sysctl_add() - add the power control to a domain
 * @noxs: access to the kernel's devices
 * @domid: the domain
 * @err: out: the reason of a failure
 *
 * Return: 0 or a negative errno.
 */
int noxs_sysctl_add(struct noxs *noxs, uint32_t domid, struct error *err);

/**
 * noxs_sysctl_send() - ask a guest for something
 * @noxs: access to the kernel's devices
 * @domid: the guest
 * @request: NOXS_SYSCTL_*
 * @argument: for NOXS_SYSCTL_SYSRQ the key, else 0
 * @seq: out: number of the request
 * @err: out: the reason of a failure
 *
 * Return: 0, -ENOTCONN if nobody is there to ask (yet), -EBUSY if the last
 * request isn't answered, -EOPNOTSUPP if the guest can't do that, another
 * negative errno.
 */
int noxs_sysctl_send(struct noxs *noxs, uint32_t domid, uint32_t request,
		     uint32_t argument, uint32_t *seq, struct error *err);

/**
 * noxs_sysctl_memory() - tell a guest how much memory it is to have
 * @noxs: access to the kernel
 * @domid: the guest
 * @kib: KiB, a multiple of 4, as Xen counts the domain's pages
 * @err: out: the reason of a failure
 *
 * Return: 0, -ENOTCONN if there is no driver, -EOPNOTSUPP if it can't do that,
 * another negative errno.
 */
int noxs_sysctl_memory(struct noxs *noxs, uint32_t domid, uint64_t kib,
		       struct error *err);

/**
 * noxs_sysctl_vcpus() - tell a guest how many virtual CPUs it is to have online
 * @noxs: access to the kernel
 * @domid: the guest
 * @vcpus: how many
 * @later: its driver may as well not be there yet; if it can't do that, nobody hears of it
 * @err: out: the reason of a failure
 *
 * Return: 0, -ENOTCONN if there is no driver, -EOPNOTSUPP if it can't do that,
 * another negative errno.
 */
int noxs_sysctl_vcpus(struct noxs *noxs, uint32_t domid, unsigned int vcpus,
		      bool later, struct error *err);

/**
 * noxs_sysctl_answer() - see whether a guest has answered
 * @noxs: access to the kernel's devices
 * @domid: the guest
 * @seq: number of the request
 * @err: out: the reason of a failure
 *
 * Return: 0 if it does what it was asked for, -EAGAIN if it hasn't answered,
 * another negative errno if it never will or won't do it.
 */
int noxs_sysctl_answer(struct noxs *noxs, uint32_t domid, uint32_t seq,
		       struct error *err);

/**
 * noxs_dev_del() - remove a device
 * @noxs: access to the kernel's devices
 * @domid: the domain
 * @type: NOXS_TYPE_*
 * @id: number among its devices of this type
 * @force: without asking the guest
 * @err: out: the reason of a failure
 *
 * Return: 0, -ENODEV if there is none, another negative errno.
 */
int noxs_dev_del(struct noxs *noxs, uint32_t domid, uint16_t type, uint32_t id,
		 bool force, struct error *err);

/**
 * noxs_dev_list() - list devices
 * @noxs: access to the kernel's devices
 * @domid: the domain, or NOXS_ALL_DOMAINS
 * @type: NOXS_TYPE_*, or NOXS_TYPE_NONE for all
 * @devs: out: array, in order of domids, types and ids, for the caller to free()
 * @err: out: the reason of a failure
 *
 * Return: how many, or a negative errno.
 */
int noxs_dev_list(struct noxs *noxs, uint32_t domid, uint16_t type,
		  struct noxs_dev **devs, struct error *err);

/**
 * noxs_vbd_rescan() - make a block device's backend look at its size
 * @domid: the domain
 * @id: number of the device
 * @err: out: the reason of a failure
 *
 * Return: 0, -ENOENT if it has no backend, another negative errno.
 */
int noxs_vbd_rescan(uint32_t domid, uint32_t id, struct error *err);

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
 * noxs_read() - see what has happened to devices, and not wait
 * @noxs: access to the kernel's devices; poll() tells when there is something
 * @changes: out
 * @max: how many fit
 *
 * Return: how many, 0 if there is nothing, or a negative errno.
 */
int noxs_read(struct noxs *noxs, struct noxs_change *changes, size_t max);

/**
 * noxs_is_early() - whether a handle is one of noxs_early_handle()'s
 * @handle: what Xen says
 *
 * Return: whether it is.
 */
bool noxs_is_early(const uint8_t *handle);

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

#endif /* CHAOS_HOST_NOXS_H */
