// SPDX-License-Identifier: GPL-2.0
/*
 * The network backend: a network interface of the host for each vif of a
 * guest. Module init and exit; what the driver does is in connect.c (control),
 * netdev.c (interface), tx.c and rx.c (data).
 */
#include <linux/module.h>

#include "netback.h"

unsigned int netback_max_queues;
module_param_named(max_queues, netback_max_queues, uint, 0644);
MODULE_PARM_DESC(max_queues,
		 "Queues to offer for a vif that asks for no number; 0 for one a CPU, at most 8");

unsigned int netback_rx_stall_ms = 60000;
module_param_named(rx_stall_ms, netback_rx_stall_ms, uint, 0644);
MODULE_PARM_DESC(rx_stall_ms,
		 "After how many milliseconds without a buffer for the next packet a guest counts as stalled; 0 for never");

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
