// SPDX-License-Identifier: GPL-2.0
/*
 * chaos/guest/stat.c: guests are counted with their devices, page by page, each once. Which
 * domains and devices there are is the test's own.
 */
#include "harness.h"

#include <errno.h>
#include <json-c/json.h>

#include "guest/record.h"
#include "guest/stat.h"
#include "host/noxs.h"
#include "host/sysfs.h"
#include "pool/shell.h"

#define DOMAINS	1000

static struct error err;
/* How many devices each domain has; those that aren't ours have none. */
static unsigned int nr_devices[DOMAINS];
static int ret_list, ret_devices;
/* Which allocation of the code's fails; 0: none. */
static unsigned int no_memory_at;

void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);

void *__wrap_calloc(size_t count, size_t size)
{
	return no_memory_at && !--no_memory_at ? NULL :
	       __real_calloc(count, size);
}

static bool is_shell(uint32_t domid)
{
	return domid % 10 == 9;
}

static bool is_other(uint32_t domid)
{
	return domid % 10 == 8;
}

int xen_list_from(struct xen *xen, uint32_t first, unsigned int most,
		  struct domain_info **infos, struct error *why)
{
	unsigned int count = 0;

	(void)xen;
	if (ret_list)
		return error_set(why, ret_list, "no list");
	*infos = __real_calloc(DOMAINS, sizeof(**infos));
	assert_non_null(*infos);
	for (; first < DOMAINS && count < most; first++, count++) {
		(*infos)[count].domid = first;
		(*infos)[count].pages = 2 * PAGES_PER_MB;
		(*infos)[count].handle[0] = first;
		(*infos)[count].handle[1] = first >> 8;
	}
	return count;
}

const char *xen_state(const struct domain_info *info)
{
	(void)info;
	return "running";
}

bool shell_load(struct shell *shell, uint32_t domid, const uint8_t *handle)
{
	(void)shell;
	(void)handle;
	return is_shell(domid);
}

/* Every third was left by who made it. */
int record_load(struct record *record, uint32_t domid, const uint8_t *handle)
{
	(void)handle;
	if (domid % 3 == 2 || is_other(domid))
		return -ENOENT;
	memset(record, 0, sizeof(*record));
	snprintf(record->name, sizeof(record->name), "g%u", domid);
	return 0;
}

void record_free(struct record *record)
{
	(void)record;
}

bool noxs_is_handle(const uint8_t *handle)
{
	return !is_other(handle[0] | handle[1] << 8);
}

int sysfs_devices(uint32_t first, uint32_t last,
		  struct sysfs_device **devices, struct error *why)
{
	int count = 0, at = 0;
	unsigned int i, n;

	assert_in_range(last, first, DOMAINS - 1);
	if (ret_devices)
		return error_set(why, ret_devices, "no devices");
	for (i = first; i <= last; i++)
		count += nr_devices[i];
	*devices = __real_calloc(count + 1, sizeof(**devices));
	assert_non_null(*devices);
	for (i = first; i <= last; i++)
		for (n = 0; n < nr_devices[i]; n++, at++) {
			(*devices)[at].domid = i;
			(*devices)[at].id = n;
			strcpy((*devices)[at].type, n % 3 == 0 ? "vif" :
			       n % 3 == 1 ? "vbd" : "sysctl");
		}
	return count;
}

bool sysfs_netdev(const struct sysfs_device *device, char *name)
{
	strcpy(name, "v");
	return device->id != 3;
}

uint64_t sysfs_count(const struct sysfs_device *device, const char *name)
{
	(void)name;
	return device->domid + 1;
}

static int setup(void **state)
{
	(void)state;
	memset(nr_devices, 0, sizeof(nr_devices));
	ret_list = 0;
	ret_devices = 0;
	return 0;
}

static void take(uint32_t *from, unsigned int most, struct counts *counts)
{
	assert_int_equal(counts_take(NULL, from, most, counts, &err), 0);
}

#define GUEST "{\"domid\":3,\"name\":\"g3\",\"handle\":\"" HANDLE "\",\"state\":\"running\"," USED
#define HANDLE "03000000-0000-0000-0000-000000000000"
#define USED "\"cpu_time\":0.000,\"memory\":2,\"memory_now\":2,\"vcpus\":0"
#define VIF(id, n) "{\"type\":\"vif\",\"id\":" id ",\"netdev\":\"v\"," \
	"\"received_bytes\":" n ",\"sent_bytes\":" n "," PACKETS(n) "}"
#define PACKETS(n) "\"received_packets\":" n ",\"sent_packets\":" n
#define VBD "{\"type\":\"vbd\",\"id\":1," OCTETS ",\"reads\":4,\"writes\":4}"
#define OCTETS "\"read_bytes\":2048,\"written_bytes\":2048"

static void test_guest(void **state)
{
	struct json_object *list, *guest;
	struct counts counts;
	uint32_t from = 3;

	(void)state;
	nr_devices[2] = 1;
	nr_devices[3] = 4;
	take(&from, 1, &counts);
	assert_int_equal(from, 4);
	assert_int_equal(counts.nr_guests, 1);
	list = counts_describe(&counts);
	guest = json_object_array_get_idx(list, 0);
	assert_string_equal(json_object_to_json_string_ext(guest, 0), GUEST
			    ",\"devices\":[" VIF("0", "4") "," VBD "," VIF("3", "0")
			    "]}");
	json_object_put(list);
	counts_free(&counts);
}

/* Return: how many guests there are on all pages of @most; each comes once, in order. */
static unsigned int count_pages(unsigned int most, unsigned int *pages)
{
	unsigned int total = 0, objects, i;
	struct counts counts;
	uint32_t from = 0;
	int64_t last = -1;

	*pages = 0;
	do {
		take(&from, most, &counts);
		objects = 0;
		for (i = 0; i < counts.nr_guests; i++) {
			assert_true(counts.guests[i].domid > last);
			last = counts.guests[i].domid;
			objects += 1 + counts.guests[i].nr_devices;
		}
		/* But a guest that has more by itself. */
		assert_true(objects <= most || counts.nr_guests == 1);
		total += counts.nr_guests;
		counts_free(&counts);
		assert_true(++*pages <= DOMAINS + 1);
	} while (from);
	return total;
}

static void test_pages(void **state)
{
	/* Shells are nobody's, and others' aren't ours. */
	const unsigned int ours = DOMAINS * 8 / 10;
	unsigned int pages, i;

	(void)state;
	for (i = 0; i < DOMAINS; i++)
		if (!is_shell(i) && !is_other(i))
			nr_devices[i] = i % 7 == 0 ? 90 : i % 4;
	assert_int_equal(count_pages(UINT32_MAX, &pages), ours);
	assert_int_equal(pages, 1);
	assert_int_equal(count_pages(400, &pages), ours);
	assert_true(pages > 3);
	assert_int_equal(count_pages(50, &pages), ours);
	assert_int_equal(count_pages(1, &pages), ours);
}

static void test_failures(void **state)
{
	struct counts counts;
	uint32_t from = 0;

	(void)state;
	ret_devices = -EACCES;
	assert_int_equal(counts_take(NULL, &from, 10, &counts, &err), -EACCES);
	assert_string_equal(err.text, "no devices");
	ret_list = -EIO;
	assert_int_equal(counts_take(NULL, &from, 10, &counts, &err), -EIO);
	assert_string_equal(err.text, "no list");
}

static void test_no_memory(void **state)
{
	struct counts counts;
	uint32_t from = 0;
	unsigned int i;

	(void)state;
	for (i = 1; i <= 3; i++) {
		from = 0;
		no_memory_at = i;
		assert_int_equal(counts_take(NULL, &from, 10, &counts, &err),
				 -ENOMEM);
		assert_null(counts.guests);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_guest, setup),
		cmocka_unit_test_setup(test_pages, setup),
		cmocka_unit_test_setup(test_failures, setup),
		cmocka_unit_test_setup(test_no_memory, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
