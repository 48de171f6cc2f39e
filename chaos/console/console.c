// SPDX-License-Identifier: GPL-2.0
/*
 * One guest's console: the ring that it shares with us, a log, and clients on
 * a socket. A poll loop owns it and calls console_run(); nothing here waits.
 *
 * The guest writes its indices, and everything else in the page, at any time.
 * So does a client with its bytes. Neither can make us do more than a bounded
 * amount of work: an event costs at most one ring's worth of copying, a guest
 * has EVENTS_MAX of them in PERIOD_MS, a client gets what fits into its
 * socket's buffer and loses the rest, and its input waits in that buffer until
 * the ring has room.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <unistd.h>

#include "console/console.h"
#include "util/accept.h"
#include "util/chaos.h"
#include "util/util.h"

#define PERIOD_MS	100
#define EVENTS_MAX	100

/* What an event of epoll is about; a client's number is added to the last. */
enum source {
	SOURCE_EVTCHN,
	SOURCE_LISTEN,
	SOURCE_TIMER,
	SOURCE_CLIENT,
};

void console_sock_path(uint32_t domid, char *path, size_t size)
{
	snprintf(path, size, STATE_CONSOLE_DIR "/%u.sock", domid);
}

void console_log_path(const char *name, char *path, size_t size)
{
	snprintf(path, size, "%s/console-%s.log", CHAOS_LOG_DIR, name);
}

static void old_log_path(const char *path, char *old, size_t size)
{
	snprintf(old, size, "%s.1", path);
}

void console_log_rename(const char *former, const char *name)
{
	char from[PATH_MAX], to[PATH_MAX];
	char old_from[PATH_MAX + 8], old_to[PATH_MAX + 8];

	console_log_path(former, from, sizeof(from));
	console_log_path(name, to, sizeof(to));
	old_log_path(from, old_from, sizeof(old_from));
	old_log_path(to, old_to, sizeof(old_to));
	/* A former guest's log may stay if there is room for it. */
	rename(to, old_to);
	rename(old_from, old_to);
	rename(from, to);
}

static int watch(struct console *con, int fd, uint32_t events,
		 unsigned int source)
{
	struct epoll_event event = { .events = events, .data.u32 = source };

	return epoll_ctl(con->epfd, EPOLL_CTL_ADD, fd, &event) ? -errno : 0;
}

static void drop_client(struct console *con, unsigned int nr)
{
	close(con->clients[nr]);
	con->clients[nr] = -1;
}

static bool has_gone(int fd)
{
	struct pollfd pfd = { .fd = fd };

	return poll(&pfd, 1, 0) > 0;
}

/* The newest client always gets in; if all places are taken, another goes. */
static unsigned int find_place(struct console *con)
{
	unsigned int nr;

	for (nr = 0; nr < CONSOLE_CLIENTS; nr++)
		if (con->clients[nr] < 0)
			return nr;
	/* First of all one that waits only for the guest to read what it said. */
	for (nr = 0; nr < CONSOLE_CLIENTS; nr++)
		if (has_gone(con->clients[nr]))
			break;
	if (nr == CONSOLE_CLIENTS)
		nr = con->victim++ % CONSOLE_CLIENTS;
	drop_client(con, nr);
	return nr;
}

static void accept_client(struct console *con)
{
	unsigned int nr;
	bool last;
	int fd;

	fd = accept_one(con->listen_fd, &last);
	if (fd < 0)
		return;
	if (last) {
		close(fd);
		accept_reserve();
		return;
	}
	nr = find_place(con);
	if (!con->stalled && watch(con, fd, EPOLLIN, SOURCE_CLIENT + nr))
		close(fd);
	else
		con->clients[nr] = fd;
}

/* While there is no room in the ring, clients aren't listened to. */
static void set_stalled(struct console *con, bool stalled)
{
	unsigned int nr;

	con->stalled = stalled;
	for (nr = 0; nr < CONSOLE_CLIENTS; nr++) {
		int fd = con->clients[nr];

		if (fd < 0)
			continue;
		if (stalled)
			epoll_ctl(con->epfd, EPOLL_CTL_DEL, fd, NULL);
		else if (watch(con, fd, EPOLLIN, SOURCE_CLIENT + nr))
			drop_client(con, nr);
	}
}

static void open_log(struct console *con)
{
	struct stat info;

	con->log_fd = open(con->log_path,
			   O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	con->log_size = 0;
	if (con->log_fd >= 0 && !fstat(con->log_fd, &info))
		con->log_size = info.st_size;
}

/* Its guest may have another name by now, and so the log. */
static void refresh_log_path(struct console *con)
{
	char link[32], path[PATH_MAX], there[PATH_MAX];
	ssize_t len;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", con->log_fd);
	len = readlink(link, path, sizeof(path) - 1);
	if (con->log_fd < 0 || len < 0)
		return;
	path[len] = '\0';
	/* Else it was deleted, and has no path. */
	if (realpath(path, there))
		strcpy(con->log_path, there);
}

/* A log that can't be written loses lines; the guest must not notice. */
static void log_bytes(struct console *con, const char *bytes, size_t len)
{
	char old[PATH_MAX + 8];
	ssize_t done;

	if (con->log_size + len > CONSOLE_LOG_MAX) {
		refresh_log_path(con);
		old_log_path(con->log_path, old, sizeof(old));
		rename(con->log_path, old);
		if (con->log_fd >= 0)
			close(con->log_fd);
		open_log(con);
	}
	if (con->log_fd < 0)
		return;
	done = write(con->log_fd, bytes, len);
	if (done > 0)
		con->log_size += done;
}

/*
 * One that has gone hears no more, but what it has said may not have been read: it is
 * dropped when there is no more of that.
 */
static void send_bytes(struct console *con, const char *bytes, size_t len)
{
	unsigned int nr;

	for (nr = 0; nr < CONSOLE_CLIENTS; nr++)
		if (con->clients[nr] >= 0)
			(void)!send(con->clients[nr], bytes, len,
				    MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void drain_ring(struct console *con)
{
	char bytes[RING_OUT_SIZE];
	size_t len;

	len = ring_take(&con->ring, bytes);
	if (!len)
		return;
	log_bytes(con, bytes, len);
	send_bytes(con, bytes, len);
}

static void read_client(struct console *con, unsigned int nr)
{
	size_t room = ring_room(&con->ring);
	char bytes[RING_IN_SIZE];
	ssize_t len;

	if (!room) {
		set_stalled(con, true);
		return;
	}
	len = recv(con->clients[nr], bytes, room, MSG_DONTWAIT);
	if (len < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (len <= 0) {
		drop_client(con, nr);
		return;
	}
	ring_put(&con->ring, bytes, len);
}

static void look_at_ring(struct console *con)
{
	drain_ring(con);
	if (con->stalled && ring_room(&con->ring))
		set_stalled(con, false);
}

static void take_event(struct console *con)
{
	const struct itimerspec pause = {
		.it_value = { .tv_nsec = PERIOD_MS * 1000000 },
	};
	int64_t now = clock_ms();

	if (!ring_take_event(&con->ring))
		return;
	if (now - con->period >= PERIOD_MS) {
		con->period = now;
		con->budget = EVENTS_MAX;
	}
	if (con->budget) {
		con->budget--;
		ring_rearm(&con->ring);
		look_at_ring(con);
		return;
	}
	con->paused = true;
	timerfd_settime(con->timer_fd, 0, &pause, NULL);
}

static void end_pause(struct console *con)
{
	uint64_t count;

	if (read(con->timer_fd, &count, sizeof(count)) < 0 || !con->paused)
		return;
	con->paused = false;
	con->period = clock_ms();
	con->budget = EVENTS_MAX;
	ring_rearm(&con->ring);
	look_at_ring(con);
}

void console_run(struct console *con)
{
	struct epoll_event events[8];
	int count, i;

	count = epoll_wait(con->epfd, events, 8, 0);
	for (i = 0; i < count; i++) {
		uint32_t source = events[i].data.u32;

		if (source == SOURCE_EVTCHN)
			take_event(con);
		else if (source == SOURCE_LISTEN)
			accept_client(con);
		else if (source == SOURCE_TIMER)
			end_pause(con);
		else if (con->clients[source - SOURCE_CLIENT] >= 0)
			read_client(con, source - SOURCE_CLIENT);
	}
}

static int make_socket(struct console *con, struct error *err)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	con->listen_fd = socket(AF_UNIX,
				SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (con->listen_fd < 0)
		return error_sys(err, -errno, "console: socket");
	strcpy(address.sun_path, con->sock_path);
	/* The domid is new: what is there is left over from another domain. */
	unlink(con->sock_path);
	if (bind(con->listen_fd, (struct sockaddr *)&address,
		 sizeof(address)) || listen(con->listen_fd, CONSOLE_CLIENTS))
		return error_sys(err, -errno, "%s", con->sock_path);
	return 0;
}

static int watch_all(struct console *con, struct error *err)
{
	int ret;

	con->timer_fd = timerfd_create(CLOCK_MONOTONIC,
				       TFD_NONBLOCK | TFD_CLOEXEC);
	con->epfd = epoll_create1(EPOLL_CLOEXEC);
	if (con->timer_fd < 0 || con->epfd < 0)
		return error_sys(err, -errno, "console");
	ret = watch(con, ring_fd(&con->ring), EPOLLIN, SOURCE_EVTCHN);
	if (!ret)
		ret = watch(con, con->listen_fd, EPOLLIN, SOURCE_LISTEN);
	if (!ret)
		ret = watch(con, con->timer_fd, EPOLLIN, SOURCE_TIMER);
	return ret ? error_sys(err, ret, "console") : 0;
}

int console_open(struct console *con, const struct console_place *place,
		 struct error *err)
{
	unsigned int nr;
	int ret;

	memset(con, 0, sizeof(*con));
	con->epfd = -1;
	con->listen_fd = -1;
	con->timer_fd = -1;
	con->log_fd = -1;
	for (nr = 0; nr < CONSOLE_CLIENTS; nr++)
		con->clients[nr] = -1;
	console_sock_path(place->domid, con->sock_path,
			  sizeof(con->sock_path));
	console_log_path(place->name, con->log_path, sizeof(con->log_path));
	accept_reserve();
	ret = ring_open(&con->ring, place->domid, place->gfn, place->port,
			err);
	if (!ret)
		ret = make_socket(con, err);
	if (!ret)
		ret = watch_all(con, err);
	if (ret) {
		console_close(con);
		return ret;
	}
	open_log(con);
	/* What was printed before the channel was bound sent us no event. */
	drain_ring(con);
	return 0;
}

static void close_fd(int fd)
{
	if (fd >= 0)
		close(fd);
}

void console_close(struct console *con)
{
	unsigned int nr;

	if (con->epfd >= 0)
		drain_ring(con);
	ring_close(&con->ring);
	for (nr = 0; nr < CONSOLE_CLIENTS; nr++)
		close_fd(con->clients[nr]);
	if (con->listen_fd >= 0)
		unlink(con->sock_path);
	close_fd(con->listen_fd);
	close_fd(con->timer_fd);
	close_fd(con->log_fd);
	close_fd(con->epfd);
}
