// SPDX-License-Identifier: GPL-2.0
/*
 * Where domains run, and how much they get. All of it is between Xen and us: a guest isn't
 * asked, and needn't be of chaos.
 */
#include <errno.h>
#include <json-c/json.h>

#include "config/config.h"
#include "guest/names.h"
#include "util/json.h"
#include "verbs/verbs.h"
#include "xen/sched.h"

/**
 * struct change - what is to be changed
 * @pin: where virtual CPUs run, or NULL
 * @weight: beside others; NULL: as before
 * @cap: at most, in per cent of a CPU; NULL: as before
 */
struct change {
	const struct pin *pin;
	const unsigned int *weight;
	const unsigned int *cap;
};

/* So that the guest has it again after its reboot. */
static int remember(struct xen *xen, struct guest *guest,
		    const struct change *change, struct error *err)
{
	struct json_object *sched = json_object_new_object();
	int ret;

	ret = sched_describe(xen, guest->domid, sched, err);
	if (!ret && change->pin && change->pin->cpus)
		record_set_sched(&guest->record, sched, "cpus");
	if (!ret && change->pin && change->pin->cpus_soft)
		record_set_sched(&guest->record, sched, "cpus_soft");
	if (!ret && change->weight)
		record_set_sched(&guest->record, sched, "cpu_weight");
	if (!ret && change->cap)
		record_set_sched(&guest->record, sched, "cap");
	json_object_put(sched);
	return ret ? ret : record_save(&guest->record, err);
}

static int change_guest(struct xen *xen, struct guest *guest,
			const struct change *change, struct error *err)
{
	int ret;

	/* What has it then would find it changed. */
	if (guest_is_shell(guest))
		return error_set(err, -EPERM, "is a domain of a pool");
	if (!guest->exists)
		return error_set(err, -ESRCH, "its domain is gone");
	if (change->pin)
		ret = sched_pin(xen, guest->domid, change->pin, err);
	else
		ret = sched_set_share(xen, guest->domid, change->weight,
				      change->cap, err);
	if (ret || !guest->recorded)
		return ret;
	return remember(xen, guest, change, err);
}

static int run(struct access *access, struct json_object *parameters,
	       struct json_object *answer, const struct change *change,
	       struct error *err)
{
	struct guest guest;
	int ret;

	ret = guest_lock(&access->xen, doc_get_text(parameters, "guest"),
			 &guest, err);
	if (ret)
		return ret;
	doc_number(answer, "domid", guest.domid);
	ret = change_guest(&access->xen, &guest, change, err);
	guest_put(&guest);
	return ret;
}

static bool is_given(struct json_object *parameters, const char *key)
{
	return json_object_object_get(parameters, key);
}

static int get_cpus(struct json_object *parameters, const char *key,
		    struct cpu_set *set, const struct cpu_set **cpus,
		    struct error *err)
{
	const char *why;

	*cpus = NULL;
	if (!is_given(parameters, key))
		return 0;
	*cpus = set;
	why = config_parse_cpus(doc_get_text(parameters, key), set);
	return why ? error_set(err, -EINVAL, "%s: %s", key, why) : 0;
}

static int pin(const struct verb *verb, struct access *access,
	       struct json_object *parameters, struct json_object *answer,
	       struct error *err)
{
	struct pin pin = {
		.all = !is_given(parameters, "vcpu"),
		.vcpu = doc_get_number(parameters, "vcpu"),
	};
	struct change change = { .pin = &pin };
	struct cpu_set cpus, cpus_soft;
	int ret;

	(void)verb;
	ret = get_cpus(parameters, "cpus", &cpus, &pin.cpus, err);
	if (!ret)
		ret = get_cpus(parameters, "cpus_soft", &cpus_soft,
			       &pin.cpus_soft, err);
	return ret ? ret : run(access, parameters, answer, &change, err);
}

static int share(const struct verb *verb, struct access *access,
		 struct json_object *parameters, struct json_object *answer,
		 struct error *err)
{
	unsigned int weight = doc_get_number(parameters, "cpu_weight");
	unsigned int cap = doc_get_number(parameters, "cap");
	struct change change = {
		.weight = is_given(parameters, "cpu_weight") ? &weight : NULL,
		.cap = is_given(parameters, "cap") ? &cap : NULL,
	};

	(void)verb;
	return run(access, parameters, answer, &change, err);
}

const struct verb sched_verbs[] = {
	{ "VcpuPin", pin, NOXS_TYPE_NONE, false },
	{ "ShareSet", share, NOXS_TYPE_NONE, false },
	{ .method = NULL },
};
