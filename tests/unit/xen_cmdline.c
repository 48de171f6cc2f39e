// SPDX-License-Identifier: GPL-2.0
/* chaos/xen/cmdline.c: a command line is written where it was left out, only there. */
#include "harness.h"

#include <xenctrl.h>
#include <xenforeignmemory.h>

#include "config/config.h"
#include "xen/cmdline.h"

#define ROOM	(CONFIG_CMDLINE_MAX + 1)
#define DOMID	7

xenforeignmemory_handle *__wrap_xenforeignmemory_open(xentoollog_logger *logger,
						      unsigned int flags);
int __wrap_xenforeignmemory_close(xenforeignmemory_handle *fmem);
void *__wrap_xenforeignmemory_map(xenforeignmemory_handle *fmem, uint32_t dom,
				  int prot, size_t pages,
				  const xen_pfn_t arr[], int err[]);
int __wrap_xenforeignmemory_unmap(xenforeignmemory_handle *fmem, void *addr,
				  size_t pages);

/* A domain of one page, of which we know what is mapped. */
static char page[XC_PAGE_SIZE];
static xen_pfn_t frame;
static int opened, mapped;
static bool cannot_open, cannot_map;

xenforeignmemory_handle *__wrap_xenforeignmemory_open(xentoollog_logger *logger,
						      unsigned int flags)
{
	(void)logger;
	(void)flags;
	errno = EACCES;
	if (cannot_open)
		return NULL;
	opened++;
	return (xenforeignmemory_handle *)page;
}

int __wrap_xenforeignmemory_close(xenforeignmemory_handle *fmem)
{
	(void)fmem;
	opened--;
	return 0;
}

void *__wrap_xenforeignmemory_map(xenforeignmemory_handle *fmem, uint32_t dom,
				  int prot, size_t pages,
				  const xen_pfn_t arr[], int err[])
{
	(void)fmem;
	(void)prot;
	(void)err;
	assert_int_equal(dom, DOMID);
	assert_int_equal(pages, 1);
	frame = arr[0];
	errno = ENOENT;
	if (cannot_map)
		return NULL;
	mapped++;
	return page;
}

int __wrap_xenforeignmemory_unmap(xenforeignmemory_handle *fmem, void *addr,
				  size_t pages)
{
	(void)fmem;
	(void)pages;
	assert_ptr_equal(addr, page);
	mapped--;
	return 0;
}

/* A page in which something else is before the command line, and after it. */
static void fill_page(size_t offset)
{
	memset(page, 'x', sizeof(page));
	memcpy(page + offset, cmdline_blank(), ROOM);
}

static void check_all_closed(void)
{
	assert_int_equal(opened, 0);
	assert_int_equal(mapped, 0);
}

static void test_found(void **state)
{
	static const size_t offsets[] = { 0, 88, 1000, XC_PAGE_SIZE - ROOM };
	struct cmdline_place place;
	struct error err;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(offsets); i++) {
		fill_page(offsets[i]);
		assert_int_equal(cmdline_find(DOMID, 73, &place, &err), 0);
		assert_int_equal(place.gfn, 73);
		assert_int_equal(place.offset, offsets[i]);
		assert_int_equal(frame, 73);
		check_all_closed();
	}
}

static void test_not_found(void **state)
{
	struct cmdline_place place;
	struct error err;

	(void)state;
	/* One character is another one, or the end is missing. */
	fill_page(100);
	page[500] = 'y';
	assert_int_equal(cmdline_find(DOMID, 9, &place, &err), -EBADMSG);
	fill_page(100);
	page[100 + ROOM - 1] = '#';
	assert_int_equal(cmdline_find(DOMID, 9, &place, &err), -EBADMSG);
	assert_string_equal(err.text, "command line: is not in the start info");
	cannot_map = true;
	assert_int_equal(cmdline_find(DOMID, 9, &place, &err), -ENOENT);
	cannot_map = false;
	check_all_closed();
}

static void test_set(void **state)
{
	struct cmdline_place place = { .gfn = 5, .offset = 200 };
	char longest[ROOM], text[ROOM];
	struct error err;
	size_t i;

	(void)state;
	memset(longest, 'z', CONFIG_CMDLINE_MAX);
	longest[CONFIG_CMDLINE_MAX] = '\0';
	for (i = 0; i < 3; i++) {
		strcpy(text, i == 0 ? "" : i == 1 ? "root=/dev/x a" : longest);
		fill_page(place.offset);
		assert_int_equal(cmdline_set(DOMID, &place, text, &err), 0);
		assert_int_equal(frame, 5);
		assert_string_equal(page + 200, text);
		/* Nothing of what was there is left, nor anything else gone. */
		assert_null(memchr(page + 200 + strlen(text), '#',
				   ROOM - strlen(text)));
		assert_int_equal(page[200 + ROOM - 1], '\0');
		assert_int_equal(page[199], 'x');
		assert_int_equal(page[200 + ROOM], 'x');
	}
	check_all_closed();
}

static void test_not_set(void **state)
{
	struct cmdline_place place = { .gfn = 5, .offset = 200 };
	char text[ROOM + 1];
	struct error err;

	(void)state;
	fill_page(200);
	assert_int_equal(cmdline_set(DOMID, &place, "first", &err), 0);
	assert_int_equal(cmdline_set(DOMID, &place, "second", &err), -EBADMSG);
	assert_string_equal(page + 200, "first");
	fill_page(200);
	memset(text, 'z', ROOM);
	text[ROOM] = '\0';
	assert_int_equal(cmdline_set(DOMID, &place, text, &err), -EINVAL);
	place.offset = XC_PAGE_SIZE - ROOM + 1;
	assert_int_equal(cmdline_set(DOMID, &place, "", &err), -EINVAL);
	assert_string_equal(err.text, "command line: has no room");
	place.offset = 200;
	cannot_map = true;
	assert_int_equal(cmdline_set(DOMID, &place, "", &err), -ENOENT);
	cannot_map = false;
	cannot_open = true;
	assert_int_equal(cmdline_set(DOMID, &place, "", &err), -EACCES);
	cannot_open = false;
	assert_int_equal(page[200], '#');
	check_all_closed();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_found),
		cmocka_unit_test(test_not_found),
		cmocka_unit_test(test_set),
		cmocka_unit_test(test_not_set),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
