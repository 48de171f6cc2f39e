// SPDX-License-Identifier: GPL-2.0
/*
 * Descriptions of disks. What is accepted has a path and a number that follows
 * from its name; what isn't has a message of one printable line.
 */
#include "fuzz.h"

#include "config/config.h"
#include "util/error.h"

static void check_disk(const struct disk_config *disk)
{
	unsigned int id;

	fuzz_assert(*disk->path == '/');
	fuzz_assert(strnlen(disk->path, sizeof(disk->path)) <
		    sizeof(disk->path));
	fuzz_assert(strnlen(disk->vdev, sizeof(disk->vdev)) <
		    sizeof(disk->vdev));
	fuzz_assert(config_parse_vdev(disk->vdev, &id));
	fuzz_assert(id == disk->id && id <= 65535);
	fuzz_assert(!disk->cdrom || disk->readonly);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *spec = strndup((const char *)data, size);
	struct disk_config disk;
	struct error err;

	if (config_parse_disk(spec, &disk, &err)) {
		fuzz_line(err.text, sizeof(err.text));
		fuzz_refused++;
	} else {
		check_disk(&disk);
		fuzz_accepted++;
	}
	free(spec);
	return 0;
}
