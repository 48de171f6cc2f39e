/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of noxs_hostile share: a connection that goes wrong, and the
 * tables of the ways in which it can.
 */
#ifndef _HOSTILE_H
#define _HOSTILE_H

#include <xen/interface/io/blkif.h>
#include <xen/interface/io/netif.h>
#include <xen/page.h>

/* The core itself writes nothing wrong. */
#include "../../../noxs-core/core.h"

/**
 * struct hostile_answers - responses of a vbd, by kind
 * @okay: BLKIF_RSP_OKAY
 * @error: BLKIF_RSP_ERROR
 * @unsupported: BLKIF_RSP_EOPNOTSUPP
 * @wrong: answer no request of ours, or tell what they shouldn't
 */
struct hostile_answers {
	unsigned int okay;
	unsigned int error;
	unsigned int unsupported;
	unsigned int wrong;
};

/**
 * struct hostile - a connection that goes wrong
 * @ndev: the device
 * @what: in which way
 * @page: the control page
 * @decoy: what the core takes for it
 * @thread: does it
 * @half: what is published
 * @ring: pages of rings: of tx and rx, or of two queues of a vbd
 * @data: page that requests point to
 * @list: vifs: page for a list of buffers
 * @ch: event channels, one for each page of @ring
 * @tx: vifs: tx ring
 * @rx: vifs: rx ring
 * @prod: vbds: requests made
 * @cons: vbds: responses seen
 * @answers: vbds: responses by kind
 * @report: what there is to say of the responses, if anything
 */
struct hostile {
	struct noxs_device *ndev;
	const struct hostile_attack *what;
	struct noxs_ctrlpage *page;
	struct noxs_ctrlpage *decoy;
	struct task_struct *thread;
	struct noxs_half half;
	struct noxs_grant ring[2];
	struct noxs_grant data;
	struct noxs_grant list;
	struct noxs_channel ch[2];
	struct xen_netif_tx_front_ring tx;
	struct xen_netif_rx_front_ring rx;
	u32 prod;
	u32 cons;
	struct hostile_answers answers;
	char report[80];
};

/**
 * struct hostile_attack - one way to misbehave
 * @name: what the parameter calls it; NULL ends a table
 * @half: change the half before it is published
 * @rings: do this when connected
 * @goes_on: do this, again and again, until it is time to let go
 */
struct hostile_attack {
	const char *name;
	void (*half)(struct hostile *h);
	void (*rings)(struct hostile *h);
	void (*goes_on)(struct hostile *h);
};

#define HALF(fn) { .name = #fn, .half = fn }
#define RINGS(fn) { .name = #fn, .rings = fn }
#define BOTH(fn, then) { .name = #fn, .half = fn, .rings = then }
#define GOES_ON(fn) { .name = #fn, .goes_on = fn }

/* vif.c */
extern const struct hostile_attack hostile_vif_attacks[];
void hostile_vif_prepare(struct hostile *h);

/* vbd.c */
extern const struct hostile_attack hostile_vbd_attacks[];
void hostile_vbd_prepare(struct hostile *h);

/* main.c */
u32 hostile_backend_state(struct hostile *h);
void hostile_notify(struct hostile *h);
bool hostile_ends(struct hostile *h);
void hostile_wait_while(struct hostile *h, u32 state, unsigned long timeout);

#endif /* _HOSTILE_H */
