// SPDX-License-Identifier: GPL-2.0
/*
 * chaos/client/client.c: what is asked, and what is made of what comes back, however
 * it comes. The other end of the socket is the test's.
 */
#include "harness.h"

#include <json-c/json.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client/client.h"
#include "util/chaos.h"
#include "util/json.h"

#define HANDLE	"4e4f5853-0000-8123-8000-000000000007"
#define EVENT(name) \
	"{\"parameters\":{\"event\":{\"event\":\"" name "\"}},\"continues\":true}"

#define ALL_CALL \
	"{\"method\":\"org.noxs.chaos.ShutdownAll\"," \
	"\"parameters\":{},\"more\":true}"

static const uint8_t handle[16] = {
	0x4e, 0x4f, 0x58, 0x53, 0, 0, 0x81, 0x23, 0x80, [15] = 7,
};

static int other;
static int connect_errno;
static bool silent, forever;
/* Looks at which there is nothing yet. */
static unsigned int idle;
/* What comes, a piece at each look, with the NUL of the last; and what comes with it. */
static const char *pieces[4];
static const char *follows;
static unsigned int piece;
static char said[4096];
static struct error err;

int __wrap_socket(int domain, int type, int protocol);
int __wrap_connect(int fd, const struct sockaddr *address, socklen_t len);
int __wrap_poll(struct pollfd *pfds, nfds_t count, int timeout);
int __real_poll(struct pollfd *pfds, nfds_t count, int timeout);

int __wrap_socket(int domain, int type, int protocol)
{
	int fds[2];

	assert_int_equal(socketpair(domain, type, protocol, fds), 0);
	other = fds[1];
	return fds[0];
}

int __wrap_connect(int fd, const struct sockaddr *address, socklen_t len)
{
	(void)fd;
	(void)address;
	(void)len;
	errno = connect_errno;
	return errno ? -1 : 0;
}

int __wrap_poll(struct pollfd *pfds, nfds_t count, int timeout)
{
	bool last = piece + 1 == 4 || !pieces[piece + 1];
	const char *text = pieces[piece];

	if (forever)
		assert_int_equal(timeout, -1);
	else
		assert_in_range(timeout, 1, 30000);
	if (silent)
		return 0;
	if (idle) {
		assert_int_equal(timeout, 200);
		idle--;
		return 0;
	}
	if (text) {
		assert_true(send(other, text, strlen(text) + last, 0) > 0);
		if (last && follows)
			assert_true(send(other, follows, strlen(follows) + 1,
					 0) > 0);
		piece++;
	} else {
		shutdown(other, SHUT_WR);
	}
	return __real_poll(pfds, count, 1000);
}

static int setup(void **state)
{
	(void)state;
	other = -1;
	connect_errno = 0;
	silent = false;
	forever = false;
	follows = NULL;
	memset(pieces, 0, sizeof(pieces));
	piece = 0;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	close(other);
	return 0;
}

/* What chaosd was asked. */
static const char *heard(void)
{
	ssize_t len = recv(other, said, sizeof(said), MSG_DONTWAIT);

	assert_true(len > 0);
	assert_int_equal(said[len - 1], '\0');
	assert_int_equal(strlen(said), len - 1);
	return said;
}

static void test_answer(void **state)
{
	struct json_object *answer;

	(void)state;
	pieces[0] = "{\"parameters\":{\"fresh\":3}}";
	assert_int_equal(daemon_pools(&answer, &err), 0);
	assert_string_equal(heard(), "{\"method\":\"org.noxs.chaos.Pools\"}");
	assert_int_equal(doc_get_number(answer, "fresh"), 3);
	json_object_put(answer);
}

static void test_pieces(void **state)
{
	(void)state;
	pieces[0] = "{\"parameters";
	pieces[1] = "\":";
	pieces[2] = "{\"served\":true}";
	pieces[3] = "}";
	assert_true(daemon_console_close(7, handle));
	assert_string_equal(heard(), "{\"method\":\"org.noxs.chaos.ConsoleClose\",\"parameters\":{"
			    "\"domid\":7,\"handle\":\"" HANDLE "\"}}");
}

/* Who waits for the answers does others meanwhile. */
static void test_call(void **state)
{
	struct json_object *answer;
	int fd;

	(void)state;
	forever = true;
	pieces[0] = "{\"parameters\":{\"domid\":7},\"continues\":true}";
	fd = daemon_call("Run", NULL, true, &err);
	assert_true(fd >= 0);
	assert_int_equal(daemon_answer(fd, &answer, &err), 1);
	assert_int_equal(doc_get_number(answer, "domid"), 7);
	json_object_put(answer);
	assert_string_equal(heard(), "{\"method\":\"org.noxs.chaos.Run\",\"more\":true}");
	/* That was all. */
	assert_int_equal(daemon_answer(fd, &answer, &err), -EPIPE);
	assert_null(answer);
	close(fd);
	teardown(NULL);
	connect_errno = ECONNREFUSED;
	assert_int_equal(daemon_call("Run", json_object_new_object(), true,
				     &err), -ECONNREFUSED);
	assert_string_equal(err.text, "chaosd doesn't run");
	assert_int_equal(daemon_console(7, SOCK_NONBLOCK, &err), -ECONNREFUSED);
	assert_string_equal(err.text, "console: /run/chaos/console/7.sock: Connection refused");
}

static void test_errors(void **state)
{
	static const struct {
		const char *answer;
		int ret;
		const char *text;
	} errors[] = {
		{ "{\"error\":\"org.noxs.chaos.Failed\",\"parameters\":{"
		  "\"text\":\"no such guest\",\"errno\":2}}",
		  -ENOENT, "no such guest" },
		{ "{\"error\":\"org.noxs.chaos.Refused\",\"parameters\":{"
		  "\"text\":\"too many\",\"errno\":1}}",
		  -EPERM, "chaosd: too many" },
		{ "{\"error\":\"a.B\",\"parameters\":{\"errno\":-2}}",
		  -EPROTO, "chaosd: a.B" },
		{ "{\"error\":\"a.B\"}", -EPROTO, "chaosd: a.B" },
		{ "{}", -EPROTO, "chaosd: answers nonsense" },
		{ "nonsense", -EPROTO, "chaosd: answers nonsense" },
		{ "", -EPROTO, "chaosd: answers nonsense" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(errors) / sizeof(*errors); i++) {
		setup(NULL);
		pieces[0] = errors[i].answer;
		assert_int_equal(daemon_console_open(7, handle, &err),
				 errors[i].ret);
		assert_string_equal(err.text, errors[i].text);
		if (i + 1 < sizeof(errors) / sizeof(*errors))
			teardown(NULL);
	}
}

static void test_nobody_answers(void **state)
{
	static char much[DAEMON_ANSWER_MAX + 1];

	(void)state;
	connect_errno = ENOENT;
	assert_int_equal(daemon_pools(NULL, &err), -ENOENT);
	assert_string_equal(err.text, "chaosd doesn't run");
	teardown(NULL);
	connect_errno = EACCES;
	assert_int_equal(daemon_pools(NULL, &err), -EACCES);
	teardown(NULL);
	connect_errno = 0;
	assert_int_equal(daemon_pools(NULL, &err), -EPIPE);
	assert_string_equal(err.text, "chaosd: has hung up");
	teardown(NULL);
	silent = true;
	assert_int_equal(daemon_pools(NULL, &err), -ETIMEDOUT);
	assert_string_equal(err.text, "chaosd: doesn't answer");
	teardown(NULL);
	silent = false;
	memset(much, 'x', DAEMON_ANSWER_MAX);
	pieces[0] = much;
	assert_int_equal(daemon_pools(NULL, &err), -EPROTO);
	assert_string_equal(err.text, "chaosd: answer is too long");
}

/* What takes long is waited for. */
static void test_do(void **state)
{
	struct json_object *parameters = json_object_new_object();
	struct json_object *answer;

	(void)state;
	doc_text(parameters, "guest", "a");
	forever = true;
	pieces[0] = "{\"parameters\":{\"changed\":true}}";
	assert_int_equal(daemon_do("Pause", parameters, &answer, &err), 0);
	assert_string_equal(heard(), "{\"method\":\"org.noxs.chaos.Pause\",\"parameters\":{"
			    "\"guest\":\"a\"}}");
	assert_true(doc_get_bool(answer, "changed"));
	json_object_put(answer);
	teardown(NULL);
	/* That there is no chaosd isn't that there is no such guest. */
	setup(NULL);
	connect_errno = ECONNREFUSED;
	assert_int_equal(daemon_do("Pause", parameters, &answer, &err), 1);
	teardown(NULL);
	connect_errno = EACCES;
	assert_int_equal(daemon_do("Pause", parameters, &answer, &err), -EACCES);
	teardown(NULL);
	setup(NULL);
	forever = true;
	pieces[0] = "{\"error\":\"org.noxs.chaos.Failed\",\"parameters\":{"
		    "\"text\":\"no such guest\",\"errno\":2}}";
	assert_int_equal(daemon_do("Pause", parameters, &answer, &err), -ENOENT);
	assert_string_equal(err.text, "no such guest");
	/* With what is said besides. */
	assert_int_equal(doc_get_number(answer, "errno"), 2);
	json_object_put(answer);
	json_object_put(parameters);
}

/* Whoever has a terminal is told now and then, and waits on. */
static void test_do_and_show(void **state)
{
	struct json_object *parameters = json_object_new_object();
	struct json_object *answer;

	(void)state;
	idle = 3;
	daemon_show_wait(60000);
	pieces[0] = "{\"parameters\":{\"changed\":true}}";
	assert_int_equal(daemon_do("Shutdown", parameters, &answer, &err), 0);
	assert_int_equal(idle, 0);
	json_object_put(answer);
	daemon_show_wait(0);
	teardown(NULL);
	setup(NULL);
	forever = true;
	pieces[0] = "{\"parameters\":{}}";
	assert_int_equal(daemon_do("Shutdown", parameters, &answer, &err), 0);
	json_object_put(answer);
	json_object_put(parameters);
}

static void tell(struct json_object *answer, void *arg)
{
	unsigned int *failed = arg;

	assert_int_equal(doc_get_number(answer, "failed"), ++*failed);
}

/* All answers but the last. */
static void test_do_more(void **state)
{
	struct json_object *parameters = json_object_new_object();
	struct json_object *answer;
	unsigned int failed = 0;

	(void)state;
	forever = true;
	pieces[0] = "{\"parameters\":{\"failed\":1},\"continues\":true}";
	pieces[1] = NULL;
	follows = "{\"parameters\":{\"failed\":2},\"continues\":true}";
	assert_int_equal(daemon_do_more("ShutdownAll", parameters, tell, &failed,
					&answer, &err), -EPIPE);
	assert_int_equal(failed, 2);
	assert_null(answer);
	assert_string_equal(heard(), ALL_CALL);
	teardown(NULL);
	setup(NULL);
	forever = true;
	pieces[0] = "{\"parameters\":{\"failed\":3},\"continues\":true}";
	follows = "{\"parameters\":{\"failed\":3}}";
	assert_int_equal(daemon_do_more("ShutdownAll", parameters, tell, &failed,
					&answer, &err), 0);
	assert_int_equal(doc_get_number(answer, "failed"), failed);
	json_object_put(answer);
	json_object_put(parameters);
}

/* What comes behind the first event isn't lost. */
static void test_events(void **state)
{
	struct json_object *event;
	int fd;

	(void)state;
	pieces[0] = EVENT("ready");
	follows = EVENT("created");
	fd = daemon_events(&event, &err);
	assert_true(fd >= 0);
	assert_string_equal(heard(),
			    "{\"method\":\"org.noxs.chaos.Events\",\"more\":true}");
	assert_string_equal(doc_get_text(event, "event"), "ready");
	json_object_put(event);
	assert_int_equal(recv(fd, said, sizeof(said), MSG_DONTWAIT),
			 strlen(follows) + 1);
	close(fd);
	event = daemon_event(said, &err);
	assert_string_equal(doc_get_text(event, "event"), "created");
	json_object_put(event);
	assert_null(daemon_event("{\"parameters\":{}}", &err));
	assert_string_equal(err.text, "chaosd: tells nonsense");
	assert_null(daemon_event("{\"error\":\"a.B\"}", &err));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_answer, setup, teardown),
		cmocka_unit_test_setup_teardown(test_pieces, setup, teardown),
		cmocka_unit_test_setup_teardown(test_call, setup, teardown),
		cmocka_unit_test_setup_teardown(test_errors, setup, teardown),
		cmocka_unit_test_setup_teardown(test_nobody_answers, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_do, setup, teardown),
		cmocka_unit_test_setup_teardown(test_do_and_show, setup, teardown),
		cmocka_unit_test_setup_teardown(test_do_more, setup, teardown),
		cmocka_unit_test_setup_teardown(test_events, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
