// SPDX-License-Identifier: GPL-2.0
/*
 * stale - runs in a guest, and holds on to what its host gave it
 *
 * stale hold	map the device page and each control page that it names, write
 *		where they are to /tmp/stale, say "held N" and go on mapping
 *		them. On SIGUSR1 write a pattern over the control pages; on
 *		SIGTERM end, with status 1 if the pattern isn't there any more.
 * stale try	map each page and bind each port of /tmp/stale once more, and
 *		say how many of each could be
 *
 * Takes what /dev/xen/gntdev and /dev/xen/evtchn offer: no driver of noxs is in
 * its way.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <xen/xen.h>
#include <xen/sys/evtchn.h>
#include <xen/sys/gntdev.h>

#include "../../include/xen/interface/io/noxs.h"

#define HOST		0
#define PAGE		4096
#define PATTERN		0xa5
#define NOTES		"/tmp/stale"
#define HANDLE		"/sys/hypervisor/uuid"

static int gntdev;

/* The mapping of one page of the host's, or NULL if Xen refuses it. */
static void *map(uint32_t gref, int prot)
{
	struct ioctl_gntdev_map_grant_ref op = {
		.count = 1,
		.refs = { { .domid = HOST, .ref = gref } },
	};
	struct ioctl_gntdev_unmap_grant_ref undo = { .count = 1 };
	void *page;

	if (ioctl(gntdev, IOCTL_GNTDEV_MAP_GRANT_REF, &op))
		err(1, "map_grant_ref");
	page = mmap(NULL, PAGE, prot, MAP_SHARED, gntdev, op.index);
	if (page != MAP_FAILED)
		return page;
	undo.index = op.index;
	if (ioctl(gntdev, IOCTL_GNTDEV_UNMAP_GRANT_REF, &undo))
		err(1, "unmap_grant_ref");
	return NULL;
}

static int bind_port(int evtchn, uint32_t port)
{
	struct ioctl_evtchn_bind_interdomain bind = {
		.remote_domain = HOST,
		.remote_port = port,
	};

	return ioctl(evtchn, IOCTL_EVTCHN_BIND_INTERDOMAIN, &bind);
}

/* The device page's reference, from the handle's text: see noxs.h. */
static uint32_t devpage_gref(void)
{
	unsigned int byte[16], i;
	char text[64] = "", *hex = text;
	int fd = open(HANDLE, O_RDONLY);

	if (fd < 0 || read(fd, text, sizeof(text) - 1) < 36)
		err(1, HANDLE);
	for (i = 0; i < 16; i++) {
		hex += *hex == '-';
		if (sscanf(hex, "%2x", &byte[i]) != 1)
			errx(1, "%s is no handle", text);
		hex += 2;
	}
	close(fd);
	if (byte[0] != 'N' || byte[1] != 'O' || byte[2] != 'X' || byte[3] != 'S')
		errx(1, "%s is not of noxs", text);
	return byte[NOXS_HANDLE_GREF] | byte[NOXS_HANDLE_GREF + 1] << 8 |
	       byte[NOXS_HANDLE_GREF + 2] << 16 |
	       byte[NOXS_HANDLE_GREF + 3] << 24;
}

static int hold(void)
{
	unsigned char *held[NOXS_DEVPAGE_SLOTS];
	const struct noxs_devpage *devpage;
	unsigned int i, j, count = 0, changed = 0;
	FILE *notes = fopen(NOTES, "w");
	uint32_t gref = devpage_gref();
	sigset_t set;
	int sig;

	devpage = map(gref, PROT_READ);
	if (!devpage || !notes)
		err(1, "device page, or " NOTES);
	fprintf(notes, "%u %u\n", gref, devpage->hdr.evtchn);
	for (i = 0; i < devpage->hdr.nr_slots; i++) {
		if (devpage->slot[i].type == NOXS_TYPE_NONE)
			continue;
		held[count] = map(devpage->slot[i].gref,
				  PROT_READ | PROT_WRITE);
		if (!held[count++])
			err(1, "control page in slot %u", i);
		fprintf(notes, "%u %u\n", devpage->slot[i].gref,
			devpage->slot[i].evtchn);
	}
	fclose(notes);

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	printf("held %u\n", count);
	fflush(stdout);
	while (!sigwait(&set, &sig) && sig == SIGUSR1) {
		for (i = 0; i < count; i++)
			memset(held[i], PATTERN, PAGE);
		puts("written");
		fflush(stdout);
	}
	for (i = 0; i < count; i++)
		for (j = 0; j < PAGE; j++)
			changed += held[i][j] != PATTERN;
	printf("changed %u\n", changed);
	return changed != 0;
}

static int try(void)
{
	int evtchn = open("/dev/xen/evtchn", O_RDWR);
	unsigned int gref, port, pages = 0, ports = 0;
	FILE *notes = fopen(NOTES, "r");

	if (evtchn < 0 || !notes)
		err(1, "/dev/xen/evtchn, or " NOTES);
	while (fscanf(notes, "%u %u", &gref, &port) == 2) {
		pages += !!map(gref, PROT_READ);
		ports += bind_port(evtchn, port) >= 0;
	}
	printf("pages %u ports %u\n", pages, ports);
	return 0;
}

int main(int argc, char **argv)
{
	gntdev = open("/dev/xen/gntdev", O_RDWR);
	if (gntdev < 0)
		err(1, "/dev/xen/gntdev");
	if (argc == 2 && !strcmp(argv[1], "hold"))
		return hold();
	if (argc == 2 && !strcmp(argv[1], "try"))
		return try();
	errx(2, "usage: stale hold|try");
}
