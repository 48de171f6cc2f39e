// SPDX-License-Identifier: GPL-2.0
/*
 * A guest's configuration, from a file.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "util/error.h"

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

int config_read(const char *path, char *const *more,
		struct guest_config *config, char **wrongs,
		struct error *err)
{
	char *text = NULL;
	size_t len = 0;
	int ret;

	*wrongs = NULL;
	ret = read_text(path, &text, &len, err);
	if (ret)
		return ret;
	ret = append(&text, &len, more, err);
	if (ret) {
		free(text);
		return ret;
	}
	ret = config_parse(text, len, path, config, err);
	if (ret == -EINVAL)
		*wrongs = config_wrongs(text, len, path);
	/* Who has one line only has the one that says most. */
	if (*wrongs)
		error_set(err, ret, "%.*s", (int)strcspn(*wrongs, "\n"),
			  *wrongs);
	free(text);
	if (ret)
		return ret;
	ret = config_complete_vifs(config->vifs, config->nr_vifs, err);
	if (ret)
		config_free(config);
	return ret;
}
