// SPDX-License-Identifier: GPL-2.0
/*
 * chaos console: the user's terminal, connected to the process that serves the
 * guest's console. If that process has died, it is started again.
 */
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include "chaos.h"
#include "drainer.h"
#include "guest.h"
#include "signals.h"
#include "util.h"

#define ESCAPE	0x1d	/* ^] */

/* What the user has typed, up to the escape. Return: whether to go on. */
static bool send_input(int sock, struct pollfd *input, bool is_tty)
{
	char bytes[512], *escape = NULL, *at = bytes;
	ssize_t len, done;

	len = read(input->fd, bytes, sizeof(bytes));
	if (len <= 0) {
		/* The guest may still have something to say. */
		input->fd = -1;
		return !is_tty;
	}
	if (is_tty)
		escape = memchr(bytes, ESCAPE, len);
	if (escape)
		len = escape - bytes;
	for (; len; at += done, len -= done) {
		done = send(sock, at, len, MSG_NOSIGNAL);
		if (done < 0)
			return false;
	}
	return !escape;
}

static bool print_output(int sock)
{
	char bytes[4096], *at = bytes;
	ssize_t len, done;

	len = recv(sock, bytes, sizeof(bytes), 0);
	if (len < 0 && errno == EINTR)
		return true;
	if (len <= 0)
		return false;
	for (; len; at += done, len -= done) {
		done = write(STDOUT_FILENO, at, len);
		if (done < 0)
			return false;
	}
	return true;
}

static void relay(int sock, int signal_fd, bool is_tty)
{
	struct pollfd pfds[] = {
		{ .fd = sock, .events = POLLIN },
		{ .fd = STDIN_FILENO, .events = POLLIN },
		{ .fd = signal_fd, .events = POLLIN },
	};
	bool on = true;

	while (on && !pfds[2].revents) {
		if (poll(pfds, ARRAY_SIZE(pfds), -1) < 0 && errno != EINTR)
			return;
		/* Output first, so that a guest's last words aren't lost. */
		if (pfds[0].revents)
			on = print_output(sock);
		else if (pfds[1].revents)
			on = send_input(sock, &pfds[1], is_tty);
	}
}

int console_attach(int sock)
{
	bool is_tty = isatty(STDIN_FILENO);
	struct termios saved, raw;
	int signal_fd;

	/* A signal ends us, too, but not before the terminal is as it was. */
	signals_block();
	signal(SIGPIPE, SIG_IGN);
	signal_fd = signals_fd();
	if (is_tty && tcgetattr(STDIN_FILENO, &saved))
		is_tty = false;
	if (is_tty) {
		fputs("Escape character is ^]\n", stderr);
		raw = saved;
		cfmakeraw(&raw);
		tcsetattr(STDIN_FILENO, TCSANOW, &raw);
	}
	relay(sock, signal_fd, is_tty);
	if (is_tty) {
		tcsetattr(STDIN_FILENO, TCSADRAIN, &saved);
		fputc('\n', stderr);
	}
	close(signal_fd);
	close(sock);
	signals_unblock();
	return EXIT_SUCCESS;
}

/* Return: a socket or a negative errno. */
static int restart(struct xen *xen, const char *arg, struct error *err)
{
	struct console_place place;
	struct guest guest;
	struct error why;
	int ret;

	ret = guest_lock(xen, arg, &guest, err);
	if (ret)
		return ret;
	ret = drainer_connect(guest.domid, &why);
	if (ret < 0) {
		place.domid = guest.domid;
		place.name = guest.record.name;
		if (!guest.exists)
			ret = error_set(err, -ESRCH, "its domain is gone");
		else if (!guest.recorded ||
			 !record_console(&guest.record, &place.gfn,
					 &place.port))
			ret = error_set(err, -ENOENT, "it has no console");
		else
			ret = drainer_start(&place, guest.handle, err);
		if (!ret)
			ret = drainer_connect(guest.domid, err);
	}
	guest_put(&guest);
	return ret;
}

static int connect_console(const char *arg, bool verbose, struct error *err)
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
		ret = drainer_connect(guest.domid, &why);
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
	int opt, sock;

	while ((opt = getopt(argc, argv, OPTIONS_COMMON)) != -1)
		if (!options_take(options, opt))
			return usage_error(&console_command);
	if (optind != argc - 1)
		return usage_error(&console_command);
	sock = connect_console(argv[optind], options->verbose, &err);
	if (sock < 0)
		return report("console", argv[optind], &err);
	return console_attach(sock);
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
