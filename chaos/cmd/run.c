// SPDX-License-Identifier: GPL-2.0
/*
 * chaos run: a guest as a process in the foreground, for those who watch over
 * processes. Its console is standard input and output, a signal shuts it down,
 * and the exit status tells how it ended.
 *
 * It is a connection to chaosd that the guest's life hangs on. chaosd makes the guest, sees
 * its end and decides what becomes of it; here that is only told. If chaosd is started again,
 * the next one is asked for the same guest.
 */
#include <errno.h>
#include <getopt.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client/client.h"
#include "cmd/order.h"
#include "cmd/output.h"
#include "cmd/terminal.h"
#include "guest/policy.h"
#include "util/json.h"
#include "util/signal.h"
#include "util/util.h"

#define LAST_WORDS_MS		3000
#define DEFAULT_PATIENCE_MS	60000
/* How often it looks for a chaosd, or a console, that isn't there. */
#define AGAIN_MS		250
/* So long a guest waits for its console, and who has nothing else to do for a chaosd. */
#define ENOUGH_MS		5000
/* Who isn't answered asks again, and waits so often for who is still at it. */
#define TRIES_MAX		10
#define BUSY_TRIES_MAX		100
#define BUSY_MS			100

/**
 * struct run - a guest in the foreground
 * @json: print how it ended, and not its console
 * @patience: how long it may take to shut down, in ms
 * @domid: its domain, once it is made
 * @handle: the domain's
 * @name: of the guest
 * @relay: its console
 * @fd: the connection to chaosd, or -1 while that isn't there
 * @known: whoever is at its other end knows that it is for this guest
 * @go: the call that lets the guest run, or -1
 * @runs: that was answered
 * @since: since when its console, or chaosd, isn't there, ms
 * @next_try: when what isn't there is looked for again, ms
 * @signal_fd: has the signals that came
 * @deadline: when it will be destroyed, if it was asked to shut down; or 0
 * @stops: chaosd isn't told of that yet
 * @leaves: the user waits for nothing more
 * @failed: something went wrong, and was told
 * @end: chaosd's answer that says how it ended, or NULL
 */
struct run {
	bool json;
	int patience;
	unsigned int domid;
	char handle[64];
	char name[256];
	struct relay relay;
	int fd;
	bool known;
	int go;
	bool runs;
	int64_t since;
	int64_t next_try;
	int signal_fd;
	int64_t deadline;
	bool stops;
	bool leaves;
	bool failed;
	struct json_object *end;
};

enum { POLL_SIGNAL = RELAY_FDS, POLL_DAEMON, POLL_GO, POLL_COUNT };

static void complain(struct run *run, const struct error *err)
{
	run->failed = true;
	report(run_command.name, *run->name ? run->name : NULL, err);
}

static struct json_object *parameters_of_domain(const struct run *run)
{
	struct json_object *parameters = json_object_new_object();

	doc_number(parameters, "domid", run->domid);
	doc_text(parameters, "handle", run->handle);
	return parameters;
}

static void hang_up(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void set_end(struct run *run, struct json_object *answer)
{
	json_object_put(run->end);
	run->end = answer;
}

/* Of whom nobody knows anything, others have seen the end. */
static void set_gone(struct run *run)
{
	struct json_object *end;

	if (run->end)
		return;
	end = json_object_new_object();
	doc_text(end, "end", "killed");
	doc_number(end, "status", RUN_KILLED);
	set_end(run, end);
}

static int64_t time_left(const struct run *run)
{
	int64_t left = run->deadline - clock_ms();

	return left > 0 ? left : 0;
}

/*
 * Whatever comes of it, the connection that waits for its end will tell. A chaosd that is
 * busy, or isn't there, is told later.
 */
static void ask_to_stop(struct run *run)
{
	struct json_object *parameters = parameters_of_domain(run);
	struct error ignored;
	int ret;

	doc_number(parameters, "wait", time_left(run));
	ret = daemon_request("RunStop", parameters, NULL, &ignored);
	run->stops = ret && ret != -ENOENT;
}

static void stop_within(struct run *run, int wait)
{
	run->deadline = clock_ms() + wait;
	run->stops = true;
	run->next_try = 0;
}

/*
 * At first it is asked; at the second request it is destroyed. Who knows how it ended
 * needn't wait until it is gone.
 */
static void shut_down(struct run *run)
{
	if (run->end)
		run->leaves = true;
	else
		stop_within(run, run->deadline ? 0 : run->patience);
}

/* It runs as soon as somebody sees what it says. */
static void let_go(struct run *run)
{
	struct json_object *parameters = json_object_new_object();
	struct error ignored;
	char guest[16];

	snprintf(guest, sizeof(guest), "%u", run->domid);
	doc_text(parameters, "guest", guest);
	run->go = daemon_call("Unpause", parameters, false, &ignored);
}

static void take_go(struct run *run)
{
	struct json_object *answer;
	struct error err;
	int ret;

	ret = daemon_answer(run->go, &answer, &err);
	json_object_put(answer);
	hang_up(&run->go);
	/* A chaosd that has ended, has no place, or whose worker was killed, is asked again. */
	if (ret == -EPIPE || ret == -EUSERS || ret == -EIO)
		return;
	run->runs = true;
	/* One that is gone already, others have destroyed. */
	if (!ret || ret == -ENOENT || ret == -ESRCH)
		return;
	complain(run, &err);
	stop_within(run, 0);
}

/* Whoever serves it may come later, or come back. */
static void find_console(struct run *run)
{
	struct error ignored;
	int sock = daemon_console(run->domid, SOCK_NONBLOCK, &ignored);

	run->relay.sock = sock < 0 ? -1 : sock;
}

static void take_console(struct run *run, const struct pollfd *pfds)
{
	enum relay_event event = relay_run(&run->relay, pfds);

	if (event == RELAY_ESCAPE)
		shut_down(run);
	if (event == RELAY_LOST)
		hang_up(&run->relay.sock);
}

/* Return: whether that was the last of them. */
static bool take_answer(struct run *run)
{
	struct json_object *answer;
	struct error err;
	int ret;

	ret = daemon_answer(run->fd, &answer, &err);
	if (ret >= 0 && *doc_get_text(answer, "end"))
		set_end(run, answer);
	else
		json_object_put(answer);
	if (ret > 0 && !run->known) {
		run->known = true;
		/* The next chaosd hasn't heard of that. */
		if (run->deadline)
			stop_within(run, time_left(run));
	}
	if (ret > 0)
		return false;
	hang_up(&run->fd);
	/* Many who come back at a time take all places for a moment. */
	if (ret == -EPIPE || ret == -EUSERS) {
		if (run->known)
			run->since = clock_ms();
		run->known = false;
		return false;
	}
	if (ret == -ENOENT)
		set_gone(run);
	else if (ret < 0)
		complain(run, &err);
	return true;
}

/* While there is no chaosd, the guest goes on. */
static void find_daemon(struct run *run)
{
	struct json_object *parameters = parameters_of_domain(run);
	struct error ignored;
	int fd;

	doc_number(parameters, "patience", run->patience);
	fd = daemon_call("RunAgain", parameters, true, &ignored);
	run->fd = fd < 0 ? -1 : fd;
}

static bool has_waited(const struct run *run)
{
	return clock_ms() - run->since >= ENOUGH_MS;
}

static bool misses_something(const struct run *run)
{
	return run->fd < 0 || run->relay.sock < 0 || !run->known ||
	       (!run->runs && run->go < 0) || run->stops;
}

/* What isn't there is looked for again and again. Return: when, in ms. */
static int look_for_others(struct run *run)
{
	int64_t now = clock_ms();

	if (!misses_something(run))
		return -1;
	if (now < run->next_try)
		return run->next_try - now;
	run->next_try = now + AGAIN_MS;
	if (run->fd < 0)
		find_daemon(run);
	if (run->relay.sock < 0 && !run->end)
		find_console(run);
	if (run->known && !run->runs && run->go < 0 &&
	    (run->relay.sock >= 0 || has_waited(run)))
		let_go(run);
	if (run->known && run->stops)
		ask_to_stop(run);
	return misses_something(run) ? AGAIN_MS : -1;
}

/* Return: whether there is nothing left to wait for. */
static bool wait_for_something(struct run *run)
{
	struct signalfd_siginfo info;
	struct pollfd pfds[POLL_COUNT];
	int timeout = look_for_others(run);

	relay_poll(&run->relay, pfds);
	pfds[POLL_SIGNAL].fd = run->signal_fd;
	pfds[POLL_SIGNAL].events = POLLIN;
	pfds[POLL_DAEMON].fd = run->fd;
	pfds[POLL_DAEMON].events = POLLIN;
	pfds[POLL_GO].fd = run->go;
	pfds[POLL_GO].events = POLLIN;
	if (poll(pfds, POLL_COUNT, timeout) <= 0)
		return false;
	if (pfds[POLL_SIGNAL].revents &&
	    read(run->signal_fd, &info, sizeof(info)) == sizeof(info))
		shut_down(run);
	if (pfds[POLL_GO].revents)
		take_go(run);
	take_console(run, pfds);
	return pfds[POLL_DAEMON].revents && take_answer(run);
}

/* Nobody can end it who isn't there; who comes then finds that it was left, and does. */
static bool is_given_up(struct run *run)
{
	struct error err;

	if (run->leaves)
		return true;
	if (run->known || !has_waited(run))
		return false;
	if (run->end)
		return true;
	if (!run->deadline || time_left(run))
		return false;
	error_set(&err, -EPIPE, "chaosd doesn't run, and the guest goes on");
	complain(run, &err);
	return true;
}

static int exit_status(const struct run *run)
{
	struct json_object *doc;
	int status;

	if (run->failed || !run->end)
		return EXIT_FAILURE;
	status = doc_get_number(run->end, "status");
	if (!run->json)
		return status;
	doc = json_object_new_object();
	doc_text(doc, "name", run->name);
	doc_number(doc, "domid", run->domid);
	doc_text(doc, "end", doc_get_text(run->end, "end"));
	doc_text(doc, "reason", doc_get_text(run->end, "end"));
	doc_number(doc, "status", status);
	print_json(doc);
	return status;
}

static int watch(struct run *run)
{
	int status;

	run->since = clock_ms();
	find_console(run);
	relay_begin(&run->relay, run->relay.sock);
	if (run->json)
		run->relay.output = -1;
	while (!wait_for_something(run) && !is_given_up(run))
		;
	if (run->end)
		relay_last_words(&run->relay, LAST_WORDS_MS);
	relay_end(&run->relay);
	status = exit_status(run);
	hang_up(&run->relay.sock);
	hang_up(&run->go);
	hang_up(&run->fd);
	json_object_put(run->end);
	return status;
}

/* Return: as daemon_answer(); -EINTR after a signal. */
static int wait_answer(const struct run *run, struct json_object **answer,
		       struct error *err)
{
	struct pollfd pfds[] = {
		{ .fd = run->fd, .events = POLLIN },
		{ .fd = run->signal_fd, .events = POLLIN },
	};

	*answer = NULL;
	while (poll(pfds, ARRAY_SIZE(pfds), -1) < 0)
		;
	if (pfds[1].revents)
		return error_set(err, -EINTR, "interrupted");
	return daemon_answer(run->fd, answer, err);
}

/* Return: as wait_answer(). */
static int ask_once(struct run *run, struct json_object *parameters,
		    struct json_object **answer, struct error *err)
{
	int ret;

	*answer = NULL;
	run->fd = daemon_call("Run", json_object_get(parameters), true, err);
	if (run->fd == -ENOENT || run->fd == -ECONNREFUSED)
		return error_set(err, -ENOTCONN,
				 "chaosd doesn't run: \"systemctl start chaosd\", or \"chaosd &\", starts it");
	if (run->fd < 0)
		return run->fd;
	ret = wait_answer(run, answer, err);
	if (ret < 0)
		hang_up(&run->fd);
	return ret;
}

/* A former maker, of whom chaosd has heard no more, may not have ended yet. */
static bool is_worth_trying(int ret, int *tries, int *busy)
{
	if (ret == -EPIPE)
		return ++*tries < TRIES_MAX;
	if (ret != -EUSERS && (!*tries || (ret != -EEXIST && ret != -ENOTCONN)))
		return false;
	return ++*busy < BUSY_TRIES_MAX;
}

static int ask(struct run *run, struct json_object *parameters,
	       struct json_object **answer, struct error *err)
{
	int ret, tries = 0, busy = 0;

	ret = ask_once(run, parameters, answer, err);
	while (is_worth_trying(ret, &tries, &busy) && !signals_pending()) {
		json_object_put(*answer);
		sleep_ms(BUSY_MS);
		ret = ask_once(run, parameters, answer, err);
	}
	return ret;
}

/* Return: an exit status if there is nothing to watch, or nothing more, else -1. */
static int begin(struct run *run, struct json_object *parameters)
{
	struct json_object *answer;
	struct error err;
	char text[64];
	int ret;

	ret = ask(run, parameters, &answer, &err);
	order_warnings(run_command.name, answer);
	if (ret < 0) {
		ret = order_failed(run_command.name, answer, &err);
		json_object_put(answer);
		return ret;
	}
	run->domid = doc_get_number(answer, "domid");
	snprintf(run->handle, sizeof(run->handle), "%s",
		 doc_get_text(answer, "handle"));
	snprintf(run->name, sizeof(run->name), "%s",
		 doc_get_text(answer, "name"));
	run->known = true;
	if (doc_get_bool(answer, "found")) {
		snprintf(text, sizeof(text),
			 "domain %u was left by another, and goes on",
			 run->domid);
		report_warning(run_command.name, run->name, text);
	}
	if (ret > 0) {
		json_object_put(answer);
		return -1;
	}
	/* It has ended, and stays as it is. */
	hang_up(&run->fd);
	set_end(run, answer);
	ret = exit_status(run);
	json_object_put(run->end);
	return ret;
}

static struct json_object *parameters_of(const struct run *run, char **words,
					 struct error *err)
{
	struct json_object *parameters = json_object_new_object();
	int ret;

	ret = order_config(parameters, words, err);
	doc_bool(parameters, "paused", true);
	doc_number(parameters, "patience", run->patience);
	order_token(parameters);
	if (!ret)
		ret = order_check(parameters, *words, err);
	if (!ret)
		return parameters;
	json_object_put(parameters);
	return NULL;
}

static int run_guest(struct run *run, char **words)
{
	struct json_object *parameters;
	struct error err;
	int status;

	parameters = parameters_of(run, words, &err);
	if (!parameters)
		return report(run_command.name, NULL, &err);
	signals_block();
	run->signal_fd = signals_fd();
	status = begin(run, parameters);
	json_object_put(parameters);
	if (status < 0)
		status = watch(run);
	close(run->signal_fd);
	return status;
}

static int run_main(int argc, char **argv, struct options *options)
{
	struct run run = {
		.patience = DEFAULT_PATIENCE_MS, .fd = -1, .go = -1,
	};
	int opt;

	while ((opt = next_option(argc, argv, "t:", NULL)) != -1)
		if (opt == 't' ? !get_seconds(optarg, &run.patience) :
				 !options_take(options, opt))
			return usage_error(&run_command);
	if (!has_file(argc, argv))
		return usage_error(&run_command);
	run.json = options->json;
	return run_guest(&run, argv + optind);
}

const struct command run_command = {
	.name = "run",
	.help = "make a guest, and stay until it ends",
	.usage = "run [-jv] [-t SECONDS] FILE [KEY=VALUE...]",
	.details =
	"Has chaosd make the guest that FILE describes, as \"chaos create\" does, and connects\n"
	"its console to standard input and output. It ends when the guest does, which is then\n"
	"destroyed, unless on_poweroff, on_reboot or on_crash of FILE is \"preserve\"; the\n"
	"exit status tells how it ended:\n\n"
	"  0  it powered itself off, or        4  it crashed\n"
	"     rebooted                         5  others destroyed it\n"
	"  1  chaos failed                     6  it didn't shut down in time\n"
	"  2  wrong call                       7  it suspended itself\n"
	"  3  it is to be started again: the key of FILE for this end is \"restart\", as\n"
	"     on_reboot is if it isn't given\n\n"
	"SIGTERM, SIGINT, SIGHUP or SIGQUIT asks it to shut down, and so does ^] on a\n"
	"terminal; the second time it is destroyed. One whose \"chaos run\" was killed is\n"
	"asked, too. The next one takes it over until it has ended, and then is to be\n"
	"started again, or, if it has, makes it anew.\n\n"
	"  -j          print how it ended as JSON, and not its console\n"
	"  -t SECONDS  how long it may take to shut down (60)\n",
	.main = run_main,
};
