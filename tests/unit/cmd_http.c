// SPDX-License-Identifier: GPL-2.0
/* chaos/cmd/http.c: one request is read, whatever it is, and answered. */
#include "harness.h"

#include <sys/socket.h>
#include <unistd.h>

#include "cmd/http.h"

#define TIMEOUT_MS	30

static int ends[2];
static bool is_head;

static int begin(void **state)
{
	(void)state;
	return socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
}

static int end(void **state)
{
	(void)state;
	close(ends[0]);
	close(ends[1]);
	return 0;
}

static void say(const char *text)
{
	assert_int_equal(write(ends[1], text, strlen(text)), strlen(text));
}

static void assert_answer(const char *request, int status)
{
	say(request);
	assert_int_equal(http_read(ends[0], TIMEOUT_MS, &is_head), status);
}

static void test_requests(void **state)
{
	(void)state;
	assert_answer("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n", HTTP_OK);
	assert_false(is_head);
	assert_answer("GET /metrics?a=b HTTP/1.0\n\n", HTTP_OK);
	assert_answer("HEAD /metrics HTTP/1.1\r\n\r\n", HTTP_OK);
	assert_true(is_head);
	assert_answer("GET / HTTP/1.1\r\n\r\n", HTTP_NOT_FOUND);
	assert_false(is_head);
	assert_answer("GET /metricsx HTTP/1.1\r\n\r\n", HTTP_NOT_FOUND);
	assert_answer("POST /metrics HTTP/1.1\r\n\r\n", HTTP_NOT_ALLOWED);
	assert_answer("GET /metrics\r\n\r\n", HTTP_BAD_REQUEST);
	assert_answer("GET /metrics HTTP/2\r\n\r\n", HTTP_BAD_REQUEST);
	assert_answer("\r\n\r\n", HTTP_BAD_REQUEST);
}

static void test_comes_late(void **state)
{
	(void)state;
	assert_answer("GET /metrics HTTP/1.1\r\n", HTTP_TIMEOUT);
	say("GET /metrics HTTP/1.1\r\n");
	shutdown(ends[1], SHUT_WR);
	assert_int_equal(http_read(ends[0], TIMEOUT_MS, &is_head),
			 HTTP_BAD_REQUEST);
}

/* Words without an end, and a path. */
static void test_is_bounded(void **state)
{
	static char text[20000];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	assert_answer(text, HTTP_BAD_REQUEST);
	while (recv(ends[0], text, sizeof(text), MSG_DONTWAIT) > 0)
		;
	memset(text, 'x', sizeof(text));
	memcpy(text, "GET /", 5);
	strcpy(text + 4000, " HTTP/1.1\r\n\r\n");
	assert_answer(text, HTTP_BAD_REQUEST);
}

static const char *answer(int status, bool head, const char *page)
{
	static char text[1024];
	FILE *out = fmemopen(text, sizeof(text), "w");

	assert_non_null(out);
	http_answer(out, status, head, page, page ? strlen(page) : 0);
	fclose(out);
	return text;
}

static void test_answers(void **state)
{
	static const int others[] = {
		HTTP_BAD_REQUEST, HTTP_NOT_FOUND, HTTP_TIMEOUT,
		HTTP_UNAVAILABLE,
	};
	static const char *const names[] = {
		"400 Bad Request", "404 Not Found", "408 Request Timeout",
		"503 Service Unavailable",
	};
	size_t i;

	(void)state;
	assert_string_equal(answer(HTTP_OK, false, "a 1\n"),
			    "HTTP/1.1 200 OK\r\n"
			    "Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"
			    "Content-Length: 4\r\nConnection: close\r\n\r\na 1\n");
	assert_string_equal(strstr(answer(HTTP_OK, true, "a 1\n"), "\r\nContent-L"),
			    "\r\nContent-Length: 4\r\nConnection: close\r\n\r\n");
	assert_string_equal(answer(HTTP_NOT_ALLOWED, false, NULL),
			    "HTTP/1.1 405 Method Not Allowed\r\n"
			    "Content-Type: text/plain; charset=utf-8\r\n"
			    "Content-Length: 19\r\nConnection: close\r\n"
			    "Allow: GET, HEAD\r\n\r\nMethod Not Allowed\n");
	for (i = 0; i < ARRAY_SIZE(others); i++)
		assert_memory_equal(answer(others[i], false, NULL) +
				    strlen("HTTP/1.1 "), names[i],
				    strlen(names[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_requests, begin, end),
		cmocka_unit_test_setup_teardown(test_comes_late, begin, end),
		cmocka_unit_test_setup_teardown(test_is_bounded, begin, end),
		cmocka_unit_test(test_answers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
