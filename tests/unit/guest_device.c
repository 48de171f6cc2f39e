// SPDX-License-Identifier: GPL-2.0
/*
 * chaos/guest/device.c: a guest's devices as they come, go and are listed, with
 * what is remembered of them. The kernel and the host are played here.
 */
#include "harness.h"

#include <json-c/json.h>
#include <sys/sysmacros.h>

#include "guest/device.h"
#include "host/blockdev.h"
#include "host/vbd.h"
#include "host/vif.h"

#define DOMID	7

/* What the kernel has, sorted by number, and what it does. */
static struct noxs_dev devs[8];
static int nr_devs;
static int list_ret, del_ret, attach_ret, info_ret;
/* Forced deletions, and whether what was remembered can be written. */
static unsigned int nr_forced;
static unsigned int nr_saves;
static int save_ret;
static struct domain_info info;
/* Of the grant table. */
static unsigned int nr_frames;
static struct error err;

int noxs_dev_list(struct noxs *noxs, uint32_t domid, uint16_t type,
		  struct noxs_dev **list, struct error *why)
{
	int i, count = 0;

	(void)noxs;
	assert_int_equal(domid, DOMID);
	if (list_ret)
		return error_set(why, list_ret, "no list");
	*list = calloc(ARRAY_SIZE(devs), sizeof(**list));
	for (i = 0; i < nr_devs; i++)
		if (!type || devs[i].type == type)
			(*list)[count++] = devs[i];
	return count;
}

static void forget(uint16_t type, unsigned int id)
{
	int i, j = 0;

	for (i = 0; i < nr_devs; i++)
		if (devs[i].type != type || devs[i].id != id)
			devs[j++] = devs[i];
	nr_devs = j;
}

int noxs_dev_del(struct noxs *noxs, uint32_t domid, uint16_t type,
		 unsigned int id, bool force, struct error *why)
{
	(void)noxs;
	assert_int_equal(domid, DOMID);
	nr_forced += force;
	if (del_ret)
		return error_set(why, del_ret, "it stays");
	forget(type, id);
	return 0;
}

static int open_ret;
static int nr_open;

int noxs_open(struct noxs *noxs, struct error *why)
{
	(void)noxs;
	if (open_ret)
		return error_set(why, open_ret, "not there");
	nr_open++;
	return 0;
}

void noxs_close(struct noxs *noxs)
{
	(void)noxs;
	nr_open--;
}

const char *noxs_type_name(uint16_t type)
{
	return type == NOXS_TYPE_VIF ? "vif" : "vbd";
}

const char *noxs_state_name(uint32_t state)
{
	static const char *const names[] = {
		"Unknown", "Initialising", "InitWait", "Initialised",
		"Connected", "Closing", "Closed",
	};

	return names[state];
}

int xen_info(struct xen *xen, uint32_t domid, struct domain_info *out)
{
	(void)xen;
	assert_int_equal(domid, DOMID);
	*out = info;
	return info_ret;
}

int xen_grants(struct xen *xen, uint32_t domid, unsigned int *frames,
	       unsigned int *per_frame, struct error *why)
{
	(void)xen;
	assert_int_equal(domid, DOMID);
	if (!nr_frames)
		return error_set(why, -EPERM, "no table");
	*frames = nr_frames;
	*per_frame = 512;
	return 0;
}

bool xen_has_stopped(const struct domain_info *of)
{
	return of->shutdown;
}

int net_complete(struct vif_config *vifs, unsigned int count,
		 struct error *why)
{
	(void)why;
	assert_int_equal(count, 1);
	assert_true(vifs->has_id && vifs->has_mac);
	return 0;
}

static struct noxs_dev *attach(uint16_t type, unsigned int id)
{
	struct noxs_dev *dev = &devs[nr_devs++];

	*dev = (struct noxs_dev){
		.domid = DOMID, .type = type, .id = id, .epoch = 1,
		.backend = NOXS_STATE_INIT_WAIT,
		.frontend = NOXS_STATE_UNKNOWN,
		.max_queues = 4,
	};
	return dev;
}

int net_attach(struct noxs *noxs, uint32_t domid, const struct vif_config *vif,
	       struct error *why)
{
	struct noxs_dev *dev;

	(void)noxs;
	assert_int_equal(domid, DOMID);
	if (attach_ret)
		return error_set(why, attach_ret, "not attached");
	dev = attach(NOXS_TYPE_VIF, vif->id);
	memcpy(dev->vif.mac, vif->mac, sizeof(dev->vif.mac));
	dev->vif.mtu = 1500;
	dev->vif.rate_bytes = vif->rate_bytes;
	dev->vif.rate_us = vif->rate_us;
	return 0;
}

void net_look(uint32_t domid, unsigned int id, char *netdev, char *bridge)
{
	snprintf(netdev, IFNAMSIZ, "vif%u.%u", domid, id);
	strcpy(bridge, id ? "" : "br0");
}

int disk_attach(struct noxs *noxs, uint32_t domid,
		const struct disk_config *disk, struct error *why)
{
	(void)noxs;
	(void)domid;
	if (attach_ret)
		return error_set(why, attach_ret, "not attached");
	attach(NOXS_TYPE_VBD, disk->id)->vbd.dev = makedev(7, 3);
	devs[nr_devs - 1].vbd.readonly = disk->readonly;
	return 0;
}

int disk_resize(struct noxs *noxs, uint32_t domid, unsigned int id,
		uint64_t *size, struct error *why)
{
	(void)noxs;
	(void)why;
	assert_int_equal(domid, DOMID);
	*size = id * 512;
	return 0;
}

int blockdev_name(dev_t dev, char *name)
{
	if (minor(dev) != 3)
		return -ENOENT;
	strcpy(name, "loop3");
	return 0;
}

int __wrap_record_save(const struct record *record, struct error *why)
{
	(void)record;
	nr_saves++;
	return save_ret ? error_set(why, save_ret, "not written") : 0;
}

static struct device_access access_to;

static int begin(void **state)
{
	(void)state;
	nr_devs = 0;
	list_ret = 0;
	del_ret = 0;
	attach_ret = 0;
	info_ret = 0;
	save_ret = 0;
	nr_forced = 0;
	nr_saves = 0;
	memset(&info, 0, sizeof(info));
	info.vcpus = 1;
	nr_frames = 64;
	memset(&access_to, 0, sizeof(access_to));
	access_to.guest.domid = DOMID;
	access_to.guest.exists = true;
	access_to.guest.recorded = true;
	access_to.guest.record.domid = DOMID;
	access_to.guest.record.doc = json_object_new_object();
	return 0;
}

static int end(void **state)
{
	(void)state;
	record_free(&access_to.guest.record);
	return 0;
}

static void assert_doc(struct json_object *doc, const char *want)
{
	assert_string_equal(json_object_to_json_string_ext(doc,
							   JSON_C_TO_STRING_PLAIN |
							   JSON_C_TO_STRING_NOSLASHESCAPE),
			    want);
}

/* There are so many, and the first and the last are as wanted. */
static void assert_list(uint16_t type, size_t count, const char *first,
			const char *last)
{
	struct json_object *list;

	assert_int_equal(device_list(&access_to, type, &list, &err), 0);
	assert_int_equal(json_object_array_length(list), count);
	if (count) {
		assert_doc(json_object_array_get_idx(list, 0), first);
		assert_doc(json_object_array_get_idx(list, count - 1), last);
	}
	json_object_put(list);
}

static struct vif_config a_vif(const char *spec)
{
	struct vif_config vif;

	assert_int_equal(config_parse_vif(spec, &vif, &err), 0);
	return vif;
}

static void test_vifs(void **state)
{
	struct vif_config vif = a_vif("mac=00:16:3e:00:00:01,bridge=br0");

	(void)state;
	assert_list(NOXS_TYPE_VIF, 0, NULL, NULL);
	assert_int_equal(device_add_vif(&access_to, &vif, &err), 0);
	assert_int_equal(vif.id, 0);
	vif = a_vif("mac=00:16:3e:00:00:02,bridge=,rate=1MB/s");
	assert_int_equal(device_add_vif(&access_to, &vif, &err), 0);
	assert_int_equal(vif.id, 1);
	assert_int_equal(nr_saves, 2);
	assert_list(NOXS_TYPE_VIF, 2,
		    "{\"id\":0,\"mac\":\"00:16:3e:00:00:01\",\"mtu\":1500,\"bridge\":\"br0\",\"netdev\":\"vif7.0\",\"rate\":null,\"backend_state\":\"InitWait\",\"frontend_state\":\"Unknown\",\"epoch\":1,\"error\":0,\"frontend_error\":0}",
		    "{\"id\":1,\"mac\":\"00:16:3e:00:00:02\",\"mtu\":1500,\"bridge\":null,\"netdev\":\"vif7.1\",\"rate\":\"1MB/s@50ms\",\"backend_state\":\"InitWait\",\"frontend_state\":\"Unknown\",\"epoch\":1,\"error\":0,\"frontend_error\":0}");
	assert_string_equal(record_device(&access_to.guest.record,
					  NOXS_TYPE_VIF, 1, "mac"),
			    "00:16:3e:00:00:02");

	assert_int_equal(device_del(&access_to, NOXS_TYPE_VIF, 0, false, &err),
			 0);
	assert_int_equal(nr_forced, 0);
	assert_string_equal(record_device(&access_to.guest.record,
					  NOXS_TYPE_VIF, 0, "mac"), "");
	/* The lowest number is free again. */
	vif = a_vif("");
	assert_int_equal(device_add_vif(&access_to, &vif, &err), 0);
	assert_int_equal(vif.id, 0);
}

static void test_vbds(void **state)
{
	struct disk_config disk;
	uint64_t size;

	(void)state;
	assert_int_equal(config_parse_disk("/a,raw,xvdb,r", &disk, &err), 0);
	assert_int_equal(device_add_vbd(&access_to, &disk, &err), 0);
	/* One that others made, of a host's device that is gone. */
	attach(NOXS_TYPE_VBD, 2)->vbd.dev = makedev(8, 1);
	assert_list(NOXS_TYPE_VBD, 2,
		    "{\"id\":1,\"vdev\":\"xvdb\",\"path\":\"/a\",\"device\":\"7:3\",\"host\":\"loop3\",\"readonly\":true,\"cdrom\":false,\"iops\":0,\"bps\":0,\"backend_state\":\"InitWait\",\"frontend_state\":\"Unknown\",\"epoch\":1,\"error\":0,\"frontend_error\":0}",
		    "{\"id\":2,\"vdev\":null,\"path\":null,\"device\":\"8:1\",\"host\":\"8:1\",\"readonly\":false,\"cdrom\":false,\"iops\":0,\"bps\":0,\"backend_state\":\"InitWait\",\"frontend_state\":\"Unknown\",\"epoch\":1,\"error\":0,\"frontend_error\":0}");
	assert_int_equal(device_resize(&access_to, 4, &size, &err), 0);
	assert_int_equal(size, 2048);
	del_ret = -EBUSY;
	assert_int_equal(device_del(&access_to, NOXS_TYPE_VBD, 1, true, &err),
			 -EBUSY);
	assert_string_equal(record_device(&access_to.guest.record,
					  NOXS_TYPE_VBD, 1, "vdev"), "xvdb");
}

/* Of a guest that isn't chaos' nothing is remembered. */
static void test_without_record(void **state)
{
	struct vif_config vif = a_vif("");
	struct disk_config disk;

	(void)state;
	access_to.guest.recorded = false;
	assert_int_equal(device_add_vif(&access_to, &vif, &err), 0);
	assert_int_equal(config_parse_disk("/a,raw,xvdb,r", &disk, &err), 0);
	assert_int_equal(device_add_vbd(&access_to, &disk, &err), 0);
	assert_int_equal(device_del(&access_to, NOXS_TYPE_VIF, 0, true, &err),
			 0);
	assert_int_equal(nr_saves, 0);
	assert_doc(access_to.guest.record.doc, "{}");
}

/* Whatever fails after a device was made: it goes, and so does what is known of it. */
static void test_failures_are_undone(void **state)
{
	struct vif_config vif = a_vif("");
	struct json_object *list;

	(void)state;
	list_ret = -EIO;
	assert_int_equal(device_add_vif(&access_to, &vif, &err), -EIO);
	assert_int_equal(device_list(&access_to, NOXS_TYPE_VIF, &list, &err),
			 -EIO);
	list_ret = 0;
	attach_ret = -ENOSPC;
	assert_int_equal(device_add_vif(&access_to, &vif, &err), -ENOSPC);
	attach_ret = 0;
	assert_int_equal(nr_saves, 0);

	save_ret = -EROFS;
	assert_int_equal(device_add_vif(&access_to, &vif, &err), -EROFS);
	assert_string_equal(err.text, "not written");
	assert_int_equal(nr_devs, 0);
	assert_int_equal(nr_forced, 1);
	assert_string_equal(record_device(&access_to.guest.record,
					  NOXS_TYPE_VIF, 0, "mac"), "");
	save_ret = 0;
}

static int add_vif(unsigned int id)
{
	struct vif_config vif = a_vif("");

	vif.id = id;
	vif.has_id = true;
	return device_add_vif(&access_to, &vif, &err);
}

static int add_vbd(unsigned int id)
{
	struct disk_config disk;

	assert_int_equal(config_parse_disk("/a,raw,xvdb,r", &disk, &err), 0);
	disk.id = id;
	return device_add_vbd(&access_to, &disk, &err);
}

/* What doesn't fit in the guest's grant table goes again, and says so. */
static void test_grants(void **state)
{
	(void)state;
	/* 8 that are reserved, 587 for a vif's queue, 66 for a disk's. */
	nr_frames = 2;
	assert_int_equal(add_vif(0), 0);
	assert_int_equal(add_vif(1), -ENOSPC);
	assert_string_equal(err.text,
			    "max_grant_frames: the guest has 2, its devices need 3");
	assert_int_equal(nr_devs, 1);
	assert_int_equal(nr_forced, 1);
	assert_string_equal(record_device(&access_to.guest.record,
					  NOXS_TYPE_VIF, 1, "mac"), "");
	while (nr_devs < 7)
		assert_int_equal(add_vbd(nr_devs), 0);
	assert_int_equal(add_vbd(7), -ENOSPC);

	/* As many queues as CPUs, and as are offered. */
	nr_devs = 0;
	nr_frames = 4;
	info.vcpus = 3;
	assert_int_equal(add_vif(0), 0);
	assert_int_equal(add_vbd(1), 0);
	assert_int_equal(add_vbd(2), -ENOSPC);
	nr_devs = 0;
	nr_frames = 5;
	info.vcpus = 16;
	assert_int_equal(add_vif(0), 0);
	assert_int_equal(add_vif(1), -ENOSPC);
	assert_string_equal(err.text,
			    "max_grant_frames: the guest has 5, its devices need 10");

	/* 7 for its CPU, 3 of its own, 1 and 2 for a vif, 1 and 1 for a disk. */
	nr_devs = 0;
	nr_frames = 64;
	info.vcpus = 1;
	json_object_object_add(access_to.guest.record.doc, "max_event_channels",
			       json_object_new_int(15));
	assert_int_equal(add_vif(0), 0);
	assert_int_equal(add_vbd(1), 0);
	assert_int_equal(add_vbd(2), -ENOSPC);
	assert_string_equal(err.text,
			    "max_event_channels: the guest has 15, its CPUs and devices need 17");
	assert_int_equal(nr_devs, 2);
	access_to.guest.recorded = false;
	assert_int_equal(add_vbd(2), 0);
	access_to.guest.recorded = true;
	json_object_object_del(access_to.guest.record.doc, "max_event_channels");
	nr_devs = 0;
	assert_int_equal(add_vif(0), 0);

	info.vcpus = 16;
	nr_frames = 0;
	assert_int_equal(add_vbd(1), -EPERM);
	info_ret = -ESRCH;
	assert_int_equal(add_vbd(1), -ESRCH);
	assert_int_equal(nr_devs, 1);
}

static int look(uint16_t type, unsigned int id)
{
	return device_look(access_to.noxs, access_to.xen, DOMID, type, id, &err);
}

static void assert_why(struct noxs_dev *dev, uint32_t backend,
		       uint32_t frontend, const char *why)
{
	char want[256];

	dev->backend = backend;
	dev->frontend = frontend;
	assert_int_equal(look(dev->type, dev->id), 0);
	snprintf(want, sizeof(want), "%s %u: not connected in time: backend %s",
		 noxs_type_name(dev->type), dev->id, why);
	assert_string_equal(err.text, want);
}

/* Each end's state is told, and what it means. */
static void test_why(void **state)
{
	struct noxs_dev *dev = attach(NOXS_TYPE_VBD, 7);

	(void)state;
	assert_why(dev, NOXS_STATE_INIT_WAIT, NOXS_STATE_UNKNOWN,
		   "InitWait, frontend Unknown (the guest has no driver for it, or not yet)");
	assert_why(dev, NOXS_STATE_INIT_WAIT, NOXS_STATE_INITIALISING,
		   "InitWait, frontend Initialising (the guest's driver can't connect, or not yet)");
	assert_why(dev, NOXS_STATE_INIT_WAIT, NOXS_STATE_CONNECTED,
		   "InitWait, frontend Connected (the host's driver can't connect, or not yet)");
	assert_why(dev, NOXS_STATE_INIT_WAIT, NOXS_STATE_CLOSED,
		   "InitWait, frontend Closed (the guest's driver let go of it)");
	assert_why(dev, NOXS_STATE_CLOSED, NOXS_STATE_UNKNOWN,
		   "Closed, frontend Unknown (the host has no driver for it)");
	dev->frontend_error = EPROTO;
	assert_why(dev, NOXS_STATE_INIT_WAIT, NOXS_STATE_CLOSED,
		   "InitWait, frontend Closed (the guest's driver closed it: Protocol error)");
	dev->frontend_error = 0;

	/* All of them in one line, or as many as are of help. */
	dev->connected = true;
	attach(NOXS_TYPE_VIF, 1);
	attach(NOXS_TYPE_VIF, 3)->frontend = NOXS_STATE_CLOSED;
	assert_int_equal(look(NOXS_TYPE_NONE, 0), 0);
	assert_string_equal(err.text,
			    "vif 1: not connected in time: backend InitWait, frontend Unknown (the guest has no driver for it, or not yet); vif 3: not connected in time: backend InitWait, frontend Closed (the guest's driver let go of it)");
	while (nr_devs < 8)
		attach(NOXS_TYPE_VIF, nr_devs + 2);
	assert_int_equal(look(NOXS_TYPE_NONE, 0), 0);
	assert_non_null(strstr(err.text, "; vif 5: not connected"));
	assert_null(strstr(err.text, "vif 6"));
	assert_string_equal(err.text + strlen(err.text) - 12, "; and 4 more");
	/* What never will be is told alone. */
	devs[5].error = EINVAL;
	assert_int_equal(look(NOXS_TYPE_NONE, 0), -EIO);
	assert_string_equal(err.text,
			    "vif 7: closed by its backend: Invalid argument");
}

static void test_connected(void **state)
{
	struct noxs_dev *dev = attach(NOXS_TYPE_VIF, 3);

	(void)state;
	dev->connected = true;
	assert_int_equal(look(NOXS_TYPE_NONE, 0), 1);
	assert_int_equal(look(NOXS_TYPE_VIF, 3), 1);
	assert_int_equal(look(NOXS_TYPE_VIF, 4), -ENODEV);
	attach(NOXS_TYPE_VIF, 4)->error = EINVAL;
	assert_int_equal(look(NOXS_TYPE_VIF, 3), 1);
	assert_int_equal(look(NOXS_TYPE_NONE, 0), -EIO);
	assert_string_equal(err.text, "vif 4: closed by its backend: Invalid argument");
	devs[1].error = 0;
	info.shutdown = true;
	assert_int_equal(look(NOXS_TYPE_NONE, 0), -ESRCH);
	info.shutdown = false;
	info_ret = -ESRCH;
	assert_int_equal(look(NOXS_TYPE_NONE, 0), -ESRCH);
	/* What is gone has no device that isn't connected. */
	nr_devs = 0;
	assert_int_equal(look(NOXS_TYPE_NONE, 0), -ESRCH);
	assert_string_equal(err.text, "its domain is gone");
	nr_devs = 2;
	info_ret = 0;
	info.dying = true;
	assert_int_equal(look(NOXS_TYPE_VIF, 3), -ESRCH);
	info.dying = false;
	/* As noxs says that it doesn't know the domain any more. */
	list_ret = -ESRCH;
	assert_int_equal(look(NOXS_TYPE_NONE, 0), -ESRCH);
	assert_string_equal(err.text, "its domain is gone");
	list_ret = 0;
	assert_int_equal(look(NOXS_TYPE_NONE, 0), 0);
	list_ret = -EPERM;
	assert_int_equal(look(NOXS_TYPE_NONE, 0), -EPERM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_vifs, begin, end),
		cmocka_unit_test_setup_teardown(test_vbds, begin, end),
		cmocka_unit_test_setup_teardown(test_without_record, begin, end),
		cmocka_unit_test_setup_teardown(test_failures_are_undone, begin,
						end),
		cmocka_unit_test_setup_teardown(test_grants, begin, end),
		cmocka_unit_test_setup_teardown(test_why, begin, end),
		cmocka_unit_test_setup_teardown(test_connected, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
