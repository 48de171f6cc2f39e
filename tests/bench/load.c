// SPDX-License-Identifier: GPL-2.0
/*
 * load - work for a network or a disk, done together with "load serve" elsewhere
 *
 *	load serve				there, until it is killed
 *	load WORK ADDRESS COUNT			what is done from here with who is there:
 *		send, receive			so many octets by TCP
 *		turns				an octet there and back, one after the other
 *		datagrams			UDP to there, of 18 octets
 *	load -b BY WORK ADDRESS COUNT		the same, from BY instead of from here
 *	load disk ADDRESS COUNT DEVICE read|write OCTETS DEPTH
 *						so many requests there, at random places,
 *						DEPTH of them at a time
 *	load run ADDRESS COMMAND		there, by the shell: its output and status
 *
 * When all is ready, it stops itself (SIGSTOP), and again when the work is done: what is
 * between is what meter(1) counts. With -n it doesn't stop. Then it says what a guest
 * did, which is the other end, or BY, as "NAME VALUE" lines:
 *
 *	guest_switches		of context
 *	guest_interrupts	of any kind
 *	guest_pages		that were allocated
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define PORT		7000
#define DATAGRAM	18
/* Less than a socket's buffer has room for: none is lost there. */
#define AT_ONCE		32
#define MOST_DEPTH	64

/* What a client asks for first. */
struct request {
	char work;		/* a letter: see above; 'x' for run */
	char by;		/* the server is the client, of who is at peer */
	char write;
	char peer[16];
	char text[512];		/* a device, or a command */
	uint64_t count;
	uint32_t octets;
	uint32_t depth;
};

/* What a kernel has done. */
struct counters {
	uint64_t switches;
	uint64_t interrupts;
	uint64_t pages;
};

/* A work, as one end has it. */
struct job {
	struct request request;
	int fd;
	int udp;
	int disk;
	uint64_t blocks;
	aio_context_t aio;
	char *buffers;
	uint64_t arrived;
};

static char buffer[1 << 16];

static void all(int fd, void *data, size_t left, bool out)
{
	char *at = data;
	ssize_t n;

	while (left) {
		n = out ? write(fd, at, left) : read(fd, at, left);
		if (n <= 0)
			err(1, out ? "write" : "read");
		at += n;
		left -= n;
	}
}

static void say(int fd, char c)
{
	all(fd, &c, 1, true);
}

static char hear(int fd)
{
	char c;

	all(fd, &c, 1, false);
	return c;
}

/* So many octets of no matter what. */
static void pass(int fd, uint64_t octets, bool out)
{
	size_t n;

	for (; octets; octets -= n) {
		n = octets < sizeof(buffer) ? octets : sizeof(buffer);
		all(fd, buffer, n, out);
	}
}

static int open_socket(int type, const char *address)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(PORT) };
	int fd = socket(AF_INET, type, 0), one = 1;

	if (fd < 0)
		err(1, "socket");
	if (address && !inet_aton(address, &in.sin_addr))
		errx(2, "%s is no address", address);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (address ? connect(fd, (void *)&in, sizeof(in)) :
		      bind(fd, (void *)&in, sizeof(in)))
		err(1, "port %d", PORT);
	if (type == SOCK_STREAM)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	return fd;
}

static int ask(const char *address, struct request *request)
{
	int fd = open_socket(SOCK_STREAM, address);

	all(fd, request, sizeof(*request), true);
	return fd;
}

static void count_since(struct counters *counters)
{
	struct counters now = { 0 };
	unsigned long long n;
	char line[4096];
	FILE *file = fopen("/proc/stat", "r");

	if (!file)
		err(1, "/proc/stat");
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "ctxt %llu", &n) == 1)
			now.switches = n;
		else if (sscanf(line, "intr %llu", &n) == 1)
			now.interrupts = n;
	}
	fclose(file);
	file = fopen("/proc/vmstat", "r");
	if (!file)
		err(1, "/proc/vmstat");
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "pgalloc_%*s %llu", &n) == 1)
			now.pages += n;
	}
	fclose(file);
	counters->switches = now.switches - counters->switches;
	counters->interrupts = now.interrupts - counters->interrupts;
	counters->pages = now.pages - counters->pages;
}

static void disk_open(struct job *job)
{
	const struct request *request = &job->request;
	uint64_t size;

	job->disk = open(request->text, O_RDWR | O_DIRECT);
	if (job->disk < 0 || ioctl(job->disk, BLKGETSIZE64, &size))
		err(1, "%s", request->text);
	job->blocks = size / request->octets;
	if (!job->blocks || !request->depth || request->depth > MOST_DEPTH)
		errx(2, "%s: too small a disk, or a depth of more than %d",
		     request->text, MOST_DEPTH);
	job->buffers = aligned_alloc(4096, (size_t)request->octets * request->depth);
	if (!job->buffers)
		err(1, "buffers");
	memset(job->buffers, 0, (size_t)request->octets * request->depth);
	if (syscall(SYS_io_setup, MOST_DEPTH, &job->aio))
		err(1, "io_setup");
}

/* The same places each time. */
static uint64_t place(const struct job *job, uint64_t i)
{
	return (i * 2654435761u ^ i >> 7) % job->blocks * job->request.octets;
}

static void disk_at_once(struct job *job)
{
	const struct request *request = &job->request;
	ssize_t n;
	uint64_t i;

	for (i = 0; i < request->count; i++) {
		n = request->write ?
			pwrite(job->disk, job->buffers, request->octets, place(job, i)) :
			pread(job->disk, job->buffers, request->octets, place(job, i));
		if (n != (ssize_t)request->octets)
			err(1, "%s", request->text);
	}
}

static void disk_submit(struct job *job, struct iocb *iocb, uint64_t i)
{
	struct iocb *list[] = { iocb };

	iocb->aio_offset = place(job, i);
	if (syscall(SYS_io_submit, job->aio, 1, list) != 1)
		err(1, "io_submit");
}

static void disk_deep(struct job *job)
{
	const struct request *request = &job->request;
	struct iocb iocbs[MOST_DEPTH] = { 0 };
	struct io_event events[MOST_DEPTH];
	uint64_t i = 0, done = 0;
	long n, k;

	for (k = 0; k < request->depth && i < request->count; k++) {
		iocbs[k].aio_fildes = job->disk;
		iocbs[k].aio_lio_opcode = request->write ? IOCB_CMD_PWRITE :
							   IOCB_CMD_PREAD;
		iocbs[k].aio_buf = (uintptr_t)job->buffers + k * request->octets;
		iocbs[k].aio_nbytes = request->octets;
		iocbs[k].aio_data = k;
		disk_submit(job, &iocbs[k], i++);
	}
	while (done < request->count) {
		n = syscall(SYS_io_getevents, job->aio, 1, MOST_DEPTH, events, NULL);
		if (n < 1)
			err(1, "io_getevents");
		done += n;
		for (k = 0; k < n; k++) {
			if (events[k].res != request->octets)
				errx(1, "%s: a request ended with %lld", request->text,
				     (long long)events[k].res);
			if (i < request->count)
				disk_submit(job, &iocbs[events[k].data], i++);
		}
	}
}

static void prepare(struct job *job);
static void work(struct job *job);
static void result(struct job *job, struct counters *counters);

static void datagrams_receive(struct job *job)
{
	char more;

	do {
		more = hear(job->fd);
		while (recv(job->udp, buffer, DATAGRAM, MSG_DONTWAIT) > 0)
			job->arrived++;
		say(job->fd, 0);
	} while (more);
}

static void datagrams_send(struct job *job)
{
	uint64_t i, count = job->request.count;

	for (i = 0; i < count; i++) {
		if (send(job->udp, buffer, DATAGRAM, 0) < 0)
			err(1, "send");
		if (i % AT_ONCE == AT_ONCE - 1 && i + 1 < count) {
			say(job->fd, 1);
			hear(job->fd);
		}
	}
	say(job->fd, 0);
	hear(job->fd);
}

static int run_command(struct job *job)
{
	int status;

	dup2(job->fd, STDOUT_FILENO);
	dup2(job->fd, STDERR_FILENO);
	status = system(job->request.text);
	dprintf(job->fd, "status %d\n", WEXITSTATUS(status));
	return 0;
}

static int serve(int fd)
{
	struct job job = { .fd = fd }, other;
	const struct request *request = &job.request;
	struct counters counters = { 0 }, of_other;
	uint64_t i;

	all(fd, &job.request, sizeof(job.request), false);
	if (request->work == 'x')
		return run_command(&job);
	if (request->by) {
		other = job;
		other.request.by = 0;
		prepare(&other);
	} else if (request->work == 'b') {
		disk_open(&job);
	} else if (request->work == 'd') {
		job.udp = open_socket(SOCK_DGRAM, NULL);
	}
	count_since(&counters);
	say(fd, 0);
	if (request->by) {
		hear(fd);
		work(&other);
		say(fd, 0);
		result(&other, &of_other);
	} else if (request->work == 'b') {
		hear(fd);
		if (request->depth > 1)
			disk_deep(&job);
		else
			disk_at_once(&job);
		say(fd, 0);
	} else if (request->work == 's') {
		pass(fd, request->count, false);
		say(fd, 0);
	} else if (request->work == 'r') {
		pass(fd, request->count, true);
		hear(fd);
	} else if (request->work == 't') {
		for (i = 0; i < request->count; i++)
			say(fd, hear(fd));
	} else if (request->work == 'd') {
		datagrams_receive(&job);
	}
	count_since(&counters);
	job.arrived = request->by ? other.arrived : job.arrived;
	all(fd, &job.arrived, sizeof(job.arrived), true);
	all(fd, &counters, sizeof(counters), true);
	return 0;
}

static void serve_all(void)
{
	int fd = open_socket(SOCK_STREAM, NULL), connection;

	signal(SIGCHLD, SIG_IGN);
	if (listen(fd, 16))
		err(1, "listen");
	for (;;) {
		connection = accept(fd, NULL, NULL);
		if (connection < 0)
			err(1, "accept");
		if (!fork()) {
			int one = 1;

			/* system() has to wait for one. */
			signal(SIGCHLD, SIG_DFL);
			setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &one,
				   sizeof(one));
			exit(serve(connection));
		}
		close(connection);
	}
}

/* Of the end that asks. */
static void prepare(struct job *job)
{
	job->fd = ask(job->request.peer, &job->request);
	if (job->request.work == 'd')
		job->udp = open_socket(SOCK_DGRAM, job->request.peer);
	hear(job->fd);
}

static void work(struct job *job)
{
	uint64_t i;

	switch (job->request.work) {
	case 's':
		pass(job->fd, job->request.count, true);
		hear(job->fd);
		break;
	case 'r':
		pass(job->fd, job->request.count, false);
		say(job->fd, 0);
		break;
	case 't':
		for (i = 0; i < job->request.count; i++) {
			say(job->fd, 0);
			hear(job->fd);
		}
		break;
	case 'd':
		datagrams_send(job);
		break;
	}
}

/* What the other end says afterwards. */
static void result(struct job *job, struct counters *counters)
{
	all(job->fd, &job->arrived, sizeof(job->arrived), false);
	all(job->fd, counters, sizeof(*counters), false);
}

static int run(int fd)
{
	FILE *file = fdopen(fd, "r");
	char line[1024];
	int status = -1;

	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "status %d", &status) != 1)
			fputs(line, stdout);
	}
	if (status < 0)
		errx(1, "it said nothing of a status");
	return status;
}

static void say_usage(void)
{
	fprintf(stderr, "usage: load serve\n"
		"       load [-n] [-b BY] send|receive|turns|datagrams ADDRESS COUNT\n"
		"       load [-n] disk ADDRESS COUNT DEVICE read|write OCTETS DEPTH\n"
		"       load run ADDRESS COMMAND\n");
	exit(2);
}

int main(int argc, char **argv)
{
	struct job job = { 0 };
	struct request *request = &job.request;
	struct counters counters;
	const char *by = NULL;
	bool stops = true;
	int option;

	while ((option = getopt(argc, argv, "+b:n")) != -1) {
		switch (option) {
		case 'b':
			by = optarg;
			break;
		case 'n':
			stops = false;
			break;
		default:
			say_usage();
		}
	}
	argc -= optind;
	argv += optind;
	if (argc == 1 && !strcmp(*argv, "serve"))
		serve_all();
	if (argc < 3)
		say_usage();
	snprintf(request->peer, sizeof(request->peer), "%s", argv[1]);
	request->count = strtoull(argv[2], NULL, 0);
	if (argc == 3 && !strcmp(*argv, "run")) {
		request->work = 'x';
		snprintf(request->text, sizeof(request->text), "%s", argv[2]);
		return run(ask(argv[1], request));
	}
	if (argc == 7 && !strcmp(*argv, "disk")) {
		request->work = 'b';
		snprintf(request->text, sizeof(request->text), "%s", argv[3]);
		request->write = !strcmp(argv[4], "write");
		request->octets = atoi(argv[5]);
		request->depth = atoi(argv[6]);
		by = request->peer;
	} else if (argc == 3 && strchr("srtd", **argv)) {
		request->work = **argv;
		request->by = !!by;
	} else {
		say_usage();
	}
	if (by) {
		job.fd = ask(by, request);
		hear(job.fd);
	} else {
		prepare(&job);
	}
	if (stops)
		raise(SIGSTOP);
	if (by) {
		say(job.fd, 0);
		hear(job.fd);
	} else {
		work(&job);
	}
	if (stops)
		raise(SIGSTOP);
	result(&job, &counters);
	printf("guest_switches %llu\nguest_interrupts %llu\nguest_pages %llu\n",
	       (unsigned long long)counters.switches,
	       (unsigned long long)counters.interrupts,
	       (unsigned long long)counters.pages);
	if (request->work == 'd' && job.arrived < request->count * 99 / 100)
		errx(1, "of %llu datagrams, %llu arrived",
		     (unsigned long long)request->count,
		     (unsigned long long)job.arrived);
	return 0;
}
