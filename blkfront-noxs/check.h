/* SPDX-License-Identifier: GPL-2.0 */
/* What is read from the backend is valid, or it isn't used: see check.c. */
#ifndef _BLKFRONT_CHECK_H
#define _BLKFRONT_CHECK_H

#include <linux/types.h>
#include <xen/interface/io/blkif.h>
#include <xen/interface/io/noxs.h>

/* No operation: there is no request of this id. */
#define BLKFRONT_OP_NONE	0xff

/* With the NUL, of what follows the prefix */
#define BLKFRONT_NAME_SIZE	8

int blkfront_name(u32 id, char *name);
bool blkfront_names_clash(u32 a, u32 b);
int blkfront_check_backend(const struct noxs_vbd_backend *be, u32 features);
bool blkfront_discard_fits(const struct noxs_vbd_backend *be, u32 sector_size);
int blkfront_check_prod(RING_IDX req_prod, RING_IDX rsp_cons,
			RING_IDX rsp_prod);
int blkfront_check_response(const struct blkif_response *rsp, const u8 *ops,
			    unsigned int nr_ops);

#endif /* _BLKFRONT_CHECK_H */
