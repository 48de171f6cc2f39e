// SPDX-License-Identifier: GPL-2.0
/* chaos/xen/dump.c: all of a core is written, or it is said why not. */
#include "harness.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>
#include <xenctrl.h>

#include "util/signal.h"
#include "xen/domain.h"

#define PIECES	3

static const char *said;
static int pieces;
static struct xen xen;
static struct error err;

int __wrap_xc_domain_dumpcore_via_callback(xc_interface *xch, uint32_t domid,
					   void *arg, dumpcore_rtn_t dump_rtn);

/* What the library logs is in xen/xen.c. */
void xen_mark(struct xen *x)
{
	(void)x;
}

int xen_error(struct xen *x, struct error *e, const char *what, ...)
{
	(void)x;
	return error_set(e, -EIO, "%s: %s", what, said);
}

int xen_info(struct xen *x, uint32_t domid, struct domain_info *info)
{
	(void)x;
	assert_int_equal(domid, 7);
	info->pages = 1;
	return said ? -ESRCH : 0;
}

int __wrap_xc_domain_dumpcore_via_callback(xc_interface *xch, uint32_t domid,
					   void *arg, dumpcore_rtn_t dump_rtn)
{
	char piece[] = "piece,";

	assert_int_equal(domid, 7);
	for (pieces = 0; pieces < PIECES; pieces++)
		if (dump_rtn(xch, arg, piece, strlen(piece)))
			return -1;
	return said ? -1 : 0;
}

static void test_written(void **state)
{
	struct progress progress = { .is_shown = false };
	char text[64] = "";
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(domain_dump(&xen, 7, ends[1], &progress, &err), 0);
	assert_int_equal(read(ends[0], text, sizeof(text) - 1), 18);
	assert_string_equal(text, "piece,piece,piece,");
	said = "it has none";
	assert_int_equal(domain_dump(&xen, 7, ends[1], &progress, &err), -EIO);
	assert_string_equal(err.text, "core: it has none");
	said = NULL;
	close(ends[0]);
	close(ends[1]);
}

static void test_no_room(void **state)
{
	int fd = open("/dev/full", O_WRONLY);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(domain_dump(&xen, 7, fd, NULL, &err), -ENOSPC);
	assert_string_equal(err.text,
			    "writing the core: No space left on device");
	assert_int_equal(pieces, 0);
	close(fd);
}

static void test_interrupted(void **state)
{
	int fd = open("/dev/null", O_WRONLY);
	struct timespec none = { 0 };
	sigset_t set;

	(void)state;
	signals_block();
	raise(SIGTERM);
	assert_int_equal(domain_dump(&xen, 7, fd, NULL, &err), -EINTR);
	assert_int_equal(pieces, 0);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	assert_int_equal(sigtimedwait(&set, NULL, &none), SIGTERM);
	signals_unblock();
	assert_int_equal(domain_dump(&xen, 7, fd, NULL, &err), 0);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_written),
		cmocka_unit_test(test_no_room),
		cmocka_unit_test(test_interrupted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
