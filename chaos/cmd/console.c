// SPDX-License-Identifier: GPL-2.0
/*
 * chaos console: the user's terminal, connected to the process that serves the
 * guest's console. If that process has died, it is started again.
 */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <unistd.h>

#include "client/client.h"
#include "cmd/output.h"
#include "cmd/terminal.h"
#include "guest/names.h"
#include "guest/power.h"
#include "util/signal.h"

int console_attach(int sock)
{
	struct pollfd pfds[RELAY_FDS + 1];
	struct relay relay;
	int signal_fd;

	/* A signal ends us, too, but not before the terminal is as it was. */
	signals_block();
	signal_fd = signals_fd();
	relay_begin(&relay, sock);
	while (relay.output >= 0) {
		relay_poll(&relay, pfds);
		pfds[RELAY_FDS].fd = signal_fd;
		pfds[RELAY_FDS].events = POLLIN;
		if (poll(pfds, RELAY_FDS + 1, -1) < 0) {
			if (errno == EINTR)
				continue;
			break;
		}
		if (pfds[RELAY_FDS].revents ||
		    relay_run(&relay, pfds) != RELAY_NOTHING)
			break;
	}
	relay_end(&relay);
	close(signal_fd);
	close(sock);
	signals_unblock();
	return EXIT_SUCCESS;
}

/* Return: a socket or a negative errno. */
static int restart(struct xen *xen, const char *arg, struct error *err)
{
	struct guest guest;
	int ret;

	ret = guest_lock(xen, arg, &guest, err);
	if (ret)
		return ret;
	ret = guest_serve_console(&guest, err);
	if (!guest.exists)
		ret = error_set(err, -ESRCH, "its domain is gone");
	else if (!ret)
		ret = daemon_console(guest.domid, 0, err);
	if (ret == -ENOENT)
		error_set(err, ret, "it has no console");
	guest_put(&guest);
	return ret;
}

int console_connect(const char *arg, bool verbose, struct error *err)
{
	struct guest guest;
	struct error why;
	struct xen xen;
	int ret;

	ret = xen_open(&xen, verbose, err);
	if (ret)
		return ret;
	ret = guest_find(&xen, arg, &guest, err);
	if (!ret) {
		ret = daemon_console(guest.domid, 0, &why);
		guest_put(&guest);
		if (ret < 0)
			ret = restart(&xen, arg, err);
	}
	xen_close(&xen);
	return ret;
}

static int console_main(int argc, char **argv, struct options *options)
{
	struct error err;
	int sock, ret;

	if (!take_words(argc, argv, options, 1, 1))
		return usage_error(&console_command);
	signals_block();
	sock = console_connect(argv[optind], options->verbose, &err);
	if (sock >= 0)
		return console_attach(sock);
	ret = report("console", argv[optind], &err);
	signals_unblock();
	return ret;
}

const struct command console_command = {
	.name = "console",
	.help = "attach to a guest's console",
	.usage = "console [-v] GUEST",
	.details =
	"Connects the terminal to the console of GUEST, a name or a domid, until ^] is\n"
	"typed or the guest is gone. If standard input is no terminal, all of it goes to\n"
	"the guest, and only the end of the guest ends the command. What was printed\n"
	"before is in the log, /var/log/chaos/console-NAME.log.\n",
	.main = console_main,
};
