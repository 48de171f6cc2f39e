// SPDX-License-Identifier: GPL-2.0
/*
 * ioctls - /dev/xen/noxs with right and wrong arguments; prints TAP
 *
 * Uses domids that no domain has: what the host makes for a guest doesn't need
 * the guest. Each wrong call must fail with the errno that uapi/xen/noxs.h
 * promises, and leave everything as it was.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../include/uapi/xen/noxs.h"
#include "../../include/xen/interface/io/noxs.h"

#define DOMID		30000
#define OTHER_DOMID	30001

static int fd;
static void *nowhere;	/* an address that isn't ours */
static unsigned int tests, failures;

static void ok(bool passed, const char *name)
{
	printf("%s %u - %s\n", passed ? "ok" : "not ok", ++tests, name);
	failures += !passed;
}

/* One call that must fail with EXPECTED, or succeed if that is 0. */
static void expect(int expected, unsigned long request, void *arg,
		   const char *name)
{
	int result = ioctl(fd, request, arg) < 0 ? errno : 0;

	if (result != expected)
		printf("# errno %d, expected %d\n", result, expected);
	ok(result == expected, name);
}

static unsigned int count_devices(uint16_t domid)
{
	struct noxs_dev_list list = {
		.domid = domid,
		.entry_size = sizeof(struct noxs_dev_info),
	};

	if (ioctl(fd, NOXS_IOC_DEV_LIST, &list))
		return 0;
	return list.count;
}

static struct noxs_dev_add vif(uint32_t id)
{
	return (struct noxs_dev_add){
		.domid = DOMID,
		.type = NOXS_TYPE_VIF,
		.id = id,
		.vif = { .mac = { 0, 0x16, 0x3e, 0, 0, 1 } },
	};
}

static void test_calls(void)
{
	struct noxs_dom dom = { .domid = DOMID };
	char raw[8192] = { };

	expect(ENOTTY, _IO('x', 0x7f), NULL, "unknown ioctl");
	expect(ENOTTY, _IO('y', 0), NULL, "ioctl of another letter");
	expect(ENOTTY, _IOR('x', 0x00, struct noxs_dom), &dom,
	       "ioctl in the wrong direction");
	expect(EFAULT, NOXS_IOC_DOM_ADD, NULL, "address that isn't ours");
	memcpy(raw, &dom, sizeof(dom));
	raw[sizeof(dom)] = 1;
	expect(E2BIG, _IOC(_IOC_READ | _IOC_WRITE, 'x', 0, sizeof(dom) + 8),
	       raw, "longer structure with something in its rest");
}

static void test_domains(void)
{
	struct noxs_dom dom = { .domid = DOMID };
	struct noxs_dom again = { .domid = DOMID };
	struct noxs_dom wrong;
	char raw[sizeof(dom) + 8] = { };
	void *readonly;

	wrong = (struct noxs_dom){ .domid = DOMID, .flags = 1 };
	expect(EOPNOTSUPP, NOXS_IOC_DOM_ADD, &wrong, "dom add: unknown flag");
	expect(EOPNOTSUPP, NOXS_IOC_DOM_DEL, &wrong, "dom del: unknown flag");
	wrong = (struct noxs_dom){ .domid = DOMID, .pad = 1 };
	expect(EINVAL, NOXS_IOC_DOM_ADD, &wrong, "dom add: pad not zero");
	expect(EINVAL, NOXS_IOC_DOM_DEL, &wrong, "dom del: pad not zero");
	wrong = (struct noxs_dom){ .domid = 0 };
	expect(EINVAL, NOXS_IOC_DOM_ADD, &wrong, "dom add: the host itself");
	wrong = (struct noxs_dom){ .domid = 0x7ff0 };
	expect(EINVAL, NOXS_IOC_DOM_ADD, &wrong, "dom add: no domid");
	expect(ESRCH, NOXS_IOC_DOM_DEL, &dom, "dom del: never added");

	expect(0, NOXS_IOC_DOM_ADD, &dom, "dom add");
	ok(!memcmp(dom.handle, "NOXS", 4) && dom.handle[6] == 0x82 &&
	   (dom.handle[8] & 0xc0) == 0x80, "handle is a UUID of version 8");
	expect(EEXIST, NOXS_IOC_DOM_ADD, &again, "dom add: twice");
	memset(&dom.handle, 0, sizeof(dom.handle));
	expect(0, NOXS_IOC_DOM_DEL, &dom, "dom del");
	expect(ESRCH, NOXS_IOC_DOM_DEL, &dom, "dom del: twice");

	memcpy(raw, &dom, sizeof(dom));
	expect(0, _IOC(_IOC_READ | _IOC_WRITE, 'x', 0, sizeof(raw)), raw,
	       "dom add: longer structure");
	memset(&dom.handle, 0, sizeof(dom.handle));
	expect(0, NOXS_IOC_DOM_DEL, &dom, "dom del again");
	expect(EINVAL, _IOC(_IOC_READ | _IOC_WRITE, 'x', 0, 8), &dom,
	       "dom add: no room for the handle");

	/* What can't be told to the caller must not stay. */
	readonly = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (readonly == MAP_FAILED)
		err(1, "mmap");
	memcpy(readonly, &dom, sizeof(dom));
	if (mprotect(readonly, 4096, PROT_READ))
		err(1, "mprotect");
	expect(EFAULT, NOXS_IOC_DOM_ADD, readonly, "dom add: read-only");
	expect(ESRCH, NOXS_IOC_DOM_DEL, &dom, "dom add that failed left none");
}

static void test_handles(void)
{
	struct noxs_dom dom = { .domid = DOMID };
	struct noxs_dom other;

	if (ioctl(fd, NOXS_IOC_DOM_ADD, &dom))
		err(1, "dom add");
	other = dom;
	other.handle[15] ^= 1;
	expect(ESRCH, NOXS_IOC_DOM_DEL, &other, "dom del: another's handle");
	expect(0, NOXS_IOC_DOM_DEL, &dom, "dom del: its own handle");
	expect(ESRCH, NOXS_IOC_DOM_DEL, &dom, "dom del: its handle, twice");
}

static void test_domain_list(void)
{
	struct noxs_dom first = { .domid = DOMID };
	struct noxs_dom second = { .domid = OTHER_DOMID };
	struct noxs_dom_info infos[3] = { };
	struct noxs_dom_list list = {
		.entry_size = sizeof(infos[0]),
		.entries = (uintptr_t)infos,
	};
	struct noxs_dev_add add = vif(3);

	expect(0, NOXS_IOC_DOM_LIST, &list, "dom list: none");
	ok(list.count == 0, "dom list: counts none");
	if (ioctl(fd, NOXS_IOC_DOM_ADD, &second) ||
	    ioctl(fd, NOXS_IOC_DOM_ADD, &first) ||
	    ioctl(fd, NOXS_IOC_DEV_ADD, &add))
		err(1, "domains for a list");
	list.count = 1;
	expect(0, NOXS_IOC_DOM_LIST, &list, "dom list: too short an array");
	ok(list.count == 2 && infos[0].domid == DOMID && !infos[1].domid,
	   "dom list: fills what there is, counts all");
	list.count = 3;
	expect(0, NOXS_IOC_DOM_LIST, &list, "dom list");
	ok(list.count == 2 && infos[0].devices == 1 && !infos[1].devices &&
	   infos[1].domid == OTHER_DOMID && !infos[2].domid, "dom list is right");
	ok(!memcmp(infos[0].handle, first.handle, 16) &&
	   !memcmp(infos[1].handle, second.handle, 16), "dom list: handles");

	list.entries = 1;
	expect(EFAULT, NOXS_IOC_DOM_LIST, &list, "dom list: bad array");
	list.entry_size = 0;
	expect(EINVAL, NOXS_IOC_DOM_LIST, &list, "dom list: entries of 0");
	list.entry_size = 4097;
	expect(EINVAL, NOXS_IOC_DOM_LIST, &list, "dom list: huge entries");
	list.entry_size = sizeof(infos[0]);
	list.flags = 1;
	expect(EOPNOTSUPP, NOXS_IOC_DOM_LIST, &list, "dom list: unknown flag");
	list.flags = 0;
	list.pad = 1;
	expect(EINVAL, NOXS_IOC_DOM_LIST, &list, "dom list: pad not zero");
	list.pad = 0;
	expect(EINVAL, _IOC(_IOC_READ | _IOC_WRITE, 'x', 2, 16), &list,
	       "dom list: too short a structure");
	if (ioctl(fd, NOXS_IOC_DOM_DEL, &first) ||
	    ioctl(fd, NOXS_IOC_DOM_DEL, &second))
		err(1, "dom del");
}

/* Before anything of them is opened. */
static void test_bad_disks(void)
{
	struct noxs_dev_add disk = { .domid = DOMID, .type = NOXS_TYPE_VBD };
	struct noxs_dev_add add = disk;
	size_t i;

	add.vbd.flags = 1 << 4;
	expect(EOPNOTSUPP, NOXS_IOC_DEV_ADD, &add, "dev add: unknown flag of a vbd");
	add = disk;
	add.vbd.max_queues = 65;
	expect(EINVAL, NOXS_IOC_DEV_ADD, &add, "dev add: too many queues of a vbd");
	add = disk;
	add.vbd.pad = 1;
	expect(EINVAL, NOXS_IOC_DEV_ADD, &add, "dev add: vbd pad not zero");
	add = disk;
	add.vbd.iops = NOXS_VBD_MAX_IOPS + 1;
	expect(EINVAL, NOXS_IOC_DEV_ADD, &add, "dev add: iops too large");
	add = disk;
	add.vbd.bps = NOXS_VBD_MIN_BPS - 1;
	expect(EINVAL, NOXS_IOC_DEV_ADD, &add, "dev add: bps too small");
	for (i = sizeof(add.vbd); i < sizeof(add.config); i += 5) {
		add = disk;
		add.config[i] = 1;
		expect(EINVAL, NOXS_IOC_DEV_ADD, &add,
		       "dev add: config beyond vbd not zero");
	}
}

static void test_wrong_devices(void)
{
	struct noxs_dev_add add;
	struct noxs_dom dom = { .domid = DOMID };
	unsigned int i;

	add = vif(0);
	expect(ESRCH, NOXS_IOC_DEV_ADD, &add, "dev add: domain not added");
	if (ioctl(fd, NOXS_IOC_DOM_ADD, &dom))
		err(1, "dom add");

	add = vif(0);
	add.flags = 1;
	expect(EOPNOTSUPP, NOXS_IOC_DEV_ADD, &add, "dev add: unknown flag");
	add = vif(0);
	add.pad = 1;
	expect(EINVAL, NOXS_IOC_DEV_ADD, &add, "dev add: pad not zero");
	add = vif(0x10000);
	expect(EINVAL, NOXS_IOC_DEV_ADD, &add, "dev add: id too large");
	add = vif(0);
	add.type = NOXS_TYPE_NONE;
	expect(EOPNOTSUPP, NOXS_IOC_DEV_ADD, &add, "dev add: no type");
	add.type = NOXS_TYPE_MAX + 1;
	expect(EOPNOTSUPP, NOXS_IOC_DEV_ADD, &add, "dev add: unknown type");
	add.type = 0xffff;
	expect(EOPNOTSUPP, NOXS_IOC_DEV_ADD, &add, "dev add: largest type");
	add = vif(0);
	memset(add.vif.mac, 0, sizeof(add.vif.mac));
	expect(EINVAL, NOXS_IOC_DEV_ADD, &add, "dev add: mac is zero");
	add = vif(0);
	add.vif.mac[0] = 1;
	expect(EINVAL, NOXS_IOC_DEV_ADD, &add, "dev add: mac is multicast");
	add = vif(0);
	add.vif.pad[1] = 1;
	expect(EINVAL, NOXS_IOC_DEV_ADD, &add, "dev add: vif pad not zero");
	add = vif(0);
	add.vif.mtu = 67;
	expect(EINVAL, NOXS_IOC_DEV_ADD, &add, "dev add: mtu too small");
	add.vif.mtu = 65536;
	expect(EINVAL, NOXS_IOC_DEV_ADD, &add, "dev add: mtu too large");
	add = vif(0);
	add.vif.max_queues = 65;
	expect(EINVAL, NOXS_IOC_DEV_ADD, &add, "dev add: too many queues");
	add = vif(0);
	add.vif.rate_bytes = 1;
	expect(EINVAL, NOXS_IOC_DEV_ADD, &add, "dev add: rate, no interval");
	add.vif.rate_interval_us = 999;
	expect(EINVAL, NOXS_IOC_DEV_ADD, &add, "dev add: short interval");
	add.vif.rate_bytes = 0;
	add.vif.rate_interval_us = 1000;
	expect(EINVAL, NOXS_IOC_DEV_ADD, &add, "dev add: interval, no rate");
	for (i = sizeof(add.vif); i < sizeof(add.config); i += 7) {
		add = vif(0);
		add.config[i] = 1;
		expect(EINVAL, NOXS_IOC_DEV_ADD, &add,
		       "dev add: config beyond vif not zero");
	}
	test_bad_disks();
	ok(count_devices(DOMID) == 0, "no wrong device was made");
	memset(dom.handle, 0, sizeof(dom.handle));
	if (ioctl(fd, NOXS_IOC_DOM_DEL, &dom))
		err(1, "dom del");
}

/*
 * A vif with a rate; and programs from before there were rates, whose structures
 * end where that of a vif ended.
 */
static void test_rates(void)
{
	const size_t old = offsetof(struct noxs_vif_config, rate_bytes);
	const size_t add_size = offsetof(struct noxs_dev_add, vif) + old;
	const size_t info_size = offsetof(struct noxs_dev_info, vif) + old;
	struct noxs_dom dom = { .domid = DOMID };
	struct noxs_dev_info infos[2] = { };
	struct noxs_dev_list list = {
		.domid = DOMID,
		.entry_size = sizeof(infos[0]),
		.count = 2,
		.entries = (uintptr_t)infos,
	};
	struct noxs_dev_info info = {
		.domid = DOMID,
		.type = NOXS_TYPE_VIF,
		.id = 1,
	};
	struct noxs_dev_add add = vif(1);

	if (ioctl(fd, NOXS_IOC_DOM_ADD, &dom))
		err(1, "dom add");
	add.vif.rate_bytes = 62500;
	add.vif.rate_interval_us = 50000;
	expect(0, NOXS_IOC_DEV_ADD, &add, "dev add: rate");
	/* What comes after the old structure isn't looked at. */
	add.id = 2;
	expect(0, _IOC(_IOC_WRITE, 'x', 0x10, add_size), &add,
	       "dev add: structure without a rate");
	add.id = 3;
	add.vif.rate_bytes = 1;
	add.vif.rate_interval_us = 1000;
	expect(0, NOXS_IOC_DEV_ADD, &add, "dev add: smallest rate");
	add.id = 4;
	add.vif.rate_bytes = 0xffffffff;
	add.vif.rate_interval_us = 0xffffffff;
	expect(0, NOXS_IOC_DEV_ADD, &add, "dev add: largest rate and interval");

	expect(0, NOXS_IOC_DEV_LIST, &list, "dev list: rates");
	ok(list.count == 4 && infos[0].vif.rate_bytes == 62500 &&
	   infos[0].vif.rate_interval_us == 50000 &&
	   !infos[1].vif.rate_bytes && !infos[1].vif.rate_interval_us,
	   "dev list: rates are right");
	expect(0, _IOC(_IOC_READ | _IOC_WRITE, 'x', 0x12, info_size), &info,
	       "dev info: structure without a rate");
	ok(info.vif.mtu == 1500 && info.vif.max_queues && !info.vif.rate_bytes &&
	   !info.vif.rate_interval_us, "dev info: writes no more than fits");
	expect(0, NOXS_IOC_DEV_INFO, &info, "dev info: rate");
	ok(info.vif.rate_bytes == 62500 && info.vif.rate_interval_us == 50000,
	   "dev info: rate is right");
	if (ioctl(fd, NOXS_IOC_DOM_DEL, &dom))
		err(1, "dom del");
}

static void set_default_queues(const char *value)
{
	int param = open("/sys/module/noxs_netback/parameters/max_queues",
			 O_WRONLY);

	if (param < 0 || write(param, value, strlen(value)) < 0)
		err(1, "noxs_netback.max_queues");
	close(param);
}

/* What isn't asked for is the driver's to say, and is told. */
static void test_defaults(void)
{
	struct noxs_dev_info info = { .domid = DOMID, .type = NOXS_TYPE_VIF };
	struct noxs_dom dom = { .domid = DOMID };
	struct noxs_dev_add add = vif(0);

	if (ioctl(fd, NOXS_IOC_DOM_ADD, &dom))
		err(1, "dom add");
	set_default_queues("7");
	if (ioctl(fd, NOXS_IOC_DEV_ADD, &add) ||
	    ioctl(fd, NOXS_IOC_DEV_INFO, &info))
		err(1, "a vif with the driver's defaults");
	printf("# %u queues, mtu %u\n", info.vif.max_queues, info.vif.mtu);
	ok(info.vif.max_queues == 7 && info.vif.mtu == 1500,
	   "dev add: the driver's defaults");

	add.id = 1;
	add.vif.max_queues = 2;
	add.vif.mtu = 9000;
	info.id = 1;
	if (ioctl(fd, NOXS_IOC_DEV_ADD, &add) ||
	    ioctl(fd, NOXS_IOC_DEV_INFO, &info))
		err(1, "a vif without the driver's defaults");
	ok(info.vif.max_queues == 2 && info.vif.mtu == 9000,
	   "dev add: what is asked for is no default");
	set_default_queues("0");
	memset(dom.handle, 0, sizeof(dom.handle));
	if (ioctl(fd, NOXS_IOC_DOM_DEL, &dom))
		err(1, "dom del");
}

static void test_devices(void)
{
	struct noxs_dom dom = { .domid = DOMID };
	struct noxs_dev_info infos[2] = { };
	struct noxs_dev_info info = { };
	struct noxs_dev_add add = vif(3);
	struct noxs_dev_del del = { };
	struct noxs_dev_list list = { };
	unsigned int made = 0;

	if (ioctl(fd, NOXS_IOC_DOM_ADD, &dom))
		err(1, "dom add");
	expect(0, NOXS_IOC_DEV_ADD, &add, "dev add");
	expect(EEXIST, NOXS_IOC_DEV_ADD, &add, "dev add: same id");

	info.domid = DOMID;
	info.type = NOXS_TYPE_VIF;
	info.id = 3;
	expect(0, NOXS_IOC_DEV_INFO, &info, "dev info");
	ok(info.backend_state == NOXS_STATE_INIT_WAIT && info.generation &&
	   info.epoch == 1 && info.vif.mtu == 1500 && info.vif.max_queues &&
	   info.frontend_state == NOXS_STATE_UNKNOWN, "dev info is right");
	info.flags = 1;
	expect(EOPNOTSUPP, NOXS_IOC_DEV_INFO, &info, "dev info: unknown flag");
	info.flags = 0;
	info.id = 4;
	expect(ENODEV, NOXS_IOC_DEV_INFO, &info, "dev info: no such device");
	info.domid = OTHER_DOMID;
	expect(ESRCH, NOXS_IOC_DEV_INFO, &info, "dev info: no such domain");

	add = vif(4);
	if (ioctl(fd, NOXS_IOC_DEV_ADD, &add))
		err(1, "dev add");
	list = (struct noxs_dev_list){
		.domid = NOXS_DOMID_ANY,
		.entry_size = sizeof(infos[0]),
		.count = 1,
		.entries = (uintptr_t)infos,
	};
	expect(0, NOXS_IOC_DEV_LIST, &list, "dev list: too short an array");
	ok(list.count == 2 && infos[0].id == 3 && infos[1].id == 0,
	   "dev list: fills what there is, counts all");
	list.entries = 1;
	list.count = 2;
	expect(EFAULT, NOXS_IOC_DEV_LIST, &list, "dev list: bad array");
	list.entry_size = 0;
	expect(EINVAL, NOXS_IOC_DEV_LIST, &list, "dev list: entries of 0");
	list.entry_size = 4097;
	expect(EINVAL, NOXS_IOC_DEV_LIST, &list, "dev list: huge entries");
	list.entry_size = sizeof(infos[0]);
	list.flags = 1;
	expect(EOPNOTSUPP, NOXS_IOC_DEV_LIST, &list, "dev list: unknown flag");
	list.flags = 0;
	list.domid = OTHER_DOMID;
	expect(ESRCH, NOXS_IOC_DEV_LIST, &list, "dev list: no such domain");

	del = (struct noxs_dev_del){ .domid = DOMID, .type = NOXS_TYPE_VIF,
				     .id = 9 };
	expect(ENODEV, NOXS_IOC_DEV_DEL, &del, "dev del: no such device");
	del.id = 3;
	del.flags = 2;
	expect(EOPNOTSUPP, NOXS_IOC_DEV_DEL, &del, "dev del: unknown flag");
	del.flags = 0;
	del.timeout_ms = 60001;
	expect(EINVAL, NOXS_IOC_DEV_DEL, &del, "dev del: too long a wait");
	del.timeout_ms = 0;
	del.domid = OTHER_DOMID;
	expect(ESRCH, NOXS_IOC_DEV_DEL, &del, "dev del: no such domain");
	ok(count_devices(DOMID) == 2, "both devices are still there");
	del.domid = DOMID;
	expect(0, NOXS_IOC_DEV_DEL, &del, "dev del");
	expect(ENODEV, NOXS_IOC_DEV_DEL, &del, "dev del: twice");
	del.id = 4;
	del.flags = NOXS_DEV_DEL_FORCE;
	expect(0, NOXS_IOC_DEV_DEL, &del, "dev del: by force");

	for (add = vif(0); !ioctl(fd, NOXS_IOC_DEV_ADD, &add); add.id++)
		made++;
	ok(errno == ENOSPC && made == NOXS_DEVPAGE_SLOTS,
	   "a full device page is ENOSPC");
	memset(dom.handle, 0, sizeof(dom.handle));
	expect(0, NOXS_IOC_DOM_DEL, &dom, "dom del takes all devices");
	ok(count_devices(NOXS_DOMID_ANY) == 0, "no device is left");
}

/* Likewise its memory, and what it can't be told. */
static void test_memory(void)
{
	const struct noxs_memory right = { .domid = DOMID, .target = 65536 };
	struct noxs_memory memory = right;

	expect(ENOTCONN, NOXS_IOC_SYSCTL_MEMORY, &memory,
	       "memory: nobody is connected");
	memory.domid = DOMID + 1;
	expect(ESRCH, NOXS_IOC_SYSCTL_MEMORY, &memory, "memory: no such domain");
	memory = right;
	memory.flags = 1;
	expect(EOPNOTSUPP, NOXS_IOC_SYSCTL_MEMORY, &memory,
	       "memory: unknown flag");
	memory = right;
	memory.pad = 1;
	expect(EINVAL, NOXS_IOC_SYSCTL_MEMORY, &memory, "memory: pad not zero");
	memory = right;
	memory.target = 0;
	expect(EINVAL, NOXS_IOC_SYSCTL_MEMORY, &memory, "memory: none");
	memory.target = 65537;
	expect(EINVAL, NOXS_IOC_SYSCTL_MEMORY, &memory, "memory: part of a page");
	memory.target = NOXS_SYSCTL_MEMORY_MAX + 4;
	expect(EINVAL, NOXS_IOC_SYSCTL_MEMORY, &memory, "memory: too much");
	expect(EINVAL, _IOC(_IOC_WRITE, 'x', 0x22, sizeof(memory) - 8), &right,
	       "memory: shorter structure");
	expect(EFAULT, NOXS_IOC_SYSCTL_MEMORY, nowhere,
	       "memory: address that isn't ours");
}

/* Likewise virtual CPUs; of these it can hear later. */
static void test_vcpus(void)
{
	const struct noxs_vcpus right = { .domid = DOMID, .vcpus = 1 };
	struct noxs_vcpus vcpus = right;

	expect(ENOTCONN, NOXS_IOC_SYSCTL_VCPUS, &vcpus,
	       "vcpus: nobody is connected");
	vcpus.flags = NOXS_VCPUS_LATER;
	expect(0, NOXS_IOC_SYSCTL_VCPUS, &vcpus, "vcpus: later");
	vcpus.vcpus = NOXS_SYSCTL_VCPUS_MAX;
	expect(0, NOXS_IOC_SYSCTL_VCPUS, &vcpus, "vcpus: as many as can be");
	vcpus.domid = DOMID + 1;
	expect(ESRCH, NOXS_IOC_SYSCTL_VCPUS, &vcpus, "vcpus: no such domain");
	vcpus = right;
	vcpus.flags = 2;
	expect(EOPNOTSUPP, NOXS_IOC_SYSCTL_VCPUS, &vcpus,
	       "vcpus: unknown flag");
	vcpus = right;
	vcpus.pad = 1;
	expect(EINVAL, NOXS_IOC_SYSCTL_VCPUS, &vcpus, "vcpus: pad not zero");
	vcpus = right;
	vcpus.reserved = 1;
	expect(EINVAL, NOXS_IOC_SYSCTL_VCPUS, &vcpus,
	       "vcpus: reserved not zero");
	vcpus = right;
	vcpus.vcpus = 0;
	expect(EINVAL, NOXS_IOC_SYSCTL_VCPUS, &vcpus, "vcpus: none");
	vcpus.vcpus = NOXS_SYSCTL_VCPUS_MAX + 1;
	expect(EINVAL, NOXS_IOC_SYSCTL_VCPUS, &vcpus, "vcpus: too many");
	expect(EINVAL, _IOC(_IOC_WRITE, 'x', 0x23, sizeof(vcpus) - 8), &right,
	       "vcpus: shorter structure");
	expect(EFAULT, NOXS_IOC_SYSCTL_VCPUS, nowhere,
	       "vcpus: address that isn't ours");
}

/* Power control of a domain that doesn't exist: nobody is there to be asked. */
static void test_sysctl(void)
{
	struct noxs_dom dom = { .domid = DOMID };
	struct noxs_dev_add add = { .domid = DOMID, .type = NOXS_TYPE_SYSCTL };
	struct noxs_sysctl right = {
		.domid = DOMID, .request = NOXS_SYSCTL_POWEROFF,
	};
	struct noxs_sysctl sysctl = right;
	unsigned int i;

	expect(ESRCH, NOXS_IOC_SYSCTL_REQUEST, &sysctl,
	       "request: no such domain");
	expect(ESRCH, NOXS_IOC_SYSCTL_STATUS, &sysctl,
	       "status: no such domain");
	if (ioctl(fd, NOXS_IOC_DOM_ADD, &dom))
		err(1, "dom add");
	expect(ENODEV, NOXS_IOC_SYSCTL_REQUEST, &sysctl,
	       "request: no such device");
	expect(ENODEV, NOXS_IOC_SYSCTL_STATUS, &sysctl,
	       "status: no such device");

	add.id = 1;
	expect(EINVAL, NOXS_IOC_DEV_ADD, &add, "dev add: a second sysctl");
	add.id = 0;
	for (i = 0; i < sizeof(add.config); i += 5) {
		add.config[i] = 1;
		expect(EINVAL, NOXS_IOC_DEV_ADD, &add,
		       "dev add: config of a sysctl");
		add.config[i] = 0;
	}
	expect(0, NOXS_IOC_DEV_ADD, &add, "dev add: sysctl");
	expect(EEXIST, NOXS_IOC_DEV_ADD, &add, "dev add: sysctl, twice");

	expect(ENOTCONN, NOXS_IOC_SYSCTL_REQUEST, &sysctl,
	       "request: nobody is connected");
	expect(0, NOXS_IOC_SYSCTL_STATUS, &sysctl, "status");
	ok(sysctl.request == NOXS_SYSCTL_NONE && !sysctl.seq &&
	   sysctl.answered == 1 && !sysctl.result, "status: no request yet");

	test_memory();
	test_vcpus();

	sysctl = right;
	sysctl.flags = 1;
	expect(EOPNOTSUPP, NOXS_IOC_SYSCTL_REQUEST, &sysctl,
	       "request: unknown flag");
	sysctl = right;
	sysctl.pad = 1;
	expect(EINVAL, NOXS_IOC_SYSCTL_REQUEST, &sysctl,
	       "request: pad not zero");
	sysctl = right;
	sysctl.reserved = 1;
	expect(EINVAL, NOXS_IOC_SYSCTL_REQUEST, &sysctl,
	       "request: reserved not zero");
	sysctl = right;
	sysctl.request = NOXS_SYSCTL_NONE;
	expect(EINVAL, NOXS_IOC_SYSCTL_REQUEST, &sysctl, "request: none");
	sysctl.request = NOXS_SYSCTL_SYSRQ + 1;
	expect(EINVAL, NOXS_IOC_SYSCTL_REQUEST, &sysctl, "request: unknown");
	sysctl.request = NOXS_SYSCTL_SYSRQ;
	expect(EINVAL, NOXS_IOC_SYSCTL_REQUEST, &sysctl, "request: no key");
	sysctl.argument = 0x7f;
	expect(EINVAL, NOXS_IOC_SYSCTL_REQUEST, &sysctl, "request: no such key");
	sysctl.request = NOXS_SYSCTL_REBOOT;
	expect(EINVAL, NOXS_IOC_SYSCTL_REQUEST, &sysctl,
	       "request: argument that it doesn't have");
	expect(EINVAL, _IOC(_IOC_READ | _IOC_WRITE, 'x', 0x20,
			    sizeof(sysctl) - 8), &right,
	       "request: shorter structure");
	expect(EFAULT, NOXS_IOC_SYSCTL_STATUS, nowhere,
	       "status: address that isn't ours");
	memset(dom.handle, 0, sizeof(dom.handle));
	expect(0, NOXS_IOC_DOM_DEL, &dom, "dom del takes the sysctl");
}

static bool next_event(int reader, struct noxs_event *event)
{
	struct pollfd pollfd = { .fd = reader, .events = POLLIN };

	if (poll(&pollfd, 1, 10000) != 1)
		return false;
	return read(reader, event, sizeof(*event)) == sizeof(*event);
}

static void test_events(void)
{
	int reader = open(NOXS_DEVICE_NODE, O_RDONLY | O_NONBLOCK);
	struct noxs_dom dom = { .domid = DOMID };
	struct noxs_dev_add add = vif(0);
	struct noxs_event event = { };
	struct noxs_dev_del del = { .domid = DOMID, .type = NOXS_TYPE_VIF };
	struct noxs_dev_add other = vif(1);
	unsigned int i, first, kinds[5] = { };

	if (reader < 0 || ioctl(fd, NOXS_IOC_DOM_ADD, &dom))
		err(1, "dom add");
	ok(read(reader, &event, sizeof(event) - 1) < 0 && errno == EINVAL,
	   "read: too short a buffer");
	ok(read(reader, &event, sizeof(event)) < 0 && errno == EAGAIN,
	   "read: nothing to read");
	if (ioctl(fd, NOXS_IOC_DEV_ADD, &add))
		err(1, "dev add");
	ok(next_event(reader, &event) && event.kind == NOXS_EVENT_DEV_ADD &&
	   event.domid == DOMID && event.type == NOXS_TYPE_VIF,
	   "event: device added");
	first = event.generation;
	ok(next_event(reader, &event) && event.kind == NOXS_EVENT_STATE &&
	   event.backend_state == NOXS_STATE_INIT_WAIT, "event: InitWait");
	ok(read(reader, nowhere, sizeof(event)) < 0 && errno == EAGAIN,
	   "read: nothing more");

	/* Who doesn't read is told the last of each device, and nothing is lost. */
	if (ioctl(fd, NOXS_IOC_DEV_ADD, &other))
		err(1, "dev add");
	for (i = 0; i < 100; i++) {
		if (ioctl(fd, NOXS_IOC_DEV_DEL, &del) ||
		    ioctl(fd, NOXS_IOC_DEV_ADD, &add))
			err(1, "dev del and add");
	}
	ok(next_event(reader, &event) && event.kind == NOXS_EVENT_DEV_ADD &&
	   event.id == 1, "event: the other one was added");
	ok(next_event(reader, &event) && event.kind == NOXS_EVENT_STATE &&
	   event.id == 1, "event: the other one's state");
	ok(next_event(reader, &event) && event.kind == NOXS_EVENT_DEV_DEL &&
	   event.id == 0 && event.generation == first,
	   "event: the first one was removed");
	ok(next_event(reader, &event) && event.kind == NOXS_EVENT_DEV_ADD &&
	   event.id == 0 && event.generation == first + 101,
	   "event: its last successor was added");
	ok(next_event(reader, &event) && event.kind == NOXS_EVENT_STATE &&
	   event.generation == first + 101, "event: that one's state");
	ok(read(reader, nowhere, sizeof(event)) < 0 && errno == EAGAIN,
	   "and of all the others there is nothing");

	/* As many as there are devices, all at once, and one at a time. */
	for (other.id = 2; other.id < NOXS_DEVPAGE_SLOTS; other.id++) {
		if (ioctl(fd, NOXS_IOC_DEV_ADD, &other))
			err(1, "dev add");
	}
	for (i = 0; i < 2 * (NOXS_DEVPAGE_SLOTS - 2); i++) {
		if (!next_event(reader, &event) || event.kind > 4)
			break;
		kinds[event.kind]++;
	}
	ok(kinds[NOXS_EVENT_DEV_ADD] == NOXS_DEVPAGE_SLOTS - 2 &&
	   kinds[NOXS_EVENT_STATE] == NOXS_DEVPAGE_SLOTS - 2,
	   "events of a full device page");
	ok(read(reader, nowhere, sizeof(event)) < 0 && errno == EAGAIN,
	   "and no more than that");

	memset(dom.handle, 0, sizeof(dom.handle));
	if (ioctl(fd, NOXS_IOC_DOM_DEL, &dom))
		err(1, "dom del");
	ok(read(reader, nowhere, sizeof(event)) < 0 && errno == EFAULT,
	   "read: address that isn't ours");
	close(reader);
}

static void test_privilege(void)
{
	struct noxs_dom dom = { .domid = DOMID };
	int status;
	pid_t pid;

	pid = fork();
	if (!pid) {
		if (setuid(65534))
			_exit(1);
		_exit(ioctl(fd, NOXS_IOC_DOM_ADD, &dom) < 0 && errno == EPERM ?
		      0 : 1);
	}
	ok(pid > 0 && waitpid(pid, &status, 0) == pid && !status,
	   "ioctl without CAP_SYS_ADMIN");
}

/* ioctls again - without what makes hundreds of devices, which takes a minute */
int main(int argc, char **argv)
{
	bool again = argc == 2 && !strcmp(argv[1], "again");

	fd = open(NOXS_DEVICE_NODE, O_RDWR);
	if (fd < 0)
		err(1, NOXS_DEVICE_NODE);
	nowhere = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		       0);
	if (nowhere == MAP_FAILED)
		err(1, "mmap");
	setlinebuf(stdout);

	test_calls();
	test_domains();
	test_handles();
	test_domain_list();
	test_wrong_devices();
	test_rates();
	test_defaults();
	if (!again)
		test_devices();
	test_sysctl();
	if (!again)
		test_events();
	test_privilege();
	printf("1..%u\n", tests);
	return failures != 0;
}
