/* SPDX-License-Identifier: GPL-2.0 */
/* Who reads what happens to devices: see listen.c. */
#ifndef _NOXS_LISTEN_H
#define _NOXS_LISTEN_H

#include <linux/list.h>
#include <linux/poll.h>
#include <linux/types.h>
#include <uapi/xen/noxs.h>

struct file;

/**
 * struct noxs_listener - a reader
 * @list: of all of them, once it has started
 * @read: number of the last event that it read
 */
struct noxs_listener {
	struct list_head list;
	u64 read;
};

void noxs_listener_start(struct noxs_listener *listener);
void noxs_listener_stop(struct noxs_listener *listener);
unsigned int noxs_listener_read(struct noxs_listener *listener,
				struct noxs_event *events, unsigned int max);
__poll_t noxs_listener_poll(struct noxs_listener *listener, struct file *file,
			    poll_table *table);
int noxs_listener_wait(struct noxs_listener *listener);

#endif /* _NOXS_LISTEN_H */
