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
 * @attach: connect to its console
 * @run: write down that it is in somebody's foreground: see guest_is_run()
 * @wait: how long its devices may take to connect, in ms; 0 not to wait
 * @made: optional: called once it is made, with its domain
 * @build: out: @dom, its domain; all else is private
 * @console: out: socket to its console, or -1
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
	bool attach;
	bool run;
	int wait;
	void (*made)(uint32_t domid);
	struct build build;
	int console;
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
 * @making: what is to be made; @xen and @noxs are there, @console is -1 before
 * @err: out: the reason of a failure
 *
 * If a pool has a shell that fits, it becomes the guest. Signals that end a
 * process are blocked: see signals_block(). After one, it is undone.
 *
 * Return: 0, or a negative errno and nothing of it is left.
 */
int making_make(struct making *making, struct error *err);

/**
 * making_run() - the same, for who has no access yet
 * @making: what is to be made
 * @verbose: show what the libraries log, on standard error
 * @err: out: the reason of a failure
 *
 * Signals that end a process are blocked afterwards: see signals_unblock().
 *
 * Return: 0, or a negative errno and nothing of it is left.
 */
int making_run(struct making *making, bool verbose, struct error *err);

#endif /* CHAOS_GUEST_MAKE_H */
