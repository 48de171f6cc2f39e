// SPDX-License-Identifier: GPL-2.0
/*
 * guest-exec [-t SEC] [-i] NAME|DOMID|SOCKET COMMAND…
 *
 * Run a command in a guest, over its console, as if it ran here: its output,
 * error output, exit status and (with -i) input are this program's.  Waits
 * until the guest has booted so far that it can, and for its turn when another
 * guest-exec is at work in the same guest.
 *
 * Exit status: the command's; 124 if it did not end within SEC seconds (120);
 * 125 if the guest's console cannot be reached.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "io.h"
#include "link.h"

#define FAILED		125
#define LATE		124
#define CONSOLES	"/run/chaos/console"
#define LOCKS		"/run/guest-exec"
#define PATH_SIZE	sizeof(((struct sockaddr_un *)0)->sun_path)
#define LIST		"chaos list -j"
#define NAMES		"/run/chaos/names"

static struct link agent;
static double deadline;
static const char *guest;
static int result = -1;

static void __attribute__((noreturn, format(printf, 2, 3)))
fail(int code, const char *format, ...)
{
	va_list args;

	fprintf(stderr, "guest-exec: %s: ", guest);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(code);
}

static void check_time(const char *what)
{
	if (seconds() > deadline)
		fail(LATE, "%s", what);
}

static void pause_briefly(void)
{
	poll(NULL, 0, 50);
}

/*
 * The value of KEY in the JSON object at P, up to its end, or NULL.  The
 * list's objects are flat, and its keys are no values.
 */
static const char *value_of(const char *p, const char *end, const char *key)
{
	char quoted[32];
	const char *at;

	snprintf(quoted, sizeof(quoted), "\"%s\"", key);
	at = memmem(p, end - p, quoted, strlen(quoted));
	if (!at)
		return NULL;
	at += strlen(quoted);
	return at + strspn(at, " \t\n:");
}

/* The domid that chaos has noted with a name, or -1. To ask chaos takes longer. */
static int noted_guest(const char *name)
{
	char path[256];
	int domid = -1;
	FILE *note;

	snprintf(path, sizeof(path), NAMES "/%s", name);
	note = fopen(path, "re");
	if (!note)
		return -1;
	if (fscanf(note, "%d", &domid) != 1)
		domid = -1;
	fclose(note);
	return domid;
}

/* The domid of a guest by its name, or -1. */
static int find_guest(const char *name)
{
	static char text[1 << 20];
	char quoted[256];
	const char *p, *end;
	size_t len;
	FILE *list;

	list = popen(LIST, "re");
	if (!list)
		fail(FAILED, "%s: %s", LIST, strerror(errno));
	len = fread(text, 1, sizeof(text) - 1, list);
	text[len] = '\0';
	if (pclose(list))
		fail(FAILED, "%s failed", LIST);

	snprintf(quoted, sizeof(quoted), "\"%s\"", name);
	for (p = text; (p = strchr(p, '{')); p = end) {
		const char *value;

		end = strchrnul(p, '}');
		value = value_of(p, end, "name");
		if (!value || strncmp(value, quoted, strlen(quoted)))
			continue;
		value = value_of(p, end, "domid");
		return value ? atoi(value) : -1;
	}
	return -1;
}

/* Only one of these at a time in each guest. */
static void lock_guest(const char *path)
{
	char lock[256], *p;
	int fd;

	mkdir(LOCKS, 0700);
	snprintf(lock, sizeof(lock), "%s/%s", LOCKS, path);
	for (p = lock + strlen(LOCKS) + 1; *p; p++)
		if (*p == '/')
			*p = '_';
	fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		fail(FAILED, "%s: %s", lock, strerror(errno));
	while (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		check_time("still busy with another command");
		pause_briefly();
	}
}

/* Connect to the socket; the console may be about to appear. */
static int open_console(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd;

	strcpy(addr.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	while (connect(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0) {
		if (errno != ENOENT && errno != ECONNREFUSED &&
		    errno != EAGAIN)
			fail(FAILED, "%s: %s", path, strerror(errno));
		if (seconds() > deadline)
			fail(FAILED, "%s: %s", path, strerror(errno));
		pause_briefly();
	}
	return fd;
}

static bool handle(struct link *from, const struct link_frame *frame)
{
	(void)from;
	switch (frame->type) {
	case LINK_STDOUT:
	case LINK_STDERR:
		/* A closed pipe ends this program, and so the command. */
		if (write_all(frame->type == LINK_STDOUT ? 1 : 2, frame->data,
			      frame->len) < 0)
			exit(128 + SIGPIPE);
		break;
	case LINK_EXIT:
		result = atoi(frame->data);
		break;
	}
	return true;
}

/* Exchange frames for a while; input is sent if it is WANTED. */
static void exchange(bool *wanted)
{
	struct pollfd p[] = {
		{ .fd = agent.fd, .events = POLLIN },
		{ .fd = *wanted && link_open(&agent) ? 0 : -1, .events = POLLIN },
	};
	char data[LINK_DATA];
	ssize_t n;

	poll(p, 2, 250);
	if (p[0].revents && !link_receive(&agent, false, handle))
		fail(FAILED, "the console has closed");
	if (p[1].revents) {
		n = read(0, data, sizeof(data));
		if (n > 0) {
			link_send(&agent, LINK_STDIN, data, n);
		} else if (!n || (errno != EAGAIN && errno != EINTR)) {
			link_send(&agent, LINK_STDIN_EOF, "", 0);
			*wanted = false;
		}
	}
	link_tick(&agent);
	check_time("no end of the command in time");
}

static void send_words(char **argv)
{
	bool no_input = false;
	char buf[65536];
	size_t len = 0, off, n;

	for (; *argv; argv++) {
		n = strlen(*argv) + 1;
		if (len + n > sizeof(buf))
			fail(FAILED, "the command is too long");
		memcpy(buf + len, *argv, n);
		len += n;
	}
	for (off = 0; off < len; off += n) {
		n = len - off < LINK_DATA ? len - off : LINK_DATA;
		while (!link_open(&agent))
			exchange(&no_input);
		link_send(&agent, LINK_WORDS, buf + off, n);
	}
	while (!link_open(&agent))
		exchange(&no_input);
	link_send(&agent, LINK_GO, "", 0);
}

int main(int argc, char **argv)
{
	bool input = false;
	char path[PATH_SIZE], token[9];
	uint32_t number;
	int timeout = 120, opt, domid;
	char *end;

	while ((opt = getopt(argc, argv, "+t:i")) != -1)
		switch (opt) {
		case 't':
			timeout = atoi(optarg);
			break;
		case 'i':
			input = true;
			break;
		default:
			return FAILED;
		}
	if (argc - optind < 2) {
		fprintf(stderr, "usage: guest-exec [-t SEC] [-i] NAME|DOMID|SOCKET COMMAND...\n");
		return FAILED;
	}
	guest = argv[optind];
	deadline = seconds() + timeout;

	if (strchr(guest, '/')) {
		if (strlen(guest) >= sizeof(path))
			fail(FAILED, "the name of the socket is too long");
		strcpy(path, guest);
	} else {
		domid = strtol(guest, &end, 10);
		if (*end)
			domid = noted_guest(guest);
		if (domid < 0)
			domid = find_guest(guest);
		if (domid < 0)
			fail(FAILED, "no such guest");
		snprintf(path, sizeof(path), CONSOLES "/%d.sock", domid);
	}
	lock_guest(path);

	if (getrandom(&number, sizeof(number), 0) != sizeof(number))
		number = getpid() ^ time(NULL);
	sprintf(token, "%08x", number);
	link_init(&agent, open_console(path), '>', '<');
	link_reset(&agent, token);
	send_words(argv + optind + 1);
	if (!input)
		link_send(&agent, LINK_STDIN_EOF, "", 0);
	while (result < 0)
		exchange(&input);
	return result;
}
