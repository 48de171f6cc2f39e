/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_CMD_HTTP_H
#define CHAOS_CMD_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* As HTTP has them. */
#define HTTP_OK			200
#define HTTP_BAD_REQUEST	400
#define HTTP_NOT_FOUND		404
#define HTTP_NOT_ALLOWED	405
#define HTTP_TIMEOUT		408
#define HTTP_UNAVAILABLE	503

/**
 * http_read() - read the one request of a connection
 * @fd: the connection
 * @timeout: how long that may take, in ms
 * @is_head: out: only the head of an answer is wanted
 *
 * Return: HTTP_OK if it asks for /metrics, or what it is to be answered.
 */
int http_read(int fd, int timeout, bool *is_head);

/**
 * http_answer() - answer it, after which the connection ends
 * @out: where to
 * @status: one of HTTP_*
 * @is_head: as http_read() had it
 * @text: what is asked for, or why it can't be had; NULL: what @status is called
 * @len: octets of @text
 */
void http_answer(FILE *out, int status, bool is_head, const char *text,
		 size_t len);

#endif /* CHAOS_CMD_HTTP_H */
