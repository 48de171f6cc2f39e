// SPDX-License-Identifier: GPL-2.0
/*
 * chaosd: watches the guests that chaos makes, does what their configuration
 * wants when they end, serves their consoles, and tells who listens. See
 * docs/protocol.md for how others talk to it.
 *
 * It runs in the foreground. It may be killed at any moment: all that matters
 * is in /run/chaos and /var/lib/chaos, and the next one goes on from there.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "daemon/console.h"
#include "daemon/guests.h"
#include "daemon/jobs.h"
#include "daemon/loop.h"
#include "daemon/open.h"
#include "daemon/pools.h"
#include "daemon/request.h"
#include "daemon/runs.h"
#include "daemon/server.h"
#include "daemon/watch.h"
#include "util/chaos.h"
#include "util/signal.h"
#include "util/state.h"

#define LOCK_FILE	CHAOS_RUN_DIR "/chaosd.lock"
#define FILES_A_GUEST	8
#define FILES_MAX	(FILES_A_GUEST * 32768)

static void signal_ready(struct source *source, uint32_t events)
{
	struct signalfd_siginfo info;

	(void)events;
	if (read(source->fd, &info, sizeof(info)) == sizeof(info))
		loop_stop();
}

static struct source signal_source = { .ready = signal_ready };

static int tick(void)
{
	int wait = watching_tick();

	/* Guests that have ended come first, shells for later guests last. */
	wait = loop_sooner(wait, runs_tick());
	wait = loop_sooner(wait, guests_tick());
	wait = loop_sooner(wait, pools_tick());
	return loop_sooner(wait, jobs_tick());
}

/* Two chaosd would work against each other. The lock is held until the end. */
static int be_the_only_one(struct error *err)
{
	int fd = state_lock(LOCK_FILE, false, 0, err);

	if (fd == -EBUSY)
		return error_set(err, fd, "another chaosd runs");
	return fd < 0 ? fd : 0;
}

/* A console takes several files. */
static void allow_files(void)
{
	const struct rlimit limit = {
		.rlim_cur = FILES_MAX, .rlim_max = FILES_MAX,
	};
	struct rlimit now;

	if (!setrlimit(RLIMIT_NOFILE, &limit) ||
	    getrlimit(RLIMIT_NOFILE, &now))
		return;
	now.rlim_cur = now.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &now);
}

static int watch_signals(struct error *err)
{
	int ret;

	signal(SIGPIPE, SIG_IGN);
	signals_block();
	signal_source.fd = signals_fd();
	if (signal_source.fd < 0)
		return error_sys(err, -errno, "signals");
	ret = loop_add(&signal_source, EPOLLIN);
	return ret ? error_sys(err, ret, "signals") : 0;
}

static int start(struct xen *xen, const struct ways *ways, struct error *err)
{
	int ret;

	ret = state_init(err);
	if (!ret)
		ret = be_the_only_one(err);
	if (ret)
		return ret;
	allow_files();
	ret = loop_init();
	if (ret)
		return error_sys(err, ret, "event loop");
	ret = watch_signals(err);
	if (ret)
		return ret;
	/* Last: whoever can connect finds all guests known. */
	watching_init(ways->may_bind);
	pools_init();
	guests_init(xen, ways->history);
	return server_open(request_answer, request_abandon, err);
}

static int run(const struct ways *ways)
{
	struct error err;
	struct xen xen;
	int ret;

	ret = xen_open(&xen, ways->verbose, &err);
	if (!ret) {
		ret = start(&xen, ways, &err);
		if (!ret) {
			sd_notify(false, "READY=1");
			loop_run(tick);
			sd_notify(false, "STOPPING=1");
		}
		server_close(request_close);
		consoles_hand_over();
		xen_close(&xen);
	}
	if (!ret)
		return EXIT_SUCCESS;
	fprintf(stderr, "chaosd: %s\n", err.text);
	return EXIT_FAILURE;
}

const struct daemon_part daemon_part = {
	.part.build = CHAOS_BUILD,
	.run = run,
};
