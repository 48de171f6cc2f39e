// SPDX-License-Identifier: GPL-2.0
/*
 * Configuration files of guests. What is accepted is within the limits that
 * config.h names; what isn't has a message of one printable line.
 */
#include "fuzz.h"

#include "../../chaos/config.h"

static void check_line(const char *line, size_t room)
{
	size_t i, len = strnlen(line, room);

	fuzz_assert(len && len < room);
	for (i = 0; i < len; i++)
		fuzz_assert((unsigned char)line[i] >= ' ' && line[i] != 0x7f);
}

static void check_vif(const struct vif_config *vif)
{
	static const uint8_t zero[6];

	fuzz_assert(!vif->has_id || vif->id <= 65535);
	fuzz_assert(!vif->mtu || (vif->mtu >= 68 && vif->mtu <= 65535));
	fuzz_assert(!vif->has_mac ||
		    (!(vif->mac[0] & 1) && memcmp(vif->mac, zero, 6)));
	fuzz_assert(strnlen(vif->bridge, sizeof(vif->bridge)) <
		    sizeof(vif->bridge));
	fuzz_assert(!strpbrk(vif->bridge, "/: \t\n"));
}

static void check_config(const struct guest_config *config)
{
	unsigned int i;

	fuzz_assert(!config_name_check(config->name));
	fuzz_assert(config->kernel && *config->kernel);
	fuzz_assert(!config->ramdisk || *config->ramdisk);
	fuzz_assert(config->cmdline && strlen(config->cmdline) <= 1023);
	fuzz_assert(config->memory >= 1 && config->memory < 1 << 24);
	fuzz_assert(config->vcpus >= 1 && config->vcpus <= 128);
	fuzz_assert(config->max_event_channels >= 15 &&
		    config->max_event_channels <= 131071);
	fuzz_assert(config->max_grant_frames >= 1 &&
		    config->max_grant_frames <= 65535);
	fuzz_assert(config->max_maptrack_frames >= 1 &&
		    config->max_maptrack_frames <= 65535);
	fuzz_assert(config->nr_vifs <= 64 && config->nr_warnings <= 32);
	for (i = 0; i < config->nr_vifs; i++)
		check_vif(&config->vifs[i]);
	for (i = 0; i < config->nr_warnings; i++)
		check_line(config->warnings[i], 1024);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct guest_config config;
	struct vif_config vif;
	char err[256] = "";
	char *text;
	int ret;

	/* No NUL at the end: a read beyond it is noticed. */
	ret = config_parse((const char *)data, size, "fuzz", &config, err,
			   sizeof(err));
	if (ret) {
		fuzz_assert(ret == -EINVAL);
		check_line(err, sizeof(err));
		fuzz_refused++;
	} else {
		check_config(&config);
		config_free(&config);
		fuzz_accepted++;
	}

	text = strndup((const char *)data, size);
	ret = config_parse_vif(text, &vif, err, sizeof(err));
	if (ret)
		check_line(err, sizeof(err));
	else
		check_vif(&vif);
	free(text);
	return 0;
}
