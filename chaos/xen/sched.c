// SPDX-License-Identifier: GPL-2.0
/*
 * How a guest's virtual CPUs are scheduled: where, and how much they get.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xenctrl.h>

#include "util/json.h"
#include "util/util.h"
#include "xen/sched.h"

/**
 * struct share - how much of the host's CPUs a domain gets
 * @weight: beside others
 * @cap: at most, in per cent of a CPU; 0 for no limit
 */
struct share {
	uint16_t weight;
	uint16_t cap;
};

static int get_credit(struct xen *xen, uint32_t domid, struct share *share)
{
	struct xen_domctl_sched_credit params;

	if (xc_sched_credit_domain_get(xen->xch, domid, &params))
		return -1;
	share->weight = params.weight;
	share->cap = params.cap;
	return 0;
}

static int set_credit(struct xen *xen, uint32_t domid,
		      const struct share *share)
{
	struct xen_domctl_sched_credit params = {
		.weight = share->weight, .cap = share->cap,
	};

	return xc_sched_credit_domain_set(xen->xch, domid, &params);
}

static int get_credit2(struct xen *xen, uint32_t domid, struct share *share)
{
	struct xen_domctl_sched_credit2 params;

	if (xc_sched_credit2_domain_get(xen->xch, domid, &params))
		return -1;
	share->weight = params.weight;
	share->cap = params.cap;
	return 0;
}

static int set_credit2(struct xen *xen, uint32_t domid,
		       const struct share *share)
{
	struct xen_domctl_sched_credit2 params = {
		.weight = share->weight, .cap = share->cap,
	};

	return xc_sched_credit2_domain_set(xen->xch, domid, &params);
}

/**
 * struct scheduler - one of Xen's that has weights and caps
 * @id: Xen's number for it
 * @get: ask for a domain's share; -1 and errno on failure
 * @set: change it, likewise
 */
struct scheduler {
	int id;
	int (*get)(struct xen *xen, uint32_t domid, struct share *share);
	int (*set)(struct xen *xen, uint32_t domid,
		   const struct share *share);
};

static const struct scheduler schedulers[] = {
	{ XEN_SCHEDULER_CREDIT, get_credit, set_credit },
	{ XEN_SCHEDULER_CREDIT2, get_credit2, set_credit2 },
};

static int find_scheduler(struct xen *xen, const struct scheduler **scheduler,
			  struct error *err)
{
	size_t i;
	int id;

	xen_mark(xen);
	if (xc_sched_id(xen->xch, &id))
		return xen_error(xen, err, "scheduler");
	for (i = 0; i < ARRAY_SIZE(schedulers); i++) {
		if (schedulers[i].id != id)
			continue;
		*scheduler = &schedulers[i];
		return 0;
	}
	return error_set(err, -EOPNOTSUPP,
			 "cpu_weight, cap: the host's scheduler has none");
}

/* Whether a set has a CPU, of which it is known to which node it belongs. */
static bool is_in(const struct cpu_set *set, unsigned int cpu, uint64_t node)
{
	uint8_t bit = 1 << cpu % 8;

	if (set->not[cpu / 8] & bit || set->not_nodes & node)
		return false;
	return set->map[cpu / 8] & bit || set->nodes & node;
}

/* What a set says of nodes is said of CPUs. */
static int resolve(struct xen *xen, struct cpu_set *set, struct error *err)
{
	xc_cputopo_t topology[CONFIG_CPUS_MAX];
	unsigned int count = CONFIG_CPUS_MAX, cpu, node;
	struct cpu_set old = *set;

	if (!set->nodes && !set->not_nodes)
		return 0;
	xen_mark(xen);
	if (xc_cputopoinfo(xen->xch, &count, topology))
		return xen_error(xen, err, "nodes");
	*set = (struct cpu_set){ 0 };
	for (cpu = 0; cpu < count && cpu < CONFIG_CPUS_MAX; cpu++) {
		node = topology[cpu].node;
		if (is_in(&old, cpu, node < CONFIG_NODES_MAX ? 1ULL << node : 0))
			set->map[cpu / 8] |= 1 << cpu % 8;
	}
	return 0;
}

static bool has_cpu(const struct cpu_set *set, int cpus)
{
	int cpu;

	for (cpu = 0; cpu < cpus && cpu < CONFIG_CPUS_MAX; cpu++)
		if (set->map[cpu / 8] & 1 << cpu % 8)
			return true;
	return false;
}

static int check_cpus(struct xen *xen, const char *key,
		      const struct cpu_set *sets, unsigned int count,
		      struct error *err)
{
	struct cpu_set set;
	int host_cpus, ret;
	unsigned int i;

	if (!count)
		return 0;
	xen_mark(xen);
	host_cpus = xc_get_max_cpus(xen->xch);
	if (host_cpus <= 0)
		return xen_error(xen, err, "%s", key);
	for (i = 0; i < count; i++) {
		set = sets[i];
		ret = resolve(xen, &set, err);
		if (ret)
			return ret;
		if (!has_cpu(&set, host_cpus))
			return error_set(err, -EINVAL,
					 "%s: the host has CPUs 0 to %d only%s",
					 key, host_cpus - 1, !sets[i].nodes ? "" :
					 ", and none of them is of that");
	}
	return 0;
}

int sched_check(struct xen *xen, const struct guest_config *config,
		struct error *err)
{
	const struct scheduler *scheduler;
	int ret;

	ret = check_cpus(xen, "cpus", config->cpus.sets, config->cpus.count,
			 err);
	if (!ret)
		ret = check_cpus(xen, "cpus_soft", config->cpus_soft.sets,
				 config->cpus_soft.count, err);
	if (!ret && (config->cpu_weight || config->cap))
		ret = find_scheduler(xen, &scheduler, err);
	return ret;
}

static int set_vcpu_affinity(struct xen *xen, uint32_t domid, uint32_t vcpu,
			     const struct cpu_set *cpus, bool soft,
			     struct error *err)
{
	int size = xc_get_cpumap_size(xen->xch), ret;
	struct cpu_set set = *cpus;
	uint8_t *map;

	ret = resolve(xen, &set, err);
	if (ret)
		return ret;
	map = xc_cpumap_alloc(xen->xch);
	if (!map || size <= 0) {
		free(map);
		return error_sys(err, -ENOMEM, "cpus");
	}
	if (size > CONFIG_CPUS_MAX / 8)
		size = CONFIG_CPUS_MAX / 8;
	/* Xen says there which of them count. */
	memcpy(map, set.map, size);
	xen_mark(xen);
	if (xc_vcpu_setaffinity(xen->xch, domid, vcpu, soft ? NULL : map,
				soft ? map : NULL,
				soft ? XEN_VCPUAFFINITY_SOFT :
				       XEN_VCPUAFFINITY_HARD))
		ret = xen_error(xen, err, "%s: vcpu %u",
				soft ? "cpus_soft" : "cpus", vcpu);
	free(map);
	return ret;
}

static int set_affinity(struct xen *xen, const struct guest_config *config,
			uint32_t domid, bool soft, struct error *err)
{
	const struct cpu_sets *cpus = soft ? &config->cpus_soft :
					     &config->cpus;
	unsigned int vcpu;
	int ret = 0;

	for (vcpu = 0; !ret && vcpu < config->vcpus; vcpu++) {
		if (!cpus->common && vcpu >= cpus->count)
			break;
		ret = set_vcpu_affinity(xen, domid, vcpu,
					&cpus->sets[cpus->common ? 0 : vcpu],
					soft, err);
	}
	return ret;
}

/* What is wrong is said before anything is changed. */
static int check_pin(struct xen *xen, const struct pin *pin, unsigned int vcpus,
		     struct error *err)
{
	int ret;

	if (!vcpus || (!pin->all && pin->vcpu >= vcpus))
		return error_set(err, -EINVAL, "vcpu: it has %u of them",
				 vcpus);
	ret = check_cpus(xen, "cpus", pin->cpus, !!pin->cpus, err);
	if (!ret)
		ret = check_cpus(xen, "cpus_soft", pin->cpus_soft,
				 !!pin->cpus_soft, err);
	return ret;
}

int sched_pin(struct xen *xen, uint32_t domid, const struct pin *pin,
	      struct error *err)
{
	struct domain_info info;
	uint32_t vcpu, end;
	int ret;

	ret = xen_info(xen, domid, &info);
	if (ret)
		return error_sys(err, ret, "domain %u", domid);
	ret = check_pin(xen, pin, info.vcpus, err);
	vcpu = pin->all ? 0 : pin->vcpu;
	end = pin->all ? info.vcpus : pin->vcpu + 1;
	for (; !ret && vcpu < end; vcpu++) {
		if (pin->cpus)
			ret = set_vcpu_affinity(xen, domid, vcpu, pin->cpus,
						false, err);
		if (!ret && pin->cpus_soft)
			ret = set_vcpu_affinity(xen, domid, vcpu,
						pin->cpus_soft, true, err);
	}
	return ret;
}

static int get_share(struct xen *xen, uint32_t domid,
		     const struct scheduler **scheduler, struct share *share,
		     struct error *err)
{
	int ret;

	ret = find_scheduler(xen, scheduler, err);
	if (ret)
		return ret;
	if ((*scheduler)->get(xen, domid, share))
		return xen_error(xen, err, "cpu_weight, cap");
	return 0;
}

int sched_set_share(struct xen *xen, uint32_t domid, const unsigned int *weight,
		    const unsigned int *cap, struct error *err)
{
	const struct scheduler *scheduler;
	struct share share;
	int ret;

	ret = get_share(xen, domid, &scheduler, &share, err);
	if (ret)
		return ret;
	if (weight)
		share.weight = *weight;
	if (cap)
		share.cap = *cap;
	if (scheduler->set(xen, domid, &share))
		return xen_error(xen, err, "cpu_weight, cap");
	return 0;
}

int sched_apply(struct xen *xen, const struct guest_config *config,
		uint32_t domid, struct error *err)
{
	int ret = 0;

	if (config->cpus.count)
		ret = set_affinity(xen, config, domid, false, err);
	if (!ret && config->cpus_soft.count)
		ret = set_affinity(xen, config, domid, true, err);
	if (!ret && (config->cpu_weight || config->cap))
		ret = sched_set_share(xen, domid, config->cpu_weight ?
				      &config->cpu_weight : NULL, &config->cap,
				      err);
	return ret;
}

int sched_describe_share(struct xen *xen, uint32_t domid,
			 struct json_object *doc, struct error *err)
{
	const struct scheduler *scheduler;
	struct share share;
	int ret;

	ret = get_share(xen, domid, &scheduler, &share, err);
	if (ret)
		return ret;
	doc_number(doc, "cpu_weight", share.weight);
	doc_number(doc, "cap", share.cap);
	return 0;
}

/* "0-3,8": the host's CPUs that are in @map. */
static void format_cpus(const uint8_t *map, int cpus, char *text, size_t size)
{
	int cpu, last;
	size_t at = 0;

	*text = '\0';
	for (cpu = 0; cpu < cpus && at < size; cpu = last + 1) {
		last = cpu;
		if (!(map[cpu / 8] & 1 << cpu % 8))
			continue;
		while (last + 1 < cpus &&
		       map[(last + 1) / 8] & 1 << (last + 1) % 8)
			last++;
		at += snprintf(text + at, size - at, "%s%d", at ? "," : "",
			       cpu);
		if (last > cpu && at < size)
			at += snprintf(text + at, size - at, "-%d", last);
	}
}

static int add_affinity(struct json_object *entry, struct xen *xen,
			uint32_t domid, uint32_t vcpu, struct error *err)
{
	uint8_t *hard = xc_cpumap_alloc(xen->xch);
	uint8_t *soft = xc_cpumap_alloc(xen->xch);
	int cpus = xc_get_max_cpus(xen->xch), ret = 0;
	char text[512];

	xen_mark(xen);
	if (!hard || !soft || cpus <= 0 ||
	    xc_vcpu_getaffinity(xen->xch, domid, vcpu, hard, soft,
				XEN_VCPUAFFINITY_HARD |
				XEN_VCPUAFFINITY_SOFT)) {
		ret = xen_error(xen, err, "vcpu %u", vcpu);
	} else {
		format_cpus(hard, cpus, text, sizeof(text));
		doc_text(entry, "cpus", text);
		format_cpus(soft, cpus, text, sizeof(text));
		doc_text(entry, "cpus_soft", text);
	}
	free(hard);
	free(soft);
	return ret;
}

static int add_vcpu(struct json_object *list, struct xen *xen, uint32_t domid,
		    uint32_t vcpu, struct error *err)
{
	struct json_object *entry;
	xc_vcpuinfo_t info;

	xen_mark(xen);
	if (xc_vcpu_getinfo(xen->xch, domid, vcpu, &info))
		return xen_error(xen, err, "vcpu %u", vcpu);
	entry = json_object_new_object();
	json_object_array_add(list, entry);
	doc_bool(entry, "online", info.online);
	doc_bool(entry, "running", info.running);
	doc_bool(entry, "blocked", info.blocked);
	doc_number(entry, "cpu", info.cpu);
	doc_fraction(entry, "cpu_time", info.cpu_time / NS_PER_S);
	return add_affinity(entry, xen, domid, vcpu, err);
}

int sched_describe(struct xen *xen, uint32_t domid, struct json_object *doc,
		   struct error *err)
{
	struct json_object *list = doc_list(doc, "vcpu");
	struct domain_info info;
	struct error ignored;
	uint32_t vcpu;
	int ret;

	ret = xen_info(xen, domid, &info);
	if (ret)
		return error_sys(err, ret, "domain %u", domid);
	for (vcpu = 0; !ret && vcpu < info.vcpus; vcpu++)
		ret = add_vcpu(list, xen, domid, vcpu, err);
	if (ret)
		return ret;
	(void)sched_describe_share(xen, domid, doc, &ignored);
	return 0;
}
