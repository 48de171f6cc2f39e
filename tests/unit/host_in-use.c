// SPDX-License-Identifier: GPL-2.0
/* chaos/host/in-use.c: who uses a block device or a file, and who may as well. */
#include "harness.h"

#include <sys/sysmacros.h>

#include "host/blockdev.h"
#include "host/in-use.h"
#include "host/loop.h"
#include "host/sysfs.h"

/* What the host has, and guests: the functions below say so. */
static struct noxs_dev vbds[4];
static int nr_vbds;
static struct loop_file loops[16];
static int nr_loops;
static struct sysfs_xen_vbd xen_vbds[4];
static int nr_xen_vbds;
static bool nameless;

#define LOOP(n)	makedev(7, (n))
#define DISK(n)	makedev(8, (n))
#define FS	makedev(8, 1)

int noxs_dev_list(struct noxs *noxs, uint32_t domid, uint16_t type,
		  struct noxs_dev **devs, struct error *err)
{
	(void)noxs;
	assert_int_equal(domid, NOXS_ALL_DOMAINS);
	assert_int_equal(type, NOXS_TYPE_VBD);
	if (nr_vbds < 0)
		return error_set(err, nr_vbds, "no list");
	*devs = malloc(sizeof(vbds));
	assert_non_null(*devs);
	memcpy(*devs, vbds, sizeof(vbds));
	return nr_vbds;
}

int loop_get(dev_t dev, struct loop_file *file)
{
	if (major(dev) != 7 || (int)minor(dev) >= nr_loops)
		return -ENXIO;
	*file = loops[minor(dev)];
	return 0;
}

int loop_list(dev_t **devs)
{
	int i;

	if (nr_loops < 0)
		return -ENOMEM;
	*devs = calloc(nr_loops + 1, sizeof(**devs));
	assert_non_null(*devs);
	for (i = 0; i < nr_loops; i++)
		(*devs)[i] = LOOP(i);
	return nr_loops;
}

int sysfs_xen_vbds(struct sysfs_xen_vbd **list)
{
	if (nr_xen_vbds < 0)
		return nr_xen_vbds;
	*list = malloc(sizeof(xen_vbds));
	assert_non_null(*list);
	memcpy(*list, xen_vbds, sizeof(xen_vbds));
	return nr_xen_vbds;
}

int blockdev_name(dev_t dev, char *name)
{
	if (nameless)
		return -ENOENT;
	sprintf(name, "loop%u", minor(dev));
	return 0;
}

static int setup(void **state)
{
	(void)state;
	memset(vbds, 0, sizeof(vbds));
	memset(loops, 0, sizeof(loops));
	nr_vbds = 0;
	nr_loops = 0;
	memset(xen_vbds, 0, sizeof(xen_vbds));
	nr_xen_vbds = 0;
	nameless = false;
	return 0;
}

static void add_vbd(dev_t dev, bool readonly)
{
	vbds[nr_vbds].domid = 3;
	vbds[nr_vbds].id = nr_vbds;
	vbds[nr_vbds].vbd.dev = dev;
	vbds[nr_vbds++].vbd.readonly = readonly;
}

static dev_t add_loop(ino_t ino, dev_t rdev, bool readonly, bool autoclear)
{
	loops[nr_loops] = (struct loop_file){
		.dev = FS, .ino = ino, .rdev = rdev, .readonly = readonly,
		.autoclear = autoclear,
	};
	return LOOP(nr_loops++);
}

static struct error err;

static int use_file(ino_t ino, bool readonly)
{
	const struct stat target = {
		.st_mode = S_IFREG, .st_dev = FS, .st_ino = ino,
	};

	return disk_use_check(NULL, &target, readonly, &err);
}

static int use_device(dev_t dev, bool readonly)
{
	/* The inode of the device's file doesn't matter. */
	const struct stat target = {
		.st_mode = S_IFBLK, .st_dev = FS, .st_ino = 99,
		.st_rdev = dev,
	};

	return disk_use_check(NULL, &target, readonly, &err);
}

static void test_nobody(void **state)
{
	(void)state;
	assert_int_equal(use_file(5, false), 0);
	assert_int_equal(use_device(DISK(16), false), 0);
	add_vbd(DISK(32), false);
	add_vbd(add_loop(6, 0, false, true), false);
	add_loop(7, 0, false, false);
	add_loop(5, DISK(48), false, false);
	assert_int_equal(use_file(5, false), 0);
	assert_int_equal(use_device(DISK(16), false), 0);
}

static void test_device_of_guest(void **state)
{
	(void)state;
	add_vbd(DISK(0), true);
	add_vbd(DISK(16), false);
	assert_int_equal(use_device(DISK(16), false), -EBUSY);
	assert_string_equal(err.text,
			    "is in use by domain 3, vbd 1, for writing");
	assert_int_equal(use_device(DISK(16), true), -EBUSY);
	assert_int_equal(use_device(DISK(0), false), -EBUSY);
	assert_string_equal(err.text,
			    "is in use by domain 3, vbd 0, for reading");
	assert_int_equal(use_device(DISK(0), true), 0);
}

static void test_file_of_guest(void **state)
{
	(void)state;
	add_vbd(add_loop(5, 0, false, true), false);
	add_vbd(add_loop(6, 0, true, true), true);
	assert_int_equal(use_file(5, true), -EBUSY);
	assert_int_equal(use_file(5, false), -EBUSY);
	assert_int_equal(use_file(6, false), -EBUSY);
	assert_int_equal(use_file(6, true), 0);
	assert_int_equal(use_device(LOOP(0), true), -EBUSY);
	assert_int_equal(use_device(LOOP(1), true), 0);
}

static void add_xen_vbd(dev_t dev, bool readonly)
{
	xen_vbds[nr_xen_vbds++] = (struct sysfs_xen_vbd){
		.domid = 4, .id = 51712, .dev = dev, .readonly = readonly,
	};
}

/* By whatever device xl has it: a loop device of its own, or the same one. */
static void test_disk_of_xl(void **state)
{
	dev_t loop;

	(void)state;
	add_xen_vbd(DISK(16), false);
	add_xen_vbd(DISK(0), true);
	assert_int_equal(use_device(DISK(16), true), -EBUSY);
	assert_string_equal(err.text,
			    "is in use by domain 4, xl's vbd 51712, for writing");
	assert_int_equal(use_device(DISK(0), false), -EBUSY);
	assert_string_equal(err.text,
			    "is in use by domain 4, xl's vbd 51712, for reading");
	assert_int_equal(use_device(DISK(0), true), 0);
	assert_int_equal(use_device(DISK(32), false), 0);
	loop = add_loop(5, 0, false, false);
	add_xen_vbd(loop, false);
	assert_int_equal(use_device(loop, false), -EBUSY);
	assert_int_equal(use_file(5, true), -EBUSY);
	assert_int_equal(use_device(add_loop(5, 0, false, false), true), -EBUSY);
	nr_xen_vbds = -ENOMEM;
	assert_int_equal(use_file(6, true), -ENOMEM);
}

/* A loop device of a loop device of a block device, and one of a file. */
static void test_loops_of_loops(void **state)
{
	dev_t lowest, middle;

	(void)state;
	lowest = add_loop(70, DISK(16), false, false);
	middle = add_loop(71, lowest, false, false);
	add_vbd(middle, false);
	assert_int_equal(use_device(DISK(16), true), -EBUSY);
	assert_int_equal(use_device(lowest, true), -EBUSY);
	lowest = add_loop(5, 0, false, false);
	add_vbd(add_loop(72, lowest, false, false), false);
	assert_int_equal(use_file(5, true), -EBUSY);
}

/* Longer chains than anybody makes, and one that has no end. */
static void test_deep_loops(void **state)
{
	dev_t dev = DISK(16);
	int i;

	(void)state;
	for (i = 0; i < 8; i++)
		dev = add_loop(70 + i, dev, true, false);
	add_vbd(dev, true);
	assert_int_equal(use_device(DISK(16), false), -EBUSY);
	loops[0].rdev = LOOP(1);
	loops[1].rdev = LOOP(0);
	assert_int_equal(use_device(DISK(16), false), 0);
}

static void test_loop_of_host(void **state)
{
	dev_t loop;

	(void)state;
	loop = add_loop(5, 0, false, false);
	assert_int_equal(use_file(5, true), -EBUSY);
	assert_string_equal(err.text, "is in use by the host, as /dev/loop0");
	/* It may be given to a guest itself. */
	assert_int_equal(use_device(loop, false), 0);
	/* It may be about to go. */
	loops[0].autoclear = true;
	assert_int_equal(use_file(5, true), -EAGAIN);
	loops[0].readonly = true;
	assert_int_equal(use_file(5, true), 0);
	assert_int_equal(use_file(5, false), -EAGAIN);
	/* It has gone between two looks. */
	nameless = true;
	assert_int_equal(use_file(5, false), 0);
}

static void test_failures(void **state)
{
	(void)state;
	nr_vbds = -EIO;
	assert_int_equal(use_file(5, true), -EIO);
	nr_vbds = 0;
	nr_loops = -1;
	assert_int_equal(use_file(5, true), -ENOMEM);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test_setup(test_nobody, setup),
	cmocka_unit_test_setup(test_device_of_guest, setup),
	cmocka_unit_test_setup(test_file_of_guest, setup),
	cmocka_unit_test_setup(test_disk_of_xl, setup),
	cmocka_unit_test_setup(test_loops_of_loops, setup),
	cmocka_unit_test_setup(test_deep_loops, setup),
	cmocka_unit_test_setup(test_loop_of_host, setup),
	cmocka_unit_test_setup(test_failures, setup),
};

int main(void)
{
	return run_group("disk_use", tests, ARRAY_SIZE(tests), NULL, 0, NULL);
}
