// SPDX-License-Identifier: GPL-2.0
/*
 * Parts of chaos are found where they were installed, and nowhere else. While a package
 * is replaced there may be one of other sources, which is of no use.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "util/chaos.h"
#include "util/part.h"

static const struct part *find(void *library, const char *path,
			       const char *name, struct error *err)
{
	const struct part *part;
	char symbol[64];

	snprintf(symbol, sizeof(symbol), "%s_part", name);
	part = dlsym(library, symbol);
	if (!part)
		error_set(err, -ELIBBAD, "%s", dlerror());
	else if (strcmp(part->build, CHAOS_BUILD))
		error_set(err, -ELIBBAD, "%s: is of another version of chaos",
			  path);
	else
		return part;
	return NULL;
}

const struct part *part_open(const char *name, struct error *err)
{
	const struct part *part;
	char path[256];
	void *library;

	snprintf(path, sizeof(path), "%s/%s.so", CHAOS_LIBDIR, name);
	/* Most of what a library looks for it has itself: there it is sought first. */
	library = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND);
	if (!library) {
		error_set(err, -ELIBACC, "%s", dlerror());
		return NULL;
	}
	part = find(library, path, name, err);
	if (!part)
		dlclose(library);
	return part;
}
