/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of noxs_core share.
 *
 * Order of locks, outermost first:
 *	noxs_domains_lock	the host's list of domains (backend.c)
 *	noxs_domain.lock	the list of one domain's devices (backend.c)
 *	noxs_guest.lock		the devices of this guest (frontend.c)
 *	device_lock()		the driver core's
 *	noxs_link.lock		connection and driver of one device (state.c)
 *	what a driver's operations take, rtnl_lock() for example
 *	noxs_vcpus_lock		what becomes of a guest's virtual CPUs (vcpus.c)
 *	noxs_revoke_lock, noxs_listen_lock	leaves (revoke.c, listen.c)
 */
#ifndef _NOXS_CORE_H
#define _NOXS_CORE_H

#include <linux/atomic.h>
#include <linux/interrupt.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <xen/noxs.h>

#include "check.h"
#include "machine.h"

struct file;
struct noxs_listened;

/**
 * struct noxs_link - how one end of a device talks to the other
 * @ndev: the device
 * @serial: tells its pages from those of other devices, former ones too; never 0
 * @lock: serialises all of the driver's operations and every member below it
 *	up to @reported; process context only, by noxs_link_lock()
 * @work: reconciles with what the other end's half says now
 * @page: the control page, shared
 * @ch: the control page's event channel
 * @drv: the bound driver, NULL if there is none
 * @machine: where this end stands; single members are read without @lock, too
 * @shown: the state that was published last, as the trace has it
 * @noted: the other end's, likewise
 * @noted_error: why it is Closed, as it says, an errno or 0; read without @lock, too
 * @seq: our half's hdr.seq
 * @own: what we publish; nothing is ever read back from the page
 * @peer: private copy of the other end's half, the last good one
 * @fresh: and the last one, good or not
 * @eoi_at: in milliseconds, as of the machine's: when the last event is to have its
 *	EOI; 0 if it has
 * @reported: an error reported by the driver and not yet acted upon; any context
 * @flags: NOXS_LINK_*; any context
 * @unlocked: woken when @lock is given back
 * @settled: woken when the driver is disconnected
 * @listened: what who listens is told, NULL for frontends
 * @asked: backends: what the toolstack asked for, without any driver's defaults
 */
struct noxs_link {
	struct noxs_device *ndev;
	u16 serial;
	struct mutex lock;	/* protects what its kernel-doc says */
	struct delayed_work work;
	struct noxs_ctrlpage *page;
	struct noxs_channel ch;
	struct noxs_driver *drv;
	struct noxs_machine machine;
	u32 shown;
	u32 noted;
	u32 noted_error;
	u32 seq;
	struct noxs_half own;
	struct noxs_half peer;
	struct noxs_half fresh;
	u64 eoi_at;
	atomic_t reported;
	unsigned long flags;
	wait_queue_head_t unlocked;
	wait_queue_head_t settled;
	struct noxs_listened *listened;
	u8 asked[sizeof_field(struct noxs_dev_add, config)];
};

#define NOXS_LINK_EVENT		0	/* an event waits for its EOI */
#define NOXS_LINK_REFRESH	1	/* the driver has a new offer */

/* main.c */
extern struct workqueue_struct *noxs_wq;
extern struct workqueue_struct *noxs_hotplug_wq;

/* bus.c */
int noxs_bus_init(bool host);
void noxs_bus_exit(void);
const char *noxs_type_name(u16 type);
bool noxs_type_has_driver(u16 type);
struct noxs_device *noxs_device_alloc(u16 type, u32 id, domid_t otherend);
int noxs_device_add(struct noxs_device *ndev);
void noxs_device_del(struct noxs_device *ndev);

/* state.c */
void noxs_link_lock(struct noxs_link *link);
void noxs_link_unlock(struct noxs_link *link);
void noxs_link_init(struct noxs_device *ndev);
irqreturn_t noxs_link_event(int irq, void *arg);
void noxs_link_stop(struct noxs_device *ndev);
int noxs_link_probe(struct noxs_device *ndev, struct noxs_driver *drv);
void noxs_link_remove(struct noxs_device *ndev);
bool noxs_link_close(struct noxs_device *ndev, unsigned int timeout_ms);
void noxs_link_republish(struct noxs_device *ndev, const void *payload,
			 size_t size);

/* ctrlpage.c */
int noxs_half_snapshot(const struct noxs_half *shared, struct noxs_half *copy);
u32 noxs_half_state(const struct noxs_half *shared);
void noxs_half_publish(struct noxs_half *shared, const struct noxs_half *own,
		       u32 *seq);
void noxs_half_set_state(struct noxs_half *shared, u32 state);

/* devpage.c */
int noxs_devpage_snapshot(const struct noxs_devpage *shared,
			  struct noxs_devpage *copy);
void noxs_devpage_publish(struct noxs_devpage *shared,
			  struct noxs_devpage *own);

/* event.c: by domid, for ports that belong to no device */
int noxs_evtchn_alloc(domid_t remote, struct noxs_channel *ch,
		      irq_handler_t handler, const char *name, void *arg);
int noxs_evtchn_bind(domid_t remote, evtchn_port_t port,
		     struct noxs_channel *ch, irq_handler_t handler,
		     const char *name, void *arg);
int noxs_evtchn_virq(u32 virq, struct noxs_channel *ch, irq_handler_t handler,
		     const char *name, void *arg);

/*
 * Pages that a guest may go on mapping when they were taken back; with so many it
 * gets no more devices.
 */
#define NOXS_MAX_REVOKED	NOXS_DEVPAGE_SLOTS
/*
 * The same of a backend, for each device; with so many the frontend makes no other
 * connection. More than the bounce pages of a disk's queue, which an honest backend
 * has while the host's device hangs.
 */
#define NOXS_MAX_KEPT		512

/* revoke.c */
void noxs_revoke_exit(void);
void *noxs_page_alloc(domid_t domid);
void noxs_revoke(domid_t domid, u16 serial, grant_ref_t gref, void *addr);
unsigned int noxs_revoke_retry(domid_t domid, u16 serial);
unsigned int noxs_revoke_granted(void);
unsigned int noxs_revoke_kept(void);

/* backend.c */
int noxs_backend_init(void);
int noxs_domain_add(domid_t domid, u8 handle[NOXS_HANDLE_SIZE]);
int noxs_domain_del(domid_t domid, const u8 handle[NOXS_HANDLE_SIZE]);
int noxs_domain_list(int (*fn)(const struct noxs_dom_info *info, void *arg),
		     void *arg);
int noxs_backend_add(const struct noxs_dev_add *add);
int noxs_backend_del(const struct noxs_dev_del *del);
int noxs_backend_info(struct noxs_dev_info *info);
int noxs_backend_sysctl(domid_t domid,
			int (*fn)(struct noxs_device *ndev, void *arg),
			void *arg);
int noxs_backend_list(domid_t domid,
		      int (*fn)(const struct noxs_dev_info *info, void *arg),
		      void *arg);
unsigned int noxs_backend_domains(void);
void noxs_backend_exit(void);

/* hold.c */
#ifdef CONFIG_BLOCK
struct file *noxs_bdev_hold(const struct noxs_device *ndev);
void noxs_bdev_release(struct file *file);
#else
static inline struct file *noxs_bdev_hold(const struct noxs_device *ndev)
{
	return NULL;
}

static inline void noxs_bdev_release(struct file *file)
{
}
#endif

/* vcpus.c */
#ifdef CONFIG_HOTPLUG_CPU
void noxs_vcpus_set(struct noxs_device *ndev, u32 vcpus);
void noxs_vcpus_stop(void);
#else
static inline void noxs_vcpus_set(struct noxs_device *ndev, u32 vcpus)
{
}

static inline void noxs_vcpus_stop(void)
{
}
#endif

/* sysctl-backend.c, sysctl-frontend.c */
extern struct noxs_driver noxs_sysctl_backend;
extern struct noxs_driver noxs_sysctl_frontend;
int noxs_sysctl_request(struct noxs_device *ndev, void *arg);
int noxs_sysctl_status(struct noxs_device *ndev, void *arg);
int noxs_sysctl_memory(struct noxs_device *ndev, void *arg);
int noxs_sysctl_vcpus(struct noxs_device *ndev, void *arg);
void noxs_sysctl_vcpus_done(struct noxs_device *ndev);

/* frontend.c */
int noxs_frontend_find(void);
int noxs_frontend_start(void);
void noxs_frontend_stop(void);
void noxs_frontend_put(void);

/* listen.c; what a reader does is in listen.h */
struct noxs_listened *noxs_listen_alloc(void);
void noxs_listen_put(struct noxs_listened *device);
void noxs_listen_event(const struct noxs_device *ndev, u32 kind);

/* ctl.c */
int noxs_ctl_init(void);
void noxs_ctl_exit(void);

#endif /* _NOXS_CORE_H */
