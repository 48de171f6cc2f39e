// SPDX-License-Identifier: GPL-2.0
/*
 * What a guest's kernel is asked for: to shut down, to reboot, a key of SysRq. Meanwhile
 * nobody is kept from the guest: only its end takes its lock.
 *
 * Nobody waits here. What has to wait is called again, with what it knew then: that may be
 * in another process.
 */
#include <errno.h>
#include <json-c/json.h>
#include <string.h>

#include "guest/names.h"
#include "guest/power.h"
#include "guest/remove.h"
#include "guest/restart.h"
#include "util/json.h"
#include "util/util.h"
#include "verbs/verbs.h"
#include "xen/domain.h"

/* How long chaosd may take to remove a guest that is run. */
#define RUN_WAIT_MS	30000

/**
 * struct power - what is asked of a guest, and how far that has come
 * @access: to the host
 * @parameters: of the method
 * @answer: out
 * @finish: the guest has stopped, or has to: do the rest; returns as verb_step()
 * @guest: the guest; of one that is gone only domid and handle
 * @request: of its kernel
 * @wait: the guest, and the deadline for all of it
 * @leaves: it is run, and chaosd is to see that it has stopped
 * @noted: its record says that it is being asked, if that is to be there
 */
struct power {
	struct access *access;
	struct json_object *parameters;
	struct json_object *answer;
	int (*finish)(struct power *power, struct error *err);
	struct guest guest;
	struct power_request request;
	struct verb_wait wait;
	bool leaves;
	bool noted;
};

static bool is_told(const struct power *power, const char *key)
{
	return doc_get_bool(power->parameters, key);
}

static int wait_on(struct power *power)
{
	struct json_object *waited = power->answer;

	doc_bool(waited, "asked", power->request.asked);
	doc_bool(waited, "answered", power->request.answered);
	doc_number(waited, "seq", power->request.seq);
	doc_bool(waited, "leaves", power->leaves);
	doc_bool(waited, "noted", power->noted);
	return verb_wait(waited, &power->wait);
}

static void go_on(struct power *power, struct json_object *waited)
{
	const struct verb_wait *wait = &power->wait;
	struct error ignored;

	power->request.asked = doc_get_bool(waited, "asked");
	power->request.answered = doc_get_bool(waited, "answered");
	power->request.seq = doc_get_number(waited, "seq");
	power->leaves = doc_get_bool(waited, "leaves");
	power->noted = doc_get_bool(waited, "noted");
	if (!guest_again(&power->access->xen, wait->domid, wait->handle, false,
			 &power->guest, &ignored))
		return;
	memset(&power->guest, 0, sizeof(power->guest));
	power->guest.domid = wait->domid;
	memcpy(power->guest.handle, wait->handle, UUID_SIZE);
}

/* Return: 0; 1 if it is one of all, and gone, or run, and so for others to tell. */
static int find(struct power *power, struct error *err)
{
	bool all = is_told(power, "all");
	struct guest *guest = &power->guest;
	int ret;

	ret = guest_find(&power->access->xen,
			 doc_get_text(power->parameters, "guest"), guest, err);
	if (ret)
		return all && ret == -ENOENT ? 1 : ret;
	if (all)
		ret = !guest->recorded || guest_is_run(guest);
	else
		ret = guest_require(guest, err);
	if (ret)
		guest_put(guest);
	return ret;
}

/* Return: as find(). */
static int begin(struct power *power, struct error *err)
{
	int wait = doc_get_number(power->parameters, "wait");
	struct error ignored;
	int ret;

	ret = find(power, err);
	if (ret)
		return ret;
	(void)guest_serve_console(&power->guest, &ignored);
	power->wait = verb_wait_for(&power->guest,
				    clock_ms() + (wait ? wait : ASK_TIMEOUT_MS));
	return 0;
}

/* What chaosd isn't to remove, once it has stopped. */
static bool stays(const struct guest *guest, const char *key)
{
	enum config_action action;

	return config_action_parse(record_text(&guest->record, key), &action) &&
	       action == CONFIG_PRESERVE;
}

/* chaosd is about to see that it has stopped, and to remove it. */
static int leave_to_daemon(struct power *power, const char *key,
			   struct error *err)
{
	if (!power->leaves)
		power->wait.deadline = clock_ms() + RUN_WAIT_MS;
	power->leaves = true;
	if (!power->guest.recorded || stays(&power->guest, key))
		return 0;
	if (clock_ms() < power->wait.deadline)
		return wait_on(power);
	return error_set(err, -EBUSY, "chaosd has not removed it in time");
}

static bool is_run(const struct power *power)
{
	return power->access->daemon && guest_is_run(&power->guest);
}

static int finish_shutdown(struct power *power, struct error *err)
{
	bool force = is_told(power, "force");

	if (power->leaves || (!force && is_run(power)))
		return leave_to_daemon(power, "on_poweroff", err);
	/* chaosd, which would do so itself, may be faster. */
	return guest_remove_stopped(&power->access->xen, &power->guest, force,
				    power->access->daemon, err);
}

static int restart(struct power *power, struct error *err)
{
	const struct guest *guest = &power->guest;
	uint32_t domid;
	int ret;

	ret = guest_restart(&power->access->xen, &power->access->noxs,
			    guest->domid, guest->handle, 0,
			    power->access->daemon, &domid, err);
	/* Here, too. */
	if (ret == -ESTALE && power->access->daemon)
		return 0;
	if (ret)
		return ret;
	doc_number(power->answer, "domid", domid);
	doc_bool(power->answer, "changed", true);
	return 0;
}

static int finish_reboot(struct power *power, struct error *err)
{
	bool force = is_told(power, "force");
	int ret = 0;

	if (power->leaves)
		return leave_to_daemon(power, "on_reboot", err);
	if (guest_is_run(&power->guest)) {
		/* Whoever has it is told, and starts it again. */
		if (force)
			ret = domain_reboot(&power->access->xen,
					    power->guest.domid, err);
		if (ret || !power->access->daemon)
			return ret;
		return leave_to_daemon(power, "on_reboot", err);
	}
	if (power->access->daemon && !force)
		return 0;
	return restart(power, err);
}

/* @ret: what came of asking the guest, with the reason in @err. */
static int stop(struct power *power, bool stopped, int ret, struct error *err)
{
	if (stopped || power->leaves)
		return power->finish(power, err);
	if (ret >= 0 && clock_ms() < power->wait.deadline)
		return wait_on(power);
	if (is_told(power, "force"))
		return power->finish(power, err);
	if (ret)
		return ret < 0 ? ret : -ETIMEDOUT;
	return error_set(err, -ETIMEDOUT, "the guest has not stopped in time");
}

/* One that has stopped before it could answer did what it was asked for. */
static int ask(struct power *power, bool stopped, int ret, struct error *err)
{
	if (stopped && !power->request.asked)
		return error_set(err, -ESRCH, "the guest has stopped");
	if (stopped || ret <= 0)
		return stopped ? 0 : ret;
	return clock_ms() < power->wait.deadline ? wait_on(power) : -ETIMEDOUT;
}

/*
 * chaosd asks one that is run, for as long as its next self is to know that. Who is at work
 * on the guest isn't waited for: then it is written down a step later.
 */
static void note_stop(struct power *power)
{
	struct json_object *parameters = power->parameters;
	int64_t until = doc_get_number(parameters, "stop_until");
	struct guest guest;
	struct error ignored;

	if (power->noted || !until || !power->guest.recorded ||
	    guest_try_lock_domain(&power->access->xen, &power->guest.record,
				  &guest, &ignored))
		return;
	record_set_number(&guest.record, "stop_until", until);
	record_set_number(&guest.record, "stop_told",
			  doc_get_bool(parameters, "stop_told"));
	power->noted = !record_save(&guest.record, &ignored);
	guest_put(&guest);
}

static int step(struct power *power, struct error *err)
{
	struct xen *xen = &power->access->xen;
	bool stopped = guest_has_stopped(xen, &power->guest);
	int ret = 0;

	note_stop(power);
	if (!stopped && !power->leaves) {
		ret = guest_ask(&power->access->noxs, &power->guest,
				&power->request, err);
		/* It may have stopped just now: then that is no failure. */
		stopped = ret < 0 && guest_has_stopped(xen, &power->guest);
	}
	if (is_told(power, "left"))
		return error_set(err, -EINTR, "interrupted");
	if (doc_get_number(power->parameters, "wait"))
		return stop(power, stopped, ret, err);
	return ask(power, stopped, ret, err);
}

static int run(struct power *power, struct error *err)
{
	struct json_object *waited;
	int ret = 0;

	waited = verb_waited(power->parameters, &power->wait);
	if (waited)
		go_on(power, waited);
	else
		ret = begin(power, err);
	if (ret)
		return ret < 0 ? ret : 0;
	doc_number(power->answer, "domid", power->guest.domid);
	ret = step(power, err);
	guest_put(&power->guest);
	return ret;
}

static int shut_down(const struct verb *verb, struct access *access,
		     struct json_object *parameters, struct json_object *answer,
		     struct error *err)
{
	struct power power = {
		.access = access, .parameters = parameters, .answer = answer,
		.finish = finish_shutdown,
		.request.request = NOXS_SYSCTL_POWEROFF,
	};

	(void)verb;
	return run(&power, err);
}

static int reboot(const struct verb *verb, struct access *access,
		  struct json_object *parameters, struct json_object *answer,
		  struct error *err)
{
	struct power power = {
		.access = access, .parameters = parameters, .answer = answer,
		.finish = finish_reboot,
		.request.request = NOXS_SYSCTL_REBOOT,
	};

	(void)verb;
	doc_bool(answer, "changed", false);
	return run(&power, err);
}

static int press_sysrq(const struct verb *verb, struct access *access,
		       struct json_object *parameters,
		       struct json_object *answer, struct error *err)
{
	struct power power = {
		.access = access, .parameters = parameters, .answer = answer,
		.request.request = NOXS_SYSCTL_SYSRQ,
		.request.argument = *doc_get_text(parameters, "key"),
	};

	(void)verb;
	return run(&power, err);
}

const struct verb power_verbs[] = {
	{ "Shutdown", shut_down, NOXS_TYPE_SYSCTL, false },
	{ "Reboot", reboot, NOXS_TYPE_SYSCTL, false },
	{ "Sysrq", press_sysrq, NOXS_TYPE_SYSCTL, false },
	{ .method = NULL },
};
