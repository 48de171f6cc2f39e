// SPDX-License-Identifier: GPL-2.0
/*
 * What can be asked for, and who does it.
 */
#include <errno.h>
#include <json-c/json.h>
#include <string.h>

#include "util/json.h"
#include "util/signal.h"
#include "util/util.h"
#include "verbs/many.h"
#include "verbs/verbs.h"

static const struct verb *const tables[] = {
	guest_verbs, power_verbs, memory_verbs, sched_verbs, device_verbs,
	create_verbs, look_verbs,
};

int access_xen(struct access *access, struct error *err)
{
	int ret;

	if (access->has_xen)
		return 0;
	ret = xen_open(&access->xen, access->verbose, err);
	access->has_xen = !ret;
	return ret;
}

int access_noxs(struct access *access, struct error *err)
{
	int ret;

	if (access->has_noxs)
		return 0;
	ret = noxs_open(&access->noxs, err);
	access->has_noxs = !ret;
	return ret;
}

void access_close(struct access *access)
{
	if (access->has_noxs)
		noxs_close(&access->noxs);
	if (access->has_xen)
		xen_close(&access->xen);
}

static const struct verb *find_verb(const char *method)
{
	const struct verb *verb;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(tables); i++)
		for (verb = tables[i]; verb->method; verb++)
			if (!strcmp(verb->method, method))
				return verb;
	return NULL;
}

int verb_step(struct access *access, const char *method,
	      struct json_object *parameters, struct json_object **answer,
	      struct error *err)
{
	const struct verb *verb = find_verb(method);
	int ret = 0;

	*answer = NULL;
	if (!verb)
		return error_set(err, -EOPNOTSUPP, "%s: not supported", method);
	if (!verb->alone)
		ret = access_xen(access, err);
	if (!ret && verb->type != NOXS_TYPE_NONE)
		ret = access_noxs(access, err);
	if (ret)
		return ret;
	*answer = json_object_new_object();
	ret = verb->fn(verb, access, parameters, *answer, err);
	if (ret < 0 && !verb->alone) {
		json_object_put(*answer);
		*answer = NULL;
	}
	return ret;
}

/*
 * Who looks hears of what happens from then on: the first time it only begins to watch, and
 * then looks again. A file that stays open after that is not for this.
 */
static int wait_here(struct noxs *noxs, struct json_object *waited,
		     struct error *err)
{
	int64_t left = doc_get_number(waited, "deadline") - clock_ms();
	int ret;

	if (noxs->fd < 0) {
		ret = noxs_open(noxs, err);
		if (!ret)
			noxs_watch(noxs);
		return ret;
	}
	if (left <= 0 || signals_pending())
		return 0;
	ret = noxs_wait(noxs, left < VERB_LOOK_MS ? left : VERB_LOOK_MS, err);
	return ret == -EINTR ? 0 : ret;
}

int verb_do(struct access *access, const char *method,
	    struct json_object *parameters, struct json_object **answer,
	    struct error *err)
{
	struct noxs noxs = { .fd = -1 };
	int ret, waited = 0;
	struct error why;

	while ((ret = verb_step(access, method, parameters, answer, err)) ==
	       VERB_WAITS && !waited) {
		waited = wait_here(&noxs, *answer, &why);
		verb_go_on(parameters, *answer, waited || signals_pending());
	}
	if (noxs.fd >= 0)
		noxs_close(&noxs);
	/* It was undone because of that. */
	if (waited && ret)
		*err = why;
	return ret;
}

int verb_do_more(struct access *access, const char *method,
		 struct json_object *parameters,
		 void (*tell)(struct json_object *answer, void *arg), void *arg,
		 struct json_object **answer, struct error *err)
{
	if (!strcmp(method, "CreateMany"))
		return many_do(access, parameters, tell, arg, answer, err);
	if (!strcmp(method, "ShutdownAll"))
		return verb_do_all(access, "Shutdown", parameters, tell, arg,
				   answer, err);
	return error_set(err, -EOPNOTSUPP, "%s: not supported", method);
}
