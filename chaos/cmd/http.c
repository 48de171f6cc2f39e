// SPDX-License-Identifier: GPL-2.0
/*
 * As much of HTTP as Prometheus needs: a connection, of which others care, has one
 * request, without a body, and one answer. Who connects may be anybody: what he says is
 * bounded, in octets and in time.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "cmd/http.h"
#include "util/util.h"

#define REQUEST_MAX	8192
#define PATH		"/metrics"

/* Return: whether all of a request's head is there. */
static bool is_whole(const char *text)
{
	return strstr(text, "\r\n\r\n") || strstr(text, "\n\n");
}

static int parse(const char *text, bool *is_head)
{
	char method[8], path[256], version[16];

	if (sscanf(text, "%7s %255s %15s", method, path, version) != 3 ||
	    strncmp(version, "HTTP/1.", 7))
		return HTTP_BAD_REQUEST;
	*is_head = !strcmp(method, "HEAD");
	if (!*is_head && strcmp(method, "GET"))
		return HTTP_NOT_ALLOWED;
	path[strcspn(path, "?")] = '\0';
	return strcmp(path, PATH) ? HTTP_NOT_FOUND : HTTP_OK;
}

int http_read(int fd, int timeout, bool *is_head)
{
	int64_t deadline = clock_ms() + timeout, left;
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	char text[REQUEST_MAX + 1];
	size_t len = 0;
	ssize_t more;

	*is_head = false;
	while (len < REQUEST_MAX) {
		left = deadline - clock_ms();
		if (left <= 0 || !poll(&pfd, 1, left))
			return HTTP_TIMEOUT;
		more = read(fd, text + len, REQUEST_MAX - len);
		if (more < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (more <= 0)
			return HTTP_BAD_REQUEST;
		len += more;
		text[len] = '\0';
		if (is_whole(text))
			return parse(text, is_head);
	}
	return HTTP_BAD_REQUEST;
}

static const char *name(int status)
{
	switch (status) {
	case HTTP_OK:
		return "OK";
	case HTTP_NOT_FOUND:
		return "Not Found";
	case HTTP_NOT_ALLOWED:
		return "Method Not Allowed";
	case HTTP_TIMEOUT:
		return "Request Timeout";
	case HTTP_UNAVAILABLE:
		return "Service Unavailable";
	default:
		return "Bad Request";
	}
}

void http_answer(FILE *out, int status, bool is_head, const char *text,
		 size_t len)
{
	/* Version 0.0.4 is that of Prometheus' text format. */
	const char *type = status == HTTP_OK ?
			   "text/plain; version=0.0.4; charset=utf-8" :
			   "text/plain; charset=utf-8";
	const char *end = text ? "" : "\n";

	if (!text) {
		text = status == HTTP_NOT_FOUND ?
		       "Metrics are at " PATH : name(status);
		len = strlen(text);
	}
	fprintf(out, "HTTP/1.1 %d %s\r\nContent-Type: %s\r\n"
		"Content-Length: %zu\r\nConnection: close\r\n%s\r\n", status,
		name(status), type, len + strlen(end),
		status == HTTP_NOT_ALLOWED ? "Allow: GET, HEAD\r\n" : "");
	if (is_head)
		return;
	fwrite(text, 1, len, out);
	fputs(end, out);
}
