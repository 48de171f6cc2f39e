// SPDX-License-Identifier: GPL-2.0
/*
 * meter [-s] [-f FIRST] [-w LAST [-n COUNT]] [-p NAME=EVENT]… -o FILE COMMAND… - run a
 * command, and write what it cost as "NAME VALUE" lines; -s: the command stops itself
 * (SIGSTOP) where what is counted begins and where it ends, and nothing else is
 *
 *	status			the command's exit status
 *	tool			ns from before it is started until it has ended
 *	done			ns until the COUNTth event with LAST in it (else 0)
 *	kernel			ns from the first event with FIRST in it until then
 *	kernel_udev		of them, those of udevd, which new devices are told
 *	until_NAME		ns until the first event with EVENT in it
 *	work			ns that all domains ran, until REST_MS after that: also
 *				what goes on afterwards
 *	work_dom0, work_guest
 *	processes		threads and processes that dom0 started
 *	programs		of them, those that executed one
 *	switches		context switches in dom0
 *	interrupts		in dom0, of any kind
 *	pages			that dom0 allocated
 *	wakeups			of threads in dom0, if $TRACE traces them
 *	syscalls		in dom0, by whomever, if $TRACE traces them
 *	syscalls_tool		of them, those of processes of the command's name
 *
 * An ns is an instruction if QEMU counts them (-icount shift=0,sleep=off). Events are
 * those of the kernel's tracer, in $TRACE, an instance that somebody has set up. In a
 * trace of Xen's, there is a mark where it begins and one where it ends (mark.h).
 */
#include <err.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <xenctrl.h>

#include <xen/sys/privcmd.h>

#include "mark.h"

#define PATIENCE_MS	60000
#define REST_MS		200
#define MOST_DOMAINS	1024
#define MOST_PHASES	8
#define COMM_WIDTH	16	/* of a task's name in the trace */

struct sample {
	uint64_t dom0;		/* ns that it ran */
	uint64_t guests;
	unsigned long processes;
	unsigned long switches;
	unsigned long interrupts;
	unsigned long pages;
};

/* What is looked for in the trace, and what was found. */
static const char *first = "", *last = "";
static unsigned int count = 1;
static uint64_t first_at, last_at, udev_at, udev;
static unsigned long syscalls, syscalls_tool, programs, wakeups;
static char tool[24];		/* as the trace has it: "name-" */
static struct phase {
	char *name;
	const char *event;
	uint64_t at;
} phases[MOST_PHASES];
static unsigned int phase_count;

static xc_interface *xch;
static int pipe_fd, privcmd;

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ull + t.tv_nsec;
}

static void mark(unsigned int what)
{
	privcmd_hypercall_t call = { .op = MARK_HYPERCALL, .arg = { what } };

	/* Refused. */
	ioctl(privcmd, IOCTL_PRIVCMD_HYPERCALL, &call);
}

static void take(struct sample *sample)
{
	static xc_domaininfo_t info[MOST_DOMAINS];
	FILE *file = fopen("/proc/stat", "r");
	unsigned long pages;
	char line[4096];
	int i, n;

	memset(sample, 0, sizeof(*sample));
	if (!file)
		err(1, "/proc/stat");
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "processes %lu", &sample->processes) != 1 &&
		    sscanf(line, "ctxt %lu", &sample->switches) != 1)
			sscanf(line, "intr %lu", &sample->interrupts);
	}
	fclose(file);
	file = fopen("/proc/vmstat", "r");
	if (!file)
		err(1, "/proc/vmstat");
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "pgalloc_%*s %lu", &pages) == 1)
			sample->pages += pages;
	}
	fclose(file);
	n = xc_domain_getinfolist(xch, 0, MOST_DOMAINS, info);
	if (n < 0)
		err(1, "xc_domain_getinfolist");
	for (i = 0; i < n; i++)
		*(info[i].domain ? &sample->guests : &sample->dom0) += info[i].cpu_time;
}

/* One of udevd's processes, which have several names, is scheduled, or was. */
static void see_udev(const char *event, uint64_t at)
{
	const char *next = strstr(event, "next_comm=");

	if (last_at && !count)
		return;
	if (udev_at)
		udev += at - udev_at;
	udev_at = next && strstr(next, "udev") ? at : 0;
}

/*
 * "            comm-pid  [000] flags  seconds.micros: event: …"; the first COMM_WIDTH
 * octets are the name's, in which anything may be.
 */
static void see(const char *line)
{
	const char *colon = strlen(line) > COMM_WIDTH ?
		strstr(line + COMM_WIDTH, ": ") : NULL;
	unsigned int i;
	double seconds;
	uint64_t at;

	if (!colon)
		return;
	while (colon > line && colon[-1] != ' ')
		colon--;
	if (sscanf(colon, "%lf:", &seconds) != 1)
		return;
	at = seconds * 1e9;
	line += strspn(line, " ");
	if (strstr(colon, ": sys_enter: ")) {
		if (!strncmp(line, "xentrace-", 9))
			return;
		syscalls++;
		syscalls_tool += !strncmp(line, tool, strlen(tool));
		return;
	}
	if (strstr(colon, ": sched_wakeup: ")) {
		wakeups += !strstr(colon, " comm=xentrace ");
		return;
	}
	if (strstr(colon, ": sched_switch: ")) {
		see_udev(colon, at);
		return;
	}
	for (i = 0; i < phase_count; i++) {
		if (!phases[i].at && strstr(colon, phases[i].event))
			phases[i].at = at;
	}
	programs += !!strstr(colon, ": sched_process_exec: ");
	if (*first && !first_at && strstr(colon, first)) {
		first_at = at;
		/* That of before isn't of interest. */
		udev_at = udev_at ? at : 0;
		udev = 0;
	}
	if (*last && count && strstr(colon, last)) {
		last_at = at;
		if (!--count && udev_at)
			udev += at - udev_at;
	}
}

/*
 * Read what is in the trace: until what is waited for has come, or all of it, once
 * nothing is added any more.
 */
static void read_trace(bool all)
{
	static char buffer[1 << 16];
	static size_t have;
	struct pollfd pollfd = { .fd = pipe_fd, .events = POLLIN };
	uint64_t end = now() + PATIENCE_MS * 1000000ull;
	ssize_t n;
	char *line, *newline;

	while (all || count) {
		n = read(pipe_fd, buffer + have, sizeof(buffer) - 1 - have);
		if (n <= 0) {
			if (all || now() > end)
				return;
			poll(&pollfd, 1, PATIENCE_MS);
			continue;
		}
		have += n;
		buffer[have] = '\0';
		for (line = buffer; (newline = strchr(line, '\n'));
		     line = newline + 1) {
			*newline = '\0';
			see(line);
		}
		have -= line - buffer;
		memmove(buffer, line, have);
	}
}

/* Write to a file of the tracer's. */
static void tell(const char *name, const char *value)
{
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", getenv("TRACE"), name);
	file = fopen(path, "w");
	if (!file || fputs(value, file) == EOF || fclose(file))
		err(1, "%s", path);
}

static pid_t start(char **argv)
{
	pid_t pid = fork();

	if (pid < 0)
		err(1, "fork");
	if (!pid) {
		execvp(*argv, argv);
		err(127, "%s", *argv);
	}
	return pid;
}

static int status_of(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) < 0)
		err(1, "waitpid");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void until_stopped(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, WUNTRACED) < 0)
		err(1, "waitpid");
	if (!WIFSTOPPED(status))
		errx(1, "it ended instead of stopping itself");
}

static void phase_add(char *name)
{
	char *event = strchr(name, '=');

	if (!event || phase_count == MOST_PHASES)
		errx(2, "%s: no NAME=EVENT, or too many", name);
	*event = '\0';
	phases[phase_count].name = name;
	phases[phase_count++].event = event + 1;
}

static void open_all(void)
{
	const char *trace = getenv("TRACE");
	char path[256];
	int fd;

	if (!trace)
		errx(2, "TRACE is not set");
	snprintf(path, sizeof(path), "%s/trace", trace);
	fd = open(path, O_WRONLY | O_TRUNC);
	if (fd < 0)
		err(1, "%s", path);
	close(fd);
	snprintf(path, sizeof(path), "%s/trace_pipe", trace);
	pipe_fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (pipe_fd < 0)
		err(1, "%s", path);
	privcmd = open("/dev/xen/privcmd", O_RDWR | O_CLOEXEC);
	if (privcmd < 0)
		err(1, "/dev/xen/privcmd");
	xch = xc_interface_open(NULL, NULL, 0);
	if (!xch)
		err(1, "xc_interface_open");
}

static uint64_t since(uint64_t begin, uint64_t end)
{
	return begin && end > begin ? end - begin : 0;
}

int main(int argc, char **argv)
{
	const struct timespec rest = { .tv_nsec = REST_MS * 1000000 };
	struct sample before, after;
	const char *path = NULL;
	uint64_t began, ended;
	bool stops = false;
	pid_t pid = 0;
	char self[16];
	FILE *file;
	unsigned int i;
	int option, status = 0;

	while ((option = getopt(argc, argv, "+f:w:n:o:p:s")) != -1) {
		switch (option) {
		case 'p':
			phase_add(optarg);
			break;
		case 's':
			stops = true;
			break;
		case 'f':
			first = optarg;
			break;
		case 'w':
			last = optarg;
			break;
		case 'n':
			count = atoi(optarg);
			break;
		case 'o':
			path = optarg;
			break;
		default:
			exit(2);
		}
	}
	if (!path || optind == argc)
		errx(2, "usage: meter [OPTION…] -o FILE COMMAND…");
	snprintf(tool, sizeof(tool), "%.15s-", argv[optind]);
	open_all();
	/* What this does itself isn't to be seen: to read of it would be more of it. */
	snprintf(self, sizeof(self), "%d", getpid());
	tell("set_event_notrace_pid", self);
	/* Of what was before, nothing is left to be done. */
	if (stops) {
		pid = start(argv + optind);
		until_stopped(pid);
	}
	nanosleep(&rest, NULL);
	tell("tracing_on", "1");
	take(&before);
	mark(MARK_BEGIN);
	began = now();
	if (stops) {
		kill(pid, SIGCONT);
		until_stopped(pid);
	} else {
		status = status_of(start(argv + optind));
	}
	ended = now();
	if (*last)
		read_trace(false);
	/* What a command only asks for belongs to it. Here, all is done that is counted. */
	if (!stops)
		nanosleep(&rest, NULL);
	mark(MARK_END);
	take(&after);
	tell("tracing_on", "0");
	read_trace(true);
	if (stops) {
		kill(pid, SIGCONT);
		status = status_of(pid);
	}

	file = fopen(path, "w");
	if (!file)
		err(1, "%s", path);
	fprintf(file, "status %d\ntool %lu\n", *last && count ? 255 : status,
		ended - began);
	for (i = 0; i < phase_count; i++)
		fprintf(file, "until_%s %lu\n", phases[i].name,
			since(began, phases[i].at));
	fprintf(file, "done %lu\nkernel %lu\nkernel_udev %lu\n",
		since(began, last_at), since(first_at, last_at), first_at ? udev : 0);
	after.dom0 -= before.dom0;
	/* Of a guest that is gone Xen tells nothing any more. */
	after.guests -= after.guests < before.guests ? after.guests : before.guests;
	fprintf(file, "work %lu\nwork_dom0 %lu\nwork_guest %lu\n",
		after.dom0 + after.guests, after.dom0, after.guests);
	fprintf(file, "processes %lu\nprograms %lu\nswitches %lu\n",
		after.processes - before.processes, programs,
		after.switches - before.switches);
	fprintf(file, "interrupts %lu\npages %lu\n",
		after.interrupts - before.interrupts, after.pages - before.pages);
	fprintf(file, "wakeups %lu\nsyscalls %lu\nsyscalls_tool %lu\n", wakeups,
		syscalls, syscalls_tool);
	return fclose(file) ? 1 : 0;
}
