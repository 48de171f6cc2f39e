// SPDX-License-Identifier: GPL-2.0
/*
 * run [-t SEC] [-b SEC] -v VERDICT -l LOGS QEMU… -- COMMAND…
 *
 * Starts QEMU with one end of a socket as descriptor 3 and runs COMMAND in
 * dom0 through agent.c at the other end; its input, output and exit status
 * become this program's own.  In the end it becomes VERDICT, which looks at
 * the logs and decides the exit status:
 *
 *	VERDICT LOGS exit STATUS	the command ended
 *	VERDICT LOGS deadline 0		it did not in time
 *	VERDICT LOGS boot SEC		dom0 did not come up within SEC seconds
 *	VERDICT LOGS died READY		QEMU ended of itself
 *	VERDICT LOGS signal NUMBER	somebody wants this to end
 *
 * QEMU never outlives this program, whatever ends it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "frame.h"
#include "io.h"

#define QEMU_FD		3
#define RIG_FAILED	125
#define LATE_SECONDS	30	/* to save logs after the deadline */

static const char *logs, *verdict;
static int sock = -1;		/* to QEMU, and through it to agent.c */
static int kmsg_log = -1;
static pid_t qemu;
static bool ready, tty, in_eof, late;
static struct termios cooked;
static double ready_at;

/* What is yet to be sent to dom0. */
static char out_buf[2 * (sizeof(struct frame) + FRAME_MAX)];
static size_t out_len, out_off;

/* What has come from dom0, up to one incomplete frame. */
static char in_buf[2 * (sizeof(struct frame) + FRAME_MAX)];
static size_t in_len;

static volatile sig_atomic_t got_signal, got_resize;

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

static void on_signal(int sig)
{
	if (sig == SIGWINCH)
		got_resize = 1;
	else if (sig != SIGALRM)
		got_signal = sig;
}

static void end_qemu(void)
{
	if (qemu > 0) {
		kill(qemu, SIGKILL);
		waitpid(qemu, NULL, 0);
	}
	if (tty)
		tcsetattr(0, TCSANOW, &cooked);
}

static void __attribute__((noreturn)) fail(const char *what)
{
	int err = errno;

	end_qemu();
	fprintf(stderr, "xenhost: %s: %s\n", what, strerror(err));
	exit(RIG_FAILED);
}

/* End QEMU and become the verdict. */
static void __attribute__((noreturn)) finish(const char *how, int number)
{
	static const struct itimerval never;
	char word[32];

	end_qemu();
	setitimer(ITIMER_REAL, &never, NULL);
	snprintf(word, sizeof(word), "%d", number);
	execl(verdict, verdict, logs, how, word, NULL);
	fail(verdict);
}

static void save_boot_seconds(double since)
{
	char path[PATH_MAX];
	FILE *f;

	ready_at = now();
	snprintf(path, sizeof(path), "%s/boot-seconds", logs);
	f = fopen(path, "we");
	if (f) {
		fprintf(f, "%.1f\n", ready_at - since);
		fclose(f);
	}
}

static void queue_frame(uint8_t type, const void *data, uint32_t len)
{
	struct frame head = { .type = type, .len = len };

	memcpy(out_buf + out_len, &head, sizeof(head));
	memcpy(out_buf + out_len + sizeof(head), data, len);
	out_len += sizeof(head) + len;
}

static void flush_out(void)
{
	while (out_off < out_len) {
		ssize_t n = send(sock, out_buf + out_off, out_len - out_off,
				 MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n < 0)
			return;	/* the reading side sees what is wrong */
		out_off += n;
	}
	out_off = 0;
	out_len = 0;
}

static void get_size(struct run_head *head)
{
	struct winsize ws = { 0 };

	memset(head, 0, sizeof(*head));
	if (tty && !ioctl(1, TIOCGWINSZ, &ws)) {
		head->rows = ws.ws_row ? ws.ws_row : 24;
		head->cols = ws.ws_col ? ws.ws_col : 80;
	}
}

static void queue_command(char **argv)
{
	static char data[FRAME_MAX];
	struct run_head head;
	size_t len = sizeof(head);

	get_size(&head);
	memcpy(data, &head, sizeof(head));
	for (; *argv; argv++) {
		size_t n = strlen(*argv) + 1;

		if (len + n > sizeof(data)) {
			errno = E2BIG;
			fail("command");
		}
		memcpy(data + len, *argv, n);
		len += n;
	}
	queue_frame(FRAME_RUN, data, len);
}

static void read_stdin(void)
{
	char buf[FRAME_MAX];
	ssize_t n;

	n = read(0, buf, sizeof(buf));
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n > 0) {
		queue_frame(FRAME_STDIN, buf, n);
	} else {
		queue_frame(FRAME_STDIN_EOF, "", 0);
		in_eof = true;
	}
}

static void check_time(double deadline);

/*
 * Write what the command printed.  This may block as the command itself would;
 * the interval timer sees to it that the deadline holds all the same.
 */
static void put(int fd, const char *p, size_t len, double deadline)
{
	static bool closed[3];
	char which = fd;

	while (len && !closed[fd]) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EAGAIN) {
			struct pollfd pfd = { .fd = fd, .events = POLLOUT };

			poll(&pfd, 1, 1000);
		}
		if (n < 0 && (errno == EINTR || errno == EAGAIN)) {
			check_time(deadline);
			continue;
		}
		if (n < 0) {
			/* Let the command see the same broken pipe. */
			closed[fd] = true;
			if (out_len + sizeof(struct frame) + 1 <= sizeof(out_buf))
				queue_frame(FRAME_CLOSE, &which, 1);
			return;
		}
		p += n;
		len -= n;
	}
}

/* Act on the complete frames in in_buf. */
static void handle_frames(double deadline)
{
	struct frame head;
	size_t off = 0;
	uint32_t status;
	const char *data;

	while (in_len - off >= sizeof(head)) {
		memcpy(&head, in_buf + off, sizeof(head));
		if (head.len > FRAME_MAX) {
			errno = EPROTO;
			fail("dom0's agent");
		}
		if (in_len - off < sizeof(head) + head.len)
			break;
		data = in_buf + off + sizeof(head);
		switch (head.type) {
		case FRAME_READY:
			ready = true;
			break;
		case FRAME_STDOUT:
			put(1, data, head.len, deadline);
			break;
		case FRAME_STDERR:
			put(2, data, head.len, deadline);
			break;
		case FRAME_KMSG:
			write_all(kmsg_log, data, head.len);
			break;
		case FRAME_EXIT:
			if (late)
				finish("deadline", 0);
			memcpy(&status, data, sizeof(status));
			finish("exit", WIFSIGNALED(status) ?
			       128 + WTERMSIG(status) : WEXITSTATUS(status));
		}
		off += sizeof(head) + head.len;
	}
	memmove(in_buf, in_buf + off, in_len - off);
	in_len -= off;
}

/* False when QEMU has closed its end. */
static bool read_sock(double deadline)
{
	ssize_t n = recv(sock, in_buf + in_len, sizeof(in_buf) - in_len,
			 MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	if (n <= 0)
		return false;
	in_len += n;
	handle_frames(deadline);
	return true;
}

/* Before the end of a run that hangs, dom0 shall save what may tell why. */
static void save_logs(void)
{
	double until = now() + LATE_SECONDS;
	struct pollfd p = { .fd = sock, .events = POLLIN };

	if (!ready || out_len)
		return;
	queue_frame(FRAME_DEADLINE, "", 0);
	while (now() < until) {
		flush_out();
		poll(&p, 1, 500);
		if (p.revents && !read_sock(until + 1))
			return;
	}
}

static void check_time(double deadline)
{
	if (got_signal)
		finish("signal", got_signal);
	if (now() < deadline || late)
		return;
	late = true;
	save_logs();
	finish("deadline", 0);
}

static void start_qemu(char **argv)
{
	pid_t parent = getpid();
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		fail("socketpair");
	sock = pair[0];
	qemu = fork();
	if (qemu < 0)
		fail("fork");
	if (qemu) {
		close(pair[1]);
		return;
	}

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(RIG_FAILED);
	/* A terminal's interrupt is for this program to act on. */
	setpgid(0, 0);
	signal(SIGPIPE, SIG_DFL);
	if (pair[1] == QEMU_FD)
		fcntl(QEMU_FD, F_SETFD, 0);
	else
		dup2(pair[1], QEMU_FD);
	if (dup2(open("/dev/null", O_RDONLY), 0) < 0 ||
	    dup2(open("qemu.log", O_WRONLY | O_CREAT | O_APPEND, 0644), 1) < 0 ||
	    dup2(1, 2) < 0)
		_exit(RIG_FAILED);
	execvp(argv[0], argv);
	perror(argv[0]);
	_exit(RIG_FAILED);
}

static void catch_signals(void)
{
	/* No SA_RESTART: a blocked write must notice. */
	struct sigaction sa = { .sa_handler = on_signal };
	static const int list[] = {
		SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGALRM, SIGWINCH,
	};
	struct itimerval tick = {
		.it_interval.tv_sec = 1, .it_value.tv_sec = 1,
	};
	size_t i;

	for (i = 0; i < sizeof(list) / sizeof(list[0]); i++)
		sigaction(list[i], &sa, NULL);
	signal(SIGPIPE, SIG_IGN);
	setitimer(ITIMER_REAL, &tick, NULL);
}

static void open_terminal(void)
{
	struct termios raw;

	tty = isatty(0) && isatty(1) && !tcgetattr(0, &cooked);
	if (!tty)
		return;
	raw = cooked;
	cfmakeraw(&raw);
	tcsetattr(0, TCSANOW, &raw);
}

static void run(char **command, double start, int timeout, int boot_timeout)
{
	double deadline = start + timeout;
	struct run_head size;

	for (;;) {
		struct pollfd p[] = {
			{ .fd = sock, .events = POLLIN |
				(out_len ? POLLOUT : 0) },
			{ .fd = ready && !out_len && !in_eof ? 0 : -1,
			  .events = POLLIN },
		};
		bool was_ready = ready;

		if (poll(p, 2, 1000) < 0)
			memset(p, 0, sizeof(p));
		check_time(deadline);
		if (!ready && now() > start + boot_timeout)
			finish("boot", boot_timeout);
		if (p[0].revents && !read_sock(deadline))
			finish("died", ready);
		if (ready && !was_ready) {
			save_boot_seconds(start);
			open_terminal();
			queue_command(command);
		} else if (p[1].revents) {
			read_stdin();
		}
		if (got_resize && tty && !out_len) {
			got_resize = 0;
			get_size(&size);
			queue_frame(FRAME_RESIZE, &size, sizeof(size));
		}
		flush_out();
	}
}

int main(int argc, char **argv)
{
	int timeout = 600, boot_timeout = 300, opt, i;

	while ((opt = getopt(argc, argv, "+t:b:v:l:")) != -1)
		switch (opt) {
		case 't':
			timeout = atoi(optarg);
			break;
		case 'b':
			boot_timeout = atoi(optarg);
			break;
		case 'v':
			verdict = optarg;
			break;
		case 'l':
			logs = optarg;
			break;
		default:
			return RIG_FAILED;
		}
	for (i = optind; i < argc && strcmp(argv[i], "--"); i++)
		;
	if (!verdict || !logs || i == optind || i + 1 >= argc) {
		fprintf(stderr, "usage: run -v VERDICT -l LOGS QEMU... -- COMMAND...\n");
		return RIG_FAILED;
	}
	argv[i] = NULL;

	if (chdir(logs) < 0)
		fail(logs);
	kmsg_log = open("dom0.log", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
			0644);
	if (kmsg_log < 0)
		fail("dom0.log");
	catch_signals();
	start_qemu(argv + optind);
	run(argv + i + 1, now(), timeout, boot_timeout);
}
