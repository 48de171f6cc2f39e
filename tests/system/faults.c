// SPDX-License-Identifier: GPL-2.0
/*
 * faults DISK - each call of /dev/xen/noxs with each of its allocations, and of its
 * copies from and to user space, failing in turn; prints TAP
 *
 * A call that fails so must say why and leave everything as it was, or it gets
 * along without, and does all that it does otherwise. What others do on its behalf,
 * in work items, doesn't fail: see failing.sh. Needs fault injection in the kernel;
 * uses a domid that no domain has, and gives it DISK, a block device.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "../../include/uapi/xen/noxs.h"
#include "../../include/xen/interface/io/noxs.h"

#define DOMID		30000
#define ID		3
#define MOST_FAULTS	20000
#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))
#define CLASS		"/sys/class/misc/xen!noxs/"

/* Hundredths of a second that work items have to end what was removed. */
#define PATIENCE	6000

static int fd, nth;
static struct stat disk;
static unsigned int tests, failures;

/* The Nth point from now on at which this task's kernel code can fail does. */
static void arm(unsigned int n)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%u", n);

	if (pwrite(nth, text, len, 0) != len)
		err(1, "fail-nth");
}

/* Whether it did; else that is in here, at one of the copies. */
static bool disarm(void)
{
	char text[16] = "";
	bool injected = pread(nth, text, sizeof(text) - 1, 0) > 0 &&
			!atoi(text);

	while (pwrite(nth, "0", 1, 0) != 1)
		;
	return injected;
}

static unsigned int number(const char *path)
{
	unsigned int value;
	FILE *file = fopen(path, "r");

	if (!file || fscanf(file, "%u", &value) != 1)
		err(1, "%s", path);
	fclose(file);
	return value;
}

static unsigned int count(const char *pattern)
{
	unsigned int found;
	glob_t paths;

	if (glob(pattern, 0, NULL, &paths))
		return 0;
	found = paths.gl_pathc;
	globfree(&paths);
	return found;
}

/* All that a call can leave behind. */
struct state {
	unsigned int domains, revoking, devices, vifs;
};

static struct state look(void)
{
	return (struct state){
		.domains = number(CLASS "domains"),
		.revoking = number(CLASS "revoking"),
		.devices = count("/sys/bus/noxs-backend/devices/*"),
		.vifs = count("/sys/class/net/vif*"),
	};
}

static int call_open(void)
{
	int file = open(NOXS_DEVICE_NODE, O_RDWR);

	if (file < 0)
		return -1;
	close(file);
	return 0;
}

static int call_dom(unsigned long request)
{
	struct noxs_dom dom = { .domid = DOMID };

	return ioctl(fd, request, &dom);
}

static int call_dom_add(void)
{
	return call_dom(NOXS_IOC_DOM_ADD);
}

static int call_dom_del(void)
{
	return call_dom(NOXS_IOC_DOM_DEL);
}

static int dev_add(const struct noxs_dev_add *add)
{
	return ioctl(fd, NOXS_IOC_DEV_ADD, add);
}

static int call_vif_add(void)
{
	struct noxs_dev_add add = {
		.domid = DOMID,
		.type = NOXS_TYPE_VIF,
		.id = ID,
		.vif.mac = { 0, 0x16, 0x3e, 0, 0, 1 },
	};

	return dev_add(&add);
}

static int call_vbd_add(void)
{
	struct noxs_dev_add add = {
		.domid = DOMID,
		.type = NOXS_TYPE_VBD,
		.id = ID,
		.vbd.major = major(disk.st_rdev),
		.vbd.minor = minor(disk.st_rdev),
	};

	return dev_add(&add);
}

static int call_sysctl_add(void)
{
	struct noxs_dev_add add = {
		.domid = DOMID,
		.type = NOXS_TYPE_SYSCTL,
	};

	return dev_add(&add);
}

static int dev_del(unsigned int type, unsigned int id)
{
	struct noxs_dev_del del = {
		.domid = DOMID,
		.type = type,
		.id = id,
	};

	return ioctl(fd, NOXS_IOC_DEV_DEL, &del);
}

static int call_vif_del(void)
{
	return dev_del(NOXS_TYPE_VIF, ID);
}

static int call_vbd_del(void)
{
	return dev_del(NOXS_TYPE_VBD, ID);
}

static int call_sysctl_del(void)
{
	return dev_del(NOXS_TYPE_SYSCTL, 0);
}

static int call_dev_info(void)
{
	struct noxs_dev_info info = {
		.domid = DOMID,
		.type = NOXS_TYPE_VIF,
		.id = ID,
	};

	return ioctl(fd, NOXS_IOC_DEV_INFO, &info);
}

static int call_dev_list(void)
{
	struct noxs_dev_info infos[2];
	struct noxs_dev_list list = {
		.domid = NOXS_DOMID_ANY,
		.entry_size = sizeof(infos[0]),
		.count = 2,
		.entries = (uintptr_t)infos,
	};

	return ioctl(fd, NOXS_IOC_DEV_LIST, &list);
}

static int call_dom_list(void)
{
	struct noxs_dom_info infos[2];
	struct noxs_dom_list list = {
		.entry_size = sizeof(infos[0]),
		.count = 2,
		.entries = (uintptr_t)infos,
	};

	return ioctl(fd, NOXS_IOC_DOM_LIST, &list);
}

/* Who polls, but doesn't get to hear of anything, finds that out when it reads. */
static int call_poll(void)
{
	struct pollfd poller = { .events = POLLIN };
	int result, why;

	poller.fd = open(NOXS_DEVICE_NODE, O_RDONLY | O_NONBLOCK);
	if (poller.fd < 0)
		return -1;
	result = poll(&poller, 1, 0);
	why = errno;
	close(poller.fd);
	errno = why;
	return result < 0 ? -1 : 0;
}

static int call_read(void)
{
	int reader = open(NOXS_DEVICE_NODE, O_RDONLY | O_NONBLOCK);
	struct noxs_event event;
	int result, why;

	if (reader < 0)
		return -1;
	result = read(reader, &event, sizeof(event));
	why = errno;
	close(reader);
	errno = why;
	return result < 0 && why != EAGAIN ? -1 : 0;
}

static int nothing(void)
{
	return 0;
}

/**
 * struct call - what is tried
 * @name: what it is
 * @call: does it
 * @undo: takes it back when it succeeded
 * @linux_says: it passes on what Linux says when a driver can't be bound or an
 *	interface not be registered, which is not always -ENOMEM
 */
struct call {
	const char *name;
	int (*call)(void);
	int (*undo)(void);
	bool linux_says;
};

static bool is_right(const struct call *what, int why)
{
	if (why == ENOMEM || why == EFAULT)
		return true;
	return what->linux_says &&
	       (why == ENOBUFS || why == ENODEV || why == ENXIO ||
		why == EINVAL);
}

/* Whether all is as it should be, as soon as what was removed has ended. */
static bool settles(const struct state *expected, struct state *now)
{
	unsigned int i;

	for (i = 0; i < PATIENCE; i++) {
		*now = look();
		if (!memcmp(now, expected, sizeof(*now)))
			return true;
		usleep(10000);
	}
	return false;
}

/*
 * Returns whether the call went as it should with its Nth chance to fail: @before is
 * how all was, @done how it is when it has done what it does.
 */
static bool try(const struct call *what, unsigned int n,
		const struct state *before, const struct state *done,
		bool *injected, bool *succeeded)
{
	const struct state *expected;
	struct state after;
	int result, why;
	bool right;

	arm(n);
	result = what->call();
	why = errno;
	*injected = disarm();
	*succeeded = !result;
	expected = result ? before : done;
	right = settles(expected, &after) &&
		(!result || (*injected && is_right(what, why)));
	if (!result && (what->undo() || !settles(before, &after)))
		right = false;
	if (right)
		return true;
	printf("# fault %u: %s; domains %u %u, revoking %u %u, devices %u %u, vifs %u %u\n",
	       n, result ? strerror(why) : "done", expected->domains,
	       after.domains, expected->revoking, after.revoking,
	       expected->devices, after.devices, expected->vifs, after.vifs);
	return false;
}

/* What the call does when nothing fails. */
static struct state find_done(const struct call *what,
			      const struct state *before)
{
	struct state done, after;

	if (what->call())
		err(1, "%s", what->name);
	done = look();
	if (what->undo() || !settles(before, &after))
		err(1, "%s can't be undone", what->name);
	return done;
}

static void test(const struct call *what)
{
	const struct state before = look(), done = find_done(what, &before);
	unsigned int n = 0, tolerated = 0, wrong = 0;
	bool injected, succeeded;

	do {
		wrong += !try(what, ++n, &before, &done, &injected, &succeeded);
		tolerated += injected && succeeded;
	} while (injected && n < MOST_FAULTS);
	printf("# %u faults, %u did no harm\n", n - 1, tolerated);
	printf("%s %u - %s: no fault is too much\n",
	       !wrong && !injected && succeeded && n > 1 ? "ok" : "not ok",
	       ++tests, what->name);
	failures += wrong || injected || !succeeded || n == 1;
}

int main(int argc, char **argv)
{
	static const struct call without_domain[] = {
		{ "open", call_open, nothing, false },
		{ "dom add", call_dom_add, call_dom_del, false },
	}, with_domain[] = {
		{ "dom del", call_dom_del, call_dom_add, false },
		{ "dom list", call_dom_list, nothing, false },
		{ "vif add", call_vif_add, call_vif_del, true },
		{ "vbd add", call_vbd_add, call_vbd_del, true },
		{ "sysctl add", call_sysctl_add, call_sysctl_del, true },
	}, with_devices[] = {
		{ "dev info", call_dev_info, nothing, false },
		{ "dev list", call_dev_list, nothing, false },
		{ "poll", call_poll, nothing, false },
		{ "read", call_read, nothing, false },
		{ "vif del", call_vif_del, call_vif_add, false },
		{ "vbd del", call_vbd_del, call_vbd_add, false },
		{ "sysctl del", call_sysctl_del, call_sysctl_add, false },
	};
	unsigned int i;

	if (argc != 2 || stat(argv[1], &disk) || !S_ISBLK(disk.st_mode))
		errx(2, "usage: faults DISK");
	fd = open(NOXS_DEVICE_NODE, O_RDWR);
	nth = open("/proc/thread-self/fail-nth", O_RDWR);
	if (fd < 0 || nth < 0)
		err(1, NOXS_DEVICE_NODE ", or fail-nth");
	setlinebuf(stdout);

	for (i = 0; i < COUNT(without_domain); i++)
		test(&without_domain[i]);
	if (call_dom_add())
		err(1, "dom add");
	for (i = 0; i < COUNT(with_domain); i++)
		test(&with_domain[i]);
	if (call_vif_add() || call_vbd_add() || call_sysctl_add())
		err(1, "dev add");
	for (i = 0; i < COUNT(with_devices); i++)
		test(&with_devices[i]);
	if (call_dom_del())
		err(1, "dom del");
	printf("1..%u\n", tests);
	return failures != 0;
}
