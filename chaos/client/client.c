// SPDX-License-Identifier: GPL-2.0
/*
 * The clients' side of chaosd's socket. All of it has a deadline: a daemon that
 * hangs must not stop those who can do without it.
 */
#include <errno.h>
#include <json-c/json.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "client/client.h"
#include "util/chaos.h"
#include "util/json.h"
#include "util/util.h"
#include "util/uuid.h"

#define ANSWER_TIMEOUT_MS	30000

static int connect_daemon(struct error *err)
{
	struct sockaddr_un address = {
		.sun_family = AF_UNIX, .sun_path = DAEMON_SOCKET,
	};
	int fd, ret;

	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return error_sys(err, -errno, "chaosd: socket");
	if (!connect(fd, (struct sockaddr *)&address, sizeof(address)))
		return fd;
	ret = -errno;
	close(fd);
	if (ret == -ENOENT || ret == -ECONNREFUSED)
		return error_set(err, ret, "chaosd doesn't run");
	return error_sys(err, ret, "%s", DAEMON_SOCKET);
}

static int send_request(int fd, struct json_object *request, struct error *err)
{
	const char *text;
	size_t len;
	int ret = 0;

	text = json_object_to_json_string_length(request,
						 JSON_C_TO_STRING_PLAIN, &len);
	if (send(fd, text, len, MSG_NOSIGNAL) != (ssize_t)len ||
	    send(fd, "\n", 1, MSG_NOSIGNAL) != 1)
		ret = error_sys(err, errno ? -errno : -EIO, "chaosd");
	return ret;
}

/* The line that comes next, without its newline. */
static int read_line(int fd, char *line, size_t size, struct error *err)
{
	int64_t deadline = clock_ms() + ANSWER_TIMEOUT_MS;
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	size_t len = 0;
	int64_t left;

	while (len < size) {
		left = deadline - clock_ms();
		if (left <= 0 || !poll(&pfd, 1, left))
			return error_set(err, -ETIMEDOUT,
					 "chaosd: doesn't answer");
		/* Octet by octet: what follows the line isn't ours. */
		if (recv(fd, line + len, 1, MSG_DONTWAIT) == 1) {
			if (line[len] == '\n') {
				line[len] = '\0';
				return 0;
			}
			len++;
		} else if (errno != EAGAIN && errno != EINTR) {
			return error_set(err, -EPIPE,
					 "chaosd: has hung up");
		}
	}
	return error_set(err, -EPROTO, "chaosd: answer is too long");
}

/* Return: 0 or what the answer says. */
static int read_answer(int fd, struct json_object **answer, struct error *err)
{
	const char *why;
	int number, ret;
	char *line;

	*answer = NULL;
	line = malloc(DAEMON_ANSWER_MAX);
	if (!line)
		return error_sys(err, -ENOMEM, "chaosd");
	ret = read_line(fd, line, DAEMON_ANSWER_MAX, err);
	if (!ret)
		*answer = json_tokener_parse(line);
	free(line);
	if (ret)
		return ret;
	if (doc_get_bool(*answer, "ok"))
		return 0;
	number = doc_get_number(*answer, "errno");
	ret = number > 0 ? -number : -EPROTO;
	why = doc_get_text(*answer, "error");
	error_set(err, ret, "chaosd: %s", *why ? why : "answers nonsense");
	json_object_put(*answer);
	*answer = NULL;
	return ret;
}

/* Return: the socket, or a negative errno. */
static int ask(struct json_object *request, struct json_object **answer,
	       struct error *err)
{
	int fd, ret;

	fd = connect_daemon(err);
	if (fd >= 0) {
		ret = send_request(fd, request, err);
		/* Whoever refuses us hangs up, but says why before. */
		if (!ret || ret == -EPIPE || ret == -ECONNRESET)
			ret = read_answer(fd, answer, err);
		if (ret) {
			close(fd);
			fd = ret;
		}
	}
	json_object_put(request);
	return fd;
}

static struct json_object *new_request(const char *command)
{
	struct json_object *request = json_object_new_object();

	doc_text(request, "command", command);
	return request;
}

int daemon_request(struct json_object *request, struct json_object **answer,
		   struct error *err)
{
	struct json_object *got;
	int fd;

	fd = ask(request, &got, err);
	if (fd < 0)
		return fd;
	close(fd);
	if (answer)
		*answer = got;
	else
		json_object_put(got);
	return 0;
}

int daemon_events(struct error *err)
{
	struct json_object *answer;
	int fd;

	fd = ask(new_request("events"), &answer, err);
	if (fd >= 0)
		json_object_put(answer);
	return fd;
}

void daemon_notify(const char *event, uint32_t domid)
{
	struct json_object *request = new_request("notify");
	struct error err;

	doc_text(request, "event", event);
	doc_number(request, "domid", domid);
	(void)daemon_request(request, NULL, &err);
}

void daemon_created(uint32_t domid)
{
	daemon_notify("created", domid);
}

static struct json_object *domain_request(const char *command, uint32_t domid,
					  const uint8_t *handle)
{
	struct json_object *request = new_request(command);
	char uuid[UUID_TEXT];

	doc_number(request, "domid", domid);
	uuid_format(handle, uuid);
	doc_text(request, "handle", uuid);
	return request;
}

int daemon_console_open(uint32_t domid, const uint8_t *handle,
			struct error *err)
{
	return daemon_request(domain_request("console-open", domid, handle),
			      NULL, err);
}

bool daemon_console_close(uint32_t domid, const uint8_t *handle)
{
	struct json_object *answer;
	struct error err;
	bool served;

	if (daemon_request(domain_request("console-close", domid, handle),
			   &answer, &err))
		return false;
	served = doc_get_bool(answer, "served");
	json_object_put(answer);
	return served;
}

int daemon_pools(struct json_object **answer, struct error *err)
{
	return daemon_request(new_request("pools"), answer, err);
}

int daemon_pid(void)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);
	struct error err;
	int fd, pid = 0;

	fd = connect_daemon(&err);
	if (fd < 0)
		return 0;
	if (!getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len))
		pid = peer.pid;
	close(fd);
	return pid;
}
