/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_CONFIG_OPEN_H
#define CHAOS_CONFIG_OPEN_H

#include <stddef.h>

#include "config/config.h"
#include "util/part.h"

/**
 * struct config_part - what needs libxlutil: see config/config.h
 * @part: of which sources
 * @parse: config_parse()
 * @wrongs: config_wrongs()
 * @parse_disk: config_parse_disk()
 */
struct config_part {
	struct part part;
	int (*parse)(const char *text, size_t len, const char *name,
		     struct guest_config *config, struct error *err);
	char *(*wrongs)(const char *text, size_t len, const char *name);
	int (*parse_disk)(const char *spec, struct disk_config *disk,
			  struct error *err);
};

extern const struct config_part config_part;

#endif /* CHAOS_CONFIG_OPEN_H */
