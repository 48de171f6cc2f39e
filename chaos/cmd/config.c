// SPDX-License-Identifier: GPL-2.0
/*
 * A configuration is read as a command line asks for it, and the user told what is wrong with
 * it.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/output.h"
#include "config/config.h"

/* Where guests are described that have names: those of chaos@.service, too. */
#define GUESTS_DIR	"/etc/chaos"

int read_config(const char *what, char **words, struct guest_config *config)
{
	const char *path = *words;
	char other[PATH_MAX];
	struct error err;
	char *wrongs;
	int ret;

	snprintf(other, sizeof(other), GUESTS_DIR "/%s.cfg", path);
	if (!strchr(path, '/') && access(path, F_OK) && !access(other, F_OK))
		path = other;
	ret = config_read(path, words + 1, config, &wrongs, &err);
	if (ret)
		return report_config(what, wrongs, &err);
	report_warnings(what, config);
	return EXIT_SUCCESS;
}
