// SPDX-License-Identifier: GPL-2.0
/*
 * Configuration files of guests. What is accepted is within the limits that
 * config.h names; what isn't has a message of one printable line.
 */
#include "fuzz.h"

#include "config/config.h"
#include "util/error.h"

static void check_vif(const struct vif_config *vif)
{
	static const uint8_t zero[6];
	char rate[CONFIG_RATE_TEXT];

	fuzz_assert(!vif->rate_bytes == !vif->rate_us);
	if (vif->rate_bytes) {
		fuzz_assert(vif->rate_us >= 1000);
		config_format_rate(vif->rate_bytes, vif->rate_us, rate);
		fuzz_line(rate, sizeof(rate));
	}
	fuzz_assert(!vif->has_id || vif->id <= 65535);
	fuzz_assert(!vif->mtu || (vif->mtu >= 68 && vif->mtu <= 65535));
	fuzz_assert(!vif->has_mac ||
		    (!(vif->mac[0] & 1) && memcmp(vif->mac, zero, 6)));
	fuzz_assert(strnlen(vif->bridge, sizeof(vif->bridge)) <
		    sizeof(vif->bridge));
	fuzz_assert(!strpbrk(vif->bridge, "/: \t\n"));
	fuzz_assert(strnlen(vif->ifname, sizeof(vif->ifname)) <
		    sizeof(vif->ifname));
	fuzz_assert(!strpbrk(vif->ifname, "/: \t\n"));
	fuzz_assert(strspn(vif->ip, "0123456789abcdefABCDEF.: ") ==
		    strlen(vif->ip));
}

static void check_cpus(const struct cpu_sets *cpus,
		       const struct guest_config *config)
{
	static const struct cpu_set none;
	unsigned int i;

	fuzz_assert(cpus->count <= config->vcpus);
	fuzz_assert(!cpus->common || cpus->count == 1);
	for (i = 0; i < cpus->count; i++)
		fuzz_assert(memcmp(&cpus->sets[i], &none, sizeof(none)));
}

static void check_config(const struct guest_config *config)
{
	unsigned int i;

	fuzz_assert(!config_name_check(config->name));
	if (config->bootloader)
		fuzz_assert(!config->kernel && !config->ramdisk &&
			    config->nr_disks);
	else
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
	fuzz_assert(config->max_grant_version == 1 ||
		    config->max_grant_version == 2);
	fuzz_assert(config->timer_mode <= TIMER_ONE_MISSED);
	fuzz_assert(config->tsc_mode <= TSC_NATIVE);
	fuzz_assert(config->cpu_weight <= 65535);
	fuzz_assert(config->cap <= 100 * config->vcpus);
	check_cpus(&config->cpus, config);
	check_cpus(&config->cpus_soft, config);
	fuzz_assert(config->nr_vifs <= 64 && config->nr_warnings <= 32);
	for (i = 0; i < config->nr_vifs; i++)
		check_vif(&config->vifs[i]);
	for (i = 0; i < config->nr_warnings; i++)
		fuzz_line(config->warnings[i], 1024);
}

/* Each is a line that is the file's. */
static void check_wrongs(char *wrongs)
{
	char *line;

	while ((line = strsep(&wrongs, "\n")))
		if (*line) {
			fuzz_assert(!strncmp(line, "fuzz:", 5));
			fuzz_line(line, sizeof(((struct error *)0)->text));
		}
}

static void fuzz_file(const char *text, size_t size)
{
	char *wrongs = config_wrongs(text, size, "fuzz");
	struct guest_config config;
	struct error err;
	int ret;

	ret = config_parse(text, size, "fuzz", &config, &err);
	/* There is no guest if and only if something is wrong. */
	fuzz_assert(!*wrongs == !ret);
	check_wrongs(wrongs);
	free(wrongs);
	if (ret) {
		fuzz_assert(ret == -EINVAL);
		fuzz_line(err.text, sizeof(err.text));
		fuzz_refused++;
	} else {
		check_config(&config);
		config_free(&config);
		fuzz_accepted++;
	}
}

static void fuzz_vif(const uint8_t *data, size_t size)
{
	char *text = strndup((const char *)data, size);
	struct vif_config vif;
	struct error err;

	if (config_parse_vif(text, &vif, &err))
		fuzz_line(err.text, sizeof(err.text));
	else
		check_vif(&vif);
	free(text);
}

/*
 * A file that is correct but for the values of some keys, as text at random
 * mostly isn't.
 */
static void fuzz_values(const uint8_t *data, size_t size)
{
	static const char *const forms[] = {
		"%s='%s'\n", "%s=%s\n", "%s+='%s'\n", "%s=['%s']\n",
		"%s=['mac=%s']\n", "%s=['bridge=%s']\n", "%s=['mtu=%s']\n",
		"%s=['id=%s']\n", "%s=['%s','0']\n", "%s='1-%s'\n",
		"%s=['rate=%s']\n", "%s=['rate=1%sb/s']\n",
		"%s=['rate=1MB/s@%s']\n",
	};
	static size_t nr_keys;
	char text[4096] = "name='g'\nkernel='k'\nmemory=64\n";
	size_t at = strlen(text);
	int n;

	while (config_keys[nr_keys].name)
		nr_keys++;
	for (n = 0; n < 8 && size; n++) {
		uint8_t pick, form, len;
		char value[64];

		fuzz_take(&data, &size, &pick, 1);
		fuzz_take(&data, &size, &form, 1);
		fuzz_take(&data, &size, &len, 1);
		len %= sizeof(value);
		fuzz_take(&data, &size, value, len);
		value[len] = '\0';
		at += sprintf(text + at, forms[form % 13],
			      config_keys[pick % nr_keys].name, value);
	}
	fuzz_file(text, at);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t which;

	/* Corpora are texts. Without a NUL at the end, too long a read fails. */
	if (size && *data >= ' ') {
		fuzz_file((const char *)data, size);
		fuzz_vif(data, size);
		return 0;
	}
	fuzz_take(&data, &size, &which, 1);
	fuzz_values(data, size);
	return 0;
}
