// SPDX-License-Identifier: GPL-2.0
/* chaos/host/loop.c: loop devices, of a kernel that is played here. */
#include "harness.h"

#include <fcntl.h>
#include <glob.h>
#include <linux/loop.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "host/blockdev.h"
#include "host/loop.h"

#define CONTROL	1000
#define DEVICE	1001

/* How the kernel answers: a negative errno, or what it is called for. */
static struct {
	int control, free, device, stat, configure, busy, status, capacity;
	int blockdev, no_memory;
	int opened, device_flags;
	struct loop_config config;
	const char *glob;
} kernel;

int __wrap_open(const char *path, int flags, ...);
int __real_open(const char *path, int flags, ...);
int __wrap_close(int fd);
int __real_close(int fd);
int __wrap_fstat(int fd, struct stat *info);
int __wrap_ioctl(int fd, unsigned long request, ...);
int __wrap_glob(const char *pattern, int flags, void *errors, glob_t *found);
int __real_glob(const char *pattern, int flags, void *errors, glob_t *found);
void *__wrap_calloc(size_t nr, size_t size);
void *__real_calloc(size_t nr, size_t size);

static int answer(int value)
{
	if (value >= 0)
		return value;
	errno = -value;
	return -1;
}

int __wrap_open(const char *path, int flags, ...)
{
	int fd;

	if (!strcmp(path, "/dev/loop-control")) {
		fd = answer(kernel.control ? kernel.control : CONTROL);
	} else if (!strcmp(path, "/dev/loop5")) {
		kernel.device_flags = flags;
		fd = answer(kernel.device ? kernel.device : DEVICE);
	} else {
		/* gcov's own */
		return __real_open(path, flags, 0666);
	}
	kernel.opened += fd >= 0;
	return fd;
}

int __wrap_close(int fd)
{
	if (fd != CONTROL && fd != DEVICE)
		return __real_close(fd);
	kernel.opened--;
	return 0;
}

int __wrap_fstat(int fd, struct stat *info)
{
	assert_int_equal(fd, DEVICE);
	memset(info, 0, sizeof(*info));
	info->st_rdev = makedev(7, 5);
	return answer(kernel.stat);
}

int __wrap_ioctl(int fd, unsigned long request, ...)
{
	struct loop_info64 *info;
	va_list args;
	void *arg;

	va_start(args, request);
	arg = va_arg(args, void *);
	va_end(args);
	assert_int_equal(fd, request == LOOP_CTL_GET_FREE ? CONTROL : DEVICE);
	switch (request) {
	case LOOP_CTL_GET_FREE:
		return answer(kernel.free ? kernel.free : 5);
	case LOOP_CONFIGURE:
		memcpy(&kernel.config, arg, sizeof(kernel.config));
		return answer(kernel.busy-- > 0 ? -EBUSY : kernel.configure);
	case LOOP_GET_STATUS64:
		info = arg;
		memset(info, 0, sizeof(*info));
		info->lo_device = 0x801;
		info->lo_inode = 77;
		info->lo_rdevice = 0x810;
		info->lo_flags = LO_FLAGS_READ_ONLY | LO_FLAGS_AUTOCLEAR;
		return answer(kernel.status);
	case LOOP_SET_CAPACITY:
		return answer(kernel.capacity);
	default:
		fail_msg("ioctl %lx", request);
		return -1;
	}
}

int blockdev_open(dev_t dev)
{
	assert_int_equal(dev, makedev(7, 5));
	if (kernel.blockdev)
		return kernel.blockdev;
	kernel.opened++;
	return DEVICE;
}

int __wrap_glob(const char *pattern, int flags, void *errors, glob_t *found)
{
	(void)pattern;
	return kernel.no_memory == 1 ? GLOB_NOSPACE :
		__real_glob(kernel.glob, flags, errors, found);
}

void *__wrap_calloc(size_t nr, size_t size)
{
	return kernel.no_memory == 2 ? NULL : __real_calloc(nr, size);
}

static int setup(void **state)
{
	(void)state;
	memset(&kernel, 0, sizeof(kernel));
	return 0;
}

static struct error err;

static int attach(bool readonly, bool direct)
{
	dev_t dev = 0;
	int ret = loop_attach(42, readonly, direct, &dev, &err);

	if (ret >= 0) {
		assert_int_equal(dev, makedev(7, 5));
		assert_int_equal(kernel.opened, 1);
	} else {
		assert_int_equal(kernel.opened, 0);
	}
	return ret;
}

static void test_attach(void **state)
{
	(void)state;
	assert_int_equal(attach(false, true), DEVICE);
	assert_int_equal(kernel.device_flags & O_ACCMODE, O_RDWR);
	assert_true(kernel.device_flags & O_CLOEXEC);
	assert_int_equal(kernel.config.fd, 42);
	assert_int_equal(kernel.config.block_size, 512);
	assert_int_equal(kernel.config.info.lo_flags,
			 LO_FLAGS_AUTOCLEAR | LO_FLAGS_DIRECT_IO);
	kernel.opened = 0;
	assert_int_equal(attach(true, false), DEVICE);
	assert_int_equal(kernel.device_flags & O_ACCMODE, O_RDONLY);
	assert_int_equal(kernel.config.info.lo_flags,
			 LO_FLAGS_AUTOCLEAR | LO_FLAGS_READ_ONLY);
}

/* Others take what was free; not for ever. */
static void test_attach_busy(void **state)
{
	(void)state;
	kernel.busy = 63;
	assert_int_equal(attach(false, false), DEVICE);
	kernel.opened = 0;
	kernel.busy = 64;
	assert_int_equal(attach(false, false), -EBUSY);
}

static void test_attach_fails(void **state)
{
	(void)state;
	kernel.control = -ENOENT;
	assert_int_equal(attach(false, false), -ENOENT);
	assert_string_equal(err.text,
			    "/dev/loop-control: is not there; load loop");
	kernel.control = -ENODEV;
	assert_int_equal(attach(false, false), -ENODEV);
	kernel.control = -EACCES;
	assert_int_equal(attach(false, false), -EACCES);
	assert_string_equal(err.text, "/dev/loop-control: Permission denied");
	kernel.control = 0;
	kernel.free = -ENOSPC;
	assert_int_equal(attach(false, false), -ENOSPC);
	kernel.free = 0;
	kernel.device = -EPERM;
	assert_int_equal(attach(false, false), -EPERM);
	kernel.device = 0;
	kernel.stat = -EIO;
	assert_int_equal(attach(false, false), -EIO);
	kernel.stat = 0;
	kernel.configure = -EINVAL;
	assert_int_equal(attach(false, false), -EINVAL);
	assert_string_equal(err.text, "loop device: Invalid argument");
}

static void test_get(void **state)
{
	struct loop_file file;

	(void)state;
	assert_int_equal(loop_get(makedev(7, 5), &file), 0);
	assert_int_equal(file.dev, makedev(8, 1));
	assert_int_equal(file.ino, 77);
	assert_int_equal(file.rdev, makedev(8, 16));
	assert_true(file.readonly);
	assert_true(file.autoclear);
	assert_int_equal(loop_get(makedev(8, 5), &file), -ENXIO);
	kernel.status = -ENXIO;
	assert_int_equal(loop_get(makedev(7, 5), &file), -ENXIO);
	assert_int_equal(kernel.opened, 0);
	kernel.blockdev = -ENOENT;
	assert_int_equal(loop_get(makedev(7, 5), &file), -ENOENT);
}

static void test_resize(void **state)
{
	(void)state;
	assert_int_equal(loop_resize(makedev(8, 5)), 0);
	assert_int_equal(loop_resize(makedev(7, 5)), 0);
	kernel.capacity = -EIO;
	assert_int_equal(loop_resize(makedev(7, 5)), -EIO);
	assert_int_equal(kernel.opened, 0);
	kernel.blockdev = -ENOENT;
	assert_int_equal(loop_resize(makedev(7, 5)), -ENOENT);
}

static void write_file(const char *path, const char *text)
{
	FILE *stream = fopen(path, "w");

	assert_non_null(stream);
	fputs(text, stream);
	fclose(stream);
}

static void test_list(void **state)
{
	char dir[] = "/tmp/loops.XXXXXX", path[64], pattern[64];
	dev_t *devs;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(pattern, sizeof(pattern), "%s/*", dir);
	kernel.glob = pattern;
	assert_int_equal(loop_list(&devs), 0);
	free(devs);
	snprintf(path, sizeof(path), "%s/2", dir);
	write_file(path, "7:2\n");
	snprintf(path, sizeof(path), "%s/1", dir);
	write_file(path, "nonsense\n");
	snprintf(path, sizeof(path), "%s/3", dir);
	assert_int_equal(symlink("nowhere", path), 0);
	snprintf(path, sizeof(path), "%s/4", dir);
	write_file(path, "7:4\n");
	assert_int_equal(loop_list(&devs), 2);
	assert_int_equal(devs[0], makedev(7, 2));
	assert_int_equal(devs[1], makedev(7, 4));
	free(devs);
	for (kernel.no_memory = 1; kernel.no_memory <= 2; kernel.no_memory++)
		assert_int_equal(loop_list(&devs), -ENOMEM);
	kernel.no_memory = 0;
	snprintf(path, sizeof(path), "rm -r %s", dir);
	assert_int_equal(system(path), 0);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test_setup(test_attach, setup),
	cmocka_unit_test_setup(test_attach_busy, setup),
	cmocka_unit_test_setup(test_attach_fails, setup),
	cmocka_unit_test_setup(test_get, setup),
	cmocka_unit_test_setup(test_resize, setup),
	cmocka_unit_test_setup(test_list, setup),
};

int main(void)
{
	return run_group("loop", tests, ARRAY_SIZE(tests), NULL, 0, NULL);
}
