// SPDX-License-Identifier: GPL-2.0
/*
 * Why something failed, in one line. Nothing here prints: only the commands,
 * in cmd/, talk to the user.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "util/error.h"

void error_clean(char *text)
{
	unsigned char *c;

	for (c = (unsigned char *)text; *c; c++)
		if (*c < ' ' || *c == 0x7f)
			*c = '?';
}

int error_set(struct error *err, int ret, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, args);
	va_end(args);
	error_clean(err->text);
	return ret;
}

int error_sys(struct error *err, int ret, const char *fmt, ...)
{
	va_list args;
	size_t len;

	va_start(args, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, args);
	va_end(args);
	len = strlen(err->text);
	snprintf(err->text + len, sizeof(err->text) - len, ": %s",
		 strerror(-ret));
	error_clean(err->text);
	return ret;
}

int error_undoing(struct error *err, const struct error *more)
{
	size_t len = strlen(err->text);

	snprintf(err->text + len, sizeof(err->text) - len,
		 "; and undoing it: %s", more->text);
	return -EIO;
}

int error_no_memory(struct error *err)
{
	return error_set(err, -ENOMEM, "%s", strerror(ENOMEM));
}
