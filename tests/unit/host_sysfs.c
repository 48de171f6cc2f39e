// SPDX-License-Identifier: GPL-2.0
/* chaos/host/sysfs.c: disks of xl's guests, in a sysfs that is made here. */
#include "harness.h"

#include <fcntl.h>
#include <glob.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "host/sysfs.h"

static char dir[64];
static int glob_ret;

int __wrap_glob(const char *pattern, int flags, void *errors, glob_t *found);
int __real_glob(const char *pattern, int flags, void *errors, glob_t *found);

int __wrap_glob(const char *pattern, int flags, void *errors, glob_t *found)
{
	char here[256];

	assert_string_equal(pattern, "/sys/bus/xen-backend/devices/vbd-*-*");
	if (glob_ret)
		return glob_ret;
	snprintf(here, sizeof(here), "%s/vbd-*-*", dir);
	return __real_glob(here, flags, errors, found);
}

static void make(const char *name, const char *key, const char *value)
{
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	(void)mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/%s/%s", dir, name, key);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(value, file);
	fclose(file);
}

static void test_xen_vbds(void **state)
{
	struct sysfs_xen_vbd *vbds;

	(void)state;
	strcpy(dir, "/tmp/host_sysfs.XXXXXX");
	assert_non_null(mkdtemp(dir));
	assert_int_equal(sysfs_xen_vbds(&vbds), 0);
	free(vbds);
	make("vbd-3-51712", "physical_device", "7:1f\n");
	make("vbd-3-51712", "mode", "w\n");
	make("vbd-3-51728", "physical_device", "fe:0\n");
	make("vbd-3-51728", "mode", "r\n");
	/* One that says nothing of what it may do. */
	make("vbd-4-768", "physical_device", "8:10\n");
	/* Those have no disk yet, or are none. */
	make("vbd-5-768", "mode", "w\n");
	make("vbd-6-768", "physical_device", "\n");
	make("vbd-x-768", "physical_device", "8:20\n");
	assert_int_equal(sysfs_xen_vbds(&vbds), 3);
	assert_int_equal(vbds[0].domid, 3);
	assert_int_equal(vbds[0].id, 51712);
	assert_int_equal(vbds[0].dev, makedev(7, 0x1f));
	assert_false(vbds[0].readonly);
	assert_int_equal(vbds[1].dev, makedev(0xfe, 0));
	assert_true(vbds[1].readonly);
	assert_int_equal(vbds[2].domid, 4);
	assert_int_equal(vbds[2].dev, makedev(8, 0x10));
	assert_false(vbds[2].readonly);
	free(vbds);
	glob_ret = GLOB_NOSPACE;
	assert_int_equal(sysfs_xen_vbds(&vbds), -ENOMEM);
}

static int remove_all(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -r %s", dir);
	return system(command);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_xen_vbds),
	};

	return cmocka_run_group_tests(tests, NULL, remove_all);
}
