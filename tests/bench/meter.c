// SPDX-License-Identifier: GPL-2.0
/*
 * meter [-f FIRST] [-w LAST [-n COUNT]] -o FILE COMMAND… - run a command, and write
 * what it cost as "NAME VALUE" lines
 *
 *	status			the command's exit status
 *	tool			ns from before it is started until it has ended
 *	done			ns until the COUNTth event with LAST in it (else 0)
 *	kernel			ns from the first event with FIRST in it until then
 *	work			ns that all domains ran, until REST_MS after that: also
 *				what goes on afterwards
 *	work_dom0, work_guest
 *	processes		threads and processes that dom0 started
 *	programs		of them, those that executed one
 *	switches		context switches in dom0
 *
 * An ns is an instruction if QEMU counts them (-icount shift=0,sleep=off). Events are
 * those of the kernel's tracer, in $TRACE, an instance that somebody has set up; of
 * system calls, it may not tell, as reading them would make more of them.
 */
#include <err.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <xenctrl.h>

#define PATIENCE_MS	60000
#define REST_MS		200
#define MOST_DOMAINS	1024

struct sample {
	uint64_t dom0;		/* ns that it ran */
	uint64_t guests;
	unsigned long processes;
	unsigned long switches;
};

/* What is looked for in the trace, and what was found. */
static const char *first = "", *last = "";
static unsigned int count = 1;
static uint64_t first_at, last_at;
static unsigned long programs;

static xc_interface *xch;
static int pipe_fd;

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ull + t.tv_nsec;
}

static void take(struct sample *sample)
{
	static xc_domaininfo_t info[MOST_DOMAINS];
	FILE *file = fopen("/proc/stat", "r");
	char line[4096];
	int i, n;

	memset(sample, 0, sizeof(*sample));
	if (!file)
		err(1, "/proc/stat");
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "processes %lu", &sample->processes) != 1 &&
		    sscanf(line, "ctxt %lu", &sample->switches) != 1)
			continue;
	}
	fclose(file);
	n = xc_domain_getinfolist(xch, 0, MOST_DOMAINS, info);
	if (n < 0)
		err(1, "xc_domain_getinfolist");
	for (i = 0; i < n; i++)
		*(info[i].domain ? &sample->guests : &sample->dom0) += info[i].cpu_time;
}

/* "  comm-pid  [000] flags  seconds.micros: event: …" */
static void see(const char *line)
{
	const char *colon = strstr(line, ": ");
	double seconds;
	uint64_t at;

	if (!colon)
		return;
	while (colon > line && colon[-1] != ' ')
		colon--;
	if (sscanf(colon, "%lf:", &seconds) != 1)
		return;
	at = seconds * 1e9;
	programs += !!strstr(colon, ": sched_process_exec: ");
	if (*first && !first_at && strstr(colon, first))
		first_at = at;
	if (*last && count && strstr(colon, last)) {
		last_at = at;
		count--;
	}
}

/* Read what is in the trace, and, until all that is waited for has come, what comes. */
static void read_trace(void)
{
	static char buffer[1 << 16];
	struct pollfd pollfd = { .fd = pipe_fd, .events = POLLIN };
	size_t have = 0;
	ssize_t n;
	char *line, *end;

	for (;;) {
		n = read(pipe_fd, buffer + have, sizeof(buffer) - 1 - have);
		if (n <= 0) {
			if (!*last || !count || poll(&pollfd, 1, PATIENCE_MS) <= 0)
				return;
			continue;
		}
		have += n;
		buffer[have] = '\0';
		for (line = buffer; (end = strchr(line, '\n')); line = end + 1) {
			*end = '\0';
			see(line);
		}
		have -= line - buffer;
		memmove(buffer, line, have);
	}
}

static int run(char **argv)
{
	pid_t pid = fork();
	int status;

	if (pid < 0)
		err(1, "fork");
	if (!pid) {
		execvp(*argv, argv);
		err(127, "%s", *argv);
	}
	if (waitpid(pid, &status, 0) < 0)
		err(1, "waitpid");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
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
	FILE *file;
	int option, status;

	while ((option = getopt(argc, argv, "+f:w:n:o:")) != -1) {
		switch (option) {
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
		errx(2, "usage: meter [-f FIRST] [-w LAST [-n COUNT]] -o FILE COMMAND…");
	open_all();
	/* Of what was before, nothing is left to be done. */
	nanosleep(&rest, NULL);
	take(&before);
	began = now();
	status = run(argv + optind);
	ended = now();
	read_trace();
	nanosleep(&rest, NULL);
	take(&after);
	read_trace();

	file = fopen(path, "w");
	if (!file)
		err(1, "%s", path);
	fprintf(file, "status %d\ntool %lu\n", *last && count ? 255 : status,
		ended - began);
	fprintf(file, "done %lu\nkernel %lu\n", since(began, last_at),
		since(first_at, last_at));
	after.dom0 -= before.dom0;
	after.guests -= before.guests;
	fprintf(file, "work %lu\nwork_dom0 %lu\nwork_guest %lu\n",
		after.dom0 + after.guests, after.dom0, after.guests);
	fprintf(file, "processes %lu\nprograms %lu\nswitches %lu\n",
		after.processes - before.processes, programs,
		after.switches - before.switches);
	return fclose(file) ? 1 : 0;
}
