// SPDX-License-Identifier: GPL-2.0
/*
 * chaos/console/console.c: what is typed arrives, however much the guest prints, and
 * however slowly it reads. The guest's ring and its channel are played here.
 */
#include "harness.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "console/console.h"

#define ROUNDS		6
#define STEPS		2000
#define CLIENTS		3
#define QUIET_MS	300	/* more than a pause of a noisy guest's */

/* What the guest has read, and what there is for it; what it has printed. */
static size_t has_read, unread, printed;
/* The channel: one event at a time, and none before it is armed. */
static bool pending, armed;
static int event_fd = -1;
static struct sockaddr_un address;

int __wrap_bind(int fd, struct sockaddr *where, socklen_t size);
int __real_bind(int fd, const struct sockaddr *where, socklen_t size);
int __wrap_unlink(const char *path);
int __wrap_open(const char *path, int flags, ...);
int __real_open(const char *path, int flags, ...);

int __wrap_bind(int fd, struct sockaddr *where, socklen_t size)
{
	(void)where;
	(void)size;
	return __real_bind(fd, (struct sockaddr *)&address,
			   offsetof(struct sockaddr_un, sun_path) + 16);
}

int __wrap_unlink(const char *path)
{
	(void)path;
	return 0;
}

/* It has no log, which does no harm. */
int __wrap_open(const char *path, int flags, ...)
{
	errno = EACCES;
	return strstr(path, ".log") ? -1 : __real_open(path, flags);
}

static void deliver(void)
{
	if (!pending || !armed)
		return;
	pending = false;
	armed = false;
	assert_int_equal(eventfd_write(event_fd, 1), 0);
}

static void guest_notifies(void)
{
	pending = true;
	deliver();
}

int ring_open(struct ring *ring, uint32_t domid, uint64_t gfn, uint32_t port,
	      struct error *err)
{
	(void)ring;
	(void)domid;
	(void)gfn;
	(void)port;
	(void)err;
	event_fd = eventfd(0, EFD_NONBLOCK);
	assert_true(event_fd >= 0);
	armed = true;
	pending = false;
	return 0;
}

void ring_close(struct ring *ring)
{
	(void)ring;
	close(event_fd);
}

int ring_fd(const struct ring *ring)
{
	(void)ring;
	return event_fd;
}

bool ring_take_event(struct ring *ring)
{
	eventfd_t count;

	(void)ring;
	return !eventfd_read(event_fd, &count);
}

void ring_rearm(struct ring *ring)
{
	(void)ring;
	armed = true;
	deliver();
}

size_t ring_take(struct ring *ring, char *bytes)
{
	size_t len = printed;

	(void)ring;
	memset(bytes, 'x', len);
	printed = 0;
	return len;
}

size_t ring_room(const struct ring *ring)
{
	(void)ring;
	return RING_IN_SIZE - unread;
}

void ring_put(struct ring *ring, const char *bytes, size_t len)
{
	(void)ring;
	(void)bytes;
	unread += len;
	assert_true(unread <= RING_IN_SIZE);
}

/* As Linux does: it tells us when it has read something, and not else. */
static void guest_reads(size_t len)
{
	if (len > unread)
		len = unread;
	if (!len)
		return;
	unread -= len;
	has_read += len;
	guest_notifies();
}

static void guest_prints(size_t len)
{
	if (len > RING_OUT_SIZE - printed)
		len = RING_OUT_SIZE - printed;
	printed += len;
	guest_notifies();
}

static int connect_client(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	assert_int_equal(connect(fd, (struct sockaddr *)&address,
				 offsetof(struct sockaddr_un, sun_path) + 16),
			 0);
	return fd;
}

static size_t type(int client, size_t len)
{
	static const char bytes[3000];
	ssize_t done = send(client, bytes, len, MSG_NOSIGNAL);

	return done < 0 ? 0 : done;
}

/* Output that nobody reads is lost: most clients read some of it. */
static void look(int client)
{
	char bytes[4096];

	while (recv(client, bytes, sizeof(bytes), 0) > 0)
		;
}

static bool run(struct console *con, int timeout)
{
	struct pollfd pfd = { .fd = con->epfd, .events = POLLIN };

	if (poll(&pfd, 1, timeout) <= 0)
		return false;
	console_run(con);
	return true;
}

static void one_round(void)
{
	const struct console_place place = { .domid = 7, .name = "g" };
	int clients[CLIENTS], i, nr;
	static struct console con;
	size_t typed = 0;
	struct error err;

	has_read = 0;
	unread = 0;
	printed = 0;
	assert_int_equal(console_open(&con, &place, &err), 0);
	for (nr = 0; nr < CLIENTS; nr++)
		clients[nr] = connect_client();
	for (i = 0; i < STEPS; i++) {
		nr = random() % CLIENTS;
		switch (random() % 8) {
		case 0:
			typed += type(clients[nr], random() % 3000);
			break;
		case 1:
			guest_reads(random() % 600);
			break;
		case 2:
			look(clients[nr]);
			break;
		case 3:
			if (random() % 50)
				break;
			/* What was typed before still arrives. */
			close(clients[nr]);
			clients[nr] = connect_client();
			break;
		case 4:
			guest_prints(random() % 700);
			break;
		default:
			run(&con, 0);
		}
	}
	do
		guest_reads(unread);
	while (run(&con, QUIET_MS));
	assert_int_equal(has_read, typed);
	assert_false(con.stalled);
	console_close(&con);
	for (nr = 0; nr < CLIENTS; nr++)
		close(clients[nr]);
}

static void test_input_arrives(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < ROUNDS; i++)
		one_round();
}

/* A guest that reads nothing costs those their places who are there, last of all. */
static void test_places(void **state)
{
	const struct console_place place = { .domid = 7, .name = "g" };
	static struct console con;
	struct error err;
	int client, fd, i;
	char byte;

	(void)state;
	has_read = 0;
	unread = 0;
	assert_int_equal(console_open(&con, &place, &err), 0);
	client = connect_client();
	assert_int_equal(type(client, RING_IN_SIZE), RING_IN_SIZE);
	for (i = 0; i < 3 * CONSOLE_CLIENTS; i++) {
		fd = connect_client();
		assert_int_equal(type(fd, 1), 1);
		close(fd);
		while (run(&con, 0))
			;
	}
	assert_int_equal(recv(client, &byte, 1, 0), -1);
	assert_int_equal(errno, EAGAIN);
	do
		guest_reads(unread);
	while (run(&con, 0));
	/* Those that were there last. */
	assert_int_equal(has_read, RING_IN_SIZE + CONSOLE_CLIENTS - 1);
	console_close(&con);
	close(client);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_input_arrives),
		cmocka_unit_test(test_places),
	};

	address.sun_family = AF_UNIX;
	snprintf(address.sun_path + 1, sizeof(address.sun_path) - 1, "chaos%010d",
		 getpid());
	return cmocka_run_group_tests(tests, NULL, NULL);
}
