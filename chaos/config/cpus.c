// SPDX-License-Identifier: GPL-2.0
/*
 * Sets of CPUs: "all", or numbers and ranges with commas between them, of
 * which those after a '^' are taken out again: "0-3,8,^2". One for all virtual
 * CPUs, or a list with one for each.
 */
#include <stdlib.h>
#include <string.h>

#include "config/parser.h"
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

static const char *parse_set(const char *text, struct cpu_set *set)
{
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

static int parse_list(struct parser *p, XLU_ConfigList *list,
		      struct cpu_sets *cpus)
{
	unsigned int i;

	for (i = 0; i < cpus->count; i++) {
		const char *text = xlu_cfg_get_listitem(list, i), *why;

		why = text ? parse_set(text, &cpus->sets[i]) :
			     "must be a string";
		if (why)
			return parser_bad_entry(p, i, why);
	}
	return 0;
}

int parser_cpus(struct parser *p, struct cpu_sets *cpus)
{
	XLU_ConfigList *list;
	const char *text, *why;
	int count = 1;

	/* What is no string is a list. */
	cpus->common = !xlu_cfg_get_string(p->xlu, p->key, &text, 1);
	if (!cpus->common)
		(void)xlu_cfg_get_list(p->xlu, p->key, &list, &count, 1);
	if (count > CONFIG_VCPUS_MAX)
		return parser_bad(p, "has more than %d entries",
				  CONFIG_VCPUS_MAX);
	cpus->sets = calloc(count ? count : 1, sizeof(*cpus->sets));
	if (!cpus->sets)
		return parser_no_memory(p);
	cpus->count = count;
	if (!cpus->common)
		return parse_list(p, list, cpus);
	why = parse_set(text, cpus->sets);
	return why ? parser_bad(p, "%s", why) : 0;
}
