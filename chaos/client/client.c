// SPDX-License-Identifier: GPL-2.0
/*
 * The clients' side of chaosd's socket: calls of varlink. What chaosd does at once has a deadline:
 * a daemon that hangs must not stop those who can do without it.
 */
#include <errno.h>
#include <json-c/json.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "client/client.h"
#include "util/chaos.h"
#include "util/json.h"
#include "util/progress.h"
#include "util/util.h"
#include "util/uuid.h"

#define ANSWER_TIMEOUT_MS	30000
#define FOREVER			(-1)
#define FAILED			DAEMON_INTERFACE ".Failed"
#define SHOW_MS			200

/* Until when chaosd may take, for who sees it on a terminal; 0 if nobody does. */
static int64_t shown_until;
static struct progress progress;

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

/* Whoever refuses us hangs up, but says why before. */
static int send_call(int fd, struct json_object *call, struct error *err)
{
	const char *text;
	ssize_t sent;
	size_t len;

	text = json_object_to_json_string_length(call, JSON_C_TO_STRING_PLAIN,
						 &len);
	/* With its NUL, which says that it ends there. */
	sent = send(fd, text, len + 1, MSG_NOSIGNAL);
	if (sent == (ssize_t)len + 1)
		return 0;
	if (sent >= 0)
		return error_sys(err, -EIO, "chaosd");
	if (errno == EPIPE || errno == ECONNRESET)
		return 0;
	return error_sys(err, -errno, "chaosd");
}

/* What came, but of what follows the message nothing. Return: as recv(). */
static ssize_t take_some(int fd, char *text, size_t size)
{
	ssize_t len = recv(fd, text, size, MSG_DONTWAIT | MSG_PEEK);
	const char *end;

	if (len <= 0)
		return len;
	end = memchr(text, '\0', len);
	return recv(fd, text, end ? (size_t)(end + 1 - text) : (size_t)len,
		    MSG_DONTWAIT);
}

void daemon_show_wait(int ms)
{
	if (shown_until)
		progress_end(&progress);
	shown_until = ms > 0 ? clock_ms() + ms : 0;
	if (shown_until)
		progress_begin(&progress, "waiting", true);
}

/* Return: as poll(). */
static int poll_and_show(struct pollfd *pfd, int left)
{
	int ret;

	if (!shown_until)
		return poll(pfd, 1, left);
	do {
		progress_wait(&progress, shown_until - clock_ms());
		ret = poll(pfd, 1, SHOW_MS);
	} while (!ret);
	return ret;
}

/* The message that comes next, with its NUL. */
static int read_message(int fd, int timeout, char *text, size_t size,
			struct error *err)
{
	int64_t deadline = clock_ms() + timeout;
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	int64_t left = FOREVER;
	size_t len = 0;
	ssize_t more;

	while (len < size) {
		if (timeout != FOREVER)
			left = deadline - clock_ms();
		if ((timeout != FOREVER && left <= 0) || !poll_and_show(&pfd, left))
			return error_set(err, -ETIMEDOUT,
					 "chaosd: doesn't answer");
		more = take_some(fd, text + len, size - len);
		if (more > 0) {
			len += more;
			if (!text[len - 1])
				return 0;
		} else if (!more || (errno != EAGAIN && errno != EINTR)) {
			return error_set(err, -EPIPE,
					 "chaosd: has hung up");
		}
	}
	return error_set(err, -EPROTO, "chaosd: answer is too long");
}

/*
 * Return: 0 or what the error says; varlink's own ones have no number. That what was asked
 * for can't be done has nothing to do with who was to do it.
 */
static int error_of(struct json_object *message, struct json_object *parameters,
		    struct error *err)
{
	int number = doc_get_number(parameters, "errno");
	int ret = number > 0 ? -number : -EPROTO;
	const char *name = doc_get_text(message, "error");
	const char *why = doc_get_text(parameters, "text");
	const char *wrong = doc_get_text(parameters, "parameter");

	if (!strcmp(name, FAILED))
		return error_set(err, ret, "%s", why);
	if (*wrong)
		return error_set(err, -EINVAL, "%s: is not what chaosd takes",
				 wrong);
	return error_set(err, ret, "chaosd: %s", *why ? why : name);
}

/* Return: 0; 1 if there are more; or what the answer says, which has parameters, too. */
static int parse_answers(const char *text, struct json_object **parameters,
			 struct error *err)
{
	struct json_object *message = json_tokener_parse(text), *value;
	int ret = 0;

	*parameters = NULL;
	if (!json_object_object_get_ex(message, "parameters", &value))
		value = NULL;
	if (*doc_get_text(message, "error"))
		ret = error_of(message, value, err);
	else if (!value)
		ret = error_set(err, -EPROTO, "chaosd: answers nonsense");
	*parameters = json_object_get(value);
	if (!ret && doc_get_bool(message, "continues"))
		ret = 1;
	json_object_put(message);
	return ret;
}

/* Return: 0 or what the answer says; then there are no parameters. */
static int parse_answer(const char *text, struct json_object **parameters,
			struct error *err)
{
	int ret = parse_answers(text, parameters, err);

	if (ret >= 0)
		return 0;
	json_object_put(*parameters);
	*parameters = NULL;
	return ret;
}

/* Return: as parse_answers(). */
static int read_answer(int fd, int timeout, struct json_object **parameters,
		       struct error *err)
{
	char *text = malloc(DAEMON_ANSWER_MAX);
	int ret;

	*parameters = NULL;
	if (!text)
		return error_sys(err, -ENOMEM, "chaosd");
	ret = read_message(fd, timeout, text, DAEMON_ANSWER_MAX, err);
	if (!ret)
		ret = parse_answers(text, parameters, err);
	free(text);
	return ret;
}

/* @parameters are released. */
static int begin_call(int fd, const char *method,
		      struct json_object *parameters, bool more,
		      struct error *err)
{
	struct json_object *call = json_object_new_object();
	char name[64];
	int ret;

	snprintf(name, sizeof(name), DAEMON_INTERFACE ".%s", method);
	doc_text(call, "method", name);
	if (parameters)
		json_object_object_add(call, "parameters", parameters);
	if (more)
		doc_bool(call, "more", true);
	ret = send_call(fd, call, err);
	json_object_put(call);
	return ret;
}

/* @parameters are released. Return: as parse_answers(). */
static int call_on(int fd, const char *method, struct json_object *parameters,
		   bool more, int timeout, struct json_object **answer,
		   struct error *err)
{
	int ret = begin_call(fd, method, parameters, more, err);

	*answer = NULL;
	return ret ? ret : read_answer(fd, timeout, answer, err);
}

/* The same on a connection of its own. Return: it, or a negative errno. */
static int ask(const char *method, struct json_object *parameters, bool more,
	       struct json_object **answer, struct error *err)
{
	int fd = connect_daemon(err), ret;

	if (fd < 0) {
		json_object_put(parameters);
		return fd;
	}
	ret = call_on(fd, method, parameters, more, ANSWER_TIMEOUT_MS, answer,
		      err);
	if (ret >= 0)
		return fd;
	json_object_put(*answer);
	*answer = NULL;
	close(fd);
	return ret;
}

int daemon_request(const char *method, struct json_object *parameters,
		   struct json_object **answer, struct error *err)
{
	struct json_object *got;
	int fd;

	fd = ask(method, parameters, false, &got, err);
	if (fd < 0)
		return fd;
	close(fd);
	if (answer)
		*answer = got;
	else
		json_object_put(got);
	return 0;
}

int daemon_call(const char *method, struct json_object *parameters, bool more,
		struct error *err)
{
	int fd = connect_daemon(err), ret;

	if (fd < 0) {
		json_object_put(parameters);
		return fd;
	}
	ret = begin_call(fd, method, parameters, more, err);
	if (!ret)
		return fd;
	close(fd);
	return ret;
}

int daemon_answer(int fd, struct json_object **answer, struct error *err)
{
	return read_answer(fd, FOREVER, answer, err);
}

int daemon_console(uint32_t domid, int flags, struct error *err)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd, ret;

	snprintf(address.sun_path, sizeof(address.sun_path),
		 STATE_CONSOLE_DIR "/%u.sock", domid);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
	if (fd < 0)
		return error_sys(err, -errno, "console: socket");
	if (!connect(fd, (struct sockaddr *)&address, sizeof(address)))
		return fd;
	ret = error_sys(err, -errno, "console: %s", address.sun_path);
	close(fd);
	return ret;
}

int daemon_do_more(const char *method, struct json_object *parameters,
		   void (*tell)(struct json_object *answer, void *arg),
		   void *arg, struct json_object **answer, struct error *err)
{
	int fd = connect_daemon(err), ret;

	*answer = NULL;
	if (fd == -ENOENT || fd == -ECONNREFUSED)
		return 1;
	if (fd < 0)
		return fd;
	ret = call_on(fd, method, json_object_get(parameters), tell, FOREVER,
		      answer, err);
	while (tell && ret > 0) {
		tell(*answer, arg);
		json_object_put(*answer);
		ret = read_answer(fd, FOREVER, answer, err);
	}
	close(fd);
	return ret < 0 ? ret : 0;
}

int daemon_do(const char *method, struct json_object *parameters,
	      struct json_object **answer, struct error *err)
{
	return daemon_do_more(method, parameters, NULL, NULL, answer, err);
}

/* @parameters are released. */
static struct json_object *event_of(struct json_object *parameters,
				    struct error *err)
{
	struct json_object *event;

	if (json_object_object_get_ex(parameters, "event", &event))
		json_object_get(event);
	else
		error_set(err, -EPROTO, "chaosd: tells nonsense");
	json_object_put(parameters);
	return event;
}

int daemon_events(struct json_object **ready, struct error *err)
{
	struct json_object *answer;
	int fd;

	fd = ask("Events", NULL, true, &answer, err);
	if (fd < 0)
		return fd;
	*ready = event_of(answer, err);
	if (*ready)
		return fd;
	close(fd);
	return -EPROTO;
}

struct json_object *daemon_event(const char *text, struct error *err)
{
	struct json_object *parameters;

	if (parse_answer(text, &parameters, err))
		return NULL;
	return event_of(parameters, err);
}

static struct json_object *domain_parameters(uint32_t domid,
					     const uint8_t *handle)
{
	struct json_object *parameters = json_object_new_object();
	char uuid[UUID_TEXT];

	doc_number(parameters, "domid", domid);
	uuid_format(handle, uuid);
	doc_text(parameters, "handle", uuid);
	return parameters;
}

int daemon_console_open(uint32_t domid, const uint8_t *handle,
			struct error *err)
{
	return daemon_request("ConsoleOpen", domain_parameters(domid, handle),
			      NULL, err);
}

bool daemon_console_close(uint32_t domid, const uint8_t *handle)
{
	struct json_object *answer;
	struct error err;
	bool served;

	if (daemon_request("ConsoleClose", domain_parameters(domid, handle),
			   &answer, &err))
		return false;
	served = doc_get_bool(answer, "served");
	json_object_put(answer);
	return served;
}

int daemon_pools(struct json_object **answer, struct error *err)
{
	return daemon_request("Pools", NULL, answer, err);
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
