// SPDX-License-Identifier: GPL-2.0
/*
 * The network backend: a network interface of the host for each vif of a
 * guest. Module init and exit; what the driver does is in connect.c (control),
 * netdev.c (interface), tx.c and rx.c (data), pages.c and buffers.c (pages that are
 * used again), and queue.c, which they all use.
 */
#include <linux/module.h>
#include <linux/workqueue.h>

#include "netback.h"

struct workqueue_struct *netback_wq;

static int __init netback_init(void)
{
	int err;

	/* Unbound, as what it runs waits for Xen and for other processors. */
	netback_wq = alloc_workqueue("noxs-netback", WQ_UNBOUND, 0);
	if (!netback_wq)
		return -ENOMEM;

	err = noxs_register_backend(&netback_driver);
	if (err)
		destroy_workqueue(netback_wq);
	return err;
}
module_init(netback_init);

static void __exit netback_exit(void)
{
	noxs_unregister_driver(&netback_driver);
	destroy_workqueue(netback_wq);
}
module_exit(netback_exit);

MODULE_ALIAS("noxs-backend:vif");
MODULE_DESCRIPTION("Network backend of noxs, Xen without XenStore");
MODULE_VERSION("0.1");
MODULE_LICENSE("GPL");
