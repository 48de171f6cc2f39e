// SPDX-License-Identifier: GPL-2.0
/*
 * The network frontend: a guest's network interface, over rings shared with a
 * backend in another domain. Module init and exit; what the driver does is in
 * connect.c (control), netdev.c (interface), tx.c and rx.c (data).
 */
#include <linux/module.h>

#include "netfront.h"

unsigned int netfront_max_queues = NOXS_VIF_MAX_QUEUES;
module_param_named(max_queues, netfront_max_queues, uint, 0444);
MODULE_PARM_DESC(max_queues,
		 "Most queues of an interface, which has no more than CPUs");

bool netfront_trusted = true;
module_param_named(trusted, netfront_trusted, bool, 0644);
MODULE_PARM_DESC(trusted,
		 "Whether backends that connect from now on may see what else is in the pages of a packet's payload; if not, all is copied (default: Y)");

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
