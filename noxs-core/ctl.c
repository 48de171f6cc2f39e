// SPDX-License-Identifier: GPL-2.0
/*
 * /dev/xen/noxs: the ioctls and events of uapi/xen/noxs.h.
 *
 * Only checks what user space passes and hands it to backend.c, and what there is to
 * read, of listen.c, to user space. Process context.
 */
#include <linux/capability.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/sysfs.h>
#include <linux/uaccess.h>

#include "core.h"
#include "listen.h"

/* How many events are read at once. */
#define NOXS_READ_EVENTS	16
#define NOXS_MAX_ENTRY_SIZE	4096

static ssize_t noxs_ctl_read(struct file *file, char __user *buf, size_t size,
			     loff_t *pos)
{
	struct noxs_listener *listener = file->private_data;
	struct noxs_event events[NOXS_READ_EVENTS];
	unsigned int nr;
	size_t done = 0;
	int err;

	if (size < sizeof(events[0]))
		return -EINVAL;
	noxs_listener_start(listener);

	while (size - done >= sizeof(events[0])) {
		nr = noxs_listener_read(listener, events,
					min_t(size_t, NOXS_READ_EVENTS,
					      (size - done) / sizeof(events[0])));
		if (nr) {
			if (copy_to_user(buf + done, events,
					 nr * sizeof(events[0])))
				return done ?: -EFAULT;
			done += nr * sizeof(events[0]);
			continue;
		}
		if (done)
			break;
		if (file->f_flags & O_NONBLOCK)
			return -EAGAIN;
		err = noxs_listener_wait(listener);
		if (err)
			return err;
	}
	return done;
}

static __poll_t noxs_ctl_poll(struct file *file, poll_table *wait)
{
	struct noxs_listener *listener = file->private_data;

	noxs_listener_start(listener);
	return noxs_listener_poll(listener, file, wait);
}

static long ctl_dom_add(void __user *arg, size_t size)
{
	struct noxs_dom dom;
	int err;

	err = copy_struct_from_user(&dom, sizeof(dom), arg, size);
	if (err)
		return err;
	if (dom.flags)
		return -EOPNOTSUPP;
	if (dom.pad || size < sizeof(dom))
		return -EINVAL;

	err = noxs_domain_add(dom.domid, dom.handle);
	if (err)
		return err;
	if (copy_to_user(arg, &dom, sizeof(dom))) {
		noxs_domain_del(dom.domid, dom.handle);
		return -EFAULT;
	}
	return 0;
}

static long ctl_dom_del(void __user *arg, size_t size)
{
	struct noxs_dom dom;
	int err;

	err = copy_struct_from_user(&dom, sizeof(dom), arg, size);
	if (err)
		return err;
	if (dom.flags)
		return -EOPNOTSUPP;
	if (dom.pad)
		return -EINVAL;
	return noxs_domain_del(dom.domid, dom.handle);
}

static long ctl_dev_add(void __user *arg, size_t size)
{
	struct noxs_dev_add add;
	int err;

	err = copy_struct_from_user(&add, sizeof(add), arg, size);
	if (err)
		return err;
	return noxs_backend_add(&add);
}

static long ctl_dev_del(void __user *arg, size_t size)
{
	struct noxs_dev_del del;
	int err;

	err = copy_struct_from_user(&del, sizeof(del), arg, size);
	if (err)
		return err;
	return noxs_backend_del(&del);
}

static long ctl_dev_info(void __user *arg, size_t size)
{
	struct noxs_dev_info info;
	int err;

	err = copy_struct_from_user(&info, sizeof(info), arg, size);
	if (err)
		return err;
	if (info.flags)
		return -EOPNOTSUPP;

	err = noxs_backend_info(&info);
	if (err)
		return err;
	if (copy_to_user(arg, &info, min(size, sizeof(info))))
		return -EFAULT;
	return 0;
}

/**
 * struct list_cursor - where the next entry of a list goes
 * @entries: the caller's array
 * @entry_size: of each of its entries
 * @capacity: how many fit
 * @count: how many there were so far
 */
struct list_cursor {
	u8 __user *entries;
	u32 entry_size;
	u32 capacity;
	u32 count;
};

static int list_entry_put(struct list_cursor *cursor, const void *info,
			  size_t info_size)
{
	size_t size = min_t(size_t, cursor->entry_size, info_size);
	u8 __user *entry;

	if (cursor->count++ >= cursor->capacity)
		return 0;
	entry = cursor->entries;
	cursor->entries += cursor->entry_size;
	if (copy_to_user(entry, info, size) ||
	    clear_user(entry + size, cursor->entry_size - size))
		return -EFAULT;
	return 0;
}

static int list_dev(const struct noxs_dev_info *info, void *arg)
{
	return list_entry_put(arg, info, sizeof(*info));
}

static int list_dom(const struct noxs_dom_info *info, void *arg)
{
	return list_entry_put(arg, info, sizeof(*info));
}

static long ctl_dom_list(void __user *arg, size_t size)
{
	struct list_cursor cursor = { };
	struct noxs_dom_list list;
	int err;

	err = copy_struct_from_user(&list, sizeof(list), arg, size);
	if (err)
		return err;
	if (list.flags)
		return -EOPNOTSUPP;
	if (list.pad || !list.entry_size ||
	    list.entry_size > NOXS_MAX_ENTRY_SIZE || size < sizeof(list))
		return -EINVAL;

	cursor.entries = u64_to_user_ptr(list.entries);
	cursor.entry_size = list.entry_size;
	cursor.capacity = list.count;
	err = noxs_domain_list(list_dom, &cursor);
	if (err)
		return err;
	list.count = cursor.count;
	if (copy_to_user(arg, &list, sizeof(list)))
		return -EFAULT;
	return 0;
}

static long ctl_dev_list(void __user *arg, size_t size)
{
	struct list_cursor cursor = { };
	struct noxs_dev_list list;
	int err;

	err = copy_struct_from_user(&list, sizeof(list), arg, size);
	if (err)
		return err;
	if (list.flags)
		return -EOPNOTSUPP;
	if (list.pad || !list.entry_size ||
	    list.entry_size > NOXS_MAX_ENTRY_SIZE || size < sizeof(list))
		return -EINVAL;

	cursor.entries = u64_to_user_ptr(list.entries);
	cursor.entry_size = list.entry_size;
	cursor.capacity = list.count;
	err = noxs_backend_list(list.domid, list_dev, &cursor);
	if (err)
		return err;
	list.count = cursor.count;
	if (copy_to_user(arg, &list, sizeof(list)))
		return -EFAULT;
	return 0;
}

static long ctl_sysctl(void __user *arg, size_t size,
		       int (*fn)(struct noxs_device *ndev, void *arg))
{
	struct noxs_sysctl sysctl;
	int err;

	err = copy_struct_from_user(&sysctl, sizeof(sysctl), arg, size);
	if (err)
		return err;
	if (sysctl.flags)
		return -EOPNOTSUPP;
	if (sysctl.pad || sysctl.reserved || size < sizeof(sysctl))
		return -EINVAL;

	err = noxs_backend_sysctl(sysctl.domid, fn, &sysctl);
	if (err)
		return err;
	if (copy_to_user(arg, &sysctl, sizeof(sysctl)))
		return -EFAULT;
	return 0;
}

static long ctl_memory(void __user *arg, size_t size)
{
	struct noxs_memory memory;
	int err;

	err = copy_struct_from_user(&memory, sizeof(memory), arg, size);
	if (err)
		return err;
	if (memory.flags)
		return -EOPNOTSUPP;
	if (memory.pad || size < sizeof(memory) || !memory.target ||
	    !noxs_sysctl_memory_is_valid(memory.target))
		return -EINVAL;
	return noxs_backend_sysctl(memory.domid, noxs_sysctl_memory, &memory);
}

static long ctl_vcpus(void __user *arg, size_t size)
{
	struct noxs_vcpus vcpus;
	int err;

	err = copy_struct_from_user(&vcpus, sizeof(vcpus), arg, size);
	if (err)
		return err;
	if (vcpus.flags & ~NOXS_VCPUS_LATER)
		return -EOPNOTSUPP;
	if (vcpus.pad || vcpus.reserved || size < sizeof(vcpus) ||
	    !vcpus.vcpus || !noxs_sysctl_vcpus_is_valid(vcpus.vcpus))
		return -EINVAL;
	return noxs_backend_sysctl(vcpus.domid, noxs_sysctl_vcpus, &vcpus);
}

#define NOXS_IOC_ANY_SIZE(cmd)	((cmd) & ~IOCSIZE_MASK)

static long noxs_ctl_ioctl(struct file *file, unsigned int cmd,
			   unsigned long arg)
{
	void __user *argp = (void __user *)arg;
	size_t size = _IOC_SIZE(cmd);

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;

	switch (NOXS_IOC_ANY_SIZE(cmd)) {
	case NOXS_IOC_ANY_SIZE(NOXS_IOC_DOM_ADD):
		return ctl_dom_add(argp, size);
	case NOXS_IOC_ANY_SIZE(NOXS_IOC_DOM_DEL):
		return ctl_dom_del(argp, size);
	case NOXS_IOC_ANY_SIZE(NOXS_IOC_DOM_LIST):
		return ctl_dom_list(argp, size);
	case NOXS_IOC_ANY_SIZE(NOXS_IOC_DEV_ADD):
		return ctl_dev_add(argp, size);
	case NOXS_IOC_ANY_SIZE(NOXS_IOC_DEV_DEL):
		return ctl_dev_del(argp, size);
	case NOXS_IOC_ANY_SIZE(NOXS_IOC_DEV_INFO):
		return ctl_dev_info(argp, size);
	case NOXS_IOC_ANY_SIZE(NOXS_IOC_DEV_LIST):
		return ctl_dev_list(argp, size);
	case NOXS_IOC_ANY_SIZE(NOXS_IOC_SYSCTL_REQUEST):
		return ctl_sysctl(argp, size, noxs_sysctl_request);
	case NOXS_IOC_ANY_SIZE(NOXS_IOC_SYSCTL_STATUS):
		return ctl_sysctl(argp, size, noxs_sysctl_status);
	case NOXS_IOC_ANY_SIZE(NOXS_IOC_SYSCTL_MEMORY):
		return ctl_memory(argp, size);
	case NOXS_IOC_ANY_SIZE(NOXS_IOC_SYSCTL_VCPUS):
		return ctl_vcpus(argp, size);
	default:
		return -ENOTTY;
	}
}

static int noxs_ctl_open(struct inode *inode, struct file *file)
{
	struct noxs_listener *listener;

	listener = kzalloc(sizeof(*listener), GFP_KERNEL);
	if (!listener)
		return -ENOMEM;
	file->private_data = listener;
	return stream_open(inode, file);
}

static int noxs_ctl_release(struct inode *inode, struct file *file)
{
	struct noxs_listener *listener = file->private_data;

	noxs_listener_stop(listener);
	kfree(listener);
	return 0;
}

static const struct file_operations noxs_ctl_fops = {
	.owner = THIS_MODULE,
	.open = noxs_ctl_open,
	.release = noxs_ctl_release,
	.read = noxs_ctl_read,
	.poll = noxs_ctl_poll,
	.unlocked_ioctl = noxs_ctl_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.llseek = noop_llseek,
};

/* The ledger: all are 0 when no guest has devices, or had and still does. */
static ssize_t domains_show(struct device *dev, struct device_attribute *attr,
			    char *buf)
{
	return sysfs_emit(buf, "%u\n", noxs_backend_domains());
}
static DEVICE_ATTR_RO(domains);

static ssize_t revoking_show(struct device *dev, struct device_attribute *attr,
			     char *buf)
{
	return sysfs_emit(buf, "%u\n", noxs_revoke_granted());
}
static DEVICE_ATTR_RO(revoking);

static ssize_t kept_show(struct device *dev, struct device_attribute *attr,
			 char *buf)
{
	return sysfs_emit(buf, "%u\n", noxs_revoke_kept());
}
static DEVICE_ATTR_RO(kept);

static struct attribute *noxs_ctl_attrs[] = {
	&dev_attr_domains.attr,
	&dev_attr_revoking.attr,
	&dev_attr_kept.attr,
	NULL
};
ATTRIBUTE_GROUPS(noxs_ctl);

static struct miscdevice noxs_ctl_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "xen/noxs",
	.mode = 0600,
	.fops = &noxs_ctl_fops,
	.groups = noxs_ctl_groups,
};

/**
 * noxs_ctl_init() - make /dev/xen/noxs
 *
 * Return: 0 or -errno
 */
int noxs_ctl_init(void)
{
	return misc_register(&noxs_ctl_device);
}

/** noxs_ctl_exit() - remove /dev/xen/noxs, which nobody has open */
void noxs_ctl_exit(void)
{
	misc_deregister(&noxs_ctl_device);
}
