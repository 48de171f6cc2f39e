// SPDX-License-Identifier: GPL-2.0
/*
 * The block frontend: a guest's disk, over rings shared with a backend in
 * another domain. Module init and exit; what the driver does is in connect.c
 * (control), disk.c (gendisk), request.c and ring.c (data).
 */
#include <linux/blkdev.h>
#include <linux/module.h>
#include <linux/workqueue.h>

#include "blkfront.h"

unsigned int blkfront_max_queues = NOXS_VBD_MAX_QUEUES;
module_param_named(max_queues, blkfront_max_queues, uint, 0444);
MODULE_PARM_DESC(max_queues,
		 "Most queues of a disk, which has no more than CPUs");

unsigned int blkfront_max_segments = 64;
module_param_named(max_segments, blkfront_max_segments, uint, 0444);
MODULE_PARM_DESC(max_segments,
		 "Most pages of a request, 11 to 256 (default 64)");

bool blkfront_persistent = true;
module_param_named(persistent, blkfront_persistent, bool, 0644);
MODULE_PARM_DESC(persistent,
		 "Copy data through pages that the backend keeps mapped, if it can (default); for new connections");

bool blkfront_trusted = true;
module_param_named(trusted, blkfront_trusted, bool, 0444);
MODULE_PARM_DESC(trusted,
		 "Let backends see whole pages, and I/O wait as long as they map them; if not, copy what is for them");

bool blkfront_xvd;
module_param_named(xvd, blkfront_xvd, bool, 0444);
MODULE_PARM_DESC(xvd,
		 "Call disks xvda and so on, as Xen's own driver does, and not nxda; where that driver has none");

unsigned int blkfront_request_timeout = 300;
module_param_named(request_timeout, blkfront_request_timeout, uint, 0644);
MODULE_PARM_DESC(request_timeout,
		 "Seconds until a backend that doesn't answer is given up (0: never, default 300); its I/O fails, what isn't copied only when it lets go");

unsigned int blkfront_reconnect_timeout = 60;
module_param_named(reconnect_timeout, blkfront_reconnect_timeout, uint, 0644);
MODULE_PARM_DESC(reconnect_timeout,
		 "Seconds for which I/O waits for a lost backend (0: no limit, default 60); what isn't copied also until that lets go");

int blkfront_major;
struct workqueue_struct *blkfront_wq;

static int __init blkfront_init(void)
{
	int err;

	/* I/O may depend on it, and with I/O the freeing of memory. */
	blkfront_wq = alloc_workqueue("noxs_blkfront",
				      WQ_MEM_RECLAIM | WQ_UNBOUND, 0);
	if (!blkfront_wq)
		return -ENOMEM;

	err = blkfront_dying_init();
	if (err)
		goto err_destroy_wq;

	blkfront_major = register_blkdev(0, BLKFRONT_NAME);
	if (blkfront_major < 0) {
		err = blkfront_major;
		goto err_exit_dying;
	}

	err = noxs_register_frontend(&blkfront_driver);
	if (err)
		goto err_unregister_blkdev;
	return 0;

err_unregister_blkdev:
	unregister_blkdev(blkfront_major, BLKFRONT_NAME);
err_exit_dying:
	blkfront_dying_exit();
err_destroy_wq:
	destroy_workqueue(blkfront_wq);
	return err;
}
module_init(blkfront_init);

static void __exit blkfront_exit(void)
{
	blkfront_dying_stop();
	noxs_unregister_driver(&blkfront_driver);
	blkfront_dying_exit();
	blkfront_held_exit();
	unregister_blkdev(blkfront_major, BLKFRONT_NAME);
	destroy_workqueue(blkfront_wq);
}
module_exit(blkfront_exit);

MODULE_ALIAS("noxs:vbd");
MODULE_DESCRIPTION("Block frontend of noxs, Xen without XenStore");
MODULE_VERSION("0.1");
MODULE_LICENSE("GPL");
