// SPDX-License-Identifier: GPL-2.0
/*
 * What reads configurations, for the programs: it is in config.so, with libxlutil.
 */
#include <errno.h>

#include "config/open.h"

static const struct config_part *loaded;

static int open_part(struct error *err)
{
	if (!loaded)
		loaded = (const void *)part_open("config", err);
	return loaded ? 0 : -ELIBACC;
}

int config_parse(const char *text, size_t len, const char *name,
		 struct guest_config *config, struct error *err)
{
	int ret = open_part(err);

	return ret ? ret : loaded->parse(text, len, name, config, err);
}

char *config_wrongs(const char *text, size_t len, const char *name)
{
	struct error ignored;

	return open_part(&ignored) ? NULL : loaded->wrongs(text, len, name);
}

int config_parse_disk(const char *spec, struct disk_config *disk,
		      struct error *err)
{
	int ret = open_part(err);

	return ret ? ret : loaded->parse_disk(spec, disk, err);
}
