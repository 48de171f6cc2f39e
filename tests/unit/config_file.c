// SPDX-License-Identifier: GPL-2.0
/* chaos/config, and of chaos/util uuid.c and error.c: what a guest's file means. */
#include "harness.h"

#include "config/config.h"
#include "util/error.h"

/* What every file needs. */
#define BASE	"name='g1'\nkernel='/boot/vmlinuz'\nmemory=64\n"

/*
 * struct bad - a file, or a description of a vif, that isn't accepted
 * text: what is wrong
 * why: part of the message
 */
struct bad {
	const char *text;
	const char *why;
};

/* Allocations by the files under test fail from this one on; see --wrap. */
static int allocations_left = -1;

static bool may_allocate(void)
{
	if (allocations_left < 0)
		return true;
	if (!allocations_left)
		return false;
	allocations_left--;
	return true;
}

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__real_calloc(size_t nr, size_t size);
void *__wrap_calloc(size_t nr, size_t size);
char *__real_strdup(const char *text);
char *__wrap_strdup(const char *text);
int __wrap_asprintf(char **text, const char *fmt, ...);
FILE *__real_open_memstream(char **text, size_t *size);
FILE *__wrap_open_memstream(char **text, size_t *size);
void *__real_xlu_cfg_init(FILE *report, const char *name);
void *__wrap_xlu_cfg_init(FILE *report, const char *name);
int __real_xlu_cfg_readdata(void *xlu, const char *data, int len);
int __wrap_xlu_cfg_readdata(void *xlu, const char *data, int len);

void *__wrap_malloc(size_t size)
{
	return may_allocate() ? __real_malloc(size) : NULL;
}

void *__wrap_calloc(size_t nr, size_t size)
{
	return may_allocate() ? __real_calloc(nr, size) : NULL;
}

char *__wrap_strdup(const char *text)
{
	return may_allocate() ? __real_strdup(text) : NULL;
}

int __wrap_asprintf(char **text, const char *fmt, ...)
{
	va_list args;
	int len;

	/* glibc leaves *text undefined. */
	*text = (char *)-1;
	if (!may_allocate())
		return -1;
	va_start(args, fmt);
	len = vasprintf(text, fmt, args);
	va_end(args);
	return len;
}

FILE *__wrap_open_memstream(char **text, size_t *size)
{
	return may_allocate() ? __real_open_memstream(text, size) : NULL;
}

void *__wrap_xlu_cfg_init(FILE *report, const char *name)
{
	return may_allocate() ? __real_xlu_cfg_init(report, name) : NULL;
}

/* libxlutil has no words for this. */
int __wrap_xlu_cfg_readdata(void *xlu, const char *data, int len)
{
	return may_allocate() ? __real_xlu_cfg_readdata(xlu, data, len) :
				ENOMEM;
}

static struct guest_config config;
static struct error err;

static int parse(const char *text)
{
	memset(err.text, 'x', sizeof(err.text) - 1);
	memset(&config, 0xff, sizeof(config));
	return config_parse(text, strlen(text), "file", &config, &err);
}

/* A file with something @times over in it; the caller frees it. */
static char *repeat(const char *before, const char *what, unsigned int times,
		    const char *after)
{
	size_t size = strlen(before) + strlen(what) * times + strlen(after) + 1;
	char *text = __real_malloc(size), *at = text;

	assert_non_null(text);
	at += sprintf(at, "%s", before);
	while (times--)
		at += sprintf(at, "%s", what);
	sprintf(at, "%s", after);
	return text;
}

static void assert_parses(const char *text)
{
	if (parse(text))
		fail_msg("%s", err.text);
}

/* One line more, and nothing is said of it. */
static void assert_line_parses(const char *line)
{
	char text[256];

	snprintf(text, sizeof(text), BASE "%s\n", line);
	assert_parses(text);
	assert_int_equal(config.nr_warnings, 0);
}

static void assert_fails(const char *text, const char *why)
{
	int ret = parse(text);

	if (!ret) {
		config_free(&config);
		fail_msg("accepted: %s", text);
	}
	assert_int_equal(ret, -EINVAL);
	if (strncmp(err.text, "file:", 5) || !strstr(err.text, why))
		fail_msg("\"%s\" doesn't say \"%s\"", err.text, why);
}

static void test_defaults(void **state)
{
	(void)state;
	assert_parses(BASE);
	assert_string_equal(config.name, "g1");
	assert_string_equal(config.kernel, "/boot/vmlinuz");
	assert_null(config.ramdisk);
	assert_string_equal(config.cmdline, "");
	assert_int_equal(config.memory, 64);
	assert_int_equal(config.vcpus, 1);
	assert_int_equal(config.max_event_channels, 1023);
	assert_int_equal(config.max_grant_frames, 64);
	assert_int_equal(config.max_maptrack_frames, 16);
	assert_false(config.has_uuid);
	assert_int_equal(config.nr_vifs, 0);
	assert_int_equal(config.nr_warnings, 0);
	config_free(&config);
	assert_null(config.kernel);
}

static void test_everything(void **state)
{
	static const uint8_t uuid[] = {
		0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef,
		0xFE, 0xDC, 0xBA, 0x98, 0x76, 0x54, 0x32, 0x10,
	};
	static const uint8_t mac[] = { 0x00, 0x16, 0x3e, 0xAA, 0xbb, 0x0c };

	(void)state;
	assert_parses("# a comment, with name = 'x' in it\n"
		      "type = \"pv\"; builder = 'generic'\n"
		      "name = 'a.B_c+d-9'\n"
		      "uuid = '01234567-89ab-cdef-FEDC-BA9876543210'\n"
		      "kernel = \"/k\"\n"
		      "ramdisk = '/r d'\n"
		      "cmdline = 'console=hvc0 # \"quoted\"'\n"
		      "memory = 16777215\n"
		      "vcpus = 128\n"
		      "max_event_channels = 131071\n"
		      "max_grant_frames = 65535\n"
		      "max_maptrack_frames = 65535\n"
		      "vif = [ 'mac=00:16:3e:AA:bb:0c, bridge = br0 ,mtu=68',\n"
		      "        'vifname=a', 'vifname=b',\n"
		      "        'id=65535,mtu=65535', '', 'id=0',\n"
		      "        'mac=00:16:3e:AA:bb:0d' ]\n");
	assert_string_equal(config.name, "a.B_c+d-9");
	assert_true(config.has_uuid);
	assert_memory_equal(config.uuid, uuid, 16);
	assert_string_equal(config.kernel, "/k");
	assert_string_equal(config.ramdisk, "/r d");
	assert_string_equal(config.cmdline, "console=hvc0 # \"quoted\"");
	assert_int_equal(config.memory, 16777215);
	assert_int_equal(config.vcpus, 128);
	assert_int_equal(config.max_event_channels, 131071);
	assert_int_equal(config.max_grant_frames, 65535);
	assert_int_equal(config.max_maptrack_frames, 65535);
	assert_int_equal(config.nr_warnings, 0);
	assert_int_equal(config.nr_vifs, 7);
	assert_string_equal(config.vifs[1].ifname, "a");
	assert_string_equal(config.vifs[2].ifname, "b");
	assert_true(config.vifs[0].has_mac);
	assert_memory_equal(config.vifs[0].mac, mac, 6);
	assert_string_equal(config.vifs[0].bridge, "br0");
	assert_int_equal(config.vifs[0].mtu, 68);
	assert_false(config.vifs[0].has_id);
	assert_true(config.vifs[3].has_id);
	assert_int_equal(config.vifs[3].id, 65535);
	assert_int_equal(config.vifs[3].mtu, 65535);
	assert_false(config.vifs[3].has_mac);
	assert_string_equal(config.vifs[4].bridge, "xenbr0");
	config_free(&config);
}

static void test_smallest_numbers(void **state)
{
	(void)state;
	assert_parses("name='g'\nkernel='k'\nmemory=1\nvcpus=1\n"
		      "max_event_channels=15\nmax_grant_frames=1\n"
		      "max_maptrack_frames=1\nvif=['id=0,mtu=68']\n");
	assert_int_equal(config.memory, 1);
	assert_int_equal(config.vcpus, 1);
	assert_int_equal(config.max_event_channels, 15);
	assert_int_equal(config.max_grant_frames, 1);
	assert_int_equal(config.max_maptrack_frames, 1);
	assert_true(config.vifs[0].has_id);
	assert_int_equal(config.vifs[0].id, 0);
	config_free(&config);
}

static void test_types(void **state)
{
	static const struct {
		const char *text;
		enum guest_type want;
	} types[] = {
		{ BASE, GUEST_ANY },
		{ BASE "type='pv'\n", GUEST_PV },
		{ BASE "type='pvh'\n", GUEST_PVH },
		{ BASE "builder='generic'\n", GUEST_PV },
		{ BASE "builder='linux'\n", GUEST_PV },
		{ BASE "builder='linux'\ntype='pvh'\n", GUEST_PVH },
		{ BASE "type='pvh'\nbuilder='linux'\n", GUEST_PVH },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(types); i++) {
		assert_parses(types[i].text);
		assert_int_equal(config.type, types[i].want);
		config_free(&config);
	}
}

/* A number may be a string, too, as in xl. */
static void test_number_in_quotes(void **state)
{
	(void)state;
	assert_parses("name='g'\nkernel='k'\nmemory='128'\nvcpus=0x10\n"
		      "builder='linux'\n");
	assert_int_equal(config.memory, 128);
	assert_int_equal(config.vcpus, 16);
	config_free(&config);
}

static void test_cmdline_of_root_and_extra(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "root='/dev/xvda'\n", "root=/dev/xvda" },
		{ "root='/dev/xvda ro'\nextra='quiet'\n",
		  "root=/dev/xvda ro quiet" },
		{ "root='/dev/xvda'\nextra=''\n", "root=/dev/xvda" },
		{ "root=''\nextra='quiet'\n", "quiet" },
		{ "extra='a b'\n", "a b" },
		{ "cmdline=''\n", "" },
	};
	unsigned int i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		char text[256];

		snprintf(text, sizeof(text), BASE "%s", cases[i].text);
		assert_parses(text);
		assert_string_equal(config.cmdline, cases[i].want);
		config_free(&config);
	}
}

static void test_cmdline_beside_root_and_extra(void **state)
{
	(void)state;
	assert_parses(BASE "extra='b'\ncmdline='a'\nroot='c'\n");
	assert_string_equal(config.cmdline, "a");
	assert_int_equal(config.nr_warnings, 1);
	assert_non_null(strstr(config.warnings[0],
			       "root: ignored, as cmdline is set"));
	config_free(&config);
	assert_parses(BASE "extra='b'\ncmdline='a'\n");
	assert_string_equal(config.cmdline, "a");
	assert_non_null(strstr(config.warnings[0], "extra: ignored"));
	config_free(&config);
}

/* @most of "x" between @before and @after is accepted, one more isn't. */
static void assert_longest(const char *before, const char *after,
			   unsigned int most, const char *why)
{
	char *text = repeat(before, "x", most, after);

	assert_parses(text);
	free(text);
	text = repeat(before, "x", most + 1, after);
	config_free(&config);
	assert_fails(text, why);
	free(text);
}

static void test_longest_cmdline(void **state)
{
	(void)state;
	assert_longest(BASE "cmdline='", "'\n", 1023,
		       "cmdline: is longer than 1023");
	assert_longest(BASE "extra='", "'\n", 1023,
		       "cmdline: is longer than 1023");
	/* "root=", and a space */
	assert_longest(BASE "root='", "'\nextra='1234567'\n", 1023 - 5 - 1 - 7,
		       "cmdline: is longer than 1023");
}

static void test_longest_path(void **state)
{
	(void)state;
	assert_longest("name='g'\nmemory=1\nkernel='", "'\n", 4095,
		       "kernel: path is too long");
	assert_longest(BASE "ramdisk='", "'\n", 4095,
		       "ramdisk: path is too long");
}

static void test_longest_name(void **state)
{
	(void)state;
	assert_longest("kernel='k'\nmemory=1\nname='", "'\n", 63,
		       "name: is longer than 63");
}

static void test_name_check(void **state)
{
	static const char *const good[] = {
		"a", "Z", "0a", "9-", "a.b", "domain-0", "Domain-00",
	};
	static const char *const wrong[] = {
		"", "0", "123", ".a", "-a", "_a", "+", "a b", "a/b", "a\n",
		"a\xc3\xa4", "Domain-0", "a'", "a,b", "a:b", "a=b",
	};
	unsigned int i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(good); i++)
		assert_null(config_name_check(good[i]));
	for (i = 0; i < ARRAY_SIZE(wrong); i++)
		assert_non_null(config_name_check(wrong[i]));
}

/* Each is a whole file. */
static const struct bad bad_files[] = {
	{ "", "name: is missing" },
	{ "\n\n", "name: is missing" },
	{ "kernel='k'\nmemory=1\n", "name: is missing" },
	{ "name='g'\nmemory=1\n", "kernel: is missing" },
	{ "name=''\nkernel='k'\nmemory=1\n", "file:1: name: must not be empty" },
	{ "name='7'\nkernel='k'\nmemory=1\n", "means a domid" },
	{ "name=7\nkernel='k'\nmemory=1\n", "means a domid" },
	{ "name='-a'\nkernel='k'\nmemory=1\n", "must begin with" },
	{ "name='a b'\nkernel='k'\nmemory=1\n", "may have letters" },
	{ "name='Domain-0'\nkernel='k'\nmemory=1\n", "is the name of the host" },
	{ "name=['g']\nkernel='k'\nmemory=1\n", "name: must be a string" },
	{ "\nname='g'\n\nkernel=''\nmemory=1\n", "file:4: kernel: must be the" },
	{ "name='g'\nkernel=['k']\nmemory=1\n", "kernel: must be a string" },
	{ BASE "ramdisk=['r']\n", "ramdisk: must be a string" },
	{ BASE "type='none'\n", "must be \"pv\" or \"pvh\"" },
	{ BASE "type='hvm'\n", "hvm guests are not supported" },
	{ BASE "type='PV'\n", "type: must be \"pv\"" },
	{ BASE "type=['pv']\n", "type: must be a string" },
	{ "name='g'\nkernel='/usr/lib/xen/boot/hvmloader'\n", "hvm guests" },
	{ "name='g'\nkernel='hvmloader'\n", "hvm guests" },
	{ BASE "builder='hvm'\n", "hvm guests are not supported" },
	{ BASE "builder='x'\n", "builder: must be \"generic\"" },
	{ BASE "builder=['linux']\n", "builder: must be a string" },
	{ BASE "uuid='01234567-89ab-cdef-fedc-ba987654321'\n", "uuid: must be" },
	{ BASE "uuid='01234567-89ab-cdef-fedc-ba98765432100'\n", "uuid: must" },
	{ BASE "uuid='01234567+89ab-cdef-fedc-ba9876543210'\n", "uuid: must" },
	{ BASE "uuid='0123456789abcdeffedcba9876543210'\n", "uuid: must be" },
	{ BASE "uuid='g1234567-89ab-cdef-fedc-ba9876543210'\n", "uuid: must" },
	{ BASE "uuid='0x234567-89ab-cdef-fedc-ba9876543210'\n", "uuid: must" },
	{ BASE "uuid='01234567-89ab-cdef-fedc-ba987654321-'\n", "uuid: must" },
	{ BASE "uuid=''\n", "uuid: must be" },
	{ BASE "uuid=[]\n", "uuid: must be a string" },
	{ BASE "cmdline=[]\n", "cmdline: must be a string" },
	{ BASE "root=[]\n", "root: must be a string" },
	{ BASE "extra=[]\n", "extra: must be a string" },
	{ "name='g'\nkernel='k'\nmemory=0\n", "memory: must be 1 to 16777215" },
	{ "name='g'\nkernel='k'\nmemory=16777216\n", "memory: must be 1 to" },
	{ "name='g'\nkernel='k'\nmemory='-1'\n", "memory: must be 1 to" },
	{ "name='g'\nkernel='k'\nmemory=4294967297\n", "memory: must be 1 to" },
	{ "name='g'\nkernel='k'\nmemory=99999999999999999999\n", "must be 1 to" },
	{ "name='g'\nkernel='k'\nmemory='64M'\n", "memory: must be a number" },
	{ "name='g'\nkernel='k'\nmemory=[64]\n", "memory: must be a number" },
	{ BASE "vcpus=0\n", "vcpus: must be 1 to 128" },
	{ BASE "vcpus=129\n", "vcpus: must be 1 to 128" },
	{ BASE "max_event_channels=14\n", "must be 15 to 131071" },
	{ BASE "max_event_channels=131072\n", "must be 15 to 131071" },
	{ BASE "max_grant_frames=0\n", "must be 1 to 65535" },
	{ BASE "max_grant_frames=65536\n", "must be 1 to 65535" },
	{ BASE "max_maptrack_frames=0\n", "must be 1 to 65535" },
	{ BASE "max_maptrack_frames=65536\n", "must be 1 to 65535" },
	{ BASE "vif='mac=00:16:3e:01:02:03'\n", "vif: must be a list" },
	{ BASE "vif=['mtu=1', 'x']\n", "file:4: vif: entry 1: mtu: must" },
	{ BASE "vif=['mtu=68', 'x']\n", "vif: entry 2: x: must be key=value" },
	{ BASE "vif=[['mtu=68']]\n", "vif: entry 1: must be a string" },
	{ BASE "vif=['id=1','id=2','id=1']\n", "vif: id 1 is given twice" },
	{ BASE "vif=['mac=00:16:3e:01:02:03','mac=00:16:3E:01:02:03']\n",
	  "vif: two have the same mac" },
	{ BASE "vif=['vifname=a','vifname=a']\n",
	  "vif: two have the same vifname" },
	{ BASE "disk='phy:/dev/sda,xvda,w'\n", "disk: must be a list" },
	{ BASE "disk=['phy:/dev/sda,xvda,w','x']\n", "disk: entry 2: no vdev" },
	{ BASE "disk=['/a,raw,hdb','/b,raw,xvdb']\n",
	  "disk: hdb and xvdb are the same" },
	{ BASE "disk=['/a,raw,hdb1','/b,raw,xvdb']\n",
	  "disk: hdb1 and xvdb overlap" },
	{ BASE "pci=['00:01.0']\n", "pci: this" },
	{ BASE "pool='p'\n", "pool: not supported" },
	{ BASE "vpmu=1\n", "vpmu: not supported" },
	{ BASE "cpus=''\n", "cpus: must be \"all\", or CPUs like" },
	{ BASE "cpus='1,'\n", "cpus: must be \"all\"" },
	{ BASE "cpus='one'\n", "cpus: must be \"all\"" },
	{ BASE "cpus='nodes:x'\n", "cpus: must be \"all\"" },
	{ BASE "cpus='1-'\n", "cpus: must be \"all\"" },
	{ BASE "cpus='3-1'\n", "cpus: must be \"all\"" },
	{ BASE "cpus='-1'\n", "cpus: must be \"all\"" },
	{ BASE "cpus='4096'\n", "cpus: must be \"all\"" },
	{ BASE "cpus='000001'\n", "cpus: must be \"all\"" },
	{ BASE "cpus='all 1'\n", "cpus: must be \"all\"" },
	{ BASE "cpus='0-4095,^all'\n", "cpus: has no CPU left" },
	{ BASE "cpus='^1'\n", "cpus: has no CPU left" },
	{ BASE "cpus=['0','x']\n", "cpus: entry 2: must be \"all\"" },
	{ BASE "cpus=[['0']]\n", "cpus: entry 1: must be a string" },
	{ BASE "cpus=['0','1']\n", "cpus: has more entries than vcpus" },
	{ BASE "cpus_soft=['0','1']\n", "cpus_soft: has more entries than" },
	{ BASE "cpus_soft='x'\n", "cpus_soft: must be \"all\"" },
	{ BASE "cpu_weight=0\n", "cpu_weight: must be 1 to 65535" },
	{ BASE "cpu_weight=65536\n", "cpu_weight: must be 1 to 65535" },
	{ BASE "cpu_weight='x'\n", "cpu_weight: must be a number" },
	{ BASE "cap='-1'\n", "cap: must be 0 to 12800" },
	{ BASE "cap=101\n", "cap: is more than 100 for each of vcpus" },
	{ BASE "vcpus=2\ncap=201\n", "cap: is more than 100" },
	{ BASE "maxmem=63\n", "maxmem: is less than memory" },
	{ BASE "maxmem=0\n", "maxmem: must be 1 to" },
	{ BASE "vcpus=2\nmaxvcpus=1\n", "maxvcpus: is less than vcpus" },
	{ BASE "maxvcpus=129\n", "maxvcpus: must be 1 to 128" },
	{ BASE "max_grant_version=0\n", "max_grant_version: must be 1 to 2" },
	{ BASE "max_grant_version=3\n", "max_grant_version: must be 1 to 2" },
	{ BASE "bootloader='pvgrub'\n",
	  "bootloader: is a boot loader that finds its disk through XenStore" },
	{ BASE "bootloader='/x/pygrub/eliloader'\n", "bootloader: only pygrub is" },
	{ BASE "bootloader='pygrub'\n", "bootloader: there is no disk" },
	{ BASE "bootloader_args=['-q',['x']]\n", "bootloader_args: entry 2: must be a string" },
	{ BASE "firmware='pvgrub64'\n", "pvgrub finds its disk through Xen" },
	{ BASE "firmware='uefi'\n", "others are for hvm guests" },
	{ BASE "kernel='grub-i386-xen_pvh.bin'\n", "is a boot loader" },
	{ BASE "kernel='/a/pv-grub-x86_64.gz'\n", "is a boot loader" },
	{ BASE "kernel='/a/pvgrub'\n", "is a boot loader" },
	{ BASE "colour='red'\n", "file:4: colour: unknown key" },
	{ BASE "a_very_long_key_1234567890_1234567890_1234567890_1234567890_=1",
	  "unknown key" },
	{ BASE "name\n", "file:" },
	{ BASE "vcpus=\n", "file:" },
	{ BASE "vcpus=1 memory=2\n", "file:" },
	{ BASE "VCPUS=1\n", "file:" },
	{ BASE "vcpus=1]\n", "file:" },
	{ BASE "extra='x\n", "file:" },
	{ BASE "vif=['mtu=68'\n", "file:" },
	{ BASE "\001=1\n", "file:" },
	{ BASE "vcpus=\xff\n", "file:" },
};

static void test_bad_files(void **state)
{
	const struct bad *b;

	(void)state;
	for (b = bad_files; b < bad_files + ARRAY_SIZE(bad_files); b++)
		assert_fails(b->text, b->why);
}

static void test_message_is_one_clean_line(void **state)
{
	const char *c;

	(void)state;
	assert_fails(BASE "vif=['a\tb\001\x7f=1']\n", "a?b??: unknown key");
	for (c = err.text; *c; c++)
		assert_true((unsigned char)*c >= ' ');
}

static void assert_wrongs(const char *text, const char *want)
{
	char *lines = config_wrongs(text, strlen(text), "file");

	assert_non_null(lines);
	assert_string_equal(lines, want);
	free(lines);
}

/* All that is wrong is told, in the order of the file, and then what is missing. */
static void test_all_wrongs(void **state)
{
	char *text, *lines;

	(void)state;
	assert_wrongs(BASE, "");
	/* What can't be mended comes first. */
	assert_wrongs(BASE "colour='red'\nvcpus=0\nmemory=1\npci=['1']\n",
		      "file:7: pci: this kind of device is not supported\n"
		      "file:4: colour: unknown key\n"
		      "file:5: vcpus: must be 1 to 128\n");
	/* What is wrong isn't missing, and nothing is compared with it. */
	assert_wrongs("name='7'\nvcpus=129\nmaxvcpus=2\nvif=['id=1','id=2']\n",
		      "file:1: name: must not be a number, which means a domid\n"
		      "file:2: vcpus: must be 1 to 128\n"
		      "file: kernel: is missing\n");
	/* Each entry of a list that is wrong. */
	assert_wrongs(BASE "vif=['x','id=1','id=1',['y'],'mtu=1']\n",
		      "file:4: vif: entry 1: x: must be key=value\n"
		      "file:4: vif: entry 4: must be a string\n"
		      "file:4: vif: entry 5: mtu: must be 68 to 65535\n"
		      "file:4: vif: id 1 is given twice\n");
	/* Whose line is told, where that is known. */
	assert_wrongs(BASE "vif=[ # one\n'', 'x'\n,\n\n'a\\'b',\t[ 'c', 'd' ],\n"
		      "\n'mtu=1' ]\nvif+=['mtu=2']\ncpus=['0',\n'5-x']\n"
		      "bootloader_args='x'\nbootloader_args=[ 'y',\n['z'] ]\n",
		      "file:5: vif: entry 2: x: must be key=value\n"
		      "file:8: vif: entry 3: a'b: must be key=value\n"
		      "file:8: vif: entry 4: must be a string\n"
		      "file:10: vif: entry 5: mtu: must be 68 to 65535\n"
		      "file:4: vif: entry 6: mtu: must be 68 to 65535\n"
		      "file:13: cpus: entry 2: must be \"all\", or CPUs like \"0-3,8,^2\", or nodes like \"node:0\"\n"
		      "file:14: bootloader_args: entry 2: must be a string\n");
	/* Who has a bootloader needs no kernel. */
	assert_wrongs("name='g'\nbootloader='b'\n",
		      "file:2: bootloader: only pygrub is supported\n");
	assert_wrongs("name='g'\nbootloader=''\n",
		      "file: kernel: is missing\n");
	assert_wrongs("", "file: name: is missing\nfile: kernel: is missing\n");
	/* What doesn't fit together, also beside what is wrong by itself. */
	assert_wrongs(BASE "vif=['id=1','id=1']\n",
		      "file:4: vif: id 1 is given twice\n");
	assert_wrongs(BASE "vcpus=0\ncap=200\n"
		      "vif=['mtu=1','id=1','id=1']\n"
		      "disk=['/a,raw,xvda','/b,raw,hda']\n",
		      "file:4: vcpus: must be 1 to 128\n"
		      "file:6: vif: entry 1: mtu: must be 68 to 65535\n"
		      "file:6: vif: id 1 is given twice\n"
		      "file:7: disk: xvda and hda are the same\n");
	assert_wrongs("bootloader='pygrub'\nname='g'\nmemory=2\nmaxmem=1\n"
		      "cap=200\ncpus=['0','1']\ncpus_soft=['0','1']\n"
		      "maxvcpus=1\n",
		      "file:1: bootloader: there is no disk that it could look at\n"
		      "file:4: maxmem: is less than memory\n"
		      "file:5: cap: is more than 100 for each of vcpus\n"
		      "file:6: cpus: has more entries than vcpus\n"
		      "file:7: cpus_soft: has more entries than vcpus\n");
	/* libxlutil's own words */
	lines = config_wrongs(BASE "vcpus=1]\n", strlen(BASE "vcpus=1]\n"), "file");
	assert_memory_equal(lines, "file:4: ", 8);
	assert_ptr_equal(strchr(lines, '\n'), lines + strlen(lines) - 1);
	free(lines);
	text = repeat(BASE, "colour=1\n", 34, "");
	lines = config_wrongs(text, strlen(text), "file");
	free(text);
	assert_non_null(strstr(lines, "file:35: colour: unknown key\nfile: 2 more\n"));
	free(lines);
}

/* Of a guest of another kind only that is told, wherever it stands. */
static void test_wrongs_of_hvm(void **state)
{
	(void)state;
	assert_wrongs("colour=1\nvnc=2\nbuilder='hvm'\ntype='hvm'\n",
		      "file:3: builder: hvm guests are not supported, only pv and pvh");
}

/* A path may be longer than the message that begins with it. */
static void test_short_room_for_the_message(void **state)
{
	char name[1024];

	(void)state;
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(config_parse("a=1\n", 4, name, &config, &err), -EINVAL);
	assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
}

static void test_binary_and_huge_files(void **state)
{
	char *huge = malloc(CONFIG_FILE_MAX + 1);

	(void)state;
	assert_non_null(huge);
	assert_int_equal(config_parse("name='g'\0\n", 10, "file", &config,
				      &err), -EINVAL);
	assert_non_null(strstr(err.text, "is not text"));
	memset(huge, '\n', CONFIG_FILE_MAX + 1);
	memcpy(huge, BASE, strlen(BASE));
	assert_int_equal(config_parse(huge, CONFIG_FILE_MAX + 1, "file", &config,
				      &err), -EINVAL);
	assert_non_null(strstr(err.text, "is larger than 65536 bytes"));
	assert_int_equal(config_parse(huge, CONFIG_FILE_MAX, "file", &config,
				      &err), 0);
	config_free(&config);
	free(huge);
}

/* A DOS's lines are as good as others, wherever they end. */
static void test_carriage_returns(void **state)
{
	(void)state;
	assert_parses("# a comment\r\n\r\nname='g'\r\nkernel=\"/k\"\r\n"
		      "vif=[ 'id=1',\r\n'id=2' ]\r\nmemory=64\r\n"
		      "extra='x' # y\r\n");
	assert_string_equal(config.name, "g");
	assert_string_equal(config.kernel, "/k");
	assert_string_equal(config.cmdline, "x");
	assert_int_equal(config.memory, 64);
	assert_int_equal(config.nr_vifs, 2);
	config_free(&config);
	assert_wrongs(BASE "vcpus=2\r\ncap=0\r\n\rcolour=1\n",
		      "file:6: config parsing error near `?colour=1': lexical error\n");
}

/* What xl takes for no RAM disk. */
static void test_empty_ramdisk(void **state)
{
	(void)state;
	assert_parses(BASE "ramdisk=''\n");
	assert_null(config.ramdisk);
	assert_int_equal(config.nr_warnings, 0);
	config_free(&config);
}

/* The file needn't end with a newline, not even in a comment. */
static void test_no_final_newline(void **state)
{
	(void)state;
	assert_parses(BASE "vcpus=2");
	assert_int_equal(config.vcpus, 2);
	config_free(&config);
	assert_parses(BASE "vcpus=3\n#");
	assert_int_equal(config.vcpus, 3);
	config_free(&config);
	assert_parses(BASE "vcpus=3 # vcpus=4");
	assert_int_equal(config.vcpus, 3);
	config_free(&config);
}

/* Words in strings, comments and numbers are no keys. */
static void test_keys_are_found(void **state)
{
	(void)state;
	assert_parses(BASE "extra=\"colour=1 \\\" colour \" # colour=2\n"
		      "vcpus=0x0a;ramdisk='it\\'s # colour'\n");
	assert_int_equal(config.vcpus, 10);
	assert_string_equal(config.ramdisk, "it's # colour");
	assert_string_equal(config.cmdline, "colour=1 \" colour ");
	config_free(&config);
}

static void test_actions(void **state)
{
	(void)state;
	assert_parses(BASE);
	assert_int_equal(config.on_poweroff, CONFIG_DESTROY);
	assert_int_equal(config.on_reboot, CONFIG_RESTART);
	assert_int_equal(config.on_crash, CONFIG_DESTROY);
	config_free(&config);
	assert_parses(BASE "on_poweroff='restart'\non_reboot='destroy'\n"
		      "on_crash='preserve'\n");
	assert_string_equal(config_action_name(config.on_poweroff), "restart");
	assert_string_equal(config_action_name(config.on_reboot), "destroy");
	assert_string_equal(config_action_name(config.on_crash), "preserve");
	config_free(&config);
	assert_fails(BASE "on_crash='rename-restart'\n",
		     "on_crash: must be \"destroy\", \"restart\" or \"preserve\"");
	assert_fails(BASE "on_reboot=[]\n", "on_reboot: must be a string");
}

/* There is no core, but the guest ends as asked. */
static void test_cores(void **state)
{
	(void)state;
	assert_parses(BASE "on_crash='coredump-restart'\n"
		      "on_poweroff='coredump-destroy'\n");
	assert_int_equal(config.on_crash, CONFIG_RESTART);
	assert_int_equal(config.on_poweroff, CONFIG_DESTROY);
	assert_int_equal(config.nr_warnings, 2);
	assert_string_equal(config.warnings[0],
			    "file:4: on_crash: no core is written");
	config_free(&config);
	assert_fails(BASE "on_crash='coredump-preserve'\n", "on_crash: must be");
}

/* As with xl. */
static void test_no_memory_given(void **state)
{
	static const char file[] = "name='g'\nkernel='k'\n";
	char text[64];

	(void)state;
	assert_parses(file);
	assert_int_equal(config.memory, 32);
	assert_int_equal(config.nr_warnings, 1);
	assert_string_equal(config.warnings[0],
			    "file: memory: is missing; the guest has 32 MiB");
	config_free(&config);
	snprintf(text, sizeof(text), "%smaxmem=48\n", file);
	assert_parses(text);
	assert_int_equal(config.memory, 48);
	assert_int_equal(config.nr_warnings, 0);
	config_free(&config);
}

/* Refused keys may have the value that a guest has anyway, and no other. */
static void test_refused_defaults(void **state)
{
	static const char *const good[] = {
		"bootloader=''", "bootloader_args=[]", "firmware=''",
		"passthrough='disabled'",
		"pool='Pool-0'",
	};
	static const char *const wrong[] = {
		"passthrough='enabled'", "pool='Pool-1'", "vtpm=''",
	};
	char text[128];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(good); i++) {
		assert_line_parses(good[i]);
		config_free(&config);
	}
	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		snprintf(text, sizeof(text), BASE "%s\n", wrong[i]);
		assert_fails(text, "supported");
	}
}

/* The kernel is found on the first disk, and no other counts. */
static void test_bootloader(void **state)
{
	char text[2048] = "name='g'\nbootloader='/usr/bin/pygrub'\n"
			  "disk=['/a,raw,xvda,w']\n";
	size_t i;

	(void)state;
	assert_parses(text);
	assert_true(config.bootloader);
	assert_null(config.kernel);
	assert_null(config.bootloader_args);
	config_free(&config);
	strcat(text, "kernel='/k'\nramdisk='/r'\nmemory=64\n"
	       "bootloader_args=['--entry=1','-q']\nroot='/dev/xvda ro'\n");
	assert_parses(text);
	assert_null(config.kernel);
	assert_null(config.ramdisk);
	assert_string_equal(config.cmdline, "root=/dev/xvda ro");
	assert_string_equal(config.bootloader_args[0], "--entry=1");
	assert_string_equal(config.bootloader_args[1], "-q");
	assert_null(config.bootloader_args[2]);
	assert_int_equal(config.nr_warnings, 2);
	assert_string_equal(config.warnings[0],
			    "file:4: kernel: ignored; the bootloader finds the guest's own");
	assert_string_equal(config.warnings[1],
			    "file:5: ramdisk: ignored; the bootloader finds the guest's own");
	config_free(&config);
	/* Older files have one string for all. */
	assert_parses(BASE "bootloader_args='  --entry=1\t-q '\n");
	assert_string_equal(config.bootloader_args[0], "--entry=1");
	assert_string_equal(config.bootloader_args[1], "-q");
	assert_null(config.bootloader_args[2]);
	assert_int_equal(config.nr_warnings, 0);
	config_free(&config);
	strcpy(text, BASE "bootloader_args='");
	for (i = 1; i <= CONFIG_ARGS_MAX; i++)
		strcat(text, " x");
	strcat(text, "'\n");
	assert_parses(text);
	config_free(&config);
	strcpy(strrchr(text, '\''), " x'\n");
	assert_fails(text, "bootloader_args: has more than 32 entries");
	strcpy(text, BASE "bootloader_args=['x'");
	for (i = 1; i <= CONFIG_ARGS_MAX; i++)
		strcat(text, ",'x'");
	strcat(text, "]\n");
	assert_fails(text, "bootloader_args: has more than 32 entries");
}

/*
 * struct pvh_key - a key that makes a difference to a pvh guest
 * @usual: what it has anyway
 * @other: what it has not
 * @why: what is said then
 */
static const struct pvh_key {
	const char *usual;
	const char *other;
	const char *why;
} pvh_keys[] = {
	{ "acpi=1", "acpi=0", "acpi: a pvh guest finds its CPUs in ACPI tables" },
	{ "hap=1", "hap=0", "hap: a pvh guest has it if" },
	{ "oos=1", "oos=0", "oos: it is on where Xen shadows" },
	{ "nestedhvm=0", "nestedhvm=1", "nestedhvm: a pvh guest can't run guests" },
	{ "altp2m='disabled'", "altp2m='limited'", "altp2m: a pvh guest has one view" },
	{ "altp2m=0", "altp2m=2", "altp2m: a pvh guest has one view" },
	{ "altp2m='0'", "altp2m='3'", "altp2m: a pvh guest has one view" },
};

/* Of others it isn't said that they were for hvm guests. */
static void test_reasons_of_pvh_keys(void **state)
{
	static const char *const names[] = {
		"on_soft_reset", "shadow_memory",
	};
	const struct config_key *key;
	size_t i, found = 0;

	(void)state;
	for (key = config_keys; key->name; key++)
		for (i = 0; i < ARRAY_SIZE(names); i++)
			if (!strcmp(key->name, names[i])) {
				found++;
				assert_null(strstr(key->why, "hvm"));
			}
	assert_int_equal(found, ARRAY_SIZE(names));
}

static void test_pvh_keys(void **state)
{
	const struct pvh_key *key;
	char text[128];

	(void)state;
	for (key = pvh_keys; key < pvh_keys + ARRAY_SIZE(pvh_keys); key++) {
		snprintf(text, sizeof(text), BASE "%s\ntype='pvh'\n", key->usual);
		assert_parses(text);
		assert_int_equal(config.nr_warnings, 0);
		config_free(&config);
		snprintf(text, sizeof(text), BASE "%s\ntype='pvh'\n", key->other);
		assert_fails(text, key->why);
		/* It makes none to others, and who knows what this one is to be? */
		snprintf(text, sizeof(text), BASE "%s\ntype='pv'\n", key->other);
		assert_parses(text);
		assert_int_equal(config.nr_warnings, 0);
		config_free(&config);
		snprintf(text, sizeof(text), BASE "%s\n", key->other);
		assert_parses(text);
		assert_int_equal(config.nr_warnings, 1);
		assert_non_null(strstr(config.warnings[0], key->why));
		config_free(&config);
	}
	assert_fails(BASE "acpi=2\n", "acpi: must be 0 to 1");
	assert_fails(BASE "nestedhvm='yes'\n", "nestedhvm: must be a number");
	assert_fails(BASE "altp2m=[]\n", "altp2m: must be a string");
	assert_fails(BASE "altp2m=4\n", "altp2m: must be 0 to 3");
	assert_fails(BASE "altp2m='on'\n", "altp2m: must be a mode of xl's");
	assert_fails(BASE "hap='on'\n", "hap: must be a number");
}

/* By name or, as with xl, by number, whatever the type. */
static void test_timer_mode(void **state)
{
	static const struct {
		const char *line;
		enum timer_mode want;
	} modes[] = {
		{ "", TIMER_NO_DELAY },
		{ "timer_mode='delay_for_missed_ticks'", TIMER_DELAY },
		{ "timer_mode='no_delay_for_missed_ticks'", TIMER_NO_DELAY },
		{ "timer_mode='no_missed_ticks_pending'", TIMER_NO_MISSED },
		{ "timer_mode='one_missed_tick_pending'", TIMER_ONE_MISSED },
		{ "timer_mode=0", TIMER_DELAY },
		{ "timer_mode='3'", TIMER_ONE_MISSED },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(modes); i++) {
		assert_line_parses(modes[i].line);
		assert_int_equal(config.timer_mode, modes[i].want);
		config_free(&config);
	}
	assert_fails(BASE "timer_mode=4\n", "timer_mode: must be 0 to 3");
	assert_fails(BASE "timer_mode='late'\n",
		     "timer_mode: must be a mode of xl's, like \"delay_for");
	assert_fails(BASE "timer_mode=[]\n", "timer_mode: must be a string");
}

static void test_tsc_mode(void **state)
{
	static const struct {
		const char *line;
		enum tsc_mode want;
	} modes[] = {
		{ "", TSC_DEFAULT },
		{ "tsc_mode='default'", TSC_DEFAULT },
		{ "tsc_mode='always_emulate'", TSC_EMULATE },
		{ "tsc_mode='native'", TSC_NATIVE },
		{ "tsc_mode=0", TSC_DEFAULT },
		{ "tsc_mode='2'", TSC_NATIVE },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(modes); i++) {
		assert_line_parses(modes[i].line);
		assert_int_equal(config.tsc_mode, modes[i].want);
		config_free(&config);
	}
	assert_fails(BASE "tsc_mode=3\n", "tsc_mode: must be 0 to 2");
	assert_fails(BASE "tsc_mode=''\n",
		     "tsc_mode: must be a mode of xl's, like \"default\"");
	/* Xen itself has it no more. */
	assert_fails(BASE "tsc_mode='native_paravirt'\n",
		     "tsc_mode: must be a mode of xl's, like \"default\"");
	assert_fails(BASE "tsc_mode=[]\n", "tsc_mode: must be a string");
}

/* What made a guest can make it again. */
static void test_file_is_kept(void **state)
{
	(void)state;
	assert_parses(BASE);
	assert_string_equal(config.text, BASE);
	assert_string_equal(config.file, "file");
	config_free(&config);
	assert_parses(BASE "vcpus=2 # no newline");
	assert_string_equal(config.text, BASE "vcpus=2 # no newline");
	config_free(&config);
}

static void test_addition(void **state)
{
	(void)state;
	assert_parses(BASE "extra='a'\nextra += 'b'\n"
		      "vif=['id=1']\nvif+=['id=2']\n");
	assert_string_equal(config.cmdline, "ab");
	assert_int_equal(config.nr_vifs, 2);
	assert_int_equal(config.vifs[1].id, 2);
	assert_int_equal(config.nr_warnings, 0);
	config_free(&config);
}

static void test_warnings(void **state)
{
	unsigned int i;
	char *text;

	(void)state;
	assert_parses(BASE "vnc=1\nvcpus=1\nnomigrate=1\nvcpus=2\n");
	assert_int_equal(config.vcpus, 2);
	assert_int_equal(config.nr_warnings, 3);
	assert_string_equal(config.warnings[0],
			    "file:4: vnc: ignored; a guest has a console and no display");
	assert_string_equal(config.warnings[1],
			    "file:6: nomigrate: ignored; guests are not migrated");
	assert_string_equal(config.warnings[2],
			    "file:7: vcpus: set twice; the last counts");
	config_free(&config);

	/* There is room for 32; others are not worth a failure. */
	text = repeat(BASE "vcpus=1\n", "vcpus=2\n", 33, "vcpus=5\n");
	assert_parses(text);
	free(text);
	assert_int_equal(config.vcpus, 5);
	assert_int_equal(config.nr_warnings, 32);
	for (i = 0; i < 32; i++)
		assert_non_null(config.warnings[i]);
	config_free(&config);
}

/* None of what isn't supported is what the guest gets. */
static void test_empty_lists(void **state)
{
	(void)state;
	assert_parses(BASE "pvcalls=[]\npci = [ ]\nvif=[]\nvpmu=0\n");
	assert_int_equal(config.nr_warnings, 0);
	assert_int_equal(config.nr_vifs, 0);
	config_free(&config);
}

/* Sorted, as the manual's table is, and whole. */
static void test_table_of_keys(void **state)
{
	const struct config_key *key;

	(void)state;
	for (key = config_keys; key->name; key++) {
		if (key > config_keys)
			assert_true(strcmp(key[-1].name, key->name) < 0);
		if (key->verdict == CONFIG_COUNTS) {
			assert_non_null(key->set);
			assert_null(key->why);
		} else {
			assert_null(key->set);
			assert_non_null(key->why);
		}
	}
}

/* No key's value is a list of lists, and none is refused without its name. */
static void test_keys_that_count(void **state)
{
	const struct config_key *key;
	char text[256], want[64];
	const char *c;

	(void)state;
	for (key = config_keys; key->name; key++) {
		if (key->verdict != CONFIG_COUNTS)
			continue;
		snprintf(text, sizeof(text), "%s=[['x']]\n" BASE, key->name);
		/* What the file has twice has its last value. */
		if (!strcmp(key->name, "name") || !strcmp(key->name, "kernel") ||
		    !strcmp(key->name, "memory"))
			snprintf(text, sizeof(text), "%s=[['x']]\n", key->name);
		snprintf(want, sizeof(want), "file:1: %s: ", key->name);
		assert_fails(text, want);
		assert_memory_equal(err.text, want, strlen(want));
		for (c = err.text; *c; c++)
			assert_true((unsigned char)*c >= ' ');
	}
}

/* Each of them is refused, or warned of, with its reason. */
static void test_keys_that_do_not_count(void **state)
{
	const struct config_key *key;
	char text[256];

	(void)state;
	for (key = config_keys; key->name; key++) {
		if (key->verdict == CONFIG_COUNTS)
			continue;
		snprintf(text, sizeof(text), BASE "%s='x'\n", key->name);
		if (key->verdict == CONFIG_REFUSED) {
			assert_fails(text, key->why);
			continue;
		}
		assert_parses(text);
		assert_int_equal(config.nr_warnings, 1);
		assert_non_null(strstr(config.warnings[0], key->why));
		config_free(&config);
	}
}

static bool may_run_on(const struct cpu_set *set, unsigned int cpu)
{
	return set->map[cpu / 8] & 1 << cpu % 8;
}

static void test_cpus(void **state)
{
	(void)state;
	assert_parses(BASE "cpus = ' 0-3 ,9,^2, ^3-3'\ncpus_soft='all,^4095'\n");
	assert_true(config.cpus.common);
	assert_int_equal(config.cpus.count, 1);
	assert_int_equal(config.cpus.sets[0].map[0], 0x03);
	assert_int_equal(config.cpus.sets[0].map[1], 0x02);
	assert_true(may_run_on(config.cpus_soft.sets, 4094));
	assert_false(may_run_on(config.cpus_soft.sets, 4095));
	config_free(&config);

	assert_parses(BASE "vcpus=3\ncpus=['1', '0-8']\n");
	assert_false(config.cpus.common);
	assert_int_equal(config.cpus.count, 2);
	assert_int_equal(config.cpus.sets[0].map[0], 0x02);
	assert_int_equal(config.cpus.sets[1].map[0], 0xff);
	assert_int_equal(config.cpus.sets[1].map[1], 0x01);
	assert_int_equal(config.cpus_soft.count, 0);
	config_free(&config);

	assert_parses(BASE "cpus=4095\ncpus_soft=[]\n");
	assert_true(may_run_on(config.cpus.sets, 4095));
	assert_int_equal(config.cpus_soft.count, 0);
	config_free(&config);
}

/* What is taken out again, of a node whose CPUs aren't known here, is. */
static void test_nodes(void **state)
{
	static const char *const wrong[] = {
		"node:", "node:64", "node", "nodes:1-0", "cpu:0", "node:0,^node:0",
		"^node:0",
	};
	const struct cpu_set *set;
	struct cpu_set got;
	size_t i;

	(void)state;
	assert_parses(BASE "cpus = 'node:0, nodes:2-3,^node:3,7,^9'\n");
	set = config.cpus.sets;
	assert_true(set->nodes == 0x5 && set->not_nodes == 0x8);
	assert_true(may_run_on(set, 7));
	assert_int_equal(set->map[1], 0);
	assert_int_equal(set->not[1], 0x02);
	config_free(&config);
	assert_parses(BASE "cpus = 'all,^nodes:63'\ncpus_soft='nodes:all,^8,8'\n");
	assert_true(config.cpus.sets->not_nodes == 1ULL << 63);
	assert_true(may_run_on(config.cpus.sets, 4095));
	assert_true(config.cpus_soft.sets->nodes == UINT64_MAX);
	assert_int_equal(config.cpus_soft.sets->not[1], 0);
	config_free(&config);
	for (i = 0; i < ARRAY_SIZE(wrong); i++)
		assert_non_null(config_parse_cpus(wrong[i], &got));
}

static void test_too_many_cpus(void **state)
{
	char *text = repeat(BASE "vcpus=128\ncpus=[", "'0',", 128, "]\n");

	(void)state;
	assert_parses(text);
	free(text);
	assert_int_equal(config.cpus.count, 128);
	config_free(&config);
	text = repeat(BASE "vcpus=128\ncpus=[", "'0',", 129, "]\n");
	assert_fails(text, "cpus: has more than 128 entries");
	free(text);
}

static void test_shares(void **state)
{
	(void)state;
	assert_parses(BASE "vcpus=2\ncpu_weight=65535\ncap=200\n");
	assert_int_equal(config.cpu_weight, 65535);
	assert_int_equal(config.cap, 200);
	config_free(&config);
	assert_parses(BASE);
	assert_int_equal(config.cpu_weight, 0);
	assert_int_equal(config.cap, 0);
	config_free(&config);
}

/* What could be plugged in later isn't, and the user should know. */
static void test_limits(void **state)
{
	(void)state;
	assert_parses(BASE "maxmem=64\nvcpus=2\nmaxvcpus=2\n");
	assert_int_equal(config.nr_warnings, 0);
	assert_int_equal(config.max_grant_version, 1);
	config_free(&config);
	assert_parses(BASE "maxmem=65\nmaxvcpus=2\nmax_grant_version=2\n");
	assert_int_equal(config.nr_warnings, 2);
	assert_string_equal(config.warnings[0],
			    "file:4: maxmem: ignored; the guest has what memory says");
	assert_string_equal(config.warnings[1],
			    "file:5: maxvcpus: ignored; the guest has what vcpus says");
	assert_int_equal(config.max_grant_version, 2);
	assert_int_equal(config.maxmem, 64);
	config_free(&config);
	assert_parses(BASE "type='pvh'\nmaxmem=65\n");
	assert_int_equal(config.nr_warnings, 1);
	assert_int_equal(config.maxmem, 64);
	config_free(&config);
	/* Only a PV guest has room for what isn't there yet. */
	assert_parses(BASE "type='pv'\nmaxmem=65\n");
	assert_int_equal(config.nr_warnings, 0);
	assert_int_equal(config.memory, 64);
	assert_int_equal(config.maxmem, 65);
	config_free(&config);
	assert_parses(BASE "type='pv'\n");
	assert_int_equal(config.maxmem, 64);
	config_free(&config);
}

static void test_64_vifs(void **state)
{
	char *text = repeat(BASE "vif=[", "'',", 64, "]\n");

	(void)state;
	assert_parses(text);
	free(text);
	assert_int_equal(config.nr_vifs, 64);
	config_free(&config);
	text = repeat(BASE "vif=[", "'',", 65, "]\n");
	assert_fails(text, "vif: has more than 64 entries");
	free(text);
}

/* Each is a description of a vif. */
static const struct bad bad_vifs[] = {
	{ "mac", "mac: must be key=value" },
	{ "=1", "unknown key" },
	{ "macs=1", "macs: unknown key" },
	{ "MAC=00:16:3e:01:02:03", "MAC: unknown key" },
	{ "mtu=1500,mtu=1500", "mtu: is given twice" },
	{ "mac=", "mac: must be like" },
	{ "mac=00:16:3e:01:02", "mac: must be like" },
	{ "mac=00:16:3e:01:02:", "mac: must be like" },
	{ "mac=00:16:3e:01:02:0", "mac: must be like" },
	{ "mac=00:16:3e:01:02:03:", "mac: must be like" },
	{ "mac=00:16:3e:01:02:033", "mac: must be like" },
	{ "mac=00-16-3e-01-02-03", "mac: must be like" },
	{ "mac=0:16:3e:01:02:03", "mac: must be like" },
	{ "mac=+0:16:3e:01:02:03", "mac: must be like" },
	{ "mac=00:1g:3e:01:02:03", "mac: must be like" },
	{ "mac=00:00:00:00:00:00", "mac: must not be zero" },
	{ "mac=01:00:00:00:00:00", "mac: is a group's address" },
	{ "mac=ff:ff:ff:ff:ff:ff", "mac: is a group's address" },
	{ "mtu=", "mtu: must be 68 to 65535" },
	{ "mtu=67", "mtu: must be 68 to 65535" },
	{ "mtu=65536", "mtu: must be 68 to 65535" },
	{ "mtu=4294968796", "mtu: must be 68 to 65535" },
	{ "mtu=-1500", "mtu: must be 68 to 65535" },
	{ "mtu=+1500", "mtu: must be 68 to 65535" },
	{ "mtu=1500x", "mtu: must be 68 to 65535" },
	{ "mtu=0x5dc", "mtu: must be 68 to 65535" },
	{ "id=", "id: must be 0 to 65535" },
	{ "id=65536", "id: must be 0 to 65535" },
	{ "devid=65536", "devid: must be 0 to 65535" },
	{ "id=-1", "id: must be 0 to 65535" },
	{ "bridge=1234567890123456", "bridge: is longer than 15" },
	{ "bridge=a/b", "bridge: is not a name" },
	{ "bridge=a:b", "bridge: is not a name" },
	{ "bridge=a b", "bridge: is not a name" },
	{ "bridge=a\xc3\xa4", "bridge: is not a name" },
	{ "bridge=.", "bridge: is not a name" },
	{ "bridge=..", "bridge: is not a name" },
	{ "type=ioemu", "type: " },
	{ "type=vi", "type: " },
	{ "type=", "type: " },
	{ "type=vif ", NULL },
	{ "model=ne2k", "model: not supported" },
	{ "script=/etc/evil", "script: no scripts are run; give an" },
	{ "script=/etc/evil/vif-bridge", "script: no scripts are run; give a" },
	{ "script=vif-route", "bridge, and routes to the interface" },
	{ "script=/etc/xen/scripts/vif-nat", "bridge, and routes to the interface" },
	{ "script=vif-openvswitch", "bridge, and the interface to the switch" },
	{ "backend=dom1", "backend: " },
	{ "trusted=2", "trusted: must be 0 or 1" },
	{ "untrusted=", "untrusted: must be 0 or 1" },
	{ "trusted,trusted=1", "trusted: is given twice" },
	{ "accel=1", "accel: not supported" },
	{ "forwarddev=eth0", "forwarddev: not supported" },
	{ "gatewaydev=eth0", "gatewaydev: not supported" },
	{ "netdev=eth0", "netdev: not supported" },
	{ "rate=", "rate: must be like 10Mb/s" },
	{ "rate=10", "rate: must be like 10Mb/s" },
	{ "rate=Mb/s", "rate: must be like 10Mb/s" },
	{ "rate=10Mb", "rate: must be like 10Mb/s" },
	{ "rate=10Mb/sec", "rate: must be like 10Mb/s" },
	{ "rate=10Mbit/s", "rate: must be like 10Mb/s" },
	{ "rate=10mb/s", "rate: must be like 10Mb/s" },
	{ "rate=10kB/s", "rate: must be like 10Mb/s" },
	{ "rate=10Tb/s", "rate: must be like 10Mb/s" },
	{ "rate=10MMb/s", "rate: must be like 10Mb/s" },
	{ "rate=10 Mb/s", "rate: must be like 10Mb/s" },
	{ "rate=1.5Mb/s", "rate: must be like 10Mb/s" },
	{ "rate=-1Mb/s", "rate: must be like 10Mb/s" },
	{ "rate=+1Mb/s", "rate: must be like 10Mb/s" },
	{ "rate=0x1Mb/s", "rate: must be like 10Mb/s" },
	{ "rate=4294967296b/s", "rate: must be like 10Mb/s" },
	{ "rate=10000000000b/s", "rate: must be like 10Mb/s" },
	{ "rate=00000000001b/s", "rate: must be like 10Mb/s" },
	{ "rate=1Mb/s00000000000000000000000000000000", "rate: must be like" },
	{ "rate=@20ms", "rate: must be like 10Mb/s" },
	{ "rate=1Mb/s@", "rate: the interval must be like 20ms" },
	{ "rate=1Mb/s@ms", "rate: the interval must be like 20ms" },
	{ "rate=1Mb/s@20m s", "rate: the interval must be like 20ms" },
	{ "rate=1Mb/s@20min", "rate: the interval must be like 20ms" },
	{ "rate=1Mb/s@20ns", "rate: the interval must be like 20ms" },
	{ "rate=1Mb/s@-20ms", "rate: the interval must be like 20ms" },
	{ "rate=1Mb/s@20ms@20ms", "rate: the interval must be like 20ms" },
	{ "rate=1Mb/s@0", "rate: the interval must be 1ms to 4294s" },
	{ "rate=1Mb/s@999us", "rate: the interval must be 1ms to 4294s" },
	{ "rate=1Mb/s@4295s", "rate: the interval must be 1ms to 4294s" },
	{ "rate=1Mb/s@4294967295", "rate: the interval must be 1ms to 4294s" },
	{ "rate=0b/s", "rate: is less than one octet" },
	{ "rate=0GB/s", "rate: is less than one octet" },
	{ "rate=7b/s@1000s", "rate: is less than one octet" },
	{ "rate=159b/s", "rate: is less than one octet" },
	{ "rate=999B/s@1ms", "rate: is less than one octet" },
	{ "rate=4295GB/s@1ms", "rate: is too high" },
	{ "rate=4294967295GB/s@1ms", "rate: is too high" },
	{ "rate=4294968B/s@1000s", "rate: is too high" },
	{ "rate=1MB/s,rate=1MB/s", "rate: is given twice" },
	{ "ip=", "ip: must be addresses" },
	{ "ip=10.0.0.1/", "ip: must be addresses" },
	{ "ip=10.0.0.1/33", "ip: must be addresses" },
	{ "ip=10.0.0.1/8/8", "ip: must be addresses" },
	{ "ip=/8", "ip: must be addresses" },
	{ "ip=fd00::1/129", "ip: must be addresses" },
	{ "vlan=10", "vlan: not supported; bridge a VLAN's interface" },
	{ "ip=10.0.0.256", "ip: must be addresses" },
	{ "ip=10.0.0.1  10.0.0.2", "ip: must be addresses" },
	{ "ip=fd00:::1", "ip: must be addresses" },
	{ "vifname=", "vifname: is not a name" },
	{ "vifname=vif3.0", "vifname: must not be like vif1.0" },
	{ "vifname=a/b", "vifname: is not a name" },
	{ "vifname=1234567890123456", "vifname: is longer than 15" },
};

static void test_bad_vifs(void **state)
{
	const struct bad *b;
	struct vif_config vif;
	int ret;

	(void)state;
	for (b = bad_vifs; b < bad_vifs + ARRAY_SIZE(bad_vifs); b++) {
		ret = config_parse_vif(b->text, &vif, &err);
		assert_int_equal(ret, b->why ? -EINVAL : 0);
		if (b->why && !strstr(err.text, b->why))
			fail_msg("\"%s\" doesn't say \"%s\"", err.text, b->why);
	}
}

static void test_longest_addresses(void **state)
{
	char *text = repeat("ip=", "1.1.1.1 ", 31, "1.1.1.1");
	struct vif_config vif;

	(void)state;
	assert_int_equal(config_parse_vif(text, &vif, &err), 0);
	assert_int_equal(strlen(vif.ip), 255);
	free(text);
	text = repeat("ip=", "1.1.1.1 ", 31, "1.1.1.10");
	assert_int_equal(config_parse_vif(text, &vif, &err), -EINVAL);
	assert_non_null(strstr(err.text, "ip: is longer than 255"));
	free(text);
}

static void test_good_vifs(void **state)
{
	static const char *const specs[] = {
		"", ",", " , ,", "type=vif", "model=rtl8139", "model=e1000",
		"model=netfront", "script=vif-bridge",
		"script=/etc/xen/scripts/vif-bridge", "backend=0",
		"backend=Domain-0", "trusted", " trusted ,id=1", "trusted=1",
		"untrusted=0",
		"vifname=web0", "vifname=vif1", "ip=10.0.0.1 fd00::1", "mtu=68",
		"ip=10.0.0.1/0 10.0.0.2/32 fd00::1/128", "mtu=65535",
		"id=0", "devid=65535", "bridge=123456789012345", "bridge=",
		"bridge=a.b", "\tmac = 02:00:00:00:00:00\t, mtu = 1500 ",
	};
	struct vif_config vif;
	unsigned int i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(specs); i++)
		if (config_parse_vif(specs[i], &vif, &err))
			fail_msg("%s", err.text);
	/* of the last one */
	assert_true(vif.has_mac);
	assert_int_equal(vif.mac[0], 2);
	assert_int_equal(vif.mtu, 1500);
	assert_false(vif.has_id);
	assert_string_equal(vif.bridge, "xenbr0");
}

/* The guest is told by a word for all of them. */
static void test_untrusted(void **state)
{
	static const struct {
		const char *vifs;
		const char *cmdline;
	} files[] = {
		{ "'trusted'", "" },
		{ "'untrusted=0'", "" },
		{ "'untrusted'", "noxs_netfront.trusted=0" },
		{ "'','trusted=0'", "noxs_netfront.trusted=0" },
		{ "'untrusted','','untrusted=1'", "noxs_netfront.trusted=0" },
	};
	char text[1200];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(files); i++) {
		snprintf(text, sizeof(text), BASE "vif=[%s]\n", files[i].vifs);
		assert_parses(text);
		assert_string_equal(config.cmdline, files[i].cmdline);
		config_free(&config);
	}
	assert_parses(BASE "vif=['untrusted']\nextra='x'\n");
	assert_string_equal(config.cmdline, "x noxs_netfront.trusted=0");
	config_free(&config);
	snprintf(text, sizeof(text), BASE "vif=['untrusted']\nextra='%1010d'\n", 1);
	assert_fails(text, "vif: untrusted: cmdline has no room for noxs_netfront");
}

/* How many octets in how many microseconds, and how that is shown. */
static const struct rate {
	const char *text;
	uint32_t bytes;
	uint32_t us;
	const char *shown;
} rates[] = {
	{ "10Mb/s", 62500, 50000, "1250KB/s@50ms" },
	{ "10Mb/s@20ms", 25000, 20000, "1250KB/s@20ms" },
	{ "1MB/s@20ms", 20000, 20000, "1MB/s@20ms" },
	{ "250KB/s@20m", 5000, 20000, "250KB/s@20ms" },
	{ "1GB/s@50000us", 50000000, 50000, "1GB/s@50ms" },
	{ "1GB/s@1001u", 1001000, 1001, "1GB/s@1001us" },
	{ "8b/s@1", 1, 1000000, "1B/s@1000ms" },
	{ "15b/s@1s", 1, 1000000, "1B/s@1000ms" },
	{ "160b/s", 1, 50000, "20B/s@50ms" },
	{ "1000B/s@1ms", 1, 1000, "1KB/s@1ms" },
	{ "4294967295B/s@1s", 4294967295, 1000000, "4294967295B/s@1000ms" },
	{ "1B/s@4294s", 4294, 4294000000, "1B/s@4294000ms" },
	{ "1B/s@4294967295us", 4294, 4294967295, "1B/s@4294967295us" },
	{ "4294967295Kb/s@8ms", 4294967295, 8000, "536870911875B/s@8ms" },
	{ "4000GB/s@1ms", 4000000000, 1000, "4000GB/s@1ms" },
	{ "010MB/s", 500000, 50000, "10MB/s@50ms" },
};

static void test_rates(void **state)
{
	char spec[64], text[CONFIG_RATE_TEXT];
	const struct rate *r;
	struct vif_config vif;

	(void)state;
	for (r = rates; r < rates + ARRAY_SIZE(rates); r++) {
		snprintf(spec, sizeof(spec), "rate=%s", r->text);
		if (config_parse_vif(spec, &vif, &err))
			fail_msg("%s: %s", spec, err.text);
		assert_int_equal(vif.rate_bytes, r->bytes);
		assert_int_equal(vif.rate_us, r->us);
		assert_ptr_equal(config_format_rate(vif.rate_bytes, vif.rate_us,
						    text), text);
		assert_string_equal(text, r->shown);
	}
	assert_int_equal(config_parse_vif("", &vif, &err), 0);
	assert_int_equal(vif.rate_bytes, 0);
	assert_int_equal(vif.rate_us, 0);
	/* Only noxs_core can have been told so. */
	assert_string_equal(config_format_rate(1, 4294967295, text),
			    "0B/s@4294967295us");
}

/* Whichever allocation fails: -ENOMEM, and nothing is left (see LeakSanitizer). */
ssize_t __real_getrandom(void *bytes, size_t size, unsigned int flags);
ssize_t __wrap_getrandom(void *bytes, size_t size, unsigned int flags);

static bool no_random;

ssize_t __wrap_getrandom(void *bytes, size_t size, unsigned int flags)
{
	errno = EAGAIN;
	return no_random ? -1 : __real_getrandom(bytes, size, flags);
}

/* Numbers that others have aren't chosen; addresses are Xen's, and differ. */
static void test_complete_vifs(void **state)
{
	static const uint8_t mac[6] = { 2, 3, 4, 5, 6, 7 };
	struct vif_config vifs[4] = {
		{ .has_id = true, .id = 0 }, { .bridge = "br0" },
		{ .has_id = true, .id = 1 }, { .has_mac = true },
	};
	char text[MAC_TEXT];
	struct error err;
	unsigned int i;

	(void)state;
	memcpy(vifs[3].mac, mac, sizeof(mac));
	assert_int_equal(config_complete_vifs(vifs, 4, &err), 0);
	assert_int_equal(vifs[0].id, 0);
	assert_int_equal(vifs[1].id, 2);
	assert_int_equal(vifs[2].id, 1);
	assert_int_equal(vifs[3].id, 3);
	for (i = 0; i < 3; i++) {
		assert_true(vifs[i].has_mac && vifs[i].any_mac);
		assert_memory_equal(vifs[i].mac, "\x00\x16\x3e", 3);
		assert_true(vifs[i].mac[3] < 0x80);
	}
	assert_memory_not_equal(vifs[0].mac, vifs[1].mac, 6);
	assert_false(vifs[3].any_mac);
	assert_memory_equal(vifs[3].mac, mac, sizeof(mac));
	assert_string_equal(config_format_mac(mac, text), "02:03:04:05:06:07");

	vifs[1].has_mac = false;
	no_random = true;
	assert_int_equal(config_complete_vifs(vifs, 4, &err), -EAGAIN);
	no_random = false;
}

static void fail_each_allocation(const char *text)
{
	int n, ret = -ENOMEM;

	for (n = 0; ret; n++) {
		assert_true(n < 100);
		allocations_left = n;
		ret = parse(text);
		allocations_left = -1;
		assert_int_equal(ret, ret ? -ENOMEM : 0);
		if (ret)
			assert_non_null(strstr(err.text, "Cannot allocate memory"));
	}
	/* the copy, the stream, the parser, two paths, ... */
	assert_true(n > 8);
	config_free(&config);
}

/* Then it is one of the lines, or there are none. */
static void fail_each_wrongs_allocation(const char *text)
{
	bool failed = true;
	char *lines;
	int n;

	for (n = 0; failed; n++) {
		assert_true(n < 100);
		allocations_left = n;
		lines = config_wrongs(text, strlen(text), "file");
		allocations_left = -1;
		failed = !lines || strstr(lines, "Cannot allocate memory");
		free(lines);
	}
	assert_true(n > 4);
}

static void test_no_memory(void **state)
{
	(void)state;
	fail_each_wrongs_allocation(BASE "colour='red'\npool='p'\nramdisk='r'\n");
	fail_each_wrongs_allocation(BASE "type='hvm'\n");
	fail_each_allocation(BASE "ramdisk='r'\nvnc=1\nvif=['mtu=68','']\n"
			     "extra='x'\ncpus='0'\nmaxmem=65\nmaxvcpus=2\n");
	fail_each_allocation("name='g'\nkernel='k'\nbootloader='pygrub'\n"
			     "bootloader_args=['-q','-n']\n"
			     "vif=['untrusted']\ndisk=['/a,raw,xvda,w']\n");
	fail_each_allocation(BASE "bootloader_args='-q -n'\n");
	fail_each_allocation("name='g'\nkernel='k'\nramdisk='r'\nvif=['']\n"
			     "on_crash='coredump-destroy'\nextra='x'\n");
}

static void test_uuid(void **state)
{
	static const char text[] = "00112233-4455-8677-a899-aabbccddeeff";
	uint8_t uuid[UUID_SIZE];
	char again[UUID_TEXT];
	unsigned int i;

	(void)state;
	assert_true(uuid_parse(text, uuid));
	assert_int_equal(uuid[6], 0x86);
	assert_int_equal(uuid[15], 0xff);
	assert_ptr_equal(uuid_format(uuid, again), again);
	assert_string_equal(again, text);
	for (i = 0; i < 36; i++) {
		memcpy(again, text, sizeof(text));
		again[i] = again[i] == '-' ? '0' : '-';
		assert_false(uuid_parse(again, uuid));
	}
}

static void test_errors(void **state)
{
	struct error e;

	(void)state;
	assert_int_equal(error_set(&e, -EBUSY, "%s: x\ny", "guest"), -EBUSY);
	assert_string_equal(e.text, "guest: x?y");
	assert_int_equal(error_sys(&e, -ENOENT, "%s", "file\033"), -ENOENT);
	assert_string_equal(e.text, "file?: No such file or directory");
	assert_int_equal(error_sys(&e, -EIO, "%01000d", 0), -EIO);
	assert_int_equal(strlen(e.text), sizeof(e.text) - 1);
}

static void test_type_names(void **state)
{
	(void)state;
	assert_string_equal(config_type_name(GUEST_PV), "pv");
	assert_string_equal(config_type_name(GUEST_PVH), "pvh");
	assert_null(config_type_name(GUEST_ANY));
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(test_type_names),
	cmocka_unit_test(test_defaults),
	cmocka_unit_test(test_everything),
	cmocka_unit_test(test_smallest_numbers),
	cmocka_unit_test(test_types),
	cmocka_unit_test(test_number_in_quotes),
	cmocka_unit_test(test_cmdline_of_root_and_extra),
	cmocka_unit_test(test_cmdline_beside_root_and_extra),
	cmocka_unit_test(test_longest_cmdline),
	cmocka_unit_test(test_longest_path),
	cmocka_unit_test(test_longest_name),
	cmocka_unit_test(test_name_check),
	cmocka_unit_test(test_bad_files),
	cmocka_unit_test(test_all_wrongs),
	cmocka_unit_test(test_wrongs_of_hvm),
	cmocka_unit_test(test_message_is_one_clean_line),
	cmocka_unit_test(test_short_room_for_the_message),
	cmocka_unit_test(test_binary_and_huge_files),
	cmocka_unit_test(test_no_final_newline),
	cmocka_unit_test(test_keys_are_found),
	cmocka_unit_test(test_actions),
	cmocka_unit_test(test_cores),
	cmocka_unit_test(test_no_memory_given),
	cmocka_unit_test(test_refused_defaults),
	cmocka_unit_test(test_bootloader),
	cmocka_unit_test(test_reasons_of_pvh_keys),
	cmocka_unit_test(test_pvh_keys),
	cmocka_unit_test(test_timer_mode),
	cmocka_unit_test(test_tsc_mode),
	cmocka_unit_test(test_file_is_kept),
	cmocka_unit_test(test_addition),
	cmocka_unit_test(test_warnings),
	cmocka_unit_test(test_empty_lists),
	cmocka_unit_test(test_table_of_keys),
	cmocka_unit_test(test_keys_that_count),
	cmocka_unit_test(test_keys_that_do_not_count),
	cmocka_unit_test(test_cpus),
	cmocka_unit_test(test_nodes),
	cmocka_unit_test(test_too_many_cpus),
	cmocka_unit_test(test_shares),
	cmocka_unit_test(test_limits),
	cmocka_unit_test(test_carriage_returns),
	cmocka_unit_test(test_empty_ramdisk),
	cmocka_unit_test(test_64_vifs),
	cmocka_unit_test(test_bad_vifs),
	cmocka_unit_test(test_longest_addresses),
	cmocka_unit_test(test_good_vifs),
	cmocka_unit_test(test_untrusted),
	cmocka_unit_test(test_rates),
	cmocka_unit_test(test_complete_vifs),
	cmocka_unit_test(test_no_memory),
	cmocka_unit_test(test_uuid),
	cmocka_unit_test(test_errors),
};

int main(void)
{
	return run_group("config", tests, ARRAY_SIZE(tests), NULL, 0, NULL);
}
