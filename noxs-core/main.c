// SPDX-License-Identifier: GPL-2.0
/*
 * noxs_core: Xen's split devices without XenStore.
 *
 * One module for both roles: the initial domain is the host, any other domain
 * is a guest. A domain that isn't one of ours gets -ENODEV and no message.
 */
#include <linux/module.h>
#include <linux/workqueue.h>
#include <xen/xen.h>

#include "core.h"

#define CREATE_TRACE_POINTS
#include <trace/events/noxs.h>

/*
 * Connections are made and ended in the first one. In a guest, its root or swap may
 * wait for that, and with it the freeing of memory: so it makes progress without new
 * workers, too. Devices come and go in the second one, and a driver's remove may
 * well wait for queues that don't, as those of the network.
 */
struct workqueue_struct *noxs_wq;
struct workqueue_struct *noxs_hotplug_wq;

static int __init host_init(void)
{
	int err;

	err = noxs_backend_init();
	if (err)
		return err;
	err = noxs_bus_init(true);
	if (err)
		goto err_exit_backend;
	err = noxs_register_backend(&noxs_sysctl_backend);
	if (err)
		goto err_exit_bus;
	err = noxs_ctl_init();
	if (err)
		goto err_unregister;
	return 0;

err_unregister:
	noxs_unregister_driver(&noxs_sysctl_backend);
err_exit_bus:
	noxs_bus_exit();
err_exit_backend:
	noxs_backend_exit();
	return err;
}

static void host_exit(void)
{
	noxs_ctl_exit();
	noxs_backend_exit();
	noxs_unregister_driver(&noxs_sysctl_backend);
	noxs_bus_exit();
}

static int __init guest_init(void)
{
	int err;

	err = noxs_frontend_find();
	if (err)
		return err;
	err = noxs_bus_init(false);
	if (err)
		goto err_put_page;
	err = noxs_register_frontend(&noxs_sysctl_frontend);
	if (err)
		goto err_exit_bus;
	err = noxs_frontend_start();
	if (err)
		goto err_stop;
	return 0;

err_stop:
	noxs_frontend_stop();
	noxs_unregister_driver(&noxs_sysctl_frontend);
	noxs_vcpus_stop();
err_exit_bus:
	noxs_bus_exit();
err_put_page:
	noxs_frontend_put();
	return err;
}

static void guest_exit(void)
{
	noxs_frontend_stop();
	noxs_unregister_driver(&noxs_sysctl_frontend);
	noxs_vcpus_stop();
	noxs_bus_exit();
	noxs_frontend_put();
}

static int __init noxs_init(void)
{
	int err;

	if (!xen_domain())
		return -ENODEV;
	/*
	 * Unbound, and as wide as can be, so that guests' slow devices don't hold
	 * up another's: each device has one item at most.
	 */
	noxs_wq = alloc_workqueue("noxs", WQ_UNBOUND | WQ_MEM_RECLAIM,
				  WQ_MAX_ACTIVE);
	if (!noxs_wq)
		return -ENOMEM;
	noxs_hotplug_wq = alloc_workqueue("noxs_hotplug", WQ_UNBOUND, 0);
	if (!noxs_hotplug_wq) {
		err = -ENOMEM;
		goto err_destroy_wq;
	}

	err = xen_initial_domain() ? host_init() : guest_init();
	if (err)
		goto err_revoke;
	return 0;

err_revoke:
	noxs_revoke_exit();
	destroy_workqueue(noxs_hotplug_wq);
err_destroy_wq:
	destroy_workqueue(noxs_wq);
	return err;
}
module_init(noxs_init);

static void __exit noxs_exit(void)
{
	if (xen_initial_domain())
		host_exit();
	else
		guest_exit();
	noxs_revoke_exit();
	destroy_workqueue(noxs_hotplug_wq);
	destroy_workqueue(noxs_wq);
}
module_exit(noxs_exit);

MODULE_DESCRIPTION("Xen split devices without XenStore");
MODULE_VERSION("0.1");
MODULE_LICENSE("GPL");
MODULE_ALIAS("noxs:sysctl");
MODULE_ALIAS("noxs-backend:sysctl");
