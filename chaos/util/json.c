// SPDX-License-Identifier: GPL-2.0
/*
 * JSON objects, made a line a value; and files that are one, written in one
 * piece.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "util/json.h"

#define WRITING_SECONDS	10

void doc_text(struct json_object *doc, const char *key, const char *text)
{
	json_object_object_add(doc, key,
			       text ? json_object_new_string(text) : NULL);
}

void doc_number(struct json_object *doc, const char *key, int64_t number)
{
	json_object_object_add(doc, key, json_object_new_int64(number));
}

void doc_fraction(struct json_object *doc, const char *key, double number)
{
	char text[64];

	snprintf(text, sizeof(text), "%.3f", number);
	json_object_object_add(doc, key,
			       json_object_new_double_s(number, text));
}

void doc_bool(struct json_object *doc, const char *key, bool value)
{
	json_object_object_add(doc, key, json_object_new_boolean(value));
}

struct json_object *doc_list(struct json_object *doc, const char *key)
{
	struct json_object *list = json_object_new_array();

	json_object_object_add(doc, key, list);
	return list;
}

struct json_object *doc_object(struct json_object *doc, const char *key)
{
	struct json_object *object = json_object_new_object();

	json_object_object_add(doc, key, object);
	return object;
}

void list_text(struct json_object *list, const char *text)
{
	json_object_array_add(list, json_object_new_string(text));
}

const char *doc_get_text(struct json_object *doc, const char *key)
{
	struct json_object *value = json_object_object_get(doc, key);

	return json_object_is_type(value, json_type_string) ?
		json_object_get_string(value) : "";
}

int64_t doc_get_number(struct json_object *doc, const char *key)
{
	return json_object_get_int64(json_object_object_get(doc, key));
}

double doc_get_fraction(struct json_object *doc, const char *key)
{
	return json_object_get_double(json_object_object_get(doc, key));
}

bool doc_get_bool(struct json_object *doc, const char *key)
{
	return json_object_get_boolean(json_object_object_get(doc, key));
}

struct json_object *doc_get_list(struct json_object *doc, const char *key,
				 size_t *count)
{
	struct json_object *list = json_object_object_get(doc, key);

	if (!json_object_is_type(list, json_type_array)) {
		*count = 0;
		return NULL;
	}
	*count = json_object_array_length(list);
	return list;
}

struct json_object *doc_load(const char *path)
{
	/* Else json-c would say on standard error that there is none. */
	return access(path, F_OK) ? NULL : json_object_from_file(path);
}

static int write_all(int fd, const char *text, size_t len)
{
	ssize_t done;

	for (; len; text += done, len -= done) {
		done = write(fd, text, len);
		if (done < 0)
			return -errno;
	}
	return 0;
}

int doc_write(const char *path, struct json_object *doc, struct error *err)
{
	char temporary[PATH_MAX + 8];
	const char *text;
	int fd, ret;

	text = json_object_to_json_string_ext(doc, JSON_C_TO_STRING_PRETTY |
					      JSON_C_TO_STRING_SPACED |
					      JSON_C_TO_STRING_NOSLASHESCAPE);
	if (!text)
		return error_sys(err, -ENOMEM, "state");
	snprintf(temporary, sizeof(temporary), "%s.new", path);
	fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return error_sys(err, -errno, "%s", temporary);
	ret = write_all(fd, text, strlen(text));
	if (!ret)
		ret = write_all(fd, "\n", 1);
	close(fd);
	if (!ret && rename(temporary, path))
		ret = -errno;
	if (ret) {
		unlink(temporary);
		return error_sys(err, ret, "%s", path);
	}
	return 0;
}

void doc_clean(const char *path)
{
	struct dirent *entry;
	struct stat info;
	const char *end;
	DIR *dir;

	dir = opendir(path);
	if (!dir)
		return;
	while ((entry = readdir(dir))) {
		end = strrchr(entry->d_name, '.');
		if (end && !strcmp(end, ".new") &&
		    !fstatat(dirfd(dir), entry->d_name, &info, 0) &&
		    info.st_mtime + WRITING_SECONDS < time(NULL))
			unlinkat(dirfd(dir), entry->d_name, 0);
	}
	closedir(dir);
}

/* How many octets a character has, by its first one; 0 of what begins none. */
static size_t size_of_char(unsigned char first)
{
	if (first < 0x80)
		return !!first;
	if (first < 0xc2 || first > 0xf4)
		return 0;
	return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

bool text_is_utf8(const char *text, size_t len)
{
	const unsigned char *octets = (const unsigned char *)text;
	size_t at, size, i;

	for (at = 0; at < len; at += size) {
		size = size_of_char(octets[at]);
		if (!size || size > len - at)
			return false;
		for (i = 1; i < size; i++)
			if ((octets[at + i] & 0xc0) != 0x80)
				return false;
	}
	return true;
}
