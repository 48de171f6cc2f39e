// SPDX-License-Identifier: GPL-2.0
/*
 * The block backend: a block device of the host for each vbd of a guest. Module
 * init and exit; what the driver does is in connect.c (control), vbd.c (block
 * device), queue.c and ring.c (rings and their events), request.c, grant.c and
 * budget.c (I/O).
 */
#include <linux/module.h>
#include <linux/workqueue.h>

#include "blkback.h"

unsigned int blkback_max_persistent_grants = 1056;
module_param_named(max_persistent_grants, blkback_max_persistent_grants, uint,
		   0644);
MODULE_PARM_DESC(max_persistent_grants,
		 "Grants of a queue that may stay mapped; 0 offers none to new connections");

unsigned int blkback_max_persistent_mappings = 131072;
module_param_named(max_persistent_mappings, blkback_max_persistent_mappings,
		   uint, 0644);
MODULE_PARM_DESC(max_persistent_mappings,
		 "Grants of all guests that may stay mapped (default 131072, half of what Xen has room for by default)");

unsigned int blkback_max_mappings = 16384;
module_param_named(max_mappings, blkback_max_mappings, uint, 0644);
MODULE_PARM_DESC(max_mappings,
		 "Pages of a guest that are mapped for its disks at a time, and 256 for each disk (default 16384); what is beyond that waits");

struct workqueue_struct *blkback_wq;

static int __init blkback_init(void)
{
	int err;

	/*
	 * Unbound, as passes may block for long in a slow device; guests wait
	 * for it all, so it makes progress without new workers, too.
	 */
	blkback_wq = alloc_workqueue("noxs-blkback",
				     WQ_UNBOUND | WQ_MEM_RECLAIM | WQ_SYSFS,
				     WQ_MAX_ACTIVE);
	if (!blkback_wq)
		return -ENOMEM;

	err = noxs_register_backend(&blkback_driver);
	if (err)
		destroy_workqueue(blkback_wq);
	return err;
}
module_init(blkback_init);

static void __exit blkback_exit(void)
{
	noxs_unregister_driver(&blkback_driver);
	destroy_workqueue(blkback_wq);
}
module_exit(blkback_exit);

MODULE_ALIAS("noxs-backend:vbd");
MODULE_DESCRIPTION("Block backend of noxs, Xen without XenStore");
MODULE_VERSION("0.1");
MODULE_LICENSE("GPL");
