// SPDX-License-Identifier: GPL-2.0
/*
 * Sets of CPUs: "all", or numbers and ranges with commas between them, of
 * which those after a '^' are taken out again: "0-3,8,^2". After "node:", they are
 * those of nodes. Which CPUs a node has only the hypervisor knows.
 */
#include <string.h>

#include "config/config.h"
#include "util/number.h"

#define WANTED	"must be \"all\", or CPUs like \"0-3,8,^2\", or nodes like \"node:0\""

/* Return: what follows the number, or NULL. */
static const char *get_number(const char *text, unsigned int max,
			      unsigned int *value)
{
	uint64_t number;

	if (strspn(text, "0123456789") > 5 ||
	    !number_take(&text, max, &number))
		return NULL;
	*value = number;
	return text;
}

static void change_cpu(struct cpu_set *set, unsigned int cpu, bool in)
{
	uint8_t bit = 1 << cpu % 8;

	if (in) {
		set->map[cpu / 8] |= bit;
		set->not[cpu / 8] &= ~bit;
	} else {
		set->map[cpu / 8] &= ~bit;
		set->not[cpu / 8] |= bit;
	}
}

static void change_node(struct cpu_set *set, unsigned int node, bool in)
{
	uint64_t bit = 1ULL << node;

	if (in) {
		set->nodes |= bit;
		set->not_nodes &= ~bit;
	} else {
		set->nodes &= ~bit;
		set->not_nodes |= bit;
	}
}

/* Return: what follows "node:" or "nodes:", or @text if it isn't that. */
static const char *skip_node(const char *text)
{
	if (!strncmp(text, "node:", 5))
		return text + 5;
	return strncmp(text, "nodes:", 6) ? text : text + 6;
}

/* Return: what follows the range, or NULL. */
static const char *parse_range(const char *text, struct cpu_set *set)
{
	unsigned int first = 0, last, max = CONFIG_CPUS_MAX - 1, i;
	void (*change)(struct cpu_set *set, unsigned int i, bool in) =
		change_cpu;
	bool in = *text != '^';
	const char *range;

	if (!in)
		text++;
	range = skip_node(text);
	if (range != text) {
		max = CONFIG_NODES_MAX - 1;
		change = change_node;
	}
	last = max;
	if (!strncmp(range, "all", 3)) {
		text = range + 3;
	} else {
		text = get_number(range, max, &first);
		last = first;
		if (text && *text == '-')
			text = get_number(text + 1, max, &last);
	}
	if (!text || last < first)
		return NULL;
	for (i = first; i <= last; i++)
		change(set, i, in);
	return text;
}

static bool is_empty(const struct cpu_set *set)
{
	static const uint8_t none[sizeof(set->map)];

	return !set->nodes && !memcmp(set->map, none, sizeof(none));
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
