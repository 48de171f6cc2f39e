// SPDX-License-Identifier: GPL-2.0
/*
 * The process that serves a guest's console, and those who start and stop it.
 *
 * It is this program again, under another name and with nothing of its
 * maker's left open: a mapping of a guest's memory must not be inherited. It
 * says through a pipe whether it came up. Its socket tells its process id, so
 * that nobody signals another process that has the same number by now.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client/client.h"
#include "console/drainer.h"
#include "util/util.h"
#include "xen/xen.h"

#define START_TIMEOUT_MS	60000
#define STOP_TIMEOUT_MS		3000
#define LOOK_MS			2000

#define PIPE_FD			3
#define READY			"ready"

enum argument {
	ARG_NAME = 1, ARG_DOMID, ARG_HANDLE, ARG_GFN, ARG_PORT, ARG_COUNT,
};

static void become(const struct console_place *place, const uint8_t *handle,
		   int pipe_fd)
{
	char domid[16], gfn[24], port[16], uuid[UUID_TEXT];
	char *const argv[] = {
		[0] = DRAINER_NAME, [ARG_NAME] = (char *)place->name,
		[ARG_DOMID] = domid, [ARG_HANDLE] = uuid, [ARG_GFN] = gfn,
		[ARG_PORT] = port, [ARG_COUNT] = NULL,
	};
	sigset_t none;
	int null;

	snprintf(domid, sizeof(domid), "%u", place->domid);
	snprintf(gfn, sizeof(gfn), "%llu",
		 (unsigned long long)place->gfn);
	snprintf(port, sizeof(port), "%u", place->port);
	uuid_format(handle, uuid);

	null = open("/dev/null", O_RDWR);
	/* dup2() of a descriptor to itself would leave it close-on-exec. */
	pipe_fd = fcntl(pipe_fd, F_DUPFD, ARG_COUNT);
	if (null < 0 || pipe_fd < 0)
		return;
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	dup2(null, STDERR_FILENO);
	dup2(pipe_fd, PIPE_FD);
	close_range(PIPE_FD + 1, ~0U, 0);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (!chdir("/"))
		execv("/proc/self/exe", argv);
}

/* The grandchild belongs to init, and to no terminal. */
static int spawn(const struct console_place *place, const uint8_t *handle,
		 int pipe_fd)
{
	pid_t child = fork();

	if (child < 0)
		return -errno;
	if (!child) {
		setsid();
		if (!fork())
			become(place, handle, pipe_fd);
		_exit(EXIT_FAILURE);
	}
	while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
		;
	return 0;
}

/* It says READY or, as it ends, why not. */
static int wait_ready(int pipe_fd, struct error *err)
{
	struct pollfd pfd = { .fd = pipe_fd, .events = POLLIN };
	char text[256];
	ssize_t len;
	int ret;

	do
		ret = poll(&pfd, 1, START_TIMEOUT_MS);
	while (ret < 0 && errno == EINTR);
	if (ret <= 0)
		return error_set(err, -ETIMEDOUT, "console: " DRAINER_NAME
				 " doesn't start");
	len = read(pipe_fd, text, sizeof(text) - 1);
	if (len <= 0)
		return error_set(err, -EIO, "console: " DRAINER_NAME
				 " ended at its start");
	text[len] = '\0';
	if (strcmp(text, READY))
		return error_set(err, -EIO, "%s", text);
	return 0;
}

int drainer_start_own(const struct console_place *place, const uint8_t *handle,
		      struct error *err)
{
	int fds[2], ret;

	if (pipe2(fds, O_CLOEXEC))
		return error_sys(err, -errno, "console: pipe");
	ret = spawn(place, handle, fds[1]);
	close(fds[1]);
	if (ret)
		error_sys(err, ret, "console: " DRAINER_NAME);
	else
		ret = wait_ready(fds[0], err);
	close(fds[0]);
	return ret;
}

int drainer_start(const struct console_place *place, const uint8_t *handle,
		  struct error *err)
{
	/* If chaosd can't, for whatever reason, a process of its own does it. */
	if (!daemon_console_open(place->domid, handle, err))
		return 0;
	return drainer_start_own(place, handle, err);
}

/*
 * A descriptor of the process that listens at the other end of @sock, or
 * -ESRCH. As long as the connection stands when we have it, the process is the
 * right one: its end of the connection dies with it.
 */
static int peer_pidfd(int sock, pid_t but)
{
	struct pollfd pfd = { .fd = sock };
	struct ucred peer;
	socklen_t len = sizeof(peer);
	int pidfd;

	if (getsockopt(sock, SOL_SOCKET, SO_PEERCRED, &peer, &len))
		return -errno;
	if (peer.pid == but)
		return -ESRCH;
	pidfd = pidfd_open(peer.pid, 0);
	if (pidfd < 0)
		return -errno;
	if (!poll(&pfd, 1, 0) || !(pfd.revents & POLLHUP))
		return pidfd;
	close(pidfd);
	return -ESRCH;
}

int drainer_pidfd(uint32_t domid, struct error *err)
{
	int sock, ret;

	sock = daemon_console(domid, SOCK_NONBLOCK, err);
	if (sock < 0)
		return sock;
	ret = peer_pidfd(sock, 0);
	close(sock);
	return ret < 0 ? error_sys(err, ret, "console: who serves it") : ret;
}

void drainer_stop(uint32_t domid, const uint8_t *handle)
{
	struct pollfd pfd = { .events = POLLIN };
	struct error err;
	char path[108];
	int sock;

	if (daemon_console_close(domid, handle))
		return;
	sock = daemon_console(domid, 0, &err);
	if (sock >= 0) {
		/* Never chaosd: it serves other consoles, too. */
		pfd.fd = peer_pidfd(sock, daemon_pid());
		if (pfd.fd >= 0) {
			pidfd_send_signal(pfd.fd, SIGTERM, NULL, 0);
			if (!poll(&pfd, 1, STOP_TIMEOUT_MS)) {
				pidfd_send_signal(pfd.fd, SIGKILL, NULL, 0);
				poll(&pfd, 1, STOP_TIMEOUT_MS);
			}
			close(pfd.fd);
		}
		close(sock);
	}
	console_sock_path(domid, path, sizeof(path));
	unlink(path);
}

/* While we map its memory, no other domain can get its domid. */
static bool is_over(struct xen *xen, uint32_t domid)
{
	struct domain_info info;
	int ret = xen_info(xen, domid, &info);

	return ret ? ret == -ESRCH : info.dying;
}

/* Until the domain is gone, or we are told to end. */
static void serve(struct console *con, struct xen *xen, uint32_t domid,
		  int signal_fd)
{
	struct pollfd pfds[] = {
		{ .fd = con->epfd, .events = POLLIN },
		{ .fd = signal_fd, .events = POLLIN },
	};
	int64_t next = clock_ms() + LOOK_MS;

	while (!pfds[1].revents) {
		int64_t left = next - clock_ms();

		if (left <= 0) {
			if (is_over(xen, domid))
				return;
			next = clock_ms() + LOOK_MS;
			left = LOOK_MS;
		}
		if (poll(pfds, 2, left) > 0 && pfds[0].revents)
			console_run(con);
	}
}

static int block_signals(void)
{
	sigset_t set;

	signal(SIGPIPE, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

int drainer_main(int argc, char **argv)
{
	static struct console con;
	struct console_place place;
	uint8_t handle[UUID_SIZE];
	int signal_fd, ret;
	struct error err;
	struct xen xen;

	if (argc != ARG_COUNT || !uuid_parse(argv[ARG_HANDLE], handle))
		return 2;
	prctl(PR_SET_NAME, DRAINER_NAME);
	umask(077);
	place.name = argv[ARG_NAME];
	place.domid = strtoul(argv[ARG_DOMID], NULL, 10);
	place.gfn = strtoull(argv[ARG_GFN], NULL, 10);
	place.port = strtoul(argv[ARG_PORT], NULL, 10);
	signal_fd = block_signals();
	ret = xen_open(&xen, false, &err);
	if (!ret) {
		ret = console_open(&con, &place, &err);
		if (ret)
			xen_close(&xen);
	}
	if (ret) {
		dprintf(PIPE_FD, "%s", err.text);
		return EXIT_FAILURE;
	}
	dprintf(PIPE_FD, READY);
	close(PIPE_FD);
	/* Another domain may have got the domid meanwhile: that one has its own. */
	if (xen_is_domain(&xen, place.domid, handle))
		serve(&con, &xen, place.domid, signal_fd);
	console_close(&con);
	xen_close(&xen);
	return EXIT_SUCCESS;
}
