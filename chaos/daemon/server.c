// SPDX-License-Identifier: GPL-2.0
/*
 * chaosd's clients: who they are, and what goes to and fro. What they mean is
 * the business of whoever opens the server.
 *
 * A client has one buffer for each direction, which are as large as they need be, up
 * to a limit. One that doesn't read its answers isn't read from; one that doesn't read
 * its events loses some, and is told so. Those who get events, or wait for what takes long, take no
 * places of others.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <json-c/json.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "daemon/events.h"
#include "daemon/loop.h"
#include "daemon/protocol.h"
#include "daemon/server.h"
#include "util/accept.h"
#include "util/chaos.h"

#define LISTENERS_MAX	1024
/* So many of each are a user's who isn't root, so that he takes nobody's place; and so many
 * are root's, however many users there are.
 */
#define USER_CLIENTS_MAX	16
#define USER_LISTENERS_MAX	64
#define ROOT_CLIENTS		16
#define ROOT_LISTENERS		64
#define OUT_MAX		DAEMON_ANSWER_MAX
/* Of events, and of a call that has many answers, so much may wait to be read, and then the
 * last one.
 */
#define EVENTS_MAX	65536
#define TOLD_MAX	(4 << 20)
/* Larger ones aren't kept. */
#define BUFFER_MIN	4096
#define BUFFER_KEPT	16384
#define GROUPS_MAX	256
#define NO_GROUP	((gid_t)-1)

/**
 * struct buffer - what is on its way
 * @text: it, or NULL
 * @len: how much there is
 * @size: how much there is room for
 */
struct buffer {
	char *text;
	size_t len;
	size_t size;
};

/**
 * struct client - somebody who is connected
 * @source: the socket; first
 * @next: of all clients
 * @number: which one it is
 * @uid: whose it is; root may do all
 * @listens: gets events
 * @waits: for an answer that comes later, and isn't read from until then
 * @lost: some of them were dropped
 * @last: goes as soon as it has its answer
 * @in: what came, up to a whole call
 * @out: what it has to read yet
 */
struct client {
	struct source source;
	struct client *next;
	uint64_t number;
	uid_t uid;
	bool listens;
	bool waits;
	bool lost;
	bool last;
	struct buffer in;
	struct buffer out;
};

static void accept_client(struct source *source, uint32_t events);

static struct source listener = { .fd = -1, .ready = accept_client };
/* It is systemd's. */
static bool given;
static struct client *clients;
static struct json_object *(*answer_to)(const char *text, size_t len,
					struct caller *caller);
static void (*abandoned)(uint64_t client);
/* That of the last one who came. */
static uint64_t number;
/* All of them, those who get events, and those who wait for an answer. */
static unsigned int count, listeners, waiters;
/* To ask for it in the loop might take as long as a name service in the network. */
static gid_t group = NO_GROUP;

unsigned int server_clients(void)
{
	return count;
}

/* Return: whether there is, with what has been there; never more than @most. */
static bool make_room(struct buffer *buffer, size_t more, size_t most)
{
	size_t size = buffer->size ? buffer->size : BUFFER_MIN;
	char *text;

	if (buffer->len + more > most)
		return false;
	while (size < buffer->len + more)
		size *= 2;
	if (size > most)
		size = most;
	if (size <= buffer->size)
		return true;
	text = realloc(buffer->text, size);
	if (!text)
		return false;
	buffer->text = text;
	buffer->size = size;
	return true;
}

static void take_from(struct buffer *buffer, size_t len)
{
	buffer->len -= len;
	if (buffer->len) {
		memmove(buffer->text, buffer->text + len, buffer->len);
	} else if (buffer->size > BUFFER_KEPT) {
		free(buffer->text);
		buffer->text = NULL;
		buffer->size = 0;
	}
}

static void set_waits(struct client *client, bool waits)
{
	waiters += waits - client->waits;
	client->waits = waits;
}

static void drop_client(struct client *client)
{
	struct client **at = &clients;

	while (*at != client)
		at = &(*at)->next;
	*at = client->next;
	listeners -= client->listens;
	if (client->waits && abandoned)
		abandoned(client->number);
	set_waits(client, false);
	loop_del(&client->source);
	close(client->source.fd);
	free(client->in.text);
	free(client->out.text);
	free(client);
	count--;
}

/* Whether there is a whole one whose turn has come. */
static bool has_call(const struct client *client)
{
	return !client->last && !client->waits && !client->out.len &&
	       client->in.len && memchr(client->in.text, '\0', client->in.len);
}

/* Send what there is. Return: false if the client is gone. */
static bool flush(struct client *client)
{
	ssize_t done;

	if (client->out.len) {
		done = send(client->source.fd, client->out.text,
			    client->out.len, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (done < 0 && errno != EAGAIN && errno != EINTR)
			return false;
		if (done > 0)
			take_from(&client->out, done);
	}
	if (client->last && !client->out.len)
		return false;
	/*
	 * A call that waits has its turn as soon as its answer could be sent. Of a
	 * client that waits itself only that it hangs up is of interest.
	 */
	if (client->out.len || has_call(client))
		loop_change(&client->source, EPOLLOUT);
	else
		loop_change(&client->source, client->waits ? 0 : EPOLLIN);
	return true;
}

static const char *text_of(struct json_object *message, size_t *len)
{
	return json_object_to_json_string_length(message,
						 JSON_C_TO_STRING_PLAIN |
						 JSON_C_TO_STRING_NOSLASHESCAPE,
						 len);
}

/* Return: whether there was room for it, and the NUL behind it. */
static bool put_text(struct client *client, const char *text, size_t len,
		     size_t most)
{
	struct buffer *out = &client->out;

	if (!make_room(out, len + 1, most))
		return false;
	memcpy(out->text + out->len, text, len);
	out->text[out->len + len] = '\0';
	out->len += len + 1;
	return true;
}

static void put_failure(struct client *client, int ret, const struct error *err)
{
	struct json_object *answer = protocol_failed(ret, err);
	const char *text;
	size_t len;

	text = text_of(answer, &len);
	put_text(client, text, len, TOLD_MAX + OUT_MAX);
	json_object_put(answer);
}

/* A client that has unread answers isn't read from: there is room, if ever. */
static void put_answer(struct client *client, struct json_object *answer)
{
	struct error err;
	const char *text;
	size_t len;
	bool fits;

	text = text_of(answer, &len);
	fits = len < OUT_MAX && put_text(client, text, len, TOLD_MAX + OUT_MAX);
	json_object_put(answer);
	if (fits)
		return;
	error_set(&err, -EMSGSIZE, "the answer is longer than %d octets",
		  OUT_MAX);
	put_failure(client, -EMSGSIZE, &err);
}

static struct json_object *event_answer(struct json_object *event)
{
	struct json_object *parameters = json_object_new_object();

	json_object_object_add(parameters, "event", event);
	return protocol_reply(parameters, true);
}

/* A user's clients who get events, or those who don't; @others: of all users but root. */
static unsigned int count_of(uid_t uid, bool listens, unsigned int *others)
{
	const struct client *client;
	unsigned int own = 0;

	*others = 0;
	for (client = clients; client; client = client->next) {
		if (!client->uid || client->listens != listens)
			continue;
		own += client->uid == uid;
		++*others;
	}
	return own;
}

static int become_listener(struct client *client, struct error *err)
{
	unsigned int others, own = count_of(client->uid, true, &others);

	if (client->uid && (own >= USER_LISTENERS_MAX ||
			    others >= LISTENERS_MAX - ROOT_LISTENERS))
		return error_set(err, -EUSERS,
				 "there are %u clients of %s already who get events",
				 own < USER_LISTENERS_MAX ? others : own,
				 own < USER_LISTENERS_MAX ? "users" : "this user");
	if (listeners >= LISTENERS_MAX)
		return error_set(err, -EUSERS,
				 "there are %d clients already who get events",
				 LISTENERS_MAX);
	client->listens = true;
	listeners++;
	return 0;
}

static void take_call(struct client *client, size_t len)
{
	struct json_object *answer;
	struct caller caller = {
		.client = client->number, .root = !client->uid,
	};
	struct error err;
	int ret;

	if (client->listens) {
		ret = error_set(&err, -EINVAL, "call: after Events there is none");
		put_failure(client, ret, &err);
		client->last = true;
		return;
	}
	answer = answer_to(client->in.text, len, &caller);
	set_waits(client, caller.waits);
	ret = caller.listens ? become_listener(client, &err) : 0;
	if (ret) {
		json_object_put(answer);
		put_failure(client, ret, &err);
	} else if (answer) {
		put_answer(client, answer);
	}
}

/* One, and then others have their turn: some take as long as there are guests. */
static void take_next_call(struct client *client)
{
	char why[64];
	size_t len;

	if (has_call(client)) {
		len = strlen(client->in.text);
		take_call(client, len);
		take_from(&client->in, len + 1);
		return;
	}
	if (client->in.len < DAEMON_REQUEST_MAX || client->out.len)
		return;
	snprintf(why, sizeof(why), "call: is longer than %d octets",
		 DAEMON_REQUEST_MAX);
	put_answer(client, protocol_malformed(why));
	client->last = true;
}

/* Return: false if the client is gone. */
static bool read_some(struct client *client)
{
	struct buffer *in = &client->in;
	ssize_t len;

	/* Where there is none, it says so below. */
	if (in->len == in->size &&
	    !make_room(in, 1, DAEMON_REQUEST_MAX))
		return in->len == DAEMON_REQUEST_MAX;
	len = recv(client->source.fd, in->text + in->len, in->size - in->len,
		   MSG_DONTWAIT);
	if (!len || (len < 0 && errno != EAGAIN && errno != EINTR))
		return false;
	if (len > 0)
		in->len += len;
	return true;
}

static void client_ready(struct source *source, uint32_t events)
{
	struct client *client = (struct client *)source;

	if (!(events & (EPOLLIN | EPOLLOUT))) {
		drop_client(client);
		return;
	}
	if (((events & EPOLLIN) && !read_some(client)) || !flush(client)) {
		drop_client(client);
		return;
	}
	if (client->lost && client->listens && !client->out.len) {
		client->lost = false;
		put_answer(client, event_answer(event_new("lost")));
	}
	take_next_call(client);
	if (!flush(client))
		drop_client(client);
}

static bool is_group_member(int fd, const struct ucred *peer)
{
	gid_t gids[GROUPS_MAX];
	socklen_t len = sizeof(gids);
	size_t i;

	if (group == NO_GROUP)
		return false;
	if (peer->gid == group)
		return true;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, gids, &len))
		return false;
	for (i = 0; i < len / sizeof(*gids); i++)
		if (gids[i] == group)
			return true;
	return false;
}

static int check_peer(int fd, bool last, uid_t *uid, struct error *err)
{
	unsigned int others, own;
	struct ucred peer;
	socklen_t len = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len))
		return error_sys(err, -errno, "credentials");
	*uid = peer.uid;
	if (peer.uid && !is_group_member(fd, &peer))
		return error_set(err, -EPERM, "only for root and the group "
				 DAEMON_GROUP);
	if (last)
		return error_set(err, -EMFILE,
				 "it has as many files open as it may (RLIMIT_NOFILE)");
	own = count_of(peer.uid, false, &others);
	if (peer.uid && (own >= USER_CLIENTS_MAX ||
			 others >= DAEMON_CLIENTS_MAX - ROOT_CLIENTS))
		return error_set(err, -EUSERS, "there are %u clients of %s already",
				 own < USER_CLIENTS_MAX ? others : own,
				 own < USER_CLIENTS_MAX ? "users" : "this user");
	if (count - listeners - waiters >= DAEMON_CLIENTS_MAX)
		return error_set(err, -EUSERS, "there are %d clients already",
				 DAEMON_CLIENTS_MAX);
	return 0;
}

/* One answer, which the socket's own buffer takes, and that's it. */
static void refuse(int fd, int ret, const struct error *err)
{
	struct json_object *answer = protocol_refused(ret, err);
	const char *text;
	size_t len;

	text = text_of(answer, &len);
	(void)!send(fd, text, len + 1, MSG_DONTWAIT | MSG_NOSIGNAL);
	json_object_put(answer);
	close(fd);
}

static void accept_client(struct source *source, uint32_t events)
{
	struct client *client;
	struct error err;
	int fd, ret;
	uid_t uid = -1;
	bool last;

	(void)events;
	fd = accept_one(source->fd, &last);
	if (fd < 0)
		return;
	ret = check_peer(fd, last, &uid, &err);
	if (ret) {
		refuse(fd, ret, &err);
		accept_reserve();
		return;
	}
	client = calloc(1, sizeof(*client));
	if (client) {
		client->source.fd = fd;
		client->source.ready = client_ready;
	}
	if (!client || loop_add(&client->source, EPOLLIN)) {
		free(client);
		close(fd);
		return;
	}
	client->number = ++number;
	client->uid = uid;
	client->next = clients;
	clients = client;
	count++;
}

/* Members of the group may connect; if there is no such group, only root. */
static int set_access(struct error *err)
{
	const struct group *known = getgrnam(DAEMON_GROUP);

	group = known ? known->gr_gid : NO_GROUP;
	if (chmod(DAEMON_SOCKET, known ? 0660 : 0600) ||
	    (known && chown(DAEMON_SOCKET, 0, group)))
		return error_sys(err, -errno, "%s", DAEMON_SOCKET);
	return 0;
}

static void send_event(struct json_object *event)
{
	struct json_object *answer = event_answer(json_object_get(event));
	struct client *client;
	const char *text;
	size_t len;

	text = text_of(answer, &len);
	for (client = clients; client; client = client->next) {
		if (!client->listens)
			continue;
		/* Its turn to go, if it must, is when the loop comes to it. */
		if (client->lost || !put_text(client, text, len, EVENTS_MAX))
			client->lost = true;
		loop_change(&client->source, EPOLLOUT);
	}
	json_object_put(answer);
}

static struct client *find_client(uint64_t client)
{
	struct client *found = clients;

	while (found && found->number != client)
		found = found->next;
	return found;
}

void server_tell(uint64_t client, struct json_object *answer)
{
	struct client *to = find_client(client);
	const char *text;
	size_t len;

	text = text_of(answer, &len);
	/*
	 * At once: what is done next, chaosd may not survive. Its turn to go, if it must, is
	 * when the loop comes to it.
	 */
	if (to && put_text(to, text, len, TOLD_MAX) && !flush(to))
		loop_change(&to->source, EPOLLOUT);
	json_object_put(answer);
}

void server_answer(uint64_t client, struct json_object *answer)
{
	struct client *to = find_client(client);

	if (!to) {
		json_object_put(answer);
		return;
	}
	set_waits(to, false);
	put_answer(to, answer);
	if (!flush(to))
		drop_client(to);
}

/* Return: a socket that listens, or a negative errno. */
static int open_socket(struct error *err)
{
	struct sockaddr_un address = {
		.sun_family = AF_UNIX, .sun_path = DAEMON_SOCKET,
	};
	int fd, ret;

	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return error_sys(err, -errno, "socket");
	/* There is only one chaosd: it is a former one's. */
	unlink(DAEMON_SOCKET);
	if (!bind(fd, (struct sockaddr *)&address, sizeof(address)) &&
	    !listen(fd, DAEMON_CLIENTS_MAX))
		return fd;
	ret = error_sys(err, -errno, "%s", DAEMON_SOCKET);
	close(fd);
	return ret;
}

/* Return: the socket that systemd has listened on for us, -ENOENT or another errno. */
static int take_socket(struct error *err)
{
	int fd = SD_LISTEN_FDS_START, count = sd_listen_fds(true);

	if (count <= 0)
		return -ENOENT;
	if (count != 1 ||
	    sd_is_socket_unix(fd, SOCK_STREAM, 1, DAEMON_SOCKET, 0) <= 0)
		return error_set(err, -EINVAL,
				 "what it was given to listen on isn't %s",
				 DAEMON_SOCKET);
	/* Whoever has come may have gone again. */
	if (fcntl(fd, F_SETFL, O_NONBLOCK))
		return error_sys(err, -errno, "%s", DAEMON_SOCKET);
	return fd;
}

int server_open(struct json_object *(*answer)(const char *text, size_t len,
					      struct caller *caller),
		void (*abandon)(uint64_t client), struct error *err)
{
	int ret;

	answer_to = answer;
	abandoned = abandon;
	accept_reserve();
	events_to(send_event);
	listener.fd = take_socket(err);
	given = listener.fd >= 0;
	if (listener.fd == -ENOENT)
		listener.fd = open_socket(err);
	if (listener.fd < 0)
		return listener.fd;
	ret = set_access(err);
	if (ret)
		return ret;
	ret = loop_add(&listener, EPOLLIN);
	return ret ? error_sys(err, ret, "%s", DAEMON_SOCKET) : 0;
}

void server_close(void (*leave)(uint64_t client))
{
	if (listener.fd < 0)
		return;
	abandoned = leave;
	while (clients)
		drop_client(clients);
	loop_del(&listener);
	close(listener.fd);
	listener.fd = -1;
	/* Who connects to systemd's has the next chaosd started. */
	if (!given)
		unlink(DAEMON_SOCKET);
}
