// SPDX-License-Identifier: GPL-2.0
/*
 * chaos/verbs/power.c: what a guest is asked for, step by step. The guest and the time are
 * the test's own.
 */
#include "steps.h"

#include "guest/power.h"
#include "guest/remove.h"
#include "guest/restart.h"
#include "xen/domain.h"

/* What the guest does: is there, has stopped, what it answers, who runs it. */
static bool is_there, has_stopped, is_run, is_unrecorded;
static const char *action;
static int answers, require_ret, remove_ret, restart_ret;
static unsigned int nr_asked, nr_removed, nr_restarted, nr_rebooted, nr_put;
static bool removed_by_force, removed_for_daemon;
static struct power_request last;
/* Whether others are at work on it, and what is written down. */
static int lock_ret, save_ret;
static unsigned int nr_locks, nr_saves;
static int64_t written_until, written_told;

static int find(struct guest *guest, struct error *why)
{
	if (!is_there)
		return error_set(why, -ENOENT, "no such guest");
	fill_guest(guest);
	guest->recorded = !is_unrecorded;
	return 0;
}

int guest_find(struct xen *xen, const char *arg, struct guest *guest,
	       struct error *why)
{
	(void)xen;
	assert_string_equal(arg, "a");
	return find(guest, why);
}

int guest_again(struct xen *xen, uint32_t domid, const uint8_t *handle,
		bool lock, struct guest *guest, struct error *why)
{
	(void)xen;
	assert_int_equal(domid, DOMID);
	assert_int_equal(handle[0], 1);
	assert_false(lock);
	return find(guest, why);
}

int guest_try_lock_domain(struct xen *xen, const struct record *record,
			  struct guest *guest, struct error *why)
{
	(void)xen;
	(void)record;
	nr_locks++;
	if (lock_ret)
		return error_set(why, lock_ret, "others are at work on it");
	nr_put--;
	return find(guest, why);
}

void record_set_number(struct record *record, const char *key, int64_t value)
{
	(void)record;
	if (!strcmp(key, "stop_until")) {
		written_until = value;
	} else {
		assert_string_equal(key, "stop_told");
		written_told = value;
	}
}

int record_save(const struct record *record, struct error *why)
{
	(void)record;
	nr_saves++;
	return save_ret ? error_set(why, save_ret, "no room") : 0;
}

int guest_require(const struct guest *guest, struct error *why)
{
	(void)guest;
	return require_ret ? error_set(why, require_ret, "not that one") : 0;
}

void guest_put(struct guest *guest)
{
	(void)guest;
	nr_put++;
}

int guest_serve_console(const struct guest *guest, struct error *why)
{
	(void)guest;
	return error_set(why, -EIO, "nobody can");
}

bool guest_has_stopped(struct xen *xen, const struct guest *guest)
{
	(void)xen;
	assert_int_equal(guest->domid, DOMID);
	return has_stopped || !is_there;
}

int guest_ask(struct noxs *noxs, const struct guest *guest,
	      struct power_request *request, struct error *why)
{
	(void)noxs;
	assert_int_equal(guest->domid, DOMID);
	last = *request;
	nr_asked++;
	if (answers < 0) {
		has_stopped |= answers == -ECONNRESET;
		return error_set(why, answers, "it can't");
	}
	request->asked = true;
	request->seq = 9;
	request->answered = !answers;
	if (!answers)
		return 0;
	error_set(why, 0, "it does not answer");
	return 1;
}

bool guest_is_run(const struct guest *guest)
{
	(void)guest;
	return is_run;
}

const char *record_text(const struct record *record, const char *key)
{
	(void)record;
	assert_string_equal(key, !strcmp(verb->method, "Reboot") ? "on_reboot" :
							"on_poweroff");
	return action;
}

int guest_remove_stopped(struct xen *xen, const struct guest *guest,
			 bool force, bool daemon, struct error *why)
{
	(void)xen;
	(void)guest;
	removed_by_force = force;
	removed_for_daemon = daemon;
	nr_removed++;
	return remove_ret ? error_set(why, remove_ret, "it stays") : 0;
}

int guest_restart(struct xen *xen, struct noxs *noxs, uint32_t domid,
		  const uint8_t *handle, unsigned int restarts, bool daemon,
		  uint32_t *domid_now, struct error *why)
{
	assert_ptr_equal(xen, &host.xen);
	assert_ptr_equal(noxs, &host.noxs);
	assert_int_equal(daemon, host.daemon);
	(void)handle;
	assert_int_equal(domid, DOMID);
	assert_int_equal(restarts, 0);
	*domid_now = DOMID + 1;
	nr_restarted++;
	return restart_ret ? error_set(why, restart_ret, "it doesn't") : 0;
}

int domain_reboot(struct xen *xen, uint32_t domid, struct error *why)
{
	(void)xen;
	(void)why;
	assert_int_equal(domid, DOMID);
	nr_rebooted++;
	return 0;
}

static int setup(void **state)
{
	(void)state;
	now = 1000;
	is_there = true;
	has_stopped = false;
	is_run = false;
	is_unrecorded = false;
	action = "destroy";
	answers = 1;
	require_ret = 0;
	remove_ret = 0;
	restart_ret = 0;
	nr_asked = 0;
	nr_removed = 0;
	nr_restarted = 0;
	nr_rebooted = 0;
	nr_put = 0;
	lock_ret = 0;
	save_ret = 0;
	nr_locks = 0;
	nr_saves = 0;
	host.daemon = true;
	return 0;
}

static int step(void)
{
	unsigned int before = nr_put;
	int ret;

	json_object_put(answer);
	answer = json_object_new_object();
	ret = verb->fn(verb, &host, parameters, answer, &err);
	/* Unless it wasn't even found, it is let go. */
	if (is_there)
		assert_int_equal(nr_put, before + 1);
	return ret;
}

static int begin(const char *method, int wait, bool force)
{
	ask_for(power_verbs, method);
	assert_int_equal(verb->type, NOXS_TYPE_SYSCTL);
	if (!strcmp(method, "Sysrq")) {
		doc_text(parameters, "key", "s");
	} else {
		doc_number(parameters, "wait", wait);
		doc_bool(parameters, "force", force);
	}
	return step();
}

static void assert_text(const char *text)
{
	assert_string_equal(err.text, text);
}

/* Until it has agreed, ten seconds. */
static void test_asks(void **state)
{
	(void)state;
	assert_int_equal(begin("Sysrq", 0, false), VERB_WAITS);
	assert_int_equal(last.request, NOXS_SYSCTL_SYSRQ);
	assert_int_equal(last.argument, 's');
	assert_int_equal(doc_get_number(answer, "domid"), DOMID);
	assert_int_equal(doc_get_number(answer, "deadline"),
			 now + ASK_TIMEOUT_MS);
	now += ASK_TIMEOUT_MS - 1;
	assert_int_equal(go_on(false), VERB_WAITS);
	assert_true(last.asked);
	assert_int_equal(last.seq, 9);
	now += 1;
	assert_int_equal(go_on(false), -ETIMEDOUT);
	assert_text("it does not answer");
	assert_int_equal(begin("Shutdown", 0, false), VERB_WAITS);
	assert_int_equal(last.request, NOXS_SYSCTL_POWEROFF);
	answers = 0;
	assert_int_equal(go_on(false), 0);
	assert_answer("{\"domid\":7}");
	assert_int_equal(nr_removed, 0);
	answers = -EOPNOTSUPP;
	assert_int_equal(begin("Reboot", 0, false), -EOPNOTSUPP);
	assert_int_equal(last.request, NOXS_SYSCTL_REBOOT);
	/* Nobody waits for it any longer. */
	answers = 1;
	assert_int_equal(begin("Reboot", 0, false), VERB_WAITS);
	assert_int_equal(go_on(true), -EINTR);
	assert_text("interrupted");
	require_ret = -EPERM;
	assert_int_equal(begin("Reboot", 0, false), -EPERM);
	is_there = false;
	assert_int_equal(begin("Reboot", 0, false), -ENOENT);
}

/* One that stops meanwhile has done what it was asked for, if it was. */
static void test_stops_before_it_answers(void **state)
{
	(void)state;
	has_stopped = true;
	assert_int_equal(begin("Shutdown", 0, false), -ESRCH);
	assert_text("the guest has stopped");
	assert_int_equal(nr_asked, 0);
	has_stopped = false;
	assert_int_equal(begin("Shutdown", 0, false), VERB_WAITS);
	is_there = false;
	assert_int_equal(go_on(false), 0);
	is_there = true;
	/* While it is asked. */
	answers = -ECONNRESET;
	assert_int_equal(begin("Shutdown", 0, false), -ESRCH);
}

static void test_waits_for_the_stop(void **state)
{
	(void)state;
	assert_int_equal(begin("Shutdown", 5000, false), VERB_WAITS);
	answers = 0;
	now += 4999;
	assert_int_equal(go_on(false), VERB_WAITS);
	assert_int_equal(doc_get_number(answer, "deadline"), 6000);
	now += 1;
	assert_int_equal(go_on(false), -ETIMEDOUT);
	assert_text("the guest has not stopped in time");
	answers = 1;
	assert_int_equal(begin("Shutdown", 5000, false), VERB_WAITS);
	now += 5000;
	assert_int_equal(go_on(false), -ETIMEDOUT);
	assert_text("it does not answer");
	assert_int_equal(nr_removed, 0);
	assert_int_equal(begin("Shutdown", 5000, false), VERB_WAITS);
	has_stopped = true;
	assert_int_equal(go_on(false), 0);
	assert_answer("{\"domid\":7}");
	assert_int_equal(nr_removed, 1);
	assert_false(removed_by_force);
	assert_true(removed_for_daemon);
	remove_ret = -EBUSY;
	host.daemon = false;
	assert_int_equal(begin("Shutdown", 5000, false), -EBUSY);
	assert_text("it stays");
	assert_false(removed_for_daemon);
}

static void test_force(void **state)
{
	(void)state;
	assert_int_equal(begin("Shutdown", 5000, true), VERB_WAITS);
	assert_int_equal(go_on(true), -EINTR);
	assert_int_equal(nr_removed, 0);
	assert_int_equal(begin("Shutdown", 5000, true), VERB_WAITS);
	now += 5000;
	is_run = true;
	assert_int_equal(go_on(false), 0);
	assert_int_equal(nr_removed, 1);
	assert_true(removed_by_force);
	/* At once, if it can't even be asked. */
	answers = -EOPNOTSUPP;
	assert_int_equal(begin("Shutdown", 5000, false), -EOPNOTSUPP);
	assert_int_equal(begin("Shutdown", 5000, true), 0);
	assert_int_equal(nr_removed, 2);
}

/* chaosd makes it again, unless it is to be forced, or doesn't run. */
static void test_restarts(void **state)
{
	(void)state;
	has_stopped = true;
	assert_int_equal(begin("Reboot", 5000, false), 0);
	assert_answer("{\"changed\":false,\"domid\":7}");
	assert_int_equal(nr_restarted, 0);
	assert_int_equal(begin("Reboot", 5000, true), 0);
	assert_answer("{\"changed\":true,\"domid\":8}");
	restart_ret = -ESTALE;
	assert_int_equal(begin("Reboot", 5000, true), 0);
	assert_answer("{\"changed\":false,\"domid\":7}");
	host.daemon = false;
	assert_int_equal(begin("Reboot", 5000, false), -ESTALE);
	restart_ret = 0;
	assert_int_equal(begin("Reboot", 5000, false), 0);
	assert_int_equal(nr_restarted, 4);
}

/* It is for chaosd to see the end of one that is run, within half a minute. */
static void test_run(void **state)
{
	(void)state;
	is_run = true;
	has_stopped = true;
	assert_int_equal(begin("Shutdown", 100, false), VERB_WAITS);
	assert_int_equal(doc_get_number(answer, "deadline"), now + 30000);
	now += 29999;
	assert_int_equal(go_on(false), VERB_WAITS);
	is_there = false;
	assert_int_equal(go_on(false), 0);
	assert_int_equal(nr_removed, 0);

	is_there = true;
	has_stopped = false;
	assert_int_equal(begin("Reboot", 100, true), VERB_WAITS);
	now += 100;
	assert_int_equal(go_on(false), VERB_WAITS);
	assert_int_equal(nr_rebooted, 1);
	/* Once is enough, and it isn't asked any more. */
	nr_asked = 0;
	assert_int_equal(go_on(false), VERB_WAITS);
	assert_int_equal(nr_rebooted, 1);
	assert_int_equal(nr_asked, 0);
	now += 30000;
	assert_int_equal(go_on(false), -EBUSY);
	assert_text("chaosd has not removed it in time");
	assert_int_equal(nr_restarted, 0);
	/* One that is to be kept isn't waited for. */
	has_stopped = true;
	action = "preserve";
	assert_int_equal(begin("Shutdown", 100, false), 0);
	assert_int_equal(begin("Reboot", 100, false), 0);
	action = "restart";
	assert_int_equal(begin("Reboot", 100, false), VERB_WAITS);
	assert_int_equal(nr_removed, 0);
}

/* The next chaosd tells whoever has it. */
static void test_run_without_daemon(void **state)
{
	(void)state;
	host.daemon = false;
	is_run = true;
	has_stopped = true;
	assert_int_equal(begin("Reboot", 100, false), 0);
	assert_int_equal(nr_rebooted, 0);
	assert_int_equal(begin("Reboot", 100, true), 0);
	assert_int_equal(nr_rebooted, 1);
	assert_int_equal(nr_restarted, 0);
	assert_int_equal(begin("Shutdown", 100, false), 0);
	assert_int_equal(nr_removed, 1);
}

/* All guests: those that are others' to tell, or gone meanwhile, are left alone. */
static void test_all(void **state)
{
	(void)state;
	ask_for(power_verbs, "Shutdown");
	doc_number(parameters, "wait", 5000);
	doc_bool(parameters, "force", true);
	doc_bool(parameters, "all", true);
	is_run = true;
	assert_int_equal(step(), 0);
	is_run = false;
	is_unrecorded = true;
	assert_int_equal(step(), 0);
	is_unrecorded = false;
	is_there = false;
	assert_int_equal(step(), 0);
	assert_int_equal(nr_asked, 0);
	is_there = true;
	/* One whose domain is gone is forgotten. */
	require_ret = -ESRCH;
	has_stopped = true;
	assert_int_equal(step(), 0);
	assert_int_equal(nr_removed, 1);
	has_stopped = false;
	assert_int_equal(step(), VERB_WAITS);
	now += 5000;
	assert_int_equal(go_on(false), 0);
	assert_int_equal(nr_removed, 2);
}

/* As chaosd has one asked that is run: once, as soon as nobody else is at work on it. */
static void test_is_written_down(void **state)
{
	(void)state;
	is_run = true;
	lock_ret = -EBUSY;
	ask_for(power_verbs, "Shutdown");
	doc_number(parameters, "wait", 5000);
	doc_number(parameters, "stop_until", now + 5000);
	doc_bool(parameters, "stop_told", true);
	assert_int_equal(step(), VERB_WAITS);
	assert_int_equal(nr_asked, 1);
	lock_ret = 0;
	save_ret = -ENOSPC;
	assert_int_equal(go_on(false), VERB_WAITS);
	save_ret = 0;
	assert_int_equal(go_on(false), VERB_WAITS);
	assert_int_equal(nr_saves, 2);
	assert_int_equal(written_until, now + 5000);
	assert_int_equal(written_told, 1);
	assert_int_equal(go_on(false), VERB_WAITS);
	assert_int_equal(nr_locks, 3);
	/* Others have it asked without that. */
	assert_int_equal(begin("Shutdown", 5000, false), VERB_WAITS);
	assert_int_equal(nr_locks, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_asks, setup, teardown),
		cmocka_unit_test_setup_teardown(test_stops_before_it_answers,
						setup, teardown),
		cmocka_unit_test_setup_teardown(test_waits_for_the_stop, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_force, setup, teardown),
		cmocka_unit_test_setup_teardown(test_restarts, setup, teardown),
		cmocka_unit_test_setup_teardown(test_run, setup, teardown),
		cmocka_unit_test_setup_teardown(test_run_without_daemon, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_all, setup, teardown),
		cmocka_unit_test_setup_teardown(test_is_written_down, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
