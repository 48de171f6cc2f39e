/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_CONSOLE_CONSOLE_H
#define CHAOS_CONSOLE_CONSOLE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/error.h"
#include "xen/console.h"

#define CONSOLE_CLIENTS		16
#define CONSOLE_LOG_MAX		1048576

/**
 * struct console - one guest's console, served to a log and to clients
 * @epfd: becomes readable when console_run() has something to do
 * @listen_fd: socket for new clients
 * @timer_fd: ends a pause that a noisy guest was given
 * @log_fd: log of all that the guest prints, or -1
 * @log_size: its size
 * @log_path: its path
 * @sock_path: path of the socket
 * @ring: what the guest shares with us
 * @period: when the present period began, ms of CLOCK_MONOTONIC
 * @budget: events that the guest may still send in it
 * @paused: it has sent too many; the channel is masked
 * @stalled: clients have input for which the ring had no room
 * @clients: sockets, or -1
 * @victim: which of them makes room for the next one
 */
struct console {
	int epfd;
	int listen_fd;
	int timer_fd;
	int log_fd;
	size_t log_size;
	char log_path[PATH_MAX];
	char sock_path[108];
	struct ring ring;
	int64_t period;
	unsigned int budget;
	bool paused;
	bool stalled;
	int clients[CONSOLE_CLIENTS];
	unsigned int victim;
};

/**
 * struct console_place - where a guest's console is
 * @domid: the domain
 * @name: of the guest
 * @gfn: frame of the ring, as the foreign memory interface takes it
 * @port: the guest's event channel
 */
struct console_place {
	uint32_t domid;
	const char *name;
	uint64_t gfn;
	uint32_t port;
};

/**
 * console_open() - map a guest's console, and begin to serve it
 * @con: out; to be closed with console_close(), unless this fails
 * @place: where it is
 * @err: out: the reason of a failure
 *
 * It keeps the domain's memory from being freed until it is closed.
 *
 * Return: 0 or a negative errno.
 */
int console_open(struct console *con, const struct console_place *place,
		 struct error *err);

/**
 * console_run() - do what there is to do, and not wait
 * @con: an open console
 *
 * To be called when @con->epfd is readable. What it does is bounded, whatever
 * guest and clients do.
 */
void console_run(struct console *con);

/**
 * console_close() - take the last of what the guest printed, and unmap it
 * @con: an open console
 */
void console_close(struct console *con);

/**
 * console_log_path() - the log of a guest's console
 * @name: of the guest
 * @path: out
 * @size: of @path
 */
void console_log_path(const char *name, char *path, size_t size);

/**
 * console_log_rename() - have the log called as the guest is
 * @former: name of the guest
 * @name: its new name
 *
 * Whoever writes it goes on, also to the next one when it is full.
 */
void console_log_rename(const char *former, const char *name);

/**
 * console_sock_path() - where a guest's console is served
 * @domid: the domain
 * @path: out
 * @size: of @path
 */
void console_sock_path(uint32_t domid, char *path, size_t size);

#endif /* CHAOS_CONSOLE_CONSOLE_H */
