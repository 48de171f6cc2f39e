/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_GUEST_MAKE_H
#define CHAOS_GUEST_MAKE_H

#include <stdbool.h>

#include "config/config.h"
#include "guest/record.h"
#include "host/noxs.h"
#include "host/pygrub.h"
#include "pool/build.h"
#include "pool/shell.h"
#include "util/error.h"
#include "xen/domain.h"
#include "xen/xen.h"

/**
 * struct making - a guest in the making
 * @config: what it is to be; complete, see config_read()
 * @paused: don't let it run
 * @patience: write down that a connection runs it, and how long it may take to shut
 *	down, in ms: see guest_is_run(); 0: it is a guest like others
 * @build: out: @dom, its domain; all else is private
 * @token: of who asked for it, who may ask again, or NULL
 * @xen: access to the hypervisor
 * @noxs: access to the kernel's devices
 * @booted: private to guest/make.c: @config, with the kernel that its boot loader found
 * @daemon: chaosd has it made, and serves its console as soon as it hears that it is
 * @locked: the caller holds @lock, and keeps it
 * @restarts: how often the guest was made again, without a long life between
 * @lock: of its name; private, unless @locked
 * @uuid: private: likewise, of the user's own UUID
 * @record: private: what others will know of it
 * @taken: private: it was made from a shell
 * @shell: private: that one
 * @left: private: it failed, and a part of it can't be removed
 */
struct making {
	struct guest_config config;
	bool paused;
	int patience;
	struct build build;
	const char *token;
	struct xen *xen;
	struct noxs *noxs;
	struct booted booted;
	bool daemon;
	bool locked;
	unsigned int restarts;
	struct name_lock lock;
	struct name_lock uuid;
	struct record record;
	bool taken;
	struct shell shell;
	bool left;
};

/**
 * making_make() - make a guest
 * @making: what is to be made; @xen and @noxs are there
 * @err: out: the reason of a failure
 *
 * If a pool has a shell that fits, it becomes the guest. Signals that end a
 * process are blocked: see signals_block(). After one, it is undone.
 *
 * Return: 0, or a negative errno and nothing of it is left.
 */
int making_make(struct making *making, struct error *err);

#endif /* CHAOS_GUEST_MAKE_H */
