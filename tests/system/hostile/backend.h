/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of noxs_hostile_backend share: a connection whose backend goes
 * wrong, and the tables of the ways in which it can.
 */
#ifndef _HOSTILE_BACKEND_H
#define _HOSTILE_BACKEND_H

#include <xen/interface/io/blkif.h>
#include <xen/interface/io/netif.h>
#include <xen/page.h>

/* The core itself writes nothing wrong. */
#include "../../../noxs-core/core.h"

#define EVIL_KEPT	800
#define REACTION_TIMEOUT	(10 * HZ)
#define ANSWER_TIMEOUT		(120 * HZ)	/* a machine may be slow */
/* How often somebody looks at what no event tells of. */
#define EVIL_LOOK_MS	40
#define EVIL_QUEUES	2

struct evil_attack;
struct evil_request;

/**
 * struct evil - a connection whose backend goes wrong
 * @ndev: the device
 * @what: in which way
 * @page: the control page
 * @decoy: what the core takes for it
 * @thread: does it
 * @half: what is published
 * @peer: copy of the frontend's half, once it is Connected
 * @ring: the frontend's rings
 * @ch: their event channels
 * @tx: vifs: tx ring
 * @rx: vifs: rx ring
 * @blk: vbds: rings
 * @nr_queues: vbds: how many
 * @request: vbds: the last request
 * @spoilt: vbds: it isn't served any more
 * @wait: vbds: a ring's event wakes who waits for a request
 * @kept: pages of the frontend's that stay mapped
 * @nr_kept: how many
 * @report: what there is to say of what was seen, if anything
 */
struct evil {
	struct noxs_device *ndev;
	const struct evil_attack *what;
	struct noxs_ctrlpage *page;
	struct noxs_ctrlpage *decoy;
	struct task_struct *thread;
	struct noxs_half half;
	struct noxs_half peer;
	struct noxs_map ring[EVIL_QUEUES];
	struct noxs_channel ch[EVIL_QUEUES];
	struct xen_netif_tx_back_ring tx;
	struct xen_netif_rx_back_ring rx;
	struct blkif_back_ring blk[EVIL_QUEUES];
	unsigned int nr_queues;
	struct evil_request *request;
	bool spoilt;
	wait_queue_head_t wait;
	struct noxs_map kept[EVIL_KEPT];
	unsigned int nr_kept;
	char report[80];
};

/**
 * struct evil_attack - one way for a backend to misbehave
 * @name: what the parameter calls it; NULL ends a table
 * @half: change the half before it is published
 * @rings: do this when both ends are Connected
 */
struct evil_attack {
	const char *name;
	void (*half)(struct evil *e);
	void (*rings)(struct evil *e);
};

#define HALF(fn) { .name = #fn, .half = fn }
#define RINGS(fn) { .name = #fn, .rings = fn }

/* backend-vif.c */
extern const struct evil_attack evil_vif_attacks[];
void evil_vif_prepare(struct evil *e);
int evil_vif_connect(struct evil *e);

/* backend-vbd.c */
extern const struct evil_attack evil_vbd_attacks[];
void evil_vbd_prepare(struct evil *e);
int evil_vbd_connect(struct evil *e);
void evil_vbd_serve(struct evil *e);

/* backend.c */
bool evil_ends(struct evil *e);
void evil_notify(struct evil *e);
void evil_publish(struct evil *e, u32 state);
u32 evil_frontend_state(struct evil *e);
void evil_wait_until(struct evil *e, u32 state, bool has);
void evil_release(struct evil *e);
bool evil_come_back(struct evil *e, unsigned long end);

#endif /* _HOSTILE_BACKEND_H */
