// SPDX-License-Identifier: GPL-2.0
/*
 * The two bus types, what sysfs and uevents show of a device, and the life of
 * struct noxs_device.
 *
 * A domain has one role: backends in the host, frontends in a guest. Process
 * context; the driver core's locks.
 */
#include <linux/export.h>
#include <linux/gfp.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/sysfs.h>
#include <trace/events/noxs.h>

#include "core.h"
#include "provider.h"

static const char * const noxs_type_names[] = {
	[NOXS_TYPE_SYSCTL] = "sysctl",
	[NOXS_TYPE_VIF] = "vif",
	[NOXS_TYPE_VBD] = "vbd",
};

static const char * const noxs_state_names[] = {
	[NOXS_STATE_UNKNOWN] = "Unknown",
	[NOXS_STATE_INITIALISING] = "Initialising",
	[NOXS_STATE_INIT_WAIT] = "InitWait",
	[NOXS_STATE_INITIALISED] = "Initialised",
	[NOXS_STATE_CONNECTED] = "Connected",
	[NOXS_STATE_CLOSING] = "Closing",
	[NOXS_STATE_CLOSED] = "Closed",
};

/**
 * noxs_type_name() - name of a type of device
 * @type: NOXS_TYPE_*, valid
 *
 * Return: the name
 */
const char *noxs_type_name(u16 type)
{
	return noxs_type_names[type];
}

static ssize_t type_show(struct device *dev, struct device_attribute *attr,
			 char *buf)
{
	return sysfs_emit(buf, "%s\n", noxs_type_name(to_noxs_device(dev)->type));
}
static DEVICE_ATTR_RO(type);

static ssize_t id_show(struct device *dev, struct device_attribute *attr,
		       char *buf)
{
	return sysfs_emit(buf, "%u\n", to_noxs_device(dev)->id);
}
static DEVICE_ATTR_RO(id);

static ssize_t otherend_show(struct device *dev, struct device_attribute *attr,
			     char *buf)
{
	return sysfs_emit(buf, "%u\n", to_noxs_device(dev)->otherend);
}
static DEVICE_ATTR_RO(otherend);

static ssize_t generation_show(struct device *dev,
			       struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%u\n", to_noxs_device(dev)->generation);
}
static DEVICE_ATTR_RO(generation);

static ssize_t epoch_show(struct device *dev, struct device_attribute *attr,
			  char *buf)
{
	return sysfs_emit(buf, "%u\n",
			  READ_ONCE(to_noxs_device(dev)->link->machine.epoch));
}
static DEVICE_ATTR_RO(epoch);

static ssize_t features_show(struct device *dev, struct device_attribute *attr,
			     char *buf)
{
	return sysfs_emit(buf, "%#x\n", READ_ONCE(to_noxs_device(dev)->features));
}
static DEVICE_ATTR_RO(features);

static ssize_t state_show(struct device *dev, struct device_attribute *attr,
			  char *buf)
{
	u32 state = READ_ONCE(to_noxs_device(dev)->link->machine.state);

	return sysfs_emit(buf, "%s\n", noxs_state_names[state]);
}
static DEVICE_ATTR_RO(state);

static ssize_t otherend_state_show(struct device *dev,
				   struct device_attribute *attr, char *buf)
{
	u32 state = READ_ONCE(to_noxs_device(dev)->link->machine.peer_state);

	return sysfs_emit(buf, "%s\n", noxs_state_names[state]);
}
static DEVICE_ATTR_RO(otherend_state);

/* What the other end's half says; nothing while there is no connection. */
static ssize_t otherend_abi_show(struct device *dev,
				 struct device_attribute *attr, char *buf)
{
	const struct noxs_link *link = to_noxs_device(dev)->link;

	/* Without the lock, which whoever waits for a disk may hold for long. */
	if (!READ_ONCE(link->machine.connected))
		return 0;
	return sysfs_emit(buf, "%u.%u\n", READ_ONCE(link->peer.hdr.version),
			  READ_ONCE(link->peer.hdr.minor));
}
static DEVICE_ATTR_RO(otherend_abi);

static ssize_t modalias_show(struct device *dev, struct device_attribute *attr,
			     char *buf)
{
	return sysfs_emit(buf, "%s:%s\n", dev->bus->name,
			  noxs_type_name(to_noxs_device(dev)->type));
}
static DEVICE_ATTR_RO(modalias);

static struct attribute *noxs_dev_attrs[] = {
	&dev_attr_type.attr,
	&dev_attr_id.attr,
	&dev_attr_otherend.attr,
	&dev_attr_generation.attr,
	&dev_attr_epoch.attr,
	&dev_attr_features.attr,
	&dev_attr_state.attr,
	&dev_attr_otherend_state.attr,
	&dev_attr_otherend_abi.attr,
	&dev_attr_modalias.attr,
	NULL
};
ATTRIBUTE_GROUPS(noxs_dev);

static bool has_type(const struct noxs_driver *drv, u16 type)
{
	const struct noxs_device_id *id;

	for (id = drv->ids; id->type != NOXS_TYPE_NONE; id++)
		if (id->type == type)
			return true;
	return false;
}

static int noxs_bus_match(struct device *dev, noxs_match_driver_t *drv)
{
	return has_type(to_noxs_driver(drv), to_noxs_device(dev)->type);
}

static int noxs_bus_uevent(noxs_uevent_device_t *dev,
			   struct kobj_uevent_env *env)
{
	const struct noxs_device *ndev = container_of_const(dev,
							    struct noxs_device,
							    dev);
	const char *type = noxs_type_name(ndev->type);

	if (add_uevent_var(env, "MODALIAS=%s:%s", dev->bus->name, type) ||
	    add_uevent_var(env, "NOXS_TYPE=%s", type) ||
	    add_uevent_var(env, "NOXS_ID=%u", ndev->id) ||
	    add_uevent_var(env, "NOXS_OTHEREND=%u", ndev->otherend))
		return -ENOMEM;
	return 0;
}

static int noxs_bus_probe(struct device *dev)
{
	return noxs_link_probe(to_noxs_device(dev), to_noxs_driver(dev->driver));
}

static void noxs_bus_remove(struct device *dev)
{
	noxs_link_remove(to_noxs_device(dev));
}

static ssize_t abi_show(noxs_bus_attr_t *bus, char *buf)
{
	return sysfs_emit(buf, "%u.%u\n", NOXS_ABI_VERSION, NOXS_ABI_MINOR);
}
static BUS_ATTR_RO(abi);

static ssize_t provider_show(noxs_bus_attr_t *bus, char *buf)
{
	return noxs_provider_show(buf);
}
static BUS_ATTR_RO(provider);

static struct attribute *noxs_bus_attrs[] = {
	&bus_attr_abi.attr,
	&bus_attr_provider.attr,
	NULL
};
ATTRIBUTE_GROUPS(noxs_bus);

static struct bus_type noxs_frontend_bus = {
	.name = "noxs",
	.bus_groups = noxs_bus_groups,
	.dev_groups = noxs_dev_groups,
	.match = noxs_bus_match,
	.uevent = noxs_bus_uevent,
	.probe = noxs_bus_probe,
	.remove = noxs_bus_remove,
};

static struct bus_type noxs_backend_bus = {
	.name = "noxs-backend",
	.bus_groups = noxs_bus_groups,
	.dev_groups = noxs_dev_groups,
	.match = noxs_bus_match,
	.uevent = noxs_bus_uevent,
	.probe = noxs_bus_probe,
	.remove = noxs_bus_remove,
};

/* The bus of this domain's role, NULL while there is none. */
static struct bus_type *noxs_bus;

/**
 * noxs_bus_init() - register the bus of this domain's role
 * @host: the role
 *
 * Return: 0 or -errno
 */
int noxs_bus_init(bool host)
{
	struct bus_type *bus = host ? &noxs_backend_bus : &noxs_frontend_bus;
	int err;

	err = bus_register(bus);
	if (!err)
		noxs_bus = bus;
	return err;
}

/** noxs_bus_exit() - unregister the bus; it has no devices any more */
void noxs_bus_exit(void)
{
	bus_unregister(noxs_bus);
	noxs_bus = NULL;
}

/**
 * __noxs_register_driver() - register a driver
 * @drv: the driver
 * @backend: of backends, or of frontends
 * @owner: its module
 *
 * Drivers use noxs_register_frontend() and noxs_register_backend().
 *
 * Context: process
 * Return: 0, -ENODEV when this domain has no such bus, or -errno
 */
int __noxs_register_driver(struct noxs_driver *drv, bool backend,
			   struct module *owner)
{
	struct bus_type *bus = backend ? &noxs_backend_bus : &noxs_frontend_bus;

	if (noxs_bus != bus)
		return -ENODEV;

	drv->driver.bus = bus;
	drv->driver.owner = owner;
	/* Who adds a device wants to know whether it works. */
	if (backend)
		drv->driver.probe_type = PROBE_FORCE_SYNCHRONOUS;
	return driver_register(&drv->driver);
}
EXPORT_SYMBOL_GPL(__noxs_register_driver);

/**
 * noxs_unregister_driver() - unregister a driver
 * @drv: the driver; its devices are closed, and wait for another one
 *
 * Context: process
 */
void noxs_unregister_driver(struct noxs_driver *drv)
{
	driver_unregister(&drv->driver);
}
EXPORT_SYMBOL_GPL(noxs_unregister_driver);

static int drives_type(struct device_driver *drv, void *type)
{
	return has_type(to_noxs_driver(drv), *(u16 *)type);
}

/**
 * noxs_type_has_driver() - tell whether a driver of a type is there
 * @type: NOXS_TYPE_*
 *
 * Context: process, may sleep
 * Return: true if one is registered
 */
bool noxs_type_has_driver(u16 type)
{
	return bus_for_each_drv(noxs_bus, NULL, &type, drives_type);
}

static void noxs_device_release(struct device *dev)
{
	struct noxs_device *ndev = to_noxs_device(dev);

	noxs_listen_put(ndev->link->listened);
	kfree(ndev->link);
	kfree(ndev);
}

/**
 * noxs_device_alloc() - make a device that isn't registered yet
 * @type: NOXS_TYPE_*
 * @id: its number
 * @otherend: domid of the other end
 *
 * Return: the device, which put_device() frees, or NULL
 */
struct noxs_device *noxs_device_alloc(u16 type, u32 id, domid_t otherend)
{
	struct noxs_device *ndev;
	int err;

	ndev = kzalloc(sizeof(*ndev), GFP_KERNEL);
	if (!ndev)
		return NULL;
	ndev->type = type;
	ndev->id = id;
	ndev->otherend = otherend;
	ndev->is_backend = noxs_bus == &noxs_backend_bus;

	ndev->link = kzalloc(sizeof(*ndev->link), GFP_KERNEL);
	if (!ndev->link)
		goto err_free_device;
	noxs_link_init(ndev);
	if (ndev->is_backend) {
		ndev->link->listened = noxs_listen_alloc();
		if (!ndev->link->listened)
			goto err_free_link;
	}

	device_initialize(&ndev->dev);
	ndev->dev.bus = noxs_bus;
	ndev->dev.release = noxs_device_release;
	if (ndev->is_backend)
		err = dev_set_name(&ndev->dev, "%s-%u-%u", noxs_type_name(type),
				   otherend, id);
	else
		err = dev_set_name(&ndev->dev, "%s-%u", noxs_type_name(type),
				   id);
	if (err) {
		put_device(&ndev->dev);
		return NULL;
	}
	return ndev;

err_free_link:
	kfree(ndev->link);
err_free_device:
	kfree(ndev);
	return NULL;
}

/**
 * noxs_device_add() - register a device, whose control page is ready
 * @ndev: the device
 *
 * Return: 0 or -errno
 */
int noxs_device_add(struct noxs_device *ndev)
{
	int err;

	trace_noxs_dev_add(ndev);
	noxs_listen_event(ndev, NOXS_EVENT_DEV_ADD);
	err = device_add(&ndev->dev);
	if (err) {
		trace_noxs_dev_del(ndev);
		noxs_listen_event(ndev, NOXS_EVENT_DEV_DEL);
	}
	return err;
}

/**
 * noxs_device_del() - unbind and unregister a device
 * @ndev: the device; the caller keeps its reference
 */
void noxs_device_del(struct noxs_device *ndev)
{
	device_del(&ndev->dev);
	trace_noxs_dev_del(ndev);
	noxs_listen_event(ndev, NOXS_EVENT_DEV_DEL);
}
