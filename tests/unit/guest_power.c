// SPDX-License-Identifier: GPL-2.0
/*
 * chaos/guest/power.c: many guests that are shut down at a time, and one that shrinks
 * and grows. Time passes only where it sleeps.
 */
#include "harness.h"

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include "console/drainer.h"
#include "guest/power.h"
#include "util/signal.h"
#include "xen/domain.h"

#define GUESTS		4
#define LOOK_MS		250
#define NEVER		INT64_MAX

/**
 * struct script - what a guest does
 * @reachable: when it can be asked, ms
 * @answers: so long after it was asked
 * @stops: so long after it was asked
 * @refuses: what it answers
 * @error: what comes of asking it
 * @asked: when it was asked, or 0
 */
static struct script {
	int64_t reachable;
	int64_t answers;
	int64_t stops;
	int refuses;
	int error;
	int64_t asked;
} scripts[GUESTS];

static struct stopping list[GUESTS];
static int64_t now, signal_at;
static int order[GUESTS], nr_done;
static int64_t done_at[GUESTS];

int __wrap_nanosleep(const struct timespec *time, struct timespec *left);
int __wrap_clock_gettime(clockid_t id, struct timespec *time);

int __wrap_nanosleep(const struct timespec *time, struct timespec *left)
{
	(void)left;
	now += time->tv_sec * 1000 + time->tv_nsec / 1000000;
	assert_true(now < 1000000);
	return 0;
}

int __wrap_clock_gettime(clockid_t id, struct timespec *time)
{
	(void)id;
	time->tv_sec = now / 1000;
	time->tv_nsec = now % 1000 * 1000000;
	return 0;
}

bool signals_pending(void)
{
	return now >= signal_at;
}

static bool has_passed(const struct script *script, int64_t delay)
{
	return script->asked && delay != NEVER && now >= script->asked + delay;
}

/**
 * struct guest_memory - of one guest, in pages
 * @pages: that it has
 * @max: that Xen lets it have
 * @max_then: and did when the guest was told
 * @target: that it was told to have
 * @step: that it gives back or takes while one waits for it
 * @error: what comes of telling it
 */
static struct guest_memory {
	uint64_t pages;
	uint64_t max;
	uint64_t max_then;
	uint64_t target;
	uint64_t step;
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

int xen_info(struct xen *xen, uint32_t domid, struct domain_info *info)
{
	(void)xen;
	memset(info, 0, sizeof(*info));
	info->domid = domid;
	info->pages = memory.pages;
	info->max_pages = memory.max;
	/* One that is gone, and one that has stopped. */
	if (has_passed(&scripts[domid], scripts[domid].stops))
		return domid % 2 ? -ESRCH : 0;
	return 0;
}

bool xen_has_stopped(const struct domain_info *info)
{
	return has_passed(&scripts[info->domid], scripts[info->domid].stops);
}

int noxs_sysctl_send(struct noxs *noxs, uint32_t domid, uint32_t request,
		     uint32_t argument, uint32_t *seq, struct error *err)
{
	(void)noxs;
	assert_int_equal(request, NOXS_SYSCTL_POWEROFF);
	assert_int_equal(argument, 0);
	assert_int_equal(scripts[domid].asked, 0);
	if (now < scripts[domid].reachable)
		return error_set(err, -ENOTCONN, "nobody is there");
	if (scripts[domid].error)
		return error_set(err, scripts[domid].error, "it can't");
	scripts[domid].asked = now;
	*seq = 40 + domid;
	return 0;
}

int noxs_sysctl_answer(struct noxs *noxs, uint32_t domid, uint32_t seq,
		       struct error *err)
{
	(void)noxs;
	assert_int_equal(seq, 40 + domid);
	if (!has_passed(&scripts[domid], scripts[domid].answers))
		return error_set(err, -EAGAIN, "not yet");
	if (scripts[domid].refuses)
		return error_set(err, scripts[domid].refuses, "it won't");
	return 0;
}

void noxs_watch(struct noxs *noxs)
{
	(void)noxs;
}

int noxs_wait(struct noxs *noxs, int timeout, struct error *err)
{
	(void)noxs;
	(void)err;
	assert_true(timeout <= LOOK_MS);
	now += timeout;
	if (memory.pages < memory.target)
		memory.pages += memory.step;
	else
		memory.pages -= memory.step;
	return 0;
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

static void take_done(struct stopping *one, void *arg)
{
	assert_ptr_equal(arg, &nr_done);
	assert_true(one->done);
	done_at[one->guest.domid] = now;
	order[nr_done++] = one->guest.domid;
}

static int setup(void **state)
{
	uint32_t domid;

	(void)state;
	memset(list, 0, sizeof(list));
	memset(scripts, 0, sizeof(scripts));
	for (domid = 0; domid < GUESTS; domid++) {
		list[domid].guest.domid = domid;
		scripts[domid].answers = 500;
		scripts[domid].stops = 2000;
	}
	now = 1000;
	signal_at = NEVER;
	nr_done = 0;
	return 0;
}

static void stop(int count, int64_t ms)
{
	stop_all(NULL, NULL, list, count, now + ms, take_done, &nr_done);
	assert_int_equal(nr_done, count);
}

static void test_together(void **state)
{
	int i;

	(void)state;
	stop(GUESTS, 60000);
	for (i = 0; i < GUESTS; i++) {
		assert_int_equal(list[i].ret, 0);
		assert_int_equal(scripts[i].asked, 1000);
		assert_int_equal(done_at[i], 3000);
	}
	nr_done = 0;
	stop(0, 60000);
	assert_int_equal(now, 3000);
}

/* Each is done when it has stopped, whatever the others do. */
static void test_one_by_one(void **state)
{
	(void)state;
	scripts[0].reachable = 5000;
	scripts[1].stops = 100;
	scripts[1].answers = NEVER;
	scripts[2].answers = NEVER;
	scripts[2].stops = NEVER;
	scripts[3].stops = NEVER;
	stop(GUESTS, 9000);
	assert_int_equal(order[0], 1);
	assert_int_equal(done_at[1], 1000 + LOOK_MS);
	assert_int_equal(order[1], 0);
	assert_int_equal(done_at[0], 7000);
	assert_int_equal(list[0].ret, 0);
	assert_int_equal(done_at[2], 10000);
	assert_int_equal(list[2].ret, -ETIMEDOUT);
	assert_int_equal(list[3].ret, -ETIMEDOUT);
	assert_string_equal(list[3].err.text,
			    "the guest has not stopped in time");
}

static void test_refusals(void **state)
{
	(void)state;
	scripts[0].error = -EOPNOTSUPP;
	scripts[1].refuses = -ECONNRESET;
	scripts[2].refuses = -ECONNRESET;
	/* It goes while it says so. */
	scripts[2].answers = 2000;
	stop(3, 60000);
	assert_int_equal(list[0].ret, -EOPNOTSUPP);
	assert_string_equal(list[0].err.text, "it can't");
	assert_int_equal(done_at[0], 1000);
	assert_int_equal(list[1].ret, -ECONNRESET);
	assert_int_equal(list[2].ret, 0);
}

static void test_signal(void **state)
{
	(void)state;
	signal_at = 1600;
	scripts[0].stops = 600;
	stop(2, 60000);
	/* What has stopped by then is done, the other isn't waited for. */
	assert_int_equal(list[0].ret, 0);
	assert_int_equal(list[1].ret, -EINTR);
	assert_int_equal(now, 1750);
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

/* Xen lets it have more before it is told so, and less once it was. */
static void test_memory(void **state)
{
	struct asking asking = { .guest = &list[0].guest };
	const uint64_t less = 100 * PAGES_PER_MB + EXTRA;
	const uint64_t more = 140 * PAGES_PER_MB + EXTRA;
	struct error err;

	(void)state;
	memory.pages = less;
	memory.max = less;
	assert_int_equal(guest_set_memory(&asking, 140, &err), 0);
	assert_int_equal(memory.target, more);
	assert_int_equal(memory.max_then, more);
	assert_int_equal(memory.max, more);
	memory.pages = more;
	assert_int_equal(guest_set_memory(&asking, 100, &err), 0);
	assert_int_equal(memory.target, less);
	assert_int_equal(memory.max_then, more);
	assert_int_equal(memory.max, less);
	memory.error = -EOPNOTSUPP;
	assert_int_equal(guest_set_memory(&asking, 140, &err), -EOPNOTSUPP);
	assert_int_equal(memory.max, less);
	assert_int_equal(guest_set_memory(&asking, 90, &err), -EOPNOTSUPP);
	assert_string_equal(err.text, "it can't");
	assert_int_equal(memory.max, less);
	/* One that has stopped, and is gone. */
	asking.guest = &list[1].guest;
	scripts[1].asked = 1;
	scripts[1].stops = 0;
	assert_int_equal(guest_set_memory(&asking, 90, &err), -ESRCH);
}

static void test_await_memory(void **state)
{
	struct asking asking = { .guest = &list[0].guest, .deadline = now + 5000 };
	struct error err;

	(void)state;
	memset(&memory, 0, sizeof(memory));
	memory.pages = 100 * PAGES_PER_MB + EXTRA;
	memory.target = 120 * PAGES_PER_MB + EXTRA;
	memory.step = 2 * PAGES_PER_MB;
	assert_int_equal(await_memory(&asking, 120, &err), 0);
	assert_int_equal(now, 1000 + 10 * LOOK_MS);
	/* But for some pages it has it. */
	memory.pages -= 200;
	assert_int_equal(await_memory(&asking, 120, &err), 0);
	memory.pages += 400;
	assert_int_equal(await_memory(&asking, 120, &err), 0);
	memory.step = 0;
	memory.pages -= 456;
	assert_int_equal(await_memory(&asking, 120, &err), -ETIMEDOUT);
	assert_string_equal(err.text,
			    "the guest has 119 MiB, and not 120 in time");
	assert_int_equal(now, 6000);
	signal_at = now;
	assert_int_equal(await_memory(&asking, 120, &err), -EINTR);
	signal_at = NEVER;
	scripts[0].asked = 1;
	scripts[0].stops = 0;
	assert_int_equal(await_memory(&asking, 120, &err), -ESRCH);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_console),
		cmocka_unit_test_setup(test_together, setup),
		cmocka_unit_test_setup(test_one_by_one, setup),
		cmocka_unit_test_setup(test_refusals, setup),
		cmocka_unit_test_setup(test_signal, setup),
		cmocka_unit_test_setup(test_memory, setup),
		cmocka_unit_test_setup(test_await_memory, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
