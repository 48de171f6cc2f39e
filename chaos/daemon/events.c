// SPDX-License-Identifier: GPL-2.0
/*
 * What happened, for whoever listens: all of chaosd says it here, and knows
 * nothing of who that is.
 */
#include <json-c/json.h>
#include <stddef.h>
#include <time.h>

#include "daemon/events.h"
#include "util/json.h"

static void (*send_to_all)(struct json_object *event);

void events_to(void (*send)(struct json_object *event))
{
	send_to_all = send;
}

struct json_object *event_new(const char *name)
{
	struct json_object *event = json_object_new_object();
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	doc_number(event, "time", now.tv_sec * 1000LL + now.tv_nsec / 1000000);
	doc_text(event, "event", name);
	return event;
}

void event_send(struct json_object *event)
{
	if (send_to_all)
		send_to_all(event);
	json_object_put(event);
}

void event_of_guest(const char *name, uint32_t domid, const char *guest)
{
	struct json_object *event = event_new(name);

	doc_number(event, "domid", domid);
	doc_text(event, "name", guest);
	event_send(event);
}
