// SPDX-License-Identifier: GPL-2.0
/*
 * chaos/host/pygrub.c: what is made of what pygrub says. It is played by a shell, in
 * a directory in place of its file system, and as who runs the test.
 */
#include "harness.h"

#include <fcntl.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "host/loop.h"
#include "host/pygrub.h"
#include "util/chaos.h"
#include "util/signal.h"
#include "util/state.h"

#define SAYS	"printf 'kernel /etc/shadow\\0ramdisk /etc/passwd\\0args root=/dev/xvda1 ro\\0\\0'"
#define KERNEL	"printf kernel > $ROOM/out/boot_kernel.abc; "
#define RAMDISK	"printf ram > $ROOM/out/boot_ramdisk.abc; "

#define ROOM	"/tmp/pygrub.XXXXXX"

static char room[sizeof(ROOM)], image[sizeof(room) + 8];
static char args_path[sizeof(room) + 8];
static struct guest_config config;
static struct disk_config disk;
static struct booted booted;
static struct error err;

/* What it is asked to do; and which calls fail, with which errno. */
static const char *script;
static struct {
	int fsopen, fsconfig, fsmount, mknodat, clone, mount, move, exec, state;
	bool no_user, hurry;
	uid_t uid;
	dev_t loop;
} host;

int __wrap_fsopen(const char *name, unsigned int flags);
int __wrap_fsconfig(int fd, unsigned int cmd, const char *key,
		    const void *value, int aux);
int __wrap_fsmount(int fd, unsigned int flags, unsigned int attributes);
int __wrap_move_mount(int from, const char *from_path, int to,
		      const char *to_path, unsigned int flags);
int __wrap_mount(const char *source, const char *target, const char *type,
		 unsigned long flags, const void *data);
int __wrap_mknodat(int fd, const char *path, mode_t mode, dev_t dev);
long __wrap_syscall(long number, unsigned long flags);
int __wrap_execve(const char *path, char *const *argv, char *const *env);
int __real_execve(const char *path, char *const *argv, char *const *env);
struct passwd *__wrap_getpwnam(const char *name);
int __wrap_clock_gettime(clockid_t id, struct timespec *now);
int __real_clock_gettime(clockid_t id, struct timespec *now);

static int answer(int error)
{
	errno = error;
	return error ? -1 : 0;
}

int __wrap_fsopen(const char *name, unsigned int flags)
{
	assert_string_equal(name, "tmpfs");
	assert_int_equal(flags, FSOPEN_CLOEXEC);
	return answer(host.fsopen) ? -1 : open("/dev/null", O_RDONLY);
}

int __wrap_fsconfig(int fd, unsigned int cmd, const char *key,
		    const void *value, int aux)
{
	(void)fd;
	(void)key;
	(void)value;
	(void)aux;
	return answer(cmd == FSCONFIG_CMD_CREATE ? host.fsconfig : 0);
}

int __wrap_fsmount(int fd, unsigned int flags, unsigned int attributes)
{
	(void)fd;
	assert_int_equal(flags, FSMOUNT_CLOEXEC);
	assert_int_equal(attributes, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);
	return answer(host.fsmount) ? -1 : open(room, O_PATH | O_CLOEXEC);
}

int __wrap_mknodat(int fd, const char *path, mode_t mode, dev_t dev)
{
	int node;

	assert_int_equal(mode, S_IFBLK | 0444);
	assert_int_equal(dev, host.loop);
	if (answer(host.mknodat))
		return -1;
	node = openat(fd, path, O_CREAT | O_WRONLY, 0400);
	assert_true(node >= 0);
	close(node);
	return 0;
}

/* In the new process nothing can be asserted. */
int __wrap_mount(const char *source, const char *target, const char *type,
		 unsigned long flags, const void *data)
{
	if (source || strcmp(target, "/") || type ||
	    flags != (MS_REC | MS_PRIVATE) || data)
		_exit(1);
	return answer(host.mount);
}

int __wrap_move_mount(int from, const char *from_path, int to,
		      const char *to_path, unsigned int flags)
{
	(void)from;
	(void)to;
	if (*from_path || strcmp(to_path, CHAOS_RUN_DIR) ||
	    flags != MOVE_MOUNT_F_EMPTY_PATH)
		_exit(1);
	return answer(host.move);
}

long __wrap_syscall(long number, unsigned long flags)
{
	assert_int_equal(number, SYS_clone);
	assert_int_equal(flags, CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET |
				CLONE_NEWIPC | SIGCHLD);
	return answer(host.clone) ? -1 : fork();
}

int __wrap_execve(const char *path, char *const *argv, char *const *env)
{
	char variable[64], *shell[32] = { "sh", "-c", (char *)script };
	char *const room_env[] = { variable, env[0], NULL };
	size_t i;

	if (strcmp(path, "/usr/lib/xen-4.17/bin/pygrub") || answer(host.exec))
		return -1;
	for (i = 0; argv[i] && i < 28; i++)
		shell[i + 3] = argv[i];
	snprintf(variable, sizeof(variable), "ROOM=%s", room);
	return __real_execve("/bin/sh", shell, room_env);
}

struct passwd *__wrap_getpwnam(const char *name)
{
	static struct passwd user;

	assert_string_equal(name, "chaos-boot");
	user.pw_uid = host.uid;
	return host.no_user ? NULL : &user;
}

int __wrap_clock_gettime(clockid_t id, struct timespec *now)
{
	static time_t later;
	int ret = __real_clock_gettime(id, now);

	if (host.hurry)
		later += 200;
	now->tv_sec += later;
	return ret;
}

int state_init(struct error *error)
{
	return host.state ? error_sys(error, -host.state, "state") : 0;
}

int loop_attach(int file, bool readonly, bool direct, dev_t *dev,
		struct error *error)
{
	(void)error;
	assert_true(readonly && !direct);
	*dev = host.loop;
	return dup(file);
}

static void clean(void)
{
	static const char *const files[] = {
		"disk", "args", "out/boot_kernel.abc", "out/boot_ramdisk.abc",
		"out",
	};
	char path[sizeof(room) + 32];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(files); i++) {
		snprintf(path, sizeof(path), "%s/%s", room, files[i]);
		(void)remove(path);
	}
}

static int boot(const char *commands)
{
	clean();
	script = commands;
	memset(&booted, 0xff, sizeof(booted));
	return pygrub_boot(&config, &booted, &err);
}

static int setup(void **state)
{
	int fd;

	(void)state;
	strcpy(room, ROOM);
	assert_non_null(mkdtemp(room));
	snprintf(image, sizeof(image), "%s/image", room);
	snprintf(args_path, sizeof(args_path), "%s/args", room);
	fd = open(image, O_CREAT | O_WRONLY, 0600);
	close(fd);
	memset(&host, 0, sizeof(host));
	host.uid = 990;
	host.loop = makedev(7, 5);
	config = (struct guest_config){
		.bootloader = true, .cmdline = "quiet", .disks = &disk,
		.nr_disks = 1,
	};
	snprintf(disk.path, sizeof(disk.path), "%s", image);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	clean();
	unlink(image);
	return rmdir(room);
}

static void assert_contains(const char *path, const char *want)
{
	char text[1024];
	ssize_t len;
	int fd;

	fd = open(path, O_RDONLY);
	assert_true(fd >= 0);
	len = read(fd, text, sizeof(text) - 1);
	close(fd);
	assert_true(len >= 0);
	text[len] = '\0';
	assert_string_equal(text, want);
}

static void assert_fails(const char *commands, int ret, const char *why)
{
	assert_int_equal(boot(commands), ret);
	assert_string_equal(err.text, why);
}

static void test_without(void **state)
{
	(void)state;
	config.bootloader = false;
	config.kernel = "/k";
	assert_int_equal(boot("exit 1"), 0);
	assert_string_equal(booted.config.kernel, "/k");
	assert_string_equal(booted.config.cmdline, "quiet");
	pygrub_release(&booted);
}

/* Its files are taken, and not those that it names. */
static void test_found(void **state)
{
	char entry[] = "--entry=1", other[] = "-x";

	(void)state;
	config.bootloader_args = (char *[]){ entry, other, NULL };
	assert_int_equal(boot(KERNEL RAMDISK "printf '%s\n' \"$@\" > $ROOM/args; " SAYS), 0);
	assert_contains(booted.config.kernel, "kernel");
	assert_contains(booted.config.ramdisk, "ram");
	assert_string_equal(booted.config.cmdline, "root=/dev/xvda1 ro");
	assert_contains(args_path,
			"--entry=1\n-x\n--quiet\n--args=quiet\n--runas=990\n"
			"--output-format=simple0\n"
			"--output-directory=" CHAOS_RUN_DIR "/out\n"
			CHAOS_RUN_DIR "/disk\n");
	pygrub_release(&booted);
	assert_int_equal(access(booted.config.kernel, F_OK), -1);
}

static void test_no_ramdisk(void **state)
{
	(void)state;
	assert_int_equal(boot(KERNEL ": > $ROOM/out/boot_ramdisk.abc; printf 'kernel x\\0\\0'"), 0);
	assert_contains(booted.config.kernel, "kernel");
	assert_null(booted.config.ramdisk);
	assert_string_equal(booted.config.cmdline, "");
	pygrub_release(&booted);
}

static void test_nothing_found(void **state)
{
	(void)state;
	assert_fails("echo 'Traceback:\n  x\nRuntimeError: no\tkernel' >&2; echo >&2; exit 1",
		     -EINVAL, "pygrub: RuntimeError: no?kernel");
	assert_fails("exit 0", -EINVAL, "pygrub: found no kernel");
	assert_fails(SAYS, -EINVAL, "pygrub: found no kernel");
	assert_fails(KERNEL, -EINVAL, "pygrub: found no kernel");
	assert_fails(": > $ROOM/out/boot_kernel.abc; " SAYS, -EINVAL,
		     "pygrub: found no kernel");
	assert_fails("ln -s /etc/passwd $ROOM/out/boot_kernel.abc; " SAYS,
		     -EINVAL, "pygrub: found no kernel");
	assert_fails("rmdir $ROOM/out; " SAYS, -EINVAL,
		     "pygrub: found no kernel");
	/* However much it says. */
	assert_fails("i=0; while [ $i -lt 4000 ]; do i=$((i+1)); echo line $i; done >&2",
		     -EINVAL, "pygrub: line 4000");
}

static void test_wrong_words(void **state)
{
	(void)state;
	assert_fails(KERNEL "echo text", -EINVAL,
		     "pygrub: doesn't say what it found");
	assert_fails(KERNEL "printf 'args a\\nb\\0'", -EINVAL,
		     "pygrub: the command line is no text");
	assert_fails(KERNEL "printf 'args %1024s\\0' x", -E2BIG,
		     "pygrub: the command line is longer than 1023 characters");
	assert_fails(KERNEL "printf %9000s x", -EINVAL,
		     "pygrub: doesn't say what it found");
	assert_int_equal(boot(KERNEL "printf 'args %1023s\\0' x"), 0);
	assert_int_equal(strlen(booted.config.cmdline), 1023);
	pygrub_release(&booted);
}

static void test_disks(void **state)
{
	(void)state;
	strcpy(disk.path, "/nonexistent");
	assert_fails("", -ENOENT,
		     "pygrub: /nonexistent: No such file or directory");
	strcpy(disk.path, "/");
	assert_fails("", -EINVAL,
		     "pygrub: /: is neither a block device nor a file");
}

static void test_users(void **state)
{
	static const char why[] =
		"pygrub: " PYGRUB_NO_USER;

	(void)state;
	host.uid = 0;
	assert_fails("", -ENOENT, why);
	host.no_user = true;
	assert_fails("", -ENOENT, why);
}

static void test_failures(void **state)
{
	static const struct {
		int *call;
		int ret;
		const char *why;
	} calls[] = {
		{ &host.fsopen, -EPERM, "pygrub: tmpfs: Operation not permitted" },
		{ &host.fsconfig, -EPERM, "pygrub: tmpfs: Operation not permitted" },
		{ &host.fsmount, -EPERM, "pygrub: tmpfs: Operation not permitted" },
		{ &host.mknodat, -EPERM, "pygrub: tmpfs: Operation not permitted" },
		{ &host.clone, -EPERM, "pygrub: namespaces: Operation not permitted" },
		{ &host.mount, -EINVAL, "pygrub: namespace: Operation not permitted" },
		{ &host.move, -EINVAL, "pygrub: namespace: Operation not permitted" },
		{ &host.exec, -EINVAL,
		  "pygrub: /usr/lib/xen-4.17/bin/pygrub: Operation not permitted" },
		{ &host.state, -EPERM, "pygrub: state: Operation not permitted" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(calls); i++) {
		*calls[i].call = EPERM;
		assert_fails(KERNEL SAYS, calls[i].ret, calls[i].why);
		*calls[i].call = 0;
	}
	assert_int_equal(boot(KERNEL SAYS), 0);
	pygrub_release(&booted);
}

/* It is ended, and nothing is waited for. */
static void test_endless(void **state)
{
	sigset_t set;
	int got;

	(void)state;
	host.hurry = true;
	assert_fails("echo on; exec sleep 1000", -ETIMEDOUT,
		     "pygrub: took longer than 300 seconds");
	host.hurry = false;
	signals_block();
	raise(SIGTERM);
	assert_fails("exec sleep 1000", -EINTR, "pygrub: interrupted");
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigwait(&set, &got);
	signals_unblock();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_without, setup, teardown),
		cmocka_unit_test_setup_teardown(test_found, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_ramdisk, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_nothing_found, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_wrong_words, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_disks, setup, teardown),
		cmocka_unit_test_setup_teardown(test_users, setup, teardown),
		cmocka_unit_test_setup_teardown(test_failures, setup, teardown),
		cmocka_unit_test_setup_teardown(test_endless, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
