/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_DAEMON_PROTOCOL_H
#define CHAOS_DAEMON_PROTOCOL_H

#include <stddef.h>
#include <stdint.h>

#include "util/error.h"
#include "util/uuid.h"

struct json_object;

/**
 * enum request_command - what a client wants; see client/client.h
 * @COMMAND_STATUS: how chaosd is
 * @COMMAND_EVENTS: hear what happens
 * @COMMAND_NOTIFY: tell what was done
 * @COMMAND_CONSOLE_OPEN: have a console served
 * @COMMAND_CONSOLE_CLOSE: have a console no longer served
 * @COMMAND_POOLS: how the pools are
 */
enum request_command {
	COMMAND_STATUS,
	COMMAND_EVENTS,
	COMMAND_NOTIFY,
	COMMAND_CONSOLE_OPEN,
	COMMAND_CONSOLE_CLOSE,
	COMMAND_POOLS,
};

/**
 * struct request - what a client sent, checked
 * @command: what it wants
 * @event: name of the event
 * @domid: the domain
 * @handle: its handle
 *
 * What a command doesn't have is zero.
 */
struct request {
	enum request_command command;
	const char *event;
	uint32_t domid;
	uint8_t handle[UUID_SIZE];
};

/**
 * protocol_parse() - read a request
 * @line: what a client sent
 * @len: its length, without the newline
 * @request: out
 * @err: out: the reason of a failure
 *
 * Return: 0, -EINVAL for what is wrong, -ENOMEM.
 */
int protocol_parse(const char *line, size_t len, struct request *request,
		   struct error *err);

/**
 * protocol_refusal() - the answer that says why not
 * @ret: negative errno
 * @err: the reason
 *
 * Return: the answer, for the caller to release.
 */
struct json_object *protocol_refusal(int ret, const struct error *err);

#endif /* CHAOS_DAEMON_PROTOCOL_H */
