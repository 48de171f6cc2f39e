// SPDX-License-Identifier: GPL-2.0
/*
 * A guest's configuration, from a file.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/config.h"
#include "util/error.h"

/* Where guests are described that have names: those of chaos@.service, too. */
#define GUESTS_DIR	"/etc/chaos"

const char *config_path(const char *name, char *other, size_t size)
{
	snprintf(other, size, GUESTS_DIR "/%s.cfg", name);
	return !strchr(name, '/') && access(name, F_OK) &&
	       !access(other, F_OK) ? other : name;
}

static int read_text(const char *path, char **text, size_t *len,
		     struct error *err)
{
	FILE *stream;
	int ret = 0;

	stream = fopen(path, "re");
	if (!stream)
		return error_sys(err, -errno, "%s", path);
	*text = malloc(CONFIG_FILE_MAX + 1);
	if (!*text) {
		fclose(stream);
		return error_sys(err, -ENOMEM, "%s", path);
	}
	*len = fread(*text, 1, CONFIG_FILE_MAX + 1, stream);
	if (ferror(stream)) {
		ret = error_sys(err, errno ? -errno : -EIO, "%s", path);
		free(*text);
		*text = NULL;
	}
	fclose(stream);
	return ret;
}

/* Each is a line, also if the file doesn't end with one; and nothing else than a line. */
static int append(char **text, size_t *len, char *const *more,
		  struct error *err)
{
	char *longer;
	size_t size;

	for (; more && *more; more++) {
		if (strchr(*more, '\n'))
			return error_set(err, -EINVAL,
					 "%s: must be one line", *more);
		size = *len + strlen(*more) + 3;
		longer = realloc(*text, size);
		if (!longer)
			return error_no_memory(err);
		*text = longer;
		*len += snprintf(longer + *len, size - *len, "%s%s\n",
				 *len && longer[*len - 1] != '\n' ? "\n" : "",
				 *more);
	}
	return 0;
}

int config_load(const char *path, char *const *more, char **text, size_t *len,
		struct error *err)
{
	int ret;

	*text = NULL;
	ret = read_text(path, text, len, err);
	if (!ret)
		ret = append(text, len, more, err);
	if (ret) {
		free(*text);
		*text = NULL;
	}
	return ret;
}

int config_take(const char *text, size_t len, const char *name,
		struct guest_config *config, char **wrongs, struct error *err)
{
	int ret;

	*wrongs = NULL;
	ret = config_parse(text, len, name, config, err);
	if (ret == -EINVAL)
		*wrongs = config_wrongs(text, len, name);
	/* Who has one line only has the one that says most. */
	if (*wrongs)
		error_set(err, ret, "%.*s", (int)strcspn(*wrongs, "\n"),
			  *wrongs);
	if (ret)
		return ret;
	ret = config_complete_vifs(config->vifs, config->nr_vifs, err);
	if (ret)
		config_free(config);
	return ret;
}

int config_read(const char *path, char *const *more,
		struct guest_config *config, char **wrongs,
		struct error *err)
{
	size_t len;
	char *text;
	int ret;

	*wrongs = NULL;
	ret = config_load(path, more, &text, &len, err);
	if (ret)
		return ret;
	ret = config_take(text, len, path, config, wrongs, err);
	free(text);
	return ret;
}
