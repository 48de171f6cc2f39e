/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * /dev/xen/noxs: how a toolstack makes, watches and removes noxs devices.
 *
 * The file exists in a domain that has noxs_core in its host role, and its
 * ioctls are for CAP_SYS_ADMIN. A toolstack
 *
 *  1. makes a domain with its domid (xc_domain_create and so on),
 *  2. adds it here, and gives it the handle that it gets back
 *     (xc_domain_sethandle),
 *  3. adds its devices, whose backends are ready when the ioctl returns,
 *  4. unpauses the domain, and may wait for "connected" with poll and read,
 *  5. removes the domain here before it destroys it. That takes all of its
 *     devices, in whatever state they are, and never waits for the guest. A
 *     device whose host's device is slow to end I/O is waited for five seconds,
 *     and ends later then; nothing else has to wait for it.
 *
 * What is added stays until it is removed, also when the file is closed. An
 * ioctl that fails has changed nothing.
 *
 * Structures only ever grow at their end. The size is part of the request's
 * number: a kernel that knows less accepts a longer structure whose rest is
 * zero (else -E2BIG), one that knows more takes what is missing for zero.
 *
 *	-EINVAL		a field or a reserved byte has a value it can't have
 *	-EOPNOTSUPP	flags or a device type that this kernel doesn't have
 *	-ENOTTY		no such ioctl
 *	-EFAULT		an address isn't the caller's
 *	-EPERM		the caller lacks CAP_SYS_ADMIN
 *	-ESRCH		the domain was never added
 *	-ENODEV		no such device, or no driver for its type could be loaded
 *	-EEXIST		the domain, or the device's type and id, are there already
 *	-ENOSPC		the guest's device page is full
 *	-EBUSY		a former guest of this domid still maps pages of ours,
 *			or this guest too many; or the last device of this
 *			name, or of this domid, hasn't ended: try again later.
 *			What is to be removed is in use in the guest
 *	-ENOMEM		no memory, grant reference or event channel left
 *	-ENOTCONN	the guest's driver isn't connected
 *
 * A request to a guest gets -EBUSY while the last one isn't answered, and
 * -EOPNOTSUPP if the guest's kernel can't do that. Adding a device also returns
 * what its driver's probe did.
 */
#ifndef _UAPI_XEN_NOXS_H
#define _UAPI_XEN_NOXS_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define NOXS_DEVICE_NODE	"/dev/xen/noxs"

#define NOXS_ETH_ALEN		6
#define NOXS_DOMID_ANY		0xffff

/**
 * struct noxs_dom - NOXS_IOC_DOM_ADD and NOXS_IOC_DOM_DEL
 * @flags: in: 0
 * @domid: in: the domain
 * @pad: zero
 * @handle: out of NOXS_IOC_DOM_ADD: the handle to give to the domain, in the
 *	order of XENVER_guest_handle and xen_domain_handle_t; in of
 *	NOXS_IOC_DOM_DEL: the handle that it was given, or zero for any. As domids
 *	come round again, only the handle tells a former domain from its successor.
 */
struct noxs_dom {
	__u32 flags;
	__u16 domid;
	__u16 pad;
	__u8  handle[16];
};

/**
 * struct noxs_vif_config - a network device
 * @mac: address of the guest's interface; unicast, not zero
 * @pad: zero
 * @mtu: 68 to 65535, or 0 for the driver's default, 1500
 * @max_queues: most queues to offer, or 0 for the driver's default: its parameter
 *	max_queues, or one a CPU of the host, at most 8
 * @rate_bytes: octets that the guest may send in each interval, and some at
 *	once if it has sent none for so long; or 0 for any number
 * @rate_interval_us: length of the interval in microseconds, at least
 *	NOXS_VIF_MIN_RATE_INTERVAL_US; 0 if and only if @rate_bytes is 0
 *
 * The last packet may be larger than what is left of an interval's octets. What
 * was too much is taken from the following ones.
 */
struct noxs_vif_config {
	__u8  mac[NOXS_ETH_ALEN];
	__u8  pad[2];
	__u32 mtu;
	__u32 max_queues;
	__u32 rate_bytes;
	__u32 rate_interval_us;
};

#define NOXS_VIF_MIN_RATE_INTERVAL_US	1000

#define NOXS_VBD_READONLY	(1U << 0)
#define NOXS_VBD_CDROM		(1U << 1)
#define NOXS_VBD_REMOVABLE	(1U << 2)
#define NOXS_VBD_NO_DISCARD	(1U << 3)

/**
 * struct noxs_vbd_config - a block device
 * @major: of the host's block device
 * @minor: of the host's block device
 * @flags: NOXS_VBD_*
 * @max_queues: most queues to offer, or 0 for one a CPU of the host
 * @iops: requests that the guest may have started each second, at most
 *	NOXS_VBD_MAX_IOPS; or 0 for any number
 * @pad: zero
 * @bps: octets that it may read and write each second, at least NOXS_VBD_MIN_BPS; or
 *	0 for any number
 *
 * A request is started whatever its size: those after it wait the longer. What is
 * allowed in 50 ms may be done at once.
 */
struct noxs_vbd_config {
	__u32 major;
	__u32 minor;
	__u32 flags;
	__u32 max_queues;
	__u32 iops;
	__u32 pad;
	__u64 bps;
};

#define NOXS_VBD_MAX_IOPS	10000000
#define NOXS_VBD_MIN_BPS	65536

/**
 * struct noxs_dev_add - NOXS_IOC_DEV_ADD
 * @flags: 0
 * @domid: the guest
 * @type: NOXS_TYPE_* of xen/interface/io/noxs.h
 * @id: number of the device, unique among the guest's devices of this type,
 *	at most 65535
 * @pad: zero
 * @vif: for NOXS_TYPE_VIF
 * @vbd: for NOXS_TYPE_VBD
 * @config: all of it; what a type doesn't use is zero
 *
 * Loads the driver and returns when the backend is ready for the guest.
 */
struct noxs_dev_add {
	__u32 flags;
	__u16 domid;
	__u16 type;
	__u32 id;
	__u32 pad;
	union {
		struct noxs_vif_config vif;
		struct noxs_vbd_config vbd;
		__u8 config[48];
	};
};

#define NOXS_DEV_DEL_FORCE	(1U << 0)

/**
 * struct noxs_dev_del - NOXS_IOC_DEV_DEL
 * @flags: NOXS_DEV_DEL_FORCE: don't ask the guest
 * @domid: the guest
 * @type: NOXS_TYPE_*
 * @id: number of the device
 * @timeout_ms: how long the guest may take to let go; 0 for 5000, at most
 *	60000. After that the device goes all the same, unless the guest says that it
 *	is in use there, as new guests do of disks: then it stays, and that is -EBUSY.
 *
 * When it returns, the guest has lost the device. If the host's device takes
 * longer than that, or a second, to end I/O, the rest ends later: until then the
 * device is in the list, Closing, and none of its name can be added.
 */
struct noxs_dev_del {
	__u32 flags;
	__u16 domid;
	__u16 type;
	__u32 id;
	__u32 timeout_ms;
};

/**
 * struct noxs_dev_info - NOXS_IOC_DEV_INFO, and each entry of the list
 * @flags: in of NOXS_IOC_DEV_INFO: 0
 * @domid: in of NOXS_IOC_DEV_INFO: the guest
 * @type: in of NOXS_IOC_DEV_INFO: NOXS_TYPE_*
 * @id: in of NOXS_IOC_DEV_INFO: number of the device
 * @generation: of the slot
 * @epoch: connections so far, including the one now offered
 * @backend_state: NOXS_STATE_*; Closed when no driver is bound
 * @frontend_state: as last seen; not more than a hint
 * @features: accepted; 0 unless connected
 * @error: errno for which the backend closed the device, or 0
 * @frontend_error: errno for which the frontend did, as it says, or 0; zero in
 *	versions that didn't know it
 * @vif: what it was added with, defaults filled in
 * @vbd: likewise
 * @config: likewise
 */
struct noxs_dev_info {
	__u32 flags;
	__u16 domid;
	__u16 type;
	__u32 id;
	__u32 generation;
	__u32 epoch;
	__u32 backend_state;
	__u32 frontend_state;
	__u32 features;
	__u32 error;
	__u32 frontend_error;
	union {
		struct noxs_vif_config vif;
		struct noxs_vbd_config vbd;
		__u8 config[48];
	};
};

/**
 * struct noxs_dev_list - NOXS_IOC_DEV_LIST
 * @flags: in: 0
 * @domid: in: the guest, or NOXS_DOMID_ANY
 * @pad: zero
 * @entry_size: in: sizeof(struct noxs_dev_info) as the caller knows it
 * @count: in: entries that fit at @entries; out: devices that there are
 * @entries: in: address of an array of struct noxs_dev_info
 */
struct noxs_dev_list {
	__u32 flags;
	__u16 domid;
	__u16 pad;
	__u32 entry_size;
	__u32 count;
	__u64 entries;
};

/**
 * struct noxs_dom_info - each entry of NOXS_IOC_DOM_LIST
 * @domid: the domain
 * @pad: zero
 * @devices: how many it has
 * @handle: that it was given
 */
struct noxs_dom_info {
	__u16 domid;
	__u16 pad;
	__u32 devices;
	__u8  handle[16];
};

/**
 * struct noxs_dom_list - NOXS_IOC_DOM_LIST
 * @flags: in: 0
 * @entry_size: in: sizeof(struct noxs_dom_info) as the caller knows it
 * @count: in: entries that fit at @entries; out: domains that there are
 * @pad: zero
 * @entries: in: address of an array of struct noxs_dom_info
 */
struct noxs_dom_list {
	__u32 flags;
	__u32 entry_size;
	__u32 count;
	__u32 pad;
	__u64 entries;
};

/**
 * struct noxs_sysctl - NOXS_IOC_SYSCTL_REQUEST and NOXS_IOC_SYSCTL_STATUS
 * @flags: in: 0
 * @domid: in: the guest
 * @pad: zero
 * @request: in of NOXS_IOC_SYSCTL_REQUEST, out of NOXS_IOC_SYSCTL_STATUS:
 *	NOXS_SYSCTL_* of xen/interface/io/noxs.h; NOXS_SYSCTL_NONE if there
 *	was none yet
 * @argument: likewise; for NOXS_SYSCTL_SYSRQ the key, else 0
 * @seq: out: number of the request
 * @answered: out of NOXS_IOC_SYSCTL_STATUS: 1 if the guest has answered, or
 *	will never do so, else 0
 * @result: out of NOXS_IOC_SYSCTL_STATUS, once answered: errno, or 0 if the
 *	guest does what it was asked for; ECONNRESET if its driver went away
 * @reserved: zero
 *
 * A request is sent, and that is all: the answer is an event, and may never
 * come. There is one request at a time.
 */
struct noxs_sysctl {
	__u32 flags;
	__u16 domid;
	__u16 pad;
	__u32 request;
	__u32 argument;
	__u32 seq;
	__u32 answered;
	__u32 result;
	__u32 reserved;
};

/**
 * struct noxs_memory - NOXS_IOC_SYSCTL_MEMORY
 * @flags: in: 0
 * @domid: in: the guest
 * @pad: zero
 * @target: in: what the guest is to shrink or grow to, in KiB: a multiple of 4, at
 *	most NOXS_SYSCTL_MEMORY_MAX of xen/interface/io/noxs.h
 *
 * The guest is told, and that is all: what it has, Xen knows. A driver that connects
 * anew is told again.
 */
struct noxs_memory {
	__u32 flags;
	__u16 domid;
	__u16 pad;
	__u64 target;
};

/* Also if there is nobody to tell: it is told when its driver connects, if it can do that. */
#define NOXS_VCPUS_LATER	(1U << 0)

/**
 * struct noxs_vcpus - NOXS_IOC_SYSCTL_VCPUS
 * @flags: in: 0 or NOXS_VCPUS_LATER
 * @domid: in: the guest
 * @pad: zero
 * @vcpus: in: how many of its virtual CPUs the guest is to have online: 1 to
 *	NOXS_SYSCTL_VCPUS_MAX of xen/interface/io/noxs.h
 * @reserved: zero
 *
 * The guest is told, and that is all: what it has online, Xen knows. A driver that
 * connects anew is told again.
 */
struct noxs_vcpus {
	__u32 flags;
	__u16 domid;
	__u16 pad;
	__u32 vcpus;
	__u32 reserved;
};

#define NOXS_IOC_DOM_ADD	_IOWR('x', 0x00, struct noxs_dom)
#define NOXS_IOC_DOM_DEL	_IOW('x', 0x01, struct noxs_dom)
#define NOXS_IOC_DOM_LIST	_IOWR('x', 0x02, struct noxs_dom_list)
#define NOXS_IOC_DEV_ADD	_IOW('x', 0x10, struct noxs_dev_add)
#define NOXS_IOC_DEV_DEL	_IOW('x', 0x11, struct noxs_dev_del)
#define NOXS_IOC_DEV_INFO	_IOWR('x', 0x12, struct noxs_dev_info)
#define NOXS_IOC_DEV_LIST	_IOWR('x', 0x13, struct noxs_dev_list)
#define NOXS_IOC_SYSCTL_REQUEST	_IOWR('x', 0x20, struct noxs_sysctl)
#define NOXS_IOC_SYSCTL_STATUS	_IOWR('x', 0x21, struct noxs_sysctl)
#define NOXS_IOC_SYSCTL_MEMORY	_IOW('x', 0x22, struct noxs_memory)
#define NOXS_IOC_SYSCTL_VCPUS	_IOW('x', 0x23, struct noxs_vcpus)

/* Kinds of events. */
#define NOXS_EVENT_LOST		0	/* of older versions: some were lost */
#define NOXS_EVENT_DEV_ADD	1
#define NOXS_EVENT_DEV_DEL	2
#define NOXS_EVENT_STATE	3	/* one end's state is another one now */
#define NOXS_EVENT_ANSWER	4	/* see NOXS_IOC_SYSCTL_STATUS */

/**
 * struct noxs_event - what read() on the file returns, one or several
 * @kind: NOXS_EVENT_*
 * @domid: the guest
 * @type: NOXS_TYPE_*
 * @id: number of the device
 * @generation: of the slot
 * @backend_state: NOXS_STATE_*
 * @frontend_state: NOXS_STATE_*, as last seen
 * @time_ns: CLOCK_MONOTONIC
 *
 * Each open file is told of what happens from the moment of its first read() or
 * poll() on: of each device the last event of each kind, oldest first, with the
 * states as they are now. So a slow reader sees fewer events, but the last ones, and
 * none is lost. A device that is removed has no other event than that any more; one
 * that came and went between two reads has none at all, or just that.
 */
struct noxs_event {
	__u32 kind;
	__u16 domid;
	__u16 type;
	__u32 id;
	__u32 generation;
	__u32 backend_state;
	__u32 frontend_state;
	__u64 time_ns;
};

#endif /* _UAPI_XEN_NOXS_H */
