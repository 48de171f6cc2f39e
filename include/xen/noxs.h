/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The noxs bus, for drivers of frontends and backends.
 *
 * noxs_core keeps the control page, its event channel and the states of both
 * ends. A driver says what it offers, connects its data path when the core
 * shows it the other end's half, and disconnects it when told to.
 *
 * All operations of one device are called one at a time, in process context,
 * with no lock of the driver core's or the network layer's held that they
 * could need, and may sleep. The order is
 *
 *	probe, { offer }, { connect, { otherend_changed }, disconnect }, remove
 *
 * where braces mean any number of times. Each connect that returned 0 is
 * followed by exactly one disconnect, before the next connect or remove.
 */
#ifndef _XEN_NOXS_H
#define _XEN_NOXS_H

#include <linux/device.h>
#include <linux/interrupt.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include <xen/grant_table.h>
#include <xen/interface/event_channel.h>
#include <xen/interface/grant_table.h>
#include <xen/interface/io/noxs.h>
#include <xen/interface/xen.h>
#include <uapi/xen/noxs.h>

struct noxs_device;

/**
 * struct noxs_device_id - what a driver drives
 * @type: NOXS_TYPE_*; NOXS_TYPE_NONE ends a table
 */
struct noxs_device_id {
	u16 type;
};

/**
 * struct noxs_driver - driver of frontends or of backends
 * @driver: its name and owner; the rest is the core's
 * @ids: types of devices that it drives
 * @features: the features it knows; an end's mask never has others
 * @probe: a device appeared; allocate what lives as long as it does
 * @remove: the device goes; it is disconnected already
 * @offer: backends only: fill in the payload and the features of @own, which
 *	is zero. Called before each InitWait, and on noxs_dev_refresh(), when
 *	only the payload counts. Must not sleep for long, and can't fail.
 * @connect: make the data path. @peer is a copy of the other end's half. Its
 *	header is validated; its payload is the driver's to distrust.
 *	ndev->features is what both ends have; a frontend may clear bits of it.
 *	A frontend fills in the payload of @own, which is zero; backends get
 *	NULL there. On an error, with everything undone, the device is closed, or
 *	if noxs_error_passes() it is called again later.
 * @disconnect: end I/O and give back all that @connect made. Doesn't wait
 *	for the other end, which may be gone.
 * @in_use: frontends, optional: say in the payload of @own how much the device is in
 *	use here. If that returns true, a host that asks for it has to wait. Called
 *	while connected, and after noxs_dev_refresh(); must not sleep for long.
 * @otherend_in_use: backends, optional: tell whether the frontend says so. @peer as
 *	for @connect.
 * @otherend_changed: optional: the other end is connected now, or, later, has
 *	changed its payload. @peer as for @connect.
 */
struct noxs_driver {
	struct device_driver driver;
	const struct noxs_device_id *ids;
	u32 features;
	int (*probe)(struct noxs_device *ndev);
	void (*remove)(struct noxs_device *ndev);
	void (*offer)(struct noxs_device *ndev, struct noxs_half *own);
	int (*connect)(struct noxs_device *ndev, const struct noxs_half *peer,
		       struct noxs_half *own);
	void (*disconnect)(struct noxs_device *ndev);
	bool (*in_use)(struct noxs_device *ndev, struct noxs_half *own);
	bool (*otherend_in_use)(struct noxs_device *ndev,
				const struct noxs_half *peer);
	void (*otherend_changed)(struct noxs_device *ndev,
				 const struct noxs_half *peer);
};

#define to_noxs_driver(drv) container_of_const(drv, struct noxs_driver, driver)

struct noxs_link;

/**
 * struct noxs_device - one end of a device
 * @dev: the device; its reference count is the structure's
 * @type: NOXS_TYPE_*
 * @id: number among the guest's devices of this type
 * @generation: of its slot in the device page
 * @otherend: domid of the other end
 * @is_backend: which end this is
 * @vif: backends: what the toolstack asked for; where that is 0, the driver's probe
 *	fills in its default
 * @vbd: likewise
 * @config: likewise
 * @features: accepted features; valid from connect to disconnect
 * @error: valid in disconnect: 0, or an errno of Linux if one of the ends closed
 *	the device for an error, so that it won't connect again of itself
 * @link: the core's: control page, event channel, states
 */
struct noxs_device {
	struct device dev;
	u16 type;
	u32 id;
	u32 generation;
	domid_t otherend;
	bool is_backend;
	union {
		struct noxs_vif_config vif;
		struct noxs_vbd_config vbd;
		u8 config[sizeof_field(struct noxs_dev_add, config)];
	};
	u32 features;
	u32 error;
	struct noxs_link *link;
};

#define to_noxs_device(d) container_of(d, struct noxs_device, dev)

int __noxs_register_driver(struct noxs_driver *drv, bool backend,
			   struct module *owner);
void noxs_unregister_driver(struct noxs_driver *drv);

/**
 * noxs_register_frontend() - register a driver of frontends
 * @drv: the driver
 *
 * Return: 0, -ENODEV when this domain has no device page, or -errno
 */
#define noxs_register_frontend(drv) \
	__noxs_register_driver(drv, false, THIS_MODULE)

/**
 * noxs_register_backend() - register a driver of backends
 * @drv: the driver
 *
 * Return: 0, -ENODEV when this domain is no host, or -errno
 */
#define noxs_register_backend(drv) \
	__noxs_register_driver(drv, true, THIS_MODULE)

__printf(3, 4)
void noxs_dev_fatal(struct noxs_device *ndev, int err, const char *fmt, ...);
void noxs_dev_refresh(struct noxs_device *ndev);
bool noxs_error_passes(int err);

/**
 * noxs_has_feature() - tell whether both ends accepted a feature
 * @ndev: a device between connect and disconnect
 * @feature: one bit, NOXS_VIF_F_* or NOXS_VBD_F_*
 *
 * Return: true if they did
 */
static inline bool noxs_has_feature(const struct noxs_device *ndev, u32 feature)
{
	return ndev->features & feature;
}

/**
 * struct noxs_grant - a page of ours that the other end may map
 * @addr: the page; NULL when there is none
 * @gref: its grant reference
 */
struct noxs_grant {
	void *addr;
	grant_ref_t gref;
};

/**
 * struct noxs_map - a page of the other end that we mapped
 * @addr: where it is; NULL when there is none
 * @page: the page that holds the mapping
 * @handle: Xen's handle of the mapping
 */
struct noxs_map {
	void *addr;
	struct page *page;
	grant_handle_t handle;
};

/**
 * noxs_has_no_room() - tell whether a page isn't mapped since Xen has no room
 * @status: GNTST_*, what Xen says of the operation
 *
 * Xen keeps account of only so many mappings of a domain's; when they are all in use,
 * 4.17 says GNTST_no_space.
 *
 * Return: true if it may be possible later
 */
static inline bool noxs_has_no_room(s16 status)
{
	return status == GNTST_no_space || status == GNTST_no_device_space;
}

/**
 * struct noxs_channel - an event channel with its interrupt
 * @port: our port; 0 when there is none
 * @irq: the interrupt, with late EOI: the handler, or what it wakes, ends
 *	each event with one xen_irq_lateeoi()
 */
struct noxs_channel {
	evtchn_port_t port;
	unsigned int irq;
};

int noxs_grant_page(struct noxs_device *ndev, struct noxs_grant *grant);
void noxs_grant_end(struct noxs_device *ndev, struct noxs_grant *grant);
void noxs_page_end(struct noxs_device *ndev, void *addr, grant_ref_t gref);
int noxs_map_foreign(domid_t domid, grant_ref_t gref, bool readonly,
		     struct noxs_map *map);
int noxs_map_page(struct noxs_device *ndev, grant_ref_t gref,
		  struct noxs_map *map);
void noxs_unmap_page(struct noxs_map *map);

int noxs_channel_alloc(struct noxs_device *ndev, struct noxs_channel *ch,
		       irq_handler_t handler, const char *name, void *arg);
int noxs_channel_bind(struct noxs_device *ndev, struct noxs_channel *ch,
		      evtchn_port_t remote, irq_handler_t handler,
		      const char *name, void *arg);
void noxs_channel_free(struct noxs_channel *ch, void *arg);

#endif /* _XEN_NOXS_H */
