// SPDX-License-Identifier: GPL-2.0
/*
 * faults - each call of /dev/xen/noxs with each of its allocations, and of its
 * copies from and to user space, failing in turn; prints TAP
 *
 * A call that fails so must say why and leave everything as it was, or it gets
 * along without. Needs fault injection in the kernel; uses a domid that no
 * domain has.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "../../include/uapi/xen/noxs.h"
#include "../../include/xen/interface/io/noxs.h"

#define DOMID		30000
#define ID		3
#define MOST_FAULTS	20000
#define CLASS		"/sys/class/misc/xen!noxs/"

static int fd, nth;
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

static int call_dev_add(void)
{
	struct noxs_dev_add add = {
		.domid = DOMID,
		.type = NOXS_TYPE_VIF,
		.id = ID,
		.vif.mac = { 0, 0x16, 0x3e, 0, 0, 1 },
	};

	return ioctl(fd, NOXS_IOC_DEV_ADD, &add);
}

static int call_dev_del(void)
{
	struct noxs_dev_del del = {
		.domid = DOMID,
		.type = NOXS_TYPE_VIF,
		.id = ID,
	};

	return ioctl(fd, NOXS_IOC_DEV_DEL, &del);
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
	       (why == ENOBUFS || why == ENODEV || why == EINVAL);
}

/* Returns whether the call went as it should with its Nth chance to fail. */
static bool try(const struct call *what, unsigned int n, bool *injected,
		bool *succeeded)
{
	struct state before = look(), after;
	int result, why;

	arm(n);
	result = what->call();
	why = errno;
	*injected = disarm();
	*succeeded = !result;
	if (!result)
		return !what->undo();
	after = look();
	if (*injected && is_right(what, why) &&
	    !memcmp(&before, &after, sizeof(before)))
		return true;
	printf("# fault %u: %s; domains %u %u, revoking %u %u, devices %u %u, vifs %u %u\n",
	       n, strerror(why), before.domains, after.domains,
	       before.revoking, after.revoking, before.devices, after.devices,
	       before.vifs, after.vifs);
	return false;
}

static void test(const struct call *what)
{
	unsigned int n = 0, tolerated = 0, wrong = 0;
	bool injected, succeeded;

	do {
		wrong += !try(what, ++n, &injected, &succeeded);
		tolerated += injected && succeeded;
	} while (injected && n < MOST_FAULTS);
	printf("# %u faults, %u did no harm\n", n - 1, tolerated);
	printf("%s %u - %s: no fault is too much\n",
	       !wrong && !injected && succeeded && n > 1 ? "ok" : "not ok",
	       ++tests, what->name);
	failures += wrong || injected || !succeeded || n == 1;
}

int main(void)
{
	static const struct call without_domain[] = {
		{ "open", call_open, nothing, false },
		{ "dom add", call_dom_add, call_dom_del, false },
	}, with_domain[] = {
		{ "dom del", call_dom_del, call_dom_add, false },
		{ "dev add", call_dev_add, call_dev_del, true },
	}, with_device[] = {
		{ "dev info", call_dev_info, nothing, false },
		{ "dev list", call_dev_list, nothing, false },
		{ "read", call_read, nothing, false },
		{ "dev del", call_dev_del, call_dev_add, false },
	};
	unsigned int i;

	fd = open(NOXS_DEVICE_NODE, O_RDWR);
	nth = open("/proc/thread-self/fail-nth", O_RDWR);
	if (fd < 0 || nth < 0)
		err(1, NOXS_DEVICE_NODE ", or fail-nth");
	setlinebuf(stdout);

	for (i = 0; i < 2; i++)
		test(&without_domain[i]);
	if (call_dom_add())
		err(1, "dom add");
	for (i = 0; i < 2; i++)
		test(&with_domain[i]);
	if (call_dev_add())
		err(1, "dev add");
	for (i = 0; i < 4; i++)
		test(&with_device[i]);
	if (call_dom_del())
		err(1, "dom del");
	printf("1..%u\n", tests);
	return failures != 0;
}
