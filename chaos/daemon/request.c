// SPDX-License-Identifier: GPL-2.0
/*
 * What clients ask for. Each is done at once.
 */
#include <errno.h>
#include <json-c/json.h>
#include <unistd.h>

#include "daemon/console.h"
#include "daemon/events.h"
#include "daemon/guests.h"
#include "daemon/jobs.h"
#include "daemon/pools.h"
#include "daemon/protocol.h"
#include "daemon/request.h"
#include "daemon/server.h"
#include "daemon/watch.h"
#include "util/chaos.h"
#include "util/json.h"
#include "util/util.h"

#define POOLS_MS	500

static int answer_info(const struct request *request,
		       struct json_object *answer, struct error *err)
{
	(void)request;
	(void)err;
	protocol_info(answer);
	return 0;
}

static int answer_status(const struct request *request,
			 struct json_object *answer, struct error *err)
{
	(void)request;
	(void)err;
	doc_text(answer, "version", CHAOS_VERSION);
	doc_number(answer, "pid", getpid());
	doc_bool(answer, "virq", watching_has_virq());
	doc_number(answer, "guests", guests_count());
	doc_number(answer, "shells", pools_shells());
	doc_number(answer, "consoles", consoles_count());
	doc_number(answer, "jobs", jobs_count());
	doc_number(answer, "clients", server_clients());
	return 0;
}

/* The first one says that from now on there are others. */
static int answer_events(const struct request *request,
			 struct json_object *answer, struct error *err)
{
	(void)request;
	(void)err;
	json_object_object_add(answer, "event", event_new("ready"));
	return 0;
}

static int answer_notify(const struct request *request,
			 struct json_object *answer, struct error *err)
{
	(void)answer;
	return guests_notify(request->event, request->domid, err);
}

static int answer_console_open(const struct request *request,
			       struct json_object *answer, struct error *err)
{
	struct record record;
	int ret;

	(void)answer;
	if (record_load(&record, request->domid, request->handle))
		return error_set(err, -ENOENT, "no such guest");
	ret = consoles_open(&record, err);
	record_free(&record);
	return ret;
}

static int answer_console_close(const struct request *request,
				struct json_object *answer, struct error *err)
{
	bool served = consoles_close(request->domid, request->handle);

	(void)err;
	doc_bool(answer, "served", served);
	return 0;
}

/*
 * Root has changed something, or waits for it. To look takes as long as there are
 * guests: for others, however many ask, twice a second.
 */
static int answer_pools(const struct request *request,
			struct json_object *answer, struct error *err)
{
	static int64_t due;
	int64_t now = clock_ms();

	(void)err;
	if (request->root || now >= due) {
		due = now + POOLS_MS;
		pools_read();
		guests_look();
	}
	pools_describe(answer);
	return 0;
}

static int answer_description(const struct request *request,
			      struct json_object *answer, struct error *err)
{
	(void)err;
	doc_text(answer, "description", request->description);
	return 0;
}

static int (*const answers[])(const struct request *request,
			      struct json_object *answer, struct error *err) = {
	[METHOD_GET_INFO] = answer_info,
	[METHOD_GET_INTERFACE_DESCRIPTION] = answer_description,
	[METHOD_STATUS] = answer_status,
	[METHOD_EVENTS] = answer_events,
	[METHOD_POOLS] = answer_pools,
	[METHOD_NOTIFY] = answer_notify,
	[METHOD_CONSOLE_OPEN] = answer_console_open,
	[METHOD_CONSOLE_CLOSE] = answer_console_close,
};

static struct json_object *do_request(const struct request *request,
				      bool *listens)
{
	struct json_object *answer = json_object_new_object();
	struct error err;
	int ret;

	ret = answers[request->method](request, answer, &err);
	if (ret) {
		json_object_put(answer);
		return protocol_failed(ret, &err);
	}
	*listens = request->method == METHOD_EVENTS;
	return protocol_reply(answer, *listens);
}

struct json_object *request_answer(const char *text, size_t len, bool root,
				   bool *listens)
{
	struct json_object *answer;
	struct request request;

	answer = protocol_parse(text, len, root, &request);
	if (!answer)
		answer = do_request(&request, listens);
	if (!request.oneway)
		return answer;
	json_object_put(answer);
	return NULL;
}
