// SPDX-License-Identifier: GPL-2.0
/*
 * chaos/pool/match.c: which guests a shell can become. Each key that counts in a
 * configuration file is changed in turn, on either side.
 */
#include "harness.h"

#include "config/config.h"
#include "pool/match.h"
#include "util/error.h"

#define CORE	"name = 'a'\nkernel = '/k'\nmemory = 32\n"
#define VIF	"vif = [ 'bridge=b' ]\n"

static const struct file_id kernel = { 1, 2, 3, 4, 5 };
static const struct file_id ramdisk = { 6, 7, 8, 9, 10 };

/* As net_complete() does. */
static void complete(struct guest_config *config)
{
	unsigned int i;

	for (i = 0; i < config->nr_vifs; i++) {
		if (!config->vifs[i].has_id)
			config->vifs[i].id = i;
		config->vifs[i].has_id = true;
		if (config->vifs[i].has_mac)
			continue;
		config->vifs[i].mac[5] = rand();
		config->vifs[i].has_mac = true;
		config->vifs[i].any_mac = true;
	}
}

/* A later key of the same name is the one that counts: so @line comes alone. */
static void parse(const char *core, const char *line,
		  struct guest_config *config)
{
	struct error err;
	char text[1024];

	snprintf(text, sizeof(text), "%s%s\n", core, line);
	if (config_parse(text, strlen(text), "t", config, &err))
		fail_msg("%s: %s", line, err.text);
	complete(config);
}

static const char *misfit(const char *shell_core, const char *shell_line,
			  const char *guest_core, const char *guest_line)
{
	struct guest_config shell_config, guest_config;
	struct flavour shell = {
		.config = &shell_config, .type = GUEST_PV, .kernel = kernel,
	};
	struct flavour guest = { .config = &guest_config, .kernel = kernel };
	const char *why;

	parse(shell_core, shell_line, &shell_config);
	parse(guest_core, guest_line, &guest_config);
	why = flavour_misfit(&shell, &guest);
	config_free(&shell_config);
	config_free(&guest_config);
	return why;
}

/**
 * struct change - what becomes of a shell if one key is another one
 * @key: the key
 * @line: with the key
 * @why: in what they differ then, or NULL if they fit all the same
 */
struct change {
	const char *key;
	const char *line;
	const char *why;
};

/* Where the file itself matters, and not its name, another test is below. */
static const struct change changes[] = {
	{ "cap", "cap = 50", NULL },
	{ "cmdline", "cmdline = 'x'", NULL },
	{ "cpu_weight", "cpu_weight = 7", NULL },
	{ "cpus", "cpus = '0'", "cpus" },
	{ "cpus_soft", "cpus_soft = '0'", "cpus_soft" },
	{ "disk", "disk = [ 'phy:/dev/x,xvda,w' ]", NULL },
	{ "extra", "extra = 'x'", NULL },
	{ "max_event_channels", "max_event_channels = 15",
	  "max_event_channels" },
	{ "max_grant_frames", "max_grant_frames = 1", "max_grant_frames" },
	{ "max_grant_version", "max_grant_version = 2", "max_grant_version" },
	{ "max_maptrack_frames", "max_maptrack_frames = 1",
	  "max_maptrack_frames" },
	{ "on_crash", "on_crash = 'preserve'", NULL },
	{ "on_poweroff", "on_poweroff = 'preserve'", NULL },
	{ "on_reboot", "on_reboot = 'preserve'", NULL },
	{ "root", "root = '/dev/x'", NULL },
	{ "timer_mode", "timer_mode = 'no_missed_ticks_pending'",
	  "timer_mode" },
	{ "tsc_mode", "tsc_mode = 'native'", "tsc_mode" },
	{ "uuid", "uuid = '00000000-0000-0000-0000-000000000001'", NULL },
	{ "vcpus", "vcpus = 2", "vcpus" },
	/* The usual value, or there is no guest, or it makes no difference. */
	{ "acpi", "acpi = 1", NULL },
	{ "altp2m", "altp2m = 'disabled'", NULL },
	{ "bootloader", "bootloader = ''", NULL },
	{ "bootloader_args", "bootloader_args = [ '-q' ]", NULL },
	{ "hap", "hap = 1", NULL },
	{ "nestedhvm", "nestedhvm = 0", NULL },
	{ "oos", "oos = 1", NULL },
	/* None plugs in later what isn't there at first, but for a PV guest. */
	{ "maxmem", "maxmem = 64", NULL },
	{ "maxvcpus", "maxvcpus = 2", NULL },
	/* Tests of their own. */
	{ "builder", "", NULL },
	{ "kernel", "", NULL },
	{ "memory", "", NULL },
	{ "name", "", NULL },
	{ "ramdisk", "ramdisk = '/r'", NULL },
	{ "type", "", NULL },
	{ "vif", "", NULL },
};

static void check(const char *got, const char *want, const char *line)
{
	if (got && want)
		assert_string_equal(got, want);
	else if (got || want)
		fail_msg("%s: %s, not %s", line, got ? got : "fits",
			 want ? want : "fits");
}

static void test_same(void **state)
{
	(void)state;
	assert_null(misfit(CORE, "", CORE, ""));
	assert_null(misfit(CORE, VIF, CORE, VIF));
}

static void test_each_key(void **state)
{
	const struct change *change;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(changes); i++) {
		change = &changes[i];
		check(misfit(CORE, "", CORE, change->line), change->why,
		      change->line);
		check(misfit(CORE, change->line, CORE, ""), change->why,
		      change->line);
		check(misfit(CORE, change->line, CORE, change->line), NULL,
		      change->line);
	}
}

/* A PV guest has room for what it may get, which a shell was made with. */
static void test_room(void **state)
{
	const char *pv = "type = 'pv'\n", *roomy = "type = 'pv'\nmaxmem = 64\n";

	(void)state;
	check(misfit(CORE, pv, CORE, roomy), "maxmem", roomy);
	check(misfit(CORE, roomy, CORE, pv), "maxmem", roomy);
	check(misfit(CORE, roomy, CORE, roomy), NULL, roomy);
}

/* Whoever makes a new key count has to say what it means to a shell. */
static void test_all_keys_are_known(void **state)
{
	const struct config_key *key;
	size_t i;

	(void)state;
	for (key = config_keys; key->name; key++) {
		if (key->verdict != CONFIG_COUNTS)
			continue;
		for (i = 0; i < ARRAY_SIZE(changes); i++)
			if (!strcmp(changes[i].key, key->name))
				break;
		if (i == ARRAY_SIZE(changes))
			fail_msg("%s: may a shell differ in it?", key->name);
	}
}

static void test_name_and_memory(void **state)
{
	(void)state;
	assert_null(misfit(CORE, "", "name = 'b'\nkernel = '/k'\nmemory = 32\n",
			   ""));
	assert_string_equal(misfit(CORE, "", "name = 'a'\nkernel = '/k'\n",
				   "memory = 33"), "memory");
	/* It is the same file by whatever path. */
	assert_null(misfit(CORE, "", "name = 'a'\nmemory = 32\n",
			   "kernel = '/another'"));
}

static void test_types(void **state)
{
	static const struct {
		const char *shell;
		enum guest_type became;
		const char *guest;
		bool fits;
	} types[] = {
		{ "", GUEST_PV, "", true },
		{ "", GUEST_PVH, "", true },
		{ "", GUEST_PV, "type = 'pv'", true },
		{ "", GUEST_PV, "builder = 'generic'", true },
		{ "", GUEST_PV, "type = 'pvh'", false },
		{ "", GUEST_PVH, "type = 'pvh'", true },
		{ "", GUEST_PVH, "type = 'pv'", false },
		{ "type = 'pv'", GUEST_PV, "type = 'pv'", true },
		{ "type = 'pv'", GUEST_PV, "type = 'pvh'", false },
		{ "type = 'pvh'", GUEST_PVH, "type = 'pvh'", true },
		{ "type = 'pvh'", GUEST_PVH, "type = 'pv'", false },
		/* Nobody knows what it would become. */
		{ "type = 'pv'", GUEST_PV, "", false },
		{ "type = 'pvh'", GUEST_PVH, "", false },
	};
	struct guest_config shell_config, guest_config;
	struct flavour shell = { .config = &shell_config };
	struct flavour guest = { .config = &guest_config };
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(types); i++) {
		parse(CORE, types[i].shell, &shell_config);
		parse(CORE, types[i].guest, &guest_config);
		shell.type = types[i].became;
		check(flavour_misfit(&shell, &guest),
		      types[i].fits ? NULL : "type", types[i].guest);
		config_free(&shell_config);
		config_free(&guest_config);
	}
}

static void test_files(void **state)
{
	struct guest_config config;
	struct flavour shell = {
		.config = &config, .type = GUEST_PV,
		.kernel = kernel, .ramdisk = ramdisk,
	};
	struct flavour guest = shell;
	uint64_t *const words[] = {
		&guest.kernel.dev, &guest.kernel.ino, &guest.kernel.size,
		(uint64_t *)&guest.kernel.mtime,
		(uint64_t *)&guest.kernel.ctime,
		&guest.ramdisk.dev, &guest.ramdisk.ino, &guest.ramdisk.size,
		(uint64_t *)&guest.ramdisk.mtime,
		(uint64_t *)&guest.ramdisk.ctime,
	};
	size_t i;

	(void)state;
	parse(CORE, "", &config);
	assert_null(flavour_misfit(&shell, &guest));
	for (i = 0; i < ARRAY_SIZE(words); i++) {
		(*words[i])++;
		assert_string_equal(flavour_misfit(&shell, &guest),
				    i < 5 ? "kernel" : "ramdisk");
		(*words[i])--;
	}
	memset(&guest.ramdisk, 0, sizeof(guest.ramdisk));
	assert_string_equal(flavour_misfit(&shell, &guest), "ramdisk");
	config_free(&config);
}

static void test_cpus(void **state)
{
	static const struct {
		const char *shell;
		const char *guest;
		bool fits;
	} cpus[] = {
		{ "cpus = '0-3'", "cpus = '0,1,2,3'", true },
		{ "cpus = '0'", "cpus = '1'", false },
		{ "cpus = '0'", "cpus = [ '0' ]", false },
		{ "cpus = [ '0', '1' ]", "cpus = [ '0', '1' ]", true },
		{ "cpus = [ '0', '1' ]", "cpus = [ '0' ]", false },
		{ "cpus = [ '0', '1' ]", "cpus = [ '1', '0' ]", false },
		{ "cpus_soft = '0'", "cpus_soft = '1'", false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cpus); i++) {
		const char *why = misfit(CORE "vcpus = 2\n", cpus[i].shell,
					 CORE "vcpus = 2\n", cpus[i].guest);

		assert_int_equal(!why, cpus[i].fits);
		if (why)
			assert_memory_equal(why, "cpus", 4);
	}
}

static void test_vifs(void **state)
{
	static const struct {
		const char *shell;
		const char *guest;
		bool fits;
	} vifs[] = {
		/* What it has must be wanted, as it is. */
		{ "vif = [ 'bridge=b' ]", "", false },
		{ "vif = [ 'bridge=b' ]", "vif = [ 'bridge=c' ]", true },
		{ "vif = [ 'bridge=b' ]", "vif = [ 'bridge=verylong' ]", true },
		{ "vif = [ 'bridge=b' ]", "vif = [ 'ip=10.0.0.1' ]", true },
		{ "vif = [ 'bridge=b' ]", "vif = [ 'vifname=x' ]", true },
		/* Of which bridge it has the MTU is asked of the shell. */
		{ "vif = [ 'bridge=b' ]", "vif = [ 'mtu=1400' ]", true },
		{ "vif = [ 'bridge=b' ]", "vif = [ 'rate=1MB/s' ]", false },
		{ "vif = [ 'rate=1MB/s' ]", "vif = [ 'rate=1MB/s' ]", true },
		{ "vif = [ 'mtu=1400' ]", "vif = [ 'mtu=1400' ]", true },
		{ "vif = [ 'mtu=1400' ]", "vif = [ 'bridge=b' ]", false },
		{ "vif = [ 'bridge=b' ]", "vif = [ 'mac=00:16:3e:00:00:01' ]",
		  false },
		{ "vif = [ 'bridge=b' ]", "vif = [ 'id=1' ]", false },
		{ "vif = [ 'id=1', 'id=0' ]", "vif = [ 'id=0', 'id=1' ]", true },
		{ "vif = [ 'id=0', 'id=1' ]", "vif = [ 'id=0' ]", false },
		/* What it hasn't may be wanted. */
		{ "", "vif = [ 'bridge=b' ]", true },
		{ "vif = [ 'id=0' ]", "vif = [ 'id=0', 'id=1,mtu=99' ]", true },
		/* What can't be made ahead doesn't matter. */
		{ "vif = [ 'mac=00:16:3e:00:00:01' ]", "", true },
		{ "vif = [ 'mac=00:16:3e:00:00:01' ]",
		  "vif = [ 'mac=00:16:3e:00:00:02' ]", true },
		{ "vif = [ 'vifname=x' ]", "vif = [ 'vifname=y,mtu=99' ]",
		  true },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(vifs); i++)
		check(misfit(CORE, vifs[i].shell, CORE, vifs[i].guest),
		      vifs[i].fits ? NULL : "vif", vifs[i].guest);
}

static void test_mtu(void **state)
{
	struct guest_config guest;

	(void)state;
	parse(CORE, "vif = [ 'mtu=1400', 'id=7,mtu=9000' ]", &guest);
	assert_true(flavour_has_mtu(&guest, 0, 1400));
	assert_true(flavour_has_mtu(&guest, 7, 9000));
	assert_false(flavour_has_mtu(&guest, 7, 1400));
	assert_false(flavour_has_mtu(&guest, 1, 1400));
	config_free(&guest);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same),
		cmocka_unit_test(test_each_key),
		cmocka_unit_test(test_room),
		cmocka_unit_test(test_all_keys_are_known),
		cmocka_unit_test(test_name_and_memory),
		cmocka_unit_test(test_types),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_cpus),
		cmocka_unit_test(test_vifs),
		cmocka_unit_test(test_mtu),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
