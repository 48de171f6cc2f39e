// SPDX-License-Identifier: GPL-2.0
/*
 * A configuration is read as a command line asks for it, and the user told what is wrong with
 * it.
 */
#include <limits.h>
#include <stdlib.h>

#include "cmd/output.h"
#include "config/config.h"

int read_config(const char *what, char **words, struct guest_config *config)
{
	char other[PATH_MAX];
	struct error err;
	char *wrongs;
	int ret;

	ret = config_read(config_path(*words, other, sizeof(other)), words + 1,
			  config, &wrongs, &err);
	if (ret)
		return report_config(what, wrongs, &err);
	report_warnings(what, config);
	return EXIT_SUCCESS;
}
