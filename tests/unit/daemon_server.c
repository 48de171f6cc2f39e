// SPDX-License-Identifier: GPL-2.0
/*
 * chaos/daemon/server.c: who may be a client, how many there may be, and that
 * nobody who connects is left waiting. The loop is the test's own.
 */
#include "harness.h"

#include <fcntl.h>
#include <grp.h>
#include <json-c/json.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "daemon/events.h"
#include "daemon/loop.h"
#include "daemon/server.h"
#include "util/chaos.h"

#define GROUP		77
#define SOURCES_MAX	2048
#define CLIENTS		64
#define LISTENERS	1024
#define SOME_EVENT	"{\"parameters\":{" \
			"\"event\":{\"event\":\"some\"}},\"continues\":true}"

static struct source *sources[SOURCES_MAX];
static uint32_t wanted[SOURCES_MAX];
static struct sockaddr_un where = { .sun_family = AF_UNIX };
static struct ucred peer;
static gid_t peer_groups[2];
static struct group group = { .gr_gid = GROUP };
static int groups_asked;
static bool has_group, is_root;
/* Sockets that systemd has listened on, and whether the first is for this. */
static int nr_given, given_is_ours;
static char said[4096];
/* The first characters of the calls that were answered, in their order. */
static char answered[64];
static unsigned int nr_answered;

int __wrap_bind(int fd, const struct sockaddr *address, socklen_t len);
int __real_bind(int fd, const struct sockaddr *address, socklen_t len);
int __wrap_unlink(const char *path);
int __real_unlink(const char *path);
int __wrap_chmod(const char *path, mode_t mode);
int __wrap_chown(const char *path, uid_t uid, gid_t gid);
struct group *__wrap_getgrnam(const char *name);
int __wrap_getsockopt(int fd, int level, int name, void *value,
		      socklen_t *len);

int __wrap_bind(int fd, const struct sockaddr *address, socklen_t len)
{
	const struct sockaddr_un *un = (const struct sockaddr_un *)address;

	assert_string_equal(un->sun_path, DAEMON_SOCKET);
	return __real_bind(fd, (struct sockaddr *)&where, len);
}

int __wrap_unlink(const char *path)
{
	return __real_unlink(strcmp(path, DAEMON_SOCKET) ? path :
			     where.sun_path);
}

int __wrap_chmod(const char *path, mode_t mode)
{
	assert_string_equal(path, DAEMON_SOCKET);
	assert_int_equal(mode, has_group ? 0660 : 0600);
	return 0;
}

int __wrap_chown(const char *path, uid_t uid, gid_t gid)
{
	assert_string_equal(path, DAEMON_SOCKET);
	assert_int_equal(uid, 0);
	assert_int_equal(gid, GROUP);
	return 0;
}

struct group *__wrap_getgrnam(const char *name)
{
	assert_string_equal(name, DAEMON_GROUP);
	groups_asked++;
	return has_group ? &group : NULL;
}

int __wrap_getsockopt(int fd, int level, int name, void *value,
		      socklen_t *len)
{
	(void)fd;
	assert_int_equal(level, SOL_SOCKET);
	if (name == SO_PEERCRED) {
		memcpy(value, &peer, sizeof(peer));
		return 0;
	}
	assert_int_equal(name, SO_PEERGROUPS);
	memcpy(value, peer_groups, sizeof(peer_groups));
	*len = sizeof(peer_groups);
	return 0;
}

int sd_listen_fds(int unset_environment)
{
	assert_true(unset_environment);
	return nr_given;
}

int sd_is_socket_unix(int fd, int type, int listening, const char *path,
		      size_t length)
{
	assert_int_equal(fd, SD_LISTEN_FDS_START);
	assert_int_equal(type, SOCK_STREAM);
	assert_int_equal(listening, 1);
	assert_string_equal(path, DAEMON_SOCKET);
	assert_int_equal(length, 0);
	return given_is_ours;
}

int loop_add(struct source *source, uint32_t events)
{
	int i;

	for (i = 0; sources[i]; i++)
		assert_true(i < SOURCES_MAX - 1);
	sources[i] = source;
	wanted[i] = events;
	return 0;
}

void loop_change(struct source *source, uint32_t events)
{
	int i;

	for (i = 0; sources[i] != source; i++)
		;
	wanted[i] = events;
}

void loop_del(struct source *source)
{
	int i, last = SOURCES_MAX - 1;

	while (!sources[last])
		last--;
	for (i = 0; sources[i] != source; i++)
		;
	sources[i] = sources[last];
	wanted[i] = wanted[last];
	sources[last] = NULL;
}

/* Whatever is ready, until nothing is. Return: how often something was. */
static int turn(void)
{
	int i, tries, all = 0;

	for (tries = 0; tries < 100; tries++) {
		int count = 0;

		for (i = 0; i < SOURCES_MAX && sources[i]; i++) {
			struct pollfd pfd = {
				.fd = sources[i]->fd, .events = wanted[i],
			};

			if (poll(&pfd, 1, 0) <= 0)
				continue;
			sources[i]->ready(sources[i], pfd.revents);
			count++;
		}
		if (!count)
			break;
		all += count;
	}
	assert_true(tries < 100);
	return all;
}

/* Who waits for his answer, and who waited when he left. */
static uint64_t waits, left;

static void abandon(uint64_t client)
{
	left = client;
}

/* The same in quotes; to "long" what is too long, to "oneway" nothing, to "later" later. */
static struct json_object *answer(const char *text, size_t len,
				  struct caller *caller)
{
	static char much[DAEMON_ANSWER_MAX];

	is_root = caller->root;
	assert_true(caller->client);
	if (nr_answered < sizeof(answered) - 1)
		answered[nr_answered++] = *text;
	caller->listens = len == 6 && !memcmp(text, "events", 6);
	if (len == 5 && !memcmp(text, "later", 5)) {
		caller->waits = true;
		waits = caller->client;
		return NULL;
	}
	if (len == 4 && !memcmp(text, "long", 4)) {
		memset(much, 'x', sizeof(much) - 2);
		return json_object_new_string(much);
	}
	if (len == 6 && !memcmp(text, "oneway", 6))
		return NULL;
	return json_object_new_string_len(text, len);
}

static int setup(void **state)
{
	struct error err;

	(void)state;
	sprintf(where.sun_path, "/tmp/daemon_server.%d", getpid());
	has_group = true;
	groups_asked = 0;
	peer = (struct ucred){ 0 };
	memset(peer_groups, 0, sizeof(peer_groups));
	return server_open(answer, abandon, &err);
}

static int teardown(void **state)
{
	(void)state;
	server_close(NULL);
	assert_null(sources[0]);
	return 0;
}

static int join(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&where, sizeof(where)),
			 0);
	turn();
	return fd;
}

/* Return: what it is told, "" if it was hung up on; NULL if there is nothing. */
static const char *hear(int fd)
{
	ssize_t len;

	turn();
	len = read(fd, said, sizeof(said) - 1);
	if (len < 0)
		return NULL;
	said[len] = '\0';
	return said;
}

/* With the NUL at its end. */
static void tell(int fd, const char *text)
{
	assert_int_equal(write(fd, text, strlen(text) + 1), strlen(text) + 1);
}

static const char *ask(int fd, const char *text)
{
	tell(fd, text);
	return hear(fd);
}

/* What was in the place of the socket that systemd gives. */
static int displaced;

static int setup_given(void **state)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	sprintf(where.sun_path, "/tmp/daemon_server.%d", getpid());
	unlink(where.sun_path);
	assert_int_equal(__real_bind(fd, (struct sockaddr *)&where, sizeof(where)),
			 0);
	assert_int_equal(listen(fd, 8), 0);
	displaced = fcntl(SD_LISTEN_FDS_START, F_DUPFD_CLOEXEC, 10);
	assert_int_equal(dup2(fd, SD_LISTEN_FDS_START), SD_LISTEN_FDS_START);
	if (fd != SD_LISTEN_FDS_START)
		close(fd);
	nr_given = 1;
	given_is_ours = 1;
	return setup(state);
}

/* The next chaosd is to be found by it. */
static int teardown_given(void **state)
{
	server_close(NULL);
	assert_int_equal(access(where.sun_path, F_OK), 0);
	unlink(where.sun_path);
	nr_given = 0;
	if (displaced >= 0) {
		dup2(displaced, SD_LISTEN_FDS_START);
		close(displaced);
	}
	return teardown(state);
}

static void test_given(void **state)
{
	int fd;

	(void)state;
	assert_true(fcntl(SD_LISTEN_FDS_START, F_GETFL) & O_NONBLOCK);
	fd = join();
	assert_string_equal(ask(fd, "a"), "\"a\"");
	close(fd);
}

static void test_given_another(void **state)
{
	struct error err;

	(void)state;
	nr_given = 2;
	assert_int_equal(server_open(answer, abandon, &err), -EINVAL);
	assert_string_equal(err.text, "what it was given to listen on isn't "
			    DAEMON_SOCKET);
	nr_given = 1;
	given_is_ours = 0;
	assert_int_equal(server_open(answer, abandon, &err), -EINVAL);
	nr_given = 0;
}

static void test_who_may(void **state)
{
	int fd;

	(void)state;
	fd = join();
	assert_string_equal(ask(fd, "a"), "\"a\"");
	assert_true(is_root);
	close(fd);
	peer = (struct ucred){ .uid = 1000, .gid = 1000 };
	fd = join();
	assert_non_null(strstr(hear(fd), "only for root and the group chaos"));
	assert_string_equal(hear(fd), "");
	close(fd);
	peer.gid = GROUP;
	fd = join();
	assert_string_equal(ask(fd, "a"), "\"a\"");
	assert_false(is_root);
	close(fd);
	peer.gid = 1000;
	peer_groups[1] = GROUP;
	fd = join();
	assert_string_equal(ask(fd, "a"), "\"a\"");
	close(fd);
	/* Which number the group has was asked at the start, and never again. */
	assert_int_equal(groups_asked, 1);
	turn();
	assert_int_equal(server_clients(), 0);
}

static void test_no_group(void **state)
{
	int fd;

	(void)state;
	teardown(NULL);
	has_group = false;
	assert_int_equal(server_open(answer, abandon, &(struct error){ "" }), 0);
	/* Not even a group of which nobody knows the number. */
	peer = (struct ucred){ .uid = 1000, .gid = (gid_t)-1 };
	fd = join();
	assert_non_null(strstr(hear(fd), "only for root"));
	close(fd);
}

/* One of the group takes neither root's places nor those of others of it. */
static void test_user(void **state)
{
	static int listeners[64], own[16], others[32];
	int i, fd;

	(void)state;
	peer = (struct ucred){ .uid = 1000, .gid = GROUP };
	for (i = 0; i < 64; i++) {
		listeners[i] = join();
		assert_string_equal(ask(listeners[i], "events"), "\"events\"");
	}
	for (i = 0; i < 16; i++)
		own[i] = join();
	/* They have theirs also while they wait. */
	assert_null(ask(own[1], "later"));
	fd = join();
	assert_non_null(strstr(hear(fd), "there are 16 clients of this user already"));
	close(fd);
	assert_non_null(strstr(ask(own[0], "events"),
			       "there are 64 clients of this user already who get events"));
	peer.uid = 1001;
	fd = join();
	assert_string_equal(ask(fd, "events"), "\"events\"");
	close(fd);
	peer = (struct ucred){ .uid = 0 };
	fd = join();
	assert_string_equal(ask(fd, "a"), "\"a\"");
	close(fd);
	turn();
	/* Whoever goes leaves his to the next one. */
	peer.uid = 1000;
	peer.gid = GROUP;
	close(own[2]);
	turn();
	own[2] = join();
	assert_string_equal(ask(own[2], "a"), "\"a\"");
	/* Nor do all of the group together take root's. */
	for (i = 0; i < 32; i++) {
		peer.uid = 1001 + i / 16;
		others[i] = join();
	}
	peer.uid = 1003;
	fd = join();
	assert_non_null(strstr(hear(fd), "there are 48 clients of users already"));
	close(fd);
	peer = (struct ucred){ .uid = 0 };
	fd = join();
	assert_string_equal(ask(fd, "a"), "\"a\"");
	close(fd);
	for (i = 0; i < 32; i++)
		close(others[i]);
	for (i = 0; i < 64; i++)
		close(listeners[i]);
	for (i = 0; i < 16; i++)
		close(own[i]);
	turn();
}

/* Those who get events, of whom there may be many, take nobody's place. */
static void test_places(void **state)
{
	static int listeners[LISTENERS], clients[CLIENTS];
	int i, fd, waiter;

	(void)state;
	for (i = 0; i < LISTENERS; i++) {
		listeners[i] = join();
		assert_string_equal(ask(listeners[i], "events"),
				    "\"events\"");
	}
	/* And neither do those who wait, until they have their answer. */
	waiter = join();
	assert_null(ask(waiter, "later"));
	for (i = 0; i < CLIENTS; i++)
		clients[i] = join();
	assert_int_equal(server_clients(), LISTENERS + 1 + CLIENTS);
	fd = join();
	assert_non_null(strstr(hear(fd), "there are 64 clients already"));
	close(fd);
	/* One more who wants events has a place, and is told why not. */
	assert_non_null(strstr(ask(clients[0], "events"),
			       "there are 1024 clients already who get events"));
	assert_string_equal(ask(clients[0], "a"), "\"a\"");
	close(listeners[0]);
	turn();
	assert_string_equal(ask(clients[0], "events"), "\"events\"");
	fd = join();
	assert_string_equal(ask(fd, "a"), "\"a\"");
	close(fd);
	turn();
	server_answer(waits, json_object_new_string("c"));
	assert_string_equal(hear(waiter), "\"c\"");
	fd = join();
	assert_non_null(strstr(hear(fd), "there are 64 clients already"));
	close(fd);
	close(waiter);
	turn();
	fd = join();
	assert_null(ask(fd, "later"));
	close(fd);
	turn();
	fd = join();
	assert_string_equal(ask(fd, "a"), "\"a\"");
	close(fd);
	for (i = 1; i < LISTENERS; i++)
		close(listeners[i]);
	for (i = 0; i < CLIENTS; i++)
		close(clients[i]);
	turn();
	assert_int_equal(server_clients(), 0);
}

/* Each answer ends in a NUL, and they come in the order of the calls. */
static void test_calls(void **state)
{
	int fd;

	(void)state;
	fd = join();
	assert_int_equal(write(fd, "a\0b\0c", 5), 5);
	assert_string_equal(hear(fd), "\"a\"");
	assert_memory_equal(said, "\"a\"\0\"b\"\0", 8);
	assert_null(hear(fd));
	assert_string_equal(ask(fd, "d"), "\"cd\"");
	/* Nothing, and then the next one. */
	assert_null(ask(fd, "oneway"));
	assert_non_null(strstr(ask(fd, "long"),
			       "\"the answer is longer than 163840 octets\""));
	assert_non_null(strstr(said, "\"org.noxs.chaos.Failed\""));
	assert_string_equal(ask(fd, "a"), "\"a\"");
	close(fd);
	turn();
}

/* Whoever has many calls keeps nobody waiting for more than one of them. */
static void test_turns(void **state)
{
	int busy, other, i;

	(void)state;
	busy = join();
	other = join();
	nr_answered = 0;
	for (i = 0; i < 40; i++)
		tell(busy, "a");
	tell(other, "b");
	assert_string_equal(hear(other), "\"b\"");
	assert_int_equal(nr_answered, 41);
	answered[nr_answered] = '\0';
	assert_true(strchr(answered, 'b') - answered <= 1);
	assert_string_equal(hear(busy), "\"a\"");
	/* Also if not all of them are there yet, and no answer is wanted. */
	nr_answered = 0;
	assert_int_equal(write(busy, "a\0oneway\0oneway\0a\0a", 19), 19);
	turn();
	assert_int_equal(nr_answered, 4);
	tell(busy, "");
	turn();
	assert_int_equal(nr_answered, 5);
	close(busy);
	close(other);
	turn();
}

static void test_too_long(void **state)
{
	static char much[DAEMON_REQUEST_MAX + 1];
	int fd;

	(void)state;
	memset(much, 'x', DAEMON_REQUEST_MAX);
	fd = join();
	/* What has just room, for the call. */
	much[DAEMON_REQUEST_MAX - 1] = '\0';
	assert_non_null(strstr(ask(fd, much),
			       "\"the answer is longer than 163840 octets\""));
	much[DAEMON_REQUEST_MAX - 1] = 'x';
	assert_non_null(strstr(ask(fd, much),
			       "\"call: is longer than 163840 octets\""));
	assert_non_null(strstr(said, "\"org.noxs.chaos.Malformed\""));
	/* There was more, which nobody reads. */
	assert_null(hear(fd));
	assert_int_equal(errno, ECONNRESET);
	close(fd);
}

static void test_events(void **state)
{
	struct json_object *event = event_new("some");
	int fd;

	(void)state;
	fd = join();
	assert_string_equal(ask(fd, "events"), "\"events\"");
	json_object_object_del(event, "time");
	event_send(event);
	assert_string_equal(hear(fd), SOME_EVENT);
	assert_non_null(strstr(ask(fd, "a"), "after Events there is none"));
	assert_string_equal(hear(fd), "");
	close(fd);
	turn();
	assert_int_equal(server_clients(), 0);
}

/* An answer that comes later: until then the next call waits, and nobody else does. */
static void test_later(void **state)
{
	int fd, other;

	(void)state;
	fd = join();
	other = join();
	assert_null(ask(fd, "later"));
	assert_null(ask(fd, "b"));
	assert_string_equal(ask(other, "a"), "\"a\"");
	/* Who has said all that he wants to say may wait for the answer. */
	assert_int_equal(shutdown(fd, SHUT_WR), 0);
	assert_null(hear(fd));
	/* Meanwhile it may be told something, and waits on. */
	server_tell(waits, json_object_new_string("t"));
	assert_string_equal(hear(fd), "\"t\"");
	assert_null(hear(fd));
	server_answer(waits, json_object_new_string("c"));
	assert_string_equal(hear(fd), "\"c\"");
	assert_string_equal(said + 4, "\"b\"");
	assert_string_equal(hear(fd), "");
	close(fd);
	/* Who hangs up is answered no more. */
	left = 0;
	assert_null(ask(other, "later"));
	assert_int_equal(left, 0);
	close(other);
	turn();
	assert_int_equal(left, waits);
	server_tell(waits, json_object_new_string("t"));
	server_answer(waits, json_object_new_string("c"));
	assert_int_equal(server_clients(), 0);
}

/* Who waits when chaosd ends asks the next one: nothing of his is given up. */
static void test_closed(void **state)
{
	int fd;

	(void)state;
	fd = join();
	assert_null(ask(fd, "later"));
	left = 0;
	server_close(NULL);
	assert_int_equal(left, 0);
	assert_int_equal(read(fd, said, 1), 0);
	close(fd);
}

/* Whoever connects then hears why not, and the loop has its rest. */
static void test_no_more_files(void **state)
{
	struct rlimit limit, few;
	int fds[2], files[64], i, nr = 0;

	(void)state;
	for (i = 0; i < 2; i++)
		fds[i] = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	few = (struct rlimit){ .rlim_cur = 64, .rlim_max = limit.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	while ((files[nr] = dup(fds[0])) >= 0)
		nr++;
	assert_int_equal(errno, EMFILE);
	for (i = 0; i < 2; i++)
		assert_int_equal(connect(fds[i], (struct sockaddr *)&where,
					 sizeof(where)), 0);
	for (i = 0; i < 2; i++) {
		assert_non_null(strstr(hear(fds[i]),
				       "as many files open as it may"));
		assert_string_equal(hear(fds[i]), "");
	}
	while (nr)
		close(files[--nr]);
	for (i = 0; i < 2; i++)
		close(fds[i]);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	fds[0] = join();
	assert_string_equal(ask(fds[0], "a"), "\"a\"");
	close(fds[0]);
	turn();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_given, setup_given,
						teardown_given),
		cmocka_unit_test(test_given_another),
		cmocka_unit_test_setup_teardown(test_who_may, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_group, setup, teardown),
		cmocka_unit_test_setup_teardown(test_user, setup, teardown),
		cmocka_unit_test_setup_teardown(test_places, setup, teardown),
		cmocka_unit_test_setup_teardown(test_calls, setup, teardown),
		cmocka_unit_test_setup_teardown(test_turns, setup, teardown),
		cmocka_unit_test_setup_teardown(test_too_long, setup, teardown),
		cmocka_unit_test_setup_teardown(test_events, setup, teardown),
		cmocka_unit_test_setup_teardown(test_later, setup, teardown),
		cmocka_unit_test_setup_teardown(test_closed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_more_files, setup,
						teardown),
	};
	const struct rlimit files = { .rlim_cur = 4096, .rlim_max = 4096 };

	if (setrlimit(RLIMIT_NOFILE, &files))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
