// SPDX-License-Identifier: GPL-2.0
/*
 * Text form of a UUID, which is also that of a domain's handle.
 */
#include <stdio.h>
#include <string.h>

#include "util/uuid.h"

char *uuid_format(const uint8_t *uuid, char *text)
{
	char *out = text;
	int i;

	for (i = 0; i < UUID_SIZE; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*out++ = '-';
		out += sprintf(out, "%02x", uuid[i]);
	}
	return text;
}

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool uuid_parse(const char *text, uint8_t *uuid)
{
	int i;

	if (strlen(text) != UUID_TEXT - 1)
		return false;
	for (i = 0; i < UUID_SIZE; i++) {
		if ((i == 4 || i == 6 || i == 8 || i == 10) && *text++ != '-')
			return false;
		if (hex(text[0]) < 0 || hex(text[1]) < 0)
			return false;
		uuid[i] = hex(text[0]) << 4 | hex(text[1]);
		text += 2;
	}
	return true;
}
