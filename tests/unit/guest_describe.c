// SPDX-License-Identifier: GPL-2.0
/*
 * chaos/guest/describe.c: domains and guests that have none, page by page. Xen, records and
 * the host's devices are the test's own.
 */
#include "harness.h"

#include <json-c/json.h>

#include "console/console.h"
#include "guest/describe.h"
#include "guest/record.h"
#include "host/noxs.h"
#include "host/sysfs.h"
#include "pool/shell.h"
#include "util/json.h"
#include "util/util.h"
#include "xen/sched.h"

#define MOST	3

/* By domid: a domain of chaos', a guest that is to be made again, or that and somebody
 * else's domain.
 */
static char kinds[64];
static struct xen host;
static struct error err;

static void fill(struct domain_info *info, uint32_t domid)
{
	memset(info, 0, sizeof(*info));
	info->domid = domid;
	info->handle[0] = kinds[domid];
	info->handle[1] = domid;
}

static bool is_domain(uint32_t domid)
{
	return domid < sizeof(kinds) && (kinds[domid] == 'd' || kinds[domid] == 'x');
}

int xen_info(struct xen *xen, uint32_t domid, struct domain_info *info)
{
	(void)xen;
	if (!is_domain(domid))
		return -ESRCH;
	fill(info, domid);
	return 0;
}

int xen_list_from(struct xen *xen, uint32_t first, unsigned int most,
		  struct domain_info **infos, struct error *why)
{
	unsigned int count = 0;

	(void)xen;
	(void)why;
	*infos = calloc(most, sizeof(**infos));
	for (; first < sizeof(kinds) && count < most; first++)
		if (is_domain(first))
			fill(&(*infos)[count++], first);
	return count;
}

bool xen_is_domain(struct xen *xen, uint32_t domid, const uint8_t *handle)
{
	(void)xen;
	return is_domain(domid) && handle[0] == kinds[domid];
}

const char *xen_state(const struct domain_info *info)
{
	(void)info;
	return "running";
}

bool noxs_is_handle(const uint8_t *handle)
{
	return handle[0] == 'd';
}

bool shell_load(struct shell *shell, uint32_t domid, const uint8_t *handle)
{
	(void)shell;
	(void)domid;
	(void)handle;
	return false;
}

int record_load(struct record *record, uint32_t domid, const uint8_t *handle)
{
	memset(record, 0, sizeof(*record));
	if (handle[0] != 'd')
		return -ENOENT;
	sprintf(record->name, "d%u", domid);
	return 0;
}

void records_between(uint32_t first, uint32_t end,
		     void (*fn)(struct record *record, void *arg), void *arg)
{
	struct record record = { .handle = { 'r' } };

	/* In no order. */
	if (end > sizeof(kinds))
		end = sizeof(kinds);
	while (end-- > first) {
		if (kinds[end] != 'r' && kinds[end] != 'x')
			continue;
		record.domid = end;
		sprintf(record.name, "r%u", end);
		fn(&record, arg);
	}
}

int64_t record_number(const struct record *record, const char *key)
{
	return !strcmp(key, "restarting") && *record->name == 'r';
}

const char *record_text(const struct record *record, const char *key)
{
	(void)record;
	(void)key;
	return "pv";
}

int64_t record_age(const struct record *record)
{
	(void)record;
	return 0;
}

bool record_is_made(const struct record *record)
{
	(void)record;
	return false;
}

void record_free(struct record *record)
{
	(void)record;
}

const char *guest_name(const struct guest *guest)
{
	return guest->record.name;
}

int sched_describe(struct xen *xen, uint32_t domid, struct json_object *doc,
		   struct error *why)
{
	(void)xen;
	(void)domid;
	(void)doc;
	(void)why;
	return 0;
}

int sysfs_devices(uint32_t first, uint32_t last,
		  struct sysfs_device **devices, struct error *why)
{
	assert_int_equal(first, last);
	(void)why;
	*devices = NULL;
	return 0;
}

bool sysfs_text(const struct sysfs_device *device, const char *name, char *text,
		size_t size)
{
	(void)device;
	(void)name;
	snprintf(text, size, "-");
	return true;
}

uint64_t sysfs_count(const struct sysfs_device *device, const char *name)
{
	(void)device;
	(void)name;
	return 0;
}

bool sysfs_netdev(const struct sysfs_device *device, char *name)
{
	(void)device;
	(void)name;
	return false;
}

void console_sock_path(uint32_t domid, char *path, size_t size)
{
	snprintf(path, size, "/sock/%u", domid);
}

void console_log_path(const char *name, char *path, size_t size)
{
	snprintf(path, size, "/log/%s", name);
}

/* All pages, "d1 d2|r3": what is of one page, and a bar after it. */
static const char *pages(bool all)
{
	static char text[512];
	struct json_object *list, *row;
	uint32_t from = 0;
	size_t i, len = 0;

	*text = '\0';
	do {
		assert_int_equal(guests_describe(&host, all, &from, MOST, &list,
						 &err), 0);
		/* Of one domid, both. */
		assert_in_range(json_object_array_length(list), 0, MOST + 1);
		for (i = 0; i < json_object_array_length(list); i++) {
			row = json_object_array_get_idx(list, i);
			len += sprintf(text + len, "%c%d ",
				       strcmp(doc_get_text(row, "state"),
					      "running") ? 'r' :
				       doc_get_bool(row, "managed") ? 'd' : 'x',
				       (int)doc_get_number(row, "domid"));
		}
		json_object_put(list);
		len += sprintf(text + len, "|");
		assert_true(len < sizeof(text) - 64);
	} while (from);
	return text;
}

static int setup(void **state)
{
	(void)state;
	memset(kinds, 0, sizeof(kinds));
	return 0;
}

static void test_pages(void **state)
{
	(void)state;
	assert_string_equal(pages(false), "|");
	memcpy(kinds + 1, "ddxdrdd", 7);
	assert_string_equal(pages(true), "d1 d2 x3 r3 |d4 r5 d6 |d7 |");
	assert_string_equal(pages(false), "d1 d2 r3 |d4 r5 d6 |d7 |");
}

/* A kernel or a bridge was removed, and all guests have rebooted. */
static void test_restarting(void **state)
{
	(void)state;
	memcpy(kinds + 10, "drrrrrrrd", 9);
	assert_string_equal(pages(false),
			    "d10 r11 r12 |r13 r14 r15 |r16 r17 d18 |");
}

/* Somebody else's domain has the number of one that is to be made again. */
static void test_same(void **state)
{
	struct guest guest = { .domid = 5, .handle = { 'r' }, .recorded = true };
	struct json_object *list;

	(void)state;
	memcpy(kinds + 3, "ddx", 3);
	assert_non_null(strstr(pages(true), "x5"));
	assert_non_null(strstr(pages(true), "r5"));
	strcpy(guest.record.name, "r5");
	assert_int_equal(guest_list(&host, &guest, &list, &err), 0);
	assert_int_equal(json_object_array_length(list), 1);
	assert_string_equal(doc_get_text(json_object_array_get_idx(list, 0), "state"),
			    "restarting");
	json_object_put(list);
	guest.recorded = false;
	assert_int_equal(guest_list(&host, &guest, &list, &err), 0);
	assert_int_equal(json_object_array_length(list), 0);
	json_object_put(list);
}

/* Neither its maker's token, nor the text that it was made from. */
static void test_secrets(void **state)
{
	static const char record[] =
		"{\"token\":\"t\",\"config\":{\"text\":\"password\",\"file\":\"a.cfg\"}}";
	struct guest guest = { .domid = 9, .recorded = true };
	struct json_object *doc;
	const char *text;

	(void)state;
	strcpy(guest.record.name, "d9");
	guest.record.doc = json_tokener_parse(record);
	assert_int_equal(guest_describe(&host, &guest, &doc, &err), 0);
	text = json_object_to_json_string(doc);
	assert_null(strstr(text, "password"));
	assert_null(strstr(text, "token"));
	assert_non_null(strstr(text, "a.cfg"));
	json_object_put(doc);
	/* They are still on record. */
	text = json_object_to_json_string(guest.record.doc);
	assert_non_null(strstr(text, "password"));
	json_object_put(guest.record.doc);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_pages, setup),
		cmocka_unit_test_setup(test_restarting, setup),
		cmocka_unit_test_setup(test_same, setup),
		cmocka_unit_test_setup(test_secrets, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
