// SPDX-License-Identifier: GPL-2.0
/*
 * The network backend: a network interface of the host for each vif of a
 * guest. Module init and exit; what the driver does is in connect.c (control),
 * netdev.c (interface), tx.c and rx.c (data), and queue.c, which they all use.
 */
#include <linux/module.h>

#include "netback.h"

static int __init netback_init(void)
{
	return noxs_register_backend(&netback_driver);
}
module_init(netback_init);

static void __exit netback_exit(void)
{
	noxs_unregister_driver(&netback_driver);
}
module_exit(netback_exit);

MODULE_ALIAS("noxs-backend:vif");
MODULE_DESCRIPTION("Network backend of noxs, Xen without XenStore");
MODULE_VERSION("0.1");
MODULE_LICENSE("GPL");
