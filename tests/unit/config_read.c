// SPDX-License-Identifier: GPL-2.0
/*
 * chaos/config/read.c, and all below it: files as people write them, in
 * config_read/, and what comes of each, in the file of the same name that ends
 * with .want.
 */
#include "harness.h"

#include <glob.h>
#include <limits.h>
#include <unistd.h>

#include "config/config.h"
#include "util/error.h"

static const char *const types[] = {
	[GUEST_ANY] = "any", [GUEST_PV] = "pv", [GUEST_PVH] = "pvh",
};

static void put_cpus(FILE *out, const char *key, const struct cpu_sets *cpus)
{
	unsigned int i, cpu;

	for (i = 0; i < cpus->count; i++) {
		fprintf(out, "%s:", key);
		for (cpu = 0; cpu < 8; cpu++)
			if (cpus->sets[i].map[0] & 1 << cpu)
				fprintf(out, " %u", cpu);
		fprintf(out, "%s\n", cpus->common ? " for all" : "");
	}
}

static void put_vif(FILE *out, const struct vif_config *vif)
{
	char mac[MAC_TEXT], rate[CONFIG_RATE_TEXT];

	fprintf(out, "vif %u: mac %s", vif->id, vif->any_mac ? "any" :
		config_format_mac(vif->mac, mac));
	fprintf(out, ", bridge %s, mtu %u", vif->bridge, vif->mtu);
	if (*vif->ifname)
		fprintf(out, ", vifname %s", vif->ifname);
	if (*vif->ip)
		fprintf(out, ", ip %s", vif->ip);
	if (vif->rate_bytes)
		fprintf(out, ", rate %s",
			config_format_rate(vif->rate_bytes, vif->rate_us, rate));
	fprintf(out, "\n");
}

static void put_disk(FILE *out, const struct disk_config *disk)
{
	fprintf(out, "disk %u: %s, %s%s%s\n", disk->id, disk->vdev, disk->path,
		disk->readonly ? ", readonly" : "",
		disk->cdrom ? ", cdrom" : "");
}

static void put_bootloader(FILE *out, const struct guest_config *config)
{
	char **arg;

	if (!config->bootloader)
		return;
	fprintf(out, "bootloader: pygrub");
	for (arg = config->bootloader_args; arg && *arg; arg++)
		fprintf(out, " %s", *arg);
	fprintf(out, "\n");
}

static void put_guest(FILE *out, const struct guest_config *config)
{
	unsigned int i;

	for (i = 0; i < config->nr_warnings; i++)
		fprintf(out, "%s\n", config->warnings[i]);
	fprintf(out, "%s: type %s, %u MiB, %u vcpus\n", config->name,
		types[config->type], config->memory, config->vcpus);
	if (config->kernel)
		fprintf(out, "kernel: %s\n", config->kernel);
	if (config->ramdisk)
		fprintf(out, "ramdisk: %s\n", config->ramdisk);
	fprintf(out, "cmdline: %s\n", config->cmdline);
	put_bootloader(out, config);
	if (config->timer_mode != TIMER_NO_DELAY)
		fprintf(out, "timer mode: %d\n", config->timer_mode);
	if (config->tsc_mode != TSC_DEFAULT)
		fprintf(out, "TSC mode: %d\n", config->tsc_mode);
	fprintf(out, "poweroff, reboot, crash: %s, %s, %s\n",
		config_action_name(config->on_poweroff),
		config_action_name(config->on_reboot),
		config_action_name(config->on_crash));
	put_cpus(out, "cpus", &config->cpus);
	put_cpus(out, "cpus_soft", &config->cpus_soft);
	if (config->cpu_weight || config->cap)
		fprintf(out, "weight, cap: %u, %u\n", config->cpu_weight,
			config->cap);
	for (i = 0; i < config->nr_vifs; i++)
		put_vif(out, &config->vifs[i]);
	for (i = 0; i < config->nr_disks; i++)
		put_disk(out, &config->disks[i]);
}

/* What comes of the file; for the caller to free(). */
static char *outcome(const char *path)
{
	struct guest_config config;
	char *text = NULL, *wrongs;
	struct error err;
	size_t size;
	FILE *out;

	out = open_memstream(&text, &size);
	assert_non_null(out);
	if (!config_read(path, NULL, &config, &wrongs, &err)) {
		put_guest(out, &config);
		config_free(&config);
	} else {
		assert_non_null(wrongs);
		assert_memory_equal(wrongs, err.text, strcspn(wrongs, "\n"));
		fprintf(out, "%s%s", wrongs,
			strchr(wrongs, '\n') ? "" : "\n");
		free(wrongs);
	}
	fclose(out);
	return text;
}

static void compare(const char *name, const char *got)
{
	char path[PATH_MAX], want[8192];
	size_t len;
	FILE *in;

	snprintf(path, sizeof(path), "%.*s.want",
		 (int)(strlen(name) - strlen(".cfg")), name);
	in = fopen(path, "re");
	if (!in)
		fail_msg("no %s; got:\n%s", path, got);
	len = fread(want, 1, sizeof(want) - 1, in);
	fclose(in);
	want[len] = '\0';
	if (strcmp(want, got))
		fail_msg("%s\nwant:\n%sgot:\n%s", name, want, got);
}

static void test_files(void **state)
{
	const char *base = strrchr(__FILE__, '/');
	char *got;
	glob_t files;
	size_t i;

	(void)state;
	/* Messages begin with the name. */
	assert_int_equal(chdir(strndupa(__FILE__, base - __FILE__)), 0);
	assert_int_equal(chdir("config_read"), 0);
	assert_int_equal(glob("*.cfg", 0, NULL, &files), 0);
	assert_true(files.gl_pathc > 40);
	for (i = 0; i < files.gl_pathc; i++) {
		got = outcome(files.gl_pathv[i]);
		compare(files.gl_pathv[i], got);
		free(got);
	}
	globfree(&files);
}

static void test_no_file(void **state)
{
	struct guest_config config;
	struct error err;
	char *wrongs;

	(void)state;
	assert_int_equal(config_read("/nonexistent/file", NULL, &config,
				     &wrongs, &err), -ENOENT);
	assert_null(wrongs);
	assert_string_equal(err.text,
			    "/nonexistent/file: No such file or directory");
	assert_int_equal(config_read("/", NULL, &config, &wrongs, &err),
			 -EISDIR);
	assert_string_equal(err.text, "/: Is a directory");
}

/* Lines that count as if they stood at the end of a file, whether it has a last newline. */
static void test_more(void **state)
{
	static const char *const files[] = {
		"name='g'\nkernel='/k'\nmemory=16",
		"name='g'\nkernel='/k'\nmemory=16\n",
	};
	char *const more[] = { "name=\"other\"", "vcpus=2", NULL };
	char *const wrong[] = { "vcpus='many'", "nonsense=1", NULL };
	char *const two[] = { "vcpus=2\nmemory=17", NULL };
	char path[] = "/tmp/config_read.XXXXXX", text[256];
	struct guest_config config, again;
	struct error err;
	char *wrongs;
	FILE *file;
	size_t i;
	int fd;

	(void)state;
	fd = mkstemp(path);
	assert_true(fd >= 0);
	close(fd);
	for (i = 0; i < ARRAY_SIZE(files); i++) {
		file = fopen(path, "we");
		assert_non_null(file);
		fputs(files[i], file);
		fclose(file);
		assert_int_equal(config_read(path, more, &config, &wrongs,
					     &err), 0);
		assert_string_equal(config.name, "other");
		assert_int_equal(config.vcpus, 2);
		assert_int_equal(config.memory, 16);
		/* Whoever makes it again has all of it. */
		assert_int_equal(config_parse(config.text, strlen(config.text),
					      path, &again, &err), 0);
		assert_string_equal(again.name, "other");
		config_free(&again);
		config_free(&config);
		assert_int_equal(config_read(path, wrong, &config, &wrongs,
					     &err), -EINVAL);
		snprintf(text, sizeof(text),
			 "%s:4: vcpus: must be a number\n%s:5: nonsense: unknown key\n",
			 path, path);
		assert_string_equal(wrongs, text);
		free(wrongs);
	}
	assert_int_equal(config_read(path, two, &config, &wrongs, &err),
			 -EINVAL);
	assert_null(wrongs);
	assert_string_equal(err.text, "vcpus=2?memory=17: must be one line");
	unlink(path);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(test_more),
	cmocka_unit_test(test_files),
	cmocka_unit_test(test_no_file),
};

int main(void)
{
	return run_group("read", tests, ARRAY_SIZE(tests), NULL, 0, NULL);
}
