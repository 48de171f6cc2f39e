// SPDX-License-Identifier: GPL-2.0
/*
 * A guest's kernel from its own disk, by pygrub, which Xen's package has. It parses
 * partition tables, file systems and menus that a guest has written, and so it is
 * not to be believed, and sees next to nothing.
 *
 * It begins as root with namespaces of its own and, in the place of CHAOS_RUN_DIR, a
 * file system in memory that is there for it alone: "disk" is the guest's, read-only,
 * and "out" is where it makes two files. Then, by its option --runas, it goes on as
 * another user in a root that has only the disk, with these two files open. When it
 * has ended, however it did, the namespaces have gone with all that was in them; the
 * files are reached through the file system's descriptor, and go when that is closed.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/loop.h"
#include "host/pygrub.h"
#include "util/chaos.h"
#include "util/signal.h"
#include "util/state.h"

#define PYGRUB		"/usr/lib/xen-" XEN_RELEASE "/bin/pygrub"
#define DISK		"disk"
#define OUT		"out"
#define ROOM_SIZE	"320m"	/* of both files; pygrub stops at 128 MiB each */
#define MEMORY_MAX	(1ULL << 30)
#define CPU_SECONDS	120
#define RUN_MS		300000
#define OPTIONS		8

/**
 * struct run - pygrub at work
 * @room: its file system
 * @pid: its process
 * @out: what it prints
 * @complaints: what it prints as well
 * @said: @out, so far
 * @said_len: how much that is
 * @last: the end of @complaints, so far
 * @last_len: how much that is
 */
struct run {
	int room;
	pid_t pid;
	int out;
	int complaints;
	char said[4096];
	size_t said_len;
	char last[1024];
	size_t last_len;
};

/* Return: a file descriptor, while which is open the block device is there. */
static int open_disk(const struct disk_config *disk, dev_t *dev,
		     struct error *err)
{
	struct stat info;
	int fd, loop;

	fd = open(disk->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &info)) {
		loop = error_sys(err, -errno, "%s", disk->path);
		if (fd >= 0)
			close(fd);
		return loop;
	}
	*dev = info.st_rdev;
	if (S_ISBLK(info.st_mode))
		return fd;
	/* Whose file it is doesn't matter then, nor in which directory. */
	loop = S_ISREG(info.st_mode) ? loop_attach(fd, true, false, dev, err) :
	       error_set(err, -EINVAL,
			 "%s: is neither a block device nor a file",
			 disk->path);
	close(fd);
	return loop;
}

/* Return: a file system that is mounted nowhere, or a negative errno. */
static int make_room(void)
{
	int fs, room;

	fs = fsopen("tmpfs", FSOPEN_CLOEXEC);
	if (fs < 0)
		return -errno;
	if (fsconfig(fs, FSCONFIG_SET_STRING, "size", ROOM_SIZE, 0) ||
	    fsconfig(fs, FSCONFIG_SET_STRING, "mode", "0700", 0) ||
	    fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		room = -1;
	else
		room = fsmount(fs, FSMOUNT_CLOEXEC,
			       MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);
	if (room < 0)
		room = -errno;
	close(fs);
	return room;
}

/* The node is for whom pygrub becomes, and nobody else comes here. */
static int furnish(int room, dev_t dev)
{
	if (mknodat(room, DISK, S_IFBLK | 0444, dev) ||
	    fchmodat(room, DISK, 0444, 0) || mkdirat(room, OUT, 0700))
		return -errno;
	return 0;
}

static void limit(int resource, rlim_t most)
{
	const struct rlimit both = { most, most };

	setrlimit(resource, &both);
}

/* In the new process: what it says goes to its standard error. */
static void become_pygrub(struct run *run, char **argv)
{
	static char *const env[] = {
		"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8",
		"PYTHONDONTWRITEBYTECODE=1", NULL,
	};
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	if (dup2(null, STDIN_FILENO) < 0 ||
	    dup2(run->out, STDOUT_FILENO) < 0 ||
	    dup2(run->complaints, STDERR_FILENO) < 0)
		_exit(EXIT_FAILURE);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signals_unblock();
	signal(SIGPIPE, SIG_DFL);
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    move_mount(run->room, "", AT_FDCWD, CHAOS_RUN_DIR,
		       MOVE_MOUNT_F_EMPTY_PATH) ||
	    close_range(3, ~0U, 0) || chdir("/")) {
		perror("namespace");
		_exit(EXIT_FAILURE);
	}
	umask(077);
	limit(RLIMIT_AS, MEMORY_MAX);
	limit(RLIMIT_CPU, CPU_SECONDS);
	limit(RLIMIT_CORE, 0);
	execve(argv[0], argv, env);
	perror(argv[0]);
	_exit(EXIT_FAILURE);
}

static int start(struct run *run, char **argv, struct error *err)
{
	const unsigned long flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET |
				    CLONE_NEWIPC | SIGCHLD;
	int out[2], complaints[2], ret;

	if (pipe2(out, O_CLOEXEC))
		return error_sys(err, -errno, "pipe");
	if (pipe2(complaints, O_CLOEXEC)) {
		close(out[0]);
		close(out[1]);
		return error_sys(err, -errno, "pipe");
	}
	run->out = out[1];
	run->complaints = complaints[1];
	/* Like fork(). It is its namespace's first process: all of them end with it. */
	run->pid = syscall(SYS_clone, flags, NULL, NULL, NULL, NULL);
	if (!run->pid)
		become_pygrub(run, argv);
	close(out[1]);
	close(complaints[1]);
	run->out = out[0];
	run->complaints = complaints[0];
	if (run->pid > 0)
		return 0;
	ret = error_sys(err, -errno, "namespaces");
	close(run->out);
	close(run->complaints);
	return ret;
}

/* More than there is room for is no good, and is left in the pipe. */
static bool take_said(struct run *run)
{
	size_t room = sizeof(run->said) - run->said_len;
	ssize_t len = read(run->out, run->said + run->said_len, room);

	if (len > 0)
		run->said_len += len;
	return len > 0;
}

/* The last lines say most. */
static bool take_complaints(struct run *run)
{
	char more[sizeof(run->last) / 2];
	ssize_t len = read(run->complaints, more, sizeof(more));
	size_t over;

	if (len <= 0)
		return false;
	if (run->last_len + len > sizeof(run->last) - 1) {
		over = run->last_len + len - (sizeof(run->last) - 1);
		memmove(run->last, run->last + over, run->last_len - over);
		run->last_len -= over;
	}
	memcpy(run->last + run->last_len, more, len);
	run->last_len += len;
	return true;
}

/* Until it has closed both, as it does when it ends. */
static int listen_to(struct run *run, struct error *err)
{
	int64_t deadline = clock_ms() + RUN_MS, left;
	struct pollfd fds[] = {
		{ .fd = run->out, .events = POLLIN },
		{ .fd = run->complaints, .events = POLLIN },
		{ .fd = signals_fd(), .events = POLLIN },
	};
	int ret = 0;

	while (!ret && (fds[0].fd >= 0 || fds[1].fd >= 0)) {
		left = deadline - clock_ms();
		if (left > 0 && poll(fds, ARRAY_SIZE(fds), left) < 0)
			continue;
		if (left <= 0)
			ret = error_set(err, -ETIMEDOUT,
					"took longer than %d seconds",
					RUN_MS / 1000);
		else if (fds[2].revents & POLLIN)
			ret = error_set(err, -EINTR, "interrupted");
		else if (fds[0].revents && !take_said(run))
			fds[0].fd = -1;
		else if (fds[1].revents && !take_complaints(run))
			fds[1].fd = -1;
	}
	if (fds[2].fd >= 0)
		close(fds[2].fd);
	return ret;
}

static int finish(struct run *run, struct error *err)
{
	int ret = listen_to(run, err);

	/* If it hasn't ended by itself, it is to. */
	kill(run->pid, SIGKILL);
	while (waitpid(run->pid, NULL, 0) < 0 && errno == EINTR)
		;
	close(run->out);
	close(run->complaints);
	return ret;
}

/* Its last line of those that say something. */
static int complain(struct run *run, struct error *err)
{
	char *end = run->last + run->last_len, *line;

	while (end > run->last && strchr("\n ", end[-1]))
		end--;
	*end = '\0';
	line = strrchr(run->last, '\n');
	line = line ? line + 1 : run->last;
	if (!*line)
		line = "found no kernel";
	error_set(err, -EINVAL, "%s", line);
	error_clean(err->text);
	return -EINVAL;
}

/* Its files are its root part's, which did not yet look at the disk. */
static int open_found(int out, const char *name)
{
	struct stat info;
	int fd;

	fd = openat(out, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0 && (fstat(fd, &info) || !S_ISREG(info.st_mode) ||
			!info.st_size)) {
		close(fd);
		fd = -1;
	}
	return fd;
}

static void take_file(int out, const char *name, const char *prefix, int *fd)
{
	if (*fd < 0 && !strncmp(name, prefix, strlen(prefix)))
		*fd = open_found(out, name);
}

static void take_files(const struct run *run, struct booted *booted)
{
	struct dirent *entry;
	DIR *dir;
	int out;

	out = openat(run->room, OUT, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	dir = out < 0 ? NULL : fdopendir(out);
	while (dir && (entry = readdir(dir))) {
		take_file(out, entry->d_name, "boot_kernel.", &booted->kernel);
		take_file(out, entry->d_name, "boot_ramdisk.",
			  &booted->ramdisk);
	}
	if (dir)
		closedir(dir);
	else if (out >= 0)
		close(out);
}

static bool is_text(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return false;
	return true;
}

/*
 * What is said is "KEY VALUE" and a NUL, several times. The paths are not looked at:
 * who says them has seen the disk.
 */
static int take_cmdline(struct run *run, struct booted *booted,
			struct error *err)
{
	const char *at = run->said, *end = run->said + run->said_len, *nul;

	booted->cmdline[0] = '\0';
	for (; at < end; at = nul + 1) {
		nul = memchr(at, '\0', end - at);
		if (!nul)
			return error_set(err, -EINVAL,
					 "doesn't say what it found");
		if (strncmp(at, "args ", 5))
			continue;
		at += 5;
		if (nul - at > CONFIG_CMDLINE_MAX)
			return error_set(err, -E2BIG,
					 "the command line is longer than %d characters",
					 CONFIG_CMDLINE_MAX);
		if (!is_text(at))
			return error_set(err, -EINVAL,
					 "the command line is no text");
		strcpy(booted->cmdline, at);
	}
	return 0;
}

static int take_found(struct run *run, struct booted *booted,
		      struct error *err)
{
	int ret;

	take_files(run, booted);
	if (booted->kernel < 0 || !run->said_len)
		ret = complain(run, err);
	else
		ret = take_cmdline(run, booted, err);
	if (ret)
		pygrub_release(booted);
	return ret;
}

/* The user's own come first: of an option that is given twice the last one counts. */
static int run_pygrub(struct run *run, const struct guest_config *config,
		      uid_t uid, struct error *err)
{
	char arguments[sizeof("--args=") + CONFIG_CMDLINE_MAX], runas[32];
	char **argv;
	size_t nr = 0, i;
	int ret;

	for (i = 0; config->bootloader_args && config->bootloader_args[i]; i++)
		;
	argv = calloc(i + OPTIONS, sizeof(*argv));
	if (!argv)
		return error_no_memory(err);
	argv[nr++] = PYGRUB;
	for (i = 0; config->bootloader_args && config->bootloader_args[i]; i++)
		argv[nr++] = config->bootloader_args[i];
	snprintf(arguments, sizeof(arguments), "--args=%s", config->cmdline);
	snprintf(runas, sizeof(runas), "--runas=%u", uid);
	argv[nr++] = "--quiet";
	argv[nr++] = arguments;
	argv[nr++] = runas;
	argv[nr++] = "--output-format=simple0";
	argv[nr++] = "--output-directory=" CHAOS_RUN_DIR "/" OUT;
	argv[nr++] = CHAOS_RUN_DIR "/" DISK;
	ret = start(run, argv, err);
	free(argv);
	return ret ? ret : finish(run, err);
}

static int look(const struct guest_config *config, dev_t dev, uid_t uid,
		struct booted *booted, struct error *err)
{
	struct run run = { .room = make_room() };
	int ret;

	if (run.room < 0)
		return error_sys(err, run.room, "tmpfs");
	ret = furnish(run.room, dev);
	if (ret)
		error_sys(err, ret, "tmpfs");
	else
		ret = run_pygrub(&run, config, uid, err);
	if (!ret)
		ret = take_found(&run, booted, err);
	close(run.room);
	return ret;
}

static int find(const struct guest_config *config, struct booted *booted,
		struct error *err)
{
	const struct passwd *user;
	dev_t dev;
	int disk, ret;

	/* Its file system covers this. */
	ret = state_init(err);
	if (ret)
		return ret;
	user = getpwnam(PYGRUB_USER);
	if (!user || !user->pw_uid)
		return error_set(err, -ENOENT, PYGRUB_NO_USER);
	disk = open_disk(config->disks, &dev, err);
	if (disk < 0)
		return disk;
	ret = look(config, dev, user->pw_uid, booted, err);
	close(disk);
	return ret;
}

int pygrub_boot(const struct guest_config *config, struct booted *booted,
		struct error *err)
{
	struct error why;
	int ret;

	booted->config = *config;
	booted->kernel = -1;
	booted->ramdisk = -1;
	if (!config->bootloader)
		return 0;
	ret = find(config, booted, &why);
	if (ret)
		return error_set(err, ret, "pygrub: %s", why.text);
	snprintf(booted->kernel_path, sizeof(booted->kernel_path),
		 "/proc/self/fd/%d", booted->kernel);
	snprintf(booted->ramdisk_path, sizeof(booted->ramdisk_path),
		 "/proc/self/fd/%d", booted->ramdisk);
	booted->config.kernel = booted->kernel_path;
	if (booted->ramdisk >= 0)
		booted->config.ramdisk = booted->ramdisk_path;
	booted->config.cmdline = booted->cmdline;
	return 0;
}

static void close_found(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void pygrub_release(struct booted *booted)
{
	close_found(&booted->kernel);
	close_found(&booted->ramdisk);
}
