// SPDX-License-Identifier: GPL-2.0
/*
 * Numbers that users type, and those that they read.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/number.h"
#include "util/util.h"

/* So many have room in an uint64_t, whatever they are. */
#define DIGITS_MAX	10

bool number_take(const char **text, uint64_t max, uint64_t *number)
{
	size_t digits = strspn(*text, "0123456789");
	uint64_t value;

	if (!digits || digits > DIGITS_MAX)
		return false;
	value = strtoull(*text, NULL, 10);
	if (value > max)
		return false;
	*number = value;
	*text += digits;
	return true;
}

bool number_parse(const char *text, unsigned int min, unsigned int max,
		  unsigned int *number)
{
	uint64_t value;

	if (!number_take(&text, max, &value) || *text || value < min)
		return false;
	*number = value;
	return true;
}

const char *number_bytes(double bytes, char *text, size_t size)
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB" };
	size_t unit = 0;

	while (bytes >= 1024 && unit < ARRAY_SIZE(units) - 1) {
		bytes /= 1024;
		unit++;
	}
	snprintf(text, size, "%.1f %s", bytes, units[unit]);
	return text;
}
