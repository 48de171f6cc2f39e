// SPDX-License-Identifier: GPL-2.0
/*
 * The logs of consoles whose guests are gone. They stay, as somebody may want to
 * know how a guest ended; but a host whose guests have names of their own, each of
 * them, would have more and more of them.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "console/logs.h"

#define PREFIX		"console-"
#define NAME_MAX_LEN	255

/**
 * struct old_log - a file that may go
 * @written: when, last
 * @file: its name
 */
struct old_log {
	struct timespec written;
	char file[NAME_MAX_LEN + 1];
};

static bool cut_suffix(char *text, const char *suffix)
{
	size_t len = strlen(text), cut = strlen(suffix);

	if (len <= cut || strcmp(text + len - cut, suffix))
		return false;
	text[len - cut] = '\0';
	return true;
}

/* Return: whether it is a log, and then @name, as long as @file, of which guest. */
static bool guest_of(const char *file, char *name)
{
	if (strlen(file) > NAME_MAX_LEN ||
	    strncmp(file, PREFIX, strlen(PREFIX)))
		return false;
	strcpy(name, file + strlen(PREFIX));
	return cut_suffix(name, ".log") || cut_suffix(name, ".log.1");
}

static int compare_newest_first(const void *a, const void *b)
{
	const struct timespec *one = &((const struct old_log *)a)->written;
	const struct timespec *other = &((const struct old_log *)b)->written;

	if (one->tv_sec != other->tv_sec)
		return one->tv_sec < other->tv_sec ? 1 : -1;
	if (one->tv_nsec != other->tv_nsec)
		return one->tv_nsec < other->tv_nsec ? 1 : -1;
	return 0;
}

static size_t find_old(DIR *dir, bool (*exists)(const char *name),
		       struct old_log **logs)
{
	char name[NAME_MAX_LEN + 1];
	struct old_log *more;
	struct dirent *entry;
	struct stat stat;
	size_t count = 0;

	*logs = NULL;
	while ((entry = readdir(dir))) {
		if (!guest_of(entry->d_name, name) || exists(name) ||
		    fstatat(dirfd(dir), entry->d_name, &stat,
			    AT_SYMLINK_NOFOLLOW))
			continue;
		more = reallocarray(*logs, count + 1, sizeof(**logs));
		if (!more)
			break;
		*logs = more;
		more[count].written = stat.st_mtim;
		strcpy(more[count++].file, entry->d_name);
	}
	return count;
}

/* Its guest may have come back: that has the name before a console. */
static void remove_log(DIR *dir, const struct old_log *log,
		       bool (*exists)(const char *name))
{
	char name[NAME_MAX_LEN + 1];

	if (guest_of(log->file, name) && !exists(name))
		unlinkat(dirfd(dir), log->file, 0);
}

void logs_tidy(const char *path, size_t max, time_t age,
	       bool (*exists)(const char *name))
{
	time_t now = time(NULL);
	struct old_log *logs;
	size_t count, i;
	DIR *dir;

	dir = opendir(path);
	if (!dir)
		return;
	count = find_old(dir, exists, &logs);
	if (count > max)
		qsort(logs, count, sizeof(*logs), compare_newest_first);
	for (i = 0; i < count; i++)
		if (i >= max || (age && now - logs[i].written.tv_sec > age))
			remove_log(dir, &logs[i], exists);
	free(logs);
	closedir(dir);
}
