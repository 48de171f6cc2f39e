// SPDX-License-Identifier: GPL-2.0
/*
 * Sets of CPUs: "all", or numbers and ranges with commas between them, of
 * which those after a '^' are taken out again: "0-3,8,^2".
 */
#include <string.h>

#include "config/config.h"
#include "util/number.h"

#define WANTED	"must be \"all\", or CPUs like \"0-3,8,^2\""

/* Return: what follows the number, or NULL. */
static const char *get_cpu(const char *text, unsigned int *cpu)
{
	uint64_t number;

	if (strspn(text, "0123456789") > 5 ||
	    !number_take(&text, CONFIG_CPUS_MAX - 1, &number))
		return NULL;
	*cpu = number;
	return text;
}

static void change(struct cpu_set *set, unsigned int first, unsigned int last,
		   bool in)
{
	unsigned int cpu;

	for (cpu = first; cpu <= last; cpu++)
		if (in)
			set->map[cpu / 8] |= 1 << cpu % 8;
		else
			set->map[cpu / 8] &= ~(1 << cpu % 8);
}

/* Return: what follows the range, or NULL. */
static const char *parse_range(const char *text, struct cpu_set *set)
{
	unsigned int first = 0, last = CONFIG_CPUS_MAX - 1;
	bool in = *text != '^';

	if (!in)
		text++;
	if (!strncmp(text, "all", 3)) {
		text += 3;
	} else {
		text = get_cpu(text, &first);
		last = first;
		if (text && *text == '-')
			text = get_cpu(text + 1, &last);
	}
	if (!text || last < first)
		return NULL;
	change(set, first, last, in);
	return text;
}

static bool is_empty(const struct cpu_set *set)
{
	static const struct cpu_set none;

	return !memcmp(set, &none, sizeof(none));
}

const char *config_parse_cpus(const char *text, struct cpu_set *set)
{
	memset(set, 0, sizeof(*set));
	for (;;) {
		text = parse_range(text + strspn(text, " "), set);
		if (!text)
			return WANTED;
		text += strspn(text, " ");
		if (!*text)
			return is_empty(set) ? "has no CPU left" : NULL;
		if (*text++ != ',')
			return WANTED;
	}
}
