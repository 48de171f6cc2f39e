// SPDX-License-Identifier: GPL-2.0
/*
 * chaos/guest/power.c: a console that nobody serves, what a guest is asked for, and one that
 * shrinks and grows, also in virtual CPUs.
 */
#include "harness.h"

#include <fcntl.h>
#include <unistd.h>

#include "console/drainer.h"
#include "guest/power.h"
#include "xen/domain.h"

static bool has_stopped, is_gone;

/**
 * struct guest_memory - of one guest, in pages
 * @pages: that it has
 * @max: that Xen lets it have
 * @max_then: and did when the guest was told
 * @target: that it was told to have
 * @error: what comes of telling it
 */
static struct guest_memory {
	uint64_t pages;
	uint64_t max;
	uint64_t max_then;
	uint64_t target;
	int error;
} memory;

#define EXTRA	24

uint64_t domain_pages(const struct domain_info *info, unsigned int mib)
{
	(void)info;
	return mib * PAGES_PER_MB + EXTRA;
}

int domain_set_max_pages(struct xen *xen, uint32_t domid, uint64_t pages,
			 struct error *err)
{
	(void)xen;
	(void)domid;
	(void)err;
	memory.max = pages;
	return 0;
}

int noxs_sysctl_memory(struct noxs *noxs, uint32_t domid, uint64_t kib,
		       struct error *err)
{
	(void)noxs;
	(void)domid;
	if (memory.error)
		return error_set(err, memory.error, "it can't");
	memory.max_then = memory.max;
	memory.target = kib / KIB_PER_PAGE;
	return 0;
}

/* What a guest has of virtual CPUs, what it is told, and what comes of that. */
static unsigned int vcpus, vcpus_online, vcpus_told;
static int vcpus_ret;

int noxs_sysctl_vcpus(struct noxs *noxs, uint32_t domid, unsigned int told,
		      bool later, struct error *err)
{
	(void)noxs;
	assert_int_equal(domid, 3);
	assert_false(later);
	vcpus_told = told;
	return vcpus_ret ? error_set(err, vcpus_ret, "it can't") : 0;
}

int xen_info(struct xen *xen, uint32_t domid, struct domain_info *info)
{
	(void)xen;
	memset(info, 0, sizeof(*info));
	info->domid = domid;
	info->pages = memory.pages;
	info->max_pages = memory.max;
	info->vcpus = vcpus;
	info->online = vcpus_online;
	return is_gone ? -ESRCH : 0;
}

bool xen_has_stopped(const struct domain_info *info)
{
	(void)info;
	return has_stopped;
}

/* What comes of asking, and what is answered. */
static int send_ret, answer_ret;
static unsigned int nr_sent;

int noxs_sysctl_send(struct noxs *noxs, uint32_t domid, uint32_t request,
		     uint32_t argument, uint32_t *seq, struct error *err)
{
	(void)noxs;
	assert_int_equal(domid, 3);
	assert_int_equal(request, NOXS_SYSCTL_SYSRQ);
	assert_int_equal(argument, 's');
	if (send_ret)
		return error_set(err, send_ret, "nobody is there");
	nr_sent++;
	*seq = 43;
	return 0;
}

int noxs_sysctl_answer(struct noxs *noxs, uint32_t domid, uint32_t seq,
		       struct error *err)
{
	(void)noxs;
	assert_int_equal(domid, 3);
	assert_int_equal(seq, 43);
	return answer_ret ? error_set(err, answer_ret, "it won't") : 0;
}

/* Who serves the console, or why nobody does; and of whom one was started anew. */
static int server;
static bool is_made, has_console;
static unsigned int nr_started;

bool record_is_made(const struct record *record)
{
	(void)record;
	return is_made;
}

bool record_console(const struct record *record, uint64_t *gfn, uint32_t *port)
{
	(void)record;
	*gfn = 9;
	*port = 2;
	return has_console;
}

int drainer_pidfd(uint32_t domid, struct error *err)
{
	assert_int_equal(domid, 3);
	return server ? error_set(err, server, "nobody") :
			open("/dev/null", O_RDONLY);
}

int drainer_start(const struct console_place *place, const uint8_t *handle,
		  struct error *err)
{
	assert_int_equal(place->domid, 3);
	assert_string_equal(place->name, "some");
	assert_int_equal(place->gfn, 9);
	assert_int_equal(place->port, 2);
	assert_int_equal(*handle, 1);
	return ++nr_started > 3 ? error_set(err, -EIO, "not started") : 0;
}

/* It is served again if nobody does so, and only then. */
static void test_console(void **state)
{
	static const int nobody[] = { -ENOENT, -ECONNREFUSED, -ESRCH };
	struct guest guest = {
		.domid = 3, .handle = { 1 }, .exists = true, .recorded = true,
	};
	struct error err;
	size_t i;

	(void)state;
	strcpy(guest.record.name, "some");
	is_made = true;
	has_console = true;
	assert_int_equal(guest_serve_console(&guest, &err), 0);
	server = -EAGAIN;
	assert_int_equal(guest_serve_console(&guest, &err), 0);
	for (i = 0; i < ARRAY_SIZE(nobody); i++) {
		assert_int_equal(nr_started, i);
		server = nobody[i];
		assert_int_equal(guest_serve_console(&guest, &err), 0);
	}
	assert_int_equal(nr_started, 3);
	assert_int_equal(guest_serve_console(&guest, &err), -EIO);
	assert_string_equal(err.text, "not started");
	nr_started = 0;
	has_console = false;
	assert_int_equal(guest_serve_console(&guest, &err), 0);
	has_console = true;
	is_made = false;
	assert_int_equal(guest_serve_console(&guest, &err), 0);
	is_made = true;
	guest.recorded = false;
	assert_int_equal(guest_serve_console(&guest, &err), 0);
	guest.recorded = true;
	guest.exists = false;
	assert_int_equal(guest_serve_console(&guest, &err), 0);
	assert_int_equal(nr_started, 0);
}

/* It is asked once, and then for its answer. */
static void test_ask(void **state)
{
	struct power_request request = {
		.request = NOXS_SYSCTL_SYSRQ, .argument = 's',
	};
	const struct guest guest = { .domid = 3 };
	static const int later[] = { -ENOTCONN, -EBUSY };
	struct error err;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(later); i++) {
		send_ret = later[i];
		assert_int_equal(guest_ask(NULL, &guest, &request, &err), 1);
		assert_string_equal(err.text, "nobody is there");
		assert_false(request.asked);
	}
	send_ret = -EOPNOTSUPP;
	assert_int_equal(guest_ask(NULL, &guest, &request, &err), -EOPNOTSUPP);
	send_ret = 0;
	answer_ret = -EAGAIN;
	assert_int_equal(guest_ask(NULL, &guest, &request, &err), 1);
	assert_true(request.asked);
	assert_false(request.answered);
	answer_ret = -ECONNRESET;
	assert_int_equal(guest_ask(NULL, &guest, &request, &err), -ECONNRESET);
	assert_string_equal(err.text, "it won't");
	answer_ret = 0;
	assert_int_equal(guest_ask(NULL, &guest, &request, &err), 0);
	assert_true(request.answered);
	answer_ret = -EIO;
	assert_int_equal(guest_ask(NULL, &guest, &request, &err), 0);
	assert_int_equal(nr_sent, 1);
}

/* Xen lets it have more before it is told so, and less once it was. */
static void test_memory(void **state)
{
	const uint64_t less = 100 * PAGES_PER_MB + EXTRA;
	const uint64_t more = 140 * PAGES_PER_MB + EXTRA;
	const struct guest guest = { .domid = 3 };
	struct error err;

	(void)state;
	memory.pages = less;
	memory.max = less;
	assert_int_equal(guest_set_memory(NULL, NULL, &guest, 140, &err), 0);
	assert_int_equal(memory.target, more);
	assert_int_equal(memory.max_then, more);
	assert_int_equal(memory.max, more);
	memory.pages = more;
	assert_int_equal(guest_set_memory(NULL, NULL, &guest, 100, &err), 0);
	assert_int_equal(memory.target, less);
	assert_int_equal(memory.max_then, more);
	assert_int_equal(memory.max, less);
	memory.error = -EOPNOTSUPP;
	assert_int_equal(guest_set_memory(NULL, NULL, &guest, 140, &err),
			 -EOPNOTSUPP);
	assert_int_equal(memory.max, less);
	assert_int_equal(guest_set_memory(NULL, NULL, &guest, 90, &err),
			 -EOPNOTSUPP);
	assert_string_equal(err.text, "it can't");
	assert_int_equal(memory.max, less);
	is_gone = true;
	assert_int_equal(guest_set_memory(NULL, NULL, &guest, 90, &err), -ESRCH);
	is_gone = false;
}

static void test_has_memory(void **state)
{
	const struct guest guest = { .domid = 3 };
	struct error err;

	(void)state;
	memory.pages = 120 * PAGES_PER_MB + EXTRA;
	assert_int_equal(guest_has_memory(NULL, &guest, 120, &err), 1);
	/* But for some pages it has it. */
	memory.pages -= 200;
	assert_int_equal(guest_has_memory(NULL, &guest, 120, &err), 1);
	memory.pages += 400;
	assert_int_equal(guest_has_memory(NULL, &guest, 120, &err), 1);
	memory.pages -= 456;
	assert_int_equal(guest_has_memory(NULL, &guest, 120, &err), 0);
	assert_string_equal(err.text,
			    "the guest has 119 MiB, and not 120 in time");
	memory.pages += 512;
	assert_int_equal(guest_has_memory(NULL, &guest, 120, &err), 0);
	has_stopped = true;
	assert_int_equal(guest_has_memory(NULL, &guest, 121, &err), -ESRCH);
	assert_string_equal(err.text, "the guest has stopped");
	has_stopped = false;
	is_gone = true;
	assert_int_equal(guest_has_memory(NULL, &guest, 121, &err), -ESRCH);
}

static void test_vcpus(void **state)
{
	const struct guest guest = { .domid = 3 };
	struct error err;

	(void)state;
	has_stopped = false;
	is_gone = false;
	vcpus = 4;
	assert_int_equal(guest_set_vcpus(NULL, NULL, &guest, 4, &err), 0);
	assert_int_equal(vcpus_told, 4);
	assert_int_equal(guest_set_vcpus(NULL, NULL, &guest, 5, &err), -EINVAL);
	assert_string_equal(err.text, "it has 4 virtual CPUs only");
	vcpus = 1;
	assert_int_equal(guest_set_vcpus(NULL, NULL, &guest, 2, &err), -EINVAL);
	assert_string_equal(err.text, "it has 1 virtual CPU only");
	assert_int_equal(vcpus_told, 4);
	vcpus_ret = -EOPNOTSUPP;
	assert_int_equal(guest_set_vcpus(NULL, NULL, &guest, 1, &err),
			 -EOPNOTSUPP);
	assert_string_equal(err.text, "it can't");
	vcpus_online = 2;
	assert_int_equal(guest_has_vcpus(NULL, &guest, 2, &err), 1);
	assert_int_equal(guest_has_vcpus(NULL, &guest, 3, &err), 0);
	assert_string_equal(err.text,
			    "the guest has 2 virtual CPUs online, and not 3 in time");
	has_stopped = true;
	assert_int_equal(guest_has_vcpus(NULL, &guest, 2, &err), -ESRCH);
	assert_string_equal(err.text, "the guest has stopped");
	has_stopped = false;
	is_gone = true;
	assert_int_equal(guest_has_vcpus(NULL, &guest, 2, &err), -ESRCH);
	assert_int_equal(guest_set_vcpus(NULL, NULL, &guest, 1, &err), -ESRCH);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_console),
		cmocka_unit_test(test_ask),
		cmocka_unit_test(test_memory),
		cmocka_unit_test(test_has_memory),
		cmocka_unit_test(test_vcpus),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
