// SPDX-License-Identifier: GPL-2.0
/*
 * Directories and locks. A lock is a file that is locked: whoever dies lets go
 * of it. That of a name comes and goes with the name, so who has it open must
 * look whether it is still the one that the path leads to.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/chaos.h"
#include "util/state.h"
#include "util/util.h"

#define CREATING_FILE	CHAOS_RUN_DIR "/creating"
#define LOCK_STEP_MS	20

int state_make_dirs(const char *const *dirs, size_t count, struct error *err)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (mkdir(dirs[i], 0700) && errno != EEXIST)
			return error_sys(err, -errno, "%s", dirs[i]);
	return 0;
}

int state_init(struct error *err)
{
	static const char *const dirs[] = {
		CHAOS_RUN_DIR, STATE_NAMES_DIR, STATE_DOMAINS_DIR,
		STATE_CONSOLE_DIR, STATE_SHELLS_DIR, CHAOS_LOG_DIR,
	};
	int ret = state_make_dirs(dirs, ARRAY_SIZE(dirs), err);

	if (ret)
		return ret;
	/* Others may reach chaosd's socket, and see nothing else. */
	if (chmod(CHAOS_RUN_DIR, 0711))
		return error_sys(err, -errno, "%s", CHAOS_RUN_DIR);
	return 0;
}

void state_each(const char *path, const char *suffix,
		bool (*fn)(uint32_t domid, void *arg), void *arg)
{
	struct dirent *entry;
	uint32_t domid;
	char end[8];
	DIR *dir;

	dir = opendir(path);
	if (!dir)
		return;
	while ((entry = readdir(dir)))
		if (sscanf(entry->d_name, "%5u.%7s", &domid, end) == 2 &&
		    !strcmp(end, suffix) && !fn(domid, arg))
			break;
	closedir(dir);
}

static int flock_until(int fd, int how, int64_t deadline)
{
	while (flock(fd, how | LOCK_NB)) {
		if (errno != EWOULDBLOCK)
			return -errno;
		if (clock_ms() >= deadline)
			return -EBUSY;
		sleep_ms(LOCK_STEP_MS);
	}
	return 0;
}

int state_lock(const char *path, bool shared, int timeout, struct error *err)
{
	int64_t deadline = timeout < 0 ? INT64_MAX : clock_ms() + timeout;
	int fd, ret;

	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return error_sys(err, -errno, "%s", path);
	ret = flock_until(fd, shared ? LOCK_SH : LOCK_EX, deadline);
	if (!ret)
		return fd;
	close(fd);
	return ret == -EBUSY ? ret : error_sys(err, ret, "%s", path);
}

int state_create_begin(int *fd, struct error *err)
{
	/* Whoever has it for itself does little with it. */
	*fd = state_lock(CREATING_FILE, true, -1, err);
	return *fd < 0 ? *fd : 0;
}

void state_create_end(int fd)
{
	close(fd);
}

bool state_create_stop(int *fd)
{
	struct error ignored;

	*fd = state_lock(CREATING_FILE, false, 0, &ignored);
	return *fd >= 0;
}

static void name_path(char *path, const char *name)
{
	snprintf(path, PATH_MAX, "%s/%s", STATE_NAMES_DIR, name);
}

/* Whether @path still leads to the file that @fd is. */
static bool is_same_file(int fd, const char *path)
{
	struct stat mine, there;

	return !fstat(fd, &mine) && !stat(path, &there) &&
	       mine.st_dev == there.st_dev && mine.st_ino == there.st_ino;
}

int name_lock(struct name_lock *lock, const char *name, bool make,
	      int timeout, struct error *err)
{
	int64_t deadline = clock_ms() + timeout;
	char path[PATH_MAX];
	int fd, ret;

	name_path(path, name);
	for (;;) {
		fd = open(path, O_RDWR | O_CLOEXEC | (make ? O_CREAT : 0),
			  0600);
		if (fd < 0)
			return error_sys(err, -errno, "%s", path);
		ret = flock_until(fd, LOCK_EX, deadline);
		if (!ret && is_same_file(fd, path))
			break;
		close(fd);
		if (ret == -EBUSY)
			return error_set(err, ret, "another chaos is at work on it");
		if (ret)
			return error_sys(err, ret, "%s", path);
	}
	lock->fd = fd;
	snprintf(lock->name, sizeof(lock->name), "%s", name);
	return 0;
}

void name_unlock(struct name_lock *lock)
{
	close(lock->fd);
	lock->fd = -1;
}

void name_drop(struct name_lock *lock)
{
	char path[PATH_MAX];

	name_path(path, lock->name);
	unlink(path);
	name_unlock(lock);
}
