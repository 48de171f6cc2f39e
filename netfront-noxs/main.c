// SPDX-License-Identifier: GPL-2.0
/*
 * The network frontend: a guest's network interface, over rings shared with a
 * backend in another domain. Module init and exit; what the driver does is in
 * connect.c (control), netdev.c (interface), tx.c and rx.c (data), and queue.c,
 * which they all use.
 */
#include <linux/module.h>

#include "netfront.h"

static int __init netfront_init(void)
{
	return noxs_register_frontend(&netfront_driver);
}
module_init(netfront_init);

static void __exit netfront_exit(void)
{
	noxs_unregister_driver(&netfront_driver);
}
module_exit(netfront_exit);

MODULE_ALIAS("noxs:vif");
MODULE_DESCRIPTION("Network frontend of noxs, Xen without XenStore");
MODULE_VERSION("0.1");
MODULE_LICENSE("GPL");
