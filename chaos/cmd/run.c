// SPDX-License-Identifier: GPL-2.0
/*
 * chaos run: a guest as a process in the foreground, for those who watch over
 * processes. Its console is standard input and output, a signal shuts it down,
 * and the exit status tells how it ended.
 *
 * It needs nobody to tell it that the guest has ended, and looks itself, but
 * sooner if chaosd has news.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "client/client.h"
#include "cmd/output.h"
#include "cmd/terminal.h"
#include "guest/check.h"
#include "guest/make.h"
#include "guest/names.h"
#include "guest/policy.h"
#include "guest/remove.h"
#include "host/noxs.h"
#include "util/json.h"
#include "util/signal.h"
#include "util/util.h"
#include "xen/reason.h"

#define LOOK_MS			500
#define LOCK_MS			1000	/* others only look whether it is taken */
#define LAST_WORDS_MS		3000
#define DEFAULT_PATIENCE_MS	60000

/**
 * struct run - a guest in the foreground
 * @making: the guest
 * @actions: what its configuration says of each ending
 * @lock: says that somebody has the guest in the foreground
 * @json: print how it ended, and not its console
 * @patience: how long it may take to shut down, in ms
 * @xen: access to the hypervisor
 * @noxs: access to the kernel's devices
 * @relay: its console
 * @signal_fd: has the signals that came
 * @events_fd: has chaosd's news, or -1
 * @next_look: when to look at it again
 * @deadline: when it will be destroyed, if it was asked to shut down; or 0
 * @asked: it was
 * @forced: it had to be destroyed
 */
struct run {
	struct making making;
	enum config_action actions[ENDING_KILLED + 1];
	struct name_lock lock;
	bool json;
	int patience;
	struct xen xen;
	struct noxs noxs;
	struct relay relay;
	int signal_fd;
	int events_fd;
	int64_t next_look;
	int64_t deadline;
	bool asked;
	bool forced;
};

enum { POLL_SIGNAL = RELAY_FDS, POLL_EVENTS, POLL_COUNT };

/* A warning, and life goes on. */
static void complain(const struct run *run, const struct error *err)
{
	report("run", run->making.config.name, err);
}

static enum ending look(struct run *run)
{
	const struct domain *dom = &run->making.build.dom;

	run->next_look = clock_ms() + LOOK_MS;
	return ending_look(&run->xen, dom->domid, dom->handle);
}

/* If this fails, "chaos destroy" can be tried, and says why it fails. */
static int destroy(struct run *run, struct error *err)
{
	const struct domain *dom = &run->making.build.dom;
	int ret;

	ret = guest_remove_domain(&run->xen, dom->domid, dom->handle, false,
				  err);
	return ret == -ESTALE ? 0 : ret;
}

static void force(struct run *run)
{
	struct error err;

	run->forced = true;
	run->deadline = 0;
	if (destroy(run, &err))
		complain(run, &err);
}

/* A guest that still boots can't be asked yet: that is tried again. */
static void ask(struct run *run)
{
	struct error err;
	uint32_t seq;
	int ret;

	ret = noxs_sysctl_send(&run->noxs, run->making.build.dom.domid,
			       NOXS_SYSCTL_POWEROFF, 0, &seq, &err);
	if (ret == -ENOTCONN || ret == -EBUSY || ret == -EAGAIN)
		return;
	run->asked = true;
	if (!ret || look(run) != ENDING_NONE)
		return;
	complain(run, &err);
	force(run);
}

/* At first it is asked; at the second request it is destroyed. */
static void shut_down(struct run *run)
{
	if (run->deadline) {
		force(run);
		return;
	}
	run->deadline = clock_ms() + run->patience;
	ask(run);
}

static void take_signal(struct run *run)
{
	struct signalfd_siginfo info;

	if (read(run->signal_fd, &info, sizeof(info)) == sizeof(info))
		shut_down(run);
}

/* Their contents don't matter: any event is a reason to look at the guest. */
static void take_events(struct run *run)
{
	char bytes[4096];

	run->next_look = 0;
	if (read(run->events_fd, bytes, sizeof(bytes)) > 0)
		return;
	close(run->events_fd);
	run->events_fd = -1;
}

static void take_console(struct run *run, const struct pollfd *pfds)
{
	enum relay_event event = relay_run(&run->relay, pfds);

	if (event == RELAY_ESCAPE)
		shut_down(run);
	if (event != RELAY_LOST)
		return;
	close(run->relay.sock);
	run->relay.sock = -1;
	run->next_look = 0;
}

/* Whoever serves it may have been killed, and then it must be started again. */
static void regain_console(struct run *run)
{
	struct error ignored;
	char domid[16];

	snprintf(domid, sizeof(domid), "%u", run->making.build.dom.domid);
	run->relay.sock = console_connect(domid, false, &ignored);
}

static void wait_for_something(struct run *run)
{
	struct pollfd pfds[POLL_COUNT];
	int64_t left = run->next_look - clock_ms();

	relay_poll(&run->relay, pfds);
	pfds[POLL_SIGNAL].fd = run->signal_fd;
	pfds[POLL_SIGNAL].events = POLLIN;
	pfds[POLL_EVENTS].fd = run->events_fd;
	pfds[POLL_EVENTS].events = POLLIN;
	if (poll(pfds, POLL_COUNT, left < 0 ? 0 : left) <= 0)
		return;
	if (pfds[POLL_SIGNAL].revents)
		take_signal(run);
	if (pfds[POLL_EVENTS].revents)
		take_events(run);
	take_console(run, pfds);
}

static enum ending wait_for_end(struct run *run)
{
	enum ending ending;

	for (;;) {
		if (clock_ms() >= run->next_look) {
			ending = look(run);
			if (ending != ENDING_NONE)
				return ending;
			if (run->relay.sock < 0)
				regain_console(run);
			if (run->deadline && !run->asked)
				ask(run);
		}
		if (run->deadline && clock_ms() >= run->deadline)
			force(run);
		wait_for_something(run);
	}
}

/* Whoever was told to end it doesn't want it back. */
static int exit_status(const struct run *run, enum ending ending)
{
	static const int statuses[] = {
		[ENDING_POWEROFF] = EXIT_SUCCESS,
		[ENDING_REBOOT] = EXIT_SUCCESS,
		[ENDING_SOFT_RESET] = EXIT_SUCCESS,
		[ENDING_CRASH] = EXIT_CRASH,
		[ENDING_WATCHDOG] = EXIT_CRASH,
		[ENDING_UNKNOWN] = EXIT_CRASH,
		[ENDING_SUSPEND] = EXIT_SUSPEND,
		[ENDING_KILLED] = EXIT_KILLED,
	};

	if (run->forced)
		return EXIT_FORCED;
	if (run->actions[ending] == CONFIG_RESTART && !run->deadline)
		return EXIT_REBOOT;
	return statuses[ending];
}

static int finish(struct run *run, enum ending ending)
{
	int status = exit_status(run, ending);
	struct json_object *doc;
	struct error err;

	if (run->actions[ending] != CONFIG_PRESERVE && destroy(run, &err)) {
		complain(run, &err);
		status = EXIT_FAILURE;
	}
	relay_last_words(&run->relay, LAST_WORDS_MS);
	if (!run->json)
		return status;
	doc = json_object_new_object();
	doc_text(doc, "name", run->making.config.name);
	doc_number(doc, "domid", run->making.build.dom.domid);
	doc_text(doc, "end", run->forced ? "forced" : ending_name(ending));
	doc_text(doc, "reason", run->forced ? "forced" : ending_name(ending));
	doc_number(doc, "status", status);
	print_json(doc);
	return status;
}

static int watch(struct run *run)
{
	struct json_object *ready;
	struct error ignored;
	enum ending ending;
	int status;

	run->signal_fd = signals_fd();
	run->events_fd = daemon_events(&ready, &ignored);
	if (run->events_fd >= 0)
		json_object_put(ready);
	relay_begin(&run->relay, run->making.console);
	if (run->json)
		run->relay.output = -1;
	ending = wait_for_end(run);
	status = finish(run, ending);
	relay_end(&run->relay);
	if (run->relay.sock >= 0)
		close(run->relay.sock);
	if (run->events_fd >= 0)
		close(run->events_fd);
	close(run->signal_fd);
	return status;
}

/* chaosd is to leave the guest to us. One that suspends itself nobody would resume. */
static void take_charge(struct run *run)
{
	struct guest_config *config = &run->making.config;
	enum ending ending;

	for (ending = 0; ending <= ENDING_KILLED; ending++)
		run->actions[ending] = policy_key(ending) ?
			policy_action(config, ending) : CONFIG_DESTROY;
	config->on_poweroff = CONFIG_PRESERVE;
	config->on_reboot = CONFIG_PRESERVE;
	config->on_crash = CONFIG_PRESERVE;
}

/* One that has ended is removed: what is wanted is a guest that runs. */
static int take_over_locked(struct run *run, struct guest *guest,
			    struct error *err)
{
	struct domain *dom = &run->making.build.dom;
	int ret;

	dom->domid = guest->domid;
	memcpy(dom->handle, guest->handle, UUID_SIZE);
	if (look(run) == ENDING_NONE)
		return 1;
	ret = guest_remove(&run->xen, guest, false, err);
	name_drop(&run->lock);
	return ret;
}

/*
 * A guest whose "chaos run" was killed goes on without it, and has the name: it is
 * ours now. Return: whether there was one, or a negative errno.
 */
static int take_over(struct run *run, struct error *err)
{
	const char *name = run->making.config.name;
	struct error ignored;
	struct guest guest;
	char text[64];
	int ret;

	/* Whatever stands against it, making the guest will say so. */
	if (guest_lock(&run->xen, name, &guest, &ignored))
		return 0;
	if (!guest.recorded || !guest.exists ||
	    !record_number(&guest.record, "run") ||
	    !record_is_made(&guest.record) ||
	    guest_run_lock(guest.domid, true, LOCK_MS, &run->lock,
			   &ignored))
		ret = 0;
	else
		ret = take_over_locked(run, &guest, err);
	guest_put(&guest);
	if (ret <= 0)
		return ret;
	snprintf(text, sizeof(text),
		 "domain %u was left by another, and goes on",
		 run->making.build.dom.domid);
	report_warning("run", name, text);
	regain_console(run);
	run->making.console = run->relay.sock;
	return ret;
}

/* Have the guest, and nobody else. */
static int obtain(struct run *run, bool verbose, struct error *err)
{
	const struct domain *dom = &run->making.build.dom;
	struct error ignored;
	int ret;

	signals_block();
	ret = take_over(run, err);
	if (ret)
		return ret < 0 ? ret : 0;
	ret = making_run(&run->making, verbose, err);
	if (ret)
		return ret;
	ret = guest_run_lock(dom->domid, true, LOCK_MS, &run->lock, err);
	if (ret)
		(void)destroy(run, &ignored);
	return ret;
}

static int run_guest(struct run *run, char **words, bool verbose)
{
	struct guest_config *config = &run->making.config;
	struct error err = { "" };
	int ret, status;

	ret = read_config("run", words, config);
	if (ret)
		return ret;
	take_charge(run);
	ret = guest_check(config, &err);
	if (!ret)
		ret = xen_open(&run->xen, verbose, &err);
	if (ret)
		return report("run", config->name, &err);
	ret = noxs_open(&run->noxs, &err);
	if (ret) {
		xen_close(&run->xen);
		return report("run", config->name, &err);
	}
	ret = obtain(run, verbose, &err);
	if (ret) {
		if (run->making.console >= 0)
			close(run->making.console);
		status = report("run", config->name, &err);
	} else {
		status = watch(run);
		name_drop(&run->lock);
	}
	noxs_close(&run->noxs);
	xen_close(&run->xen);
	return status;
}

static int run_main(int argc, char **argv, struct options *options)
{
	struct run run = {
		.making = {
			.attach = true, .run = true, .console = -1,
			.made = daemon_created,
		},
		.patience = DEFAULT_PATIENCE_MS,
	};
	int opt, status;

	while ((opt = next_option(argc, argv, "t:", NULL)) != -1)
		if (opt == 't' ? !get_seconds(optarg, &run.patience) :
				 !options_take(options, opt))
			return usage_error(&run_command);
	if (!has_file(argc, argv))
		return usage_error(&run_command);
	run.json = options->json;
	status = run_guest(&run, argv + optind, options->verbose);
	config_free(&run.making.config);
	return status;
}

const struct command run_command = {
	.name = "run",
	.help = "make a guest, and stay until it ends",
	.usage = "run [-jv] [-t SECONDS] FILE [KEY=VALUE...]",
	.details =
	"Makes the guest that FILE describes, as \"chaos create\" does, and connects its\n"
	"console to standard input and output. It ends when the guest does, which is then\n"
	"destroyed, unless on_poweroff, on_reboot or on_crash of FILE is \"preserve\"; the\n"
	"exit status tells how it ended:\n\n"
	"  0  it powered itself off, or        4  it crashed\n"
	"     rebooted                         5  others destroyed it\n"
	"  1  chaos failed                     6  it didn't shut down in time\n"
	"  2  wrong call                       7  it suspended itself\n"
	"  3  it is to be started again: the key of FILE for this end is \"restart\", as\n"
	"     on_reboot is if it isn't given\n\n"
	"One whose \"chaos run\" was killed goes on without it. The next one takes it over,\n"
	"or, if it has ended, makes it anew.\n\n"
	"SIGTERM, SIGINT, SIGHUP or SIGQUIT asks it to shut down, and so does ^] on a\n"
	"terminal; the second time it is destroyed.\n\n"
	"  -j          print how it ended as JSON, and not its console\n"
	"  -t SECONDS  how long it may take to shut down (60)\n",
	.main = run_main,
};
