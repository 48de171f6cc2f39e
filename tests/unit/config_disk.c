// SPDX-License-Identifier: GPL-2.0
/* chaos/config/disk.c: what the description of a disk means. */
#include "harness.h"

#include <libxlutil.h>
#include <limits.h>

#include "config/config.h"
#include "util/error.h"

FILE *__real_open_memstream(char **text, size_t *size);
FILE *__wrap_open_memstream(char **text, size_t *size);
void *__real_xlu_cfg_init(FILE *report, const char *name);
void *__wrap_xlu_cfg_init(FILE *report, const char *name);
int __real_xlu_disk_parse(void *xlu, int nr, const char *const *specs,
			  void *disk);
int __wrap_xlu_disk_parse(void *xlu, int nr, const char *const *specs,
			  void *disk);

/* Which of the three calls above fails, counted from 1. */
static int no_memory;

FILE *__wrap_open_memstream(char **text, size_t *size)
{
	return no_memory == 1 ? NULL : __real_open_memstream(text, size);
}

void *__wrap_xlu_cfg_init(FILE *report, const char *name)
{
	return no_memory == 2 ? NULL : __real_xlu_cfg_init(report, name);
}

/* What that of Xen 4.20 makes of "trusted" or "untrusted", if it isn't NULL. */
static const bool *trusted;

int __wrap_xlu_disk_parse(void *xlu, int nr, const char *const *specs,
			  void *parsed)
{
	libxl_device_disk *disk = parsed;
	int ret = no_memory == 3 ? ENOMEM :
				   __real_xlu_disk_parse(xlu, nr, specs, disk);

	if (!ret && trusted)
		libxl_defbool_set(&disk->trusted, *trusted);
	return ret;
}

static struct disk_config disk;
static struct error err;

static int parse(const char *spec)
{
	memset(&disk, 0xff, sizeof(disk));
	memset(err.text, 'x', sizeof(err.text) - 1);
	return config_parse_disk(spec, &disk, &err);
}

static void test_untrusted(void **state)
{
	static const char text[] = "name='g'\nkernel='k'\nmemory=64\n"
				   "disk=['/dev/x,raw,xvda,w']\n";
	struct guest_config config;
	bool is;

	(void)state;
	trusted = &is;
	is = true;
	assert_int_equal(parse("/dev/x,raw,xvda,w"), 0);
	assert_false(disk.untrusted);
	is = false;
	assert_int_equal(parse("/dev/x,raw,xvda,w"), 0);
	assert_true(disk.untrusted);
	/* The guest is told by a word. */
	assert_int_equal(config_parse(text, strlen(text), "file", &config,
				      &err), 0);
	assert_string_equal(config.cmdline, "noxs_blkfront.trusted=0");
	config_free(&config);
	trusted = NULL;
	assert_int_equal(parse("/dev/x,raw,xvda,w"), 0);
	assert_false(disk.untrusted);
}

static void test_vdev(void **state)
{
	static const struct {
		const char *vdev;
		unsigned int id;
	} good[] = {
		{ "xvda", 0 }, { "hda", 0 }, { "sda", 0 }, { "nxda", 0 },
		{ "xvdb", 1 }, { "xvdz", 25 }, { "xvdaa", 26 },
		{ "xvdaz", 51 }, { "xvdba", 52 }, { "sdzz", 701 },
		{ "hdaaa", 702 }, { "nxdavlh", 32767 }, { "xvda1", 32769 },
		{ "sda2", 32770 }, { "xvda63", 32831 }, { "hdb1", 32833 },
		{ "xvdsr63", 65535 },
		/* disk and partition */
		{ "d0", 0 }, { "d26", 26 }, { "d0p1", 32769 }, { "d511p63", 65535 },
		{ "d32767", 32767 }, { "d1p0", 1 },
		/* xen-vbd-interface(7) */
		{ "51712", 0 }, { "0xca00", 0 }, { "51728", 1 }, { "51713", 32769 },
		{ "51967", 32768 + 15 * 64 + 15 }, { "0xCA10", 1 },
		{ "2048", 0 }, { "2064", 1 }, { "2050", 32770 },
		{ "768", 0 }, { "832", 1 }, { "769", 32769 }, { "831", 32831 },
		{ "5632", 2 }, { "5696", 3 }, { "5633", 32768 + 2 * 64 + 1 },
		{ "268435456", 0 }, { "268439552", 16 }, { "0x10001001", 32768 + 16 * 64 + 1 },
		{ "0x107fff00", 32767 }, { "0x1001ff3f", 65535 }, { "0145000", 0 },
	};
	static const char *const wrong[] = {
		"", "x", "xvd", "hd", "xvdA", "xvda0", "xvda01", "xvda64",
		"xvda1p1", "xvda 1", "xvda-1", "xvdss1", "xvda1000000000000000000000",
		"xvd1", "xvd a",
		"XVDA", " xvda", "xvda ", "vda", "d", "0", "1", "xvdavli",
		"d32768", "d512p1", "d0p64", "d0p", "d0q1", "d0p1x", "dp1", "d-1",
		"51712x", "0x", "0xca00 ", " 51712", "-51712", "51968", "51711",
		"896", "5760", "2304", "0x10800000", "0x1001ff40", "0x10020001",
		"0x20000000", "4294967296", "99999999999999999999999",
		"00000000000000051712", "0x0000000000ca00",
		"nxdzzzzzzzzzzzz", "/dev/xvda", "xvd{", "hd\xc3\xa4",
	};
	unsigned int i, id;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(good); i++) {
		assert_true(config_parse_vdev(good[i].vdev, &id));
		assert_int_equal(id, good[i].id);
	}
	for (i = 0; i < ARRAY_SIZE(wrong); i++)
		assert_false(config_parse_vdev(wrong[i], &id));
}

static bool clash(const char *a, const char *b)
{
	unsigned int x, y;

	assert_true(config_parse_vdev(a, &x));
	assert_true(config_parse_vdev(b, &y));
	assert_int_equal(config_disks_clash(x, y), config_disks_clash(y, x));
	return config_disks_clash(x, y);
}

/* A disk, and a partition of it that is another disk's, would be called alike. */
static void test_clashes(void **state)
{
	(void)state;
	assert_true(clash("xvda", "hda"));
	assert_true(clash("xvda1", "sda1"));
	assert_true(clash("xvda", "xvda1"));
	assert_true(clash("hdb", "xvdb63"));
	assert_false(clash("xvda", "xvdb"));
	assert_false(clash("xvda1", "xvda2"));
	assert_false(clash("xvda1", "xvdb1"));
	assert_false(clash("xvda", "xvdb1"));
	assert_false(clash("nxdavlh", "xvdsr63"));
}

/*
 * struct good - a description that is accepted
 * spec: the description
 * path: what it means, as are the others
 * flags: r readonly, c cdrom, n no_discard, d direct_io_safe
 */
struct good {
	const char *spec;
	const char *path;
	const char *vdev;
	unsigned int id;
	const char *flags;
};

static const struct good good_disks[] = {
	{ "phy:/dev/vg/a,xvda,w", "/dev/vg/a", "xvda", 0, "" },
	{ "/dev/vg/a,raw,xvdb,r", "/dev/vg/a", "xvdb", 1, "r" },
	{ "/f,,hda", "/f", "hda", 0, "" },
	{ "/f,raw,sda,rw", "/f", "sda", 0, "" },
	{ "file:/f,nxdc,ro", "/f", "nxdc", 2, "r" },
	{ "/f,raw,hdc,cdrom", "/f", "hdc", 2, "rc" },
	{ "phy:/dev/a,hdc:cdrom,r", "/dev/a", "hdc", 2, "rc" },
	{ "vdev=xvda,devtype=cdrom,target=/f", "/f", "xvda", 0, "rc" },
	{ "vdev=xvda,target=/a b,c=d", "/a b,c=d", "xvda", 0, "" },
	{ "format=raw, vdev=xvda, access=ro, target=/f", "/f", "xvda", 0,
	  "r" },
	{ "/f,raw,xvda,w,discard", "/f", "xvda", 0, "" },
	{ "/f,raw,xvda,w,no-discard", "/f", "xvda", 0, "n" },
	{ "vdev=xvda,direct-io-safe,target=/f", "/f", "xvda", 0, "d" },
	{ "vdev=xvda,backendtype=phy,target=/f", "/f", "xvda", 0, "" },
	{ "vdev=xvda,backend=0,target=/f", "/f", "xvda", 0, "" },
	{ "vdev=xvda,backend=Domain-0,target=/f", "/f", "xvda", 0, "" },
	{ "phy:/dev/vg/a,xvda2,w", "/dev/vg/a", "xvda2", 32770, "" },
	{ "phy:vg/lv,xvda,w", "/dev/vg/lv", "xvda", 0, "" },
	{ "sdb,raw,xvda,w", "/dev/sdb", "xvda", 0, "" },
	{ "vdev=xvda,specification=xen,target=/f", "/f", "xvda", 0, "" },
};

static void test_good_disks(void **state)
{
	const struct good *g;
	char flags[5];

	(void)state;
	for (g = good_disks; g < good_disks + ARRAY_SIZE(good_disks); g++) {
		if (parse(g->spec))
			fail_msg("%s: %s", g->spec, err.text);
		assert_string_equal(disk.path, g->path);
		assert_string_equal(disk.vdev, g->vdev);
		assert_int_equal(disk.id, g->id);
		snprintf(flags, sizeof(flags), "%s%s%s%s",
			 disk.readonly ? "r" : "", disk.cdrom ? "c" : "",
			 disk.no_discard ? "n" : "",
			 disk.direct_io_safe ? "d" : "");
		assert_string_equal(flags, g->flags);
	}
}

/* Words that libxlutil doesn't know. */
static void test_limits(void **state)
{
	static const struct {
		const char *spec;
		uint32_t iops;
		uint64_t bps;
		const char *path;
	} limits[] = {
		{ "/f,raw,xvda,w", 0, 0, "/f" },
		{ "/f,raw,xvda,w,iops=100", 100, 0, "/f" },
		{ "iops=1,/f,raw,xvda,w", 1, 0, "/f" },
		{ "phy:/f,xvda,w,bps=65536", 0, 65536, "/f" },
		{ "vdev=xvda, bps=66K,iops=10000000,target=/f", 10000000, 66000, "/f" },
		{ "vdev=xvda,bps=10M,target=/f", 0, 10000000, "/f" },
		{ "vdev=xvda,bps=4294967295G,target=/f", 0, 4294967295000000000, "/f" },
		/* The target is the rest of it. */
		{ "vdev=xvda,target=/f,iops=1,bps=x", 0, 0, "/f,iops=1,bps=x" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(limits); i++) {
		if (parse(limits[i].spec))
			fail_msg("%s: %s", limits[i].spec, err.text);
		assert_int_equal(disk.iops, limits[i].iops);
		assert_int_equal(disk.bps, limits[i].bps);
		assert_string_equal(disk.path, limits[i].path);
	}
}

static const char *const bad_disks[][2] = {
	{ "/f,raw,xvda,w,iops=0", "iops: must be 1 to 10000000" },
	{ "/f,raw,xvda,w,iops=10000001", "iops: must be 1 to 10000000" },
	{ "/f,raw,xvda,w,iops=1K", "iops: must be 1 to 10000000" },
	{ "/f,raw,xvda,w,iops=", "iops: must be 1 to 10000000" },
	{ "/f,raw,xvda,w,bps=65535", "bps: must be 65536 at least" },
	{ "/f,raw,xvda,w,bps=65K", "bps: must be 65536 at least" },
	{ "/f,raw,xvda,w,bps=", "bps: must be octets a second" },
	{ "/f,raw,xvda,w,bps=1Mb", "bps: must be octets a second" },
	{ "/f,raw,xvda,w,bps=1m", "bps: must be octets a second" },
	{ "/f,raw,xvda,w,bps=4294967296", "bps: must be octets a second" },
	{ "iops=1,/f,raw,xvda,w,iops=1", "iops: is given twice" },
	{ "/f,raw,xvda,w,iops", "too many positional parameters" },
	{ "iops=5", "no vdev specified" },
	{ "", "no vdev specified" },
	{ "/f", "no vdev specified" },
	{ "/f,raw", "no vdev specified" },
	{ "/f,raw,,w", "vdev: : must be the name of a disk" },
	{ "/f,raw,xvda0,w", "vdev: xvda0: must be the name of a disk" },
	{ "/f,raw,xvda,q", "unknown value for access: near `q'" },
	{ "/f,raw,xvda,w,x", "too many positional parameters" },
	{ "/f,raw,xvda,w,x=1", "unknown parameter" },
	{ "/f,nonsense,xvda", "unknown value for format" },
	{ "vdev=xvda,vdev=xvdb,target=/f", "vdev respecified" },
	{ "/f,qcow2,xvda", "qemu-img convert -f qcow2 -O raw /f /f.raw" },
	{ "/f,qcow,xvda", "qemu-img convert -f qcow -O raw /f /f.raw" },
	{ "/f,vhd,xvda", "qemu-img convert -f vpc -O raw /f /f.raw" },
	{ "/a b,qcow2,xvda", "-O raw '/a b' '/a b.raw'" },
	{ "/a'b,qcow2,xvda", "-O raw FILE FILE.raw" },
	{ "/f,qed,xvda", "qemu-img convert -f qed -O raw /f /f.raw" },
	{ "vdev=xvda,backendtype=qdisk,target=/f", "backendtype: only phy" },
	{ "vdev=xvda,backendtype=tap,target=/f", "backendtype: only phy" },
	{ "vdev=xvda,script=/x,target=/f", "script: not supported" },
	{ "nbd:x,xvda,w", "script: not supported" },
	{ "vdev=xvda,backend=x,target=/f", "backend: not supported" },
	{ "vdev=xvda,specification=virtio,target=/f", "specification: only" },
	{ "colo,vdev=xvda,target=/f", "colo: not supported" },
	{ "colo-host=h,vdev=xvda,target=/f", "colo: not supported" },
	{ "colo-port=1,vdev=xvda,target=/f", "colo: not supported" },
	{ "colo-export=x,vdev=xvda,target=/f", "colo: not supported" },
	{ "active-disk=x,vdev=xvda,target=/f", "colo: not supported" },
	{ "hidden-disk=x,vdev=xvda,target=/f", "colo: not supported" },
	{ "vdev=xvda,target=", "target: is missing" },
	{ ",hdc:cdrom,r", "target: is missing" },
	{ ",,hdc,cdrom", "target: is missing" },
	{ "/f,empty,hdc,cdrom", "target: is missing" },
	{ "format=qcow2,vdev=hdc,cdrom", "target: is missing" },
	{ "/f,raw,xv\tda,w", "has a control character" },
	{ "/f,raw,xvda,w\n", "has a control character" },
	{ "/f\x7f,raw,xvda,w", "has a control character" },
};

static void test_bad_disks(void **state)
{
	unsigned int i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(bad_disks); i++) {
		assert_int_equal(parse(bad_disks[i][0]), -EINVAL);
		if (!strstr(err.text, bad_disks[i][1]))
			fail_msg("\"%s\" doesn't say \"%s\"", err.text,
				 bad_disks[i][1]);
	}
}

static void test_longest_path(void **state)
{
	char spec[PATH_MAX + 32] = "vdev=xvda,target=";
	char *path = spec + strlen(spec);

	(void)state;
	memset(path, '/', PATH_MAX - 1);
	assert_int_equal(parse(spec), 0);
	assert_int_equal(strlen(disk.path), PATH_MAX - 1);
	path[PATH_MAX - 1] = '/';
	assert_int_equal(parse(spec), -EINVAL);
	assert_string_equal(err.text, "target: path is too long");
	/* With what comes before it. */
	path[0] = 'a';
	path[PATH_MAX - 6] = '\0';
	assert_int_equal(parse(spec), 0);
	assert_int_equal(strlen(disk.path), PATH_MAX - 1);
	path[PATH_MAX - 6] = '/';
	path[PATH_MAX - 5] = '\0';
	assert_int_equal(parse(spec), -EINVAL);
}

static void test_longest_vdev(void **state)
{
	(void)state;
	assert_int_equal(parse("/f,raw,nxdaaaaaaaaaaaaaaaaaaaaaaaa,w"),
			 -EINVAL);
	assert_non_null(strstr(err.text, "must be the name of a disk"));
}

static void test_no_memory(void **state)
{
	(void)state;
	for (no_memory = 1; no_memory <= 3; no_memory++) {
		assert_int_equal(parse("/f,raw,xvda,w"), -ENOMEM);
		assert_string_equal(err.text, "Cannot allocate memory");
	}
	no_memory = 0;
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(test_vdev),
	cmocka_unit_test(test_untrusted),
	cmocka_unit_test(test_clashes),
	cmocka_unit_test(test_good_disks),
	cmocka_unit_test(test_limits),
	cmocka_unit_test(test_bad_disks),
	cmocka_unit_test(test_longest_path),
	cmocka_unit_test(test_longest_vdev),
	cmocka_unit_test(test_no_memory),
};

int main(void)
{
	return run_group("disk", tests, ARRAY_SIZE(tests), NULL, 0, NULL);
}
